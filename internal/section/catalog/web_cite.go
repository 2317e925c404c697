package catalog

import (
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
)

// citations are references to a dataset, ready to be copied.
func citations(p web.Page, d Dataset, o owner) []citation {
	author := o.Name
	if o.Central && o.Said != "" {
		author = o.Said
	}
	date := d.Modified
	if date == "" {
		date = d.Issued
	}
	if t, err := time.Parse(time.RFC3339, date); err == nil { // the day that the page says
		date = t.In(p.L.Zone()).Format(time.DateOnly)
	}
	address := p.URL(d.Path())
	apa := p.L.T("catalog.cite.apa.text", "author", strings.TrimRight(author, "."), "date", apaDate(p, date, d.FirstSeen),
		"title", strings.TrimRight(d.Title, "."), "site", p.Site(), "url", address)
	return []citation{
		{p.L.T("catalog.cite.apa"), web.Copy{L: p.L, ID: "cita-apa", Text: apa}},
		{p.L.T("catalog.cite.bibtex"), web.Copy{L: p.L, ID: "cita-bibtex", Text: bibtex(p, d, author, yearOf(date, d.FirstSeen), address)}},
	}
}

// apaDate is "2026, 30 de mayo", as exact as the date is known.
func apaDate(p web.Page, date string, otherwise time.Time) string {
	year := yearOf(date, otherwise)
	if t, err := time.Parse(time.DateOnly, date); err == nil {
		return p.L.T("catalog.cite.date", "year", year, "day", fmt.Sprint(t.Day()), "month", p.L.T(fmt.Sprintf("i18n.month.%d", int(t.Month()))))
	}
	return year
}

func bibtex(p web.Page, d Dataset, author, year, address string) string {
	var b strings.Builder
	key, _, _ := strings.Cut(d.Slug, "-")
	fmt.Fprintf(&b, "@misc{%s%s,\n", key, year)
	for _, f := range [][2]string{
		{"author", "{" + bibText(author) + "}"}, {"title", bibText(d.Title)}, {"year", year},
		{"howpublished", bibText(p.L.T("catalog.cite.kind"))}, {"publisher", bibText(p.Site())}, {"url", address},
		{"note", bibText(p.L.T("catalog.cite.read", "date", p.L.Date(p.Now)))},
	} {
		fmt.Fprintf(&b, "  %s = {%s},\n", f[0], f[1])
	}
	b.WriteString("}")
	return b.String()
}

// bibText escapes what BibTeX and LaTeX would read as commands.
var bibEscape = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "%", `\%`, "&", `\&`, "#", `\#`,
	"_", `\_`, "$", `\$`, "~", `\textasciitilde{}`, "^", `\textasciicircum{}`)

func bibText(s string) string { return bibEscape.Replace(s) }

// structured is the schema.org Dataset (INTEROP.md 5).
func structured(p web.Page, d Dataset, o owner, body institution.Institution) map[string]any {
	description := text.PlainText(d.Description)
	if len([]rune(description)) < 50 { // what search engines ask for at least
		description = strings.TrimSpace(description + " " + p.L.T("catalog.jsonld.description", "title", d.Title, "owner", o.Name))
	}
	org := map[string]any{"@type": "GovernmentOrganization", "name": o.Name}
	switch {
	case o.Path != "":
		org["url"], org["@id"] = p.URL(o.Path), p.URL(o.Path)
		if body.Website != "" {
			org["sameAs"] = body.Website
		}
	case o.Said != "":
		org["name"] = o.Said
	}
	ld := map[string]any{
		"@context": "https://schema.org/", "@type": "Dataset", "@id": p.URL(d.Path()), "url": p.URL(d.Path()),
		"name": d.Title, "description": text.Excerpt(description, 5000), "creator": org, "publisher": org,
		"isAccessibleForFree":   true,
		"includedInDataCatalog": map[string]any{"@type": "DataCatalog", "name": p.Site(), "url": p.URL("/datos")},
	}
	set := func(name, value string) {
		if value != "" {
			ld[name] = value
		}
	}
	set("sameAs", webLink(d.LandingPage))
	set("license", firstOf(webLink(d.License.URL), d.License.Title))
	set("dateModified", d.Modified)
	set("datePublished", d.Issued)
	set("identifier", firstOf(d.Identifier, d.ID))
	set("version", d.Version)
	set("temporalCoverage", temporalCoverage(d))
	if len(d.Keywords) > 0 {
		ld["keywords"] = d.Keywords
	}
	if len(d.Languages) > 0 {
		ld["inLanguage"] = d.Languages
	}
	if place := placeOf(d); place != nil {
		ld["spatialCoverage"] = place
	}
	var files []map[string]any
	for _, r := range d.Current() {
		files = append(files, download(p, d, r))
	}
	if len(files) > 0 {
		ld["distribution"] = files
	}
	return ld
}

func temporalCoverage(d Dataset) string {
	t := d.Temporal
	switch {
	case t.Start == "" && t.End == "":
		return ""
	case t.Start == "":
		return "../" + t.End
	case t.End == "":
		return t.Start + "/.."
	}
	return t.Start + "/" + t.End
}

func placeOf(d Dataset) map[string]any {
	if d.Spatial.Text == "" && d.Spatial.Box == nil {
		return nil
	}
	place := map[string]any{"@type": "Place"}
	if d.Spatial.Text != "" {
		place["name"] = d.Spatial.Text
	}
	if b := d.Spatial.Box; b != nil {
		place["geo"] = map[string]any{"@type": "GeoShape", "box": fmt.Sprintf("%g %g %g %g", b.South, b.West, b.North, b.East)}
	}
	return place
}

func download(p web.Page, d Dataset, r Resource) map[string]any {
	f := map[string]any{"@type": "DataDownload", "url": p.URL(d.ResourcePath(r))}
	set := func(name, value string) {
		if value != "" {
			f[name] = value
		}
	}
	set("name", r.Title)
	set("contentUrl", r.URL())
	set("encodingFormat", firstOf(r.MediaType, r.Format))
	set("dateModified", r.Modified)
	if r.ByteSize > 0 {
		f["contentSize"] = fmt.Sprint(r.ByteSize)
	}
	if r.ChecksumAlgorithm == "sha256" {
		f["sha256"] = r.ChecksumValue
	}
	return f
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
