package delimited

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Names of encodings, as Layout has them.
const (
	utf8Name    = "utf-8"
	utf16LE     = "utf-16le"
	utf16BE     = "utf-16be"
	windows1252 = "windows-1252"
	latin1      = "iso-8859-1"
	macRoman    = "macroman"
	cp850       = "cp850"
)

// table is a single-byte encoding: the UTF-8 of each byte.
type table struct {
	name  string
	runes [256]rune
	text  [256]string
}

// tables are the single-byte encodings that are told apart, the likeliest first.
var tables = []*table{
	newTable(windows1252, charmap.Windows1252), newTable(macRoman, charmap.Macintosh), newTable(cp850, charmap.CodePage850),
}

func newTable(name string, m *charmap.Charmap) *table {
	t := &table{name: name}
	for b := range 256 {
		r := m.DecodeByte(byte(b))
		if r == unicode.ReplacementChar { // five bytes that Windows leaves free: as in ISO 8859-1
			r = rune(b)
		}
		t.runes[b], t.text[b] = r, string(r)
	}
	return t
}

// tableOf is the table of an encoding's name; nil for Unicode's.
func tableOf(name string) *table {
	if name == latin1 {
		name = windows1252
	}
	for _, t := range tables {
		if t.name == name {
			return t
		}
	}
	return nil
}

// beside is what stands before or after a byte.
type beside byte

const (
	noLetter beside = iota
	lower
	upper
	high // another byte beyond ASCII
)

var besides = func() (t [256]beside) {
	for b := range 256 {
		switch {
		case b >= 'a' && b <= 'z':
			t[b] = lower
		case b >= 'A' && b <= 'Z':
			t[b] = upper
		case b >= 0x80:
			t[b] = high
		}
	}
	return t
}()

// places counts bytes beyond ASCII by what stands beside them.
type places [128][4][4]int64

// add counts those of a line.
func (p *places) add(line []byte) {
	for i, b := range line {
		if b < 0x80 {
			continue
		}
		var before, after byte
		if i > 0 {
			before = line[i-1]
		}
		if i+1 < len(line) {
			after = line[i+1]
		}
		p[b-0x80][besides[before]][besides[after]]++
	}
}

// score is how well bytes fit as Spanish text when read with t, and how many there are.
func (p *places) score(t *table) (fit float64, count int64) {
	for b := range p {
		for before := range 4 {
			for after := range 4 {
				n := p[b][before][after]
				if n == 0 {
					continue
				}
				count += n
				// Capped, so that one symbol that stands in each row weighs no more than the
				// letters of many words.
				fit += float64(min(n, 200)) * likely(t.runes[b+0x80], beside(before), beside(after))
			}
		}
	}
	return fit, count
}

// likely is from -3 to 1 how much a letter is at home between its neighbours.
func likely(r rune, before, after beside) float64 {
	switch r {
	case 'á', 'é', 'í', 'ó', 'ú', 'ñ', 'ü':
		if before == upper && after == upper {
			return -0.5
		}
		if before == noLetter && after == noLetter {
			return 0.1
		}
		return 1
	case 'Á', 'É', 'Í', 'Ó', 'Ú', 'Ñ', 'Ü':
		if before == lower {
			return -0.7
		}
		if before == noLetter && after == noLetter {
			return 0
		}
		return 1
	case '¿', '¡', '“', '‘', '«':
		if after == noLetter || before == lower {
			return -0.2
		}
		return 0.6
	case '”', '’', '»', '…', '°', 'º', 'ª', '–', '—', '•', '€', '´', '±', '²', '³', '½', '¼', '®', '©', '·', '§':
		if before == lower && after == lower && r != '’' {
			return -0.8
		}
		return 0.4
	case 0xA0:
		return 0.2
	}
	switch {
	case unicode.IsControl(r):
		return -3
	case unicode.IsLetter(r) && r < 0x180:
		return -0.3
	case before != noLetter && after != noLetter:
		return -2
	}
	return -0.6
}

// choose is the single-byte encoding that fits best, and whether that is a guess.
func (p *places) choose() (name string, unsure bool) {
	var best, second float64
	for i, t := range tables {
		fit, _ := p.score(t)
		if i == 0 || fit > best {
			if i > 0 {
				second = best
			}
			best, name = fit, t.name
			continue
		}
		if i == 1 || fit > second {
			second = fit
		}
	}
	_, count := p.score(tables[0])
	if name == windows1252 && !p.beyondLatin1() {
		name = latin1
	}
	return name, count < 3 || best <= 0 || best-second < 0.2*best
}

// beyondLatin1 reports whether bytes occur that ISO 8859-1 keeps for control characters.
func (p *places) beyondLatin1() bool {
	for b := range 0x20 {
		if p[b] != [4][4]int64{} {
			return true
		}
	}
	return false
}

// wellFormed reports whether a line is UTF-8 and whether it has any letter beyond ASCII.
func wellFormed(line []byte) (valid, beyond bool) {
	for _, b := range line {
		if b >= 0x80 {
			return utf8.Valid(line), true
		}
	}
	return true, false
}
