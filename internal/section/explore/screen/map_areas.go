package screen

import (
	"cmp"
	"slices"
	"strings"

	"plaza/internal/base/atlas"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
)

// placing is by which columns rows are put together by their place.
type placing struct {
	group []tabular.Group
	towns bool // municipalities, else states
}

// placingOf is how rows are put together: by municipality when a state is chosen and the
// table tells, else by state.
func (d *drawing) placingOf(state string) placing {
	states, towns := query.Places(*d.t)
	if towns && state != "" {
		return placing{[]tabular.Group{{Column: tabular.ColumnMun}}, true}
	}
	if states {
		return placing{[]tabular.Group{{Column: tabular.ColumnEnt}}, false}
	}
	return placing{}
}

// isPlace reports whether a code is that of a state or a municipality.
func isPlace(code string) bool {
	_, state := place.State(code)
	_, town := place.Municipality(code)
	return state || town
}

// placed is what there is in one place.
type placed struct {
	code  string
	value float64
	rows  float64
	null  bool // no value was computed
}

// counting is what there is in each place, and what has none.
type counting struct {
	places  []placed
	lost    []placed // that are no place of the framework
	without int64    // rows that tell no place
}

// counted asks for a measure of each place.
func (d *drawing) counted(m tabular.Measure) (counting, error) {
	q := d.base
	q.Group, q.Measures, q.Limit = d.areas.group, measuresWithCount(m), query.MaxGroupRows
	found, err := d.p.Engine.Groups(d.ctx, d.table, q)
	if err != nil {
		return counting{}, err
	}
	d.Figures = d.downloads(q)
	var out counting
	for _, row := range found.Rows {
		value, rows := row[len(q.Group)], float(row[len(row)-1])
		if row[0].Null {
			out.without += int64(rows)
			continue
		}
		one := placed{code: row[0].Text, value: float(value), rows: rows, null: value.Null}
		if isPlace(one.code) {
			out.places = append(out.places, one)
		} else {
			out.lost = append(out.lost, one)
		}
	}
	slices.SortStableFunc(out.places, func(a, b placed) int {
		return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.code, b.code))
	})
	return out, nil
}

// choropleth draws the places in the colours of their classes.
func (d *drawing) choropleth() error {
	m := d.measure(d.usual(d.t.Place.Columns...))
	form := d.measureForm(m)
	d.v.Measure = &form
	found, err := d.counted(m)
	if err != nil {
		return err
	}
	d.v.Title = d.L.T("explore.groups.caption", "measure", d.measureName(m), "columns", d.level())
	d.v.Height = d.canvas.Height
	d.v.Behind = d.canvas.States()
	outlines := d.v.Behind
	if d.areas.towns {
		outlines = d.canvas.Towns(d.state)
	} else if d.wholeLand {
		d.v.Behind = nil
	}
	var values []float64
	byCode := map[string]placed{}
	for _, one := range found.places {
		if !one.null {
			values = append(values, one.value)
		}
		byCode[one.code] = one
	}
	classes := atlas.Classes(values)
	for _, a := range outlines {
		area := areaView{Path: a.Path, Label: a.Name + ": " + d.L.T("explore.map.nothing")}
		if one, ok := byCode[a.Code]; ok {
			area.Label = a.Name + ": " + d.value(one)
			area.Link = d.to(one)
			if !one.null {
				area.Class = atlas.ClassOf(classes, one.value)
			}
		}
		d.v.Areas = append(d.v.Areas, area)
	}
	d.legend(classes)
	d.listed(found, m)
	return nil
}

// level says by what places the map is drawn.
func (d *drawing) level() string {
	if d.areas.towns {
		return d.L.T("tabular.meaning.municipality")
	}
	return d.L.T("tabular.meaning.state")
}

// value is a place's value in words.
func (d *drawing) value(one placed) string {
	if one.null {
		return d.L.T("explore.cell.none")
	}
	return d.figure(one.value)
}

func (d *drawing) legend(classes []atlas.Class) {
	for i, c := range classes {
		text := d.L.T("explore.map.class", "from", d.figure(c.From), "to", d.figure(c.To))
		if c.From == c.To {
			text = d.figure(c.From)
		}
		d.v.Legend = append(d.v.Legend, legendView{Class: i + 1, Text: d.L.T("explore.map.class.places", "class", text, "count", c.Count, "number", d.L.Number(c.Count))})
	}
	if slices.ContainsFunc(d.v.Areas, func(a areaView) bool { return a.Class == 0 }) {
		d.v.Legend = append(d.v.Legend, legendView{Text: d.L.T("explore.map.class.none")})
	}
}

// to is the address of a place: its municipalities on the map, else its rows.
func (d *drawing) to(one placed) string {
	q := d.q
	q.Key = nil
	_, towns := query.Places(*d.t)
	q.Where = slices.DeleteFunc(slices.Clone(q.Where), func(c tabular.Condition) bool { return c.Column == "" && c.Op == tabular.Inside })
	q = and(q, tabular.Condition{Op: tabular.Inside, Values: []string{one.code}})
	if towns && len(one.code) == 2 && d.state == "" {
		return d.link(q)
	}
	return d.rowsOf(q)
}

// rowsOf is the address of a question's rows.
func (d *drawing) rowsOf(q tabular.Query) string {
	return d.link(q, without("ver"), without(paramMap), without(paramMeasure), without(paramChart))
}

// mostLost are the unknown places that are listed by themselves.
const mostLost = 12

// listed fills the table of the numbers, and says which have no place on the map.
func (d *drawing) listed(found counting, m tabular.Measure) {
	d.v.Heads = []string{d.level(), d.measureName(m)}
	for _, one := range found.places {
		name := d.placeNames([]string{one.code})
		d.v.Rows = append(d.v.Rows, chartRow{Label: cellView{Text: name}, Path: d.to(one), Cells: []cellView{{Text: d.value(one), Class: "is-number"}}})
	}
	if n := len(found.places); n > 0 && d.v.Describe == "" {
		first, last := found.places[0], found.places[n-1]
		d.v.Describe = d.L.T("explore.map.says", "greatest", d.placeNames([]string{first.code}), "most", d.value(first),
			"least", d.placeNames([]string{last.code}), "few", d.value(last), "count", n, "number", d.L.Number(n))
	}
	if len(found.places) == 0 && d.v.Describe == "" {
		d.v.Empty = d.nothing()
	}
	if found.without > 0 {
		key := "explore.map.without"
		if d.t.Place.Kind == tabular.PlaceNames {
			key = "explore.map.unnamed"
		}
		d.v.Notes = append(d.v.Notes, d.L.T(key, "count", int(found.without), "number", d.L.Number(found.without)))
	}
	if len(found.lost) == 0 {
		return
	}
	var some []string
	for i, one := range found.lost {
		if i == mostLost {
			some = append(some, "…")
			break
		}
		some = append(some, d.L.T("explore.map.lost.one", "code", tabular.Clip(one.code, 60), "number", d.L.Number(int64(one.rows)), "count", int(one.rows)))
	}
	d.v.Notes = append(d.v.Notes, d.L.T("explore.map.lost", "list", strings.Join(some, ", "), "vintage", place.Vintage))
}
