package exploreapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
)

// leaf is rows to be written in one of the forms.
type leaf struct {
	about   map[string]string
	columns []tabular.Column
	rows    [][]tabular.Cell
	numbers []int64 // of the rows; nil for groups
	odd     bool    // the table has cells that do not fit their column's type
}

// leafOf is a page of rows.
func leafOf(l *looked, columns []tabular.Column, page tabular.Page) leaf {
	return leaf{about: l.about(), columns: columns, rows: page.Rows, numbers: page.Numbers,
		odd: slices.ContainsFunc(columns, func(c tabular.Column) bool { return c.Odd > 0 })}
}

// about is what a file says of where it comes from.
func (l *looked) about() map[string]string {
	r, v := l.view.Resource, l.view.Version
	return map[string]string{form.Origin: v.URL, form.Dataset: r.Slug, form.Table: l.ref.Name, form.Date: v.Fetched.UTC().Format(time.DateOnly),
		form.Licence: r.License, "resource": r.ID, "version": strconv.Itoa(v.Number)}
}

// written writes rows in a form; head is what JSON says before them.
func written(f api.Form, l leaf, head any) ([]byte, error) {
	if f == api.JSON {
		return l.json(head)
	}
	return l.file(child.Form(f.Name))
}

// json writes the head and, as its last member, the rows: objects with a member for each
// column. What does not fit its column's type is null, and its text stands in ColumnOdd.
func (l leaf) json(head any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(head); err != nil {
		return nil, fmt.Errorf("writing an answer: %w", err)
	}
	raw := bytes.TrimSuffix(bytes.TrimSpace(out.Bytes()), []byte("}"))
	raw = append(raw, `,"rows":[`...)
	names := make([][]byte, len(l.columns))
	for i, c := range l.columns {
		names[i] = append(form.AppendText(nil, c.Name), ':')
	}
	for i, row := range l.rows {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = append(raw, '\n', '{')
		if l.numbers != nil {
			raw = strconv.AppendInt(append(raw, `"`+tabular.ColumnRow+`":`...), l.numbers[i], 10)
		}
		raw = l.object(raw, row, names, l.numbers != nil)
	}
	return append(raw, "\n]}\n"...), nil
}

// object ends the object of a row; began says that it has a member already.
func (l leaf) object(raw []byte, row []tabular.Cell, names [][]byte, began bool) []byte {
	odd := false
	for i, cell := range row {
		if i > 0 || began {
			raw = append(raw, ',')
		}
		raw = append(raw, names[i]...)
		odd = odd || cell.Odd
		raw = form.AppendValue(raw, tabular.Cell{Text: cell.Text, Null: cell.Null || cell.Odd}, l.columns[i].Type)
	}
	if !odd {
		return append(raw, '}')
	}
	raw = append(raw, `,"`+tabular.ColumnOdd+`":{`...)
	first := true
	for i, cell := range row {
		if !cell.Odd {
			continue
		}
		if !first {
			raw = append(raw, ',')
		}
		first = false
		raw = form.AppendText(append(raw, names[i]...), cell.Text)
	}
	return append(raw, '}', '}')
}

// file writes the rows as CSV or Arrow, the row's number first. CSV has odd texts in their
// cells; Arrow, whose columns have one type, in one more column, as JSON.
func (l leaf) file(f child.Form) ([]byte, error) {
	var columns []tabular.Column
	if l.numbers != nil {
		columns = append(columns, tabular.Column{Name: tabular.ColumnRow, Type: tabular.Integer})
	}
	columns = append(columns, l.columns...)
	apart := f == child.Arrow && l.odd
	if apart {
		columns = append(columns, tabular.Column{Name: tabular.ColumnOdd, Type: tabular.Text})
	}
	if f == child.Arrow {
		columns = l.widened(columns)
	}
	var out bytes.Buffer
	w, err := form.New(f, &out, l.about, columns, false)
	if err != nil {
		return nil, err
	}
	cells := make([]tabular.Cell, 0, len(columns))
	for i, row := range l.rows {
		cells = cells[:0]
		if l.numbers != nil {
			cells = append(cells, tabular.Cell{Text: strconv.FormatInt(l.numbers[i], 10)})
		}
		cells = append(cells, row...)
		if apart {
			cells = append(cells, l.oddText(row))
		}
		if err := w.Write(cells); err != nil {
			return nil, fmt.Errorf("writing a row: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("ending a file: %w", err)
	}
	return out.Bytes(), nil
}

// oddText is the texts of a row that do not fit, as JSON.
func (l leaf) oddText(row []tabular.Cell) tabular.Cell {
	odd := map[string]string{}
	for i, c := range row {
		if c.Odd {
			odd[l.columns[i].Name] = c.Text
		}
	}
	if len(odd) == 0 {
		return tabular.Cell{Null: true}
	}
	raw, _ := json.Marshal(odd) // texts
	return tabular.Cell{Text: string(raw)}
}

// widened makes columns of integers decimals where a sum is too large for 64 bits.
func (l leaf) widened(columns []tabular.Column) []tabular.Column {
	before := len(columns) - len(l.columns)
	if l.numbers != nil {
		return columns // rows hold what they were stored as
	}
	for i := range l.columns {
		if columns[before+i].Type.Storage() != tabular.StoredInt {
			continue
		}
		if slices.ContainsFunc(l.rows, func(row []tabular.Cell) bool {
			_, err := strconv.ParseInt(row[i].Text, 10, 64)
			return !row[i].Null && err != nil
		}) {
			columns[before+i].Type = tabular.Decimal
		}
	}
	return columns
}
