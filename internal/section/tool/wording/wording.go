// Package wording writes what is in a Result in words: numbers as their column has them,
// days and months by the step of a group, what columns and measures are called. Pictures,
// tables, sentences and files all write the same value the same way.
package wording

import (
	"embed"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
	"plaza/internal/section/tool/reckon"
)

// Locale holds the words of measures and numbers, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Writer writes the values of one Result in a language.
type Writer struct {
	L      *i18n.Printer
	Result reckon.Result
	Format string // spec.View.Format
	// Digits is how many digits after the point are written of numbers that have so many, where
	// fewer would do as a rule: beside one another, they are to be told apart.
	Digits int
}

// MostDigits is the most that Digits is good for: what differs further on is the same number,
// added up in another order.
const MostDigits = 9

// Cell writes the value of a column.
func (w Writer) Cell(c reckon.Column, cell tabular.Cell) string {
	switch {
	case cell == reckon.Other:
		return w.L.T("toolwords.others")
	case cell.Null && c.Group:
		return w.L.T("toolwords.none")
	case cell.Null:
		return "—"
	case cell.Odd:
		return cell.Text
	}
	if name := w.Result.Names[cell.Text]; name != "" && c.Group {
		return name
	}
	switch {
	case c.Step == tabular.StepBins:
		return w.bin(c, cell)
	case c.Type.Temporal():
		return w.Time(c, cell.Text)
	case c.Type == tabular.Boolean:
		return w.L.T("toolwords." + cell.Text)
	case c.Type.Number():
		if v, err := strconv.ParseFloat(cell.Text, 64); err == nil {
			return w.Number(c, v, false)
		}
	}
	return cell.Text
}

func (w Writer) bin(c reckon.Column, cell tabular.Cell) string {
	from, err := strconv.ParseFloat(cell.Text, 64)
	if err != nil {
		return cell.Text
	}
	return w.L.T("toolwords.bin", "from", w.Number(c, from, false), "to", w.Number(c, from+c.Width, false))
}

// Number writes a number of a column: short for scales ("1.2 M"), with its decimals and unit
// otherwise.
func (w Writer) Number(c reckon.Column, v float64, short bool) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "—"
	}
	format := w.Format
	if c.Group || c.Role != reckon.RoleColumn && c.Func == "" {
		format = "" // it is the measure's
	}
	if short || format == "compact" {
		return w.money(c, format, w.compact(v))
	}
	switch format {
	case "integer":
		return w.plain(v, 0, 0)
	case "decimal1":
		return w.plain(v, 1, 1)
	case "decimal2":
		return w.plain(v, 2, 2)
	case "percent":
		return w.plain(v, 0, 1) + "\u00a0%"
	}
	if c.Func == tabular.Count || c.Func == tabular.Distinct {
		if c.Per == "" {
			return w.plain(v, 0, 0)
		}
	}
	least, most := decimals(v)
	return w.money(c, format, w.plain(v, least, most))
}

// money adds the sign of a currency or of a percentage to a number.
func (w Writer) money(c reckon.Column, format, text string) string {
	plain := c.Func != tabular.Count && c.Func != tabular.Distinct
	switch {
	case format == "money" || plain && c.Type == tabular.Money:
		if rest, negative := strings.CutPrefix(text, "-"); negative {
			return "-$" + rest
		}
		return "$" + text
	case format == "" && plain && c.Type == tabular.Percent:
		return text + "\u00a0%"
	}
	return text
}

// decimals are how many digits after the point tell numbers of a size apart.
func decimals(v float64) (least, most int) {
	switch a := math.Abs(v); {
	case v == math.Trunc(v):
		return 0, 0
	case a >= 1000:
		return 0, 0
	case a >= 100:
		return 0, 1
	case a >= 1:
		return 0, 2
	case a >= 0.01:
		return 0, 3
	}
	return 0, 6
}

func (w Writer) plain(v float64, least, most int) string {
	most = max(most, w.Digits)
	if v == 0 {
		v = 0 // no minus
	}
	return w.L.Decimal(v, least, most)
}

// compact writes 1,250,000 as 1.25 M.
func (w Writer) compact(v float64) string {
	for _, unit := range []struct {
		of  float64
		key string
	}{{1e12, "toolwords.e12"}, {1e9, "toolwords.e9"}, {1e6, "toolwords.e6"}, {1e4, "toolwords.e3"}} {
		if math.Abs(v) >= unit.of {
			if unit.of == 1e4 {
				unit.of = 1e3
			}
			return w.L.T(unit.key, "n", w.plain(v/unit.of, 0, 2))
		}
	}
	_, most := decimals(v)
	return w.plain(v, 0, most)
}

// Time writes a value of time by the step of its column: "2020", "mayo de 2020".
func (w Writer) Time(c reckon.Column, value string) string {
	if c.Type == tabular.Year || c.Step == tabular.StepYear {
		return value[:min(4, len(value))]
	}
	t, ok := Instant(value)
	if !ok {
		return value
	}
	switch c.Step {
	case tabular.StepQuarter:
		return w.L.T("toolwords.quarter", "n", strconv.Itoa(int(t.Month()-1)/3+1), "year", strconv.Itoa(t.Year()))
	case tabular.StepMonth:
		return w.L.PartialDate(t.Format("2006-01"))
	case tabular.StepWeek:
		return w.L.T("toolwords.week", "day", w.L.PartialDate(t.Format(time.DateOnly)))
	}
	day := w.L.PartialDate(t.Format(time.DateOnly))
	if len(value) > len(time.DateOnly) {
		return day + ", " + t.Format("15:04")
	}
	return day
}

// Instant reads a value of time as Cell has it. Times without zone are taken as UTC, which
// keeps their distances.
func Instant(value string) (time.Time, bool) {
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04:05.999999", "2006"} {
		if t, err := time.Parse(form, value); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Month is a month's short name.
func (w Writer) Month(m time.Month) string {
	name := []rune(w.L.T("i18n.month." + strconv.Itoa(int(m))))
	return string(name[:min(3, len(name))])
}

// Title is what a column of the result is called, with its unit.
func (w Writer) Title(c reckon.Column) string {
	title := c.Title
	if title == "" {
		title = w.measure(c)
	}
	if c.Unit != "" && !strings.Contains(title, c.Unit) && c.Func != tabular.Count && c.Func != tabular.Distinct {
		title += " (" + c.Unit + ")"
	}
	return title
}

func (w Writer) measure(c reckon.Column) string {
	if c.Role == reckon.RoleShare {
		return w.share()
	}
	name := Plain(c.Field)
	if key := "toolwords.place." + string(c.Meaning); c.Func == "" && w.L.Has(key) {
		name = w.L.T(key)
	}
	var out string
	switch {
	case c.Func == "":
		out = name
	case c.Func == tabular.Count && c.Field == "":
		out = w.L.T("toolwords.rows")
	case said(c.Func, name):
		out = name
	default:
		out = w.L.T("toolwords.func."+string(c.Func), "column", name)
	}
	if c.Per != "" {
		per := w.L.T("toolwords.population")
		if c.Per != "population" {
			per = Plain(c.Per[strings.LastIndexByte(c.Per, '.')+1:])
		}
		if c.Times > 1 {
			return w.L.T("toolwords.per_times", "what", out, "times", w.L.Number(c.Times), "per", per)
		}
		return w.L.T("toolwords.per", "what", out, "per", per)
	}
	return upper(out)
}

// share is what the shares of a view are called: of what, and within what.
func (w Writer) share() string {
	var what, each string
	for _, c := range w.Result.Columns {
		switch {
		case c.Func != "" && what == "":
			what = w.Title(c)
		case c.Group && (c.Role == reckon.RoleX || c.Role == reckon.RoleY):
			each = strings.ToLower(w.Title(c))
			step := c.Step
			if c.Type == tabular.Year {
				step = tabular.StepYear
			}
			if key := "toolwords.step." + string(step); w.L.Has(key) {
				each = w.L.T(key)
			}
		}
	}
	return w.L.T("toolwords.share", "what", what, "each", each)
}

// said reports whether a column's name says by itself what is computed of it.
func said(f tabular.Func, name string) bool {
	words := map[tabular.Func][]string{tabular.Mean: {"promedio", "media", "mean"}, tabular.Median: {"mediana"}, tabular.Max: {"maximo"}, tabular.Min: {"minimo"}}[f]
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text.Fold(name), w) })
}

// Plain is a column's name as people read it: "precio_promedio" is "precio promedio".
func Plain(column string) string {
	out := strings.Join(strings.FieldsFunc(column, func(r rune) bool { return r == '_' || unicode.IsSpace(r) }), " ")
	if out == "" {
		return column
	}
	return upper(out)
}

func upper(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

// Column is a result's column of a role, false when there is none.
func Column(r reckon.Result, role reckon.Role) (at int, c reckon.Column, ok bool) {
	at = slices.IndexFunc(r.Columns, func(c reckon.Column) bool { return c.Role == role })
	if at < 0 {
		return -1, reckon.Column{}, false
	}
	return at, r.Columns[at], true
}
