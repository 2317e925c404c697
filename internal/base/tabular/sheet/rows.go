package sheet

import (
	"bytes"
	"io"
	"slices"
	"strconv"
)

// worksheet is the grid of an XLSX sheet.
type worksheet struct {
	w      *workbook
	name   string
	s      *scanner
	p      *part
	line   int64
	data   []byte // texts of the row's cells
	cells  []cell
	at     []int // where in data each cell's text begins and ends; -1: it is elsewhere
	merge  []merged
	inData bool
}

// grid begins to read a sheet.
func (w *workbook) grid(name string) (*worksheet, error) {
	s, p, err := w.scan(name)
	if err != nil {
		return nil, err
	}
	return &worksheet{w: w, name: name, s: s, p: p}, nil
}

func (g *worksheet) merges() []merged { return g.merge }
func (g *worksheet) progress() int64  { return g.s.offset() }

// row reads up to the end of the next row that has a cell with a value.
func (g *worksheet) row() (int64, int64, []cell, error) {
	for {
		err := g.s.next()
		if err == io.EOF {
			if g.inData {
				return 0, 0, nil, at(wrong(errEnd, g.name, g.s), g.line)
			}
			return 0, 0, nil, io.EOF
		}
		if err != nil {
			return 0, 0, nil, at(wrong(err, g.name, g.s), g.line)
		}
		switch string(g.s.name) {
		case "row":
			if !g.s.open || !g.inData {
				continue
			}
			if err := g.one(); err != nil {
				return 0, 0, nil, at(wrong(err, g.name, g.s), g.line)
			}
			if len(g.cells) > 0 {
				return g.line, 1, g.cells, nil
			}
		case "sheetData":
			g.inData = g.s.open && !g.s.close
		case "mergeCell":
			if m, ok := parseRange(g.s.attr("ref")); ok && g.s.open && len(g.merge) < maxMerged {
				g.merge = append(g.merge, m)
			}
		}
	}
}

// one reads the cells of the row whose tag was found. Numbers of rows that go back or
// are none count on from the last.
func (g *worksheet) one() error {
	line, err := strconv.ParseInt(string(g.s.attr("r")), 10, 64)
	if err != nil || line <= g.line {
		line = g.line + 1
	}
	if line > maxSheetRows {
		return fault("sheet_rows", nil, "n", line, "max", int64(maxSheetRows))
	}
	g.line = line
	g.data, g.cells, g.at = g.data[:0], g.cells[:0], g.at[:0]
	if g.s.close {
		return nil
	}
	sorted := true
	for col := 0; ; {
		if found := g.quick(col); found >= 0 {
			sorted = sorted && found >= col
			col = found + 1
			continue
		}
		if err := g.s.next(); err != nil {
			return inside(err)
		}
		if !g.s.open {
			if string(g.s.name) == "row" {
				break
			}
			continue
		}
		if string(g.s.name) != "c" {
			continue
		}
		found, err := g.cell(col)
		if err != nil {
			return err
		}
		sorted = sorted && found >= col
		col = found + 1
	}
	g.settle(sorted)
	return nil
}

// settle gives the cells their texts, now that data does not move any more, and brings
// them in order; of two in one place the later counts.
func (g *worksheet) settle(sorted bool) {
	for i := range g.cells {
		if from := g.at[2*i]; from >= 0 {
			g.cells[i].text = g.data[from:g.at[2*i+1]]
		}
	}
	if sorted {
		return
	}
	slices.SortStableFunc(g.cells, func(a, b cell) int { return a.col - b.col })
	out := g.cells[:0]
	for i, c := range g.cells {
		if i+1 == len(g.cells) || g.cells[i+1].col != c.col {
			out = append(out, c)
		}
	}
	g.cells = out
}

// cell reads the cell whose tag was found and returns its column; next is the one it
// has when it does not say.
func (g *worksheet) cell(next int) (int, error) {
	col, style, code := next, 0, byte('n')
	for rest := g.s.attrs; ; {
		key, value, ok := attribute(&rest)
		if !ok {
			break
		}
		if len(key) != 1 {
			continue
		}
		switch key[0] {
		case 'r':
			if c := column(value); c >= 0 {
				col = c
			}
		case 's':
			style = natural(value)
		case 't':
			code = typeCode(value)
		}
	}
	if len(g.cells) > 2*maxSheetColumns || len(g.data) > maxRowBytes {
		return 0, errTooBig
	}
	if col >= maxSheetColumns {
		return 0, fault("sheet_columns", nil, "n", col+1, "max", maxSheetColumns)
	}
	if g.s.close {
		return col, nil
	}
	return col, g.value(col, style, code)
}

// typeCode is a letter for each type of cell: of s, str, inlineStr, b, e, d, n.
func typeCode(t []byte) byte {
	switch string(t) {
	case "s", "b", "e", "d":
		return t[0]
	case "str":
		return 'f'
	case "inlineStr":
		return 'i'
	}
	return 'n'
}

// value reads what lies within a cell. The formula is passed over.
func (g *worksheet) value(col, style int, code byte) error {
	from := len(g.data)
	raw := from
	for {
		if err := g.s.next(); err != nil {
			return inside(err)
		}
		if !g.s.open {
			if string(g.s.name) == "c" {
				break
			}
			continue
		}
		var err error
		switch {
		case g.s.close:
		case string(g.s.name) == "v":
			g.data, err = g.s.text(g.data)
		case string(g.s.name) == "is":
			g.data, err = richText(g.s, g.data)
		}
		if err != nil {
			return err
		}
		raw = len(g.data)
	}
	if raw == from {
		return nil
	}
	g.add(col, style, code, from)
	return nil
}

// add adds a cell whose raw value was appended to data.
func (g *worksheet) add(col, style int, code byte, from int) {
	raw := g.data[from:]
	c := cell{col: col}
	switch code {
	case 's':
		n := natural(raw)
		c.text, c.shared = g.w.strings.at(n), n+1
		g.data = g.data[:from]
		from = -1
	case 'b':
		if string(raw) == "0" || string(raw) == "false" {
			g.data = append(g.data[:from], "false"...)
		} else {
			g.data = append(g.data[:from], "true"...)
		}
	case 'n':
		c.kind = numeric
		var f format
		if style >= 0 && style < len(g.w.formats) {
			f = g.w.formats[style]
		}
		if f.class != plain || !short(raw) {
			end := len(g.data)
			g.data = f.number(g.data, raw, g.w.y1904)
			n := copy(g.data[from:], g.data[end:])
			g.data = g.data[:from+n]
		}
	case 'f', 'i':
		g.data = g.data[:from+len(unescape(raw))]
	}
	shown := c.text
	if from >= 0 {
		shown = g.data[from:]
	}
	if blank(shown) {
		if from >= 0 {
			g.data = g.data[:from]
		}
		return
	}
	g.cells = append(g.cells, c)
	g.at = append(g.at, from, len(g.data))
}

// blank reports whether a text has nothing that is seen.
func blank(b []byte) bool {
	if len(b) > 0 && b[0] > ' ' && b[0] < 0x80 {
		return false
	}
	return len(bytes.TrimSpace(b)) == 0
}

// natural is a whole number of digits only; -1 when it is none, or a trap.
func natural(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' || n > 1<<32 {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	if len(b) == 0 {
		return -1
	}
	return n
}

// column is the column, from 0, that a reference like BC12 names; -1 when it is none.
func column(ref []byte) int {
	n, i := 0, 0
	for ; i < len(ref); i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		if n = 26*n + int(c-'A'+1); n > 1<<24 {
			return 1 << 24
		}
	}
	return n - 1
}

// parseRange reads A1:C3.
func parseRange(ref []byte) (merged, bool) {
	first, last, ok := bytes.Cut(ref, []byte(":"))
	if !ok {
		return merged{}, false
	}
	m := merged{top: lineOf(first), bottom: lineOf(last), left: column(first), right: column(last)}
	return m, m.top > 0 && m.left >= 0 && m.bottom >= m.top && m.right >= m.left && m.right < maxSheetColumns
}

// lineOf is the row that a reference like BC12 names; 0 when it is none.
func lineOf(ref []byte) int64 {
	n := natural(bytes.TrimLeftFunc(ref, func(r rune) bool { return r > '9' }))
	return int64(max(n, 0))
}
