// Package showing draws a view of a Herramienta with all that belongs to it: the picture, a
// sentence of what it shows, the table of its numbers, what was left out, where the numbers
// come from. The same part stands on a tool's page, in the workshop and in other sites.
package showing

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// Locale holds this package's sentences, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Widths of pictures in pixels: for desks, for half of a desk, and for phones.
const (
	Wide   = 720
	Halved = 520
	Narrow = 340
)

// mostRows of a table of values are on the page; the files have all.
const mostRows = 100

// Asked is a view that is to be shown.
type Asked struct {
	L      *i18n.Printer
	Spec   spec.Spec
	View   spec.View
	Result reckon.Result
	Fault  string // why there is no result, in words; "" when there is one
	Wait   string // that it is being computed
	// Path is where the view's files are, "" where it has none (in the workshop).
	Path string
	// Reader is what readers chose, as in addresses; Page is the address that it stands in.
	Reader url.Values
	Page   string
	Keep   url.Values // parameters of the address that choices leave as they are
	Level  int        // of the view's heading, 2 or 3
	Sketch bool       // one of several to choose from: without numbers beside the picture
	Alone  bool       // it is the only one, so that its title is the page's
	Share  Share      // of a row; "" is Whole
	Common bool       // where its numbers come from is said once, beside all views
	// Past says of when the numbers are, where the newest cannot be shown; "" they are those.
	Past string
	// Alt is the alternative text of a picture; "" is the sentence.
	Alt string
}

// View is a view as the template shows it.
type View struct {
	L            *i18n.Printer
	Name, Title  string
	Kind         string
	Level        int
	Text         template.HTML
	Sentence     string
	Made         string // the sentence made from the numbers, where the author wrote another
	Past         string
	Fault, Wait  string
	Wide, Narrow template.HTML // pictures
	Figure       *Figure
	Key          *Key
	Palette      string // class of the key
	Table        *Table
	Open         bool // the table is what is shown
	Facts        []Fact
	Sources      []Source
	Files        []web.NavLink
	Map          *Map
	Fragment     string // path of this part alone
	ID           string
}

// Figure is a number that is read from afar.
type Figure struct{ Value, Label string }

// Key says what the colours of a map stand for, and of when its borders are.
type Key struct {
	Borders string
	Title   string
	Classes []KeyClass
	NoValue string
}

// KeyClass is a class of colour. Ink is its class in the style sheet.
type KeyClass struct{ Ink, Label string }

// Fact is something to know of the numbers; List are what it is about, folded.
type Fact struct {
	Text string
	List []string
	More string
}

// Source is where numbers come from.
type Source struct{ Text, Path, License, LicenseURL string }

// Map is what the interactive map needs.
type Map struct{ Style, Values, Box, Level, Column string }

// Shower draws views.
type Shower struct{ shell *web.Shell }

// New registers the template.
func New(shell *web.Shell) (*Shower, error) {
	if err := shell.Templates("toolview", templates, web.Pages{"view": View{}, "origin": Origin{}}); err != nil {
		return nil, fmt.Errorf("the template of views: %w", err)
	}
	return &Shower{shell}, nil
}

// HTML draws a view for a place on a page.
func (s *Shower) HTML(a Asked) (template.HTML, error) {
	return s.shell.Fragment("toolview/view", Make(a))
}

// Make is a view as it is shown.
func Make(a Asked) View {
	v := View{L: a.L, Name: a.View.Name, ID: "vista-" + a.View.Name, Title: a.View.Title, Kind: string(a.View.Kind()), Level: a.Level, Past: a.Past, Fault: a.Fault, Wait: a.Wait}
	if a.View.Text != "" {
		v.Text = text.Markdown(a.View.Text)
	}
	if a.View.Mark == spec.Text || a.Fault != "" || a.Wait != "" {
		return v
	}
	w := wording.Writer{L: a.L, Result: a.Result, Format: a.View.Format}
	if v.Title == "" && !a.Alone {
		v.Title = titled(w, a)
	}
	v.Sentence = a.Says()
	if made := sentence.Say(a.L, a.View, a.Result); made != v.Sentence {
		v.Made = made
	}
	v.Open = !drawing.Drawn(a.View)
	if !a.Common || a.Past != "" {
		v.Sources = Sources(a.L, a.Result)
	}
	if !a.Sketch {
		v.Facts = Facts(a)
	}
	if v.Open || !a.Sketch {
		v.Table = TableOf(a)
	}
	if a.View.Mark == spec.Figure {
		if v.Figure = FigureOf(a); v.Figure.Label == v.Title {
			v.Figure.Label = ""
		}
	}
	if drawn(a) {
		v.pictures(a)
	}
	v.files(a)
	return v
}

// Says is what the view shows in a sentence: the author's or, where there is none or readers
// chose other rows, the one made from the numbers.
func (a Asked) Says() string {
	if a.View.Sentence != "" && len(a.Reader) == 0 {
		return a.View.Sentence
	}
	return sentence.Say(a.L, a.View, a.Result)
}

// drawn reports whether a view has a picture: a figure has one when it has a past.
func drawn(a Asked) bool {
	if a.View.Mark == spec.Figure {
		_, _, ok := wording.Column(a.Result, reckon.RoleX)
		return ok && len(a.Result.Rows) > 1
	}
	return drawing.Drawn(a.View)
}

// titled is what a view without title is called: what it measures, by what.
func titled(w wording.Writer, a Asked) string {
	var measure string
	var by []string
	for _, c := range a.Result.Columns {
		switch {
		case c.Func != "":
			measure = w.Title(c)
		case c.Group:
			by = append(by, strings.ToLower(w.Title(c)))
		}
	}
	if measure == "" || len(by) == 0 {
		return measure
	}
	return w.L.T("toolview.title", "what", measure, "by", strings.Join(by, w.L.T("toolview.and")))
}

// pictures draws the view at its widths. A map is one picture: its words are beside it.
func (v *View) pictures(a Asked) {
	alt := a.Alt
	if alt == "" {
		alt = v.Sentence
	}
	draw := func(width float64, id string) template.HTML {
		c := drawing.Chart(drawing.Asked{L: a.L, View: a.View, Result: a.Result, Width: width, Link: a.link})
		c.Keyless = c.Kind == plot.Map
		if c.Keyless {
			v.key(a, c)
		}
		svg := drawing.Scene(a.View, c).SVG(plot.SVGOptions{ID: id, Label: alt, Links: true, Pointer: true})
		return template.HTML(svg) //nolint:gosec // written by plot, which escapes all text
	}
	width := a.Share.width()
	v.Wide = draw(width, v.ID+"-a")
	if a.Past == "" {
		v.Map = mapOf(a)
	}
	if k := a.View.Kind(); k != spec.KindChoropleth && k != spec.KindPoints && k != spec.KindFigure && width > Narrow {
		v.Narrow = draw(Narrow, v.ID+"-b")
	}
}

// key is that of a map.
func (v *View) key(a Asked, c plot.Chart) {
	if len(c.Classes) == 0 {
		return
	}
	if p := a.View.Palette; p != "" && p != "diverging" {
		v.Palette = "Scene--" + p
	}
	v.Key = &Key{Title: c.Words.Key, NoValue: c.Words.NoValue}
	if a.View.Geo == "states" || a.View.Geo == "municipalities" {
		v.Key.Borders = a.L.T("toolview.borders", "vintage", place.Vintage)
	}
	for _, k := range c.Classes {
		v.Key.Classes = append(v.Key.Classes, KeyClass{Ink: plot.ClassInk(k).Class(), Label: k.Label})
	}
}

// FigureOf is the number of a figure, and how it changed.
func FigureOf(a Asked) *Figure {
	w := wording.Writer{L: a.L, Result: a.Result, Format: a.View.Format}
	i, c, ok := wording.Column(a.Result, reckon.RoleY)
	if !ok || len(a.Result.Rows) == 0 {
		return &Figure{Value: "—"}
	}
	last := a.Result.Rows[len(a.Result.Rows)-1]
	f := &Figure{Value: w.Cell(c, last[i]), Label: w.Title(c)}
	if t, x, ok := wording.Column(a.Result, reckon.RoleX); ok {
		f.Label = a.L.T("toolview.figure.when", "what", f.Label, "when", w.Cell(x, last[t]))
	}
	return f
}

// files are the forms in which the view leaves.
func (v *View) files(a Asked) {
	if a.Path == "" || a.Past != "" {
		return
	}
	query := ""
	if len(a.Reader) > 0 {
		query = "?" + a.Reader.Encode()
	}
	add := func(key, file string) {
		v.Files = append(v.Files, web.NavLink{Label: a.L.T("toolview.file." + key), Path: a.Path + "/" + file + query})
	}
	if drawn(a) {
		add("svg", "grafica.svg")
		add("png", "grafica.png")
	}
	add("csv", "datos.csv")
	add("json", "datos.json")
	v.Fragment = a.Path
}

// Refused says in the view's place why it has no numbers: what readers chose, or what became
// of its tables, makes it so. waits says that it may have them soon. Other errors come back.
func (a *Asked) Refused(err error) (waits bool, other error) {
	e, is := errors.AsType[*plaza.Error](err)
	if !is || e.Kind == plaza.Internal {
		return false, err
	}
	if e.Kind == plaza.Unavailable || e.Kind == plaza.TooMany {
		a.Wait = a.L.T("toolview.wait")
		return true, nil
	}
	a.Fault = a.L.TMap(e.Key, e.Args)
	for _, f := range e.Fields {
		a.Fault += " " + a.L.TMap(f.Key, f.Args)
	}
	return false, nil
}
