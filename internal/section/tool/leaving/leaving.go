// Package leaving writes a view of a Herramienta as the files in which it leaves its page:
// the picture between its title and its sources, the card of a preview, the numbers. Every
// one of them says of what it is, and from where.
package leaving

import (
	"encoding/json"
	"slices"
	"strings"

	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
)

// View is a view that leaves.
type View struct {
	showing.Asked
	URL  string // absolute, of the tool's page
	Dark bool
}

// Names of files are the ends of their addresses.
const (
	SVG  = "grafica.svg"
	PNG  = "grafica.png"
	CSV  = "datos.csv"
	JSON = "datos.json"
	Map  = "mapa.json"
)

var writers = map[string]func(View) (kind string, body []byte, err error){
	SVG: View.svg, PNG: View.png, CSV: View.csv, JSON: View.json, Map: View.mapValues,
}

// Has reports whether there is a file of that name.
func Has(file string) bool { return writers[file] != nil }

// Write makes a file, and says of which media type it is. NotFound when there is none of
// that name, or the view has no picture.
func (v View) Write(file string) (kind string, body []byte, err error) {
	write := writers[file]
	if write == nil {
		return "", nil, plaza.E(plaza.NotFound, "tool.error.no_view")
	}
	return write(v)
}

func (v View) theme() plot.Theme { return theme(v.Dark) }

func theme(dark bool) plot.Theme {
	if dark {
		return plot.Dark
	}
	return plot.Light
}

// framing is what stands around a picture that leaves: what it is of, and from where.
func (v View) framing() plot.Framing {
	out := plot.Framing{Title: v.View.Title, Subtitle: v.Spec.Title}
	if out.Title == "" {
		out.Title, out.Subtitle = v.Spec.Title, v.Spec.Subtitle
	}
	for _, s := range showing.Sources(v.L, v.Result) {
		line := s.Text
		if s.License != "" {
			line += " · " + s.License
		}
		out.Lines = append(out.Lines, line)
	}
	for _, one := range showing.Facts(v.Asked) {
		out.Lines = append(out.Lines, one.Text)
	}
	out.Site = strings.TrimPrefix(strings.TrimPrefix(v.URL, "https://"), "http://")
	return out
}

// scene is the picture; a figure's is its number, over the line of how it came to be that.
func (v View) scene(width float64) (plot.Scene, error) {
	if !drawing.Drawn(v.View) {
		return plot.Scene{}, plaza.E(plaza.NotFound, "tool.error.no_picture")
	}
	s := drawing.Draw(drawing.Asked{L: v.L, View: v.View, Result: v.Result, Width: width})
	if v.View.Mark == spec.Figure {
		number := v.number(width)
		s.Nodes = append(number, plot.Group{Row: -1, Y: numberHeight, Nodes: s.Nodes})
		s.Height += numberHeight
		if len(v.Result.Rows) < 2 {
			s.Nodes, s.Height = number, numberHeight
		}
	}
	return s, nil
}

func (v View) svg() (string, []byte, error) {
	s, err := v.scene(showing.Wide)
	if err != nil {
		return "", nil, err
	}
	theme := v.theme()
	return "image/svg+xml", plot.Frame(s, v.framing()).SVG(plot.SVGOptions{Theme: &theme, ID: "v", Label: v.Says()}), nil
}

// csv are the numbers. Where they come from stands in each row, so that it stays with them
// in whatever is made of the file; where there are none, in a row of its own.
func (v View) csv() (string, []byte, error) {
	name := v.L.T("toolview.column.source")
	for slices.ContainsFunc(v.Result.Columns, func(c reckon.Column) bool { return c.Name == name }) {
		name += "_"
	}
	columns := append(slices.Clone(v.Result.Columns), reckon.Column{Name: name, Type: tabular.Text})
	source := tabular.Cell{Text: strings.Join(append(v.framing().Lines, v.URL), " · ")}
	rows := Rows(v.L, v.Result)
	if len(rows) == 0 {
		rows = [][]tabular.Cell{slices.Repeat([]tabular.Cell{{Null: true}}, len(v.Result.Columns))}
	}
	for i := range rows {
		rows[i] = append(rows[i], source)
	}
	body, err := numbers(columns, rows)
	return "text/csv; charset=utf-8", body, err
}

func (v View) json() (string, []byte, error) {
	body, err := json.Marshal(struct {
		Tool    string        `json:"tool"`
		Title   string        `json:"title"`
		Says    string        `json:"says"`
		Sources []string      `json:"sources"`
		Result  reckon.Result `json:"result"`
	}{v.URL, v.Spec.Title, v.Says(), v.framing().Lines, v.Result})
	return "application/json", body, err
}

// mapValues are what the interactive map paints.
func (v View) mapValues() (string, []byte, error) {
	body, err := showing.MapValues(v.Asked)
	return "application/json", body, err
}
