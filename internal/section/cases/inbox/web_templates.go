package inbox

import (
	"net/http"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// templatesPage are an institution's templates.
type templatesPage struct {
	web.Page
	Path  string
	Back  string // the inbox
	Items []templateLine
	Form  []web.Field
	Seen  *web.Seen // of the one that is changed
	ID    string    // of the one that is changed, "" for a new one
}

// templateLine is a template.
type templateLine struct{ ID, Title, Excerpt, Outcome, Edit string }

// Errors is what is wrong with the form.
func (p templatesPage) Errors() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Form} }

// excerpted is how much of a template a list shows, in letters.
const excerpted = 160

func (b *Inbox) templates(w http.ResponseWriter, r *http.Request) error {
	return b.drawTemplates(w, r, http.StatusOK, r.URL.Query().Get("plantilla"), nil, nil)
}

// drawTemplates draws the templates, with the form of the one that is changed.
func (b *Inbox) drawTemplates(w http.ResponseWriter, r *http.Request, status int, id string, typed *Template, wrong map[string]string) error {
	page := &templatesPage{}
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseRules, b.shell.Printer(r).T("inbox.templates"))
		if err != nil {
			return err
		}
		page.Page, page.Path, page.Back = p, at.Base+"/plantillas", at.Base
		all, err := Templates(tx, at.ID)
		if err != nil {
			return err
		}
		one := Template{}
		for _, t := range all {
			o := templateLine{ID: t.ID, Title: t.Title, Excerpt: text.Excerpt(text.PlainText(t.Body), excerpted), Edit: page.Path + "?plantilla=" + t.ID}
			if t.Outcome != "" {
				o.Outcome = p.L.T("cases.outcome." + string(t.Outcome))
			}
			page.Items = append(page.Items, o)
			if t.ID == id {
				one = t
				seen := web.NewSeen(p.L, status, t.Title, t.Body, t.Outcome)
				page.ID, page.Seen = t.ID, &seen
			}
		}
		if typed != nil {
			one = *typed
		}
		page.Form = templateFields(p.L, one, wrong)
		return nil
	}); err != nil {
		return err
	}
	return b.shell.Render(w, r, status, "case-inbox/templates", page)
}

func templateFields(l *i18n.Printer, t Template, wrong map[string]string) []web.Field {
	outcome := web.Field{L: l, Name: "resultado", Type: "select", Label: l.T("inbox.answer.outcome"), Value: string(t.Outcome), Optional: true,
		Error: wrong["resultado"], Options: []web.Option{{Label: l.T("inbox.template.any")}}}
	for _, o := range cases.Outcomes() {
		outcome.Options = append(outcome.Options, web.Option{Value: string(o), Label: l.T("cases.outcome." + string(o))})
	}
	return []web.Field{
		{L: l, Name: "titulo", Label: l.T("inbox.template.name"), Value: t.Title, MaxLength: maxTitle, Error: wrong["titulo"]},
		{L: l, Name: "texto", Type: "textarea", Label: l.T("inbox.answer.text"), Hint: l.T("inbox.answer.text.hint"), Value: t.Body, Rows: 8, MaxLength: cases.MaxAnswer, Error: wrong["texto"]},
		outcome,
	}
}

// saveTemplate stores or removes a template.
func (b *Inbox) saveTemplate(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	t := Template{ID: form.Value("plantilla"), Title: form.Value("titulo"), Body: form.Value("texto"), Outcome: cases.Outcome(form.Value("resultado"))}
	back := ""
	err = b.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, at, err := b.at(tx, r, access.CaseRules, "")
		if err != nil {
			return err
		}
		t.Institution, back = at.ID, at.Base+"/plantillas"
		if form.Value("hacer") == "quitar" {
			return removeTemplate(tx, at.ID, t.ID)
		}
		if t.ID != "" {
			all, err := Templates(tx, at.ID)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(all, func(o Template) bool { return o.ID == t.ID })
			if i < 0 || !web.StillSeen(form, all[i].Title, all[i].Body, all[i].Outcome) {
				return web.ErrMeanwhile
			}
		}
		return putTemplate(tx, t)
	})
	switch k := plaza.KindOf(err); {
	case err != nil && (k == plaza.Invalid || k == plaza.Conflict):
		return b.drawTemplates(w, r, web.StatusOf(err), t.ID, &t, web.FieldErrors(b.shell.Printer(r), err))
	case err != nil:
		return err
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}
