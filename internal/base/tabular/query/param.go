package query

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"plaza/internal/base/tabular"
)

// The parameters of an address; those of conditions on a column begin with ParamFilter,
// a point and the column. Fields of refusals are called by them.
const (
	ParamFilter  = "f"
	ParamPlace   = "lugar"
	ParamNear    = "cerca"
	ParamBox     = "caja"
	ParamSearch  = "buscar"
	ParamSort    = "orden"
	ParamColumns = "col"
	ParamGroup   = "grupo"
	ParamStep    = "paso"
	ParamMeasure = "medida"
	ParamLimit   = "limite"
	ParamAfter   = "despues"
	ParamBefore  = "antes"
	ParamPage    = "pagina"
)

// word is how one of our words is written in addresses.
type word[T ~string] struct {
	word string
	of   T
}

// Between is written as its two ends, and the conditions on the row's place have
// parameters of their own.
var operators = []word[tabular.Operator]{
	{"es", tabular.Is},
	{"no", tabular.IsNot},
	{"contiene", tabular.Contains},
	{"empieza", tabular.StartsWith},
	{"min", tabular.AtLeast},
	{"max", tabular.AtMost},
	{"mayor", tabular.More},
	{"menor", tabular.Less},
	{"dentro", tabular.Inside},
	{"vacio", tabular.Empty}, // "no" is NotEmpty
}

var steps = []word[tabular.Step]{
	{"-", ""},
	{"anio", tabular.StepYear},
	{"trimestre", tabular.StepQuarter},
	{"mes", tabular.StepMonth},
	{"semana", tabular.StepWeek},
	{"dia", tabular.StepDay},
	{"hora", tabular.StepHour},
	{"rangos", tabular.StepBins},
}

var funcs = []word[tabular.Func]{
	{"cuenta", tabular.Count},
	{"suma", tabular.Sum},
	{"promedio", tabular.Mean},
	{"mediana", tabular.Median},
	{"minimo", tabular.Min},
	{"maximo", tabular.Max},
	{"distintos", tabular.Distinct},
}

// wordOf is how one of our words is written; what is unknown is written as it is.
func wordOf[T ~string](list []word[T], of T) string {
	for _, w := range list {
		if w.of == of {
			return w.word
		}
	}
	return string(of)
}

// ofWord reads a word of an address, or the word of a Query itself.
func ofWord[T ~string](list []word[T], s string) (T, bool) {
	for _, w := range list {
		if w.word == s || string(w.of) == s && s != "" {
			return w.of, true
		}
	}
	return T(s), false
}

// operatorOf reads the last part of a parameter of conditions.
func operatorOf(s string) (tabular.Operator, bool) {
	for _, w := range operators {
		if w.word == s {
			return w.of, true
		}
	}
	return "", false
}

// Param is the parameter of an address that a condition is written in: the name of its
// field in a form.
func Param(c tabular.Condition) string {
	if c.Column == "" {
		switch c.Op {
		case tabular.Inside:
			return ParamPlace
		case tabular.Near:
			return ParamNear
		case tabular.Box:
			return ParamBox
		}
	}
	name := ParamFilter + "." + c.Column
	switch c.Op {
	case tabular.Is:
		if _, _, marked := operatorSuffix(c.Column); !marked {
			return name
		}
	case tabular.Between:
		return name + "." + wordOf(operators, tabular.AtLeast)
	case tabular.NotEmpty:
		return name + "." + wordOf(operators, tabular.Empty)
	}
	return name + "." + wordOf(operators, c.Op)
}

// operatorSuffix takes the operator off "column.operator" or "column.operator~2".
func operatorSuffix(s string) (column string, op tabular.Operator, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, tabular.Is, false
	}
	last, nth, numbered := strings.Cut(s[i+1:], "~")
	if numbered && !ordinal(nth) {
		return s, tabular.Is, false
	}
	if op, ok = operatorOf(last); !ok {
		return s, tabular.Is, false
	}
	return s[:i], op, true
}

// Split parts a filter's parameter, without its beginning, into the column that it is about
// and the word of its operator, as far as that can be told without the table: "precio.min"
// is "precio" and "min", "precio" alone is "es".
func Split(param string) (column, operator string) {
	column, op, _ := operatorSuffix(param)
	return column, wordOf(operators, op)
}

// Choices are the parameters of an address that choose rows, with a value: its search and its
// conditions. What it says of columns, order, groups and pages is left out, and so are bytes
// that are no text: values have the replacement character for those, and no control characters
// but tabs and line ends.
func Choices(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		if cleaned(name) != name {
			continue // no column is called so
		}
		base, nth, numbered := strings.Cut(name, "~")
		switch {
		case strings.HasPrefix(name, ParamFilter+"."), name == ParamSearch, name == ParamNear, name == ParamBox:
		case base == ParamPlace && (!numbered || ordinal(nth)):
		default:
			continue
		}
		for _, one := range values {
			if one = cleaned(one); one != "" {
				out.Add(name, one)
			}
		}
	}
	return out
}

// cleaned is a text without what is none.
func cleaned(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// ordinal reports whether a text is the number of a further condition.
func ordinal(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 2 && strconv.Itoa(n) == s
}

// listed writes names as a list.
func listed(names []string) string {
	return strings.Join(names, ",")
}

var escaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`)

// escaped writes a name as an item of a list.
func escaped(name string) string {
	name = escaper.Replace(name)
	if strings.HasPrefix(name, "-") {
		return `\` + name
	}
	return name
}

// item is one of a list; minus says that it began with a bare minus.
type item struct {
	name  string
	minus bool
}

// maxItems is how many items of a list are read; a table has fewer columns.
const maxItems = tabular.MaxColumns

// items reads lists, one after another; empty items are none.
func items(lists []string) []item {
	var out []item
	for _, list := range lists {
		list = strings.ToValidUTF8(list, "�")
		for len(list) > 0 && len(out) < maxItems {
			var one item
			one, list = cutItem(list)
			if one.name != "" {
				out = append(out, one)
			}
		}
	}
	return out
}

func cutItem(list string) (item, string) {
	var b strings.Builder
	one := item{}
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && i+1 < len(list):
			i++
			b.WriteByte(list[i])
		case c == ',':
			one.name = b.String()
			return one, list[i+1:]
		case c == '-' && i == 0 && len(list) > 1 && list[1] != ',':
			one.minus = true
		default:
			b.WriteByte(c)
		}
	}
	one.name = b.String()
	return one, ""
}
