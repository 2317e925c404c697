package infer

import "bytes"

// token is what a cell's text was found to be, with its value where it has one.
type token struct {
	class  class
	neg    bool
	wide   bool   // mant does not hold all digits: the value is read from text
	short  bool   // a year of two digits
	cur    uint8  // index in currencies
	mant   uint64 // digits of a number, without separators
	frac   int    // how many of them stand behind the separator
	exp    int
	day    int32 // since 1970
	clock  int64 // microseconds of the day
	lat    float64
	lon    float64
	text   []byte // without spaces at its ends
	number []byte // the digits with their separators
}

// What a first byte begins.
const (
	firstOther = iota
	firstDigit
	firstSign
	firstLetter
)

var firsts = func() (t [256]uint8) {
	for c := '0'; c <= '9'; c++ {
		t[c] = firstDigit
	}
	for _, c := range "+-.$(" {
		t[c] = firstSign
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-32] = firstLetter, firstLetter
	}
	for c := 0xC3; c < 256; c++ {
		t[c] = firstLetter
	}
	return t
}()

// lexer classifies cells. It is used by one goroutine.
type lexer struct {
	geometry func(cell, dst []byte) ([]byte, bool)
	buffer   []byte
	token    token // of the judge
}

// wkbLeast is how many bytes say the order and kind of a binary geometry.
const wkbLeast = 5

// scan says what a cell is.
func (l *lexer) scan(cell []byte, t *token) class {
	b := cell
	if len(b) > wkbLeast && b[0] <= 1 { // as readers of geographic files have it: no text, its ends are not blanks
		t.text, t.class = b, l.shape(b)
		return t.class
	}
	if len(b) == 0 || b[0] <= ' ' || b[0] == 0xC2 || b[len(b)-1] <= ' ' || b[len(b)-1] == 0xA0 {
		if b = trim(b); len(b) == 0 {
			t.class = classNothing
			return classNothing
		}
	}
	t.text = b
	switch firsts[b[0]] {
	case firstDigit:
		t.class = l.digits(b, t)
	case firstSign:
		t.class = l.signed(b, t)
	case firstLetter:
		t.class = l.letters(b, t)
	default:
		t.class = l.rest(b, t)
	}
	return t.class
}

// trim drops spaces, tabs, line ends and no-break spaces at both ends.
func trim(b []byte) []byte {
	for len(b) > 0 {
		if b[0] <= ' ' {
			b = b[1:]
		} else if b[0] == 0xC2 && len(b) > 1 && b[1] == 0xA0 {
			b = b[2:]
		} else {
			break
		}
	}
	for n := len(b); n > 0; n = len(b) {
		if b[n-1] <= ' ' {
			b = b[:n-1]
		} else if b[n-1] == 0xA0 && n > 1 && b[n-2] == 0xC2 {
			b = b[:n-2]
		} else {
			break
		}
	}
	return b
}

// digits is a cell that begins with a digit.
func (l *lexer) digits(b []byte, t *token) class {
	var v uint64
	i := 0
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if i < 19 {
			v = v*10 + uint64(b[i]-'0')
		}
	}
	if i == len(b) {
		t.neg, t.mant, t.frac, t.exp, t.number = false, v, 0, 0, b
		return plainInt(b, v, t)
	}
	switch c := b[i]; {
	case c == '.':
		if k, ok := pointed(b, i, v, false, t); ok {
			return k
		}
	case c == '-' || c == '/':
		if len(b) == 10 {
			if k, ok := tenDate(b, t); ok {
				return k
			}
		}
		if k, ok := dates(b, i, t); ok {
			return k
		}
		return l.rest(b, t)
	case c == ':':
		if n := clockAt(b, t); n == len(b) {
			return clock
		}
		return l.rest(b, t)
	}
	if k, ok := numberCell(b, false, t); ok {
		return k
	}
	if k, ok := dates(b, i, t); ok {
		return k
	}
	return l.rest(b, t)
}

// signed is a cell that begins with a sign, a point or a parenthesis.
func (l *lexer) signed(b []byte, t *token) class {
	if len(b) < 5 {
		if k := nothing(b); k != 0 {
			return k
		}
	}
	if b[0] == '-' {
		if k, ok := minus(b[1:], t); ok {
			return k
		}
	}
	if k, ok := signedNumber(b, t); ok {
		return k
	}
	return l.rest(b, t)
}

// letters is a cell that begins with a letter.
func (l *lexer) letters(b []byte, t *token) class {
	if len(b) <= longestWord {
		if k := word(b); k != 0 {
			return k
		}
		if k, ok := moneyWord(b, t); ok {
			return k
		}
	}
	if len(b) <= 64 && beginsDate(b) {
		if k, ok := monthFirstText(b, t); ok {
			return k
		}
	}
	switch b[0] | 0x20 {
	case 'h', 'w', 'f':
		if isURL(b) {
			return webAddress
		}
	case 'p', 'l', 'm', 'g', 's':
		if isWKT(b) {
			return l.shape(b)
		}
	}
	switch len(b) {
	case 18:
		if isCURP(b) {
			return curpText
		}
	case 12, 13:
		if n := rfcLetters(b); n != 0 {
			return rfcClasses[n]
		}
	}
	return l.rest(b, t)
}

// rfcClasses are the classes of an RFC by how many letters it begins with.
var rfcClasses = [5]class{3: rfcCompany, 4: rfcPerson}

// rest is a cell that is neither number nor known word.
func (l *lexer) rest(b []byte, t *token) class {
	if len(b) <= longestWord {
		if k := nothing(b); k != 0 {
			return k
		}
	}
	if b[0] == '{' && isGeoJSON(b) {
		return l.shape(b)
	}
	if len(b) > 320 {
		return plainText
	}
	if firsts[b[0]] != firstLetter {
		if k, ok := pair(b, t); ok {
			return k
		}
		if k := phone(b); k != 0 {
			return k
		}
	}
	if at := bytes.IndexByte(b, '@'); at > 0 {
		if k := mail(b, at); k != 0 {
			return k
		}
	}
	return plain(b)
}

// shape is a text that begins as a geometry; it is one when it can be read.
func (l *lexer) shape(b []byte) class {
	if l.geometry == nil {
		return geometryText
	}
	out, ok := l.geometry(b, l.buffer[:0])
	if cap(out) <= 1<<20 {
		l.buffer = out
	}
	if ok {
		return geometryText
	}
	return plainText
}

// plain tells words and codes from texts.
func plain(b []byte) class {
	if len(b) > 40 {
		return plainText
	}
	digit, letter := false, false
	for _, c := range b {
		switch firsts[c] {
		case firstDigit:
			digit = true
		case firstLetter:
			letter = true
		default:
			if c <= ' ' || c == ',' || c == ';' {
				return plainText
			}
			if c >= 0x80 {
				letter = true
			}
		}
	}
	if digit {
		return codeText
	}
	if letter {
		return plainWord
	}
	return plainText
}
