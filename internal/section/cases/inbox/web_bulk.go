package inbox

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// unitField offers areas.
func unitField(l *i18n.Printer, name, label string, units []institution.Unit) web.Field {
	f := web.Field{L: l, Name: name, Label: label, Type: "select", Options: []web.Option{{Label: l.T("inbox.choose_unit")}}}
	for _, u := range units {
		f.Options = append(f.Options, web.Option{Value: u.ID, Label: u.Name})
	}
	return f
}

// chosenIn are the cases that a form of the inbox chose: those that were ticked, or all
// that its page showed.
func chosenIn(form *web.Form) ([]string, error) {
	ids := form.Values("caso")
	if form.Checked("todas") {
		ids = strings.Fields(form.Value("en"))
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 {
		return nil, plaza.E(plaza.Invalid, "inbox.error.nothing")
	}
	if len(ids) > shown {
		return nil, plaza.E(plaza.Invalid, "inbox.error.too_many")
	}
	return ids, nil
}

// act turns what was chosen to an area, or leads on to one answer for all of it.
func (b *Inbox) act(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	back := ""
	var ids, left []string
	n := 0
	if err := b.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, at, err := b.at(tx, r, access.CaseHandle, "")
		if err != nil {
			return err
		}
		back = at.Base
		if ids, err = chosenIn(form); err != nil {
			return err
		}
		if form.Value("hacer") != "turnar" {
			return nil
		}
		n, left, err = b.turn(tx, ids, form.Value("area"))
		return err
	}); err != nil {
		return err
	}
	if form.Value("hacer") != "turnar" {
		http.Redirect(w, r, back+"/responder?"+url.Values{"caso": ids}.Encode(), http.StatusSeeOther)
		return nil
	}
	v, _ := url.ParseQuery(form.Value("consulta")) // what cannot be read is the whole inbox
	v = readQuery(&http.Request{URL: &url.URL{RawQuery: v.Encode()}}).values()
	v.Set("turnadas", strconv.Itoa(n))
	if len(left) > 0 {
		v.Set("no", strings.Join(left, ","))
	}
	http.Redirect(w, r, back+"?"+v.Encode(), http.StatusSeeOther)
	return nil
}

// turn turns cases to an area, in one transaction; left are the folios of those with
// which that cannot be done now.
func (b *Inbox) turn(tx *db.Tx, ids []string, unit string) (n int, left []string, err error) {
	list, err := inOrder(tx, ids)
	if err != nil {
		return 0, nil, err
	}
	u, err := institution.UnitByID(tx, unit)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return 0, nil, err
	}
	if err != nil || !u.RetiredAt.IsZero() {
		return 0, nil, plaza.E(plaza.Invalid, "inbox.error.unit")
	}
	actor := plaza.ActorFrom(tx.Context())
	var acts []record.Act
	for _, c := range list {
		if c.Institution != u.InstitutionID || c.Unit == u.ID || !c.Can(actor, cases.Asker{}, cases.Turn) {
			left = append(left, c.Folio)
			continue
		}
		_, more, err := b.Cases.Turn(tx, c.ID, u.ID)
		if plaza.KindOf(err) == plaza.Conflict { // somebody was faster
			left = append(left, c.Folio)
			continue
		}
		if err != nil {
			return 0, nil, err
		}
		n, acts = n+1, append(acts, more...)
	}
	return n, left, record.Append(tx, acts...)
}

// inOrder are cases in the order of their ids, in which they are held: two who act on the
// same ones never wait for each other.
func inOrder(tx *db.Tx, ids []string) ([]cases.Case, error) {
	list, err := cases.ByIDs(tx, ids...)
	slices.SortFunc(list, func(a, b cases.Case) int { return strings.Compare(a.ID, b.ID) })
	return list, err
}

// answerPage is the form of one answer to several cases.
type answerPage struct {
	web.Page
	Base      string
	Lead      string
	Lines     []answered
	Alike     []answered // not chosen, to choose from
	Notice    *web.Notice
	Left      *web.Notice
	Form      []web.Field
	Templates []web.NavLink
	Typed     bool // whoever wrote it may not answer, and only gets their text back
}

// Errors is what is wrong with the form.
func (p answerPage) Errors() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Form} }

// seenIn are the versions that a form's reader saw, by the ids of its cases.
func seenIn(values []string) map[string]int {
	out := map[string]int{}
	for _, v := range values {
		id, version, _ := strings.Cut(v, "@")
		n, err := strconv.Atoi(version)
		if err != nil {
			n = -1
		}
		out[id] = n
	}
	return out
}

func (b *Inbox) answer(w http.ResponseWriter, r *http.Request) error {
	ids := slices.DeleteFunc(r.URL.Query()["caso"], func(id string) bool { return strings.ContainsRune(id, 0) || !utf8.ValidString(id) })
	form := cases.AnswerForm{}
	return b.drawAnswer(w, r, http.StatusOK, ids, form, "", func(tx *db.Tx, p *answerPage, at place) error {
		all, err := Templates(tx, at.ID)
		if err != nil {
			return err
		}
		for _, t := range all {
			if t.ID == r.URL.Query().Get("plantilla") {
				p.fill("texto", t.Body, nil)
				p.fill("resultado", string(t.Outcome), nil)
			}
		}
		return nil
	})
}

// fill puts what was typed, and what is wrong with it, into a field.
func (p *answerPage) fill(name, value string, wrong map[string]string) {
	for i := range p.Form {
		if p.Form[i].Name == name {
			p.Form[i].Value = value
			if wrong != nil {
				p.Form[i].Error = wrong[name]
			}
		}
	}
}

// drawAnswer draws the form for some cases; those with which nothing can be done are left
// out. more, which may be nil, adds to the page.
func (b *Inbox) drawAnswer(w http.ResponseWriter, r *http.Request, status int, ids []string, f cases.AnswerForm, object string, more func(tx *db.Tx, p *answerPage, at place) error) error {
	page := &answerPage{}
	if err := b.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, at, err := b.at(tx, r, access.CaseAnswer, b.shell.Printer(r).T("inbox.answer"))
		if err != nil {
			return err
		}
		page.Page, page.Base = p, at.Base
		if len(ids) > shown {
			return plaza.E(plaza.Invalid, "inbox.error.too_many")
		}
		list, err := inOrder(tx, slices.Compact(slices.Sorted(slices.Values(ids))))
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(c cases.Case) bool { return !c.Can(p.Actor, cases.Asker{}, cases.Publish) })
		if len(list) == 0 && more == nil {
			return plaza.E(plaza.NotFound, "inbox.error.nothing")
		}
		near, err := b.alike(tx, at, p.Actor, list)
		if err != nil {
			return err
		}
		t, err := b.teller(tx, p.L, at, slices.Concat(list, near))
		if err != nil {
			return err
		}
		if page.Lines, err = answerLines(tx, t, list, p.Actor.PersonID, true); err != nil {
			return err
		}
		if page.Alike, err = answerLines(tx, t, near, p.Actor.PersonID, false); err != nil {
			return err
		}
		page.Lead = p.L.T("inbox.answer.lead", "count", len(list))
		if err := page.fields(tx, at, list, f, object); err != nil || more == nil {
			return err
		}
		return more(tx, page, at)
	}); err != nil {
		return err
	}
	return b.shell.Render(w, r, status, "case-inbox/answer", page)
}

// common are the outcomes that an answer to all of some cases can have without a second
// signature.
func common(list []cases.Case) []cases.Outcome {
	out := cases.Outcomes()
	return slices.DeleteFunc(out, func(o cases.Outcome) bool {
		return o.Refuses() || slices.ContainsFunc(list, func(c cases.Case) bool { return !slices.Contains(cases.OutcomesFor(c.Kind), o) })
	})
}

// fields are the form, with what was typed.
func (p *answerPage) fields(tx *db.Tx, at place, list []cases.Case, f cases.AnswerForm, object string) error {
	l := p.L
	outcome := web.Field{L: l, Name: "resultado", Type: "select", Label: l.T("inbox.answer.outcome"), Hint: l.T("inbox.answer.outcome.hint"),
		Value: string(f.Outcome), Options: []web.Option{{Label: l.T("inbox.answer.choose")}}}
	for _, o := range common(list) {
		outcome.Options = append(outcome.Options, web.Option{Value: string(o), Label: l.T("cases.outcome." + string(o))})
	}
	p.Form = []web.Field{outcome,
		{L: l, Name: "texto", Type: "textarea", Label: l.T("inbox.answer.text"), Hint: l.T("inbox.answer.text.hint"), Value: f.Body, Rows: 10, MaxLength: cases.MaxAnswer},
		{L: l, Name: "resumen", Label: l.T("inbox.answer.summary"), Hint: l.T("inbox.answer.summary.hint"), Value: f.Summary, MaxLength: cases.MaxSummary, Optional: true},
		{L: l, Name: "objeto", Label: l.T("inbox.answer.object"), Hint: l.T("inbox.answer.object.hint"), Value: object, Optional: true},
		{L: l, Name: "fecha", Type: "date", Label: l.T("inbox.answer.planned"), Hint: l.T("inbox.answer.planned.hint"), Value: f.PlannedOn, Optional: true},
		{L: l, Name: "promesa", Label: l.T("inbox.answer.promise"), Value: f.Promise, MaxLength: cases.MaxDetail, Optional: true},
	}
	if at.ID != "" {
		units, err := institution.Units(tx, at.ID)
		if err != nil {
			return err
		}
		if len(units) > 0 {
			u := unitField(l, "area", l.T("inbox.answer.unit"), units)
			u.Optional, u.Value = true, f.Unit
			p.Form = append(p.Form, u)
		}
	}
	all, err := Templates(tx, at.ID)
	for _, t := range all {
		v := url.Values{"plantilla": {t.ID}}
		for _, c := range list {
			v.Add("caso", c.ID)
		}
		p.Templates = append(p.Templates, web.NavLink{Label: t.Title, Path: at.Base + "/responder?" + v.Encode()})
	}
	return err
}

// publish publishes one answer to all the cases of the form, in one transaction. Those
// that changed since it was drawn are left out; the form is drawn again for them, with
// what was typed.
func (b *Inbox) publish(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f := cases.AnswerForm{Outcome: cases.Outcome(form.Value("resultado")), Body: form.Value("texto"), Summary: form.Value("resumen"),
		PlannedOn: form.Value("fecha"), Promise: form.Value("promesa"), Unit: form.Value("area")}
	seen := seenIn(form.Values("caso"))
	object := form.Value("objeto")
	var ids, left []string
	for id := range seen {
		ids = append(ids, id)
	}
	n, back, err := b.publishAll(r.Context(), r, f, object, seen, &left)
	if err != nil {
		if plaza.KindOf(err) == plaza.Forbidden && f.Body != "" {
			return b.drawTyped(w, r, f, err)
		}
		wrong := web.FieldErrors(b.shell.Printer(r), err)
		if plaza.KindOf(err) != plaza.Invalid || len(seen) > shown {
			return err
		}
		return b.drawAnswer(w, r, http.StatusUnprocessableEntity, ids, f, object, func(_ *db.Tx, p *answerPage, _ place) error {
			for i := range p.Form {
				p.Form[i].Error = wrong[p.Form[i].Name]
			}
			if wrong == nil {
				p.Left = &web.Notice{Tone: web.Bad, Text: p.L.T("inbox.error.nothing"), Live: true}
			}
			return nil
		})
	}
	if len(left) > 0 {
		return b.drawLeft(w, r, f, object, n, left)
	}
	http.Redirect(w, r, back+"?respondidas="+strconv.Itoa(n), http.StatusSeeOther)
	return nil
}

// drawTyped gives somebody who may not answer any more what they typed.
func (b *Inbox) drawTyped(w http.ResponseWriter, r *http.Request, f cases.AnswerForm, why error) error {
	page := &answerPage{Page: b.shell.Page(r, b.shell.Printer(r).T("inbox.answer")), Base: strings.TrimSuffix(r.URL.Path, "/responder"), Typed: true}
	page.NoIndex = true
	page.Form = []web.Field{{L: page.L, Name: "texto", Value: f.Body}}
	if e, ok := errors.AsType[*plaza.Error](why); ok && e.Key != "" {
		page.Left = &web.Notice{Tone: web.Warning, Text: page.L.TMap(e.Key, e.Args), Live: true}
	}
	return b.shell.Render(w, r, web.StatusOf(why), "case-inbox/answer", page)
}

// publishAll publishes an answer to cases of the versions that were seen; left gets the
// ids of those that are not so any more.
func (b *Inbox) publishAll(ctx context.Context, r *http.Request, f cases.AnswerForm, object string, seen map[string]int, left *[]string) (n int, base string, err error) {
	err = b.DB.Write(ctx, func(tx *db.Tx) error {
		n, *left = 0, nil
		p, at, err := b.at(tx, r, access.CaseAnswer, "")
		if err != nil {
			return err
		}
		base = at.Base
		if len(seen) == 0 {
			return plaza.E(plaza.Invalid, "inbox.error.nothing")
		}
		if len(seen) > shown {
			return plaza.E(plaza.Invalid, "inbox.error.too_many")
		}
		var ids []string
		for id := range seen {
			ids = append(ids, id)
		}
		list, err := inOrder(tx, ids)
		if err != nil {
			return err
		}
		if err := b.checkAnswer(tx, at, &f, object, list); err != nil {
			return err
		}
		var acts []record.Act
		for _, c := range list {
			if c.Version != seen[c.ID] || !c.Can(p.Actor, cases.Asker{}, cases.Publish) {
				*left = append(*left, c.ID)
				continue
			}
			_, more, err := b.Cases.PublishDraft(tx, c.ID, f, "")
			if plaza.KindOf(err) == plaza.Conflict {
				*left = append(*left, c.ID)
				continue
			}
			if err != nil {
				return err
			}
			n, acts = n+1, append(acts, more...)
		}
		return record.Append(tx, acts...)
	})
	return n, base, err
}

// checkAnswer is what is wrong with an answer to several cases: Invalid at its fields.
func (b *Inbox) checkAnswer(tx *db.Tx, at place, f *cases.AnswerForm, object string, list []cases.Case) error {
	bad := func(field, key string) error {
		return &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form", Fields: []plaza.FieldError{{Field: field, Key: key}}}
	}
	if f.Outcome.Refuses() {
		return bad("resultado", "inbox.error.refusal")
	}
	if f.Outcome != "" && !slices.Contains(common(list), f.Outcome) {
		return bad("resultado", "inbox.error.outcome")
	}
	if object != "" && b.Object != nil {
		card, err := b.Object(tx, object)
		if err != nil {
			if plaza.KindOf(err) == plaza.NotFound {
				return bad("objeto", "inbox.error.object")
			}
			return err
		}
		f.Object = card.Ref
	}
	if f.Unit != "" {
		u, err := institution.UnitByID(tx, f.Unit)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		if err != nil || u.InstitutionID != at.ID || !u.RetiredAt.IsZero() {
			return bad("area", "inbox.error.unit")
		}
	}
	return nil
}

// drawLeft draws the form again for the cases that were left out, with what was typed.
func (b *Inbox) drawLeft(w http.ResponseWriter, r *http.Request, f cases.AnswerForm, object string, n int, left []string) error {
	return b.drawAnswer(w, r, http.StatusConflict, left, f, object, func(tx *db.Tx, p *answerPage, _ place) error {
		all, err := inOrder(tx, left)
		if err != nil {
			return err
		}
		folios := make([]string, len(all))
		for i, c := range all {
			folios[i] = c.Folio
		}
		p.Notice = &web.Notice{Tone: web.Good, Text: p.L.T("inbox.done.respondidas", "count", n), Live: true}
		p.Left = &web.Notice{Tone: web.Warning, Text: p.L.T("inbox.answer.left", "count", len(folios), "folios", strings.Join(folios, ", ")), Live: true}
		return nil
	})
}
