package query

import (
	"fmt"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// builder gathers a statement, its values and what is wrong with the query.
type builder struct {
	view     *view
	text     strings.Builder
	args     []any
	texts    map[string]string // places of texts among args, for a word is looked for in many columns
	mistakes plaza.Mistakes
}

func newBuilder(t tabular.Table, hidden []string) *builder {
	return &builder{view: newView(Visible(t, hidden))}
}

func (b *builder) write(parts ...string) {
	for _, p := range parts {
		b.text.WriteString(p)
	}
}

// bind gives the place of a value in the statement. The cast keeps the engine from
// guessing a type from the other side of a comparison, which would round 1.5 to 2
// beside an integer.
func (b *builder) bind(v any, as string) string {
	b.args = append(b.args, v)
	return fmt.Sprintf("$%d::%s", len(b.args), as)
}

// bindText gives the place of a text of a kind, the same one for the same text. Texts of
// two kinds that happen to be alike have two: no statement changes with what was typed.
func (b *builder) bindText(kind, s string) string {
	key := kind + " " + s
	if b.texts[key] == "" {
		if b.texts == nil {
			b.texts = map[string]string{}
		}
		b.texts[key] = b.bind(s, "VARCHAR")
	}
	return b.texts[key]
}

func (b *builder) done(out SQL) (SQL, error) {
	if err := b.mistakes.Err("query.invalid"); err != nil {
		return SQL{}, err
	}
	out.Text, out.Args = b.text.String(), b.args
	return out, nil
}

// wrong notes a mistake of a parameter.
func (b *builder) wrong(field, key string, args map[string]any) {
	b.mistakes.Hold(false, field, key, args)
}

// limit is how many rows are wanted, or the usual number.
func (b *builder) limit(asked, usual, most int) int {
	if asked == 0 {
		return usual
	}
	if asked < 0 || asked > most {
		b.wrong(ParamLimit, "query.limit", map[string]any{"max": most})
		return usual
	}
	return asked
}

// selected lists the columns of a reading of rows and notes where each lies: number,
// odd texts, what is shown, then sorted columns that are not shown.
func (b *builder) selected(out *SQL, names []string, sort []order) string {
	list := []string{rowColumn, quote(tabular.ColumnOdd)}
	out.Columns = []Out{{Name: tabular.ColumnRow, Type: tabular.Integer}, {Name: tabular.ColumnOdd, Type: tabular.Text}}
	out.Row, out.Odd = 0, 1
	at := map[string]int{tabular.ColumnRow: 0}
	add := func(c column) int {
		if i, ok := at[c.Name]; ok {
			return i
		}
		at[c.Name] = len(list)
		list = append(list, c.expr)
		out.Columns = append(out.Columns, Out{Name: c.Name, Type: c.Type})
		return len(list) - 1
	}
	for _, c := range b.shown(names) {
		out.Shown = append(out.Shown, add(c))
	}
	for _, o := range sort {
		out.Keys = append(out.Keys, add(o.column))
	}
	return strings.Join(list, ", ")
}

// bare lists nothing but the columns that are shown.
func (b *builder) bare(out *SQL, names []string) string {
	out.Row, out.Odd = -1, -1
	var list []string
	for i, c := range b.shown(names) {
		list = append(list, c.expr)
		out.Columns = append(out.Columns, Out{Name: c.Name, Type: c.Type})
		out.Shown = append(out.Shown, i)
	}
	return strings.Join(list, ", ")
}

// shown are the columns to show, each once; all when none is named.
func (b *builder) shown(names []string) []column {
	var out []column
	if len(names) == 0 {
		for _, c := range b.view.table.Columns {
			out = append(out, b.view.columns[c.Name])
		}
	}
	seen := map[string]bool{}
	for _, name := range names {
		c, ok := b.view.columns[name]
		if !ok || c.derived {
			b.wrong(ParamColumns, "query.column", map[string]any{"column": name})
			continue
		}
		if !seen[name] {
			seen[name] = true
			out = append(out, c)
		}
	}
	if len(out) == 0 && len(b.mistakes) == 0 {
		b.wrong(ParamColumns, "query.columns", nil)
	}
	return out
}

// where are all conditions of a query, those of its search among them.
func (b *builder) where(q tabular.Query) []string {
	var out []string
	if len(q.Where) > MaxConditions {
		b.wrong(ParamFilter, "query.conditions", map[string]any{"max": MaxConditions})
		return nil
	}
	if s := b.search(q.Search); s != "" {
		out = append(out, s)
	}
	for _, c := range q.Where {
		if s := b.condition(c); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// conjunction is the WHERE clause for conditions that must all hold.
func conjunction(where []string) string {
	if len(where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(where, " AND ")
}

// either joins alternatives; none at all is never true.
func either(list []string) string {
	switch len(list) {
	case 0:
		return "false"
	case 1:
		return list[0]
	}
	return "(" + strings.Join(list, " OR ") + ")"
}

// quote writes a name of the profile as an identifier.
func quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
