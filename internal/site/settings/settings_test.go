package settings_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/site/settings"
)

var admin = plaza.Actor{PersonID: "p1", Grants: []plaza.Grant{{Role: plaza.Admin}}}

func save(t *testing.T, d *db.DB, actor plaza.Actor, v settings.Values, mark string) error {
	t.Helper()
	return d.Write(plaza.WithActor(t.Context(), actor), func(tx *db.Tx) error { return settings.Save(tx, v, mark) })
}

func load(t *testing.T, d *db.DB) (v settings.Values, mark string) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		v, mark, err = settings.Load(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return v, mark
}

func entries(t *testing.T, d *db.DB) (n int64) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = record.Position(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestASettingIsSavedWithItsEntryAndSeenByWhoeverAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		watcher, err := record.Watch(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		keeper, err := settings.Keep(t.Context(), d, watcher, func(v settings.Values) { told = append(told, v.Coordination) })
		if err != nil {
			t.Fatal(err)
		}
		if got := keeper.Values().Name(); got != "Plaza" {
			t.Errorf("a new installation is called %q", got)
		}
		_, mark := load(t, d)
		want := settings.Values{Site: "Datos de México", Coordination: "Unidad de Datos", Privacy: "datos@ejemplo.mx", Off: []string{"accounts", "comments"}}
		typed := want
		typed.Site, typed.Off = "  Datos  de\tMéxico ", []string{"comments", "accounts", "nothing", "comments"}
		if err := save(t, d, admin, typed, mark); err != nil {
			t.Fatal(err)
		}
		if err := watcher.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, keeper.Values()); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"", "Unidad de Datos"}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if n := entries(t, d); n != 1 {
			t.Errorf("%d entries, want 1", n)
		}
		_, mark = load(t, d)
		if err := save(t, d, admin, want, mark); err != nil || entries(t, d) != 1 {
			t.Errorf("the same again: %v, %d entries", err, entries(t, d))
		}
	})
}

func TestOfTwoWhoChangeAtOnceTheFirstWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, round := range []string{"on a new installation", "on one that was changed"} {
			_, mark := load(t, d)
			if err := save(t, d, admin, settings.Values{Owner: "Primera " + round}, mark); err != nil {
				t.Fatal(err)
			}
			if err := save(t, d, admin, settings.Values{Owner: "Segunda"}, mark); plaza.KindOf(err) != plaza.Conflict || err == nil {
				t.Errorf("%s: %v, want Conflict", round, err)
			}
			if v, _ := load(t, d); v.Owner != "Primera "+round {
				t.Errorf("%s: the owner is %q", round, v.Owner)
			}
		}
	})
}

func TestOfManyWhoSaveTheSettingsInTheSameInstantOneWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, mark := load(t, d)
		won, lost := make(chan error, 8), make(chan error, 8)
		var all sync.WaitGroup
		for n := range cap(won) {
			all.Go(func() {
				err := save(t, d, admin, settings.Values{Owner: "Oficina " + string(rune('A'+n))}, mark)
				if err == nil {
					won <- err
				} else {
					lost <- err
				}
			})
		}
		all.Wait()
		close(lost)
		for err := range lost {
			if plaza.KindOf(err) != plaza.Conflict {
				t.Errorf("one got %v", err)
			}
		}
		if len(won) != 1 || entries(t, d) != 1 {
			t.Errorf("%d won with %d entries, want 1", len(won), entries(t, d))
		}
	})
}

func TestWhoMayNotChangesNothing(t *testing.T) {
	d := dbtest.SQLite(t)
	_, mark := load(t, d)
	for name, actor := range map[string]plaza.Actor{"a visitor": {}, "a member": {PersonID: "p2"},
		"a liaison": {PersonID: "p3", Grants: []plaza.Grant{{Role: plaza.Liaison, Institution: "i1"}}}} {
		if err := save(t, d, actor, settings.Values{Site: "Mío"}, mark); err == nil {
			t.Errorf("%s changed the settings", name)
		}
	}
	if n := entries(t, d); n != 0 {
		t.Errorf("%d entries", n)
	}
}

func form(mark string, pairs ...string) url.Values {
	v := url.Values{"mark": {mark}}
	for _, f := range access.Features {
		v.Set("feature."+f.Name, "1")
	}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestTheFormKeepsWhatWasTyped(t *testing.T) {
	d := dbtest.SQLite(t)
	shell := webtest.New(t, func(c *web.Config) { c.Authorize = access.Authorize }, settings.Locale, access.Locale)
	if err := settings.NewPages(d).Mount(shell); err != nil {
		t.Fatal(err)
	}
	for _, problem := range webtest.CheckTemplates(shell) {
		t.Error(problem)
	}
	_, mark := load(t, d)
	as := func(r *http.Request) *http.Request { return r.WithContext(plaza.WithActor(r.Context(), admin)) }
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { shell.ServeHTTP(w, as(r)) })
	for _, c := range []struct{ name, field, value, said string }{
		{"a name that is too long", "site", strings.Repeat("ñ", 41), "hasta 40 letras"},
		{"a name that turns around", "site", "Datos\u202e", "sin caracteres invisibles"},
		{"an address that is none", "privacy", "datos", "dirección de correo completa"},
		{"a header smuggled in", "privacy", "a@b.mx\r\nBcc: c@d.mx", "dirección de correo completa"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := webtest.Post(t, h, settings.Path, form(mark, c.field, c.value, "owner", "Una oficina"))
			if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, c.said) || !strings.Contains(body, "Una oficina") {
				t.Errorf("%d: %s", w.Code, body)
			}
		})
	}
	if w := webtest.Post(t, h, settings.Path, form(mark, "owner", "Una oficina")); w.Code != http.StatusSeeOther {
		t.Fatalf("saving: %d %s", w.Code, w.Body)
	}
	w := webtest.Post(t, h, settings.Path, form(mark, "owner", "Otra oficina"))
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Otra oficina") {
		t.Errorf("the second: %d %s", w.Code, w.Body)
	}
	if v, _ := load(t, d); v.Owner != "Una oficina" || len(v.Off) != 0 {
		t.Errorf("saved: %+v", v)
	}
}

func TestWhileTheStoreIsAwayThingsAreCalledAsBefore(t *testing.T) {
	d := dbtest.SQLite(t)
	watcher, err := record.Watch(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	_, mark := load(t, d)
	if err := save(t, d, admin, settings.Values{Site: "Datos"}, mark); err != nil {
		t.Fatal(err)
	}
	reads := 0
	keeper, err := settings.Keep(t.Context(), d, watcher, func(settings.Values) { reads++ })
	if err != nil {
		t.Fatal(err)
	}
	if err := watcher.Refresh(t.Context()); err != nil { // something has changed
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if got := keeper.Values().Site; got != "Datos" {
				t.Errorf("the site is called %q", got)
			}
		})
	}
	all.Wait()
	if reads != 1 {
		t.Errorf("the settings were read %d times, want once", reads)
	}
}
