package home_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/site/home"
)

func shell(t *testing.T, d *db.DB, engine *search.Engine) *web.Shell {
	t.Helper()
	s := webtest.New(t, func(c *web.Config) {
		c.Now, c.SessionCookie = d.Now, "who"
		c.Authenticate = func(r *http.Request) (context.Context, error) {
			if _, err := r.Cookie("who"); err != nil {
				return r.Context(), nil
			}
			return plaza.WithActor(r.Context(), plaza.Actor{PersonID: "p", Grants: []plaza.Grant{{Role: plaza.Admin}}}), nil
		}
	}, home.Locale, catalog.Locale, institution.Locale, record.Locale, access.Locale)
	if err := home.New(home.Deps{DB: d, Search: engine, Cards: catalog.Cards}).Mount(s); err != nil {
		t.Fatal(err)
	}
	return s
}

func fill(t *testing.T, d *db.DB, engine *search.Engine) {
	t.Helper()
	ctx := plaza.WithActor(t.Context(), plaza.SystemActor)
	var body institution.Institution
	write := func(f func(tx *db.Tx) error) {
		if err := d.Write(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *db.Tx) (err error) {
		body, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Type: "federal"})
		return err
	})
	write(func(tx *db.Tx) error {
		var batch []catalog.Incoming
		for key, modified := range map[string]string{"camas": "2026-11-20", "vacunas": "2020", "otro": ""} {
			r := dcat.Record{SourceKey: key, Title: "Datos de " + key, Modified: modified, Themes: []string{"Salud"}, Keywords: []string{"hospitales & clínicas"},
				Resources: []dcat.Resource{{SourceKey: "r", Title: "R", DownloadURL: "https://x.example/" + key}}}
			if modified != "" {
				r.AccrualPeriodicity = "R/P1M"
			}
			batch = append(batch, catalog.NewIncoming(r, r.Fingerprint(), body.ID))
		}
		_, err := catalog.Apply(tx, catalog.Batch{Source: plaza.NewID(tx.Now), Names: map[string]string{body.ID: body.Name}}, batch)
		return err
	})
	if err := engine.Sync(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func page(t *testing.T, s *web.Shell, r *http.Request) *goquery.Document {
	t.Helper()
	res := webtest.Do(s, r)
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil || res.Code != http.StatusOK {
		t.Fatalf("GET %s = %d, %v", r.URL, res.Code, err)
	}
	return doc
}

func get(t *testing.T, path string) *http.Request {
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
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

func TestWithNothingInItTheHomePageTeaches(t *testing.T) {
	d := dbtest.SQLite(t)
	s := shell(t, d, search.New())
	says(t, page(t, s, get(t, "/")), ".Main", "Datos públicos, a la vista de todos", "Esta plaza acaba de abrir", "Ver los catálogos que se leen")
	says(t, page(t, s, get(t, "/acerca")), ".Main", "Privacidad", "Ver los permisos", "Cómo comprobarla")
}

func TestTheHomePageSaysWhatThereIsAndHowWellItIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		engine := search.New()
		fill(t, d, engine)
		s := shell(t, d, engine)
		doc := page(t, s, get(t, "/"))
		says(t, doc, ".Hero", "que publica 1 institución", "hospitales & clínicas")
		says(t, doc, ".Figures", "3", "conjuntos de datos", "1 de 2", "se actualizan al ritmo que prometen")
		says(t, doc, ".Main", "Datos de camas", "Se publicó el conjunto de datos", "Salud 3", "Secretaría de Salud 3 conjuntos de datos")
		if href, _ := doc.Find(".Hero-try a").Attr("href"); href != "/buscar?q=hospitales+%26+cl%C3%ADnicas" {
			t.Errorf("an example leads to %q", href)
		}
		if strings.Contains(doc.Text(), "Usted coordina") {
			t.Error("a visitor is shown the coordination's link")
		}
		admin := get(t, "/")
		admin.AddCookie(&http.Cookie{Name: "who", Value: "admin"})
		says(t, page(t, s, admin), ".Notice", "Usted coordina este sitio")
		ctx, n := db.CountStatements(context.WithoutCancel(t.Context()))
		page(t, s, get(t, "/?x=1").WithContext(ctx))
		if n.Load() > 8 {
			t.Errorf("the page took %d statements, want at most 8", n.Load())
		}
	})
}

func TestWhatIsDoneAmongOfficialsIsNoNews(t *testing.T) {
	d, engine := dbtest.SQLite(t), search.New()
	fill(t, d, engine)
	s := shell(t, d, engine)
	before := page(t, s, get(t, "/")).Find(".Main").Text()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		for _, verb := range []string{"mail.read", "job.retried", "source.asked", "source.stopped", "moderation.hidden", "comment.merged", "comment.split", "account.role_granted"} {
			if err := record.Append(tx, record.Act{Verb: verb, Object: plaza.Ref{Kind: "mail", ID: tx.ID()}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if after := page(t, s, get(t, "/?x=1")).Find(".Main").Text(); after != before {
		t.Errorf("the home page said\n%s\nand tells now\n%s", before, after)
	}
}

func TestPagesFitTheirTypesAndWords(t *testing.T) {
	s := shell(t, dbtest.SQLite(t), search.New())
	for _, p := range append(webtest.CheckTemplates(s), i18n.CheckCatalogues(home.Locale)...) {
		t.Error(p)
	}
}
