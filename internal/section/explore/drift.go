package explore

import (
	"cmp"
	"slices"
	"strings"

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
}

func driftOfTable(before, after *tabular.Table) TableDrift {
	d := TableDrift{Table: after.Name}
	m := &matching{before: before.Columns, after: after.Columns, to: nones(len(before.Columns)), from: nones(len(after.Columns))}
	m.byName()
	d.Moved = !slices.IsSorted(matched(m.to))
	for _, p := range m.renames() {
		m.to[p.i], m.from[p.j] = p.j, p.i
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

func nones(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = -1
	}
	return out
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

// maxGuesses bounds the pairs that are looked at, in tables of thousands of columns that
// were all renamed.
const maxGuesses = 250_000

// renames are the pairs that are one column under two names, the surest first.
func (m *matching) renames() []guess {
	var all []guess
	seen := 0
	for i := range m.to {
		for j := range m.from {
			if m.to[i] >= 0 || m.from[j] >= 0 {
				continue
			}
			if seen++; seen > maxGuesses {
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
	names := alike(text.Fold(labelOf(a)), text.Fold(labelOf(b)))
	values := overlap(a, b)
	same := a.Type == b.Type
	place := m.neighbour(i, j, -1) && m.neighbour(i, j, 1)
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

// neighbour reports whether the nearest matched column on a side is the same for both.
func (m *matching) neighbour(i, j, step int) bool {
	for i += step; i >= 0 && i < len(m.to) && m.to[i] < 0; i += step {
	}
	for j += step; j >= 0 && j < len(m.from) && m.from[j] < 0; j += step {
	}
	endI, endJ := i < 0 || i >= len(m.to), j < 0 || j >= len(m.from)
	if endI || endJ {
		return endI && endJ
	}
	return m.to[i] == j
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

// alike is how alike two names are, from 0 to 1: by how many letters must change.
func alike(a, b string) float64 {
	x, y := []rune(strings.Join(strings.Fields(a), " ")), []rune(strings.Join(strings.Fields(b), " "))
	longest := max(len(x), len(y))
	if longest == 0 || len(x) > tabular.MaxName || len(y) > tabular.MaxName {
		return 0
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		left, diagonal := i+1, i
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost = 1 + min(diagonal, row[j+1], left)
			}
			diagonal, row[j], left = row[j+1], left, cost
		}
		row[len(y)] = left
	}
	return 1 - float64(row[len(y)])/float64(longest)
}
