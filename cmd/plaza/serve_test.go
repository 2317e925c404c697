package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// serve runs a server until the returned function is called, which returns its status.
func serve(t *testing.T, flags ...string) (said string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		ended <- run(ctx, append([]string{"--log=error"}, append(flags, "serve")...), w, &errs)
		_ = w.Close()
	}()
	var line [4096]byte
	n, err := r.Read(line[:])
	if err != nil {
		t.Fatalf("the server did not start: %s", &errs)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	stop = func() int { cancel(); code := <-ended; ended <- code; return code }
	t.Cleanup(func() { stop() })
	return string(line[:n]), stop
}

func TestOneServerPerDataDirectoryAndCommandsBesideIt(t *testing.T) {
	data := t.TempDir()
	flags := []string{"--data=" + data, "--addr=127.0.0.1:0"}
	_, stop := serve(t, flags...)
	if _, stderr, code := plazaRun(t, append(flags, "serve")...); code != 1 || !strings.Contains(stderr, data) {
		t.Errorf("a second server: status %d, %s", code, stderr)
	}
	link := must(t, append(flags, "user", "signin-link", "--admin", "ana@example.mx")...)
	if !strings.HasPrefix(link, "http://") || strings.Count(link, "\n") != 1 {
		t.Errorf("a link beside the server: %q", link)
	}
	archive := filepath.Join(t.TempDir(), "plaza.tar.zst")
	must(t, append(flags, "backup", archive)...)
	if _, stderr, code := plazaRun(t, append(flags, "restore", "--force", archive)...); code != 1 || !strings.Contains(stderr, data) {
		t.Errorf("restoring under a server: status %d, %s", code, stderr)
	}
	if code := stop(); code != 0 {
		t.Errorf("asked to stop, the server ended with %d", code)
	}
	must(t, append(flags, "restore", "--force", archive)...)
}

func TestTheServerAnswersAtItsAddressAndStopsWhenAsked(t *testing.T) {
	addr := freeAddress(t)
	said, stop := serve(t, "--data="+t.TempDir(), "--addr="+addr)
	if !strings.Contains(said, "http://"+addr) {
		t.Errorf("said %q", said)
	}
	for path, want := range map[string]int{"/healthz": 200, "/datos": 200, "/no-hay": 404} {
		res, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
	if code := stop(); code != 0 {
		t.Errorf("asked to stop, the server ended with %d", code)
	}
}

// freeAddress is an address on which nothing listens just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
