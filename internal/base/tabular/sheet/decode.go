package sheet

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// decode appends text with its entities replaced and its line ends made one. Bytes
// that are not UTF-8 become the replacement character.
func decode(dst, text []byte) []byte {
	if bytes.IndexByte(text, '&') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return appendValid(dst, text)
	}
	for i := 0; i < len(text); {
		switch text[i] {
		case '&':
			r, n := entity(text[i:])
			if n == 0 {
				dst, n = append(dst, '&'), 1
			} else {
				dst = utf8.AppendRune(dst, r)
			}
			i += n
		case '\r':
			dst = append(dst, '\n')
			if i++; i < len(text) && text[i] == '\n' {
				i++
			}
		default:
			j := i + 1
			for j < len(text) && text[j] != '&' && text[j] != '\r' {
				j++
			}
			dst = appendValid(dst, text[i:j])
			i = j
		}
	}
	return dst
}

func appendValid(dst, text []byte) []byte {
	if utf8.Valid(text) {
		return append(dst, text...)
	}
	return append(dst, bytes.ToValidUTF8(text, []byte("\uFFFD"))...)
}

// entity is the character that text, which begins with &, stands for, and how many
// bytes it takes; 0 when it is none that XML knows by itself.
func entity(text []byte) (rune, int) {
	end := bytes.IndexByte(text[:min(len(text), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	switch name := string(text[1:end]); name {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	default:
		if name[0] != '#' || len(name) < 2 {
			return 0, 0
		}
		base, digits := 10, name[1:]
		if digits[0] == 'x' || digits[0] == 'X' {
			base, digits = 16, digits[1:]
		}
		n, err := strconv.ParseUint(digits, base, 32)
		if err != nil || n == 0 || n > utf8.MaxRune || n >= 0xD800 && n < 0xE000 {
			return 0, 0
		}
		return rune(n), end + 1
	}
}
