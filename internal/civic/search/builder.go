package search

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"plaza/internal/base/text"
)

// builder makes a segment of rows, and of what is alive in other segments.
type builder struct {
	docs    []draft
	ids     textsBuilder
	titles  textsBuilder
	stream  []byte
	columns map[string]*draftColumn
	names   []*draftColumn

	words    map[string]uint32 // folded to its number
	folded   []string
	spelled  map[string]uint32 // as written to its place in spelling
	spelling []spelling
}

// spelling is one way to write a word; a stop word has code codeStop.
type spelling struct {
	text  string
	code  uint32
	count uint32
}

// draft is a document on its way into a segment.
type draft struct {
	at                uint32 // ordinal in ids and titles
	version           int64
	kind              string
	when              when
	stream, streamEnd uint32
	facets            [][2]uint32 // column and provisional code
}

type draftColumn struct {
	name   string
	number uint32
	codes  map[string]uint32
	values []string
}

func newBuilder() *builder {
	return &builder{columns: map[string]*draftColumn{}, words: map[string]uint32{}, spelled: map[string]uint32{}}
}

// add takes in a stored row.
func (b *builder) add(r row) {
	d := b.draft(r.id, r.kind, r.title, r.when)
	d.version = r.version
	for i, line := range strings.SplitN(r.words, "\n", fields) {
		if i > 0 {
			b.stream = append(b.stream, codeField)
		}
		for line != "" {
			var w string
			w, line, _ = strings.Cut(line, " ")
			if w != "" {
				b.stream = binary.AppendUvarint(b.stream, uint64(b.code(w, 1)))
			}
		}
	}
	d.streamEnd = uint32(len(b.stream))
	for line := range strings.SplitSeq(r.facets, "\n") {
		name, values, _ := strings.Cut(line, "\t")
		if name == "" {
			continue
		}
		for v := range strings.SplitSeq(values, "\t") {
			b.facet(&d, name, v)
		}
	}
	b.docs = append(b.docs, d)
}

func (b *builder) draft(id, kind, title string, at when) draft {
	d := draft{at: uint32(len(b.docs)), kind: kind, when: at, stream: uint32(len(b.stream))}
	b.ids.add(id)
	b.titles.add(title)
	b.facet(&d, KindFacet, kind)
	return d
}

// code is the code of a word as it was written, seen count times.
func (b *builder) code(written string, count uint32) uint32 {
	if i, ok := b.spelled[written]; ok {
		b.spelling[i].count += count
		return b.spelling[i].code
	}
	s := spelling{text: strings.Clone(written), code: codeStop, count: count}
	folded := text.Fold(written)
	if !text.StopWord(folded) {
		n, ok := b.words[folded]
		if !ok {
			n = uint32(len(b.folded))
			if folded == written {
				folded = s.text
			}
			b.words[folded] = n
			b.folded = append(b.folded, folded)
		}
		s.code = n + codeWord
	}
	b.spelled[s.text] = uint32(len(b.spelling))
	b.spelling = append(b.spelling, s)
	return s.code
}

func (b *builder) facet(d *draft, name, value string) {
	c := b.columns[name]
	if c == nil {
		c = &draftColumn{name: strings.Clone(name), number: uint32(len(b.names)), codes: map[string]uint32{}}
		b.columns[c.name] = c
		b.names = append(b.names, c)
	}
	code, ok := c.codes[value]
	if !ok {
		code = uint32(len(c.values))
		v := strings.Clone(value)
		c.codes[v] = code
		c.values = append(c.values, v)
	}
	d.facets = append(d.facets, [2]uint32{c.number, code})
}

// addLive takes in what is alive in a segment.
func (b *builder) addLive(v *view) {
	s := v.seg
	recode := make([]uint32, s.words.text.len()) // zero: not met yet
	var codes []uint32
	for doc := range uint32(s.len()) {
		if v.isDead(doc) {
			continue
		}
		d := b.draft(s.ids.at(doc), s.kind(doc), s.titles.at(doc), when{s.created[doc], s.modified[doc], s.changed[doc]})
		codes = s.codes(doc, codes[:0])
		for _, c := range codes {
			if c >= codeWord {
				w := c - codeWord
				if recode[w] == 0 {
					recode[w] = b.code(s.words.display(w), s.words.df[w])
				}
				c = recode[w]
			}
			b.stream = binary.AppendUvarint(b.stream, uint64(c))
		}
		d.streamEnd = uint32(len(b.stream))
		for name, col := range s.facets {
			if name == KindFacet {
				continue
			}
			for _, code := range col.of(doc) {
				b.facet(&d, name, col.values.at(code))
			}
		}
		b.docs = append(b.docs, d)
	}
}

// build makes the segment. Of several rows of one thing the newest stays.
func (b *builder) build() *segment {
	ids, titles := b.ids.done(), b.titles.done()
	byID := func(x, y draft) int {
		if c := strings.Compare(ids.at(x.at), ids.at(y.at)); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(x.kind, y.kind), cmp.Compare(y.version, x.version))
	}
	if !slices.IsSortedFunc(b.docs, byID) {
		slices.SortFunc(b.docs, byID)
	}
	b.docs = slices.CompactFunc(b.docs, func(x, y draft) bool {
		return x.kind == y.kind && ids.at(x.at) == ids.at(y.at)
	})
	s := &segment{}
	s.ids, s.titles = b.reorder(ids), b.reorder(titles)
	s.created, s.modified, s.changed = make([]int64, len(b.docs)), make([]int64, len(b.docs)), make([]int64, len(b.docs))
	for i, d := range b.docs {
		s.created[i], s.modified[i], s.changed[i] = d.when.created, d.when.modified, d.when.changed
	}
	ranked := make(chan struct{})
	go func() { // by far the slowest part, and apart from the rest
		s.rank, s.byRank = rankTitles(s.titles)
		close(ranked)
	}()
	b.copyStream(s)
	b.copyFacets(s)
	b.copyWords(s)
	s.index()
	<-ranked
	return s
}

// reorder lists texts in the order of the documents.
func (b *builder) reorder(from texts) texts {
	var out textsBuilder
	out.data.Grow(len(from.data))
	out.off = make([]uint32, 1, len(b.docs)+1)
	for _, d := range b.docs {
		out.add(from.at(d.at))
	}
	return out.done()
}

func (b *builder) copyStream(s *segment) {
	size := 0
	for _, d := range b.docs {
		size += int(d.streamEnd - d.stream)
	}
	s.stream = make([]byte, 0, size)
	s.streamOff = make([]uint32, 1, len(b.docs)+1)
	for _, d := range b.docs {
		s.stream = append(s.stream, b.stream[d.stream:d.streamEnd]...)
		s.streamOff = append(s.streamOff, uint32(len(s.stream)))
	}
	b.stream = nil
}

// copyFacets makes the columns, renumbering the values in order of text.
func (b *builder) copyFacets(s *segment) {
	s.facets = make(map[string]*column, len(b.names))
	final := make([][]uint32, len(b.names))
	columns := make([]*column, len(b.names))
	for n, dc := range b.names {
		order := make([]uint32, len(dc.values))
		for i := range order {
			order[i] = uint32(i)
		}
		slices.SortFunc(order, func(x, y uint32) int { return strings.Compare(dc.values[x], dc.values[y]) })
		final[n] = make([]uint32, len(order))
		var values textsBuilder
		for code, old := range order {
			final[n][old] = uint32(code)
			values.add(dc.values[old])
		}
		columns[n] = &column{values: values.done(), off: make([]uint32, 1, len(b.docs)+1)}
		s.facets[dc.name] = columns[n]
	}
	for _, d := range b.docs {
		for _, f := range d.facets {
			columns[f[0]].codes = append(columns[f[0]].codes, final[f[0]][f[1]])
		}
		for _, c := range columns {
			c.off = append(c.off, uint32(len(c.codes)))
		}
	}
	for _, c := range columns {
		c.codes = slices.Clip(c.codes)
	}
}

// copyWords makes the dictionary; its counts follow in index.
func (b *builder) copyWords(s *segment) {
	n := len(b.folded)
	w := &s.words
	var all, shown textsBuilder
	best := make([]*spelling, n)
	for i := range b.spelling {
		sp := &b.spelling[i]
		if sp.code < codeWord {
			continue
		}
		have := &best[sp.code-codeWord]
		if *have == nil || sp.count > (*have).count || sp.count == (*have).count && sp.text < (*have).text {
			*have = sp
		}
	}
	stems := map[string]uint32{}
	stemOf := make([]string, n)
	w.mask = make([]uint32, n)
	w.sorted = make([]uint32, n)
	for i, f := range b.folded {
		all.add(f)
		if best[i] != nil && best[i].text != f {
			shown.add(best[i].text)
		} else {
			shown.add("")
		}
		w.sorted[i], w.mask[i] = uint32(i), letters(f)
		stemOf[i] = text.Stem(f)
		stems[stemOf[i]] = 0
	}
	w.text, w.shown = all.done(), shown.done()
	slices.SortFunc(w.sorted, func(x, y uint32) int { return strings.Compare(b.folded[x], b.folded[y]) })
	sorted := make([]string, 0, len(stems))
	for st := range stems {
		sorted = append(sorted, st)
	}
	slices.Sort(sorted)
	var list textsBuilder
	for i, st := range sorted {
		stems[st] = uint32(i)
		list.add(st)
	}
	s.posts.stems = list.done()
	w.stem = make([]uint32, n)
	for i, st := range stemOf {
		w.stem[i] = stems[st]
	}
}
