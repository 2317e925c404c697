// Package mail sends messages through the SMTP server that PLAZA_SMTP names. It
// knows nothing of who gets what and when: callers send from jobs, one message to
// one person, and the queue repeats what failed.
//
// The server is spoken to under TLS with its certificate verified, always; only a
// server on this machine may be spoken to in the clear. Addresses and headers that
// could smuggle in others are refused before a connection is opened.
package mail

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"plaza/internal/plaza"
)

// Locale holds this package's messages.
//
//go:embed locale
var Locale embed.FS

// Bounds of a message, in bytes: what a server is sure to take, and no more.
const (
	maxSubject = 500
	maxBody    = 1 << 20
)

// Message is one message to one person.
type Message struct {
	// ID is the local part of the Message-ID: the same for a repeated delivery, so
	// that mailboxes which compare them show it once. Empty means a random one.
	ID      string
	To      string // one address, without a name
	Subject string
	Text    string
	HTML    string // optional; the same content as Text
	// Unsubscribe is an absolute address to which the reader's mail program may POST to
	// stop mails like this (RFC 8058); "" for none.
	Unsubscribe string
}

// Sender sends through one SMTP server; it is safe for concurrent use. The Sender
// of an installation without a server is not Configured.
type Sender struct {
	cfg *config // nil: not configured
}

// Open reads the value of PLAZA_SMTP (config.go says how it is written); nothing is
// connected yet. An empty value gives a Sender that is not Configured. What cannot
// be used is Invalid, and the error does not repeat the password.
func Open(rawURL string) (*Sender, error) {
	if rawURL == "" {
		return &Sender{}, nil
	}
	cfg, err := parse(rawURL)
	if err != nil {
		return nil, err
	}
	return &Sender{cfg: cfg}, nil
}

// Configured reports whether there is a server to send through.
func (s *Sender) Configured() bool { return s.cfg != nil }

// Send hands the message to the server and returns once the server has taken it.
// The error is Invalid when the message or its address will never be taken, so that
// repeating is of no use, and Unavailable when a later try may succeed.
func (s *Sender) Send(ctx context.Context, m Message) error {
	if s.cfg == nil {
		return plaza.E(plaza.Unavailable, "mail.error.not_configured")
	}
	if _, err := s.compose(m); err != nil {
		return err // before a connection is opened
	}
	session, err := s.Dial(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	return session.Send(m)
}

// Check connects, encrypts and signs in as Send would, without sending anything.
func (s *Sender) Check(ctx context.Context) error {
	if s.cfg == nil {
		return plaza.E(plaza.Unavailable, "mail.error.not_configured")
	}
	client, err := s.cfg.client()
	if err != nil {
		return err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return unavailable(fmt.Errorf("connecting to the mail server: %w", err))
	}
	if err := client.CloseWithSMTPClient(conn); err != nil {
		return unavailable(fmt.Errorf("leaving the mail server: %w", err))
	}
	return nil
}

func (s *Sender) compose(m Message) (*gomail.Msg, error) {
	if err := checkAddress(m.To); err != nil {
		return nil, err
	}
	if err := checkHeader("subject", m.Subject); err != nil {
		return nil, err
	}
	if len(m.Text)+len(m.HTML) > maxBody || strings.TrimSpace(m.Text) == "" {
		return nil, invalid("body")
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(s.cfg.from.String()); err != nil {
		return nil, fmt.Errorf("sender's address: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, plaza.E(plaza.Invalid, "mail.error.address")
	}
	msg.Subject(m.Subject)
	domain := s.cfg.from.Address[strings.LastIndexByte(s.cfg.from.Address, '@')+1:]
	id := m.ID
	if id == "" {
		id = rand.Text()
	}
	if err := checkHeader("id", id); err != nil || strings.ContainsAny(id, "<>@ ") {
		return nil, invalid("id")
	}
	msg.SetMessageIDWithValue(id + "@" + domain)
	// No answering machine should answer a machine (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Unsubscribe != "" {
		if err := checkLink(m.Unsubscribe); err != nil {
			return nil, err
		}
		msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

// checkAddress accepts a bare address and nothing around it.
func checkAddress(address string) error {
	a, err := netmail.ParseAddress(address)
	if err != nil || a.Address != address || strings.ContainsFunc(address, unicode.IsControl) {
		return plaza.E(plaza.Invalid, "mail.error.address")
	}
	return nil
}

// checkHeader refuses control characters, line ends above all: they would begin
// another header.
func checkHeader(name, value string) error {
	if value == "" || len(value) > maxSubject || strings.ContainsFunc(value, unicode.IsControl) {
		return invalid(name)
	}
	return nil
}

// checkLink refuses what is no plain address to go to.
func checkLink(link string) error {
	u, err := url.Parse(link)
	if err != nil || len(link) > maxSubject || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" ||
		strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) {
		return invalid("unsubscribe")
	}
	return nil
}

func invalid(part string) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "mail.error.message", Cause: errors.New(part)}
}

func unavailable(cause error) error {
	return &plaza.Error{Kind: plaza.Unavailable, Key: "mail.error.unavailable", Cause: cause}
}
