package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/plaza"
)

//go:embed testdata/templates
var testdata embed.FS

// note is the page of the test section.
type note struct {
	web.Page
	Text string
}

// mount makes a shell with a page at /nota, and gives it more routes.
func mount(t *testing.T, adjust func(*web.Config), more func(*web.Shell)) *web.Shell {
	t.Helper()
	shell := webtest.New(t, adjust)
	if err := shell.Templates("test", sub(t), web.Pages{"note": note{}}); err != nil {
		t.Fatal(err)
	}
	shell.Handle("GET /nota", web.Route{Name: "test.note", Cache: web.Public}, func(w http.ResponseWriter, r *http.Request) error {
		return shell.Render(w, r, http.StatusOK, "test/note", note{shell.Page(r, "Una nota"), strings.Repeat("Hola. ", 300)})
	})
	if more != nil {
		more(shell)
	}
	return shell
}

func TestOwnTemplatesAndWordsAreSound(t *testing.T) {
	for _, problem := range webtest.CheckTemplates(mount(t, nil, nil)) {
		t.Error(problem)
	}
	for _, problem := range i18n.CheckCatalogues(web.Locale) {
		t.Error(problem)
	}
}

func TestWhoIsAskedToComeLaterIsNoFailure(t *testing.T) {
	for err, want := range map[error]string{
		plaza.E(plaza.Unavailable, ""):                                 "level=ERROR",
		&plaza.Error{Kind: plaza.Unavailable, RetryAfter: time.Second}: "level=WARN",
		plaza.E(plaza.NotFound, ""):                                    "level=INFO",
	} {
		var log strings.Builder
		shell := mount(t, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }, func(s *web.Shell) {
			s.Handle("GET /mal", web.Route{}, func(http.ResponseWriter, *http.Request) error { return err })
		})
		webtest.Get(t, shell, "/mal")
		if !strings.Contains(log.String(), want) {
			t.Errorf("%v is logged as %s, want %s", err, &log, want)
		}
	}
}

func TestEveryKindOfErrorHasAStatusAndAPageOfItsOwn(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want int
		says string
	}{
		{"invalid", plaza.E(plaza.Invalid, ""), 422, "Hay algo por corregir"},
		{"unauthenticated", plaza.E(plaza.Unauthenticated, ""), 401, "Hace falta entrar"},
		{"forbidden", plaza.E(plaza.Forbidden, ""), 403, "No tiene permiso"},
		{"not found", plaza.E(plaza.NotFound, ""), 404, "No encontramos"},
		{"conflict", plaza.E(plaza.Conflict, ""), 409, "Alguien lo cambió antes"},
		{"too many", &plaza.Error{Kind: plaza.TooMany, RetryAfter: 30 * time.Second}, 429, "Demasiadas peticiones"},
		{"unavailable", plaza.E(plaza.Unavailable, ""), 503, "no está disponible"},
		{"anything else", errors.New("secret of the database"), 500, "Algo falló de nuestro lado"},
		{"too slow below", context.DeadlineExceeded, 503, "no está disponible"},
		{"in its own words", plaza.E(plaza.NotFound, "web.home"), 404, "Inicio"},
	}
	for _, c := range cases {
		shell := mount(t, nil, func(s *web.Shell) {
			s.Handle("GET /mal", web.Route{}, func(http.ResponseWriter, *http.Request) error { return c.err })
		})
		w := webtest.Get(t, shell, "/mal")
		if w.Code != c.want || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: status %d, want %d saying %q:\n%s", c.name, w.Code, c.want, c.says, w.Body)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: the page shows the cause", c.name)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control = %q, want no-store", c.name, got)
		}
		if (c.want == 429 || c.want == 503) && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", c.name)
		}
	}
}

func TestWhatHTTPAloneRefusesGetsAPageThatHelps(t *testing.T) {
	shell := mount(t, nil, func(s *web.Shell) {
		s.Handle("POST /nota", web.Route{MaxBody: 100}, func(w http.ResponseWriter, r *http.Request) error {
			_, err := web.ReadForm(r)
			return err
		})
	})
	form := func(body string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/nota", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	chunked := form(strings.Repeat("a", 200))
	chunked.ContentLength = -1
	zipped := form("a=1")
	zipped.Header.Set("Content-Encoding", "gzip")
	text := form("a=1")
	text.Header.Set("Content-Type", "text/plain")
	many := httptest.NewRequest(http.MethodGet, "/nota", nil)
	for i := range 200 {
		many.Header.Set("X-"+strings.Repeat("a", i+1), "1")
	}
	nul := httptest.NewRequest(http.MethodGet, "/a%00b", nil)
	cases := []struct {
		name string
		r    *http.Request
		want int
	}{
		{"a path that is not there", httptest.NewRequest(http.MethodGet, "/nada", nil), 404},
		{"a method that the path has not", httptest.NewRequest(http.MethodDelete, "/nota", nil), 405},
		{"TRACE", httptest.NewRequest(http.MethodTrace, "/nota", nil), 405},
		{"an invented method", httptest.NewRequest("BREW", "/nota", nil), 501},
		{"a body over the limit", form(strings.Repeat("a", 200)), 413},
		{"a body over the limit, of unknown length", chunked, 413},
		{"a compressed body", zipped, 415},
		{"a body that is no form", text, 415},
		{"bad escapes", form("a=%zz"), 400},
		{"an endless address", httptest.NewRequest(http.MethodGet, "/nota?q="+strings.Repeat("a", 9000), nil), 414},
		{"too many headers", many, 431},
		{"a NUL in the path", nul, 400},
	}
	for _, c := range cases {
		w := webtest.Do(shell, c.r)
		if w.Code != c.want || !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("%s: status %d, want %d with a page", c.name, w.Code, c.want)
		}
		if c.want == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s: no Allow", c.name)
		}
	}
}

func TestWritesFromOtherSitesAreRefusedOnAnyPath(t *testing.T) {
	called := false
	shell := mount(t, nil, func(s *web.Shell) {
		s.Handle("POST /nota", web.Route{}, func(http.ResponseWriter, *http.Request) error { called = true; return nil })
	})
	for _, path := range []string{"/nota", "/nada", "/"} {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if w := webtest.Do(shell, r); w.Code != http.StatusForbidden {
			t.Errorf("POST %s from another site = %d, want 403", path, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/nota", nil)
	r.Header.Set("Origin", "https://evil.example")
	if w := webtest.Do(shell, r); w.Code != http.StatusForbidden || called {
		t.Errorf("POST with a foreign origin = %d, called %v", w.Code, called)
	}
	if w := webtest.Post(t, shell, "/nota", nil); w.Code != http.StatusOK || !called {
		t.Errorf("POST from this site = %d, want 200", w.Code)
	}
}

func TestEveryAnswerCarriesTheSafetyHeaders(t *testing.T) {
	shell := mount(t, func(c *web.Config) { c.Version = func() string { return "1" } }, nil)
	for _, path := range []string{"/nota", "/nota", "/nada", "/assets/nada.css"} { // the second from the cache
		h := webtest.Get(t, shell, path).Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; style-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy = %q", path, csp)
		}
		want := map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "",
		}
		for name, value := range want {
			if got := h.Get(name); got != value {
				t.Errorf("%s: %s = %q, want %q", path, name, got, value)
			}
		}
	}
}

func TestForwardedHeadersAreBelievedFromTrustedProxiesOnly(t *testing.T) {
	shell := mount(t, func(c *web.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }, nil)
	ask := func(peer string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/nota", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-For", "1.2.3.4, 203.0.113.9, 10.0.0.2")
		return r
	}
	if got := webtest.Do(shell, ask("10.0.0.1:999")).Header().Get("Strict-Transport-Security"); got == "" {
		t.Error("no HSTS behind the proxy that speaks TLS")
	}
	if got := webtest.Do(shell, ask("192.0.2.1:999")).Header().Get("Strict-Transport-Security"); got != "" {
		t.Error("HSTS because a stranger said so")
	}
	if got := shell.ClientIP(ask("10.0.0.1:999")).String(); got != "203.0.113.9" {
		t.Errorf("ClientIP behind proxies = %s, want 203.0.113.9", got)
	}
	if got := shell.ClientIP(ask("192.0.2.1:999")).String(); got != "192.0.2.1" {
		t.Errorf("ClientIP of a stranger = %s, want his own", got)
	}
}

func TestTheHostOfARequestAppearsNowhere(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/nota", nil)
	r.Host = "evil.example"
	w := webtest.Do(mount(t, nil, nil), r)
	if strings.Contains(w.Body.String(), "evil.example") || !strings.Contains(w.Body.String(), `href="`+webtest.Base+`/nota"`) {
		t.Errorf("the page is not about %s:\n%s", webtest.Base, w.Body)
	}
}

func TestTheLanguageComesFromTheAddressThenTheCookieThenIsSpanish(t *testing.T) {
	shell := mount(t, nil, nil)
	cases := []struct {
		name, path, cookie, want, sets string
	}{
		{"by default", "/nota", "", `lang="es-MX"`, ""},
		{"by address", "/nota?lang=en", "", `lang="en"`, "lang=en"},
		{"by cookie", "/nota", "en", `lang="en"`, ""},
		{"address before cookie", "/nota?lang=es", "en", `lang="es-MX"`, "lang=es"},
		{"the same by both", "/nota?lang=en", "en", `lang="en"`, ""},
		{"an unknown one", "/nota?lang=fr", "xx", `lang="es-MX"`, ""},
	}
	for _, c := range cases {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set("Accept-Language", "en")
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "lang", Value: c.cookie})
		}
		w := webtest.Do(shell, r)
		if !strings.Contains(w.Body.String(), "<html "+c.want) {
			t.Errorf("%s: the page is not %s", c.name, c.want)
		}
		if got := w.Header().Get("Set-Cookie"); !strings.HasPrefix(got, c.sets) || (c.sets == "") != (got == "") {
			t.Errorf("%s: Set-Cookie = %q, want %q", c.name, got, c.sets)
		}
		if c.sets != "" && w.Header().Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s: an answer that sets a cookie may be kept: %q", c.name, w.Header().Get("Cache-Control"))
		}
	}
}

func TestPagesDeclareTheirOtherLanguage(t *testing.T) {
	body := webtest.Get(t, mount(t, nil, nil), "/nota?lang=en").Body.String()
	for _, want := range []string{
		`<link rel="canonical" href="https://plaza.example/nota?lang=en">`,
		`<link rel="alternate" hreflang="es-MX" href="https://plaza.example/nota">`,
		`<link rel="alternate" hreflang="en" href="https://plaza.example/nota?lang=en">`,
		`href="/nota?lang=es" hreflang="es" lang="es"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestAnswersAreCompressedAsAskedAndTheSameWithin(t *testing.T) {
	shell := mount(t, nil, nil)
	plain := webtest.Get(t, shell, "/nota").Body.String()
	cases := []struct{ accept, want string }{
		{"", ""}, {"gzip", "gzip"}, {"gzip, deflate, br, zstd", "br"}, {"br;q=0, gzip", "gzip"}, {"deflate", ""},
	}
	for _, c := range cases {
		r := httptest.NewRequest(http.MethodGet, "/nota", nil)
		r.Header.Set("Accept-Encoding", c.accept)
		w := webtest.Do(shell, r)
		if got := w.Header().Get("Content-Encoding"); got != c.want {
			t.Errorf("Accept-Encoding %q: Content-Encoding = %q, want %q", c.accept, got, c.want)
		}
		var body io.Reader = w.Body
		switch c.want {
		case "gzip":
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		case "br":
			body = brotli.NewReader(w.Body)
		}
		got, err := io.ReadAll(body)
		if err != nil || string(got) != plain {
			t.Errorf("Accept-Encoding %q: another body (%v)", c.accept, err)
		}
		if w.Header().Get("Vary") != "Accept-Encoding, Cookie" {
			t.Errorf("Vary = %q", w.Header().Get("Vary"))
		}
	}
}

func TestWhatIsKeptPackedIsSentAsItIsToThoseWhoTakeItSo(t *testing.T) {
	plain := strings.Repeat("gráfica ", 200)
	packed := web.Gzip([]byte(plain))
	for _, cached := range []bool{false, true} {
		shell := webtest.New(t, func(c *web.Config) {
			if cached {
				c.Version = func() string { return "1" }
			}
		})
		shell.Handle("GET /grafica.svg", web.Route{Cache: web.Public}, func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "image/svg+xml")
			web.Packed(w, packed)
			_, err := io.WriteString(w, plain)
			return err
		})
		shell.Handle("GET /falla", web.Route{Cache: web.Public}, func(w http.ResponseWriter, _ *http.Request) error {
			web.Packed(w, packed)
			return plaza.E(plaza.NotFound, "")
		})
		for _, c := range []struct{ accept, want string }{{"gzip, deflate, br, zstd", "gzip"}, {"gzip", "gzip"}, {"br", "br"}, {"gzip;q=0, br", "br"}, {"", ""}} {
			for range 2 {
				r := httptest.NewRequest(http.MethodGet, "/grafica.svg", nil)
				r.Header.Set("Accept-Encoding", c.accept)
				w := webtest.Do(shell, r)
				if got := w.Header().Get("Content-Encoding"); got != c.want || (got == "gzip") != bytes.Equal(w.Body.Bytes(), packed) || got == "" && w.Body.String() != plain {
					t.Errorf("Accept-Encoding %q, cached %v: Content-Encoding = %q of %d bytes, want %q", c.accept, cached, got, w.Body.Len(), c.want)
				}
			}
			r := httptest.NewRequest(http.MethodGet, "/falla", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			if w := webtest.Do(shell, r); bytes.Equal(w.Body.Bytes(), packed) {
				t.Error("what was packed stands for an error's page")
			}
		}
	}
}

func TestAReaderWhoHasThePageIsToldSo(t *testing.T) {
	shell := mount(t, func(c *web.Config) { c.Version = func() string { return "1" } }, nil)
	for range 2 { // the second time from the cache
		etag := webtest.Get(t, shell, "/nota").Header().Get("ETag")
		r := httptest.NewRequest(http.MethodGet, "/nota", nil)
		r.Header.Set("If-None-Match", `"other", `+etag)
		w := webtest.Do(shell, r)
		if etag == "" || w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("If-None-Match %s = %d with %d bytes, want 304 with none", etag, w.Code, w.Body.Len())
		}
	}
}

func TestHeadSaysWhatGetWould(t *testing.T) {
	shell := mount(t, nil, nil)
	get := webtest.Get(t, shell, "/nota")
	head := webtest.Do(shell, httptest.NewRequest(http.MethodHead, "/nota", nil))
	if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != get.Header().Get("Content-Length") {
		t.Errorf("HEAD = %d, %d bytes, length %s, want 200, 0, %s", head.Code, head.Body.Len(), head.Header().Get("Content-Length"), get.Header().Get("Content-Length"))
	}
}

func TestASlashTooManyIsForgiven(t *testing.T) {
	shell := mount(t, nil, nil)
	w := webtest.Get(t, shell, "/nota/?q=a")
	if got := w.Header().Get("Location"); w.Code != http.StatusPermanentRedirect || got != "/nota?q=a" {
		t.Errorf("GET /nota/?q=a = %d to %q", w.Code, got)
	}
	if w := webtest.Get(t, shell, "//evil.example/"); w.Header().Get("Location") != "" && !strings.HasPrefix(w.Header().Get("Location"), "/evil") {
		t.Errorf("a redirect leaves the site: %q", w.Header().Get("Location"))
	}
}

func TestAPanicIsAPageWithAReferenceThatTheLogHas(t *testing.T) {
	var log bytes.Buffer
	shell := mount(t, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }, func(s *web.Shell) {
		s.Handle("GET /mal", web.Route{Cache: web.Public}, func(http.ResponseWriter, *http.Request) error { panic("oh") })
	})
	w := webtest.Get(t, shell, "/mal?token=secreto")
	id := w.Header().Get("X-Request-Id")
	if w.Code != 500 || id == "" || !strings.Contains(w.Body.String(), id) {
		t.Errorf("status %d, reference %q:\n%s", w.Code, id, w.Body)
	}
	if !strings.Contains(log.String(), id) || strings.Contains(log.String(), "secreto") {
		t.Errorf("the log lacks the reference or has the query:\n%s", log.String())
	}
}

func TestNothingOfAFailedPageIsSent(t *testing.T) {
	shell := mount(t, nil, func(s *web.Shell) {
		s.Handle("GET /medio", web.Route{}, func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("X-Half", "1")
			_, _ = w.Write([]byte("medio escrito"))
			return errors.New("broken")
		})
	})
	w := webtest.Get(t, shell, "/medio")
	if w.Code != 500 || strings.Contains(w.Body.String(), "medio escrito") || w.Header().Get("X-Half") != "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestAnAPIAnswersErrorsInItsOwnForm(t *testing.T) {
	shell := mount(t, nil, nil)
	shell.Errors("/api/", func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"status":"x"}`))
	})
	if w := webtest.Get(t, shell, "/api/nada"); w.Code != 404 || w.Body.String() != `{"status":"x"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSignedInReadersAreAskedWhoTheyAreAndWhatTheyMay(t *testing.T) {
	shell := mount(t, func(c *web.Config) {
		c.SessionCookie = "sesion"
		c.Version = func() string { return "1" }
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			return plaza.WithActor(r.Context(), plaza.Actor{PersonID: "p", Name: "Ana <b>"}), nil
		}
		c.Authorize = func(ctx context.Context, action string) error {
			if action == "forbidden" || !plaza.ActorFrom(ctx).SignedIn() {
				return plaza.E(plaza.Forbidden, "")
			}
			return nil
		}
	}, func(s *web.Shell) {
		ok := func(http.ResponseWriter, *http.Request) error { return nil }
		s.Handle("GET /suyo", web.Route{Action: "read", Cache: web.Private}, ok)
		s.Handle("GET /ajeno", web.Route{Action: "forbidden"}, ok)
	})
	ask := func(path, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		return webtest.Do(shell, r)
	}
	for _, c := range []struct {
		path, cookie string
		want         int
	}{{"/suyo", "", 403}, {"/suyo", "sesion=1", 200}, {"/ajeno", "sesion=1", 403}} {
		if w := ask(c.path, c.cookie); w.Code != c.want {
			t.Errorf("GET %s with cookie %q = %d, want %d", c.path, c.cookie, w.Code, c.want)
		}
	}
	ask("/nota", "") // now it is cached for visitors
	own := ask("/nota", "sesion=1")
	if !strings.Contains(own.Body.String(), "Ana &lt;b&gt;") || own.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("a signed-in reader sees %q:\n%s", own.Header().Get("Cache-Control"), own.Body)
	}
	if strings.Contains(ask("/nota", "").Body.String(), "Ana") {
		t.Error("a visitor sees another's name")
	}
}

func TestRoutesAreListedByPattern(t *testing.T) {
	shell := mount(t, nil, nil)
	var got []string
	for _, r := range shell.Routes() {
		got = append(got, r.Pattern+" "+r.Name)
	}
	if diff := cmp.Diff([]string{"GET /assets/{name} web.asset", "GET /nota test.note"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFieldErrorsAreSaidInWords(t *testing.T) {
	shell := mount(t, nil, nil)
	l := shell.Printer(httptest.NewRequest(http.MethodGet, "/", nil))
	err := &plaza.Error{Kind: plaza.Invalid, Fields: []plaza.FieldError{{Field: "correo", Key: "web.progress", Args: map[string]any{"done": 1, "total": 2}}}}
	if diff := cmp.Diff(map[string]string{"correo": "1 de 2"}, web.FieldErrors(l, err)); diff != "" {
		t.Error(diff)
	}
	if web.FieldErrors(l, errors.New("x")) != nil {
		t.Error("an error without fields has field errors")
	}
}

func TestAPagerOfAMillionPagesIsShort(t *testing.T) {
	shell := mount(t, nil, nil)
	l := shell.Printer(httptest.NewRequest(http.MethodGet, "/", nil))
	p := web.NewPager(l, 500_000, 1_000_000, func(int) string { return "x" })
	var got []int
	for _, link := range p.Links {
		got = append(got, link.Number)
	}
	if diff := cmp.Diff([]int{1, 0, 499_999, 500_000, 500_001, 0, 1_000_000}, got); diff != "" {
		t.Error(diff)
	}
}

// lines keeps what was logged.
type lines struct{ bytes.Buffer }

func TestWhatIsNotOurFaultIsNotLoggedAsOne(t *testing.T) {
	var log lines
	var answers []web.Answer
	shell := mount(t, func(c *web.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Observe = func(_ context.Context, _ *web.Route, _ string, a web.Answer) { answers = append(answers, a) }
	}, func(s *web.Shell) {
		s.Handle("GET /lenta", web.Route{}, func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() })
	})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	webtest.Do(shell, httptest.NewRequestWithContext(ctx, http.MethodGet, "/lenta", nil))
	webtest.Do(shell, httptest.NewRequest("PURGE", "/nota", nil))
	var got []int
	for _, a := range answers {
		got = append(got, a.Status)
	}
	if want := []int{499, 501}; !slices.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("logged as our failure:\n%s", log.String())
	}
}

func TestAConnectionWithAChunkedBodyAnswersOnce(t *testing.T) {
	server := httptest.NewServer(mount(t, nil, nil))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	smuggled := "GET /nota HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	if _, err := io.WriteString(conn, "POST /nota HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"+smuggled); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(all, []byte("HTTP/1.1 ")); n != 1 {
		t.Errorf("%d answers on one connection:\n%s", n, all)
	}
}

func TestAProxyOnThisMachineThatIsNotTrustedIsSaidOnce(t *testing.T) {
	var log strings.Builder
	shell := mount(t, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }, nil)
	for range 3 {
		r := httptest.NewRequest(http.MethodGet, "/nota", nil)
		r.RemoteAddr = "127.0.0.1:999"
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		if got := shell.ClientIP(r).String(); got != "127.0.0.1" {
			t.Errorf("ClientIP = %s", got)
		}
	}
	if n := strings.Count(log.String(), "PLAZA_TRUSTED_PROXIES"); n != 1 {
		t.Errorf("it is said %d times: %s", n, log.String())
	}
}
