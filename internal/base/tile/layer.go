package tile

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"google.golang.org/protobuf/encoding/protowire"
)

// Prop is a property of a feature: a text, a number or a truth.
type Prop struct {
	Name  string
	Value any // string, int, int64, float64 or bool
}

// Layer is what one kind of things is on a tile.
type Layer struct {
	name     string
	keys     map[string]uint32
	values   map[any]uint32
	names    []string
	written  [][]byte // values, encoded
	features []byte
	count    int
}

// NewLayer begins a layer.
func NewLayer(name string) *Layer {
	return &Layer{name: name, keys: map[string]uint32{}, values: map[any]uint32{}}
}

// Len is how many features the layer has.
func (l *Layer) Len() int { return l.count }

// The kinds of geometry and the commands that draw it, as the format numbers them.
const (
	kindPoint = 1
	kindLine  = 2
	kindFace  = 3

	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// Point adds a point, in units of the tile.
func (l *Layer) Point(p orb.Point, props ...Prop) {
	d := &pen{}
	d.move(rounded(p))
	l.add(kindPoint, d, props)
}

// Lines adds lines, in units of the tile, cut at its Buffer. They may be changed. It
// reports whether something of them is on the tile.
func (l *Layer) Lines(lines orb.MultiLineString, props ...Prop) bool {
	d := &pen{}
	for _, line := range clip.MultiLineString(frame, lines) {
		d.line(line)
	}
	return l.add(kindLine, d, props)
}

// Faces adds polygons, in units of the tile, cut at its Buffer. They may be changed. It
// reports whether something of them is on the tile.
func (l *Layer) Faces(faces orb.MultiPolygon, props ...Prop) bool {
	d := &pen{}
	for _, p := range faces {
		for i, ring := range p {
			if !frame.Contains(ring.Bound().Min) || !frame.Contains(ring.Bound().Max) {
				ring = clip.Ring(frame, ring)
			}
			if !d.ring(ring, i == 0) && i == 0 {
				break // without its outer ring there are no holes
			}
		}
	}
	return l.add(kindFace, d, props)
}

// add writes a feature, unless nothing was drawn.
func (l *Layer) add(kind uint64, d *pen, props []Prop) bool {
	if len(d.commands) == 0 {
		return false
	}
	var tags, shape, f []byte
	for _, p := range props {
		tags = protowire.AppendVarint(protowire.AppendVarint(tags, uint64(l.key(p.Name))), uint64(l.value(p.Value)))
	}
	for _, c := range d.commands {
		shape = protowire.AppendVarint(shape, uint64(c))
	}
	if len(tags) > 0 {
		f = bytesField(f, 2, tags)
	}
	f = protowire.AppendVarint(protowire.AppendTag(f, 3, protowire.VarintType), kind)
	f = bytesField(f, 4, shape)
	l.features = bytesField(l.features, 2, f)
	l.count++
	return true
}

func (l *Layer) key(name string) uint32 {
	n, ok := l.keys[name]
	if !ok {
		n = uint32(len(l.names))
		l.keys[name], l.names = n, append(l.names, name)
	}
	return n
}

func (l *Layer) value(v any) uint32 {
	n, ok := l.values[v]
	if !ok {
		n = uint32(len(l.written))
		l.values[v], l.written = n, append(l.written, encoded(v))
	}
	return n
}

// encoded is a value as the format has it.
func encoded(v any) []byte {
	switch v := v.(type) {
	case string:
		return bytesField(nil, 1, []byte(v))
	case float64:
		return protowire.AppendFixed64(protowire.AppendTag(nil, 3, protowire.Fixed64Type), math.Float64bits(v))
	case bool:
		return protowire.AppendVarint(protowire.AppendTag(nil, 7, protowire.VarintType), protowire.EncodeBool(v))
	case int:
		return encoded(int64(v))
	case int64:
		return protowire.AppendVarint(protowire.AppendTag(nil, 6, protowire.VarintType), protowire.EncodeZigZag(v))
	}
	panic("tile: a property is a text, a number or a truth")
}

// Marshal writes a tile of those layers that hold something; nil when none does.
func Marshal(layers ...*Layer) []byte {
	var out []byte
	for _, l := range layers {
		if l.count == 0 {
			continue
		}
		b := bytesField(nil, 1, []byte(l.name))
		b = append(b, l.features...)
		for _, name := range l.names {
			b = bytesField(b, 3, []byte(name))
		}
		for _, v := range l.written {
			b = bytesField(b, 4, v)
		}
		b = protowire.AppendVarint(protowire.AppendTag(b, 5, protowire.VarintType), Extent)
		b = protowire.AppendVarint(protowire.AppendTag(b, 15, protowire.VarintType), 2)
		out = bytesField(out, 3, b)
	}
	return out
}

func bytesField(b []byte, n protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}
