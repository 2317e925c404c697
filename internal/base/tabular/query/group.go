package query

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
)

// Groups compiles a query for groups: a column for each grouped one, then one for each
// measure (the number of rows when none is asked for). Without Sort, groups by time and
// bins come in their order, others by the first measure, greatest first; ties in the
// groups' order. Sort names a grouped column or a measure as MeasureName has it.
func Groups(t tabular.Table, hidden []string, q tabular.Query, from string) (SQL, error) {
	b := newBuilder(t, hidden)
	limit := b.limit(q.Limit, DefaultGroupRows, MaxGroupRows)
	if q.Key != nil {
		b.wrong(ParamAfter, "query.cursor", nil)
	}
	out := b.grouped(q, from)
	out.Limit = limit
	b.write(" LIMIT ", b.bind(int64(limit)+1, "BIGINT"))
	return b.done(out)
}

// grouped writes the statement of groups but for how many there may be.
func (b *builder) grouped(q tabular.Query, from string) SQL {
	out := SQL{Row: -1, Odd: -1}
	b.view.within(q)
	var list, at []string
	for _, g := range b.groups(&out, q.Group) {
		list = append(list, g)
		at = append(at, strconv.Itoa(len(list)))
	}
	list = append(list, b.measures(&out, q.Measures)...)
	for i := range out.Columns {
		out.Shown = append(out.Shown, i)
	}
	b.write("SELECT ", strings.Join(list, ", "), " FROM ", from, conjunction(b.where(q)))
	if len(at) > 0 {
		b.write(" GROUP BY ", strings.Join(at, ", "))
	}
	b.write(b.groupOrder(out, q, list[:len(at)]))
	return out
}

// Coded reports whether the values of a grouped column are codes of states or
// municipalities.
func Coded(t tabular.Table, g tabular.Group) bool {
	c := newView(t).columns[g.Column]
	return g.Step == "" && (c.Meaning == tabular.State || c.Meaning == tabular.Municipality)
}

// Heads are what the columns of groups are called in files and answers: the grouped ones by
// their name, measures as addresses write them. What would be called as one before it has a
// line below more.
func Heads(q tabular.Query, columns []Out) []string {
	measures := measuresOf(q)
	heads := make([]string, 0, len(columns))
	for i, c := range columns {
		name := c.Name
		if i >= len(q.Group) {
			name = Word(measures[i-len(q.Group)])
		}
		for slices.Contains(heads, name) {
			name += "_"
		}
		heads = append(heads, name)
	}
	return heads
}

// groups are the expressions of the grouped columns.
func (b *builder) groups(out *SQL, groups []tabular.Group) []string {
	if len(groups) > MaxGroups {
		b.wrong(ParamGroup, "query.groups", map[string]any{"max": MaxGroups})
		return nil
	}
	var list []string
	seen := map[string]bool{}
	for _, g := range groups {
		c, ok := b.view.columns[g.Column]
		if !ok || g.Column == tabular.ColumnRow {
			b.wrong(ParamGroup, "query.column", map[string]any{"column": g.Column})
			continue
		}
		if c.Type == tabular.Geometry || seen[g.Column] {
			b.wrong(ParamGroup, "query.group.type", map[string]any{"column": g.Column})
			continue
		}
		seen[g.Column] = true
		expr, o, problem := b.stepped(c, g)
		if problem != "" {
			b.wrong(ParamStep, problem, map[string]any{"column": g.Column, "max": MaxBins})
			continue
		}
		out.Columns = append(out.Columns, o)
		list = append(list, expr)
	}
	return list
}

// stepped is a grouped column by its step.
func (b *builder) stepped(c column, g tabular.Group) (expr string, out Out, problem string) {
	out = Out{Name: c.Name, Type: c.Type, Step: g.Step}
	switch g.Step {
	case "":
		return c.expr, out, ""
	case tabular.StepBins:
		if !c.Type.Number() {
			return "", out, "query.step.number"
		}
		n := g.Bins
		if n == 0 {
			n = DefaultBins
		}
		if n < 1 || n > MaxBins {
			return "", out, "query.step.bins"
		}
		bins := binsOf(c.Column, n)
		out.Width = bins.width()
		return bins.expr(c.expr, c.Type.Storage() == tabular.StoredInt), out, ""
	case tabular.StepYear, tabular.StepQuarter, tabular.StepMonth, tabular.StepWeek, tabular.StepDay:
		if c.Type != tabular.Date && c.Type != tabular.DateTime {
			return "", out, "query.step.date"
		}
		out.Type = tabular.Date
		// the step is one of the words above, never the text of a request
		return "date_trunc('" + string(g.Step) + "', " + c.expr + ")::DATE", out, ""
	case tabular.StepHour:
		if c.Type != tabular.DateTime {
			return "", out, "query.step.date"
		}
		return "date_trunc('hour', " + c.expr + ")", out, ""
	}
	return "", out, "query.step"
}

// MeasureName is how a measure's column is called: "count", "sum:monto".
func MeasureName(m tabular.Measure) string {
	if m.Column == "" {
		return string(m.Func)
	}
	return string(m.Func) + ":" + m.Column
}

// measures are the expressions of what is computed.
func (b *builder) measures(out *SQL, measures []tabular.Measure) []string {
	if len(measures) == 0 {
		measures = []tabular.Measure{{Func: tabular.Count}}
	}
	if len(measures) > MaxMeasures {
		b.wrong(ParamMeasure, "query.measures", map[string]any{"max": MaxMeasures})
		return nil
	}
	var list []string
	for _, m := range measures {
		expr, as, problem := b.measure(m)
		if problem != "" {
			b.wrong(ParamMeasure, problem, map[string]any{"column": m.Column, "measure": string(m.Func)})
			continue
		}
		list = append(list, expr)
		out.Columns = append(out.Columns, Out{Name: MeasureName(m), Type: as})
	}
	return list
}

func (b *builder) measure(m tabular.Measure) (expr string, as tabular.Type, problem string) {
	if !slices.Contains(tabular.Funcs, m.Func) {
		return "", "", "query.measure"
	}
	if m.Column == "" {
		if m.Func != tabular.Count {
			return "", "", "query.measure.column"
		}
		return "count(*)", tabular.Integer, ""
	}
	c, ok := b.view.columns[m.Column]
	if !ok || m.Column == tabular.ColumnRow {
		return "", "", "query.column"
	}
	if !measurable(m.Func, c.Type) {
		return "", "", "query.measure.type"
	}
	switch m.Func {
	case tabular.Count:
		return "count(" + c.expr + ")", tabular.Integer, ""
	case tabular.Distinct:
		return "count(DISTINCT " + c.expr + ")", tabular.Integer, ""
	case tabular.Sum:
		if c.Type == tabular.Year {
			return "sum(" + c.expr + ")", tabular.Integer, ""
		}
		return "sum(" + c.expr + ")", c.Type, ""
	case tabular.Mean, tabular.Median:
		name := map[tabular.Func]string{tabular.Mean: "avg", tabular.Median: "median"}[m.Func]
		if c.Type == tabular.Integer || c.Type == tabular.Year {
			return name + "(" + c.expr + ")", tabular.Decimal, ""
		}
		return name + "(" + c.expr + ")", c.Type, ""
	}
	return string(m.Func) + "(" + c.expr + ")", c.Type, "" // min, max
}

// measurable reports whether a function makes sense for values of a type.
func measurable(f tabular.Func, t tabular.Type) bool {
	switch f {
	case tabular.Count, tabular.Distinct:
		return t != tabular.Geometry
	case tabular.Min, tabular.Max:
		return t != tabular.Geometry && t != tabular.Boolean
	}
	return t.Number()
}

// FuncsOf are the measures that make sense for a column, in the order in which people
// are offered them.
func FuncsOf(c tabular.Column) []tabular.Func {
	var out []tabular.Func
	for _, f := range tabular.Funcs {
		if measurable(f, c.Type) {
			out = append(out, f)
		}
	}
	return out
}

// groupOrder is the clause by which groups are ordered, texts as in a dictionary. Places in
// the list of results stand for expressions, so that no name can be mistaken for another.
func (b *builder) groupOrder(out SQL, q tabular.Query, grouped []string) string {
	var keys []string
	groups := len(grouped)
	used := map[int]bool{}
	by := func(i int, down bool) {
		if !used[i] {
			used[i] = true
			if i < groups && out.Columns[i].Type == tabular.Text {
				keys = append(keys, dictionary(grouped[i])+way(down)+" NULLS LAST")
			}
			keys = append(keys, strconv.Itoa(i+1)+way(down)+" NULLS LAST")
		}
	}
	if len(q.Sort) > MaxSorts {
		b.wrong(ParamSort, "query.sorts", map[string]any{"max": MaxSorts})
	}
	for _, o := range q.Sort {
		i := slices.IndexFunc(out.Columns, func(c Out) bool { return c.Name == o.Column })
		if i < 0 {
			b.wrong(ParamSort, "query.sort.group", map[string]any{"column": o.Column})
			continue
		}
		by(i, o.Down)
	}
	inOrder := slices.ContainsFunc(q.Group, func(g tabular.Group) bool { return g.Step != "" })
	if len(q.Sort) == 0 && groups > 0 && !inOrder && len(out.Columns) > groups {
		by(groups, true)
	}
	for i := range groups {
		by(i, false)
	}
	if len(keys) == 0 {
		return ""
	}
	return " ORDER BY " + strings.Join(keys, ", ")
}

// bins are intervals of equal width that begin at multiples of it. The width is 1, 2 or
// 5 times a power of ten: times when it is whole, 1/parts when it is a fraction; so an
// edge is one division away from a whole number, and is written with few digits.
type bins struct {
	times, parts float64 // one of them is 1
	last         float64 // index of the last bin
}

// binsOf divides what a column's values cover into n bins or a few more or less.
func binsOf(c tabular.Column, n int) bins {
	low, errLow := strconv.ParseFloat(c.Stats.Min, 64)
	high, errHigh := strconv.ParseFloat(c.Stats.Max, 64)
	if errLow != nil || errHigh != nil || !(low <= high) || math.IsInf(high-low, 0) {
		// nothing is known of it: one bin holds all
		return bins{times: 1e15, parts: 1, last: math.Inf(1)}
	}
	raw := (high - low) / float64(n)
	if high == low {
		raw = 1
	}
	if least := math.Max(math.Abs(low), math.Abs(high)) * 1e-12; raw < least {
		raw = least // narrower ones could not be told apart
	}
	b := bins{times: 1, parts: 1}
	if c.Type.Storage() == tabular.StoredInt || raw >= 1 {
		b.times = nice(math.Max(raw, 1))
	} else {
		b.parts = math.Round(1 / nice(raw))
	}
	b.last = math.Floor(high / b.width())
	if over := high - b.last*b.width(); over <= b.width()*1e-9 && high > low {
		b.last-- // the greatest value stands on an edge: the last bin holds it too
	}
	return b
}

func (b bins) width() float64 { return b.times / b.parts }

// nice is the least 1, 2 or 5 times a power of ten that is no less than w.
func nice(w float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(w)))
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= w*(1-1e-9) {
			return m * unit
		}
	}
	return 10 * unit
}

// expr is the lower edge of a value's bin.
func (b bins) expr(column string, whole bool) string {
	num := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) + "::DOUBLE" }
	// a value on an edge may come out a hair below it
	index := "floor(" + column + " * " + num(b.parts) + " / " + num(b.times) + " + 1e-9)"
	if !math.IsInf(b.last, 0) {
		// least() would put rows without value into the last bin
		index = "CASE WHEN " + index + " > " + num(b.last) + " THEN " + num(b.last) + " ELSE " + index + " END"
	}
	edge := "(" + index + ") * " + num(b.times) + " / " + num(b.parts)
	if whole {
		return "(" + edge + ")::HUGEINT" // the edge below the least of 64 bits has more
	}
	return edge
}
