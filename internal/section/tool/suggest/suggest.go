// Package suggest proposes pictures for a table: the ones that fit its columns, the best
// first, each with why. It goes by what is known of the columns (types, meanings, how many
// values they have), so that no row is read; a number that is worth showing is preferred to
// counting rows.
package suggest

import (
	"embed"
	"slices"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/spec"
)

// Locale holds why pictures fit, and how they are called, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Suggestion is a view that fits a table.
type Suggestion struct {
	View spec.View
	// Why is the key of the sentence that says why it fits; its argument "column" is what
	// people call Column, "second" what they call Second.
	Why            string
	Column, Second string
}

// most pictures are proposed.
const most = 10

// Views proposes views of a table. hidden says of a column whether it may not be shown.
// source is what the document calls the table.
func Views(t tabular.Table, hidden func(column string) bool, source string) []Suggestion {
	p := proposer{t: &t}
	for i := range t.Columns {
		if c := &t.Columns[i]; !hidden(c.Name) && !c.Meaning.Personal() && c.Stats.Count > 0 {
			p.columns = append(p.columns, c)
		}
	}
	p.measures = p.measured()
	for _, propose := range []func(){p.overTime, p.onMap, p.points, p.bars, p.parts, p.twoNumbers, p.heat, p.spread, p.figure, p.table} {
		propose()
	}
	slices.SortStableFunc(p.out, func(a, b scored) int { return b.score - a.score })
	var out []Suggestion
	for _, s := range p.out[:min(len(p.out), most)] {
		s.View.Name, s.View.Source = "vista", source
		out = append(out, s.Suggestion)
	}
	return out
}

type scored struct {
	Suggestion
	score int
}

type proposer struct {
	t        *tabular.Table
	columns  []*tabular.Column
	measures []spec.Channel // what is worth showing, the best first; the count of rows last
	out      []scored
}

func (p *proposer) add(score int, why string, first, second *tabular.Column, v spec.View) {
	s := Suggestion{View: v, Why: "toolsuggest.why." + why}
	if first != nil {
		s.Column = first.Name
	}
	if second != nil {
		s.Second = second.Name
	}
	p.out = append(p.out, scored{s, score})
}

// of are the columns that a test accepts.
func (p *proposer) of(fits func(*tabular.Column) bool) (out []*tabular.Column) {
	for _, c := range p.columns {
		if fits(c) {
			out = append(out, c)
		}
	}
	return out
}

// overTime draws the best measure along time, with a line for each value of a column of few.
func (p *proposer) overTime() {
	for i, c := range p.of(func(c *tabular.Column) bool { return c.Type.Temporal() && c.Stats.Distinct >= 3 }) {
		v := spec.View{Mark: spec.Line, Cut: mean(p.measures[0]), Encoding: spec.Encoding{X: spec.Channel{Field: c.Name, TimeUnit: unitOf(c)}, Y: p.measures[0]}}
		few := p.of(func(s *tabular.Column) bool { return category(s, 2, 6) && s.Name != c.Name })
		if len(few) > 0 {
			v.Encoding.Color = spec.Channel{Field: few[0].Name}
		}
		p.add(100-5*i, "time", c, nil, v)
	}
}

// onMap colours states or municipalities.
func (p *proposer) onMap() {
	for i, c := range p.places() {
		v := spec.View{Mark: spec.GeoShape, Geo: "states", Encoding: spec.Encoding{Place: spec.Channel{Field: c.Name}, Color: p.measures[0]}}
		if c.Meaning == tabular.Municipality {
			v.Geo = "municipalities"
			if len(p.t.Place.States) == 1 {
				v.Within = p.t.Place.States[0]
			}
		}
		p.add(90-5*i, "place", c, nil, v)
	}
}

// places are the columns that say where, one for each level: names beside codes say the same.
func (p *proposer) places() (out []*tabular.Column) {
	level := func(c *tabular.Column) tabular.Meaning {
		if c.Meaning == tabular.StateName {
			return tabular.State
		}
		return c.Meaning
	}
	for _, c := range p.of(func(c *tabular.Column) bool {
		return (level(c) == tabular.State || c.Meaning == tabular.Municipality) && c.Stats.Distinct > 3
	}) {
		if !slices.ContainsFunc(out, func(o *tabular.Column) bool { return level(o) == level(c) }) {
			out = append(out, c)
		}
	}
	return out
}

// points puts rows with a point on a map.
func (p *proposer) points() {
	if !p.t.Place.Located() {
		return
	}
	v := spec.View{Mark: spec.Circle}
	if names := p.of(func(c *tabular.Column) bool { return c.Type == tabular.Text && 2*c.Stats.Distinct > c.Stats.Count }); len(names) > 0 {
		v.Encoding.Label = spec.Channel{Field: names[0].Name}
	}
	p.add(95, "points", nil, nil, v)
}

// bars sorts the values of a column of some.
func (p *proposer) bars() {
	found := p.of(func(c *tabular.Column) bool { return category(c, 2, 60) && !isPlace(c) })
	found = append(found, p.places()...)
	for i, c := range found[:min(len(found), 3)] {
		v := spec.View{Mark: spec.Bar, Others: !mean(p.measures[0]), Encoding: spec.Encoding{X: p.measures[0], Y: spec.Channel{Field: c.Name, Sort: "-value"}}}
		if c.Stats.Distinct > spec.DefaultTop && c.Stats.Distinct <= 40 {
			v.Top = int(c.Stats.Distinct)
		}
		if inCalendar(c) {
			v.Encoding.Y.Sort, v.Top = "ascending", 12
		}
		p.add(80-5*i, "category", c, nil, v)
	}
}

// inCalendar reports whether a column has days of the week or months by name, which have an
// order of their own.
func inCalendar(c *tabular.Column) bool {
	var names []string
	for _, one := range c.Stats.Top {
		names = append(names, one.Value)
	}
	return int64(len(names)) >= c.Stats.Distinct && tabular.Calendar(names) != nil
}

func isPlace(c *tabular.Column) bool {
	switch c.Meaning {
	case tabular.State, tabular.StateName, tabular.Municipality, tabular.TownName, tabular.TownOnly:
		return true
	}
	return false
}

// parts shows how large the values of one or two columns are of the whole.
func (p *proposer) parts() {
	if mean(p.measures[0]) || negative(p.t, p.measures[0]) {
		return
	}
	inner := p.of(func(c *tabular.Column) bool { return category(c, 8, 400) })
	if len(inner) == 0 {
		return
	}
	v := spec.View{Mark: spec.Treemap, Top: 40, Others: true, Encoding: spec.Encoding{Detail: spec.Channel{Field: inner[0].Name}, Size: p.measures[0]}}
	outer := p.of(func(c *tabular.Column) bool {
		return category(c, 2, 12) && c.Name != inner[0].Name && c.Stats.Distinct*2 < inner[0].Stats.Distinct
	})
	if len(outer) > 0 {
		v.Encoding.Facet = spec.Channel{Field: outer[0].Name}
	}
	p.add(60, "parts", inner[0], nil, v)
}

// twoNumbers sets one number against another.
func (p *proposer) twoNumbers() {
	numbers := p.of(measurable)
	if len(numbers) < 2 || p.t.Rows < 5 {
		return
	}
	v := spec.View{Mark: spec.Point, Encoding: spec.Encoding{X: spec.Channel{Field: numbers[0].Name}, Y: spec.Channel{Field: numbers[1].Name}}}
	if names := p.of(func(c *tabular.Column) bool { return c.Type == tabular.Text && 2*c.Stats.Distinct > c.Stats.Count }); len(names) > 0 {
		v.Encoding.Label = spec.Channel{Field: names[0].Name}
	}
	p.add(55, "numbers", numbers[0], numbers[1], v)
}

// heat crosses two columns of some values.
func (p *proposer) heat() {
	found := p.of(func(c *tabular.Column) bool { return category(c, 3, 40) })
	if len(found) < 2 {
		return
	}
	p.add(50, "crossed", found[0], found[1], spec.View{Mark: spec.Rect, Encoding: spec.Encoding{
		X: spec.Channel{Field: found[1].Name}, Y: spec.Channel{Field: found[0].Name}, Color: p.measures[0]}})
}

// spread counts rows by ranges of a number.
func (p *proposer) spread() {
	for i, c := range p.of(func(c *tabular.Column) bool { return measurable(c) && c.Stats.Distinct > 20 }) {
		if i == 2 {
			return
		}
		p.add(65-20*i, "number", c, nil, spec.View{Mark: spec.Bar, Encoding: spec.Encoding{
			X: spec.Channel{Field: c.Name, Bin: spec.DefaultBins}, Y: spec.Channel{Aggregate: "count"}}})
	}
}

// figure is one number, with how it came to be that.
func (p *proposer) figure() {
	v := spec.View{Mark: spec.Figure, Encoding: spec.Encoding{Y: p.measures[0]}}
	if times := p.of(func(c *tabular.Column) bool { return c.Type.Temporal() && c.Stats.Distinct >= 3 }); len(times) > 0 {
		v.Encoding.X = spec.Channel{Field: times[0].Name, TimeUnit: unitOf(times[0])}
	}
	p.add(30, "figure", nil, nil, v)
}

// table shows the rows themselves.
func (p *proposer) table() {
	v := spec.View{Mark: spec.Table}
	for _, c := range p.columns {
		if c.Type != tabular.Geometry && len(v.Columns) < 8 {
			v.Columns = append(v.Columns, c.Name)
		}
	}
	p.add(20, "rows", nil, nil, v)
}
