package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

// userCmd is about people.
type userCmd struct {
	Add         userAdd         `cmd:""`
	List        userList        `cmd:""`
	Grant       userGrant       `cmd:""`
	Revoke      userRevoke      `cmd:""`
	Suspend     userSuspend     `cmd:""`
	Lift        userLift        `cmd:""`
	EndSessions userEndSessions `cmd:""`
	SigninLink  signinLinkCmd   `cmd:""`

	DropSecondFactor userDropFactor `cmd:""`
}

// known is the person with an address; nobody is an error that names it.
func known(tx *db.Tx, email string) (account.Person, error) {
	p, err := account.ByEmail(tx, email)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return p, invalid("cmd.user.nobody", nil, "email", email)
	}
	return p, err
}

// lastDay is the instant at which a day has ended, in Mexico's zone; zero for "".
func (a *app) lastDay(day string) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, day, a.l.Zone())
	if err != nil || t.Year() < 2000 || t.Year() > 9998 {
		return time.Time{}, invalid("cmd.error.day", nil, "value", day)
	}
	return t.AddDate(0, 0, 1), nil
}

// change runs fn on the person with an address, in one transaction.
func (a *app) change(email string, fn func(s *site.Site, tx *db.Tx, p account.Person) error) error {
	return a.withSite(func(s *site.Site) error {
		return s.DB.Write(a.system(), func(tx *db.Tx) error {
			p, err := known(tx, email)
			if err != nil {
				return err
			}
			return fn(s, tx, p)
		})
	})
}

// userAdd makes an account.
type userAdd struct {
	Email    string `arg:""`
	Name     string `required:""`
	Language string `default:"es-MX" enum:"es-MX,en"`
}

// Run makes the account and prints its id.
func (c userAdd) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		return s.DB.Write(a.system(), func(tx *db.Tx) error {
			_, err := account.ByEmail(tx, c.Email)
			if err == nil {
				return invalid("cmd.user.there", nil, "email", c.Email)
			}
			if plaza.KindOf(err) != plaza.NotFound {
				return err
			}
			p, err := account.Create(tx, account.New{Email: c.Email, Name: c.Name, Language: c.Language})
			if err == nil {
				tx.AfterCommit(func() { fmt.Fprintln(a.out, p.ID) })
			}
			return err
		})
	})
}

// roles are those that somebody may hold.
var roles = []plaza.Role{plaza.Liaison, plaza.DataOwner, plaza.Transparency, plaza.Communications, plaza.Judge, plaza.Moderator, plaza.Admin}

// userList lists people.
type userList struct {
	JSON bool `name:"json"`
	Role string
}

// Run prints a table of the people, or one JSON object a line.
func (c userList) Run(a *app) error {
	if c.Role != "" && !slices.Contains(roles, plaza.Role(c.Role)) {
		return invalid("cmd.user.no_role", nil, "role", c.Role)
	}
	return a.withSite(func(s *site.Site) error {
		w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
		lines := json.NewEncoder(a.out)
		lines.SetEscapeHTML(false)
		q := account.Query{Role: plaza.Role(c.Role), Limit: 500}
		for {
			var found account.Found
			slugs := map[string]string{}
			if err := s.DB.Read(a.system(), func(tx *db.Tx) (err error) {
				if found, err = account.Find(tx, q); err != nil {
					return err
				}
				all, err := institution.All(tx)
				for _, i := range all {
					slugs[i.ID] = i.Slug
				}
				return err
			}); err != nil {
				return err
			}
			for _, p := range found.People {
				var err error
				if c.JSON {
					err = lines.Encode(personLine(p, slugs))
				} else {
					_, err = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Email, p.Name, a.stateOf(p), rolesOf(p, slugs))
				}
				if err != nil {
					return err
				}
			}
			if q.After = found.Next; q.After == "" {
				return w.Flush()
			}
		}
	})
}

func (a *app) stateOf(p account.Person) string {
	if p.Suspended {
		return a.l.T("central.suspended")
	}
	return a.l.T("central.active")
}

// rolesOf are a person's roles as the commands name them: "liaison@salud, admin".
func rolesOf(p account.Person, slugs map[string]string) string {
	out := make([]string, len(p.Grants))
	for i, g := range p.Grants {
		if out[i] = string(g.Role); g.Institution != "" {
			out[i] += "@" + slugs[g.Institution]
		}
	}
	return strings.Join(out, ", ")
}

func personLine(p account.Person, slugs map[string]string) map[string]any {
	roles := []map[string]any{}
	for _, g := range p.Grants {
		role := map[string]any{"role": g.Role, "institution": slugs[g.Institution], "from": g.From}
		if !g.Until.IsZero() {
			role["until"] = g.Until
		}
		roles = append(roles, role)
	}
	return map[string]any{"id": p.ID, "email": p.Email, "name": p.Name, "language": p.Language, "created": p.Created,
		"pseudonym": p.Pseudonym, "suspended": p.Suspended, "roles": roles}
}

// userGrant gives a role; the liaison's with the letter that says so.
type userGrant struct {
	Email       string `arg:""`
	Role        string `arg:""`
	Institution string `placeholder:"SLUG"`
	Until       string `placeholder:"AAAA-MM-DD"`
	Oficio      string
	Fecha       string `placeholder:"AAAA-MM-DD"`
	Archivo     string `type:"path"`
}

// Run gives the role.
func (c userGrant) Run(a *app) error {
	until, err := a.lastDay(c.Until)
	if err != nil {
		return err
	}
	if c.Role == string(plaza.Liaison) && c.Oficio != "" {
		return c.appoint(a, until)
	}
	return a.change(c.Email, func(_ *site.Site, tx *db.Tx, p account.Person) error {
		at, err := owner(tx, c.Institution)
		if err != nil {
			return err
		}
		if err := account.CheckDirect(plaza.Role(c.Role), at); err != nil {
			return err
		}
		return account.GrantRole(tx, p.ID, plaza.Role(c.Role), at, until)
	})
}

// appoint makes the person liaison and keeps the letter.
func (c userGrant) appoint(a *app, until time.Time) error {
	var letter []byte
	if c.Archivo != "" {
		f, err := os.Open(c.Archivo)
		if err != nil {
			return invalid("cmd.error.file", err, "file", c.Archivo)
		}
		defer f.Close() //nolint:errcheck // it was only read
		if letter, err = io.ReadAll(io.LimitReader(f, membership.MaxLetter+1)); err != nil {
			return invalid("cmd.error.file", err, "file", c.Archivo)
		}
	}
	return a.withSite(func(s *site.Site) error {
		at := ""
		if err := s.DB.Read(a.system(), func(tx *db.Tx) (err error) {
			if _, err = known(tx, c.Email); err != nil {
				return err
			}
			at, err = owner(tx, c.Institution)
			return err
		}); err != nil {
			return err
		}
		if at == "" {
			return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{{Field: "institution", Key: "account.error.needs_institution"}}}
		}
		_, err := s.Members.Appoint(a.system(), membership.Appointment{Institution: at, Email: c.Email, Until: until,
			Number: c.Oficio, Dated: c.Fecha, FileName: filepath.Base(c.Archivo), File: letter})
		return err
	})
}

// userRevoke ends a role.
type userRevoke struct {
	Email       string `arg:""`
	Role        string `arg:""`
	Institution string `placeholder:"SLUG"`
}

// Run ends the role now.
func (c userRevoke) Run(a *app) error {
	return a.change(c.Email, func(_ *site.Site, tx *db.Tx, p account.Person) error {
		at, err := owner(tx, c.Institution)
		if err != nil {
			return err
		}
		return account.RevokeRole(tx, p.ID, plaza.Role(c.Role), at)
	})
}

// userSuspend suspends an account.
type userSuspend struct {
	Email  string `arg:""`
	Reason string `required:""`
	Until  string `placeholder:"AAAA-MM-DD"`
}

// Run suspends the account.
func (c userSuspend) Run(a *app) error {
	if strings.TrimSpace(c.Reason) == "" {
		return invalid("cmd.user.reason", nil)
	}
	until, err := a.lastDay(c.Until)
	if err != nil {
		return err
	}
	return a.change(c.Email, func(_ *site.Site, tx *db.Tx, p account.Person) error {
		if err := account.Suspend(tx, p.ID, until, c.Reason); err != nil {
			return err
		}
		return record.Append(tx, account.Suspended(p, until))
	})
}

// userLift ends a suspension.
type userLift struct {
	Email string `arg:""`
}

// Run ends the suspension.
func (c userLift) Run(a *app) error {
	return a.change(c.Email, func(_ *site.Site, tx *db.Tx, p account.Person) error {
		if !p.Suspended {
			return invalid("cmd.user.not_suspended", nil, "email", c.Email)
		}
		if err := account.Lift(tx, p.ID); err != nil {
			return err
		}
		return record.Append(tx, account.Lifted(p))
	})
}

// userEndSessions signs somebody out everywhere.
type userEndSessions struct {
	Email string `arg:""`
}

// Run ends the sessions.
func (c userEndSessions) Run(a *app) error {
	return a.change(c.Email, func(_ *site.Site, tx *db.Tx, p account.Person) error {
		return account.EndSessions(tx, p.ID)
	})
}

// userDropFactor is for who has lost telephone and recovery codes.
type userDropFactor struct {
	Email string `arg:""`
}

// Run takes the second factor and the recovery codes away, says so in the record and
// mails the person.
func (c userDropFactor) Run(a *app) error {
	return a.change(c.Email, func(s *site.Site, tx *db.Tx, p account.Person) error {
		if !p.SecondFactor {
			return invalid("cmd.user.no_second_factor", nil, "email", c.Email)
		}
		return s.Accounts.TakeSecondFactor(tx, p.ID)
	})
}
