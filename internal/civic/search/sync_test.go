package search_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/text"
	"plaza/internal/civic/search"
	"plaza/internal/civic/search/searchtest"
	"plaza/internal/plaza"
)

// battery are queries of every sort over a corpus of searchtest.
func battery(seed uint64) []search.Query {
	facets := append([]string{"kind"}, searchtest.Facets...)
	var out []search.Query
	for i, t := range searchtest.Queries(seed, 25) {
		q := search.Query{Text: t, Facets: facets, Limit: 50, Correct: true, AsYouType: i%5 == 0, Any: i%7 == 0}
		if i%3 == 0 {
			q.Filters = map[string][]string{"theme": {"tema-0", "tema-1"}, "format": {"formato-2"}}
		}
		out = append(out, q)
	}
	for _, sort := range []search.Sort{search.Relevance, search.ModifiedNewest, search.ModifiedOldest, search.CreatedNewest,
		search.CreatedOldest, search.ChangedNewest, search.ChangedOldest, search.TitleAZ, search.TitleZA, search.ByID} {
		out = append(out,
			search.Query{Sort: sort, Facets: facets, Limit: 50, Offset: 30},
			search.Query{Text: "datos -salud", Sort: sort, Limit: 50},
			search.Query{Text: `"` + searchtest.Common + `" da`, Sort: sort, Limit: 50, AsYouType: true},
		)
	}
	return append(out, search.Query{Text: "poblasion", Correct: true, Limit: 5}, search.Query{Text: "m", AsYouType: true, Limit: 50})
}

// noMatch leaves out of a comparison what a Match keeps to itself.
var noMatch = cmpopts.IgnoreUnexported(search.Match{})

func answers(t *testing.T, e *search.Engine, queries []search.Query) []search.Result {
	t.Helper()
	var out []search.Result
	for _, q := range queries {
		r := find(t, e, q)
		r.Version = 0
		out = append(out, r)
	}
	return out
}

func TestBothStoresGiveTheSameAnswers(t *testing.T) {
	docs := slices.Collect(searchtest.Corpus(7, 1500))
	want := answers(t, search.Over(slices.Values(docs)), battery(7))
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, docs...)
		if diff := gocmp.Diff(want, answers(t, synced(t, search.New(), d), battery(7)), noMatch); diff != "" {
			t.Errorf("answers differ from those without a store (-want +got):\n%s", diff)
		}
	})
}

// However a process came to its segments, it answers as one that loads everything
// now: counts, order, scores and corrections do not remember the dead.
func TestAnswersDoNotDependOnHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		docs := slices.Collect(searchtest.Corpus(3, 900))
		r := rand.New(rand.NewPCG(3, 3))
		old := synced(t, search.New(), d)
		for round := range 40 {
			changed := docs[:1+r.IntN(len(docs)*(round+1)/40)]
			var some []search.Doc
			for _, doc := range changed {
				if r.IntN(8) == 0 {
					doc.Title += fmt.Sprintf(" versión %d", round)
					some = append(some, doc)
				}
			}
			put(t, d, some...)
			for range r.IntN(20) {
				remove(t, d, docs[r.IntN(len(docs))].Ref)
			}
			if r.IntN(3) > 0 {
				synced(t, old, d)
			}
		}
		synced(t, old, d)
		fresh := synced(t, search.New(), d)
		if a, b := old.Stats(), fresh.Stats(); a.Docs != b.Docs || a.Segments < 2 || a.Segments > 6 {
			t.Fatalf("%+v after many changes, %+v loaded at once; want as many documents in a few segments", a, b)
		}
		if diff := gocmp.Diff(answers(t, fresh, battery(3)), answers(t, old, battery(3)), noMatch); diff != "" {
			t.Errorf("a process that followed answers otherwise than a fresh one (-fresh +followed):\n%s", diff)
		}
	})
}

// The plainest way to search: look at every document.
func TestAnswersAreThoseOfAFullScan(t *testing.T) {
	docs := slices.Collect(searchtest.Corpus(11, 700))
	e := search.Over(slices.Values(docs))
	stems := make([]map[string]bool, len(docs))
	for i, doc := range docs {
		stems[i] = map[string]bool{}
		for _, tok := range text.Tokens(doc.Title + " " + strings.Join(doc.Keywords, " ") + " " + doc.Owner + " " + doc.Body) {
			stems[i][text.Stem(tok.Text)] = true
		}
	}
	r := rand.New(rand.NewPCG(11, 11))
	found := 0
	for _, q := range searchtest.Queries(11, 200) {
		filters := map[string][]string{}
		for _, f := range []string{"theme", "format", "frequency"} {
			if r.IntN(2) == 0 {
				from := docs[r.IntN(len(docs))].Facets[f]
				filters[f] = append(slices.Clone(from), docs[r.IntN(len(docs))].Facets[f]...)
			}
		}
		var wanted []string
		for _, tok := range text.Tokens(q) {
			if !text.StopWord(tok.Text) {
				wanted = append(wanted, text.Stem(tok.Text))
			}
		}
		holds := func(i int, except string) bool {
			if slices.ContainsFunc(wanted, func(st string) bool { return !stems[i][st] }) {
				return false
			}
			for f, values := range filters {
				if f != except && !slices.ContainsFunc(docs[i].Facets[f], func(v string) bool { return slices.Contains(values, v) }) {
					return false
				}
			}
			return true
		}
		var want []string
		counts := map[string]map[string]int{"theme": {}, "format": {}, "institution": {}}
		for i, doc := range docs {
			if holds(i, "") {
				want = append(want, doc.Ref.ID)
			}
			for f, n := range counts {
				if holds(i, f) {
					values := slices.Clone(doc.Facets[f])
					slices.Sort(values)
					for _, v := range slices.Compact(values) {
						n[v]++
					}
				}
			}
		}
		if len(want) == 0 {
			continue // then other ways are tried
		}
		found++
		got := find(t, e, search.Query{Text: q, Filters: filters, Facets: []string{"theme", "format", "institution"}, MaxValues: -1, Sort: search.ByID, Limit: 1000})
		if ids(got) != strings.Join(want, " ") || got.Total != len(want) {
			t.Fatalf("Search(%q, %v) = %d hits %s, want %d: %v", q, filters, got.Total, ids(got), len(want), want)
		}
		for f, n := range counts {
			have := map[string]int{}
			for _, c := range got.Facets[f] {
				if c.Docs > 0 {
					have[c.Value] = c.Docs
				}
			}
			if diff := gocmp.Diff(n, have); diff != "" {
				t.Fatalf("Search(%q, %v): %s (-want +got):\n%s", q, filters, f, diff)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d of the queries found anything", found)
	}
}

func TestCursorsWalkOverEverythingOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		docs := slices.Collect(searchtest.Corpus(5, 260))
		e := search.New()
		for batch := range slices.Chunk(docs, 130) { // several segments
			for i := range batch {
				batch[i].Title = []string{"Agua", "agua", "Ágora", "Zoo"}[i%4] // many ties
				batch[i].Modified = day(1 + i%3)
			}
			put(t, d, batch...)
			synced(t, e, d)
			put(t, d, search.Doc{Ref: ref("last" + batch[0].Ref.ID), Title: "Agua"})
			synced(t, e, d)
		}
		if e.Stats().Segments < 2 {
			t.Fatal("the test wants several segments")
		}
		for _, text := range []string{"", "agua"} {
			for _, sort := range []search.Sort{search.Relevance, search.ModifiedNewest, search.ModifiedOldest, search.CreatedNewest,
				search.CreatedOldest, search.ChangedNewest, search.ChangedOldest, search.TitleAZ, search.TitleZA, search.ByID} {
				whole := find(t, e, search.Query{Text: text, Sort: sort, Limit: 1000})
				var walked []string
				q := search.Query{Text: text, Sort: sort, Limit: 7}
				for pages := 0; pages < 100; pages++ {
					r := find(t, e, q)
					byOffset := find(t, e, search.Query{Text: text, Sort: sort, Limit: 7, Offset: pages * 7})
					if ids(r) != ids(byOffset) || r.Total != whole.Total {
						t.Fatalf("%q by %q, page %d: %s by cursor, %s by number", text, sort, pages, ids(r), ids(byOffset))
					}
					for _, h := range r.Hits {
						walked = append(walked, h.Ref.ID)
					}
					if q.Cursor = r.Next; q.Cursor == "" {
						break
					}
				}
				if got := strings.Join(walked, " "); got != ids(whole) {
					t.Errorf("%q by %q: walked\n%s\nwant\n%s", text, sort, got, ids(whole))
				}
			}
		}
	})
}

func TestACursorGoesOnWhenItsDocumentIsGone(t *testing.T) {
	for _, sort := range []search.Sort{search.Relevance, search.ModifiedNewest, search.TitleAZ, search.TitleZA, search.ByID} {
		q := search.Query{Sort: sort, Limit: 3}
		first := find(t, over(catalogue...), q)
		rest := slices.DeleteFunc(slices.Clone(catalogue), func(d search.Doc) bool { return d.Ref == first.Hits[2].Ref })
		all := find(t, over(catalogue...), search.Query{Sort: sort})
		q.Cursor, q.Limit = first.Next, 100
		if got, want := ids(find(t, over(rest...), q)), strings.Join(strings.Fields(ids(all))[3:], " "); got != want {
			t.Errorf("by %q: %s follows, want %s", sort, got, want)
		}
	}
}

func TestChangesAreFollowed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := synced(t, search.New(), d)
		expect := func(text, want string) {
			t.Helper()
			if got := ids(find(t, synced(t, e, d), search.Query{Text: text})); got != want {
				t.Errorf("Search(%q) = %q, want %q", text, got, want)
			}
		}
		put(t, d, search.Doc{Ref: ref("1"), Title: "Agua"}, search.Doc{Ref: ref("2"), Title: "Agua y luz"})
		expect("agua", "1 2")
		put(t, d, search.Doc{Ref: ref("2"), Title: "Gas"})
		expect("agua", "1")
		expect("luz", "")
		expect("gas", "2")
		remove(t, d, ref("1"), ref("unknown"))
		expect("agua", "")
		expect("", "2")
		put(t, d, search.Doc{Ref: ref("1"), Title: "Agua otra vez"})
		expect("agua", "1")
		put(t, d, search.Doc{Ref: ref("3"), Title: "viejo"}, search.Doc{Ref: ref("3"), Title: "nuevo"})
		expect("viejo", "")
		expect("nuevo", "3")
		put(t, d, search.Doc{Ref: plaza.Ref{Kind: "institution", ID: "3"}, Title: "nuevo"})
		if r := find(t, synced(t, e, d), search.Query{Text: "nuevo"}); r.Total != 2 || r.Hits[0].Ref.Kind != "dataset" || r.Hits[1].Ref.Kind != "institution" {
			t.Errorf("things of two kinds with one id: %v", r.Hits)
		}
		remove(t, d, ref("3"))
		if r := find(t, synced(t, e, d), search.Query{Text: "nuevo"}); r.Total != 1 || r.Hits[0].Ref.Kind != "institution" {
			t.Errorf("after removing one of two kinds: %v", r.Hits)
		}
	})
}

func TestWhatIsRolledBackIsNotFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_ = d.Write(t.Context(), func(tx *db.Tx) error {
			if err := search.Put(tx, catalogue...); err != nil {
				t.Fatal(err)
			}
			return plaza.E(plaza.Invalid, "")
		})
		if r := find(t, synced(t, search.New(), d), search.Query{}); r.Total != 0 {
			t.Errorf("%d documents of a transaction that failed", r.Total)
		}
	})
}

func TestAnUnchangedDocumentIsNotReadAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, catalogue...)
		version := func() (n int64) {
			t.Helper()
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				return tx.Row(`SELECT MAX(version) FROM search_docs`).Scan(&n)
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := version()
		put(t, d, catalogue...)
		if got := version(); got != before {
			t.Errorf("putting the same again moved the version from %d to %d", before, got)
		}
		changed := catalogue[0]
		changed.Modified = changed.Modified.Add(time.Second)
		put(t, d, changed)
		if got := version(); got == before {
			t.Error("a new date moved no version")
		}
	})
}

func TestASyncWithoutChangesCostsOneStatement(t *testing.T) {
	d := dbtest.SQLite(t)
	put(t, d, catalogue...)
	e := synced(t, search.New(), d)
	ctx, n := db.CountStatements(t.Context())
	if err := e.Sync(ctx, d); err != nil || n.Load() != 1 {
		t.Errorf("%d statements, %v; want 1", n.Load(), err)
	}
}

func TestRemovedRowsAreForgottenAndALateReaderStartsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, catalogue...)
		late := synced(t, search.New(), d)
		remove(t, d, catalogue[0].Ref)
		dbtest.Advance(d, 8*24*time.Hour)
		remove(t, d, catalogue[1].Ref)
		var rows int
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM search_docs`).Scan(&rows)
		})
		if err != nil || rows != len(catalogue)-1 {
			t.Errorf("%d rows, %v; want the one removed long ago forgotten", rows, err)
		}
		if r := find(t, synced(t, late, d), search.Query{}); r.Total != len(catalogue)-2 {
			t.Errorf("a reader that missed a removal finds %d, want %d", r.Total, len(catalogue)-2)
		}
	})
}

func TestIDsAreThoseInTheIndex(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, catalogue...)
		put(t, d, search.Doc{Ref: plaza.Ref{Kind: "institution", ID: "x"}, Title: "x"})
		remove(t, d, ref("agua"))
		var got []string
		err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			got, err = search.IDs(tx, "dataset")
			return err
		})
		want := []string{"aguas", "camion", "covid", "educa", "poblacion", "poblaciones"}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("IDs = %v, %v; want %v", got, err, want)
		}
	})
}

// Writers at once: a reader that keeps following misses nothing and never sees half
// of a transaction.
func TestFollowersSeeWholeTransactionsOfManyWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const writers, rounds = 4, 15
		e := search.New()
		ctx, cancel := context.WithCancel(t.Context())
		followed := make(chan struct{})
		go func() {
			defer close(followed)
			e.Follow(ctx, d, time.Millisecond, func(err error) { t.Error(err) })
		}()
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range rounds {
					err := d.Write(ctx, func(tx *db.Tx) error {
						id := fmt.Sprintf("%d-%d", w, i)
						return cmp.Or(
							search.Put(tx, search.Doc{Ref: ref("a" + id), Title: "par"}, search.Doc{Ref: ref("b" + id), Title: "par"}),
							search.Remove(tx, ref(fmt.Sprintf("a%d-%d", w, i-5)), ref(fmt.Sprintf("b%d-%d", w, i-5))))
					})
					if err != nil {
						t.Error(err)
					}
					r, err := e.Search(search.Query{Text: "par"})
					if err != nil || r.Total%2 != 0 {
						t.Errorf("%d documents of pairs, %v", r.Total, err)
					}
				}
			})
		}
		wg.Wait()
		cancel()
		<-followed
		if r := find(t, synced(t, e, d), search.Query{Text: "par"}); r.Total != writers*5*2 {
			t.Errorf("%d documents in the end, want %d", r.Total, writers*5*2)
		}
	})
}

func TestHugeAndStrangeDocumentsAreBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		many := make([]string, 5000)
		for i := range many {
			many[i] = fmt.Sprintf("valor-%d\tx\ny\x00", i)
		}
		put(t, d,
			search.Doc{Ref: ref("huge"), Title: strings.Repeat("título ", 10_000), Body: strings.Repeat("cuerpo ", 1_500_000), Keywords: many,
				Facets: map[string][]string{"f": many, "": {"x"}, "long": {strings.Repeat("é", 500)}, "a\tb": {"c"}}},
			search.Doc{Ref: ref("bytes"), Title: "agua \xff\x00 luz", Body: "\u202Eárbol\u0000 🌮"},
			search.Doc{Ref: ref("empty")},
		)
		e := synced(t, search.New(), d)
		for text, want := range map[string]string{"cuerpo": "huge", "luz": "bytes", "arbol": "bytes", "": "bytes empty huge"} {
			if got := ids(find(t, e, search.Query{Text: text, Sort: search.ByID})); got != want {
				t.Errorf("Search(%q) = %q, want %q", text, got, want)
			}
		}
		if st := e.Stats(); st.Bytes > 1<<20 {
			t.Errorf("three documents take %d bytes", st.Bytes)
		}
		r := find(t, e, search.Query{Facets: []string{"f", "long", "a b"}, MaxValues: -1})
		if len(r.Facets["f"]) != 200 || len(r.Facets["long"]) != 1 || len(r.Facets["a b"]) != 1 {
			t.Errorf("%d, %d and %d values", len(r.Facets["f"]), len(r.Facets["long"]), len(r.Facets["a b"]))
		}
	})
}
