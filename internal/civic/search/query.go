package search

import (
	"time"
)

// Query is what to look for. The zero Query is everything, newest first.
type Query struct {
	// Text is what a reader typed; see the package comment. Whatever it holds, it
	// is a query: at worst one that nothing answers.
	Text string
	// AsYouType treats the last word as the beginning of one. Without it, that is
	// tried only when nothing is found.
	AsYouType bool
	// Any asks for any of the words rather than all.
	Any bool
	// Correct asks for a correction of the spelling when little is found.
	Correct bool

	// Filters keep documents that have, of each facet named, one of the values.
	Filters map[string][]string
	// Where keeps documents by a further condition; facets are counted within it.
	Where Expr
	// Ages are facets over dates; Filters and Facets may name them.
	Ages []Ages

	// Facets are to be counted, each as if it had no filter of its own.
	Facets []string
	// MaxValues bounds the values of each facet; zero is 100, negative all.
	MaxValues int

	Sort Sort
	// Offset skips hits; Limit is how many to return, at most MaxLimit.
	Offset, Limit int
	// Cursor goes on where a Result's Next says; Offset does not count then.
	Cursor string
}

// MaxLimit is the most hits that one search returns.
const MaxLimit = 1000

// Sort is an order of hits; ties are in order of id.
type Sort string

// The orders. Relevance means newest first where there are no words.
const (
	Relevance      Sort = ""
	ModifiedNewest Sort = "modified-desc"
	ModifiedOldest Sort = "modified-asc"
	CreatedNewest  Sort = "created-desc"
	CreatedOldest  Sort = "created-asc"
	ChangedNewest  Sort = "changed-desc"
	ChangedOldest  Sort = "changed-asc"
	TitleAZ        Sort = "title-asc"
	TitleZA        Sort = "title-desc"
	ByID           Sort = "id-asc"
)

// Date is one of a document's dates.
type Date uint8

// The dates.
const (
	Modified Date = iota
	Created
	Changed
)

// Ages makes a facet of a date: each document has the first value whose time holds.
type Ages struct {
	Facet  string
	Date   Date
	Values []Age
}

// Age is a stretch of time with a name: From inclusive, To exclusive, zero for open.
type Age struct {
	Value    string
	From, To time.Time
}

// Expr is a condition on documents, made by In, Among, During, And, Or and Not.
type Expr interface {
	// on returns the condition as a test of a segment's documents.
	on(s *segment) func(doc uint32) bool
}

// In holds for documents with one of the facet's values; without values, with any.
func In(facet string, values ...string) Expr { return inExpr{facet, values} }

// Among holds for documents with one of the ids.
func Among(ids ...string) Expr { return amongExpr(ids) }

// During holds for documents dated from an instant (inclusive) to another
// (exclusive); a zero instant is open. A document without the date is in no time.
func During(date Date, from, to time.Time) Expr { return duringExpr{date, from, to} }

// And holds where all do, Or where one does, Not where it does not.
func And(all ...Expr) Expr { return andExpr(all) }

// Or holds where one of the conditions does.
func Or(one ...Expr) Expr { return orExpr(one) }

// Not holds where the condition does not.
func Not(e Expr) Expr { return notExpr{e} }

type (
	inExpr struct {
		facet  string
		values []string
	}
	duringExpr struct {
		date     Date
		from, to time.Time
	}
	amongExpr []string
	andExpr   []Expr
	orExpr    []Expr
	notExpr   struct{ Expr }
)

func nothing(uint32) bool { return false }

func (e inExpr) on(s *segment) func(uint32) bool {
	c := s.facets[e.facet]
	if c == nil {
		return nothing
	}
	if len(e.values) == 0 {
		return func(doc uint32) bool { return c.off[doc] < c.off[doc+1] }
	}
	chosen := c.chosen(e.values)
	return func(doc uint32) bool {
		for _, code := range c.of(doc) {
			if chosen[code] {
				return true
			}
		}
		return false
	}
}

// chosen tells of each code whether it is one of the values'.
func (c *column) chosen(values []string) []bool {
	out := make([]bool, c.values.len())
	for _, v := range values {
		if code, ok := c.find(v); ok {
			out[code] = true
		}
	}
	return out
}

func (e amongExpr) on(s *segment) func(uint32) bool {
	among := make(map[uint32]bool, len(e))
	for _, id := range e {
		for doc := s.first(id, ""); int(doc) < s.len() && s.ids.at(doc) == id; doc++ {
			among[doc] = true
		}
	}
	return func(doc uint32) bool { return among[doc] }
}

func (e duringExpr) on(s *segment) func(uint32) bool {
	at, in := s.dates(e.date), between(e.from, e.to)
	return func(doc uint32) bool { return in(at[doc]) }
}

func (s *segment) dates(d Date) []int64 {
	switch d {
	case Created:
		return s.created
	case Changed:
		return s.changed
	}
	return s.modified
}

func between(from, to time.Time) func(ms int64) bool {
	low, high := millis(from), millis(to)
	if high == never {
		high = 1 << 62
	}
	return func(ms int64) bool { return ms != never && low <= ms && ms < high }
}

func (e andExpr) on(s *segment) func(uint32) bool {
	tests := each(e, s)
	return func(doc uint32) bool {
		for _, holds := range tests {
			if !holds(doc) {
				return false
			}
		}
		return true
	}
}

func (e orExpr) on(s *segment) func(uint32) bool {
	tests := each(e, s)
	return func(doc uint32) bool {
		for _, holds := range tests {
			if holds(doc) {
				return true
			}
		}
		return false
	}
}

func (e notExpr) on(s *segment) func(uint32) bool {
	holds := e.Expr.on(s)
	return func(doc uint32) bool { return !holds(doc) }
}

func each(list []Expr, s *segment) []func(uint32) bool {
	out := make([]func(uint32) bool, len(list))
	for i, e := range list {
		out[i] = e.on(s)
	}
	return out
}
