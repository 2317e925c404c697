package chart

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
)

func table() *tabular.Table {
	return &tabular.Table{Rows: 1000, Columns: []tabular.Column{
		{Name: "id", Type: tabular.Integer, Meaning: tabular.Key, Stats: tabular.Stats{Count: 1000, Distinct: 1000, Min: "1", Max: "1000"}},
		{Name: "sector", Type: tabular.Text, Stats: tabular.Stats{Count: 1000, Distinct: 12}},
		{Name: "curp", Type: tabular.Text, Meaning: tabular.CURP, Stats: tabular.Stats{Count: 1000, Distinct: 20}},
		{Name: "monto", Type: tabular.Money, Stats: tabular.Stats{Count: 980, Distinct: 900, Min: "0", Max: "5000"}},
		{Name: "entidad", Type: tabular.Code, Meaning: tabular.State, Stats: tabular.Stats{Count: 1000, Distinct: 32}},
		{Name: "fecha", Type: tabular.Date, Stats: tabular.Stats{Count: 1000, Distinct: 700, Min: "2019-01-01", Max: "2022-12-31"}},
	}}
}

func TestTheFirstChartFitsTheColumns(t *testing.T) {
	none := func(string) bool { return false }
	var got []string
	for _, c := range Choose(table(), none, tabular.Query{Search: "agua"}) {
		if c.Query.Search != "agua" {
			t.Errorf("the chart by %s forgets what was searched", c.Column)
		}
		got = append(got, string(c.Kind)+" "+c.Why+" "+c.Column+" "+string(c.Query.Group[0].Step))
	}
	want := []string{"line time fecha month", "bars place entidad ", "bars category sector ", "bars category entidad ", "columns number monto bins"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Choose (-want +got):\n%s", diff)
	}
}

func TestWhatIsHiddenOrPersonalIsNotDrawn(t *testing.T) {
	for _, c := range Choose(table(), func(n string) bool { return n == "fecha" }, tabular.Query{}) {
		if c.Column == "fecha" || c.Column == "curp" {
			t.Errorf("%s is drawn", c.Column)
		}
	}
}

func TestAGroupThatWasAskedForComesFirst(t *testing.T) {
	q := tabular.Query{Group: []tabular.Group{{Column: "sector"}}, Measures: []tabular.Measure{{Func: tabular.Sum, Column: "monto"}}}
	first := Choose(table(), func(string) bool { return false }, q)[0]
	if first.Why != "asked" || first.Kind != Bars || first.Query.Measures[0].Func != tabular.Sum {
		t.Errorf("Choose(%+v)[0] = %+v", q, first)
	}
}

func TestATableWithoutRowsHasNoChart(t *testing.T) {
	empty := &tabular.Table{Columns: []tabular.Column{{Name: "a", Type: tabular.Text}, {Name: "b", Type: tabular.Date}, {Name: "c", Type: tabular.Decimal}}}
	if got := Choose(empty, func(string) bool { return false }, tabular.Query{}); len(got) > 0 {
		t.Errorf("Choose = %+v, want none", got)
	}
}

func groups(pairs ...string) tabular.Groups {
	var g tabular.Groups
	for i := 0; i < len(pairs); i += 2 {
		g.Rows = append(g.Rows, []tabular.Cell{{Text: pairs[i], Null: pairs[i] == ""}, {Text: pairs[i+1]}})
	}
	return g
}

func TestBarsAreAsLongAsTheirValues(t *testing.T) {
	for _, c := range []struct {
		groups tabular.Groups
		want   []Bar
	}{
		{groups("a", "200", "b", "50", "c", "0"), []Bar{{0, 100, false}, {0, 25, false}, {0, 0, false}}},
		{groups("a", "300", "b", "-100"), []Bar{{25, 75, false}, {0, 25, true}}},
		{groups("a", "-10", "b", "-5"), []Bar{{0, 100, true}, {50, 50, true}}},
		{groups("a", "0", "b", ""), []Bar{{}, {}}},
	} {
		if diff := cmp.Diff(c.want, Lengths(Marks(c.groups, 1))); diff != "" {
			t.Errorf("Lengths (-want +got):\n%s", diff)
		}
	}
}

func TestALineRunsInTimeAndStartsAtZero(t *testing.T) {
	marks := Marks(groups("2020-03-01", "40", "2020-01-01", "10", "2020-02-01", "20"), 1)
	p := Draw(Line, marks)
	// January has 31 days of the 60.
	if want := "M0 300L516.7 200L1000 0"; p.Path != want {
		t.Errorf("Path = %q, want %q", p.Path, want)
	}
	if !strings.HasSuffix(p.Area, "L1000 400L0 400Z") {
		t.Errorf("Area = %q does not come back to zero", p.Area)
	}
	if last := p.Ticks[len(p.Ticks)-1]; last.Value != 0 || last.At != 100 || p.Ticks[0].Value != 40 {
		t.Errorf("Ticks = %+v", p.Ticks)
	}
}

func TestColumnsOfNegativesHangFromZero(t *testing.T) {
	marks := Marks(groups("0", "10", "1", "-10"), 1)
	p := Draw(Columns, marks)
	if len(p.Bars) != 2 || p.Bars[0].Y+p.Bars[0].H != p.Bars[1].Y {
		t.Errorf("Bars = %+v", p.Bars)
	}
}

func TestNothingAndOneMarkAreDrawn(t *testing.T) {
	if p := Draw(Line, nil); p.Path != "" || len(p.Ticks) != 0 {
		t.Errorf("Draw of nothing = %+v", p)
	}
	marks := Marks(groups("2020", "0"), 1)
	if p := Draw(Line, marks); p.Path != "M500 400h0" {
		t.Errorf("Draw of one zero = %+v", p)
	}
}

func TestATimeWithoutGroupsIsAGap(t *testing.T) {
	marks := Marks(groups("2015", "4", "2016", "4", "2017", "4", "2020", "2", "2021", "4"), 1)
	p := Draw(Line, marks)
	if p.Gaps != 1 || strings.Count(p.Path, "M") != 2 || strings.Count(p.Area, "Z") != 2 {
		t.Errorf("Draw = %d gaps, %q, want one between 2017 and 2020", p.Gaps, p.Path)
	}
}

func TestAnEmptyRangeIsAnEmptyPlace(t *testing.T) {
	marks := Marks(groups("0", "1", "10", "2", "40", "3"), 1)
	p := Draw(Columns, marks)
	if got := []float64{p.Bars[0].X, p.Bars[1].X, p.Bars[2].X}; !cmp.Equal(got, []float64{0, 200, 800}) {
		t.Errorf("columns begin at %v, want room for the two empty ranges", got)
	}
}
