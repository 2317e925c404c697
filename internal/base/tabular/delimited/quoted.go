package delimited

import (
	"bytes"
	"cmp"

	"plaza/internal/base/tabular"
)

// notQuoted says that a cell is to be read as if there were no quotes.
const notQuoted outcome = -1

// quotedCell reads the quoted cell at the beginning of s: how many bytes it takes,
// without the delimiter, and how many line ends lie in it.
func (t *tokens) quotedCell(b *tabular.Batch, s []byte, how manner) (used int, lines int64, out outcome) {
	i := 0
	for i < len(s) && s[i] == ' ' {
		i++
	}
	if i == len(s) && !t.eof {
		return 0, 0, partial
	}
	if i == len(s) || s[i] != t.quote {
		return 0, 0, notQuoted
	}
	i++
	start, cell := i, b.Buffer()
	for {
		j := i + find(s[i:], t.quote, cmp.Or(t.escape, t.quote))
		if j == len(s) {
			return t.unclosed(s[start:], how)
		}
		lines += int64(bytes.Count(s[i:j], []byte{t.eol}))
		if how == literal && lines > 0 {
			return 0, 0, notQuoted
		}
		if how == strict && j-start > runawayBytes && lines > 0 {
			return 0, 0, broken
		}
		if how == lenient && j-start > lenientBytes {
			return 0, 0, broken
		}
		if j-start > tabular.MaxCell {
			return 0, 0, long
		}
		if t.escape != 0 && s[j] == t.escape && t.escape != t.quote {
			if j+1 == len(s) && !t.eof {
				return 0, 0, partial
			}
			cell = append(cell, s[i:j]...)
			if j+1 < len(s) && (s[j+1] == t.quote || s[j+1] == t.escape) {
				j++
			}
			if j < len(s) {
				cell = append(cell, s[j])
			}
			i = min(j+1, len(s))
			continue
		}
		end, closed := t.closes(s, j+1)
		switch {
		case closed == partial:
			return 0, 0, partial
		case closed == whole:
			cell = append(cell, s[i:j]...)
			b.Commit(cell)
			t.quoted = true
			return end, lines, whole
		case j+1 < len(s) && s[j+1] == t.quote:
			cell = append(cell, s[i:j+1]...)
			i = j + 2
		case how == strict:
			return 0, 0, broken
		default:
			cell = append(cell, s[i:j+1]...)
			i = j + 1
		}
	}
}

// closes says whether a quote just before at ends its cell, and where the cell then
// ends: at a delimiter, a line end or the end of the file, perhaps after spaces.
func (t *tokens) closes(s []byte, at int) (int, outcome) {
	for at < len(s) && s[at] == ' ' && t.delim != ' ' {
		at++
	}
	if at == len(s) {
		if t.eof {
			return at, whole
		}
		return 0, partial
	}
	switch {
	case s[at] == t.delim && !t.single, s[at] == t.eol:
		return at, whole
	case s[at] == '\r' && t.eol == '\n':
		if at+1 == len(s) {
			if t.eof {
				return at, whole
			}
			return 0, partial
		}
		if s[at+1] == '\n' {
			return at, whole
		}
	}
	return 0, broken
}

// unclosed is what becomes of a quoted cell, s, that does not end in the window.
func (t *tokens) unclosed(s []byte, how manner) (int, int64, outcome) {
	switch {
	case how == literal && (t.eof || bytes.IndexByte(s, t.eol) >= 0):
		return 0, 0, notQuoted
	case t.eof, how != literal && t.runaway(s):
		return 0, 0, broken
	case len(s) > tabular.MaxCell:
		return 0, 0, long
	}
	return 0, 0, partial
}

// runaway reports whether a quoted cell is too long to be meant. One without line ends
// may be a geometry, and is as long as any cell may be.
func (t *tokens) runaway(s []byte) bool {
	lines := bytes.Count(s, []byte{t.eol})
	return lines > runawayLines || lines > 0 && len(s) > runawayBytes
}
