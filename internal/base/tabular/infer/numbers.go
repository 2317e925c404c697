package infer

import "plaza/internal/base/tabular"

// wraps are all that may stand around a number.
var wraps = []class{classShape, classMoney, classPercent, classParen}

// shaped counts numbers of some shapes, whatever stands around them.
func (s *subject) shaped(of ...class) (n int64) {
	for _, w := range wraps {
		for _, k := range of {
			n += s.column.n[w+k]
		}
	}
	return n
}

// comma reports whether the column's numbers are written with a decimal comma: where
// some can be read in only one way, the more numerous decide; Mexico writes a point.
func (s *subject) comma() bool {
	return s.commas() > s.points()
}

func (s *subject) points() int64 {
	return s.shaped(shapePoint, shapeGrouped, shapeGroups, shapeExp, shapeSpacedPoint) + s.floats()
}

func (s *subject) commas() int64 {
	return s.shaped(shapeComma, shapeDotted, shapeDots, shapeExpComma, shapeSpacedComma)
}

// floats counts whole numbers written with ".0".
func (s *subject) floats() int64 { return s.span(classFloat, intBig) }

// numberFormat is how the column's numbers are written, were they of a type.
func (s *subject) numberFormat(t tabular.Type) string {
	comma := s.comma()
	group := s.shaped(shapeGroup, shapeGroups, shapeGrouped, shapeSpaced, shapeSpacedPoint) > 0
	if comma {
		group = s.shaped(shapeThree, shapeDots, shapeDotted, shapeSpaced, shapeSpacedComma) > 0
	}
	whole := t == tabular.Integer
	switch {
	case comma && whole:
		return "0.000"
	case comma && group:
		return "0.000,0"
	case comma:
		return "0,0"
	case whole && group:
		return "0,000"
	case whole:
		return "0"
	case group:
		return "0,000.0"
	}
	return "0.0"
}

// fractions counts numbers that are not whole.
func (s *subject) fractions() int64 {
	n := s.shaped(shapePoint, shapeComma, shapeGrouped, shapeDotted, shapeExp, shapeExpComma, shapeSpacedPoint, shapeSpacedComma)
	if s.comma() {
		return n + s.shaped(shapeGroup)
	}
	return n + s.shaped(shapeThree)
}

// numbers finds columns of numbers, and of codes that are digits.
func (s *subject) numbers() bool {
	t := tabular.Decimal
	money, percent := s.span(classMoney, classPercent), s.span(classPercent, classParen)
	switch {
	case money > percent && money*10 >= s.n:
		t = tabular.Money
	case percent > 0 && percent*10 >= s.n:
		t = tabular.Percent
	}
	format := s.numberFormat(t)
	if !s.fits(s.sum(accepted(tabular.Column{Type: t, Format: format}))) {
		return false
	}
	if s.has(intBig)*100 > s.n || t == tabular.Decimal && (s.fractions() == 0 || s.identifies() && s.fits(s.span(0, classShape))) {
		return s.wholes()
	}
	s.set(t, format)
	s.numberDoubts()
	switch t {
	case tabular.Money:
		s.moneyUnit()
	case tabular.Percent:
		s.out.Unit = "%"
	default:
		s.out.Unit = unitOf(s.label())
	}
	return true
}

// identifies reports whether the column's name says that its digits are no quantity: a
// few fractions among them are mistakes.
func (s *subject) identifies() bool {
	return s.code || s.key || s.state || s.town || s.local || s.postal || s.year
}

// label is the name with its signs, as the file has it.
func (s *subject) label() string {
	if s.out.Label != "" {
		return s.out.Label
	}
	return s.name
}

func (s *subject) numberDoubts() {
	points, commas := s.points(), s.commas()
	switch {
	case points > 0 && commas > 0:
		s.doubt("mixed_decimal")
	case points+commas == 0 && s.shaped(shapeGroup) > 0:
		s.doubt("thousands") // 1,234 alone is thousands in Mexico
	case points+commas == 0 && s.shaped(shapeThree) > 0:
		s.doubt("thousands_point")
	}
	if s.has(intSentinel) > 0 && s.has(intSentinel) == s.has(intSentinel, intNegative) {
		s.doubt("sentinel")
	}
}

func (s *subject) moneyUnit() {
	best, kinds := 0, 0
	for i, n := range s.cur {
		if n > 0 {
			kinds++
			if best == 0 || n > s.cur[best] {
				best = i
			}
		}
	}
	s.out.Unit = currencies[best]
	if kinds > 1 {
		s.doubt("currencies")
	}
}

// wholes finds what digits alone are: places, years, codes, or numbers. It refuses none.
func (s *subject) wholes() bool {
	zeros := s.has(zero2, zero3, zeroTown5, zeroPost5, zeroLocal9, zeroOther)
	floats := s.floats() > 0
	switch {
	case s.placeCode():
	case s.isYear():
		s.set(tabular.Year, "")
	case s.has(intBig)*100 > s.n, s.code || s.key, zeros*1000 > s.n && s.has(intNegative, intSentinel) == 0:
		s.set(tabular.Code, "")
		if floats {
			s.out.Format = "0.0"
		}
	case s.floats()*2 > s.n && !s.identifies():
		s.set(tabular.Decimal, s.numberFormat(tabular.Decimal))
	default:
		s.set(tabular.Integer, s.numberFormat(tabular.Integer))
	}
	if floats && s.out.Type != tabular.Decimal {
		s.doubt("floats")
	}
	if s.out.Type.Number() && s.out.Type != tabular.Year {
		s.numberDoubts()
		s.out.Unit = unitOf(s.label())
	}
	return true
}

// isYear reports whether the digits are years: by the column's name, or because they
// are plausible ones and several, but few.
func (s *subject) isYear() bool {
	years := s.has(intYear, intYearTown, classFloat+intYear, classFloat+intYearTown)
	if !s.fits(years) || s.code {
		return false
	}
	if s.year {
		return true
	}
	few := 0
	for y := range 301 {
		if s.years[y/64]&(1<<(y%64)) != 0 {
			few++
		}
	}
	if s.n < 5 || few > 80 || int64(few) > s.n*3/4 && s.n > 12 {
		return false
	}
	s.doubt("year_by_values")
	return true
}
