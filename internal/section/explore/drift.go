package explore

import (
	"cmp"
	"slices"

	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
)

// Drift is how the shape of a file changed from one version to the next.
type Drift struct {
	Tables  []TableDrift `json:"tables,omitempty"`  // those in both, where their columns differ
	Added   []string     `json:"added,omitempty"`   // names of tables
	Removed []string     `json:"removed,omitempty"` // names of tables
}

// TableDrift is how the columns of one table changed.
type TableDrift struct {
	Table   string   `json:"table"`
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	Renamed []Rename `json:"renamed,omitempty"`
	Retyped []Retype `json:"retyped,omitempty"`
	Moved   bool     `json:"moved,omitempty"` // columns of both stand in another order
}

// Rename is a column that seems to be another's under a new name.
type Rename struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Retype is a column whose values are now of another type.
type Retype struct {
	Column string       `json:"column"` // its name now
	From   tabular.Type `json:"from"`
	To     tabular.Type `json:"to"`
}

// None reports whether nothing changed that whoever reads the file by a program must know.
func (d Drift) None() bool { return len(d.Tables) == 0 && len(d.Added) == 0 && len(d.Removed) == 0 }

// DriftOf compares the shapes of two versions of a file by their profiles.
func DriftOf(before, after tabular.Profile) Drift {
	var d Drift
	pairs, removed, added := pairTables(before.Tables, after.Tables)
	for _, p := range pairs {
		if t := driftOfTable(p[0], p[1]); len(t.Added)+len(t.Removed)+len(t.Renamed)+len(t.Retyped) > 0 || t.Moved {
			d.Tables = append(d.Tables, t)
		}
	}
	for _, t := range removed {
		d.Removed = append(d.Removed, t.Name)
	}
	for _, t := range added {
		d.Added = append(d.Added, t.Name)
	}
	return d
}

// pairTables finds which tables of two versions are the same: by name, or the only one in
// each, as the name of an archive's member often holds a date.
func pairTables(before, after []tabular.Table) (pairs [][2]*tabular.Table, removed, added []*tabular.Table) {
	if len(before) == 1 && len(after) == 1 {
		return [][2]*tabular.Table{{&before[0], &after[0]}}, nil, nil
	}
	byName := map[string]*tabular.Table{}
	for i := range after {
		byName[text.Fold(after[i].Name)] = &after[i]
	}
	used := map[*tabular.Table]bool{}
	for i := range before {
		to := byName[text.Fold(before[i].Name)]
		if to == nil || used[to] {
			removed = append(removed, &before[i])
			continue
		}
		used[to] = true
		pairs = append(pairs, [2]*tabular.Table{&before[i], to})
	}
	for i := range after {
		if !used[&after[i]] {
			added = append(added, &after[i])
		}
	}
	return pairs, removed, added
}

// matching is which columns of two tables are the same: positions, -1 for none.
type matching struct {
	before, after []tabular.Column
	to, from      []int
	// of each column: its folded name, and the nearest matched column of the table before
	// on its left and on its right, -1 for none
	nameTo, nameFrom [][]rune
	sideTo, sideFrom [2][]int
}

func driftOfTable(before, after *tabular.Table) TableDrift {
	d := TableDrift{Table: after.Name}
	m, renames, moved := match(before, after)
	d.Moved = moved
	for _, p := range renames {
		d.Renamed = append(d.Renamed, Rename{m.before[p.i].Name, m.after[p.j].Name})
	}
	for i, j := range m.to {
		if j < 0 {
			d.Removed = append(d.Removed, m.before[i].Name)
		} else if m.before[i].Type != m.after[j].Type {
			d.Retyped = append(d.Retyped, Retype{m.after[j].Name, m.before[i].Type, m.after[j].Type})
		}
	}
	for j, i := range m.from {
		if i < 0 {
			d.Added = append(d.Added, m.after[j].Name)
		}
	}
	return d
}

// renamed are the columns of two versions that seem to be one under two names.
func renamed(before, after tabular.Profile) (out [][2]tabular.Column) {
	pairs, _, _ := pairTables(before.Tables, after.Tables)
	for _, p := range pairs {
		m, renames, _ := match(p[0], p[1])
		for _, g := range renames {
			out = append(out, [2]tabular.Column{m.before[g.i], m.after[g.j]})
		}
	}
	return out
}

// match finds which columns of two tables are the same, those that seem renamed included.
func match(before, after *tabular.Table) (m *matching, renames []guess, moved bool) {
	m = &matching{before: before.Columns, after: after.Columns, to: nones(len(before.Columns)), from: nones(len(after.Columns))}
	m.byName()
	moved = !slices.IsSorted(matched(m.to))
	renames = m.renames()
	for _, p := range renames {
		m.to[p.i], m.from[p.j] = p.j, p.i
	}
	return m, renames, moved
}

func nones(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = -1
	}
	return out
}

func unmatched(list []int) (at []int) {
	for i, other := range list {
		if other < 0 {
			at = append(at, i)
		}
	}
	return at
}

func matched(to []int) []int {
	return slices.DeleteFunc(slices.Clone(to), func(j int) bool { return j < 0 })
}

func labelOf(c tabular.Column) string { return cmp.Or(c.Label, c.Name) }

// byName matches columns that the file calls the same, whatever the case and the accents.
func (m *matching) byName() {
	for _, key := range []func(tabular.Column) string{labelOf, func(c tabular.Column) string { return text.Fold(labelOf(c)) }, func(c tabular.Column) string { return text.Fold(c.Name) }} {
		at := map[string]int{}
		for j, c := range m.after {
			if _, known := at[key(c)]; !known && m.from[j] < 0 {
				at[key(c)] = j
			}
		}
		for i, c := range m.before {
			if j, ok := at[key(c)]; ok && m.to[i] < 0 && m.from[j] < 0 {
				m.to[i], m.from[j] = j, i
			}
		}
	}
}

// guess is a pair of columns that may be one, and how sure that is.
type guess struct {
	i, j  int
	score float64
}

const (
	// maxGuesses bounds the pairs that are looked at: of a table of thousands of columns
	// that were all renamed, only those that stand near each other.
	maxGuesses = 20_000
	// maxAlike is how many letters of a name are compared.
	maxAlike = 64
)

// renames are the pairs that are one column under two names, the surest first.
func (m *matching) renames() []guess {
	left, right := unmatched(m.to), unmatched(m.from)
	far := len(m.to) + len(m.from)
	if len(left)*len(right) > maxGuesses {
		far = maxGuesses / (2 * len(left))
	}
	m.prepare()
	var all []guess
	for _, i := range left {
		first, _ := slices.BinarySearch(right, i-far)
		for _, j := range right[first:] {
			if j > i+far {
				break
			}
			if s := m.score(i, j); s > 0 {
				all = append(all, guess{i, j, s})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(b.score, a.score) })
	var out []guess
	to, from := map[int]bool{}, map[int]bool{}
	for _, g := range all {
		if !to[g.i] && !from[g.j] {
			to[g.i], from[g.j] = true, true
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b guess) int { return cmp.Compare(a.i, b.i) })
	return out
}

// score is how sure it is that two columns are one: 0 when nothing speaks for it. Names
// alone must be very alike; beside the same neighbours less is enough, and there, the same
// values are.
func (m *matching) score(i, j int) float64 {
	a, b := m.before[i], m.after[j]
	names := text.Alike(m.nameTo[i], m.nameFrom[j])
	values := overlap(a, b)
	same := a.Type == b.Type
	place := m.beside(i, j)
	switch {
	case place && same && (names >= 0.5 || values >= 0.6):
		return 1 + names + values
	case names >= 0.8 && (same || place):
		return names + values
	case same && values >= 0.8 && names >= 0.5:
		return names
	}
	return 0
}

// prepare notes names and neighbours, once columns are matched by name.
func (m *matching) prepare() {
	for _, c := range m.before {
		m.nameTo = append(m.nameTo, letters(c))
	}
	for _, c := range m.after {
		m.nameFrom = append(m.nameFrom, letters(c))
	}
	self := make([]int, len(m.to))
	for i, j := range m.to {
		if self[i] = i; j < 0 {
			self[i] = -1
		}
	}
	m.sideTo, m.sideFrom = sides(self), sides(m.from)
}

func letters(c tabular.Column) []rune {
	all := []rune(text.Fold(labelOf(c)))
	return all[:min(len(all), maxAlike)]
}

// sides are the nearest known numbers on the left and on the right of each place.
func sides(list []int) (out [2][]int) {
	out = [2][]int{make([]int, len(list)), make([]int, len(list))}
	left, right := -1, -1
	for i := range list {
		if out[0][i] = left; list[i] >= 0 {
			left = list[i]
		}
		k := len(list) - 1 - i
		if out[1][k] = right; list[k] >= 0 {
			right = list[k]
		}
	}
	return out
}

// beside reports whether two columns stand between the same ones.
func (m *matching) beside(i, j int) bool {
	return m.sideTo[0][i] == m.sideFrom[0][j] && m.sideTo[1][i] == m.sideFrom[1][j]
}

// overlap is which share of the most frequent values two columns have in common; 0 for
// columns with one value or none, which say nothing.
func overlap(a, b tabular.Column) float64 {
	in := map[string]bool{}
	for _, v := range a.Stats.Top {
		in[v.Value] = true
	}
	if len(in) < 2 || len(b.Stats.Top) < 2 {
		return 0
	}
	both := 0
	for _, v := range b.Stats.Top {
		if in[v.Value] {
			both++
		}
	}
	return float64(both) / float64(len(in)+len(b.Stats.Top)-both)
}
