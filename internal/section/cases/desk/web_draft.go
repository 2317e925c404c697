package desk

import (
	"html/template"
	"net/http"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// draftPage is a draft to be read, returned or signed.
type draftPage struct {
	*head
	Draft   draftLine
	Outcome string
	Summary string
	Text    template.HTML
	Facts   []web.Fact
	Files   []draftFile
	Notice  *web.Notice
	Use     string // path of the form that begins with it, "" when the reader writes none
	Errors  web.ErrorSummary
	Version int
	Sign    string // where a signature is sent, "" when the reader signs nothing
	Return  string // where it is returned, "" when the reader does not
	Note    web.Field
}

func (d *Desk) readDraft(w http.ResponseWriter, r *http.Request) error {
	return d.drawDraft(w, r, http.StatusOK, "", nil)
}

// drawDraft draws a draft; note is what was typed, why the reason why nothing was done.
func (d *Desk) drawDraft(w http.ResponseWriter, r *http.Request, status int, note string, why error) error {
	page := &draftPage{}
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.head, err = d.openOwn(tx, r); err != nil {
			return err
		}
		one, err := cases.DraftByID(tx, page.Case.ID, r.PathValue("draft"))
		if err != nil {
			return err
		}
		return d.fillDraft(tx, page, one)
	}); err != nil {
		return err
	}
	l := page.L
	page.sub(l.T("desk.draft.title", "name", page.Draft.By))
	page.Notice = refusal(page.head, why)
	page.Note = web.Field{L: l, Name: "nota", Type: "textarea", Rows: 3, MaxLength: cases.MaxReason, Label: l.T("desk.draft.note"), Hint: l.T("desk.draft.note.hint"),
		Value: note, Error: web.FieldErrors(l, why)["nota"]}
	page.Errors = web.ErrorSummary{L: l, Fields: []web.Field{page.Note}}
	return d.shell.Render(w, r, status, "desk/draft", page)
}

// openOwn is open for what only the case's own institution sees.
func (d *Desk) openOwn(tx *db.Tx, r *http.Request) (*head, error) {
	h, err := d.open(tx, r)
	if err == nil && h.Asked {
		err = plaza.E(plaza.NotFound, "cases.error.not_found")
	}
	return h, err
}

func (d *Desk) fillDraft(tx *db.Tx, p *draftPage, one cases.AnswerDraft) error {
	names, err := account.Names(tx, []string{one.Author})
	if err != nil {
		return err
	}
	l := p.L
	p.Draft, p.Version = draftWords(p.head, names, one), one.Version
	if one.Form.Outcome != "" {
		p.Outcome = l.T("cases.outcome." + string(one.Form.Outcome))
	}
	p.Summary, p.Text = one.Form.Summary, text.Markdown(one.Form.Body)
	if p.Facts, err = d.answerFacts(tx, p.head, one.Form); err != nil {
		return err
	}
	if p.Files, err = draftFiles(tx, p.head, nil, one.ID); err != nil {
		return err
	}
	if !one.Signed.Own() {
		p.Facts = append(p.Facts, web.Fact{Label: l.T("desk.fact.signed"), Text: voiceWords(l, one.Signed)})
	}
	if p.Can(cases.Draft) && !p.Draft.Mine {
		p.Use = p.Base + "/responder?base=" + one.ID
		if !p.Case.Owed() {
			p.Use = p.Base + "/corregir?base=" + one.ID
		}
	}
	signs := p.Can(cases.Sign)
	switch {
	case one.State == cases.DraftSigning && signs:
		p.Sign, p.Return = p.Base+"/firmar/"+one.ID, p.Base+"/firmar/"+one.ID
	case one.State == cases.DraftSent && access.Can(p.Actor, access.CaseAnswer, access.Object{Kind: cases.RefKind, Institution: p.Case.Institution}):
		p.Return = p.Draft.Path
	}
	return nil
}

func (d *Desk) returnDraft(w http.ResponseWriter, r *http.Request) error {
	return d.decide(w, r, func(tx *db.Tx, h *head, form *web.Form) (string, error) {
		_, err := d.Cases.ReturnDraft(tx, h.Case.ID, r.PathValue("draft"), form.Value("nota"))
		return "devuelto", err
	})
}

// sign signs a draft as it was seen, or returns it.
func (d *Desk) sign(w http.ResponseWriter, r *http.Request) error {
	return d.decide(w, r, func(tx *db.Tx, h *head, form *web.Form) (string, error) {
		if form.Value("hacer") == "devolver" {
			_, err := d.Cases.ReturnDraft(tx, h.Case.ID, r.PathValue("draft"), form.Value("nota"))
			return "devuelto", err
		}
		seen, _ := strconv.Atoi(form.Value("version")) // what is no number was not seen
		_, err := d.Cases.SignDraft(tx, h.Case.ID, r.PathValue("draft"), seen)
		return "firmado", err
	})
}

// decide does something to a draft and goes back to the case.
func (d *Desk) decide(w http.ResponseWriter, r *http.Request, do func(tx *db.Tx, h *head, form *web.Form) (string, error)) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	back := ""
	err = d.DB.Write(r.Context(), func(tx *db.Tx) error {
		h, err := d.openOwn(tx, r)
		if err != nil {
			return err
		}
		what, err := do(tx, h, form)
		back = h.Base + "?hecho=" + what
		return err
	})
	if status := statusFor(err); status != 0 {
		return d.drawDraft(w, r, status, form.Value("nota"), err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}
