package inbox

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"plaza/internal/plaza"
)

// row is one row of a file as it was sent: its number there, and its cells.
type row struct {
	N     int
	Cells []string
}

// Limits of a file.
const (
	maxRows     = 20_000
	maxGap      = 50_000   // rows that are looked at, empty ones too
	maxColumns  = 60       // of a row: what lies beyond is not read
	maxCell     = 60_000   // bytes of a cell
	maxUnzipped = 64 << 20 // of a workbook
	maxEntries  = 1000     // of its archive
)

// unreadable is why a file cannot be read, at its field.
func unreadable(key string, args map[string]any) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "cases.error.form",
		Fields: []plaza.FieldError{{Field: "archivo", Key: "inbox.file." + key, Args: args}}}
}

// readSheet reads a workbook or a text of separated values, by what it is, not by its
// name. Of one that breaks off, what came before is returned, with broken as the number
// of the row at which it did, else 0.
func readSheet(body []byte) (rows []row, broken int, err error) {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, 0, unreadable("empty", nil)
	case bytes.HasPrefix(body, []byte("PK\x03\x04")):
		rows, err = readWorkbook(body)
		return rows, 0, err
	case bytes.HasPrefix(body, []byte{0xd0, 0xcf, 0x11, 0xe0}): // an old workbook, or an encrypted one
		return nil, 0, unreadable("old", nil)
	}
	return readSeparated(body)
}

// readWorkbook reads the first sheet of a workbook: the values as they were kept, nothing
// is computed.
func readWorkbook(body []byte) ([]row, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) > maxEntries {
		return nil, unreadable("broken", nil)
	}
	var size uint64
	for _, f := range z.File {
		if size += f.UncompressedSize64; f.UncompressedSize64 > maxUnzipped || size > maxUnzipped {
			return nil, unreadable("large", nil)
		}
	}
	// both limits are the same, so that no part is put aside in a file
	book, err := excelize.OpenReader(bytes.NewReader(body), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped, RawCellValue: true})
	if err != nil {
		return nil, unreadable("broken", nil)
	}
	defer book.Close()
	names := book.GetSheetList()
	if len(names) == 0 {
		return nil, unreadable("empty", nil)
	}
	lines, err := book.Rows(names[0])
	if err != nil {
		return nil, unreadable("broken", nil)
	}
	defer lines.Close()
	var out []row
	for n := 1; lines.Next(); n++ {
		cells, err := lines.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, unreadable("broken", nil)
		}
		if out, err = keep(out, n, cells); err != nil {
			return nil, err
		}
	}
	if lines.Error() != nil {
		return nil, unreadable("broken", nil)
	}
	return out, nil
}

// keep adds a row that is not empty; there can be too many.
func keep(out []row, n int, cells []string) ([]row, error) {
	if n > maxGap {
		return out, unreadable("rows", map[string]any{"max": maxRows})
	}
	cells = cells[:min(len(cells), maxColumns)]
	kept := make([]string, len(cells))
	something := false
	for i, c := range cells {
		c = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(c, "\ufffd"), "\x00", ""))
		if len(c) > maxCell {
			return out, unreadable("cell", map[string]any{"row": n, "column": i + 1})
		}
		kept[i], something = c, something || c != ""
	}
	if !something {
		return out, nil
	}
	if len(out) > maxRows { // the first one is the heads
		return out, unreadable("rows", map[string]any{"max": maxRows})
	}
	return append(out, row{n, kept}), nil
}

// readSeparated reads a text with a comma, a semicolon or a tab between its values, in
// UTF-8, UTF-16 or Windows-1252.
func readSeparated(body []byte) ([]row, int, error) {
	said, err := decoded(body)
	if err != nil {
		return nil, 0, err
	}
	r := csv.NewReader(strings.NewReader(said))
	r.FieldsPerRecord, r.Comma = -1, separator(said)
	var out []row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			if len(out) == 0 {
				return nil, 0, unreadable("quote", map[string]any{"row": bad.StartLine, "column": bad.Column})
			}
			return out, bad.StartLine, nil
		}
		if err != nil {
			return nil, 0, unreadable("broken", nil)
		}
		n, _ := r.FieldPos(0)
		// lines of a cell are rows of the file, so the limit of gaps does not hold here
		if out, err = keep(out, min(n, maxGap), cells); err != nil {
			return nil, 0, err
		}
		if len(out) > 0 && out[len(out)-1].N == maxGap {
			out[len(out)-1].N = n
		}
	}
	if len(out) == 0 {
		return nil, 0, unreadable("empty", nil)
	}
	return out, 0, nil
}

// decoded is a text as UTF-8.
func decoded(body []byte) (string, error) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		body = body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return wide(body[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return wide(body[2:], binary.BigEndian), nil
	}
	if utf8.Valid(body) {
		if bytes.IndexByte(body, 0) >= 0 {
			return "", unreadable("kind", nil)
		}
		return string(body), nil
	}
	if bytes.ContainsFunc(body, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' }) { // an image, a program
		return "", unreadable("kind", nil)
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(body)
	if err != nil {
		return "", unreadable("kind", nil)
	}
	return string(out), nil
}

// wide reads UTF-16.
func wide(body []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return string(utf16.Decode(units))
}

// separator is what stands between the values of the first line.
func separator(s string) rune {
	first, _, _ := strings.Cut(s, "\n")
	best, most := ',', 0
	for _, sep := range []rune{',', ';', '\t'} {
		n, inside := 0, false
		for _, r := range first {
			switch {
			case r == '"':
				inside = !inside
			case r == sep && !inside:
				n++
			}
		}
		if n > most {
			best, most = sep, n
		}
	}
	return best
}
