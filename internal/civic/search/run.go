package search

import (
	"slices"

	"plaza/internal/plaza"
)

// maxOffset bounds how far one may page by number; a cursor goes on from there.
const maxOffset = 1_000_000

// few is how many hits are so few that a correction is looked for.
const few = 3

// sorts are the orders that may be asked for.
var sorts = []Sort{Relevance, ModifiedNewest, ModifiedOldest, CreatedNewest, CreatedOldest, ChangedNewest, ChangedOldest, TitleAZ, TitleZA, ByID}

// Search answers a query from the present state of the index. The only errors are
// Invalid, for a cursor that is none or an unknown order.
func (e *Engine) Search(q Query) (Result, error) {
	if !slices.Contains(sorts, q.Sort) {
		return Result{}, plaza.E(plaza.Invalid, "search.error.sort")
	}
	at, err := q.Sort.parseCursor(q.Cursor)
	if err != nil {
		return Result{}, err
	}
	s := e.now.Load()
	parts := parse(q.Text)
	r, m := s.answer(&q, parts, at)
	r.Match = matchOf(parts, m)
	r.Version = s.version
	if q.Correct && r.Total < few && at == nil {
		r.DidYouMean = s.correct(&q, parts, r.Total)
	}
	return r, nil
}

// answer runs a query as it was meant, and when nothing is found with the last
// word as a beginning and hyphens as spaces. It tells which way was taken.
func (s *snapshot) answer(q *Query, parts []part, at *cursor) (Result, mode) {
	m := mode{prefix: q.AsYouType, any: q.Any}
	r := s.run(q, s.resolve(parts, m), at)
	if r.Total > 0 || len(parts) == 0 {
		return r, m
	}
	wider := mode{prefix: true, loose: true, any: q.Any}
	if r := s.run(q, s.resolve(parts, wider), at); r.Total > 0 {
		return r, wider
	}
	return r, m
}

// run evaluates resolved words, filters, counts and order over all segments.
func (s *snapshot) run(q *Query, words *search, at *cursor) Result {
	limit := min(max(q.Limit, 0), MaxLimit)
	offset := min(max(q.Offset, 0), maxOffset)
	if at != nil {
		offset = 0
	}
	r := Result{Facets: map[string][]Count{}}
	tallies := make([]tally, len(q.Facets))
	for i := range tallies {
		tallies[i] = tally{}
	}
	var lists [][]candidate
	for i, v := range s.views {
		p := newPass(q, v, tallies)
		p.order = q.Sort.placed(v.seg)
		if at != nil {
			p.after = at.after(v.seg)
		}
		if limit > 0 {
			p.best.k = min(offset+limit+1, v.live)
		}
		m, all := words.on(i, v)
		p.all(m, all)
		p.finish()
		r.Total += p.total
		lists = append(lists, p.best.list)
	}
	for i, name := range q.Facets {
		most := q.MaxValues
		if most == 0 {
			most = 100
		}
		r.Facets[name] = tallies[i].counts(q.Filters[name], most)
	}
	if len(lists) > 0 {
		r.take(q.Sort, q.Sort.merged(lists), offset, limit)
	}
	return r
}

// take fills the hits of one page.
func (r *Result) take(o Sort, found []candidate, offset, limit int) {
	if offset >= len(found) || limit == 0 {
		return
	}
	found = found[offset:]
	if len(found) > limit {
		r.Next = o.cursorAt(found[limit-1])
		found = found[:limit]
	}
	r.Hits = make([]Hit, len(found))
	for i, c := range found {
		s := c.view.seg
		r.Hits[i] = Hit{
			Ref:   plaza.Ref{Kind: s.kind(c.doc), ID: s.ids.at(c.doc)},
			Title: s.titles.at(c.doc), Score: int(c.score),
		}
	}
}

// pass goes once over what the words matched in one segment: it filters, counts
// facets and keeps the best.
type pass struct {
	view    *view
	where   func(uint32) bool
	filters []filter
	counted []counted
	order   func(doc, score uint32) (a, b uint64)
	after   func(candidate) bool // the cursor's, nil without one
	best    best
	total   int
}

// filter is a facet's chosen values; holds tells whether a document has one.
type filter struct {
	holds   func(uint32) bool
	counted int // which of the counted facets it is, -1 for none
}

// counted is a facet being counted.
type counted struct {
	column *column
	codes  func(doc uint32) []uint32
	docs   []uint32 // by code
	value  func(code uint32) string
	into   tally
}

func newPass(q *Query, v *view, tallies []tally) *pass {
	p := &pass{view: v}
	if q.Where != nil {
		p.where = q.Where.on(v.seg)
	}
	for i, name := range q.Facets {
		p.counted = append(p.counted, count(q, v.seg, name, tallies[i]))
	}
	for name, values := range q.Filters {
		if len(values) == 0 {
			continue
		}
		p.filters = append(p.filters, filter{
			holds: q.condition(name, values).on(v.seg), counted: slices.Index(q.Facets, name),
		})
	}
	return p
}

// condition is what a filter asks of a document.
func (q *Query) condition(facet string, values []string) Expr {
	for _, a := range q.Ages {
		if a.Facet != facet {
			continue
		}
		var one orExpr
		for i, age := range a.Values {
			if slices.Contains(values, age.Value) {
				one = append(one, ageExpr{a, uint32(i)})
			}
		}
		return one
	}
	return In(facet, values...)
}

// ageExpr holds for documents whose value of a facet by dates is this one.
type ageExpr struct {
	ages  Ages
	value uint32
}

func (e ageExpr) on(s *segment) func(uint32) bool {
	codes := e.ages.codes(s)
	return func(doc uint32) bool { c := codes(doc); return len(c) > 0 && c[0] == e.value }
}

// codes is the code of a document's first value that holds.
func (a Ages) codes(s *segment) func(doc uint32) []uint32 {
	at := s.dates(a.Date)
	in := make([]func(int64) bool, len(a.Values))
	one := make([]uint32, len(a.Values))
	for i, v := range a.Values {
		in[i], one[i] = between(v.From, v.To), uint32(i)
	}
	return func(doc uint32) []uint32 {
		for i, holds := range in {
			if holds(at[doc]) {
				return one[i : i+1]
			}
		}
		return nil
	}
}

func count(q *Query, s *segment, name string, into tally) counted {
	for _, a := range q.Ages {
		if a.Facet == name {
			return counted{
				codes: a.codes(s), docs: make([]uint32, len(a.Values)), into: into,
				value: func(code uint32) string { return a.Values[code].Value },
			}
		}
	}
	c := s.facets[name]
	if c == nil {
		return counted{codes: func(uint32) []uint32 { return nil }, into: into}
	}
	return counted{column: c, docs: make([]uint32, c.values.len()), value: c.values.at, into: into}
}

func (c *counted) add(doc uint32) {
	if c.column != nil {
		for _, code := range c.column.of(doc) {
			c.docs[code]++
		}
		return
	}
	for _, code := range c.codes(doc) {
		c.docs[code]++
	}
}

// all takes in the documents matched, or every one.
func (p *pass) all(m matches, every bool) {
	if every {
		for doc := range uint32(p.view.seg.len()) {
			p.one(doc, 0)
		}
		return
	}
	for i, doc := range m.docs {
		p.one(doc, m.score[i])
	}
}

func (p *pass) one(doc, score uint32) {
	if p.view.isDead(doc) || p.where != nil && !p.where(doc) {
		return
	}
	failed := -1
	for i := range p.filters {
		if p.filters[i].holds(doc) {
			continue
		}
		if failed >= 0 {
			return // two filters keep it from every count
		}
		failed = i
	}
	if failed >= 0 {
		// without this one filter it would be a hit: it counts for that facet
		if c := p.filters[failed].counted; c >= 0 {
			p.counted[c].add(doc)
		}
		return
	}
	p.total++
	for i := range p.counted {
		p.counted[i].add(doc)
	}
	c := candidate{doc: doc, score: score, view: p.view}
	c.a, c.b = p.order(doc, score)
	if p.after == nil || p.after(c) {
		p.best.offer(c)
	}
}

// finish hands the counts over and puts the best in order.
func (p *pass) finish() {
	for i := range p.counted {
		c := &p.counted[i]
		for code, n := range c.docs {
			if n > 0 {
				c.into[c.value(uint32(code))] += int(n)
			}
		}
	}
	p.best.trim()
}

// Suggest is what a reader may mean while typing: the documents that answer best,
// for their titles.
func (e *Engine) Suggest(text string, limit int, filters map[string][]string) []Hit {
	r, err := e.Search(Query{Text: text, AsYouType: true, Filters: filters, Limit: limit})
	if err != nil || len(r.Match.stems) == 0 {
		return nil // nothing typed yet; no error is possible without a cursor
	}
	return r.Hits
}
