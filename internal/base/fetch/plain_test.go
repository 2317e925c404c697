package fetch_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/fetch"
)

func TestThePlainClientIsUnderTheSameGuard(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/large":
			_, _ = io.WriteString(w, strings.Repeat("a", 2000))
		default:
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, r.Method+" "+string(body)+" "+r.Header.Get("Authorization"))
		}
	}))
	defer server.Close()
	closed := fetch.New(fetch.Config{}).HTTP(1000, 5*time.Second)
	for _, address := range []string{server.URL, "http://10.0.0.1/", "http://169.254.169.254/", "ftp://example.org/", "http://u:p@example.org/", "http://[::1]/"} {
		if res, err := closed.Get(address); err == nil {
			res.Body.Close()
			t.Errorf("%s was reached", address)
		} else if codeOf(err) != fetch.RefusedAddress && codeOf(err) != fetch.BadURL {
			t.Errorf("%s: %v", address, err)
		}
	}
	own := fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).HTTP(1000, 5*time.Second)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/x", strings.NewReader("hola"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Basic x")
	for _, c := range []struct {
		r      *http.Request
		status int
		body   string
	}{{r, http.StatusOK, "POST hola Basic x"}, {httptest.NewRequest(http.MethodGet, server.URL+"/away", nil), http.StatusFound, ""}} {
		c.r.RequestURI = ""
		res, err := own.Do(c.r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != c.status || c.body != "" && string(body) != c.body {
			t.Errorf("%s: %d %q, %v", c.r.URL, res.StatusCode, body, err)
		}
	}
	res, err := own.Get(server.URL + "/large")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if codeOf(err) != fetch.TooLarge || len(body) != 1000 {
		t.Errorf("%d bytes, %v; want 1000 and TooLarge", len(body), err)
	}
}
