package delimited

import (
	"bytes"
	"strings"

	"plaza/internal/base/tabular"
)

// record is a row of the head: its text is copied.
type record struct {
	cells  [][]byte
	line   int64
	filled int
}

// records splits the head's first rows.
func records(head piece, d dialect, cols, most int, from int64) []record {
	var out []record
	var batch tabular.Batch
	rows := over(head.text, d)
	rows.cols, rows.line = cols, from
	for len(out) < most {
		batch.Reset(0, 1)
		n, err := rows.row(&batch)
		if err != nil || head.cut && rows.pos == rows.end && len(out) > 0 {
			break
		}
		r := record{line: rows.begun, cells: make([][]byte, n)}
		for i := range n {
			r.cells[i] = bytes.Clone(batch.Cell(0, i))
			if len(bytes.TrimSpace(r.cells[i])) > 0 {
				r.filled++
			}
		}
		out = append(out, r)
	}
	return out
}

// names is what the head says of a table's columns.
type names struct {
	line, rows int      // of the header; line 0: there is none
	data       int64    // line of the first row
	labels     []string // one for each column
	preamble   []string
	unsure     bool
}

// findNames looks for the names of columns among the head's records. cols is how many
// cells rows have; there may be more names than that.
func findNames(head []record, cols int, fix tabular.Correction) names {
	at := skipTitles(head, cols)
	n := names{}
	switch {
	case len(head) == 0:
		return n
	case fix.HeaderLine < 0:
		n.setData(head, at)
		n.preamble = said(head[:at])
		return n
	case fix.HeaderLine > 0:
		at = 0
		for at < len(head)-1 && head[at].line < int64(fix.HeaderLine) {
			at++
		}
		return n.take(head, at, max(1, fix.HeaderRows), cols)
	case at == len(head):
		at = 0 // nothing but titles: the first line is as good as any
	}
	if above := groupAbove(head, at, cols); above {
		return n.take(head, at-1, 2+more(head, at, cols), cols)
	}
	evidence := judgeHeader(head[at], below(head, at, cols), cols)
	if evidence < 0 {
		n.setData(head, at)
		n.preamble = said(head[:at])
		n.unsure = evidence > -1
		return n
	}
	rows := 1 + more(head, at, cols)
	if fix.HeaderRows > 0 {
		rows = fix.HeaderRows
	}
	n = n.take(head, at, rows, cols)
	n.unsure = evidence < 0.75 && rows == 1
	return n
}

func (n *names) setData(head []record, at int) {
	if at < len(head) {
		n.data = head[at].line
	}
}

// take makes the records from at on, rows of them, the header.
func (n names) take(head []record, at, rows, cols int) names {
	rows = min(rows, len(head)-at)
	n.line, n.rows = int(head[at].line), rows
	n.preamble = said(head[:at])
	n.labels = join(head[at:at+rows], cols)
	n.data = head[at+rows-1].line + 1
	if at+rows < len(head) {
		n.data = head[at+rows].line
	}
	return n
}

// skipTitles is the index of the first record that is no title: one with more than
// half of its cells, or as many as rows have but for one.
func skipTitles(head []record, cols int) int {
	for i, r := range head {
		if cols == 1 && r.filled > 0 {
			return i
		}
		if r.filled == 0 {
			continue
		}
		if r.filled > cols/2 && (len(r.cells) > 1 || cols == 1) || len(r.cells) == cols && r.filled >= cols-1 {
			return i
		}
	}
	return len(head)
}

// said is the text of records, the first 20.
func said(rs []record) []string {
	var out []string
	for _, r := range rs {
		if r.filled == 0 || len(out) == 20 {
			continue
		}
		out = append(out, tabular.Clip(sentence(r.cells), 300))
	}
	return out
}

func sentence(cells [][]byte) string {
	var parts []string
	for _, c := range cells {
		if c := strings.Join(strings.Fields(string(c)), " "); c != "" {
			parts = append(parts, c)
		}
	}
	return strings.Join(parts, ", ")
}

// groupAbove reports whether the record above the one at index at holds titles of
// groups of columns, so that skipTitles took it for a title.
func groupAbove(head []record, at, cols int) bool {
	if at == 0 || at >= len(head) {
		return false
	}
	above, r := head[at-1], head[at]
	if len(above.cells) != cols || above.filled < 2 || typedShare(above) > 0.7 || typedShare(r) > 0.5 {
		return false
	}
	return repeats(r) && judgeHeader(r, below(head, at, cols), cols) > 0
}

// repeats reports whether a record says the same twice.
func repeats(r record) bool {
	seen := map[string]bool{}
	for _, c := range r.cells {
		key := string(bytes.TrimSpace(c))
		if key != "" && seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

// more is how many records below the header's first one are part of it, at most 2.
func more(head []record, at, cols int) int {
	for n := range 2 {
		if !continues(head, at+n, cols) {
			return n
		}
	}
	return 2
}

// continues reports whether the record under the one at index at goes on with the
// names: it has words where rows have numbers, and the upper one leaves room for it.
func continues(head []record, at, cols int) bool {
	if at+1 >= len(head) {
		return false
	}
	upper, r := head[at], head[at+1]
	rows := below(head, at+1, cols)
	if len(r.cells) != cols || len(rows) < 2 || r.filled == 0 || ascending(upper) {
		return false
	}
	open := 0
	for i := range min(len(upper.cells), cols) {
		empty := len(bytes.TrimSpace(upper.cells[i])) == 0
		if empty && len(bytes.TrimSpace(r.cells[i])) > 0 {
			open++
		}
	}
	if open == 0 && !repeats(upper) && !units(r) {
		return false
	}
	if ascending(r) {
		return true
	}
	named, typed := 0, 0
	for i, c := range columnsOf(rows, cols) {
		if c.filled == 0 || float64(c.typed) < 0.8*float64(c.filled) {
			continue
		}
		switch k := kindOf(r.cells[i]); {
		case k == words:
			named++
		case k != blank:
			return false
		}
		typed++
	}
	return named >= 2 || named == 1 && typed == 1
}

// units reports whether a record holds nothing but units in brackets.
func units(r record) bool {
	for _, c := range r.cells {
		if c = bytes.TrimSpace(c); len(c) > 0 && c[0] != '(' {
			return false
		}
	}
	return r.filled > 0
}

// join makes one label of each column of a header's records. A title of a group holds
// for the columns to its right that have none, as long as the record below names them.
func join(rows []record, cols int) []string {
	width := cols
	for _, r := range rows {
		for i, c := range r.cells {
			if len(bytes.TrimSpace(c)) > 0 {
				width = max(width, i+1)
			}
		}
	}
	out := make([]string, width)
	for level, r := range rows {
		carried := ""
		for i := range out {
			part := ""
			if i < len(r.cells) {
				part = strings.Join(strings.Fields(string(r.cells[i])), " ")
			}
			divided := level+1 < len(rows) && i < len(rows[level+1].cells) && len(bytes.TrimSpace(rows[level+1].cells[i])) > 0
			switch {
			case part != "" && !divided:
				carried = "" // it names one column alone
			case part != "":
				carried = part
			case divided:
				part = carried
			}
			if part != "" && out[i] != "" {
				out[i] += " · "
			}
			out[i] += part
		}
	}
	return out
}
