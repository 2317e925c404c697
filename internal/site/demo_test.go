package site_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/record"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
	"plaza/internal/site"
	"plaza/internal/site/demo"
)

var today = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func config(dir string) site.Config {
	return site.Config{Addr: "localhost:8080", Data: dir, Now: today, Frozen: true,
		Log: slog.New(slog.DiscardHandler), Version: "test"}
}

// opening is config for a site that opens the files of its resources.
func opening(dir string) site.Config {
	c := config(dir)
	c.Worker = worker()
	return c
}

// worker opens files for the sites of tests.
func worker() *child.Command {
	c, err := childtest.Built()
	if err != nil {
		panic(err) // nothing here works without
	}
	return &c
}

// played plays the demonstration into dir and opens the site that it makes.
func played(t *testing.T, dir string) (*site.Site, int) {
	t.Helper()
	cfg := config(dir)
	n, err := site.PlayDemo(t.Context(), cfg, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := site.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, n
}

// template is the folder of an installation with the demonstration in it as of today,
// played once: in memory, so that a process leaves nothing behind.
var template = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "plaza-demo-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if _, err := site.PlayDemo(context.Background(), opening(dir), true, nil); err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	return files, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(path)
		return err
	})
})

// copied opens a site of a test's own with the demonstration in it, for those that do not
// look at how it is played. change, if set, changes its configuration.
func copied(t *testing.T, change func(*site.Config)) *site.Site {
	t.Helper()
	files, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := opening(dir)
	if change != nil {
		change(&cfg)
	}
	s, err := site.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestTheDemonstrationFillsEveryPageAndMayBePlayedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, n := played(t, dir)
	if n == 0 {
		t.Fatal("nothing was played")
	}
	c, seq := world(t, s)
	if c.Institutions < 12 || c.Datasets < 60 || c.Resources < 120 || c.Sources < 6 {
		t.Errorf("the demonstration holds %+v", c)
	}
	if _, again := played(t, dir); again != 0 {
		t.Errorf("a second playing played %d acts", again)
	}
	if c2, seq2 := world(t, s); c2 != c || seq2 != seq {
		t.Errorf("a second playing left %+v and %d entries, before %+v and %d", c2, seq2, c, seq)
	}
	var b strings.Builder
	if err := record.Export(t.Context(), s.DB, record.Filter{}, &b); err != nil {
		t.Fatal(err)
	}
	if _, err := record.Verify(strings.NewReader(b.String())); err != nil {
		t.Error(err)
	}
	var absent, broken, unmapped int
	var first time.Time
	if err := s.DB.Read(t.Context(), func(tx *db.Tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM datasets WHERE state = 'absent'`).Scan(&absent); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM datasets WHERE institution_id = ''`).Scan(&unmapped); err != nil {
			return err
		}
		if err := tx.Row(`SELECT at FROM record_entries ORDER BY seq LIMIT 1`).Scan(&first); err != nil {
			return err
		}
		return tx.Row(`SELECT COUNT(*) FROM resources WHERE check_state NOT IN ('', 'ok')`).Scan(&broken)
	}); err != nil {
		t.Fatal(err)
	}
	if absent == 0 || broken == 0 || unmapped == 0 {
		t.Errorf("absent %d, broken %d, unmapped %d: each page should have something to show", absent, broken, unmapped)
	}
	if want := today.AddDate(0, -18, 0); first.Sub(want).Abs() > 24*time.Hour {
		t.Errorf("the story begins at %v, want about %v", first, want)
	}
}

func TestTheDemonstrationLeavesAStoreWithALifeAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, err := site.Open(t.Context(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DB.Write(t.Context(), func(tx *db.Tx) error {
		return record.Append(tx, record.Act{Verb: "institution.added"})
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := site.PlayDemo(t.Context(), config(dir), true, nil); n != 0 || err != nil {
		t.Errorf("with --if-empty: %d acts, %v", n, err)
	}
	if _, err := site.PlayDemo(t.Context(), config(dir), false, nil); err == nil {
		t.Error("without --if-empty it was played into a store that has a life of its own")
	}
}

func TestEveryDatasetOfTheDemonstrationNamesItsOrigin(t *testing.T) {
	srv := serve(t)
	sources, err := demo.FileSources()
	if err != nil {
		t.Fatal(err)
	}
	var slugs []string
	if err := srv.site.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		slugs, err = db.All(tx, db.Column[string], `SELECT slug FROM datasets ORDER BY slug`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, slug := range slugs {
		doc := srv.page(t, "/datos/"+slug)
		named := false
		for _, o := range sources.Origins {
			if o.URL == "" {
				continue
			}
			link := doc.Find(`.Layout-aside a[href="` + o.URL + `"]`)
			facts := doc.Find(".Layout-aside").Text()
			if link.Length() > 0 && strings.Contains(facts, o.License) && strings.Contains(facts, o.Holder) {
				named = true
			}
		}
		if !named || !strings.Contains(doc.Find(".Layout-aside").Text(), "Fuente original") {
			t.Errorf("/datos/%s does not name where its figures come from", slug)
		}
	}
}

// world is how much of the demonstration there is.
func world(t *testing.T, s *site.Site) (c catalog.Counts, seq int64) {
	t.Helper()
	if err := s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		if c, err = catalog.Count(tx); err != nil {
			return err
		}
		seq, err = record.Position(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c, seq
}

func TestTheDemonstrationLeavesOutWhatHasNotHappened(t *testing.T) {
	for day, sources := range map[string]int{"2024-05-01": 0, "2025-06-01": 0, "2025-06-16": 1, "2025-12-01": 5, "2026-01-15": 5, "2026-11-27": 8} {
		at, err := time.Parse(time.RFC3339, day+"T16:00:00Z")
		if err != nil {
			t.Fatal(err)
		}
		cfg := config(t.TempDir())
		cfg.Now = at
		if _, err := site.PlayDemo(t.Context(), cfg, true, nil); err != nil {
			t.Errorf("at %s: %v", day, err)
			continue
		}
		s, err := site.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if c, _ := world(t, s); c.Sources != sources || c.Institutions == 0 || (c.Datasets > 0) != (sources > 0) {
			t.Errorf("at %s there are %+v, want %d sources", day, c, sources)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADemonstrationThatWasKilledIsPlayedToItsEnd(t *testing.T) {
	whole, _ := played(t, t.TempDir())
	want, wantSeq := world(t, whole)
	for name, c := range map[string]struct{ before, after []string }{
		"among the institutions": {
			before: []string{`CREATE TRIGGER killed BEFORE INSERT ON institutions WHEN (SELECT COUNT(*) FROM institutions) = 5
				BEGIN SELECT RAISE(ABORT, 'killed'); END`},
			after: []string{`DROP TRIGGER killed`},
		},
		"between two acts": {
			before: []string{`CREATE TRIGGER killed BEFORE INSERT ON sources WHEN (SELECT COUNT(*) FROM sources) = 3
				BEGIN SELECT RAISE(ABORT, 'killed'); END`},
			after: []string{`DROP TRIGGER killed`},
		},
		"while a catalogue was read": { // the run has begun; its process and its lease are left
			before: []string{`CREATE TRIGGER killed BEFORE INSERT ON runs WHEN (SELECT COUNT(*) FROM runs) = 3
				BEGIN SELECT RAISE(ABORT, 'killed'); END`},
			after: []string{`DROP TRIGGER killed`,
				`UPDATE jobs SET state = 'running', attempt = 1, lease_token = 'gone', run_at = created_at, lease_until = created_at, finished_at = NULL
					WHERE id = (SELECT MAX(id) FROM jobs WHERE kind = 'harvest.run')`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cfg := config(dir)
			exec := func(statements []string) {
				t.Helper()
				s, err := site.Open(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				for _, q := range statements {
					if err := s.DB.Write(t.Context(), func(tx *db.Tx) error {
						_, err := tx.Exec(q)
						return err
					}); err != nil {
						t.Fatalf("%s: %v", q, err)
					}
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			exec(c.before)
			if _, err := site.PlayDemo(t.Context(), cfg, true, nil); err == nil {
				t.Fatal("the playing was not stopped")
			}
			exec(c.after)
			s, _ := played(t, dir)
			if got, seq := world(t, s); got != want || seq != wantSeq {
				t.Errorf("there are %+v and %d entries, want %+v and %d", got, seq, want, wantSeq)
			}
		})
	}
}

// unchanged fails unless reading every catalogue of the demonstration finds nothing new.
func unchanged(t *testing.T, s *site.Site) {
	t.Helper()
	catalogs, err := demo.Catalogs()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range catalogs {
		var id string
		if err := s.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
			id, err = harvest.Enqueue(tx, demo.SourceID(c))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Runner.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.DB.Read(t.Context(), func(tx *db.Tx) error {
			r, err := harvest.RunByID(tx, id)
			if r.State != harvest.Unchanged {
				t.Errorf("reading %s again is %s: %+v", c.Name, r.State, r)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheDemonstrationMovesWithItsAddress(t *testing.T) {
	old := copied(t, nil)
	dir := old.Config.Data
	want, wantSeq := world(t, old)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := config(dir)
	cfg.Addr, cfg.BaseURL = "127.0.0.1:0", "https://datos.example"
	s, err := site.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	unchanged(t, s) // by a command beside the server, which has the old address still
	ctx, stop := context.WithCancel(t.Context())
	if err := s.Serve(ctx, func(string) { stop() }); err != nil {
		t.Fatal(err)
	}
	unchanged(t, s)
	if got, seq := world(t, s); got != want || seq != wantSeq {
		t.Errorf("there are %+v and %d entries, want %+v and %d", got, seq, want, wantSeq)
	}
	var urls []string
	if err := s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		urls, err = db.All(tx, db.Column[string], `SELECT url FROM resources WHERE check_state = 'ok' ORDER BY url`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	files := demo.Handler(cfg.BaseURL)
	for _, u := range urls {
		path, ok := strings.CutPrefix(u, cfg.BaseURL)
		if !ok || webtest.Get(t, files, path).Code != http.StatusOK {
			t.Errorf("%s does not open", u)
		}
	}
	if len(urls) < 120 {
		t.Errorf("%d addresses open", len(urls))
	}
}

func TestADemonstrationSaysThatItIsOneAndNamesItsSources(t *testing.T) {
	srv := serve(t)
	for path, want := range map[string]string{
		"/":                        "Sitio de demostración: cifras reales, catálogos y contactos inventados.",
		"/instituciones?lang=en":   "Demonstration site: real figures, invented catalogues and contacts.",
		"/lecturas":                "Sitio de demostración",
		"/acerca?lang=en":          "Demonstration site",
		"/datos?q=nada-de-nada-xy": "Sitio de demostración",
	} {
		footer := srv.page(t, path).Find("footer")
		if !strings.Contains(footer.Text(), want) || footer.Find(`a[href="/acerca#demostracion"]`).Length() != 1 {
			t.Errorf("the footer of %s says %q", path, footer.Text())
		}
	}
	about := srv.page(t, "/acerca")
	sources, err := demo.FileSources()
	if err != nil {
		t.Fatal(err)
	}
	for key, o := range sources.Origins {
		text := about.Find(`a[href="` + o.URL + `"]`).Text()
		if o.URL != "" && !(strings.Contains(text, o.License) && strings.Contains(text, o.Holder) && strings.Contains(text, o.Institution)) {
			t.Errorf("/acerca says %q of %s", text, key)
		}
	}
	if about.Find("#demostracion").Length() != 1 || about.Find(`a[href="`+demo.SourcesPath+`"]`).Length() != 1 {
		t.Error("/acerca does not lead to the list of files")
	}
	res := webtest.Get(t, demo.Handler("https://plaza.example"), demo.SourcesPath)
	if res.Code != http.StatusOK || !strings.Contains(res.Body.String(), "Permission is hereby granted") {
		t.Errorf("%s = %d", demo.SourcesPath, res.Code)
	}
}

func TestTheFooterFollowsWhatTheStoreHolds(t *testing.T) {
	dir := t.TempDir()
	s, err := site.Open(t.Context(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w, err := record.Watch(t.Context(), s.DB)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := s.Pages(w)
	if err != nil {
		t.Fatal(err)
	}
	says := func() bool {
		return strings.Contains(webtest.Get(t, pages.Shell, "/acerca").Body.String(), "Sitio de demostración")
	}
	if says() {
		t.Error("an empty site says that it is a demonstration")
	}
	if _, err := site.PlayDemo(t.Context(), config(dir), true, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !says() {
		t.Error("the cached page does not say that the demonstration has come")
	}
}
