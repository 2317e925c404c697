package screen

import (
	"math"
	"strconv"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/section/explore"
)

// columnView is all that is known of a column.
type columnView struct {
	Name, Label   string
	Type, Icon    string
	Meaning, Unit string
	Note          string // the dictionary's words
	Doubts        []string
	Corrected     bool
	Suspected     bool // personal data is suspected: nothing of its values is told
	Withheld      bool
	Facts         []fact
	Nulls         []fact // spellings of nothing
	Bars          []barView
	Panel         string
	Ask           string
	Because       string // why it is withheld
	Told          []web.NavLink
	ToldTitle     string
	Spark         *spark
}

// fact is one number about a column.
type fact struct{ Label, Text string }

// barView is one bar of a column's histogram or list of values.
type barView struct {
	Label, Count, Path string
	Share              float64
}

// columnsView is the tab of columns.
type columnsView struct {
	List    []columnView
	Correct string // where its institution's people say what the columns are
}

// columns fills the tab of columns: those that are hidden are named, and nothing else is
// said of them.
func (p *Pages) columns(l *looking) error {
	v := &columnsView{}
	var err error
	if v.Correct, err = l.correct(p); err != nil {
		return err
	}
	for _, c := range l.table.Profile.Columns {
		one := l.column(c)
		if !one.Suspected && !one.Withheld {
			one.Panel = l.link(tabular.Query{}, without("ver"), with("columna", c.Name)) + "#columna"
		}
		if !one.Suspected { // of which there is no public case
			one.Ask = l.ask(p, c.Name, 0, "")
			if err := l.tellColumn(p, &one); err != nil {
				return err
			}
		}
		v.List = append(v.List, one)
	}
	l.Columns = v
	return nil
}

// column says what is known of a column.
func (l *looking) column(c tabular.Column) columnView {
	v := columnView{Name: c.Name, Label: c.Label, Type: l.L.T("tabular.type." + string(c.Type)), Icon: typeIcon(c), Unit: c.Unit, Note: c.Note,
		Corrected: c.Corrected, Withheld: l.open.Hiding.Withheld(c), Suspected: l.open.Hiding.Suspected(c)}
	if c.Meaning != "" {
		v.Meaning = l.L.T("tabular.meaning." + string(c.Meaning))
	}
	v.Because = l.open.Hiding.Because(c)
	if v.Withheld || v.Suspected {
		return v
	}
	for _, d := range c.Doubts {
		v.Doubts = append(v.Doubts, l.L.T(d))
	}
	v.Spark = sparkOf(c.Stats)
	v.Facts = l.facts(c)
	for _, n := range c.Nulls {
		text := n.Value
		if text == "" {
			text = l.L.T("explore.column.blank")
		}
		v.Nulls = append(v.Nulls, fact{text, l.L.Number(n.Count)})
	}
	v.Bars = l.bars(c)
	return v
}

// facts are the numbers about a column.
func (l *looking) facts(c tabular.Column) []fact {
	var out []fact
	add := func(key, text string) {
		if text != "" {
			out = append(out, fact{l.L.T("explore.column." + key), text})
		}
	}
	s := c.Stats
	show := func(text string) string {
		if text == "" {
			return ""
		}
		return cellOf(l.L, c, tabular.Cell{Text: text}, false).Text
	}
	add("with", l.L.Number(s.Count))
	if explore.Blank(c) > 0 {
		add("nulls", blankWords(l.L, c))
	}
	if c.Odd > 0 {
		add("odd", l.L.Number(c.Odd))
	}
	if s.Distinct > 0 {
		add("distinct", distinctWords(l.L, c))
	}
	add("min", show(s.Min))
	add("max", show(s.Max))
	if s.Mean != nil && c.Type != tabular.Year {
		add("mean", grouped(short(*s.Mean)))
		if c.Meaning == "" && c.Type != tabular.Percent {
			add("sum", grouped(short(*s.Sum)))
		}
	}
	if len(s.Quantiles) == 5 {
		add("median", show(s.Quantiles[2]))
		add("middle", l.L.T("explore.column.from_to", "from", show(s.Quantiles[1]), "to", show(s.Quantiles[3])))
	}
	if c.Format != "" {
		add("format", explore.FormatWords(l.L, c.Format))
	}
	return out
}

// short is a number with four digits behind the point at most; one that is nearly nothing
// keeps its first four that say something.
func short(v float64) string {
	places := 4
	if a := math.Abs(v); a > 0 && a < 0.001 {
		places = 3 - int(math.Floor(math.Log10(a)))
	}
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', places, 64), "0"), ".")
}

// rounded is the same of a number as cells have it.
func rounded(s string) string {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !strings.Contains(s, ".") || strings.ContainsAny(s, "eE") {
		return s
	}
	return short(v)
}

// blankWords are how many cells of a column say nothing.
func blankWords(l *i18n.Printer, c tabular.Column) string {
	return l.T("explore.column.share", "number", l.Number(explore.Blank(c)), "percent", percent(explore.Blank(c), c.Stats.Nulls+c.Stats.Count))
}

// distinctWords are how many different values a column has, said to be about so many where
// they were not counted.
func distinctWords(l *i18n.Printer, c tabular.Column) string {
	if c.Stats.Estimated {
		return l.T("explore.column.about", "number", l.Number(c.Stats.Distinct))
	}
	return l.Number(c.Stats.Distinct)
}

// percent is part of all, in percent with one digit.
func percent(part, all int64) string {
	if all == 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(part)/float64(all), 'f', 1, 64)
}

// bars are a column's most frequent values, or the bars of its histogram.
func (l *looking) bars(c tabular.Column) []barView {
	const most = 8
	var out []barView
	largest := int64(1)
	if len(c.Stats.Histogram) > 0 && c.Stats.Distinct > most {
		return nil // its drawing is the spark
	}
	for i, v := range c.Stats.Top {
		if i == most {
			break
		}
		if i == 0 {
			largest = max(1, v.Count)
		}
		out = append(out, barView{Label: cellOf(l.L, c, tabular.Cell{Text: v.Value}, false).Text, Count: l.L.Number(v.Count), Share: 100 * float64(v.Count) / float64(largest),
			Path: l.link(and(tabular.Query{}, tabular.Condition{Column: c.Name, Op: tabular.Is, Values: []string{v.Value}}), without("ver"), without("columna"))})
	}
	return out
}

// columnPart is a column with what its template needs besides.
type columnPart struct {
	L *i18n.Printer
	C columnView
}

// ColumnOf draws a column.
func (v view) ColumnOf(c columnView) columnPart { return columnPart{v.L, c} }
