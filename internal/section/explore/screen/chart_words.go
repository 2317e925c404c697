package screen

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/section/explore/chart"
)

// scale puts the vertical scale into words, short enough for a telephone: millions are told
// once, in its unit.
func (l *looking) scale(p *plotView) {
	p.Unit = l.measureName(l.q.Measures[0])
	by := 1.0
	if max(p.Ticks[0].Value, -p.Ticks[len(p.Ticks)-1].Value) >= 1e6 {
		by, p.Unit = 1e6, l.L.T("explore.chart.millions", "measure", p.Unit)
	}
	for _, t := range p.Ticks {
		w := plotWord{Text: l.plain(t.Value / by), Y: t.At}
		p.Scale = append(p.Scale, w)
		p.Wide = max(p.Wide, 0.6*float64(len(w.Text)))
	}
}

// onLine are the words on a line: its greatest and its last value.
func (l *looking) onLine(dots []chart.Dot) []plotWord {
	word := func(d chart.Dot) plotWord {
		w := plotWord{Text: l.groupCell(1, d.Mark.Cells[1]).Text, X: d.X, Y: d.Y, Anchor: "middle"}
		switch {
		case d.X < 12:
			w.Anchor = "start"
		case d.X > 88:
			w.Anchor = "end"
		}
		return w
	}
	greatest := slices.MaxFunc(dots, func(a, b chart.Dot) int { return cmp.Compare(a.Mark.Value, b.Mark.Value) })
	last := dots[len(dots)-1]
	out := []plotWord{word(greatest)}
	if last.X-greatest.X > 20 {
		out = append(out, word(last))
	}
	return out
}

// plain is a number of a scale.
func (l *looking) plain(v float64) string {
	return grouped(strconv.FormatFloat(v, 'f', -1, 64))
}

// figure is a number that was computed, with four digits behind the point at most.
func (l *looking) figure(v float64) string { return rounded(l.plain(v)) }

// describe says in a sentence what a chart shows, from its numbers.
func (l *looking) describe(kind chart.Kind, marks []chart.Mark) string {
	name := func(m chart.Mark) string { return l.groupCell(0, m.Cells[0]).Text }
	value := func(m chart.Mark) string { return l.groupCell(1, m.Cells[1]).Text }
	order := func(a, b chart.Mark) int { return cmp.Compare(a.Value, b.Value) }
	greatest, least := slices.MaxFunc(marks, order), slices.MinFunc(marks, order)
	args := []any{"greatest", name(greatest), "most", value(greatest), "least", name(least), "few", value(least), "count", len(marks), "number", l.L.Number(len(marks))}
	if len(marks) == 1 {
		return l.L.T("explore.chart.says.one", args...)
	}
	if kind != chart.Line {
		return l.L.T("explore.chart.says", args...)
	}
	inTime := slices.SortedStableFunc(slices.Values(marks), func(a, b chart.Mark) int { return strings.Compare(a.Cells[0].Text, b.Cells[0].Text) })
	from, to := inTime[0], inTime[len(inTime)-1]
	trend := "same"
	switch {
	case to.Value > from.Value*1.02:
		trend = "up"
	case to.Value < from.Value*0.98:
		trend = "down"
	}
	args = append(args, "from", name(from), "first", value(from), "to", name(to), "last", value(to))
	return l.L.T("explore.chart.says."+trend, args...)
}

// source says what a picture is made from, so that it can be told when it is passed on.
func (l *looking) source() string {
	r := l.open.Resource
	parts := []string{l.L.T("explore.chart.source", "title", r.Title, "date", l.L.Date(l.open.Version.Fetched), "number", l.open.Version.Number)}
	if r.License != "" {
		parts = append(parts, l.L.T("explore.chart.license", "license", r.License))
	}
	if l.Search != nil && len(l.Search.Chips) > 0 {
		var some []string
		for _, c := range l.Search.Chips {
			some = append(some, c.Label+": "+c.Value)
		}
		parts = append(parts, l.L.T("explore.chart.filters", "filters", strings.Join(some, "; ")))
	}
	return strings.Join(parts, " ")
}
