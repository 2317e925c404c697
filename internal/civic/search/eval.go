package search

import (
	"math"
	"slices"
	"strings"
)

// mode is how a query's words are to be met.
type mode struct {
	prefix bool // the last word may go on
	loose  bool // words joined by a hyphen need not stand together
	any    bool // one of the words is enough
}

// term is one thing that postings are looked up for.
type term struct {
	folded, stem string
	prefix       bool
	weight       uint32 // how rare it is
}

// search is a query's text resolved against a snapshot.
type search struct {
	parts []part
	mode  mode
	terms []term   // distinct, of the parts that are not excluded
	lists [][]list // of each view, for each term
}

// resolve looks the words up. Weights come from the whole snapshot.
func (s *snapshot) resolve(parts []part, m mode) *search {
	q := &search{parts: parts, mode: m}
	last := q.lastWord()
	seen := map[string]bool{}
	for _, p := range parts {
		for i := range p.words {
			w := &p.words[i]
			prefix := w == last
			if p.exclude || w.stem == "" || seen[w.stem] && !prefix {
				continue
			}
			seen[w.stem] = true
			q.terms = append(q.terms, term{folded: w.folded, stem: w.stem, prefix: prefix})
		}
	}
	df := make([]int, len(q.terms))
	q.lists = make([][]list, len(s.views))
	for i, v := range s.views {
		q.lists[i] = make([]list, len(q.terms))
		for j, t := range q.terms {
			var n int
			if t.prefix {
				q.lists[i][j], n = v.beginning(t)
			} else {
				q.lists[i][j], n = v.stemmed(t.stem)
			}
			df[j] += n
		}
	}
	for j := range q.terms {
		q.terms[j].weight = rarity(s.live, df[j])
	}
	return q
}

// lastWord is the word that the reader may still be typing, nil when there is none.
func (q *search) lastWord() *word {
	if !q.mode.prefix || len(q.parts) == 0 {
		return nil
	}
	p := q.parts[len(q.parts)-1]
	if p.quoted || p.exclude {
		return nil
	}
	return &p.words[len(p.words)-1]
}

// rarity weighs a word by how few documents hold it: 1 for one that is everywhere.
func rarity(docs, df int) uint32 {
	x := math.Log1p((float64(docs-df) + 0.5) / (float64(df) + 0.5))
	return uint32(max(1, math.Round(64*x)))
}

// stemmed is a stem's list and how many of its documents live.
func (v *view) stemmed(stem string) (list, int) {
	i, ok := v.seg.posts.find(stem)
	if !ok {
		return list{}, 0
	}
	return v.seg.posts.list(i), int(v.stemDF[i])
}

// beginning is the list of the documents with a word that begins as t does, or with
// a form of it, which says twice as much.
func (v *view) beginning(t term) (list, int) {
	s := v.seg
	from, to := s.words.prefix(t.folded)
	stems := make([]uint32, 0, to-from+1)
	for _, w := range s.words.sorted[from:to] {
		if v.wordDF[w] > 0 {
			stems = append(stems, s.words.stem[w])
		}
	}
	exact, ok := s.posts.find(t.stem)
	if ok {
		stems = append(stems, exact)
	}
	slices.Sort(stems)
	stems = slices.Compact(stems)
	best := make([]uint8, s.len())
	var docs []uint32
	for _, st := range stems {
		l := s.posts.list(st)
		for i, doc := range l.docs {
			impact := l.impact[i]
			if !ok || st != exact {
				impact = max(1, impact/2)
			}
			if best[doc] == 0 {
				docs = append(docs, doc)
			}
			best[doc] = max(best[doc], impact)
		}
	}
	if len(docs) < s.len()/8 {
		slices.Sort(docs)
	} else { // passing over all is faster than sorting many
		docs = docs[:0]
		for doc, impact := range best {
			if impact > 0 {
				docs = append(docs, uint32(doc))
			}
		}
	}
	out := list{docs: docs, impact: make([]uint8, len(docs))}
	n := 0
	for i, doc := range docs {
		out.impact[i] = best[doc]
		if !v.isDead(doc) {
			n++
		}
	}
	return out, n
}

// matches are documents in order, with their scores.
type matches struct {
	docs  []uint32
	score []uint32
}

// on finds what the query's words match in a view, the dead included. all is true
// when there are no words to match.
func (q *search) on(i int, v *view) (m matches, all bool) {
	switch {
	case len(q.terms) == 0:
		if !slices.ContainsFunc(q.parts, func(p part) bool { return p.exclude }) {
			return matches{}, true
		}
		m.docs, m.score = make([]uint32, v.seg.len()), make([]uint32, v.seg.len())
		for doc := range m.docs {
			m.docs[doc] = uint32(doc)
		}
	case q.mode.any:
		m = q.union(i, v.seg.len())
	default:
		m = q.intersection(i)
	}
	for _, p := range q.parts {
		switch {
		case p.exclude:
			m.keep(v.seg.without(p))
		case p.phrase() && !q.mode.any && (p.quoted || !q.mode.loose):
			m.keep(v.seg.phrase(p, q.lastWord()))
		}
	}
	return m, false
}

// intersection are the documents on every list.
func (q *search) intersection(view int) matches {
	order := make([]int, len(q.terms))
	for i := range order {
		order[i] = i
	}
	lists := q.lists[view]
	slices.SortFunc(order, func(a, b int) int { return len(lists[a].docs) - len(lists[b].docs) })
	first := lists[order[0]]
	m := matches{docs: slices.Clone(first.docs), score: make([]uint32, len(first.docs))}
	weight := q.terms[order[0]].weight
	for i, impact := range first.impact {
		m.score[i] = uint32(impact) * weight
	}
	for _, t := range order[1:] {
		m.intersect(lists[t], q.terms[t].weight)
	}
	return m
}

// intersect keeps what is on l as well.
func (m *matches) intersect(l list, weight uint32) {
	n, at := 0, 0
	leap := len(l.docs) > 16*len(m.docs)
	for i, doc := range m.docs {
		if leap {
			at = gallop(l.docs, at, doc)
		} else {
			for at < len(l.docs) && l.docs[at] < doc {
				at++
			}
		}
		if at == len(l.docs) {
			break
		}
		if l.docs[at] == doc {
			m.docs[n], m.score[n] = doc, m.score[i]+uint32(l.impact[at])*weight
			n++
		}
	}
	m.docs, m.score = m.docs[:n], m.score[:n]
}

// gallop is the first place from at on whose document is not before doc.
func gallop(docs []uint32, at int, doc uint32) int {
	step := 1
	for at+step < len(docs) && docs[at+step] < doc {
		at += step
		step *= 2
	}
	i, _ := slices.BinarySearch(docs[at:min(len(docs), at+step+1)], doc)
	return at + i
}

// union are the documents on any list.
func (q *search) union(view, docs int) matches {
	score := make([]uint32, docs)
	n := 0
	for t, l := range q.lists[view] {
		for i, doc := range l.docs {
			if score[doc] == 0 {
				n++
			}
			score[doc] += uint32(l.impact[i]) * q.terms[t].weight
		}
	}
	m := matches{docs: make([]uint32, 0, n), score: make([]uint32, 0, n)}
	for doc, sc := range score {
		if sc > 0 {
			m.docs, m.score = append(m.docs, uint32(doc)), append(m.score, sc)
		}
	}
	return m
}

func (m *matches) keep(holds func(doc uint32) bool) {
	n := 0
	for i, doc := range m.docs {
		if holds(doc) {
			m.docs[n], m.score[n] = doc, m.score[i]
			n++
		}
	}
	m.docs, m.score = m.docs[:n], m.score[:n]
}

// without holds for documents that do not have a part.
func (s *segment) without(p part) func(uint32) bool {
	var lists [][]uint32
	for _, w := range p.words {
		if w.stem == "" {
			continue
		}
		st, ok := s.posts.find(w.stem)
		if !ok {
			return func(uint32) bool { return true }
		}
		lists = append(lists, s.posts.list(st).docs)
	}
	together := s.phrase(p, nil)
	return func(doc uint32) bool {
		for _, l := range lists {
			if _, ok := slices.BinarySearch(l, doc); !ok {
				return true
			}
		}
		return len(lists) > 1 && !together(doc)
	}
}

// phrase holds for documents in which a part's words follow one another, in one
// field. Where the part has a stop word, any stop word may stand. last is the word
// that may go on, or nil.
func (s *segment) phrase(p part, last *word) func(uint32) bool {
	pattern := make([]func(code uint32) bool, len(p.words))
	for i := range p.words {
		w := &p.words[i]
		stem, ok := s.posts.find(w.stem)
		switch {
		case w.stem == "":
			pattern[i] = func(code uint32) bool { return code == codeStop }
		case w == last:
			pattern[i] = func(code uint32) bool {
				return code >= codeWord && (ok && s.words.stem[code-codeWord] == stem ||
					strings.HasPrefix(s.words.text.at(code-codeWord), w.folded))
			}
		case !ok:
			return nothing
		default:
			pattern[i] = func(code uint32) bool { return code >= codeWord && s.words.stem[code-codeWord] == stem }
		}
	}
	var codes []uint32
	return func(doc uint32) bool {
		codes = s.codes(doc, codes[:0])
		for at := 0; at+len(pattern) <= len(codes); at++ {
			n := 0
			for n < len(pattern) && pattern[n](codes[at+n]) {
				n++
			}
			if n == len(pattern) {
				return true
			}
		}
		return false
	}
}
