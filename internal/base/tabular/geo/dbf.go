package geo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/tabular"
)

// dbf is a table of attributes in dBASE's form, row beside row with the shapes.
type dbf struct {
	file    *os.File
	in      *bufio.Reader
	fields  []field
	header  int64
	size    int // bytes of a record
	record  []byte
	charset string
	unsure  bool
	decoder *encoding.Decoder // nil for UTF-8
}

type field struct {
	name      string
	kind      byte // C, N, F, D, L; I, B, Y and T of FoxPro
	from, len int
}

// charsets are the names that .cpg files and the byte in a header stand for.
var charsets = map[string]*charmap.Charmap{
	"windows-1252": charmap.Windows1252, "iso-8859-1": charmap.ISO8859_1, "cp850": charmap.CodePage850, "cp437": charmap.CodePage437, "macroman": charmap.Macintosh,
}

// openDBF opens the table; cpg is what the file beside it says of its text.
func openDBF(path, cpg string) (*dbf, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	d := &dbf{file: file, in: bufio.NewReaderSize(file, 64<<10)}
	if err := d.begin(cpg); err != nil {
		file.Close()
		return nil, err
	}
	return d, nil
}

func (d *dbf) begin(cpg string) error {
	head := make([]byte, 32)
	if _, err := io.ReadFull(d.in, head); err != nil {
		return fault(faultBroken, 0, 0, err)
	}
	d.header, d.size = int64(binary.LittleEndian.Uint16(head[8:])), int(binary.LittleEndian.Uint16(head[10:]))
	if d.header < 33 || d.size < 1 {
		return fault(faultBroken, 8, 0, errUnreadable)
	}
	rest := make([]byte, d.header-32)
	if _, err := io.ReadFull(d.in, rest); err != nil {
		return fault(faultBroken, 32, 0, err)
	}
	from := 1 // after the mark of deletion
	var names [][]byte
	for ; len(rest) >= 32 && rest[0] != 0x0d; rest = rest[32:] {
		f := field{kind: rest[11], from: from, len: int(rest[16])}
		if f.kind == 'C' { // longer texts keep their length's upper byte where decimals are
			f.len += int(rest[17]) << 8
		}
		if from += f.len; from > d.size {
			return fault(faultBroken, d.header-int64(len(rest)), 0, errUnreadable)
		}
		name, _, _ := bytes.Cut(rest[:11], []byte{0})
		d.fields, names = append(d.fields, f), append(names, name)
	}
	d.record = make([]byte, d.size)
	if err := d.settleCharset(cpg, head[29], names); err != nil {
		return err
	}
	for i, name := range names {
		d.fields[i].name = d.text(name)
	}
	_, err := d.file.Seek(d.header, io.SeekStart)
	d.in.Reset(d.file)
	return err
}

// settleCharset decides how text is written: as the .cpg says, unless the text belies
// it, else as the text itself shows, since the header's byte is what a program was set to
// and not what it wrote.
func (d *dbf) settleCharset(cpg string, mark byte, names [][]byte) error {
	sample := bytes.Join(names, nil)
	more := make([]byte, 4<<20)
	n, err := io.ReadFull(d.in, more)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	sample = append(sample, more[:n/d.size*d.size]...)
	if d.charset = spelled(cpg); d.charset == "" || d.charset == "utf-8" && !inUTF8(sample) {
		d.charset, d.unsure = guessed(sample, mark)
	}
	if m := charsets[d.charset]; m != nil {
		d.decoder = m.NewDecoder()
	}
	return nil
}

// spelled is the character set that a .cpg names, "" when it names none we know.
func spelled(cpg string) string {
	name := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToUpper(strings.Trim(cpg, " \t\r\n\x00\uFEFF")))
	switch strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "ANSI"), "OEM"), "CP") {
	case "UTF8", "65001":
		return "utf-8"
	case "1252", "WINDOWS1252":
		return "windows-1252"
	case "88591", "ISO88591", "LATIN1", "28591", "819":
		return "iso-8859-1"
	case "850", "IBM850":
		return "cp850"
	case "437", "IBM437":
		return "cp437"
	case "10000", "MACINTOSH", "MACROMAN":
		return "macroman"
	}
	return ""
}

// inUTF8 reports whether what is not ASCII in a text is UTF-8. A field's end may cut a
// letter in two, so not all of it need be.
func inUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		i += size
	}
	return good >= bad
}

// guessed is the character set of text, and whether another would read as well.
func guessed(b []byte, mark byte) (string, bool) {
	if inUTF8(b) {
		return "utf-8", false
	}
	ansi, dos := 0, 0
	for _, ch := range b {
		switch ch {
		case 0xe1, 0xe9, 0xed, 0xf3, 0xfa, 0xf1, 0xd1, 0xc1, 0xc9, 0xcd, 0xd3, 0xda, 0xfc:
			ansi++
		case 0xa0, 0x82, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xb5, 0x90, 0xd6, 0xe0, 0x81:
			dos++
		}
	}
	if ansi == dos {
		if mark == 1 || mark == 2 {
			return "cp850", true
		}
		return "windows-1252", true
	}
	if dos > ansi {
		return "cp850", true
	}
	return "windows-1252", true
}

// next reads a record. It is false at the end of the table, which is where its bytes
// end: counts in headers lie.
func (d *dbf) next() (deleted, ok bool, err error) {
	n, err := io.ReadFull(d.in, d.record)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		if n < d.size-1 || n == 0 || d.record[0] == 0x1a { // some writers leave out the last byte
			return false, false, nil
		}
		d.record[d.size-1] = ' '
		err = nil
	}
	if d.record[0] == 0x1a {
		return false, false, nil
	}
	return d.record[0] == '*', err == nil, err
}

func (d *dbf) text(b []byte) string {
	b = bytes.TrimRight(b, " \x00")
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if d.decoder != nil && !ascii(b) {
		if out, err := d.decoder.Bytes(b); err == nil {
			return string(out)
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

func ascii(b []byte) bool {
	for _, ch := range b {
		if ch >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// add adds the cells of the record to a batch; dates are ISO's, booleans true and false.
func (d *dbf) add(b *tabular.Batch) {
	for _, f := range d.fields {
		cell := d.record[f.from : f.from+f.len]
		switch f.kind {
		case 'C':
			b.AddString(d.text(cell))
		case 'D':
			b.AddString(date(cell))
		case 'L':
			b.AddString(logical(cell))
		case 'I', 'B', 'Y', 'T':
			b.AddString(binaryCell(f.kind, cell))
		case 'M', 'G', 'P', 'W', '0': // where something lies in another file; marks of nulls
			b.Add(nil)
		default:
			cell = bytes.Trim(cell, " \x00")
			if len(cell) > 0 && cell[0] == '*' { // a number that did not fit
				cell = nil
			}
			b.AddString(d.text(cell))
		}
	}
}

// binaryCell is the text of a field that FoxPro does not write as text; "" for one that
// has another length than its kind has.
func binaryCell(kind byte, cell []byte) string {
	switch {
	case kind == 'I' && len(cell) == 4:
		return strconv.Itoa(int(int32(binary.LittleEndian.Uint32(cell))))
	case len(cell) != 8:
		return ""
	}
	n := binary.LittleEndian.Uint64(cell)
	switch kind {
	case 'B':
		return strconv.FormatFloat(math.Float64frombits(n), 'f', -1, 64)
	case 'Y': // money, in ten-thousandths
		return strconv.FormatFloat(float64(int64(n))/1e4, 'f', -1, 64)
	case 'T': // Julian day and milliseconds
		const unixDay = 2440588
		day, millis := int64(uint32(n)), int64(n>>32)
		if day == 0 {
			return ""
		}
		return time.UnixMilli((day-unixDay)*86_400_000 + millis).UTC().Format("2006-01-02T15:04:05.999")
	}
	return ""
}

func date(cell []byte) string {
	s := strings.Trim(string(cell), " \x00")
	if len(s) != 8 || strings.Trim(s, "0123456789") != "" {
		return strings.ToValidUTF8(s, "")
	}
	if s == "00000000" {
		return ""
	}
	return s[:4] + "-" + s[4:6] + "-" + s[6:]
}

func logical(cell []byte) string {
	switch s := strings.Trim(string(cell), " \x00?"); s {
	case "T", "t", "Y", "y", "S", "s":
		return "true"
	case "F", "f", "N", "n":
		return "false"
	default:
		return strings.ToValidUTF8(s, "")
	}
}

// types are those that the fields state.
func (d *dbf) types() []tabular.Type {
	out := make([]tabular.Type, len(d.fields))
	for i, f := range d.fields {
		switch f.kind {
		case 'D':
			out[i] = tabular.Date
		case 'L':
			out[i] = tabular.Boolean
		case 'T':
			out[i] = tabular.DateTime
		}
	}
	return out
}
