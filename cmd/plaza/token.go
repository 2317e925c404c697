package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

// tokenCmd is about access tokens for the interface.
type tokenCmd struct {
	Create tokenCreate `cmd:""`
	List   tokenList   `cmd:""`
	Revoke tokenRevoke `cmd:""`
}

// tokenCreate makes an access token for somebody.
type tokenCreate struct {
	User  string   `required:"" placeholder:"EMAIL"`
	Scope []string `required:""`
	Days  int      `default:"90"`
	Name  string   `default:"plaza token create"`
}

// Run makes the token and prints it alone, this once. A scope that there is not is
// answered with those that there are.
func (c tokenCreate) Run(a *app) error {
	known := make([]string, len(access.Scopes))
	for i, s := range access.Scopes {
		known[i] = s.Name
	}
	for _, s := range c.Scope {
		if !slices.Contains(known, s) {
			return invalid("cmd.token.no_scope", nil, "scope", s, "known", strings.Join(known, ", "))
		}
	}
	return a.change(c.User, func(s *site.Site, tx *db.Tx, p account.Person) error {
		life := time.Duration(min(max(c.Days, 0), 10_000)) * 24 * time.Hour
		secret, err := s.Accounts.MakeKey(tx, p.ID, account.NewKey{Name: c.Name, Scopes: c.Scope, Expires: tx.Now.Add(life)})
		if err == nil {
			tx.AfterCommit(func() { fmt.Fprintln(a.out, secret) })
		}
		return err
	})
}

// tokenList lists somebody's access tokens.
type tokenList struct {
	User string `required:"" placeholder:"EMAIL"`
}

// Run prints a table: id, name, scopes, last day, last use, whether it works.
func (c tokenList) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		return s.DB.Read(a.system(), func(tx *db.Tx) error {
			p, err := known(tx, c.User)
			if err != nil {
				return err
			}
			keys, err := account.Keys(tx, p.ID)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, k := range keys {
				used, state := "-", a.l.T("cmd.token.dead")
				if !k.Used.IsZero() {
					used = k.Used.Format(time.DateOnly)
				}
				if k.Works(tx.Now) && !p.Suspended {
					state = a.l.T("cmd.token.works")
				}
				if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, strings.Join(k.Scopes, " "), a.l.ISO(k.Expires), used, state); err != nil {
					return err
				}
			}
			return w.Flush()
		})
	})
}

// tokenRevoke ends an access token.
type tokenRevoke struct {
	ID   string `arg:""`
	User string `required:"" placeholder:"EMAIL"`
}

// Run ends the token now.
func (c tokenRevoke) Run(a *app) error {
	return a.change(c.User, func(_ *site.Site, tx *db.Tx, p account.Person) error {
		err := account.RevokeKey(tx, p.ID, c.ID)
		if plaza.KindOf(err) == plaza.NotFound {
			return invalid("cmd.token.unknown", nil, "id", c.ID)
		}
		return err
	})
}
