package mail

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"plaza/internal/plaza"
)

// timeout bounds connecting and signing in, and then once more the sending.
const timeout = 15 * time.Second

// config is what PLAZA_SMTP says:
//
//	smtp://user:password@host:587?from=Plaza+<plaza@example.org>
//	smtps://user:password@host:465?from=plaza@example.org&ca=/etc/plaza/mail.pem
//
// smtp begins in the clear and demands STARTTLS; with tls=none, which only a
// server on this machine may have, it stays in the clear. smtps is encrypted from
// the first byte. from is required. ca names a file of certificates (PEM) to trust
// instead of the machine's. helo is the name to greet with, the sender's domain
// unless it is given.
type config struct {
	host     string
	port     int
	user     string
	password string
	from     netmail.Address
	implicit bool // TLS from the first byte
	clear    bool // no TLS at all
	helo     string
	roots    *x509.CertPool // nil: the machine's
}

func parse(raw string) (*config, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return nil, misconfigured("url") // the parser's own text would quote the password
	}
	c := &config{host: u.Hostname(), user: u.User.Username(), port: 587}
	c.password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
	case "smtps":
		c.implicit, c.port = true, 465
	default:
		return nil, misconfigured("scheme")
	}
	if p := u.Port(); p != "" {
		if c.port, err = strconv.Atoi(p); err != nil || c.port < 1 || c.port > 65535 {
			return nil, misconfigured("port")
		}
	}
	return c, c.options(u.Query())
}

func (c *config) options(q url.Values) error {
	for name := range q {
		switch name {
		case "from", "tls", "ca", "helo":
		default:
			return misconfigured(name)
		}
	}
	from, err := netmail.ParseAddress(q.Get("from"))
	if err != nil {
		return misconfigured("from")
	}
	c.from = *from
	if c.helo = q.Get("helo"); c.helo == "" {
		c.helo = from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	}
	switch q.Get("tls") {
	case "", "starttls":
	case "none":
		if c.implicit || !loopback(c.host) {
			return misconfigured("tls")
		}
		c.clear = true
	default:
		return misconfigured("tls")
	}
	if path := q.Get("ca"); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return &plaza.Error{Kind: plaza.Invalid, Key: "mail.error.config", Args: map[string]any{"part": "ca"}, Cause: err}
		}
		c.roots = x509.NewCertPool()
		if !c.roots.AppendCertsFromPEM(pem) {
			return misconfigured("ca")
		}
	}
	return nil
}

// client makes the library's client; one per connection, as it is cheap.
func (c *config) client() (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(c.port), gomail.WithTimeout(timeout), gomail.WithHELO(c.helo),
		gomail.WithTLSConfig(&tls.Config{ServerName: c.host, RootCAs: c.roots, MinVersion: tls.VersionTLS12}),
	}
	switch {
	case c.implicit:
		options = append(options, gomail.WithSSL())
	case c.clear:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.user != "" {
		how := gomail.SMTPAuthAutoDiscover
		if c.clear {
			how = gomail.SMTPAuthPlainNoEnc // it does not leave this machine
		}
		options = append(options, gomail.WithSMTPAuth(how),
			gomail.WithUsername(c.user), gomail.WithPassword(c.password))
	}
	client, err := gomail.NewClient(c.host, options...)
	if err != nil {
		return nil, fmt.Errorf("preparing the mail client: %w", err)
	}
	return client, nil
}

// Masked is the configured server without its password, for doctor; "" when there
// is none.
func (s *Sender) Masked() string {
	if s.cfg == nil {
		return ""
	}
	u := url.URL{Scheme: "smtp", Host: net.JoinHostPort(s.cfg.host, strconv.Itoa(s.cfg.port))}
	if s.cfg.implicit {
		u.Scheme = "smtps"
	}
	if s.cfg.user != "" {
		u.User = url.UserPassword(s.cfg.user, "xxxxx")
	}
	return u.String()
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

func misconfigured(part string) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "mail.error.config", Args: map[string]any{"part": part}}
}
