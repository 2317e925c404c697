package desk

import (
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// details are what the kind of case asked for besides.
func details(l *i18n.Printer, c cases.Case) (out []web.Fact) {
	d := c.Details
	for _, f := range []struct{ key, value string }{
		{"column", c.On.Column}, {"row", c.On.Row}, {"rows", d.Rows}, {"should", d.Should}, {"evidence", d.Evidence}, {"format", d.Format},
		{"frequency", d.Frequency}, {"period", d.Period}, {"geography", d.Geography}, {"disaggregation", d.Disaggregation}, {"link", d.Link},
	} {
		if f.value != "" {
			out = append(out, web.Fact{Label: l.T("desk.detail." + f.key), Text: f.value})
		}
	}
	return out
}

// clockNotice says in words until when an answer is owed.
func clockNotice(l *i18n.Printer, c cases.Case, k cases.Clock, by calendar.Business, p *casePage) *web.Notice {
	if k.ID == "" || !c.Owed() {
		return nil
	}
	now, date := p.Now, l.Date(k.LastDay())
	switch {
	case !k.Paused.IsZero():
		return &web.Notice{Tone: web.Info, Text: l.T("desk.clock.paused", "date", l.Date(k.Paused), "until", l.Date(c.WaitsUntil))}
	case !k.InTime(now):
		return &web.Notice{Tone: web.Bad, Text: l.T("desk.clock.late", "date", date, "count", k.LateBy(by, now))}
	}
	n := web.Notice{Tone: web.Info, Text: l.T("desk.clock.left", "date", date, "count", k.Left(by, now))}
	if k.Left(by, now) <= 2 {
		n.Tone = web.Warning
	}
	return &n
}

// stepNote is what a step tells besides, on one line.
func stepNote(l *i18n.Printer, s cases.Step) string {
	f := s.Facts
	switch {
	case f.Unit != "":
		return f.Unit
	case f.Institution != "":
		return f.Institution
	case f.Folio != "":
		return f.Folio
	case s.Kind == cases.HasAdvanced && f.Now != "":
		return l.T("cases.progress." + f.Now)
	case s.Kind == cases.WasConverted:
		return l.T("cases.kind." + f.Now)
	case f.Outcome != "":
		return l.T("cases.outcome." + string(f.Outcome))
	case !f.Due.IsZero():
		return l.T("desk.step.due", "date", l.Date(f.Due.Add(-1)))
	}
	return ""
}

// voiceWords is as whom an official acted.
func voiceWords(l *i18n.Printer, v institution.Voice) string {
	if v.Own() {
		return ""
	}
	who := l.T("access.role." + string(v.Role))
	for _, more := range []string{v.Unit, v.Name} {
		if more != "" {
			who += " · " + more
		}
	}
	return who
}

func nameOf(l *i18n.Printer, names map[string]string, id string) string {
	if name := names[id]; name != "" {
		return name
	}
	return l.T(account.Nobody)
}

// draftWords is a draft in a list.
func draftWords(h *head, names map[string]string, one cases.AnswerDraft) draftLine {
	l := h.L
	line := draftLine{By: nameOf(l, names, one.Author), When: l.Ago(one.Updated, h.Now), ISO: l.ISO(one.Updated), Note: one.Note,
		State: web.Badge{Text: l.T("desk.draft.state." + string(one.State)), Tone: draftTones[one.State]},
		Path:  h.Base + "/borradores/" + one.ID, Mine: one.Author != "" && one.Author == h.Actor.PersonID}
	if one.Turn != "" {
		line.By = l.T("desk.draft.by_mail")
		if one.Voice.Unit != "" {
			line.By = one.Voice.Unit
		}
	}
	return line
}

// answerFacts are what an answer says besides its text.
func (d *Desk) answerFacts(tx *db.Tx, h *head, f cases.AnswerForm) (out []web.Fact, err error) {
	l := h.L
	add := func(key, value string) {
		if value != "" {
			out = append(out, web.Fact{Label: l.T("desk.answer." + key), Text: value})
		}
	}
	if f.PlannedOn != "" {
		add("fecha", l.PartialDate(f.PlannedOn))
	}
	add("promesa", f.Promise)
	if f.Ground != "" {
		add("fundamento", l.T("cases.ground."+f.Ground))
	}
	add("alternativa", f.Alternative)
	add("recurso", f.Appeal)
	add("version", f.FixedWith)
	if f.Object.Kind != "" && d.Cards != nil {
		cards, err := d.Cards(tx, []plaza.Ref{f.Object})
		if err != nil {
			return out, err
		}
		if card, ok := cards[f.Object]; ok {
			out = append(out, web.Fact{Label: l.T("desk.answer.objeto"), Text: card.Title, Link: card.Path})
		}
	}
	return out, nil
}

// earlier is what was answered before on the same thing.
func (d *Desk) earlier(tx *db.Tx, h *head) ([]earlierLine, error) {
	list, err := cases.EarlierAnswers(tx, h.Case, shownEarlier)
	var out []earlierLine
	for _, e := range list {
		line := earlierLine{Title: e.Case.Title, Path: e.Case.Path(), Outcome: h.L.T("cases.outcome." + string(e.Answer.Outcome)), Summary: e.Answer.Summary,
			When: h.L.Date(e.Answer.At), ISO: h.L.ISO(e.Answer.At)}
		if line.Summary == "" {
			line.Summary = text.Excerpt(text.PlainText(e.Answer.Body), cases.MaxSummary)
		}
		if h.Can(cases.Draft) && h.Case.Owed() {
			line.Use = h.Base + "/responder?respuesta=" + e.Case.Folio
		}
		out = append(out, line)
	}
	return out, err
}
