package privacy_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

var update = flag.Bool("update", false, "write testdata/notices.txt")

func write(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) error { return tx.Row(query, args...).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAConsentNotesWhichNoticeWasShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(tx *db.Tx) error {
			return errors.Join(privacy.Consent(tx, privacy.Who{Person: "ana"}, "comment"), privacy.Consent(tx, privacy.Who{Address: "hash"}, "follow_mail"))
		})
		for _, wrong := range []struct {
			who   privacy.Who
			point string
		}{{privacy.Who{Person: "ana"}, "nowhere"}, {privacy.Who{}, "comment"}, {privacy.Who{Person: "a", Address: "b"}, "comment"}} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return privacy.Consent(tx, wrong.who, wrong.point) }); err == nil {
				t.Errorf("%+v at %s was noted", wrong.who, wrong.point)
			}
		}
		h := privacy.Consents()
		var given any
		write(t, d, func(tx *db.Tx) (err error) {
			given, err = h.Export(tx, "ana")
			return err
		})
		if got := fmt.Sprintf("%+v", given); !strings.Contains(got, "Point:comment Version:1") || strings.Contains(got, "follow_mail") {
			t.Errorf("what Ana gave: %s", got)
		}
		write(t, d, func(tx *db.Tx) error {
			_, err := h.Erase(tx, "")
			return err
		})
		if n := count(t, d, `SELECT COUNT(*) FROM consents`); n != 2 {
			t.Errorf("erasing nobody left %d consents, want 2", n)
		}
		write(t, d, func(tx *db.Tx) error {
			_, err := h.Erase(tx, "ana")
			return err
		})
		if n := count(t, d, `SELECT COUNT(*) FROM consents WHERE person_id <> ''`); n != 0 {
			t.Errorf("%d consents of Ana stay", n)
		}
	})
}

func TestWhatIsPastItsTimeIsForgottenInPiecesAndTheRestStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		give := func(n int) {
			write(t, d, func(tx *db.Tx) error {
				for i := range n {
					if err := privacy.Consent(tx, privacy.Who{Address: fmt.Sprint(i)}, "follow_mail"); err != nil {
						return err
					}
				}
				return privacy.Consent(tx, privacy.Who{Person: "ana"}, "comment")
			})
		}
		give(2500)
		dbtest.Advance(d, 2*365*24*time.Hour+time.Hour)
		give(3)
		pieces := 0
		counted := privacy.Consents()
		inner := counted.Expire
		counted.Expire = func(tx *db.Tx) (int, error) {
			pieces++
			return inner(tx)
		}
		broken := privacy.Holding{Key: "broken", Expire: func(*db.Tx) (int, error) { return 0, errors.New("away") }}
		all := privacy.Registry{broken, {Key: "nothing"}, counted}
		if n, err := all.Expire(t.Context(), d); n != 2500 || err == nil {
			t.Errorf("%d rows were forgotten (%v), want 2500 and what failed", n, err)
		}
		if pieces != 4 {
			t.Errorf("in %d pieces, want 4", pieces)
		}
		if n := count(t, d, `SELECT COUNT(*) FROM consents`); n != 3+1 {
			t.Errorf("%d consents stay, want the three that are new and Ana's one", n)
		}
	})
}

func TestForgettingIsAJob(t *testing.T) {
	d := dbtest.SQLite(t)
	ran := 0
	all := privacy.Registry{{Key: "x", Expire: func(*db.Tx) (int, error) { ran++; return 0, nil }}}
	r := job.NewRunner(d, job.Config{})
	all.Work(d, r)
	write(t, d, func(tx *db.Tx) error {
		_, _, err := job.Enqueue(tx, privacy.Forget{}, job.Options{})
		return err
	})
	if _, err := r.Drain(context.Background()); err != nil || ran == 0 {
		t.Errorf("the job ran %d times, %v", ran, err)
	}
}

func TestErasingGathersWhatIsForTheRecord(t *testing.T) {
	d := dbtest.SQLite(t)
	act := func(verb string) privacy.Holding {
		return privacy.Holding{Key: verb, Erase: func(*db.Tx, string) ([]record.Act, error) { return []record.Act{{Verb: verb}}, nil }}
	}
	write(t, d, func(tx *db.Tx) error {
		acts, err := privacy.Registry{act("a.b"), {Key: "none"}, act("c.d")}.Erase(tx, "ana")
		if len(acts) != 2 || acts[1].Verb != "c.d" {
			t.Errorf("the acts are %v", acts)
		}
		return err
	})
}

// sample are a holding's words.
var sample = fstest.MapFS{
	"locale/es.json": {Data: []byte(`{"privacy.holding.sample": "Muestras", "privacy.datum.sample_name": "Nombre de muestra", "privacy.datum.sample_name.purpose": "Probar"}`)},
	"locale/en.json": {Data: []byte(`{"privacy.holding.sample": "Samples", "privacy.datum.sample_name": "Sample name", "privacy.datum.sample_name.purpose": "To try"}`)},
}

func TestThePageSaysWhatIsKeptAndWhoAnswersForIt(t *testing.T) {
	shell := webtest.New(t, func(c *web.Config) { c.Owner = "Instituto de Pruebas" }, privacy.Locale, access.Locale, sample)
	holdings := privacy.Registry{{Key: "sample", Data: []privacy.Datum{{Key: "sample_name", Point: "comment", Keep: 30 * 24 * time.Hour}}}, privacy.Consents()}
	if err := privacy.Mount(shell, privacy.PageConfig{Holdings: holdings, Contact: func() string { return "datos@plaza.example" }}); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"es": {"Instituto de Pruebas", "datos@plaza.example", "LGPDPPSO", "20 de marzo de 2025", "Secretaría Anticorrupción y Buen Gobierno", "Muestras",
			"Nombre de muestra", "Probar", "30 días después", "Al comentar", "Acceso", "Rectificación", "Cancelación", "Oposición", "Versión 1"},
		"en": {"Instituto de Pruebas", "Sample name", "30 days after", "When commenting", "Erasure", "Version 1"},
	} {
		doc, err := goquery.NewDocumentFromReader(webtest.Get(t, shell, privacy.Path+"?lang="+lang).Body)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(strings.Fields(doc.Find(".Main").Text()), " ")
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the page lacks %q", lang, w)
			}
		}
		if doc.Find(`.Footer a[href="/acerca/privacidad"]`).Length() != 1 || doc.Find("h1").Length() != 1 {
			t.Errorf("%s: the foot has no link, or the page not one title", lang)
		}
	}
	for _, p := range append(webtest.CheckTemplates(shell), i18n.CheckCatalogues(privacy.Locale)...) {
		t.Error(p)
	}
}

// A notice that says something else is another notice: people agreed to what it said.
func TestANoticeWhoseWordsChangeHasANewVersion(t *testing.T) {
	bundle, err := i18n.New(privacy.Locale)
	if err != nil {
		t.Fatal(err)
	}
	l := bundle.Printer(i18n.Spanish)
	var b strings.Builder
	for _, n := range privacy.Notices() {
		said := privacy.Say(l, n.Point)
		if said.Text == "privacy.notice."+n.Point || !l.Has("privacy.point."+n.Point) {
			t.Errorf("the notice %s has no words", n.Point)
		}
		sum := sha256.Sum256([]byte(said.Text))
		fmt.Fprintf(&b, "%s %d %s\n", n.Point, n.Version, hex.EncodeToString(sum[:8]))
	}
	const path = "testdata/notices.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != b.String() {
		t.Errorf("the words of a notice changed: give it a new version, then go test ./internal/civic/privacy -update (%v)\n%s", err, b.String())
	}
}
