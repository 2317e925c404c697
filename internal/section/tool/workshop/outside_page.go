package workshop

import (
	"cmp"
	"net/http"
	"strconv"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/privacy"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/kept"
	"plaza/internal/section/tool/spec"
)

// OutsidePath is where a tool elsewhere is begun.
const OutsidePath = NewPath + "?externa=si"

// drawOutside draws the form of a tool elsewhere; d is nil of one that is not begun.
func (p *Pages) drawOutside(w http.ResponseWriter, r *http.Request, d *desk, f outsideForm, notice *web.Notice) error {
	page := &outsidePage{Page: p.shell.Page(r, p.shell.Printer(r).T("workshop.outside")), Action: NewPath, Notice: notice, Draft: true}
	l := page.L
	page.NoIndex, page.Canonical = true, OutsidePath
	page.Crumbs = []web.Crumb{{Title: l.T("workshop.mine"), Path: tool.MinePath}}
	if d != nil {
		t := d.draft.Tool
		page.Title, page.Action, page.Canonical = l.T("workshop.edit", "title", d.draft.Document.Title()), t.EditPath(), t.EditPath()
		page.Begun, page.Draft = true, t.Draft()
		page.Revision, page.Undo, page.Redo = d.draft.Revision, d.draft.Undo, d.draft.Redo
		if x := d.draft.Document.External; x.Picture != nil {
			page.Image = t.EditPath() + "/imagen"
			page.Width, page.Height = x.Picture.Width, x.Picture.Height
		}
	}
	page.Privacy = privacy.Say(l, tool.Point)
	page.fill(f)
	var err error
	if page.Chosen, err = p.shownDatasets(r.Context(), f.x.Datasets); err != nil {
		return err
	}
	page.Found = f.found
	if f.words != "" && len(f.found) == 0 {
		page.Find.Error = l.T("workshop.outside.none")
	}
	page.Wrong = web.ErrorSummary{L: l, Fields: append(append([]web.Field{}, page.Fields...), page.Picture, page.Alt, page.Datasets, page.Find)}
	return p.shell.Render(w, r, cmp.Or(f.state, http.StatusOK), "workshop/outside", page)
}

// fill fills the fields.
func (page *outsidePage) fill(f outsideForm) {
	l, x := page.L, f.x
	field := func(name, of, value string, max int) web.Field {
		return web.Field{L: l, Name: name, Label: l.T("workshop.outside." + of), Value: value, MaxLength: max, Error: f.wrong[of]}
	}
	title := field("titulo", "title", x.Title, spec.MaxTitle)
	summary := field("resumen", "summary", x.Summary, spec.MaxText)
	summary.Type, summary.Rows, summary.Optional, summary.Hint = "textarea", 3, true, l.T("workshop.outside.summary.hint")
	address := field("direccion", "url", x.URL, tool.MaxURL)
	address.Type, address.Hint, address.InputMode = "url", l.T("workshop.outside.url.hint"), "url"
	maker := field("quien", "maker", x.Maker, tool.MaxSoftware)
	maker.Optional, maker.Hint = true, l.T("workshop.outside.maker.hint")
	software := field("hecha_con", "software", x.Software, tool.MaxSoftware)
	software.Optional, software.Hint = true, l.T("workshop.outside.software.hint")
	language := field("idioma", "language", x.Language, 0)
	language.Type, language.Options = "select", languages(l)
	page.Fields = []web.Field{title, summary, address, maker, software, language}
	page.Picture = field("imagen", "picture", "", 0)
	page.Picture.Type, page.Picture.Optional, page.Picture.Hint = "file", true, l.T("workshop.outside.picture.hint", "megabytes", strconv.Itoa(kept.MaxImage>>20))
	page.Alt = field("alt", "alt", x.Alt, spec.MaxText)
	page.Alt.Free, page.Alt.Hint = true, l.T("workshop.outside.alt.hint")
	page.Find = field("conjunto", "dataset", f.words, 500)
	page.Find.Free, page.Find.Hint = true, l.T("workshop.outside.dataset.hint")
	page.Datasets = web.Field{Name: "conjuntos", Label: l.T("workshop.outside.datasets"), Error: f.wrong["datasets"]}
}

func languages(l *i18n.Printer) []web.Option {
	return []web.Option{{Value: "es", Label: l.T("workshop.outside.es")}, {Value: "en", Label: l.T("workshop.outside.en")}}
}
