package geo

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"

	"plaza/internal/base/tabular"
)

// GeoJSON opens a FeatureCollection, a Feature, a geometry, a list of them, or one per
// line. It reads the file once to learn which properties there are; the geometries are
// read with the rows.
func GeoJSON(ctx context.Context, f tabular.File) ([]*tabular.Source, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	found := survey{columns: map[string]int{}, system: assumed}
	err = newStream(ctx, file, nil).each(found.item, found.reference)
	var broken *tabular.Fault
	if errors.As(err, &broken) && (found.items == 0 || broken.Code != faultBroken) || err != nil && broken == nil {
		return nil, err
	}
	if found.bad != nil {
		return nil, found.bad
	}
	names := found.names
	if _, taken := found.columns["id"]; found.ids && !taken {
		names = append([]string{"id"}, names...)
		for name := range found.columns {
			found.columns[name]++
		}
	} else {
		found.ids = false
	}
	s := &tabular.Source{Format: "geojson", Bytes: info.Size(), Problems: &tabular.Problems{}}
	s.Labels, s.Known = labels(names)
	s.Layout = tabular.Layout{Encoding: "utf-8", Projection: found.system.name}
	if found.system.unsure {
		s.Layout.Unsure = []string{"projection"}
	}
	set := &settler{system: found.system, problems: s.Problems}
	s.Open = func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
		return openFeatures(ctx, f.Path, &found, set, len(s.Labels), read)
	}
	return []*tabular.Source{s}, nil
}

// survey learns which properties the features of a file have.
type survey struct {
	columns map[string]int
	names   []string
	ids     bool // features have one beside their properties
	items   int64
	system  *system
	bad     error
	path    []byte
}

// reference takes the old member that names a reference system.
func (s *survey) reference(raw []byte) {
	var name string
	c := cursor{b: raw}
	_ = c.members(func(key, value []byte) error {
		if string(key) == "properties" {
			in := cursor{b: value}
			return in.members(func(key, value []byte) error {
				if string(key) == "name" {
					name = string(cellOf(value))
				}
				return nil
			})
		}
		return nil
	})
	if name == "" {
		return
	}
	if s.system = named(name); s.system == nil {
		s.bad = fault(faultProjection, -1, 0, nil, "name", tabular.Clip(name, 120))
	}
}

func (s *survey) item(raw []byte, at, line int64) error {
	f, err := feature(raw)
	if err != nil {
		return fault(faultBroken, at, line, err)
	}
	if s.items == 0 && f.kind != "Feature" && kinds[f.kind] == 0 {
		return fault(faultNone, at, line, nil)
	}
	s.items++
	s.ids = s.ids || cellOf(f.id) != nil
	if f.properties == nil || f.properties[0] != '{' {
		return nil
	}
	err = flatten(f.properties, s.path[:0], 0, func(path, _ []byte) error {
		if _, ok := s.columns[string(path)]; ok {
			return nil
		}
		if len(s.names) >= tabular.MaxColumns-2 {
			return fault(faultColumns, at, line, nil, "limit", tabular.MaxColumns)
		}
		s.columns[string(path)] = len(s.names)
		s.names = append(s.names, string(path))
		return nil
	})
	if err == errJSON {
		return fault(faultBroken, at, line, err)
	}
	return err
}

// parts are the members of a feature.
type parts struct {
	kind                     string
	id, properties, geometry []byte
}

// feature finds the members of a feature; a geometry is a feature without properties.
func feature(raw []byte) (parts, error) {
	var f parts
	c := cursor{b: raw}
	err := c.members(func(key, value []byte) error {
		switch string(key) {
		case "type":
			f.kind = string(cellOf(value))
		case "id":
			f.id = value
		case "properties":
			f.properties = value
		case "geometry":
			f.geometry = value
		}
		return nil
	})
	if f.kind != "Feature" {
		f.geometry, f.properties = raw, nil
	}
	return f, err
}

// features reads the rows of GeoJSON. The stream pushes and a reader pulls; iter.Pull
// joins the two without holding more than one feature.
type features struct {
	file  *os.File
	next  func() (place, bool)
	stop  func()
	err   error // of the stream, once next is done
	found *survey
	set   *settler
	cells [][]byte
	w     writer
	path  []byte
	count int64
}

// place is a feature as it is written, and where.
type place struct {
	raw      []byte
	at, line int64
}

var errStopped = errors.New("nobody reads on")

func openFeatures(ctx context.Context, path string, found *survey, set *settler, cols int, read func(int64)) (tabular.Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &features{file: file, found: found, set: set, cells: make([][]byte, cols-1)}
	f.next, f.stop = iter.Pull(func(yield func(place) bool) {
		f.err = newStream(ctx, file, read).each(func(raw []byte, at, line int64) error {
			if !yield(place{raw, at, line}) {
				return errStopped
			}
			return nil
		}, func([]byte) {})
	})
	return newReader(f, cols), nil
}

// row implements rower.
func (f *features) row(b *tabular.Batch) error {
	p, ok := f.next()
	if !ok {
		if f.err != nil {
			return f.err
		}
		return io.EOF
	}
	one, err := feature(p.raw)
	if err != nil {
		return fault(faultBroken, p.at, p.line, err)
	}
	clear(f.cells)
	if f.found.ids {
		f.cells[0] = cellOf(one.id)
	}
	if one.properties != nil && one.properties[0] == '{' {
		err := flatten(one.properties, f.path[:0], 0, func(path, value []byte) error {
			if i, ok := f.found.columns[string(path)]; ok {
				f.cells[i] = cellOf(value)
			}
			return nil
		})
		if err != nil {
			return fault(faultBroken, p.at, p.line, err)
		}
	}
	for _, cell := range f.cells {
		b.Add(cell)
	}
	f.count++
	f.geometry(b, one.geometry, row{f.count, p.line, p.at})
	b.EndRow()
	return nil
}

// geometry adds the last cell.
func (f *features) geometry(b *tabular.Batch, raw []byte, r row) {
	buffer := b.Buffer()
	f.w.reset(f.w.b[:0])
	wrote, err := f.w.geometry(raw, 0)
	if (wrote || err != nil) && f.set.settle(f.w.b, f.w.seen, err, r) {
		buffer = append(buffer, f.w.b...)
	}
	f.set.done(r)
	b.Commit(buffer)
}

// Close implements tabular.Reader.
func (f *features) Close() error {
	f.stop()
	return f.file.Close()
}
