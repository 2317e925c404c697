package query

import (
	"math"
	"regexp"
	"strings"

	"plaza/internal/base/tabular"
)

const (
	// earth is the mean radius in kilometres.
	earth = 6371.0088
	// MaxKilometres is the widest circle of Near.
	MaxKilometres = 5000
)

var placeCode = regexp.MustCompile(`^\d{2}(\d{3})?$`)

// placed compiles a condition about the row's place.
func (b *builder) placed(field string, c tabular.Condition) string {
	switch c.Op {
	case tabular.Inside:
		return b.inside(field, c.Values)
	case tabular.Near, tabular.Box:
	default:
		b.wrong(field, "query.column", map[string]any{"column": ""})
		return ""
	}
	if !b.view.table.Place.Located() {
		b.wrong(field, "query.place", nil)
		return ""
	}
	var n []float64
	for _, s := range c.Values {
		f, _, ok := number(s, tabular.Decimal)
		if !ok {
			b.wrong(field, "query.number", map[string]any{"value": tabular.Clip(strings.ToValidUTF8(s, "�"), 80)})
			return ""
		}
		n = append(n, f)
	}
	if c.Op == tabular.Near {
		return b.near(field, n[0], n[1], n[2])
	}
	return b.box(field, n[0], n[1], n[2], n[3])
}

// near is the condition that the row's point lies within some kilometres of another;
// a box around the circle comes first, by which the engine passes over most rows.
func (b *builder) near(field string, lat, lon, km float64) string {
	if math.Abs(lat) > 90 || math.Abs(lon) > 180 {
		b.wrong(field, "query.degrees", nil)
		return ""
	}
	if km <= 0 || km > MaxKilometres {
		b.wrong(field, "query.kilometres", map[string]any{"max": MaxKilometres})
		return ""
	}
	x, y := quote(tabular.ColumnLon), quote(tabular.ColumnLat)
	// a little wider than the circle, so that rounding loses nobody at its rim
	high := km/earth*180/math.Pi*1.0001 + 1e-6
	all := []string{y + " >= " + b.bind(lat-high, "DOUBLE"), y + " <= " + b.bind(lat+high, "DOUBLE")}
	if top := math.Abs(lat) + high; top < 89 {
		// the circle is widest where sin(width) = sin(radius) / cos(latitude)
		ratio := math.Sin(km/earth) / math.Cos(lat*math.Pi/180)
		if ratio < 1 {
			wide := math.Asin(ratio)*180/math.Pi*1.0001 + 1e-6
			if lon-wide >= -180 && lon+wide <= 180 {
				all = append(all, x+" >= "+b.bind(lon-wide, "DOUBLE"), x+" <= "+b.bind(lon+wide, "DOUBLE"))
			}
		}
	}
	px, py := b.bind(lon, "DOUBLE"), b.bind(lat, "DOUBLE")
	all = append(all, "2 * "+b.bind(earth, "DOUBLE")+" * asin(sqrt(least(1, pow(sin(radians("+y+" - "+py+") / 2), 2) + cos(radians("+py+
		")) * cos(radians("+y+")) * pow(sin(radians("+x+" - "+px+") / 2), 2)))) <= "+b.bind(km, "DOUBLE"))
	return strings.Join(all, " AND ")
}

// box is the condition that the row's point lies in a box, or its geometry's box meets
// it. A west that is east of the east goes round by the date line.
func (b *builder) box(field string, west, south, east, north float64) string {
	if math.Abs(west) > 180 || math.Abs(east) > 180 || math.Abs(south) > 90 || math.Abs(north) > 90 || south > north {
		b.wrong(field, "query.degrees", nil)
		return ""
	}
	left, right, low, high := tabular.ColumnLon, tabular.ColumnLon, tabular.ColumnLat, tabular.ColumnLat
	if b.view.table.Place.Kind == tabular.PlaceGeometry {
		left, right, low, high = tabular.ColumnWest, tabular.ColumnEast, tabular.ColumnSouth, tabular.ColumnNorth
	}
	join := " AND "
	if west > east {
		join = " OR "
	}
	across := quote(right) + " >= " + b.bind(west, "DOUBLE") + join + quote(left) + " <= " + b.bind(east, "DOUBLE")
	return "(" + across + ") AND " + quote(high) + " >= " + b.bind(south, "DOUBLE") + " AND " + quote(low) + " <= " + b.bind(north, "DOUBLE")
}

// inside is the condition that the row lies in one of some states and municipalities.
func (b *builder) inside(field string, values []string) string {
	state, town := b.view.places()
	var states, towns []string
	for _, s := range values {
		s = strings.TrimSpace(s)
		switch {
		case !placeCode.MatchString(s):
			b.wrong(field, "query.place.code", map[string]any{"value": tabular.Clip(strings.ToValidUTF8(s, "�"), 80)})
			return ""
		case len(s) == 2 && state != "":
			states = append(states, b.bind(s, "VARCHAR"))
		case len(s) == 5 && town != "":
			towns = append(towns, b.bind(s, "VARCHAR"))
		default:
			b.wrong(field, "query.place", nil)
			return ""
		}
	}
	var some []string
	if len(states) > 0 {
		some = append(some, state+" IN ("+strings.Join(states, ", ")+")")
	}
	if len(towns) > 0 {
		some = append(some, town+" IN ("+strings.Join(towns, ", ")+")")
	}
	return either(some)
}

// codes is the condition that a column of codes of places lies in one of some states
// and municipalities: a code begins with those that hold it.
func (b *builder) codes(field string, col column, values []string) string {
	var some []string
	for _, s := range values {
		s = strings.TrimSpace(s)
		if !placeCode.MatchString(s) || col.Meaning == tabular.State && len(s) != 2 {
			b.wrong(field, "query.place.code", map[string]any{"value": tabular.Clip(strings.ToValidUTF8(s, "�"), 80)})
			return ""
		}
		some = append(some, "starts_with("+col.expr+", "+b.bind(s, "VARCHAR")+")")
	}
	return either(some)
}
