package infer

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
