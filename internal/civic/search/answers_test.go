package search_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/text"
	"plaza/internal/civic/search"
	"plaza/internal/civic/search/searchtest"
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

func TestTheFirstHitsAreTheBest(t *testing.T) {
	e := search.Over(searchtest.Corpus(9, 5000))
	for _, sort := range []search.Sort{search.Relevance, search.ModifiedNewest, search.CreatedOldest, search.TitleAZ, search.TitleZA, search.ByID} {
		all := find(t, e, search.Query{Text: searchtest.Common, Sort: sort, Limit: 1000})
		some := find(t, e, search.Query{Text: searchtest.Common, Sort: sort, Limit: 10, Offset: 5})
		if got, want := ids(some), ids(search.Result{Hits: all.Hits[5:15]}); got != want || all.Total < 1500 {
			t.Errorf("by %q: %s, want %s", sort, got, want)
		}
	}
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
