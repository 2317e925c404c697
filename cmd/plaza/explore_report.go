package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"plaza/internal/base/tabular"
)

// mostShown is how many examples of a column a report shows.
const mostShown = 3

// tellProfile prints a profile for people. What a file says is never written as it is:
// it may hold what moves a terminal's cursor.
func (a *app) tellProfile(p tabular.Profile) error {
	var b strings.Builder
	say := func(key string, pairs ...any) { b.WriteString(a.l.T(key, pairs...) + "\n") }
	say("cmd.explore.file", "format", p.Format, "bytes", a.l.Bytes(p.Bytes), "sha256", p.SHA256)
	a.problems(&b, p.Problems)
	for _, t := range p.Tables {
		b.WriteString("\n")
		name := printable(t.Name)
		if name == "" {
			name = a.l.T("cmd.explore.the_table")
		}
		say("cmd.explore.table", "name", name, "rows", t.Rows, "columns", len(t.Columns))
		if written := a.written(t.Layout); written != "" {
			b.WriteString("  " + written + "\n")
		}
		a.columns(&b, t)
		a.problems(&b, t.Problems)
	}
	for i, s := range p.Skipped {
		if i == 0 {
			b.WriteString("\n")
			say("cmd.explore.skipped")
		}
		fmt.Fprintf(&b, "  %s: %s\n", printable(s.Name), a.l.T("tabular.fault."+s.Why))
	}
	_, err := fmt.Fprint(a.out, b.String())
	return err
}

// written says how a table is written, in one line.
func (a *app) written(l tabular.Layout) string {
	var parts []string
	if l.Encoding != "" {
		parts = append(parts, a.l.T("cmd.explore.encoding", "encoding", l.Encoding))
	}
	if l.Delimiter != "" {
		delimiter := l.Delimiter
		if delimiter == "\t" {
			delimiter = a.l.T("cmd.explore.tab")
		}
		parts = append(parts, a.l.T("cmd.explore.delimiter", "delimiter", delimiter))
	}
	if l.HeaderLine > 0 {
		parts = append(parts, a.l.T("cmd.explore.header", "line", l.HeaderLine))
	} else {
		parts = append(parts, a.l.T("cmd.explore.no_header"))
	}
	if l.Projection != "" {
		parts = append(parts, a.l.T("cmd.explore.projection", "name", printable(l.Projection)))
	}
	return strings.Join(parts, " · ")
}

// columns lists the columns of a table: name, type, meaning, empty cells, some values.
func (a *app) columns(b *strings.Builder, t tabular.Table) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, c := range t.Columns {
		kind := a.l.T("tabular.type." + string(c.Type))
		if c.Meaning != "" {
			kind += " · " + a.l.T("tabular.meaning."+string(c.Meaning))
		}
		if c.Unit != "" {
			kind += " (" + printable(c.Unit) + ")"
		}
		var values []string
		for _, v := range c.Stats.Top[:min(mostShown, len(c.Stats.Top))] {
			values = append(values, tabular.Clip(printable(v.Value), 30))
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", tabular.Clip(printable(c.Name), 50), kind,
			a.l.T("cmd.explore.nulls", "n", c.Stats.Nulls), strings.Join(values, " | "))
	}
	_ = w.Flush() // a strings.Builder takes everything
}

// problems lists what is wrong with a file or a table, with the first place of each.
func (a *app) problems(b *strings.Builder, list []tabular.Problem) {
	for _, p := range list {
		line := "  " + p.Code + " " + a.l.T("tabular.problem."+p.Code)
		if p.Column != "" {
			line += " " + a.l.T("cmd.explore.where.column", "column", printable(p.Column))
		}
		if p.Count > 0 {
			line += " " + a.l.T("cmd.explore.times", "n", p.Count)
		}
		if len(p.Samples) > 0 && p.Samples[0].Line > 0 {
			line += " " + a.l.T("cmd.explore.first", "line", p.Samples[0].Line)
		}
		b.WriteString(line + "\n")
	}
}
