package tool

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"plaza/internal/base/db"
)

// visit is a tool's page in a week.
type visit struct{ tool, week string }

const (
	// storeVisits is how long visits wait for the store, and mostVisits how many may.
	storeVisits = time.Minute
	mostVisits  = 1000
	// viewsKept is how many weeks are kept.
	viewsKept = 108
)

// weekOf is the Monday of a week.
func weekOf(t time.Time) string {
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly)
}

// Visit counts that a tool's page was opened, and nothing of by whom. The store is written
// once in a while; what a process that is killed had not stored is lost.
func (ts *Tools) Visit(ctx context.Context, id string) error {
	now := ts.DB.Now()
	ts.mu.Lock()
	ts.visits[visit{id, weekOf(now)}]++
	due := now.Sub(ts.since) >= storeVisits || len(ts.visits) >= mostVisits
	if due {
		ts.since = now
	}
	ts.mu.Unlock()
	if due {
		return ts.StoreVisits(ctx)
	}
	return nil
}

// StoreVisits writes the visits that were counted: before the process ends, too. Those of
// tools that are no more are dropped.
func (ts *Tools) StoreVisits(ctx context.Context) error {
	ts.mu.Lock()
	counted := ts.visits
	ts.visits = map[visit]int{}
	ts.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	keys := make([]visit, 0, len(counted))
	for v := range counted {
		keys = append(keys, v)
	}
	// in one order everywhere: of two processes that store, none waits for the other in turn
	slices.SortFunc(keys, func(a, b visit) int { return cmp.Or(cmp.Compare(a.tool, b.tool), cmp.Compare(a.week, b.week)) })
	err := ts.DB.Write(ctx, func(tx *db.Tx) error {
		for _, v := range keys {
			if err := countViews(tx, v, counted[v]); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM tool_views WHERE week < $1`, weekOf(tx.Now.AddDate(0, 0, -7*viewsKept)))
		return err
	})
	if err != nil {
		ts.mu.Lock()
		for v, n := range counted {
			ts.visits[v] += n
		}
		ts.mu.Unlock()
	}
	return err
}

func countViews(tx *db.Tx, v visit, n int) error {
	found, err := tx.Exec(`UPDATE tools SET views = views + $1 WHERE id = $2`, n, v.tool)
	if err != nil {
		return fmt.Errorf("storing visits: %w", err)
	}
	if found == 0 {
		return nil
	}
	if _, err := tx.Exec(`INSERT INTO tool_views (tool_id, week, n) VALUES ($1, $2, $3)
		ON CONFLICT (tool_id, week) DO UPDATE SET n = tool_views.n + EXCLUDED.n`, v.tool, v.week, n); err != nil {
		return fmt.Errorf("storing visits: %w", err)
	}
	return nil
}

// Week is how often a tool's page was opened in one.
type Week struct {
	Monday string // 2006-01-02
	Views  int
}

// Weeks are the weeks in which a tool's page was opened, the newest first.
func Weeks(tx *db.Tx, id string, limit int) ([]Week, error) {
	return db.All(tx, func(scan func(...any) error) (w Week, err error) {
		err = scan(&w.Monday, &w.Views)
		return w, err
	}, `SELECT week, n FROM tool_views WHERE tool_id = $1 ORDER BY week DESC LIMIT $2`, id, limit)
}
