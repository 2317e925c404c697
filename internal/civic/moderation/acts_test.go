package moderation_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

func TestAHeldPostIsReleasedOnceWhenManyReleaseItAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, _ := w.post(w.ana, health, "hola")
		if got := w.verbs(); strings.Contains(got, "note.") || scalar[int](w, `SELECT effects FROM test_notes WHERE id = $1`, id) != 0 {
			t.Fatalf("a held post has effects: %s", got)
		}
		o := moderation.Order{Case: w.caseOf(id), Act: moderation.Release, Reason: "in_order"}
		o.Seen, o.Report = w.looked("mod", o.Case)
		var let, late atomic.Int64
		var all sync.WaitGroup
		for _, who := range []string{"mod", "admin", "local", "mod", "admin", "local", "mod", "admin"} {
			all.Go(func() {
				switch err := w.try(w.actors[who], func(tx *db.Tx) error {
					_, err := w.desk.Decide(tx, o)
					return err
				}); {
				case err == nil:
					let.Add(1)
				case plaza.KindOf(err) == plaza.Conflict:
					late.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if let.Load() != 1 || late.Load() != 7 || scalar[int](w, `SELECT effects FROM test_notes WHERE id = $1`, id) != 1 {
			t.Errorf("%d let it through, %d came too late, with %d effects", let.Load(), late.Load(), scalar[int](w, `SELECT effects FROM test_notes WHERE id = $1`, id))
		}
		if got := w.verbs(); strings.Count(got, "note.published") != 1 || strings.Count(got, "moderation.released") != 1 {
			t.Errorf("the record: %s", got)
		}
	})
}

func TestAWarningThatTwoGiveAtOnceIsGivenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.public(w.ana, health, "hola")
		w.report("", note(id), "insult", "")
		o := moderation.Order{Case: w.caseOf(id), Act: moderation.Warn, Reason: "insult"}
		o.Seen, o.Report = w.looked("mod", o.Case)
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if err := w.try(w.actors["mod"], func(tx *db.Tx) error {
					_, err := w.desk.Decide(tx, o)
					return err
				}); err != nil && plaza.KindOf(err) != plaza.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := scalar[int](w, `SELECT COUNT(*) FROM moderation_decisions`); n != 1 {
			t.Errorf("warned %d times", n)
		}
	})
}

func TestTheSecondOfTwoModeratorsIsToldWhatTheFirstDid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, _ := w.post(w.ana, health, "hola")
		c := "/moderacion/caso/" + w.caseOf(id)
		seen, _ := w.looked("mod", w.caseOf(id))
		w.want(w.send("admin", c+"/dejar-pasar", "seen", seen, "reason_ok", "in_order"), http.StatusSeeOther)
		w.want(w.send("mod", c+"/rechazar", "seen", seen, "reason", "insult", "note", "Lo que escribí"), http.StatusConflict,
			"Alguien se adelantó", "Se dejó pasar", "La persona admin", "Lo que escribí")
		if w.state(id) != "public" {
			t.Errorf("the post is %s", w.state(id))
		}
	})
}

func TestAPostThatChangedMeanwhileIsLookedAtAgain(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id, _ := w.post(w.ana, health, "hola")
	seen, _ := w.looked("mod", w.caseOf(id))
	w.write(plaza.SystemActor, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE test_notes SET body = 'compren' WHERE id = $1`, id)
		return err
	})
	w.want(w.send("mod", "/moderacion/caso/"+w.caseOf(id)+"/dejar-pasar", "seen", seen, "reason_ok", "in_order"), http.StatusConflict)
	if w.state(id) != "held" {
		t.Errorf("what nobody read is %s", w.state(id))
	}
}

func TestEveryActDoesWhatItSaysAndItsAuthorReadsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.public(w.ana, health, "Un texto dudoso")
		w.report("bob", note(id), "insult", "Insulta")
		c := w.caseOf(id)
		other := w.public(w.bob, health, "Otro hilo")
		steps := []struct {
			act           moderation.Act
			reason        string
			state, locked string
		}{
			{moderation.Lock, "heated", "public", "1"},
			{moderation.Unlock, "in_order", "public", "0"},
			{moderation.Hide, "insult", "hidden", "0"},
			{moderation.Restore, "mistake", "public", "0"},
			{moderation.Warn, "insult", "public", "0"},
			{moderation.Suspend, "insult", "public", "0"},
		}
		for _, s := range steps {
			dec := w.must("mod", c, s.act, s.reason)
			if got := w.state(id); got != s.state || scalar[string](w, `SELECT CAST(locked AS TEXT) FROM test_notes WHERE id = $1`, id) != s.locked {
				t.Errorf("after %s the post is %s", s.act, got)
			}
			w.want(w.get("ana", dec.Path()), 200, "Se explica.", dec.Number())
			w.lacks(w.want(w.get("bob", dec.Path()), 200, dec.Number()), "Se explica.", "La persona ana", "La persona mod", "dudoso")
			w.lacks(w.want(w.get("", dec.Path()), 200, dec.Number()), "Se explica.", "La persona", "dudoso", "/moderacion/caso/")
		}
		if until := w.suspended[w.ana.ID]; !until.Equal(dbtest.Start.Add(72 * time.Hour)) {
			t.Errorf("suspended until %v", until)
		}
		dec, err := w.act("mod", c, moderation.Order{Act: moderation.Merge, Reason: "duplicate", Into: "https://plaza.example/notas/" + other})
		if err != nil || dec.Into != other || w.into(id) != other {
			t.Errorf("merging: %v, into %s, %s", err, dec.Into, w.state(id))
		}
		want := "moderation.locked moderation.unlocked moderation.hidden note.published moderation.restored moderation.warned account.suspended moderation.suspended moderation.merged"
		if got := w.verbs(); !strings.HasSuffix(got, want) {
			t.Errorf("the record: %s", got)
		}
	})
}

func TestTheRecordTellsReasonAndActOnly(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id, _ := w.post(w.ana, health, "hola")
	w.must("mod", w.caseOf(id), moderation.Refuse, "insult")
	payload := scalar[string](w, `SELECT payload FROM record_entries WHERE verb = 'moderation.refused'`)
	if payload != `{"act":"refuse","reason":"insult"}` {
		t.Errorf("the payload: %s", payload)
	}
	about := scalar[string](w, `SELECT object_kind || institution || actor_role FROM record_entries WHERE verb = 'moderation.refused'`)
	if about != moderation.DecisionKind+"moderator" {
		t.Errorf("the entry is about %s", about)
	}
}

func TestWhoMayDecideIsForTheTableToSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.public(w.ana, health, "La secretaría miente")
		w.report("", note(id), "insult", "")
		held, _ := w.post(w.bob, health, "La secretaría no contesta")
		elsewhere, _ := w.post(w.bob, energy, "hola")
		for _, c := range []struct {
			who    string
			id     string
			act    moderation.Act
			reason string
			want   plaza.Kind
		}{
			{"local", id, moderation.Hide, "insult", plaza.Forbidden},
			{"local", id, moderation.Keep, "in_order", plaza.Forbidden},
			{"local", id, moderation.Warn, "insult", plaza.Forbidden},
			{"local", held, moderation.Refuse, "insult", plaza.Forbidden},
			{"partial", id, moderation.Hide, "insult", plaza.Forbidden}, // works at the institution
			{"partial", held, moderation.Release, "in_order", plaza.Forbidden},
			{"partial", held, moderation.Refuse, "insult", plaza.Forbidden},
			{"bob", held, moderation.Release, "in_order", plaza.Forbidden},
			{"local", elsewhere, moderation.Release, "in_order", plaza.Forbidden},
			{"partial", elsewhere, moderation.Refuse, "insult", plaza.Internal},
			{"local", held, moderation.Release, "in_order", plaza.Internal},
			{"mod", id, moderation.Hide, "insult", plaza.Internal},
		} {
			o := moderation.Order{Case: w.caseOf(c.id), Act: c.act, Reason: c.reason}
			o.Seen, o.Report = w.looked("mod", o.Case)
			err := w.try(w.actors[c.who], func(tx *db.Tx) error {
				_, err := w.desk.Decide(tx, o)
				return err
			})
			if plaza.KindOf(err) != c.want || c.want == plaza.Internal && err != nil {
				t.Errorf("%s, %s: %v", c.who, c.act, err)
			}
		}
	})
}

func TestNobodyDecidesAboutTheirOwn(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id := w.public(w.mod, health, "Lo mío")
	w.report("", note(id), "spam", "")
	c := w.caseOf(id)
	seen, _ := w.looked("mod", c)
	w.want(w.send("mod", "/moderacion/caso/"+c+"/conservar", "seen", seen, "reason_ok", "in_order"), http.StatusForbidden, "otra persona")
	w.want(w.get("mod", "/moderacion/caso/"+c), 200, "Sobre lo propio decide otra persona")
	w.must("admin", c, moderation.Keep, "in_order")
}

func TestAnInstitutionsModeratorsSeeTheirQueueOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		here, _ := w.post(w.ana, health, "Sobre salud")
		there, _ := w.post(w.ana, energy, "Sobre energía")
		w.lacks(w.want(w.get("local", "/moderacion"), 200, "Sobre salud"), "Sobre energía", "/moderacion/personas/")
		w.want(w.get("mod", "/moderacion"), 200, "Sobre salud", "Sobre energía", "/moderacion/personas/"+w.ana.ID)
		w.want(w.get("local", "/moderacion/caso/"+w.caseOf(there)), http.StatusForbidden)
		w.want(w.get("local", "/moderacion/personas/"+w.ana.ID), http.StatusForbidden)
		w.want(w.get("ana", "/moderacion"), http.StatusForbidden)
		page := w.want(w.get("local", "/moderacion/caso/"+w.caseOf(here)), 200, "/dejar-pasar")
		w.lacks(page, "/rechazar", "/ocultar", "/suspender")
		for who, want := range map[string]int{"mod": 2, "admin": 2, "local": 1, "ana": 0, "": 0} {
			var n int
			if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
				n, err = moderation.Pending(tx, w.actors[who])
				return err
			}); err != nil || n != want {
				t.Errorf("Pending(%s) = %d, %v; want %d", who, n, err, want)
			}
		}
	})
}

func TestWhatIsWrongWithAnOrderIsToldAtItsField(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id := w.public(w.ana, health, "hola")
	w.report("", note(id), "spam", "")
	c := w.caseOf(id)
	for _, o := range []struct {
		name  string
		order moderation.Order
		field string
	}{
		{"no reason", moderation.Order{Act: moderation.Hide}, "reason"},
		{"a reason in favour", moderation.Order{Act: moderation.Hide, Reason: "in_order"}, "reason"},
		{"a reason against", moderation.Order{Act: moderation.Keep, Reason: "insult"}, "reason"},
		{"another reason without words", moderation.Order{Act: moderation.Hide, Reason: "other"}, "note"},
		{"too many words", moderation.Order{Act: moderation.Hide, Reason: "insult", Note: strings.Repeat("ñ", 2001)}, "note"},
		{"a suspension of no days", moderation.Order{Act: moderation.Suspend, Reason: "insult"}, "days"},
		{"a suspension for ever", moderation.Order{Act: moderation.Suspend, Reason: "insult", Days: 99999}, "days"},
		{"a merger with nothing", moderation.Order{Act: moderation.Merge, Reason: "duplicate", Into: "nada"}, "into"},
		{"a merger with itself", moderation.Order{Act: moderation.Merge, Reason: "duplicate", Into: id}, "into"},
	} {
		_, err := w.act("mod", c, o.order)
		e, ok := err.(*plaza.Error)
		if !ok || e.Kind != plaza.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != o.field {
			t.Errorf("%s: %v", o.name, err)
		}
	}
	seen, _ := w.looked("mod", c)
	w.want(w.send("mod", "/moderacion/caso/"+c+"/ocultar", "seen", seen, "reason", "other", "note", ""), 422, "campo-note-error", `value="other" selected`)
	w.want(w.send("mod", "/moderacion/caso/"+c+"/nada", "seen", seen), 404)
	w.want(w.send("mod", "/moderacion/caso/nada/ocultar", "seen", seen), 404)
}

func TestTheQueueShowsTheGravestFirstAndGoesOnByKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var ids []string
		for range 30 {
			id, _ := w.post(w.ana, energy, "Retenido número uno")
			ids = append(ids, id)
			dbtest.Advance(d, time.Minute)
		}
		grave := w.public(w.bob, health, "Con una CURP")
		w.report("", note(grave), "personal_data", "Es mi CURP")
		first := w.want(w.get("mod", "/moderacion"), 200, "Con una CURP", `rel="next"`).Body.String()
		if strings.Index(first, w.caseOf(grave)) > strings.Index(first, w.caseOf(ids[0])) {
			t.Error("personal data do not come first")
		}
		next := strings.ReplaceAll(between(first, `rel="next" href="`, `"`), "&amp;", "&")
		second := w.want(w.get("mod", next), 200).Body.String()
		shown := 0
		for _, id := range ids {
			link := `href="/moderacion/caso/` + w.caseOf(id) + `"`
			in1, in2 := strings.Contains(first, link), strings.Contains(second, link)
			if in1 && in2 {
				t.Errorf("a case is on both pages")
			}
			if in1 || in2 {
				shown++
			}
		}
		if shown != 30 {
			t.Errorf("%d of 30 are shown", shown)
		}
		w.lacks(w.want(w.get("mod", "/moderacion?estado=reported"), 200, "Con una CURP"), "Retenido número")
		w.lacks(w.want(w.get("mod", "/moderacion?estado=held&tipo=note"), 200, "Retenido número"), "Con una CURP")
		w.must("mod", w.caseOf(grave), moderation.Hide, "personal_data")
		w.want(w.get("mod", "/moderacion?estado=closed"), 200, "Con una CURP")
		w.lacks(w.get("mod", "/moderacion"), "Con una CURP")
		for _, odd := range []string{"?desde=x", "?desde=9.zzzzzzzzzzzzzzzz.x", "?estado=%00", "?desde=-1.-1.x", "?tipo='"} {
			w.want(w.get("mod", "/moderacion"+odd), 200)
		}
	})
}

func TestThePagesAskTheStoreABoundedNumberOfTimes(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	count := func(path string) int64 {
		ctx, n := db.CountStatements(t.Context())
		r := webtestRequest(t, path).WithContext(ctx)
		w.want(w.ask("mod", r), 200)
		return n.Load()
	}
	id, _ := w.post(w.ana, energy, "uno")
	before, beforePerson := count("/moderacion"), count("/moderacion/personas/"+w.ana.ID)
	for range 20 {
		w.post(w.ana, energy, "otro")
		w.post(w.bob, health, "otro")
	}
	if after := count("/moderacion"); after > before+1 || after > 10 {
		t.Errorf("the queue asks %d times for one case and %d for many", before, after)
	}
	if after := count("/moderacion/personas/" + w.ana.ID); after > beforePerson+1 {
		t.Errorf("a person's page asks %d times for one case and %d for many", beforePerson, after)
	}
	if n := count("/moderacion/caso/" + w.caseOf(id)); n > 14 {
		t.Errorf("a case's page asks %d times", n)
	}
}

func TestSomebodyWhoLooksAtACaseIsSeen(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	id, _ := w.post(w.ana, health, "hola")
	c := "/moderacion/caso/" + w.caseOf(id)
	w.want(w.send("mod", c+"/tomar"), http.StatusSeeOther)
	w.want(w.get("mod", c), 200, "Ya no lo estoy viendo")
	w.want(w.get("admin", c), 200, "La persona mod lo está viendo")
	w.want(w.get("admin", "/moderacion"), 200, "La persona mod")
	dbtest.Advance(w.db, time.Hour)
	w.lacks(w.get("admin", c), "lo está viendo (")
	w.want(w.send("mod", c+"/soltar"), http.StatusSeeOther)
	w.lacks(w.get("admin", c), "La persona mod")
}

func TestACaseShowsHistoryOfPostAndAuthor(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	first, _ := w.post(w.ana, energy, "La primera")
	w.must("mod", w.caseOf(first), moderation.Refuse, "spam")
	id, _ := w.post(w.ana, energy, "La segunda <script>")
	page := w.want(w.get("mod", "/moderacion/caso/"+w.caseOf(id)), 200, "La segunda &lt;script&gt;", "La cuenta es nueva", "No se dejó pasar", "La persona ana")
	w.lacks(page, "<script>La", "La primera")
	w.want(w.get("mod", "/moderacion/personas/"+w.ana.ID), 200, "La persona ana", "La primera", "La segunda", "No se dejó pasar", "Lo último que publicó")
	w.want(w.get("mod", "/moderacion/personas/nadie"), 404)
}

func TestEveryTemplateHasItsFieldsAndWords(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, problem := range webtest.CheckTemplates(w.shell) {
		t.Error(problem)
	}
	if !slices.ContainsFunc(w.shell.Routes(), func(r webRoute) bool { return r.Name == "moderation.suspend" && r.Action == "person.suspend" }) {
		t.Error("an act's route does not ask for its action")
	}
}
