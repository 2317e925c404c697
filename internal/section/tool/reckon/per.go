package reckon

import (
	"maps"
	"slices"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
)

// usualTimes is by how many people rates are told.
const usualTimes = 100_000

// per is what divides the measure.
type per struct {
	at     int     // of the key in plan.asked
	level  level   // of the population; noPlace: a lookup's
	lookup *lookup // whose field
	field  string
	times  float64
	shown  int // index in plan.groups of the key itself; -1: rows are put together without it
	met    *meeting
}

// word is what the name of a measure that is divided ends in, as in
// "suma:casos:por_100000_habitantes".
func (d *per) word() string {
	of := "habitantes"
	if d.lookup != nil {
		of = d.field
	}
	if d.times == 1 {
		return ":por_" + of
	}
	return ":por_" + query.Float(d.times) + "_" + of
}

// divided finds by what a view's measure is divided, and by which column that is known.
func (p *plan) divided() {
	v := p.view
	if v.Per == "" || p.raw || len(p.measures) == 0 {
		return
	}
	for _, t := range p.measures {
		p.hold(t.lookup == nil && (t.fn == tabular.Count || t.fn == tabular.Sum), t.path+".aggregate", "per_func")
	}
	p.per = &per{times: v.Times, shown: -1, met: newMeeting(Population, "")}
	path := p.path + ".per"
	if v.Per == Population {
		if p.per.times == 0 {
			p.per.times = usualTimes
		}
		p.peopled(path)
		return
	}
	if p.per.times == 0 {
		p.per.times = 1
	}
	t := &part{path: path}
	if !p.resolve(t, v.Per) {
		p.wrong[len(p.wrong)-1].Field = path
		return
	}
	if !p.hold(t.lookup != nil && t.col.Type.Number(), path, "per_lookup", "column", v.Per) {
		return
	}
	p.per.lookup, p.per.field = t.lookup, t.col.Name
	p.per.at = p.byKey(t.lookup, path)
	p.per.shown = slices.IndexFunc(p.groups, func(g *part) bool { return g.lookup == nil && g.at == p.per.at })
}

// peopled finds by which column the population is known: a group that is a place, else the
// key of a lookup's group, else the place that rows have.
func (p *plan) peopled(path string) {
	for i, t := range p.groups {
		if t.lookup == nil && t.step() == "" && levelOf(t.col) != noPlace && t.col.Meaning != tabular.TownName && t.col.Meaning != tabular.TownOnly || t.role == RolePlace && t.level != noPlace {
			p.per.shown, p.per.at, p.per.level = i, t.at, t.level
			if t.level == noPlace {
				p.per.level = levelOf(t.col)
			}
			p.per.met.join.Key = t.ch.Field
			return
		}
	}
	column := ""
	hasStates, hasTowns := query.Places(p.src.shown)
	for _, t := range p.groups {
		if t.lookup != nil && levelOf(t.lookup.key) != noPlace {
			column, p.per.level = t.lookup.key.Name, levelOf(t.lookup.key)
		}
	}
	if column == "" && hasTowns {
		column, p.per.level = tabular.ColumnMun, towns
	} else if column == "" && hasStates {
		column, p.per.level = tabular.ColumnEnt, states
	}
	if p.hold(column != "", path, "per_place") {
		p.per.at = p.ask(path, tabular.Group{Column: column})
		p.per.met.join.Key = column
	}
}

// of is what divides the rows of a key, and the key as it is known.
func (d *per) of(key tabular.Cell) (string, float64, bool) {
	if key.Null || key.Odd {
		return "", 0, false
	}
	if d.lookup != nil {
		v, ok := d.lookup.number(key, d.field)
		return d.lookup.text(key.Text), v, ok
	}
	code, _ := codeOf(key.Text, d.level)
	n, ok := place.Population(code)
	return code, float64(n), ok
}

// covered are the keys of the places that the table tells of, nil where that is not known.
func (p *plan) covered(l level) []string {
	switch l {
	case states:
		return p.src.shown.Place.States
	case towns:
		return p.src.shown.Place.Towns
	}
	return nil
}

// all is what divides the table as a whole, by key: of the places that it tells of, whatever
// is counted there now; of a lookup, all its keys where these are no places.
func (p *plan) all() map[string]float64 {
	d := p.per
	out := map[string]float64{}
	keys := p.covered(d.level)
	if d.lookup != nil {
		if keys = p.covered(levelOf(d.lookup.key)); len(keys) == 0 {
			keys = slices.Collect(maps.Keys(d.lookup.rows))
		}
	}
	for _, key := range keys {
		if key, v, ok := d.of(tabular.Cell{Text: key}); ok {
			out[key] = v
		}
	}
	return out
}

// spread gives each bucket that is put together without the key what divides it: all that
// there is, for places where nothing was counted have people too, unless the rows of some
// places were chosen. A group that a lookup tells has that of its keys, one of names of
// places that of its rows.
func (p *plan) spread(buckets []*bucket) {
	d := p.per
	named := slices.ContainsFunc(p.groups, func(t *part) bool { return t.lookup == nil && levelOf(t.col) != noPlace })
	if d == nil || d.shown >= 0 || named {
		return
	}
	covered := map[string]float64{}
	for _, b := range buckets {
		maps.Copy(covered, b.by)
	}
	if !p.somePlaces() {
		maps.Copy(covered, p.all())
	}
	for _, b := range buckets {
		b.by = map[string]float64{}
		for key, v := range covered {
			if p.tells(b, key) {
				b.by[key] = v
			}
		}
	}
}

// somePlaces reports whether rows are chosen by their place or by the key that divides.
func (p *plan) somePlaces() bool {
	key := p.asked[p.per.at].Column
	return p.base.Search != "" || slices.ContainsFunc(p.base.Where, func(c tabular.Condition) bool {
		col, ok := p.src.column(c.Column)
		return c.Column == "" || c.Column == key || ok && levelOf(*col) != noPlace
	})
}

// coarser divides by the people of states where there are too many municipalities to ask
// for, and reports whether it does now.
func (p *plan) coarser() bool {
	d := p.per
	hasStates, _ := query.Places(p.src.shown)
	if d == nil || d.shown >= 0 || d.lookup != nil || p.asked[d.at].Column != tabular.ColumnMun || !hasStates || slices.ContainsFunc(p.groups, func(t *part) bool { return t.at == d.at }) {
		return false
	}
	p.asked[d.at].Column, d.level = tabular.ColumnEnt, states
	d.met = newMeeting(Population, tabular.ColumnEnt)
	return true
}

// tells reports whether a key lies in a bucket, as far as lookups by the same key tell.
func (p *plan) tells(b *bucket, key string) bool {
	for i, t := range p.groups {
		if t.lookup != nil && t.at == p.per.at && idOf(t.lookup.field(tabular.Cell{Text: key}, t.col.Name)) != idOf(b.keys[i]) {
			return false
		}
	}
	return true
}

// share divides an amount.
func (d *per) share(b *bucket, v float64) (float64, bool) {
	sum := 0.0
	for _, key := range slices.Sorted(maps.Keys(b.by)) {
		sum += b.by[key]
	}
	return v / sum * d.times, sum > 0
}

// stamped adds where numbers are from to the result.
func (p *plan) stamped() {
	add := func(src *source) {
		if src != nil && !slices.ContainsFunc(p.out.Stamps, func(s Stamp) bool { return s.Source == src.stamp.Source }) {
			p.out.Stamps = append(p.out.Stamps, src.stamp)
		}
	}
	add(p.src)
	for _, l := range p.used() {
		add(l.src)
		if l.met != nil {
			p.out.Joins = append(p.out.Joins, l.met.join)
		}
	}
	add(p.geo)
	if p.per != nil && p.per.level != noPlace {
		p.out.Stamps = append(p.out.Stamps, census)
		p.out.Joins = append(p.out.Joins, p.per.met.join)
	}
}
