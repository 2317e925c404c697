package infer

import (
	"math"

	"plaza/internal/base/tabular"
)

// bench is what the parsers of one column share.
type bench struct {
	good, null *set
	comma      bool
	format     string
}

// read gives a cell's class and verdict.
func (p *bench) read(cell []byte, t *token) Verdict {
	var l lexer
	k := l.scan(cell, t)
	switch {
	case p.null[k]:
		return Nothing
	case p.good[k]:
		return Good
	}
	return Odd
}

// ParserOf makes the parser of a column as it was found or corrected, by its Type,
// Format, Meaning and Nulls. It judges every cell as Table did. Texts are given as they
// are; codes without spaces at their ends, those of places with the zeros that they lost.
func (j Judge) ParserOf(c tabular.Column) Parser {
	b := &bench{good: accepted(c), null: nulls(c), comma: commaFormat(c.Format), format: c.Format}
	p := Parser{Storage: c.Type.Storage()}
	switch c.Type {
	case tabular.Integer, tabular.Year:
		p.Int = b.integer
	case tabular.Decimal, tabular.Money, tabular.Percent:
		p.Float = b.float
	case tabular.Boolean:
		p.Bool = b.boolean
	case tabular.Date:
		p.Day = b.dayOf
	case tabular.DateTime:
		p.Int = b.instant
	case tabular.Time:
		p.Int = b.time
	case tabular.Geometry:
		p.Text = b.geometry(j.Geometry)
	case tabular.URL, tabular.Email:
		p.Text = b.address
	case tabular.Code:
		p.Text = b.code(c.Meaning)
	default:
		p.Text = b.text
	}
	return p
}

func (p *bench) integer(cell []byte) (int64, Verdict) {
	var t token
	if v := p.read(cell, &t); v != Good {
		return 0, v
	}
	return t.whole(), Good
}

// whole is the value of a number without a fraction.
func (t *token) whole() int64 {
	v := t.mant
	if t.class >= classFloat && t.class < intBig {
		v /= power[t.frac]
	}
	if t.neg {
		return -int64(v)
	}
	return int64(v)
}

func (p *bench) float(cell []byte) (float64, Verdict) {
	var t token
	if v := p.read(cell, &t); v != Good {
		return 0, v
	}
	f := t.float(t.fraction(p.comma))
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, Odd
	}
	return f, Good
}

// fraction is how many digits of a number are its fraction, which is a question of the
// column's decimal sign.
func (t *token) fraction(comma bool) int {
	if t.class < classShape {
		return t.frac
	}
	switch (t.class - classShape) % shapes {
	case shapeInt, shapeGroups, shapeDots, shapeSpaced:
		return 0
	case shapeGroup:
		if !comma {
			return 0
		}
	case shapeThree:
		if comma {
			return 0
		}
	}
	return t.frac
}

func (p *bench) boolean(cell []byte) (bool, Verdict) {
	var t token
	if v := p.read(cell, &t); v != Good || t.class == classNothing {
		if v == Odd && t.class == classNothing {
			return false, Good // the empty cell beside x
		}
		return false, v
	}
	switch t.text[0] | 0x20 {
	case 'n', 'f', '0', '2':
		return false, Good
	}
	return t.class != classInt && t.class != int2, Good
}

func (p *bench) dayOf(cell []byte) (int32, Verdict) {
	var t token
	if v := p.read(cell, &t); v != Good {
		return 0, v
	}
	return t.date(p.format), Good
}

// date is the day of a date or of the digits of one, in the order that a format says.
func (t *token) date(format string) int32 {
	if t.class < intBig {
		v := t.mant
		if t.class >= classFloat {
			v /= power[t.frac]
		}
		return dayNumber(int(v/10000), int(v/100%100), int(v%100))
	}
	if t.class < classWord && (t.class-classDay)%dayKinds == dayBoth && monthsFirst(format) {
		return int32(uint32(t.mant))
	}
	return t.day
}

func (p *bench) instant(cell []byte) (int64, Verdict) {
	var t token
	if v := p.read(cell, &t); v != Good {
		return 0, v
	}
	at := int64(t.date(p.format)) * fullDay
	if t.class >= classZero && t.class < classWord {
		at += t.clock
	}
	return at, Good
}

func (p *bench) time(cell []byte) (int64, Verdict) {
	var t token
	v := p.read(cell, &t)
	if v != Good {
		return 0, v
	}
	return t.clock, Good
}

func (p *bench) address(dst, cell []byte) ([]byte, Verdict) {
	var t token
	v := p.read(cell, &t)
	if v != Good {
		return dst, v
	}
	return append(dst, t.text...), Good
}

// text looks at spellings of nothing only: whatever else stands in a cell is a text.
func (p *bench) text(dst, cell []byte) ([]byte, Verdict) {
	b := trim(cell)
	if len(b) == 0 {
		return dst, Nothing
	}
	if len(b) <= longestWord {
		if k := nothing(b); k != 0 && p.null[k] {
			return dst, Nothing
		}
	}
	return append(dst, cell...), Good
}

func (p *bench) geometry(read func(cell, dst []byte) ([]byte, bool)) func(dst, cell []byte) ([]byte, Verdict) {
	return func(dst, cell []byte) ([]byte, Verdict) {
		b := cell
		binary := len(b) > wkbLeast && b[0] <= 1
		if !binary {
			if b = trim(cell); len(b) == 0 || nothing(b) != 0 {
				return dst, Nothing
			}
		}
		switch {
		case !binary && !isWKT(b) && !(b[0] == '{' && isGeoJSON(b)):
			return dst, Odd
		case read == nil:
			return append(dst, b...), Good
		}
		if out, ok := read(b, dst); ok {
			return out, Good
		}
		return dst, Odd
	}
}

// widths of codes of places.
var widths = map[tabular.Meaning]int{
	tabular.State: 2, tabular.TownOnly: 3, tabular.Municipality: 5, tabular.PostalCode: 5, tabular.Locality: 9,
}

func (p *bench) code(m tabular.Meaning) func(dst, cell []byte) ([]byte, Verdict) {
	width := widths[m]
	floats := p.format == "0.0"
	if width == 0 && !floats {
		return func(dst, cell []byte) ([]byte, Verdict) { return p.text(dst, trim(cell)) }
	}
	return func(dst, cell []byte) ([]byte, Verdict) {
		var t token
		if v := p.read(cell, &t); v != Good {
			return dst, v
		}
		b := t.text
		if t.class >= classFloat && t.class < intBig && !t.neg && (floats || width > 0) {
			b = b[:len(b)-t.frac-1]
		}
		if t.class < classShape && !t.neg {
			for n := len(b); n < width && b[0]-'0' <= 9; n++ {
				dst = append(dst, '0')
			}
		}
		return append(dst, b...), Good
	}
}

// Pair reads a cell with two coordinates, of a column that means LatLon or LonLat, in
// degrees. A pair that lies in Mexico in only one order is read in that one, whatever its
// column says.
func Pair(m tabular.Meaning, cell []byte) (lat, lon float64, ok bool) {
	var t token
	var l lexer
	switch l.scan(cell, &t) {
	case pairLatLon, pairLonLat:
		return t.lat, t.lon, true
	case pairOther:
		if m == tabular.LonLat {
			t.lat, t.lon = t.lon, t.lat
		}
		return t.lat, t.lon, t.lat >= -90 && t.lat <= 90
	}
	return 0, 0, false
}
