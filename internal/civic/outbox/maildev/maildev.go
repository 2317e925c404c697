// Package maildev starts a mail server that we did not write (the npm package of that
// name) for tests.
package maildev

import (
	"bufio"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"plaza/internal/base/mail/mailtest"
)

// Server is a running maildev. What it is sent it puts into a directory, a file each.
type Server struct {
	dir  string
	stop func()
}

// FreePort is a port of this machine that nobody listens on.
func FreePort(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	return port
}

// URL is the value of PLAZA_SMTP for the server at a port.
func URL(port string) string {
	u := url.URL{Scheme: "smtp", Host: "127.0.0.1:" + port,
		RawQuery: url.Values{"from": {"Plaza <plaza@ejemplo.mx>"}, "tls": {"none"}}.Encode()}
	return u.String()
}

// Start runs it on a port until it is stopped or the test ends.
func Start(tb testing.TB, port string) *Server {
	tb.Helper()
	_, file, _, _ := runtime.Caller(0)
	program := filepath.Join(filepath.Dir(file), "node_modules", "maildev", "dist", "bin", "maildev.js")
	if _, err := os.Stat(program); err != nil {
		tb.Fatalf("%v: make test installs it, or npm ci --prefix internal/civic/outbox/maildev", err)
	}
	s := &Server{dir: tb.TempDir()}
	c := exec.Command("node", program, "--smtp", port, "--web", FreePort(tb), "--ip", "127.0.0.1", "--web-ip", "127.0.0.1", "--mail-directory", s.dir)
	out, err := c.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	stopped := false
	s.stop = func() {
		if !stopped {
			stopped = true
			_ = c.Process.Kill()
			_ = c.Wait() // killed on purpose
		}
	}
	tb.Cleanup(s.stop)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Ctrl+C") {
			go func() {
				for lines.Scan() { // what it says of each mail is not to fill the pipe
				}
			}()
			return s
		}
	}
	tb.Fatal("maildev ended before it listened")
	return nil
}

// Stop ends it. What it was sent stays.
func (s *Server) Stop() { s.stop() }

// Mails are what it was sent, in no order.
func (s *Server) Mails(tb testing.TB) (list []mailtest.Message) {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "*.eml"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		m, err := mailtest.Read(raw)
		if err != nil {
			tb.Fatalf("%s: %v", f, err)
		}
		list = append(list, m)
	}
	return list
}
