package fetch_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/fetch"
	"plaza/internal/plaza"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

// serve starts a real server on loopback.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// port gives the port of a server as ":12345".
func port(s *httptest.Server) string { return s.URL[strings.LastIndexByte(s.URL, ':'):] }

// get reads a whole answer.
func get(t *testing.T, c *fetch.Client, req fetch.Request) (*fetch.Response, string, error) {
	t.Helper()
	resp, err := c.Get(t.Context(), req)
	if err != nil {
		return nil, "", err
	}
	b, err := io.ReadAll(resp.Body)
	if errClose := resp.Body.Close(); errClose != nil {
		t.Errorf("Close: %v", errClose)
	}
	return resp, string(b), err
}

func TestAnAnswerIsFetchedAndTheRequestSaysWhoAsks(t *testing.T) {
	var asked http.Header
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Clone()
		w.Header().Set("ETag", `"uno"`)
		w.Header().Set("Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT")
		w.Header().Set("Set-Cookie", "a=b")
		fmt.Fprint(w, "hola")
	})
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1/")
	t.Setenv("http_proxy", "http://127.0.0.1:1/")
	c := fetch.New(fetch.Config{Allow: loopback, UserAgent: fetch.UserAgent("1.2", "https://plaza.example")})
	for range 2 { // the second would send a cookie if there were a jar
		resp, text, err := get(t, c, fetch.Request{URL: s.URL + "/a?b=c#frag", Accept: "application/json"})
		if err != nil {
			t.Fatal(err)
		}
		if text != "hola" || resp.Status != 200 || resp.ETag != `"uno"` || resp.FinalURL != s.URL+"/a?b=c" ||
			resp.LastModified != "Tue, 02 Jan 2024 03:04:05 GMT" {
			t.Errorf("got %q, %+v", text, resp)
		}
		want := http.Header{
			"User-Agent":      {"Plaza/1.2 (+https://plaza.example)"},
			"Accept":          {"application/json"},
			"Accept-Encoding": {"gzip"},
		}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Errorf("request header (-want +got):\n%s", diff)
		}
	}
}

func TestACurrentCopyIsNotSentAgain(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v2"`)
		http.ServeContent(w, r, "x.json", time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), strings.NewReader("{}"))
	})
	c := fetch.New(fetch.Config{Allow: loopback})
	for _, tt := range []struct {
		name        string
		etag, since string
		want        bool
	}{
		{"same tag", `"v2"`, "", true},
		{"other tag", `"v1"`, "", false},
		{"same date", "", "Tue, 02 Jan 2024 03:04:05 GMT", true},
		{"older date", "", "Tue, 02 Jan 2024 03:04:04 GMT", false},
		{"nothing at hand", "", "", false},
	} {
		resp, text, err := get(t, c, fetch.Request{URL: s.URL, IfNoneMatch: tt.etag, IfModifiedSince: tt.since})
		if err != nil || resp.NotModified != tt.want || (text == "") != tt.want {
			t.Errorf("%s: NotModified = %v, body %q, %v; want %v", tt.name, resp != nil && resp.NotModified, text, err, tt.want)
		}
	}
	odd := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	if _, _, err := get(t, c, fetch.Request{URL: odd.URL}); codeOf(err) != fetch.Status {
		t.Errorf("304 that nobody asked for: %v, want code %q", err, fetch.Status)
	}
}

func TestAnAnswerThatIsNoSuccessIsAnErrorWithoutItsText(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		var after string
		fmt.Sscanf(r.URL.Path, "/%d", &status)
		after = r.URL.Query().Get("after")
		w.Header().Set("Date", "Tue, 02 Jan 2024 03:04:05 GMT")
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		if status != http.StatusNoContent {
			fmt.Fprint(w, "internal secret")
		}
	})
	c := fetch.New(fetch.Config{Allow: loopback})
	for _, tt := range []struct {
		path string
		code fetch.Code
		wait time.Duration
	}{
		{"/404", fetch.Status, 0},
		{"/500?after=9", fetch.Status, 0},
		{"/206", fetch.Status, 0},
		{"/429?after=120", fetch.Busy, 2 * time.Minute},
		{"/503", fetch.Busy, 0},
		{"/503?after=soon", fetch.Busy, 0},
		{"/503?after=-5", fetch.Busy, 0},
		{"/503?after=999999999", fetch.Busy, 24 * time.Hour},
		{"/503?after=Tue,%2002%20Jan%202024%2003:05:05%20GMT", fetch.Busy, time.Minute},
		{"/503?after=Tue,%2002%20Jan%202023%2003:05:05%20GMT", fetch.Busy, 0},
	} {
		_, _, err := get(t, c, fetch.Request{URL: s.URL + tt.path})
		e, ok := errors.AsType[*fetch.Error](err)
		if !ok || e.Code != tt.code || e.RetryAfter != tt.wait {
			t.Errorf("%s: %#v, want %q after %v", tt.path, err, tt.code, tt.wait)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the body: %v", tt.path, err)
		}
		reason, ok := errors.AsType[*plaza.Error](err)
		if !ok || reason.Kind != plaza.Unavailable || reason.Key != "fetch.error."+string(tt.code) || reason.RetryAfter != tt.wait {
			t.Errorf("%s: reason %+v", tt.path, reason)
		}
	}
	if _, text, err := get(t, c, fetch.Request{URL: s.URL + "/204"}); err != nil || text != "" {
		t.Errorf("204: %q, %v; want nothing and no error", text, err)
	}
	resp, text, err := get(t, c, fetch.Request{URL: s.URL + "/200", Head: true})
	if err != nil || text != "" || resp.Header.Get("Content-Length") == "" {
		t.Errorf("head: %+v %q %v", resp, text, err)
	}
}

func TestRedirectsAreFollowedAndCheckedOneByOne(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch to := r.URL.Query().Get("to"); {
		case to != "":
			http.Redirect(w, r, to, http.StatusFound)
		case r.URL.Path == "/loop":
			http.Redirect(w, r, "/loop", http.StatusMovedPermanently)
		case r.URL.Path == "/nowhere":
			w.WriteHeader(http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/down/"):
			n := len(r.URL.Path) - len("/down/")
			if n > 0 {
				http.Redirect(w, r, r.URL.Path[:len(r.URL.Path)-1], http.StatusPermanentRedirect)
				return
			}
			fmt.Fprint(w, "abajo")
		}
	})
	c := fetch.New(fetch.Config{Allow: loopback, Resolver: &names{known: map[string][]string{
		"intra.example": {"192.168.1.1"}, "two.example": {"127.0.0.1"},
	}}})
	for _, tt := range []struct {
		path string
		want fetch.Code
	}{
		{"/down/xxxxx", ""},
		{"/down/xxxxxx", fetch.Redirects},
		{"/loop", fetch.Redirects},
		{"/nowhere", fetch.Redirects},
		{"/?to=http://two.example" + port(s) + "/down/", ""},
		{"/?to=http://10.0.0.1/", fetch.RefusedAddress},
		{"/?to=http://127.0.0.2" + port(s) + "/", fetch.RefusedAddress},
		{"/?to=http://0x7f000001" + port(s) + "/", fetch.RefusedAddress},
		{"/?to=http://169.254.169.254/latest/", fetch.RefusedAddress},
		{"/?to=http://[::ffff:169.254.169.254]/", fetch.RefusedAddress},
		{"/?to=http://intra.example/", fetch.RefusedAddress},
		{"/?to=//intra.example/", fetch.RefusedAddress},
		{"/?to=http://localhost" + port(s) + "/", fetch.DNS},
		{"/?to=file:///etc/passwd", fetch.BadURL},
		{"/?to=gopher://127.0.0.1/", fetch.BadURL},
		{"/?to=http://u:p@two.example/", fetch.BadURL},
	} {
		resp, _, err := get(t, c, fetch.Request{URL: s.URL + tt.path})
		if codeOf(err) != tt.want || (err == nil) != (tt.want == "") {
			t.Errorf("%s: %v, want code %q", tt.path, err, tt.want)
		}
		if err == nil && !strings.HasSuffix(resp.FinalURL, "/down/") {
			t.Errorf("%s: FinalURL = %s", tt.path, resp.FinalURL)
		}
	}
}

// turncoat answers with the next address at each question.
type turncoat struct {
	mu    sync.Mutex
	addrs []string
}

func (r *turncoat) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.addrs[0]
	if len(r.addrs) > 1 {
		r.addrs = r.addrs[1:]
	}
	return []netip.Addr{netip.MustParseAddr(a)}, nil
}

func TestANameThatChangesItsAddressIsCheckedAtEveryConnection(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		fmt.Fprint(w, "hola")
	})
	dns := &turncoat{addrs: []string{"127.0.0.1", "127.0.0.2"}}
	c := fetch.New(fetch.Config{Allow: loopback, Resolver: dns})
	u := "http://rebind.example" + port(s) + "/"
	if _, text, err := get(t, c, fetch.Request{URL: u}); err != nil || text != "hola" {
		t.Fatalf("first: %q, %v", text, err)
	}
	if len(dns.addrs) != 1 {
		t.Fatal("one fetch asked for the name more than once")
	}
	if _, _, err := get(t, c, fetch.Request{URL: u}); codeOf(err) != fetch.RefusedAddress {
		t.Errorf("second: %v, want code %q", err, fetch.RefusedAddress)
	}
}

func TestServersThatCannotBeReachedAreToldApart(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "segura") }))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of each handshake that fails here
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	big := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 100<<10)) })
	raw := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = conn.Write([]byte("SSH-2.0-hola\r\n"))
			_ = conn.Close()
		}
	})
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	dns := &names{known: map[string][]string{"example.com": {"127.0.0.1"}, "other.test": {"127.0.0.1"}}}
	trusting := fetch.New(fetch.Config{Allow: loopback, Resolver: dns, RootCAs: pool})
	wary := fetch.New(fetch.Config{Allow: loopback, Resolver: dns})
	for _, tt := range []struct {
		name string
		c    *fetch.Client
		url  string
		want fetch.Code
	}{
		{"nobody listens", wary, "http://" + closed, fetch.Connect},
		{"certificate of a stranger", wary, "https://example.com" + port(secure), fetch.TLS},
		{"certificate of another name", trusting, "https://other.test" + port(secure), fetch.TLS},
		{"certificate in order", trusting, "https://example.com" + port(secure), ""},
		{"no TLS at all", trusting, "https://example.com" + port(plain), fetch.TLS},
		{"head too large", wary, big.URL, fetch.Protocol},
		{"not HTTP", wary, raw.URL, fetch.Protocol},
	} {
		_, _, err := get(t, tt.c, fetch.Request{URL: tt.url})
		if codeOf(err) != tt.want || (err == nil) != (tt.want == "") {
			t.Errorf("%s: %v, want code %q", tt.name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "127.0.0.1:") {
			t.Errorf("%s: the error tells the address: %v", tt.name, err)
		}
	}
}
