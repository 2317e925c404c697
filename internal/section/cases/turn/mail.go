package turn

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/section/cases"
)

// PagePath is what the address of the page behind a link begins with.
const PagePath = "/turno/"

// dueOf is the clock to the answer of a case, and by what it counts; ok is false when
// none runs.
func dueOf(tx *db.Tx, c cases.Case) (k cases.Clock, by calendar.Business, ok bool, err error) {
	all, err := cases.Clocks(tx, c.ID)
	if err != nil {
		return k, by, false, err
	}
	for _, one := range all[c.ID] {
		if one.Kind == cases.ToAnswer && one.Stopped.IsZero() {
			k, ok = one, true
		}
	}
	if ok {
		by, err = cases.Counting{}.By(tx, k)
	}
	return k, by, ok, err
}

// dueWords is by when a case has to be answered, "" when no clock runs.
func dueWords(tx *db.Tx, l *i18n.Printer, c cases.Case) (string, error) {
	k, by, ok, err := dueOf(tx, c)
	if err != nil || !ok {
		return "", err
	}
	return cases.DueWords(l, k, by, tx.Now), nil
}

// bodyOf is an institution, or the coordination as one.
func bodyOf(tx *db.Tx, l *i18n.Printer, id string) (institution.Institution, error) {
	if id == "" {
		return institution.Institution{Name: l.T("cases.central"), Zone: institution.DefaultZone}, nil
	}
	return institution.ByID(tx, id)
}

// mailLink mails the link of a turn. It is sealed, so that it may lie in the store.
func (s *Turns) mailLink(tx *db.Tx, t Turn, c cases.Case) error {
	l := s.Bundle.Printer(i18n.Spanish)
	body, err := bodyOf(tx, l, t.Institution)
	if err != nil {
		return err
	}
	due, err := dueWords(tx, l, c)
	if err != nil {
		return err
	}
	by, err := calendar.BusinessOf(tx, body.ID)
	if err != nil {
		return err
	}
	link := s.BaseURL + PagePath + s.token(t)
	x := outbox.Letter{L: l, Subject: l.T("turn.mail.link.subject", "institution", body.Short(), "folio", c.Folio),
		Lead:  l.T("turn.mail.link.lead", "name", t.Name, "institution", body.Name, "date", l.In(by.Zone).Date(t.Expires.Add(-1))),
		Quote: t.Note, Items: []outbox.Item{{Title: c.Folio + " · " + c.Title, When: due, Link: s.BaseURL + c.Path()}},
		Button: l.T("turn.mail.link.button"), Link: link, Why: l.T("turn.mail.link.why", "site", s.Site(), "institution", body.Name)}
	msg, err := x.Message()
	if err != nil {
		return err
	}
	msg.Kind, msg.Key, msg.To = "turn.link", fmt.Sprintf("cases/turn/%s/%d", t.ID, t.Version), t.Email
	return outbox.Post(tx, msg)
}

// mailSent tells whoever is in charge that a draft waits for them.
func (s *Turns) mailSent(tx *db.Tx, t Turn, c cases.Case, d Draft) error {
	return s.mailInCharge(tx, t, c, "sent", fmt.Sprintf("sent/%d", d.Version), text.Excerpt(text.PlainText(d.Form.Body), 300))
}

// mailDeclined tells them that the case is not of the area.
func (s *Turns) mailDeclined(tx *db.Tx, t Turn, c cases.Case) error {
	return s.mailInCharge(tx, t, c, "declined", "declined", t.Reason)
}

func (s *Turns) mailInCharge(tx *db.Tx, t Turn, c cases.Case, what, key, quote string) error {
	people, err := s.InCharge(tx, t.Institution)
	if err != nil {
		return err
	}
	for _, p := range people {
		l := s.Bundle.Printer(p.Language)
		body, err := bodyOf(tx, l, t.Institution)
		if err != nil {
			return err
		}
		due, err := dueWords(tx, l, c)
		if err != nil {
			return err
		}
		link := s.BaseURL + cases.DeskPath(c, body.Slug)
		x := outbox.Letter{L: l, Subject: l.T("turn.mail."+what+".subject", "folio", c.Folio), Lead: l.T("turn.mail."+what+".lead", "name", t.Name), Quote: quote,
			Items: []outbox.Item{{Title: c.Folio + " · " + c.Title, When: due, Link: link}}, Button: l.T("turn.mail." + what + ".button"), Link: link,
			Why: l.T("turn.mail.in_charge.why", "site", s.Site(), "institution", body.Name)}
		msg, err := x.Message()
		if err != nil {
			return err
		}
		msg.Kind, msg.Key, msg.Person, msg.To = "turn."+what, "cases/turn/"+t.ID+"/"+key+"/"+p.ID, p.ID, p.Email
		if err := outbox.Post(tx, msg); err != nil {
			return err
		}
	}
	return nil
}
