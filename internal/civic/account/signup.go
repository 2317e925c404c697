package account

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// signupLife is how long the link that confirms an address works.
const signupLife = 24 * time.Hour

const signupPath = "/cuenta/nueva"

// The limits of asking for an account; see brake.go.
var (
	signupPerEmail   = gate.Limit{Name: "signup.email", Max: 3, Window: 24 * time.Hour, Key: "account.error.too_many_signups"}
	signupPerNetwork = gate.Limit{Name: "signup.network", Max: 60, Window: time.Hour, Key: "account.error.too_many_signups"}
)

// signup is an account that somebody asks for.
type signup struct {
	New
	id       string
	emailKey string
	password string // its hash, "" for none
	identity identity
	next     string
	odd      bool // a machine may have sent the form
}

// SignupMail is the job that mails what confirms an address, or, when the address has an
// account already, a link to sign in. It names neither, as jobs are shown to admins.
type SignupMail struct {
	Signup string `json:"signup"`
}

// Kind implements job.Args.
func (SignupMail) Kind() string { return "account.signup_mail" }

// apply checks and keeps what somebody asks for. The password is hashed and everything
// stored whether the address has an account or not: nothing here looks. What is one too
// many is refused before a hash is made.
func (a *Accounts) apply(ctx context.Context, s signup, password, network string) (signup, error) {
	if err := access.Check(plaza.ActorFrom(ctx), access.SignUp, access.Object{Kind: "person"}); err != nil {
		return s, err
	}
	wrong := &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form"}
	n, key, err := s.New.clean()
	if err = collect(wrong, err); err != nil {
		return s, err
	}
	prepared := ""
	if password != "" {
		prepared, err = checkPassword("password", password, s.Name, s.Email, a.site())
		if err = collect(wrong, err); err != nil {
			return s, err
		}
	}
	if err == nil && s.Name != "" {
		err = a.db.Read(ctx, func(tx *db.Tx) error { return a.CheckName(tx, s.Name, "") })
		if err = collect(wrong, err); err != nil {
			return s, err
		}
	}
	if len(wrong.Fields) > 0 {
		return s, wrong
	}
	s.New, s.emailKey = n, key
	if err := a.db.Write(ctx, func(tx *db.Tx) error {
		if s.odd {
			if err := a.gate.Brake(tx, oddSignups, network); err != nil {
				return err
			}
		}
		if err := a.gate.Brake(tx, signupPerNetwork, network); err != nil {
			return err
		}
		return a.gate.Brake(tx, signupPerEmail, key)
	}); err != nil {
		return s, err
	}
	if prepared != "" {
		if s.password, err = a.maker.hash(ctx, prepared); err != nil {
			return s, err
		}
	}
	err = a.db.Write(ctx, func(tx *db.Tx) error {
		s.id = tx.ID()
		return s.store(tx, a)
	})
	return s, err
}

// collect adds what is wrong with fields to the refusal, one error to a field; any other
// error is returned.
func collect(to *plaza.Error, err error) error {
	e, ok := err.(*plaza.Error) //nolint:errorlint // one of ours, just made
	if !ok {
		return err
	}
	if len(e.Fields) == 0 {
		return err
	}
	for _, f := range e.Fields {
		known := false
		for _, g := range to.Fields {
			known = known || g.Field == f.Field
		}
		if !known {
			to.Fields = append(to.Fields, f)
		}
	}
	return nil
}

func (s signup) store(tx *db.Tx, a *Accounts) error {
	if _, err := tx.Exec(`INSERT INTO signups
		(id, email, email_key, name, language, password, issuer, subject, label, next, expires_at)
		VALUES (`+db.Placeholders(1, 11)+`)`,
		s.id, s.Email, s.emailKey, s.Name, s.Language, s.password, s.identity.Issuer, s.identity.Subject,
		s.identity.Label, s.next, tx.Now.Add(signupLife)); err != nil {
		return fmt.Errorf("keeping a sign-up: %w", err)
	}
	_, _, err := job.Enqueue(tx, SignupMail{s.id}, job.Options{
		Unique:      SignupMail{}.Kind() + ":" + s.id,
		MaxAttempts: linkMailAttempts,
	})
	return err
}

// signupToken opens a sign-up: its id and a keyed hash of it, so that the same mail can
// be made again and the store holds nothing that opens.
func (a *Accounts) signupToken(id string) string {
	return id + "." + base64.RawURLEncoding.EncodeToString(a.mac("signup", id))
}

const signupColumns = `id, email, email_key, name, language, password, issuer, subject, label, next`

func scanSignup(scan func(...any) error) (s signup, err error) {
	err = scan(&s.id, &s.Email, &s.emailKey, &s.Name, &s.Language, &s.password, &s.identity.Issuer,
		&s.identity.Subject, &s.identity.Label, &s.next)
	return s, err
}

// signupID is the id in a token, "" when the token is not ours.
func (a *Accounts) signupID(token string) string {
	id, _, _ := strings.Cut(token, ".")
	if len(token) > 200 || !equal(token, a.signupToken(id)) {
		return ""
	}
	return id
}

// lookSignup returns a sign-up without using it; NotFound when it is none.
func (a *Accounts) lookSignup(tx *db.Tx, token string) (signup, error) {
	s, err := scanSignup(tx.Row(`SELECT `+signupColumns+`
		FROM signups
		WHERE id = $1 AND expires_at > $2`, a.signupID(token), tx.Now).Scan)
	return s, deadLink(err)
}

// open makes the account of a sign-up: of all who try at once, one does. trusted says
// that the browser that asked is the one that confirms; a password or an identity that
// somebody else put into a sign-up with this address is not the person's.
func (a *Accounts) open(tx *db.Tx, token string, trusted bool) (p Person, s signup, err error) {
	s, err = scanSignup(tx.Row(`DELETE FROM signups
		WHERE id = $1 AND expires_at > $2
		RETURNING `+signupColumns, a.signupID(token), tx.Now).Scan)
	if err != nil {
		return p, s, deadLink(err)
	}
	if !trusted {
		s.password, s.identity = "", identity{}
	}
	p, err = a.found(tx, s)
	return p, s, err
}

// found makes the account that a sign-up asks for, up to the record's entry.
func (a *Accounts) found(tx *db.Tx, s signup) (Person, error) {
	if _, err := byKey(tx, s.emailKey); err == nil {
		return Person{}, plaza.E(plaza.NotFound, "account.link.dead") // made meanwhile: there is a link for that
	} else if plaza.KindOf(err) != plaza.NotFound {
		return Person{}, err
	}
	if err := a.CheckName(tx, s.Name, ""); err != nil {
		return Person{}, err
	}
	p, err := insert(tx, s.New)
	if err != nil {
		return Person{}, err
	}
	if s.password != "" {
		if err := setPassword(tx, p.ID, s.password); err != nil {
			return Person{}, err
		}
	}
	if s.identity.Subject != "" {
		if err := connect(tx, p.ID, s.identity); err != nil {
			return Person{}, err
		}
	}
	if _, err := tx.Exec(`DELETE FROM signups WHERE email_key = $1`, s.emailKey); err != nil {
		return Person{}, fmt.Errorf("clearing away sign-ups: %w", err)
	}
	return p, a.consent(tx, p.ID, "signup")
}

// opened is the record's entry of an account that somebody made for themselves.
func opened(tx *db.Tx, p Person) error { return record.Append(tx, created(p)) }

// deadLink makes of what is not found a link that does not work.
func deadLink(err error) error {
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return plaza.E(plaza.NotFound, "account.link.dead")
	}
	return err
}

// mailSignup mails what confirms the address, or a link to sign in where it has an
// account already.
func (a *Accounts) mailSignup(ctx context.Context, args SignupMail) error {
	var m letter
	var person string
	err := a.db.Write(ctx, func(tx *db.Tx) error {
		s, err := scanSignup(tx.Row(`SELECT `+signupColumns+` FROM signups WHERE id = $1 AND expires_at > $2`,
			args.Signup, tx.Now).Scan)
		if err != nil {
			return err
		}
		m = letter{key: "account.mail_signup", email: s.Email, language: s.Language,
			link: a.baseURL + signupPath + "/" + a.signupToken(s.id), life: signupLife}
		p, err := byKey(tx, s.emailKey)
		if err != nil {
			if plaza.KindOf(err) == plaza.NotFound {
				return nil
			}
			return err
		}
		person = p.ID
		m = letter{key: "account.mail_known", name: p.Name, email: p.Email, language: p.Language, life: linkLife}
		m.link, err = a.newLink(tx, p, s.next)
		return err
	})
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nil // used or expired meanwhile
		}
		return fmt.Errorf("making what confirms an address: %w", err)
	}
	return a.send(ctx, SignupMail{}.Kind(), person, m)
}
