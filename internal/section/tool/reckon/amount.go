package reckon

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/text"
)

// amount is a measure of some rows, which can be put together with that of others.
type amount struct {
	fn     tabular.Func
	number bool         // its values are numbers
	cell   tabular.Cell // as the engine has it
	value  float64
	n      int64 // of a mean: how many values
	merged bool  // value is what counts, not cell
	// keyed are the values of a lookup by their keys: each counts once, in however many rows.
	keyed map[string]float64
}

func newAmount(t *part, row []tabular.Cell) amount {
	a := amount{fn: t.fn, cell: row[t.at]}
	a.number = t.fn == tabular.Count || t.fn == tabular.Distinct || t.col.Type.Number()
	a.value, _ = strconv.ParseFloat(a.cell.Text, 64)
	if t.fn == tabular.Mean {
		a.n = whole(row[t.at+1])
	}
	return a
}

func whole(c tabular.Cell) int64 {
	n, _ := strconv.ParseInt(c.Text, 10, 64)
	return n
}

// mergeable reports whether what a function gives of two groups tells what it gives of both.
func mergeable(f tabular.Func) bool { return f != tabular.Median && f != tabular.Distinct }

// add puts the amount of other rows to it; false where that cannot be told.
func (a *amount) add(b amount) bool {
	if a.keyed != nil {
		a.keyed = maps.Clone(a.keyed)
		maps.Copy(a.keyed, b.keyed)
		return true
	}
	switch {
	case !mergeable(a.fn):
		return false
	case b.cell.Null:
		return true
	case a.cell.Null:
		*a = b
		return true
	}
	switch a.fn {
	case tabular.Min, tabular.Max:
		if a.less(b) != (a.fn == tabular.Min) {
			*a = b
		}
		return true
	case tabular.Mean:
		n := a.n + b.n
		a.value += (b.value - a.value) * float64(b.n) / float64(max(n, 1))
		a.n = n
	default:
		a.value += b.value
	}
	a.merged = true
	return true
}

func (a *amount) less(b amount) bool {
	if a.number {
		return a.value < b.value
	}
	return a.cell.Text < b.cell.Text
}

// figure is the amount as a number, false for none.
func (a *amount) figure() (float64, bool) {
	if a.keyed != nil {
		return reduced(a.fn, a.keyed)
	}
	return a.value, !a.cell.Null && a.number && !math.IsNaN(a.value) && !math.IsInf(a.value, 0)
}

// shown is the amount as a value of the result.
func (a *amount) shown() tabular.Cell {
	if a.keyed == nil && !a.merged {
		return a.cell
	}
	if v, ok := a.figure(); ok {
		return tabular.Cell{Text: query.Float(v)}
	}
	return tabular.Cell{Null: true}
}

// reduced computes a function of the values of a lookup, one for each key.
func reduced(f tabular.Func, keyed map[string]float64) (float64, bool) {
	values := slices.Sorted(maps.Values(keyed)) // one order, one sum
	n := len(values)
	if f == tabular.Count {
		return float64(n), true
	}
	if n == 0 {
		return 0, f == tabular.Distinct
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	switch f {
	case tabular.Sum:
		return sum, true
	case tabular.Mean:
		return sum / float64(n), true
	case tabular.Min:
		return values[0], true
	case tabular.Max:
		return values[n-1], true
	case tabular.Median:
		return (values[(n-1)/2] + values[n/2]) / 2, true
	}
	return float64(len(slices.Compact(values))), true
}

// bucket is a row of the result while groups are put together.
type bucket struct {
	keys    []tabular.Cell // by plan.groups
	amounts []amount       // by plan.measures
	rows    int64
	valued  int64              // how many of them have a value of the first measure
	by      map[string]float64 // what divides it, by key of place or lookup
	lost    bool               // nothing is known that would: its amounts do not count
}

func (b *bucket) clone() *bucket {
	out := *b
	out.keys, out.amounts = slices.Clone(b.keys), slices.Clone(b.amounts)
	out.by = maps.Clone(b.by)
	return &out
}

// add puts the rows of another bucket to it; false where that cannot be told.
func (b *bucket) add(o *bucket) bool {
	for i := range b.amounts {
		if b.amounts[i].keyed == nil && !mergeable(b.amounts[i].fn) {
			return false
		}
	}
	b.rows += o.rows
	b.valued += o.valued
	if o.lost {
		return true
	}
	if b.lost {
		b.amounts, b.lost = slices.Clone(o.amounts), false
	} else {
		for i := range b.amounts {
			b.amounts[i].add(o.amounts[i])
		}
	}
	if b.by == nil {
		b.by = map[string]float64{}
	}
	maps.Copy(b.by, o.by)
	return true
}

// id tells groups apart.
func (b *bucket) id() string {
	var out []byte
	for _, c := range b.keys {
		out = append(out, idOf(c)...)
		out = append(out, 0)
	}
	return string(out)
}

func idOf(c tabular.Cell) string {
	switch {
	case c == Other:
		return "o"
	case c.Null:
		return "n"
	}
	return "=" + c.Text
}

// order compares two values of a group as people have them in order; none comes last.
func (t *part) order(a, b tabular.Cell) int {
	if c := cmp.Compare(lastly(a), lastly(b)); c != 0 || lastly(a) > 0 {
		return c
	}
	if t.col.Type.Number() {
		x, errX := strconv.ParseFloat(a.Text, 64)
		y, errY := strconv.ParseFloat(b.Text, 64)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Or(cmp.Compare(text.Fold(a.Text), text.Fold(b.Text)), cmp.Compare(a.Text, b.Text))
}

// lastly has what is left over after all, and no value before it.
func lastly(c tabular.Cell) int {
	switch {
	case c == Other:
		return 2
	case c.Null:
		return 1
	}
	return 0
}
