package tree

import (
	"io"

	"plaza/internal/base/tabular"
)

// scanner reads the tokens of JSON from a window over a text. A token lies in the
// window whole, until the next one is read. It is strict: what RFC 8259 does not allow
// is a fault with its place.
type scanner struct {
	src      io.Reader
	buf      []byte
	pos, end int
	mark     int   // begin of a token that must stay in the window, -1 for none
	base     int64 // offset of buf[0]
	ended    bool
	depth    int
	key      []byte // of the last member, as written between its quotes
	keyFlags flags
	scratch  []byte // of an array that is one cell, while it is read
}

// flags say what a string needs before it is text.
type flags struct {
	escaped bool // it has escapes
	high    bool // it has bytes beyond ASCII
}

// windowBytes is the window's size as long as every token fits.
const windowBytes = 128 << 10

// newScanner reads a text that begins at an offset.
func newScanner(r io.Reader, offset int64, window int) *scanner {
	return &scanner{src: r, buf: make([]byte, window), base: offset, mark: -1}
}

// reset makes the scanner read a text that is in memory whole.
func (s *scanner) reset(b []byte, offset int64) {
	*s = scanner{buf: b, end: len(b), base: offset, mark: -1, ended: true, key: s.key[:0]}
}

// offset is where the scanner is in the text.
func (s *scanner) offset() int64 { return s.base + int64(s.pos) }

// fill reads on, keeping the token at mark. It reports io.EOF at the text's end.
func (s *scanner) fill() error {
	if s.ended {
		return io.EOF
	}
	keep := s.pos
	if s.mark >= 0 {
		keep = s.mark
	}
	if keep > 0 {
		copy(s.buf, s.buf[keep:s.end])
		s.base += int64(keep)
		s.pos -= keep
		s.end -= keep
		if s.mark >= 0 {
			s.mark = 0
		}
	}
	if s.end == len(s.buf) {
		if s.end >= tabular.MaxCell {
			return fault("cell_too_long", s.base)
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.ended = true
		} else if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
		if s.ended {
			return io.EOF
		}
	}
	return io.ErrNoProgress
}

// more is fill where the document must go on.
func (s *scanner) more() error {
	err := s.fill()
	if err == io.EOF {
		return fault("json_truncated", s.base+int64(s.end))
	}
	return err
}

// space goes to the next byte that is no white space; io.EOF when there is none.
func (s *scanner) space() (byte, error) {
	for {
		for s.pos < s.end {
			switch c := s.buf[s.pos]; c {
			case ' ', '\t', '\r', '\n':
				s.pos++
			default:
				return c, nil
			}
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// peek is space where the document must go on.
func (s *scanner) peek() (byte, error) {
	c, err := s.space()
	if err == io.EOF {
		return 0, fault("json_truncated", s.offset())
	}
	return c, err
}

// unexpected is the fault of a byte that may not stand where it does.
func (s *scanner) unexpected(c byte) error {
	switch c {
	case '/':
		return fault("json_comment", s.offset())
	case '\'':
		return fault("json_quote", s.offset())
	case 'N', 'I':
		return fault("json_nan", s.offset())
	}
	shown := string(rune(c))
	if c < ' ' || c >= 0x7f {
		shown = "0x" + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
	}
	return fault("json_syntax", s.offset(), "char", shown)
}

// enter goes into the object or array that begins here.
func (s *scanner) enter() error {
	if c, err := s.peek(); err != nil {
		return err
	} else if c != '{' && c != '[' {
		return s.unexpected(c)
	}
	if s.depth >= tabular.MaxDepth {
		return fault("depth", s.offset())
	}
	s.depth++
	s.pos++
	return nil
}

// member goes to the value of the next member and reports whether there is one; its
// key is s.key. first is true for the first one of an object.
func (s *scanner) member(first bool) (bool, error) {
	c, err := s.next('}', first)
	if err != nil || c == '}' {
		return false, err
	}
	if c != '"' {
		return false, s.unexpected(c)
	}
	raw, f, err := s.str()
	if err != nil {
		return false, err
	}
	s.key, s.keyFlags = append(s.key[:0], raw...), f
	if c, err = s.peek(); err != nil {
		return false, err
	}
	if c != ':' {
		return false, s.unexpected(c)
	}
	s.pos++
	return true, nil
}

// element goes to the next element of an array and reports whether there is one.
func (s *scanner) element(first bool) (bool, error) {
	c, err := s.next(']', first)
	return c != ']', err
}

// next goes over a comma to what follows, or over the closing byte, which it gives.
func (s *scanner) next(closing byte, first bool) (byte, error) {
	c, err := s.peek()
	if err != nil {
		return 0, err
	}
	if c == closing {
		s.pos++
		s.depth--
		return c, nil
	}
	if first {
		return c, nil
	}
	if c != ',' {
		return 0, s.unexpected(c)
	}
	s.pos++
	if c, err = s.peek(); err == nil && c == closing {
		err = s.unexpected(c)
	}
	return c, err
}

// classes of bytes inside a string.
const (
	plain byte = iota
	closes
	escapes
	control
	beyond
)

var class = func() (t [256]byte) {
	for i := range t {
		switch {
		case i == '"':
			t[i] = closes
		case i == '\\':
			t[i] = escapes
		case i < ' ':
			t[i] = control
		case i >= 0x80:
			t[i] = beyond
		}
	}
	return t
}()

// str reads the string that begins here and gives what is between its quotes.
func (s *scanner) str() ([]byte, flags, error) {
	b := s.buf[s.pos+1 : s.end]
	for i, c := range b {
		if kind := class[c]; kind == closes {
			s.pos += i + 2
			return b[:i], flags{}, nil
		} else if kind != plain {
			break
		}
	}
	s.pos++
	s.mark = s.pos
	raw, f, err := s.strSlow()
	s.mark = -1
	return raw, f, err
}

// strSlow is str for strings that have more than ASCII or that the window cuts.
func (s *scanner) strSlow() ([]byte, flags, error) {
	var f flags
	for {
		b := s.buf[:s.end]
		i := s.pos
		for i < len(b) && class[b[i]] == plain {
			i++
		}
		s.pos = i
		if i == len(b) {
			if err := s.more(); err != nil {
				return nil, f, err
			}
			continue
		}
		switch class[b[i]] {
		case closes:
			s.pos++
			return s.buf[s.mark:i], f, nil
		case beyond:
			f.high = true
			s.pos++
		case control:
			return nil, f, fault("json_control", s.offset())
		case escapes:
			f.escaped = true
			if err := s.escape(); err != nil {
				return nil, f, err
			}
		}
	}
}

// escape goes over an escape.
func (s *scanner) escape() error {
	if err := s.need(2); err != nil {
		return err
	}
	switch s.buf[s.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return nil
	case 'u':
		if err := s.need(6); err != nil {
			return err
		}
		if _, ok := hex4(s.buf[s.pos+2:]); ok {
			s.pos += 6
			return nil
		}
	}
	return fault("json_escape", s.offset())
}

// need sees to it that n bytes from here on are in the window.
func (s *scanner) need(n int) error {
	for s.end-s.pos < n {
		if err := s.more(); err != nil {
			return err
		}
	}
	return nil
}

// word reads true, false or null.
func (s *scanner) word() (string, error) {
	want := "null"
	switch c := s.buf[s.pos]; c {
	case 't':
		want = "true"
	case 'f':
		want = "false"
	case 'n':
	default:
		return "", s.unexpected(c)
	}
	if s.end-s.pos >= len(want) && string(s.buf[s.pos:s.pos+len(want)]) == want {
		s.pos += len(want)
		return want, nil
	}
	for i := range len(want) {
		for s.end-s.pos <= i {
			if err := s.more(); err != nil {
				return "", err
			}
		}
		if c := s.buf[s.pos+i]; c != want[i] {
			if i == 1 && c == 'a' && want == "null" {
				return "", fault("json_nan", s.offset())
			}
			s.pos += i
			return "", s.unexpected(c)
		}
	}
	s.pos += len(want)
	return want, nil
}

// skip goes over the value that begins here, judging it as if it were read.
func (s *scanner) skip() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{', '[':
		if err := s.enter(); err != nil {
			return err
		}
		step := s.element
		if c == '{' {
			step = s.member
		}
		for first := true; ; first = false {
			more, err := step(first)
			if err != nil || !more {
				return err
			}
			if err := s.skip(); err != nil {
				return err
			}
		}
	case '"':
		_, _, err = s.str()
	case 't', 'f', 'n':
		_, err = s.word()
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		_, err = s.number()
	default:
		err = s.unexpected(c)
	}
	return err
}
