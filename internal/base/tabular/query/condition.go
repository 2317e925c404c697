package query

import (
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
)

// fits reports whether an operator makes sense for a column.
func fits(op tabular.Operator, c column) bool {
	switch op {
	case tabular.Empty, tabular.NotEmpty:
		return true
	case tabular.Is, tabular.IsNot:
		return c.Type != tabular.Geometry
	case tabular.Contains, tabular.StartsWith:
		return c.Type.Words()
	case tabular.Less, tabular.AtMost, tabular.More, tabular.AtLeast, tabular.Between:
		// words have no order that people mean, codes have that of their digits
		return c.Type.Number() || c.Type.Temporal() || c.Type == tabular.Time || c.Type == tabular.Code
	case tabular.Inside:
		return c.Meaning == tabular.State || c.Meaning == tabular.Municipality || c.Meaning == tabular.Locality
	}
	return false
}

// OperatorsOf are the operators that make sense for a column, in the order in which
// people are offered them.
func OperatorsOf(c tabular.Column) []tabular.Operator {
	var out []tabular.Operator
	for _, op := range tabular.Operators {
		if fits(op, column{Column: c}) {
			out = append(out, op)
		}
	}
	return out
}

// wanted is how many values an operator takes.
func wanted(op tabular.Operator) (least, most int) {
	switch op {
	case tabular.Is, tabular.IsNot, tabular.Contains, tabular.StartsWith, tabular.Inside:
		return 1, MaxValues
	case tabular.Between:
		return 2, 2
	case tabular.Empty, tabular.NotEmpty:
		return 0, 0
	case tabular.Near:
		return 3, 3
	case tabular.Box:
		return 4, 4
	}
	return 1, 1
}

// condition compiles one condition; "" when it is wrong, or lets every row pass.
func (b *builder) condition(c tabular.Condition) string {
	field := Param(c)
	if !slices.Contains(tabular.Operators, c.Op) {
		b.wrong(field, "query.operator", map[string]any{"operator": string(c.Op)})
		return ""
	}
	least, most := wanted(c.Op)
	if n := len(c.Values); n < least || n > most {
		b.wrong(field, "query.values", map[string]any{"min": least, "max": most})
		return ""
	}
	if c.Column == "" {
		return b.placed(field, c)
	}
	col, ok := b.view.columns[c.Column]
	if !ok {
		b.wrong(field, "query.column", map[string]any{"column": c.Column})
		return ""
	}
	if !fits(c.Op, col) {
		b.wrong(field, "query.operator.type", map[string]any{"column": c.Column})
		return ""
	}
	switch c.Op {
	case tabular.Empty:
		return col.expr + " IS NULL"
	case tabular.NotEmpty:
		return col.expr + " IS NOT NULL"
	case tabular.Inside:
		return b.codes(field, col, c.Values)
	case tabular.Contains, tabular.StartsWith:
		return b.matches(field, col, c)
	case tabular.Between:
		return b.between(field, col, c.Values)
	}
	values := b.values(field, col, c.Values)
	if len(values) != len(c.Values) {
		return ""
	}
	switch c.Op {
	case tabular.Is:
		return b.among(col, values)
	case tabular.IsNot:
		return "(" + col.expr + " IS NULL OR NOT " + b.among(col, values) + ")"
	}
	return b.compare(col, c.Op, values[0])
}

// values reads the values of a condition, noting the first that is wrong.
func (b *builder) values(field string, col column, list []string) []parsed {
	var out []parsed
	for _, s := range list {
		v, problem := parse(s, col.Type)
		if problem != "" {
			b.wrong(field, problem, map[string]any{"value": tabular.Clip(strings.ToValidUTF8(s, "�"), 80), "max": MaxValue})
			return nil
		}
		out = append(out, v)
	}
	return out
}

// among is the condition that a column has one of the values.
func (b *builder) among(col column, values []parsed) string {
	var list, some []string
	for _, v := range values {
		if v.span != nil {
			some = append(some, "("+col.expr+" >= "+b.end(v.span.lo, col.Type)+" AND "+col.expr+" < "+b.end(v.span.hi, col.Type)+")")
			continue
		}
		list = append(list, b.bind(v.arg, v.as))
	}
	if len(list) > 0 {
		some = append(some, col.expr+" IN ("+strings.Join(list, ", ")+")")
	}
	return "(" + strings.Join(some, " OR ") + ")"
}

// compare is the condition that a column lies on one side of a value; of a span of
// time, before or after all of it.
func (b *builder) compare(col column, op tabular.Operator, v parsed) string {
	sign := map[tabular.Operator]string{tabular.Less: " < ", tabular.AtMost: " <= ", tabular.More: " > ", tabular.AtLeast: " >= "}[op]
	if v.span == nil {
		return col.expr + sign + b.bind(v.arg, v.as)
	}
	switch op {
	case tabular.AtMost:
		return col.expr + " < " + b.end(v.span.hi, col.Type)
	case tabular.More:
		return col.expr + " >= " + b.end(v.span.hi, col.Type)
	}
	return col.expr + sign + b.end(v.span.lo, col.Type)
}

// between is the condition that a column lies between two values, one of which may be
// open.
func (b *builder) between(field string, col column, ends []string) string {
	var all []string
	for i, op := range []tabular.Operator{tabular.AtLeast, tabular.AtMost} {
		if strings.TrimSpace(ends[i]) == "" {
			continue
		}
		v := b.values(field, col, ends[i:i+1])
		if len(v) == 0 {
			return ""
		}
		all = append(all, b.compare(col, op, v[0]))
	}
	if len(all) == 0 {
		b.wrong(field, "query.empty", nil)
		return ""
	}
	return strings.Join(all, " AND ")
}

// matches is the condition that a text holds, or begins with, one of the values.
func (b *builder) matches(field string, col column, c tabular.Condition) string {
	values := b.values(field, col, c.Values)
	if len(values) != len(c.Values) {
		return ""
	}
	var some []string
	for _, s := range c.Values {
		if text.Fold(s) == "" {
			b.wrong(field, "query.empty", nil)
			return ""
		}
		some = append(some, b.holds(col, s, c.Op == tabular.StartsWith))
	}
	return either(some)
}
