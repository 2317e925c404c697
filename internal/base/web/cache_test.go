package web_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/plaza"
)

func sub(t *testing.T) fs.FS {
	t.Helper()
	fsys, err := fs.Sub(testdata, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

// counted is a shell whose page /n says how often it was made.
type counted struct {
	*web.Shell
	made    atomic.Int64
	version atomic.Value
	now     atomic.Value
	slow    chan struct{} // closed when slow pages may end
}

func newCounted(t *testing.T, limit int64) *counted {
	c := &counted{slow: make(chan struct{})}
	c.version.Store("1")
	c.now.Store(webtest.Now)
	c.Shell = webtest.New(t, func(cfg *web.Config) {
		cfg.Version = func() string { return c.version.Load().(string) }
		cfg.Now = func() time.Time { return c.now.Load().(time.Time) }
		cfg.CacheBytes = limit
		cfg.SessionCookie = "sesion"
	})
	count := func(w http.ResponseWriter, r *http.Request) error {
		n := c.made.Add(1)
		switch r.URL.Query().Get("con") {
		case "cookie":
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		case "vary":
			w.Header().Set("Vary", "Accept")
		case "no-store":
			w.Header().Set("Cache-Control", "no-store")
		case "404":
			return &web.StatusError{Status: http.StatusNotFound}
		case "mucho":
			_, err := w.Write(make([]byte, 3<<20))
			return err
		case "lento":
			<-c.slow
		}
		_, err := fmt.Fprintf(w, "made %d", n)
		return err
	}
	c.Handle("GET /n", web.Route{Cache: web.Public}, count)
	c.Handle("GET /privado", web.Route{Cache: web.Private}, count)
	c.Handle("GET /nunca", web.Route{}, count)
	return c
}

// times asks for a path twice and says how often it was made.
func (c *counted) times(t *testing.T, ask func() *http.Request) int64 {
	t.Helper()
	before := c.made.Load()
	for range 2 {
		webtest.Do(c, ask())
	}
	return c.made.Load() - before
}

func TestOnlyWhatIsTheSameForAllIsMadeOnce(t *testing.T) {
	c := newCounted(t, 0)
	get := func(path string, header ...string) func() *http.Request {
		return func() *http.Request {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			return r
		}
	}
	c.Personal("carta")
	cases := []struct {
		name string
		ask  func() *http.Request
		want int64
	}{
		{"with a cookie by which one is known", get("/n?q=1", "Cookie", "carta=abc"), 2},
		{"a public page", get("/n?q=1"), 1},
		{"the same in English", get("/n?q=1&lang=en"), 1},
		{"the same in English by cookie", get("/n?q=2", "Cookie", "lang=en"), 1},
		{"with another cookie", get("/n?q=3", "Cookie", "x=1"), 1},
		{"with a session", get("/n?q=1", "Cookie", "x=1; sesion=abc"), 2},
		{"with a token", get("/n?q=1", "Authorization", "Bearer x"), 2},
		{"a page that sets a cookie", get("/n?con=cookie"), 2},
		{"a page that varies", get("/n?con=vary"), 2},
		{"a page that says no-store", get("/n?con=no-store"), 2},
		{"a page that is not there", get("/n?con=404"), 2},
		{"an answer too large to keep", get("/n?con=mucho"), 2},
		{"a private page", get("/privado"), 2},
		{"a page of a route without caching", get("/nunca"), 2},
	}
	for _, tc := range cases {
		if got := c.times(t, tc.ask); got != tc.want {
			t.Errorf("%s: asked twice, made %d times, want %d", tc.name, got, tc.want)
		}
	}
}

func TestAnEntryIsGoodForItsVersionAndForMinutes(t *testing.T) {
	c := newCounted(t, 0)
	ask := func() string { return webtest.Get(t, c, "/n").Body.String() }
	first := ask()
	if again := ask(); again != first {
		t.Errorf("asked again: %q, want %q", again, first)
	}
	c.version.Store("2")
	second := ask()
	if second == first {
		t.Error("a new version shows the old page")
	}
	c.now.Store(webtest.Now.Add(time.Hour))
	if third := ask(); third == second {
		t.Error("an hour later the page is as old as before")
	}
}

func TestThoseWhoAskTogetherShareOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounted(t, 0)
		var wg sync.WaitGroup
		bodies := make([]string, 20)
		for i := range bodies {
			wg.Go(func() { bodies[i] = webtest.Get(t, c, "/n?con=lento").Body.String() })
		}
		synctest.Wait() // one makes the page, the others wait for it
		close(c.slow)
		wg.Wait()
		for _, body := range bodies {
			if body != "made 1" {
				t.Errorf("somebody got %q, want the first page made", body)
			}
		}
	})
}

func TestTheCacheStaysWithinItsBytesAndKeepsWhatIsUsed(t *testing.T) {
	c := newCounted(t, 64<<10)
	webtest.Get(t, c, "/n?q=popular")
	for i := range 500 {
		webtest.Get(t, c, fmt.Sprintf("/n?q=%d", i))
		webtest.Get(t, c, "/n?q=popular")
	}
	if got := c.made.Load(); got != 501 {
		t.Errorf("made %d pages, want 501: the one in use was dropped", got)
	}
	before := c.made.Load()
	for i := range 500 {
		webtest.Get(t, c, fmt.Sprintf("/n?q=%d", i))
	}
	if got := c.made.Load() - before; got < 400 {
		t.Errorf("%d of 500 pages were made again: the cache holds more than its bytes", got)
	}
}

func BenchmarkCachedPage(b *testing.B) {
	shell := webtest.New(b, func(cfg *web.Config) { cfg.Version = func() string { return "1" } })
	shell.Handle("GET /n", web.Route{Cache: web.Public}, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := w.Write(make([]byte, 20<<10))
		return err
	})
	r := httptest.NewRequest(http.MethodGet, "/n", nil)
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		shell.ServeHTTP(w, r)
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func TestWhoWaitsForAPageHearsThatTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made atomic.Int64
		away := make(chan struct{})
		shell := webtest.New(t, func(c *web.Config) { c.Version = func() string { return "1" } })
		shell.Handle("GET /n", web.Route{Cache: web.Public}, func(http.ResponseWriter, *http.Request) error {
			made.Add(1)
			<-away
			return plaza.E(plaza.Unavailable, "")
		})
		var waiting sync.WaitGroup
		for range 5 {
			waiting.Go(func() {
				if w := webtest.Get(t, shell, "/n"); w.Code != http.StatusServiceUnavailable {
					t.Errorf("status %d, want 503", w.Code)
				}
			})
		}
		synctest.Wait()
		close(away)
		waiting.Wait()
		if made.Load() != 1 {
			t.Errorf("the store was asked %d times, want once", made.Load())
		}
	})
}
