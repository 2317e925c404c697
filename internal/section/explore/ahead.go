package explore

import (
	"context"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// visit is a resource's page on a day.
type visit struct{ resource, day string }

const (
	// visitsKept is how many days of visits are kept, and mostVisitedOf of how many the
	// most visited are.
	visitsKept    = 400
	mostVisitedOf = 30
	// storeVisits is how long visits wait for the store, and mostVisits how many may.
	storeVisits = time.Minute
	mostVisits  = 1000
	dayLayout   = "2006-01-02"
)

// Visit counts that a resource's page was opened, or a program asked for its rows, and
// nothing of by whom. The store is
// written once in a while; what a process that is killed had not stored is lost.
func (s *Section) Visit(ctx context.Context, resource string) error {
	now := s.DB.Now()
	s.mu.Lock()
	s.visits[visit{resource, now.Format(dayLayout)}]++
	due := now.Sub(s.since) >= storeVisits || len(s.visits) >= mostVisits
	if due {
		s.since = now
	}
	s.mu.Unlock()
	if due {
		return s.StoreVisits(ctx)
	}
	return nil
}

// StoreVisits writes the visits that were counted: before the process ends, too.
func (s *Section) StoreVisits(ctx context.Context) error {
	s.mu.Lock()
	counted := s.visits
	s.visits = map[visit]int{}
	s.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		for v, n := range counted {
			if _, err := tx.Exec(`INSERT INTO explore_visits (resource_id, day, n) VALUES ($1, $2, $3)
				ON CONFLICT (resource_id, day) DO UPDATE SET n = explore_visits.n + EXCLUDED.n`, v.resource, v.day, n); err != nil {
				return fmt.Errorf("storing visits: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		s.mu.Lock()
		for v, n := range counted {
			s.visits[v] += n
		}
		s.mu.Unlock()
	}
	return err
}

// MostVisited are the resources whose pages were opened most in the last days, the most
// visited first.
func MostVisited(tx *db.Tx, limit int) ([]string, error) {
	list, err := db.All(tx, db.Column[string], `SELECT resource_id FROM explore_visits
		WHERE day > $1 GROUP BY resource_id ORDER BY SUM(n) DESC, resource_id LIMIT $2`,
		tx.Now.AddDate(0, 0, -mostVisitedOf).Format(dayLayout), limit)
	if err != nil {
		return nil, fmt.Errorf("reading the most visited resources: %w", err)
	}
	return list, nil
}

// OpenAhead enqueues files before somebody asks, at most Budget and fewer when many wait:
// first those that an older converter made, which need no fetch, then those that were
// looked at longest ago, the most visited and the newest. It returns how many.
func (s *Section) OpenAhead(ctx context.Context) (n int, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n = 0
		if err := s.room(tx, s.Budget); err != nil {
			if plaza.KindOf(err) == plaza.TooMany {
				return nil // those that wait come first
			}
			return err
		}
		for _, from := range []func(*db.Tx, int) ([]Convert, error){s.outdated, s.old, s.popular, s.newest} {
			list, err := from(tx, s.Budget-n)
			if err != nil {
				return err
			}
			for _, one := range list[:min(len(list), s.Budget-n)] {
				inserted, err := s.enqueue(tx, one)
				if err != nil {
					return err
				}
				if inserted {
					n++
				}
			}
			if n >= s.Budget {
				break
			}
		}
		_, err := tx.Exec(`DELETE FROM explore_visits WHERE day < $1`, tx.Now.AddDate(0, 0, -visitsKept).Format(dayLayout))
		return err
	})
	return n, err
}

// outdated are the files whose tables an older converter made.
func (s *Section) outdated(tx *db.Tx, limit int) ([]Convert, error) {
	ids, err := db.All(tx, db.Column[string], `SELECT resource_id FROM explore_attempts
		WHERE revision < $1 AND current_id <> '' ORDER BY revision, resource_id LIMIT $2`, s.revision, limit)
	return wanted(ids, true), err
}

// old are the files that were looked at longest ago.
func (s *Section) old(tx *db.Tx, limit int) ([]Convert, error) {
	ids, err := db.All(tx, db.Column[string], `SELECT resource_id FROM explore_attempts
		WHERE at < $1 AND current_id <> '' ORDER BY at, resource_id LIMIT $2`, tx.Now.Add(-s.Again), limit)
	return wanted(ids, false), err
}

func (s *Section) popular(tx *db.Tx, limit int) ([]Convert, error) {
	ids, err := MostVisited(tx, aheadAmong)
	if err != nil {
		return nil, err
	}
	return s.unopened(tx, ids, limit)
}

func (s *Section) newest(tx *db.Tx, limit int) ([]Convert, error) {
	ids, err := s.Resources.Newest(tx, aheadAmong)
	if err != nil {
		return nil, err
	}
	return s.unopened(tx, ids, limit)
}

// aheadAmong is among how many of the most visited and of the newest are looked for those
// that nobody opened.
const aheadAmong = 200

// unopened leaves of resources those that were never tried, in their order.
func (s *Section) unopened(tx *db.Tx, ids []string, limit int) ([]Convert, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	known, err := db.All(tx, db.Column[string], `SELECT resource_id FROM explore_attempts WHERE resource_id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	tried := map[string]bool{}
	for _, id := range known {
		tried[id] = true
	}
	var out []string
	for _, id := range ids {
		if !tried[id] && len(out) < limit {
			tried[id] = true
			out = append(out, id)
		}
	}
	return wanted(out, false), nil
}

func wanted(ids []string, kept bool) []Convert {
	out := make([]Convert, len(ids))
	for i, id := range ids {
		out[i] = Convert{Resource: id, Kept: kept}
	}
	return out
}
