package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/site"
)

// fanoutTick is how often a reader asks: an open model, so that a slow answer does not
// keep the next one from being asked for.
const fanoutTick = 10 * time.Millisecond

// benchFanout tells many followers of one act on the embedded store, and measures what
// readers feel meanwhile beside what they feel at rest, in one run.
func benchFanout(ctx context.Context, followers int) error {
	fmt.Printf("\nOne act told to %d followers on SQLite, and readers meanwhile\n", followers)
	dir, err := os.MkdirTemp("", "plaza-fanout-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	cfg := site.Config{Data: filepath.Join(dir, "data"), Version: "bench", Log: quiet}
	if _, err := site.PlayDemo(ctx, cfg, true, nil); err != nil {
		return err
	}
	s, err := site.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	watcher, err := record.Watch(ctx, s.DB)
	if err != nil {
		return err
	}
	watch, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go watcher.Run(watch)
	if err := s.Search.Sync(ctx, s.DB); err != nil {
		return err
	}
	pages, err := s.Pages(watcher)
	if err != nil {
		return err
	}
	server := httptest.NewServer(pages.Shell)
	defer server.Close()
	d, err := crowd(ctx, s.DB, followers)
	if err != nil {
		return err
	}
	if err := s.Follow.Tell(ctx); err != nil { // what the demonstration did is told before
		return err
	}
	address := server.URL + d.Path()

	rest := feel(ctx, address, 15*time.Second, nil)
	if err := s.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) error {
		return record.Append(tx, record.Act{Verb: "dataset.returned", Object: d.Ref(), Institution: d.InstitutionID})
	}); err != nil {
		return err
	}
	told := make(chan error, 1)
	done := make(chan struct{})
	began := time.Now()
	var took time.Duration
	go func() {
		told <- s.Follow.Tell(ctx)
		took = time.Since(began)
		close(done)
	}()
	busy := feel(ctx, address, time.Hour, done)
	if err := <-told; err != nil {
		return err
	}
	return fanoutTable(ctx, s.DB, followers, took, rest, busy)
}

func fanoutTable(ctx context.Context, d *db.DB, followers int, took time.Duration, rest, busy felt) error {
	var n int
	if err := d.Read(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE seq = (SELECT MAX(seq) FROM record_entries WHERE verb = 'dataset.returned')`).Scan(&n)
	}); err != nil {
		return err
	}
	if n != followers {
		return fmt.Errorf("%d notices, want one for each of %d followers", n, followers)
	}
	fmt.Printf("  %d notices in %.1f s: %.0f a second\n", n, took.Seconds(), float64(n)/took.Seconds())
	for _, c := range []struct {
		name       string
		rest, busy []time.Duration
	}{{"made anew", rest.fresh, busy.fresh}, {"from the cache", rest.cached, busy.cached}} {
		a, b := p95(c.rest), p95(c.busy)
		fmt.Printf("  a dataset's page, %-14s p95 at rest %6.2f ms, meanwhile %6.2f ms: %.2f× (at most 2.00×; %d and %d answers)\n",
			c.name+":", a.Seconds()*1e3, b.Seconds()*1e3, float64(b)/float64(a), len(c.rest), len(c.busy))
	}
	for _, f := range []struct {
		when string
		felt
	}{{"at rest", rest}, {"meanwhile", busy}} {
		fmt.Printf("  %s: %d requests were asked for, %d failed, %d were sent more than %v late and count from when they were due\n",
			f.when, f.asked, f.failed, f.late, fanoutTick)
	}
	if rest.failed+busy.failed > 0 {
		return fmt.Errorf("%d requests failed", rest.failed+busy.failed)
	}
	return nil
}

// crowd makes people follow the newest dataset, in the app.
func crowd(ctx context.Context, d *db.DB, n int) (catalog.Dataset, error) {
	var one catalog.Dataset
	if err := d.Read(ctx, func(tx *db.Tx) error {
		list, err := catalog.Newest(tx, "", 1)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("the demonstration holds no dataset")
		}
		if err == nil {
			one = list[0]
		}
		return err
	}); err != nil {
		return one, err
	}
	const atOnce = 2000
	for made := 0; made < n; made += atOnce {
		if err := d.Write(ctx, func(tx *db.Tx) error {
			for i := made; i < min(made+atOnce, n); i++ {
				if _, err := tx.Exec(`INSERT INTO follows
					(id, object_kind, object_id, recipient, often, in_app, by_mail, since_seq, created_at, confirmed_at)
					VALUES ($1, $2, $3, $4, 'now', TRUE, FALSE, 0, $5, $6)`,
					tx.ID(), one.Ref().Kind, one.Ref().ID, tx.ID(), tx.Now, tx.Now); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return one, err
		}
	}
	return one, nil
}

// felt is how long readers waited: for pages made for them, and for pages kept; and how
// many of them asked, got no answer, or could only ask late.
type felt struct {
	fresh, cached       []time.Duration
	asked, failed, late int
}

// feel asks for a page at every tick, until a time is over or done is closed. Waiting
// counts from when the request was due: a machine too busy to ask in time is felt too.
func feel(ctx context.Context, address string, most time.Duration, done <-chan struct{}) felt {
	var mu sync.Mutex
	var f felt
	var asking sync.WaitGroup
	ask := func(address string, into *[]time.Duration, due time.Time) {
		asking.Go(func() {
			_, err := fetchGzip(address)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				f.failed++
				return
			}
			*into = append(*into, took)
		})
	}
	end := time.NewTimer(most)
	defer end.Stop()
	began := time.Now()
	for i := 0; ; i++ {
		due := began.Add(time.Duration(i) * fanoutTick)
		wait := time.NewTimer(time.Until(due)) // at once for what is late: no tick is dropped
		select {
		case <-ctx.Done():
		case <-end.C:
		case <-done:
		case <-wait.C:
			f.asked++
			if time.Since(due) > fanoutTick {
				f.late++
			}
			if i%2 == 0 {
				ask(address+fmt.Sprintf("?n=%d", i), &f.fresh, due) // an address that nobody has asked for
			} else {
				ask(address, &f.cached, due)
			}
			continue
		}
		wait.Stop()
		break
	}
	asking.Wait()
	return f
}

// p95 is what 95 of 100 waited at most.
func p95(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[min(len(list)-1, len(list)*95/100)]
}
