package moderation_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// into is the note into whose thread one was merged.
func (w *world) into(id string) string {
	w.Helper()
	return scalar[string](w, `SELECT merged FROM test_notes WHERE id = $1`, id)
}

// twins are two notes that say the same, the second of them reported.
func (w *world) twins() (first, second, c string) {
	w.Helper()
	first, second = w.public(w.bob, health, "¿Cuándo se actualiza?"), w.public(w.ana, health, "¿Cuándo actualizan?")
	w.report("", note(second), "off_topic", "")
	return first, second, w.caseOf(second)
}

func TestAModeratorMergesFromThePageOfACaseAndSeparatesAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first, second, c := w.twins()
		path := "/moderacion/caso/" + c
		w.want(w.get("mod", path), 200, `formaction="`+path+`/unir"`, `name="among_merge"`, `<option value="`+first+`">`, "¿Cuándo se actualiza?")
		seen, report := w.looked("mod", c)
		w.want(w.send("mod", path+"/unir", "seen", seen, "report", report, "reason_merge", "duplicate", "note_merge", "Es la misma pregunta.", "among_merge", first), http.StatusSeeOther)
		page := w.want(w.get("mod", path), 200, "Se unió a", `href="/notas/`+first+`"`, `formaction="`+path+`/separar"`)
		w.lacks(page, "/unir\"")
		if w.into(second) != first {
			t.Fatalf("it stands in %q", w.into(second))
		}
		merged := scalar[string](w, `SELECT id FROM moderation_decisions WHERE act = 'merge'`)
		w.want(w.get("ana", moderation.DecisionPath(merged)), 200, "Se unió con otra conversación", "Repite otra conversación", "Es la misma pregunta.", "Pedir que se revise esta decisión")
		w.lacks(w.want(w.get("", moderation.DecisionPath(merged)), 200, "Repite otra conversación"), "Es la misma pregunta.")
		w.want(w.get("", "/moderacion/bitacora?acto=merge"), 200, moderation.DecisionPath(merged))
		w.write(plaza.SystemActor, func(tx *db.Tx) error {
			entries, err := record.Since(tx, record.Filter{Verb: "moderation.merged"}, 1)
			if err != nil {
				return err
			}
			a, err := moderation.Audiences(tx, entries[0])
			if len(a.Direct) != 1 || a.Direct[0].Person != w.ana.ID {
				t.Errorf("who is told: %+v", a)
			}
			return err
		})
		split := w.must("mod", c, moderation.Split, "mistake")
		if w.into(second) != "" || split.Into != first {
			t.Errorf("separated: it stands in %q", w.into(second))
		}
		w.want(w.get("ana", split.Path()), 200, "Se separó de otra conversación", "Fue un error de la moderación")
		if got := w.verbs(); !strings.HasSuffix(got, "moderation.merged moderation.split") {
			t.Errorf("the record: %s", got)
		}
	})
}

func TestAnAppealThatIsHeardSeparatesWhatWasMerged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first, second, c := w.twins()
		dec, err := w.act("mod", c, moderation.Order{Act: moderation.Merge, Reason: "duplicate", Among: first})
		if err != nil {
			t.Fatal(err)
		}
		w.want(w.send("ana", dec.Path()+"/apelar", "text", "No preguntamos lo mismo."), http.StatusSeeOther)
		w.want(w.send("admin", dec.Path()+"/resolver", "outcome", "overturned", "note", "Tiene razón."), http.StatusSeeOther)
		if w.into(second) != "" {
			t.Errorf("it still stands in %q", w.into(second))
		}
		third := w.public(w.bob, health, "Otra")
		again, err := w.act("mod", c, moderation.Order{Act: moderation.Merge, Reason: "duplicate", Among: first})
		if err != nil {
			t.Fatal(err)
		}
		w.must("mod", c, moderation.Split, "mistake")
		if _, err := w.act("mod", c, moderation.Order{Act: moderation.Merge, Reason: "duplicate", Into: "/notas/" + third}); err != nil {
			t.Fatal(err)
		}
		w.want(w.send("ana", again.Path()+"/apelar", "text", "Tampoco."), http.StatusSeeOther)
		w.want(w.send("admin", again.Path()+"/resolver", "outcome", "overturned", "note", "Ya no estaba."), http.StatusSeeOther)
		if w.into(second) != third {
			t.Errorf("an appeal against what was undone already parted it from %q", third)
		}
	})
}

func TestWhatIsWrongWithAMergerKeepsWhatWasTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first, second, c := w.twins()
		own, other := w.public(w.mod, health, "De quien modera"), w.public(w.bob, health, "Otra")
		path := "/moderacion/caso/" + c
		seen, _ := w.looked("mod", c)
		for want, typed := range map[string][2]string{
			"Elija la otra conversación o pegue su dirección.":    {"", ""},
			"Elija la otra conversación o pegue su":               {"ninguna dirección", ""},
			"En esa dirección no hay una conversación a la vista": {"0193a000-0000-7000-8000-00000000dead", ""},
			"Esa es la misma conversación":                        {"/notas/" + second, ""},
			"Deje solo una de las dos":                            {"/notas/" + other, first},
			"Esa conversación la empezó usted":                    {"/notas/" + own, ""},
		} {
			page := w.want(w.send("mod", path+"/unir", "seen", seen, "reason_merge", "duplicate", "note_merge", "lo que expliqué", "into_merge", typed[0], "among_merge", typed[1]),
				http.StatusUnprocessableEntity, want, "lo que expliqué", `<details class="Fold Decide-apart" open>`, `id="campo-into_merge-error"`)
			if typed[0] != "" && !strings.Contains(page.Body.String(), `value="`+typed[0]+`"`) {
				t.Errorf("the address %q is lost", typed[0])
			}
		}
		w.want(w.send("mod", path+"/unir", "seen", seen, "reason_merge", "insult", "among_merge", first), http.StatusUnprocessableEntity, "campo-reason_merge-error")
		w.must("admin", c, moderation.Warn, "off_topic")
		w.want(w.send("mod", path+"/unir", "seen", seen, "reason_merge", "duplicate", "note_merge", "lo que expliqué", "into_merge", "/notas/"+first),
			http.StatusConflict, "Alguien se adelantó", "lo que expliqué", "/notas/"+first)
		if w.into(second) != "" {
			t.Error("it was merged all the same")
		}
	})
}

func TestMergingIsForWhoMayHide(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first, second, c := w.twins()
		for who, want := range map[string]plaza.Kind{"local": plaza.Forbidden, "partial": plaza.Forbidden, "bob": plaza.Forbidden, "ana": plaza.Forbidden} {
			o := moderation.Order{Case: c, Act: moderation.Merge, Reason: "duplicate", Among: first}
			o.Seen, o.Report = w.looked("mod", c)
			err := w.try(w.actors[who], func(tx *db.Tx) error { _, err := w.desk.Decide(tx, o); return err })
			if plaza.KindOf(err) != want || w.into(second) != "" {
				t.Errorf("%s: %v", who, err)
			}
		}
		elsewhere := w.public(w.bob, energy, "De otra institución")
		w.report("", note(elsewhere), "spam", "")
		if _, err := w.act("mod", w.caseOf(elsewhere), moderation.Order{Act: moderation.Merge, Reason: "duplicate", Into: first}); err != nil {
			t.Errorf("whoever is impartial to both: %v", err)
		}
		another := w.public(w.bob, energy, "Otra")
		w.report("", note(another), "spam", "")
		o := moderation.Order{Case: w.caseOf(another), Act: moderation.Merge, Reason: "duplicate", Into: first}
		o.Seen, o.Report = w.looked("mod", o.Case)
		err := w.try(w.actors["partial"], func(tx *db.Tx) error { _, err := w.desk.Decide(tx, o); return err })
		if plaza.KindOf(err) != plaza.Forbidden {
			t.Errorf("into what concerns their own institution: %v", err)
		}
	})
}

func TestOfModeratorsWhoMergeAtOnceOneIsHeard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		first, _, c := w.twins()
		o := moderation.Order{Case: c, Act: moderation.Merge, Reason: "duplicate", Among: first}
		o.Seen, o.Report = w.looked("mod", c)
		var done atomic.Int64
		var all sync.WaitGroup
		for _, who := range []string{"mod", "admin", "mod", "admin", "mod", "admin"} {
			all.Go(func() {
				err := w.try(w.actors[who], func(tx *db.Tx) error { _, err := w.desk.Decide(tx, o); return err })
				if err == nil {
					done.Add(1)
				} else if plaza.KindOf(err) != plaza.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := scalar[int](w, `SELECT COUNT(*) FROM moderation_decisions`); done.Load() != 1 || n != 1 {
			t.Errorf("%d merged it, with %d decisions", done.Load(), n)
		}
	})
}
