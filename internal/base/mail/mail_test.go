package mail_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/i18n"
	"plaza/internal/base/mail"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/plaza"
)

var letter = mail.Message{
	ID: "0197a", To: "ana@ejemplo.mx", Subject: "Su liga para entrar: ¡ñandú!",
	Text: "Hola, Ana:\n\nAbra https://plaza.ejemplo.mx/entrar/x\n.\nUna línea con sólo un punto.\n",
	HTML: "<p>Hola, <b>Ana</b></p>\n",
}

func open(t *testing.T, url string) *mail.Sender {
	t.Helper()
	s, err := mail.Open(url)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	for _, c := range []struct {
		name    string
		options mailtest.Options
		url     []string
		tls     bool
	}{
		{"over STARTTLS", mailtest.Options{}, nil, true},
		{"over TLS from the first byte", mailtest.Options{Implicit: true}, nil, true},
		{"in the clear on this machine", mailtest.Options{Plain: true}, []string{"tls", "none"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := mailtest.Start(t, c.options)
			sender := open(t, server.URL(c.url...))
			if err := sender.Check(t.Context()); err != nil {
				t.Fatalf("Check: %v", err)
			}
			if n := len(server.Messages()); n != 0 {
				t.Fatalf("Check sent %d messages", n)
			}
			if err := sender.Send(t.Context(), letter); err != nil {
				t.Fatalf("Send: %v", err)
			}
			got := server.Wait(t, 1)[0]
			header := map[string]string{}
			for _, name := range []string{"From", "To", "Message-Id", "Auto-Submitted", "User-Agent"} {
				header[name] = got.Header.Get(name)
			}
			want := map[string]string{
				"From": `"Plaza" <plaza@ejemplo.mx>`, "To": "<ana@ejemplo.mx>",
				"Message-Id": "<0197a@ejemplo.mx>", "Auto-Submitted": "auto-generated", "User-Agent": "",
			}
			if diff := cmp.Diff(want, header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			type content struct {
				From, Subject, Text, HTML, User string
				To                              []string
				TLS                             bool
			}
			if diff := cmp.Diff(
				content{"plaza@ejemplo.mx", letter.Subject, letter.Text, letter.HTML, mailtest.User, []string{letter.To}, c.tls},
				content{got.From, got.Subject(), got.Text, got.HTML, got.User, got.To, got.TLS},
			); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAServerThatCannotBeTrustedGetsNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		options mailtest.Options
		url     []string
	}{
		{"a certificate from nobody we know", mailtest.Options{}, []string{"ca", ""}},
		{"the same, from the first byte", mailtest.Options{Implicit: true}, []string{"ca", ""}},
		{"a certificate for another name", mailtest.Options{OtherName: true}, nil},
		{"no encryption where it is demanded", mailtest.Options{Plain: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := mailtest.Start(t, c.options)
			sender := open(t, server.URL(c.url...))
			for verb, err := range map[string]error{
				"Send": sender.Send(t.Context(), letter), "Check": sender.Check(t.Context()),
			} {
				if plaza.KindOf(err) != plaza.Unavailable {
					t.Errorf("%s = %v, want Unavailable", verb, err)
				}
			}
			if n := len(server.Messages()); n != 0 {
				t.Errorf("%d messages arrived", n)
			}
		})
	}
}

func TestWhatAnErrorMeansForTheQueue(t *testing.T) {
	for _, c := range []struct {
		name string
		code int
		want plaza.Kind
	}{
		{"an address that does not exist will never take it", 550, plaza.Invalid},
		{"a full mailbox may take it later", 452, plaza.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Options{Refuse: func(string) *smtp.SMTPError {
				return &smtp.SMTPError{Code: c.code, Message: "no <ana@ejemplo.mx>"}
			}})
			err := open(t, server.URL()).Send(t.Context(), letter)
			if plaza.KindOf(err) != c.want || err == nil {
				t.Errorf("Send = %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "ana@") {
				t.Errorf("the error names the person: %v", err)
			}
		})
	}
	t.Run("a wrong password may be set right", func(t *testing.T) {
		server := mailtest.Start(t, mailtest.Options{})
		url := strings.Replace(server.URL(), "secreto", "otro", 1)
		err := open(t, url).Check(t.Context())
		if plaza.KindOf(err) != plaza.Unavailable {
			t.Errorf("Check = %v, want Unavailable", err)
		}
		if err != nil && strings.Contains(err.Error(), "otro") {
			t.Errorf("the error shows the password: %v", err)
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		_ = l.Close()
		sender := open(t, "smtp://"+addr+"?from=plaza@ejemplo.mx&tls=none")
		if err := sender.Send(t.Context(), letter); plaza.KindOf(err) != plaza.Unavailable {
			t.Errorf("Send = %v, want Unavailable", err)
		}
	})
	t.Run("the caller gives up on a server that says nothing", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		sender := open(t, "smtps://"+l.Addr().String()+"?from=plaza@ejemplo.mx")
		if err := sender.Send(ctx, letter); plaza.KindOf(err) != plaza.Unavailable {
			t.Errorf("Send = %v, want Unavailable", err)
		}
	})
}

func TestNoFieldSmugglesInAnother(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	sender := open(t, server.URL())
	for _, evil := range []string{
		"a\r\nBcc: victima@ejemplo.mx", "a\nBcc: victima@ejemplo.mx", "a\rBcc: victima@ejemplo.mx",
		"a\x00b", "a\u0085Bcc: v@ejemplo.mx", strings.Repeat("a", 501), "",
	} {
		m := letter
		m.Subject = evil
		refused(t, sender, m)
		m = letter
		m.ID = evil + ">\r\nBcc: v@ejemplo.mx"
		refused(t, sender, m)
	}
	for _, to := range []string{
		"ana@ejemplo.mx\r\nRCPT TO:<victima@ejemplo.mx>", "ana@ejemplo.mx, otra@ejemplo.mx",
		"Ana <ana@ejemplo.mx>", "ana@ejemplo.mx>\r\nDATA", "ana", "", "@ejemplo.mx", "ana@",
		"\"a\r\nBcc: v@ejemplo.mx\"@ejemplo.mx",
	} {
		m := letter
		m.To = to
		refused(t, sender, m)
	}
	m := letter
	m.Text = strings.Repeat("a", 1<<20)
	refused(t, sender, m)
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d messages arrived", n)
	}
}

func refused(t *testing.T, sender *mail.Sender, m mail.Message) {
	t.Helper()
	if err := sender.Send(t.Context(), m); plaza.KindOf(err) != plaza.Invalid || err == nil {
		t.Errorf("Send(to %q, subject %q, id %q) = %v, want Invalid", m.To, m.Subject, m.ID, err)
	}
}

func TestSettingsThatCannotBeUsedAreRefusedAtOnce(t *testing.T) {
	for _, url := range []string{
		"http://correo.ejemplo.mx?from=p@ejemplo.mx",
		"smtp://?from=p@ejemplo.mx",
		"smtp://correo.ejemplo.mx",
		"smtp://correo.ejemplo.mx?from=nadie",
		"smtp://correo.ejemplo.mx:0?from=p@ejemplo.mx",
		"smtp://correo.ejemplo.mx:99999?from=p@ejemplo.mx",
		"smtp://correo.ejemplo.mx?from=p@ejemplo.mx&tls=none",
		"smtp://10.0.0.1?from=p@ejemplo.mx&tls=none",
		"smtp://localhost.ejemplo.mx?from=p@ejemplo.mx&tls=none",
		"smtps://localhost?from=p@ejemplo.mx&tls=none",
		"smtp://correo.ejemplo.mx?from=p@ejemplo.mx&tls=maybe",
		"smtp://correo.ejemplo.mx?from=p@ejemplo.mx&insecure=1",
		"smtp://correo.ejemplo.mx?from=p@ejemplo.mx&ca=/no/such/file",
		"smtp://u:clave%@correo.ejemplo.mx?from=p@ejemplo.mx",
	} {
		_, err := mail.Open(url)
		if plaza.KindOf(err) != plaza.Invalid || err == nil {
			t.Errorf("Open(%q) = %v, want Invalid", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "clave") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestDoctorSeesTheServerWithoutThePassword(t *testing.T) {
	s := open(t, "smtps://plaza:secreto@correo.ejemplo.mx?from=p@ejemplo.mx")
	if got, want := s.Masked(), "smtps://plaza:xxxxx@correo.ejemplo.mx:465"; got != want {
		t.Errorf("Masked = %q, want %q", got, want)
	}
	if text := fmt.Sprintf("%v", s.Masked()); strings.Contains(text, "secreto") {
		t.Error(text)
	}
}

func TestAnInstallationWithoutAServerSaysSo(t *testing.T) {
	s := open(t, "")
	if s.Configured() || s.Masked() != "" {
		t.Errorf("Configured = %v, Masked = %q", s.Configured(), s.Masked())
	}
	if err := s.Send(t.Context(), letter); plaza.KindOf(err) != plaza.Unavailable {
		t.Errorf("Send = %v, want Unavailable", err)
	}
	if err := s.Check(t.Context()); plaza.KindOf(err) != plaza.Unavailable {
		t.Errorf("Check = %v, want Unavailable", err)
	}
}

func TestMessagesExistInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(mail.Locale) {
		t.Error(p)
	}
}
