package cases_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

func TestOnePersonSupportsACaseOnce(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form())
		for _, why := range []string{"Para mi tesis secreta.", "Para mi tesis."} {
			if res := w.post(w.beto, c.Path()+"/apoyar", url.Values{"para": {why}}); res.Code != http.StatusSeeOther {
				w.Fatalf("supporting: %d", res.Code)
			}
		}
		if got := w.now(c); got.Supports != 1 || got.Version != c.Version {
			w.Errorf("%d supports, version %d", got.Supports, got.Version)
		}
		w.read(func(tx *db.Tx) error {
			all, err := cases.Supporters(tx, c.ID, 10)
			if len(all) != 1 || all[0].Why != "Para mi tesis." || all[0].Person != w.beto.ID {
				w.Errorf("supporters: %+v", all)
			}
			return err
		})
		w.says(main(w.page(visitor, c.Path())), "1 persona lo apoya")
		w.says(main(w.page(w.enlace, c.Path())), "Para la institución", "Para mi tesis.")
		for name, p := range map[string]account.Person{"the asker": w.ana, "another institution": w.ajena, "a visitor": visitor} {
			if strings.Contains(w.get(p, c.Path()).Body.String(), "tesis") {
				w.Errorf("%s reads why", name)
			}
		}
		if res := w.post(w.ana, c.Path()+"/apoyar", nil); res.Code != http.StatusConflict {
			w.Errorf("their own: %d", res.Code)
		}
		if res := w.post(visitor, c.Path()+"/apoyar", nil); res.Code != http.StatusUnauthorized {
			w.Errorf("a visitor: %d", res.Code)
		}
		long := strings.Repeat("x", cases.MaxNeed+1)
		if doc := w.document(w.post(w.enlace, c.Path()+"/apoyar", url.Values{"para": {long}}), http.StatusUnprocessableEntity); doc.Find("textarea").Text() != long {
			w.Error("what was typed is lost")
		}
		for range 2 {
			if res := w.post(w.beto, c.Path()+"/dejar-de-apoyar", nil); res.Code != http.StatusSeeOther {
				w.Errorf("taking it back: %d", res.Code)
			}
		}
		if got := w.verbs(c); w.now(c).Supports != 0 || !slices.Equal(got, []string{"opened", "supported", "unsupported"}) {
			w.Errorf("%d supports; the record says %v", w.now(c).Supports, got)
		}
	})
}

func TestReadersSayWhetherAnAnswerIsClear(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form())
		if res := w.post(w.beto, c.Path()+"/se-entiende", url.Values{"hacer": {"si"}}); res.Code != http.StatusConflict {
			w.Errorf("before there is an answer: %d", res.Code)
		}
		w.answer(c, explained())
		for _, form := range []url.Values{{"hacer": {"si"}}, {"hacer": {"no"}, "nota": {"No dice de cuándo es."}}, {"hacer": {"no"}, "nota": {"No dice de qué año."}}} {
			if res := w.post(w.beto, c.Path()+"/se-entiende", form); res.Code != http.StatusSeeOther {
				w.Fatalf("%v: %d", form, res.Code)
			}
		}
		w.says(main(w.page(visitor, c.Path())), "Se entiende: 0. No se entiende: 1.")
		w.says(main(w.page(w.enlace, c.Path())), "Lo que no se entendió", "No dice de qué año.")
		for _, p := range []account.Person{visitor, w.ana, w.ajena} {
			if strings.Contains(w.get(p, c.Path()).Body.String(), "qué año") {
				w.Errorf("%q reads the note", p.Name)
			}
		}
		if res := w.post(w.enlace, c.Path()+"/se-entiende", url.Values{"hacer": {"si"}}); res.Code != http.StatusConflict {
			w.Errorf("who answers for the institution: %d", res.Code)
		}
		if got := w.verbs(c)[2:]; !slices.Equal(got, []string{"found_clear", "found_unclear"}) {
			w.Errorf("the record says %v", got)
		}
		a := w.audience(c, "case.found_unclear")
		if len(a.Direct) != 1 || a.Direct[0] != (record.Concerned{Person: w.enlace.ID, Why: "notify.why.case_author"}) || len(a.About) != 0 {
			w.Errorf("who hears that it is not clear: %+v", a)
		}
		if !w.audience(c, "case.found_clear").Nobody {
			w.Error("somebody hears that it is clear")
		}
	})
}

// audience is who is to hear of the last entry of a verb about a case.
func (w *paged) audience(c cases.Case, verb string) (a record.Audience) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		all, err := record.Since(tx, record.Filter{Object: c.Ref()}, 100)
		if err != nil {
			return err
		}
		for _, e := range slices.Backward(all) {
			if e.Verb == verb {
				a, err = w.cases.Audiences(tx, e)
				return err
			}
		}
		w.Fatalf("no %s", verb)
		return nil
	})
	return a
}

func TestWhoHearsOfACase(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c, other := w.ask(w.ana, w.form()), w.ask(w.ajena, w.form())
		w.post(w.beto, c.Path()+"/apoyar", nil)
		w.as(account.Person{}, func(tx *db.Tx) error { // merged, in a circle
			if _, err := tx.Exec(`UPDATE cases SET into_id = $1 WHERE id = $2`, c.ID, other.ID); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE cases SET into_id = $1 WHERE id = $2`, other.ID, c.ID)
			return err
		})
		w.answer(c, explained())
		a := w.audience(c, "case.answered")
		want := []record.Concerned{{Person: w.ana.ID, Why: "notify.why.case_asker"}, {Person: w.ajena.ID, Why: "notify.why.case_joined"}, {Person: w.beto.ID, Why: "notify.why.case_supporter"}}
		if !slices.Equal(a.Direct, want) || !slices.Equal(a.About, []plaza.Ref{c.Ref(), other.Ref()}) {
			w.Errorf("of the answer hear %+v", a)
		}
		if !w.audience(c, "case.supported").Nobody {
			w.Error("somebody hears of support")
		}
		w.read(func(tx *db.Tx) error {
			all, err := record.Since(tx, record.Filter{Object: c.Ref()}, 100)
			if err != nil {
				return err
			}
			l := w.shell.Printer(newRequest(w.Context(), "/"))
			details, err := w.cases.Details(tx, l, all)
			quotes := 0
			for _, d := range details {
				if strings.Contains(d.Quote.Text, "clave de la entidad") && d.Quote.Official != "" && d.Quote.By == "Secretaría de Salud" {
					quotes++
				}
			}
			if quotes != 1 || len(details) != 2 {
				w.Errorf("details: %+v", details)
			}
			for _, d := range details {
				if strings.Contains(d.Quote.By, "Ana") {
					w.Error("the asker is named")
				}
			}
			return err
		})
		if err := w.moderate(w.cases.Kind(), c.ID, moderation.Hidden); err != nil {
			w.Fatal(err)
		}
		if !w.audience(c, "case.answered").Nobody {
			w.Error("somebody hears of what is hidden")
		}
		w.read(func(tx *db.Tx) error {
			all, _ := record.Since(tx, record.Filter{Object: c.Ref()}, 100)
			details, err := w.cases.Details(tx, w.shell.Printer(newRequest(w.Context(), "/")), all)
			if len(details) != 0 {
				w.Errorf("what is hidden is quoted: %+v", details)
			}
			return err
		})
	})
}

func TestAHiddenCaseIsNowhereAndItsClockStandsStill(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		f := w.form()
		f.Title = "Ornitorrinco en la tabla"
		c := w.ask(w.ana, f)
		due := w.now(c).Due
		if err := w.moderate(w.cases.Kind(), c.ID, moderation.Hidden); err != nil {
			w.Fatal(err)
		}
		for _, path := range []string{"/consultas", "/consultas.atom", "/consultas.csv", c.Path()} {
			res := w.get(visitor, path)
			if res.Code != http.StatusOK || strings.Contains(res.Body.String(), "Ornitorrinco") || strings.Contains(res.Body.String(), "cama") {
				w.Errorf("%s: %d, and it is there", path, res.Code)
			}
		}
		w.says(main(w.page(visitor, c.Path())), "Moderación ocultó esta consulta")
		if w.page(visitor, c.Path()).Find(`meta[name="robots"]`).Length() != 1 {
			w.Error("search engines may keep it")
		}
		if w.finds("ornitorrinco") != 0 {
			w.Error("a search finds it")
		}
		for _, act := range []string{"retirar", "responder-info"} {
			if res := w.post(w.ana, c.Path()+"/"+act, url.Values{"texto": {"x"}}); res.Code != http.StatusConflict {
				w.Errorf("%s: %d", act, res.Code)
			}
		}
		dbtest.Advance(w.db, 7*24*60*60*1e9)
		if err := w.moderate(w.cases.Kind(), c.ID, moderation.Public); err != nil {
			w.Fatal(err)
		}
		if got := w.now(c); !got.Due.Equal(due.AddDate(0, 0, 7)) {
			w.Errorf("due %s, want a week after %s", got.Due, due)
		}
		if w.finds("ornitorrinco") != 1 || !slices.Equal(w.verbs(c), []string{"opened", "hidden", "restored"}) {
			w.Errorf("back: %d found, %v", w.finds("ornitorrinco"), w.verbs(c))
		}
		for _, to := range []moderation.State{moderation.Refused, moderation.Held, moderation.Public} {
			if err := w.moderate(w.cases.Kind(), c.ID, to); plaza.KindOf(err) != plaza.Conflict {
				w.Errorf("to %s: %v", to, err)
			}
		}
	})
}

func TestWhatAnAskerSaysMayWaitWhileTheActStands(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.form())
		w.screen.word = "retenido"
		form := w.seen(w.ana, c, "responder-info")
		form.Set("texto", "Algo retenido.")
		if res := w.post(w.ana, c.Path()+"/responder-info", form); res.Code != http.StatusSeeOther || len(w.screen.held) != 1 {
			w.Fatalf("replying: %d, held %v", res.Code, w.screen.held)
		}
		for name, p := range map[string]account.Person{"a visitor": visitor, "the liaison": w.enlace} {
			if strings.Contains(w.get(p, c.Path()).Body.String(), "retenido") {
				w.Errorf("%s reads what is held", name)
			}
		}
		w.says(main(w.page(w.ana, c.Path())), "Algo retenido.", "solo usted la ve")
		kind, step := w.cases.StepKind(), w.screen.held[0]
		w.read(func(tx *db.Tx) error {
			posts, err := kind.Posts(tx, []string{step.ID})
			if len(posts) != 1 || posts[0].Author != w.ana.ID || posts[0].Text != "Algo retenido." || posts[0].State != moderation.Held || posts[0].On != c.Ref() {
				w.Errorf("moderators see %+v", posts)
			}
			mine, byErr := kind.By(tx, w.ana.ID, 5)
			if len(mine) != 1 || byErr != nil {
				w.Errorf("of hers: %+v %v", mine, byErr)
			}
			all, _ := w.cases.Kind().By(tx, w.ana.ID, 5)
			if len(all) != 1 || all[0].Title != c.Title {
				w.Errorf("her cases: %+v", all)
			}
			return err
		})
		for _, one := range []struct {
			to   moderation.State
			says string
		}{{moderation.Public, "Algo retenido."}, {moderation.Hidden, "Moderación ocultó lo escrito."}} {
			if err := w.moderate(kind, step.ID, one.to); err != nil {
				w.Fatal(err)
			}
			w.says(main(w.page(visitor, c.Path())), one.says)
		}
		if err := w.moderate(kind, step.ID, moderation.Refused); plaza.KindOf(err) != plaza.Conflict {
			w.Errorf("refusing what was public: %v", err)
		}
	})
}
