package delimited

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decoder gives a file's text as UTF-8. It is a Reader for destinations of a few
// hundred bytes and more.
type decoder struct {
	raw   io.Reader
	table *table // nil: what is read is UTF-8 already
	mixed bool   // UTF-8 sequences stay
	nul   bool   // bytes 0 are dropped
	buf   []byte
	kept  int // bytes at the front of buf that wait for more
	err   error
}

// decoded is the text of raw, which begins behind the byte order mark.
func decoded(raw io.Reader, s *survey) io.Reader {
	if s.wide() {
		order := unicode.LittleEndian
		if s.encoding == utf16BE {
			order = unicode.BigEndian
		}
		return transform.NewReader(raw, unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder())
	}
	return &decoder{raw: raw, table: s.byteMode, mixed: s.mixed, nul: s.nul > 0}
}

// decodedAll is the text of a piece of the file.
func decodedAll(raw []byte, s *survey) []byte {
	out, err := io.ReadAll(decoded(bytes.NewReader(raw), s))
	if err != nil {
		return nil
	}
	return out
}

// Read decodes.
func (d *decoder) Read(p []byte) (int, error) {
	if d.table == nil {
		n, err := d.raw.Read(p)
		return d.drop(p[:n]), err
	}
	if d.buf == nil {
		d.buf = make([]byte, 64<<10)
	}
	room := min(len(d.buf), max(len(p)/3, 8))
	if d.err == nil && d.kept < room {
		n, err := d.raw.Read(d.buf[d.kept:room])
		d.kept += d.drop(d.buf[d.kept : d.kept+n])
		d.err = err
	}
	used, n := d.expand(p, d.buf[:d.kept])
	copy(d.buf, d.buf[used:d.kept])
	d.kept -= used
	if d.kept == 0 && d.err != nil {
		return n, d.err
	}
	return n, nil
}

// drop removes bytes 0 and says how many others there are.
func (d *decoder) drop(p []byte) int {
	if !d.nul || bytes.IndexByte(p, 0) < 0 {
		return len(p)
	}
	out := p[:0]
	for _, b := range p {
		if b != 0 {
			out = append(out, b)
		}
	}
	return len(out)
}

// expand writes the text of src to dst, and says how much of src that took and how
// many bytes it wrote.
func (d *decoder) expand(dst, src []byte) (used, n int) {
	for used < len(src) && n+3 <= len(dst) {
		const tops = 0x8080808080808080
		for used+8 <= len(src) && n+8 <= len(dst) {
			w := binary.LittleEndian.Uint64(src[used:])
			if w&tops != 0 {
				break
			}
			binary.LittleEndian.PutUint64(dst[n:], w)
			used, n = used+8, n+8
		}
		if used == len(src) || n+3 > len(dst) {
			break
		}
		b := src[used]
		if b < utf8.RuneSelf {
			dst[n] = b
			used, n = used+1, n+1
			continue
		}
		if d.mixed {
			rest := src[used:]
			if r, size := utf8.DecodeRune(rest); r != utf8.RuneError || size > 1 {
				if n+size > len(dst) {
					return used, n
				}
				n += copy(dst[n:], rest[:size])
				used += size
				continue
			}
			if len(rest) < 4 && d.err == nil && !utf8.FullRune(rest) {
				return used, n
			}
		}
		n += copy(dst[n:], d.table.text[b])
		used++
	}
	return used, n
}
