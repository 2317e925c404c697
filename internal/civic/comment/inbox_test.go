package comment_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// waiting is how many comments wait in an institution's inbox.
func (w *world) waiting(body string) (n int) {
	w.Helper()
	w.read(func(tx *db.Tx) (err error) { n, err = w.comments.Unattended(tx, body); return err })
	return n
}

func TestAnOfficialAnswerAttendsToItsThreadAndItsRemovalReopensIt(t *testing.T) {
	worlds(t, func(w *world) {
		root := w.say(w.ana, "pregunta")
		w.answer(w.beto, root, "", "yo también")
		apart := w.say(w.beto, "otra cosa")
		w.answer(w.enlace, root, "", "respondo como yo misma")
		if n := w.waiting(w.salud.ID); n != 4 {
			t.Fatalf("%d wait, want 4: no official has answered", n)
		}
		first := w.answer(w.enlace, root, w.official(), "respondemos")
		if n := w.waiting(w.salud.ID); n != 1 {
			t.Errorf("%d wait, want the other thread's", n)
		}
		later := w.answer(w.ana, root, "", "¿y ahora?")
		if n := w.waiting(w.salud.ID); n != 2 {
			t.Errorf("%d wait, want what was said after the answer too", n)
		}
		second := w.answer(w.enlace, root, w.official(), "ahora sí")
		if got := w.now(later); got.Attention != comment.Answered || got.Attended.With != second.ID {
			t.Errorf("what came later: %+v", got)
		}
		if got := w.now(root); got.Attended.With != first.ID {
			t.Errorf("what was answered already is answered by %q, want the first", got.Attended.With)
		}
		if err := w.moderate(second, moderation.Hidden); err != nil {
			t.Fatal(err)
		}
		if got := w.now(later); got.Attention != comment.Open {
			t.Errorf("with the answer hidden: %s", got.Attention)
		}
		if err := w.moderate(second, moderation.Public); err != nil {
			t.Fatal(err)
		}
		if got := w.now(later); got.Attention != comment.Answered {
			t.Errorf("with the answer back: %s", got.Attention)
		}
		if err := w.doing(w.enlace, func(tx *db.Tx) error { _, err := w.comments.Remove(tx, first.ID); return err }); err != nil {
			t.Fatal(err)
		}
		if got := w.now(root); got.Attention != comment.Answered || got.Attended.With != second.ID {
			t.Errorf("another official answer remains: %+v", got)
		}
		if got := w.now(apart); got.Attention != comment.Open {
			t.Errorf("the other thread: %s", got.Attention)
		}
	})
}

func TestTheInboxShowsWhatWaitsOldestFirstAndMarksBackAndForth(t *testing.T) {
	worlds(t, func(w *world) {
		var all []comment.Comment
		for _, s := range []string{"uno", "dos", "tres"} {
			all = append(all, w.say(w.ana, s))
			dbtest.Advance(w.db, 24*time.Hour)
		}
		const path = "/gestion/salud/comentarios"
		doc := w.page(w.enlace, path)
		var order []string
		for _, n := range doc.Find(".Comment-text").EachIter() {
			order = append(order, squeeze(n.Text()))
		}
		if !slices.Equal(order, []string{"uno", "dos", "tres"}) || !strings.Contains(text(doc), "hace 3 días") {
			t.Errorf("the inbox: %v, %q", order, text(doc))
		}
		form := url.Values{"comentario": {all[0].ID, all[1].ID, "nada"}, "hacer": {"atender"}, "ver": {"sin-atender"}}
		if res := w.post(w.enlace, path, form); res.Code != http.StatusSeeOther || res.Header().Get("Location") != path+"?hecho=2&ver=sin-atender" {
			t.Errorf("marking: %d, to %s", res.Code, res.Header().Get("Location"))
		}
		if n := w.waiting(w.salud.ID); n != 1 {
			t.Errorf("%d wait, want 1", n)
		}
		if got := text(w.page(w.enlace, path+"?ver=mios")); !strings.Contains(got, "Eva Enlace") || !strings.Contains(got, "uno") {
			t.Errorf("what she attended to: %q", got)
		}
		form = url.Values{"comentario": {all[0].ID}, "hacer": {"reabrir"}, "ver": {"atendidos"}}
		if res := w.post(w.enlace, path, form); res.Code != http.StatusSeeOther {
			t.Errorf("reopening: %d", res.Code)
		}
		if got := w.verbs()[3:]; !slices.Equal(got, []string{"attended", "attended", "reopened"}) || w.waiting(w.salud.ID) != 2 {
			t.Errorf("the record: %v", got)
		}
	})
}

func TestOnlyTheInstitutionsOwnPeopleSeeAndMarkItsInbox(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "algo")
		form := url.Values{"comentario": {c.ID}, "hacer": {"atender"}}
		cases := []struct {
			name      string
			who       plaza.Actor
			see, mark int
		}{
			{"visitor", plaza.Actor{}, http.StatusUnauthorized, http.StatusUnauthorized},
			{"member", w.beto.Actor(), http.StatusForbidden, http.StatusForbidden},
			{"another institution's liaison", w.ajena.Actor(), http.StatusForbidden, http.StatusForbidden},
		}
		for _, k := range cases {
			const path = "/gestion/salud/comentarios"
			if got := w.request(k.who, http.MethodGet, path, nil).Code; got != k.see {
				t.Errorf("%s sees: %d, want %d", k.name, got, k.see)
			}
			if got := w.request(k.who, http.MethodPost, path, form).Code; got != k.mark {
				t.Errorf("%s marks: %d, want %d", k.name, got, k.mark)
			}
		}
		if w.waiting(w.salud.ID) != 1 {
			t.Error("somebody marked it")
		}
		// one's own inbox does not reach another's comments
		w.post(w.ajena, "/gestion/lerma/comentarios", form)
		if w.waiting(w.salud.ID) != 1 {
			t.Error("another institution marked it")
		}
	})
}

func TestWhatNoInstitutionAnswersForIsInTheCoordinationsInbox(t *testing.T) {
	worlds(t, func(w *world) {
		c, err := w.try(w.ana, comment.Draft{Text: "sobre la historia", On: w.card(loose)})
		if err != nil {
			t.Fatal(err)
		}
		if got := text(w.page(w.admin, "/admin/comentarios")); !strings.Contains(got, "sobre la historia") {
			t.Errorf("the coordination's inbox: %q", got)
		}
		if res := w.get(w.enlace, "/admin/comentarios"); res.Code != http.StatusForbidden {
			t.Errorf("a liaison sees it: %d", res.Code)
		}
		if _, err := w.try(w.admin, comment.Draft{Text: "contestamos", Root: c.ID, On: w.card(loose), Voice: "admin@"}); err != nil {
			t.Fatal(err)
		}
		if n := w.waiting(""); n != 0 {
			t.Errorf("%d wait, want none", n)
		}
	})
}

func TestWhatWaitsMovesToTheSuccessorAndSaysWhereItCameFrom(t *testing.T) {
	worlds(t, func(w *world) {
		open := w.say(w.ana, "pendiente")
		done := w.say(w.ana, "atendido")
		if err := w.doing(w.enlace, func(tx *db.Tx) error {
			_, err := comment.Mark(tx, []string{w.salud.ID}, []string{done.ID}, true)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *db.Tx) error {
			mover := comment.Mover()
			if n, err := mover.Count(tx, w.salud.ID); n != 1 || err != nil {
				t.Errorf("%d to be moved (%v), want 1", n, err)
			}
			_, err := mover.Move(tx, w.salud.ID, w.other.ID)
			return err
		})
		if w.waiting(w.salud.ID) != 0 || w.waiting(w.other.ID) != 1 || w.now(open).MovedFrom != w.salud.ID {
			t.Error("it did not move")
		}
		if got := text(w.page(w.ajena, "/gestion/lerma/comentarios")); !strings.Contains(got, "Llegó de Secretaría de Salud") {
			t.Errorf("the successor's inbox: %q", got)
		}
	})
}
