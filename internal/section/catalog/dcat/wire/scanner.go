package wire

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

// maxName is the size in bytes of the name of a member.
const maxName = 1 << 20

// Scanner finds where JSON values begin and end in a stream without decoding them,
// so that one record at a time is held, a record that is too large or broken inside
// can be stepped over, and every error knows its line.
type Scanner struct {
	r      *bufio.Reader
	Offset int64  // of the next byte
	Line   int    // of the next byte, counted from 1
	buf    []byte // the last value; reused
}

// NewScanner begins at the start of r.
func NewScanner(r *bufio.Reader) *Scanner { return &Scanner{r: r, Line: 1} }

// Raw is the text of one value. Its data is good until the next call.
type Raw struct {
	Data     []byte // nil when TooLarge
	Line     int    // where it begins
	TooLarge bool
	TooDeep  bool
}

// Fail is the FormatError of a code where the reading stands.
func (s *Scanner) Fail(code, detail string) error {
	return &FormatError{Code: code, Offset: s.Offset, Line: s.Line, Detail: Cut(detail)}
}

// ReadError tells a connection that broke from other failures of reading.
func ReadError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &FormatError{Code: FormatTruncated, Offset: -1, Cause: err}
	}
	return fmt.Errorf("reading a catalogue: %w", err)
}

// Ended turns an error of reading inside the document into the error to return.
func (s *Scanner) Ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &FormatError{Code: FormatTruncated, Offset: s.Offset, Line: s.Line}
	}
	return ReadError(err)
}

// Sniff looks at how the document begins.
func (s *Scanner) Sniff() error {
	c, err := s.Peek()
	if err == io.EOF {
		return s.Fail(FormatEmpty, "")
	}
	if err != nil {
		return s.Ended(err)
	}
	if c == '{' || c == '[' {
		return nil
	}
	head, err := s.r.Peek(1024)
	if err != nil && err != io.EOF {
		return s.Ended(err)
	}
	if c == '<' && !IsXML(head) {
		return s.Fail(FormatHTML, string(head))
	}
	return s.Fail(FormatNot, string(head))
}

// IsXML reports whether text that begins with "<" is XML other than a web page.
func IsXML(head []byte) bool {
	low := strings.ToLower(string(head))
	if strings.Contains(low, "<html") || strings.Contains(low, "<!doctype html") {
		return false
	}
	return strings.HasPrefix(low, "<?xml") || strings.Contains(low, "<rdf:") || strings.Contains(low, "xmlns")
}

// Peek returns the next byte that is not blank, without taking it.
func (s *Scanner) Peek() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch c {
		case '\n':
			s.Line++
		case ' ', '\t', '\r':
		default:
			return c, s.r.UnreadByte()
		}
		s.Offset++
	}
}

// take consumes the byte that peek returned.
func (s *Scanner) take() {
	s.advance(1)
}

func (s *Scanner) advance(n int) {
	// Discard of bytes that are in the buffer cannot fail.
	_, _ = s.r.Discard(n)
	s.Offset += int64(n)
}

// Object walks the members of an object. fn must consume the member's value.
func (s *Scanner) Object(fn func(name string) error) error {
	return s.walk('}', func(int) error {
		c, err := s.Peek()
		if err != nil {
			return s.Ended(err)
		}
		if c != '"' {
			return s.Fail(FormatSyntax, string(c))
		}
		raw, err := s.Value(maxName)
		if err != nil {
			return err
		}
		name, err := Parse(string(raw.Data))
		if err != nil || raw.TooLarge {
			return s.Fail(FormatSyntax, string(raw.Data))
		}
		switch c, err := s.Peek(); {
		case err != nil:
			return s.Ended(err)
		case c != ':':
			return s.Fail(FormatSyntax, string(c))
		}
		s.take()
		return fn(name.Text)
	})
}

// Array walks the elements of an array. fn must consume the element.
func (s *Scanner) Array(fn func(i int) error) error { return s.walk(']', fn) }

func (s *Scanner) walk(closing byte, fn func(i int) error) error {
	s.take() // the opening bracket
	for i := 0; ; i++ {
		c, err := s.Peek()
		if err != nil {
			return s.Ended(err)
		}
		if c == closing {
			if i > 0 {
				return s.Fail(FormatTrailingComma, "")
			}
			s.take()
			return nil
		}
		if err := fn(i); err != nil {
			return err
		}
		c, err = s.Peek()
		switch {
		case err != nil:
			return s.Ended(err)
		case c == closing:
			s.take()
			return nil
		case c != ',':
			return s.Fail(FormatSyntax, string(c))
		}
		s.take()
	}
}

// Skip steps over a value of any size.
func (s *Scanner) Skip() error {
	_, err := s.Value(-1)
	return err
}

// Value takes the next value. Beyond limit bytes its text is dropped and only its
// end is looked for; a negative limit keeps nothing.
func (s *Scanner) Value(limit int) (Raw, error) {
	c, err := s.Peek()
	if err != nil {
		return Raw{}, s.Ended(err)
	}
	v := Raw{Line: s.Line, TooLarge: limit < 0}
	s.buf = s.buf[:0]
	m := matcher{}
	switch c {
	case ']', '}', ',', ':':
		return v, s.Fail(FormatSyntax, string(c))
	}
	for {
		if _, err := s.r.Peek(1); err != nil {
			if err == io.EOF && m.scalar {
				break
			}
			return v, s.Ended(err)
		}
		chunk, _ := s.r.Peek(s.r.Buffered()) // what is buffered can be peeked
		n, done := m.feed(chunk)
		if !v.TooLarge && len(s.buf)+n > limit {
			v.TooLarge = true
			s.buf = nil // a huge buffer is not kept for the small values after it
		}
		if !v.TooLarge {
			s.buf = append(s.buf, chunk[:n]...)
		}
		s.Line += bytes.Count(chunk[:n], []byte{'\n'})
		s.advance(n)
		if m.deepest > hopeless {
			return v, s.Fail(FormatTooDeep, "")
		}
		if done {
			break
		}
	}
	v.Data, v.TooDeep = s.buf, m.deepest > MaxDepth
	return v, nil
}

// End reports what follows the document: nothing but blanks should.
func (s *Scanner) End(note Note) error {
	_, err := s.Peek()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return s.Ended(err)
	}
	rest, err := s.r.Peek(MaxCut)
	if err != nil && err != io.EOF {
		return s.Ended(err)
	}
	note(TrailingData, string(rest), true)
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
