package infer

import (
	"bytes"
	"strings"
)

// A spelling of nothing.
type spelling struct {
	text string // in small letters
	sure bool   // it means nothing among texts too
}

// nothings are the spellings of nothing. Their order is that of their classes.
var nothings = [...]spelling{
	{"na", true}, {"n/a", true}, {"nd", true}, {"n/d", true}, {"n.d.", true}, {"n.a.", true}, {"null", true}, {"nan", true},
	{"s/d", true}, {"-", true}, {"#n/a", true}, {"#n/d", true}, {"<na>", true}, {"n.d", true}, {"n.a", true}, {"\\n", true},
	{"none", false}, {"nulo", false}, {"sd", false}, {"s.d.", false}, {"s/n", false}, {"s/i", false}, {"--", false}, {"---", false},
	{"...", false}, {"…", false}, {".", false}, {"?", false}, {"sin dato", false}, {"sin datos", false}, {"no disponible", false}, {"no aplica", false},
	{"no especificado", false}, {"9999-99-99", false}, {"99/99/9999", false}, {"0000-00-00", false}, {"00/00/0000", false}, {"0000-00-00 00:00:00", false}, {"9999-99-99 00:00:00", false},
	{"#ref!", false}, {"#div/0!", false}, {"#value!", false}, {"#¡valor!", false}, {"sin información", false}, {"sin informacion", false}, {"no identificado", false}, {"n/e", false}, {"*", false},
}

// longestWord is the length of the longest text that is looked up.
const longestWord = 20

var words = func() map[string]class {
	m := map[string]class{
		"sí": wordYes, "si": wordYes, "no": wordYes, "yes": wordYes,
		"verdadero": wordTrue, "falso": wordTrue, "true": wordTrue, "false": wordTrue,
		"s": wordS, "n": wordS, "x": wordX,
	}
	for i, n := range nothings {
		m[n.text] = classNothing + 1 + class(i)
	}
	return m
}()

// wordLengths say, by the first byte of a word in small letters, which lengths the
// words have that are known; most texts are turned away by it.
var wordLengths = func() (t [256]uint32) {
	for w := range words {
		for _, first := range []byte{w[0], upper(w[0])} {
			t[first] |= 1 << len(w)
		}
	}
	return t
}()

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 32
	}
	return c
}

// word is the class of a known word whatever its case, 0 for none.
func word(b []byte) class {
	if len(b) == 0 || len(b) > longestWord || wordLengths[b[0]]&(1<<len(b)) == 0 {
		return 0
	}
	var buffer [longestWord]byte
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			c += 32
		case i > 0 && b[i-1] == 0xC3 && c >= 0x80 && c < 0x9F:
			c += 32 // capital letters with accents
		}
		buffer[i] = c
	}
	return words[string(buffer[:len(b)])]
}

// nothing is the class of a spelling of nothing, 0 for any other text.
func nothing(b []byte) class {
	if k := word(b); k > classNothing {
		return k
	}
	return 0
}

// Currencies, by their index in a token; their codes are ISO 4217's.
var currencies = [...]string{"", "MXN", "USD", "EUR", "GBP", "CAD", "UDI"}

const currencyPeso = 1

// currency is the index of a currency's sign or code.
func currency(b []byte) uint8 {
	if len(b) == 0 || len(b) > 8 {
		return 0
	}
	switch strings.ToLower(string(trim(b))) {
	case "$", "mxn", "mxp", "mn", "m.n.", "m.n", "pesos", "mx$", "mxn$", "$mxn", "peso":
		return currencyPeso
	case "usd", "us$", "dls", "dls.", "u$s", "usd$", "dólares", "dolares", "$usd":
		return 2
	case "eur", "€", "euros", "euro":
		return 3
	case "gbp", "£":
		return 4
	case "cad":
		return 5
	case "udi", "udis":
		return 6
	}
	return 0
}

// moneyWord is a number behind a currency's code.
func moneyWord(b []byte, t *token) (class, bool) {
	last := b[len(b)-1]
	if last-'0' > 9 && last != ')' {
		return 0, false
	}
	i := 0
	for i < len(b) && i < 9 && firsts[b[i]] != firstDigit && b[i] != '-' && b[i] != '(' {
		i++
	}
	if i == len(b) || i == 9 {
		return 0, false
	}
	cur := currency(b[:i])
	if cur == 0 {
		return 0, false
	}
	k, ok := signedNumber(b[i:], t)
	if !ok || k >= classMoney && k < classParen || k >= classDay {
		return 0, false
	}
	t.cur = cur
	if k >= classParen {
		return classMoney + k - classParen, true
	}
	return classMoney + shapeOfClass(k), true
}

func hasPrefixFold(b []byte, p string) bool {
	return len(b) >= len(p) && strings.EqualFold(string(b[:len(p)]), p)
}

func isURL(b []byte) bool {
	if len(b) < 8 || len(b) > 4096 {
		return false
	}
	var rest []byte
	switch {
	case hasPrefixFold(b, "http://"):
		rest = b[7:]
	case hasPrefixFold(b, "https://"):
		rest = b[8:]
	case hasPrefixFold(b, "ftp://"):
		rest = b[6:]
	case hasPrefixFold(b, "www."):
		rest = b[4:]
	default:
		return false
	}
	return len(rest) > 2 && bytes.IndexByte(rest, '.') > 0 && bytes.IndexByte(rest, ' ') < 0
}

// isWKT reports whether a text begins and ends as a geometry in letters.
func isWKT(b []byte) bool {
	if len(b) < 9 || b[len(b)-1] != ')' && !bytes.HasSuffix(b, []byte("EMPTY")) {
		return false
	}
	if hasPrefixFold(b, "srid=") {
		i := bytes.IndexByte(b, ';')
		if i < 0 || i > 12 {
			return false
		}
		b = trim(b[i+1:])
	}
	for _, w := range [...]string{"point", "linestring", "polygon", "multi", "geometrycollection"} {
		if hasPrefixFold(b, w) {
			i := bytes.IndexByte(b, '(')
			return i > 0 && i < 26 || i < 0
		}
	}
	return false
}

func isGeoJSON(b []byte) bool {
	if b[len(b)-1] != '}' {
		return false
	}
	head := b[:min(len(b), 4096)]
	return bytes.Contains(head, []byte(`"type"`)) && (bytes.Contains(head, []byte(`"coordinates"`)) || bytes.Contains(head, []byte(`"geometries"`)))
}

// pair reads two numbers of degrees in one cell: "19.43,-99.13", "(19.43, -99.13)".
func pair(b []byte, t *token) (class, bool) {
	if len(b) > 60 || len(b) < 7 {
		return 0, false
	}
	if b[0] == '(' && b[len(b)-1] == ')' || b[0] == '[' && b[len(b)-1] == ']' {
		b = trim(b[1 : len(b)-1])
	}
	i := bytes.IndexByte(b, ',')
	if i < 0 {
		i = bytes.IndexAny(b, "; ")
	}
	if i <= 0 || i+1 >= len(b) {
		return 0, false
	}
	x, okX := degrees(trim(b[:i]), t)
	y, okY := degrees(trim(b[i+1:]), t)
	switch {
	case !okX || !okY || x < -180 || x > 180 || y < -180 || y > 180 || x > 90 && y > 90:
		return 0, false
	case inLat(x) && inLon(y):
		t.lat, t.lon = x, y
		return pairLatLon, true
	case inLon(x) && inLat(y):
		t.lat, t.lon = y, x
		return pairLonLat, true
	}
	t.lat, t.lon = x, y
	return pairOther, true
}

// degrees reads a number with a point and at least two digits behind it, or zero.
func degrees(b []byte, t *token) (float64, bool) {
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 || b[0]-'0' > 9 {
		return 0, false
	}
	s, ok := number(b, t)
	if !ok || s.size != len(b) || !(s.shape == shapePoint || s.shape == shapeThree || s.shape == shapeInt && t.mant == 0) || s.shape != shapeInt && t.frac < 2 && !s.whole {
		return 0, false
	}
	t.neg = neg
	return t.float(t.frac), true
}

// Mexico's box, with its islands.
func inLat(v float64) bool { return v >= 14.4 && v <= 32.8 }
func inLon(v float64) bool { return v >= -118.5 && v <= -86.5 }

// phone is the class of digits in groups as telephones are written, 0 for any other text.
// Folios and pairs of years are written so too: only ten digits that a national number may
// have, in its groups, are one whatever the column is called.
func phone(b []byte) class {
	if len(b) < 8 || len(b) > 24 {
		return 0
	}
	var digits []byte
	marks, first, last := 0, 0, 0 // and the digits of the first and of the last group
	for _, c := range b {
		switch {
		case c-'0' <= 9:
			digits = append(digits, c)
			last++
		case c == ' ' || c == '-' || c == '(' || c == ')' || c == '+' || c == '.':
			if first == 0 {
				first = last
			}
			marks++
			last = 0
		default:
			return 0
		}
	}
	if len(digits) < 8 || len(digits) > 13 || marks == 0 || marks > len(digits)/2+1 {
		return 0
	}
	called := b[0] == '+'
	for _, prefix := range []string{"52", "521", "01", "044", "045"} {
		if len(digits) == 10+len(prefix) && string(digits[:len(prefix)]) == prefix {
			called, digits = true, digits[len(prefix):]
		}
	}
	if called || len(digits) == 10 && digits[0] >= '2' && (first == 2 || first == 3) && last != 3 {
		return phoneText
	}
	return digitGroups
}
