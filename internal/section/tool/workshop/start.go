package workshop

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/suggest"
	"plaza/internal/section/tool/wording"
)

// firstSource is what the first table is called in a new document.
const firstSource = "datos"

// mostProposed pictures are drawn where a tool is begun.
const mostProposed = 6

// startPage is where a tool is begun: from a table, from another tool, or by finding a table.
type startPage struct {
	web.Page
	Resource  string // its title
	Path      string
	Keep      []web.Option // what the form sends of what is shown
	Proposals []proposal
	Base      *base
	Find      []web.DatasetItem
	Words     string
	Searched  bool
	Sheets    []web.NavLink
	Privacy   privacy.Said
	Notice    *web.Notice
}

// proposal is a picture that fits.
type proposal struct {
	N     int
	Kind  string
	Why   string
	Title string
	View  template.HTML
}

// base is the tool that one is made from.
type base struct{ ID, Title, Path string }

// from is what an address or form says a tool is begun from.
type from struct {
	resource string
	sheet    int
	version  int // pinned, 0 follows
	filter   string
}

// fromValues reads it: the explorer's own parameters say the table and its filter.
func fromValues(v url.Values) from {
	f := from{resource: v.Get("recurso"), sheet: max(1, whole(v.Get("hoja"))), version: whole(v.Get("version"))}
	f.filter = query.Choices(v).Encode()
	return f
}

// keep are the fields that say the same again.
func (f from) keep() (out []web.Option) {
	add := func(name, value string) {
		if value != "" && value != "0" {
			out = append(out, web.Option{Label: name, Value: value})
		}
	}
	add("recurso", f.resource)
	add("hoja", strconv.Itoa(f.sheet))
	add("version", strconv.Itoa(f.version))
	add("filtro", f.filter)
	return out
}

// document is a tool with one view of the table.
func (f from) document(l *i18n.Printer, s Shape, v spec.View) spec.Spec {
	out := spec.Spec{Schema: spec.Schema, Language: l.Lang()[:2], Views: []spec.View{v}, Title: tabular.Clip(titleOf(l, s, v), spec.MaxTitle-1),
		Sources: []spec.Source{{Name: firstSource, Resource: f.resource, Table: f.sheet, Version: f.version, Filter: f.filter}}}
	if f.sheet == 1 {
		out.Sources[0].Table = 0
	}
	return out
}

// titleOf is what a new tool is called: what it measures, and of what.
func titleOf(l *i18n.Printer, s Shape, v spec.View) string {
	what := s.Title
	if what == "" || len([]rune(what)) < 8 {
		what = s.Dataset
	}
	m, columns := taken(v)
	if m.Field == "" || len(columns) == 0 {
		return what
	}
	return l.T("workshop.title.of", "what", wording.Plain(m.Field), "by", l.T("workshop.by", "column", strings.ToLower(wording.Plain(columns[0].Field))), "of", what)
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if q.Get("externa") != "" {
		return p.newOutside(w, r)
	}
	page := &startPage{Page: p.shell.Page(r, p.shell.Printer(r).T("workshop.start")), Privacy: privacy.Say(p.shell.Printer(r), tool.Point)}
	page.NoIndex, page.Canonical = true, NewPath
	page.Crumbs = []web.Crumb{{Title: page.L.T("workshop.mine"), Path: tool.MinePath}}
	switch {
	case q.Get("base") != "":
		if err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
			t, err := tool.ByID(tx, q.Get("base"))
			if err == nil && !t.Public() {
				err = plaza.E(plaza.NotFound, "tool.error.not_found")
			}
			page.Base = &base{t.ID, t.Title, t.Path()}
			return err
		}); err != nil {
			return err
		}
	case q.Get("recurso") != "":
		if err := p.propose(r, page, fromValues(q)); err != nil {
			return err
		}
	default:
		if err := p.find(r, page); err != nil {
			return err
		}
	}
	return p.shell.Render(w, r, http.StatusOK, "workshop/start", page)
}

// shaped is a table and all that its resource's file has.
func (p *Pages) shaped(r *http.Request, f from) (Shape, *tabular.Table, error) {
	s, err := p.Shape(r.Context(), f.resource, f.version)
	if err != nil {
		return s, nil, err
	}
	if f.sheet > len(s.Tables) {
		return s, nil, plaza.E(plaza.NotFound, "workshop.error.no_table")
	}
	return s, &s.Tables[f.sheet-1], nil
}

// propose draws the pictures that fit a table.
func (p *Pages) propose(r *http.Request, page *startPage, f from) error {
	s, t, err := p.shaped(r, f)
	if err != nil {
		return err
	}
	page.Resource, page.Path, page.Keep = s.Title, s.Path, f.keep()
	if page.Resource == "" {
		page.Resource = s.Dataset
	}
	for i := range s.Tables {
		if len(s.Tables) < 2 {
			break
		}
		label := s.Tables[i].Name
		if label == "" {
			label = page.L.T("workshop.sheet", "number", strconv.Itoa(i+1))
		}
		page.Sheets = append(page.Sheets, web.NavLink{Label: label, Current: i == f.sheet-1, Path: NewPath + "?" + url.Values{"recurso": {f.resource}, "hoja": {strconv.Itoa(i + 1)}}.Encode()})
	}
	list := suggest.Views(*t, func(string) bool { return false }, firstSource)
	list = list[:min(len(list), mostProposed)]
	page.Proposals = make([]proposal, len(list))
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for i, one := range list {
		all.Go(func() {
			one.View.Name = "propuesta" + strconv.Itoa(i+1) // several stand on this page
			doc := f.document(page.L, s, one.View)
			page.Proposals[i] = proposal{N: i, Kind: page.L.T("tool.kind." + string(one.View.Kind())), Title: doc.Title,
				Why: page.L.T(one.Why, "column", wording.Plain(one.Column), "second", wording.Plain(one.Second))}
			page.Proposals[i].View, errs[i] = p.preview(r, doc, one.View.Name, 3, true)
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// preview draws a view of a working copy; a sketch is one of several.
func (p *Pages) preview(r *http.Request, s spec.Spec, name string, level int, sketch bool) (template.HTML, error) {
	v, _ := s.View(name)
	a := showing.Asked{L: p.shell.Printer(r), Spec: s, View: v, Level: level, Sketch: sketch, Alt: s.Description, Alone: len(s.Views) == 1}
	if v.Mark != spec.Text {
		var err error
		if a.Result, err = p.View(r.Context(), s, name, nil); err != nil {
			if _, err = a.Refused(err); err != nil {
				return "", err
			}
		}
	}
	return p.Shower.HTML(a)
}

// find lists tables to begin from.
func (p *Pages) find(r *http.Request, page *startPage) error {
	page.Words = web.QueryText(r, "q", 200)
	page.Searched = page.Words != ""
	list, err := p.Find(r.Context(), page.Words, 20)
	for _, s := range list {
		title := s.Title
		if title == "" {
			title = s.Dataset
		}
		page.Find = append(page.Find, web.DatasetItem{Title: title, Summary: s.Dataset, Path: NewPath + "?" + url.Values{"recurso": {s.ID}}.Encode()})
	}
	return err
}

// begin makes a working copy from what was chosen.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if form.Has("externa") {
		return p.beginOutside(w, r, form)
	}
	var d tool.Draft
	if id := form.Value("base"); id != "" {
		err = p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
			d, err = p.Tools.Fork(tx, id, "")
			return err
		})
	} else {
		v := url.Values{"recurso": {form.Value("recurso")}, "hoja": {form.Value("hoja")}, "version": {form.Value("version")}}
		f := fromValues(v)
		if kept, err := url.ParseQuery(form.Value("filtro")); err == nil {
			f.filter = query.Choices(kept).Encode()
		}
		var doc spec.Spec
		if doc, err = p.chosen(r, f, whole(form.Value("propuesta"))); err == nil {
			err = p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
				d, err = p.Tools.Create(tx, tool.Beginning{Document: tool.Document{Spec: &doc}})
				return err
			})
		}
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, d.Tool.EditPath(), http.StatusSeeOther)
	return nil
}

// chosen is the document of a proposal.
func (p *Pages) chosen(r *http.Request, f from, n int) (spec.Spec, error) {
	s, t, err := p.shaped(r, f)
	if err != nil {
		return spec.Spec{}, err
	}
	list := suggest.Views(*t, func(string) bool { return false }, firstSource)
	if n < 0 || n >= len(list) {
		return spec.Spec{}, plaza.E(plaza.NotFound, "workshop.error.no_table")
	}
	return f.document(p.shell.Printer(r), s, list[n].View), nil
}
