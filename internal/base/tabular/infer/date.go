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
