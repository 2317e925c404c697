package place

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
)

// topology is the part of the embedded TopoJSON that is needed. Borders are written once
// and shared by their neighbours, from which the outlines of states follow exactly.
type topology struct {
	Transform struct {
		Scale, Translate [2]float64
	} `json:"transform"`
	Objects struct {
		Towns struct {
			Geometries []geometry `json:"geometries"`
		} `json:"municipios"`
	} `json:"objects"`
	Arcs [][][2]float64 `json:"arcs"`
}

type geometry struct {
	Type       string          `json:"type"`
	Arcs       json.RawMessage `json:"arcs"`
	Properties struct {
		Code  string `json:"cvegeo"`
		Town  string `json:"nom_mun"`
		State string `json:"nom_ent"`
	} `json:"properties"`
}

// rings are the polygons of a geometry, each ring as numbers of arcs.
func (g geometry) rings() (out [][][]int, err error) {
	if g.Type == "MultiPolygon" {
		err = json.Unmarshal(g.Arcs, &out)
		return out, err
	}
	out = make([][][]int, 1)
	err = json.Unmarshal(g.Arcs, &out[0])
	return out, err
}

// place turns the steps of arcs into degrees.
func (t *topology) place() {
	for _, arc := range t.Arcs {
		var x, y float64
		for i, d := range arc {
			x, y = x+d[0], y+d[1]
			arc[i] = [2]float64{x*t.Transform.Scale[0] + t.Transform.Translate[0], y*t.Transform.Scale[1] + t.Transform.Translate[1]}
		}
	}
}

// arc is an arc in its direction: a negative number is the arc ^n backwards.
func (t *topology) arc(n int) [][2]float64 {
	if n >= 0 {
		return t.Arcs[n]
	}
	out := slices.Clone(t.Arcs[^n])
	slices.Reverse(out)
	return out
}

// join makes a ring of arcs.
func (t *topology) join(arcs []int) (ring [][2]float64) {
	for i, n := range arcs {
		part := t.arc(n)
		if i > 0 {
			part = part[1:]
		}
		ring = append(ring, part...)
	}
	return ring
}

// dissolve makes polygons of what lies outside when neighbours are one: an arc that is
// used in both directions is a border between two of them and goes.
func (t *topology) dissolve(rings [][]int) [][][][2]float64 {
	used := map[int]bool{}
	for _, ring := range rings {
		for _, n := range ring {
			if used[^n] {
				delete(used, ^n)
				continue
			}
			used[n] = true
		}
	}
	left := make([]int, 0, len(used))
	for n := range used {
		left = append(left, n)
	}
	slices.Sort(left)
	from := map[[2]float64][]int{} // arcs by where they begin
	for _, n := range left {
		start := t.arc(n)[0]
		from[start] = append(from[start], n)
	}
	var closed [][][2]float64
	for _, n := range left {
		if !used[n] {
			continue
		}
		if ring := t.follow(n, from, used); len(ring) >= 4 {
			closed = append(closed, ring)
		}
	}
	return polygons(closed)
}

// follow walks from arc to arc until the ring is closed.
func (t *topology) follow(n int, from map[[2]float64][]int, used map[int]bool) (ring [][2]float64) {
	for {
		delete(used, n)
		part := t.arc(n)
		if len(ring) > 0 {
			part = part[1:]
		}
		ring = append(ring, part...)
		end := ring[len(ring)-1]
		if end == ring[0] {
			return ring
		}
		next, found := 0, false
		for _, c := range from[end] {
			if used[c] {
				next, found = c, true
				break
			}
		}
		if !found {
			return append(ring, ring[0])
		}
		n = next
	}
}

// polygons groups rings: those that go as the largest goes are outer rings, the others
// holes of the smallest outer ring around them.
func polygons(rings [][][2]float64) (out [][][][2]float64) {
	slices.SortFunc(rings, func(a, b [][2]float64) int {
		return cmp.Compare(math.Abs(turn(b)), math.Abs(turn(a)))
	})
	for _, r := range rings {
		if turn(r)*turn(rings[0]) > 0 {
			out = append(out, [][][2]float64{r})
			continue
		}
		for i := len(out) - 1; i >= 0; i-- { // the smallest come last
			if even(out[i][:1], r[0]) {
				out[i] = append(out[i], r)
				break
			}
		}
	}
	return out
}

// turn is twice the area of a ring, positive against the clock.
func turn(ring [][2]float64) (sum float64) {
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		sum += (a[0]-ring[0][0])*(b[1]-ring[0][1]) - (b[0]-ring[0][0])*(a[1]-ring[0][1])
	}
	return sum
}

// even reports whether a point lies in rings by the even-odd rule.
func even(rings [][][2]float64, p [2]float64) bool {
	in := false
	for _, r := range rings {
		for i := 1; i < len(r); i++ {
			a, b := r[i-1], r[i]
			if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1])+a[0] {
				in = !in
			}
		}
	}
	return in
}
