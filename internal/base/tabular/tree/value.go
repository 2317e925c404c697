package tree

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"plaza/internal/base/tabular"
)

// hex4 is the number that four hexadecimal digits write.
func hex4(b []byte) (rune, bool) {
	var n rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			n = n<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// appendText appends the text of a string's inside as written, and reports whether
// all of it was text: ill-formed bytes and halves of pairs become U+FFFD.
func appendText(dst, raw []byte, f flags) ([]byte, bool) {
	if !f.escaped {
		if !f.high || utf8.Valid(raw) {
			return append(dst, raw...), true
		}
		return appendValid(dst, raw), false
	}
	good := true
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			i = len(raw)
		}
		if f.high && !utf8.Valid(raw[:i]) {
			dst, good = appendValid(dst, raw[:i]), false
		} else {
			dst = append(dst, raw[:i]...)
		}
		if raw = raw[i:]; len(raw) == 0 {
			break
		}
		if raw[1] != 'u' {
			dst = append(dst, unescaped(raw[1]))
			raw = raw[2:]
			continue
		}
		c, _ := hex4(raw[2:])
		raw = raw[6:]
		if utf16.IsSurrogate(c) {
			pair := rune(utf8.RuneError)
			if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
				low, _ := hex4(raw[2:])
				pair = utf16.DecodeRune(c, low)
			}
			if c = pair; c == utf8.RuneError {
				good = false
			} else {
				raw = raw[6:]
			}
		}
		dst = utf8.AppendRune(dst, c)
	}
	return dst, good
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// appendValid appends text, each ill-formed byte as U+FFFD.
func appendValid(dst, raw []byte) []byte {
	for len(raw) > 0 {
		c, size := utf8.DecodeRune(raw)
		dst = utf8.AppendRune(dst, c)
		raw = raw[size:]
	}
	return dst
}

// appendQuoted appends text as a string of JSON.
func appendQuoted(dst, txt []byte) []byte {
	dst = append(dst, '"')
	for _, c := range txt {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// list reads the array that begins here into one cell: plain values joined, anything
// else as JSON. It reports whether all of it was text.
func (s *scanner) list(dst []byte) ([]byte, bool, error) {
	from := len(dst)
	plainOnly, good := true, true
	var err error
	if dst, err = s.compact(dst, &plainOnly, &good, from); err != nil || !plainOnly {
		return dst, good, err
	}
	s.scratch = append(s.scratch[:0], dst[from:]...)
	return joined(dst[:from], s.scratch), good, nil
}

// compact appends the value that begins here as JSON without spaces. plainOnly becomes
// false when it holds anything below its first level.
func (s *scanner) compact(dst []byte, plainOnly, good *bool, from int) ([]byte, error) {
	if len(dst)-from > tabular.MaxCell {
		return dst, fault("cell_too_long", s.offset())
	}
	c, err := s.peek()
	if err != nil {
		return dst, err
	}
	switch c {
	case '{', '[':
		if c == '{' || len(dst) > from {
			*plainOnly = false
		}
		return s.compactInside(dst, c, plainOnly, good, from)
	case '"':
		raw, f, err := s.str()
		if err != nil {
			return dst, err
		}
		return appendString(dst, raw, f, good), nil
	case 't', 'f', 'n':
		w, err := s.word()
		return append(dst, w...), err
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		raw, err := s.number()
		return append(dst, raw...), err
	}
	return dst, s.unexpected(c)
}

// compactInside is compact for an object or array.
func (s *scanner) compactInside(dst []byte, open byte, plainOnly, good *bool, from int) ([]byte, error) {
	if err := s.enter(); err != nil {
		return dst, err
	}
	step := s.element
	if open == '{' {
		step = s.member
	}
	dst = append(dst, open)
	for first := true; ; first = false {
		more, err := step(first)
		if err != nil {
			return dst, err
		}
		if !more {
			return append(dst, open+2), nil // ']' and '}' stand two behind '[' and '{'
		}
		if !first {
			dst = append(dst, ',')
		}
		if open == '{' {
			dst = append(appendString(dst, s.key, s.keyFlags, good), ':')
		}
		if dst, err = s.compact(dst, plainOnly, good, from); err != nil {
			return dst, err
		}
	}
}

// appendString appends a string that was read as a string of JSON.
func appendString(dst, raw []byte, f flags, good *bool) []byte {
	if !f.escaped && !f.high {
		dst = append(dst, '"')
		dst = append(dst, raw...)
		return append(dst, '"')
	}
	txt, ok := appendText(nil, raw, f)
	*good = *good && ok
	return appendQuoted(dst, txt)
}

// joined appends the plain values of a compact array, joined by "; ".
func joined(dst, list []byte) []byte {
	written := false
	for at := 1; at < len(list)-1; at++ {
		from := at
		if list[at] == '"' {
			f := flags{}
			for at++; list[at] != '"'; at++ {
				if list[at] == '\\' {
					f.escaped = true
					at++
				}
			}
			if written {
				dst = append(dst, "; "...)
			}
			written = true
			dst, _ = appendText(dst, list[from+1:at], f)
			at++
			continue
		}
		for at < len(list)-1 && list[at] != ',' {
			at++
		}
		if string(list[from:at]) == "null" {
			continue
		}
		if written {
			dst = append(dst, "; "...)
		}
		written = true
		dst = append(dst, list[from:at]...)
	}
	return dst
}
