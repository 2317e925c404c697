package dcat

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// plainText takes a byte order mark off and turns UTF-16 into UTF-8. What is left
// may still hold Latin-1 bytes: utf8Text settles those record by record, because a
// stream cannot be read twice.
func plainText(r *bufio.Reader, rep *report) (*bufio.Reader, error) {
	head, err := r.Peek(4)
	if err != nil && err != io.EOF {
		return nil, readError(err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		rep.add(ByteOrderMark, "", "", true)
		_, err = r.Discard(3) // cannot fail: the bytes were peeked
		return r, err
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), len(head) > 1 && head[0] != 0 && head[1] == 0:
		return fromUTF16(r, unicode.LittleEndian, rep), nil
	case bytes.HasPrefix(head, []byte("\xFE\xFF")), len(head) > 1 && head[0] == 0 && head[1] != 0:
		return fromUTF16(r, unicode.BigEndian, rep), nil
	}
	return r, nil
}

func fromUTF16(r io.Reader, order unicode.Endianness, rep *report) *bufio.Reader {
	rep.add(EncodingUTF16, "", "UTF-16", true)
	return newBuffered(unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(r))
}

// utf8Text returns raw as UTF-8. Text without a single well-formed sequence of
// UTF-8 is Windows-1252 (Latin-1 with the printable characters in the gap), which
// is said once for the document. In text that mixes both, stray bytes are
// Windows-1252 except those that a sequence cut in two leaves behind, which nobody
// can restore.
func utf8Text(raw []byte, doc, rec *report) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	if !hasSequence(raw) {
		doc.once(EncodingLatin1, "", "Windows-1252", true)
		s, err := charmap.Windows1252.NewDecoder().Bytes(raw)
		if err != nil { // the decoder maps every byte: only its interface has an error
			return strings.ToValidUTF8(string(raw), "�")
		}
		return string(s)
	}
	rec.add(EncodingMixed, "", "", true)
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

func newBuffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 64<<10) }
