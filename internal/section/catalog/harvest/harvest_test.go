package harvest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// portal is a remote catalogue whose answers a test sets.
type portal struct {
	*httptest.Server
	mu       sync.Mutex
	packages []map[string]any
	answer   http.HandlerFunc // instead of the packages, when set
	requests int
}

func newPortal(t *testing.T) *portal {
	t.Helper()
	p := &portal{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.requests++
		answer, packages := p.answer, p.packages
		p.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		start, _ := strconv.Atoi(r.FormValue("start"))
		rows, _ := strconv.Atoi(r.FormValue("rows"))
		start = min(start, len(packages))
		writeJSON(w, map[string]any{"success": true, "result": map[string]any{
			"count": len(packages), "results": packages[start:min(start+rows, len(packages))]}})
	}))
	t.Cleanup(p.Close)
	return p
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may have gone
}

func (p *portal) set(packages []map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.packages, p.answer = packages, nil
}

func (p *portal) say(h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = h
}

func pkg(n int) map[string]any {
	return map[string]any{
		"id": fmt.Sprintf("00000000-0000-4000-8000-%012d", n), "name": fmt.Sprintf("camas-%d", n),
		"title": fmt.Sprintf("Camas de hospital %d", n), "notes": "Camas por unidad médica.", "type": "dataset", "state": "active",
		"license_title": "CC BY 4.0", "license_id": "CC-BY-4.0", "metadata_modified": "2026-10-01T10:00:00.000000",
		"organization": map[string]any{"id": "org-salud", "name": "salud", "title": "Secretaría de Salud"},
		"resources": []map[string]any{
			{"id": fmt.Sprintf("r-%d", n), "name": "Camas", "format": "csv", "url": fmt.Sprintf("https://ejemplo.gob.mx/%d.csv", n)},
		},
	}
}

func pkgs(n int) []map[string]any {
	out := make([]map[string]any, n)
	for i := range out {
		out[i] = pkg(i)
	}
	return out
}

// world is a store with a harvester and its runner.
type world struct {
	t      *testing.T
	db     *db.DB
	h      *harvest.Harvester
	runner *job.Runner
	source harvest.Source
}

func newWorld(t *testing.T, d *db.DB, kind dcat.Kind, url string) *world {
	t.Helper()
	client := fetch.New(fetch.Config{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1,
	})
	w := &world{t: t, db: d, h: harvest.New(harvest.Config{DB: d, Client: client,
		Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})}
	w.runner = job.NewRunner(d, job.Config{})
	w.h.Handle(w.runner)
	w.write(func(tx *db.Tx) (err error) {
		w.source, err = w.h.Add(tx, harvest.Source{Kind: kind, URL: url})
		return err
	})
	return w
}

func (w *world) write(f func(*db.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(plaza.WithActor(w.t.Context(), plaza.SystemActor), f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(f func(*db.Tx) error) {
	w.t.Helper()
	if err := w.db.Read(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

// harvest runs the source once and returns its run.
func (w *world) harvest() harvest.Run {
	w.t.Helper()
	var id string
	w.write(func(tx *db.Tx) (err error) {
		id, err = harvest.Enqueue(tx, w.source.ID)
		return err
	})
	if _, err := w.runner.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return w.run(id)
}

func (w *world) run(id string) (r harvest.Run) {
	w.t.Helper()
	w.read(func(tx *db.Tx) (err error) {
		r, err = harvest.RunByID(tx, id)
		return err
	})
	return r
}

func (w *world) want(what string, got harvest.Run, state harvest.RunState, seen, added, changed, missing, absent, returned int) {
	w.t.Helper()
	g := [6]int{got.Seen, got.Added, got.Changed, got.Missing, got.Absent, got.Returned}
	if want := [6]int{seen, added, changed, missing, absent, returned}; got.State != state || g != want {
		w.t.Errorf("%s: %s %v (%s %v), want %s %v", what, got.State, g, got.Error, got.ErrorArgs, state, want)
	}
}

// rows counts every row and the bytes of what matters, to see what a run wrote.
func (w *world) rows() map[string]int {
	w.t.Helper()
	out := map[string]int{}
	w.read(func(tx *db.Tx) error {
		for _, table := range []string{"datasets", "resources", "dataset_changes", "record_entries", "run_problems", "runs", "institutions"} {
			var n int
			if err := tx.Row(`SELECT COUNT(*) FROM ` + table).Scan(&n); err != nil {
				return err
			}
			out[table] = n
		}
		return nil
	})
	return out
}

func TestACatalogueIsReadOnceAndKeptUnchanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		broken := pkg(7)
		broken["metadata_created"] = "el martes"
		all := append(pkgs(250), map[string]any{"id": "x", "state": "active"})
		all[7] = broken
		p.set(all)
		w := newWorld(t, d, dcat.CKAN, p.URL)
		first := w.harvest()
		if first.State != harvest.Complete || first.Added < 250 || first.Problems == 0 {
			t.Fatalf("first run: %+v", first)
		}
		before := w.rows()
		dbtest.Advance(d, time.Hour)
		second := w.harvest()
		w.want("second run", second, harvest.Unchanged, first.Seen, 0, 0, 0, 0, 0)
		after := w.rows()
		before["runs"]++
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("an unchanged catalogue wrote more than its run's row:\n%s", diff)
		}
		var problems []dcat.Problem
		w.read(func(tx *db.Tx) (err error) {
			problems, err = harvest.Problems(tx, second, 0, 100)
			return err
		})
		if len(problems) != first.Problems || !slices.ContainsFunc(problems, func(p dcat.Problem) bool {
			return p.Record == broken["id"] && strings.Contains(p.Value, "martes")
		}) {
			t.Errorf("the second report lists %d problems of %d: %+v", len(problems), first.Problems, problems)
		}
	})
}

func TestADatasetIsAbsentOnlyAfterThreeRunsAndSevenDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(pkgs(5))
		w := newWorld(t, d, dcat.CKAN, p.URL)
		w.want("first", w.harvest(), harvest.Complete, 5, 5, 0, 0, 0, 0)
		p.set(pkgs(4))
		dbtest.Advance(d, 24*time.Hour)
		w.want("gone once", w.harvest(), harvest.Complete, 4, 0, 0, 1, 0, 0)
		dbtest.Advance(d, time.Hour)
		w.want("gone twice", w.harvest(), harvest.Unchanged, 4, 0, 0, 0, 0, 0)
		dbtest.Advance(d, time.Hour)
		w.want("gone three times within a day", w.harvest(), harvest.Unchanged, 4, 0, 0, 0, 0, 0)
		dbtest.Advance(d, 7*24*time.Hour)
		w.want("gone for a week", w.harvest(), harvest.Complete, 4, 0, 0, 0, 1, 0)
		gone := w.dataset("camas-de-hospital-4")
		if gone.State != catalog.Absent || len(gone.Resources) != 1 || gone.Description == "" {
			t.Errorf("the tombstone is not whole: %+v", gone)
		}
		p.set(pkgs(5))
		dbtest.Advance(d, time.Hour)
		w.want("back", w.harvest(), harvest.Complete, 5, 0, 0, 0, 0, 1)
		if back := w.dataset("camas-de-hospital-4"); back.State != catalog.Published || !back.MissingSince.IsZero() || back.ID != gone.ID {
			t.Errorf("it came back as %+v", back)
		}
		var kinds []string
		w.read(func(tx *db.Tx) error {
			h, err := catalog.History(tx, gone.ID, 10)
			for _, c := range h {
				kinds = append(kinds, c.Kind)
			}
			return err
		})
		if diff := cmp.Diff([]string{"returned", "absent", "missing"}, kinds); diff != "" {
			t.Error(diff)
		}
	})
}

func (w *world) dataset(slug string) (d catalog.Dataset) {
	w.t.Helper()
	w.read(func(tx *db.Tx) (err error) {
		d, err = catalog.BySlug(tx, slug)
		return err
	})
	return d
}

func TestWhatIsMissingIsFoundOnEveryPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		all := make([]map[string]any, 350)
		for i := range all {
			all[i] = pkg(i)
			all[i]["id"] = fmt.Sprintf("%c-%d", 'a'+i%26, i) // keys in another order than ids
		}
		p := newPortal(t)
		p.set(all)
		w := newWorld(t, d, dcat.CKAN, p.URL)
		w.harvest()
		p.set(slices.DeleteFunc(slices.Clone(all), func(m map[string]any) bool { return strings.HasPrefix(m["id"].(string), "y-") }))
		dbtest.Advance(d, time.Hour)
		w.want("a letter less", w.harvest(), harvest.Complete, 337, 0, 0, 13, 0, 0)
	})
}

func TestASevenDayGapWithTwoRunsIsNotEnough(t *testing.T) {
	d := dbtest.SQLite(t)
	p := newPortal(t)
	p.set(pkgs(5))
	w := newWorld(t, d, dcat.CKAN, p.URL)
	w.harvest()
	p.set(pkgs(4))
	dbtest.Advance(d, time.Hour)
	w.harvest()
	dbtest.Advance(d, 30*24*time.Hour)
	w.want("second run without it", w.harvest(), harvest.Unchanged, 4, 0, 0, 0, 0, 0)
	dbtest.Advance(d, time.Hour)
	w.want("third run without it", w.harvest(), harvest.Complete, 4, 0, 0, 0, 1, 0)
}

func TestAFlappingSourceLosesNothing(t *testing.T) {
	d := dbtest.SQLite(t)
	p := newPortal(t)
	w := newWorld(t, d, dcat.CKAN, p.URL)
	for i := range 12 { // real catalogues alternate within the hour
		p.set(pkgs(10 - i%2*2))
		w.harvest()
		dbtest.Advance(d, 24*time.Hour)
	}
	if got := w.dataset("camas-de-hospital-9"); got.State != catalog.Published {
		t.Errorf("a dataset that flaps is %s", got.State)
	}
}

func TestAnswersThatAreNotBelievedChangeNothing(t *testing.T) {
	html := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><html><body>Sitio en mantenimiento</body></html>"))
	}
	for _, c := range []struct {
		name  string
		set   func(*portal)
		state harvest.RunState
		after harvest.State
	}{
		{"a web page with 200", func(p *portal) { p.say(html) }, harvest.RunQuarantined, harvest.Quarantined},
		{"a third fewer", func(p *portal) { p.set(pkgs(19)) }, harvest.RunQuarantined, harvest.Quarantined},
		{"nothing at all", func(p *portal) { p.set(nil) }, harvest.RunQuarantined, harvest.Quarantined},
		{"a failing server", func(p *portal) { p.say(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }) }, harvest.Failed, harvest.Active},
		{"an empty body", func(p *portal) { p.say(func(w http.ResponseWriter, _ *http.Request) {}) }, harvest.Failed, harvest.Active},
		{"a cut body", func(p *portal) {
			p.say(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"success": true, "result": {"count": 30, "results": [{"id": "a", "title": "Camas"`))
			})
		}, harvest.Failed, harvest.Active},
		{"a redirect to the machine's own metadata", func(p *portal) {
			p.say(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusFound)
			})
		}, harvest.Failed, harvest.Active},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := dbtest.SQLite(t)
			p := newPortal(t)
			p.set(pkgs(30))
			w := newWorld(t, d, dcat.CKAN, p.URL)
			w.harvest()
			before := w.rows()
			c.set(p)
			dbtest.Advance(d, time.Hour)
			r := w.harvest()
			if r.State != c.state || r.Error == "" || r.Added+r.Changed+r.Missing+r.Absent != 0 {
				t.Errorf("run: %+v", r)
			}
			after := w.rows()
			for _, table := range []string{"datasets", "resources", "dataset_changes"} {
				if before[table] != after[table] {
					t.Errorf("%s: %d rows, before %d", table, after[table], before[table])
				}
			}
			w.wantSource(c.after)
			p.set(pkgs(30))
			dbtest.Advance(d, time.Hour)
			w.want("afterwards", w.harvest(), harvest.Unchanged, 30, 0, 0, 0, 0, 0)
			w.wantSource(harvest.Active)
		})
	}
}

func (w *world) wantSource(state harvest.State) {
	w.t.Helper()
	w.read(func(tx *db.Tx) error {
		s, err := harvest.SourceByID(tx, w.source.ID)
		if s.State != state {
			w.t.Errorf("the source is %s, want %s", s.State, state)
		}
		return err
	})
}

func TestAShrunkenSourceIsAppliedOnceAccepted(t *testing.T) {
	d := dbtest.SQLite(t)
	p := newPortal(t)
	p.set(pkgs(30))
	w := newWorld(t, d, dcat.CKAN, p.URL)
	w.harvest()
	p.set(pkgs(10))
	w.harvest()
	w.write(func(tx *db.Tx) error { return harvest.Accept(tx, w.source.ID, 10) })
	w.want("accepted", w.harvest(), harvest.Complete, 10, 0, 0, 20, 0, 0)
	p.set(pkgs(6))
	if r := w.harvest(); r.State != harvest.RunQuarantined {
		t.Errorf("the next shrinking was not doubted: %+v", r)
	}
}

func TestPagesThatRepeatOrNeverEndStopTheRun(t *testing.T) {
	d := dbtest.SQLite(t)
	p := newPortal(t)
	p.say(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{"success": true, "result": map[string]any{"count": 1000, "results": pkgs(100)}})
	})
	w := newWorld(t, d, dcat.CKAN, p.URL)
	if r := w.harvest(); r.State != harvest.Failed || r.Error != "harvest.error.same_page" || r.Added != 100 {
		t.Errorf("identical pages: %+v", r)
	}
}

func TestOneRecordTwiceIsReportedAndKeptOnce(t *testing.T) {
	d := dbtest.SQLite(t)
	p := newPortal(t)
	list := pkgs(150)
	list[149] = pkg(0) // again, on the next page
	p.set(list)
	w := newWorld(t, d, dcat.CKAN, p.URL)
	r := w.harvest()
	if r.Added != 149 || r.Seen != 149 || r.Problems == 0 {
		t.Errorf("run: %+v", r)
	}
}

func TestAListThatEndsEarlyTakesNothingForMissing(t *testing.T) {
	cases := []struct {
		name          string
		gives, counts int
		state         harvest.RunState
		error         string
		missing       int
	}{
		{"a sixth is not given", 250, 300, harvest.Failed, "harvest.error.short", 0},
		{"three of three hundred are counted and not shown", 297, 300, harvest.Complete, "", 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newPortal(t)
			p.set(pkgs(300))
			w := newWorld(t, dbtest.SQLite(t), dcat.CKAN, p.URL)
			w.want("whole", w.harvest(), harvest.Complete, 300, 300, 0, 0, 0, 0)
			given := pkgs(c.gives)
			p.say(func(rw http.ResponseWriter, r *http.Request) {
				start, _ := strconv.Atoi(r.FormValue("start"))
				start = min(start, len(given))
				writeJSON(rw, map[string]any{"success": true, "result": map[string]any{
					"count": c.counts, "results": given[start:min(start+100, len(given))]}})
			})
			got := w.harvest()
			w.want("short", got, c.state, c.gives, 0, 0, c.missing, 0, 0)
			if got.Error != c.error {
				t.Errorf("it says %q, want %q", got.Error, c.error)
			}
		})
	}
}

// killed begins a run of a portal's 450 datasets whose process ends when 300 are read,
// and returns its id and the datasets.
func (w *world) killed(p *portal) (id string, all []map[string]any) {
	w.t.Helper()
	w.write(func(tx *db.Tx) (err error) {
		id, err = harvest.Enqueue(tx, w.source.ID)
		return err
	})
	ctx, kill := context.WithCancel(w.t.Context())
	all = pkgs(450)
	p.say(func(rw http.ResponseWriter, r *http.Request) {
		start, _ := strconv.Atoi(r.FormValue("start"))
		if start == 300 {
			kill()
			return
		}
		writeJSON(rw, map[string]any{"success": true, "result": map[string]any{"count": len(all), "results": all[start:min(start+100, len(all))]}})
	})
	_, _ = w.runner.Drain(ctx) // it ends with the context
	return id, all
}

func TestARunThatIsKilledBeforeItSavedItsPlaceCountsAllItWrote(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		w := newWorld(t, d, dcat.CKAN, p.URL)
		id, all := w.killed(p)
		w.write(func(tx *db.Tx) error { // kill -9 would have left no place to go on from
			_, err := tx.Exec(`UPDATE runs SET cursor = '', seen = 0, requests = 0, bytes = 0 WHERE id = $1`, id)
			return err
		})
		p.set(all)
		dbtest.Advance(d, 10*time.Minute)
		if _, err := w.runner.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want("taken up again", w.run(id), harvest.Complete, 450, 450, 0, 0, 0, 0)
	})
}

// titles are a source's datasets by the keys that they have.
func (w *world) titles() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	w.read(func(tx *db.Tx) error {
		_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
			var key, title string
			err := scan(&key, &title)
			out[key] = title
			return struct{}{}, err
		}, `SELECT source_key, title FROM datasets WHERE source_id = $1 AND missing_since IS NULL`, w.source.ID)
		return err
	})
	return out
}

func TestARepeatedIdentifierReadsTheSameWhateverWasReadBefore(t *testing.T) {
	for name, at := range map[string][2]int{"before the one it repeats": {3, 4}, "after it": {4, 3}} {
		t.Run(name, func(t *testing.T) {
			list := pkgs(12)
			list[at[0]] = pkg(at[0])
			list[at[0]]["id"] = list[at[1]]["id"] // two datasets under one identifier
			p := newPortal(t)
			p.set(list)
			fresh := newWorld(t, dbtest.SQLite(t), dcat.CKAN, p.URL)
			first := fresh.harvest()
			p.set(pkgs(12))
			updated := newWorld(t, dbtest.SQLite(t), dcat.CKAN, p.URL)
			updated.harvest()
			p.set(list)
			second := updated.harvest()
			if diff := cmp.Diff(fresh.titles(), updated.titles()); diff != "" {
				t.Errorf("(-fresh +updated):\n%s", diff)
			}
			if first.Problems == 0 || first.Problems != second.Problems || first.Seen != second.Seen {
				t.Errorf("fresh: %d seen, %d problems; updated: %d seen, %d problems", first.Seen, first.Problems, second.Seen, second.Problems)
			}
			if again := updated.harvest(); again.State != harvest.Unchanged || again.Problems != second.Problems {
				t.Errorf("again: %s with %d problems, want unchanged with %d", again.State, again.Problems, second.Problems)
			}
		})
	}
}

func TestWhatIsSeenIsDatasetsAndARepetitionIsToldOnce(t *testing.T) {
	p := newPortal(t)
	p.say(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{"title": "c", "dataset": []any{
			map[string]any{"identifier": "1", "title": "Uno", "description": "Uno."},
			map[string]any{"identifier": "1", "title": "Uno", "description": "Uno."},
			nil, 5, "x", map[string]any{},
		}})
	})
	w := newWorld(t, dbtest.SQLite(t), dcat.DataJSON, p.URL+"/data.json")
	r := w.harvest()
	w.want("junk", r, harvest.Complete, 1, 1, 0, 0, 0, 0)
	told := 0
	w.read(func(tx *db.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM run_problems WHERE run_id = $1 AND code = $2`, r.ID, dcat.DuplicateIdentifier).Scan(&told)
	})
	if told != 1 {
		t.Errorf("the repetition is told %d times, want once", told)
	}
}

func TestARunThatIsKilledIsCompletedByTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		w := newWorld(t, d, dcat.CKAN, p.URL)
		id, all := w.killed(p)
		if n := w.rows()["datasets"]; n != 300 {
			t.Fatalf("before the kill %d datasets were written, want 300", n)
		}
		p.set(all)
		dbtest.Advance(d, 10*time.Minute)
		if _, err := w.runner.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := w.run(id)
		w.want("taken up again", r, harvest.Complete, 450, 450, 0, 0, 0, 0)
		if n := w.rows()["datasets"]; n != 450 {
			t.Errorf("%d datasets, want 450", n)
		}
		w.verifyRecord()
	})
}

func (w *world) verifyRecord() {
	w.t.Helper()
	var b strings.Builder
	if err := record.Export(w.t.Context(), w.db, record.Filter{}, &b); err != nil {
		w.t.Fatal(err)
	}
	if _, err := record.Verify(strings.NewReader(b.String())); err != nil {
		w.t.Error(err)
	}
}

func TestADataJSONIsReadConditionally(t *testing.T) {
	d := dbtest.SQLite(t)
	doc := map[string]any{"license": "https://datos.gob.mx/libreusomx/", "dataset": []map[string]any{
		{"id": 41, "identifier": "camas", "title": "Camas", "description": "Camas por unidad.", "keyword": []string{"salud"},
			"modified": "2026-10-01", "publisher": map[string]any{"name": "SALUD"},
			"distribution": []map[string]any{{"id": 1, "title": "Camas 2025", "downloadURL": "https://ejemplo.gob.mx/c.csv", "mediaType": "text/csv"}}},
	}}
	etag, full := `"1"`, 0
	p := newPortal(t)
	p.say(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		full++
		writeJSON(w, doc)
	})
	w := newWorld(t, d, dcat.DataJSON, p.URL+"/data.json")
	w.want("first", w.harvest(), harvest.Complete, 1, 1, 0, 0, 0, 0)
	if got := w.dataset("camas"); got.License.ID == "" {
		t.Error("the catalogue's licence did not reach its dataset")
	}
	w.want("304", w.harvest(), harvest.Unchanged, 1, 0, 0, 0, 0, 0)
	etag = `"2"`
	w.want("the same bytes", w.harvest(), harvest.Unchanged, 1, 0, 0, 0, 0, 0)
	if full != 2 {
		t.Errorf("the document was sent %d times, want 2", full)
	}
	doc["dataset"].([]map[string]any)[0]["title"] = "Camas censables"
	etag = `"3"`
	w.want("changed", w.harvest(), harvest.Complete, 1, 0, 1, 0, 0, 0)
	var history []catalog.Change
	got := w.dataset("camas") // its slug stays
	w.read(func(tx *db.Tx) (err error) {
		history, err = catalog.History(tx, got.ID, 5)
		return err
	})
	want := []catalog.FieldChange{{Field: "title", Before: "Camas", After: "Camas censables"}}
	if len(history) != 1 || !cmp.Equal(history[0].Fields, want) {
		t.Errorf("history: %+v", history)
	}
}

func TestAPublisherIsMappedByNameThenByRule(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(pkgs(3))
		w := newWorld(t, d, dcat.CKAN, p.URL)
		var salud institution.Institution
		w.harvest()
		if got := w.dataset("camas-de-hospital-0"); got.InstitutionID != "" {
			t.Fatalf("mapped to %q before there was an institution", got.InstitutionID)
		}
		var unmapped []catalog.Publisher
		w.read(func(tx *db.Tx) (err error) {
			unmapped, err = catalog.Unmapped(tx, 10)
			return err
		})
		if len(unmapped) != 1 || unmapped[0].Datasets != 3 || unmapped[0].Key != "org-salud" {
			t.Fatalf("unmapped: %+v", unmapped)
		}
		w.write(func(tx *db.Tx) (err error) {
			salud, err = institution.Put(tx, institution.Institution{Name: "Salubridad", Type: "federal"})
			return err
		})
		var moved int
		w.write(func(tx *db.Tx) (err error) {
			moved, err = harvest.PutRule(tx, harvest.Rule{Match: "Secretaría de Salud", InstitutionID: salud.ID})
			return err
		})
		if got := w.dataset("camas-de-hospital-0"); moved != 3 || got.InstitutionID != salud.ID {
			t.Errorf("PutRule moved %d; the dataset belongs to %q", moved, got.InstitutionID)
		}
		w.want("after the rule", w.harvest(), harvest.Unchanged, 3, 0, 0, 0, 0, 0)
		w.verifyRecord()
	})
}

func TestSourcesAreCheckedAndKnownOnesRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, dcat.CKAN, "https://datos.ejemplo.gob.mx")
		for _, c := range []struct {
			name, field string
			s           harvest.Source
		}{
			{"no kind", "kind", harvest.Source{URL: "https://a.mx/x"}},
			{"no address", "url", harvest.Source{Kind: dcat.CKAN, URL: "nada"}},
			{"a private address", "url", harvest.Source{Kind: dcat.CKAN, URL: "http://10.0.0.1/"}},
			{"a file", "url", harvest.Source{Kind: dcat.CKAN, URL: "file:///etc/passwd"}},
			{"too often", "every", harvest.Source{Kind: dcat.CKAN, URL: "https://a.mx/", Every: time.Minute}},
			{"known", "url", harvest.Source{Kind: dcat.CKAN, URL: "https://datos.ejemplo.gob.mx"}},
			{"known, with a slash", "url", harvest.Source{Kind: dcat.CKAN, URL: "https://datos.ejemplo.gob.mx/"}},
			{"known, written otherwise", "url", harvest.Source{Kind: dcat.CKAN, URL: "HTTPS://Datos.Ejemplo.gob.mx:443/#inicio"}},
			{"no such institution", "institution", harvest.Source{Kind: dcat.CKAN, URL: "https://b.mx", InstitutionID: "x"}},
		} {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := w.h.Add(tx, c.s)
				return err
			})
			e, ok := err.(*plaza.Error)
			if !ok || len(e.Fields) == 0 || e.Fields[0].Field != c.field {
				t.Errorf("%s: %v, want an error at %s", c.name, err, c.field)
			}
		}
	})
}

func TestBrokenLinksAreNotedOnceAndRecover(t *testing.T) {
	d := dbtest.SQLite(t)
	files := newPortal(t)
	p := newPortal(t)
	one := pkg(1)
	one["resources"] = []map[string]any{{"id": "r", "name": "Camas", "format": "CSV", "url": files.URL + "/c.csv"}}
	p.set([]map[string]any{one})
	w := newWorld(t, d, dcat.CKAN, p.URL)
	w.harvest()
	check := func() catalog.Check {
		t.Helper()
		if err := w.h.CheckLinks(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		dbtest.Advance(d, 8*24*time.Hour)
		return w.dataset("camas-de-hospital-1").Resources[0].Check
	}
	for _, c := range []struct {
		answer http.HandlerFunc
		state  string
	}{
		{func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/csv")
			_, _ = rw.Write([]byte("a,b\n1,2\n"))
		}, "ok"},
		{func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNotFound) }, "status"},
		{func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/html")
			_, _ = rw.Write([]byte("<html>"))
		}, "html"},
		{func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				rw.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			_, _ = rw.Write([]byte("a,b\n"))
		}, "ok"},
	} {
		files.say(c.answer)
		if got := check(); got.State != c.state {
			t.Errorf("check: %+v, want %s", got, c.state)
		}
	}
	var acts []record.Entry
	w.read(func(tx *db.Tx) (err error) {
		acts, err = record.Since(tx, record.Filter{Verb: "resource."}, 10)
		return err
	})
	if len(acts) != 2 || acts[0].Verb != "resource.broken" || acts[1].Verb != "resource.recovered" {
		t.Errorf("acts: %+v", acts)
	}
}
