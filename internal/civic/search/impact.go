package search

import (
	"bytes"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// How much a word says of a document, after BM25F: each field counts by its
// weight, less in a long one than in a short one, and the whole saturates. Usual
// lengths are constants rather than the collection's averages, so that a
// document's impacts never change while others come and go.
var fieldWeight = [fields]struct {
	weight, usual, slope uint32 // slope: percent of the length that counts
}{
	fieldTitle:    {weight: 12, usual: 8, slope: 50},
	fieldKeywords: {weight: 6, usual: 8, slope: 30},
	fieldOwner:    {weight: 3, usual: 8, slope: 30},
	fieldBody:     {weight: 1, usual: 50, slope: 60},
}

// saturation is the weight at which a word says half of what it could.
const saturation = 2 * unit

const unit = 1024

// share is what one occurrence in a field of this many words counts.
func share(field, length int) uint32 {
	w := fieldWeight[field]
	return w.weight * unit * 100 / (100 - w.slope + w.slope*uint32(length)/w.usual)
}

// index counts the words and makes the postings from the stream.
func (s *segment) index() {
	stems, nwords := s.posts.stems.len(), s.words.text.len()
	s.words.df = make([]uint32, nwords)
	s.posts.off = make([]uint32, stems+1)
	seenWord, seenStem := make([]uint32, nwords), make([]uint32, stems)
	var codes []uint32
	for doc := range uint32(s.len()) {
		codes = s.codes(doc, codes[:0])
		for _, c := range codes {
			if c < codeWord || seenWord[c-codeWord] == doc+1 {
				continue
			}
			seenWord[c-codeWord] = doc + 1
			s.words.df[c-codeWord]++
			if st := s.words.stem[c-codeWord]; seenStem[st] != doc+1 {
				seenStem[st] = doc + 1
				s.posts.off[st+1]++
			}
		}
	}
	for i := range stems {
		s.posts.off[i+1] += s.posts.off[i]
	}
	s.fill(codes)
}

// maxTimes is how often a word counts in one field: repeating it further says no
// more.
const maxTimes = 4

// fill writes the postings, document by document, each at its stem's next place.
func (s *segment) fill(codes []uint32) {
	stems := s.posts.stems.len()
	next := slices.Clone(s.posts.off[:stems])
	s.posts.docs = make([]uint32, s.posts.off[stems])
	s.posts.impact = make([]uint8, s.posts.off[stems])
	w := weigher{stemOf: s.words.stem, times: make([]uint8, stems), weight: make([]uint32, stems)}
	for doc := range uint32(s.len()) {
		codes = s.codes(doc, codes[:0])
		for field, from := 0, 0; field < fields && from <= len(codes); field++ {
			to := slices.Index(codes[from:], codeField)
			if to < 0 {
				to = len(codes) - from
			}
			w.field(field, codes[from:from+to])
			from += to + 1
		}
		for _, st := range w.held {
			s.posts.docs[next[st]] = doc
			s.posts.impact[next[st]] = uint8(max(1, 255*w.weight[st]/(w.weight[st]+saturation)))
			next[st]++
			w.weight[st] = 0
		}
		w.held = w.held[:0]
	}
}

// weigher adds up what the stems of one document weigh.
type weigher struct {
	stemOf  []uint32
	weight  []uint32 // by stem
	held    []uint32 // stems that have a weight
	times   []uint8  // by stem, within a field
	inField []uint32 // stems that have times
}

func (w *weigher) field(field int, codes []uint32) {
	one := share(field, len(codes))
	for _, c := range codes {
		if c < codeWord {
			continue
		}
		st := w.stemOf[c-codeWord]
		if w.times[st] == 0 {
			w.inField = append(w.inField, st)
		}
		w.times[st] = min(w.times[st]+1, maxTimes)
	}
	for _, st := range w.inField {
		if w.weight[st] == 0 {
			w.held = append(w.held, st)
		}
		w.weight[st] += one * uint32(w.times[st])
		w.times[st] = 0
	}
	w.inField = w.inField[:0]
}

// maxSortedTitle is how many bytes of a title count when titles are put in order.
const maxSortedTitle = 160

// titleOrder compares titles as a Spanish dictionary does: n, ñ, o; accents and
// capitals only decide between equals; numbers by their size.
func titleOrder() *collate.Collator { return collate.New(language.Spanish, collate.Numeric) }

// titleKey is a title's sort key.
func titleKey(c *collate.Collator, buf *collate.Buffer, title string) []byte {
	return c.KeyFromString(buf, cut(title, maxSortedTitle))
}

// rankTitles puts the titles in order; equal ones stay in order of document.
func rankTitles(titles texts) (rank, byRank []uint32) {
	n := titles.len()
	keys := make([][]byte, n)
	var wg sync.WaitGroup
	workers := max(1, min(runtime.GOMAXPROCS(0), n/2000))
	for w := range workers {
		wg.Go(func() {
			c, buf := titleOrder(), &collate.Buffer{}
			for i := n * w / workers; i < n*(w+1)/workers; i++ {
				keys[i] = slices.Clone(titleKey(c, buf, titles.at(uint32(i))))
				buf.Reset()
			}
		})
	}
	wg.Wait()
	byRank = make([]uint32, n)
	for i := range byRank {
		byRank[i] = uint32(i)
	}
	slices.SortFunc(byRank, func(x, y uint32) int {
		if c := bytes.Compare(keys[x], keys[y]); c != 0 {
			return c
		}
		return int(x) - int(y)
	})
	rank = make([]uint32, n)
	for r, doc := range byRank {
		rank[doc] = uint32(r)
	}
	return rank, byRank
}
