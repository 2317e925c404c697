package infer

import "math"

// Bounds of a number, so that every one of them is a finite float.
const (
	longestNumber   = 64
	largestExponent = 240
)

// number reads the number at the beginning of b, without sign.
func number(b []byte, t *token) (shaped, bool) {
	var v uint64
	var first, second byte // separators
	i, run, lead, seps, digits := 0, 0, 0, 0, 0
	even, zeros := true, true // groups of three; zeros since the last separator
	for i < len(b) {
		c := b[i]
		if d := c - '0'; d <= 9 {
			if digits < 19 {
				v = v*10 + uint64(d)
			}
			if digits > 0 || d > 0 {
				digits++
			}
			zeros = zeros && d == 0
			run++
			i++
			continue
		}
		width := separator(b[i:])
		if width == 0 || second != 0 || width > 0 && seps > 0 && c != first && i+width >= len(b) {
			break
		}
		if seps == 0 {
			first, lead = c, run
		} else {
			even = even && run == 3
			if c != first {
				second = c
			}
		}
		seps++
		run, zeros = 0, true
		i += width
	}
	t.mant, t.wide, t.frac, t.exp, t.number = v, digits > 19, 0, 0, b[:i]
	if i > longestNumber {
		return shaped{}, false
	}
	if seps == 0 {
		return exponent(b, t, shaped{shape: shapeInt, plain: true, size: i}), i > 0
	}
	s, ok := shapeOf(b[0], first, second, seps, lead, run, even && lead >= 1 && lead <= 3)
	if !ok {
		return shaped{}, false
	}
	t.frac = run
	s.whole, s.size = zeros && s.shape == shapePoint, i
	return exponent(b, t, s), true
}

// separator is how many bytes a separator of a number takes that begins b: a digit
// follows, or it is a point.
func separator(b []byte) int {
	switch b[0] {
	case '.':
		return 1
	case ',':
		if len(b) > 1 && b[1]-'0' <= 9 {
			return 1
		}
	case ' ':
		if threeDigits(b[1:]) {
			return 1
		}
	case 0xC2:
		if len(b) > 2 && b[1] == 0xA0 && threeDigits(b[2:]) {
			return 2
		}
	}
	return 0
}

func threeDigits(b []byte) bool {
	return len(b) >= 3 && b[0]-'0' <= 9 && b[1]-'0' <= 9 && b[2]-'0' <= 9 && (len(b) == 3 || b[3]-'0' > 9)
}

// shapeOf names a number by its separators: the first kind (and how many in all), the
// second, digits before and after them, and whether they part it in threes.
func shapeOf(start, first, second byte, seps, lead, run int, even bool) (shaped, bool) {
	three := even && run == 3
	if second != 0 {
		if !even || run == 0 {
			return shaped{}, false
		}
		switch {
		case first == ',' && second == '.':
			return shaped{shape: shapeGrouped}, true
		case first == '.' && second == ',':
			return shaped{shape: shapeDotted}, true
		case second == '.':
			return shaped{shape: shapeSpacedPoint}, first != ','
		case second == ',':
			return shaped{shape: shapeSpacedComma}, first != '.'
		}
		return shaped{}, false
	}
	if seps > 1 {
		switch first {
		case ',':
			return shaped{shape: shapeGroups}, three
		case '.':
			return shaped{shape: shapeDots}, three
		}
		return shaped{shape: shapeSpaced}, three
	}
	switch {
	case first == '.' && three && start != '0':
		return shaped{shape: shapeThree}, true
	case first == '.':
		return shaped{shape: shapePoint}, lead+run > 0
	case first == ',' && three && start != '0':
		return shaped{shape: shapeGroup}, true
	case first == ',':
		return shaped{shape: shapeComma}, lead > 0 && run > 0
	}
	return shaped{shape: shapeSpaced}, three
}

// exponent reads what follows a number as in 1.5E+10. Digits alone need the sign, or
// they are a code.
func exponent(b []byte, t *token, s shaped) shaped {
	i := s.size
	if i+1 >= len(b) || b[i]|0x20 != 'e' || s.shape > shapeComma || s.shape == shapeGroups || s.shape == shapeGrouped {
		return s
	}
	sign := b[i+1] == '+' || b[i+1] == '-'
	if s.plain && !sign {
		return s
	}
	j, e := i+1, 0
	if sign {
		j++
	}
	start := j
	for j < len(b) && j < start+4 && b[j]-'0' <= 9 {
		e = e*10 + int(b[j]-'0')
		j++
	}
	if j == start || e > largestExponent {
		return s
	}
	if b[i+1] == '-' {
		e = -e
	}
	comma := s.shape == shapeComma || s.shape == shapeGroup
	t.exp, t.number = e, b[:j]
	s.size, s.whole, s.plain, s.shape = j, false, false, shapeExp
	if comma {
		s.shape = shapeExpComma
	}
	return s
}

// numberCell is a cell that begins with a number's digits, with what may follow them.
func numberCell(b []byte, neg bool, t *token) (class, bool) {
	s, ok := number(b, t)
	if !ok {
		return 0, false
	}
	t.neg = neg
	rest := b[s.size:]
	if len(rest) == 0 {
		return plainNumber(b, s, t), true
	}
	rest = trim(rest)
	if len(rest) == 1 && rest[0] == '%' {
		return classPercent + s.shape, true
	}
	if len(rest) <= 8 {
		if cur := currency(rest); cur != 0 {
			t.cur = cur
			return classMoney + s.shape, true
		}
	}
	return 0, false
}

// plainNumber is the class of a number with nothing around it but a sign.
func plainNumber(b []byte, s shaped, t *token) class {
	switch {
	case s.plain && t.neg:
		if t.wide || t.mant > math.MaxInt64 {
			return intBig
		}
		switch t.mant {
		case 9, 99, 999, 9999:
			return intSentinel
		}
		return intNegative
	case s.plain:
		return plainInt(b[:s.size], t.mant, t)
	case s.whole && !t.wide && t.frac <= 18 && s.size > t.frac+1: // ".0" is no whole number's text
		v := t.mant / power[t.frac]
		if t.neg {
			return classFloat + intNegative
		}
		return classFloat + intClass(v, s.size-t.frac-1)
	}
	if t.wide || t.mant > math.MaxInt64 {
		switch s.shape {
		case shapeGroup, shapeGroups, shapeSpaced, shapeThree, shapeDots:
			return classShape + shapeExp // whole perhaps, but beyond 64 bits
		}
	}
	return classShape + s.shape
}

// pointed is the number "123.45" by a shorter way: its whole part, of i digits, is v.
// false: it is not so simple.
func pointed(b []byte, i int, v uint64, neg bool, t *token) (class, bool) {
	frac := len(b) - i - 1
	if len(b) > 19 || frac == 0 {
		return 0, false
	}
	whole := v
	for _, c := range b[i+1:] {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + uint64(d)
	}
	t.neg, t.mant, t.frac, t.exp, t.wide, t.number = neg, v, frac, 0, false, b
	switch {
	case frac == 3 && i <= 3 && b[0] != '0':
		return classShape + shapeThree, true
	case v != whole*power[frac]:
		return classShape + shapePoint, true
	case neg:
		return classFloat + intNegative, true
	}
	return classFloat + intClass(whole, i), true
}

// minus is the same behind a minus.
func minus(b []byte, t *token) (class, bool) {
	var v uint64
	i := 0
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if i < 19 {
			v = v*10 + uint64(b[i]-'0')
		}
	}
	if i == 0 || i == len(b) || b[i] != '.' {
		return 0, false
	}
	return pointed(b, i, v, true, t)
}

// signedNumber is a number behind a sign of plus, minus or money, or in parentheses.
func signedNumber(b []byte, t *token) (class, bool) {
	neg, money, paren := false, false, false
	t.cur = 0
	for range 3 {
		switch {
		case len(b) == 0:
			return 0, false
		case b[0] == '(' && b[len(b)-1] == ')' && !neg:
			b, neg, paren = trim(b[1:len(b)-1]), true, true
		case b[0] == '-' && !neg:
			b, neg = trim(b[1:]), true
		case b[0] == '+' && !neg && !money:
			b = b[1:]
		case b[0] == '$' && !money:
			b, money, t.cur = trim(b[1:]), true, currencyPeso
		}
	}
	if len(b) == 0 || b[0]-'0' > 9 && b[0] != '.' {
		return 0, false
	}
	mark := t.cur
	k, ok := numberCell(b, neg, t)
	if !ok {
		return 0, false
	}
	switch {
	case money && k >= classMoney && k < classPercent:
		return k, true // "$12 USD": the code says more than the sign
	case money && k >= classPercent:
		return 0, false
	case money:
		t.cur = mark
		return classMoney + shapeOfClass(k), true
	case paren && k < classMoney:
		return classParen + shapeOfClass(k), true
	}
	return k, true
}

// shapeOfClass is the shape of a plain number's class.
func shapeOfClass(k class) class {
	switch {
	case k >= classShape:
		return k - classShape
	case k >= classFloat && int(k) < 2*intKinds:
		return shapePoint
	case k == intBig:
		return shapeExp
	}
	return shapeInt
}
