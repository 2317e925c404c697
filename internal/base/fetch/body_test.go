package fetch_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"plaza/internal/base/fetch"
)

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestABodyIsReadWithinItsLimits(t *testing.T) {
	zeros := zipped(t, make([]byte, 30<<20))
	text := zipped(t, []byte(strings.Repeat("calidad del aire ", 1000)))
	noise := bytes.Repeat([]byte("0123456789abcdef"), 1<<10)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			for {
				if _, err := w.Write(noise); err != nil {
					return
				}
			}
		case "/announced":
			w.Header().Set("Content-Length", "999999999")
			w.WriteHeader(http.StatusOK)
		case "/exact":
			_, _ = w.Write(noise[:1000])
		case "/zip", "/bomb", "/cut", "/broken", "/endlesszip":
			w.Header().Set("Content-Encoding", "gzip")
			switch r.URL.Path {
			case "/zip":
				_, _ = w.Write(text)
			case "/bomb":
				_, _ = w.Write(zeros)
			case "/cut":
				_, _ = w.Write(text[:len(text)-20])
			case "/broken":
				_, _ = w.Write(append(text[:len(text)-8:len(text)-8], 1, 2, 3, 4, 5, 6, 7, 8)) // wrong checksum
			case "/endlesszip":
				for {
					if _, err := w.Write(zipEmpty); err != nil {
						return
					}
				}
			}
		case "/liar":
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, "{}")
		case "/nothing":
			w.Header().Set("Content-Encoding", "gzip")
		case "/brotli":
			w.Header().Set("Content-Encoding", "br")
			fmt.Fprint(w, "{}")
		case "/short":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "hola")
		}
	})
	c := fetch.New(fetch.Config{Allow: loopback})
	for _, tt := range []struct {
		path string
		max  int64
		want fetch.Code
		size int
	}{
		{"/endless", 1 << 20, fetch.TooLarge, 1 << 20},
		{"/announced", 0, fetch.TooLarge, 0},
		{"/exact", 1000, "", 1000},
		{"/exact", 999, fetch.TooLarge, 0},
		{"/zip", 0, "", 17000},
		{"/zip", 17000, "", 17000},
		{"/zip", 16999, fetch.TooLarge, 16999},
		{"/bomb", 0, fetch.Decompression, -1},
		{"/bomb", 1 << 20, fetch.TooLarge, 1 << 20},
		{"/cut", 0, fetch.Truncated, -1},
		{"/broken", 0, fetch.Decompression, -1},
		{"/endlesszip", 1 << 20, fetch.TooLarge, 0},
		{"/liar", 0, "", 2},
		{"/nothing", 0, "", 0},
		{"/brotli", 0, fetch.Decompression, 0},
		{"/short", 0, fetch.Truncated, 4},
	} {
		_, text, err := get(t, c, fetch.Request{URL: s.URL + tt.path, MaxBytes: tt.max})
		if codeOf(err) != tt.want || (err == nil) != (tt.want == "") {
			t.Errorf("%s of at most %d bytes: %v, want code %q", tt.path, tt.max, err, tt.want)
		}
		if tt.size >= 0 && len(text) != tt.size {
			t.Errorf("%s of at most %d bytes: read %d bytes, want %d", tt.path, tt.max, len(text), tt.size)
		}
	}
}

// zipEmpty is a whole gzip member of nothing; many of them make a file that grows on
// the wire and never gives a byte.
var zipEmpty = func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_ = z.Close() // a buffer takes everything
	return b.Bytes()
}()

func TestTheErrorOfABodyStays(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 100)) })
	c := fetch.New(fetch.Config{Allow: loopback})
	resp, err := c.Get(t.Context(), fetch.Request{URL: s.URL + "/", MaxBytes: 0})
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n, err := resp.Body.Read(make([]byte, 10)); n != 0 || err == nil || err == io.EOF {
			t.Errorf("read after close = %d, %v; want an error", n, err)
		}
	}
	if err := resp.Body.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
}
