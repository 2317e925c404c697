package account

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/secret"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
)

// What the tokens in the mails about a change of address are for, and for how long.
const (
	purposeEmail     = "email"      // at the new address: confirms it
	purposeEmailUndo = "email_undo" // at the old one: takes the change back
	EmailLife        = 24 * time.Hour
	EmailUndoLife    = 7 * 24 * time.Hour
)

// EmailPath is where the links of those mails lead, before their token.
const EmailPath = "/mi/cuenta/correo/"

var (
	perChange  = gate.Limit{Name: "email.person", Max: 5, Window: 24 * time.Hour}
	perMailbox = gate.Limit{Name: "email.address", Max: 3, Window: 24 * time.Hour}
)

// EmailChange is a change of somebody's address.
type EmailChange struct {
	ID       string
	Person   Person // as they are now
	Old, New string // addresses
	Undo     bool   // the link that led here takes the change back
	Done     bool   // the change was confirmed: the new address is or was the person's

	oldKey, newKey string
	asked          time.Time
}

// EmailMail is the job that makes the secret link about a change of address and mails
// it. It names neither, as jobs are shown to admins.
type EmailMail struct {
	Change string `json:"change"`
	Undo   bool   `json:"undo,omitempty"`  // to the old address, not the new one
	Asked  bool   `json:"asked,omitempty"` // with Undo: the change was asked for, no more
}

// Kind implements job.Args.
func (EmailMail) Kind() string { return "account.email_mail" }

// AskEmail begins a change of the address of an actor who signed in a moment ago: a link
// to confirm goes to the new one, and to the old one a link that stops it. It says and
// does the same whether or not the new address has an account of its own.
func (a *Accounts) AskEmail(tx *db.Tx, email string) error {
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.AccountEdit, access.Object{Kind: "person", Owner: actor.PersonID}); err != nil {
		return err
	}
	if err := mustBeFresh(tx); err != nil {
		return err
	}
	p, err := ByID(tx, actor.PersonID)
	if err != nil {
		return err
	}
	email, key, ok := foldEmail(email)
	if !ok {
		return badEmail()
	}
	if key == p.emailKey {
		return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form",
			Fields: []plaza.FieldError{{Field: "email", Key: "account.error.same_email"}}}
	}
	if err := a.gate.Brake(tx, perChange, p.ID); err != nil {
		return err
	}
	if err := a.gate.Brake(tx, perMailbox, key); err != nil {
		return err
	}
	// One question at a time: what was asked before can be confirmed no more.
	if _, err := tx.Exec(`DELETE FROM tokens WHERE person_id = $1 AND purpose = $2`, p.ID, purposeEmail); err != nil {
		return err
	}
	id := tx.ID()
	if _, err := tx.Exec(`INSERT INTO email_changes (id, person_id, old_email, old_key, new_email, new_key, asked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, p.ID, p.Email, p.emailKey, email, key, tx.Now); err != nil {
		return fmt.Errorf("asking for a change of address: %w", err)
	}
	for _, m := range []EmailMail{{Change: id, Undo: true, Asked: true}, {Change: id}} {
		if _, _, err := job.Enqueue(tx, m, job.Options{}); err != nil {
			return err
		}
	}
	return nil
}

// workEmail registers the job that mails links about changes of address.
func (a *Accounts) workEmail(r *job.Runner) {
	r.Handle(EmailMail{}.Kind(), func(ctx context.Context, j *job.Job) error {
		var args EmailMail
		if err := j.Decode(&args); err != nil {
			return err
		}
		return a.mailEmail(ctx, args)
	})
}

// mailEmail makes the link only now, so that it is stored nowhere in the clear.
func (a *Accounts) mailEmail(ctx context.Context, args EmailMail) error {
	var m outbox.Message
	err := a.db.Write(ctx, func(tx *db.Tx) error {
		c, err := changeByID(tx, args.Change)
		if err != nil {
			return err
		}
		to, key, purpose, life := c.New, "confirm", purposeEmail, EmailLife
		if args.Undo {
			to, key, purpose, life = c.Old, "done", purposeEmailUndo, EmailUndoLife
		}
		if args.Asked {
			key = "asked"
		}
		if _, err := byKey(tx, c.newKey); err == nil && !args.Undo {
			m, err = a.word(c.Person, to, "taken", "", "new", c.New)
			return err
		} else if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		link, err := a.emailLink(tx, c, purpose, life)
		if err != nil {
			return err
		}
		m, err = a.word(c.Person, to, key, link, "new", c.New, "hours", int(EmailLife.Hours()), "days", int(EmailUndoLife.Hours()/24))
		return err
	})
	if plaza.KindOf(err) == plaza.NotFound && err != nil {
		return nil // the person has gone, or the change is forgotten
	}
	if err != nil {
		return fmt.Errorf("making a link about a change of address: %w", err)
	}
	if err := a.mail.Send(ctx, m); err != nil {
		if plaza.KindOf(err) == plaza.Invalid {
			return job.Discard(err)
		}
		return err
	}
	return nil
}

func (a *Accounts) emailLink(tx *db.Tx, c EmailChange, purpose string, life time.Duration) (string, error) {
	token := secret.Chance()
	_, err := tx.Exec(`INSERT INTO tokens (hash, purpose, audience, person_id, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, a.tokenHash(purpose, token), purpose, c.ID, c.Person.ID, tx.Now, tx.Now.Add(life))
	if err != nil {
		return "", fmt.Errorf("storing a link: %w", err)
	}
	return a.baseURL + EmailPath + token, nil
}

func changeByID(tx *db.Tx, id string) (EmailChange, error) {
	c := EmailChange{ID: id}
	var person string
	var done time.Time
	if err := tx.Row(`SELECT person_id, old_email, old_key, new_email, new_key, asked_at, done_at
		FROM email_changes
		WHERE id = $1`, id).Scan(&person, &c.Old, &c.oldKey, &c.New, &c.newKey, &c.asked, &done); err != nil {
		return EmailChange{}, err
	}
	c.Done = !done.IsZero()
	var err error
	c.Person, err = ByID(tx, person)
	return c, err
}

// LookEmail is what a link about a change of address would do, without doing it.
func (a *Accounts) LookEmail(tx *db.Tx, token string) (EmailChange, error) {
	var purpose, change string
	err := tx.Row(`SELECT purpose, audience
		FROM tokens
		WHERE hash IN ($1, $2) AND used_at IS NULL AND expires_at > $3`,
		a.tokenHash(purposeEmail, token), a.tokenHash(purposeEmailUndo, token), tx.Now).Scan(&purpose, &change)
	return a.emailChange(tx, purpose, change, err)
}

// UseEmail does what a link about a change of address stands for, once. A confirmed
// change sends the old address a link that takes it back; taking it back, or stopping it
// before it was confirmed, gives the account back to who reads the old address: see
// takeBack. The refusal is NotFound, whatever the link lacks.
func (a *Accounts) UseEmail(tx *db.Tx, token string) (EmailChange, error) {
	var purpose, change string
	err := tx.Row(`UPDATE tokens
		SET used_at = $1
		WHERE hash IN ($2, $3) AND used_at IS NULL AND expires_at > $4
		RETURNING purpose, audience`,
		tx.Now, a.tokenHash(purposeEmail, token), a.tokenHash(purposeEmailUndo, token), tx.Now).Scan(&purpose, &change)
	c, err := a.emailChange(tx, purpose, change, err)
	if err != nil {
		return EmailChange{}, err
	}
	if c.Undo {
		return c, a.undoEmail(tx, c)
	}
	if _, err := tx.Exec(`UPDATE email_changes SET done_at = $1 WHERE id = $2`, tx.Now, c.ID); err != nil {
		return EmailChange{}, err
	}
	if err := setEmail(tx, c.Person.ID, c.New, c.newKey); err != nil {
		return EmailChange{}, err
	}
	told, err := a.word(c.Person, c.New, "now", "")
	if err == nil {
		err = outbox.Post(tx, told)
	}
	if err != nil {
		return EmailChange{}, err
	}
	_, _, err = job.Enqueue(tx, EmailMail{Change: c.ID, Undo: true}, job.Options{})
	return c, err
}

// emailChange is the change of a token that was found, if it can be done still.
func (a *Accounts) emailChange(tx *db.Tx, purpose, change string, err error) (EmailChange, error) {
	var c EmailChange
	if err == nil {
		c, err = changeByID(tx, change)
	}
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			err = plaza.E(plaza.NotFound, "account.link.dead")
		}
		return EmailChange{}, err
	}
	c.Undo = purpose == purposeEmailUndo
	target := c.newKey
	if c.Undo {
		target = c.oldKey
	}
	other, err := byKey(tx, target)
	taken := err == nil && other.ID != c.Person.ID
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return EmailChange{}, err
	}
	if taken || !c.Undo && c.Person.emailKey != c.oldKey {
		return EmailChange{}, plaza.E(plaza.NotFound, "account.link.dead")
	}
	return c, nil
}

func (a *Accounts) undoEmail(tx *db.Tx, c EmailChange) error {
	if c.Person.emailKey != c.oldKey {
		if err := setEmail(tx, c.Person.ID, c.Old, c.oldKey); err != nil {
			return err
		}
	}
	// Changes that followed this one stand on it, and fall with it.
	if _, err := tx.Exec(`UPDATE email_changes
		SET undone_at = $1
		WHERE person_id = $2 AND id >= $3 AND undone_at IS NULL`, tx.Now, c.Person.ID, c.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE tokens SET used_at = $1
		WHERE person_id = $2 AND used_at IS NULL AND audience >= $3 AND purpose IN ('email', 'email_undo')`,
		tx.Now, c.Person.ID, c.ID); err != nil {
		return err
	}
	if err := takeBack(tx, c.Person.ID, c.asked); err != nil {
		return err
	}
	tell := []string{c.Old}
	if c.Done {
		tell = append(tell, c.New)
	}
	for _, to := range tell {
		told, err := a.word(c.Person, to, "undone", "", "old", c.Old)
		if err == nil {
			err = outbox.Post(tx, told)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeBack leaves nothing with whoever was at work in an account since an instant: the
// password goes, as they may know or have set it, and so do the second factor, recovery
// codes and identities made since, what waits to sign in, every session and access token.
func takeBack(tx *db.Tx, person string, since time.Time) error {
	if err := setPassword(tx, person, ""); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM credentials
		WHERE person_id = $1 AND (created_at >= $2 OR confirmed_at >= $2)`, person, since); err != nil {
		return fmt.Errorf("taking away what was made since: %w", err)
	}
	if err := endOpenings(tx, person); err != nil {
		return err
	}
	if err := endSessions(tx, person); err != nil {
		return err
	}
	return endKeys(tx, person)
}

func setEmail(tx *db.Tx, personID, email, key string) error {
	_, err := tx.Exec(`UPDATE people SET email = $1, email_key = $2, version = version + 1 WHERE id = $3`, email, key, personID)
	if err != nil {
		return fmt.Errorf("changing an address: %w", err)
	}
	return nil
}

// word makes a mail about the account. Its words are "account.email.", the key and
// ".subject", ".text" and, where it has a link, ".button". Only what goes to the person's
// own address is listed as theirs: a list must not tell whether another has an account.
func (a *Accounts) word(p Person, to, key, link string, args ...any) (outbox.Message, error) {
	l := a.bundle.Printer(p.Language)
	args = append(args, "site", a.site())
	x := outbox.Letter{L: l, Subject: l.T("account.email."+key+".subject", args...), Lead: l.T("account.email."+key+".text", args...),
		Why: l.T("account.email.ignore", "site", a.site()), Link: link}
	if link != "" {
		x.Button = l.T("account.email." + key + ".button")
	}
	return greet(x, p, to)
}

// greet is the mail with what is said to a person.
func greet(x outbox.Letter, p Person, to string) (outbox.Message, error) {
	x.Greeting = x.L.T("account.mail.greeting", "name", p.Name)
	m, err := x.Message()
	m.Kind, m.To = "account.email", to
	if to == p.Email {
		m.Person = p.ID
	}
	return m, err
}

// HasMail reports whether this installation sends mail.
func (a *Accounts) HasMail() bool { return a.mail.Configured() }
