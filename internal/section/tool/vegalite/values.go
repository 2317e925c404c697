package vegalite

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
)

// numeric reports whether a column is one of numbers; years are times.
func numeric(c reckon.Column) bool {
	if c.Func == tabular.Count || c.Func == tabular.Distinct {
		return true
	}
	return c.Type.Number() && !temporal(c)
}

func temporal(c reckon.Column) bool { return c.Type.Temporal() && c.Func == "" }

// data are the Result's rows, in the document or where they are to be had; in the document,
// too, when there they have names that Vega-Lite cannot ask for, and when there are none: a
// file of none has a row that says where it is from.
func (w *writer) data() object {
	if w.DataURL == "" || !w.plain() || len(w.Result.Rows) == 0 {
		return object{"values": w.values()}
	}
	parse := object{}
	for _, c := range w.Result.Columns {
		switch {
		case numeric(c):
			parse[c.Name] = "number"
		case temporal(c):
			parse[c.Name] = "utc:'" + timeFormat(c) + "'"
		default:
			parse[c.Name] = "string"
		}
	}
	return object{"url": w.DataURL, "format": object{"type": "csv", "parse": parse}}
}

// timeFormat is how times of a column are written in CSV.
func timeFormat(c reckon.Column) string {
	switch c.Type {
	case tabular.Year:
		return "%Y"
	case tabular.DateTime:
		if c.Step == "" || c.Step == tabular.StepHour {
			return "%Y-%m-%dT%H:%M:%S"
		}
	}
	return "%Y-%m-%d"
}

// values are the rows by the names of columns.
func (w *writer) values() []object {
	out := make([]object, 0, len(w.Result.Rows))
	for i, row := range w.Result.Rows {
		one := object{}
		for k, c := range w.Result.Columns {
			if k < len(row) {
				one[w.field(c)] = w.value(c, row[k], i == w.Result.Rest)
			}
		}
		out = append(out, one)
	}
	return out
}

func (w *writer) value(c reckon.Column, cell tabular.Cell, rest bool) any {
	switch {
	case cell.Null && rest && c.Group:
		return w.L.T("toolvega.rest", "count", w.Result.Folded)
	case cell.Null && c.Group && !numeric(c) && !temporal(c):
		return w.words.Cell(c, cell)
	case cell.Null:
		return nil
	case cell.Odd:
		return cell.Text
	case numeric(c):
		if n := json.Number(cell.Text); valid(n) {
			return n
		}
		return nil
	case temporal(c) && len(cell.Text) > len("2006-01-02"):
		return cell.Text + "Z" // taken as UTC, as everywhere here
	}
	return cell.Text
}

// valid reports whether JSON can hold a number as it is written.
func valid(n json.Number) bool {
	_, err := json.Marshal(n)
	return err == nil && n != ""
}

// unplain are letters that lead Vega-Lite into what a value holds, or out of its expressions.
const unplain = ".[]'\"\\"

// field is what the document calls a column: its name, or one without the letters that mean
// something to Vega-Lite, unlike every other.
func (w *writer) field(c reckon.Column) string {
	if !strings.ContainsAny(c.Name, unplain) {
		return c.Name
	}
	return "columna_" + strconv.Itoa(indexOf(w.Result, c)+1)
}

// plain reports whether all columns go by their names.
func (w *writer) plain() bool {
	return !slices.ContainsFunc(w.Result.Columns, func(c reckon.Column) bool { return strings.ContainsAny(c.Name, unplain) })
}

// datum is a column's value in an expression.
func datum(name string) string {
	quoted, _ := json.Marshal(name) // a string always can be
	return "datum[" + string(quoted) + "]"
}

// shown is the field with what readers see of a column: names of places instead of codes.
func (w *writer) shown(c reckon.Column) string {
	if w.named(c) {
		return w.nameOf(c)
	}
	return w.field(c)
}

// nameOf is what the column is called that has the names of a column's codes.
func (w *writer) nameOf(c reckon.Column) string { return w.field(c) + "_nombre" }

// named reports whether a column holds codes of places whose names are known.
func (w *writer) named(c reckon.Column) bool {
	if !c.Group || len(w.Result.Names) == 0 {
		return false
	}
	return c.Meaning == tabular.State || c.Meaning == tabular.Municipality || c.Role == reckon.RolePlace
}

// names joins the names of codes of all columns that have them; a code without one is its own
// name.
func (w *writer) names() {
	for i, c := range w.Result.Columns {
		if !w.named(c) {
			continue
		}
		seen := map[string]bool{}
		list := []object{}
		for _, row := range w.Result.Rows {
			if code := row[i].Text; !seen[code] && w.Result.Names[code] != "" {
				seen[code] = true
				list = append(list, object{"clave": code, "nombre": w.Result.Names[code]})
			}
		}
		w.transform = append(w.transform,
			object{"lookup": w.field(c), "from": object{"data": object{"values": list}, "key": "clave", "fields": []string{"nombre"}}, "as": []string{w.nameOf(c)}},
			object{"calculate": datum(w.nameOf(c)) + " || " + datum(w.field(c)), "as": w.nameOf(c)})
	}
}

// text is what readers see of a row's value of a column.
func (w *writer) text(c reckon.Column, row int, cell tabular.Cell) any {
	if w.named(c) && w.Result.Names[cell.Text] != "" {
		return w.Result.Names[cell.Text]
	}
	return w.value(c, cell, row == w.Result.Rest)
}
