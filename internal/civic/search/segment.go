package search

import (
	"encoding/binary"
	"sort"
	"strings"
)

// texts is a list of strings in one piece of memory.
type texts struct {
	data string
	off  []uint32 // one more than there are strings
}

func (t texts) at(i uint32) string { return t.data[t.off[i]:t.off[i+1]] }
func (t texts) len() int           { return len(t.off) - 1 }
func (t texts) bytes() int         { return len(t.data) + 4*len(t.off) }

// textsBuilder collects texts.
type textsBuilder struct {
	data strings.Builder
	off  []uint32
}

func (b *textsBuilder) add(s string) {
	if b.off == nil {
		b.off = append(b.off, 0)
	}
	b.data.WriteString(s)
	b.off = append(b.off, uint32(b.data.Len()))
}

func (b *textsBuilder) done() texts {
	if b.off == nil {
		b.off = []uint32{0}
	}
	return texts{data: b.data.String(), off: b.off}
}

// A segment is an immutable index of some documents. A document is its ordinal,
// and ordinals are in order of id, so that comparing them settles every tie.
type segment struct {
	ids      texts
	titles   texts
	created  []int64
	modified []int64
	changed  []int64
	// rank is a document's place by title, byRank the document at a place
	rank, byRank []uint32

	words words
	posts postings

	// stream is the text of each document as codes of words, for phrases and for
	// building the next segment
	stream    []byte
	streamOff []uint32

	facets map[string]*column
}

// Codes in a stream; words follow.
const (
	codeStop  = 0 // a stop word, which is not indexed but keeps its place in a phrase
	codeField = 1 // the next field begins
	codeWord  = 2
)

// words is a segment's dictionary of folded words, numbered in no order.
type words struct {
	text   texts
	sorted []uint32 // words in order of text
	stem   []uint32 // stem of a word
	df     []uint32 // documents that hold it
	mask   []uint32 // which letters it has, see letters
	shown  texts    // how it is mostly written, "" when that is its folded form
}

// prefix is the range in sorted of the words that begin with p.
func (w *words) prefix(p string) (from, to int) {
	from = sort.Search(len(w.sorted), func(i int) bool { return w.text.at(w.sorted[i]) >= p })
	n := sort.Search(len(w.sorted)-from, func(i int) bool { return !strings.HasPrefix(w.text.at(w.sorted[from+i]), p) })
	return from, from + n
}

// display is the word as it is mostly written, with accents.
func (w *words) display(word uint32) string {
	if s := w.shown.at(word); s != "" {
		return s
	}
	return w.text.at(word)
}

// postings lists, for each stem, the documents that hold it and how much it says
// of each (1 to 255). Stems are numbered in order of text.
type postings struct {
	stems  texts
	off    []uint32
	docs   []uint32
	impact []uint8
}

// list is one stem's documents in order, with their impacts.
type list struct {
	docs   []uint32
	impact []uint8
}

func (p *postings) list(stem uint32) list {
	from, to := p.off[stem], p.off[stem+1]
	return list{docs: p.docs[from:to], impact: p.impact[from:to]}
}

func (p *postings) find(stem string) (uint32, bool) {
	i := uint32(sort.Search(p.stems.len(), func(i int) bool { return p.stems.at(uint32(i)) >= stem }))
	return i, int(i) < p.stems.len() && p.stems.at(i) == stem
}

// column is one facet: for each document the codes of its values. Codes are in
// order of the values' text.
type column struct {
	values texts
	off    []uint32
	codes  []uint32
}

func (c *column) of(doc uint32) []uint32 { return c.codes[c.off[doc]:c.off[doc+1]] }

func (c *column) find(value string) (uint32, bool) {
	i := uint32(sort.Search(c.values.len(), func(i int) bool { return c.values.at(uint32(i)) >= value }))
	return i, int(i) < c.values.len() && c.values.at(i) == value
}

func (s *segment) len() int { return len(s.created) }

func (s *segment) kind(doc uint32) string {
	c := s.facets[KindFacet]
	return c.values.at(c.of(doc)[0])
}

// first is the first document whose id and kind are not before these.
func (s *segment) first(id, kind string) uint32 {
	return uint32(sort.Search(s.len(), func(i int) bool {
		have := s.ids.at(uint32(i))
		return have > id || have == id && s.kind(uint32(i)) >= kind
	}))
}

// find is the document with this id and kind.
func (s *segment) find(id, kind string) (uint32, bool) {
	i := s.first(id, kind)
	return i, int(i) < s.len() && s.ids.at(i) == id && s.kind(i) == kind
}

// codes appends the codes of a document's text to buf.
func (s *segment) codes(doc uint32, buf []uint32) []uint32 {
	b := s.stream[s.streamOff[doc]:s.streamOff[doc+1]]
	for len(b) > 0 {
		if c := b[0]; c < 0x80 {
			buf = append(buf, uint32(c))
			b = b[1:]
			continue
		}
		c, n := binary.Uvarint(b)
		buf = append(buf, uint32(c))
		b = b[n:]
	}
	return buf
}

// bytes is about how much memory the segment takes.
func (s *segment) bytes() int {
	n := s.ids.bytes() + s.titles.bytes() + 24*len(s.created) + 8*len(s.rank) +
		s.words.text.bytes() + s.words.shown.bytes() + 16*len(s.words.sorted) +
		s.posts.stems.bytes() + 4*len(s.posts.off) + 5*len(s.posts.docs) +
		len(s.stream) + 4*len(s.streamOff)
	for _, c := range s.facets {
		n += c.values.bytes() + 4*len(c.off) + 4*len(c.codes)
	}
	return n
}

// letters is the set of letters of a folded word: bit 0 to 25 for a to z, 26 for
// anything else. One edit changes it by two bits at most.
func letters(word string) uint32 {
	var m uint32
	for i := range len(word) {
		if c := word[i]; 'a' <= c && c <= 'z' {
			m |= 1 << (c - 'a')
		} else {
			m |= 1 << 26
		}
	}
	return m
}
