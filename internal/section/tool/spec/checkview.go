package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plaza/internal/base/text"
)

func (c *checker) views() {
	seen := map[string]bool{}
	for i, v := range c.s.Views {
		path := fmt.Sprintf("views[%d]", i)
		c.named(path+".name", v.Name, seen)
		c.hold(slices.Contains(Marks, v.Mark), path+".mark", "choice", map[string]any{"of": strings.Join(words(Marks), ", ")})
		c.line(path+".title", v.Title)
		c.text(path+".text", v.Text, MaxText)
		c.text(path+".sentence", v.Sentence, MaxSentence)
		if v.Mark == Text {
			c.hold(!text.Blank(v.Text), path+".text", "text", nil)
			c.hold(v.Encoding == Encoding{}, path+".encoding", "no_channel", nil)
			c.hold(v.Sentence == "", path+".sentence", "no_sentence", nil)
			continue
		}
		_, known := c.s.Source(v.Source)
		c.hold(known, path+".source", "source", nil)
		c.filter(path+".filter", v.Filter)
		c.dress(path, v)
		c.channels(path, v)
	}
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

// dress checks what a view looks like.
func (c *checker) dress(path string, v View) {
	c.list(path+".columns", v.Columns)
	c.between(path+".rows", v.Rows, 0, MaxTableRows)
	c.between(path+".top", v.Top, 0, MaxTop)
	c.oneOf(path+".stack", v.Stack, Stacks)
	for _, ch := range []Channel{v.Encoding.X, v.Encoding.Y} { // means and the like add up to nothing
		c.hold(v.Stack != "normalize" || !ch.Measured() || ch.Aggregate == "count" || ch.Aggregate == "sum", path+".stack", "share", nil)
	}
	c.oneOf(path+".orient", v.Orient, []string{"horizontal", "vertical"})
	c.oneOf(path+".palette", v.Palette, Palettes)
	c.oneOf(path+".format", v.Format, Formats)
	c.field(path+".per", v.Per, false)
	c.finite(path+".times", v.Times)
	c.hold(v.Times >= 0, path+".times", "number", nil)
	c.hold(v.Times == 0 || v.Per != "", path+".times", "per", nil)
	_, named := c.s.Source(v.Geo)
	c.hold(v.Geo == "" || v.Geo == "states" || v.Geo == "municipalities" || named, path+".geo", "geo", nil)
	c.hold(!named || v.GeoKey != "", path+".geoKey", "field", nil)
	c.field(path+".geoKey", v.GeoKey, false)
	c.hold(v.Within == "" || len(v.Within) == 2, path+".within", "within", nil)
	c.many(path+".rules", len(v.Rules), MaxRules)
	for i, r := range v.Rules {
		at := fmt.Sprintf("%s.rules[%d]", path, i)
		c.finite(at+".at", r.At)
		c.oneOf(at+".of", r.Of, []string{"mean", "median"})
		c.hold(r.Of == "" || r.At == 0, at+".at", "rule", nil)
		c.line(at+".label", r.Label)
	}
	c.many(path+".annotations", len(v.Marks), MaxNotes)
	for i, n := range v.Marks {
		at := fmt.Sprintf("%s.annotations[%d]", path, i)
		c.hold(n.X != "" && n.Text != "", at, "note", nil)
		c.text(at+".x", n.X, maxField)
		c.text(at+".text", n.Text, MaxTitle)
	}
}

// need says which channels a mark has: "!" must be a measure, "=" a column, "?" may be
// there, "*" may be either.
var need = map[Mark]map[string]string{
	Table:    {"x": "?=", "color": "?=", "facet": "?=", "y": "?*", "size": "?*"},
	Figure:   {"y": "!", "x": "?="},
	Bar:      {"x": "*", "y": "*", "color": "?=", "facet": "?="},
	Line:     {"x": "=", "y": "!", "color": "?=", "facet": "?="},
	Area:     {"x": "=", "y": "!", "color": "?=", "facet": "?="},
	Point:    {"x": "*", "y": "*", "size": "?*", "color": "?=", "detail": "?=", "label": "?=", "facet": "?="},
	Rect:     {"x": "=", "y": "=", "color": "!"},
	Treemap:  {"detail": "=", "facet": "?=", "size": "!"},
	GeoShape: {"place": "=", "color": "!"},
	Circle:   {"longitude": "?=", "latitude": "?=", "size": "?*", "color": "?=", "label": "?="},
}

// byName are the channels of an encoding.
func (e Encoding) byName() map[string]Channel {
	return map[string]Channel{"x": e.X, "y": e.Y, "color": e.Color, "size": e.Size, "facet": e.Facet, "detail": e.Detail,
		"place": e.Place, "longitude": e.Longitude, "latitude": e.Latitude, "label": e.Label}
}

// Measured reports whether a channel is computed of rows.
func (ch Channel) Measured() bool { return ch.Aggregate != "" }

// channels checks that a mark has what it needs.
func (c *checker) channels(path string, v View) {
	if need[v.Mark] == nil {
		return
	}
	all := v.Encoding.byName()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		ch := all[name]
		at := path + ".encoding." + name
		rule, known := need[v.Mark][name]
		if ch == (Channel{}) {
			c.hold(!known || rule[0] == '?', at, "channel", map[string]any{"mark": string(v.Mark)})
			continue
		}
		c.hold(known, at, "no_channel", nil)
		c.channel(at, ch)
		c.hold(!strings.HasSuffix(rule, "!") || ch.Measured(), at+".aggregate", "measure", nil)
		c.hold(!strings.HasSuffix(rule, "=") || !ch.Measured(), at+".aggregate", "no_measure", nil)
	}
	if v.Mark == Bar {
		c.hold(v.Encoding.X.Measured() != v.Encoding.Y.Measured(), path+".encoding", "bar", nil)
	}
	if v.Mark == Point {
		c.hold(v.Encoding.X.Measured() == v.Encoding.Y.Measured(), path+".encoding", "point", nil)
		c.hold(!v.Encoding.X.Measured() || v.Encoding.Detail != Channel{}, path+".encoding.detail", "channel", map[string]any{"mark": string(v.Mark)})
	}
}

func (c *checker) channel(at string, ch Channel) {
	c.field(at+".field", ch.Field, ch.Aggregate != "count")
	c.oneOf(at+".aggregate", ch.Aggregate, Aggregates)
	c.oneOf(at+".timeUnit", ch.TimeUnit, TimeUnits)
	c.oneOf(at+".sort", ch.Sort, Sorts)
	c.between(at+".bin", ch.Bin, 0, 100)
	c.line(at+".title", ch.Title)
	c.hold(ch.Aggregate == "" || ch.TimeUnit == "" && ch.Bin == 0, at, "step", nil)
	c.hold(ch.TimeUnit == "" || ch.Bin == 0, at, "step", nil)
}
