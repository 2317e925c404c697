package place

import (
	"encoding/binary"
	"iter"
	"math"
)

// Level is states or municipalities.
type Level int

// The levels.
const (
	StateLevel Level = iota
	TownLevel
)

// Outline is the outline of a state or municipality as WKB: a polygon or several,
// longitude first.
func Outline(code string) (wkb []byte, ok bool) {
	a := load().byCode[code]
	if a == nil {
		return nil, false
	}
	return a.wkb(), true
}

// Outlines gives the code and outline of each place of a level, by code.
func Outlines(level Level) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		list := load().states
		if level == TownLevel {
			list = load().towns
		}
		for _, a := range list {
			if !yield(a.code, a.wkb()) {
				return
			}
		}
	}
}

func (a *area) wkb() []byte {
	var b []byte
	head := func(kind, n int) {
		b = binary.LittleEndian.AppendUint32(append(b, 1), uint32(kind))
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	if len(a.polygons) > 1 {
		head(6, len(a.polygons))
	}
	for _, p := range a.polygons {
		head(3, len(p))
		for _, ring := range p {
			b = binary.LittleEndian.AppendUint32(b, uint32(len(ring)))
			for _, v := range ring {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v[0]))
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v[1]))
			}
		}
	}
	return b
}
