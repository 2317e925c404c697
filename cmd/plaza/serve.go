package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

// withSite opens the installation for a command.
func (a *app) withSite(f func(*site.Site) error) error {
	cfg, err := a.settings.site(a)
	if err != nil {
		return err
	}
	s, err := site.Open(a.ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}

// system is a context in which Plaza itself acts, as commands do.
func (a *app) system() context.Context { return plaza.WithActor(a.ctx, plaza.SystemActor) }

// serveCmd runs the server.
type serveCmd struct {
	Admin string `env:"PLAZA_ADMIN" placeholder:"EMAIL"`
}

// Run serves until it is asked to stop. It prints the address, and with --admin a
// sign-in link for that administrator.
func (c serveCmd) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		if isSQLite(s.Config) {
			unlock, err := lockData(s.Config.Data)
			if err != nil {
				return err
			}
			defer unlock()
		}
		link := ""
		if c.Admin != "" {
			var err error
			if link, err = a.adminLink(s, c.Admin); err != nil {
				return err
			}
		}
		return s.Serve(a.ctx, func(string) {
			fmt.Fprintln(a.out, a.l.T("cmd.serve.ready", "url", s.Config.BaseURL))
			if link != "" {
				fmt.Fprintln(a.out, a.l.T("cmd.serve.link", "email", c.Admin, "link", link))
			}
		})
	})
}

// adminLink makes sure that the address is an administrator's and returns a link.
func (a *app) adminLink(s *site.Site, email string) (string, error) {
	if err := s.DB.Write(a.system(), func(tx *db.Tx) error {
		_, err := account.EnsureAdmin(tx, email)
		return err
	}); err != nil {
		return "", err
	}
	return s.Accounts.SigninLink(a.system(), email)
}

// signinLinkCmd makes a one-time link for somebody to sign in.
type signinLinkCmd struct {
	Email string `arg:""`
	Admin bool
}

// Run prints the link.
func (c signinLinkCmd) Run(a *app) error {
	return a.withSite(func(s *site.Site) (err error) {
		var link string
		if c.Admin {
			link, err = a.adminLink(s, c.Email)
		} else {
			link, err = s.Accounts.SigninLink(a.system(), c.Email)
		}
		if plaza.KindOf(err) == plaza.NotFound {
			return invalid("cmd.user.unknown", nil, "email", c.Email)
		}
		if err == nil {
			_, err = fmt.Fprintln(a.out, link)
		}
		return err
	})
}

// demoCmd loads the demonstration.
type demoCmd struct {
	IfEmpty bool
}

// Run plays the demonstration from its beginning to today, or what is missing of it.
func (c demoCmd) Run(a *app) error {
	cfg, err := a.settings.site(a)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	if isSQLite(cfg) { // its acts lie in the past: nobody may act in the present meanwhile
		unlock, err := lockData(cfg.Data)
		if err != nil {
			return err
		}
		defer unlock()
	}
	acts, err := site.PlayDemo(a.ctx, cfg, c.IfEmpty, func(done, total int) {
		a.log.InfoContext(a.ctx, "demonstration", "act", done, "of", total)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, a.l.T("cmd.demo.done", "count", acts))
	return err
}

// reindexCmd builds the search index again from what it is made of.
type reindexCmd struct{}

// Run prints how many things the index holds now.
func (reindexCmd) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		n, err := s.Reindex(a.system())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.out, a.l.T("cmd.reindex.done", "count", n))
		return err
	})
}
