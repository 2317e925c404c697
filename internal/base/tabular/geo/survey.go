package geo

import (
	"io"

	"plaza/internal/base/tabular"
)

// survey learns which properties the features of a file have.
type survey struct {
	parts   func(raw []byte) (parts, error) // of an item
	columns map[string]int
	names   []string
	ids     bool // features have one beside their properties
	items   int64
	system  *system
	bad     error
	path    []byte
}

func newSurvey(of func([]byte) (parts, error)) *survey {
	return &survey{parts: of, columns: map[string]int{}, system: assumed}
}

// source is the table of what was found. Identifiers become a column of their own when
// no property is called so.
func (s *survey) source(format string) (*tabular.Source, *settler) {
	names := s.names
	if _, taken := s.columns["id"]; taken {
		s.ids = false
	}
	if s.ids {
		names = append([]string{"id"}, names...)
		for name := range s.columns {
			s.columns[name]++
		}
	}
	src := &tabular.Source{Format: format, Problems: &tabular.Problems{}}
	src.Labels, src.Known = labels(names)
	src.Layout = tabular.Layout{Encoding: "utf-8", Projection: s.system.name}
	if s.system.unsure {
		src.Layout.Unsure = []string{"projection"}
	}
	return src, &settler{system: s.system, problems: src.Problems}
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
	f, err := s.parts(raw)
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

// features reads the rows that a survey was made of.
type features struct {
	next     func() (place, bool)
	err      error // of the file, once next is done
	geometry func(w *writer, raw []byte) (bool, error)
	close    func() error
	found    *survey
	set      *settler
	cells    [][]byte
	w        writer
	path     []byte
	count    int64
}

// reader gives the rows of a survey; next and close remain to be set.
func (s *survey) reader(set *settler, geometry func(*writer, []byte) (bool, error)) *features {
	cells := len(s.names)
	if s.ids {
		cells++
	}
	return &features{found: s, set: set, geometry: geometry, cells: make([][]byte, cells), close: func() error { return nil }}
}

// place is a feature as it is written, and where.
type place struct {
	raw      []byte
	at, line int64
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
	one, err := f.found.parts(p.raw)
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
	f.last(b, one.geometry, row{f.count, p.line, p.at})
	b.EndRow()
	return nil
}

// last adds the geometry's cell.
func (f *features) last(b *tabular.Batch, raw []byte, r row) {
	buffer := b.Buffer()
	f.w.reset(f.w.b[:0])
	wrote, err := f.geometry(&f.w, raw)
	if (wrote || err != nil) && f.set.settle(f.w.b, f.w.seen, err, r) {
		buffer = append(buffer, f.w.b...)
	}
	f.set.done(r)
	b.Commit(buffer)
}

// Close implements tabular.Reader.
func (f *features) Close() error { return f.close() }
