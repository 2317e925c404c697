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

// all are all that may divide, by key.
func (d *per) all() map[string]float64 {
	out := map[string]float64{}
	if d.lookup != nil {
		for key := range d.lookup.rows {
			if v, ok := d.lookup.number(tabular.Cell{Text: key}, d.field); ok {
				out[key] = v
			}
		}
		return out
	}
	for _, s := range place.States() {
		list := []place.Place{s}
		if d.level == towns {
			list = place.Towns(s.Code)
		}
		for _, one := range list {
			if n, ok := place.Population(one.Code); ok {
				out[one.Code] = float64(n)
			}
		}
	}
	return out
}

// spread gives each bucket that is put together without the key what divides it: of the
// whole table all that there is, for places where nothing was counted have people too; of
// some of its rows, what these have. A group that a lookup tells has that of its keys.
func (p *plan) spread(buckets []*bucket) {
	d := p.per
	if d == nil || d.shown >= 0 {
		return
	}
	covered := map[string]float64{}
	for _, b := range buckets {
		for key, v := range b.by {
			covered[key] = v
		}
	}
	if p.whole() {
		covered = d.all()
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
