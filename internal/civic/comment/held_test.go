package comment_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

func TestAHeldCommentHasNoEffectUntilItIsLetThrough(t *testing.T) {
	worlds(t, func(w *world) {
		root := w.say(w.beto, "raíz")
		w.screen.word = "retenido"
		c := w.say(w.ana, "retenido y secreto")
		answer := w.answer(w.ana, root, "", "retenido también")
		if c.State != moderation.Held || len(w.screen.held) != 2 {
			t.Fatalf("it is %s, and %v wait", c.State, w.screen.held)
		}
		paths := []string{c.Path(), c.Path() + "/versiones", answer.Path(), answer.Path() + "/versiones"}
		for _, p := range []struct {
			name string
			who  plaza.Actor
		}{{"visitor", plaza.Actor{}}, {"another", w.beto.Actor()}, {"the coordination", w.admin.Actor()}} {
			for _, path := range append(paths, c.Path()+"/editar", c.Path()+"/retirar") {
				res := w.request(p.who, http.MethodGet, path, nil)
				if res.Code != http.StatusNotFound && (p.name != "visitor" || res.Code != http.StatusUnauthorized) {
					t.Errorf("%s, %s: %d, want 404", p.name, path, res.Code)
				}
			}
		}
		for _, path := range []string{comment.ThreadPath(c.On), comment.ThreadPath(c.On) + "/atom.xml", "/instituciones/salud",
			"/comentarios/instituciones/salud/atom.xml", "/api/v1/comments?object=" + c.On.String(), "/api/v1/comments", root.Path()} {
			res := w.get(visitor, path)
			if res.Code != http.StatusOK || strings.Contains(res.Body.String(), "retenido") {
				t.Errorf("%s: %d, and it says what is held", path, res.Code)
			}
		}
		w.read(func(tx *db.Tx) error {
			n, err := comment.Count(tx, c.On)
			if n != 1 {
				t.Errorf("%d are counted, want 1", n)
			}
			waiting, _ := w.comments.Unattended(tx, w.salud.ID)
			if waiting != 1 {
				t.Errorf("%d wait in the inbox, want 1", waiting)
			}
			cards, _ := comment.Cards(w.cards)(tx, []plaza.Ref{c.Ref()})
			if len(cards) != 0 {
				t.Errorf("it has a card: %v", cards)
			}
			return err
		})
		if w.finds("retenido") != 0 || len(w.verbs()) != 1 {
			t.Errorf("a search finds it, or the record tells of it: %v", w.verbs())
		}
		if got := text(w.page(w.ana, "/mi/comentarios")); !strings.Contains(got, "retenido y secreto") || !strings.Contains(got, "Espera revisión") {
			t.Errorf("its author's page: %q", got)
		}
		if err := w.moderate(c, moderation.Public); err != nil {
			t.Fatal(err)
		}
		if got := w.now(c); got.State != moderation.Public || !got.At.After(c.At) || got.Attention != comment.Open {
			t.Errorf("let through: %+v", got)
		}
		if !strings.Contains(w.get(visitor, c.Path()).Body.String(), "retenido y secreto") || w.finds("retenido") != 1 {
			t.Error("let through, it is not there")
		}
		if got := w.verbs(); !slices.Equal(got, []string{"published", "published"}) {
			t.Errorf("the record: %v", got)
		}
		w.read(func(tx *db.Tx) error {
			entries, err := record.Since(tx, record.Filter{Object: c.Ref()}, 1)
			if err == nil && entries[0].Actor != (record.Actor{Role: "member", Ref: w.ana.Pseudonym}) {
				t.Errorf("the record says that %+v spoke, and Ana did", entries[0].Actor)
			}
			return err
		})
	})
}

func TestStatesThatCannotBeReachedAreConflicts(t *testing.T) {
	worlds(t, func(w *world) {
		w.screen.word = "retenido"
		states := map[moderation.State]comment.Comment{}
		for _, s := range []moderation.State{moderation.Held, moderation.Public, moderation.Hidden, moderation.Refused, moderation.Removed} {
			said := "público"
			if s == moderation.Held || s == moderation.Refused {
				said = "retenido"
			}
			c := w.say(w.ana, said)
			if c.State != s {
				if err := w.moderate(c, s); err != nil {
					t.Fatalf("to %s: %v", s, err)
				}
			}
			states[s] = c
		}
		for from, c := range states {
			for _, to := range []moderation.State{moderation.Held, moderation.Public, moderation.Hidden, moderation.Refused, moderation.Removed} {
				possible := from == moderation.Held && (to == moderation.Public || to == moderation.Refused || to == moderation.Removed) ||
					from == moderation.Public && (to == moderation.Hidden || to == moderation.Removed) || (from == moderation.Hidden || from == moderation.Refused) && to == moderation.Public // a refusal may be overturned
				if possible {
					continue
				}
				if err := w.moderate(c, to); plaza.KindOf(err) != plaza.Conflict {
					t.Errorf("%s to %s: %v, want a conflict", from, to, err)
				}
			}
		}
		if err := w.moderate(states[moderation.Refused], moderation.Public); err != nil {
			t.Errorf("an overturned refusal: %v", err)
		}
		w.read(func(tx *db.Tx) error {
			c, err := comment.ByID(tx, states[moderation.Refused].ID)
			if c.State != moderation.Public || c.Published.IsZero() {
				t.Errorf("after an overturned refusal: %+v", c)
			}
			return err
		})
	})
}

func TestModeratorsSeeTheNewestThatSomebodyWroteHeldOnesToo(t *testing.T) {
	worlds(t, func(w *world) {
		w.screen.word = "retenido"
		w.say(w.beto, "de otra persona")
		w.say(w.ana, "uno")
		w.say(w.ana, "dos")
		held := w.say(w.ana, "retenido")
		w.read(func(tx *db.Tx) error {
			posts, err := w.comments.Kind().By(tx, w.ana.ID, 2)
			if len(posts) != 2 || posts[0].Ref != held.Ref() || posts[0].State != moderation.Held || posts[1].Text != "dos" {
				t.Errorf("the newest are %+v", posts)
			}
			return err
		})
	})
}

// A form counts once: sent again with another text, its work is no work any more.
func TestAFormWhoseWorkWasUsedUpSaysSoToTheScreen(t *testing.T) {
	worlds(t, func(w *world) {
		page := w.get(w.ana, "/comentarios/institution/"+w.salud.ID+"/escribir").Body.String()
		_, rest, _ := strings.Cut(page, `name="sello" value="`)
		seal, _, ok := strings.Cut(rest, `"`)
		if !ok || !strings.Contains(page, `href="/acerca/privacidad"`) {
			t.Fatal("the form has no seal or no notice")
		}
		dbtest.Advance(w.db, time.Minute)
		path := "/comentarios/institution/" + w.salud.ID
		send := func(text string) {
			t.Helper()
			res := w.post(w.ana, path, url.Values{"texto": {text}, "unico": {"x"}, "sello": {seal}, "prueba": {gate.Prove(seal)}})
			if res.Code != http.StatusSeeOther {
				t.Errorf("%q: %d", text, res.Code)
			}
		}
		if res := w.post(w.ana, path, url.Values{"texto": {""}, "unico": {"x"}, "sello": {seal}, "prueba": {gate.Prove(seal)}}); res.Code != http.StatusUnprocessableEntity {
			t.Errorf("an empty text: %d", res.Code)
		}
		if len(w.screen.drafts) > 0 {
			t.Error("what is empty was judged")
		}
		send("la primera vez")
		send("la segunda vez")
		if len(w.screen.drafts) != 2 || w.screen.drafts[0].Signals != nil || !slices.Equal(w.screen.drafts[1].Signals, []gate.Signal{gate.Replayed}) {
			t.Errorf("judged: %+v", w.screen.drafts)
		}
		w.read(func(tx *db.Tx) error {
			var n int
			err := tx.Row(`SELECT COUNT(*) FROM consents WHERE person_id = $1 AND point = 'comment' AND version > 0`, w.ana.ID).Scan(&n)
			if n != 1 {
				t.Errorf("%d consents, want one", n)
			}
			return err
		})
	})
}

func TestAHiddenCommentLeavesAPlaceThatSaysSoAndComesBack(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "una grosería")
		if err := w.moderate(c, moderation.Hidden); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{c.Path(), comment.ThreadPath(c.On), "/instituciones/salud"} {
			body := w.get(visitor, path).Body.String()
			if strings.Contains(body, "grosería") || !strings.Contains(body, "La moderación ocultó") {
				t.Errorf("%s: the place does not say that it is hidden", path)
			}
		}
		if w.get(visitor, c.Path()+"/versiones").Code != http.StatusNotFound || w.finds("grosería") != 0 {
			t.Error("it can still be read")
		}
		if strings.Contains(w.get(visitor, comment.ThreadPath(c.On)+"/atom.xml").Body.String(), "grosería") {
			t.Error("the feed has it")
		}
		if got := text(w.page(w.ana, "/mi/comentarios")); !strings.Contains(got, "Oculto por la moderación") {
			t.Errorf("its author's page: %q", got)
		}
		if err := w.moderate(c, moderation.Public); err != nil {
			t.Fatal(err)
		}
		if got := w.verbs(); !slices.Equal(got, []string{"published", "hidden", "restored"}) || w.finds("grosería") != 1 {
			t.Errorf("the record: %v", got)
		}
	})
}

func TestAHeldEditLeavesTheCommentAsItIsUntilItIsLetThrough(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "limpio")
		w.screen.word = "liga"
		edit := func() error {
			return w.doing(w.ana, func(tx *db.Tx) error {
				_, err := w.comments.Edit(tx, c.ID, "con una liga", 1, comment.From{})
				return err
			})
		}
		if err := edit(); err != nil {
			t.Fatal(err)
		}
		if err := edit(); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("editing what a moderator reads: %v", err)
		}
		if body := w.get(visitor, c.Path()).Body.String(); strings.Contains(body, "liga<") || !strings.Contains(body, "limpio") {
			t.Error("the edit shows")
		}
		w.read(func(tx *db.Tx) error {
			posts, err := w.comments.Kind().Posts(tx, []string{c.ID, "nada"})
			if len(posts) != 1 || posts[0].State != moderation.Public || !posts[0].Edit || posts[0].Text != "con una liga" || posts[0].Versions[0].Text != "limpio" {
				t.Errorf("what moderators see: %+v", posts)
			}
			return err
		})
		if err := w.moderate(c, moderation.Public); err != nil {
			t.Fatal(err)
		}
		if got := w.now(c); got.Body != "con una liga" || got.Version != 2 || got.Pending != "" {
			t.Errorf("let through: %+v", got)
		}
		if got := w.verbs(); !slices.Equal(got, []string{"published", "edited"}) {
			t.Errorf("the record: %v", got)
		}
		w.say(w.ana, "otro")
		second := w.say(w.ana, "tercero")
		if err := w.doing(w.ana, func(tx *db.Tx) error {
			_, err := w.comments.Edit(tx, second.ID, "otra liga", 1, comment.From{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := w.moderate(second, moderation.Refused); err != nil {
			t.Fatal(err)
		}
		if got := w.now(second); got.Body != "tercero" || got.State != moderation.Public || got.Pending != "" {
			t.Errorf("refused: %+v", got)
		}
	})
}

func TestALockedThreadTakesNoAnswersAndSaysSo(t *testing.T) {
	worlds(t, func(w *world) {
		root := w.say(w.ana, "raíz")
		answer := w.answer(w.beto, root, "", "respuesta")
		lock := func(locked bool) error {
			return w.doing(w.admin, func(tx *db.Tx) error {
				_, err := w.comments.Kind().Lock(tx, answer.ID, locked)
				return err
			})
		}
		if err := lock(true); err != nil {
			t.Fatal(err)
		}
		if _, err := w.try(w.ana, comment.Draft{Text: "más", Root: root.ID}); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("answering: %v, want a conflict", err)
		}
		res := w.post(w.ana, comment.ThreadPath(root.On), url.Values{"texto": {"lo que escribí"}, "a": {root.ID}, "unico": {"n"}})
		if got := text(w.document(res, http.StatusConflict)); !strings.Contains(got, "está cerrada") || !strings.Contains(got, "lo que escribí") {
			t.Errorf("the form: %q", got)
		}
		if got := text(w.page(visitor, root.Path())); !strings.Contains(got, "Cerrado a nuevas respuestas") {
			t.Errorf("the thread: %q", got)
		}
		if err := lock(true); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("locking it twice: %v", err)
		}
		if err := lock(false); err != nil {
			t.Fatal(err)
		}
		w.answer(w.ana, root, "", "otra vez")
	})
}

func TestWhoGoesLeavesWhatTheySaidWithoutTheirName(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "lo que dije")
		w.screen.word = "retenido"
		held := w.say(w.ana, "retenido")
		gone := w.say(w.ana, "retirado")
		if err := w.doing(w.ana, func(tx *db.Tx) error { _, err := w.comments.Remove(tx, gone.ID); return err }); err != nil {
			t.Fatal(err)
		}
		h := comment.Holding()
		var exported any
		w.read(func(tx *db.Tx) (err error) { exported, err = h.Export(tx, w.ana.ID); return err })
		raw, err := json.Marshal(exported)
		if err != nil || strings.Count(string(raw), `"text"`) != 3 {
			t.Errorf("the export: %s, %v", raw, err)
		}
		w.write(func(tx *db.Tx) error { _, err := h.Erase(tx, w.ana.ID); return err })
		body := w.get(visitor, c.Path()).Body.String()
		if !strings.Contains(body, "lo que dije") || strings.Contains(body, "Ana López") {
			t.Error("what she said has her name, or is gone")
		}
		w.read(func(tx *db.Tx) error {
			if _, err := comment.ByID(tx, held.ID); plaza.KindOf(err) != plaza.NotFound {
				t.Errorf("what nobody saw: %v", err)
			}
			removed, err := comment.ByID(tx, gone.ID)
			if removed.Body != "" || removed.Author != "" {
				t.Errorf("what she took back: %+v", removed)
			}
			exported, _ = h.Export(tx, w.ana.ID)
			if exported != nil {
				t.Errorf("there is still something: %v", exported)
			}
			return err
		})
	})
}

func TestHidingWhatIsPublicDropsTheEditThatWaits(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "limpio")
		w.screen.word = "liga"
		if err := w.doing(w.ana, func(tx *db.Tx) error {
			_, err := w.comments.Edit(tx, c.ID, "con una liga", 1, comment.From{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if w.now(c).Pending == "" {
			t.Fatal("the edit does not wait")
		}
		if err := w.moderate(c, moderation.Hidden); err != nil {
			t.Fatal(err)
		}
		if got := w.now(c); got.State != moderation.Hidden || got.Pending != "" || got.Body != "limpio" {
			t.Errorf("hidden: %+v", got)
		}
	})
}
