package tool

import (
	"cmp"
	"slices"

	"plaza/internal/base/text"
)

// How sure it must be that a column is another under a new name, and what speaks for it
// besides their names.
const (
	sure       = 0.65
	forType    = 0.2 // the same type; as much against it when it is another
	forPlace   = 0.3 // at the same place
	nearName   = 0.3 // names that have less in common are of two columns, wherever they stand
	maxLetters = 64  // of a name that are compared
	maxPairs   = 20_000
)

// replacements are the columns that seem to stand in the place of those that are gone, by
// the names of these; each stands for one at most. Those that the tool uses already, and those
// that were there before, stand for none.
func replacements(gone, uses []Use, now, before Table) map[string]string {
	type pair struct {
		from, to string
		score    float64
	}
	var pairs []pair
	for at, c := range now.Columns {
		taken := before.at(c.Name) >= 0 || slices.ContainsFunc(uses, func(u Use) bool { return u.Column == c.Name })
		if taken || len(pairs) >= maxPairs {
			continue
		}
		for _, u := range gone {
			if s := likeness(u, c, at); s >= sure {
				pairs = append(pairs, pair{u.Column, c.Name, s})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.score, a.score) })
	out, used := map[string]string{}, map[string]bool{}
	for _, p := range pairs {
		if out[p.from] == "" && !used[p.to] {
			out[p.from], used[p.to] = p.to, true
		}
	}
	return out
}

// likeness is how sure it is that a column that is gone is another one now.
func likeness(u Use, c Column, at int) float64 {
	a, b := letters(u.Column), letters(c.Name)
	s := text.Alike(a, b)
	if s < nearName {
		return 0
	}
	switch {
	case u.Type == "":
	case alike(u.Type, c.Type):
		s += forType
	default:
		s -= forType
	}
	if u.Position == at {
		s += forPlace
	}
	return s
}

func letters(name string) []rune {
	all := []rune(text.Fold(name))
	return all[:min(len(all), maxLetters)]
}
