package leaving

import (
	"bytes"
	"fmt"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/wording"
)

// Rows are those of a result, with a word for what is put together.
func Rows(l *i18n.Printer, r reckon.Result) [][]tabular.Cell {
	w := wording.Writer{L: l, Result: r}
	out := make([][]tabular.Cell, len(r.Rows))
	for i, row := range r.Rows {
		out[i] = make([]tabular.Cell, len(row))
		for k, cell := range row {
			if out[i][k] = cell; cell == reckon.Other {
				out[i][k] = tabular.Cell{Text: w.Cell(r.Columns[k], cell)}
			}
		}
	}
	return out
}

// numbers writes rows as CSV, as all tables leave Plaza.
func numbers(columns []reckon.Column, rows [][]tabular.Cell) ([]byte, error) {
	heads := make([]tabular.Column, len(columns))
	for i, c := range columns {
		heads[i] = tabular.Column{Name: c.Name, Type: c.Type}
	}
	var b bytes.Buffer
	w, err := form.New(child.CSV, &b, nil, heads, false)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return nil, fmt.Errorf("writing the numbers of a view: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("writing the numbers of a view: %w", err)
	}
	return b.Bytes(), nil
}
