package query

import (
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
)

// rowColumn is the row's number as it stands in statements.
var rowColumn = quote(tabular.ColumnRow)

// column is something that a query may name.
type column struct {
	tabular.Column
	expr    string // how the statement says it
	derived bool   // not one of the table's own: for conditions, sorts and groups only
}

// view is what a query may know of a table.
type view struct {
	table   tabular.Table
	columns map[string]column
}

// Visible is the table without the columns that are withheld, and without its place
// when one of them tells it.
func Visible(t tabular.Table, hidden []string) tabular.Table {
	if len(hidden) == 0 {
		return t
	}
	gone := func(name string) bool {
		// the engine does not tell "Nombre" from "nombre", so neither may this
		return slices.ContainsFunc(hidden, func(h string) bool { return strings.EqualFold(h, name) })
	}
	var kept []tabular.Column
	for _, c := range t.Columns {
		if !gone(c.Name) {
			kept = append(kept, c)
		}
	}
	t.Columns = kept
	if slices.ContainsFunc(t.Place.Columns, gone) {
		t.Place = tabular.Place{}
	}
	if slices.ContainsFunc(t.Key, gone) {
		t.Key = nil
	}
	return t
}

func newView(t tabular.Table) *view {
	v := &view{table: t, columns: make(map[string]column, len(t.Columns)+3)}
	for _, c := range t.Columns {
		v.columns[c.Name] = column{Column: c, expr: quote(c.Name)}
	}
	v.columns[tabular.ColumnRow] = column{Column: tabular.Column{Name: tabular.ColumnRow, Type: tabular.Integer}, expr: rowColumn, derived: true}
	state, town := v.places()
	v.derive(tabular.ColumnEnt, state, tabular.State)
	v.derive(tabular.ColumnMun, town, tabular.Municipality)
	if p := t.Place; p.Located() {
		for side, m := range []tabular.Meaning{tabular.Longitude, tabular.Latitude} {
			name := []string{tabular.ColumnLon, tabular.ColumnLat}[side]
			if _, shown := v.columns[name]; !shown { // as one of the table's own, by who writes places
				v.degrees(name, m, p.Box, side)
			}
		}
	}
	return v
}

// degrees adds one half of the row's point, with what its values cover in the box of
// the table (west, south, east, north), so that they can be put into bins.
func (v *view) degrees(name string, m tabular.Meaning, box []float64, side int) {
	c := column{Column: tabular.Column{Name: name, Type: tabular.Decimal, Meaning: m}, expr: quote(name), derived: true}
	if len(box) == 4 {
		c.Stats.Min, c.Stats.Max = strconv.FormatFloat(box[side], 'f', -1, 64), strconv.FormatFloat(box[side+2], 'f', -1, 64)
	}
	v.columns[name] = c
}

// within narrows what the bins of the row's point cover to the box that a query asks for:
// a map is divided into as many parts as the whole, however near it is seen.
func (v *view) within(q tabular.Query) {
	for _, c := range q.Where {
		if c.Op != tabular.Box || len(c.Values) != 4 {
			continue
		}
		for i, name := range []string{tabular.ColumnLon, tabular.ColumnLat} {
			if half, ok := v.columns[name]; ok {
				half.Stats.Min, half.Stats.Max = c.Values[i], c.Values[i+2]
				v.columns[name] = half
			}
		}
	}
}

// Places reports whether a query may put a table's rows together by their state
// (ColumnEnt) and their municipality (ColumnMun).
func Places(t tabular.Table) (states, towns bool) {
	v := newView(t)
	_, states = v.columns[tabular.ColumnEnt]
	_, towns = v.columns[tabular.ColumnMun]
	return states, towns
}

// PlaceOrder is how a statement orders a table's rows by state and municipality; "" for a
// table that does not tell them.
func PlaceOrder(t tabular.Table) string {
	state, town := newView(t).places()
	if state == "" || town == "" {
		return state
	}
	return state + ", " + town
}

// OfPlace reports whether a query keeps the rows of some place only: those lie together in
// a table that is ordered by PlaceOrder.
func OfPlace(t tabular.Table, q tabular.Query) bool {
	return slices.ContainsFunc(q.Where, func(c tabular.Condition) bool {
		switch c.Op {
		case tabular.Inside, tabular.Near, tabular.Box:
			return true
		case tabular.Is, tabular.StartsWith, tabular.Between:
			return c.Column == tabular.ColumnEnt || c.Column == tabular.ColumnMun || slices.Contains(t.Place.Columns, c.Column)
		}
		return false
	})
}

func (v *view) derive(name, expr string, m tabular.Meaning) {
	if expr != "" {
		v.columns[name] = column{Column: tabular.Column{Name: name, Type: tabular.Code, Meaning: m}, expr: expr, derived: true}
	}
}

// places are how a statement says the codes of the row's state and municipality, ""
// for what the table does not tell.
func (v *view) places() (state, town string) {
	p := v.table.Place
	if p.Located() {
		return quote(tabular.ColumnEnt), quote(tabular.ColumnMun)
	}
	if p.Kind == tabular.PlaceNames {
		if len(p.Columns) == 2 {
			town = quote(tabular.ColumnMun)
		}
		return quote(tabular.ColumnEnt), town
	}
	if p.Kind != tabular.PlaceState && p.Kind != tabular.PlaceMunicipality {
		return "", ""
	}
	for _, name := range p.Columns {
		c := v.table.Column(name)
		if c == nil {
			return "", ""
		}
		switch c.Meaning {
		case tabular.State:
			state = quote(name)
		case tabular.Municipality:
			town = quote(name)
		case tabular.TownOnly:
			if state != "" {
				town = "(" + state + " || " + quote(name) + ")"
			}
		}
	}
	if state == "" && town != "" {
		state = "left(" + town + ", 2)"
	}
	return state, town
}
