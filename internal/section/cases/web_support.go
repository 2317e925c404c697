package cases

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// support is the form by which a reader says that they need the same.
func (cs *Cases) support(p web.Page, c Case, was written) actForm {
	l := p.L
	return actForm{L: l, Name: "apoyar", Action: c.Path() + "/apoyar", Title: l.T("cases.support"), Lead: l.T("cases.support.lead"),
		Save: l.T("cases.support.save"), Gate: cs.Gate.Fields(l, purpose, p.Now), Privacy: privacy.Say(l, SupportPoint),
		Text: &web.Field{L: l, Name: "para", Type: "textarea", Label: l.T("cases.support.why"), Hint: l.T("cases.support.why.hint"), Value: was.Text,
			Rows: 3, MaxLength: MaxNeed, Optional: true, Error: was.Wrong["para"]}}
}

// mark is the form by which a reader says whether an answer is clear.
func (cs *Cases) mark(p web.Page, c Case, was written) actForm {
	l := p.L
	return actForm{L: l, Name: "se-entiende", Action: c.Path() + "/se-entiende", Title: l.T("cases.mark"), Lead: l.T("cases.mark.lead"),
		Choice: []web.Option{{Value: "si", Label: l.T("cases.mark.yes")}, {Value: "no", Label: l.T("cases.mark.no")}}, Gate: cs.Gate.Fields(l, purpose, p.Now),
		Privacy: privacy.Say(l, SupportPoint),
		Text: &web.Field{L: l, Name: "nota", Type: "textarea", Label: l.T("cases.mark.note"), Hint: l.T("cases.mark.note.hint"), Value: was.Text,
			Rows: 3, MaxLength: MaxReason, Optional: true, Error: was.Wrong["nota"]}}
}

func (cs *Cases) askSupport(w http.ResponseWriter, r *http.Request) error {
	return cs.drawReader(w, r, cs.support, http.StatusOK, written{}, nil)
}

func (cs *Cases) askMark(w http.ResponseWriter, r *http.Request) error {
	return cs.drawReader(w, r, cs.mark, http.StatusOK, written{}, nil)
}

// drawReader draws a reader's form on a page of its own.
func (cs *Cases) drawReader(w http.ResponseWriter, r *http.Request, draw func(web.Page, Case, written) actForm, status int, was written, why *web.Notice) error {
	page := &actPage{Page: cs.shell.Page(r, ""), Notice: why}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, _, err := cs.byAddress(tx, r)
		if err == nil && !c.Public() {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		page.about(c)
		page.Form = draw(page.Page, c, was)
		page.Title = page.Form.Title
		return nil
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, status, "cases/act", page)
}

func (cs *Cases) doSupport(w http.ResponseWriter, r *http.Request) error {
	return cs.doReader(w, r, cs.support, "para", "apoyar", func(tx *db.Tx, id string, form *web.Form) (Case, []record.Act, error) {
		return cs.Support(tx, id, form.Value("para"))
	})
}

func (cs *Cases) doUnsupport(w http.ResponseWriter, r *http.Request) error {
	return cs.doReader(w, r, cs.support, "para", "dejar-de-apoyar", func(tx *db.Tx, id string, _ *web.Form) (Case, []record.Act, error) {
		return cs.Unsupport(tx, id)
	})
}

func (cs *Cases) doMark(w http.ResponseWriter, r *http.Request) error {
	return cs.doReader(w, r, cs.mark, "nota", "se-entiende", func(tx *db.Tx, id string, form *web.Form) (Case, []record.Act, error) {
		return cs.Mark(tx, id, form.Value("hacer") != "no", form.Value("nota"))
	})
}

// doReader does what a reader wants with a case; field is what they may write.
func (cs *Cases) doReader(w http.ResponseWriter, r *http.Request, draw func(web.Page, Case, written) actForm, field, what string,
	do func(tx *db.Tx, id string, form *web.Form) (Case, []record.Act, error)) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	was := written{Text: form.Value(field)}
	var c Case
	err = cs.DB.Write(r.Context(), func(tx *db.Tx) error {
		found, _, err := cs.byAddress(tx, r)
		if err != nil {
			return err
		}
		c = found
		_, acts, err := do(tx, c.ID, form)
		if err != nil || len(acts) == 0 {
			return err
		}
		return record.Append(tx, acts...)
	})
	if status, wrong, why := cs.refusal(w, r, err); status != 0 {
		was.Wrong = wrong
		return cs.drawReader(w, r, draw, status, was, why)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, done(c, what, stripped(r)), http.StatusSeeOther)
	return nil
}
