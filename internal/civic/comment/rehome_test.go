package comment_test

import (
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// at is how many comments the index finds for an institution.
func (w *world) at(body string) int {
	w.Helper()
	if err := w.engine.Sync(w.Context(), w.db); err != nil {
		w.Fatal(err)
	}
	found, err := w.engine.Search(search.Query{Filters: map[string][]string{search.KindFacet: {comment.Kind}, "institution": {body}}})
	if err != nil {
		w.Fatal(err)
	}
	return found.Total
}

func TestCommentsGoAlongWithTheObjectThatTheyAreAbout(t *testing.T) {
	worlds(t, func(w *world) {
		moved := plaza.Ref{Kind: "dataset", ID: "camas"}
		waits, done, hidden := w.say(w.ana, "pendiente"), w.say(w.ana, "atendido"), w.say(w.beto, "escondido")
		stays := w.say(w.beto, "de la institución")
		if err := w.moderate(hidden, moderation.Hidden); err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *db.Tx) error { // as if they had been said of a dataset
			_, err := tx.Exec(`UPDATE comments SET on_kind = $1, on_id = $2 WHERE id <> $3`, moved.Kind, moved.ID, stays.ID)
			return err
		})
		if err := w.doing(w.enlace, func(tx *db.Tx) error {
			_, err := comment.Mark(tx, []string{w.salud.ID}, []string{done.ID}, true)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO moderation_cases (id, object_kind, object_id, institution, opened_at) VALUES ('caso', $1, $2, $3, $4)`,
				comment.Kind, hidden.ID, w.salud.ID, tx.Now)
			return err
		})
		for range 2 { // again changes nothing
			w.write(func(tx *db.Tx) error { return comment.Rehome(tx, []plaza.Ref{moved}, w.other.ID) })
		}
		for _, c := range []comment.Comment{waits, done, hidden} {
			if got := w.now(c); got.Institution != w.other.ID || got.MovedFrom != w.salud.ID {
				t.Errorf("%s is at %q from %q", c.Body, got.Institution, got.MovedFrom)
			}
		}
		if got := w.now(done); got.Attention != comment.Marked {
			t.Errorf("what was attended to is %s", got.Attention)
		}
		if got := w.now(stays); got.Institution != w.salud.ID || w.waiting(w.salud.ID) != 1 || w.waiting(w.other.ID) != 1 {
			t.Errorf("%d and %d wait", w.waiting(w.salud.ID), w.waiting(w.other.ID))
		}
		if w.at(w.other.ID) != 2 || w.at(w.salud.ID) != 1 {
			t.Errorf("the index has %d and %d", w.at(w.other.ID), w.at(w.salud.ID))
		}
		if got := text(w.page(w.ajena, "/gestion/lerma/comentarios")); !strings.Contains(got, "Llegó de Secretaría de Salud") {
			t.Errorf("the inbox does not say where it came from: %q", got)
		}
		var at string
		w.read(func(tx *db.Tx) error {
			return tx.Row(`SELECT institution FROM moderation_cases WHERE id = 'caso'`).Scan(&at)
		})
		if at != w.other.ID {
			t.Errorf("the moderators' case is at %q", at)
		}
	})
}

func TestWhatIsPartedIsOfWhoAnswersForWhereItStandsAgain(t *testing.T) {
	worlds(t, func(w *world) {
		left := plaza.Ref{Kind: "dataset", ID: "otro-conjunto"}
		cards, of := w.comments.Cards, w.salud.ID // of both datasets
		w.comments.Cards = func(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
			out, err := cards(tx, refs)
			if c, ok := out[left]; ok {
				c.Institution = of
				out[left] = c
			}
			return out, err
		}
		from, into := w.sayOn(left, "a"), w.sayOn(w.set, "b")
		w.must(w.merge(from, into))
		of = w.other.ID
		w.write(func(tx *db.Tx) error { return comment.Rehome(tx, []plaza.Ref{left}, of) })
		if got := w.now(from); got.Institution != w.salud.ID {
			t.Fatalf("what stands elsewhere went to %s", got.Institution)
		}
		w.must(w.split(from))
		if got := w.now(from); got.On != left || got.Institution != w.other.ID || got.MovedFrom != w.salud.ID {
			t.Errorf("it is at %v of %q from %q", got.On, got.Institution, got.MovedFrom)
		}
		if got := w.entries(); got[len(got)-1].Institution != w.other.ID {
			t.Errorf("the record says %+v", got[len(got)-1])
		}
		if w.at(w.other.ID) != 1 || w.at(w.salud.ID) != 1 {
			t.Errorf("the index has %d and %d", w.at(w.other.ID), w.at(w.salud.ID))
		}
	})
}

func TestAnObjectThatMovesAsksForItsOwnCommentsOnly(t *testing.T) {
	worlds(t, func(w *world) {
		var plan []string
		explain := map[db.Engine]string{db.SQLite: "EXPLAIN QUERY PLAN ", db.PostgreSQL: "EXPLAIN "}[w.db.Engine()]
		w.write(func(tx *db.Tx) (err error) {
			if tx.Engine() == db.PostgreSQL { // so few are read through faster
				if _, err := tx.Exec(`SET LOCAL enable_seqscan = off`); err != nil {
					return err
				}
			}
			plan, err = db.All(tx, func(scan func(...any) error) (line string, err error) {
				var n int
				if tx.Engine() == db.PostgreSQL {
					err = scan(&line)
				} else {
					err = scan(&n, &n, &n, &line)
				}
				return line, err
			}, explain+comment.RehomeStatement, w.other.ID, w.set.Kind, w.set.ID)
			return err
		})
		if got := strings.Join(plan, "\n"); !strings.Contains(got, "comments_on") || strings.Contains(got, "SCAN comments") || strings.Contains(got, "Seq Scan") {
			t.Errorf("it is done by\n%s", got)
		}
	})
}
