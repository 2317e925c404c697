package site_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/site"
	"plaza/internal/site/demo"
)

// routed is a site with the demonstration behind a real server.
type routed struct {
	*httptest.Server
	site  *site.Site
	shell *web.Shell
	fill  *strings.Replacer // what stands for each wildcard
}

func serve(t *testing.T) *routed {
	t.Helper()
	s, _ := played(t, t.TempDir())
	w, err := record.Watch(t.Context(), s.DB)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Search.Sync(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	pages, err := s.Pages(w)
	if err != nil {
		t.Fatal(err)
	}
	r := &routed{site: s, shell: pages.Shell}
	r.Server = httptest.NewServer(pages.Shell)
	t.Cleanup(r.Close)
	var dataset, resource, institution, source, run string
	if err := s.DB.Read(t.Context(), func(tx *db.Tx) error {
		if err := tx.Row(`SELECT d.slug, r.id FROM datasets d JOIN resources r ON r.dataset_id = d.id ORDER BY d.slug, r.id LIMIT 1`).
			Scan(&dataset, &resource); err != nil {
			return err
		}
		if err := tx.Row(`SELECT slug FROM institutions ORDER BY slug LIMIT 1`).Scan(&institution); err != nil {
			return err
		}
		return tx.Row(`SELECT source_id, id FROM runs ORDER BY id LIMIT 1`).Scan(&source, &run)
	}); err != nil {
		t.Fatal(err)
	}
	r.fill = strings.NewReplacer("{$}", "", "{dataset}", dataset, "{resource}", resource, "{institution}", institution,
		"{source}", source, "{run}", run, "{provider}", "nada", "{credential}", "nada", "{rule}", "nada", "{job}", run, "{token}", "nada", "{name}", "nada", "{file}", "nada",
		"{action}", "status_show", "{version}", "3", "{rest...}", "", "{path...}", "")
	return r
}

// page is a page as a visitor gets it.
func (r *routed) page(t *testing.T, path string) *goquery.Document {
	t.Helper()
	res := webtest.Get(t, r.shell, path)
	if res.Code != http.StatusOK {
		t.Fatalf("GET %s = %d", path, res.Code)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// as is a client signed in with a role, or a visitor's for "".
func (r *routed) as(t *testing.T, role plaza.Role) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if role == plaza.Visitor {
		return c
	}
	ctx := plaza.WithActor(t.Context(), plaza.SystemActor)
	email := string(role) + "@ejemplo.mx"
	if err := r.site.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := account.Create(tx, account.New{Email: email, Name: string(role)})
		if err != nil || role == plaza.Member {
			return err
		}
		where := ""
		if role == plaza.Liaison {
			where = demo.InstitutionID("SALUD")
		}
		return account.GrantRole(tx, p.ID, role, where, time.Time{})
	}); err != nil {
		t.Fatal(err)
	}
	link, err := r.site.Accounts.SigninLink(ctx, email)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.PostForm(r.URL+u.Path, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in as %s: %s", role, res.Status)
	}
	return c
}

// actors are who the table is asked for.
var actors = map[plaza.Role]plaza.Actor{
	plaza.Visitor:   {},
	plaza.Member:    {PersonID: "x"},
	plaza.Liaison:   {PersonID: "x", Grants: []plaza.Grant{{Role: plaza.Liaison, Institution: demo.InstitutionID("SALUD")}}},
	plaza.Moderator: {PersonID: "x", Grants: []plaza.Grant{{Role: plaza.Moderator}}},
	plaza.Admin:     {PersonID: "x", Grants: []plaza.Grant{{Role: plaza.Admin}}},
}

func TestEveryRouteAsksTheTableForEveryRole(t *testing.T) {
	r := serve(t)
	routes := r.shell.Routes()
	if len(routes) < 30 {
		t.Fatalf("only %d routes", len(routes))
	}
	for role, actor := range actors {
		c := r.as(t, role)
		for _, route := range routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if strings.HasPrefix(path, "/assets/") || path == "/salir" && method == http.MethodPost {
				continue // files; and it would end the session that asks
			}
			if !access.Known(access.Action(route.Action)) {
				t.Errorf("%s asks for %q, which the table does not know", route.Pattern, route.Action)
				continue
			}
			target := r.fill.Replace(path)
			if strings.ContainsAny(target, "{}") {
				t.Errorf("%s: the test does not know what stands for its wildcard", route.Pattern)
				continue
			}
			req, err := http.NewRequestWithContext(t.Context(), method, r.URL+target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if method == http.MethodPost {
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			res, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			may := access.Could(actor, access.Action(route.Action))
			refused := res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusUnauthorized ||
				res.StatusCode == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/entrar?")
			if res.StatusCode >= 500 {
				t.Errorf("%s as %s: %s", route.Pattern, role, res.Status)
			}
			// Who may do it somewhere may still be refused for this object; the converse never.
			if !may && !refused || may && refused && role != plaza.Liaison {
				t.Errorf("%s as %s: %s, and the table says %v", route.Pattern, role, res.Status, may)
			}
			if refused && strings.Contains(res.Header.Get("Cache-Control"), "public") {
				t.Errorf("%s as %s: a refusal may be kept by caches", route.Pattern, role)
			}
		}
	}
}
