// Package tree finds the tables that lie in trees, JSON and XML: the lists of things of
// one kind. No document is ever held whole. A first pass says where its lists are, a
// second one which columns a list has (the union over all its records), and reading is
// a third; each looks at a window of the file, so that memory follows the largest value
// and never the file.
//
// Values keep their spelling: numbers stay as they were written. What lies below a
// record becomes columns whose labels join the keys with a point ("contactPoint.fn"),
// a list of plain values becomes one cell ("salud; vivienda"), and a list of things
// below a record stays JSON text.
package tree

import (
	"plaza/internal/base/tabular"
)

// Limits of this package, beside those of package tabular.
const (
	maxSources = 5        // tables of one document, the largest ones
	maxRow     = 64 << 20 // bytes of one record's cells
	fullBatch  = 8 << 20  // bytes of text after which a batch is handed over
	reportEach = 1 << 20  // bytes between two reports of progress
)

// keyColumn is the column of an object's keys where each of its members is a record.
const keyColumn = "clave"

// valueColumn is the column of records that are plain values.
const valueColumn = "valor"

// fault is a fault at an offset of the text, which text.place turns into one of the file.
func fault(code string, offset int64, args ...any) *tabular.Fault {
	return &tabular.Fault{Code: code, Byte: offset, Args: args}
}

// span is where a cell lies in its row's memory.
type span struct{ from, to int }

// row is one record while it is read. Its memory is used again for the next one.
type row struct {
	arena []byte
	cells []span
	set   []int64 // number of the last row in which the cell was set
	now   int64
}

// begin forgets the cells, for the next record.
func (r *row) begin() {
	r.arena = r.arena[:0]
	r.now++
}

// put says that what was appended to the arena since from is the cell of a column.
func (r *row) put(col, from int) {
	for len(r.cells) <= col {
		r.cells = append(r.cells, span{})
		r.set = append(r.set, 0)
	}
	r.cells[col] = span{from, len(r.arena)}
	r.set[col] = r.now
}

// cell is the text of a column's cell, empty when it was not put.
func (r *row) cell(col int) []byte {
	if col < len(r.set) && r.set[col] == r.now {
		return r.arena[r.cells[col].from:r.cells[col].to]
	}
	return nil
}

// write appends the row to a batch.
func (r *row) write(b *tabular.Batch, cols int) {
	for i := range cols {
		b.Add(r.cell(i))
	}
	b.EndRow()
}
