package screen

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/section/explore/chart"
)

// Parameters of the chart's and the map's addresses.
const (
	paramChart   = "grafica" // the column by which rows are drawn, "" for what fits best
	paramMeasure = "mide"    // what is drawn of each group: "suma:monto"; "" for the number of rows
)

// chartView is one chart, with the numbers that it is drawn from.
type chartView struct {
	Title, Why string
	Describe   string // what it shows, in a sentence
	Others     []web.NavLink
	Measure    measureForm
	Heads      []string // of the table of its numbers
	Rows       []chartRow
	Bars       bool // the table itself holds the picture
	Plot       *plotView
	Notes      []string
	Source     string
	Table      string // address of the same groups as a table
	Empty      *web.Empty
}

// chartRow is one group in the table of numbers.
type chartRow struct {
	Label cellView
	Path  string // address of its rows, "" for none
	Cells []cellView
	Bar   chart.Bar
	Rest  bool // it is all the groups that have no row of their own
}

// plotView is a drawing with its words.
type plotView struct {
	chart.Plot
	Kind   chart.Kind
	Scale  []plotWord // left, beside their lines
	Along  []plotWord // below
	Marks  []plotWord // on the drawing
	Titles []string   // of the columns
	Zero   float64    // percent
}

// plotWord is a word at a place, in percent.
type plotWord struct {
	Text   string
	X, Y   float64
	Anchor string // start, middle, end
	Minor  bool   // left out where there is little room
}

// measureForm is the form that chooses what is computed of each group.
type measureForm struct {
	Action  string
	Keep    []field
	Label   string
	Do      string
	Options []web.Option
	Chosen  string
}

// chart fills the tab with a chart.
func (p *Pages) chart(l *looking) error {
	choices := chart.Choose(l.t, l.withheld, l.q)
	v := &chartView{Table: l.link(l.q, without("ver"))}
	l.Chart = v
	if len(choices) == 0 {
		v.Empty = &web.Empty{Title: l.L.T("explore.chart.none"), Text: l.L.T("explore.chart.none.text")}
		return nil
	}
	c := l.chosen(choices)
	told := map[string]bool{c.Column: true}
	for i, other := range choices {
		if told[other.Column] {
			continue
		}
		told[other.Column] = true
		name := l.L.T("explore.chart.by", "column", l.groupName(other.Query.Group[0]))
		if i == 0 {
			v.Others = append(v.Others, web.NavLink{Label: name, Path: l.link(l.q, without(paramChart))})
			continue
		}
		v.Others = append(v.Others, web.NavLink{Label: name, Path: l.link(l.q, with(paramChart, other.Column))})
	}
	otherwise := l.usual(c.Column)
	if c.Why == "asked" && len(l.q.Measures) > 0 {
		otherwise = l.q.Measures[0]
	}
	m := l.measure(otherwise)
	v.Measure = l.measureForm(m)
	c.Query.Measures = measuresWithCount(m)
	found, err := p.Engine.Groups(l.ctx, l.table, c.Query)
	if err != nil {
		return err
	}
	all, err := p.Engine.Groups(l.ctx, l.table, tabular.Query{Search: l.q.Search, Where: l.q.Where, Measures: c.Query.Measures})
	if err != nil {
		return err
	}
	l.drawChart(v, c, m, found, all)
	return nil
}

// withheld reports whether a column is not to be drawn.
func (l *looking) withheld(name string) bool { return slices.Contains(l.table.Hidden, name) }

// chosen is the chart that the address names, else the first.
func (l *looking) chosen(choices []chart.Choice) chart.Choice {
	name := l.at.values.Get(paramChart)
	for _, c := range choices {
		if name != "" && c.Column == name && c.Why != "asked" {
			return c
		}
	}
	return choices[0]
}

// usual is what is drawn of groups by some columns when nobody said: how many rows there
// are; but where one of them is a part of what names a row, that says nothing (a row for
// each state and month), and a number of the rows is added up.
func (l *looking) usual(columns ...string) tabular.Measure {
	count := tabular.Measure{Func: tabular.Count}
	if !slices.ContainsFunc(columns, func(c string) bool { return slices.Contains(l.t.Key, c) }) {
		return count
	}
	for _, name := range l.measured() {
		switch t := l.t.Column(name).Type; {
		case slices.Contains(columns, name):
		case t == tabular.Percent || t == tabular.Decimal:
			return tabular.Measure{Func: tabular.Mean, Column: name}
		default:
			return tabular.Measure{Func: tabular.Sum, Column: name}
		}
	}
	return count
}

// measuresWithCount asks for a measure, and for the rows that it is made of.
func measuresWithCount(m tabular.Measure) []tabular.Measure {
	rows := tabular.Measure{Func: tabular.Count}
	if m == rows {
		return []tabular.Measure{rows}
	}
	return []tabular.Measure{m, rows}
}

// measured are the columns whose values are added up or averaged.
func (l *looking) measured() []string {
	var out []string
	for _, c := range l.t.Columns {
		if c.Type.Number() && c.Type != tabular.Year && c.Meaning != tabular.Key && c.Meaning != tabular.Latitude && c.Meaning != tabular.Longitude && !c.Meaning.Personal() {
			out = append(out, c.Name)
		}
	}
	return out
}

// measure is what the address asks to be drawn, else the given one.
func (l *looking) measure(otherwise tabular.Measure) tabular.Measure {
	f, column, _ := strings.Cut(l.at.values.Get(paramMeasure), ":")
	m := tabular.Measure{Func: tabular.Func(f), Column: column}
	if f == string(tabular.Count) {
		return tabular.Measure{Func: tabular.Count}
	}
	if c := l.t.Column(column); c != nil && slices.Contains(query.FuncsOf(*c), m.Func) && c.Type.Number() && !c.Meaning.Personal() {
		return m
	}
	return otherwise
}

// measureForm offers the number of rows, and sum and mean of each column of numbers.
func (l *looking) measureForm(m tabular.Measure) measureForm {
	q := l.q
	q.Key = nil
	f := measureForm{Action: l.at.path, Label: l.L.T("explore.chart.measure"), Do: l.L.T("explore.chart.measure.do"), Chosen: query.MeasureName(m)}
	f.Options = []web.Option{{Value: string(tabular.Count), Label: l.measureName(tabular.Measure{Func: tabular.Count})}}
	add := func(m tabular.Measure) {
		name := query.MeasureName(m)
		if !slices.ContainsFunc(f.Options, func(o web.Option) bool { return o.Value == name }) {
			f.Options = append(f.Options, web.Option{Value: name, Label: l.measureName(m)})
		}
	}
	for _, name := range l.measured() {
		add(tabular.Measure{Func: tabular.Sum, Column: name})
		add(tabular.Measure{Func: tabular.Mean, Column: name})
	}
	add(m)
	for _, one := range l.hidden(q) {
		if one.Name != paramMeasure {
			f.Keep = append(f.Keep, one)
		}
	}
	return f
}

// drawChart lays out what was found.
func (l *looking) drawChart(v *chartView, c chart.Choice, m tabular.Measure, found, all tabular.Groups) {
	g := c.Query.Group[0]
	asked := l.q
	asked.Group, asked.Measures, asked.Sort, asked.Key, asked.Limit = c.Query.Group, c.Query.Measures[:1], nil, nil, 0
	if c.Kind == chart.Line {
		asked.Sort = []tabular.Order{{Column: g.Column}}
	}
	v.Table = l.link(asked, without("ver"), without(paramChart), without(paramMeasure))
	drawn := asked
	drawn.Measures = c.Query.Measures
	l.Figures = l.downloads(drawn)
	v.Title = l.L.T("explore.groups.caption", "measure", l.measureName(m), "columns", l.groupName(g))
	v.Why = l.L.T("explore.chart.why."+c.Why, "column", l.groupName(g))
	v.Source = l.source()
	v.Heads = []string{l.groupName(g)}
	for _, one := range c.Query.Measures {
		v.Heads = append(v.Heads, l.measureName(one))
	}
	marks, without, blank := valued(found)
	shown := chart.Marks(tabular.Groups{Rows: marks}, 1)
	rows := l.countOf(all)
	v.Notes = append(v.Notes, l.L.T("explore.chart.rows", "count", int(rows), "number", l.L.Number(rows)))
	if without > 0 {
		v.Notes = append(v.Notes, l.L.T("explore.chart.missing", "count", int(without), "number", l.L.Number(without), "column", l.groupName(g)))
	}
	if blank > 0 {
		v.Notes = append(v.Notes, l.L.T("explore.chart.blank", "count", blank, "number", l.L.Number(blank), "measure", l.measureName(m)))
	}
	if len(l.q.Group) > 1 && c.Why == "asked" {
		v.Notes = append(v.Notes, l.L.T("explore.chart.first", "column", l.groupName(g)))
	}
	if len(shown) == 0 {
		v.Empty = l.nothing()
		return
	}
	inner := looking{view: l.view, ctx: l.ctx, open: l.open, table: l.table, t: l.t, q: asked, sheet: l.sheet}
	inner.q.Measures = c.Query.Measures
	v.Bars = c.Kind == chart.Bars
	if !v.Bars {
		v.Plot = inner.plot(v, c.Kind, shown)
		for _, d := range v.Plot.Plot.Marks {
			v.Rows = append(v.Rows, inner.chartRow(d.Mark))
		}
	} else {
		inner.barRows(v, shown)
		if found.More {
			inner.others(v, len(shown), found, all)
		}
	}
	v.Describe = inner.describe(c.Kind, shown)
}

// valued are the groups that can be drawn. without is how many rows have no value to be
// grouped by, blank how many groups nothing was computed of: that is no zero.
func valued(g tabular.Groups) (rows [][]tabular.Cell, without int64, blank int) {
	for _, row := range g.Rows {
		switch {
		case row[0].Null:
			n, _ := strconv.ParseInt(row[len(row)-1].Text, 10, 64) // the engine's own count
			without += n
		case row[1].Null:
			blank++
		default:
			rows = append(rows, row)
		}
	}
	return rows, without, blank
}

// countOf is how many rows a question without groups counted.
func (l *looking) countOf(all tabular.Groups) int64 {
	if len(all.Rows) == 0 || len(all.Rows[0]) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(all.Rows[0][len(all.Rows[0])-1].Text, 10, 64) // the engine's own count
	return n
}

func (l *looking) chartRow(m chart.Mark) chartRow {
	plain := l.q
	plain.Group, plain.Measures, plain.Sort, plain.Key, plain.Limit = nil, nil, nil, nil, 0
	r := chartRow{Label: l.groupCell(0, m.Cells[0]), Path: l.groupRows(plain, m.Cells)}
	for j := 1; j < len(m.Cells); j++ {
		r.Cells = append(r.Cells, l.groupCell(j, m.Cells[j]))
	}
	return r
}

// barRows lays each group out as a row with a bar in it.
func (l *looking) barRows(v *chartView, marks []chart.Mark) {
	for i, bar := range chart.Lengths(marks) {
		r := l.chartRow(marks[i])
		r.Bar = bar
		v.Rows = append(v.Rows, r)
	}
}

// others adds a row for the groups that have none of their own, where what is computed can
// be added up; elsewhere it says that there are more.
func (l *looking) others(v *chartView, shown int, found, all tabular.Groups) {
	if f := l.q.Measures[0].Func; f != tabular.Count && f != tabular.Sum {
		v.Notes = append(v.Notes, l.L.T("explore.chart.most", "number", l.L.Number(shown)))
		return
	}
	rest := chartRow{Rest: true, Label: cellView{Text: l.L.T("explore.chart.others")}}
	for i, total := range all.Rows[0] {
		left := float(total)
		for _, row := range found.Rows {
			left -= float(row[1+i])
		}
		rest.Cells = append(rest.Cells, cellView{Text: l.figure(left), Class: "is-number"})
	}
	v.Rows = append(v.Rows, rest)
	v.Notes = append(v.Notes, l.L.T("explore.chart.others.note", "number", l.L.Number(shown)))
}

// plot lays out a line or columns, with their words.
func (l *looking) plot(v *chartView, kind chart.Kind, marks []chart.Mark) *plotView {
	p := &plotView{Plot: chart.Draw(kind, marks), Kind: kind}
	p.Zero = p.Plot.Zero
	for _, t := range p.Ticks {
		p.Scale = append(p.Scale, plotWord{Text: l.plain(t.Value), Y: t.At})
	}
	for i, t := range p.Plot.Along {
		w := plotWord{Text: l.groupCell(0, tabular.Cell{Text: t.Text}).Text, X: t.At, Anchor: "middle", Minor: i%2 == 1}
		switch {
		case kind == chart.Columns:
			w.Text = grouped(rounded(t.Text))
		case t.At < 8:
			w.Anchor = "start"
		case t.At > 92:
			w.Anchor = "end"
		}
		p.Along = append(p.Along, w)
	}
	if kind == chart.Columns {
		for _, d := range p.Plot.Marks {
			p.Titles = append(p.Titles, l.groupCell(0, d.Mark.Cells[0]).Text+": "+l.groupCell(1, d.Mark.Cells[1]).Text)
		}
	} else {
		p.Marks = l.onLine(p.Plot.Marks)
		giveWay(p.Scale, p.Marks)
	}
	if p.Zero == 100 { // it lies at the foot: nothing is negative
		v.Notes = append(v.Notes, l.L.T("explore.chart.zero"))
	}
	if p.Gaps > 0 {
		v.Notes = append(v.Notes, l.L.T("explore.chart.gaps", "count", p.Gaps, "number", l.L.Number(p.Gaps)))
	}
	return p
}

// giveWay leaves out the words of the scale on which a word of the line would lie. Their
// lines stay.
func giveWay(scale, marks []plotWord) {
	for i := range scale {
		if slices.ContainsFunc(marks, func(m plotWord) bool { return m.X < 18 && math.Abs(m.Y-scale[i].Y) < 9 }) {
			scale[i].Text = ""
		}
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
