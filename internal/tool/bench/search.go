package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/search"
	"plaza/internal/civic/search/searchtest"
)

const (
	seed = 2026
	// fewHits is how many hits a usual query has at most.
	fewHits = 3000
)

// benchSearch prints how long searches with five facets take, over an index loaded
// from each store: by relevance, narrowed, in order of title and on a late page.
func benchSearch(ctx context.Context, postgres string, largest int) error {
	fmt.Printf("\nSearch with five facets over a seeded Zipf corpus\n")
	fmt.Printf("  %-11s %10s %10s %18s %22s %10s\n", "", "datasets", "load", "≤ 3,000 hits p95", "both words in a third", "memory")
	for n := 10_000; n <= largest; n *= 10 {
		engines := []string{"sqlite"}
		if postgres != "" && n <= 100_000 {
			engines = append(engines, "postgresql")
		}
		if n > 100_000 { // a store of a million adds nothing but minutes
			e := search.Over(searchtest.Corpus(seed, n))
			if err := searchRow("memory", e, n, 0); err != nil {
				return err
			}
			continue
		}
		for _, engine := range engines {
			d, drop, err := store(ctx, engine, postgres)
			if err != nil {
				return err
			}
			err = searchStore(ctx, d, engine, n)
			drop()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func searchStore(ctx context.Context, d *db.DB, engine string, n int) error {
	next, stop := iter.Pull(searchtest.Corpus(seed, n))
	defer stop()
	for left := n; left > 0; {
		var docs []search.Doc
		for range min(left, 1000) {
			doc, _ := next()
			docs = append(docs, doc)
		}
		left -= len(docs)
		if err := d.Write(ctx, func(tx *db.Tx) error { return search.Put(tx, docs...) }); err != nil {
			return err
		}
	}
	e := search.New()
	load, err := timed(func() error { return e.Sync(ctx, d) })
	if err != nil {
		return err
	}
	return searchRow(engine, e, n, load)
}

func searchRow(engine string, e *search.Engine, n int, load time.Duration) error {
	var usual, worst []time.Duration
	for _, text := range searchtest.Queries(seed, 400) {
		r, err := e.Search(search.Query{Text: text})
		if err != nil {
			return err
		}
		if r.Total == 0 || r.Total > fewHits {
			continue
		}
		t, err := searchTimes(e, text)
		if err != nil {
			return err
		}
		usual = append(usual, t...)
	}
	for range 10 {
		t, err := searchTimes(e, searchtest.Common)
		if err != nil {
			return err
		}
		worst = append(worst, t...)
	}
	slices.Sort(usual)
	p95, most := usual[len(usual)*95/100], slices.Max(worst)
	bound := ""
	if n == 100_000 {
		bound = "  (at most 60 and 400 ms)"
	}
	fmt.Printf("  %-11s %10d %8.2f s %15.2f ms %19.2f ms %7.1f MB%s\n", engine, n, load.Seconds(),
		ms(p95), ms(most), float64(e.Stats().Bytes)/1e6, bound)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// searchTimes runs a query as pages do.
func searchTimes(e *search.Engine, text string) ([]time.Duration, error) {
	q := search.Query{Text: text, Facets: searchtest.Facets, Limit: 20, Correct: true}
	narrowed, titles, late := q, q, q
	narrowed.Filters = map[string][]string{"format": {"formato-1", "formato-2"}, "theme": {"tema-0"}}
	titles.Sort = search.TitleAZ
	late.Sort, late.Offset = search.ModifiedNewest, 2000
	var out []time.Duration
	for _, q := range []search.Query{q, narrowed, titles, late} {
		t, err := timed(func() error {
			_, err := e.Search(q)
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}
