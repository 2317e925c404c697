package screen

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"html"
	"html/template"
	"net/http"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/plot"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
)

// native is the document of a public tool of ours.
func (p *Pages) native(r *http.Request) (t tool.Tool, s spec.Spec, err error) {
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		var v tool.Version
		if t, v, err = p.found(tx, r); err != nil {
			return err
		}
		if v.Document.Spec == nil {
			return plaza.E(plaza.NotFound, "tool.error.not_found")
		}
		s = *v.Document.Spec
		return nil
	})
	return t, s, err
}

// document is what the tool is made of.
func (p *Pages) document(w http.ResponseWriter, r *http.Request) error {
	_, s, err := p.native(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(s.JSON())
	return err
}

// view is a view alone, for scripts that change a page's.
func (p *Pages) view(w http.ResponseWriter, r *http.Request) error {
	t, s, err := p.native(r)
	if err != nil {
		return err
	}
	v, ok := s.View(r.PathValue("view"))
	if !ok {
		return plaza.E(plaza.NotFound, "tool.error.no_view")
	}
	page := t.Path()
	if r.URL.Query().Get("en") == "otro_sitio" { // the part of an embedded page leads back there
		page = EmbedPath + "/" + t.Slug
	}
	part, waits, err := p.one(r, drawn{s, t.Path(), page, reader(r.URL)}, v)
	if err != nil {
		return err
	}
	if waits {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Robots-Tag", "noindex")
	_, err = w.Write([]byte(part))
	return err
}

// file is a view as a file.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	t, s, err := p.native(r)
	if err != nil {
		return err
	}
	v, ok := s.View(r.PathValue("view"))
	write := files[r.PathValue("file")]
	if !ok || write == nil || v.Mark == spec.Text {
		return plaza.E(plaza.NotFound, "tool.error.no_view")
	}
	chosen := reader(r.URL)
	result, err := p.View(r.Context(), s, v.Name, chosen)
	if err != nil {
		return err
	}
	l := p.shell.Printer(r)
	a := showing.Asked{L: l, Spec: s, View: v, Result: result, Reader: chosen, Alt: s.Description}
	kind, body, err := write(leaving{a, s, p.shell.URL(t.Path()), r.URL.Query().Get("tema") == "oscuro"})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Robots-Tag", "noindex")
	_, err = w.Write(body)
	return err
}

// leaving is a view that leaves as a file.
type leaving struct {
	showing.Asked
	spec spec.Spec
	url  string
	dark bool
}

var files = map[string]func(leaving) (kind string, body []byte, err error){
	"grafica.svg": leaving.svg,
	"grafica.png": leaving.png,
	"datos.csv":   leaving.csv,
	"datos.json":  leaving.json,
	"mapa.json":   leaving.mapValues,
}

func (f leaving) theme() plot.Theme {
	if f.dark {
		return plot.Dark
	}
	return plot.Light
}

// framing is what stands around a picture that leaves: what it is of, and from where.
func (f leaving) framing() plot.Framing {
	out := plot.Framing{Title: f.View.Title, Subtitle: f.spec.Title}
	if out.Title == "" {
		out.Title, out.Subtitle = f.spec.Title, f.spec.Subtitle
	}
	for _, s := range showing.Sources(f.L, f.Result) {
		line := s.Text
		if s.License != "" {
			line += " · " + s.License
		}
		out.Lines = append(out.Lines, line)
	}
	for _, one := range showing.Make(f.Asked).Facts {
		out.Lines = append(out.Lines, one.Text)
	}
	out.Site = strings.TrimPrefix(strings.TrimPrefix(f.url, "https://"), "http://")
	return out
}

func (f leaving) scene(width float64) (plot.Scene, error) {
	if !drawing.Drawn(f.View) {
		return plot.Scene{}, plaza.E(plaza.NotFound, "tool.error.no_picture")
	}
	return drawing.Draw(drawing.Asked{L: f.L, View: f.View, Result: f.Result, Width: width}), nil
}

func (f leaving) svg() (string, []byte, error) {
	s, err := f.scene(showing.Wide)
	if err != nil {
		return "", nil, err
	}
	theme := f.theme()
	return "image/svg+xml", plot.Frame(s, f.framing()).SVG(plot.SVGOptions{Theme: &theme, ID: "v", Label: showing.Make(f.Asked).Sentence}), nil
}

// card is how wide a preview is.
const card = 1200

func (f leaving) png() (string, []byte, error) {
	s, err := f.scene(card - 80)
	if err != nil {
		return "", nil, err
	}
	body, err := plot.Card(s, f.framing()).PNG(f.theme(), 1)
	return "image/png", body, err
}

// csv are the numbers, and below them where they come from.
func (f leaving) csv() (string, []byte, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	out.UseCRLF = true
	head := make([]string, len(f.Result.Columns))
	for i, c := range f.Result.Columns {
		head[i] = c.Name
	}
	err := out.Write(head)
	for i, row := range f.Result.Rows {
		line := make([]string, len(row))
		for k, cell := range row {
			if line[k] = cell.Text; i == f.Result.Rest && cell.Null && f.Result.Columns[k].Group {
				line[k] = f.L.T("tooldraw.rest", "count", f.Result.Folded)
			}
		}
		err = errors.Join(err, out.Write(line))
	}
	out.Flush()
	return "text/csv; charset=utf-8", b.Bytes(), errors.Join(err, out.Error())
}

func (f leaving) json() (string, []byte, error) {
	body, err := json.Marshal(struct {
		Tool    string        `json:"tool"`
		Title   string        `json:"title"`
		Says    string        `json:"says"`
		Sources []string      `json:"sources"`
		Result  reckon.Result `json:"result"`
	}{f.url, f.spec.Title, showing.Make(f.Asked).Sentence, f.framing().Lines, f.Result})
	return "application/json", body, err
}

// mapValues are what the interactive map paints.
func (f leaving) mapValues() (string, []byte, error) {
	body, err := showing.MapValues(f.Asked)
	return "application/json", body, err
}

// embedPage is a tool within another site's page.
type embedPage struct {
	web.Page
	Heading string
	Tool    string // address of its page
	Views   []template.HTML
}

// embed shows a tool, or the view that "vista" names, within another site's page.
func (p *Pages) embed(w http.ResponseWriter, r *http.Request) error {
	t, s, err := p.native(r)
	if err != nil {
		return err
	}
	if v, ok := s.View(r.URL.Query().Get("vista")); ok {
		s.Views = []spec.View{v}
	}
	page := &embedPage{Page: p.shell.Page(r, t.Title), Heading: t.Title, Tool: p.shell.URL(t.Path())}
	page.Bare, page.NoIndex, page.Canonical = true, true, t.Path()
	page.Theme = map[string]string{"oscuro": "dark", "claro": "light"}[r.URL.Query().Get("tema")]
	views, fresh, err := p.draw(r, drawn{s, t.Path(), EmbedPath + "/" + t.Slug, reader(r.URL)})
	if err != nil {
		return err
	}
	if fresh {
		w.Header().Set("Cache-Control", "no-store")
	}
	page.Views = views
	return p.shell.Render(w, r, http.StatusOK, "tool/embed", page)
}

// embedCode is what other sites put into their pages.
func embedCode(address, title string) string {
	return `<iframe src="` + html.EscapeString(address) + `" title="` + html.EscapeString(title) + `" width="100%" height="640" loading="lazy" style="border:0"></iframe>`
}
