package screen

import (
	"html/template"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
)

// mostShown is how many letters of a text a cell of the table shows; the row's own page
// has all of it.
const mostShown = 180

// cellView is one cell as it is shown.
type cellView struct {
	Text  string
	Raw   string       // how the file has it, when it is shown in another way
	Cut   bool         // Text is only its beginning
	Long  bool         // Text takes several lines
	Link  template.URL // of an address
	Class string       // is-number, is-code, is-none, is-odd, is-shape, is-cut
	Title string       // said beside the text: that there is no value, or that it does not fit
}

// cellOf shows a cell of a column; long tells whether there is room for all of it.
func cellOf(l *i18n.Printer, c tabular.Column, cell tabular.Cell, long bool) cellView {
	switch {
	case cell.Odd:
		v := clipped(cell.Text, long)
		v.Class, v.Title = v.Class+" is-odd", l.T("explore.cell.odd", "type", l.T("tabular.type."+string(c.Type)))
		return v
	case cell.Null:
		return cellView{Text: "—", Class: "is-none", Title: l.T("explore.cell.none")}
	}
	switch c.Type {
	case tabular.Integer, tabular.Decimal, tabular.Money, tabular.Percent:
		return shown(cellView{Text: grouped(cell.Text), Class: "is-number"}, cell)
	case tabular.Year, tabular.Date, tabular.Time, tabular.DateTime:
		return shown(cellView{Text: strings.Replace(cell.Text, "T", " ", 1), Class: "is-nowrap"}, cell)
	case tabular.Boolean:
		return shown(cellView{Text: l.T("explore.cell." + cell.Text)}, cell)
	case tabular.Code:
		v := clipped(cell.Text, long)
		v.Class += " is-code"
		return v
	case tabular.URL:
		v := clipped(cell.Text, long)
		if u, err := url.Parse(cell.Text); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
			v.Link = template.URL(cell.Text) //nolint:gosec // its scheme is one of the two
		}
		return v
	case tabular.Geometry:
		if long {
			return cellView{Text: cell.Text, Class: "is-code"}
		}
		return cellView{Text: shape(l, cell.Text), Class: "is-shape"}
	}
	return clipped(cell.Text, long)
}

// shown adds how the file has what a cell shows.
func shown(v cellView, cell tabular.Cell) cellView {
	if v.Text != cell.Text {
		v.Raw = cell.Text
	}
	return v
}

// longText is from how many letters a text may take several lines.
const longText = 32

func clipped(s string, long bool) cellView {
	n := utf8.RuneCountInString(s)
	if long || n <= mostShown {
		return cellView{Text: s, Long: n > longText || strings.Contains(s, "\n")}
	}
	return cellView{Text: tabular.Clip(s, mostShown), Cut: true, Long: true, Class: "is-cut"}
}

// None and Odd are what a cell's mark stands for.
func (c cellView) None() bool { return strings.Contains(c.Class, "is-none") }

// Odd reports whether the value does not fit its column.
func (c cellView) Odd() bool { return strings.Contains(c.Class, "is-odd") }

// grouped is a number with commas between its thousands, as Mexico writes them; every
// digit stays as it is.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, fraction := s, ""
	if i := strings.IndexAny(s, ".eE"); i >= 0 {
		whole, fraction = s[:i], s[i:]
	}
	if len(whole) <= 3 || strings.ContainsAny(whole, "infNa") {
		return sign + whole + fraction
	}
	var parts []string
	for len(whole) > 3 {
		parts = append(parts, whole[len(whole)-3:])
		whole = whole[:len(whole)-3]
	}
	parts = append(parts, whole)
	slices.Reverse(parts)
	return sign + strings.Join(parts, ",") + fraction
}

// shape names what a geometry is.
func shape(l *i18n.Printer, geojson string) string {
	for _, kind := range []string{"MultiPolygon", "Polygon", "MultiLineString", "LineString", "MultiPoint", "Point"} {
		if strings.Contains(geojson, `"`+kind+`"`) {
			return l.T("explore.shape." + kind)
		}
	}
	return l.T("explore.shape.other")
}

// typeIcon is the icon of a type; words stand beside it.
func typeIcon(c tabular.Column) string {
	switch {
	case c.Type.Number() && c.Type != tabular.Year:
		return "hash"
	case c.Type.Temporal() || c.Type == tabular.Time:
		return "calendar"
	case c.Type == tabular.Boolean:
		return "square-check"
	case c.Type == tabular.Geometry || c.Meaning == tabular.Latitude || c.Meaning == tabular.Longitude || c.Meaning == tabular.LatLon || c.Meaning == tabular.LonLat:
		return "map-pin"
	case c.Type == tabular.Code:
		return "tag"
	case c.Type == tabular.URL:
		return "link-2"
	case c.Type == tabular.Email:
		return "mail"
	}
	return "file-text"
}

// spark is a small drawing of a column's values: how often what occurs, from left to right.
type spark struct {
	Bars []sparkBar
	N    int // how many places there are
}

// sparkBar is one bar, in units of a drawing that is 24 high and N wide.
type sparkBar struct {
	X, Y, H int
}

const sparkHeight = 24

// sparkOf draws a histogram, else the most frequent values; nil when there is neither.
func sparkOf(s tabular.Stats) *spark {
	var counts []int64
	for _, b := range s.Histogram {
		counts = append(counts, b.Count)
	}
	if len(counts) == 0 && len(s.Top) > 1 && s.Top[0].Count > 1 { // a key has each value once
		for _, v := range s.Top {
			counts = append(counts, v.Count)
		}
	}
	if len(counts) < 2 {
		return nil
	}
	most := max(1, slices.Max(counts))
	out := &spark{N: len(counts)}
	for i, n := range counts {
		if n == 0 {
			continue
		}
		h := max(1, int(n*sparkHeight/most))
		out.Bars = append(out.Bars, sparkBar{X: i, Y: sparkHeight - h, H: h})
	}
	return out
}
