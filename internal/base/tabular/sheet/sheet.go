// Package sheet reads the tables of spreadsheets: Excel's (XLSX, and XLSM without its
// macros) and OpenDocument's (ODS). Each visible sheet that holds a table is one
// Source. It unpacks and scans the XML itself, as a stream, because a library that
// builds cells is twenty times slower than a conversion may be.
//
// A sheet is gone through once, when it is opened, to see its shape: where blank rows and
// columns part tables, where the names lie, which cells are merged, what stands under
// the last row. Its rows are kept on disk meanwhile, and Reader reads the chosen table's
// from there.
//
// Cells become text: what the sheet shows where that says more than the number (days,
// times, percent, money, codes with zeros), without noise of binary fractions. Formulas
// give the value that was stored with them; nothing is evaluated, no macro is read.
package sheet

import (
	"context"
	"path"

	"plaza/internal/base/tabular"
)

// Widths of sheets.
const (
	maxSheetColumns = 16384
	maxSheetRows    = 1 << 26  // numbers of rows; what lies behind is a trap
	maxMerged       = 20_000   // merged cells that are kept
	maxRowBytes     = 64 << 20 // text of one row
	maxHeadCell     = 4 * tabular.MaxName
)

// kind is what a sheet says of a cell's value.
type kind uint8

const (
	text kind = iota
	numeric
)

// cell is one cell with a value. Its text is good until the next row.
type cell struct {
	col    int // from 0
	kind   kind
	text   []byte
	shared int // 1 + the number of its text among the workbook's shared ones; 0: it has its own
}

// merged is a merged cell: rows and columns from 1 and 0, the last ones included.
type merged struct {
	top, bottom int64
	left, right int
}

// grid gives the rows of a sheet that have a value, in their order.
type grid interface {
	// row gives the next row's number (from 1), how often it is repeated and its cells, in
	// order of their columns; io.EOF after the last.
	row() (line, repeat int64, cells []cell, err error)
	// merges are those that are known by now; complete after io.EOF.
	merges() []merged
	// progress is how many bytes of the member were read.
	progress() int64
}

// sheet is what is read of a workbook as one table.
type sheet struct {
	name, format string
	part         string // of the workbook
	grid         grid   // stands at its start
	shared       *texts // of the workbook, nil for none
}

// source makes the Source of a sheet; nil when it holds no table.
func (s sheet) source(ctx context.Context, f tabular.File) (*tabular.Source, error) {
	plan, rows, err := s.spool(ctx, f)
	if err != nil {
		return nil, named(err, s.name)
	}
	if plan == nil {
		return nil, nil
	}
	return &tabular.Source{
		Name:     s.name,
		Format:   s.format,
		Labels:   plan.labels,
		Layout:   plan.layout,
		Bytes:    rows.bytes,
		Problems: plan.problems,
		Open: func(_ context.Context, read func(int64)) (tabular.Reader, error) {
			r, err := rows.open()
			if err != nil {
				return nil, err
			}
			return newReader(plan, r, read), nil
		},
	}, nil
}

// spool goes through the sheet to see its shape, and keeps its rows; there is no plan
// when it holds no table.
func (s sheet) spool(ctx context.Context, f tabular.File) (p *plan, rows spool, err error) {
	g, err := spooled(s.grid, path.Base(s.part), f.Scratch)
	if err != nil {
		return nil, rows, err
	}
	defer func() {
		var errEnd error
		if rows, errEnd = g.end(s.shared, p != nil && err == nil); err == nil {
			err = errEnd
		}
	}()
	fix := f.Correction(s.name)
	shape, err := measure(ctx, g, fix)
	if err != nil {
		return nil, rows, err
	}
	if p = shape.plan(g.merges(), fix); p != nil && len(p.columns) > tabular.MaxColumns {
		return nil, rows, fault("sheet_columns", nil, "n", len(p.columns), "max", tabular.MaxColumns)
	}
	return p, rows, nil
}

// named says in which sheet a fault is.
func named(err error, table string) error {
	if known, ok := err.(*tabular.Fault); ok && known.Table == "" {
		known.Table = table
	}
	return err
}

// texts of a row of cells, as package header wants them.
func textsOf(cells []cell) []string {
	var row []string
	for _, c := range cells {
		for len(row) <= c.col {
			row = append(row, "")
		}
		row[c.col] = string(clipRune(c.text, maxHeadCell))
	}
	return row
}
