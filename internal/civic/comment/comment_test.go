package comment_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

func TestACommentIsPublicFoundAndInTheRecordWithoutItsTextOrItsAuthor(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "Faltan los **hospitales** de Tlaxcala")
		if got := text(w.page(visitor, c.Path())); !strings.Contains(got, "Faltan los hospitales de Tlaxcala") || !strings.Contains(got, "Ana López") {
			t.Errorf("the comment's page says %q", got)
		}
		if n := w.finds("hospitales"); n != 1 {
			t.Errorf("a search finds %d comments, want 1", n)
		}
		entries := w.entries()
		if len(entries) != 1 || entries[0].Verb != "comment.published" || entries[0].Actor.Role != "member" {
			t.Fatalf("the record: %+v", entries)
		}
		want := `{"comment":"` + c.ID + `","official":false,"on":"institution:` + w.salud.ID + `"}`
		if got := string(entries[0].Payload); got != want {
			t.Errorf("the payload is %s, want %s", got, want)
		}
	})
}

func TestAFormSentTwiceMakesOneComment(t *testing.T) {
	worlds(t, func(w *world) {
		d := comment.Draft{Text: "una vez", Nonce: "la misma"}
		first, err := w.try(w.ana, d)
		if err != nil {
			t.Fatal(err)
		}
		second, err := w.try(w.ana, d)
		if err != nil || second.ID != first.ID {
			t.Errorf("the second time: %s, %v; want %s", second.ID, err, first.ID)
		}
		other, err := w.try(w.beto, d) // a nonce is its author's own
		if err != nil || other.ID == first.ID {
			t.Errorf("somebody else with the nonce: %s, %v", other.ID, err)
		}
		d.Text = "otra cosa, después de volver atrás"
		if again, err := w.try(w.ana, d); err != nil || again.ID == first.ID {
			t.Errorf("something else in the same form: %s, %v", again.ID, err)
		}
		if got := w.verbs(); !slices.Equal(got, []string{"published", "published", "published"}) {
			t.Errorf("the record: %v", got)
		}
	})
}

func TestTwentyEqualFormsAtOnceMakeOneComment(t *testing.T) {
	worlds(t, func(w *world) {
		on := w.card(w.salud.Ref())
		ids := make([]string, 20)
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() {
				if err := w.doing(w.ana, func(tx *db.Tx) error {
					c, err := w.comments.Post(tx, comment.Draft{On: on, Text: "a la vez", Nonce: "una"}, comment.From{})
					ids[i] = c.ID
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
			t.Errorf("they made several comments: %v", ids)
		}
		if got := w.verbs(); len(got) != 1 {
			t.Errorf("the record: %v", got)
		}
	})
}

func TestAnAnswerToAnAnswerStandsBesideIt(t *testing.T) {
	worlds(t, func(w *world) {
		root := w.say(w.ana, "raíz")
		a := w.answer(w.beto, root, "", "respuesta")
		b := w.answer(w.ana, a, "", "respuesta a la respuesta")
		if b.Root != root.ID {
			t.Errorf("it answers %q, want %q", b.Root, root.ID)
		}
		got := text(w.page(visitor, root.Path()))
		if !strings.Contains(got, "respuesta a la respuesta") {
			t.Errorf("the thread says %q", got)
		}
	})
}

func TestWhatCannotBeSaidIsRefused(t *testing.T) {
	worlds(t, func(w *world) {
		root := w.say(w.ana, "raíz")
		cases := []struct {
			name  string
			draft comment.Draft
			kind  plaza.Kind
		}{
			{"nothing", comment.Draft{Text: " \n\t"}, plaza.Invalid},
			{"marks that nobody sees", comment.Draft{Text: "\u200b\u202e\u2066"}, plaza.Invalid},
			{"10,001 letters", comment.Draft{Text: strings.Repeat("ñ", 10_001)}, plaza.Invalid},
			{"a voice that one does not have", comment.Draft{Text: "x", Voice: w.official()}, plaza.Invalid},
			{"a nonce without end", comment.Draft{Text: "x", Nonce: strings.Repeat("n", 100)}, plaza.Invalid},
			{"an answer to nothing", comment.Draft{Text: "x", Root: "nada"}, plaza.NotFound},
			{"an answer from another object", comment.Draft{Text: "x", Root: root.ID, On: w.card(w.other.Ref())}, plaza.NotFound},
		}
		for _, c := range cases {
			if _, err := w.try(w.beto, c.draft); err == nil || plaza.KindOf(err) != c.kind {
				t.Errorf("%s: %v, want %v", c.name, err, c.kind)
			}
		}
		if _, err := w.try(w.beto, comment.Draft{Text: strings.Repeat("ñ", 10_000)}); err != nil {
			t.Errorf("10,000 letters: %v", err)
		}
		if _, err := w.try(visitor, comment.Draft{Text: "x"}); plaza.KindOf(err) != plaza.Unauthenticated {
			t.Errorf("a visitor: %v", err)
		}
	})
}

func TestAnEditKeepsWhatWasSaidAndTwoEditsAtOnceHaveOneWinner(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "primero")
		edit := func(text string, version int) error {
			defer dbtest.Advance(w.db, time.Minute)
			return w.doing(w.ana, func(tx *db.Tx) error {
				_, err := w.comments.Edit(tx, c.ID, text, version, comment.From{})
				return err
			})
		}
		if err := edit("segundo", 1); err != nil {
			t.Fatal(err)
		}
		if err := edit("tercero", 1); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("the second edit of version 1: %v, want a conflict", err)
		}
		if err := edit("segundo", 2); err != nil { // nothing changed
			t.Fatal(err)
		}
		if got := w.now(c); got.Body != "segundo" || got.Version != 2 {
			t.Errorf("it says %q, version %d", got.Body, got.Version)
		}
		got := text(w.page(visitor, c.Path()+"/versiones"))
		if !strings.Contains(got, "primero") || !strings.Contains(got, "segundo") || strings.Contains(got, "tercero") {
			t.Errorf("the versions: %q", got)
		}
		if w.finds("primero") != 0 || w.finds("segundo") != 1 {
			t.Error("the search finds what it said before")
		}
		if got := w.verbs(); !slices.Equal(got, []string{"published", "edited"}) {
			t.Errorf("the record: %v", got)
		}
	})
}

// TestOfEditsAtTheSameInstantOneWins has both windows of somebody save at once.
func TestOfEditsAtTheSameInstantOneWins(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "primero")
		const many = 8
		var all sync.WaitGroup
		var won, told atomic.Int64
		for n := range many {
			all.Go(func() {
				typed := fmt.Sprintf("texto de la ventana %d", n)
				res := w.post(w.ana, c.Path()+"/editar", url.Values{"texto": {typed}, "version": {"1"}})
				switch {
				case res.Code == http.StatusSeeOther:
					won.Add(1)
				case res.Code == http.StatusConflict && strings.Contains(res.Body.String(), typed):
					told.Add(1)
				default:
					t.Errorf("window %d: %d", n, res.Code)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || told.Load() != many-1 || w.now(c).Version != 2 {
			t.Errorf("%d won, %d were told with their text kept, version %d", won.Load(), told.Load(), w.now(c).Version)
		}
	})
}

func TestOnlyItsAuthorEditsAndRemovesAComment(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "mío")
		if err := w.doing(w.beto, func(tx *db.Tx) error {
			_, err := w.comments.Edit(tx, c.ID, "tuyo", 1, comment.From{})
			return err
		}); plaza.KindOf(err) != plaza.Forbidden {
			t.Errorf("another's edit: %v", err)
		}
		remove := func(tx *db.Tx) error { _, err := w.comments.Remove(tx, c.ID); return err }
		if err := w.doing(w.admin, remove); plaza.KindOf(err) != plaza.Forbidden {
			t.Errorf("another's removal: %v", err)
		}
		suspended := w.ana.Actor()
		suspended.Suspended = true
		if err := w.db.Write(plaza.WithActor(t.Context(), suspended), remove); err != nil {
			t.Errorf("a suspended author takes it back: %v", err)
		}
	})
}

func TestOfWhatWasTakenBackThePlaceSaysSoAndAnswersStay(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "algo que lamento")
		w.answer(w.beto, c, "", "una respuesta")
		if err := w.doing(w.ana, func(tx *db.Tx) error { _, err := w.comments.Remove(tx, c.ID); return err }); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{c.Path(), comment.ThreadPath(c.On)} {
			got := text(w.page(visitor, path))
			if strings.Contains(got, "lamento") || !strings.Contains(got, "lo retiró") || !strings.Contains(got, "una respuesta") {
				t.Errorf("%s: %q", path, got)
			}
		}
		if w.finds("lamento") != 0 {
			t.Error("a search finds it")
		}
		if _, err := w.try(w.beto, comment.Draft{Text: "otra", Root: c.ID}); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("answering it: %v, want a conflict", err)
		}
		if got := w.verbs(); !slices.Equal(got, []string{"published", "published", "removed"}) {
			t.Errorf("the record: %v", got)
		}
	})
}

func TestAnOfficialVoiceIsAlwaysChosenAndStaysAsItWas(t *testing.T) {
	worlds(t, func(w *world) {
		own := w.say(w.enlace, "como yo misma")
		if own.Official() || own.Attention != comment.Open {
			t.Errorf("without a choice: %+v", own)
		}
		said, err := w.try(w.enlace, comment.Draft{Text: "oficialmente", Voice: w.official()})
		if err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *db.Tx) error { return revoke(tx, w) })
		w.salud.Name = "Secretaría del Bienestar"
		w.rename(w.salud)
		got := text(w.page(visitor, said.Path()))
		if !strings.Contains(got, "Secretaría de Salud") || !strings.Contains(got, "Enlace de Datos Abiertos") {
			t.Errorf("the official comment: %q", got)
		}
		roles := []string{}
		for _, e := range w.entries() {
			roles = append(roles, e.Actor.Role)
		}
		if diff := cmp.Diff([]string{"member", "liaison"}, roles); diff != "" {
			t.Errorf("roles in the record: %s", diff)
		}
		w.read(func(tx *db.Tx) (err error) { w.enlace, err = personNow(tx, w.enlace); return err })
		if err := w.doing(w.enlace, func(tx *db.Tx) error {
			_, err := w.comments.Edit(tx, said.ID, "otra cosa", 1, comment.From{})
			return err
		}); plaza.KindOf(err) != plaza.Forbidden {
			t.Errorf("editing an official comment without the role: %v", err)
		}
	})
}

func TestBrakesHoldByPersonAndMoreForNewcomers(t *testing.T) {
	worlds(t, func(w *world) {
		count := func(say func() error) (n int) {
			for n = 0; say() == nil; n++ {
				if n > 100 {
					t.Fatal("nothing brakes")
				}
			}
			return n
		}
		at := w.db.Now().Truncate(time.Hour).Add(time.Hour)
		w.db.Clock().Set(at)
		nonce := 0
		say := func(p func() plaza.Actor) func() error {
			return func() error {
				nonce++
				return w.db.Write(plaza.WithActor(t.Context(), p()), func(tx *db.Tx) error {
					_, err := w.comments.Post(tx, comment.Draft{On: w.card(w.salud.Ref()), Text: "x", Nonce: strings.Repeat("n", nonce%70+1) + string(rune('a'+nonce%26))}, comment.From{Network: "198.51.100.7"})
					if err != nil && plaza.KindOf(err) != plaza.TooMany {
						t.Fatal(err)
					}
					return err
				})
			}
		}
		nueva := w.person("nueva@ejemplo.mx", "Nueva", "", "")
		if n := count(say(nueva.Actor)); n != 5 {
			t.Errorf("a newcomer may write %d times an hour, want 5", n)
		}
		if n := count(say(w.ana.Actor)); n != 30 {
			t.Errorf("a person may write %d times an hour, want 30", n)
		}
		if n := count(say(w.beto.Actor)); n != 25 { // 60 from one network, less 35
			t.Errorf("a network's third person may write %d times, want 25", n)
		}
	})
}

func TestMentionsReachParticipantsOfTheConversationAndNobodyElse(t *testing.T) {
	worlds(t, func(w *world) {
		w.say(w.ana, "hola")
		second := w.person("otra@ejemplo.mx", "ANA LOPEZ", "", "")
		w.say(second, "yo también me llamo así")
		root := w.say(w.beto, "¿Qué opina @ana-lopez-2? escriba a x@ana-lopez. También @salud y @iris-lejana, @ana-lopez-2")
		var got record.Audience
		w.read(func(tx *db.Tx) (err error) {
			entries, err := record.Since(tx, record.Filter{Object: root.Ref()}, 1)
			if err != nil {
				return err
			}
			got, err = w.comments.Audiences(tx, entries[0])
			return err
		})
		for _, verb := range []string{"dataset.added", "moderation.released"} {
			w.read(func(tx *db.Tx) error {
				if a, err := w.comments.Audiences(tx, record.Entry{Verb: verb}); err != nil || a.Nobody {
					t.Errorf("of %s, which is another part's, it says %+v (%v)", verb, a, err)
				}
				return nil
			})
		}
		want := record.Audience{
			Direct: []record.Concerned{{Person: second.ID, Why: "notify.why.mention"}},
			Roles:  []record.Post{{Role: plaza.Liaison, Institution: w.salud.ID, Why: "notify.why.mention_institution"}},
			About:  []plaza.Ref{w.salud.Ref()},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnAnswerTellsWhomItAnswersAndAHeldOneNobody(t *testing.T) {
	worlds(t, func(w *world) {
		root := w.say(w.ana, "pregunta")
		a := w.answer(w.beto, root, "", "respuesta")
		audience := func(c comment.Comment, verb string) (a record.Audience) {
			w.read(func(tx *db.Tx) (err error) {
				a, err = w.comments.Audiences(tx, record.Entry{Verb: verb, Object: record.Object{Kind: comment.Kind, ID: c.ID}})
				return err
			})
			return a
		}
		if got := audience(a, "comment.published"); len(got.Direct) != 1 || got.Direct[0].Person != w.ana.ID || got.Direct[0].Why != "notify.why.reply" {
			t.Errorf("an answer: %+v", got)
		}
		for _, verb := range []string{"comment.edited", "comment.hidden", "comment.removed", "comment.attended"} {
			if got := audience(a, verb); !got.Nobody {
				t.Errorf("%s: %+v, want nobody", verb, got)
			}
		}
		w.screen.word = "retenido"
		held := w.answer(w.beto, root, "", "retenido @ana-lopez")
		if got := audience(held, "comment.published"); !got.Nobody {
			t.Errorf("a held one: %+v, want nobody", got)
		}
		if held.State != moderation.Held {
			t.Errorf("its state is %s", held.State)
		}
	})
}

func TestAtMostTenPeopleAreMentioned(t *testing.T) {
	worlds(t, func(w *world) {
		var handles []string
		for i := range 11 {
			name := "Persona " + string(rune('A'+i))
			w.say(w.person(string(rune('a'+i))+"@ejemplo.mx", name, "", ""), "hola")
			handles = append(handles, "@persona-"+string(rune('a'+i)))
		}
		if _, err := w.try(w.ana, comment.Draft{Text: strings.Join(handles, " ")}); plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("eleven: %v", err)
		}
		if _, err := w.try(w.ana, comment.Draft{Text: strings.Join(handles[:10], " ")}); err != nil {
			t.Errorf("ten: %v", err)
		}
		if _, err := w.try(w.ana, comment.Draft{Text: strings.Repeat("@nadie-asi ", 500)}); err != nil {
			t.Errorf("five hundred of nobody: %v", err)
		}
	})
}
