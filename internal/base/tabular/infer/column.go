package infer

import (
	"bytes"
	"hash/maphash"

	"plaza/internal/base/tabular"
)

const (
	mostDistinct = 300 // values of a column that are told apart
	fewDistinct  = 60  // and where there are very many columns
	manyColumns  = 200
	mostSpelling = 40 // spellings of nothing that are told apart
	slots        = 1024
)

var seed = maphash.MakeSeed()

// column is what one goroutine has seen of a column.
type column struct {
	n       [classes]int64
	samples [classes][]tabular.Sample
	// keep is how many samples of each class are kept.
	keep     int64
	spelling map[string]int64
	words    distinct
	minLen   int
	maxLen   int
	years    [5]uint64 // those from 1800 on
	cur      [len(currencies)]int64
	short    int64
	geo      *coordinates // nil for columns that are none by their name
}

// coordinates count where the numbers of a column lie.
type coordinates struct {
	lat, lon, unsigned, zero int64 // inside Mexico as one or the other; longitudes without their sign
	notLat, notLon           []tabular.Sample
}

// distinct are the words of a column and how often each came, while they are few. It
// also remembers their classes, so that categories are judged once.
type distinct struct {
	full  bool
	most  int
	index [slots]uint16 // 1 + place in list
	list  []value
}

type value struct {
	hash  uint64
	text  []byte
	n     int64
	class class
}

// find looks for a text; nil when it is new.
func (d *distinct) find(b []byte, hash uint64) *value {
	for i := hash % slots; ; i = (i + 1) % slots {
		at := d.index[i]
		if at == 0 {
			return nil
		}
		v := &d.list[at-1]
		if v.hash == hash && bytes.Equal(v.text, b) {
			return v
		}
	}
}

// add adds a text that is new; too many are forgotten altogether.
func (d *distinct) add(b []byte, hash uint64, k class, n int64) {
	if len(d.list) >= d.most {
		d.full, d.list = true, nil
		return
	}
	d.list = append(d.list, value{hash, bytes.Clone(b), n, k})
	i := hash % slots
	for d.index[i] != 0 {
		i = (i + 1) % slots
	}
	d.index[i] = uint16(len(d.list))
}

// merge adds what another goroutine has seen.
func (d *distinct) merge(o *distinct) {
	if d.full || o.full {
		d.full, d.list = true, nil
		return
	}
	for i := range o.list {
		v := &o.list[i]
		if d.full {
			return
		}
		if mine := d.find(v.text, v.hash); mine != nil {
			mine.n += v.n
		} else {
			d.add(v.text, v.hash, v.class, v.n)
		}
	}
}

// judge counts the cells of one column of a batch, from one row up to another.
func (c *column) judge(l *lexer, b *tabular.Batch, col, from, to int) {
	t := &l.token
	for row := from; row < to; row++ {
		cell := b.Cell(row, col)
		if len(cell) == 0 {
			c.n[classNothing]++
			continue
		}
		var k class
		if !c.words.full && firsts[cell[0]] == firstLetter && len(cell) <= 80 {
			hash := maphash.Bytes(seed, cell)
			if v := c.words.find(cell, hash); v != nil {
				v.n++
				k = v.class
			} else {
				k = l.scan(cell, t)
				if k >= classWord { // others carry a value that is counted too
					c.words.add(cell, hash, k, 1)
				}
				c.first(k, t)
			}
		} else {
			k = l.scan(cell, t)
			c.first(k, t)
		}
		if c.n[k] < c.keep && k != classNothing {
			c.sample(k, b, row, cell)
		}
		c.n[k]++
		if k > classNothing {
			c.spelled(trim(cell))
			continue
		}
		if k < classShape {
			c.whole(k, t, b, row)
		} else if k < classDay {
			c.fraction(k, t, b, row)
		}
		c.minLen, c.maxLen = min(c.minLen, len(cell)), max(c.maxLen, len(cell))
	}
}

// first notes what only some texts have.
func (c *column) first(k class, t *token) {
	if k >= classDay && k <= monthNamed && t.short {
		c.short++
	}
}

func (c *column) whole(k class, t *token, b *tabular.Batch, row int) {
	switch k {
	case intYear, intYearTown:
		y := t.mant - 1800
		c.years[y/64] |= 1 << (y % 64)
	case classFloat + intYear, classFloat + intYearTown:
		y := t.mant/power[t.frac] - 1800
		c.years[y/64] |= 1 << (y % 64)
	}
	if c.geo != nil {
		c.geo.add(t.float(t.frac), c.keep, b, row)
	}
}

func (c *column) fraction(k class, t *token, b *tabular.Batch, row int) {
	switch {
	case k >= classMoney && k < classPercent:
		c.cur[t.cur]++
	case c.geo != nil && k < classMoney:
		c.geo.add(t.float(t.frac), c.keep, b, row)
	}
}

func (g *coordinates) add(v float64, keep int64, b *tabular.Batch, row int) {
	lat, lon := inLat(v), inLon(v)
	switch {
	case lat:
		g.lat++
	case lon:
		g.lon++
	case v == 0:
		g.zero++
	case inLon(-v):
		g.unsigned++
	}
	if !lat && int64(len(g.notLat)) < keep {
		g.notLat = append(g.notLat, place(b, row, nil))
	}
	if !lon && int64(len(g.notLon)) < keep {
		g.notLon = append(g.notLon, place(b, row, nil))
	}
}

// spelled counts a spelling of nothing.
func (c *column) spelled(text []byte) {
	if n, ok := c.spelling[string(text)]; ok {
		c.spelling[string(text)] = n + 1
		return
	}
	if c.spelling == nil {
		c.spelling = map[string]int64{}
	}
	if len(c.spelling) >= mostSpelling {
		text = []byte(nothings[nothing(text)-classNothing-1].text)
	}
	c.spelling[string(text)]++
}

// place is where a cell stands.
func place(b *tabular.Batch, row int, cell []byte) tabular.Sample {
	s := tabular.Sample{Row: b.First + int64(row), Text: tabular.Clip(string(cell[:min(len(cell), 1000)]), 200)}
	if row < len(b.Lines) {
		s.Line = b.Lines[row]
	}
	return s
}

func (c *column) sample(k class, b *tabular.Batch, row int, cell []byte) {
	c.samples[k] = append(c.samples[k], place(b, row, cell))
}

// merge adds what another goroutine has seen of the same column.
func (c *column) merge(o *column) {
	for k := range c.n {
		c.n[k] += o.n[k]
		c.samples[k] = append(c.samples[k], o.samples[k]...)
	}
	for text, n := range o.spelling {
		if c.spelling == nil {
			c.spelling = map[string]int64{}
		}
		c.spelling[text] += n
	}
	c.words.merge(&o.words)
	c.minLen, c.maxLen, c.short = min(c.minLen, o.minLen), max(c.maxLen, o.maxLen), c.short+o.short
	for i := range c.years {
		c.years[i] |= o.years[i]
	}
	for i := range c.cur {
		c.cur[i] += o.cur[i]
	}
	if g, h := c.geo, o.geo; g != nil && h != nil {
		g.lat, g.lon, g.unsigned, g.zero = g.lat+h.lat, g.lon+h.lon, g.unsigned+h.unsigned, g.zero+h.zero
		g.notLat, g.notLon = append(g.notLat, h.notLat...), append(g.notLon, h.notLon...)
	}
}

// sum counts the cells of a set.
func (c *column) sum(s *set) (n int64) {
	for k, in := range s {
		if in {
			n += c.n[k]
		}
	}
	return n
}

// span counts the cells of the classes from first up to, but without, end.
func (c *column) span(first, end class) (n int64) {
	for _, v := range c.n[first:end] {
		n += v
	}
	return n
}
