package cases

import (
	"context"
	"fmt"
	"net/mail"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
)

// Superior is who is above the liaison of an institution. Once a week they get one list
// of what is late by five working days or more.
type Superior struct {
	Institution string
	Name        string
	Email       string
	By          string // person id of who registered them
	Updated     time.Time
}

// MaxAddress is how long an address may be, in bytes.
const MaxAddress = 254

// CheckAddress tidies a name and an address of somebody without an account, and is what
// is wrong with them: Invalid at nombre and correo.
func CheckAddress(name, email string) (string, string, error) {
	name, email = text.Line(name), text.Line(email)
	var w wrong
	w.hold(!text.Blank(name), "nombre", "who", nil)
	w.length("nombre", name, MaxName)
	a, err := mail.ParseAddress(email)
	w.hold(err == nil && a.Address == email && len(email) <= MaxAddress, "correo", "email", nil)
	return name, email, w.err()
}

// PutSuperior registers who is above the liaison of an institution; with neither name nor
// address it forgets them. Invalid at nombre and correo.
func (cs *Cases) PutSuperior(tx *db.Tx, s Superior) error {
	if err := checkHandle(tx, s.Institution); err != nil {
		return err
	}
	if text.Line(s.Name) == "" && text.Line(s.Email) == "" {
		_, err := tx.Exec(`DELETE FROM case_superiors WHERE institution = $1`, s.Institution)
		return err
	}
	var err error
	if s.Name, s.Email, err = CheckAddress(s.Name, s.Email); err != nil {
		return err
	}
	zone, err := institution.ZoneOf(tx, s.Institution)
	if err != nil {
		return err
	}
	// Whoever is registered in the middle of a week gets their first list on its end.
	_, err = tx.Exec(`INSERT INTO case_superiors (institution, name, email, set_by, updated_at, listed_on)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (institution) DO UPDATE SET name = excluded.name, email = excluded.email, set_by = excluded.set_by, updated_at = excluded.updated_at`,
		s.Institution, s.Name, s.Email, plaza.ActorFrom(tx.Context()).PersonID, tx.Now, lastMonday(tx.Now, zone))
	if err != nil {
		return fmt.Errorf("registering a superior: %w", err)
	}
	return nil
}

func scanSuperior(scan func(...any) error) (s Superior, err error) {
	err = scan(&s.Institution, &s.Name, &s.Email, &s.By, &s.Updated)
	return s, err
}

// SuperiorOf is who is above the liaison of an institution; the zero Superior when nobody
// was registered.
func SuperiorOf(tx *db.Tx, body string) (Superior, error) {
	s, err := scanSuperior(tx.Row(`SELECT institution, name, email, set_by, updated_at FROM case_superiors WHERE institution = $1`, body).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return Superior{}, nil
	}
	return s, err
}

// morning is the hour at which mails about dates are written.
const morning = 8

// lastMonday is the date of the last Monday whose morning has come.
func lastMonday(now time.Time, zone *time.Location) string {
	now = now.In(zone)
	y, m, d := now.Date()
	monday := time.Date(y, m, d-(int(now.Weekday())+6)%7, morning, 0, 0, 0, zone)
	if now.Before(monday) {
		monday = monday.AddDate(0, 0, -7)
	}
	return monday.Format(time.DateOnly)
}

// Superiors is the job that writes the weekly lists.
type Superiors struct{}

// Kind implements job.Args.
func (Superiors) Kind() string { return "cases.superiors" }

// TellSuperiors writes the lists of this week that were not written yet, on Monday or,
// after an outage, as soon as possible: a week that passed without one has none.
func (cs *Cases) TellSuperiors(ctx context.Context) error {
	var list []Superior
	if err := cs.DB.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = db.All(tx, scanSuperior, `SELECT institution, name, email, set_by, updated_at FROM case_superiors ORDER BY institution`)
		return err
	}); err != nil {
		return fmt.Errorf("reading who is above liaisons: %w", err)
	}
	for _, s := range list {
		if err := cs.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) error { return cs.tellSuperior(tx, s) }); err != nil {
			return fmt.Errorf("the weekly list of %s: %w", s.Institution, err)
		}
	}
	return nil
}

func (cs *Cases) tellSuperior(tx *db.Tx, s Superior) error {
	zone, err := institution.ZoneOf(tx, s.Institution)
	if err != nil {
		return err
	}
	monday := lastMonday(tx.Now, zone)
	n, err := tx.Exec(`UPDATE case_superiors SET listed_on = $1 WHERE institution = $2 AND listed_on < $1`, monday, s.Institution)
	if err != nil || n == 0 {
		return err
	}
	list, err := lateClocks(tx, s.Institution, `k.escalated >= 2`, Key{}, 2*outbox.MaxItems)
	if err != nil || len(list) == 0 {
		return err
	}
	all, err := casesOf(tx, list)
	if err != nil {
		return err
	}
	body, err := institution.ByID(tx, s.Institution)
	if err != nil {
		return err
	}
	l := cs.Bundle.Printer(i18n.Spanish)
	x := outbox.Letter{L: l, Subject: l.T("cases.mail.superior.subject", "institution", body.Short(), "count", len(list)),
		Lead: l.T("cases.mail.superior.lead", "name", s.Name, "institution", body.Name, "count", len(list)),
		Why:  l.T("cases.mail.superior.why", "site", cs.Site(), "institution", body.Name)}
	counting := Counting{}
	for _, k := range list {
		by, err := counting.By(tx, k)
		if err != nil {
			return err
		}
		x.Items = append(x.Items, cs.MailLine(l, all[k.Case], k, by, tx.Now, all[k.Case].Path()))
	}
	msg, err := x.Message()
	if err != nil {
		return err
	}
	msg.Kind, msg.Key, msg.To = "cases.superior", "cases/superior/"+s.Institution+"/"+monday, s.Email
	if p, err := account.ByEmail(tx, s.Email); err == nil {
		msg.Person = p.ID
	} else if plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	return outbox.Post(tx, msg)
}
