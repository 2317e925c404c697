package sheet

import (
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/header"
)

// plan is how a sheet's table is read.
type plan struct {
	labels      []string
	columns     []int // of the sheet, from 0
	first, last int64 // rows of data
	layout      tabular.Layout
	problems    *tabular.Problems
}

// planner makes a plan of a table.
type planner struct {
	plan
	table *table
	fix   tabular.Correction
	merge []merged
	lines []int64
	rows  [][]string
	found header.Found
	split bool // columns of the sheet were left out
}

// plan chooses the table of a sheet and says how it is read; nil when there is none.
func (s *shape) plan(merge []merged, fix tabular.Correction) *plan {
	tables := s.tables()
	if len(tables) == 0 {
		return nil
	}
	chosen := tables[0]
	for _, t := range tables[1:] {
		if t.cells > chosen.cells {
			chosen = t
		}
	}
	if fix.HeaderLine > 0 {
		for _, t := range tables {
			if t.bands[len(t.bands)-1].last >= int64(fix.HeaderLine) {
				chosen = t
				break
			}
		}
	}
	p := &planner{table: chosen, fix: fix, merge: merge, plan: plan{problems: &tabular.Problems{}}}
	p.heads()
	p.find()
	p.sides()
	p.settle()
	for _, t := range tables {
		if t != chosen && t.rows > 1 && t.widest > 1 {
			b := t.bands[0]
			p.problems.Add("c04", "", tabular.Sample{Line: b.first, Text: strings.Join(b.texts(), " ")})
		}
	}
	p.judge()
	if len(p.columns) == 0 {
		return nil
	}
	return &p.plan
}

// texts of a band's first row.
func (b *band) texts() []string {
	if len(b.head) == 0 {
		return nil
	}
	return b.head[0].texts()
}

func (r headRow) texts() []string {
	return slices.DeleteFunc(slices.Clone(r.cells), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// heads collects the first rows of the table, and what people's names need.
func (p *planner) heads() {
	for _, b := range p.table.bands {
		for _, row := range b.head {
			p.lines = append(p.lines, row.line)
			p.rows = append(p.rows, row.cells)
		}
		if p.fix.HeaderLine <= 0 && (len(p.rows) >= header.Enough || int64(len(b.head)) < b.rows) {
			return
		}
	}
}

// find looks for the names, or takes those that people said, where that row exists.
func (p *planner) find() {
	spans := p.spans()
	start, _ := slices.BinarySearch(p.lines, int64(p.fix.HeaderLine))
	switch {
	case p.fix.HeaderLine < 0:
		p.found = header.At(p.rows, spans, -1, 0)
	case p.fix.HeaderLine > 0 && start < len(p.rows):
		p.found = header.At(p.rows, spans, start, p.fix.HeaderRows)
	default:
		p.found = header.Find(p.rows, spans)
	}
}

// spans are the merged cells among the first rows.
func (p *planner) spans() []header.Span {
	var out []header.Span
	for _, m := range p.merge {
		top, exact := slices.BinarySearch(p.lines, m.top)
		if !exact {
			continue
		}
		bottom, _ := slices.BinarySearch(p.lines, m.bottom+1)
		out = append(out, header.Span{Row: top, Col: m.left, Rows: max(bottom-top, 1), Cols: m.right - m.left + 1})
	}
	return out
}

// group is columns without a blank one between them.
type group struct {
	left, right int
	rows, cells int64
}

// groups of the table's columns.
func (p *planner) groups() []group {
	var out []group
	open := false
	for i, u := range p.table.cols {
		if u.n == 0 {
			open = false
			continue
		}
		if !open {
			out = append(out, group{left: i})
			open = true
		}
		g := &out[len(out)-1]
		g.right, g.rows, g.cells = i, max(g.rows, u.n), g.cells+u.n
	}
	return out
}

// sides leaves out tables that stand beside the chosen one. Columns behind a blank one
// belong to it when they have about as many rows and other names.
func (p *planner) sides() {
	groups := p.groups()
	if len(groups) < 2 {
		return
	}
	main := groups[0]
	for _, g := range groups[1:] {
		if g.cells > main.cells {
			main = g
		}
	}
	for _, g := range groups {
		if g == main || p.together(main, g) {
			continue
		}
		p.split = true
		var cells []string
		for _, row := range p.rows {
			cells = append(cells, row[min(g.left, len(row)):min(g.right+1, len(row))]...)
			clear(row[min(g.left, len(row)):min(g.right+1, len(row))])
		}
		clear(p.table.cols[g.left : g.right+1])
		if g.rows > 1 && g.right > g.left {
			first := headRow{cells: cells}.texts()
			p.problems.Add("c04", "", tabular.Sample{Line: p.lines[0], Text: strings.Join(first[:min(len(first), 8)], " ")})
		}
	}
	if p.split {
		p.find()
	}
}

// together reports whether two groups of columns are one table.
func (p *planner) together(main, g group) bool {
	if g.right == g.left && g.rows < main.rows/2 {
		return p.labelled(g)
	}
	gap := main.rows - g.rows
	if gap < 0 {
		gap = -gap
	}
	if gap > max(3, main.rows/10) && !(g.right == g.left && p.labelled(g)) {
		return false
	}
	known := map[string]bool{}
	for _, label := range p.found.Labels[min(main.left, len(p.found.Labels)):min(main.right+1, len(p.found.Labels))] {
		known[label] = label != ""
	}
	for _, label := range p.found.Labels[min(g.left, len(p.found.Labels)):min(g.right+1, len(p.found.Labels))] {
		if known[label] {
			return false
		}
	}
	return true
}

// labelled reports whether the names reach over a group.
func (p *planner) labelled(g group) bool {
	return p.found.Start >= 0 && g.left < len(p.found.Labels) && p.found.Labels[g.left] != ""
}

// settle says which rows and columns are data and what stands around them.
func (p *planner) settle() {
	f := p.found
	bands := p.table.bands
	p.first, p.last = bands[0].first, bands[len(bands)-1].last
	if f.Start >= 0 && f.Rows > 0 {
		p.layout.HeaderLine = int(p.lines[f.Start])
		if n := int(p.lines[f.Start+f.Rows-1]) - p.layout.HeaderLine + 1; n > 1 {
			p.layout.HeaderRows = n
		}
		p.first = p.lines[f.Start+f.Rows-1] + 1
	} else if f.Data < len(p.lines) {
		p.first = p.lines[f.Data]
	}
	p.layout.Unsure = f.Unsure
	for _, b := range p.table.before {
		for _, row := range b.head {
			p.preamble(row.cells)
		}
	}
	before := f.Data
	if f.Start >= 0 {
		before = f.Start
	}
	for _, row := range p.rows[:min(before, len(p.rows))] {
		p.preamble(row)
	}
	p.choose()
	p.footer()
}

func (p *planner) preamble(cells []string) {
	if line := strings.Join(headRow{cells: cells}.texts(), " "); line != "" && len(p.layout.Preamble) < maxNotes {
		p.layout.Preamble = append(p.layout.Preamble, tabular.Clip(line, 500))
	}
}

// choose takes the columns that have a name or a value under the names.
func (p *planner) choose() {
	used := make([]int64, len(p.table.cols))
	for i, u := range p.table.cols {
		used[i] = u.n
	}
	for i, row := range p.rows {
		if p.lines[i] >= p.first {
			break
		}
		for col, text := range row {
			if text != "" {
				used[col]--
			}
		}
	}
	for col, n := range used {
		label := ""
		if col < len(p.found.Labels) {
			label = p.found.Labels[col]
		}
		if n > 0 || label != "" {
			p.columns = append(p.columns, col)
			p.labels = append(p.labels, label)
		}
	}
}

// maxNotes is how many lines of titles and notes are kept.
const maxNotes = 20

// footer takes the notes off the end of the rows.
func (p *planner) footer() {
	var tail []tailRow
	longest := 0
	for _, b := range p.table.bands {
		tail = append(tail, b.tail...)
		longest = max(longest, b.longest)
	}
	tail = slices.DeleteFunc(tail, func(r tailRow) bool { return r.line < p.first })
	tail = tail[max(0, len(tail)-tailRows):]
	rows := make([]header.Row, len(tail))
	for i, r := range tail {
		rows[i] = header.Row{First: r.first, Cells: r.n}
	}
	if n := header.Footer(rows, len(p.columns), longest); n > 0 {
		for _, r := range tail[len(tail)-n:] {
			p.layout.Footer = append(p.layout.Footer, tabular.Clip(r.first, 500))
		}
		p.last = tail[len(tail)-n].line - 1
	}
	for _, b := range p.table.after {
		for _, r := range b.tail {
			if len(p.layout.Footer) < maxNotes {
				p.layout.Footer = append(p.layout.Footer, tabular.Clip(r.first, 500))
			}
		}
	}
}

// judge collects the problems that a sheet's shape shows.
func (p *planner) judge() {
	before, rows := int64(0), int64(0)
	for i, b := range p.table.bands {
		before += min(b.rows, max(0, p.first-b.first))
		rows += min(b.rows, max(0, p.last+1-b.first))
		if i > 0 && b.first > p.first && b.first <= p.last {
			gap := max(p.first, p.table.bands[i-1].last+1)
			p.problems.Add("m31", "", tabular.Sample{Line: gap}).Count += b.first - gap - 1
		}
	}
	p.totals(before)
	p.merges()
}

// totals notes the rows that sum up others; skipped is how many rows are no data.
func (p *planner) totals(skipped int64) {
	rows := int64(0)
	for _, b := range p.table.bands {
		count := b.sums - int64(len(b.totals))
		for _, t := range b.totals {
			if t.line < p.first || t.line > p.last {
				continue
			}
			sample := tabular.Sample{Row: rows + t.row - skipped, Line: t.line, Text: t.first}
			if p.split {
				sample.Row = 0
			}
			p.problems.Add("t01", "", sample).Count += count
			count = 0
		}
		rows += b.rows
	}
}

// merges notes merged cells among the data: their value stays in the first one.
func (p *planner) merges() {
	for _, m := range p.merge {
		if m.top < p.first || m.top > p.last || m.top == m.bottom && m.left == m.right {
			continue
		}
		i, _ := slices.BinarySearch(p.columns, m.left)
		if i >= len(p.columns) || p.columns[i] > m.right {
			continue
		}
		text := reference(m.left, m.top) + ":" + reference(m.right, m.bottom)
		p.problems.Add("c03", "", tabular.Sample{Line: m.top, Text: text})
	}
}

// reference writes a cell's place as sheets do: BC12.
func reference(col int, line int64) string {
	var letters []byte
	for col++; col > 0; col = (col - 1) / 26 {
		letters = append(letters, byte('A'+(col-1)%26))
	}
	slices.Reverse(letters)
	return string(letters) + strconv.FormatInt(line, 10)
}
