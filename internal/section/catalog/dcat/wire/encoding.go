package wire

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The codes of what is noted about a text. They are among dcat.Codes.
const (
	ByteOrderMark  = "byte_order_mark"
	EncodingLatin1 = "encoding_latin1"
	EncodingUTF16  = "encoding_utf16"
	EncodingMixed  = "encoding_mixed"
	TrailingData   = "trailing_data"
)

// Note is told of something unusual in a text: its code, what stood there, and
// whether nothing was lost by it.
type Note func(code, value string, repaired bool)

// Decode takes a byte order mark off and turns UTF-16 into UTF-8. What is left
// may still hold Latin-1 bytes: UTF8 settles those record by record, because a
// stream cannot be read twice.
func Decode(r *bufio.Reader, note Note) (*bufio.Reader, error) {
	head, err := r.Peek(4)
	if err != nil && err != io.EOF {
		return nil, ReadError(err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		note(ByteOrderMark, "", true)
		_, err = r.Discard(3) // cannot fail: the bytes were peeked
		return r, err
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), len(head) > 1 && head[0] != 0 && head[1] == 0:
		return fromUTF16(r, unicode.LittleEndian, note), nil
	case bytes.HasPrefix(head, []byte("\xFE\xFF")), len(head) > 1 && head[0] == 0 && head[1] != 0:
		return fromUTF16(r, unicode.BigEndian, note), nil
	}
	return r, nil
}

func fromUTF16(r io.Reader, order unicode.Endianness, note Note) *bufio.Reader {
	note(EncodingUTF16, "UTF-16", true)
	return Buffered(unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(r))
}

// UTF8 returns raw as UTF-8. Text without a single well-formed sequence of
// UTF-8 is Windows-1252 (Latin-1 with the printable characters in the gap), which
// is said once for the document. In text that mixes both, stray bytes are
// Windows-1252 except those that a sequence cut in two leaves behind, which nobody
// can restore.
func UTF8(raw []byte, once, note Note) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	if !hasSequence(raw) {
		once(EncodingLatin1, "Windows-1252", true)
		s, err := charmap.Windows1252.NewDecoder().Bytes(raw)
		if err != nil { // the decoder maps every byte: only its interface has an error
			return strings.ToValidUTF8(string(raw), "�")
		}
		return string(s)
	}
	note(EncodingMixed, "", true)
	var b strings.Builder
	b.Grow(len(raw) + 64)
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r == utf8.RuneError && n == 1 && raw[0] > 0xC3 {
			r = charmap.Windows1252.DecodeByte(raw[0])
		}
		b.WriteRune(r)
		raw = raw[n:]
	}
	return b.String()
}

// hasSequence reports whether raw holds a well-formed sequence of two or more bytes.
func hasSequence(raw []byte) bool {
	for i := 0; i < len(raw); {
		if raw[i] < utf8.RuneSelf {
			i++
			continue
		}
		if r, n := utf8.DecodeRune(raw[i:]); r != utf8.RuneError || n > 1 {
			return true
		}
		i++
	}
	return false
}

// Buffered is r with room to look ahead, as Decode and NewScanner want it.
func Buffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 64<<10) }
