// Package tiletest reads vector tiles back, by the format's description and not by the
// code that writes them, for tests.
package tiletest

import (
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// Kinds of features.
const (
	Point = 1
	Line  = 2
	Face  = 3
)

// Feature is one thing on a tile. Paths are its points, lines or rings, in units of the tile.
type Feature struct {
	Kind  uint64
	Props map[string]any
	Paths [][][2]int32
}

// Tile is a tile's features, by layer.
type Tile map[string][]Feature

// field is one field of a message.
type field struct {
	number protowire.Number
	raw    []byte
	value  uint64
}

func fields(t testing.TB, b []byte) (out []field) {
	t.Helper()
	for len(b) > 0 {
		n, kind, used := protowire.ConsumeTag(b)
		if used < 0 {
			t.Fatal("the tile is no message")
		}
		b = b[used:]
		f := field{number: n}
		switch kind {
		case protowire.VarintType:
			f.value, used = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			f.value, used = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			f.raw, used = protowire.ConsumeBytes(b)
		default:
			used = -1
		}
		if used < 0 {
			t.Fatalf("field %d of the tile is broken", n)
		}
		b = b[used:]
		out = append(out, f)
	}
	return out
}

// Read reads a tile. It fails the test at anything that the format does not allow.
func Read(t testing.TB, body []byte) Tile {
	t.Helper()
	out := Tile{}
	for _, l := range fields(t, body) {
		name, features := layer(t, l.raw)
		if _, twice := out[name]; twice {
			t.Fatalf("the tile has two layers %s", name)
		}
		out[name] = features
	}
	return out
}

func layer(t testing.TB, body []byte) (name string, out []Feature) {
	t.Helper()
	var keys []string
	var values []any
	version, extent := uint64(1), uint64(4096)
	all := fields(t, body)
	for _, f := range all {
		switch f.number {
		case 1:
			name = string(f.raw)
		case 3:
			keys = append(keys, string(f.raw))
		case 4:
			values = append(values, value(t, f.raw))
		case 5:
			extent = f.value
		case 15:
			version = f.value
		}
	}
	if version != 2 || extent != 4096 || name == "" {
		t.Fatalf("layer %q has version %d and extent %d", name, version, extent)
	}
	for _, f := range all {
		if f.number == 2 {
			out = append(out, feature(t, f.raw, keys, values))
		}
	}
	return name, out
}

func value(t testing.TB, body []byte) any {
	t.Helper()
	for _, f := range fields(t, body) {
		switch f.number {
		case 1:
			return string(f.raw)
		case 3:
			return math.Float64frombits(f.value)
		case 6:
			return protowire.DecodeZigZag(f.value)
		case 7:
			return f.value == 1
		}
	}
	t.Fatal("a value of the tile is of no kind")
	return nil
}

func numbers(t testing.TB, b []byte) (out []uint64) {
	t.Helper()
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			t.Fatal("a list of the tile is broken")
		}
		out, b = append(out, v), b[n:]
	}
	return out
}

func feature(t testing.TB, body []byte, keys []string, values []any) Feature {
	t.Helper()
	out := Feature{Props: map[string]any{}}
	for _, f := range fields(t, body) {
		switch f.number {
		case 2:
			tags := numbers(t, f.raw)
			for i := 0; i+1 < len(tags); i += 2 {
				out.Props[keys[tags[i]]] = values[tags[i+1]]
			}
		case 3:
			out.Kind = f.value
		case 4:
			out.Paths = paths(t, numbers(t, f.raw))
		}
	}
	return out
}

// paths follows the commands that draw a geometry.
func paths(t testing.TB, commands []uint64) (out [][][2]int32) {
	t.Helper()
	var at [2]int32
	for i := 0; i < len(commands); {
		name, count := commands[i]&7, int(commands[i]>>3)
		i++
		if name == 7 {
			continue
		}
		if name != 1 && name != 2 || i+2*count > len(commands) {
			t.Fatalf("a geometry has the command %d", name)
		}
		for range count {
			for k := range at {
				at[k] += int32(protowire.DecodeZigZag(commands[i+k]))
			}
			i += 2
			if name == 1 {
				out = append(out, nil)
			}
			out[len(out)-1] = append(out[len(out)-1], at)
		}
	}
	return out
}

// Area is twice the area of a ring, positive with the clock.
func Area(ring [][2]int32) (sum int64) {
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		sum += int64(a[0])*int64(b[1]) - int64(b[0])*int64(a[1])
	}
	return sum
}
