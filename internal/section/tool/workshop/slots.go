package workshop

import (
	"cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/spec"
)

// want is what may stand in a slot.
type want string

// The wants.
const (
	group   want = "group"  // a column by whose values rows are put together
	along   want = "along"  // time or a number
	number  want = "number" // a column of numbers
	place   want = "place"  // codes or names of places
	name    want = "name"   // a text
	measure want = "measure"
)

// slot is one choice of a kind of view.
type slot struct {
	channel string // of the document
	wants   want
	must    bool
}

// slots are what each kind of view lets its maker choose, in the order of the form.
var slots = map[spec.Kind][]slot{
	spec.KindBar:        {{"x", group, true}, {"y", measure, true}, {"color", group, false}, {"facet", group, false}},
	spec.KindHistogram:  {{"x", number, true}},
	spec.KindLine:       {{"x", along, true}, {"y", measure, true}, {"color", group, false}, {"facet", group, false}},
	spec.KindArea:       {{"x", along, true}, {"y", measure, true}, {"color", group, false}, {"facet", group, false}},
	spec.KindScatter:    {{"x", number, true}, {"y", number, true}, {"size", number, false}, {"color", group, false}, {"label", name, false}},
	spec.KindHeatMap:    {{"x", group, true}, {"y", group, true}, {"color", measure, true}},
	spec.KindTreemap:    {{"detail", group, true}, {"size", measure, true}, {"facet", group, false}},
	spec.KindChoropleth: {{"place", place, true}, {"color", measure, true}},
	spec.KindPoints:     {{"color", group, false}, {"size", number, false}, {"label", name, false}},
	spec.KindFigure:     {{"y", measure, true}, {"x", along, false}},
	spec.KindTable:      nil,
	spec.KindText:       nil,
}

// kinds are those of views that can be chosen, in the order of the form.
var kinds = []spec.Kind{spec.KindBar, spec.KindLine, spec.KindArea, spec.KindHistogram, spec.KindScatter, spec.KindHeatMap, spec.KindTreemap, spec.KindChoropleth, spec.KindPoints, spec.KindFigure, spec.KindTable, spec.KindText}

var marks = map[spec.Kind]spec.Mark{
	spec.KindBar: spec.Bar, spec.KindHistogram: spec.Bar, spec.KindLine: spec.Line, spec.KindArea: spec.Area, spec.KindScatter: spec.Point,
	spec.KindHeatMap: spec.Rect, spec.KindTreemap: spec.Treemap, spec.KindChoropleth: spec.GeoShape, spec.KindPoints: spec.Circle,
	spec.KindFigure: spec.Figure, spec.KindTable: spec.Table, spec.KindText: spec.Text,
}

// kindOf is what the form calls a view: small multiples are what they would be without their
// panels.
func kindOf(v spec.View) spec.Kind {
	v.Encoding.Facet = spec.Channel{}
	return v.Kind()
}

// fits reports whether a column may stand in a slot.
func fits(c tabular.Column, w want) bool {
	switch w {
	case group:
		return c.Type != tabular.Geometry
	case along:
		return c.Type.Temporal() || c.Type.Number()
	case number, measure:
		return c.Type.Number()
	case place:
		return c.Type == tabular.Code || c.Type == tabular.Text || c.Type == tabular.Integer
	}
	return c.Type != tabular.Geometry
}

// channel is a channel of an encoding by its name.
func channel(e *spec.Encoding, name string) *spec.Channel {
	return map[string]*spec.Channel{"x": &e.X, "y": &e.Y, "color": &e.Color, "size": &e.Size, "facet": &e.Facet, "detail": &e.Detail,
		"place": &e.Place, "longitude": &e.Longitude, "latitude": &e.Latitude, "label": &e.Label}[name]
}

// upright has the category of bars on x and their measure on y, as the form has them.
func upright(v spec.View) spec.View {
	if v.Mark == spec.Bar && v.Encoding.X.Measured() {
		v.Encoding.X, v.Encoding.Y = v.Encoding.Y, v.Encoding.X
	}
	return v
}

// blankText stands in a new text until somebody writes one: an empty one is no view.
const blankText = "…"

// become makes a view one of another kind, with as much of what it shows as that has room for.
// source is that of the table, for a view that has none yet.
func become(v spec.View, k spec.Kind, source string, t *tabular.Table) spec.View {
	v = upright(v)
	if kindOf(v) == k {
		return v
	}
	m, columns := taken(v)
	out := spec.View{Name: v.Name, Source: cmp.Or(v.Source, source), Title: v.Title, Text: v.Text, Sentence: v.Sentence, Filter: v.Filter, Format: v.Format, Mark: marks[k], Within: v.Within}
	if k == spec.KindText {
		out.Source, out.Filter, out.Format, out.Within, out.Sentence = "", "", "", "", ""
		out.Text = cmp.Or(out.Text, blankText)
		return out
	}
	used := map[string]bool{}
	pick := func(w want) spec.Channel {
		for _, ch := range columns {
			if c := t.Column(ch.Field); c != nil && !used[ch.Field] && fits(*c, w) && (w != place || isPlace(*c)) {
				used[ch.Field] = true
				return ch
			}
		}
		for _, c := range t.Columns {
			if !used[c.Name] && fits(c, w) && prefers(c, w) {
				used[c.Name] = true
				return spec.Channel{Field: c.Name}
			}
		}
		for _, c := range t.Columns { // rather than nothing
			if !used[c.Name] && fits(c, w) && w != place && !c.Meaning.Personal() {
				used[c.Name] = true
				return spec.Channel{Field: c.Name}
			}
		}
		return spec.Channel{}
	}
	for _, s := range slots[k] {
		if !s.must {
			continue
		}
		ch := m
		if s.wants != measure {
			ch = pick(s.wants)
			ch.Bin, ch.Sort = 0, ""
			if s.wants == number {
				ch.TimeUnit = ""
			}
		}
		*channel(&out.Encoding, s.channel) = ch
	}
	return finished(out, k, t)
}

// finished adds what a kind has besides its slots.
func finished(v spec.View, k spec.Kind, t *tabular.Table) spec.View {
	switch k {
	case spec.KindHistogram:
		v.Encoding.X.Bin, v.Encoding.X.TimeUnit = spec.DefaultBins, ""
		v.Encoding.Y = spec.Channel{Aggregate: "count"}
	case spec.KindChoropleth:
		if v.Geo == "" {
			v.Geo = "states"
			if c := t.Column(v.Encoding.Place.Field); c != nil && c.Meaning == tabular.Municipality {
				v.Geo = "municipalities"
			}
		}
	case spec.KindBar, spec.KindTreemap:
		v.Others = true
	}
	return v
}

// taken are the measure and the columns of a view.
func taken(v spec.View) (m spec.Channel, columns []spec.Channel) {
	m = spec.Channel{Aggregate: "count"}
	for _, name := range []string{"x", "y", "place", "detail", "color", "facet", "size", "label"} {
		switch ch := *channel(&v.Encoding, name); {
		case ch.Measured():
			m = ch
		case ch.Field != "":
			columns = append(columns, ch)
		}
	}
	return m, columns
}

func isPlace(c tabular.Column) bool {
	switch c.Meaning {
	case tabular.State, tabular.StateName, tabular.Municipality, tabular.TownName:
		return true
	}
	return false
}

// prefers reports whether a column is a good first choice for a slot.
func prefers(c tabular.Column, w want) bool {
	switch w {
	case place:
		return isPlace(c)
	case along:
		return c.Type.Temporal()
	case number:
		return c.Meaning == "" && c.Type != tabular.Year
	case group:
		return c.Stats.Distinct >= 2 && c.Stats.Distinct <= 60 && !c.Meaning.Personal()
	}
	return !c.Meaning.Personal()
}
