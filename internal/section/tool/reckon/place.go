package reckon

import (
	"cmp"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/tool/spec"
)

// level is of what places codes are.
type level string

const (
	noPlace level = ""
	states  level = "states"
	towns   level = "municipalities"
)

// levelOf is of what places a column tells the codes or names.
func levelOf(c tabular.Column) level {
	switch c.Meaning {
	case tabular.State, tabular.StateName:
		return states
	case tabular.Municipality, tabular.TownName, tabular.TownOnly:
		return towns
	}
	return noPlace
}

// placed finds by which column the rows of a map are put together: the codes of the place
// where names are, or only a part of a code, else the column itself.
func (p *plan) placed(t *part) string {
	if t.level = p.levelOfMap(t.col); t.level == noPlace {
		return t.col.Name
	}
	hasStates, hasTowns := query.Places(p.src.shown)
	ofPlace := slices.Contains(p.src.shown.Place.Columns, t.col.Name)
	switch m := t.col.Meaning; {
	case t.level == towns && m != tabular.Municipality && ofPlace && hasTowns:
		return tabular.ColumnMun
	case t.level == states && m != tabular.State && ofPlace && hasStates:
		return tabular.ColumnEnt
	}
	names := t.col.Meaning == tabular.TownName || t.col.Meaning == tabular.TownOnly || t.level == towns && levelOf(t.col) == states
	p.hold(!names && (t.col.Type.Words() || t.col.Type == tabular.Integer), t.path+".field", "place", "column", t.ch.Field)
	return t.col.Name
}

// levelOfMap is of what places a map draws the codes of a column; noPlace for the polygons of
// a source, which call them as they please.
func (p *plan) levelOfMap(c tabular.Column) level {
	switch g := p.view.Geo; {
	case g == string(states) || g == string(towns):
		return level(g)
	case g != "":
		return noPlace
	}
	return cmp.Or(levelOf(c), states)
}

// codeOf is a place's code as INEGI writes it: with its zeros, of the state where only that is
// asked, by its name where that is told. It is false for what the framework does not have.
func codeOf(text string, l level) (string, bool) {
	s := strings.TrimSpace(text)
	if code, ok := place.StateCode(s); ok && l != towns {
		return code, true
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return s, false
	}
	if len(s) == 1 || len(s) == 4 {
		s = "0" + s
	}
	if l == states && len(s) == 5 {
		s = s[:2]
	}
	_, known := place.Name(s)
	if l == states {
		known = known && len(s) == 2
	} else if l == towns {
		known = known && len(s) == 5
	}
	return s, known
}

// within narrows a map to the state that it shows, where the table tells it.
func (p *plan) within() {
	if p.view.Mark != spec.GeoShape || p.view.Within == "" || len(p.groups) == 0 || p.groups[0].lookup != nil {
		return // codes that another table tells are held to the state afterwards
	}
	in := tabular.Condition{Op: tabular.Inside, Values: []string{p.view.Within}}
	hasStates, _ := query.Places(p.src.shown)
	switch m := p.groups[0].col.Meaning; {
	case m == tabular.State || m == tabular.Municipality:
		in.Column = p.groups[0].col.Name
	case !hasStates:
		return
	}
	p.base.Where = append(slices.Clone(p.base.Where), in)
}

// named notes what the codes of places in a result stand for. Municipalities that are called
// alike are told apart by their states.
func (p *plan) named() {
	alike := map[string]map[string]bool{} // codes by name
	for i, c := range p.out.Columns {
		if !c.Group || c.Meaning != tabular.State && c.Meaning != tabular.Municipality {
			continue
		}
		l := levelOf(tabular.Column{Meaning: c.Meaning})
		for _, row := range p.out.Rows {
			code := row[i].Text
			full, _ := codeOf(code, l)
			if name, ok := place.Name(full); ok && code != "" {
				if p.out.Names == nil {
					p.out.Names = map[string]string{}
				}
				p.out.Names[code] = name
				if alike[name] == nil {
					alike[name] = map[string]bool{}
				}
				alike[name][full] = true
			}
		}
	}
	for code, name := range p.out.Names {
		full, _ := codeOf(code, towns)
		if state, ok := place.State(full[:min(2, len(full))]); ok && len(full) == 5 && len(alike[name]) > 1 {
			p.out.Names[code] = name + ", " + state
		}
	}
}
