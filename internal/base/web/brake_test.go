package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
)

// from asks for a path as a network would.
func from(shell *web.Shell, peer, path string) int {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = peer
	return webtest.Do(shell, r).Code
}

func TestOneNetworkCannotTakeThePlaceOfOthers(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	shell := mount(t, func(c *web.Config) {
		c.Now = func() time.Time { return now }
		c.Version = func() string { return "1" }
	}, func(s *web.Shell) {
		s.Handle("GET /cara", web.Route{Name: "test.dear"}, func(http.ResponseWriter, *http.Request) error { return nil })
	})
	asked := 0
	for ; asked < 10_000 && from(shell, "203.0.113.7:1", "/cara") == http.StatusOK; asked++ {
	}
	if asked < 100 || asked == 10_000 {
		t.Fatalf("a network was braked after %d requests at one instant", asked)
	}
	if got := from(shell, "203.0.113.7:2", "/cara"); got != http.StatusTooManyRequests {
		t.Errorf("from another port of it: %d, want 429", got)
	}
	for _, other := range []string{"203.0.113.8:1", "[2001:db8:1:1::1]:1", "127.0.0.1:1", "[::1]:1"} {
		if got := from(shell, other, "/cara"); got != http.StatusOK {
			t.Errorf("from %s: %d, want 200", other, got)
		}
	}
	from(shell, "203.0.113.8:1", "/nota") // made for somebody, it is there for all
	if got := from(shell, "203.0.113.7:1", "/nota"); got != http.StatusOK {
		t.Errorf("a page that is at hand: %d, want 200", got)
	}
	for range asked { // one subscriber has a whole /64
		from(shell, "[2001:db8:1:1::1]:1", "/cara")
	}
	if got := from(shell, "[2001:db8:1:1:ffff::2]:1", "/cara"); got != http.StatusTooManyRequests {
		t.Errorf("from another address of a braked /64: %d, want 429", got)
	}
	for range 2 * asked {
		if got := from(shell, "127.0.0.1:1", "/cara"); got != http.StatusOK {
			t.Fatalf("this machine itself: %d, want 200", got)
		}
	}
	now = now.Add(time.Second)
	if got := from(shell, "203.0.113.7:1", "/cara"); got != http.StatusOK {
		t.Errorf("a second later: %d, want 200", got)
	}
}
