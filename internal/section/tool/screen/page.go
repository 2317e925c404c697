package screen

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/kept"
	"plaza/internal/section/tool/leaving"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// toolPage is a tool's.
type toolPage struct {
	web.Page
	Heading  string
	Subtitle string
	Summary  string
	Badges   []web.Badge
	Notices  []web.Notice
	Stage    stage
	Choosing choosing
	Notes    template.HTML
	Facts    []web.Fact
	Datasets []web.DatasetItem
	Edit     string
	Feature  string // path where it is featured, or no more; "" for who may not
	Featured bool
	Fork     string // where a tool is made from it
	Share    *sharing
	Document string // path of what it is made of
	Outside  *outside
	Around   web.Around
}

// choosing is what readers may choose, and what they chose.
type choosing struct {
	L        *i18n.Printer
	Controls []control
	Chosen   []chip
	Clear    string // where nothing is chosen
}

// chip is something that the reader chose, and where it is not.
type chip struct{ Text, Path string }

// found is a tool that everybody may see, with its current version. Of one that its owner took
// back it says so, and why.
func (p *Pages) found(tx *db.Tx, r *http.Request) (t tool.Tool, v tool.Version, err error) {
	if t, err = tool.BySlug(tx, r.PathValue("tool")); err != nil {
		return t, v, err
	}
	if t.Standing == moderation.Removed && t.Version > 0 && t.Withdrawn != "" {
		return t, v, &plaza.Error{Kind: plaza.NotFound, Key: "tool.error.withdrawn", Args: map[string]any{"reason": t.Withdrawn}}
	}
	if !t.Public() || t.Version == 0 {
		return t, v, plaza.E(plaza.NotFound, "tool.error.not_found")
	}
	v, err = tool.Current(tx, t)
	return t, v, err
}

func (p *Pages) tool(w http.ResponseWriter, r *http.Request) error {
	page := &toolPage{Page: p.shell.Page(r, "")}
	var t tool.Tool
	var v tool.Version
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if t, v, err = p.found(tx, r); err != nil {
			return err
		}
		return p.about(tx, page, t, v)
	}); err != nil {
		return err
	}
	if err := p.Tools.Visit(r.Context(), t.ID); err != nil {
		return err
	}
	if s := v.Document.Spec; s != nil {
		chosen := query.Choices(r.URL.Query())
		page.NoIndex = len(chosen) > 0
		keep := keeping(r.URL)
		page.Choosing = p.choosing(r.Context(), page.L, kept.Of{Tool: t, Spec: *s}, chosen, t.Path(), keep)
		page.Share = p.share(page.L, t, *s, chosen)
		var fresh bool
		var err error
		if page.Stage, fresh, err = p.draw(r, drawn{t, *s, t.Path(), t.Path(), chosen, keep}); err != nil {
			return err
		}
		if fresh {
			w.Header().Set("Cache-Control", "no-store")
		}
	}
	return p.shell.Render(w, r, http.StatusOK, "tool/tool", page)
}

// about fills what is said of a tool.
func (p *Pages) about(tx *db.Tx, page *toolPage, t tool.Tool, v tool.Version) error {
	l := page.L
	page.Title, page.Heading, page.Summary = t.Title, t.Title, t.Summary
	page.Description = t.Summary
	page.Canonical = t.Path()
	page.Crumbs = []web.Crumb{{Title: l.T("tool.title"), Path: tool.Path}}
	if s := v.Document.Spec; s != nil {
		page.Subtitle = s.Subtitle
		page.Notes = text.Markdown(s.Notes)
		page.Document = t.Path() + "/documento.json"
		if i := slices.IndexFunc(s.Views, drawing.Drawn); i >= 0 {
			page.Image = p.shell.URL(t.Path() + "/vistas/" + s.Views[i].Name + "/" + leaving.PNG)
		}
		page.Fork = tool.MinePath + "/nueva?base=" + url.QueryEscape(t.ID)
	}
	if x := v.Document.External; x != nil {
		page.Outside = outsideOf(l, t, *x)
		page.Image = p.shell.URL(t.Path() + smallPath)
		if x.Picture != nil {
			page.Image = p.shell.URL(page.Outside.Picture)
		}
	}
	if access.Can(page.Actor, access.ToolWrite, t.Object()) {
		page.Edit = t.EditPath()
	}
	page.state(t)
	if access.Can(page.Actor, access.ToolFeature, t.Object()) {
		page.Feature, page.Featured = t.Path()+"/destacar", !t.Featured.IsZero()
	}
	if err := p.facts(tx, page, t, v); err != nil {
		return err
	}
	if p.Around == nil {
		return nil
	}
	cards, err := tool.Cards(tx, []plaza.Ref{t.Ref()})
	if err != nil {
		return err
	}
	page.Around, err = p.Around(tx, page.Page, cards[t.Ref()])
	return err
}

// state says how a tool stands.
func (page *toolPage) state(t tool.Tool) {
	l := page.L
	if t.Official() {
		page.Badges = append(page.Badges, web.Badge{Tone: web.Good, Icon: "badge-check", Text: l.T("tool.official")})
	}
	if !t.Featured.IsZero() {
		page.Badges = append(page.Badges, web.Badge{Tone: web.Info, Icon: "star", Text: l.T("tool.featured")})
	}
	if !t.Outdated.IsZero() {
		page.Notices = append(page.Notices, page.outdated(t))
	}
	if t.Address.Broken() {
		page.Notices = append(page.Notices, web.Notice{Tone: web.Warning, Title: l.T("tool.broken"), Text: l.T("tool.broken.text", "date", t.Address.Failing)})
	}
}

// outdated says what of its data is not there any more, since when, and to who may change it
// where it is repaired.
func (page *toolPage) outdated(t tool.Tool) web.Notice {
	l := page.L
	lines := []string{l.T("tool.outdated.since", "date", t.Outdated)}
	for _, one := range t.Losses {
		lines = append(lines, l.T("tool.outdated."+one.What(), "column", wording.Plain(one.Column), "proposed", wording.Plain(one.Proposed)))
	}
	lines = append(lines, l.T("tool.outdated.then"))
	n := web.Notice{Tone: web.Warning, Title: l.T("tool.outdated"), Text: strings.Join(lines, " ")}
	if page.Edit != "" {
		n.Link, n.Action = page.Edit, l.T("tool.outdated.repair")
	}
	return n
}

// facts are who made it, when, on which data.
func (p *Pages) facts(tx *db.Tx, page *toolPage, t tool.Tool, v tool.Version) error {
	l := page.L
	who := t.Owner
	names, err := p.Names(tx, slices.DeleteFunc([]string{who}, func(s string) bool { return s == "" }))
	if err != nil {
		return err
	}
	by := web.Fact{Label: l.T("tool.by"), Text: names[who], Icon: "user"}
	if t.Institution != "" {
		owners, err := institution.ByIDs(tx, []string{t.Institution})
		if err != nil {
			return err
		}
		by.Text, by.Link, by.Icon = owners[t.Institution].Name, owners[t.Institution].Path(), "landmark"
	}
	if by.Text == "" {
		by.Text = l.T("tool.by.gone")
	}
	if x := v.Document.External; x != nil {
		by.Label = l.T("tool.outside.listed") // who makes it is somebody else
		if x.Maker != "" {
			page.Facts = append(page.Facts, web.Fact{Label: l.T("tool.by"), Text: x.Maker})
		}
	}
	page.Facts = append(page.Facts, by,
		web.Fact{Label: l.T("tool.kind"), Text: l.T("tool.kind." + string(t.Kind)), Link: tool.Path + "?tipo=" + string(t.Kind)},
		web.Fact{Label: l.T("tool.published"), Text: l.Date(t.Published), Time: l.ISO(t.Published), Icon: "calendar"},
		web.Fact{Label: l.T("tool.version"), Text: l.T("tool.version.of", "number", strconv.Itoa(v.Number), "date", v.At), Link: t.Path() + "/versiones"})
	if t.Views > 0 {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("tool.views"), Text: l.T("tool.views.count", "count", t.Views)})
	}
	if err := p.parent(tx, page, t); err != nil {
		return err
	}
	return p.datasets(tx, page, t)
}

// parent names the tool that it was made from.
func (p *Pages) parent(tx *db.Tx, page *toolPage, t tool.Tool) error {
	if t.Parent == "" {
		return nil
	}
	up, err := tool.ByID(tx, t.Parent)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	fact := web.Fact{Label: page.L.T("tool.parent"), Text: page.L.T("tool.parent.gone")}
	if err == nil && up.Public() {
		fact.Text, fact.Link = page.L.T("tool.parent.version", "title", up.Title, "number", strconv.Itoa(t.ParentVersion)), up.Path()
	}
	page.Facts = append(page.Facts, fact)
	return nil
}

// datasets are those that it rests on.
func (p *Pages) datasets(tx *db.Tx, page *toolPage, t tool.Tool) error {
	uses, err := tool.Uses(tx, t.ID)
	if err != nil {
		return err
	}
	var refs []plaza.Ref
	for _, u := range uses {
		if ref := (plaza.Ref{Kind: tool.KindDataset, ID: u.Dataset}); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	cards, err := p.Cards(tx, refs)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		c := cards[ref]
		if !c.Visible {
			continue
		}
		one := web.DatasetItem{Title: c.Title, Path: c.Path}
		if c.Owner != "" {
			one.Facts = append(one.Facts, web.ItemFact{Icon: "landmark", Label: page.L.T("tool.institution"), Text: c.Owner, Link: c.OwnerPath})
		}
		page.Datasets = append(page.Datasets, one)
	}
	return nil
}

// with is a path with a query, when there is one.
func with(path string, query url.Values) string {
	for k, list := range query {
		if len(list) == 0 {
			delete(query, k)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// drawn is a document that is drawn for a page.
type drawn struct {
	tool   tool.Tool
	spec   spec.Spec
	files  string // path under which its views have files
	page   string // path of the page on which readers choose
	chosen url.Values
	keep   url.Values // what else the address of the page says
}

// keeping is what an address says besides choices: its language, and of an embedded page its
// look and its view.
func keeping(u *url.URL) url.Values {
	out := url.Values{}
	for _, name := range []string{"lang", "tema", "vista"} {
		if v := u.Query().Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

// stage is the views of a tool as they stand on a page, and what is said once of them all.
type stage struct {
	Busy   string // that they are being changed, in words
	Chosen string // path of what is chosen, alone
	Cells  []cell
	Origin template.HTML
}

// cell is a view, and its share of a row.
type cell struct {
	Share showing.Share
	HTML  template.HTML
}

// Several reports whether there are views beside one another.
func (s stage) Several() bool { return len(s.Cells) > 1 }

// draw draws all views of a tool, side by side; fresh says that one of them is not ready.
func (p *Pages) draw(r *http.Request, d drawn) (out stage, fresh bool, err error) {
	shares := showing.Layout(d.spec.Views)
	out = stage{Busy: p.shell.Printer(r).T("tool.busy"), Chosen: d.files + "/elegido", Cells: make([]cell, len(shares))}
	waits, errs := make([]bool, len(shares)), make([]error, len(shares)+1)
	var all sync.WaitGroup
	for i, v := range d.spec.Views {
		out.Cells[i].Share = shares[i]
		all.Go(func() { out.Cells[i].HTML, waits[i], errs[i] = p.one(r, d, v) })
	}
	if showing.Common(d.spec) {
		all.Go(func() { out.Origin, errs[len(shares)] = p.origin(r, d) })
	}
	all.Wait()
	return out, slices.Contains(waits, true), errors.Join(errs...)
}

// origin says once where the numbers of all views come from. While they are not there, the
// views say why.
func (p *Pages) origin(r *http.Request, d drawn) (template.HTML, error) {
	var of spec.View // one with conditions of its own only where all have some
	for _, v := range d.spec.Views {
		if v.Mark != spec.Text && (of.Name == "" || of.Filter != "" && v.Filter == "") {
			of = v
		}
	}
	a := showing.Asked{L: p.shell.Printer(r), Spec: d.spec, View: of}
	part, err := p.Kept.Part(r.Context(), kept.Of{Tool: d.tool, Spec: d.spec}, kept.Part{View: a.View.Name, Name: "origen " + a.L.Lang(), Make: func(shown reckon.Result) (string, error) {
		a.Result = shown
		html, err := p.Shower.Origin(a)
		return string(html), err
	}})
	if err != nil {
		_, err = a.Refused(err)
	}
	return template.HTML(part), err //nolint:gosec // a template escaped it
}

// one draws a view. What readers or tables do to it is said in its place.
func (p *Pages) one(r *http.Request, d drawn, v spec.View) (html template.HTML, waits bool, err error) {
	a := showing.Asked{L: p.shell.Printer(r), Spec: d.spec, View: v, Path: d.files + "/vistas/" + v.Name, Reader: d.chosen, Page: d.page, Keep: d.keep, Level: 2, Alone: len(d.spec.Views) == 1, Alt: d.spec.Description, Common: showing.Common(d.spec)}
	i := slices.IndexFunc(d.spec.Views, func(o spec.View) bool { return o.Name == v.Name })
	a.Share = showing.Layout(d.spec.Views)[i]
	show := func(shown reckon.Result) (string, error) {
		a.Result = shown
		html, err := p.Shower.HTML(a)
		return string(html), err
	}
	var part string
	if v.Mark == spec.Text {
		part, err = show(reckon.Result{})
	} else {
		name := strings.Join([]string{a.L.Lang(), a.Page, a.Keep.Encode(), strconv.FormatBool(a.Alone), string(a.Share)}, " ")
		part, err = p.Kept.Part(r.Context(), kept.Of{Tool: d.tool, Spec: d.spec}, kept.Part{View: v.Name, Name: name, Reader: d.chosen, Make: show})
	}
	if err != nil {
		if waits, err = a.Refused(err); err == nil {
			last, e := p.last(r, d, &a)
			if e != nil {
				return "", false, e
			}
			part, err = show(last)
		}
	}
	return template.HTML(part), waits, err
}

// last is what a view of an outdated tool showed when all of its columns were there, which
// takes the place of the reason why it shows nothing now.
func (p *Pages) last(r *http.Request, d drawn, a *showing.Asked) (reckon.Result, error) {
	if d.tool.Outdated.IsZero() || a.Fault == "" {
		return reckon.Result{}, nil
	}
	last, made, ok, err := p.Kept.Last(r.Context(), kept.Of{Tool: d.tool, Spec: d.spec}, a.View.Name)
	if err != nil || !ok {
		return reckon.Result{}, err
	}
	a.Fault, a.Page, a.Past = "", "", a.L.T("tool.outdated.last", "date", made)
	return last, nil
}

// feature shows a tool before others, or no more.
func (p *Pages) feature(w http.ResponseWriter, r *http.Request) error {
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var t tool.Tool
	if err := p.DB.Write(r.Context(), func(tx *db.Tx) error {
		if t, _, err = p.found(tx, r); err != nil {
			return err
		}
		_, err = p.Tools.Feature(tx, t.ID, sent.Value("destacar") == "si")
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, t.Path(), http.StatusSeeOther)
	return nil
}
