package outbox_test

import (
	"bufio"
	"bytes"
	"net"
	netmail "net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/mail"
	"plaza/internal/civic/outbox"
)

// maildev is a mail server that we did not write: the npm package of that name.
const maildev = "maildev/node_modules/maildev/dist/bin/maildev.js"

// freePort is a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// startMaildev runs it on a port until stop is called or the test ends. What it is sent
// it puts into dir, a file each.
func startMaildev(t *testing.T, port, dir string) (stop func()) {
	t.Helper()
	if _, err := os.Stat(maildev); err != nil {
		t.Fatalf("%v: make test installs it, or npm ci --prefix internal/civic/outbox/maildev", err)
	}
	c := exec.Command("node", maildev, "--smtp", port, "--web", freePort(t), "--ip", "127.0.0.1", "--web-ip", "127.0.0.1", "--mail-directory", dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = c.Process.Kill()
			_ = c.Wait() // killed on purpose
		}
	}
	t.Cleanup(stop)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Ctrl+C") {
			go func() {
				for lines.Scan() { // what it says of each mail is not to fill the pipe
				}
			}()
			return stop
		}
	}
	t.Fatal("maildev ended before it listened")
	return nil
}

// kept are the mails that maildev was sent.
func kept(t *testing.T, dir string) (list []*netmail.Message) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		list = append(list, m)
	}
	return list
}

func TestMailsReachARealServerAlsoAfterItWasAway(t *testing.T) {
	d, port := dbtest.SQLite(t), freePort(t)
	address := url.URL{Scheme: "smtp", Host: "127.0.0.1:" + port, RawQuery: url.Values{"from": {"Plaza <plaza@ejemplo.mx>"}, "tls": {"none"}}.Encode()}
	s, err := mail.Open(address.String())
	if err != nil {
		t.Fatal(err)
	}
	o := outbox.New(d, s)
	before := t.TempDir()
	stop := startMaildev(t, port, before)
	post(t, d, outbox.Message{Kind: "test", To: "ana@ejemplo.mx", Subject: "Cambió «Ñandú»", Text: "Hola, Ana", HTML: "<p>Hola, Ana</p>",
		Unsubscribe: "https://plaza.example/seguir/baja/x"})
	work(t, d, o)
	list := kept(t, before)
	if len(list) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(list))
	}
	h := list[0].Header
	if h.Get("List-Unsubscribe") != "<https://plaza.example/seguir/baja/x>" || h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" ||
		!strings.HasPrefix(h.Get("Content-Type"), "multipart/alternative") || h.Get("Message-Id") == "" {
		t.Errorf("headers %v", h)
	}

	stop()
	post(t, d, letters(20)...)
	work(t, d, o)
	if n := counts(t, d); n[outbox.Waiting] != 20 {
		t.Fatalf("while the server is away: %v, want 20 waiting", n)
	}
	after := t.TempDir()
	startMaildev(t, port, after)
	dbtest.Advance(d, time.Minute)
	work(t, d, o)
	seen := map[string]bool{}
	for _, m := range kept(t, after) {
		seen[m.Header.Get("Message-Id")] = true
	}
	if n := counts(t, d); len(seen) != 20 || n[outbox.Sent] != 21 {
		t.Errorf("%d mails arrived, %v; want all 20", len(seen), n)
	}
}
