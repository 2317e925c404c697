package tool_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/section/tool"
)

func TestAddressesAreLookedAtAtMostOnceADayAndNotAllAtOnce(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)) // what the store does is tried elsewhere
	const many = 12
	for i := range many {
		doc := outside()
		doc.External.Title = fmt.Sprintf("Mapa %d", i)
		w.published(w.Ana, doc)
	}
	due := func() (list []tool.Tool) {
		w.Read(func(tx *db.Tx) (err error) { list, err = tool.DueChecks(tx, 100); return err })
		return list
	}
	for _, one := range due() {
		w.As(account.Person{}, func(tx *db.Tx) error { return w.tools.Look(tx, one.ID, one.URL, tool.Checked{Status: 200}) })
	}
	dbtest.Advance(w.db, 23*time.Hour)
	if n := len(due()); n != 0 {
		t.Errorf("%d are due within a day", n)
	}
	dbtest.Advance(w.db, 3*time.Hour)
	if n := len(due()); n == 0 || n == many {
		t.Errorf("%d of %d are due together", n, many)
	}
	dbtest.Advance(w.db, 3*time.Hour)
	if n := len(due()); n != many {
		t.Errorf("%d of %d are due after some more hours", n, many)
	}
}

func TestWhoseAddressBreaksIsToldOnce(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, outside())
		for range 6 {
			dbtest.Advance(w.db, 29*time.Hour)
			w.As(account.Person{}, func(tx *db.Tx) error { return w.tools.Look(tx, p.ID, p.URL, tool.Checked{Fault: "dns"}) })
		}
		told := 0
		for _, e := range w.entries() {
			w.Read(func(tx *db.Tx) error {
				a, err := tool.Audiences(tx, e)
				for _, one := range a.Direct {
					if e.Verb == "tool.broken" && one == (record.Concerned{Person: w.Ana.ID, Why: "notify.why.tool_owner"}) {
						told++
					}
				}
				return err
			})
		}
		if told != 1 {
			t.Errorf("she is told %d times: %s", told, w.verbs())
		}
	})
}

func TestAnotherAddressIsLookedAtAnew(t *testing.T) {
	worlds(t, func(w *world) {
		p := w.published(w.Ana, outside())
		for range 5 {
			dbtest.Advance(w.db, 29*time.Hour)
			w.As(account.Person{}, func(tx *db.Tx) error { return w.tools.Look(tx, p.ID, p.URL, tool.Checked{Fault: "dns"}) })
		}
		doc := outside()
		doc.External.URL = "https://mapas.ejemplo.mx/otra"
		if _, err := w.publish(w.Ana, w.save(w.Ana, w.opened(w.Ana, p.ID), doc)); err != nil {
			t.Fatal(err)
		}
		if now := w.get(p.ID); now.Address != (tool.Address{}) || !now.Alive() {
			t.Errorf("of the new address it knows %+v", now.Address)
		}
	})
}

func TestTheAddressOfAToolElsewhereIsOneThatAnybodyCanOpen(t *testing.T) {
	for url, want := range map[string]string{
		"https://mapas.ejemplo.mx/agua": "", "http://mapas.ejemplo.mx:8080/?a=1#b": "",
		"mapas.ejemplo.mx": "tool.error.url", "": "tool.error.url", "javascript:alert(1)": "tool.error.url", "https://mapas.ejemplo.mx/\u202e": "tool.error.url", "https://mapas.ejemplo.mx:70000/": "tool.error.url",
		"https://yo:clave@mapas.ejemplo.mx/": "tool.error.url_user", "https://mapas.ejemplo.mx/" + strings.Repeat("a", tool.MaxURL): "tool.error.long",
		"https://localhost/": "tool.error.url_public", "https://tablero/": "tool.error.url_public", "http://10.0.0.8/": "tool.error.url_public", "https://2130706433/": "tool.error.url_public",
	} {
		x := *outside().External
		x.URL = url
		got := ""
		for _, m := range x.Check() {
			got += m.Field + " " + m.Key
		}
		if want != "" {
			want = "url " + want
		}
		if got != want {
			t.Errorf("%.60s: %q, want %q", url, got, want)
		}
	}
}
