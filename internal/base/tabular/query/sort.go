package query

import (
	"strings"

	"plaza/internal/base/tabular"
)

// order is one key of a sort, resolved.
type order struct {
	column
	down bool
	// spelled says that texts stand as in a dictionary, else by their bytes
	spelled bool
}

// mostSpelled is how many rows a table has at the most whose texts are sorted as in a
// dictionary. Of 2 million rows the first page takes 30 times longer than by their bytes,
// and a later one 25 times (the engine's own collations, es or NOCASE.NOACCENT, the same):
// of 10 million it would not come in time.
const mostSpelled = 100_000

// Spelled reports whether a table's rows are sorted by a column as in a dictionary: by one
// of texts, in a table that is short enough. Longer ones have capitals first, and letters
// with accents last.
func Spelled(t tabular.Table, c tabular.Column) bool {
	return c.Type == tabular.Text && t.Rows <= mostSpelled
}

// dictionary is by what a text is sorted in Spanish: capitals and accents do not count, and
// ñ comes after n, as "n~". The letters are written as their numbers: a statement of this
// package holds no text at all.
func dictionary(expr string) string {
	return "strip_accents(replace(lower(" + expr + "), chr(241), chr(110) || chr(126)))"
}

// by is what the rows are compared by.
func (o order) by(expr string) string {
	if o.spelled {
		return dictionary(expr)
	}
	return expr
}

// sorted resolves a sort. A column counts once; what comes after the row's number cannot
// matter.
func (b *builder) sorted(list []tabular.Order) []order {
	if len(list) > MaxSorts {
		b.wrong(ParamSort, "query.sorts", map[string]any{"max": MaxSorts})
		return nil
	}
	var out []order
	seen := map[string]bool{}
	for _, o := range list {
		c, ok := b.view.columns[o.Column]
		switch {
		case !ok:
			b.wrong(ParamSort, "query.column", map[string]any{"column": o.Column})
		case c.Type == tabular.Geometry:
			b.wrong(ParamSort, "query.sort.type", map[string]any{"column": o.Column})
		case !seen[o.Column] && !seen[tabular.ColumnRow]:
			seen[o.Column] = true
			out = append(out, order{column: c, down: o.Down, spelled: Spelled(b.view.table, c.Column)})
		}
	}
	return out
}

// orderBy is the clause of a sort, or of its reverse.
func orderBy(sort []order, back bool) string {
	var b strings.Builder
	b.WriteString(" ORDER BY ")
	for _, o := range sort {
		b.WriteString(o.by(o.expr))
		b.WriteString(way(o.down != back))
		if back {
			b.WriteString(" NULLS FIRST, ")
		} else {
			b.WriteString(" NULLS LAST, ")
		}
	}
	b.WriteString(rowColumn)
	b.WriteString(way(back))
	return b.String()
}

func way(down bool) string {
	if down {
		return " DESC"
	}
	return " ASC"
}

// window is the condition that a row is one of those of a page without sort and
// conditions, or the one more: numbers have no gaps.
func (b *builder) window(key *tabular.Position, limit int) string {
	most := int64(limit) + 1
	if key == nil {
		return rowColumn + " <= " + b.bind(most, "BIGINT")
	}
	far := key.Row + most
	sign := " <= "
	if key.Back {
		far, sign = key.Row-most, " >= "
	}
	return b.after(*key, nil, "") + " AND " + rowColumn + sign + b.bind(far, "BIGINT")
}

// after is the condition that a row comes after a position in a sort, or before it when
// the position looks back: the first keys are alike and the next one is further.
func (b *builder) after(key tabular.Position, sort []order, from string) string {
	field := ParamAfter
	if key.Back {
		field = ParamBefore
	}
	if key.Row < 0 || key.Row > 1<<53 || len(key.Values) != 0 && len(key.Values) != len(sort) {
		b.wrong(field, "query.cursor", nil)
		return "false"
	}
	var some, alike []string
	for i, o := range sort {
		var same, further string
		if len(key.Values) == 0 {
			same, further = b.beyondRow(o, key, from)
		} else {
			var ok bool
			if same, further, ok = b.beyond(o, key.Values[i], key.Back); !ok {
				b.wrong(field, "query.cursor", nil)
				return "false"
			}
		}
		if further != "" {
			some = append(some, conjoin(alike, further))
		}
		alike = append(alike, same)
	}
	sign := " > "
	if key.Back {
		sign = " < "
	}
	some = append(some, conjoin(alike, rowColumn+sign+b.bind(key.Row, "BIGINT")))
	return either(some)
}

func conjoin(alike []string, last string) string {
	if len(alike) == 0 {
		return last
	}
	return "(" + strings.Join(alike, " AND ") + " AND " + last + ")"
}

// beyond says when a key is like a value, and when it is further on. Rows without value
// come last whichever the direction. "" is never.
func (b *builder) beyond(o order, v tabular.Cell, back bool) (same, further string, ok bool) {
	if v.Null {
		if back {
			return o.expr + " IS NULL", o.expr + " IS NOT NULL", true
		}
		return o.expr + " IS NULL", "", true
	}
	at, ok := b.exactly(v.Text, o.Type)
	if !ok {
		return "", "", false
	}
	sign := " > "
	if o.down != back {
		sign = " < "
	}
	key, at := o.by(o.expr), o.by(at)
	further = key + sign + at
	if !back {
		further = "(" + further + " OR " + o.expr + " IS NULL)"
	}
	return key + " = " + at, further, true
}

// beyondRow is beyond for a position that knows its row alone: the row's own values
// are looked up.
func (b *builder) beyondRow(o order, key tabular.Position, from string) (same, further string) {
	mine := o.by(o.expr)
	own := "(SELECT " + mine + " FROM " + from + " WHERE " + rowColumn + " = " + b.bind(key.Row, "BIGINT") + ")"
	sign := " > "
	if o.down != key.Back {
		sign = " < "
	}
	further = "(" + mine + sign + own + " OR " + mine + " IS NULL AND " + own + " IS NOT NULL)"
	if key.Back {
		further = "(" + mine + sign + own + " OR " + mine + " IS NOT NULL AND " + own + " IS NULL)"
	}
	return mine + " IS NOT DISTINCT FROM " + own, further
}

// exactly binds a value as a cell has it, for comparing with the very same.
func (b *builder) exactly(s string, t tabular.Type) (string, bool) {
	if !t.Words() {
		v, problem := parse(s, t)
		switch {
		case problem != "":
			return "", false
		case v.span != nil:
			return b.end(v.span.lo, t), true
		}
		return b.bind(v.arg, v.as), true
	}
	if !plain(s) {
		return "", false
	}
	return b.bind(s, "VARCHAR"), true
}
