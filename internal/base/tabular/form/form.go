// Package form writes rows in the forms in which they leave: CSV, JSON, JSON Lines,
// GeoJSON, XLSX and Arrow. Parquet is the engine's own. A Writer streams: it holds a
// batch of rows at the most, except XLSX, whose library keeps the rest on disk.
//
// What a file is and where it comes from travels with it. GeoJSON, XLSX and Arrow have
// a place for it; CSV, JSON (a plain array, so that every tool opens it) and JSON Lines
// carry it in their name (Name) and in the descriptor beside them (DataPackage).
//
// Values are published data and are written as they are: a text that begins with "=" is
// that text in CSV, byte for byte, and in XLSX a cell of text that no program computes.
// A cell whose text does not fit its column's type is that text where the form can hold
// it; Arrow cannot, and has no value there.
package form

import (
	"embed"
	"errors"
	"io"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package.
//
//go:embed locale
var Locale embed.FS

// What is said about a file. Others are kept too, under their own name.
const (
	Institution = "institution"
	Dataset     = "dataset"
	Table       = "table"
	Date        = "date"
	Licence     = "licence"
	Filter      = "filter" // what was asked for, as its address has it; "" for everything
	Address     = "address"
	Origin      = "source"
	Language    = "language" // of the labels in XLSX, "es" when not said
)

// ErrFull says that the form holds no more rows: stop reading, close the writer.
var ErrFull = errors.New("form: no more rows fit")

// Writer writes rows in one form. It is used by one goroutine.
type Writer interface {
	// Write writes a row, a cell for each column. It keeps none of it.
	Write(row []tabular.Cell) error
	// Close ends the file; it does not close what is written to. Without it the file is
	// broken.
	Close() error
	// Truncated reports whether rows or texts were left out because the form does not
	// hold them. The file says so itself.
	Truncated() bool
}

// New begins a file of a form. about is kept in it where the form has a place; bom puts
// a byte order mark before CSV, by which Excel knows UTF-8. A form that cannot hold the
// columns is refused as plaza.Invalid.
func New(f child.Form, w io.Writer, about map[string]string, columns []tabular.Column, bom bool) (Writer, error) {
	switch f {
	case child.CSV:
		return newDelimited(w, columns, bom)
	case child.JSON:
		return newJSON(w, columns, "[", ",", "]\n"), nil
	case child.Lines:
		return newJSON(w, columns, "", "", ""), nil
	case child.GeoJSON:
		return newGeoJSON(w, about, columns)
	case child.XLSX:
		return newSheet(w, about, columns)
	case child.Arrow:
		return newArrow(w, about, columns)
	}
	return nil, plaza.E(plaza.Invalid, "form.unknown")
}

// MediaType is how a form is called on the web.
func MediaType(f child.Form) string {
	switch f {
	case child.CSV:
		return "text/csv; charset=utf-8; header=present"
	case child.JSON:
		return "application/json"
	case child.Lines:
		return "application/jsonl"
	case child.GeoJSON:
		return "application/geo+json"
	case child.XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case child.Arrow:
		return "application/vnd.apache.arrow.stream"
	case child.Parquet:
		return "application/vnd.apache.parquet"
	}
	return "application/octet-stream"
}

// whole keeps forms that hold everything from each saying so.
type whole struct{}

// Truncated is always false.
func (whole) Truncated() bool { return false }
