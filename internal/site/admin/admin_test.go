package admin_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/image"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/site/admin"
)

type work struct {
	N int `json:"n"`
}

func (work) Kind() string { return "harvest.run" }

// shell has the pages; everyone with a cookie is who it says.
func shell(t *testing.T, d *db.DB, logos *institution.Logos, more ...fs.FS) *web.Shell {
	t.Helper()
	s := webtest.New(t, func(c *web.Config) {
		c.Now, c.SessionCookie, c.Authorize = d.Now, "who", access.Authorize
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			cookie, err := r.Cookie("who")
			if err != nil {
				return r.Context(), nil
			}
			return plaza.WithActor(r.Context(), plaza.Actor{PersonID: "p", Grants: []plaza.Grant{{Role: plaza.Role(cookie.Value)}}}), nil
		}
	}, append(more, admin.Locale, job.Locale, access.Locale, institution.Locale, image.Locale)...)
	if err := admin.New(admin.Deps{DB: d, Logos: logos}).Mount(s); err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(t *testing.T, s *web.Shell, who, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(url.Values{}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "who", Value: who})
	}
	return webtest.Do(s, r)
}

func page(t *testing.T, s *web.Shell, path string) *goquery.Document {
	t.Helper()
	res := ask(t, s, "admin", http.MethodGet, path)
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil || res.Code != http.StatusOK {
		t.Fatalf("GET %s = %d, %v", path, res.Code, err)
	}
	return doc
}

func says(t *testing.T, doc *goquery.Document, selector string, want ...string) {
	t.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s says %q, want %q in it", selector, got, w)
		}
	}
}

func enqueue(t *testing.T, d *db.DB, n int) string {
	t.Helper()
	var id string
	if err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
		id, _, err = job.Enqueue(tx, work{n}, job.Options{MaxAttempts: 1})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestJobsAreSeenCancelledAndRetried(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := shell(t, d, nil)
		says(t, page(t, s, "/admin/trabajos"), ".Empty", "No hay trabajos así")
		id := enqueue(t, d, 1)
		runner := job.NewRunner(d, job.Config{})
		runner.Handle(work{}.Kind(), func(context.Context, *job.Job) error { return errors.New("the <disk> is full") })
		if _, err := runner.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		says(t, page(t, s, "/admin"), ".Main", "Falló un trabajo", "Ver por qué")
		doc := page(t, s, "/admin/trabajos?estado=discarded")
		says(t, doc, "table", "Lectura de un catálogo", "Fallido", "1 de 1", "the <disk> is full")
		says(t, doc, ".Sort", "Todos (1)", "Fallido (1)")
		res := ask(t, s, "admin", http.MethodPost, "/admin/trabajos/"+id+"/reintentar")
		if res.Code != http.StatusSeeOther {
			t.Fatalf("retrying = %d", res.Code)
		}
		says(t, page(t, s, res.Header().Get("Location")), ".Main", "se intentará de nuevo", "En espera")
		if res := ask(t, s, "admin", http.MethodPost, "/admin/trabajos/"+id+"/cancelar"); res.Code != http.StatusSeeOther {
			t.Fatalf("cancelling = %d", res.Code)
		}
		if res := ask(t, s, "admin", http.MethodPost, "/admin/trabajos/"+id+"/cancelar"); res.Code != http.StatusConflict {
			t.Errorf("cancelling again = %d, want 409", res.Code)
		}
		if res := ask(t, s, "admin", http.MethodPost, "/admin/trabajos/nada/reintentar"); res.Code != http.StatusNotFound {
			t.Errorf("retrying nothing = %d, want 404", res.Code)
		}
		says(t, page(t, s, "/admin"), ".Main", "Nada espera a nadie")
	})
}

func TestJobsArePaged(t *testing.T) {
	d := dbtest.SQLite(t)
	s := shell(t, d, nil)
	for i := range 70 {
		enqueue(t, d, i)
	}
	doc := page(t, s, "/admin/trabajos?estado=available")
	next, _ := doc.Find(`a[rel="next"]`).Attr("href")
	if a, b := doc.Find("tbody tr").Length(), page(t, s, next).Find("tbody tr").Length(); a != 50 || b != 20 {
		t.Errorf("two pages list %d and %d jobs, want 50 and 20", a, b)
	}
}

func TestOnlyTheCoordinationSees(t *testing.T) {
	s := shell(t, dbtest.SQLite(t), nil)
	for _, route := range s.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if !strings.HasPrefix(path, "/admin") {
			continue
		}
		path = strings.NewReplacer("{job}", "x", "{institution}", "x").Replace(path)
		for who, want := range map[string]int{"": http.StatusUnauthorized, "member": http.StatusForbidden, "liaison": http.StatusForbidden} {
			if res := ask(t, s, who, method, path); res.Code != want {
				t.Errorf("%q %s %s = %d, want %d", who, method, path, res.Code, want)
			}
		}
	}
}

func TestPagesFitTheirTypesAndWords(t *testing.T) {
	for _, p := range append(webtest.CheckTemplates(shell(t, dbtest.SQLite(t), nil)), i18n.CheckCatalogues(admin.Locale)...) {
		t.Error(p)
	}
}
