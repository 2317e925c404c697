package geo

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"plaza/internal/base/tabular"
)

// Shapefile opens a .shp with what lies beside it under the same name: .dbf, .prj, .cpg
// and .shx, each of which may be missing.
func Shapefile(_ context.Context, f tabular.File) ([]*tabular.Source, error) {
	head, size, err := shapeHead(f.Path)
	if err != nil {
		return nil, err
	}
	from, unsure, err := systemOf(f.Path, head)
	if err != nil {
		return nil, err
	}
	s := &tabular.Source{Format: "shp", Bytes: size, Problems: &tabular.Problems{}}
	s.Layout.Projection = from.name
	if unsure {
		s.Layout.Unsure = append(s.Layout.Unsure, "projection")
	}
	var names []string
	var known []tabular.Type
	table, cpg := sibling(f.Path, "dbf"), contents(sibling(f.Path, "cpg"))
	if table != "" {
		d, err := openDBF(table, cpg)
		if err != nil {
			return nil, err
		}
		d.file.Close()
		if len(d.fields) > tabular.MaxColumns-2 {
			return nil, fault(faultColumns, -1, 0, nil, "limit", tabular.MaxColumns)
		}
		for _, field := range d.fields {
			names = append(names, field.name)
		}
		known = d.types()
		if s.Layout.Encoding = d.charset; d.unsure {
			s.Layout.Unsure = append(s.Layout.Unsure, "encoding")
		}
	}
	s.Labels, s.Known = labels(names)
	copy(s.Known, known)
	set := &settler{system: from, problems: s.Problems}
	s.Open = func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
		r, err := openShapes(ctx, f.Path, table, cpg, set, read)
		if err != nil {
			return nil, err
		}
		return newReader(r, len(s.Labels)), nil
	}
	return []*tabular.Source{s}, nil
}

const shapeHeader = 100

// shapeHead reads the header of a .shp, and its real size.
func shapeHead(path string) ([]byte, int64, error) {
	file, size, err := openSized(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	head := make([]byte, shapeHeader)
	if _, err := io.ReadFull(file, head); err != nil || binary.BigEndian.Uint32(head) != 9994 {
		return nil, 0, fault(faultBroken, 0, 0, errUnreadable)
	}
	return head, size, nil
}

// systemOf is the reference system of a shapefile. Without a .prj it is taken for
// degrees when the box of the file can be one.
func systemOf(path string, head []byte) (*system, bool, error) {
	if prj := contents(sibling(path, "prj")); strings.TrimSpace(prj) != "" {
		s, err := parsePRJ(prj)
		if err != nil {
			return nil, false, err
		}
		return s, s.unsure, nil
	}
	var box [4]float64
	for i := range box {
		box[i] = math.Float64frombits(binary.LittleEndian.Uint64(head[36+i*8:]))
	}
	if box[0] <= box[2] && box[1] <= box[3] && !bounded(box[0], box[1], box[2], box[3]) { // empty files have no box
		return nil, false, fault(faultNoProjection, -1, 0, nil)
	}
	return assumed, true, nil
}

// sibling is the file beside a .shp with another ending, in whatever case either is
// written; "" when there is none.
func sibling(path, ending string) string {
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	found := ""
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.EqualFold(name, base+"."+ending) {
			continue
		}
		if found == "" || strings.TrimSuffix(name, filepath.Ext(name)) == base {
			found = filepath.Join(filepath.Dir(path), name)
		}
	}
	return found
}

// contents is the text of a small file, "" when there is none.
func contents(path string) string {
	if path == "" {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	b, _ := io.ReadAll(io.LimitReader(file, maxPRJ+1))
	return string(b)
}

// shapes reads the rows of a shapefile.
type shapes struct {
	ctx    context.Context
	file   *os.File
	in     *bufio.Reader
	at     int64 // of the next record
	size   int64
	table  *dbf // nil without one
	set    *settler
	read   func(int64)
	index  *index
	seen   uint32 // records, deleted ones too
	record []byte
	w      writer
	count  int64
}

func openShapes(ctx context.Context, path, table, cpg string, set *settler, read func(int64)) (*shapes, error) {
	file, size, err := openSized(path)
	if err != nil {
		return nil, err
	}
	s := &shapes{ctx: ctx, file: file, size: size, in: bufio.NewReaderSize(file, 256<<10), set: set, read: read, at: shapeHeader}
	_, err = s.in.Discard(shapeHeader)
	if err == nil && table != "" {
		s.table, err = openDBF(table, cpg)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	s.index = openIndex(sibling(path, "shx"))
	return s, nil
}

// row implements rower. A row is there when either file has one: shapes without
// attributes and attributes without shapes are said (r01), deleted rows skipped.
func (s *shapes) row(b *tabular.Batch) error {
	for {
		at := s.at
		shaped, err := s.shape()
		if err != nil {
			return err
		}
		filled, deleted := false, false
		if s.table != nil {
			if deleted, filled, err = s.table.next(); err != nil {
				return err
			}
		}
		if !shaped && !filled {
			return io.EOF
		}
		if deleted {
			continue
		}
		s.count++
		r := row{number: s.count, at: at}
		if s.table != nil {
			if shaped != filled && r.number > s.set.noted {
				s.set.problems.Add("r01", "", tabular.Sample{Row: r.number, Byte: at})
			}
			s.cells(b, filled)
		}
		s.geometry(b, shaped, r)
		b.EndRow()
		return nil
	}
}

func (s *shapes) cells(b *tabular.Batch, filled bool) {
	if filled {
		s.table.add(b)
		return
	}
	for range s.table.fields {
		b.Add(nil)
	}
}

func (s *shapes) geometry(b *tabular.Batch, shaped bool, r row) {
	buffer := b.Buffer()
	if shaped {
		s.w.reset(s.w.b[:0])
		wrote, err := s.w.shape(s.record)
		if (wrote || err != nil) && s.set.settle(s.w.b, s.w.seen, err, r) {
			buffer = append(buffer, s.w.b...)
		}
	}
	s.set.done(r)
	b.Commit(buffer)
}

// shape reads the next record of shapes. It is false at the end of the file.
func (s *shapes) shape() (bool, error) {
	if more, err := s.forward(); !more || err != nil {
		return false, err
	}
	var head [8]byte
	if _, err := io.ReadFull(s.in, head[:]); err != nil {
		return false, s.cut(err)
	}
	n := int64(binary.BigEndian.Uint32(head[4:])) * 2
	if n > s.size-s.at-8 {
		return false, s.cut(io.ErrUnexpectedEOF)
	}
	if n > maxItem {
		return false, fault(faultLarge, s.at, 0, nil, "limit", maxItem>>20)
	}
	if int64(cap(s.record)) < n {
		s.record = make([]byte, n)
	}
	s.record = s.record[:n]
	if _, err := io.ReadFull(s.in, s.record); err != nil {
		return false, s.cut(err)
	}
	if s.at += 8 + n; s.read != nil {
		s.read(s.at)
	}
	return true, nil
}

// cut is the fault of a file that ends within a record.
func (s *shapes) cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault(faultBroken, s.at, 0, err)
	}
	return err
}

// Close implements tabular.Reader.
func (s *shapes) Close() error {
	if s.table != nil {
		s.table.file.Close()
	}
	s.index.close()
	return s.file.Close()
}
