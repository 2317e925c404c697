package tree

import (
	"io"

	"plaza/internal/base/tabular"
)

// number reads the number that begins here, as written.
func (s *scanner) number() ([]byte, error) {
	s.mark = s.pos
	for {
		for s.pos < s.end && numeric[s.buf[s.pos]] {
			s.pos++
		}
		var err error
		if s.pos == s.end {
			err = s.fill()
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		if err == io.EOF || !numeric[s.buf[s.pos]] {
			raw, err := s.numberEnd()
			s.mark = -1
			return raw, err
		}
	}
}

// numeric are the bytes that numbers are made of.
var numeric = func() (t [256]bool) {
	for _, c := range "0123456789+-.eE" {
		t[c] = true
	}
	return t
}()

// numberEnd judges the number between mark and here.
func (s *scanner) numberEnd() ([]byte, error) {
	raw := s.buf[s.mark:s.pos]
	if isNumber(raw) {
		return raw, nil
	}
	if len(raw) == 1 && raw[0] == '-' && s.pos < s.end && s.buf[s.pos] == 'I' {
		return nil, fault("json_nan", s.base+int64(s.mark))
	}
	if s.ended && s.pos == s.end {
		return nil, fault("json_truncated", s.offset())
	}
	return nil, fault("json_number", s.base+int64(s.mark), "number", tabular.Clip(string(raw[:min(len(raw), 400)]), 60))
}

// isNumber reports whether b is a number of RFC 8259.
func isNumber(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	whole := digits(b)
	if whole == 0 || whole > 1 && b[0] == '0' {
		return false
	}
	b = b[whole:]
	if len(b) > 0 && b[0] == '.' {
		n := digits(b[1:])
		if n == 0 {
			return false
		}
		b = b[1+n:]
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = b[1:]
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		n := digits(b)
		return n > 0 && n == len(b)
	}
	return len(b) == 0
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n
}
