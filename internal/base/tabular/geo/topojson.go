package geo

import (
	"bytes"
	"context"
	"io"
	"os"
	"strconv"

	"plaza/internal/base/tabular"
)

// Limits of a topology: its arcs are needed together, so it is held in memory, and an
// arc may be used by any number of geometries.
const (
	maxTopology = 128 << 20
	maxUsed     = 100_000_000 // vertices of one table
)

// TopoJSON opens a topology: each of its objects is a table.
func TopoJSON(_ context.Context, f tabular.File) ([]*tabular.Source, error) {
	t, err := readTopology(f.Path)
	if err != nil {
		return nil, err
	}
	var out []*tabular.Source
	for _, o := range t.objects {
		found := newSurvey(topoParts)
		for _, name := range [][]byte{t.crs, o.crs} {
			if name != nil {
				found.reference(name)
			}
		}
		for _, raw := range o.geometries {
			if err := found.item(raw, t.offset(raw), 0); err != nil {
				return nil, err
			}
		}
		if found.bad != nil {
			return nil, found.bad
		}
		s, set := found.source("topojson")
		s.Name, s.Bytes = o.name, int64(len(t.raw))
		path := f.Path
		s.Open = func(ctx context.Context, read func(int64)) (tabular.Reader, error) {
			return openTopology(ctx, path, s.Name, found, set, read)
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fault(faultNone, -1, 0, nil)
	}
	return out, nil
}

// topology is what a TopoJSON file says, its geometries still as they are written.
type topology struct {
	raw         []byte
	scale, move [2]float64
	quantized   bool
	arcs        [][][2]float64
	objects     []object
	crs         []byte
}

type object struct {
	name       string
	geometries [][]byte
	crs        []byte
}

// offset is where a part of the file lies: parts are views that end where it ends.
func (t *topology) offset(part []byte) int64 { return int64(cap(t.raw) - cap(part)) }

func readTopology(path string) (*topology, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxTopology+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxTopology {
		return nil, fault(faultLarge, -1, 0, nil, "limit", maxTopology>>20)
	}
	return parseTopology(raw)
}

func parseTopology(raw []byte) (*topology, error) {
	t := &topology{raw: raw, scale: [2]float64{1, 1}}
	c := cursor{b: bytes.TrimPrefix(raw, []byte("\uFEFF"))}
	var arcs, objects, transform []byte
	err := c.members(func(key, value []byte) error {
		switch string(key) {
		case "arcs":
			arcs = value
		case "objects":
			objects = value
		case "transform":
			transform = value
		case "crs":
			t.crs = value
		}
		return nil
	})
	broken := func(part []byte, err error) error {
		at := t.offset(part)
		return fault(faultBroken, at, int64(bytes.Count(raw[:at], []byte{'\n'}))+1, err)
	}
	if err != nil {
		return nil, broken(raw[len(raw)-max(len(c.b)-c.i, 0):], err)
	}
	if objects == nil {
		return nil, fault(faultNone, -1, 0, nil)
	}
	if transform != nil {
		if err := t.transform(transform); err != nil {
			return nil, broken(transform, err)
		}
	}
	if arcs != nil {
		c := cursor{b: arcs}
		if err := t.readArcs(&c); err != nil {
			return nil, broken(arcs[min(c.i, len(arcs)):], err)
		}
	}
	if err := t.readObjects(objects); err != nil {
		if _, ok := err.(*tabular.Fault); ok {
			return nil, err
		}
		return nil, broken(objects, err)
	}
	return t, nil
}

func (t *topology) transform(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	t.quantized = true
	c := cursor{b: raw}
	return c.members(func(key, value []byte) error {
		in := cursor{b: value}
		switch string(key) {
		case "scale":
			return in.pair(&t.scale)
		case "translate":
			return in.pair(&t.move)
		}
		return nil
	})
}

// pair reads a list of two numbers, and skips what follows them.
func (c *cursor) pair(to *[2]float64) error {
	i := 0
	err := c.list('[', ']', func() error {
		if i > 1 {
			_, err := c.value()
			return err
		}
		f, err := c.number()
		to[i] = f
		i++
		return err
	})
	if err == nil && i < 2 {
		return errUnreadable
	}
	return err
}

// readArcs decodes all arcs: in a quantized topology each vertex is a step from the one
// before.
func (t *topology) readArcs(c *cursor) error {
	return c.list('[', ']', func() error {
		var arc [][2]float64
		var x, y float64
		err := c.list('[', ']', func() error {
			var p [2]float64
			if err := c.pair(&p); err != nil {
				return err
			}
			if t.quantized {
				x, y = x+p[0], y+p[1]
				p = t.placed(x, y)
			}
			arc = append(arc, p)
			return nil
		})
		t.arcs = append(t.arcs, arc)
		return err
	})
}

func (t *topology) placed(x, y float64) [2]float64 {
	return [2]float64{x*t.scale[0] + t.move[0], y*t.scale[1] + t.move[1]}
}

func (t *topology) readObjects(raw []byte) error {
	c := cursor{b: raw}
	return c.members(func(key, value []byte) error {
		if len(t.objects) == tabular.MaxTables {
			return fault(faultTables, t.offset(value), 0, nil, "limit", tabular.MaxTables)
		}
		o := object{name: tabular.Clip(string(key), tabular.MaxName)}
		var kind string
		var list []byte
		in := cursor{b: value}
		err := in.members(func(key, value []byte) error {
			switch string(key) {
			case "type":
				kind = string(cellOf(value))
			case "geometries":
				list = value
			case "crs":
				o.crs = value
			}
			return nil
		})
		if err != nil {
			return err
		}
		if kind != "GeometryCollection" {
			o.geometries = [][]byte{value}
		} else if list != nil {
			in := cursor{b: list}
			err = in.list('[', ']', func() error {
				value, err := in.value()
				o.geometries = append(o.geometries, value)
				return err
			})
		}
		t.objects = append(t.objects, o)
		return err
	})
}

// topoParts finds the members of a topology's geometry, which is a feature at once.
func topoParts(raw []byte) (parts, error) {
	f := parts{geometry: raw}
	c := cursor{b: raw}
	err := c.members(func(key, value []byte) error {
		switch string(key) {
		case "type":
			f.kind = string(cellOf(value))
		case "id":
			f.id = value
		case "properties":
			f.properties = value
		}
		return nil
	})
	if f.kind == "null" || f.kind == "" {
		f.kind = "Feature" // one without geometry
	}
	return f, err
}

func openTopology(ctx context.Context, path, name string, found *survey, set *settler, read func(int64)) (tabular.Reader, error) {
	t, err := readTopology(path)
	if err != nil {
		return nil, err
	}
	var list [][]byte
	for _, o := range t.objects {
		if o.name == name {
			list = o.geometries
		}
	}
	used := 0
	f := found.reader(set, func(w *writer, raw []byte) (bool, error) {
		wrote, err := t.geometry(w, raw, 0)
		used += w.vertices
		return wrote, err
	})
	f.next = func() (place, bool) {
		if used > maxUsed {
			f.err = fault(faultLarge, -1, 0, nil, "limit", maxUsed*16>>20)
		}
		if f.err == nil {
			f.err = ctx.Err()
		}
		if len(list) == 0 || f.err != nil {
			return place{}, false
		}
		one := place{raw: list[0], at: t.offset(list[0])}
		if list = list[1:]; read != nil {
			read(one.at + int64(len(one.raw)))
		}
		return one, true
	}
	return newReader(f, len(f.cells)+1), nil
}

// geometry writes a geometry of a topology.
func (t *topology) geometry(w *writer, raw []byte, depth int) (bool, error) {
	if depth > tabular.MaxDepth {
		return false, errLarge
	}
	var kind string
	var arcs, coordinates, list []byte
	c := cursor{b: raw}
	err := c.members(func(key, value []byte) error {
		switch string(key) {
		case "type":
			kind = string(cellOf(value))
		case "arcs":
			arcs = value
		case "coordinates":
			coordinates = value
		case "geometries":
			list = value
		}
		return nil
	})
	if err != nil {
		return false, errUnreadable
	}
	switch number := kinds[kind]; number {
	case 0:
		if kind == "" || kind == "null" {
			return false, nil
		}
		return false, errUnreadable
	case collection:
		return w.collectionOf(list, func(value []byte) (bool, error) { return t.geometry(w, value, depth+1) })
	case point, multiPoint:
		return t.points(w, number, coordinates)
	default:
		if arcs == nil || emptyList(arcs) {
			return false, nil
		}
		c := cursor{b: arcs}
		w.positions = t.joined
		err := w.coordinates(&c, number)
		w.positions = nil
		return err == nil, err
	}
}

// points writes points, which a topology holds as GeoJSON does, but quantized.
func (t *topology) points(w *writer, kind uint32, coordinates []byte) (bool, error) {
	if coordinates == nil || emptyList(coordinates) {
		return false, nil
	}
	start := len(w.b)
	c := cursor{b: coordinates}
	if err := w.coordinates(&c, kind); err != nil {
		return false, err
	}
	if t.quantized {
		walk(w.b[start:], 0, func(_ uint32, _ bool, run []byte) {
			for i := range len(run) / 16 {
				p := t.placed(coordinate(run, i))
				setCoordinate(run, i, p[0], p[1])
			}
		})
	}
	return true, nil
}

// joined writes the line that a list of arcs makes: each begins where the one before
// ends; a negative number is the arc backwards.
func (t *topology) joined(w *writer, c *cursor) (int, error) {
	n := 0
	err := c.list('[', ']', func() error {
		word, err := c.value()
		if err != nil {
			return errUnreadable
		}
		i, err := strconv.Atoi(string(word))
		back := i < 0
		if back {
			i = ^i
		}
		if err != nil || i >= len(t.arcs) {
			return errUnreadable
		}
		arc := t.arcs[i]
		for k := range arc {
			if k == 0 && n > 0 {
				continue
			}
			p := arc[k]
			if back {
				p = arc[len(arc)-1-k]
			}
			if err := w.vertex(p[0], p[1]); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}
