package desk

import (
	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/section/cases"
)

// fillAnswer fills in the form.
func (d *Desk) fillAnswer(tx *db.Tx, p *answerPage, in written, why error) error {
	l, path := p.L, verbPath(p.Correct)
	p.sub(l.T("desk." + path))
	p.Lead, p.Action, p.SaveAt, p.From = l.T("desk."+path+".lead"), p.Base+"/"+path, p.Base+"/borrador", in.base
	p.Question = text.Markdown(p.Case.Body)
	p.Publish = p.Can(cases.Publish) && !p.Correct || p.Can(cases.Correct) && p.Correct
	if p.Can(cases.Acknowledge) {
		p.Ack = p.Base + "/acusar"
	}
	object, err := d.objectWords(tx, in)
	if err != nil {
		return err
	}
	if p.Found, err = d.candidates(tx, in, why); err != nil {
		return err
	}
	units, err := p.units(tx)
	if err != nil {
		return err
	}
	wrong := web.FieldErrors(l, why)
	p.fields(in, object, units, wrong)
	if err := d.files(tx, p, in, wrong["archivos"]); err != nil {
		return err
	}
	return d.others(tx, p)
}

// fields are those of the form.
func (p *answerPage) fields(in written, object string, units []web.Option, wrong map[string]string) {
	l, f := p.L, in.form
	field := func(name, kind, value string, most int, optional bool) web.Field {
		x := web.Field{L: l, Name: name, Type: kind, Label: l.T("desk.answer." + name), Value: value, MaxLength: most, Optional: optional, Rows: 3, Error: wrong[name]}
		if key := "desk.answer." + name + ".hint"; l.Has(key) {
			x.Hint = l.T(key)
		}
		return x
	}
	p.Subjects, p.Wrong = subjects(p.head, f.Outcome), wrong["resultado"]
	p.Body = field("texto", "textarea", f.Body, cases.MaxAnswer, false)
	p.Body.Rows = 12
	p.Summary = field("resumen", "", f.Summary, cases.MaxSummary, true)
	p.Note = field("nota", "", in.note, 500, true)
	if p.Correct {
		why := field("motivo", "textarea", in.why, cases.MaxReason, false)
		p.Why = &why
	}
	unit := field("area", "select", f.Unit, 0, true)
	unit.Options = units
	p.Planned = group{Title: l.T("desk.answer.planned"), Open: f.Outcome == cases.Planned, Fields: []web.Field{
		field("fecha", "date", f.PlannedOn, 0, true), field("promesa", "", f.Promise, cases.MaxDetail, true), unit}}
	p.Object = group{Title: l.T("desk.answer.thing"), Open: f.Outcome == cases.AlreadyPublic || f.Outcome == cases.Corrected || object != "", Fields: []web.Field{
		field("objeto", "", object, 500, true), field("version_recurso", "", f.FixedWith, maxVersion, true)}}
	ground := field("fundamento", "select", f.Ground, 0, true)
	ground.Options = []web.Option{p.choice()}
	for _, g := range cases.Grounds {
		ground.Options = append(ground.Options, web.Option{Value: g.Key, Label: l.T("desk.answer.ground", "ground", l.T("cases.ground."+g.Key), "legal", g.Legal, "date", l.PartialDate(g.Since))})
	}
	p.Refusal = group{Title: l.T("desk.answer.refusal"), Hint: l.T("desk.answer.refusal.hint"), Open: f.Outcome.Refuses(), Fields: []web.Field{
		ground, field("alternativa", "textarea", f.Alternative, cases.MaxReason, true), field("recurso", "textarea", f.Appeal, cases.MaxReason, true)}}
	p.Errors = web.ErrorSummary{L: l, Fields: []web.Field{{L: l, Name: "resultado", Label: l.T("desk.answer.resultado"), Error: p.Wrong}, p.Body, p.Summary}}
	if p.Why != nil {
		p.Errors.Fields = append(p.Errors.Fields, *p.Why)
	}
	for _, g := range []*group{&p.Planned, &p.Object, &p.Refusal} {
		for _, x := range g.Fields {
			g.Open = g.Open || x.Error != ""
		}
		p.Errors.Fields = append(p.Errors.Fields, g.Fields...)
	}
	p.Errors.Fields = append(p.Errors.Fields, p.Note)
}

// subjects are the outcomes that the case can have, by what they are about.
func subjects(h *head, chosen cases.Outcome) (out []subjectChoice) {
	for _, o := range cases.Outcomes() {
		allowed := false
		for _, one := range cases.OutcomesFor(h.Case.Kind) {
			allowed = allowed || one == o
		}
		if !allowed {
			continue
		}
		title := h.L.T("cases.subject." + string(o.Subject()))
		if len(out) == 0 || out[len(out)-1].Title != title {
			out = append(out, subjectChoice{Title: title})
		}
		last := &out[len(out)-1]
		last.Outcomes = append(last.Outcomes, outcomeChoice{string(o), h.L.T("cases.outcome." + string(o)), o == chosen})
	}
	return out
}

// others are the drafts of others, one's own, and what was answered before.
func (d *Desk) others(tx *db.Tx, p *answerPage) error {
	list, err := cases.Drafts(tx, p.Case.ID)
	if err != nil {
		return err
	}
	var ids []string
	for _, one := range list {
		ids = append(ids, one.Author)
	}
	names, err := account.Names(tx, ids)
	if err != nil {
		return err
	}
	for _, one := range list {
		line := draftWords(p.head, names, one)
		if line.Mine {
			p.Mine, p.Saved = &line, line.When
			continue
		}
		p.Others = append(p.Others, line)
	}
	p.Earlier, err = d.earlier(tx, p.head)
	return err
}
