package privacy

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/record"
)

// Notice is what a form says before somebody gives data there. Its words are
// "privacy.notice." and the point; its version grows whenever they change.
type Notice struct {
	Point   string
	Version int
}

// notices are those of every place where data is collected, in the order of the page.
var notices = []Notice{
	{"signup", 1}, {"signin", 1}, {"profile", 1}, {"email", 1}, {"token", 1}, {"follow", 1}, {"follow_mail", 1},
	{"comment", 1}, {"case", 1}, {"case_mail", 1}, {"case_support", 1}, {"case_turn", 1}, {"disclosure", 1}, {"forum", 1}, {"tool", 1}, {"report", 1}, {"moderation", 1}, {"appeal", 1}, {"join", 1}, {"invite", 1}, {"appoint", 1},
	{"absence", 1}, {"office", 1}, {"mail", 2},
}

// Notices lists every notice.
func Notices() []Notice { return slices.Clone(notices) }

// Said is a notice in words, to be drawn in a form.
type Said struct {
	Text   string
	Path   string // of the whole notice
	Action string // words of the link to it
}

// HTML draws it, to stand above a form's button: {{.Privacy.HTML}}.
func (s Said) HTML() template.HTML {
	return template.HTML(`<p class="Field-hint">` + template.HTMLEscapeString(s.Text) + ` <a href="` +
		template.HTMLEscapeString(s.Path) + `">` + template.HTMLEscapeString(s.Action) + `</a></p>`)
}

// Say puts the notice of a point into words.
func Say(l *i18n.Printer, point string) Said {
	return Said{Text: l.T("privacy.notice." + point), Path: Path, Action: l.T("privacy.notice.more")}
}

// Who gives data: a person, or somebody without an account under the keyed hash of
// their address.
type Who struct {
	Person  string
	Address string
}

// Consent notes that somebody was shown the current notice of a point and went on. What
// a person has agreed to already is noted once.
func Consent(tx *db.Tx, who Who, point string) error {
	at := slices.IndexFunc(notices, func(n Notice) bool { return n.Point == point })
	if at < 0 {
		return fmt.Errorf("no notice of privacy is shown at %q", point)
	}
	if (who.Person == "") == (who.Address == "") {
		return fmt.Errorf("a consent is a person's or an address's")
	}
	if who.Person != "" {
		var given int
		if err := tx.Row(`SELECT COUNT(*) FROM consents WHERE person_id = $1 AND person_id <> '' AND point = $2 AND version = $3`,
			who.Person, point, notices[at].Version).Scan(&given); err != nil || given > 0 {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO consents (id, person_id, address_hash, point, version, given_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, tx.ID(), who.Person, who.Address, point, notices[at].Version, tx.Now)
	if err != nil {
		return fmt.Errorf("noting a consent: %w", err)
	}
	return nil
}

// keptConsent is how long the consent of an address without an account is kept.
const keptConsent = 2 * 365 * 24 * time.Hour

type exportedConsent struct {
	Point   string    `json:"point"`
	Version int       `json:"version"`
	Given   time.Time `json:"given"`
}

// Consents is the holding of consents themselves.
func Consents() Holding {
	return Holding{
		Key:  "consents",
		Data: []Datum{{Key: "consents_given", Point: "signup", Keep: keptConsent}},
		Export: func(tx *db.Tx, person string) (any, error) {
			return db.All(tx, func(scan func(...any) error) (c exportedConsent, err error) {
				err = scan(&c.Point, &c.Version, &c.Given)
				return c, err
			}, `SELECT point, version, given_at FROM consents WHERE person_id = $1 AND person_id <> '' ORDER BY id`, person)
		},
		Erase: func(tx *db.Tx, person string) ([]record.Act, error) {
			_, err := tx.Exec(`DELETE FROM consents WHERE person_id = $1 AND person_id <> ''`, person)
			return nil, err
		},
		Expire: func(tx *db.Tx) (int, error) {
			n, err := tx.Exec(`DELETE FROM consents
				WHERE id IN (SELECT id FROM consents WHERE person_id = '' AND given_at < $1 ORDER BY given_at LIMIT 1000)`,
				tx.Now.Add(-keptConsent))
			return int(n), err
		},
	}
}
