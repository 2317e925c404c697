package query_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
)

// stepOf is a value of a grouped column put together by its step, as a cell's text; ""
// for no value.
func (x *random) stepOf(i int, g tabular.Group, width float64, last float64) string {
	v := x.rows[i][map[string]string{tabular.ColumnEnt: "ent", tabular.ColumnMun: "mun"}[g.Column]]
	if v == nil {
		v = x.rows[i][g.Column]
	}
	at, _ := v.(time.Time)
	switch {
	case v == nil:
		return ""
	case g.Step == tabular.StepBins:
		f, ok := v.(float64)
		if !ok {
			f = float64(v.(int64))
		}
		// in hundredths, where nothing is rounded
		edge := math.Floor(math.Round(f*100) / math.Round(width*100))
		return query.Float(math.Round(min(edge, last)*width*100) / 100)
	case g.Step == tabular.StepYear:
		return at.Format("2006") + "-01-01"
	case g.Step == tabular.StepQuarter:
		return time.Date(at.Year(), (at.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case g.Step == tabular.StepMonth:
		return at.Format("2006-01") + "-01"
	case g.Step == tabular.StepWeek:
		for at.Weekday() != time.Monday {
			at = at.AddDate(0, 0, -1)
		}
		return at.Format(time.DateOnly)
	case g.Step == tabular.StepDay:
		return at.Format(time.DateOnly)
	case g.Step == tabular.StepHour:
		return at.Format("2006-01-02T15:00:00")
	}
	t := tabular.Code
	if c := x.table.Column(g.Column); c != nil {
		t = c.Type
	}
	return query.CellOf(v, t).Text
}

// measured is a measure of some rows, "" for none.
func (x *random) measured(rows []int, m tabular.Measure) string {
	if m.Column == "" {
		return strconv.Itoa(len(rows))
	}
	var values []any
	for _, i := range rows {
		if v := x.rows[i][m.Column]; v != nil {
			values = append(values, v)
		}
	}
	slices.SortFunc(values, order)
	t := x.table.Column(m.Column).Type
	text := func(v any) string { return query.CellOf(v, t).Text }
	float := func(v any) float64 {
		if n, ok := v.(int64); ok {
			return float64(n)
		}
		return v.(float64)
	}
	switch {
	case m.Func == tabular.Count:
		return strconv.Itoa(len(values))
	case m.Func == tabular.Distinct:
		return strconv.Itoa(len(slices.CompactFunc(values, func(a, b any) bool { return order(a, b) == 0 })))
	case len(values) == 0:
		return ""
	case m.Func == tabular.Min:
		return text(values[0])
	case m.Func == tabular.Max:
		return text(values[len(values)-1])
	case m.Func == tabular.Median:
		n := len(values)
		return query.Float((float(values[(n-1)/2]) + float(values[n/2])) / 2)
	}
	sum := 0.0
	for _, v := range values {
		sum += float(v)
	}
	if m.Func == tabular.Mean {
		sum /= float64(len(values))
	}
	return query.Float(sum)
}

// alike compares texts of numbers that were added up in another order.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && math.Abs(x-y) <= 1e-9*math.Max(1, math.Abs(x))
}

func groupsAsked(r *rand.Rand) (tabular.Query, []naive) {
	q, hold := asked(r)
	q.Sort, q.Columns = nil, nil
	q.Limit = query.MaxGroupRows
	kinds := []tabular.Group{
		{Column: "t\"xt"}, {Column: "code"}, {Column: "b"}, {Column: "n"}, {Column: tabular.ColumnEnt}, {Column: tabular.ColumnMun}, {Column: "h"},
		{Column: "d", Step: pick(r, []tabular.Step{tabular.StepYear, tabular.StepQuarter, tabular.StepMonth, tabular.StepWeek, tabular.StepDay})},
		{Column: "ts", Step: pick(r, []tabular.Step{tabular.StepYear, tabular.StepMonth, tabular.StepWeek, tabular.StepDay, tabular.StepHour})},
		{Column: "n", Step: tabular.StepBins, Bins: 1 + r.IntN(30)}, {Column: "x", Step: tabular.StepBins, Bins: 1 + r.IntN(60)},
	}
	for range r.IntN(query.MaxGroups + 1) {
		g := pick(r, kinds)
		if !slices.ContainsFunc(q.Group, func(o tabular.Group) bool { return o.Column == g.Column }) {
			q.Group = append(q.Group, g)
		}
	}
	for range r.IntN(4) {
		f := pick(r, tabular.Funcs)
		column := pick(r, []string{"n", "x"})
		if f == tabular.Min || f == tabular.Max || f == tabular.Distinct || f == tabular.Count {
			column = pick(r, []string{"n", "x", "d", "ts", "h", "code", "t\"xt"})
		}
		q.Measures = append(q.Measures, tabular.Measure{Func: f, Column: column})
	}
	if len(q.Group)+len(q.Measures) == 0 {
		q.Measures = []tabular.Measure{{Func: tabular.Count}}
	}
	return q, hold
}

func TestGroupsAreThoseOfANaiveReader(t *testing.T) {
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 7))
		x := newRandom(t, r, 150)
		for range 120 {
			q, hold := groupsAsked(r)
			s, err := query.Compile(x.table, nil, q, "t")
			if err != nil {
				t.Fatalf("%v: %+v", err, q)
			}
			x.compareGroups(t, q, s, x.left(q, hold))
		}
	}
}

func (x *random) compareGroups(t *testing.T, q tabular.Query, s query.SQL, rows []int) {
	t.Helper()
	measures := q.Measures
	if len(measures) == 0 {
		measures = []tabular.Measure{{Func: tabular.Count}}
	}
	byKey := map[string][]int{}
	if len(q.Group) == 0 {
		byKey[""] = nil // a total there always is
	}
	for _, i := range rows {
		var key []string
		for j, g := range q.Group {
			key = append(key, x.stepOf(i, g, s.Columns[j].Width, lastBin(x.table.Column(g.Column), s.Columns[j].Width)))
		}
		k := strings.Join(key, "\x00")
		byKey[k] = append(byKey[k], i)
	}
	got := query.GroupsOf(s, x.ask(t, s))
	if len(got.Rows) != len(byKey) || got.More {
		t.Fatalf("%+v gives %d groups, want %d\n%s\n%v", q, len(got.Rows), len(byKey), s.Text, got.Rows)
	}
	for n, row := range got.Rows {
		var key []string
		for _, c := range row[:len(q.Group)] {
			if c.Null != (c.Text == "") {
				t.Fatalf("%+v: a cell is both nothing and %q", q, c.Text)
			}
			key = append(key, c.Text)
		}
		members, ok := byKey[strings.Join(key, "\x00")]
		if !ok && len(q.Group) > 0 {
			t.Fatalf("%+v gives a group %q that there is not\n%s", q, key, s.Text)
		}
		for j, m := range measures {
			want, cell := x.measured(members, m), row[len(q.Group)+j]
			if !alike(cell.Text, want) || cell.Null != (want == "") {
				t.Fatalf("%+v: %s of %q is %+v, want %q\n%s", q, query.MeasureName(m), key, cell, want, s.Text)
			}
		}
		if n > 0 {
			inOrder(t, q, s, got.Rows[n-1], row)
		}
	}
}

// lastBin is the index of the bin that holds the greatest value.
func lastBin(c *tabular.Column, width float64) float64 {
	if c == nil || width == 0 {
		return math.Inf(1)
	}
	high, _ := strconv.ParseFloat(c.Stats.Max, 64)
	low, _ := strconv.ParseFloat(c.Stats.Min, 64)
	at := math.Round(high*100) / math.Round(width*100)
	if at == math.Floor(at) && high > low {
		return at - 1
	}
	return math.Floor(at)
}

// inOrder holds two groups that follow one another to their order.
func inOrder(t *testing.T, q tabular.Query, s query.SQL, a, b []tabular.Cell) {
	t.Helper()
	if slices.ContainsFunc(q.Group, func(g tabular.Group) bool { return g.Step != "" }) {
		if a[0].Null && !b[0].Null || a[0].Text > b[0].Text && s.Columns[0].Type.Temporal() && !b[0].Null {
			t.Fatalf("%+v: group %v before %v", q, a, b)
		}
		return
	}
	m := len(q.Group)
	x, errX := strconv.ParseFloat(a[m].Text, 64)
	y, errY := strconv.ParseFloat(b[m].Text, 64)
	if a[m].Null && !b[m].Null || errX == nil && errY == nil && s.Columns[m].Type.Number() && x < y {
		t.Fatalf("%+v: group %v before %v", q, a, b)
	}
}

func TestGroupsBeyondTheLimitAreSaid(t *testing.T) {
	x := newRandom(t, rand.New(rand.NewPCG(1, 1)), 100)
	q := tabular.Query{Group: []tabular.Group{{Column: "n"}}, Limit: 3, Sort: []tabular.Order{{Column: "n", Down: true}}}
	s, err := query.Groups(x.table, nil, q, "t")
	if err != nil {
		t.Fatal(err)
	}
	got := query.GroupsOf(s, x.ask(t, s))
	if !got.More || len(got.Rows) != 3 || got.Rows[0][0].Text <= got.Rows[1][0].Text {
		t.Errorf("%+v", got)
	}
}

func TestBinsHaveEdgesThatPeopleRead(t *testing.T) {
	cases := []struct {
		min, max string
		kind     tabular.Type
		bins     int
		width    float64
	}{
		{"0", "100", tabular.Decimal, 10, 10},
		{"0", "101", tabular.Decimal, 10, 20},
		{"0.1", "0.9", tabular.Decimal, 8, 0.1},
		{"-0.031", "0.002", tabular.Decimal, 20, 0.002},
		{"1", "3", tabular.Integer, 20, 1},
		{"1990", "2024", tabular.Year, 20, 2},
		{"5", "5", tabular.Decimal, 20, 1},
		{"0", "1e300", tabular.Decimal, 10, 1e299},
		{"123456789.1", "123456789.1", tabular.Money, 10, 1},
	}
	for _, c := range cases {
		table := tabular.Table{Columns: []tabular.Column{{Name: "v", Type: c.kind, Stats: tabular.Stats{Min: c.min, Max: c.max}}}}
		q := tabular.Query{Group: []tabular.Group{{Column: "v", Step: tabular.StepBins, Bins: c.bins}}}
		s, err := query.Compile(table, nil, q, "t")
		if err != nil {
			t.Fatal(err)
		}
		if w := s.Columns[0].Width; math.Abs(w-c.width) > c.width*1e-3 {
			t.Errorf("%s to %s in %d: width %v, want %v", c.min, c.max, c.bins, w, c.width)
		}
	}
}

func TestEveryValueLiesInItsBin(t *testing.T) {
	x := newRandom(t, rand.New(rand.NewPCG(2, 1)), 1)
	for _, width := range []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5} {
		low, high := 0.0, width*20
		table := tabular.Table{Columns: []tabular.Column{{Name: "v", Type: tabular.Decimal, Stats: tabular.Stats{Min: query.Float(low), Max: query.Float(high)}}}}
		q := tabular.Query{Group: []tabular.Group{{Column: "v", Step: tabular.StepBins, Bins: 20}}, Sort: []tabular.Order{{Column: "v"}}}
		// each edge of width 0.01 as it is written: 0.29 is 28.999… hundredths to a computer
		s, err := query.Compile(table, nil, q, fmt.Sprintf("(SELECT (i || 'e-2')::DOUBLE AS v FROM range(0, %d) r(i))", int(math.Round(high*100))))
		if err != nil {
			t.Fatal(err)
		}
		rows := x.ask(t, s)
		if len(rows) != 20 {
			t.Fatalf("width %v: %d bins", width, len(rows))
		}
		for i, row := range rows {
			if want := query.Float(math.Round(float64(i)*width*100) / 100); row[0].Text != want || row[1].Text != strconv.Itoa(int(math.Round(width*100))) {
				t.Errorf("width %v: bin %d begins at %s and holds %s", width, i, row[0].Text, row[1].Text)
			}
		}
	}
	// whole numbers at both ends of 64 bits, whose edges have more
	table := tabular.Table{Columns: []tabular.Column{{Name: "v", Type: tabular.Integer, Stats: tabular.Stats{Min: "-9223372036854775807", Max: "9223372036854775807"}}}}
	s, err := query.Compile(table, nil, tabular.Query{Group: []tabular.Group{{Column: "v", Step: tabular.StepBins, Bins: 20}}},
		"(SELECT unnest([-9223372036854775807, 0, 9223372036854775807])::BIGINT AS v)")
	if err != nil {
		t.Fatal(err)
	}
	if rows := x.ask(t, s); len(rows) != 3 || rows[0][0].Text != "-10000000000000000000" {
		t.Errorf("%v", rows)
	}
}
