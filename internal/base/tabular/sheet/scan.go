package sheet

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"plaza/internal/base/tabular"
)

// Limits of the scanner.
const (
	firstBuffer = 256 << 10
	maxTag      = 1 << 20 // bytes of one tag with its attributes
)

// What a scanner finds wrong. They become Faults where the member's name is known.
var (
	errDTD    = errors.New("the XML declares a document type")
	errTag    = errors.New("elements of the XML lie too deep in each other")
	errEnd    = errors.New("the XML ends within an element")
	errTooBig = errors.New("a text is too long")
)

// scanner reads XML as tags and texts, without a tree: this is where a spreadsheet's
// reading spends its time. It takes what spreadsheets need of XML: elements whose
// prefixes do not matter, attributes, texts, character data, the five entities and
// numbered characters. A document type is refused, so nothing can be defined or fetched.
type scanner struct {
	r        io.Reader
	buf      []byte
	pos, end int
	before   int64 // bytes of the text that left the buffer
	err      error

	// Of the tag that next found. They are good until the next call.
	name  []byte // without prefix
	attrs []byte
	open  bool // it opens an element
	close bool // it closes one; with open: both, it is empty
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, firstBuffer)}
}

// offset is how many bytes were read.
func (s *scanner) offset() int64 { return s.before + int64(s.pos) }

// fill reads more, keeping what lies behind keep, which moves to the buffer's start.
func (s *scanner) fill(keep, limit int) error {
	if s.err != nil {
		return s.err
	}
	if keep > 0 {
		copy(s.buf, s.buf[keep:s.end])
		s.before += int64(keep)
		s.pos -= keep
		s.end -= keep
	}
	if s.end == len(s.buf) {
		if len(s.buf) > limit {
			s.err = errTooBig
			return s.err
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.err = err
		}
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	s.err = io.ErrNoProgress
	return s.err
}

// next goes to the next tag; io.EOF when there is none. Texts before
// when it was asked for; texts within comments and instructions are no texts.
func (s *scanner) next() error {
	for {
		i := bytes.IndexByte(s.buf[s.pos:s.end], '<')
		if i < 0 {
			s.pos = s.end
			if err := s.fill(s.pos, maxTag); err != nil {
				return err
			}
			continue
		}
		s.pos += i
		real, err := s.tag()
		if err != nil || real {
			return err
		}
	}
}

// tag reads the tag at pos; false when it is a comment, an instruction or text data.
func (s *scanner) tag() (bool, error) {
	for s.end-s.pos < 2 {
		if err := s.fill(s.pos, maxTag); err != nil {
			return false, inside(err)
		}
	}
	switch s.buf[s.pos+1] {
	case '!':
		return false, s.declaration()
	case '?':
		return false, s.skip("?>")
	}
	var quote byte
	for i := s.pos + 1; ; {
		for ; i < s.end; i++ {
			c := s.buf[i]
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '>':
				s.split(s.buf[s.pos+1 : i])
				s.pos = i + 1
				return true, nil
			case c == '"' || c == '\'':
				quote = c
			}
		}
		length := i - s.pos
		if err := s.fill(s.pos, maxTag); err != nil {
			return false, inside(err)
		}
		i = s.pos + length
	}
}

// split takes a tag's text apart.
func (s *scanner) split(tag []byte) {
	s.open, s.close = true, false
	if len(tag) > 0 && tag[0] == '/' {
		s.open, s.close, tag = false, true, tag[1:]
	} else if n := len(tag); n > 0 && tag[n-1] == '/' {
		s.close, tag = true, tag[:n-1]
	}
	i, colon := 0, -1
	for i < len(tag) && tag[i] > ' ' {
		if tag[i] == ':' {
			colon = i
		}
		i++
	}
	s.name, s.attrs = tag[colon+1:i], tag[i:]
}

// declaration skips a comment; text data is skipped too, where no text is read. A
// document type is an error.
func (s *scanner) declaration() error {
	for s.end-s.pos < 9 && s.err == nil {
		if err := s.fill(s.pos, maxTag); err != nil && err != io.EOF {
			return err
		}
	}
	head := s.buf[s.pos:s.end]
	switch {
	case bytes.HasPrefix(head, []byte("<!--")):
		return s.skip("-->")
	case bytes.HasPrefix(head, []byte("<![CDATA[")):
		return s.skip("]]>")
	}
	return errDTD
}

// skip goes behind mark, however far it is.
func (s *scanner) skip(mark string) error {
	for {
		if i := bytes.Index(s.buf[s.pos:s.end], []byte(mark)); i >= 0 {
			s.pos += i + len(mark)
			return nil
		}
		s.pos = max(s.pos, s.end-len(mark)+1)
		if err := s.fill(s.pos, maxTag); err != nil {
			return inside(err)
		}
	}
}

// text appends the text that follows, up to the next tag, with what it stands for.
func (s *scanner) text(dst []byte) ([]byte, error) {
	for {
		i := bytes.IndexByte(s.buf[s.pos:s.end], '<')
		for i < 0 {
			held := s.end - s.pos
			if err := s.fill(s.pos, tabular.MaxCell); err != nil {
				return dst, inside(err)
			}
			if i = bytes.IndexByte(s.buf[s.pos+held:s.end], '<'); i >= 0 {
				i += held
			}
		}
		dst = decode(dst, s.buf[s.pos:s.pos+i])
		s.pos += i
		if len(dst) > tabular.MaxCell {
			return dst, errTooBig
		}
		for s.end-s.pos < 9 && s.err == nil {
			if err := s.fill(s.pos, tabular.MaxCell); err != nil && err != io.EOF {
				return dst, err
			}
		}
		if s.end-s.pos < 2 {
			return dst, errEnd
		}
		var err error
		switch {
		case bytes.HasPrefix(s.buf[s.pos:s.end], []byte("<![CDATA[")):
			dst, err = s.data(dst)
		case s.buf[s.pos+1] == '!':
			err = s.declaration()
		case s.buf[s.pos+1] == '?':
			err = s.skip("?>")
		default:
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// data appends text that is written between <![CDATA[ and ]]>, as it is.
func (s *scanner) data(dst []byte) ([]byte, error) {
	s.pos += len("<![CDATA[")
	for {
		if i := bytes.Index(s.buf[s.pos:s.end], []byte("]]>")); i >= 0 {
			dst = append(dst, s.buf[s.pos:s.pos+i]...)
			s.pos += i + 3
			return dst, nil
		}
		if keep := max(s.pos, s.end-2); keep > s.pos {
			dst = append(dst, s.buf[s.pos:keep]...)
			s.pos = keep
		}
		if len(dst) > tabular.MaxCell {
			return dst, errTooBig
		}
		if err := s.fill(s.pos, tabular.MaxCell); err != nil {
			return dst, inside(err)
		}
	}
}

// leave skips everything up to the end of the element that next opened.
func (s *scanner) leave() error {
	for depth := 1; depth > 0; {
		if s.open && s.close {
			return nil
		}
		if err := s.next(); err != nil {
			return inside(err)
		}
		switch {
		case s.open && s.close:
			s.close = false
		case s.open:
			depth++
		default:
			depth--
		}
	}
	return nil
}

// inside is an error of reading where the text may not end.
func inside(err error) error {
	if err == io.EOF {
		return errEnd
	}
	return err
}

// attr is the value of an attribute by its name without prefix, decoded; nil when the
// tag has none. It is good until the next call of next.
func (s *scanner) attr(name string) []byte {
	for rest := s.attrs; ; {
		key, value, more := attribute(&rest)
		if !more {
			return nil
		}
		if i := bytes.LastIndexByte(key, ':'); i >= 0 {
			key = key[i+1:]
		}
		if string(key) == name {
			if bytes.IndexByte(value, '&') >= 0 {
				return decode(nil, value)
			}
			return value
		}
	}
}

// number is an attribute that is a whole number, or missing.
func (s *scanner) number(name string, missing int64) int64 {
	n, err := strconv.ParseInt(string(s.attr(name)), 10, 64)
	if err != nil {
		return missing
	}
	return n
}

// attribute takes the next attribute off rest.
func attribute(rest *[]byte) (key, value []byte, ok bool) {
	b := *rest
	i := 0
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	start := i
	for i < len(b) && b[i] != '=' {
		i++
	}
	key = b[start:i]
	for len(key) > 0 && key[len(key)-1] <= ' ' {
		key = key[:len(key)-1]
	}
	for i++; i < len(b) && b[i] <= ' '; {
		i++
	}
	if i >= len(b) || b[i] != '"' && b[i] != '\'' {
		return nil, nil, false
	}
	j := bytes.IndexByte(b[i+1:], b[i])
	if j < 0 {
		return nil, nil, false
	}
	*rest = b[i+j+2:]
	return key, b[i+1 : i+1+j], true
}
