// Package child keeps what opens other people's files out of the serving process: the
// same binary is started again as a worker, with limits on memory, time and disk, an
// empty environment and nothing open but one pipe each way. It may die without harm.
//
// Both sides know one interface, Engine: package engine implements it over the files,
// and Workers implements it by asking workers. A converting worker does one file and ends;
// asking workers answer many questions at a time, and are replaced when one of them
// does not stop when it should.
package child

import (
	"context"
	"io"

	"plaza/internal/base/tabular"
)

// Engine converts files and answers questions about converted tables. Errors of
// questions are plaza.Errors (Invalid with the field's name, TooMany and Unavailable with
// Retry-After); those of files are *tabular.Fault.
type Engine interface {
	// Convert reads a file, writes each of its tables to dir as Parquet under its
	// SHA-256 and says what they are. It calls step as it goes.
	Convert(ctx context.Context, c Conversion, step func(Step)) (tabular.Profile, error)
	// Native writes a table as the engine's own file at path, whole or not at all.
	Native(ctx context.Context, t Table, path string) error
	// Page reads rows.
	Page(ctx context.Context, t Table, q tabular.Query) (tabular.Page, error)
	// Row reads one row by its number, all columns; no row is plaza.NotFound.
	Row(ctx context.Context, t Table, number int64) (tabular.Page, error)
	// Count counts the rows that a query's search and conditions leave.
	Count(ctx context.Context, t Table, q tabular.Query) (int64, error)
	// Groups reads groups.
	Groups(ctx context.Context, t Table, q tabular.Query) (tabular.Groups, error)
	// Export writes the rows or groups that a query leaves, in the given form.
	Export(ctx context.Context, t Table, e Export, w io.Writer) error
	// Compare says how two versions of a table differ in their rows.
	Compare(ctx context.Context, before, after Table) (Difference, error)
}

// Conversion is one file to convert.
type Conversion struct {
	Input       string               `json:"input"` // path
	Name        string               `json:"name"`
	MediaType   string               `json:"media_type"`
	Dir         string               `json:"dir"` // empty, for tables and temporary files
	Corrections []tabular.Correction `json:"corrections,omitempty"`
	Dictionary  map[string]string    `json:"dictionary,omitempty"` // column, folded → the dictionary's words
}

// Step is how far a conversion is. Names are "detect", "read", "write", "describe".
type Step struct {
	Name  string `json:"name"`
	Table string `json:"table,omitempty"`
	Done  int64  `json:"done"`  // bytes
	Total int64  `json:"total"` // -1 unknown
	Rows  int64  `json:"rows"`
}

// Table is a converted table that is asked about. An engine in a worker gets its profile
// without histograms, frequent values, quantiles and problems, and may get one table for
// several questions at a time: it changes nothing in it.
type Table struct {
	Parquet string        `json:"parquet"`          // path
	Native  string        `json:"native,omitempty"` // path of the engine's own file, "" while there is none
	Profile tabular.Table `json:"profile"`
	// Hidden are columns that nobody may see, search, filter or count.
	Hidden []string `json:"hidden,omitempty"`
}

// Form is a form in which rows leave.
type Form string

// The forms.
const (
	CSV     Form = "csv"
	XLSX    Form = "xlsx"
	Parquet Form = "parquet"
	JSON    Form = "json"
	Lines   Form = "jsonl"
	GeoJSON Form = "geojson"
	Arrow   Form = "arrow" // IPC stream
)

// Export is what to write and how.
type Export struct {
	Query tabular.Query `json:"query"`
	Form  Form          `json:"form"`
	BOM   bool          `json:"bom,omitempty"` // of CSV, for Excel
	// About is kept in the file where its form has a place for it: source, institution,
	// dataset, licence, date, filter, address.
	About map[string]string `json:"about,omitempty"`
	Most  int64             `json:"most,omitempty"` // rows, 0 for all
}

// Difference is how the rows of two versions differ. With a key that names rows in both,
// Changed counts those whose other columns differ; without one, it is zero and rows are
// compared whole.
type Difference struct {
	Key                     []string `json:"key,omitempty"`
	Before, After           int64    // rows
	Added, Removed, Changed int64
}
