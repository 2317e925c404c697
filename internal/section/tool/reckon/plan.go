package reckon

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// plan is how a view is computed: what is asked of the table, and what each column of the
// result is made of.
type plan struct {
	d       *desk
	view    spec.View
	path    string // of the view in the document
	src     *source
	lookups []*lookup

	raw      bool // rows as they are, not groups
	groups   []*part
	measures []*part
	base     tabular.Query // search, conditions and sort of the document and of readers
	asked    []tabular.Group
	counts   []tabular.Measure
	valued   int // index in counts of how many rows have a value of the first measure; -1: all
	per      *per
	geo      *source // whose polygons are drawn; nil: the framework's

	wrong plaza.Mistakes
	out   Result
}

// part is a column of the result.
type part struct {
	role   Role
	path   string
	ch     spec.Channel
	col    tabular.Column // that the channel names
	lookup *lookup        // whose column it is; nil: the source's own
	at     int            // of a group: in plan.asked; of a measure: in plan.counts
	fn     tabular.Func
	level  level // of the codes of a place
	width  float64
}

// timeSteps are the steps of Channel.TimeUnit.
var timeSteps = map[string]tabular.Step{"year": tabular.StepYear, "yearquarter": tabular.StepQuarter, "yearmonth": tabular.StepMonth,
	"yearweek": tabular.StepWeek, "yearmonthdate": tabular.StepDay, "yearmonthdatehours": tabular.StepHour}

// step is how values of a group are put together.
func (t *part) step() tabular.Step {
	if t.ch.Bin > 0 {
		return tabular.StepBins
	}
	if t.col.Type == tabular.Year { // is its step already
		return ""
	}
	return timeSteps[t.ch.TimeUnit]
}

// ordered reports whether a group's values have an order of their own along which a picture
// goes.
func (p *plan) ordered(t *part) bool {
	line := p.view.Mark == spec.Line || p.view.Mark == spec.Area
	return t.step() != "" || t.col.Type.Temporal() || t.role == RoleX && line && t.col.Type.Number()
}

// plan opens what a view needs and holds it to the tables. What does not fit is in wrong.
func (d *desk) plan(ctx context.Context, i int) (*plan, error) {
	p := &plan{d: d, view: d.s.Views[i], path: fmt.Sprintf("views[%d]", i), valued: -1, out: Result{View: d.s.Views[i].Name, Rest: -1, Columns: []Column{}, Rows: [][]tabular.Cell{}}}
	for _, m := range d.s.Check() {
		if strings.HasPrefix(m.Field, p.path) || strings.HasPrefix(m.Field, "sources") {
			p.wrong = append(p.wrong, m)
		}
	}
	if len(p.wrong) > 0 {
		return p, nil
	}
	var err error
	if p.src, err = d.source(ctx, p.view.Source); err != nil {
		return nil, err
	}
	if err := p.lookedUp(ctx); err != nil {
		return nil, err
	}
	p.filters()
	p.channels()
	p.columns()
	p.divided()
	return p, p.drawn(ctx)
}

func (p *plan) hold(ok bool, path, key string, pairs ...any) bool {
	args := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	p.wrong.Hold(ok, path, "toolreckon."+key, args)
	return ok
}

// filters reads those of the source and of the view.
func (p *plan) filters() {
	p.base = p.filter(p.src, p.src.path+".filter", p.src.spec.Filter)
	p.base = both(p.base, p.filter(p.src, p.path+".filter", p.view.Filter))
}

// filter reads the conditions, the search and the sort of a document's filter.
func (p *plan) filter(src *source, path, text string) tabular.Query {
	q, wrong := parse(src.shown, text)
	for _, m := range wrong {
		if m.Key == "query.column" {
			m.Key = "toolreckon.column"
		}
		p.wrong = append(p.wrong, plaza.FieldError{Field: path, Key: m.Key, Args: m.Args})
	}
	return q
}

// both are the rows that two questions leave together; the second's sort comes first.
func both(a, b tabular.Query) tabular.Query {
	out := tabular.Query{Search: strings.TrimSpace(a.Search + " " + b.Search), Sort: slices.Concat(b.Sort, a.Sort)}
	out.Where = slices.Concat(a.Where, b.Where)
	return out
}

// channels makes a part of each channel, groups and measures.
func (p *plan) channels() {
	e := p.view.Encoding
	if p.view.Mark == spec.Circle && (e.Longitude.Field == "" || e.Latitude.Field == "") &&
		!p.hold(p.src.shown.Place.Located(), p.path+".mark", "no_points") {
		return
	}
	p.raw = p.view.Mark == spec.Table && e == spec.Encoding{} || p.view.Mark == spec.Point && !e.X.Measured() || p.view.Mark == spec.Circle && !e.Size.Measured()
	for _, one := range []struct {
		role Role
		ch   spec.Channel
	}{{RoleFacet, e.Facet}, {RolePlace, e.Place}, {RoleX, e.X}, {RoleY, e.Y}, {RoleDetail, e.Detail}, {RoleColor, e.Color},
		{RoleLongitude, p.located(e.Longitude, tabular.ColumnLon)}, {RoleLatitude, p.located(e.Latitude, tabular.ColumnLat)}, {RoleLabel, e.Label}, {RoleSize, e.Size}} {
		if one.ch == (spec.Channel{}) {
			continue
		}
		t := &part{role: one.role, path: p.path + ".encoding." + string(one.role), ch: one.ch}
		if one.ch.Measured() {
			p.measure(t)
		} else {
			p.group(t)
		}
	}
	if !p.raw && len(p.measures) == 0 {
		p.measure(&part{role: RoleY, path: p.path + ".encoding", ch: spec.Channel{Aggregate: string(tabular.Count)}})
	}
	if p.raw {
		return
	}
	if t := p.measures[0]; t.lookup == nil && t.ch.Field != "" {
		p.valued = p.count(tabular.Measure{Func: tabular.Count, Column: t.col.Name})
	}
	p.count(tabular.Measure{Func: tabular.Count})
}

// located is a channel of a map of points: the row's own point where none is named.
func (p *plan) located(ch spec.Channel, column string) spec.Channel {
	if p.view.Mark == spec.Circle && ch.Field == "" {
		ch.Field = column
	}
	return ch
}

// resolve finds the column that a name stands for.
func (p *plan) resolve(t *part, name string) bool {
	if c, ok := p.src.column(name); ok {
		t.col = *c
		return true
	}
	for _, l := range p.lookups {
		if field, ok := strings.CutPrefix(name, l.From+"."); ok && slices.Contains(l.Fields, field) {
			if c, ok := l.src.column(field); ok {
				t.col, t.lookup = *c, l
				return true
			}
		}
	}
	return p.hold(false, t.path+".field", "column", "column", name)
}

// group adds a column by which rows are put together, or one of raw rows.
func (p *plan) group(t *part) {
	if !p.resolve(t, t.ch.Field) {
		return
	}
	p.groups = append(p.groups, t)
	if p.raw {
		p.rawFits(t)
		return
	}
	if !p.hold(t.col.Type != tabular.Geometry, t.path+".field", "type", "column", t.ch.Field) {
		return
	}
	step := t.step()
	if t.lookup != nil {
		p.hold(step == "", t.path, "lookup_step", "column", t.ch.Field)
		if t.role == RolePlace {
			t.level = p.levelOfMap(t.col)
		}
		t.at = p.byKey(t.lookup, t.path)
		return
	}
	dates := t.col.Type == tabular.Date || t.col.Type == tabular.DateTime
	switch {
	case step == tabular.StepBins:
		p.hold(t.col.Type.Number(), t.path+".bin", "number", "column", t.ch.Field)
	case step == tabular.StepHour:
		p.hold(t.col.Type == tabular.DateTime, t.path+".timeUnit", "hours", "column", t.ch.Field)
	case t.ch.TimeUnit != "":
		p.hold(dates || t.col.Type == tabular.Year && t.ch.TimeUnit == "year", t.path+".timeUnit", "date", "column", t.ch.Field)
	case t.role == RoleX && (p.view.Mark == spec.Line || p.view.Mark == spec.Area):
		p.hold(t.col.Type.Temporal() || t.col.Type.Number() || t.col.Type == tabular.Time, t.path+".field", "axis", "column", t.ch.Field)
	case t.role == RoleX && p.view.Mark == spec.Figure:
		p.hold(t.col.Type.Temporal(), t.path+".field", "date", "column", t.ch.Field)
	}
	column := t.col.Name
	if t.role == RolePlace {
		column = p.placed(t)
	}
	t.at = p.ask(t.path, tabular.Group{Column: column, Step: step, Bins: t.ch.Bin})
}

// rawFits holds a column of raw rows to what it is drawn as.
func (p *plan) rawFits(t *part) {
	switch t.role {
	case RoleX, RoleY, RoleSize:
		p.hold(t.col.Type.Number() || t.col.Type.Temporal() && t.role != RoleSize, t.path+".field", "number", "column", t.ch.Field)
	case RoleLongitude, RoleLatitude:
		p.hold(t.col.Type.Number() && t.lookup == nil, t.path+".field", "number", "column", t.ch.Field)
	}
	p.hold(t.col.Type != tabular.Geometry, t.path+".field", "type", "column", t.ch.Field)
}

// ask has rows put together by a column, once.
func (p *plan) ask(path string, g tabular.Group) int {
	for i, o := range p.asked {
		if o.Column == g.Column {
			p.hold(o == g, path+".field", "twice", "column", g.Column)
			return i
		}
	}
	p.asked = append(p.asked, g)
	p.hold(len(p.asked) <= query.MaxGroups, path, "groups", "max", query.MaxGroups)
	return len(p.asked) - 1
}

// byKey has rows put together by the key of a lookup.
func (p *plan) byKey(l *lookup, path string) int {
	l.at = p.ask(path, tabular.Group{Column: l.key.Name})
	return l.at
}

// measure adds a column that is computed of rows.
func (p *plan) measure(t *part) {
	t.fn = tabular.Func(t.ch.Aggregate)
	if t.ch.Field == "" {
		t.col = tabular.Column{Type: tabular.Integer}
		t.at = p.count(tabular.Measure{Func: tabular.Count})
		p.measures = append(p.measures, t)
		return
	}
	if !p.resolve(t, t.ch.Field) {
		return
	}
	fits := slices.Contains(query.FuncsOf(t.col), t.fn)
	if t.lookup != nil {
		fits = t.col.Type.Number()
	}
	p.hold(fits, t.path+".aggregate", "measure", "column", t.ch.Field, "measure", t.ch.Aggregate)
	p.measures = append(p.measures, t)
	if t.lookup != nil {
		p.byKey(t.lookup, t.path)
		return
	}
	t.at = p.count(tabular.Measure{Func: t.fn, Column: t.col.Name})
	if t.fn == tabular.Mean { // means are put together by how many they are of
		p.count(tabular.Measure{Func: tabular.Count, Column: t.col.Name})
	}
}

// count has something computed, once.
func (p *plan) count(m tabular.Measure) int {
	if i := slices.Index(p.counts, m); i >= 0 {
		return i
	}
	p.counts = append(p.counts, m)
	return len(p.counts) - 1
}

// columns resolves those of a table of rows.
func (p *plan) columns() {
	if p.view.Mark != spec.Table || !p.raw {
		return
	}
	names := p.view.Columns
	if len(names) == 0 {
		for _, c := range p.src.shown.Columns {
			if c.Type != tabular.Geometry {
				names = append(names, c.Name)
			}
		}
		names = names[:min(len(names), spec.MaxFields)]
	}
	for i, name := range names {
		t := &part{role: RoleColumn, path: fmt.Sprintf("%s.columns[%d]", p.path, i), ch: spec.Channel{Field: name}}
		if !p.resolve(t, name) {
			p.wrong[len(p.wrong)-1].Field = t.path
			continue
		}
		p.hold(t.lookup != nil || slices.ContainsFunc(p.src.table.Profile.Columns, func(c tabular.Column) bool { return c.Name == name }), t.path, "column", "column", name)
		p.groups = append(p.groups, t)
	}
	p.hold(len(p.groups) > 0 || len(p.wrong) > 0, p.path+".columns", "none")
}

// drawn opens the source whose polygons a view draws.
func (p *plan) drawn(ctx context.Context) error {
	v := p.view
	if v.Mark != spec.GeoShape || v.Geo == "" || v.Geo == "states" || v.Geo == "municipalities" {
		return nil
	}
	var err error
	if p.geo, err = p.d.source(ctx, v.Geo); err != nil {
		return err
	}
	_, key := p.geo.column(v.GeoKey)
	p.hold(key, p.path+".geoKey", "column", "column", v.GeoKey)
	p.hold(p.geo.outline() != "", p.path+".geo", "geometry", "source", v.Geo)
	return nil
}

// outline is the column of a source's geometries, "" for none.
func (src *source) outline() string {
	for _, c := range src.shown.Columns {
		if c.Type == tabular.Geometry {
			return c.Name
		}
	}
	return ""
}
