package geo

import (
	"bytes"
	"context"
	"io"
)

// maxItem is the most bytes of one feature that are held: what MaxVertices take when
// written with some fifty characters each.
const maxItem = 256 << 20

// stream cuts JSON of any length into values, holding one at a time, and knows where in
// the file it is.
type stream struct {
	ctx  context.Context
	r    io.Reader
	told func(int64) // how far it is, now and then
	buf  []byte
	i, n int
	off  int64 // of buf[0]
	line int64 // newlines before buf[seen]
	seen int
	err  error
}

func newStream(ctx context.Context, r io.Reader, told func(int64)) *stream {
	return &stream{ctx: ctx, r: r, told: told, buf: make([]byte, 256<<10)}
}

// fill replaces what was read by what follows, and reports whether there is any.
func (s *stream) fill() bool {
	if s.err != nil {
		return false
	}
	if s.err = s.ctx.Err(); s.err != nil {
		return false
	}
	s.i = s.n
	s.lines()
	s.off += int64(s.n)
	s.i, s.n, s.seen = 0, 0, 0
	for s.n == 0 && s.err == nil {
		s.n, s.err = s.r.Read(s.buf)
	}
	if s.told != nil {
		s.told(s.off + int64(s.n))
	}
	return s.n > 0
}

// at is the place of the byte that is read next: its offset and its line, from 1.
func (s *stream) at() (offset, line int64) {
	s.lines()
	return s.off + int64(s.i), s.line + 1
}

// lines counts the newlines that were gone over since it was called last: places are
// asked for often, and a buffer holds thousands of points.
func (s *stream) lines() {
	s.line += int64(bytes.Count(s.buf[s.seen:s.i], []byte{'\n'}))
	s.seen = s.i
}

// broken is the fault of a file that ends or errs here.
func (s *stream) broken(cause error) error {
	if s.err != nil && s.err != io.EOF {
		return s.err
	}
	at, line := s.at()
	return fault(faultBroken, at, line, cause)
}

// next skips white space, marks of byte order and of records, and gives the byte that
// follows, 0 at the end.
func (s *stream) next() byte {
	for s.i < s.n || s.fill() {
		switch ch := s.buf[s.i]; ch {
		case ' ', '\n', '\r', '\t', 0x1e, 0xef, 0xbb, 0xbf:
			s.i++
		case 0:
			return 1 // no JSON begins with it, and it is not the end
		default:
			return ch
		}
	}
	return 0
}

func (s *stream) eat(ch byte) bool {
	if s.next() != ch {
		return false
	}
	s.i++
	return true
}

// value appends a value as it is written to dst, or only skips it when keep is false.
func (s *stream) value(dst []byte, keep bool) ([]byte, error) {
	first := s.next()
	if first == 0 {
		return dst, s.broken(io.ErrUnexpectedEOF)
	}
	nested := first == '{' || first == '['
	if !nested && first != '"' && !literal[first] {
		return dst, s.broken(errJSON)
	}
	var st scan
	for s.i < s.n || s.fill() {
		part := s.buf[s.i:s.n]
		used, done := st.over(part, nested)
		if keep {
			if len(dst)+used > maxItem {
				at, line := s.at()
				return dst, fault(faultLarge, at, line, nil, "limit", maxItem>>20)
			}
			dst = append(dst, part[:used]...)
		}
		if s.i += used; done {
			return dst, nil
		}
	}
	if nested || first == '"' || s.err != io.EOF {
		return dst, s.broken(io.ErrUnexpectedEOF)
	}
	return dst, nil
}

// scan is where in a value we are, from one piece of it to the next.
type scan struct {
	depth           int
	quoted, escaped bool
}

// over goes over a piece of a value and reports how much of it belongs to the value and
// whether that is its end.
func (s *scan) over(b []byte, nested bool) (int, bool) {
	for i := 0; i < len(b); i++ {
		ch := b[i]
		if s.quoted {
			if s.escaped {
				s.escaped = false
			} else if ch == '\\' {
				s.escaped = true
			} else if ch == '"' {
				s.quoted = false
				if s.depth == 0 {
					return i + 1, true
				}
			}
			continue
		}
		switch {
		case ch == '"':
			s.quoted = true
		case ch == '{' || ch == '[':
			s.depth++
		case ch == '}' || ch == ']':
			if s.depth--; s.depth <= 0 && nested {
				return i + 1, true
			} else if !nested {
				return i, true
			}
		case !nested && !literal[ch]:
			return i, true
		}
	}
	return len(b), false
}

// item is called with each feature or geometry of a file, and where it begins.
type item func(raw []byte, at, line int64) error

// each gives the items of a stream: of a FeatureCollection, of a list, or the values
// that follow each other in a file. crs is called with the file's reference system.
func (s *stream) each(give item, crs func(raw []byte)) error {
	var buf []byte
	for count := 0; ; count++ {
		switch s.next() {
		case 0:
			if s.err != nil && s.err != io.EOF {
				return s.err
			}
			if count == 0 {
				return s.broken(io.ErrUnexpectedEOF)
			}
			return nil
		case '[':
			if err := s.items(&buf, give); err != nil {
				return err
			}
		case '{':
			if err := s.object(&buf, give, crs); err != nil {
				return err
			}
		default:
			return s.broken(errJSON)
		}
	}
}

// items gives the values of a list.
func (s *stream) items(buf *[]byte, give item) error {
	s.i++
	if s.eat(']') {
		return nil
	}
	for {
		s.next()
		at, line := s.at()
		var err error
		if *buf, err = s.value((*buf)[:0], true); err != nil {
			return err
		}
		if err := give(*buf, at, line); err != nil {
			return err
		}
		if s.eat(']') {
			return nil
		}
		if !s.eat(',') {
			return s.broken(errJSON)
		}
	}
}

// object goes over the members of an object: a collection's features are given one by
// one; any other object is kept and given whole.
func (s *stream) object(buf *[]byte, give item, crs func([]byte)) error {
	at, line := s.at()
	whole, split, first := []byte{'{'}, false, true
	s.i++
	for !s.eat('}') {
		if !first && !s.eat(',') {
			return s.broken(errJSON)
		}
		if s.next() != '"' {
			return s.broken(errJSON)
		}
		start := len(whole)
		var err error
		if !first {
			whole = append(whole, ',')
			start++
		}
		if whole, err = s.value(whole, true); err != nil {
			return err
		}
		if !s.eat(':') {
			return s.broken(errJSON)
		}
		key := string(whole[start:])
		whole = append(whole, ':')
		if first = false; key == `"features"` && s.next() == '[' {
			split = true
			if err := s.items(buf, give); err != nil {
				return err
			}
			whole = append(whole, "[]"...)
			continue
		}
		from := len(whole)
		if whole, err = s.value(whole, true); err != nil {
			return err
		}
		if key == `"crs"` {
			crs(whole[from:])
		}
	}
	if split {
		return nil
	}
	return give(append(whole, '}'), at, line)
}
