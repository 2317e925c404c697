package record_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// pages mounts the record's pages over a store.
func pages(t *testing.T, d *db.DB, signer *record.Signer) *web.Shell {
	t.Helper()
	shell := webtest.New(t, func(c *web.Config) { c.Now = d.Now }, record.Locale)
	p := record.NewPages(record.PagesConfig{
		DB: d, PublicKey: signer.PublicKey(),
		Cards: func(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
			out := map[plaza.Ref]plaza.Card{}
			for _, r := range refs {
				if r.Kind == "dataset" {
					out[r] = plaza.Card{Ref: r, Title: "Camas <de> hospital", Path: "/datos/camas", Language: "es"}
				}
			}
			return out, nil
		},
		Institutions: func(*db.Tx) ([]record.Choice, error) {
			return []record.Choice{{ID: "i1", Slug: "salud", Name: "Secretaría de Salud"}}, nil
		},
	})
	if err := p.Mount(shell); err != nil {
		t.Fatal(err)
	}
	return shell
}

func signerOf(t *testing.T) *record.Signer {
	t.Helper()
	s, err := record.NewSigner("plaza.example", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, d *db.DB, acts ...record.Act) {
	t.Helper()
	ctx := plaza.WithActor(t.Context(), plaza.SystemActor)
	if err := d.Write(ctx, func(tx *db.Tx) error { return record.Append(tx, acts...) }); err != nil {
		t.Fatal(err)
	}
}

func page(t *testing.T, shell *web.Shell, path string) *goquery.Document {
	t.Helper()
	res := webtest.Get(t, shell, path)
	if res.Code != http.StatusOK {
		t.Fatalf("GET %s = %d\n%s", path, res.Code, res.Body)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func says(t *testing.T, doc *goquery.Document, selector string, want ...string) {
	t.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	for _, s := range want {
		if !strings.Contains(got, s) {
			t.Errorf("%s says %q, want %q in it", selector, got, s)
		}
	}
}

func fill(t *testing.T, d *db.DB) {
	t.Helper()
	put(t, d, record.Act{Verb: "institution.added", Object: plaza.Ref{Kind: "institution", ID: "i1"}, Institution: "i1", Payload: map[string]any{"name": "Secretaría de Salud"}})
	dbtest.Advance(d, 72*time.Hour)
	put(t, d, record.Act{Verb: "dataset.added", Object: plaza.Ref{Kind: "dataset", ID: "d1"}, Institution: "i1"},
		record.Act{Verb: "comet.seen", Object: plaza.Ref{Kind: "comet", ID: "c"}})
}

func TestTheRecordReadsAsSentences(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		shell := pages(t, d, signerOf(t))
		says(t, page(t, shell, "/bitacora"), ".Empty", "Todavía no ha pasado nada")
		fill(t, d)
		doc := page(t, shell, "/bitacora")
		says(t, doc, ".History li:nth-child(1)", "hoy, 09:00", "no sabe contar con palabras (comet.seen): sin título")
		says(t, doc, ".History li:nth-child(2)", "Se publicó el conjunto de datos Camas <de> hospital.", "Plaza, de forma automática")
		says(t, doc, ".History li:nth-child(3)", "23 de noviembre de 2026", "Se registró la institución Secretaría de Salud.")
		if href, _ := doc.Find(".History li:nth-child(2) p:nth-child(2) a").Attr("href"); href != "/datos/camas" {
			t.Errorf("the dataset leads to %q", href)
		}
		says(t, page(t, shell, "/bitacora?lang=en"), ".History", "The dataset Camas <de> hospital was published.")
	})
}

func TestTheRecordIsFilteredByActInstitutionDayAndObject(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		shell := pages(t, d, signerOf(t))
		fill(t, d)
		for query, want := range map[string]int{
			"acto=dataset.": 1, "acto=dataset.added": 1, "institucion=salud": 2, "institucion=nadie": 0,
			"desde=2026-11-26": 2, "hasta=2026-11-23": 1, "desde=2026-11-24&hasta=2026-11-25": 0, "objeto=dataset:d1": 1,
			"acto=%27%3B": 3, "desde=ayer": 3, "antes=2": 1, "antes=-4": 3, "objeto=x": 3, "desde=99999-01-01": 3,
		} {
			if got := page(t, shell, "/bitacora?"+query).Find(".History li").Length(); got != want {
				t.Errorf("/bitacora?%s shows %d acts, want %d", query, got, want)
			}
		}
	})
}

func TestTheRecordPagesByNumberAndCostsFewStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		shell := pages(t, d, signerOf(t))
		for i := range 120 {
			put(t, d, record.Act{Verb: "dataset.added", Object: plaza.Ref{Kind: "dataset", ID: fmt.Sprint(i)}})
		}
		path, seen := "/bitacora", 0
		for range 3 {
			doc := page(t, shell, path)
			seen += doc.Find(".History li").Length()
			path, _ = doc.Find(`a[rel="next"]`).Attr("href")
		}
		if seen != 120 || path != "" {
			t.Errorf("three pages show %d acts and lead on to %q, want 120 and nowhere", seen, path)
		}
		ctx, n := db.CountStatements(context.WithoutCancel(t.Context()))
		webtest.Do(shell, httptest.NewRequestWithContext(ctx, http.MethodGet, "/bitacora", nil))
		if n.Load() > 1 { // cards and institutions are stubs here
			t.Errorf("the page took %d statements, want 1", n.Load())
		}
	})
}

func TestAStretchOfTimeIsFoundWithoutReadingTheWholeRecord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		shell := pages(t, d, signerOf(t))
		for i := range 100 {
			put(t, d, record.Act{Verb: "dataset.added", Object: plaza.Ref{Kind: "dataset", ID: fmt.Sprint(i)}})
			dbtest.Advance(d, 24*time.Hour)
		}
		doc := page(t, shell, "/bitacora?desde=2026-12-01&hasta=2026-12-10")
		if n := doc.Find(".History li").Length(); n != 10 {
			t.Errorf("ten days show %d acts, want 10", n)
		}
		if lines := strings.Count(webtest.Get(t, shell, "/bitacora.jsonl?desde=2027-01-01").Body.String(), "\n"); lines != 61 {
			t.Errorf("the export since New Year has %d lines, want 61", lines)
		}
		ctx, n := db.CountStatements(context.WithoutCancel(t.Context()))
		webtest.Do(shell, httptest.NewRequestWithContext(ctx, http.MethodGet, "/bitacora?desde=2026-12-01&hasta=2026-12-10&x=1", nil))
		if n.Load() > 2+2*7 { // the position, the page and two searches of 100 by halves
			t.Errorf("the page took %d statements, want at most 16", n.Load())
		}
	})
}

func TestTheExportIsWholeOpenAndVerifiable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		signer := signerOf(t)
		shell := pages(t, d, signer)
		fill(t, d)
		res := webtest.Get(t, shell, "/bitacora.jsonl")
		for name, want := range map[string]string{"Content-Type": "application/jsonl; charset=utf-8",
			"Access-Control-Allow-Origin": "*", "Content-Disposition": `attachment; filename="bitacora.jsonl"`} {
			if got := res.Header().Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		checkpoint, err := signer.Checkpoint(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		note := webtest.Get(t, shell, "/bitacora/comprobacion.txt").Body.String()
		key := strings.TrimSpace(webtest.Get(t, shell, "/bitacora/llave.txt").Body.String())
		opened, err := record.OpenCheckpoint(note, key)
		if err != nil || opened.Seq != checkpoint.Seq {
			t.Fatalf("the published note opens as %+v, %v", opened, err)
		}
		if v, err := record.Verify(res.Body, opened); err != nil || v.Entries != 3 {
			t.Errorf("Verify = %+v, %v, want 3 entries", v, err)
		}
		if lines := strings.Count(webtest.Get(t, shell, "/bitacora.jsonl?acto=dataset.").Body.String(), "\n"); lines != 1 {
			t.Errorf("the filtered export has %d lines, want 1", lines)
		}
		says(t, page(t, shell, "/bitacora/comprobaciones"), ".Main", key, strings.TrimSpace(checkpoint.Note[:20]), "Firmas anteriores", checkpoint.Hash)
	})
}

func TestAllKeysArePublishedTheOneThatSignsNowFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		before, err := record.NewSigner("antes.example", bytes.Repeat([]byte{7}, 32))
		if err != nil {
			t.Fatal(err)
		}
		now := signerOf(t)
		fill(t, d)
		if _, err := before.Checkpoint(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		shell := pages(t, d, now)
		want := now.PublicKey() + "\n" + before.PublicKey() + "\n"
		for range 2 { // before it has signed and after
			if got := webtest.Get(t, shell, "/bitacora/llave.txt").Body.String(); got != want {
				t.Errorf("llave.txt is %q, want %q", got, want)
			}
			fill(t, d)
			if _, err := now.Checkpoint(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		says(t, page(t, shell, "/bitacora/comprobaciones"), "#llave", now.PublicKey(), before.PublicKey())
	})
}

func TestBeforeTheFirstCheckpointThePagesSayWhenItComes(t *testing.T) {
	d := dbtest.SQLite(t)
	shell := pages(t, d, signerOf(t))
	says(t, page(t, shell, "/bitacora/comprobaciones"), ".Main", "Todavía no se ha firmado ninguna")
	if res := webtest.Get(t, shell, "/bitacora/comprobacion.txt"); res.Code != http.StatusNotFound {
		t.Errorf("the note is %d before there is one, want 404", res.Code)
	}
}

func TestTemplatesAndCataloguesFit(t *testing.T) {
	for _, p := range append(webtest.CheckTemplates(pages(t, dbtest.SQLite(t), signerOf(t))), i18n.CheckCatalogues(record.Locale)...) {
		t.Error(p)
	}
}
