// Package mailtest is an SMTP server for tests: it listens on this machine, speaks
// TLS with a certificate of its own, keeps what it is sent, and can be told to
// refuse.
package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The account that the server knows.
const (
	User     = "plaza"
	Password = "secreto de prueba"
)

// Options say how the server behaves.
type Options struct {
	// Implicit speaks TLS from the first byte (smtps); otherwise STARTTLS is offered.
	Implicit bool
	// Plain offers no TLS.
	Plain bool
	// OtherName puts another host's name in the certificate.
	OtherName bool
	// Refuse, when set, is asked about every recipient; what it returns is answered.
	Refuse func(to string) *smtp.SMTPError
}

// Message is a message as it arrived.
type Message struct {
	From   string // of the envelope
	To     []string
	User   string // who signed in, "" for nobody
	TLS    bool
	Header mail.Header
	Text   string
	HTML   string
	Raw    []byte
}

// Subject is the decoded subject.
func (m Message) Subject() string {
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return m.Header.Get("Subject")
	}
	return s
}

// Server is a running server.
type Server struct {
	addr   string
	scheme string
	ca     string
	opt    Options

	mu       sync.Mutex
	messages []Message
	arrived  chan struct{}
}

// Start runs a server until the test ends.
func Start(tb testing.TB, opt Options) *Server {
	tb.Helper()
	s := &Server{opt: opt, scheme: "smtp", arrived: make(chan struct{}, 1)}
	certificate := s.certificate(tb)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s.addr = l.Addr().String()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	server.Domain = "mailtest"
	server.ReadTimeout, server.WriteTimeout = 30*time.Second, 30*time.Second
	server.ErrorLog = quiet{}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch {
	case opt.Implicit:
		l, s.scheme = tls.NewListener(l, config), "smtps"
	case opt.Plain:
		server.AllowInsecureAuth = true
	default:
		server.TLSConfig = config
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends with Close
	}()
	tb.Cleanup(func() {
		_ = l.Close() // Close knows only of listeners that Serve has seen
		_ = server.Close()
		<-done
	})
	return s
}

// URL is the server's address as PLAZA_SMTP takes it, with options added.
func (s *Server) URL(options ...string) string {
	q := url.Values{"from": {"Plaza <plaza@ejemplo.mx>"}, "ca": {s.ca}}
	for i := 0; i+1 < len(options); i += 2 {
		q.Set(options[i], options[i+1])
	}
	u := url.URL{Scheme: s.scheme, Host: s.addr, RawQuery: q.Encode(), User: url.UserPassword(User, Password)}
	return u.String()
}

// Messages lists what has arrived, oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Wait returns the first n messages, waiting at most ten seconds for them.
func (s *Server) Wait(tb testing.TB, n int) []Message {
	tb.Helper()
	deadline := time.After(10 * time.Second)
	for {
		if got := s.Messages(); len(got) >= n {
			return got
		}
		select {
		case <-s.arrived:
		case <-deadline:
			tb.Fatalf("%d messages arrived, want %d", len(s.Messages()), n)
		}
	}
}

// certificate makes a certificate for the server's address and a file for ca=.
func (s *Server) certificate(tb testing.TB) tls.Certificate {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mailtest"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if s.opt.OtherName {
		template.DNSNames = []string{"otro.ejemplo.mx"}
	} else {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	s.ca = filepath.Join(tb.TempDir(), "ca.pem")
	if err := os.WriteFile(s.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		tb.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// session is one connection's conversation.
type session struct {
	server *Server
	conn   *smtp.Conn
	user   string
	from   string
	to     []string
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return errors.New("who are you?")
		}
		s.user = user
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.opt.Refuse != nil {
		if refusal := s.server.opt.Refuse(to); refusal != nil {
			return refusal
		}
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := Message{From: s.from, To: s.to, User: s.user, Raw: raw}
	_, m.TLS = s.conn.TLSConnectionState()
	if err := m.parse(); err != nil {
		return &smtp.SMTPError{Code: 554, Message: err.Error()}
	}
	s.server.mu.Lock()
	s.server.messages = append(s.server.messages, m)
	s.server.mu.Unlock()
	select {
	case s.server.arrived <- struct{}{}:
	default: // somebody is about to look anyway
	}
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// Read reads a message as a server keeps it. What only the envelope says it does not know:
// To are the addresses of its header.
func Read(raw []byte) (Message, error) {
	m := Message{Raw: raw}
	if err := m.parse(); err != nil {
		return m, err
	}
	to, err := m.Header.AddressList("To")
	for _, a := range to {
		m.To = append(m.To, a.Address)
	}
	return m, err
}

func (m *Message) parse() error {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return err
	}
	m.Header = parsed.Header
	return m.part(parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body)
}

// part reads one part of the body, and the parts in it.
func (m *Message) part(contentType, encoding string, body io.Reader) error {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			}
			if err != nil {
				return err
			}
		}
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	if media == "text/html" {
		m.HTML = text
	} else {
		m.Text = text
	}
	return nil
}

// quiet drops the server's own log: tests break connections on purpose.
type quiet struct{}

// Printf implements smtp.Logger.
func (quiet) Printf(string, ...any) {}

// Println implements smtp.Logger.
func (quiet) Println(...any) {}
