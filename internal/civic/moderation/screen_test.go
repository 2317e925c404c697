package moderation_test

import (
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

func (w *world) screen(d moderation.Draft) []string {
	w.Helper()
	var v moderation.Verdict
	w.write(plaza.Actor{}, func(tx *db.Tx) (err error) {
		v, err = w.desk.Screen(tx, d)
		return err
	})
	if v.Hold != (len(v.Why) > 0) {
		w.Errorf("held %v with the reasons %q", v.Hold, v.Why)
	}
	return v.Why
}

func TestTheFirstPostsOfANewAccountWait(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if got := w.screen(moderation.Draft{Text: "hola"}); !slices.Equal(got, []string{"new_account"}) {
			t.Errorf("a visitor's: %q", got)
		}
		w.older(2)
		first, v := w.post(w.ana, health, "Una pregunta")
		if !slices.Equal(v.Why, []string{"new_account"}) || w.state(first) != "held" {
			t.Fatalf("the first post: %q, %s", v.Why, w.state(first))
		}
		w.must("mod", w.caseOf(first), moderation.Release, "in_order")
		second, v := w.post(w.ana, health, "Otra pregunta")
		if !v.Hold {
			t.Error("the second post of a new account is not held")
		}
		w.must("mod", w.caseOf(second), moderation.Release, "in_order")
		if _, v := w.post(w.ana, health, "La tercera"); v.Hold {
			t.Errorf("the third is held: %q", v.Why)
		}
		young := w.person("joven")
		for range 2 {
			id, _ := w.post(young, health, "hola")
			w.must("mod", w.caseOf(id), moderation.Release, "in_order")
		}
		if _, v := w.post(young, health, "ya"); !v.Hold {
			t.Error("an account of an hour is trusted")
		}
		if _, v := w.post(w.mod, health, "https://x.example"); v.Hold {
			t.Errorf("a moderator of the platform waits for moderators: %q", v.Why)
		}
		if got := w.screen(moderation.Draft{Author: young.ID, Official: true, Text: "https://x.example", Signals: []gate.Signal{gate.Hasty}}); got != nil {
			t.Errorf("what an institution says is held: %q", got)
		}
	})
}

func TestWhatLooksDoubtfulWaitsAlsoOfKnownPeople(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.grown(w.ana, 2)
	w.grown(w.bob, 30)
	recent := w.person("reciente")
	w.grown(recent, 2)
	for _, c := range []struct {
		name    string
		author  string
		text    string
		signals []gate.Signal
		want    []string
	}{
		{"a plain text", w.bob.ID, "¿Cuándo se actualiza el conjunto datos.csv? Son 3.5 µg/m³ y Ω.", nil, nil},
		{"a link of somebody recent", recent.ID, "Miren https://ejemplo.example/x", nil, []string{"link"}},
		{"a bare name of a site", recent.ID, "compre en baratos.shop ya", nil, []string{"link"}},
		{"a link to here", recent.ID, "Vean https://plaza.example/datos/aire", nil, nil},
		{"a site that only ends alike", recent.ID, "https://otraplaza.example/", nil, []string{"link"}},
		{"a mailbox in a link", recent.ID, "https://plaza.example@mal.example/", nil, []string{"link"}},
		{"a link of somebody known", w.bob.ID, "Miren https://ejemplo.example/x", nil, []string{"link"}},
		{"without scripts, known", w.bob.ID, "hola", []gate.Signal{gate.Unproven}, nil},
		{"without scripts, a visitor", "", "hola", []gate.Signal{gate.Unproven}, []string{"new_account", "unproven"}},
		{"a machine's form", w.bob.ID, "hola", []gate.Signal{gate.Trapped, gate.Hasty, gate.Stale, gate.Replayed}, []string{"trapped", "hasty", "stale", "replayed"}},
		{"text that turns around", w.bob.ID, "el archivo \u202egnp.exe", nil, []string{"tricks"}},
		{"two scripts in a word", w.bob.ID, "S\u0430lud", nil, []string{"tricks"}},
		{"two scripts in two words", w.bob.ID, "Salud es здоровье", nil, nil},
		{"invisible marks in a word", w.bob.ID, "sp\u200bam", nil, []string{"tricks"}},
		{"an emoji of several", w.bob.ID, "👩\u200d💻 gracias", nil, nil},
		{"many mentions", w.bob.ID, "@a @b @c @d @e @f", nil, []string{"mentions"}},
		{"some mentions", w.bob.ID, "@a @b y ana@ejemplo.example", nil, nil},
	} {
		if got := w.screen(moderation.Draft{Author: c.author, Text: c.text, Signals: c.signals}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTheSameTextWaitsTheSecondTimeAndFromTheThirdPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.grown(w.ana, 30)
		long := "Compren hoy mismo los mejores relojes de la ciudad"
		if got := w.screen(moderation.Draft{Author: w.ana.ID, Text: long}); got != nil {
			t.Errorf("the first time: %q", got)
		}
		if got := w.screen(moderation.Draft{Author: w.ana.ID, Text: "¡COMPREN hoy mismo, los mejores relojes de la ciudad!"}); !slices.Equal(got, []string{"repeated"}) {
			t.Errorf("said again with other signs: %q", got)
		}
		if got := w.screen(moderation.Draft{Author: w.ana.ID, Text: long, Of: note("x")}); got != nil {
			t.Errorf("a new version of the same post: %q", got)
		}
		if got := w.screen(moderation.Draft{Author: w.bob.ID, Text: long}); slices.Contains(got, "repeated") {
			t.Errorf("a second person: %q", got)
		}
		if got := w.screen(moderation.Draft{Text: long}); !slices.Contains(got, "repeated") {
			t.Errorf("a third: %q", got)
		}
		for range 2 {
			if got := w.screen(moderation.Draft{Author: w.ana.ID, Text: "Muchas gracias"}); got != nil {
				t.Errorf("thanks: %q", got)
			}
		}
		w.older(8)
		if got := w.screen(moderation.Draft{Author: w.ana.ID, Text: long}); got != nil {
			t.Errorf("a week later: %q", got)
		}
	})
}

func TestRulesHoldWhatTheyNameAndNothingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.grown(w.ana, 30)
		add := func(kind, pattern string) error {
			return w.try(w.actors["admin"], func(tx *db.Tx) error {
				return w.desk.AddRule(tx, moderation.Rule{Kind: kind, Pattern: pattern, Reason: "Porque sí."})
			})
		}
		for _, r := range [][2]string{{moderation.Word, "Fármaco milagroso"}, {moderation.Pattern, `\bcrypto\w*`}, {moderation.Domain, "Malo.Example"}} {
			if err := add(r[0], r[1]); err != nil {
				t.Fatalf("adding %q: %v", r, err)
			}
		}
		for text, held := range map[string]bool{
			"un FARMACO, milagroso":             true,
			"fármacos milagrosos":               false,
			"Cryptomonedas ya":                  true,
			"http://www.malo.example/a":         true,
			"http://malo.example.org/a":         false,
			strings.Repeat("a ", 20000) + "fin": false,
		} {
			if got := w.screen(moderation.Draft{Author: w.ana.ID, Text: text}); slices.Contains(got, "rule") != held {
				t.Errorf("%.40q: %q, want held %v", text, got, held)
			}
		}
		for _, bad := range [][2]string{{moderation.Pattern, `(`}, {moderation.Pattern, `a*`}, {moderation.Pattern, `(?=a)b`}, {moderation.Word, "…"},
			{moderation.Domain, "nada"}, {moderation.Domain, "a.example/b"}, {"otra", "x"}, {moderation.Word, strings.Repeat("x", 300)}, {moderation.Word, "farmaco milagroso"}} {
			if err := add(bad[0], bad[1]); plaza.KindOf(err) != plaza.Invalid {
				t.Errorf("the rule %.30q: %v", bad, err)
			}
		}
		err := w.try(w.actors["mod"], func(tx *db.Tx) error {
			return w.desk.AddRule(tx, moderation.Rule{Kind: moderation.Word, Pattern: "hola", Reason: "x"})
		})
		if plaza.KindOf(err) != plaza.Forbidden {
			t.Errorf("a moderator adds a rule: %v", err)
		}
		if got := w.verbs(); strings.Count(got, "moderation.rule_added") != 3 {
			t.Errorf("the record: %s", got)
		}
	})
}

func TestRulesAreKeptAndTriedOnTheirPage(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.want(w.get("mod", "/moderacion/reglas"), 403)
	w.want(w.send("admin", "/moderacion/reglas", "kind", "pattern", "pattern", "(", "reason", "x"), 422, "RE2", `value="("`)
	w.want(w.send("admin", "/moderacion/reglas", "kind", "word", "pattern", "relojes", "reason", "Publicidad"), 303)
	page := w.want(w.get("admin", "/moderacion/reglas?hecho=regla"), 200, "<code>relojes</code>", "Publicidad", "ya cuenta")
	w.want(w.send("admin", "/moderacion/reglas/probar", "sample", "vendo relojes <b>"), 200, "por una razón", "Publicidad", "vendo relojes &lt;b&gt;")
	w.want(w.send("admin", "/moderacion/reglas/probar", "sample", "vendo libros"), 200, "no esperaría")
	drop := between(page.Body.String(), `action="/moderacion/reglas/`, `/quitar"`)
	w.want(w.send("admin", "/moderacion/reglas/"+drop+"/quitar"), 303)
	w.want(w.send("admin", "/moderacion/reglas/"+drop+"/quitar"), 404)
	w.lacks(w.get("admin", "/moderacion/reglas"), "<code>relojes</code>")
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}
