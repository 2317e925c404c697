package infer

import (
	"strings"

	"plaza/internal/base/tabular"
)

// Shapes of numbers with a decimal point, and with a decimal comma; those that are whole
// come first.
var (
	pointWhole = []class{shapeInt, shapeGroup, shapeGroups, shapeSpaced}
	pointAll   = append(pointWhole[:4:4], shapePoint, shapeThree, shapeGrouped, shapeExp, shapeSpacedPoint)
	commaWhole = []class{shapeInt, shapeThree, shapeDots, shapeSpaced}
	commaAll   = append(commaWhole[:4:4], shapeComma, shapeGroup, shapeDotted, shapeExpComma, shapeSpacedComma)
)

// commaFormat reports whether numbers are written with a decimal comma, or with points
// between thousands.
func commaFormat(format string) bool {
	return format == "0,0" || format == "0.000" || format == "0.000,0"
}

// Orders of a day's parts in a format.
func monthsFirst(format string) bool { return strings.HasPrefix(format, "mm/dd") }

const (
	formatMonth = "month"
	formatDay8  = "yyyymmdd"
)

// accepted are the classes that fit a column.
func accepted(c tabular.Column) *set {
	s := &set{}
	switch c.Type {
	case tabular.Integer, tabular.Decimal, tabular.Money, tabular.Percent:
		acceptNumber(s, c)
	case tabular.Year:
		s.add(intYear, intYearTown, classFloat+intYear, classFloat+intYearTown)
	case tabular.Date, tabular.DateTime:
		acceptDay(s, c.Type, c.Format)
	case tabular.Time:
		s.add(clock)
	case tabular.Boolean:
		acceptBoolean(s, c.Format)
	case tabular.URL:
		s.add(webAddress)
	case tabular.Email:
		s.add(mailAddress, mailPrivate)
	case tabular.Geometry:
		s.add(geometryText)
	default:
		s.addRange(0, class(classes))
		s[classNothing] = false
	}
	return s
}

func acceptNumber(s *set, c tabular.Column) {
	comma := commaFormat(c.Format)
	all, whole := pointAll, pointWhole
	if comma {
		all, whole = commaAll, commaWhole
	}
	s.addRange(0, classFloat)
	s.addRange(intBig+1, classShape)
	if !comma {
		s.addRange(classFloat, intBig)
	}
	switch c.Type {
	case tabular.Integer:
		s.addShapes([]class{classShape}, whole...)
		s.add(classParen + shapeInt)
		return
	case tabular.Money:
		s.addShapes([]class{classMoney}, all...)
	case tabular.Percent:
		s.addShapes([]class{classPercent}, all...)
	}
	s.add(intBig)
	s.addShapes([]class{classShape, classParen}, all...)
}

func acceptDay(s *set, t tabular.Type, format string) {
	if format == formatMonth {
		s.add(monthISO, monthYear, monthNamed)
		return
	}
	if strings.HasPrefix(format, formatDay8) {
		s.add(intDay8, intLocalDay8, classFloat+intDay8, classFloat+intLocalDay8)
	}
	wraps := []class{classDay, classZero, classTimed, classZoned}
	if t == tabular.Date {
		wraps = wraps[:2]
	}
	order := class(dayFirst)
	if monthsFirst(format) {
		order = monthFirst
	}
	s.addShapes(wraps, dayISO, dayBoth, daySame, dayNamed, order)
}

func acceptBoolean(s *set, format string) {
	switch format {
	case "sí/no":
		s.add(wordYes)
	case "true/false":
		s.add(wordTrue)
	case "s/n":
		s.add(wordS)
	case "x":
		s.add(wordX, wordYes)
	case "1/0":
		s.add(classInt, int1)
	case "1/2":
		s.add(int1, int2)
	default:
		s.add(wordYes, wordTrue, wordS, wordX, classInt, int1)
	}
}

// nulls are the classes that mean nothing in a column: all spellings of nothing, but
// among words only those that the column is said to have.
func nulls(c tabular.Column) *set {
	s := &set{}
	s[classNothing] = c.Type != tabular.Boolean || c.Format != "x"
	if !c.Type.Words() {
		s.addRange(classNothing+1, class(classes))
		return s
	}
	for _, v := range c.Nulls {
		if k := nothing(trim([]byte(v.Value))); len(v.Value) <= longestWord && k != 0 {
			s[k] = true
		}
	}
	return s
}
