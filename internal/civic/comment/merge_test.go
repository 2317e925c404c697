package comment_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// merge makes one thread of two as moderation does.
func (w *world) merge(from, into comment.Comment) error {
	w.Helper()
	return w.doing(w.admin, func(tx *db.Tx) error {
		acts, err := w.comments.Kind().Merge(tx, from.ID, into.ID)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

// split parts what merge made one.
func (w *world) split(from comment.Comment) error {
	w.Helper()
	return w.doing(w.admin, func(tx *db.Tx) error {
		acts, err := w.comments.Kind().Split(tx, from.ID)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
}

// must fails when something that has to succeed did not.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// sayOn says something under an object.
func (w *world) sayOn(on plaza.Ref, text string) comment.Comment {
	w.Helper()
	c, err := w.try(w.ana, comment.Draft{On: w.card(on), Text: text})
	w.must(err)
	return c
}

// all are comments as they are now.
func (w *world) all(list ...comment.Comment) (out []comment.Comment) {
	w.Helper()
	for _, c := range list {
		out = append(out, w.now(c))
	}
	return out
}

func TestAMergedThreadStandsUnderTheOtherInTimeAndGoesBackExactly(t *testing.T) {
	worlds(t, func(w *world) {
		target := w.say(w.beto, "la primera pregunta")
		twin := w.say(w.ana, "la misma pregunta")
		before := w.answer(w.beto, target, "", "yo también")
		under := w.answer(w.enlace, twin, w.official(), "respondemos a la segunda")
		was := w.all(target, twin, before, under)
		w.must(w.merge(twin, target))
		for _, c := range w.all(twin, under) {
			if c.Root != target.ID || c.Home.Root != twin.ID || c.Home.On != w.salud.Ref() {
				t.Errorf("merged: %+v", c)
			}
		}
		got := w.now(twin)
		if got.Author != twin.Author || !got.At.Equal(twin.At) || got.Version != 1 || got.Attention != comment.Answered || got.Merged != target.ID {
			t.Errorf("the root that was merged: %+v", got)
		}
		said := text(w.page(visitor, target.Path()))
		for _, s := range []string{"la primera pregunta", "la misma pregunta", "yo también", "respondemos a la segunda"} {
			i := strings.Index(said, s)
			if i < 0 {
				t.Fatalf("the thread lacks %q or has it out of time: %q", s, said)
			}
			said = said[i:]
		}
		w.must(w.split(twin))
		if now := w.all(target, twin, before, under); !reflect.DeepEqual(now, was) {
			t.Errorf("parted again:\n%+v\nwas\n%+v", now, was)
		}
		if got := w.verbs()[4:]; !slices.Equal(got, []string{"merged", "split"}) {
			t.Errorf("the record: %v", got)
		}
		if err := w.split(twin); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("parting them twice: %v", err)
		}
	})
}

func TestBothPlacesSayWhatWasMerged(t *testing.T) {
	worlds(t, func(w *world) {
		target, twin := w.say(w.beto, "la primera"), w.say(w.ana, "la segunda")
		w.answer(w.beto, twin, "", "y su respuesta")
		for i := range 4 {
			w.answer(w.beto, target, "", fmt.Sprint("número ", i))
		}
		w.must(w.merge(twin, target))
		doc := w.page(visitor, comment.ThreadPath(w.salud.Ref()))
		place := doc.Find("#comentario-" + twin.ID + "-lugar")
		if !strings.Contains(squeeze(place.Text()), "Esta conversación se unió a otra de esta página") || place.Find(`a[href="`+twin.Path()+`"]`).Length() != 1 {
			t.Errorf("where it stood: %q", squeeze(place.Text()))
		}
		joined := doc.Find(".Thread-joined")
		if !strings.Contains(squeeze(joined.Text()), "Se unieron aquí 2 comentarios de otra conversación") || joined.Find(`a[href="`+twin.Path()+`"]`).Length() != 1 {
			t.Errorf("where it stands: %q", squeeze(joined.Text()))
		}
		ids := map[string]bool{}
		for _, n := range doc.Find("[id]").EachIter() {
			if id := n.AttrOr("id", ""); ids[id] {
				t.Errorf("the id %q twice", id)
			} else {
				ids[id] = true
			}
		}
		one := w.page(visitor, twin.Path())
		if got := text(one); !strings.Contains(got, "la primera") || !strings.Contains(got, "la segunda") || !strings.Contains(got, "Empezó otra conversación, que se unió a esta") {
			t.Errorf("its permanent address: %q", got)
		}
		if one.Find(`a[href="`+target.Path()+`"]`).Length() == 0 {
			t.Error("its permanent address does not lead to the whole")
		}
		if got := text(w.page(visitor, target.Path())); !strings.Contains(got, "Se unieron aquí 2 comentarios") {
			t.Errorf("the target's own page: %q", got)
		}
	})
}

func TestMergingIntoAnotherObjectMovesWhatIsCountedFedListedAndFound(t *testing.T) {
	worlds(t, func(w *world) {
		target, twin := w.sayOn(w.set, "sobre el conjunto"), w.say(w.ana, "sobre la institución")
		under := w.answer(w.beto, twin, "", "inconfundible")
		count := func(on plaza.Ref) (n int) {
			w.read(func(tx *db.Tx) (err error) { n, err = comment.Count(tx, on); return err })
			return n
		}
		listed := func(on plaza.Ref) string {
			return w.get(visitor, "/api/v1/comments?object="+on.String()).Body.String()
		}
		w.must(w.merge(twin, target))
		if count(w.salud.Ref()) != 0 || count(w.set) != 3 || w.finds("inconfundible") != 1 {
			t.Errorf("counted %d here and %d there, found %d", count(w.salud.Ref()), count(w.set), w.finds("inconfundible"))
		}
		here, there := listed(w.salud.Ref()), listed(w.set)
		if strings.Contains(here, under.ID) || !strings.Contains(there, under.ID) || !strings.Contains(there, `"merged_from":"`+twin.ID+`"`) {
			t.Errorf("for programs: %s and %s", here, there)
		}
		if got := w.get(visitor, comment.ThreadPath(w.set)+"/atom.xml").Body.String(); !strings.Contains(got, "inconfundible") || !strings.Contains(got, "urn:uuid:"+target.ID) {
			t.Errorf("the feed: %s", got)
		}
		if got := text(w.page(visitor, comment.ThreadPath(w.salud.Ref()))); !strings.Contains(got, "se unió a otra, en Un conjunto") || strings.Contains(got, "inconfundible") {
			t.Errorf("where it stood: %q", got)
		}
		if got := text(w.page(visitor, under.Path())); !strings.Contains(got, "Un conjunto") || !strings.Contains(got, "inconfundible") {
			t.Errorf("a permanent address: %q", got)
		}
		w.read(func(tx *db.Tx) error {
			cards, err := comment.Cards(w.cards)(tx, []plaza.Ref{under.Ref()})
			if cards[under.Ref()].Title != "Un conjunto" {
				t.Errorf("its card: %+v", cards)
			}
			return err
		})
		w.must(w.split(twin))
		if count(w.salud.Ref()) != 2 || count(w.set) != 1 {
			t.Error("parted again, they are counted where they do not stand")
		}
	})
}

func TestMergingAttendsToNothingAndPartingLosesNothing(t *testing.T) {
	worlds(t, func(w *world) {
		target := w.say(w.beto, "con respuesta")
		twin := w.say(w.ana, "sin respuesta")
		early := w.answer(w.enlace, target, w.official(), "respondemos a la primera")
		w.must(w.merge(twin, target))
		if n := w.waiting(w.salud.ID); n != 1 || w.now(twin).Attention != comment.Open {
			t.Errorf("%d wait, want the one that nobody answered", n)
		}
		w.must(w.moderate(early, moderation.Hidden))
		w.must(w.moderate(early, moderation.Public))
		if got := w.page(w.enlace, "/gestion/salud/comentarios").Find(`.Comment-tools a[href$="?a=` + twin.ID + `"]`).Length(); got != 1 {
			t.Error("the inbox does not lead to an answer of what was asked")
		}
		late := w.answer(w.enlace, target, w.official(), "respondemos a las dos")
		if got := w.now(twin); got.Attention != comment.Answered || got.Attended.With != late.ID {
			t.Errorf("answered together: %+v", got)
		}
		w.must(w.split(twin))
		if got := w.now(twin); got.Attention != comment.Open || w.waiting(w.salud.ID) != 1 {
			t.Errorf("apart from its answer: %+v", got)
		}
		if got := w.now(target); got.Attention != comment.Answered {
			t.Errorf("the other: %+v", got)
		}
	})
}

func TestWhoFollowedOneOfBothHearsOfTheOneThread(t *testing.T) {
	worlds(t, func(w *world) {
		target, err := w.try(w.beto, comment.Draft{On: w.card(w.set), Text: "una"})
		w.must(err)
		twin := w.say(w.ana, "otra")
		w.must(w.merge(twin, target))
		answer := w.answer(w.enlace, w.now(target), "", "para ambas")
		w.read(func(tx *db.Tx) error {
			entries, err := record.Since(tx, record.Filter{Object: answer.Ref()}, 1)
			if err != nil {
				return err
			}
			a, err := w.comments.Audiences(tx, entries[0])
			var who []string
			for _, d := range a.Direct {
				who = append(who, d.Person)
			}
			if !slices.Contains(who, w.ana.ID) || !slices.Contains(who, w.beto.ID) {
				t.Errorf("who is told: %v", a.Direct)
			}
			if !slices.Contains(a.About, w.set) || !slices.Contains(a.About, w.salud.Ref()) {
				t.Errorf("whose followers are told: %v", a.About)
			}
			return err
		})
	})
}

func TestWhatCannotBeMergedIsRefusedWithItsReason(t *testing.T) {
	worlds(t, func(w *world) {
		target, twin := w.say(w.beto, "una"), w.say(w.ana, "otra")
		answer := w.answer(w.beto, target, "", "respuesta")
		states := map[string]comment.Comment{"reply": answer, "itself": twin, "gone": {ID: "nada"}}
		for key, to := range map[string]moderation.State{"hidden": moderation.Hidden, "removed": moderation.Removed} {
			states[key] = w.say(w.beto, key)
			w.must(w.moderate(states[key], to))
		}
		w.screen.word = "espera"
		states["gone held"] = w.say(w.beto, "espera")
		w.screen.word = ""
		states["locked"] = w.say(w.beto, "cerrada")
		w.must(w.doing(w.admin, func(tx *db.Tx) error { _, err := w.comments.Kind().Lock(tx, states["locked"].ID, true); return err }))
		states["merged"] = w.say(w.beto, "unida")
		w.must(w.merge(states["merged"], target))
		elsewhere, err := w.try(w.beto, comment.Draft{On: w.card(w.other.Ref()), Text: "de otra"})
		w.must(err)
		states["institution"] = elsewhere
		was := w.all(target, twin, answer)
		for key, into := range states {
			key, _, _ = strings.Cut(key, " ")
			err := w.merge(twin, into)
			e, ok := err.(*plaza.Error)
			if !ok || e.Kind != plaza.Invalid || e.Fields[0].Field != "into" || e.Fields[0].Key != "moderation.error.into_"+key {
				t.Errorf("into %s: %v", key, err)
			}
		}
		if err := w.merge(answer, twin); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("merging an answer: %v", err)
		}
		if now := w.all(target, twin, answer); !reflect.DeepEqual(now, was) {
			t.Errorf("something moved: %+v", now)
		}
	})
}

func TestThreadsThatWereMergedOneAfterAnotherArePartedInAnyOrder(t *testing.T) {
	worlds(t, func(w *world) {
		a, b, c := w.say(w.ana, "a"), w.say(w.beto, "b"), w.sayOn(w.set, "c")
		under := w.answer(w.beto, a, "", "bajo a")
		was := w.all(a, b, c, under)
		w.must(w.merge(a, b))
		w.must(w.merge(b, c))
		for _, x := range w.all(a, b, under) {
			if x.Root != c.ID || x.On != w.set {
				t.Errorf("all in one: %+v", x)
			}
		}
		w.must(w.split(b))
		if got := w.now(under); got.Root != b.ID || got.Home.Root != a.ID || got.On != w.salud.Ref() {
			t.Errorf("the last parted first: %+v", got)
		}
		w.must(w.merge(b, c))
		w.must(w.split(a))
		w.must(w.split(b))
		if now := w.all(a, b, c, under); !reflect.DeepEqual(now, was) {
			t.Errorf("parted again:\n%+v\nwas\n%+v", now, was)
		}
	})
}

func TestAnAnswerWrittenWhileItsThreadIsMergedIsNotLost(t *testing.T) {
	worlds(t, func(w *world) {
		target, twin := w.sayOn(w.set, "una"), w.say(w.ana, "otra")
		w.must(w.merge(twin, target))
		path := comment.ThreadPath(w.salud.Ref())
		if got := text(w.page(w.beto, path+"/escribir?a="+twin.ID)); !strings.Contains(got, "otra") {
			t.Errorf("the form that was open: %q", got)
		}
		res := w.post(w.beto, path, url.Values{"texto": {"tarde"}, "a": {twin.ID}, "unico": {"n"}})
		if res.Code != http.StatusSeeOther {
			t.Fatalf("answering: %d %s", res.Code, res.Body)
		}
		late := comment.Comment{ID: strings.TrimPrefix(res.Header().Get("Location"), "/comentarios/")}
		if got := w.now(late); got.Root != target.ID || got.On != w.set || got.Home.Root != twin.ID {
			t.Errorf("it stands in %+v", got)
		}
		w.must(w.split(twin))
		if got := w.now(late); got.Root != twin.ID || got.On != w.salud.Ref() || got.Home.Root != "" {
			t.Errorf("parted, it stands in %+v", got)
		}
	})
}

func TestOfManyAtOnceOneMergesAndNoAnswerIsLost(t *testing.T) {
	worlds(t, func(w *world) {
		a, b := w.say(w.ana, "a"), w.say(w.beto, "b")
		on := w.card(w.salud.Ref())
		var all sync.WaitGroup
		var merged, answered [4]error
		for i := range merged {
			all.Go(func() {
				from, into := a, b
				if i%2 == 1 {
					from, into = b, a
				}
				merged[i] = w.merge(from, into)
			})
			all.Go(func() {
				answered[i] = w.doing(w.beto, func(tx *db.Tx) error {
					_, err := w.comments.Post(tx, comment.Draft{On: on, Root: a.ID, Text: fmt.Sprint("respuesta ", i), Nonce: fmt.Sprint("a la vez ", i)}, comment.From{})
					return err
				})
			})
		}
		all.Wait()
		done := 0
		for i := range merged {
			if answered[i] != nil {
				t.Errorf("answering: %v", answered[i])
			}
			switch kind := plaza.KindOf(merged[i]); {
			case merged[i] == nil:
				done++
			case kind != plaza.Conflict && kind != plaza.Invalid:
				t.Errorf("merging: %v", merged[i])
			}
		}
		root := b
		if w.now(b).Root != "" {
			root = a
		}
		w.read(func(tx *db.Tx) error {
			var n, astray int
			err := tx.Row(`SELECT COUNT(*), COUNT(CASE WHEN root_id <> $1 THEN 1 END) FROM comments WHERE id <> $1`, root.ID).Scan(&n, &astray)
			if done != 1 || n != 5 || astray != 0 {
				t.Errorf("%d merged; %d comments, %d of them in no thread", done, n, astray)
			}
			return err
		})
	})
}

func TestWhoGoesLeavesTheThreadMergedAndMayStillBeParted(t *testing.T) {
	worlds(t, func(w *world) {
		target, twin := w.sayOn(w.set, "una"), w.say(w.ana, "otra")
		w.must(w.merge(twin, target))
		h := comment.Holding()
		w.read(func(tx *db.Tx) error {
			given, err := h.Export(tx, w.ana.ID)
			raw, _ := json.Marshal(given)
			if !strings.Contains(string(raw), `"on":"`+w.set.String()+`","said_on":"`+w.salud.Ref().String()+`"`) {
				t.Errorf("the export: %s", raw)
			}
			return err
		})
		w.write(func(tx *db.Tx) error { _, err := h.Erase(tx, w.ana.ID); return err })
		if got := text(w.page(visitor, twin.Path())); !strings.Contains(got, "otra") || strings.Contains(got, "Ana López") {
			t.Errorf("what she said: %q", got)
		}
		w.must(w.split(twin))
		if got := w.now(twin); got.Root != "" || got.Body != "otra" {
			t.Errorf("parted: %+v", got)
		}
	})
}

func TestModeratorsChooseAmongTheOtherThreadsOfTheObject(t *testing.T) {
	worlds(t, func(w *world) {
		twin, shown := w.say(w.ana, "una"), w.say(w.beto, "otra")
		w.answer(w.beto, shown, "", "respuesta")
		w.must(w.moderate(w.say(w.beto, "oculta"), moderation.Hidden))
		w.must(w.merge(w.say(w.beto, "unida"), shown))
		w.sayOn(w.set, "de otro objeto")
		w.read(func(tx *db.Tx) error {
			posts, err := w.comments.Kind().Threads(tx, twin.ID, 10)
			if len(posts) != 1 || posts[0].Ref != shown.Ref() || posts[0].Text != "otra" {
				t.Errorf("to choose from: %+v", posts)
			}
			return err
		})
	})
}

func TestWhatWaitsIsHiddenOrTakenBackMovesAlong(t *testing.T) {
	worlds(t, func(w *world) {
		target, twin := w.sayOn(w.set, "una"), w.say(w.ana, "otra")
		w.screen.word = "espera"
		held := w.answer(w.beto, twin, "", "espera revisión")
		w.screen.word = ""
		hidden := w.answer(w.beto, twin, "", "ofensa")
		w.must(w.moderate(hidden, moderation.Hidden))
		w.must(w.merge(twin, target))
		w.must(w.moderate(held, moderation.Public))
		w.must(w.doing(w.ana, func(tx *db.Tx) error { _, err := w.comments.Remove(tx, twin.ID); return err }))
		said := text(w.page(visitor, target.Path()))
		if !strings.Contains(said, "espera revisión") || strings.Contains(said, "ofensa") || !strings.Contains(said, "lo retiró") {
			t.Errorf("the thread: %q", said)
		}
		if got := text(w.page(visitor, comment.ThreadPath(w.salud.Ref()))); !strings.Contains(got, "se unió a otra") {
			t.Errorf("where it stood: %q", got)
		}
		w.must(w.split(twin))
		for _, c := range w.all(held, hidden) {
			if c.Root != twin.ID || c.On != w.salud.Ref() {
				t.Errorf("parted: %+v", c)
			}
		}
		if got := w.now(twin); got.State != moderation.Removed || got.Root != "" {
			t.Errorf("what was taken back: %+v", got)
		}
	})
}

func TestALockIsOfTheThreadThatTwoAreNow(t *testing.T) {
	worlds(t, func(w *world) {
		target, twin := w.say(w.beto, "una"), w.say(w.ana, "otra")
		lock := func(c comment.Comment, locked bool) error {
			return w.doing(w.admin, func(tx *db.Tx) error { _, err := w.comments.Kind().Lock(tx, c.ID, locked); return err })
		}
		w.must(lock(twin, true))
		w.must(w.merge(twin, target))
		w.answer(w.beto, twin, "", "donde está abierta")
		if got := text(w.page(w.beto, comment.ThreadPath(w.salud.Ref())+"/escribir?a="+twin.ID)); strings.Contains(got, "está cerrada") {
			t.Errorf("the form: %q", got)
		}
		w.must(lock(twin, true))
		if got := w.now(target); got.Locked.IsZero() {
			t.Error("a moderator locked a thread, and it is open")
		}
		if _, err := w.try(w.ana, comment.Draft{Text: "más", Root: twin.ID}); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("answering: %v, want a conflict", err)
		}
		w.must(w.split(twin))
		if got := w.now(twin); got.Locked.IsZero() {
			t.Error("parted, it is not locked as it was")
		}
	})
}
