package infer

// months are by their names' letters without accents.
var months = map[string]int{
	"ene": 1, "enero": 1, "jan": 1, "january": 1,
	"feb": 2, "febrero": 2, "february": 2,
	"mar": 3, "marzo": 3, "march": 3,
	"abr": 4, "abril": 4, "apr": 4, "april": 4,
	"may": 5, "mayo": 5,
	"jun": 6, "junio": 6, "june": 6,
	"jul": 7, "julio": 7, "july": 7,
	"ago": 8, "agosto": 8, "aug": 8, "august": 8,
	"sep": 9, "sept": 9, "set": 9, "septiembre": 9, "setiembre": 9, "september": 9,
	"oct": 10, "octubre": 10, "october": 10,
	"nov": 11, "noviembre": 11, "november": 11,
	"dic": 12, "diciembre": 12, "dec": 12, "december": 12,
}

// letters reads a word, folded to small letters, into buffer; "" when it is too long.
func (c *cursor) letters(buffer *[12]byte) []byte {
	n := 0
	for !c.done() && (c.b[c.i]|0x20)-'a' < 26 {
		if n == len(buffer) {
			return nil
		}
		buffer[n] = c.b[c.i] | 0x20
		n++
		c.i++
	}
	return buffer[:n]
}

// month reads a month's name and the point behind it; 0: there is none.
func (c *cursor) month() int {
	var buffer [12]byte
	m := months[string(c.letters(&buffer))]
	if m != 0 && c.peek() == '.' {
		c.i++
	}
	return m
}

// gap skips spaces, signs between parts of a date, "de" and "del".
func (c *cursor) gap() {
	for !c.done() {
		switch ch := c.b[c.i]; {
		case ch == ' ' || ch == '-' || ch == '/' || ch == ',' || ch == '\'':
			c.i++
		case c.word("del ") || c.word("de "):
		default:
			return
		}
	}
}

// word skips a word when the text goes on with it.
func (c *cursor) word(w string) bool {
	if len(c.b)-c.i < len(w) {
		return false
	}
	for k := range len(w) {
		if c.b[c.i+k]|0x20 != w[k]|0x20 {
			return false
		}
	}
	c.i += len(w)
	return true
}

// namedDay reads "31 de enero de 2023", "31-ene-23" after its day.
func namedDay(c *cursor, day int, t *token) (class, bool) {
	at := c.i
	c.gap()
	m := c.month()
	if m == 0 || at == c.i {
		return 0, false
	}
	at = c.i
	c.gap()
	year, ok := c.year(t)
	if !ok || at == c.i || !validDay(year, m, day) {
		return 0, false
	}
	t.day = dayNumber(year, m, day)
	return withTime(c, dayNamed, t)
}

// year reads a year of four or two digits.
func (c *cursor) year(t *token) (int, bool) {
	y, n := c.number(4)
	if n == 2 {
		t.short = true
		return fullYear(y), true
	}
	return y, n == 4 && y > 0
}

// monthFirstText reads "Aug 2013", "enero de 2023", "Aug 5, 2013" and "lunes, 5 de
// agosto de 2013".
func monthFirstText(b []byte, t *token) (class, bool) {
	if last := b[len(b)-1]; last-'0' > 9 && last|0x20 != 'm' && last != '.' && last|0x20 != 'z' && last != 's' {
		return 0, false
	}
	c := cursor{b: b}
	t.short = false
	m := c.month()
	if m == 0 {
		return weekday(b, t)
	}
	c.gap()
	v, n := c.number(4)
	switch {
	case n == 4 && c.done() && v > 0:
		t.day = dayNumber(v, m, 1)
		return monthNamed, true
	case n == 2 && c.done() && v > 0:
		t.short, t.day = true, dayNumber(fullYear(v), m, 1)
		return monthNamed, true
	case n == 0 || n > 2 || c.done():
		return 0, false
	}
	c.gap()
	year, ok := c.year(t)
	if !ok || t.short || !validDay(year, m, v) {
		return 0, false
	}
	t.day = dayNumber(year, m, v)
	return withTime(&c, dayNamed, t)
}

// weekday reads a date behind the name of its day.
func weekday(b []byte, t *token) (class, bool) {
	i := 0
	for i < len(b) && i < 11 && (firsts[b[i]] == firstLetter || b[i] >= 0x80) {
		i++
	}
	if i < 3 || i >= len(b) || b[i] != ' ' && b[i] != ',' || !weekdays[string(b[:3])] {
		return 0, false
	}
	rest := b[i:]
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == ',') {
		rest = rest[1:]
	}
	n := 0
	for n < len(rest) && rest[n]-'0' <= 9 {
		n++
	}
	if n == 0 || n > 2 {
		return 0, false
	}
	return dates(rest, n, t)
}

var weekdays = map[string]bool{
	"lun": true, "mar": true, "mi\xc3": true, "mie": true, "jue": true, "vie": true, "s\xc3\xa1": true, "sab": true, "dom": true,
	"Lun": true, "Mar": true, "Mi\xc3": true, "Mie": true, "Jue": true, "Vie": true, "S\xc3\xa1": true, "Sab": true, "Dom": true,
	"Mon": true, "Tue": true, "Wed": true, "Thu": true, "Fri": true, "Sat": true, "Sun": true,
}

// beginsDate reports whether three letters begin the name of a month or of a day.
func beginsDate(b []byte) bool {
	if len(b) < 5 {
		return false
	}
	switch string([]byte{b[0] | 0x20, b[1] | 0x20, b[2] | 0x20}) {
	case "ene", "jan", "feb", "mar", "abr", "apr", "may", "jun", "jul", "ago", "aug", "sep", "set", "oct", "nov", "dic", "dec",
		"lun", "mi\xe3", "mie", "jue", "vie", "s\xe3\xa1", "sab", "dom", "mon", "tue", "wed", "thu", "fri", "sat", "sun":
		return true
	}
	return false
}
