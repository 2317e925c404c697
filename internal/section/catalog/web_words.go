package catalog

import (
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/section/catalog/dcat"
)

// frequencyWords says how often, as in "cada mes"; "" when nothing is said.
func frequencyWords(l *i18n.Printer, periodicity string) string {
	switch periodicity {
	case "":
		return ""
	case dcat.Irregular, dcat.Realtime:
		return l.T("catalog.frequency." + periodicity)
	}
	rest, ok := strings.CutPrefix(periodicity, "R/P")
	if !ok || len(rest) < 2 {
		return periodicity
	}
	rest, timed := strings.CutPrefix(rest, "T")
	unit := strings.ToLower(rest[len(rest)-1:])
	if timed {
		unit = "t" + unit
	}
	key := "catalog.frequency." + unit
	if !l.Has(key) || len(rest) < 2 {
		return periodicity
	}
	if n, err := strconv.Atoi(rest[:len(rest)-1]); err == nil {
		return l.T(key, "count", n)
	}
	if strings.HasPrefix(rest, "0.") && l.Has(key+".several") {
		return l.T(key + ".several")
	}
	return periodicity
}

// dateWords writes a date as a record has it, of any precision.
func dateWords(l *i18n.Printer, date string) string {
	if t, err := time.Parse(time.RFC3339, date); err == nil {
		return l.Date(t)
	}
	return l.PartialDate(date)
}

// agoWords says how long ago the last moment that a date covers is, "" where that
// says no more than the date itself: for years and months, and dates ahead.
func agoWords(l *i18n.Printer, date string, now time.Time) string {
	if t, err := time.Parse(time.RFC3339, date); err == nil && !t.After(now) {
		return l.Ago(t, now)
	}
	if t, err := time.ParseInLocation(time.DateOnly, date, l.Zone()); err == nil && !t.After(now) {
		return l.Ago(t, now)
	}
	return ""
}

// licenseWords is what a licence is called.
func licenseWords(l *i18n.Printer, license dcat.License) string {
	if license.Title != "" {
		return license.Title
	}
	if license.ID != "" {
		return licenseCodeWords(l, license.ID)
	}
	return license.URL
}

func licenseCodeWords(l *i18n.Printer, code string) string {
	if key := "catalog.license." + code; l.Has(key) {
		return l.T(key)
	}
	return code
}

// freshnessWords is a freshness in one or two words.
func freshnessWords(l *i18n.Printer, f Freshness) string {
	switch f {
	case Fresh, Late, Unbound:
		return l.T("catalog.freshness." + string(f))
	}
	return string(f)
}

var freshnessBadges = map[Freshness]web.Badge{
	Fresh:   {Tone: web.Good, Icon: "circle-check"},
	Late:    {Tone: web.Warning, Icon: "calendar-clock"},
	Unbound: {Icon: "clock"},
}

func freshnessBadge(l *i18n.Printer, f Freshness) web.Badge {
	b := freshnessBadges[f]
	b.Text = freshnessWords(l, f)
	return b
}

// uses groups formats by what one can do with them; each has a sentence.
var uses = map[string][]string{
	"table":   {"CSV", "TSV", "DBF"},
	"sheet":   {"XLSX", "XLS", "ODS"},
	"map":     {"GEOJSON", "TOPOJSON", "KML", "KMZ", "SHP", "GPKG", "GML", "GEOTIFF", "GDB"},
	"program": {"JSON", "JSONL", "XML", "PARQUET", "SQLITE", "RDF", "TURTLE", "JSON-LD", "NT", "NETCDF", "HDF5"},
	"stats":   {"STATA", "SPSS", "MDB"},
	"read":    {"PDF", "DOC", "DOCX", "TXT", "MD", "RTF", "PPTX"},
	"service": {"API", "SPARQL", "ODATA", "RSS", "ATOM", "ICS"},
	"layer":   {"WMS", "WFS", "WCS", "WMTS"},
	"archive": {"ZIP", "GZIP", "7Z", "RAR"},
	"picture": {"JPG", "PNG", "TIFF", "SVG"},
	"page":    {"HTML"},
}

var useOf = invert(uses) // read only

func invert(groups map[string][]string) map[string]string {
	out := map[string]string{}
	for use, formats := range groups {
		for _, f := range formats {
			out[f] = use
		}
	}
	return out
}

// useWords says what one can do with a format, "" for one that is not known.
func useWords(l *i18n.Printer, format string) string {
	if use := useOf[format]; use != "" {
		return l.T("catalog.use." + use)
	}
	return ""
}

// isService reports whether a format is asked rather than downloaded.
func isService(format string) bool {
	use := useOf[format]
	return use == "service" || use == "layer" || use == "page"
}

// looked is what our look at an address found, in words.
type looked struct {
	Tone web.Tone
	Icon string
	Text string
}

func checkWords(l *i18n.Printer, r Resource, now time.Time) looked {
	c := r.Check
	ago := l.Ago(c.At, now)
	switch {
	case !r.Withheld.IsZero():
		return looked{web.Warning, "eye-off", l.T("catalog.check.withheld", "date", l.DateTime(r.Withheld))}
	case r.URL() == "":
		return looked{web.Bad, "link-2-off", l.T("catalog.check.no_url")}
	case c.State == "":
		return looked{"", "clock", l.T("catalog.check.never")}
	case c.State == "html":
		return looked{web.Bad, "link-2-off", l.T("catalog.check.html", "ago", ago)}
	case c.Broken():
		why := l.T("catalog.check.unknown")
		if key := "fetch.error." + c.State; l.Has(key) {
			why = l.T(key, "host", hostOf(r.URL()), "status", strconv.Itoa(c.Status))
		}
		return looked{web.Bad, "link-2-off", l.T("catalog.check.broken", "why", why, "ago", ago)}
	}
	return looked{web.Good, "circle-check", l.T("catalog.check.ok", "ago", ago)}
}

// sizeWords is how large a resource is: what the source says, and what our look
// found where that differs by more than a tenth. "" when nobody knows.
func sizeWords(l *i18n.Printer, r Resource) string {
	said, found := r.ByteSize, r.Check.Size
	if r.Check.Broken() {
		found = -1
	}
	switch {
	case said <= 0 && found <= 0:
		return ""
	case said <= 0:
		return l.Bytes(found)
	case found <= 0 || (found <= said+said/10 && found >= said-said/10):
		return l.Bytes(said)
	}
	return l.T("catalog.size.differs", "said", l.Bytes(said), "found", l.Bytes(found))
}
