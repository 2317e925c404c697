package reckon

import (
	"cmp"

	"plaza/internal/base/tabular"
)

// calendar is the order of categories that are all days of the week or all months, by name;
// nil of others, and of a single one.
func calendar(all []*category) func(a, b tabular.Cell) int {
	var names []string
	for _, c := range all {
		if lastly(c.cell) == 0 {
			names = append(names, c.cell.Text)
		}
	}
	places := tabular.Calendar(names)
	if places == nil || len(names) < 2 {
		return nil
	}
	return func(a, b tabular.Cell) int { return cmp.Compare(places[a.Text], places[b.Text]) }
}
