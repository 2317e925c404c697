package screen

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
)

// field is a hidden field of a form.
type field struct{ Name, Value string }

func fieldsOf(v url.Values) []field {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []field
	for _, name := range names {
		for _, value := range v[name] {
			out = append(out, field{name, value})
		}
	}
	return out
}

// The fields of forms that make a part of an address: what is chosen in them becomes the
// view's own address, to which one is sent on.
const (
	formFilter  = "filtro"   // a column
	formOp      = "op"       // an operator
	formValue   = "valor"    // its value
	formGroup   = "agrupar"  // a column
	formSecond  = "agrupar2" // another
	formStep    = "cada"     // a step of the first
	formMeasure = "medir"    // a function
	formOf      = "de"       // its column
	formShow    = "mostrar"  // columns, each a field
	formRow     = "ir"       // a row's number
	formLat     = "lat"      // a point
	formLon     = "lon"
	formKm      = "km" // how far from it
)

var formFields = []string{formFilter, formOp, formValue, formGroup, formSecond, formStep, formMeasure, formOf, formShow, formRow, formLat, formLon, formKm}

// fromForm is the address that a form without script meant, "" when this is no form.
func (l *looking) fromForm(v url.Values) string {
	if !slices.ContainsFunc(formFields, func(f string) bool { return v.Has(f) }) {
		return ""
	}
	rest := url.Values{}
	for name, values := range v {
		if !slices.Contains(formFields, name) && name != query.ParamAfter && name != query.ParamBefore && name != query.ParamPage {
			rest[name] = values
		}
	}
	q, _ := query.Parse(rest, *l.t) // what is wrong with it is said on the page that it leads to
	if column := v.Get(formFilter); column != "" {
		q.Where = append(q.Where, conditionOf(column, v.Get(formOp), v.Get(formValue)))
	}
	if v.Has(formGroup) {
		q.Group, q.Measures = nil, nil
		for _, column := range append(slices.Clone(v[formGroup]), v[formSecond]...) {
			if column != "" {
				q.Group = append(q.Group, tabular.Group{Column: column})
			}
		}
		if c := l.t.Column(first(v[formGroup])); c != nil && len(q.Group) > 0 && q.Group[0].Column == c.Name {
			q.Group[0] = stepped(c, v.Get(formStep))
		}
		if len(q.Group) > 0 && v.Get(formMeasure) != "" {
			q.Measures = []tabular.Measure{{Func: tabular.Func(v.Get(formMeasure)), Column: v.Get(formOf)}}
			if v.Get(formMeasure) == string(tabular.Count) {
				q.Measures[0].Column = ""
			}
		}
		q.Sort = nil
	}
	if v.Has(formShow) {
		if len(q.Columns) > 0 && !slices.Contains(v[formShow], q.Columns[0]) {
			l.at.values.Del("fija") // the column that it was
		}
		q.Columns = inOrder(q.Columns, v[formShow])
		if slices.EqualFunc(q.Columns, l.t.Columns, func(name string, c tabular.Column) bool { return name == c.Name }) {
			q.Columns = nil
		}
	}
	if v.Has(formLat) {
		near := make([]string, 0, 3)
		for _, name := range []string{formLat, formLon, formKm} {
			near = append(near, strings.TrimSpace(v.Get(name)))
		}
		q.Where = append(q.Where, tabular.Condition{Op: tabular.Near, Values: near})
	}
	if n := v.Get(formRow); n != "" {
		n = strings.ReplaceAll(strings.TrimSpace(n), ",", "")
		if row, err := strconv.ParseInt(n, 10, 64); err == nil && row > 0 && row <= l.t.Rows {
			return l.at.rowPath(n)
		}
		l.Mistakes = append(l.Mistakes, mistake{Text: l.L.T("explore.mistake.row", "number", l.L.Number(l.t.Rows))})
		return ""
	}
	return l.link(q)
}

// inOrder are the chosen columns: first those that were shown before, in their order.
func inOrder(before, chosen []string) []string {
	out := slices.DeleteFunc(slices.Clone(before), func(name string) bool { return !slices.Contains(chosen, name) })
	for _, name := range chosen {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// conditionOf is a filter as the form has it; "entre" holds its two ends with two dots.
func conditionOf(column, op, value string) tabular.Condition {
	c := tabular.Condition{Column: column, Op: tabular.Operator(op)}
	switch c.Op {
	case tabular.Empty, tabular.NotEmpty:
		return c
	case "":
		c.Op = tabular.Is
	}
	c.Values = []string{strings.TrimSpace(value)}
	return c
}

// stepped groups a column by a step that makes sense for it.
func stepped(c *tabular.Column, step string) tabular.Group {
	g := tabular.Group{Column: c.Name, Step: tabular.Step(step)}
	if !slices.Contains(stepsOf(c), g.Step) {
		g.Step = ""
	}
	if g.Step == tabular.StepBins {
		g.Bins = query.DefaultBins
	}
	return g
}

// stepsOf are the steps by which values of a column can be put together.
func stepsOf(c *tabular.Column) []tabular.Step {
	switch {
	case c.Type == tabular.Date:
		return []tabular.Step{tabular.StepYear, tabular.StepQuarter, tabular.StepMonth, tabular.StepWeek, tabular.StepDay}
	case c.Type == tabular.DateTime:
		return []tabular.Step{tabular.StepYear, tabular.StepQuarter, tabular.StepMonth, tabular.StepWeek, tabular.StepDay, tabular.StepHour}
	case c.Type.Number() && c.Type != tabular.Year:
		return []tabular.Step{"", tabular.StepBins}
	}
	return nil
}

// option is one that may be chosen, and what fits it: with a script nothing else is offered.
type option struct{ Value, Label, Fits string }

// words puts names together as the script reads them.
func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return strings.Join(out, " ")
}

// chip is one condition that holds, with the address without it.
type chip struct{ Label, Value, Path string }

// searchView is how a reader narrows what is shown.
type searchView struct {
	Action  string
	Q       string
	Hidden  []field
	Chips   []chip
	Clear   string
	Columns []option // for the form of filters
	Ops     []web.Option
	Keep    []field // hidden fields of the form of filters
	Groups  groupForm
}

// groupForm is the form that puts rows together.
type groupForm struct {
	Hidden          []field
	Columns         []option
	First, Second   string
	Steps           []web.Option
	Step            string
	Measures        []web.Option
	Of              []option
	Measure, OfName string
	Open            bool // groups were asked for that there are not: else they are below, and it is folded
}

// search fills the forms and the chips.
func (l *looking) search() {
	s := &searchView{Action: l.at.path, Q: l.q.Search, Hidden: l.hidden(l.q, query.ParamSearch, query.ParamAfter, query.ParamBefore, query.ParamPage),
		Keep: l.hidden(l.q, query.ParamAfter, query.ParamBefore, query.ParamPage)}
	for _, c := range l.t.Columns {
		s.Columns = append(s.Columns, option{c.Name, c.Name, words(query.OperatorsOf(c))})
	}
	for _, op := range []tabular.Operator{tabular.Is, tabular.IsNot, tabular.Contains, tabular.StartsWith, tabular.AtLeast, tabular.AtMost, tabular.Empty, tabular.NotEmpty} {
		s.Ops = append(s.Ops, web.Option{Value: string(op), Label: l.L.T("explore.op." + string(op))})
	}
	for i, c := range l.q.Where {
		rest := l.q
		rest.Where = slices.Delete(slices.Clone(l.q.Where), i, i+1)
		rest.Key = nil
		s.Chips = append(s.Chips, chip{Label: l.conditionLabel(c), Value: l.conditionValue(c), Path: l.link(rest)})
	}
	if l.q.Search != "" {
		rest := l.q
		rest.Search, rest.Key = "", nil
		s.Chips = append(s.Chips, chip{Label: l.L.T("explore.search.chip"), Value: "“" + l.q.Search + "”", Path: l.link(rest)})
	}
	if len(s.Chips) > 1 {
		rest := l.q
		rest.Where, rest.Search, rest.Key = nil, "", nil
		s.Clear = l.link(rest)
	}
	s.Groups = l.groupForm()
	l.Search = s
}

func (l *looking) groupForm() groupForm {
	g := groupForm{Hidden: l.hidden(l.q, query.ParamGroup, query.ParamStep, query.ParamMeasure, query.ParamSort, query.ParamAfter, query.ParamBefore, query.ParamPage, "ver"),
		Open: l.at.grouped && len(l.q.Group) == 0, Measure: string(tabular.Count)}
	for _, c := range l.t.Columns {
		if c.Type == tabular.Geometry {
			continue
		}
		g.Columns = append(g.Columns, option{c.Name, c.Name, words(stepsOf(&c))})
		g.Of = append(g.Of, option{c.Name, c.Name, words(query.FuncsOf(c))})
	}
	if l.t.Place.Located() || l.t.Place.Kind == tabular.PlaceNames { // whose codes are no column of the table
		states, towns := query.Places(*l.t)
		if states {
			g.Columns = append(g.Columns, option{tabular.ColumnEnt, l.groupName(tabular.Group{Column: tabular.ColumnEnt}), ""})
		}
		if towns {
			g.Columns = append(g.Columns, option{tabular.ColumnMun, l.groupName(tabular.Group{Column: tabular.ColumnMun}), ""})
		}
	}
	for _, s := range []tabular.Step{tabular.StepYear, tabular.StepQuarter, tabular.StepMonth, tabular.StepWeek, tabular.StepDay, tabular.StepHour, tabular.StepBins} {
		g.Steps = append(g.Steps, web.Option{Value: string(s), Label: l.L.T("explore.step." + string(s))})
	}
	for _, f := range tabular.Funcs {
		g.Measures = append(g.Measures, web.Option{Value: string(f), Label: l.L.T("explore.func." + string(f))})
	}
	if len(l.q.Group) > 0 {
		g.First, g.Step = l.q.Group[0].Column, string(l.q.Group[0].Step)
	}
	if len(l.q.Group) > 1 {
		g.Second = l.q.Group[1].Column
	}
	if len(l.q.Measures) > 0 {
		g.Measure, g.OfName = string(l.q.Measures[0].Func), l.q.Measures[0].Column
	}
	return g
}

// conditionLabel says what a condition is about.
func (l *looking) conditionLabel(c tabular.Condition) string {
	if c.Column == "" {
		return l.L.T("explore.condition.place")
	}
	return c.Column
}

// conditionValue says what a condition asks for.
func (l *looking) conditionValue(c tabular.Condition) string {
	values := strings.Join(c.Values, " "+l.L.T("explore.condition.or")+" ")
	switch c.Op {
	case tabular.Is:
		return values
	case tabular.Between:
		return l.L.T("explore.condition.between", "from", part(c.Values, 0), "to", part(c.Values, 1))
	case tabular.Inside:
		return l.placeNames(c.Values)
	case tabular.Near:
		return l.L.T("explore.condition.near", "km", part(c.Values, 2), "lat", part(c.Values, 0), "lon", part(c.Values, 1))
	case tabular.Box:
		return l.L.T("explore.condition.box")
	case tabular.Empty, tabular.NotEmpty:
		return l.L.T("explore.op." + string(c.Op))
	}
	return l.L.T("explore.op."+string(c.Op)) + " " + values
}

func part(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}
