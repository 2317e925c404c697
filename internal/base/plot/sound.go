package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// The widths and heights of pictures; others become the nearest.
const (
	leastWidth = 120
	mostWidth  = 4000
	mostHeight = 20_000
	usualWidth = 720
)

// Values beyond the largest are no values, those below the least are zero: sums and shares of
// what lies between stay finite.
const (
	largest = 1e250
	least   = 1e-250
)

// sound is the chart with only what can be drawn: marks that have a place, on series and
// classes that exist.
func (c Chart) sound() Chart {
	least := float64(leastWidth)
	if c.Kind == Spark {
		least = 20
	}
	if math.IsNaN(c.Width) || c.Width == 0 {
		c.Width = usualWidth
	}
	c.Width = math.Max(least, math.Min(mostWidth, c.Width))
	if math.IsNaN(c.Height) {
		c.Height = 0
	}
	c.Height = math.Max(0, math.Min(mostHeight, c.Height))
	c.scalings()
	if c.Number == nil {
		c.Number = func(v float64, _ bool) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	}
	if c.Month == nil {
		c.Month = func(m time.Month) string { return fmt.Sprintf("%02d", int(m)) }
	}
	if len(c.Series) == 0 {
		c.Series = []Series{{}}
	}
	if len(c.Panels) == 0 {
		c.Panels = []Panel{{}}
	}
	c.Panels = slices.Clone(c.Panels)
	for i, p := range c.Panels {
		marks := make([]Mark, 0, len(p.Marks))
		for _, m := range p.Marks {
			if m, ok := c.soundMark(m); ok {
				marks = append(marks, m)
			}
		}
		c.Panels[i].Marks = marks
	}
	c.stacking()
	c.Rules = slices.DeleteFunc(slices.Clone(c.Rules), func(r Rule) bool { return !drawable(r.At) })
	c.Notes = slices.DeleteFunc(slices.Clone(c.Notes), func(n Note) bool { return !drawable(n.X) || !drawable(n.Y) || n.Text == "" })
	return c
}

// scalings sets those that a kind does not leave open.
func (c *Chart) scalings() {
	switch c.Kind {
	case Bars:
		c.X.Scaling, c.Y.Scaling = Linear, Category
	case Columns, Line, Area, Spark:
		c.Y.Scaling = Linear
	case Tiles:
		c.X.Scaling, c.Y.Scaling = Category, Category
	case Treemap, Map:
		c.X.Scaling, c.Y.Scaling = Linear, Linear
	default:
		c.Kind = Dots
	}
	for _, a := range []*Axis{&c.X, &c.Y} {
		if a.Scaling != Category && a.Scaling != Time {
			a.Scaling = Linear
		}
	}
}

// stacking leaves only ways that show what they should: areas of which some are below zero
// would hide each other.
func (c *Chart) stacking() {
	switch c.Stacking {
	case Stacked, Shares, Diverging:
	default:
		c.Stacking = Grouped
	}
	if c.Kind != Area || c.Stacking == Shares {
		return
	}
	negative := func(m Mark) bool { return !m.Null && m.Y < 0 }
	if c.Stacking == Diverging || slices.ContainsFunc(c.Panels, func(p Panel) bool { return slices.ContainsFunc(p.Marks, negative) }) {
		c.Stacking = Grouped
	}
}

func drawable(v float64) bool { return math.Abs(v) <= largest }

// soundMark reports whether a mark has a place. Of a line one without value has, since the
// line breaks there.
func (c *Chart) soundMark(m Mark) (Mark, bool) {
	if m.Series < 0 || m.Series >= len(c.Series) {
		m.Series = 0
	}
	if m.Class < 0 || m.Class > len(c.Classes) {
		m.Class = 0
	}
	m.Row = max(-1, m.Row)
	if !drawable(m.Size) || m.Size < least {
		m.Size = 0
	}
	if c.Kind == Treemap || c.Kind == Map && m.Path != "" {
		return m, !m.Null || c.Kind == Map
	}
	okX, okY := c.X.soundPlace(&m.X), c.Y.soundPlace(&m.Y)
	if !drawable(m.To) {
		m.To = m.X
	}
	if c.Kind == Line || c.Kind == Area || c.Kind == Spark {
		m.Null = m.Null || !okY
		return m, okX
	}
	return m, okX && okY && (!m.Null || c.Kind == Tiles)
}

// soundPlace reports whether a value is on an axis at all.
func (a Axis) soundPlace(v *float64) bool {
	switch {
	case !drawable(*v): // nor is what is no number
		return false
	case a.Scaling == Category:
		*v = math.Round(*v)
		return *v >= 0 && int(math.Min(*v, 1e9)) < len(a.Categories)
	case a.Scaling == Time:
		return *v >= earliest && *v <= latest
	}
	if math.Abs(*v) < least {
		*v = 0
	}
	return true
}
