package basemap

import (
	"slices"

	"github.com/paulmach/orb"
)

// widestGap is how wide a gap between neighbours may be, in sides of the world: some ten
// kilometres. What is wider is a lake, or the sea.
const widestGap = 0.1 / 360

// mend closes the gaps that the outlines leave where three things meet: small rings of
// borders that have one thing beside them and are of several. A gap becomes a face of one
// of those things, and its borders are told to lie inland.
func (m *mesh) mend(towns, states []shape) {
	for _, gap := range m.gaps() {
		owners := m.owners(gap)
		if len(owners) < 2 {
			continue // an island
		}
		l, ok := m.stitch(gap)
		if !ok {
			continue
		}
		for _, n := range gap {
			m.borders[n].sides = owners
		}
		for _, list := range [][]shape{towns, states} {
			i := slices.IndexFunc(list, func(s shape) bool { return s.code == owners[0][:len(s.code)] })
			list[i].faces = append(list[i].faces, []loop{l})
			list[i].bound = list[i].bound.Union(m.extent(gap))
		}
	}
}

// ends are where a border begins and ends.
func (b border) ends() (from, to orb.Point) {
	return b.line.points[0], b.line.points[len(b.line.points)-1]
}

// gaps are the small groups of borders with one thing beside them that hang together.
func (m *mesh) gaps() (out [][]int) {
	at := map[orb.Point][]int{}
	var open []int
	for n, b := range m.borders {
		if from, to := b.ends(); len(b.sides) == 1 && from != to {
			at[from], at[to] = append(at[from], n), append(at[to], n)
			open = append(open, n)
		}
	}
	seen := map[int]bool{}
	for _, first := range open {
		var group []int
		for todo := []int{first}; len(todo) > 0; {
			n := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if seen[n] {
				continue
			}
			seen[n] = true
			group = append(group, n)
			from, to := m.borders[n].ends()
			todo = append(append(todo, at[from]...), at[to]...)
		}
		if len(group) == 0 {
			continue
		}
		if e := m.extent(group); e.Max[0]-e.Min[0] < widestGap && e.Max[1]-e.Min[1] < widestGap {
			out = append(out, group)
		}
	}
	return out
}

func (m *mesh) extent(group []int) orb.Bound {
	e := m.borders[group[0]].line.bound
	for _, n := range group[1:] {
		e = e.Union(m.borders[n].line.bound)
	}
	return e
}

// owners are the things beside some borders, sorted.
func (m *mesh) owners(group []int) (out []string) {
	for _, n := range group {
		out = append(out, m.borders[n].sides...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stitch walks around a gap; false when its borders make no ring.
func (m *mesh) stitch(group []int) (loop, bool) {
	left := slices.Clone(group[1:])
	out := loop{group[0]}
	start, at := m.borders[group[0]].ends()
	for at != start {
		i := slices.IndexFunc(left, func(n int) bool {
			from, to := m.borders[n].ends()
			return from == at || to == at
		})
		if i < 0 {
			return nil, false
		}
		n := left[i]
		left = slices.Delete(left, i, i+1)
		from, to := m.borders[n].ends()
		if from == at {
			out, at = append(out, n), to
		} else {
			out, at = append(out, ^n), from
		}
	}
	return out, true
}
