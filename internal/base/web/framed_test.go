package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/plaza"
)

func TestAPageThatOthersFrameIsMadeForNobody(t *testing.T) {
	shell := webtest.New(t, func(c *web.Config) {
		c.SessionCookie = "session"
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			return plaza.WithActor(r.Context(), plaza.Actor{PersonID: "p", Name: "Ana"}), nil
		}
	})
	answer := func(w http.ResponseWriter, r *http.Request) error {
		_, err := w.Write([]byte("para " + plaza.ActorFrom(r.Context()).Name))
		return err
	}
	shell.Handle("GET /embed/x", web.Route{Name: "framed", Cache: web.Public, Framed: true}, answer)
	shell.Handle("GET /x", web.Route{Name: "own", Cache: web.Public}, answer)
	for path, want := range map[string]struct{ body, ancestors string }{
		"/embed/x": {"para ", "frame-ancestors *"}, "/x": {"para Ana", "frame-ancestors 'none'"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.AddCookie(&http.Cookie{Name: "session", Value: "ana"})
		got := webtest.Do(shell, r)
		if got.Body.String() != want.body || !strings.Contains(got.Header().Get("Content-Security-Policy"), want.ancestors) {
			t.Errorf("%s answers %q under %q, want %q under %q", path, got.Body, got.Header().Get("Content-Security-Policy"), want.body, want.ancestors)
		}
	}
}
