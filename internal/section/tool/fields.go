package tool

import (
	"net/url"
	"slices"
	"strings"

	"plaza/internal/base/tabular/query"
	"plaza/internal/section/tool/spec"
)

// mapFields is a document in which each column, by its source and name, is called as rename
// says. It is how this package finds the columns of a document, and replaces them.
func mapFields(s spec.Spec, rename func(source, column string) string) spec.Spec {
	m := fieldMapper{rename: rename, s: s}
	s.Sources = slices.Clone(s.Sources)
	for i, src := range s.Sources {
		s.Sources[i] = m.source(src)
	}
	s.Views = slices.Clone(s.Views)
	for i, v := range s.Views {
		s.Views[i] = m.view(v)
	}
	s.Controls = slices.Clone(s.Controls)
	for i, c := range s.Controls {
		s.Controls[i].Field = m.control(c.Field)
	}
	return s
}

type fieldMapper struct {
	s      spec.Spec // as it was
	rename func(source, column string) string
}

func (m fieldMapper) source(src spec.Source) spec.Source {
	src.Filter = m.filter(src.Name, src.Filter)
	src.Lookup = slices.Clone(src.Lookup)
	for k, l := range src.Lookup {
		l.Key, l.Equals = m.field(src.Name, l.Key), m.own(l.From, l.Equals)
		l.Fields = slices.Clone(l.Fields)
		for n, f := range l.Fields {
			l.Fields[n] = m.own(l.From, f)
		}
		src.Lookup[k] = l
	}
	return src
}

func (m fieldMapper) view(v spec.View) spec.View {
	at := v.Source
	v.Filter = m.filter(at, v.Filter)
	v.Columns = slices.Clone(v.Columns)
	for i, c := range v.Columns {
		v.Columns[i] = m.field(at, c)
	}
	e := &v.Encoding
	for _, c := range []*spec.Channel{&e.X, &e.Y, &e.Color, &e.Size, &e.Facet, &e.Detail, &e.Place, &e.Longitude, &e.Latitude, &e.Label} {
		c.Field = m.field(at, c.Field)
	}
	if v.Per != population {
		v.Per = m.field(at, v.Per)
	}
	if _, ours := m.s.Source(v.Geo); ours {
		v.GeoKey = m.own(v.Geo, v.GeoKey)
	}
	return v
}

// population is what a measure may be divided by that is no column.
const population = "population"

// own is a column of a source's own table.
func (m fieldMapper) own(source, column string) string {
	if column == "" || source == "" {
		return column
	}
	return m.rename(source, column)
}

// field is a column of a source or, as "other.column", of one that it looks up.
func (m fieldMapper) field(source, name string) string {
	src, _ := m.s.Source(source)
	if from, column, ok := strings.Cut(name, "."); ok {
		for _, l := range src.Lookup {
			if l.From == from {
				return from + "." + m.own(from, column)
			}
		}
	}
	return m.own(source, name)
}

// control is a column of whichever source has it: it is renamed where one does.
func (m fieldMapper) control(field string) string {
	for _, src := range m.s.Sources {
		if to := m.field(src.Name, field); to != field {
			return to
		}
	}
	return field
}

// filter renames the columns of conditions.
func (m fieldMapper) filter(source, filter string) string {
	values, err := url.ParseQuery(filter)
	if err != nil || filter == "" {
		return filter
	}
	out, other := url.Values{}, false
	for param, list := range values {
		if rest, ok := strings.CutPrefix(param, query.ParamFilter+"."); ok {
			column, _ := query.Split(rest)
			if to := m.field(source, column); to != column {
				param, other = query.ParamFilter+"."+to+strings.TrimPrefix(rest, column), true
			}
		}
		out[param] = list
	}
	if !other {
		return filter
	}
	return out.Encode()
}

// usesOf are the columns of a document's sources, by source, in the order of the sources.
// The controls' are left out: they are of whichever source has them.
func usesOf(s spec.Spec) map[string][]string {
	out := map[string][]string{}
	s.Controls = nil
	mapFields(s, func(source, column string) string {
		if !slices.Contains(out[source], column) {
			out[source] = append(out[source], column)
		}
		return column
	})
	return out
}
