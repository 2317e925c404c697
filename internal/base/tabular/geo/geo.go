// Package geo reads files of places (GeoJSON, TopoJSON, Shapefile, KML) as tables whose
// last column is a geometry, and knows the few things that tables need of geometries: a
// point inside, the box around, the same as GeoJSON, and what a cell of a CSV means that
// holds WKT, hexadecimal WKB or a GeoJSON geometry.
//
// A geometry cell is WKB: little endian, two dimensions, longitude before latitude,
// degrees of WGS 84. Heights and measures are dropped and said (g08); other systems are
// brought to degrees; what cannot be placed leaves its cell empty and a problem behind,
// never the whole file.
package geo

import (
	"context"
	"errors"
	"io"
	"os"

	"plaza/internal/base/tabular"
)

// Column is what the geometry's column is called; it is the last one of its table.
const Column = "geometria"

// The codes of problems with geometries, beside those of tabular.Problem.
const (
	Swapped    = "g03" // latitude came before longitude; put right
	Unreadable = "g04" // no geometry, or one that breaks its format's rules; cell left empty
	OutOfRange = "g05" // outside of what its reference system can hold; cell left empty
	Mended     = "g06" // rings were closed, or left out for having fewer than four points
	Crossing   = "g07" // a polygon crosses itself; shown as it is
	Flattened  = "g08" // heights or measures were dropped
	TooLarge   = "g09" // too many vertices or levels; cell left empty
)

// The codes of faults.
const (
	faultBroken       = "geo_broken"         // the file breaks its format's rules at a place
	faultNone         = "geo_none"           // there is nothing in it that we read
	faultColumns      = "too_many_columns"   // Args: limit
	faultTables       = "too_many_tables"    // Args: limit
	faultProjection   = "unknown_projection" // Args: name
	faultNoProjection = "no_projection"      // none is named, and the numbers are no degrees
	faultLarge        = "geo_too_large"      // one feature is larger than can be held
)

func fault(code string, at, line int64, cause error, args ...any) *tabular.Fault {
	return &tabular.Fault{Code: code, Line: line, Byte: at, Cause: cause, Args: args}
}

// Errors of one geometry: they cost its cell, not its file.
var (
	errUnreadable = errors.New("not a geometry")
	errLarge      = errors.New("too many vertices or levels")
)

// codeOf is the problem that an error of one geometry is.
func codeOf(err error) string {
	if errors.Is(err, errLarge) {
		return TooLarge
	}
	return Unreadable
}

// openSized opens a file and says how large it is.
func openSized(path string) (*os.File, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// batchBytes is how much text a batch holds before it is given out: geometries are
// large, and 2,048 of the largest would not fit into memory.
const batchBytes = 4 << 20

// rower reads one row after another; io.EOF after the last.
type rower interface {
	row(b *tabular.Batch) error
	Close() error
}

// reader makes a tabular.Reader of a rower.
type reader struct {
	rower
	cols int
	next int64
	end  error
}

func newReader(r rower, cols int) *reader { return &reader{rower: r, cols: cols, next: 1} }

// Next implements tabular.Reader.
func (r *reader) Next(ctx context.Context, b *tabular.Batch) error {
	b.Reset(r.cols, r.next)
	for r.end == nil && !b.Full() && b.Size() < batchBytes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.end = r.row(b); r.end != nil {
			b.DropRow()
		}
	}
	r.next += int64(b.Rows())
	if b.Rows() == 0 {
		if r.end == nil {
			r.end = io.EOF
		}
		return r.end
	}
	return nil
}

// labels are those of a table of places: its properties', then the geometry's. A
// property that bears the geometry's name gives way.
func labels(properties []string) ([]string, []tabular.Type) {
	out := make([]string, 0, len(properties)+1)
	for _, name := range properties {
		if name == Column {
			name += "_original"
		}
		out = append(out, name)
	}
	known := make([]tabular.Type, len(out)+1)
	known[len(out)] = tabular.Geometry
	return append(out, Column), known
}
