package explore

import (
	"math"

	"plaza/internal/base/tabular"
)

// Aspect is what of a column is another in a later version.
type Aspect string

// The aspects.
const (
	AspectMeaning  Aspect = "meaning"
	AspectUnit     Aspect = "unit"
	AspectNulls    Aspect = "nulls"
	AspectDistinct Aspect = "distinct"
	AspectMin      Aspect = "min"
	AspectMax      Aspect = "max"
)

// Shift is something about a column's values that changed and is worth a look.
type Shift struct {
	Table         string
	Aspect        Aspect
	Before, After tabular.Column
}

const (
	// worthNulls is by how much the share of empty cells must move to be told.
	worthNulls = 0.05
	// worthDistinct is by how much of itself the number of values must move; less is what
	// estimates and a few more rows do.
	worthDistinct = 0.25
	// maxShifts bounds what is told of two files.
	maxShifts = 300
)

// Shifts are the changes of columns that both versions have. Profiles are those that
// anybody may see: of columns that nobody may, no value is told.
func Shifts(before, after tabular.Profile) []Shift {
	var out []Shift
	pairs, _, _ := pairTables(before.Tables, after.Tables)
	for _, p := range pairs {
		m, _, _ := match(p[0], p[1])
		for i, j := range m.to {
			if j < 0 {
				continue
			}
			for _, aspect := range shifted(m.before[i], m.after[j]) {
				if len(out) == maxShifts {
					return out
				}
				out = append(out, Shift{p[1].Name, aspect, m.before[i], m.after[j]})
			}
		}
	}
	return out
}

func shifted(a, b tabular.Column) []Aspect {
	var out []Aspect
	add := func(changed bool, aspect Aspect) {
		if changed {
			out = append(out, aspect)
		}
	}
	add(a.Meaning != b.Meaning, AspectMeaning)
	add(a.Unit != b.Unit, AspectUnit)
	x, y := NullShare(a), NullShare(b)
	add((x == 0) != (y == 0) || math.Abs(x-y) >= worthNulls, AspectNulls)
	n, m := float64(a.Stats.Distinct), float64(b.Stats.Distinct)
	add(n > 0 && m > 0 && math.Abs(n-m) > worthDistinct*math.Max(n, m), AspectDistinct)
	if a.Type == b.Type && a.Type != tabular.Text {
		add(a.Stats.Min != "" && b.Stats.Min != "" && a.Stats.Min != b.Stats.Min, AspectMin)
		add(a.Stats.Max != "" && b.Stats.Max != "" && a.Stats.Max != b.Stats.Max, AspectMax)
	}
	return out
}

// Blank is how many cells of a column say nothing: those whose text does not fit its type
// have no value either, but say something.
func Blank(c tabular.Column) int64 { return max(0, c.Stats.Nulls-c.Odd) }

// NullShare is which share of a column's cells says nothing, from 0 to 1.
func NullShare(c tabular.Column) float64 {
	if all := c.Stats.Count + c.Stats.Nulls; all > 0 {
		return float64(Blank(c)) / float64(all)
	}
	return 0
}
