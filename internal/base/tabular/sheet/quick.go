package sheet

import "bytes"

// quick reads a cell that is written as nearly all are: <c r="A1" s="2"><v>5</v></c>, and
// whole within what was read of the file. It returns the cell's column, or -1 when the
// scanner must read it, which then stands where it stood.
func (g *worksheet) quick(next int) int {
	w := g.s.buf[g.s.pos:g.s.end]
	if len(w) < 8 || w[0] != '<' || w[1] != 'c' || w[2] != ' ' && w[2] != '>' {
		return -1
	}
	col, style, code := next, 0, byte('n')
	i := 2
	for {
		for i < len(w) && w[i] == ' ' {
			i++
		}
		if i+4 > len(w) {
			return -1
		}
		if w[i] == '>' {
			i++
			break
		}
		if w[i] == '/' && w[i+1] == '>' {
			if col >= maxSheetColumns {
				return -1
			}
			g.s.pos += i + 2
			return col
		}
		if w[i+1] != '=' || w[i+2] != '"' {
			return -1
		}
		key, from := w[i], i+3
		for i = from; i < len(w) && w[i] != '"'; i++ {
		}
		if i == len(w) {
			return -1
		}
		switch value := w[from:i]; key {
		case 'r':
			if c := column(value); c >= 0 {
				col = c
			}
		case 's':
			style = natural(value)
		case 't':
			code = typeCode(value)
		}
		i++
	}
	if col >= maxSheetColumns || len(g.cells) > 2*maxSheetColumns || len(g.data) > maxRowBytes {
		return -1
	}
	n := g.quickValue(w[i:], col, style, code)
	if n == 0 {
		return -1
	}
	g.s.pos += i + n
	return col
}

var (
	valueOpen, valueClose   = []byte("<v>"), []byte("</v></c>")
	inlineOpen, inlineClose = []byte("<is><t>"), []byte("</t></is></c>")
)

// quickValue reads what lies within a cell and returns how many bytes it took with the
// cell's end; 0 when it is not as usual.
func (g *worksheet) quickValue(w []byte, col, style int, code byte) int {
	open, end := valueOpen, valueClose
	if code == 'i' {
		open, end = inlineOpen, inlineClose
	}
	if !bytes.HasPrefix(w, open) {
		return 0
	}
	length := bytes.IndexByte(w[len(open):], '<')
	if length < 0 || !bytes.HasPrefix(w[len(open)+length:], end) {
		return 0
	}
	if length > 0 {
		from := len(g.data)
		raw := w[len(open) : len(open)+length]
		if code == 'n' || code == 's' || code == 'b' {
			g.data = append(g.data, raw...)
		} else {
			g.data = decode(g.data, raw)
		}
		g.add(col, style, code, from)
	}
	return len(open) + length + len(end)
}
