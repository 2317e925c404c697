package infer

import "math"

// towns is the greatest number of a municipality of each state, with some room for
// those that will be founded.
var towns = [33]int{0, 13, 10, 12, 16, 40, 12, 130, 69, 20, 41, 48, 90, 86, 130, 130, 115, 40, 22, 53, 572, 219, 20, 15, 62, 22, 74, 19, 45, 62, 215, 108, 60}

// isTown reports whether five digits are a municipality's code, 999 being one that is
// not known.
func isTown(v uint64) bool {
	state, town := v/1000, int(v%1000)
	return state >= 1 && state <= 32 && town >= 1 && (town <= towns[state] || town >= 997)
}

// plainInt is the class of digits that may begin with zeros.
func plainInt(b []byte, v uint64, t *token) class {
	t.wide = len(b) > 19 || v > math.MaxInt64
	if t.wide {
		return intBig
	}
	if b[0] == '0' && len(b) > 1 {
		return zeros(b, v)
	}
	return intClass(v, len(b))
}

func zeros(b []byte, v uint64) class {
	switch {
	case len(b) == 2 && v > 0:
		return zero2
	case len(b) == 3 && v > 0:
		return zero3
	case len(b) == 5 && isTown(v):
		return zeroTown5
	case len(b) == 5:
		return zeroPost5
	case len(b) == 9 && isTown(v/10000):
		return zeroLocal9
	}
	return zeroOther
}

// intClass is the class of a number without sign, of n digits.
func intClass(v uint64, n int) class {
	switch n {
	case 1:
		return min(class(v), int3)
	case 2:
		if v <= 32 {
			return int10
		}
		return int33
	case 3:
		if v <= 570 || v >= 997 {
			return int100
		}
	case 4:
		switch year := v >= 1800 && v <= 2100; {
		case year && v >= 2001 && v <= 2007:
			return intYearTown
		case year:
			return intYear
		case isTown(v):
			return intTown4
		}
		return intPost4
	case 5:
		if isTown(v) {
			return intTown5
		}
		return intPost5
	case 8:
		local, day := isTown(v/10000), isDay8(v)
		switch {
		case local && day:
			return intLocalDay8
		case local:
			return intLocal8
		case day:
			return intDay8
		}
	case 9:
		if isTown(v / 10000) {
			return intLocal9
		}
	case 10:
		return intTen
	}
	return intOther
}

// isDay8 reports whether 20230131 is a day of the last or this century.
func isDay8(v uint64) bool {
	y, m, d := int(v/10000), int(v/100%100), int(v%100)
	return y >= 1900 && y <= 2100 && validDay(y, m, d)
}

// shaped is a number with its separators as it stands in a text.
type shaped struct {
	shape class
	whole bool // its fraction is zeros only
	plain bool // digits only
	size  int  // bytes
}
