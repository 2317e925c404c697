package search_test

import (
	"fmt"
	"iter"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/search"
	"plaza/internal/civic/search/searchtest"
)

const benchSeed = 2026

// sizes are the collections that are measured: 10,000 and 100,000 documents, and
// those that PLAZA_BENCH_DOCS adds.
func sizes(tb testing.TB) []int {
	out := []int{10_000, 100_000}
	if s := os.Getenv("PLAZA_BENCH_DOCS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			tb.Fatalf("PLAZA_BENCH_DOCS: %v", err)
		}
		out = append(out, n)
	}
	return out
}

// BenchmarkSearch prints, for each size, the 95th percentile and the worst of
// queries with at most 3,000 hits, and the worst case: two words that a third of
// the documents hold; all with five facets, by relevance and in other orders.
func BenchmarkSearch(b *testing.B) {
	for _, n := range sizes(b) {
		b.Run(fmt.Sprintf("docs=%d", n), func(b *testing.B) {
			before := heap()
			e := search.Over(searchtest.Corpus(benchSeed, n))
			memory := float64(heap()-before) / float64(n)
			queries := searchtest.Queries(benchSeed, 400)
			b.ResetTimer()
			var usual, worst, typed, browse []time.Duration
			for range b.N {
				usual = append(usual, usualTimes(b, e, queries)...)
				worst = append(worst, times(b, e, search.Query{Text: searchtest.Common})...)
				typed = append(typed, times(b, e, search.Query{Text: "m", AsYouType: true})...)
				typed = append(typed, times(b, e, search.Query{Text: `"` + searchtest.Common + `"`})...)
				browse = append(browse, times(b, e, search.Query{})...)
			}
			b.ReportMetric(memory, "B/doc")
			report(b, usual, "usual")
			report(b, worst, "worst")
			report(b, typed, "letter+phrase")
			report(b, browse, "all")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func usualTimes(b *testing.B, e *search.Engine, queries []string) []time.Duration {
	var out []time.Duration
	for _, text := range queries {
		r, err := e.Search(search.Query{Text: text})
		if err != nil {
			b.Fatal(err)
		}
		if r.Total > 0 && r.Total <= 3000 {
			out = append(out, times(b, e, search.Query{Text: text})...)
		}
	}
	return out
}

// times runs a query as a page does: by relevance, narrowed by facets, in order of
// title, and on a late page.
func times(b *testing.B, e *search.Engine, q search.Query) []time.Duration {
	q.Facets, q.Limit, q.Correct = searchtest.Facets, 20, true
	narrowed, titles, late := q, q, q
	narrowed.Filters = map[string][]string{"format": {"formato-1", "formato-2"}, "theme": {"tema-0"}}
	titles.Sort = search.TitleAZ
	late.Sort, late.Offset = search.ModifiedNewest, 2000
	var out []time.Duration
	for _, q := range []search.Query{q, narrowed, titles, late} {
		start := time.Now()
		if _, err := e.Search(q); err != nil {
			b.Fatal(err)
		}
		out = append(out, time.Since(start))
	}
	return out
}

func report(b *testing.B, times []time.Duration, name string) {
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(times[len(times)*95/100]), name+"-p95-ms")
	b.ReportMetric(ms(times[len(times)-1]), name+"-max-ms")
}

// BenchmarkLoad prints how long a process takes to load the index, and what
// writing a document in a large transaction costs.
func BenchmarkLoad(b *testing.B) {
	for _, n := range sizes(b) {
		b.Run(fmt.Sprintf("sqlite/docs=%d", n), func(b *testing.B) { load(b, dbtest.SQLite(b), n) })
		if os.Getenv(dbtest.Server) != "" {
			b.Run(fmt.Sprintf("postgresql/docs=%d", n), func(b *testing.B) { load(b, dbtest.PostgreSQL(b), n) })
		}
	}
}

func load(b *testing.B, d *db.DB, n int) {
	start := time.Now()
	for docs := range batches(searchtest.Corpus(benchSeed, n), 1000) {
		if err := d.Write(b.Context(), func(tx *db.Tx) error { return search.Put(tx, docs...) }); err != nil {
			b.Fatal(err)
		}
	}
	put := float64(time.Since(start).Microseconds()) / float64(n)
	b.ResetTimer()
	for range b.N {
		e := search.New()
		if err := e.Sync(b.Context(), d); err != nil {
			b.Fatal(err)
		}
		if got := e.Stats().Docs; got != n {
			b.Fatalf("loaded %d documents, want %d", got, n)
		}
	}
	b.ReportMetric(put, "put-µs/doc")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "load-s")
}

func batches(docs iter.Seq[search.Doc], n int) iter.Seq[[]search.Doc] {
	return func(yield func([]search.Doc) bool) {
		var batch []search.Doc
		for d := range docs {
			if batch = append(batch, d); len(batch) == n {
				if !yield(batch) {
					return
				}
				batch = nil
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
