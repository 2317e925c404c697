package search

import (
	"cmp"
	"slices"
	"strings"

	"plaza/internal/plaza"
)

// Result is what a search found.
type Result struct {
	Total  int // exact
	Hits   []Hit
	Facets map[string][]Count // each by count, then value; chosen values always
	Next   string             // the Cursor of the following page, "" at the end
	// Match tells what the words matched, to mark it in texts.
	Match Match
	// DidYouMean is a correction that would find more, nil when there is none.
	DidYouMean *Correction
	Version    int64 // the state of the index that answered
}

// Hit is one document found.
type Hit struct {
	Ref   plaza.Ref
	Title string
	Score int // by the words; comparable within one result only
}

// Count is how many documents have a facet's value.
type Count struct {
	Value  string
	Docs   int
	Chosen bool // by the query's filters
}

// Correction is a query spelt otherwise.
type Correction struct {
	Text  string
	Total int // what it would find
}

// candidate is a document that may be among the hits; smaller comes first, by a,
// then b, then id.
type candidate struct {
	a, b  uint64
	doc   uint32
	score uint32
	view  *view
	key   []byte // of the title, while titles of several segments are compared
}

// ordered maps signed to unsigned keeping order.
func ordered(ms int64) uint64 { return uint64(ms) ^ 1<<63 }

// placed is the function that says where a document stands in an order.
func (o Sort) placed(s *segment) func(doc, score uint32) (a, b uint64) {
	switch o {
	case ModifiedNewest:
		return func(doc, _ uint32) (uint64, uint64) { return ^ordered(s.modified[doc]), 0 }
	case ModifiedOldest:
		return func(doc, _ uint32) (uint64, uint64) { return ordered(s.modified[doc]), 0 }
	case CreatedNewest:
		return func(doc, _ uint32) (uint64, uint64) { return ^ordered(s.created[doc]), 0 }
	case CreatedOldest:
		return func(doc, _ uint32) (uint64, uint64) { return ordered(s.created[doc]), 0 }
	case ChangedNewest:
		return func(doc, _ uint32) (uint64, uint64) { return ^ordered(s.changed[doc]), 0 }
	case ChangedOldest:
		return func(doc, _ uint32) (uint64, uint64) { return ordered(s.changed[doc]), 0 }
	case TitleAZ:
		return func(doc, _ uint32) (uint64, uint64) { return uint64(s.rank[doc]), 0 }
	case TitleZA: // the reverse of TitleAZ to the last, ids included
		return func(doc, _ uint32) (uint64, uint64) { return ^uint64(s.rank[doc]), 0 }
	case ByID:
		return func(uint32, uint32) (uint64, uint64) { return 0, 0 }
	}
	return func(doc, score uint32) (uint64, uint64) { return ^uint64(score), ^ordered(s.modified[doc]) }
}

// compare orders candidates of one segment.
func compare(x, y candidate) int {
	return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), cmp.Compare(x.doc, y.doc))
}

// best keeps the first k of the candidates offered.
type best struct {
	k     int
	list  []candidate
	worst candidate // of the first k, once there are as many
	full  bool
}

func (b *best) offer(c candidate) {
	if b.k == 0 || b.full && compare(c, b.worst) > 0 {
		return
	}
	b.list = append(b.list, c)
	if len(b.list) >= 2*b.k+512 {
		b.trim()
	}
}

func (b *best) trim() {
	slices.SortFunc(b.list, compare)
	if len(b.list) >= b.k {
		b.list = b.list[:b.k]
		if b.k > 0 {
			b.worst, b.full = b.list[b.k-1], true
		}
	}
}

// merged puts the candidates of several segments into one order.
func (o Sort) merged(lists [][]candidate) []candidate {
	if len(lists) == 1 {
		return lists[0]
	}
	all := slices.Concat(lists...)
	if o.byTitle() {
		o.mergeTitles(all)
	} else {
		slices.SortFunc(all, compareIDs)
	}
	return all
}

func compareIDs(x, y candidate) int {
	return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), names(x, y))
}

func names(x, y candidate) int {
	s, t := x.view.seg, y.view.seg
	return cmp.Or(strings.Compare(s.ids.at(x.doc), t.ids.at(y.doc)), strings.Compare(s.kind(x.doc), t.kind(y.doc)))
}

// tally collects the counts of one facet over all segments.
type tally map[string]int

// counts lists what was counted, the chosen values first to be kept.
func (t tally) counts(chosen []string, limit int) []Count {
	for _, v := range chosen {
		t[v] += 0
	}
	out := make([]Count, 0, len(t))
	for v, n := range t {
		picked := slices.Contains(chosen, v)
		if n > 0 || picked {
			out = append(out, Count{Value: v, Docs: n, Chosen: picked})
		}
	}
	slices.SortFunc(out, func(x, y Count) int {
		return cmp.Or(cmp.Compare(y.Docs, x.Docs), strings.Compare(x.Value, y.Value))
	})
	if limit < 0 || len(out) <= limit {
		return out
	}
	kept := out[:limit]
	for _, c := range out[limit:] {
		if c.Chosen {
			kept = append(kept, c)
		}
	}
	return kept
}
