package tree

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"plaza/internal/base/tabular"
)

// text is a file seen as UTF-8. Offsets in it are those of the file behind its byte
// order mark when it is UTF-8 already; otherwise place finds the file's own.
type text struct {
	path     string
	size     int64
	skip     int64 // bytes of the byte order mark
	name     string
	unsure   bool
	encoding encoding.Encoding // nil: UTF-8
	// Characters beyond ASCII that are UTF-8 and bytes that are not, as far as it was
	// looked; looking stops once both were seen.
	good, bad int64
}

// sniffed is how much of a file without a mark is looked at for its encoding.
const sniffed = 64 << 20

// newText says in which encoding a file is, by its mark or by its bytes.
func newText(ctx context.Context, path string) (*text, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	about, err := f.Stat()
	if err != nil {
		return nil, err
	}
	t := &text{path: path, size: about.Size(), name: "utf-8"}
	head := make([]byte, 4)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		t.skip = 3
		return t, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		t.skip = 2
		t.use("utf-16le")
		return t, nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		t.skip = 2
		t.use("utf-16be")
		return t, nil
	case n == 4 && head[0] != 0 && head[1] == 0 && head[3] == 0:
		t.use("utf-16le")
		return t, nil
	case n == 4 && head[0] == 0 && head[1] != 0 && head[2] == 0:
		t.use("utf-16be")
		return t, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if t.good, t.bad, err = countUTF8(ctx, io.LimitReader(f, sniffed)); err != nil {
		return nil, err
	}
	if t.bad > 0 && t.good == 0 {
		t.use("windows-1252")
		t.unsure = true
	}
	return t, nil
}

// use reads the file in an encoding by its name; an unknown one is refused.
func (t *text) use(name string) bool {
	known := map[string]encoding.Encoding{
		"utf-8":        nil,
		"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"windows-1252": charmap.Windows1252,
		"iso-8859-1":   charmap.ISO8859_1,
		"iso-8859-15":  charmap.ISO8859_15,
		"cp850":        charmap.CodePage850,
		"macroman":     charmap.Macintosh,
	}
	enc, ok := known[name]
	if ok {
		t.name, t.encoding, t.unsure = name, enc, false
	}
	return ok
}

// layout is what a table's Layout says of the text.
func (t *text) layout(path string) tabular.Layout {
	l := tabular.Layout{Encoding: t.name, BOM: t.skip > 0, Path: path}
	if t.unsure {
		l.Unsure = []string{"encoding"}
	}
	return l
}

// stream is a text that is being read.
type stream struct {
	io.Reader
	io.Closer
}

// open reads the text from an offset on. A text that is not UTF-8 is read from its
// beginning, since where a character lies is known by counting alone.
func (t *text) open(offset int64) (*stream, error) {
	f, err := os.Open(t.path)
	if err != nil {
		return nil, err
	}
	at := t.skip
	if t.encoding == nil {
		at += offset
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		f.Close()
		return nil, err
	}
	if t.encoding == nil {
		return &stream{f, f}, nil
	}
	r := t.encoding.NewDecoder().Reader(f)
	if _, err := io.CopyN(io.Discard, r, offset); err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return nil, err
	}
	return &stream{r, f}, nil
}

// place turns a fault at an offset of the text into one of the file: its byte, and its
// line. Other errors stay as they are.
func (t *text) place(err error) error {
	var f *tabular.Fault
	if !errors.As(err, &f) || f.Byte < 0 || f.Line > 0 {
		return err
	}
	s, failed := t.open(0)
	if failed != nil {
		return err
	}
	defer s.Close()
	line, units, offset := int64(1), int64(0), f.Byte
	buf := make([]byte, 64<<10)
	for left := offset; left > 0; {
		n, failed := s.Read(buf[:min(int64(len(buf)), left)])
		line += int64(bytes.Count(buf[:n], []byte{'\n'}))
		units += t.units(buf[:n])
		left -= int64(n)
		if failed != nil {
			break
		}
	}
	placed := *f
	placed.Line, placed.Byte = line, t.skip+units
	return &placed
}

// units is how many bytes of the file some bytes of the text took.
func (t *text) units(b []byte) int64 {
	if t.encoding == nil {
		return int64(len(b))
	}
	n, wide := int64(0), t.name == "utf-16le" || t.name == "utf-16be"
	for _, c := range b {
		switch {
		case utf8.RuneStart(c) && wide && c >= 0xf0:
			n += 4
		case utf8.RuneStart(c) && wide:
			n += 2
		case utf8.RuneStart(c):
			n++
		}
	}
	return n
}

// countUTF8 counts the characters beyond ASCII that are whole and the bytes that are
// part of none. It stops when it has seen both.
func countUTF8(ctx context.Context, r io.Reader) (good, bad int64, err error) {
	buf := make([]byte, 256<<10)
	kept := 0
	for {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		n, failed := r.Read(buf[kept:])
		data := buf[:kept+n]
		end := len(data)
		if failed == nil {
			end = wholeUTF8(data)
		}
		for i := 0; i < end; {
			if data[i] < utf8.RuneSelf {
				i++
				continue
			}
			c, size := utf8.DecodeRune(data[i:end])
			if c == utf8.RuneError && size == 1 {
				bad++
			} else {
				good++
			}
			i += size
		}
		kept = copy(buf, data[end:])
		if failed != nil || good > 0 && bad > 0 {
			if errors.Is(failed, io.EOF) {
				failed = nil
			}
			return good, bad, failed
		}
	}
}

// wholeUTF8 is the length of b without a character that it cuts.
func wholeUTF8(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}
