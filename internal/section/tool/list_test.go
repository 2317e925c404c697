package tool_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// listed are the titles of a list, page by page of two.
func (w *world) listed(f tool.Filter, s tool.Sort) string {
	w.Helper()
	var titles []string
	for after := (tool.Key{}); ; {
		var page []tool.Tool
		w.Read(func(tx *db.Tx) (err error) { page, err = tool.List(tx, f, s, after, 2); return err })
		for _, t := range page {
			titles = append(titles, t.Title)
		}
		if len(page) < 2 {
			break
		}
		after = tool.KeyOf(page[1], s)
	}
	var n int
	w.Read(func(tx *db.Tx) (err error) { n, err = tool.Count(tx, f); return err })
	if n != len(titles) {
		w.Errorf("%+v: counted %d, listed %d", f, n, len(titles))
	}
	return strings.Join(titles, " ")
}

func TestTheGalleryIsFilteredAndOrdered(t *testing.T) {
	worlds(t, func(w *world) {
		bare := line("b")
		bare.Spec.Sources = bare.Spec.Sources[:1]
		bare.Spec.Sources[0].Lookup, bare.Spec.Views[0].Per, bare.Spec.Views[0].Mark = nil, "", spec.Bar
		away := outside()
		away.External.Title = "c"
		all := map[string]tool.Tool{}
		for _, d := range []tool.Document{line("a"), bare, away, line("d")} {
			all[d.Title()] = w.published(w.Ana, d)
		}
		w.published(w.comms, line("e"))
		w.begin(w.Ana, line("un borrador"))
		w.As(w.comms, func(tx *db.Tx) error {
			mine, err := tool.Mine(tx, w.comms.ID, "", 1)
			if err != nil {
				return err
			}
			_, err = w.tools.Transfer(tx, mine[0].ID, w.Salud.ID)
			return err
		})
		w.As(w.mod, func(tx *db.Tx) error { _, err := w.tools.Feature(tx, all["b"].ID, true); return err })
		for range 3 {
			if err := w.tools.Visit(w.Context(), all["a"].ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.tools.Visit(w.Context(), all["d"].ID); err != nil {
			t.Fatal(err)
		}
		if err := w.tools.StoreVisits(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.reshape(places, "cve_ent:code", "otra:text") // of a, d and e
		for _, c := range []struct {
			name string
			f    tool.Filter
			sort tool.Sort
			want string
		}{
			{"all", tool.Filter{}, tool.Newest, "e d c b a"},
			{"featured first", tool.Filter{}, tool.FeaturedTop, "b e d c a"},
			{"a kind", tool.Filter{Kind: spec.KindExternal}, tool.Newest, "c"},
			{"a theme", tool.Filter{Theme: "Población"}, tool.Newest, "e d a"},
			{"a place", tool.Filter{Place: "09"}, tool.FeaturedTop, "b e d a"},
			{"an institution's own and its data's", tool.Filter{Institution: w.Salud.ID}, tool.Newest, "e d a"},
			{"official", tool.Filter{Official: true}, tool.Newest, "e"},
			{"a dataset", tool.Filter{Dataset: prices}, tool.Newest, "e d c b a"},
			{"a resource", tool.Filter{Resource: gasoline}, tool.Newest, "e d b a"},
			{"a column", tool.Filter{Resource: places, Column: "viviendas"}, tool.Newest, "e d a"},
			{"alive", tool.Filter{Alive: true}, tool.Newest, "c b"},
			{"featured", tool.Filter{Featured: true}, tool.Newest, "b"},
			{"an owner", tool.Filter{Owner: w.Ana.ID, Kind: spec.KindLine}, tool.Newest, "d a"},
			{"nothing", tool.Filter{Theme: "Salud"}, tool.MostViewed, ""},
		} {
			if got := w.listed(c.f, c.sort); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
		if got := w.listed(tool.Filter{}, tool.MostViewed); !strings.HasPrefix(got, "a d ") {
			t.Errorf("the most viewed: %q", got)
		}
		var themes []tool.Counted
		w.Read(func(tx *db.Tx) (err error) { themes, err = tool.Themes(tx, 10); return err })
		if diff := cmp.Diff([]tool.Counted{{Value: "Energía", Count: 5}, {Value: "Población", Count: 3}}, themes); diff != "" {
			t.Error(diff)
		}
		var datasets []tool.Counted
		w.Read(func(tx *db.Tx) (err error) { datasets, err = tool.Datasets(tx, 1); return err })
		if diff := cmp.Diff([]tool.Counted{{Value: prices, Count: 5}}, datasets); diff != "" {
			t.Error(diff)
		}
	})
}

func TestViewsAreCountedByWeek(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, line("Vista"))
		visit := func() {
			if err := w.tools.Visit(w.Context(), p.ID); err != nil {
				t.Fatal(err)
			}
		}
		visit()
		visit()
		dbtest.Advance(w.db, 7*24*time.Hour)
		visit()
		if err := w.tools.Visit(w.Context(), "no-hay"); err != nil {
			t.Fatal(err)
		}
		if err := w.tools.StoreVisits(w.Context()); err != nil {
			t.Fatal(err)
		}
		var weeks []tool.Week
		w.Read(func(tx *db.Tx) (err error) { weeks, err = tool.Weeks(tx, p.ID, 10); return err })
		if diff := cmp.Diff([]tool.Week{{"2026-11-30", 1}, {"2026-11-23", 2}}, weeks); diff != "" {
			t.Error(diff)
		}
		if n := w.get(p.ID).Views; n != 3 {
			t.Errorf("%d views", n)
		}
	})
}

func TestAnAddressIsBrokenWhenItFailsForThreeDays(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, outside())
		look := func(status int, fault string) tool.Tool {
			dbtest.Advance(w.db, 29*time.Hour)
			w.As(account.Person{}, func(tx *db.Tx) error {
				due, err := tool.DueChecks(tx, 10)
				if err != nil || len(due) != 1 {
					return fmt.Errorf("%d are due: %w", len(due), err)
				}
				return w.tools.Look(tx, p.ID, p.URL, tool.Checked{Status: status, Fault: fault})
			})
			return w.get(p.ID)
		}
		alive := func() string { return w.listed(tool.Filter{Alive: true}, tool.Newest) }
		for range 3 {
			if now := look(500, "status"); now.Address.Broken() {
				t.Fatal("a chance is no break")
			}
		}
		if now := look(404, "status"); !now.Address.Broken() || now.Alive() || now.Address.Failures != 4 || alive() != "" {
			t.Errorf("after three days: %+v, alive %q", now.Address, alive())
		}
		since := w.get(p.ID).Address.Since
		if now := look(404, "status"); !now.Address.Since.Equal(since) || w.verbs() != "published broken" {
			t.Errorf("it is told of again: %+v, %s", now.Address, w.verbs())
		}
		if now := look(200, ""); now.Address.Broken() || !now.Address.Failing.IsZero() || w.verbs() != "published broken recovered" || alive() == "" {
			t.Errorf("it opens again: %+v, %s", now.Address, w.verbs())
		}
		var checks []tool.Checked
		w.Read(func(tx *db.Tx) (err error) { checks, err = tool.Checks(tx, p.ID, 10); return err })
		if len(checks) != 6 || checks[0].Status != 200 {
			t.Errorf("looks: %+v", checks)
		}
		w.As(account.Person{}, func(tx *db.Tx) error {
			return w.tools.Look(tx, p.ID, "https://otra.ejemplo.mx", tool.Checked{Fault: "dns"})
		})
		if w.get(p.ID).Address.Failures != 0 {
			t.Error("a look at where it was counts")
		}
	})
}

func TestAddressesAreLookedAtOnceADay(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // what the store does is tried above
	asked, status := 0, http.StatusNoContent
	w.tools.Client = fetch.New(fetch.Config{}).WithHost("mapas.ejemplo.mx", http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		asked++
		rw.WriteHeader(status)
	}))
	p := w.published(w.Ana, outside())
	look := func() {
		if err := w.tools.LookAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	look()
	look()
	if now := w.get(p.ID).Address; asked != 1 || now.Status != http.StatusNoContent || now.Checked.IsZero() {
		t.Errorf("asked %d times: %+v", asked, now)
	}
	status = http.StatusGone
	for range 4 {
		dbtest.Advance(w.db, 29*time.Hour)
		look()
	}
	if now := w.get(p.ID).Address; !now.Broken() || now.Status != http.StatusGone || w.verbs() != "published broken" {
		t.Errorf("it is gone: %+v, %s", now, w.verbs())
	}
}

func TestAPictureOfOtherDataReplacesTheOneBefore(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, line("Vista"))
		for _, one := range []tool.Kept{{Drawn: tool.Drawn{Version: 1}, Stamp: "x", SHA256: "k1"}, {Drawn: tool.Drawn{Version: 1}, Stamp: "y", SHA256: "k2"},
			{Drawn: tool.Drawn{Version: 2}, Stamp: "z", SHA256: "k2"}, {Drawn: tool.Drawn{Version: 2}, Stamp: "zz", SHA256: "k3"}} {
			one.Tool, one.View, one.Language, one.Form, one.Bytes = p.ID, "uno", "es", "svg", 10
			w.As(account.Person{}, func(tx *db.Tx) error { return tool.KeepPicture(tx, one) })
		}
		w.Read(func(tx *db.Tx) error {
			k, err := tool.PictureOf(tx, tool.Drawn{Tool: p.ID, Version: 2, View: "uno", Language: "es", Form: "svg"})
			if err != nil || k.Stamp != "zz" || k.SHA256 != "k3" {
				t.Errorf("%+v, %v", k, err)
			}
			if _, err := tool.PictureOf(tx, tool.Drawn{Tool: p.ID, Version: 1, View: "uno", Language: "es", Form: "svg"}); kind(err) != "not-found" {
				t.Errorf("of an earlier version: %v", err)
			}
			return nil
		})
	})
}

func TestWhoGoesLeavesWhatTheyPublishedWithoutTheirName(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, line("Publicada"))
		w.save(w.Ana, w.opened(w.Ana, p.ID), line("En trabajo"))
		draft := w.begin(w.Ana, line("Un borrador"))
		h := tool.Holding()
		w.As(account.Person{}, func(tx *db.Tx) error {
			given, err := h.Export(tx, w.Ana.ID)
			if err != nil {
				return err
			}
			for _, part := range []string{"Publicada", "En trabajo", "Un borrador", "Una nota."} {
				if !strings.Contains(asJSON(t, given), part) {
					t.Errorf("the export lacks %q", part)
				}
			}
			if none, err := h.Export(tx, w.bob.ID); none != nil || err != nil {
				t.Errorf("the export of who made nothing: %v, %v", none, err)
			}
			_, err = h.Erase(tx, w.Ana.ID)
			return err
		})
		if now := w.get(p.ID); !now.Public() || now.Owner+now.Author != "" || now.Working() {
			t.Errorf("what stays: %+v", now)
		}
		w.Read(func(tx *db.Tx) error {
			if _, err := tool.ByID(tx, draft.Tool.ID); kind(err) != "not-found" {
				t.Errorf("the draft: %v", err)
			}
			var n int
			err := tx.Row(`SELECT COUNT(*) FROM tool_versions WHERE author_id <> ''`).Scan(&n)
			if n > 0 {
				t.Errorf("%d versions name who is gone", n)
			}
			return err
		})
	})
}

func TestAnInstitutionsToolsGoToItsSuccessor(t *testing.T) {
	worlds(t, func(w *world) {
		var d tool.Draft
		w.As(w.comms, func(tx *db.Tx) (err error) {
			d, err = w.tools.Create(tx, tool.Beginning{Document: line("De Salud"), Institution: w.Salud.ID})
			return err
		})
		if _, err := w.publish(w.comms, d); err != nil {
			t.Fatal(err)
		}
		move := w.tools.Mover()
		for _, to := range []institution.Institution{w.Lerma, {}} {
			from := w.get(d.Tool.ID).Institution
			w.As(account.Person{}, func(tx *db.Tx) error {
				if n, err := move.Count(tx, from); n != 1 || err != nil {
					t.Errorf("%d to move, %v", n, err)
				}
				_, err := move.Move(tx, from, to.ID)
				return err
			})
			if now := w.get(d.Tool.ID); now.Institution != to.ID || !now.Public() {
				t.Errorf("moved: %+v", now)
			}
		}
		if got := w.listed(tool.Filter{Institution: w.Lerma.ID}, tool.Newest); got != "De Salud" {
			t.Errorf("by the institution of its data: %q", got)
		}
	})
}
