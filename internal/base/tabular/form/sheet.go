package form

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// What a sheet holds, and the digits that its numbers keep.
const (
	sheetRows   = excelize.TotalRows
	sheetCols   = excelize.MaxColumns
	sheetText   = excelize.TotalCellChars // UTF-16 units of a cell
	sheetDigits = 15
)

// sheet writes XLSX: the rows in one sheet, what is known of them in another. Texts are
// cells of text: none is a formula, and "0012" stays "0012".
type sheet struct {
	w       io.Writer
	about   map[string]string
	columns []tabular.Column
	say     *i18n.Printer
	book    *excelize.File
	out     *excelize.StreamWriter
	styles  map[tabular.Type]int
	cells   []any
	most    int // rows of a sheet
	row     int // last one written
	full    bool
	clipped int64 // texts that were cut
}

// sentences are this package's own: a worker has no others.
var sentences = sync.OnceValues(func() (*i18n.Bundle, error) { return i18n.New(Locale) })

func newSheet(w io.Writer, about map[string]string, columns []tabular.Column) (*sheet, error) {
	if len(columns) > sheetCols {
		return nil, &plaza.Error{Kind: plaza.Invalid, Key: "form.xlsx.columns", Args: map[string]any{"max": sheetCols}}
	}
	bundle, err := sentences()
	if err != nil {
		return nil, err
	}
	s := &sheet{w: w, about: about, columns: columns, say: bundle.Printer(cmp.Or(about[Language], "es")), book: excelize.NewFile(), most: sheetRows}
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, s.book.Close())
	}
	return s, nil
}

// begin writes the row of names.
func (s *sheet) begin() error {
	name := s.say.T("form.sheet.rows")
	if err := s.book.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	s.styles = map[tabular.Type]int{}
	for t, format := range map[tabular.Type]string{tabular.Date: "yyyy-mm-dd", tabular.DateTime: "yyyy-mm-dd hh:mm:ss"} {
		id, err := s.book.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			return err
		}
		s.styles[t] = id
	}
	bold, err := s.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if s.out, err = s.book.NewStreamWriter(name); err != nil {
		return err
	}
	panes := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := s.out.SetPanes(panes); err != nil {
		return err
	}
	s.cells = make([]any, len(s.columns))
	for i, c := range s.columns {
		s.cells[i] = excelize.Cell{StyleID: bold, Value: s.clip(c.Name)}
	}
	s.row = 1
	return s.out.SetRow("A1", s.cells)
}

// Write writes a row of the sheet, ErrFull when there is none left.
func (s *sheet) Write(row []tabular.Cell) error {
	if s.row >= s.most {
		s.full = true
		return ErrFull
	}
	for i, c := range row {
		s.cells[i] = s.cell(c, s.columns[i].Type)
	}
	s.row++
	return s.out.SetRow("A"+strconv.Itoa(s.row), s.cells)
}

// epoch is the first day that every program shows alike: before, Excel counts a day that
// there never was.
var epoch = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)

func (s *sheet) cell(c tabular.Cell, t tabular.Type) any {
	switch {
	case c.Null:
		return nil
	case c.Odd:
	case t == tabular.Boolean:
		return c.Text == "true"
	case t.Number():
		if v, err := strconv.ParseFloat(c.Text, 64); err == nil && exactInSheet(c.Text) && !math.IsInf(v, 0) {
			return v
		}
	case t == tabular.Date || t == tabular.DateTime:
		layout := map[tabular.Type]string{tabular.Date: time.DateOnly, tabular.DateTime: "2006-01-02T15:04:05.999999"}[t]
		// a fraction of a second would be rounded away by some programs
		if at, err := time.Parse(layout, c.Text); err == nil && !at.Before(epoch) && at.Nanosecond() == 0 {
			return excelize.Cell{StyleID: s.styles[t], Value: at}
		}
	}
	return s.clip(c.Text)
}

// exactInSheet reports whether a whole number keeps its digits in a sheet. Fractions
// are measured, and lose theirs at the sixteenth everywhere.
func exactInSheet(s string) bool {
	digits := strings.TrimLeft(s, "-0")
	return strings.ContainsAny(s, ".eE") || len(digits) <= sheetDigits
}

// clip cuts a text to what a cell holds.
func (s *sheet) clip(text string) string {
	if len(text) <= sheetText || utf8.RuneCountInString(text) <= sheetText/2 {
		return text
	}
	n := 0
	for i, r := range text {
		if n += utf16.RuneLen(r); n > sheetText {
			s.clipped++
			return text[:i]
		}
	}
	return text
}

// Truncated reports whether rows or texts are missing.
func (s *sheet) Truncated() bool { return s.full || s.clipped > 0 }

// Close writes the sheet about the file, and all of it to its writer.
func (s *sheet) Close() error {
	return errors.Join(s.finish(), s.book.Close())
}

func (s *sheet) finish() error {
	if err := s.out.Flush(); err != nil {
		return err
	}
	name := s.say.T("form.sheet.about")
	if _, err := s.book.NewSheet(name); err != nil {
		return err
	}
	row := 0
	line := func(label, text string) error {
		row++
		// notes are no data: what is cut here does not make the file incomplete
		clipped := s.clipped
		text = s.clip(text)
		s.clipped = clipped
		return s.book.SetSheetRow(name, "A"+strconv.Itoa(row), &[]any{label, text})
	}
	for _, key := range keys(s.about) {
		label := key
		if k := "form.about." + key; s.say.Has(k) {
			label = s.say.T(k)
		}
		if err := line(label, s.about[key]); err != nil {
			return err
		}
	}
	if s.full {
		if err := line(s.say.T("form.note"), s.say.T("form.xlsx.rows", "max", s.most-1)); err != nil {
			return err
		}
	}
	if s.clipped > 0 {
		if err := line(s.say.T("form.note"), s.say.T("form.xlsx.text", "count", s.clipped, "max", sheetText)); err != nil {
			return err
		}
	}
	if err := s.book.SetColWidth(name, "A", "B", 30); err != nil {
		return err
	}
	return s.book.Write(s.w)
}

// keys are what is said of a file: what is known everywhere first, in its order.
func keys(about map[string]string) []string {
	var out []string
	for _, k := range []string{Institution, Dataset, Table, Origin, Address, Date, Licence, Filter} {
		if about[k] != "" {
			out = append(out, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(about)) {
		if !slices.Contains(out, k) && k != Language && about[k] != "" {
			out = append(out, k)
		}
	}
	return out
}
