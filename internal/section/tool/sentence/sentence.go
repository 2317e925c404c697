// Package sentence says what a view shows in one or two plain sentences, made from its
// numbers: the alternative text of pictures, and the summary of tools that have none of
// their own.
package sentence

import (
	"cmp"
	"embed"
	"math"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// Locale holds the sentences, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Say says what a view shows; "" for words between views.
func Say(l *i18n.Printer, v spec.View, r reckon.Result) string {
	if v.Mark == spec.Text {
		return ""
	}
	t := teller{l: l, view: v, r: r, w: wording.Writer{L: l, Result: r, Format: v.Format}}
	if t.measure, _, _ = wording.Column(r, reckon.RoleShare); t.measure < 0 { // else shares are what is drawn
		t.measure = slices.IndexFunc(r.Columns, func(c reckon.Column) bool { return c.Func != "" })
	}
	t.marks = t.marked()
	switch {
	case len(r.Rows) == 0:
		return l.T("tool.say.nothing")
	case v.Mark == spec.Table:
		return t.table()
	case r.Clustered || r.Binned || v.Mark == spec.Circle || v.Mark == spec.Point:
		return t.dots()
	case len(t.marks) == 0:
		return l.T("tool.say.nothing")
	case v.Mark == spec.Figure:
		return t.figure()
	case v.Mark == spec.Line || v.Mark == spec.Area:
		return t.lines()
	case v.Kind() == spec.KindHistogram:
		return t.histogram()
	}
	return t.extremes()
}

// teller makes the sentences of one result.
type teller struct {
	l       *i18n.Printer
	view    spec.View
	r       reckon.Result
	w       wording.Writer
	measure int // column of the first measure, -1 for none
	marks   []mark
}

// mark is a row with a value; what is left over is none.
type mark struct {
	row   int
	value float64
}

func (t *teller) marked() (out []mark) {
	if t.measure < 0 {
		return nil
	}
	for i, row := range t.r.Rows {
		v, err := strconv.ParseFloat(row[t.measure].Text, 64)
		if err == nil && !row[t.measure].Null && !slices.Contains(row, reckon.Other) {
			out = append(out, mark{i, v})
		}
	}
	return out
}

// name is what a row is of: its groups, but for one that the sentence tells besides. A mere
// number says of what it is one: "Hora 12".
func (t *teller) name(m mark, but reckon.Role) string {
	var parts []string
	for i, c := range t.r.Columns {
		if !c.Group || c.Role == but {
			continue
		}
		part := t.w.Cell(c, t.r.Rows[m.row][i])
		if _, err := strconv.ParseFloat(part, 64); err == nil && !c.Type.Temporal() {
			part = t.l.T("tool.say.which", "column", t.w.Title(c), "value", part)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " · ")
}

func (t *teller) value(m mark) string {
	return t.w.Cell(t.r.Columns[t.measure], t.r.Rows[m.row][t.measure])
}

func (t *teller) title() string { return t.w.Title(t.r.Columns[t.measure]) }

func byValue(a, b mark) int { return cmp.Compare(a.value, b.value) }

// ends are the greatest and the least of some marks, which are written with as many digits as
// tell them apart from here on; same says that there are several, all of one value.
func (t *teller) ends(marks []mark) (top, low mark, same bool) {
	top, low = slices.MaxFunc(marks, byValue), slices.MinFunc(marks, byValue)
	if top.value-low.value <= alike*math.Max(math.Abs(top.value), math.Abs(low.value)) {
		return top, low, len(marks) > 1
	}
	for t.value(top) == t.value(low) && t.w.Digits < wording.MostDigits {
		t.w.Digits++
	}
	return top, low, false
}

// alike is by what part numbers differ that are the same, added up in another order.
const alike = 1e-9

func (t *teller) percent(share float64) string { return t.l.Decimal(share*100, 0, 1) + "\u00a0%" }

// table says how many rows there are.
func (t *teller) table() string {
	shown := len(t.r.Rows)
	if t.r.Left > 0 {
		return t.l.T("tool.say.table.some", "count", shown, "number", t.l.Number(shown), "all", t.l.Number(int64(shown)+t.r.Left))
	}
	return t.l.T("tool.say.table", "count", shown, "number", t.l.Number(shown))
}

// dots says how many points there are, and what they cover.
func (t *teller) dots() string {
	n := t.r.Counted - t.r.Missing - t.r.Nowhere
	if !t.r.Clustered && !t.r.Binned {
		n = int64(len(t.r.Rows))
	}
	out := t.l.T("tool.say.dots", "count", n, "number", t.l.Number(n))
	if t.r.Clustered {
		return out + " " + t.l.T("tool.say.clustered", "count", len(t.r.Rows), "number", t.l.Number(len(t.r.Rows)))
	}
	for _, role := range []reckon.Role{reckon.RoleX, reckon.RoleY} {
		i, c, ok := wording.Column(t.r, role)
		if !ok || t.view.Mark == spec.Circle {
			continue
		}
		if least, greatest, ok := t.covered(i); ok {
			if v, err := strconv.ParseFloat(greatest.Text, 64); err == nil && c.Step == tabular.StepBins {
				greatest.Text, c.Step = strconv.FormatFloat(v+c.Width, 'f', -1, 64), "" // from the first edge to the last
			}
			from, to := t.w.Cell(c, least), t.w.Cell(c, greatest)
			key := "tool.say.covers"
			if from == to {
				key = "tool.say.covers.one"
			}
			out += " " + t.l.T(key, "what", t.w.Title(c), "from", from, "to", to)
		}
	}
	return out
}

// covered are the least and the greatest value of a column.
func (t *teller) covered(i int) (least, greatest tabular.Cell, ok bool) {
	order := func(a, b tabular.Cell) int {
		x, errX := strconv.ParseFloat(a.Text, 64)
		y, errY := strconv.ParseFloat(b.Text, 64)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(a.Text, b.Text)
	}
	var cells []tabular.Cell
	for _, row := range t.r.Rows {
		if !row[i].Null {
			cells = append(cells, row[i])
		}
	}
	if len(cells) == 0 {
		return least, greatest, false
	}
	return slices.MinFunc(cells, order), slices.MaxFunc(cells, order), true
}

// figure says the number, and how it changed.
func (t *teller) figure() string {
	last := t.marks[len(t.marks)-1]
	if name := t.name(last, ""); name != "" {
		out := t.l.T("tool.say.figure.when", "what", t.title(), "value", t.value(last), "when", name)
		if len(t.marks) > 1 {
			before := t.marks[len(t.marks)-2]
			out += " " + t.change("tool.say.figure.", before, last, "")
		}
		return out
	}
	return t.l.T("tool.say.figure", "what", t.title(), "value", t.value(last))
}

// change says how a value became another: key is that of sentences that end in up, down,
// times, same and plain.
func (t *teller) change(key string, from, to mark, but reckon.Role) string {
	trend, by := "same", 0.0
	if from.value != 0 {
		by = (to.value - from.value) / abs(from.value)
	}
	switch {
	case by >= leastChange:
		trend = "up"
	case by <= -leastChange:
		trend = "down"
	}
	times := 0.0
	if from.value > 0 {
		times = to.value / from.value
	}
	switch {
	case times >= manyTimes && times <= mostTimes:
		trend = "times"
	case times > mostTimes, from.value == 0 && to.value != 0, from.value*to.value < 0, t.r.Columns[t.measure].Type == tabular.Percent && trend != "same":
		trend = "plain" // nothing grows from zero by a percentage, and one of a percentage misleads
	}
	return t.l.T(key+trend, "from", t.name(from, but), "first", t.value(from), "to", t.name(to, but), "last", t.value(to), "percent", t.percent(abs(by)), "times", t.times(times))
}

// times writes a factor as it is said: 3.4, 27, 3,045.
func (t *teller) times(factor float64) string {
	if factor < 10 {
		return t.l.Decimal(factor, 0, 1)
	}
	return t.l.Decimal(factor, 0, 0)
}

// From manyTimes on a growth is told as a factor, since percentages of it mislead; beyond
// mostTimes it says only that the start was next to nothing.
const (
	manyTimes = 3
	mostTimes = 10_000
)

// leastChange is the part below which nothing has changed, as percentages are written.
const leastChange = 0.0005

func abs(v float64) float64 { return max(v, -v) }

// lines says how a line goes, or where the lines end.
func (t *teller) lines() string {
	series := slices.ContainsFunc(t.r.Columns, func(c reckon.Column) bool {
		return c.Group && c.Role != reckon.RoleX
	})
	if !series {
		first, last := t.marks[0], t.marks[len(t.marks)-1]
		if len(t.marks) == 1 {
			return t.l.T("tool.say.one", "what", t.title(), "greatest", t.name(first, ""), "most", t.value(first))
		}
		top, _, same := t.ends(t.marks)
		if same {
			return t.l.T("tool.say.line.always", "what", t.title(), "most", t.value(top), "from", t.name(first, ""), "to", t.name(last, ""))
		}
		return t.l.T("tool.say.line", "what", t.title()) + " " + t.change("tool.say.line.", first, last, "") + " " +
			t.l.T("tool.say.highest", "greatest", t.name(top, ""), "most", t.value(top))
	}
	return t.series()
}

// series says where the lines end.
func (t *teller) series() string {
	x, c, _ := wording.Column(t.r, reckon.RoleX)
	_, end, _ := t.covered(x)
	var last []mark
	names := map[string]bool{}
	for _, m := range t.marks {
		names[t.name(m, reckon.RoleX)] = true
		if t.r.Rows[m.row][x] == end {
			last = append(last, m)
		}
	}
	if len(last) == 0 {
		return t.extremes()
	}
	top, low, same := t.ends(last)
	key := "tool.say.series"
	if same {
		key = "tool.say.series.same"
	}
	out := t.l.T(key, "count", len(names), "number", t.l.Number(len(names)), "what", t.title(), "when", t.w.Cell(c, end),
		"greatest", t.name(top, reckon.RoleX), "most", t.value(top), "least", t.name(low, reckon.RoleX), "few", t.value(low))
	if n := t.r.Folded; n > 0 && t.r.RestSeries != "" && t.r.Rest < 0 {
		out += " " + t.l.T("tool.say.series.others", "count", n, "number", t.l.Number(n))
	}
	if n := t.colours() - spec.MaxSeries; n > 0 {
		out += " " + t.l.T("tool.say.series.grey", "count", n, "number", t.l.Number(n))
	}
	return out
}

// colours is how many values the column has by which series are told apart.
func (t *teller) colours() int {
	at, _, ok := wording.Column(t.r, reckon.RoleColor)
	seen := map[tabular.Cell]bool{}
	for _, row := range t.r.Rows {
		if ok {
			seen[row[at]] = true
		}
	}
	return len(seen)
}

// histogram says in which range most lies.
func (t *teller) histogram() string {
	top, _, same := t.ends(t.marks)
	if same {
		return t.l.T("tool.say.histogram.same", "number", t.l.Number(len(t.marks)), "most", t.value(top))
	}
	out := t.l.T("tool.say.histogram", "count", len(t.marks), "number", t.l.Number(len(t.marks)), "greatest", t.name(top, ""), "most", t.value(top))
	return out + t.share(top)
}

// extremes says which is the greatest and which the least, of bars, parts, cells and places.
func (t *teller) extremes() string {
	top, low, same := t.ends(t.marks)
	if len(t.marks) == 1 {
		return t.l.T("tool.say.one", "what", t.title(), "greatest", t.name(top, ""), "most", t.value(top))
	}
	key := "tool.say.groups"
	if t.view.Mark == spec.GeoShape {
		key = "tool.say.places"
	}
	if same {
		return t.l.T(key+".same", "what", t.title(), "number", t.l.Number(len(t.marks)), "most", t.value(top))
	}
	return t.l.T(key, "what", t.title(), "count", len(t.marks), "number", t.l.Number(len(t.marks)), "greatest", t.name(top, ""), "most", t.value(top),
		"least", t.name(low, ""), "few", t.value(low)) + t.share(top)
}

// share says what part of all the greatest is, where parts make a whole that is known.
func (t *teller) share(top mark) string {
	c := t.r.Columns[t.measure]
	if c.Per != "" || c.Func != tabular.Sum && c.Func != tabular.Count || t.r.Left > 0 || t.r.LeftRows > 0 || t.r.Negative > 0 {
		return ""
	}
	sum := 0.0
	for _, row := range t.r.Rows {
		v, err := strconv.ParseFloat(row[t.measure].Text, 64)
		if v < 0 {
			return ""
		}
		if err == nil {
			sum += v
		}
	}
	if sum <= 0 {
		return ""
	}
	return " " + t.l.T("tool.say.share", "greatest", t.name(top, ""), "percent", t.percent(top.value/sum))
}
