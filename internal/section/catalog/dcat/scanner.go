package dcat

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// hopeless is a nesting that no catalogue has: reading stops at once, because the
// only documents that reach it were made to do harm.
const hopeless = 1000

// scanner finds where JSON values begin and end in a stream without decoding them,
// so that one record at a time is held, a record that is too large or broken inside
// can be stepped over, and every error knows its line.
type scanner struct {
	r      *bufio.Reader
	offset int64
	line   int
	buf    []byte // the last value; reused
}

func newScanner(r *bufio.Reader) *scanner { return &scanner{r: r, line: 1} }

// rawValue is the text of one value. Its data is good until the next call.
type rawValue struct {
	data     []byte // nil when tooLarge
	line     int    // where it begins
	tooLarge bool
	tooDeep  bool
}

func (s *scanner) fail(code, detail string) error {
	return &FormatError{Code: code, Offset: s.offset, Line: s.line, Detail: cutForReport(detail)}
}

// readError tells a connection that broke from other failures of reading.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &FormatError{Code: FormatTruncated, Offset: -1, Cause: err}
	}
	return fmt.Errorf("reading a catalogue: %w", err)
}

// ended turns an error of reading inside the document into the error to return.
func (s *scanner) ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &FormatError{Code: FormatTruncated, Offset: s.offset, Line: s.line}
	}
	return readError(err)
}

// sniff looks at how the document begins.
func (s *scanner) sniff() error {
	c, err := s.peek()
	if err == io.EOF {
		return s.fail(FormatEmpty, "")
	}
	if err != nil {
		return s.ended(err)
	}
	if c == '{' || c == '[' {
		return nil
	}
	head, err := s.r.Peek(1024)
	if err != nil && err != io.EOF {
		return s.ended(err)
	}
	if c == '<' && !isXML(head) {
		return s.fail(FormatHTML, string(head))
	}
	return s.fail(FormatNot, string(head))
}

// isXML reports whether text that begins with "<" is XML other than a web page.
func isXML(head []byte) bool {
	low := strings.ToLower(string(head))
	if strings.Contains(low, "<html") || strings.Contains(low, "<!doctype html") {
		return false
	}
	return strings.HasPrefix(low, "<?xml") || strings.Contains(low, "<rdf:") || strings.Contains(low, "xmlns")
}

// peek returns the next byte that is not blank, without taking it.
func (s *scanner) peek() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch c {
		case '\n':
			s.line++
		case ' ', '\t', '\r':
		default:
			return c, s.r.UnreadByte()
		}
		s.offset++
	}
}

// take consumes the byte that peek returned.
func (s *scanner) take() {
	s.advance(1)
}

func (s *scanner) advance(n int) {
	// Discard of bytes that are in the buffer cannot fail.
	_, _ = s.r.Discard(n)
	s.offset += int64(n)
}

// object walks the members of an object. fn must consume the member's value.
func (s *scanner) object(fn func(name string) error) error {
	return s.walk('}', func(int) error {
		c, err := s.peek()
		if err != nil {
			return s.ended(err)
		}
		if c != '"' {
			return s.fail(FormatSyntax, string(c))
		}
		raw, err := s.value(MaxRecord)
		if err != nil {
			return err
		}
		name, err := parseJSON(string(raw.data))
		if err != nil || raw.tooLarge {
			return s.fail(FormatSyntax, string(raw.data))
		}
		switch c, err := s.peek(); {
		case err != nil:
			return s.ended(err)
		case c != ':':
			return s.fail(FormatSyntax, string(c))
		}
		s.take()
		return fn(name.text)
	})
}

// array walks the elements of an array. fn must consume the element.
func (s *scanner) array(fn func(i int) error) error { return s.walk(']', fn) }

func (s *scanner) walk(closing byte, fn func(i int) error) error {
	s.take() // the opening bracket
	for i := 0; ; i++ {
		c, err := s.peek()
		if err != nil {
			return s.ended(err)
		}
		if c == closing {
			if i > 0 {
				return s.fail(FormatTrailingComma, "")
			}
			s.take()
			return nil
		}
		if err := fn(i); err != nil {
			return err
		}
		c, err = s.peek()
		switch {
		case err != nil:
			return s.ended(err)
		case c == closing:
			s.take()
			return nil
		case c != ',':
			return s.fail(FormatSyntax, string(c))
		}
		s.take()
	}
}

// skip steps over a value of any size.
func (s *scanner) skip() error {
	_, err := s.value(-1)
	return err
}

// value takes the next value. Beyond limit bytes its text is dropped and only its
// end is looked for; a negative limit keeps nothing.
func (s *scanner) value(limit int) (rawValue, error) {
	c, err := s.peek()
	if err != nil {
		return rawValue{}, s.ended(err)
	}
	v := rawValue{line: s.line, tooLarge: limit < 0}
	s.buf = s.buf[:0]
	m := matcher{}
	switch c {
	case ']', '}', ',', ':':
		return v, s.fail(FormatSyntax, string(c))
	}
	for {
		if _, err := s.r.Peek(1); err != nil {
			if err == io.EOF && m.scalar {
				break
			}
			return v, s.ended(err)
		}
		chunk, _ := s.r.Peek(s.r.Buffered()) // what is buffered can be peeked
		n, done := m.feed(chunk)
		if !v.tooLarge && len(s.buf)+n > limit {
			v.tooLarge = true
			s.buf = nil // a huge buffer is not kept for the small values after it
		}
		if !v.tooLarge {
			s.buf = append(s.buf, chunk[:n]...)
		}
		s.line += bytes.Count(chunk[:n], []byte{'\n'})
		s.advance(n)
		if m.deepest > hopeless {
			return v, s.fail(FormatTooDeep, "")
		}
		if done {
			break
		}
	}
	v.data, v.tooDeep = s.buf, m.deepest > MaxDepth
	return v, nil
}

// end reports what follows the document: nothing but blanks should.
func (s *scanner) end(rep *report) error {
	_, err := s.peek()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return s.ended(err)
	}
	rest, err := s.r.Peek(maxProblemText)
	if err != nil && err != io.EOF {
		return s.ended(err)
	}
	rep.add(TrailingData, "", string(rest), true)
	return nil
}

// matcher finds the end of one JSON value by its brackets and quotes.
type matcher struct {
	depth, deepest    int
	inString, escaped bool
	scalar            bool
}

// feed reads on and returns how many bytes belong to the value, and whether it ended.
func (m *matcher) feed(chunk []byte) (int, bool) {
	for i, c := range chunk {
		if m.inString {
			switch {
			case m.escaped:
				m.escaped = false
			case c == '\\':
				m.escaped = true
			case c == '"':
				m.inString = false
				if m.depth == 0 {
					return i + 1, true
				}
			}
			continue
		}
		switch c {
		case '"':
			if m.scalar {
				return i, true
			}
			m.inString = true
		case '{', '[':
			if m.scalar {
				return i, true
			}
			m.depth++
			m.deepest = max(m.deepest, m.depth)
			if m.deepest > hopeless {
				return i + 1, true
			}
		case '}', ']':
			if m.scalar {
				return i, true
			}
			m.depth--
			if m.depth == 0 {
				return i + 1, true
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if m.scalar {
				return i, true
			}
		default:
			if m.depth == 0 {
				m.scalar = true
			}
		}
	}
	return len(chunk), false
}
