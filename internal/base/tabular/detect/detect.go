// Package detect says what a file is, by its content, and opens the tables that lie in
// it: it unpacks archives within limits, recognises what is no table and says what it
// is instead, and hands the rest to the reader of its format.
package detect

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"plaza/internal/base/tabular"
)

// Openers read each format, by the name that Source.Format has: csv, xlsx, ods, json,
// jsonl, xml, geojson, topojson, shp, kml, parquet. A file of a format without one is
// refused with the fault not_supported.
type Openers map[string]tabular.Opener

// Found is what lies in a file. Close it once its tables are read.
type Found struct {
	Format   string // what the file is: the format of its table, or zip, gzip, bzip2, kmz
	Tables   []*tabular.Source
	Skipped  []tabular.Skipped // Why is the code of a fault
	Problems []tabular.Problem // of the file, beside those of its tables
	folder   string
}

// Close removes what was unpacked and kept; the tables cannot be read afterwards.
func (f *Found) Close() error {
	if f == nil {
		return nil
	}
	return os.RemoveAll(f.folder)
}

// Open opens a file with the openers that this program has. What is unpacked, and what
// openers keep, goes to a folder of its own in scratch. Faults: not_a_table with its kind, html_instead,
// xls_old, empty, not_supported, those of archives (archive_…), and those of the openers.
func Open(ctx context.Context, f tabular.File, scratch string) (*Found, error) {
	return registered().Open(ctx, f, scratch)
}

// Open is the package's Open with these openers.
func (o Openers) Open(ctx context.Context, f tabular.File, scratch string) (*Found, error) {
	kind, err := sniff(f.Path, f.Name)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(scratch, "tablas-")
	if err != nil {
		return nil, err
	}
	found := &Found{Format: kind, folder: folder}
	if err := o.into(ctx, found, f, kind); err != nil {
		_ = found.Close() // what matters is why it did not open
		return nil, err
	}
	return found, nil
}

// into opens a file of a kind.
func (o Openers) into(ctx context.Context, found *Found, f tabular.File, kind string) error {
	f.Scratch = found.folder
	if kind == kindZip || kind == kindGzip || kind == kindBzip2 {
		u := &unpacker{openers: o, found: found, folder: found.folder, fix: f.Fix}
		return u.open(ctx, f, kind)
	}
	tables, err := o.table(ctx, f, kind)
	found.Tables = tables
	return err
}

// table opens a file that is no archive.
func (o Openers) table(ctx context.Context, f tabular.File, kind string) ([]*tabular.Source, error) {
	if refused := refusal(kind); refused != nil {
		return nil, refused
	}
	if kind == kindShape && !beside(f.Path) {
		return nil, &tabular.Fault{Code: "shapefile_alone", Byte: -1}
	}
	open := o[kind]
	if open == nil {
		return nil, &tabular.Fault{Code: "not_supported", Byte: -1, Args: []any{"kind", kind}}
	}
	tables, err := open(ctx, f)
	if err != nil {
		return nil, err
	}
	if len(tables) > tabular.MaxTables {
		return nil, &tabular.Fault{Code: "too_many_tables", Byte: -1, Args: []any{"max", tabular.MaxTables}}
	}
	return tables, nil
}

// refusal is why a kind of file holds no table; nil when it may.
func refusal(kind string) *tabular.Fault {
	switch kind {
	case kindCSV, kindXLSX, kindODS, kindJSON, kindLines, kindXML, kindGeoJSON, kindTopoJSON, kindShape, kindKML, kindParquet:
		return nil
	case kindEmpty:
		return &tabular.Fault{Code: "empty"}
	case kindHTML:
		return &tabular.Fault{Code: "html_instead", Byte: -1}
	case kindLocked:
		return &tabular.Fault{Code: "encrypted", Byte: -1}
	case kindOldXLS:
		return &tabular.Fault{Code: "xls_old", Byte: -1}
	}
	return &tabular.Fault{Code: "not_a_table", Byte: -1, Args: []any{"kind", kind}}
}

// beside reports whether the attributes of a Shapefile lie beside its shapes.
func beside(shapes string) bool {
	stem := strings.TrimSuffix(shapes, filepath.Ext(shapes))
	for _, ending := range []string{".dbf", ".DBF", ".Dbf"} {
		if _, err := os.Stat(stem + ending); err == nil {
			return true
		}
	}
	return false
}
