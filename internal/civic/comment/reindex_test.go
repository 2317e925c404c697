package comment_test

import (
	"slices"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/moderation"
)

func TestReindexingFindsWhatIsPublicAndNothingElse(t *testing.T) {
	worlds(t, func(w *world) {
		w.say(w.ana, "manantial claro")
		hidden := w.say(w.beto, "manantial turbio")
		if err := w.moderate(hidden, moderation.Hidden); err != nil {
			t.Fatal(err)
		}
		w.screen.word = "oferta"
		w.say(w.beto, "manantial en oferta")
		index := func() (docs []string) {
			w.read(func(tx *db.Tx) (err error) {
				docs, err = db.All(tx, db.Column[string], `SELECT id || ' ' || words || ' ' || facets
					FROM search_docs WHERE kind = 'comment' AND removed_at IS NULL ORDER BY id`)
				return err
			})
			return docs
		}
		want := index()
		if len(want) != 1 {
			t.Fatalf("the index before: %v", want)
		}
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE search_docs SET words = 'viejo' WHERE kind = 'comment'`)
			return err
		})
		w.write(func(tx *db.Tx) error { // one that was hidden and is still found
			_, err := tx.Exec(`UPDATE comments SET state = 'public' WHERE id = $1`, hidden.ID)
			return err
		})
		if n, err := comment.Reindex(t.Context(), w.db); err != nil || n != 2 {
			t.Fatalf("%d were indexed (%v), want 2", n, err)
		}
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE comments SET state = 'hidden' WHERE id = $1`, hidden.ID)
			return err
		})
		if n, err := comment.Reindex(t.Context(), w.db); err != nil || n != 1 {
			t.Fatalf("%d were indexed (%v), want 1", n, err)
		}
		if got := index(); !slices.Equal(got, want) {
			t.Errorf("the index after: %v, want %v", got, want)
		}
	})
}
