package outbox_test

import (
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/mail"
	"plaza/internal/civic/outbox"
	"plaza/internal/civic/outbox/maildev"
)

func TestMailsReachARealServerAlsoAfterItWasAway(t *testing.T) {
	d, port := dbtest.SQLite(t), maildev.FreePort(t)
	s, err := mail.Open(maildev.URL(port))
	if err != nil {
		t.Fatal(err)
	}
	o := outbox.New(d, s)
	before := maildev.Start(t, port)
	post(t, d, outbox.Message{Kind: "test", To: "ana@ejemplo.mx", Subject: "Cambió «Ñandú»", Text: "Hola, Ana", HTML: "<p>Hola, Ana</p>",
		Unsubscribe: "https://plaza.example/seguir/baja/x"})
	work(t, d, o)
	list := before.Mails(t)
	if len(list) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(list))
	}
	h := list[0].Header
	if h.Get("List-Unsubscribe") != "<https://plaza.example/seguir/baja/x>" || h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" ||
		!strings.HasPrefix(h.Get("Content-Type"), "multipart/alternative") || h.Get("Message-Id") == "" {
		t.Errorf("headers %v", h)
	}

	before.Stop()
	post(t, d, letters(20)...)
	work(t, d, o)
	if n := counts(t, d); n[outbox.Waiting] != 20 {
		t.Fatalf("while the server is away: %v, want 20 waiting", n)
	}
	after := maildev.Start(t, port)
	dbtest.Advance(d, time.Minute)
	work(t, d, o)
	seen := map[string]bool{}
	for _, m := range after.Mails(t) {
		seen[m.Header.Get("Message-Id")] = true
	}
	if n := counts(t, d); len(seen) != 20 || n[outbox.Sent] != 21 {
		t.Errorf("%d mails arrived, %v; want all 20", len(seen), n)
	}
}
