package comment_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/comment"
)

// blocked waits until so many transactions wait for another, or one is done; where one
// writes at a time there is nothing to see.
func (w *world) blocked(n int, done *atomic.Bool) {
	w.Helper()
	for waiting := -1; w.db.Engine() == db.PostgreSQL && waiting != n && !done.Load(); {
		w.read(func(tx *db.Tx) error {
			return tx.Row(`SELECT COUNT(DISTINCT l.pid)
				FROM pg_locks l
				JOIN pg_stat_activity a ON a.pid = l.pid
				WHERE NOT l.granted AND a.datname = current_database()`).Scan(&waiting)
		})
	}
}

func TestWhoMarksThreadsAndWhoPartsThemWaitInOneOrder(t *testing.T) {
	worlds(t, func(w *world) {
		a, between, b := w.say(w.ana, "a"), w.say(w.ana, "otra"), w.say(w.beto, "b")
		w.must(w.merge(a, b)) // what stands in the thread is older than its root
		mark := func(attended bool, list ...comment.Comment) error {
			var ids []string
			for _, c := range list {
				ids = append(ids, c.ID)
			}
			return w.doing(w.enlace, func(tx *db.Tx) error {
				_, err := comment.Mark(tx, []string{w.salud.ID}, ids, attended)
				return err
			})
		}
		held, release := make(chan bool), make(chan bool)
		var all sync.WaitGroup
		var marked, parted error
		var done atomic.Bool
		all.Go(func() {
			w.write(func(tx *db.Tx) error { // somebody is at the one between
				_, err := tx.Exec(`UPDATE comments SET version = version WHERE id = $1`, between.ID)
				close(held)
				<-release
				return err
			})
		})
		<-held
		all.Go(func() { marked = mark(true, a, between, b) })
		w.blocked(1, &done)
		all.Go(func() { parted = w.split(a); done.Store(true) })
		w.blocked(2, &done)
		close(release)
		all.Wait()
		if marked != nil || parted != nil {
			t.Errorf("marking: %v; parting: %v", marked, parted)
		}
	})
}
