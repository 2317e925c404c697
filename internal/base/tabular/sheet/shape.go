package sheet

import (
	"context"
	"io"
	"slices"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/header"
)

// Memory of a sheet's shape.
const (
	maxBands  = 2000
	maxUsage  = 1 << 20 // columns of all bands together
	headBands = 60      // bands whose first rows are kept with their texts
	tailRows  = 20      // last rows of which the first text is kept
	headBytes = 8 << 20 // of all kept texts
	noteRows  = 20      // rows that a block of titles or notes has at most
)

// usage is how a column is used by a band.
type usage struct{ n, numbers int64 }

// band is rows without a blank row between them.
type band struct {
	first, last int64
	rows, cells int64
	widest      int // most cells of a row
	cols        []usage
	head        []headRow // the first rows, those of people's names too
	tail        []tailRow // the last rows, in order
	totals      []tailRow // the first rows that sum up others
	sums        int64     // how many do
	longest     int       // bytes of the longest text that begins a row of several cells
}

// headRow is a row with its texts.
type headRow struct {
	line  int64
	cells []string
	kinds []kind
}

// tailRow is a row by its first text.
type tailRow struct {
	line  int64
	n     int
	first string
	row   int64 // of the band, from 1
}

// shape is what a sheet looks like: its bands, in order.
type shape struct {
	bands   []*band
	bytes   int // of texts kept
	columns int // of all bands
	fix     tabular.Correction
}

// measure goes through a sheet once.
func measure(ctx context.Context, g grid, fix tabular.Correction) (*shape, error) {
	s := &shape{fix: fix}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		line, repeat, cells, err := g.row()
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		s.add(line, repeat, cells)
	}
}

// add takes in a row.
func (s *shape) add(line, repeat int64, cells []cell) {
	var b *band
	if n := len(s.bands); n > 0 && (s.bands[n-1].last+1 == line || n >= maxBands || s.columns > maxUsage) {
		b = s.bands[n-1]
	} else {
		b = &band{first: line}
		s.bands = append(s.bands, b)
	}
	b.last = line + repeat - 1
	b.rows += repeat
	b.cells += repeat * int64(len(cells))
	b.widest = max(b.widest, len(cells))
	if last := cells[len(cells)-1].col; last >= len(b.cols) {
		s.columns += last + 1 - len(b.cols)
		b.cols = slices.Grow(b.cols, last+1-len(b.cols))[:last+1]
	}
	for i := range cells {
		u := &b.cols[cells[i].col]
		u.n += repeat
		if cells[i].kind == numeric {
			u.numbers += repeat
		}
	}
	if s.keeps(b, line) {
		s.keep(b, line, cells)
	}
	b.end(line, cells)
}

// keeps reports whether the texts of a row are kept.
func (s *shape) keeps(b *band, line int64) bool {
	from := int64(s.fix.HeaderLine)
	if from > 0 && line >= from && line < from+int64(max(s.fix.HeaderRows, 1))+header.Enough/2 && len(b.head) < 3*header.Enough {
		return true
	}
	limit := 2
	if len(s.bands) <= headBands {
		limit = header.Enough
	}
	return len(b.head) < limit && s.bytes < headBytes
}

func (s *shape) keep(b *band, line int64, cells []cell) {
	row := headRow{line: line, cells: textsOf(cells)}
	row.kinds = make([]kind, len(row.cells))
	for _, c := range cells {
		row.kinds[c.col] = c.kind
	}
	for _, text := range row.cells {
		s.bytes += len(text) + 16
	}
	b.head = append(b.head, row)
}

// end keeps of the last rows what tells notes and totals from data.
func (b *band) end(line int64, cells []cell) {
	var first []byte
	for i := range cells {
		if cells[i].kind == text {
			first = cells[i].text
			break
		}
	}
	if len(cells) > 1 && cells[0].kind == text {
		b.longest = max(b.longest, len(cells[0].text))
	}
	row := tailRow{line: line, n: len(cells), row: b.rows}
	if len(cells) <= 2 && cells[0].kind == text {
		row.first = string(clipRune(first, 400))
	}
	if mayTotal(first) && header.Total(string(clipRune(first, 250))) {
		b.sums++
		if len(b.totals) < tabular.MaxSamples {
			sum := row
			sum.first = string(clipRune(first, 400))
			b.totals = append(b.totals, sum)
		}
	}
	if len(b.tail) == 2*tailRows {
		b.tail = append(b.tail[:0], b.tail[tailRows:]...)
	}
	b.tail = append(b.tail, row)
}

// mayTotal is a quick look whether a text may begin as totals do.
func mayTotal(first []byte) bool {
	for _, c := range first {
		if c > ' ' {
			c |= 0x20
			return c == 't' || c == 's' || c == 'g'
		}
	}
	return false
}

// table is bands that belong together.
type table struct {
	bands         []*band
	before, after []*band // titles and notes
	cols          []usage
	cells, rows   int64
	widest        int
}

// tables parts the bands into tables, in order.
func (s *shape) tables() []*table {
	var out []*table
	var titles []*band
	for _, b := range s.bands {
		var last *table
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		switch {
		case last != nil && last.noted(b):
			last.after = append(last.after, b)
		case last != nil && last.takes(b):
			// What was taken for notes has more data under it: it was rows.
			for _, one := range append(last.after, b) {
				last.join(one)
			}
			last.after = nil
		case b.title():
			titles = append(titles, b)
			continue
		default:
			last = &table{before: titles}
			last.join(b)
			out = append(out, last)
		}
		titles = nil
	}
	if len(out) == 0 && len(titles) > 0 {
		// Nothing is wider than a title: the sheet is lists of one or two columns.
		t := &table{}
		for _, b := range titles {
			t.join(b)
		}
		if t.widest > 1 || t.rows > 2 {
			out = append(out, t)
		}
	}
	return out
}

// join adds a band.
func (t *table) join(b *band) {
	t.bands = append(t.bands, b)
	t.cells += b.cells
	t.rows += b.rows
	t.widest = max(t.widest, b.widest)
	for len(t.cols) < len(b.cols) {
		t.cols = append(t.cols, usage{})
	}
	for i, u := range b.cols {
		t.cols[i].n += u.n
		t.cols[i].numbers += u.numbers
	}
}

// title reports whether a band is a few rows of one or two cells.
func (b *band) title() bool {
	return b.widest <= 2 && b.rows <= noteRows && (b.widest < 2 || b.rows <= 3)
}

// noted reports whether a band is notes under the table.
func (t *table) noted(b *band) bool {
	if b.rows > noteRows || b.widest > 2 || len(b.tail) == 0 {
		return false
	}
	return t.widest > 3 && t.rows > 1 && !t.alike(b) || header.Explicit(b.tail[0].first)
}

// alike reports whether a narrow band has numbers where the table has them.
func (t *table) alike(b *band) bool {
	for i, u := range b.cols {
		if u.numbers > 0 && i < len(t.cols) && 2*t.cols[i].numbers > t.cols[i].n {
			return true
		}
	}
	return false
}

// takes reports whether a band continues the table behind blank rows: it lies within
// its columns and does not begin with names of its own.
func (t *table) takes(b *band) bool {
	left, right := extent(t.cols)
	bl, br := extent(b.cols)
	if bl < left || br > right || len(b.head) == 0 {
		return false
	}
	if t.bands[0].title() && b.widest > t.widest {
		return false
	}
	over, like := 0, 0
	for col, text := range b.head[0].cells {
		if text == "" || col >= len(t.cols) || 2*t.cols[col].numbers <= t.cols[col].n {
			continue
		}
		if b.head[0].kinds[col] == numeric {
			like++
		} else {
			over++
		}
	}
	if over > like && b.rows > 1 {
		return false
	}
	same := 0
	for col, text := range b.head[0].cells {
		if text != "" && len(t.bands[0].head) > 0 && col < len(t.bands[0].head[0].cells) && t.bands[0].head[0].cells[col] == text {
			same++
		}
	}
	return same == 0 || b.widest < 2 || same < b.widest
}

// extent is the first and last column that are used.
func extent(cols []usage) (int, int) {
	left := 0
	for left < len(cols) && cols[left].n == 0 {
		left++
	}
	return left, len(cols) - 1
}
