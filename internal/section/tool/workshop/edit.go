package workshop

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// editPage is the editor.
type editPage struct {
	web.Page
	Tool     tool.Tool
	Revision int
	Undo     bool
	Redo     bool
	View     spec.View
	Tabs     []web.NavLink // the views
	Preview  template.HTML
	Kinds    []kindChoice
	What     []web.Field
	How      []web.Field
	Columns  []columnChoice // of a table
	Filters  lines
	Rules    lines
	Notes    lines
	Words    []web.Field
	ViewText []web.Field
	Sources  []sourceView
	Controls []controlView
	Control  []web.Field // of a new one
	Add      []web.Field // of a new view
	Join     []web.Field
	Wrong    web.ErrorSummary
	Notice   *web.Notice
	Publish  string
	Document string
	Many     bool
	Losses   []string // what its data have no more, and what may stand for it
	Mend     bool     // a repair is proposed
}

// kindChoice is a way of showing.
type kindChoice struct {
	Kind, Label string
	Current     bool
}

// columnChoice is a column of a table that may be shown.
type columnChoice struct {
	Name, Label string
	Shown       bool
}

// sourceView is a table that the tool rests on.
type sourceView struct {
	Name, Title, Path string
	Follows           web.Field
	Rows              int64
	First             bool
	Lookups           []string
}

// controlView is a control that readers have.
type controlView struct {
	N    int
	Text string
}

// ToldWrong, ControlWrong and JoinWrong report whether something is wrong with what is said of
// the whole tool, with the control and with the table that are to be added: that is unfolded.
func (page *editPage) ToldWrong() bool { return wrong(page.Words) }

// ControlWrong is told of at ToldWrong.
func (page *editPage) ControlWrong() bool { return wrong(page.Control) }

// JoinWrong is told of at ToldWrong.
func (page *editPage) JoinWrong() bool { return wrong(page.Join) }

// desk is what the editor works on.
type desk struct {
	*said  // nil while nothing was refused
	draft  tool.Draft
	doc    spec.Spec
	at     int // which view
	shapes map[string]Shape
	lost   error // why a table does not open
}

// open reads a working copy of one's own that is drawn here.
func (p *Pages) open(r *http.Request) (*desk, error) {
	d, err := p.read(r)
	if err == nil && d.outside() {
		err = plaza.E(plaza.NotFound, "tool.error.not_found")
	}
	return d, err
}

// outside reports whether what is worked on is a tool elsewhere: it has no views.
func (d *desk) outside() bool { return d.draft.Document.External != nil }

// read reads a working copy of one's own.
func (p *Pages) read(r *http.Request) (*desk, error) {
	d := &desk{shapes: map[string]Shape{}}
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		d.draft, err = p.Tools.Open(tx, r.PathValue("tool"))
		return err
	}); err != nil {
		return nil, err
	}
	if d.outside() {
		return d, nil
	}
	d.doc = *d.draft.Document.Spec
	d.at = max(0, slices.IndexFunc(d.doc.Views, func(v spec.View) bool { return v.Name == r.URL.Query().Get("vista") }))
	p.look(r.Context(), d)
	return d, nil
}

// look finds out what the sources' tables have.
func (p *Pages) look(ctx context.Context, d *desk) {
	for _, s := range d.doc.Sources {
		shape, err := p.Shape(ctx, s.Resource, s.Version)
		if err != nil {
			d.lost = errors.Join(d.lost, err)
			continue
		}
		d.shapes[s.Name] = shape
	}
}

// table is that of a source; an empty one where it does not open.
func (d *desk) table(name string) *tabular.Table {
	s, _ := d.doc.Source(name)
	shape := d.shapes[name]
	if i := max(s.Table, 1) - 1; i < len(shape.Tables) {
		return &shape.Tables[i]
	}
	return &tabular.Table{}
}

// showsElsewhere reports whether a view besides the one that is worked on shows data: a tool
// of words alone is none.
func (d *desk) showsElsewhere() bool {
	others := slices.Delete(slices.Clone(d.doc.Views), d.at, d.at+1)
	return slices.ContainsFunc(others, func(v spec.View) bool { return v.Mark != spec.Text })
}

// sourceOf is the source of a view; of one of words, which has none, what it would show if it
// became another.
func (d *desk) sourceOf(v spec.View) string { return cmp.Or(v.Source, first(d.doc)) }

// first is the name of a document's first source, "" for none.
func first(s spec.Spec) string {
	if len(s.Sources) == 0 {
		return ""
	}
	return s.Sources[0].Name
}

func (d *desk) form(l *i18n.Printer) form {
	v := d.doc.Views[d.at]
	return form{l: l, t: d.table(d.sourceOf(v)), s: d.doc, v: v, said: d.said}
}

func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	d, err := p.read(r)
	if err != nil {
		return err
	}
	if d.outside() {
		return p.editOutside(w, r, d)
	}
	return p.drawEditor(w, r, d, http.StatusOK, nil)
}

// drawEditor draws the form with the picture beside it.
func (p *Pages) drawEditor(w http.ResponseWriter, r *http.Request, d *desk, status int, notice *web.Notice) error {
	page := &editPage{Page: p.shell.Page(r, ""), Tool: d.draft.Tool, Revision: d.draft.Revision, Undo: d.draft.Undo, Redo: d.draft.Redo, Notice: notice}
	l := page.L
	page.Title = l.T("workshop.edit", "title", d.doc.Title)
	page.NoIndex, page.Canonical = true, d.draft.Tool.EditPath()
	page.Crumbs = []web.Crumb{{Title: l.T("workshop.mine"), Path: tool.MinePath}}
	page.Publish, page.Document = d.draft.Tool.EditPath()+"/publicar", d.draft.Tool.EditPath()+"/documento"
	f := d.form(l)
	page.View, page.Many = f.v, len(d.doc.Views) > 1
	for i, v := range d.doc.Views {
		page.Tabs = append(page.Tabs, web.NavLink{Label: d.label(l, i), Path: "?vista=" + url.QueryEscape(v.Name), Current: i == d.at})
	}
	for _, k := range kinds {
		if k == spec.KindText && !d.showsElsewhere() {
			continue
		}
		page.Kinds = append(page.Kinds, kindChoice{string(k), l.T("tool.kind." + string(k)), kindOf(f.v) == k})
	}
	page.fields(f, d)
	for _, one := range d.draft.Tool.Losses {
		page.Mend = page.Mend || one.Proposed != ""
		page.Losses = append(page.Losses, l.T("workshop.loss."+one.What(), "column", wording.Plain(one.Column), "proposed", wording.Plain(one.Proposed), "version", strconv.Itoa(one.Version)))
	}
	if err := p.tellSources(page, d); err != nil {
		return err
	}
	page.Wrong = web.ErrorSummary{L: l, Fields: page.all()}
	var err error
	if page.Preview, err = p.preview(r, d.doc, f.v.Name, 2, false); err != nil {
		return err
	}
	return p.shell.Render(w, r, status, "workshop/edit", page)
}

// all are the fields of the form that can be wrong.
func (page *editPage) all() []web.Field {
	out := slices.Concat(page.What, page.How, page.ViewText)
	for _, ls := range []lines{page.Filters, page.Rules, page.Notes} {
		for _, one := range ls {
			out = append(out, one.Fields...)
		}
	}
	return slices.Concat(out, page.Words, page.Control, page.Join)
}

// fields fills the form.
func (page *editPage) fields(f form, d *desk) {
	l := page.L
	long := func(name, label, value string, rows int) web.Field {
		x := f.field(name, label, value, nil)
		x.Type, x.Rows = "textarea", rows
		return x
	}
	title := f.field("titulo", "words.title", d.doc.Title, nil)
	title.Free = false
	page.Words = []web.Field{title, f.field("subtitulo", "words.subtitle", d.doc.Subtitle, nil), long("resumen", "words.summary", d.doc.Summary, 3),
		long("alt", "words.alt", d.doc.Description, 2), long("notas", "words.notes", d.doc.Notes, 4),
		f.field("idioma", "words.language", d.doc.Language, []web.Option{{Value: "es", Label: "Español"}, {Value: "en", Label: "English"}})}
	page.Words[2].Hint, page.Words[3].Hint = l.T("workshop.words.made"), l.T("workshop.words.made")
	page.ViewText = []web.Field{f.field("v_titulo", "view.title", f.v.Title, nil), long("v_texto", "view.text", f.v.Text, 3)}
	if f.v.Mark == spec.Text {
		return
	}
	says := long("v_frase", "view.sentence", f.v.Sentence, 2)
	says.Hint = l.T("workshop.words.made")
	page.ViewText = slices.Insert(page.ViewText, 1, says)
	page.What, page.How, page.Filters = f.what(), f.how(), f.filters()
	if f.v.Mark == spec.Table {
		for _, c := range f.t.Columns {
			if c.Type != tabular.Geometry && !c.Meaning.Personal() {
				page.Columns = append(page.Columns, columnChoice{c.Name, wording.Plain(c.Name), len(f.v.Columns) == 0 || slices.Contains(f.v.Columns, c.Name)})
			}
		}
	}
	switch kindOf(f.v) {
	case spec.KindBar, spec.KindLine, spec.KindArea, spec.KindScatter, spec.KindHistogram:
		page.Rules, page.Notes = f.rules(), f.notes()
	}
}

// tellSources fills what is said of the tables and the controls.
func (p *Pages) tellSources(page *editPage, d *desk) error {
	l := page.L
	var columns, sources []web.Option
	for i, s := range d.doc.Sources {
		shape, ok := d.shapes[s.Name]
		one := sourceView{Name: s.Name, Title: shape.Title, Path: shape.Path, First: i == 0, Rows: d.table(s.Name).Rows}
		if !ok {
			one.Title = l.T("workshop.source.lost")
		}
		current := strconv.Itoa(s.Version)
		options := []web.Option{{Value: "0", Label: l.T("workshop.follows")}}
		if n := shape.Version; n > 0 {
			options = append(options, web.Option{Value: strconv.Itoa(n), Label: l.T("workshop.pinned", "number", strconv.Itoa(n))})
		}
		one.Follows = web.Field{L: l, Name: "version_" + s.Name, Label: l.T("workshop.version"), Type: "select", Value: current, Options: options, Free: true}
		for _, j := range s.Lookup {
			one.Lookups = append(one.Lookups, l.T("workshop.lookup", "key", wording.Plain(j.Key), "from", wording.Plain(j.From), "fields", strings.Join(j.Fields, ", ")))
		}
		page.Sources = append(page.Sources, one)
		sources = append(sources, web.Option{Value: s.Name, Label: wording.Plain(s.Name)})
		for _, c := range d.table(s.Name).Columns {
			if c.Type != tabular.Geometry && !c.Meaning.Personal() && !slices.ContainsFunc(columns, func(o web.Option) bool { return o.Value == c.Name }) {
				columns = append(columns, web.Option{Value: c.Name, Label: wording.Plain(c.Name)})
			}
		}
	}
	f := d.form(l)
	for i, c := range d.doc.Controls {
		page.Controls = append(page.Controls, controlView{i, l.T("workshop.control."+c.Kind) + " " + wording.Plain(c.Field)})
	}
	page.Control = []web.Field{f.field("control_tipo", "control.kind", "", f.words("control", spec.Controls)), f.field("control_columna", "control.column", "", columns)}
	page.Add = []web.Field{f.field("vista_fuente", "add.source", "", sources)}
	page.Join = []web.Field{f.field("union_recurso", "join.resource", "", nil), f.field("union_clave", "join.key", "", append([]web.Option{{Label: l.T("workshop.nothing")}}, columns...)), f.field("union_igual", "join.equals", "", nil), f.field("union_columnas", "join.fields", "", nil)}
	page.Join[0].Hint, page.Join[3].Hint = l.T("workshop.join.resource.hint"), l.T("workshop.join.fields.hint")
	return nil
}

// change does what the form asks.
func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d, err := p.read(r)
	if err != nil {
		return err
	}
	revision := whole(sent.Value("revision"))
	act, argument, _ := strings.Cut(sent.Value("hacer"), ":")
	if act == "deshacer" || act == "rehacer" || act == "reparar" || act == "borrar" {
		return p.step(w, r, d, act, revision)
	}
	if d.outside() {
		return p.changeOutside(w, r, d, sent)
	}
	if err := p.take(r, d, sent); err != nil {
		return p.refuse(w, r, d, err)
	}
	if err := p.do(r, d, sent, act, argument); err != nil {
		return p.refuse(w, r, d, err)
	}
	if wrong := d.doc.Check(); len(wrong) > 0 {
		return p.refuse(w, r, d, wrong.Err("toolspec.error"))
	}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		d.draft, err = p.Tools.Save(tx, d.draft.Tool.ID, revision, tool.Document{Spec: &d.doc})
		return err
	})
	if plaza.KindOf(err) == plaza.Conflict && err != nil {
		d.draft.Revision = revision // it is refused again until it is opened anew
		return p.refuse(w, r, d, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, d.path(), http.StatusSeeOther)
	return nil
}

// take reads the form into the document. What cannot be read is Invalid; what is wrong is with
// the fields then.
func (p *Pages) take(r *http.Request, d *desk, sent *web.Form) error {
	d.said = saying(sent)
	f := d.form(p.shell.Printer(r))
	d.doc = takeWords(sent, d.doc)
	d.doc.Views = slices.Clone(d.doc.Views)
	if sent.Value("vista") == f.v.Name && sent.Has("v_titulo") {
		d.doc.Views[d.at] = f.take()
	}
	d.follow(sent)
	if len(d.bad) > 0 {
		return plaza.E(plaza.Invalid, "toolspec.error")
	}
	return nil
}

// path is the editor with the view that is worked on.
func (d *desk) path() string {
	if d.at == 0 {
		return d.draft.Tool.EditPath()
	}
	return d.draft.Tool.EditPath() + "?vista=" + url.QueryEscape(d.doc.Views[d.at].Name)
}

// refuse draws the editor again with what was typed, and says what is wrong with it: at the
// fields where it can be mended, the rest above.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, d *desk, err error) error {
	e, is := errors.AsType[*plaza.Error](err)
	if !is || e.Kind == plaza.Internal {
		return err
	}
	l := p.shell.Printer(r)
	d.at = min(d.at, len(d.doc.Views)-1)
	if d.said != nil && d.sent.Value("vista") != d.doc.Views[d.at].Name {
		d.said = nil // that was another view
	}
	rest := d.blame(l, e)
	if d.said != nil && len(d.bad) > 0 && len(rest.Fields) == 0 && rest.Kind == plaza.Invalid {
		return p.drawEditor(w, r, d, web.StatusOf(err), nil) // the fields say it
	}
	return p.drawEditor(w, r, d, web.StatusOf(err), refusal(l, e, d.why(l, rest), d.path()))
}

// refusal is the notice of what was refused; what somebody else changed meanwhile leads to
// what is stored now.
func refusal(l *i18n.Printer, e *plaza.Error, text, stored string) *web.Notice {
	n := &web.Notice{Tone: web.Bad, Text: text, Live: true}
	if e.Kind == plaza.Conflict {
		n.Link, n.Action = stored, l.T("workshop.stored")
	}
	return n
}

// step goes back or forth, or drops the working copy.
func (p *Pages) step(w http.ResponseWriter, r *http.Request, d *desk, act string, revision int) error {
	to := d.draft.Tool.EditPath()
	err := p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		id := d.draft.Tool.ID
		switch act {
		case "deshacer":
			_, err = p.Tools.Undo(tx, id, revision)
		case "rehacer":
			_, err = p.Tools.Redo(tx, id, revision)
		case "reparar":
			_, err = p.Tools.Mend(tx, id, revision)
		default:
			to = tool.MinePath
			err = p.Tools.Discard(tx, id)
		}
		return err
	})
	if plaza.KindOf(err) == plaza.Conflict && err != nil {
		if d.outside() {
			return p.refuseOutside(w, r, d, outsideForm{x: *d.draft.Document.External}, err)
		}
		return p.refuse(w, r, d, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
