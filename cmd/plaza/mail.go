package main

import (
	"fmt"
	"io"
	"os"

	"plaza/internal/civic/outbox"
	"plaza/internal/site"
)

// mailCmd is about mails that came back.
type mailCmd struct {
	Bounce mailBounce `cmd:""`
	Hook   mailHook   `cmd:""`
}

// mailBounce takes in a report of a mail that came back, as a mail server pipes it.
type mailBounce struct {
	File string `arg:"" optional:"" default:"-"`
}

// Run prints the address that gets no more mails, or nothing when the report changes
// nothing.
func (c mailBounce) Run(a *app) error {
	var in io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	return a.withSite(func(s *site.Site) error {
		address, err := s.Outbox.Bounce(a.system(), in)
		if err == nil && address != "" {
			_, err = fmt.Fprintln(a.out, address)
		}
		return err
	})
}

// mailHook says where a mail server posts such reports, and with which token.
type mailHook struct{}

// Run prints the address and the header, a line each.
func (mailHook) Run(a *app) error {
	return a.withSite(func(s *site.Site) error {
		_, err := fmt.Fprintf(a.out, "%s%s\nAuthorization: Bearer %s\n", s.Config.BaseURL, outbox.BouncePath, s.BounceToken())
		return err
	})
}
