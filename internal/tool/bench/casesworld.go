package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gowebpki/jcs"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog/harvest"
)

// What the world of cases is like, for each case that it holds.
const (
	worldVersion = 5 // of the generator: another one is another world
	bodiesOf     = 200
	stepsEach    = 5   // messages of a case, on average
	longCase     = 500 // messages of the longest
	busyBody     = 5000
	mostDatasets = 100_000 // of whatever number of cases
)

// datasetsOf is how many datasets a world of n cases has.
func datasetsOf(n int) int { return min(n/2, mostDatasets) }

var worldBegins = time.Date(2025, 1, 6, 15, 0, 0, 0, time.UTC)

// happened is one step of a generated case.
type happened struct {
	c     int // which case
	kind  string
	at    time.Time
	state string
	days  int
	first bool
}

// made is one generated case.
type made struct {
	id, folio, body, kind, theme, dataset string
	asked, due                            time.Time
	state, outcome                        string
	acknowledged, answered, settled       time.Time
}

// openWorld opens the store of a world of n cases, which is generated once and kept in the
// machine's folder for caches (PLAZA_BENCH_CACHE names another).
func openWorld(ctx context.Context, n int) (*db.DB, string, error) {
	dir, err := cached(fmt.Sprintf("cases-%d-v%d", n, worldVersion))
	if err != nil {
		return nil, "", err
	}
	ready := filepath.Join(dir, "ready")
	_, err = os.Stat(ready)
	fresh := errors.Is(err, os.ErrNotExist)
	if fresh {
		if err := os.RemoveAll(dir); err != nil {
			return nil, "", err
		}
	}
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(dir, "plaza.db"), db.Options{})
	if err != nil {
		return nil, "", err
	}
	if _, err := d.Migrate(ctx); err != nil {
		return nil, "", errors.Join(err, d.Close())
	}
	if !fresh {
		return d, dir, nil
	}
	took, err := timed(func() error { return generate(ctx, d, n) })
	if err != nil {
		return nil, "", errors.Join(err, d.Close())
	}
	fmt.Printf("  generated %d datasets, %d cases and %d messages in %.0f s\n", datasetsOf(n), n, n*stepsEach, took.Seconds())
	return d, dir, os.WriteFile(ready, nil, 0o644)
}

// cached is the folder of that name for what is generated once.
func cached(name string) (string, error) {
	dir := os.Getenv("PLAZA_BENCH_CACHE")
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(base, "plaza-bench")
	}
	return filepath.Join(dir, name), nil
}

// generate fills an empty store.
func generate(ctx context.Context, d *db.DB, n int) error {
	portal, stop, err := startPortal(datasetsOf(n))
	if err != nil {
		return err
	}
	h, err := newHarvest(ctx, d, portal, true)
	if err == nil {
		err = h.run(ctx, harvest.Complete, datasetsOf(n))
	}
	stop()
	if err != nil {
		return err
	}
	var bodies []string
	if err := d.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) error {
		for i := range bodiesOf {
			put, err := institution.Put(tx, institution.Institution{Name: fmt.Sprintf("Dependencia %d de prueba", i), Slug: fmt.Sprintf("dependencia-%d", i), Type: "federal"})
			if err != nil {
				return err
			}
			bodies = append(bodies, put.ID)
		}
		return nil
	}); err != nil {
		return err
	}
	var datasets []string
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		datasets, err = db.All(tx, db.Column[string], `SELECT id FROM datasets ORDER BY id`)
		return err
	}); err != nil {
		return err
	}
	all, events := imagine(n, bodies, datasets)
	if err := writeCases(ctx, d, all); err != nil {
		return err
	}
	return writeEvents(ctx, d, all, events)
}

// imagine makes up n cases over two years and what happened to them, in order of time.
func imagine(n int, bodies, datasets []string) ([]made, []happened) {
	r := rand.New(rand.NewPCG(seed, 11))
	all, events := make([]made, n), make([]happened, 0, n*stepsEach)
	every := 680 * 24 * time.Hour / time.Duration(n)
	for i := range all {
		at := worldBegins.Add(time.Duration(i) * every)
		body := bodies[r.IntN(len(bodies))]
		if i%max(1, n/busyBody) == 0 {
			body = bodies[0]
		}
		c := made{id: plaza.NewID(at), folio: cases.NewFolio("PRUEBA", at.Year(), i), body: body,
			kind: []string{"question", "question", "quality", "request", "reuse"}[r.IntN(5)], theme: fmt.Sprintf("tema-%d", r.IntN(20)),
			dataset: datasets[r.IntN(len(datasets))], asked: at, due: at.AddDate(0, 0, 14), state: "open"}
		all[i] = c
		steps := stepsEach
		if i == n-1-n/100 {
			steps = longCase
		}
		events = append(events, lifeOf(r, &all[i], i, steps)...)
	}
	slices.SortStableFunc(events, func(a, b happened) int { return cmp.Compare(a.at.UnixMilli(), b.at.UnixMilli()) })
	return all, events
}

// lifeOf is what happened to one case: most are answered and settled, some wait.
func lifeOf(r *rand.Rand, c *made, i, steps int) []happened {
	at := c.asked
	out := []happened{{c: i, kind: "opened", at: at, state: "open"}}
	say := func(kind, state string, days int, first bool) {
		at = at.Add(time.Duration(1+r.IntN(48)) * time.Hour)
		out = append(out, happened{i, kind, at, state, days, first})
		c.state = state
	}
	fate := r.IntN(100)
	if fate < 8 && steps <= stepsEach {
		return out
	}
	say("assigned", "assigned", 1, false)
	c.acknowledged = at
	for len(out) < steps-2 {
		say("info_given", "assigned", 0, false)
	}
	switch {
	case fate < 25:
		say("info_given", "assigned", 0, false)
	case fate < 30:
		say("info_requested", "needs_info", 0, false)
	case fate < 36:
		say("closed", "closed", 0, false)
		c.settled = at
	default:
		say("answered", "answered", 1+r.IntN(30), true)
		c.answered, c.outcome = at, []string{"explained", "planned", "published", "corrected", "possible"}[r.IntN(5)]
		if fate > 45 {
			say("accepted", "resolved", 0, false)
			c.settled = at
		}
	}
	return out
}

// bulk writes rows of a table, some in each statement.
func bulk(tx *db.Tx, table string, columns []string, rows [][]any) error {
	const atOnce = 12 // the store looks for each argument among all of them
	for part := range slices.Chunk(rows, atOnce) {
		places, args := make([]string, len(part)), make([]any, 0, len(part)*len(columns))
		for i, row := range part {
			places[i] = "(" + db.Placeholders(i*len(columns)+1, len(columns)) + ")"
			args = append(args, row...)
		}
		if _, err := tx.Exec(`INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES `+strings.Join(places, ", "), args...); err != nil {
			return fmt.Errorf("filling %s: %w", table, err)
		}
	}
	return nil
}

var (
	caseColumns = strings.Fields(`id folio nonce kind title body language on_kind on_id dataset_id institution asker_id channel standing state
		reason outcome supports asked_at published_at acknowledged_at answered_at settled_at due_at`)
	benchClock = strings.Fields(`id case_id kind round body responsible rule days calendar started_at promised_at due_at stopped_at stopped_by`)
	benchTheme = strings.Fields(`case_id theme standing institution kind state outcome supports asked_at due_at`)
	benchStep  = strings.Fields(`id case_id kind at person_id body facts`)
	benchEntry = strings.Fields(`seq at verb actor_role actor_ref object_kind object_id institution payload prev hash`)
)

func owedState(s string) bool { return s == "open" || s == "assigned" || s == "needs_info" }

func writeCases(ctx context.Context, d *db.DB, all []made) error {
	r := rand.New(rand.NewPCG(seed, 12))
	for start := 0; start < len(all); start += 2000 {
		part := all[start:min(start+2000, len(all))]
		var rows, themes, clocks [][]any
		for i := range part {
			c := &part[i]
			reason, due, stopped, by := "", time.Time{}, c.answered, "answered"
			switch {
			case c.state == "closed":
				reason, stopped, by = "off_topic", c.settled, "closed"
			case owedState(c.state):
				due, by = c.due, ""
			}
			supports := int(r.ExpFloat64() * 3)
			rows = append(rows, []any{c.id, c.folio, c.id, c.kind, text(r, 8), text(r, 60), "es", "dataset", c.dataset, c.dataset, c.body,
				fmt.Sprintf("persona-%d", r.IntN(50_000)), "web", "public", c.state, reason, c.outcome, supports,
				c.asked, c.asked, c.acknowledged, c.answered, c.settled, due})
			themes = append(themes, []any{c.id, c.theme, "public", c.body, c.kind, c.state, c.outcome, supports, c.asked, due})
			clocks = append(clocks, []any{plaza.NewID(c.asked), c.id, "answer", 1, c.body, "liaison", c.kind + "@1", 10, "mx-federal@1", c.asked, c.due, c.due, stopped, by})
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			return errors.Join(bulk(tx, "cases", caseColumns, rows), bulk(tx, "case_themes", benchTheme, themes), bulk(tx, "case_clocks", benchClock, clocks))
		}); err != nil {
			return err
		}
	}
	return nil
}

// writeEvents writes the steps of cases, and for each the entry of the record that it
// would have made, with its hash.
func writeEvents(ctx context.Context, d *db.DB, all []made, events []happened) error {
	r := rand.New(rand.NewPCG(seed, 13))
	var seq int64
	var prev string
	if err := d.Read(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT seq, hash FROM record_head WHERE id = 1`).Scan(&seq, &prev)
	}); err != nil {
		return err
	}
	for part := range slices.Chunk(events, 5000) {
		var steps, entries [][]any
		for _, h := range part {
			c := all[h.c]
			steps = append(steps, []any{plaza.NewID(h.at), c.id, h.kind, h.at, "", text(r, 30), ""})
			payload, err := payloadOf(c, h)
			if err != nil {
				return err
			}
			seq++
			e := record.Entry{Seq: seq, At: h.at, Verb: "case." + h.kind, Actor: record.Actor{Role: "liaison", Ref: "b2c5d1"},
				Object: record.Object{Kind: "case", ID: c.id}, Institution: c.body, Payload: payload, Prev: prev}
			if e.Hash, err = e.Digest(); err != nil {
				return err
			}
			prev = e.Hash
			entries = append(entries, []any{e.Seq, e.At, e.Verb, e.Actor.Role, e.Actor.Ref, e.Object.Kind, e.Object.ID, e.Institution, string(e.Payload), e.Prev, e.Hash})
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			if err := errors.Join(bulk(tx, "case_steps", benchStep, steps), bulk(tx, "record_entries", benchEntry, entries)); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE record_head SET seq = $1, hash = $2 WHERE id = 1`, seq, prev)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// payloadOf is what package cases would tell the record.
func payloadOf(c made, h happened) ([]byte, error) {
	facts := map[string]any{"folio": c.folio, "kind": c.kind, "state": h.state, "on": "dataset:" + c.dataset}
	clock := func(rule string, due time.Time) {
		facts["body"], facts["responsible"], facts["round"], facts["rule"], facts["calendar"], facts["due"] = c.body, "liaison", 1, rule, "mx-federal@1", due
	}
	switch h.kind {
	case "opened":
		clock(c.kind+"@1", c.due)
		facts["asked"], facts["channel"] = c.asked, "web"
	case "assigned":
		clock("acknowledge@1", c.asked.AddDate(0, 0, 2))
		facts["days"], facts["in_time"] = h.days, true
	case "answered":
		clock(c.kind+"@1", c.due)
		facts["days"], facts["in_time"], facts["first"], facts["outcome"], facts["answer"], facts["version"] = h.days, h.at.Before(c.due), true, c.outcome, c.id, 1
	case "accepted", "closed":
		facts["total"] = int(h.at.Sub(c.asked).Hours() / 34)
		if h.kind == "closed" {
			clock(c.kind+"@1", c.due)
			facts["reason"] = "off_topic"
		}
	}
	raw, err := json.Marshal(facts)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(raw)
}
