package infer

// Microseconds.
const (
	second  = int64(1_000_000)
	minute  = 60 * second
	hour    = 60 * minute
	fullDay = 24 * hour
)

var monthDays = [13]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func validDay(y, m, d int) bool {
	return m >= 1 && m <= 12 && d >= 1 && d <= monthDays[m] &&
		(m != 2 || d < 29 || y%4 == 0 && (y%100 != 0 || y%400 == 0))
}

// dayNumber counts days since 1970-01-01 in the Gregorian calendar.
func dayNumber(y, m, d int) int32 {
	if m <= 2 {
		y--
		m += 12
	}
	return int32(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1 - 719468)
}

// fullYear is the year that two digits stand for.
func fullYear(y int) int {
	if y < 50 {
		return 2000 + y
	}
	return 1900 + y
}

// cursor walks over a text.
type cursor struct {
	b []byte
	i int
}

// number reads digits, at most most of them; how many there were.
func (c *cursor) number(most int) (v, n int) {
	for c.i < len(c.b) && c.b[c.i]-'0' <= 9 {
		if n == most {
			return 0, 0
		}
		v = v*10 + int(c.b[c.i]-'0')
		c.i++
		n++
	}
	return v, n
}

func (c *cursor) peek() byte {
	if c.i < len(c.b) {
		return c.b[c.i]
	}
	return 0
}

func (c *cursor) done() bool { return c.i >= len(c.b) }

// tenDate is a date of ten characters by a shorter way.
func tenDate(b []byte, t *token) (class, bool) {
	two := func(i int) int {
		x, y := b[i]-'0', b[i+1]-'0'
		if x > 9 || y > 9 {
			return -1
		}
		return int(x)*10 + int(y)
	}
	t.short = false
	c := cursor{b: b, i: 10}
	if b[4] == b[7] && (b[4] == '-' || b[4] == '/') {
		century, year, month, day := two(0), two(2), two(5), two(8)
		if year += 100 * century; century < 0 || year < 1 || year < 100*century || !validDay(year, month, day) {
			return 0, false
		}
		t.day = dayNumber(year, month, day)
		return classDay + dayISO, true
	}
	if b[2] != b[5] || b[2] != '-' && b[2] != '/' {
		return 0, false
	}
	first, middle, century, year := two(0), two(3), two(6), two(8)
	if century < 0 || year < 0 || century+year == 0 {
		return 0, false
	}
	return ordered(&c, first, middle, 100*century+year, t)
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

// dates reads a cell that begins with n digits as a day or a month, with a time or not.
func dates(b []byte, n int, t *token) (class, bool) {
	if n > 4 || n >= len(b) || len(b) > 60 {
		return 0, false
	}
	t.short = false
	c := cursor{b: b}
	if n == 4 {
		return yearFirst(&c, t)
	}
	if n > 2 {
		return 0, false
	}
	first, _ := c.number(2)
	sep := c.peek()
	if sep != '/' && sep != '-' && sep != '.' || c.i+1 >= len(b) || b[c.i+1]-'0' > 9 {
		return namedDay(&c, first, t)
	}
	c.i++
	middle, k := c.number(4)
	if k == 4 && c.done() && sep != '.' && first >= 1 && first <= 12 && middle >= 1 {
		t.day = dayNumber(middle, first, 1)
		return monthYear, true
	}
	if k == 0 || k > 2 || c.peek() != sep {
		return 0, false
	}
	c.i++
	year, k := c.number(4)
	switch {
	case k == 2 && sep != '.':
		year, t.short = fullYear(year), true
	case k != 4 || year == 0:
		return 0, false
	}
	return ordered(&c, first, middle, year, t)
}

// ordered says in which orders a day and a month may be read.
func ordered(c *cursor, first, middle, year int, t *token) (class, bool) {
	dmy, mdy := validDay(year, middle, first), validDay(year, first, middle)
	kind := class(dayFirst)
	switch {
	case dmy && mdy && first == middle:
		kind = daySame
	case dmy && mdy:
		kind = dayBoth
	case mdy:
		kind = monthFirst
	case !dmy:
		return 0, false
	}
	t.day = dayNumber(year, middle, first)
	if kind == monthFirst {
		t.day = dayNumber(year, first, middle)
	}
	if kind == dayBoth {
		// The other reading, for columns that write the month first.
		t.mant = uint64(uint32(dayNumber(year, first, middle)))
	}
	return withTime(c, kind, t)
}

// yearFirst reads 2023-01-31 and 2013-08.
func yearFirst(c *cursor, t *token) (class, bool) {
	year, _ := c.number(4)
	sep := c.peek()
	if sep != '-' && sep != '/' && sep != '.' {
		return 0, false
	}
	c.i++
	month, k := c.number(2)
	if k == 0 {
		if m := c.month(); m != 0 && c.peek() == sep {
			month = m
		} else {
			return 0, false
		}
	}
	if year == 0 {
		return 0, false
	}
	if c.done() && k == 2 && sep != '.' && month >= 1 && month <= 12 {
		t.day = dayNumber(year, month, 1)
		return monthISO, true
	}
	if c.peek() != sep {
		return 0, false
	}
	c.i++
	day, k := c.number(2)
	if k == 0 || !validDay(year, month, day) {
		return 0, false
	}
	t.day = dayNumber(year, month, day)
	return withTime(c, dayISO, t)
}

// withTime reads what follows a day.
func withTime(c *cursor, kind class, t *token) (class, bool) {
	t.clock = 0
	if c.done() {
		return classDay + kind, true
	}
	switch c.peek() {
	case 'T', 't':
		c.i++
	case ' ', ',':
		for c.peek() == ' ' || c.peek() == ',' {
			c.i++
		}
	default:
		return 0, false
	}
	rest := c.b[c.i:]
	n := clockAt(rest, t)
	switch {
	case n == 0:
		return 0, false
	case n == len(rest) && t.clock == 0:
		return classZero + kind, true
	case n == len(rest):
		return classTimed + kind, true
	case zone(rest[n:]):
		return classZoned + kind, true
	}
	return 0, false
}

// zone reports whether a text is Z, UTC or an offset.
func zone(b []byte) bool {
	b = trim(b)
	switch string(b) {
	case "Z", "z", "UTC", "GMT":
		return true
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return false
	}
	c := cursor{b: b, i: 1}
	h, n := c.number(4)
	switch {
	case n == 4 && c.done():
		return h/100 <= 14 && h%100 < 60
	case n != 2 || h > 14:
		return false
	case c.done():
		return true
	case c.peek() != ':':
		return false
	}
	c.i++
	m, n := c.number(2)
	return n == 2 && m < 60 && c.done()
}

// clockAt reads a time of day at the beginning of b; 0: there is none.
func clockAt(b []byte, t *token) int {
	c := cursor{b: b}
	h, n := c.number(2)
	if n == 0 || c.peek() != ':' {
		return 0
	}
	c.i++
	m, n := c.number(2)
	if n != 2 || m > 59 || h > 23 {
		return 0
	}
	t.clock = int64(h)*hour + int64(m)*minute
	if c.peek() == ':' {
		c.i++
		s, n := c.number(2)
		if n != 2 || s > 59 {
			return 0
		}
		t.clock += int64(s)*second + c.fraction()
	}
	return c.half(h, t)
}

// fraction reads the fraction of a second, to the microsecond.
func (c *cursor) fraction() int64 {
	if c.peek() != '.' && c.peek() != ',' || c.i+1 >= len(c.b) || c.b[c.i+1]-'0' > 9 {
		return 0
	}
	c.i++
	var v int64
	unit := second
	for !c.done() && c.b[c.i]-'0' <= 9 {
		if unit > 1 {
			unit /= 10
			v += int64(c.b[c.i]-'0') * unit
		}
		c.i++
	}
	return v
}

// half reads "am", "p. m.", "hrs" behind a time; the place where the time ends, 0 when
// they contradict each other.
func (c *cursor) half(h int, t *token) int {
	end := c.i
	for c.peek() == ' ' {
		c.i++
	}
	switch a := c.peek() | 0x20; a {
	case 'a', 'p':
		c.i++
		for c.peek() == '.' || c.peek() == ' ' {
			c.i++
		}
		if c.peek()|0x20 != 'm' {
			return end
		}
		c.i++
		if c.peek() == '.' {
			c.i++
		}
		if h == 0 && a == 'p' || h > 12 && a == 'a' {
			return 0
		}
		if a == 'p' && h < 12 {
			t.clock += 12 * hour
		} else if a == 'a' && h == 12 {
			t.clock -= 12 * hour
		}
		return c.i
	case 'h':
		c.i++
		if c.peek()|0x20 == 'r' {
			c.i++
		}
		if c.peek()|0x20 == 's' {
			c.i++
		}
		if c.peek() == '.' {
			c.i++
		}
		return c.i
	}
	return end
}

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
