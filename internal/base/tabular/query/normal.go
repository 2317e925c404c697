package query

import (
	"cmp"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
)

// Normal is the query that asks the same in the one order and form in which addresses
// write it. It is what Parse makes of what Values wrote.
func Normal(q tabular.Query) tabular.Query {
	out := tabular.Query{
		Columns:  distinct(q.Columns),
		Search:   strings.Join(strings.Fields(q.Search), " "),
		Where:    normalWhere(q.Where),
		Sort:     distinctOrders(q.Sort),
		Key:      q.Key,
		Limit:    q.Limit,
		Measures: distinct(q.Measures),
	}
	for _, g := range q.Group {
		switch {
		case g.Step != tabular.StepBins:
			g.Bins = 0
		case g.Bins == 0:
			g.Bins = DefaultBins
		}
		out.Group = append(out.Group, g)
	}
	return out
}

// Canonical is the same text for all queries that ask the same: a key for caches, and a
// query part of an address that may be opened.
func Canonical(q tabular.Query) string {
	q = Normal(q)
	words := searched(text.Fold(q.Search))
	slices.Sort(words)
	q.Search = strings.Join(slices.Compact(words), " ")
	return Values(q).Encode()
}

func distinct[T comparable](list []T) []T {
	var out []T
	seen := map[T]bool{}
	for _, one := range list {
		if !seen[one] {
			seen[one] = true
			out = append(out, one)
		}
	}
	return out
}

// distinctOrders is a sort without columns that cannot matter any more.
func distinctOrders(list []tabular.Order) []tabular.Order {
	var out []tabular.Order
	seen := map[string]bool{}
	for _, o := range list {
		if !seen[o.Column] && !seen[tabular.ColumnRow] {
			seen[o.Column] = true
			out = append(out, o)
		}
	}
	return out
}

// many are the operators whose values are alternatives, in any order.
func many(op tabular.Operator) bool {
	_, most := wanted(op)
	return most == MaxValues
}

func normalWhere(list []tabular.Condition) []tabular.Condition {
	var out []tabular.Condition
	for _, c := range list {
		out = append(out, normalEnds(normalValues(c))...)
	}
	out = pairEnds(mergeNot(out))
	slices.SortFunc(out, compare)
	return slices.CompactFunc(out, func(a, b tabular.Condition) bool { return compare(a, b) == 0 })
}

func normalValues(c tabular.Condition) tabular.Condition {
	values := slices.Clone(c.Values)
	if len(values) == 0 {
		values = nil
	}
	if many(c.Op) {
		slices.Sort(values)
		values = slices.Compact(values)
	}
	c.Values = values
	return c
}

// normalEnds takes a Between apart into its ends.
func normalEnds(c tabular.Condition) []tabular.Condition {
	if c.Op != tabular.Between || len(c.Values) != 2 {
		return []tabular.Condition{c}
	}
	var out []tabular.Condition
	for i, op := range []tabular.Operator{tabular.AtLeast, tabular.AtMost} {
		if strings.TrimSpace(c.Values[i]) != "" {
			out = append(out, tabular.Condition{Column: c.Column, Op: op, Values: []string{c.Values[i]}})
		}
	}
	if out == nil {
		return []tabular.Condition{c}
	}
	return out
}

// mergeNot puts the values that a column must not have into one condition.
func mergeNot(list []tabular.Condition) []tabular.Condition {
	var out []tabular.Condition
	at := map[string]int{}
	for _, c := range list {
		i, ok := at[c.Column]
		if c.Op != tabular.IsNot {
			out = append(out, c)
			continue
		}
		if ok {
			if merged := normalValues(tabular.Condition{Column: c.Column, Op: c.Op, Values: append(slices.Clone(out[i].Values), c.Values...)}); len(merged.Values) <= MaxValues {
				out[i] = merged
				continue
			}
		}
		at[c.Column] = len(out)
		out = append(out, c)
	}
	return out
}

// pairEnds makes a Between of the two ends of a column that has one of each.
func pairEnds(list []tabular.Condition) []tabular.Condition {
	ends := map[string][2][]int{}
	for i, c := range list {
		e := ends[c.Column]
		switch c.Op {
		case tabular.AtLeast:
			e[0] = append(e[0], i)
		case tabular.AtMost:
			e[1] = append(e[1], i)
		}
		ends[c.Column] = e
	}
	var out []tabular.Condition
	for _, c := range list {
		e := ends[c.Column]
		paired := len(e[0]) == 1 && len(e[1]) == 1 && len(list[e[0][0]].Values) == 1 && len(list[e[1][0]].Values) == 1
		switch {
		case paired && c.Op == tabular.AtMost:
		case paired && c.Op == tabular.AtLeast:
			out = append(out, tabular.Condition{Column: c.Column, Op: tabular.Between, Values: []string{c.Values[0], list[e[1][0]].Values[0]}})
		default:
			out = append(out, c)
		}
	}
	return out
}

func compare(a, b tabular.Condition) int {
	return cmp.Or(
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(slices.Index(tabular.Operators, a.Op), slices.Index(tabular.Operators, b.Op)),
		slices.Compare(a.Values, b.Values),
	)
}
