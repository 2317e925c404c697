package infer

import (
	"slices"

	"plaza/internal/base/tabular"
)

// both lists classes of whole numbers, and the same written with ".0".
func both(of ...class) []class {
	for _, k := range slices.Clone(of) {
		of = append(of, classFloat+k)
	}
	return of
}

// Classes of codes of places, whole; then those among them that lost their zeros.
var (
	stateDigits = append(both(int1, int2, int3, int10), zero2)
	stateLost   = both(int1, int2, int3)
	townDigits  = append(both(int1, int2, int3, int10, int33, int100), zero3, zero2)
	townLost    = both(int1, int2, int3, int10, int33)
	munDigits   = append(both(intTown4, intTown5, intYearTown), zeroTown5)
	munLost     = both(intTown4, intYearTown)
	localDigits = append(both(intLocal8, intLocal9, intLocalDay8), zeroLocal9)
	localLost   = both(intLocal8, intLocalDay8)
	postDigits  = append(both(intPost4, intPost5, intTown4, intTown5, intYear, intYearTown), zeroPost5, zeroTown5)
	postLost    = both(intPost4, intTown4, intYear, intYearTown)
)

// lost are the classes of a meaning's codes whose zeros are gone.
var lost = map[tabular.Meaning][]class{
	tabular.State: stateLost, tabular.TownOnly: townLost, tabular.Municipality: munLost,
	tabular.Locality: localLost, tabular.PostalCode: postLost,
}

// placeCode finds codes of places among digits, by the column's name, or by values that
// can hardly be anything else.
func (s *subject) placeCode() bool {
	padded := s.has(zeroTown5)
	unknown := s.has(both(int33)...) // 33 to 36 and 97 to 99 are said for abroad and for not known
	state := s.has(stateDigits...)
	var m tabular.Meaning
	switch {
	case s.postal && s.most(s.has(postDigits...)):
		m = tabular.PostalCode
	case s.local && s.most(s.has(localDigits...)), s.fits(s.has(localDigits...)) && s.has(zeroLocal9) > 0:
		m = tabular.Locality
	case (s.town || s.state || s.code) && !s.year && s.most(s.has(munDigits...)) && s.has(both(intTown4, intTown5)...)+padded > 0:
		m = tabular.Municipality
	case s.n >= 20 && padded > 0 && s.fits(s.has(munDigits...)):
		m = tabular.Municipality
		s.doubt("municipality_by_values")
	case s.state && !s.town && s.most(state+unknown) && state*2 > s.n && s.many():
		m = tabular.State
	case s.n >= 32 && s.has(zero2) > 0 && s.has(stateLost...) == 0 && s.fits(state) && s.has(int10)*2 > s.n && s.states():
		m = tabular.State
		s.doubt("state_by_values")
	default:
		return false
	}
	s.set(tabular.Code, "")
	s.out.Meaning = m
	if s.floats() > 0 {
		s.out.Format = "0.0"
	}
	if s.has(lost[m]...) > 0 {
		s.doubt("zeros")
	}
	return true
}

// many tells states from the few conditions that an "estado" may have as well: one of the
// numbers has two digits, or the name leaves no doubt.
func (s *subject) many() bool {
	if s.has(append(both(int10), zero2)...) > 0 {
		return true
	}
	for _, w := range parts(s.name) {
		if w == "ent" || w == "entidad" || w == "cve" || w == "clave" {
			return true
		}
	}
	return false
}

// most reports whether nearly all values are some: in codes of places a few are always
// those of nowhere.
func (s *subject) most(n int64) bool { return n*100 >= s.n*95 }

// states reports whether a column without a telling name may hold states: no day and no
// month is called so, which have the same digits.
func (s *subject) states() bool {
	for _, w := range parts(s.name) {
		switch w {
		case "cve", "clave", "code", "cod", "id", "geo", "inegi":
			return true
		}
	}
	return false
}

// names finds names of states, of towns and of currencies among texts.
func (s *subject) names() {
	if s.hints.town {
		s.out.Meaning = tabular.TownName
	}
	if s.words.full {
		return
	}
	var states, codes int64
	kinds := map[int]bool{}
	for _, v := range s.words.list {
		if k := stateOf(v.text); k != 0 {
			states += v.n
			kinds[k] = true
		}
		if currency(v.text) != 0 {
			codes += v.n
		}
	}
	switch {
	case states*10 >= s.n*9 && (s.state || len(kinds) >= 3):
		s.out.Meaning = tabular.StateName
	case s.currency && codes*10 >= s.n*9:
		s.out.Meaning = tabular.Currency
	}
}

// towns gives towns of three digits their meaning where a state's column stands beside.
func (d *decider) towns(all []subject) {
	for i := range all {
		s := &all[i]
		if !s.town || s.out.Meaning != "" || s.out.Type != tabular.Integer && s.out.Type != tabular.Code || !s.most(s.has(townDigits...)) {
			continue
		}
		if stateBeside(all, i, tabular.State) < 0 {
			continue
		}
		s.set(tabular.Code, "")
		s.out.Meaning = tabular.TownOnly
		if s.floats() > 0 {
			s.out.Format = "0.0"
			s.doubt("floats")
		}
		if s.has(townLost...) > 0 {
			s.doubt("zeros")
		}
	}
}

// stateBeside is the column of states, by one of some meanings, that goes with a column of
// towns: the one whose name has most words in common with it, then the nearest; -1 when
// there is none.
func stateBeside(all []subject, town int, of ...tabular.Meaning) int {
	best, score := -1, -1<<30
	words := parts(all[town].name)
	for i := range all {
		if !slices.Contains(of, all[i].out.Meaning) {
			continue
		}
		mine := -max(i-town, town-i)
		for _, w := range parts(all[i].name) {
			if slices.Contains(words, w) {
				mine += 1000
			}
		}
		if mine > score {
			best, score = i, mine
		}
	}
	return best
}

// points finds latitudes and longitudes, by names and by where they lie.
func (d *decider) points(all []subject) {
	lat, lon := -1, -1
	for i := range all {
		s := &all[i]
		if s.geo == nil || s.out.Type != tabular.Decimal && s.out.Type != tabular.Integer {
			continue
		}
		inside := s.geo.lat+s.geo.lon+s.geo.unsigned+s.geo.zero > s.n/2 && s.geo.lat+s.geo.lon+s.geo.unsigned > 0
		switch {
		case s.lat && inside && lat < 0:
			lat = i
		case s.lon && inside && lon < 0:
			lon = i
		}
	}
	if lat < 0 || lon < 0 {
		return
	}
	a, b := &all[lat], &all[lon]
	if a.geo.lon*2 > a.n && b.geo.lat*2 > b.n {
		a, b = b, a
		a.doubt("swapped")
		b.doubt("swapped")
	}
	a.out.Meaning, b.out.Meaning = tabular.Latitude, tabular.Longitude
	a.out.Type, b.out.Type = tabular.Decimal, tabular.Decimal
	a.out.Format, b.out.Format = a.numberFormat(tabular.Decimal), b.numberFormat(tabular.Decimal)
	a.out.Unit, b.out.Unit = "°", "°"
	if b.geo.unsigned*2 > b.n {
		b.doubt("longitude_sign")
	}
}

// with is the first column that has a meaning or a type, -1 when there is none.
func with(all []subject, has func(*tabular.Column) bool) int {
	return slices.IndexFunc(all, func(s subject) bool { return has(&s.out) })
}

func meaning(m tabular.Meaning) func(*tabular.Column) bool {
	return func(c *tabular.Column) bool { return c.Meaning == m }
}

// place says by which columns rows lie on a map: the most exact there are.
func (d *decider) place(all []subject) tabular.Place {
	named := func(kind tabular.PlaceKind, at ...int) tabular.Place {
		p := tabular.Place{Kind: kind}
		for _, i := range at {
			p.Columns = append(p.Columns, all[i].out.Name)
		}
		return p
	}
	if i := with(all, func(c *tabular.Column) bool { return c.Type == tabular.Geometry }); i >= 0 {
		return named(tabular.PlaceGeometry, i)
	}
	if i, j := with(all, meaning(tabular.Latitude)), with(all, meaning(tabular.Longitude)); i >= 0 && j >= 0 {
		return named(tabular.PlacePoint, i, j)
	}
	if i := with(all, func(c *tabular.Column) bool { return c.Meaning == tabular.LatLon || c.Meaning == tabular.LonLat }); i >= 0 {
		return named(tabular.PlacePair, i)
	}
	if i := with(all, meaning(tabular.Municipality)); i >= 0 {
		return named(tabular.PlaceMunicipality, i)
	}
	if i := with(all, meaning(tabular.TownOnly)); i >= 0 {
		if state := stateBeside(all, i, tabular.State); state >= 0 {
			return named(tabular.PlaceMunicipality, state, i)
		}
	}
	if i := with(all, meaning(tabular.TownName)); i >= 0 {
		if state := stateBeside(all, i, tabular.State, tabular.StateName); state >= 0 {
			return named(tabular.PlaceNames, state, i)
		}
	}
	if i := with(all, meaning(tabular.State)); i >= 0 {
		return named(tabular.PlaceState, i)
	}
	if i := with(all, meaning(tabular.StateName)); i >= 0 {
		return named(tabular.PlaceNames, i)
	}
	return tabular.Place{}
}

// key is the first column that names rows by itself, those called so before others.
func (d *decider) key(all []subject) []string {
	best := -1
	for i := range all {
		s := &all[i]
		t := s.out.Type
		if d.rows < 2 || !d.keys.unique(i) || t != tabular.Integer && t != tabular.Code && t != tabular.Text && t != tabular.Date || s.out.Meaning.Personal() {
			continue
		}
		if best < 0 || (s.key || s.code) && !(all[best].key || all[best].code) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	s := &all[best]
	if s.out.Meaning == "" && !s.out.Corrected {
		s.out.Meaning = tabular.Key
		d.out[best] = s.out
	}
	return []string{s.out.Name}
}

// persons doubts columns that together hold names of persons.
func (d *decider) persons(all []subject) {
	for _, i := range personNames(d.names) {
		if s := &all[i]; s.out.Type == tabular.Text {
			s.doubt("person_name")
			d.out[i] = s.out
		}
	}
}
