package spec

// Kind is what people call a view or a tool: what the gallery filters by.
type Kind string

// The kinds.
const (
	KindTable      Kind = "table"
	KindFigure     Kind = "figure"
	KindText       Kind = "text"
	KindLine       Kind = "line"
	KindArea       Kind = "area"
	KindBar        Kind = "bar"
	KindHistogram  Kind = "histogram"
	KindScatter    Kind = "scatter"
	KindHeatMap    Kind = "heatmap"
	KindTreemap    Kind = "treemap"
	KindChoropleth Kind = "choropleth"
	KindPoints     Kind = "points"
	KindMultiples  Kind = "multiples"
	KindLinked     Kind = "linked"
	KindExternal   Kind = "external" // a tool elsewhere: it has no document
)

// Kinds are those of tools, in the order in which they are offered.
var Kinds = []Kind{KindTable, KindFigure, KindLine, KindArea, KindBar, KindHistogram, KindScatter, KindHeatMap, KindTreemap, KindChoropleth, KindPoints, KindMultiples, KindLinked, KindExternal}

// Kind is what a view is.
func (v View) Kind() Kind {
	switch v.Mark {
	case Table:
		return KindTable
	case Figure:
		return KindFigure
	case Text:
		return KindText
	case Treemap:
		return KindTreemap
	case GeoShape:
		return KindChoropleth
	case Circle:
		return KindPoints
	}
	switch {
	case v.Encoding.Facet != Channel{}:
		return KindMultiples
	case v.Mark == Line:
		return KindLine
	case v.Mark == Area:
		return KindArea
	case v.Mark == Point:
		return KindScatter
	case v.Mark == Rect:
		return KindHeatMap
	case v.Encoding.X.Bin > 0:
		return KindHistogram
	}
	return KindBar
}

// Kind is what a tool is: its only view, or linked views.
func (s Spec) Kind() Kind {
	out := KindText
	for _, v := range s.Views {
		switch k := v.Kind(); {
		case k == KindText:
		case out != KindText:
			return KindLinked
		default:
			out = k
		}
	}
	return out
}

// Source is a source by its name.
func (s Spec) Source(name string) (Source, bool) {
	for _, one := range s.Sources {
		if one.Name == name {
			return one, true
		}
	}
	return Source{}, false
}

// View is a view by its name.
func (s Spec) View(name string) (View, bool) {
	for _, one := range s.Views {
		if one.Name == name {
			return one, true
		}
	}
	return View{}, false
}
