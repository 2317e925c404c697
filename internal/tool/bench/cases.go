package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/score"
)

// Bounds that the conversation is held to.
const (
	pageBound = 50 * time.Millisecond
	askBound  = 15 * time.Millisecond
	askEvery  = 20 * time.Millisecond // 50 a second
	foldBound = 100_000               // entries a second
)

// benchCases measures the conversation over a world of n cases on the embedded store.
func benchCases(ctx context.Context, n int) error {
	fmt.Printf("\nConversation on SQLite: %d cases, %d messages, %d datasets%s\n", n, n*stepsEach, datasetsOf(n), machineLoad())
	d, dir, err := openWorld(ctx, n)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	only := os.Getenv("PLAZA_BENCH_ONLY") // one of them, while it is worked at
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"chain", func() error { return verifyWorld(ctx, d) }},
		{"fold", func() error { return benchFold(ctx, d) }},
		{"lists", func() error { return benchLists(ctx, d) }},
		{"ask", func() error { return profiled("ask", func() error { return benchAsk(ctx, d) }) }},
		{"pages", func() error { return benchCasePages(ctx, dir) }},
	} {
		if only != "" && only != part.name {
			continue
		}
		if err := part.run(); err != nil {
			return err
		}
	}
	return nil
}

// machineLoad says how busy the machine is, where it tells.
func machineLoad() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return " (the machine's load is " + strings.Join(strings.Fields(string(raw))[:2], " ") + ")"
}

// profiled runs something and, where PLAZA_BENCH_PROFILE names a folder, writes there what
// the processor did meanwhile.
func profiled(name string, f func() error) error {
	dir := os.Getenv("PLAZA_BENCH_PROFILE")
	if dir == "" {
		return f()
	}
	out, err := os.Create(filepath.Join(dir, name+".pprof"))
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return errors.Join(err, out.Close())
	}
	err = f()
	pprof.StopCPUProfile()
	return errors.Join(err, out.Close())
}

// verifyWorld replays the beginning of the record: the chain was computed, not faked.
func verifyWorld(ctx context.Context, d *db.DB) error {
	var b bytes.Buffer
	if err := record.Export(ctx, d, record.Filter{Before: 20_001}, &b); err != nil {
		return err
	}
	v, err := record.Verify(&b)
	if err == nil {
		fmt.Printf("  the chain of the first %d entries follows\n", v.Entries)
	}
	return err
}

// benchFold makes the scoreboard again from the record.
func benchFold(ctx context.Context, d *db.DB) error {
	s := score.New(score.Config{DB: d})
	for range 2 {
		before := ownCPU()
		n := 0
		took, err := timed(func() error {
			return profiled("fold", func() (err error) { n, err = s.Rebuild(ctx); return err })
		})
		if err != nil {
			return err
		}
		fmt.Printf("  %-52s %9.0f entries/s (at least %d; %d in %.1f s, %.1f s of processor)\n", "scoreboard made again from the record",
			float64(n)/took.Seconds(), foldBound, n, took.Seconds(), (ownCPU() - before).Seconds())
	}
	return nil
}

// spent is what running something took.
type spent struct {
	p95, best time.Duration // what 95 of 100 took at most, and the fastest
	cpu       time.Duration // of processor each, which other work on the machine changes little
}

// times runs something some times.
func times(n int, f func(i int) error) (s spent, err error) {
	list := make([]time.Duration, 0, n)
	before := ownCPU()
	for i := range n {
		took, err := timed(func() error { return f(i) })
		if err != nil {
			return s, err
		}
		list = append(list, took)
	}
	return spent{p95(list), slices.Min(list), (ownCPU() - before) / time.Duration(n)}, nil
}

// ownCPU is how much processor this program has had.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func caseRow(what string, took spent, bare spent, bound time.Duration) {
	tail := ""
	if bound > 0 {
		tail = fmt.Sprintf(" (at most %.0f ms)", ms(bound))
	}
	alone := ""
	if bare.p95 > 0 {
		alone = fmt.Sprintf("; its bare SQL p95 %.2f ms, processor %.2f ms", ms(bare.p95), ms(bare.cpu))
	}
	fmt.Printf("  %-56s p95 %8.2f ms%s, processor %.2f ms%s\n", what, ms(took.p95), tail, ms(took.cpu), alone)
}

const listRuns = 40

// benchLists measures the queries behind pages.
func benchLists(ctx context.Context, d *db.DB) error {
	var busy, theme, dataset, long string
	if err := d.Read(ctx, func(tx *db.Tx) error {
		if err := tx.Row(`SELECT institution FROM cases GROUP BY institution ORDER BY COUNT(id) DESC LIMIT 1`).Scan(&busy); err != nil {
			return err
		}
		if err := tx.Row(`SELECT theme FROM case_themes LIMIT 1`).Scan(&theme); err != nil {
			return err
		}
		if err := tx.Row(`SELECT case_id FROM case_steps GROUP BY case_id ORDER BY COUNT(id) DESC LIMIT 1`).Scan(&long); err != nil {
			return err
		}
		return tx.Row(`SELECT dataset_id FROM cases WHERE id = $1`, long).Scan(&dataset)
	}); err != nil {
		return err
	}
	inbox := cases.Filter{Bodies: []string{busy}, States: cases.Owed}
	if err := measureList(ctx, d, "inbox of an institution, by due date, with its count", inbox, cases.ByDue); err != nil {
		return err
	}
	counts, err := times(listRuns, func(int) error {
		return d.Read(ctx, func(tx *db.Tx) error {
			for _, s := range cases.Owed {
				if _, err := cases.Count(tx, cases.Filter{Bodies: []string{busy}, States: []cases.State{s}}); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	caseRow("its counts by state", counts, spent{}, pageBound)
	if err := measurePairs(ctx, d, busy, theme, dataset); err != nil {
		return err
	}
	steps, err := times(listRuns, func(int) error {
		return d.Read(ctx, func(tx *db.Tx) error {
			if _, err := cases.ByID(tx, long); err != nil {
				return err
			}
			if _, err := cases.Clocks(tx, long); err != nil {
				return err
			}
			_, err := cases.Steps(tx, long, "", longCase)
			return err
		})
	})
	if err == nil {
		caseRow(fmt.Sprintf("a case of %d messages: everything that it says", longCase), steps, spent{}, pageBound)
	}
	return err
}

// listed is how many cases a page lists.
const listed = 25

func listAndCount(ctx context.Context, d *db.DB, f cases.Filter, o cases.Order) error {
	return d.Read(ctx, func(tx *db.Tx) error {
		if _, err := cases.List(tx, f, o, cases.Key{}, listed); err != nil {
			return err
		}
		_, err := cases.Count(tx, f)
		return err
	})
}

func measureList(ctx context.Context, d *db.DB, name string, f cases.Filter, o cases.Order) error {
	took, err := times(listRuns, func(int) error { return listAndCount(ctx, d, f, o) })
	if err == nil {
		caseRow(name, took, spent{}, pageBound)
	}
	return err
}

// measurePairs measures the public list narrowed by any two filters, in each order, and
// prints the slowest.
func measurePairs(ctx context.Context, d *db.DB, busy, theme, dataset string) error {
	now := d.Now()
	filters := []struct {
		name string
		set  func(f *cases.Filter)
	}{
		{"institution", func(f *cases.Filter) { f.Bodies = []string{busy} }},
		{"kind", func(f *cases.Filter) { f.Kinds = []cases.Kind{cases.Reuse} }},
		{"state answered", func(f *cases.Filter) { f.States = []cases.State{cases.Answered} }},
		{"state closed", func(f *cases.Filter) { f.States = []cases.State{cases.Closed} }},
		{"state resolved", func(f *cases.Filter) { f.States = []cases.State{cases.Resolved} }},
		{"theme", func(f *cases.Filter) { f.Themes = []string{theme} }},
		{"dataset", func(f *cases.Filter) { f.Dataset = dataset }},
		{"overdue", func(f *cases.Filter) { f.Overdue = true }},
		{"unanswered", func(f *cases.Filter) { f.Waiting = true }},
		{"supported", func(f *cases.Filter) { f.Backed = true }},
		{"outcome", func(f *cases.Filter) { f.Outcomes = []cases.Outcome{cases.Planned} }},
		{"month", func(f *cases.Filter) { f.From, f.To = now.AddDate(0, -14, 0), now.AddDate(0, -13, 0) }},
	}
	type pair struct {
		name string
		spent
	}
	var all []pair
	for i, a := range filters {
		for _, b := range filters[i+1:] {
			for _, o := range []cases.Order{cases.Newest, cases.ByDue, cases.Supported} {
				var f cases.Filter
				a.set(&f)
				b.set(&f)
				took, err := times(6, func(int) error { return listAndCount(ctx, d, f, o) })
				if err != nil {
					return err
				}
				all = append(all, pair{a.name + " + " + b.name + ", " + string(o), took})
			}
		}
	}
	slices.SortFunc(all, func(a, b pair) int { return int(b.p95 - a.p95) })
	caseRow(fmt.Sprintf("public list by %d pairs of filters, the slowest", len(all)), all[0].spent, spent{}, pageBound)
	fmt.Printf("      half of the pairs take at most %.2f ms\n", ms(all[len(all)/2].p95))
	slices.SortFunc(all, func(a, b pair) int { return int(b.cpu - a.cpu) }) // what is slow by itself, on a busy machine too
	for _, p := range all[:min(12, len(all))] {
		fmt.Printf("      %-56s p95 %8.2f ms, at best %8.2f ms, processor %8.2f ms\n", p.name, ms(p.p95), ms(p.best), ms(p.cpu))
	}
	return nil
}

// benchAsk posts questions at a steady pace, whether or not the one before is done.
func benchAsk(ctx context.Context, d *db.DB) error {
	cs := cases.New(cases.Config{DB: d, Gate: gate.New([]byte("a key of a benchmark, of 32 bytes"))})
	const n = 400
	var people []account.Person
	var bodies []string
	if err := d.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) (err error) {
		if bodies, err = db.All(tx, db.Column[string], `SELECT id FROM institutions ORDER BY id LIMIT $1`, bodiesOf); err != nil {
			return err
		}
		for i := range 100 {
			p, err := account.Create(tx, account.New{Email: fmt.Sprintf("b%d-%d@ejemplo.mx", tx.Now.UnixMilli(), i), Name: "Persona"})
			if err != nil {
				return err
			}
			people = append(people, p)
		}
		return nil
	}); err != nil {
		return err
	}
	var mu sync.Mutex
	var waits []time.Duration
	var failed error
	var asking sync.WaitGroup
	before := ownCPU()
	began := time.Now()
	for i := range n {
		due := began.Add(time.Duration(i) * askEvery)
		time.Sleep(time.Until(due))
		asking.Go(func() {
			p := people[i%len(people)]
			err := d.Write(plaza.WithActor(ctx, p.Actor()), func(tx *db.Tx) error {
				_, err := cs.Ask(tx, cases.Form{Kind: cases.Question, Title: "¿Qué significa la columna?", Body: "No dice en qué unidad está.",
					Institution: bodies[i%len(bodies)], Language: "es", Nonce: fmt.Sprint(began.UnixNano(), i)}, cases.By(p.Actor()), cases.From{})
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			waits, failed = append(waits, time.Since(due)), cmpErr(failed, err)
		})
	}
	asking.Wait()
	used := (ownCPU() - before) / n
	if failed != nil {
		return failed
	}
	bare, err := times(100, func(i int) error {
		return d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO case_pending (id, content, created_at) VALUES ($1, 'x', $2)`, tx.ID(), tx.Now)
			return err
		})
	})
	if err == nil {
		caseRow("posting a question, 50 a second", spent{p95(waits), slices.Min(waits), used}, bare, askBound)
	}
	return err
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
