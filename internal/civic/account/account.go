// Package account knows people: who has an account, which roles they hold, how they
// sign in and for how long.
//
// Nobody needs a password. A person asks for a link, or an operator makes one (plaza
// user signin-link); the link works once, for half an hour. Opening it only shows a
// button, because mail scanners open links too. Whoever wants to has a password
// (password.go, hash.go), or comes through an identity provider (oidc.go); whoever has
// enrolled a second factor is asked for its code after any of them (enter.go).
//
//	asked ──▶ link (mailed by a job) ──▶ page with a button ──┐
//	              └─ used, expired: a page that says so       │
//	password ─────────────────────────────────────────────────┼──▶ (code) ──▶ session
//	identity provider ──▶ back with an identity that is known ┘
//	                          └─ unknown: sign up, or sign in first and connect it
//
// An account is made when the address that was given confirms it (signup.go).
//
// The store holds hashes of tokens and of session ids, never themselves. Whether an
// address has an account shows nowhere: asking for a link does the same work and
// gives the same answer for every address; so do signing up and wrong passwords.
//
// Authenticate puts the session's person into the context as plaza.Actor; what
// that actor may do is decided in civic/access. The public record knows people by
// a salted commitment only (Person.Pseudonym); it tells that an account was made
// and which roles were given or ended, never who signed in when.
package account

import (
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"

	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/plaza"
)

// Limits of what a person may be called, in runes, and of an address, in bytes
// (RFC 5321).
const (
	maxName  = 120
	maxEmail = 254
)

// Person is somebody with an account.
type Person struct {
	ID        string
	Email     string // as the person writes it
	Name      string
	Language  string // of mails: i18n.Spanish or i18n.English
	Pseudonym string // how the public record names the person
	Created   time.Time
	Grants    []Grant // current ones only
	// SecondFactor says that signing in takes a code too.
	SecondFactor bool

	// Version grows with every change that the coordination makes.
	Version int
	// Suspended says that the account takes no part now; see Suspend.
	Suspended   bool
	SuspendedBy Suspension
	// Resembles says whose name theirs looks like: "institution", "official", "reserved" (the
	// installation's), "" for nobody's.
	Resembles string

	emailKey string
	demanded bool // this installation wants a second factor of whoever holds a role
}

// Unproven reports whether the person holds roles that wait for a second factor.
func (p Person) Unproven() bool { return p.demanded && !p.SecondFactor && len(p.Grants) > 0 }

// Grant is a role that a person holds.
type Grant struct {
	Role        plaza.Role
	Institution string    // id, or "" for the whole platform
	Unit        string    // id of the area it is held for, or ""
	From        time.Time // inclusive
	Until       time.Time // exclusive; zero: without end
}

// Actor is the person as whoever acts. Roles that wait for a second factor are left out.
func (p Person) Actor() plaza.Actor {
	if p.Unproven() {
		return plaza.Actor{PersonID: p.ID, Name: p.Name, Pseudonym: p.Pseudonym, Suspended: p.Suspended}
	}
	return p.full()
}

// full is Actor with all roles.
func (p Person) full() plaza.Actor {
	a := plaza.Actor{PersonID: p.ID, Name: p.Name, Pseudonym: p.Pseudonym, Suspended: p.Suspended}
	for _, g := range p.Grants {
		a.Grants = append(a.Grants, plaza.Grant{Role: g.Role, Institution: g.Institution, Unit: g.Unit})
	}
	return a
}

// New is what an account is made from.
type New struct {
	Email    string
	Name     string
	Language string // i18n.Spanish unless it is i18n.English
}

// clean trims and checks; what is wrong is Invalid, field by field.
func (n New) clean() (New, string, error) {
	refusal := &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form"}
	email, key, ok := foldEmail(n.Email)
	if !ok {
		refusal.Fields = append(refusal.Fields, plaza.FieldError{Field: "email", Key: "account.error.email"})
	}
	name, ok := cleanName(n.Name)
	if !ok {
		refusal.Fields = append(refusal.Fields, plaza.FieldError{
			Field: "name", Key: "account.error.name", Args: map[string]any{"max": maxName}})
	}
	if len(refusal.Fields) > 0 {
		return New{}, "", refusal
	}
	if n.Language != i18n.English {
		n.Language = i18n.Spanish
	}
	return New{email, name, n.Language}, key, nil
}

// foldEmail returns an address trimmed, and the key under which all its spellings
// are one: lower case, full-width letters made narrow (RFC 8265), the domain in
// ASCII. Addresses with spaces, quotes or direction marks are refused.
func foldEmail(s string) (email, key string, ok bool) {
	email = strings.TrimSpace(s)
	a, err := mail.ParseAddress(email)
	if err != nil || len(email) > maxEmail || a.Address != email {
		return "", "", false
	}
	at := strings.LastIndexByte(email, '@')
	local, err := precis.UsernameCaseMapped.String(email[:at])
	if err != nil {
		return "", "", false
	}
	domain, err := idna.Lookup.ToASCII(email[at+1:])
	if err != nil || domain == "" {
		return "", "", false
	}
	return email, local + "@" + domain, true
}

// cleanName returns a name in NFC with single spaces. Control characters and marks
// that change the direction of text are refused, as a name is shown beside others'.
func cleanName(s string) (string, bool) {
	if len(s) > 4*maxName || !utf8.ValidString(s) {
		return "", false
	}
	s = strings.Join(strings.Fields(norm.NFC.String(text.Unstack(s))), " ")
	bad := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) }
	n := utf8.RuneCountInString(s)
	return s, n > 0 && n <= maxName && !strings.ContainsFunc(s, bad)
}

// pseudonym is the commitment under which the record names a person.
func pseudonym(salt, id string) string {
	sum := sha256.Sum256([]byte(salt + id))
	return hex.EncodeToString(sum[:])
}
