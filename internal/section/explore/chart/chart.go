// Package chart chooses a first fitting chart for a table and lays it out. A chart here
// is rows of groups with a picture beside them: bars are the table itself with a bar in
// each row; lines and columns are a drawing whose words are HTML around it, so that they
// stay readable on a phone, and the table of the same numbers follows. Nothing here
// knows pages; colours are classes.
package chart

import (
	"math"
	"strconv"

	"plaza/internal/base/tabular"
)

// Kind is how groups are drawn.
type Kind string

// The kinds.
const (
	Bars    Kind = "bars"    // categories, sorted
	Line    Kind = "line"    // along time
	Columns Kind = "columns" // a histogram: bars side by side along a scale
)

// Choice is a chart that fits a table: what to ask and why it fits.
type Choice struct {
	Kind   Kind
	Why    string // "explore.chart.why." key: time, place, category, number, asked
	Column string // by which rows are put together
	Query  tabular.Query
}

// Bounds of what is drawn: more is not read by anybody.
const (
	mostBars   = 30
	mostPoints = 1000
)

// Choose gives the charts that fit a table under a query's search and conditions, the
// best first; none for a table without rows. hidden columns are left out. When the query
// has groups itself, the first chart is of the first of those.
func Choose(t *tabular.Table, hidden func(string) bool, q tabular.Query) []Choice {
	base := tabular.Query{Search: q.Search, Where: q.Where}
	var out []Choice
	if len(q.Group) > 0 {
		asked := base
		asked.Group, asked.Measures, asked.Limit = q.Group[:1], q.Measures, mostPoints
		kind := Bars
		if c := t.Column(q.Group[0].Column); c != nil {
			kind = drawn(c, q.Group[0].Step)
		}
		if kind == Bars {
			asked.Limit = mostBars
		}
		out = append(out, Choice{Kind: kind, Why: "asked", Column: q.Group[0].Column, Query: asked})
	}
	for _, fits := range []struct {
		why string
		fit func(*tabular.Column) (tabular.Group, bool)
	}{{"time", byTime}, {"place", byPlace}, {"category", byCategory}, {"number", byNumber}} {
		for i := range t.Columns {
			c := &t.Columns[i]
			if hidden(c.Name) || c.Meaning.Personal() || len(out) == mostChoices {
				continue
			}
			if g, ok := fits.fit(c); ok {
				one := base
				one.Group, one.Measures = []tabular.Group{g}, []tabular.Measure{{Func: tabular.Count}}
				kind := drawn(c, g.Step)
				one.Limit = mostPoints
				if kind == Bars {
					one.Limit = mostBars
				}
				out = append(out, Choice{Kind: kind, Why: fits.why, Column: c.Name, Query: one})
			}
		}
	}
	return out
}

// mostChoices are offered: one is shown, the others are links.
const mostChoices = 8

func drawn(c *tabular.Column, step tabular.Step) Kind {
	switch {
	case step == tabular.StepBins:
		return Columns
	case c.Type.Temporal():
		return Line
	}
	return Bars
}

// byTime puts rows together by a step of time that gives between some and many points.
func byTime(c *tabular.Column) (tabular.Group, bool) {
	if !c.Type.Temporal() || c.Stats.Distinct < 3 {
		return tabular.Group{}, false
	}
	g := tabular.Group{Column: c.Name}
	if c.Type == tabular.Year {
		return g, true
	}
	days := spanDays(c)
	switch {
	case days > 366*15:
		g.Step = tabular.StepYear
	case days > 366:
		g.Step = tabular.StepMonth
	case days > 1 || c.Type == tabular.Date:
		g.Step = tabular.StepDay
	default:
		g.Step = tabular.StepHour
	}
	return g, true
}

// spanDays is how many days lie between a column's first and last value.
func spanDays(c *tabular.Column) int {
	from, errFrom := parseDay(c.Stats.Min)
	to, errTo := parseDay(c.Stats.Max)
	if errFrom != nil || errTo != nil {
		return 0
	}
	return int(to.Sub(from).Hours() / 24)
}

func byPlace(c *tabular.Column) (tabular.Group, bool) {
	switch c.Meaning {
	case tabular.State, tabular.StateName, tabular.Municipality, tabular.TownName:
		return tabular.Group{Column: c.Name}, c.Stats.Distinct > 1
	}
	return tabular.Group{}, false
}

func byCategory(c *tabular.Column) (tabular.Group, bool) {
	fits := (c.Type == tabular.Text || c.Type == tabular.Boolean || c.Type == tabular.Code || c.Type == tabular.Integer) &&
		c.Stats.Distinct >= 2 && c.Stats.Distinct <= 60 && c.Stats.Count >= 2*c.Stats.Distinct
	return tabular.Group{Column: c.Name}, fits
}

func byNumber(c *tabular.Column) (tabular.Group, bool) {
	switch c.Meaning {
	case tabular.Key, tabular.Latitude, tabular.Longitude:
		return tabular.Group{}, false
	}
	return tabular.Group{Column: c.Name, Step: tabular.StepBins, Bins: 20}, c.Type.Number() && c.Type != tabular.Year && c.Stats.Distinct > 20
}

// Mark is one group with what is drawn of it.
type Mark struct {
	Cells []tabular.Cell // the groups' values, then the measures
	Value float64        // of the first measure; 0 when there is none
}

// Marks reads groups for drawing; groups is how many of its columns are groups.
func Marks(g tabular.Groups, groups int) []Mark {
	out := make([]Mark, len(g.Rows))
	for i, row := range g.Rows {
		out[i].Cells = row
		if groups < len(row) && !row[groups].Null {
			out[i].Value, _ = strconv.ParseFloat(row[groups].Text, 64) // what is no number is drawn as none
		}
	}
	return out
}

// Bar is a mark's bar beside its row, in percent of the room there is.
type Bar struct {
	X, W float64
	Left bool // it goes to the left of zero
}

// Lengths are the bars of marks: all begin at zero, which lies inside when some are negative.
func Lengths(marks []Mark) []Bar {
	low, high := 0.0, 0.0
	for _, m := range marks {
		low, high = math.Min(low, m.Value), math.Max(high, m.Value)
	}
	out := make([]Bar, len(marks))
	for i, m := range marks {
		if high > low {
			out[i] = Bar{X: round(100 * (math.Min(m.Value, 0) - low) / (high - low)), W: round(100 * math.Abs(m.Value) / (high - low)), Left: m.Value < 0}
		}
	}
	return out
}
