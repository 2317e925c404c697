package query

import (
	"net/url"
	"slices"
	"strconv"

	"plaza/internal/base/tabular"
)

// Values writes a query as the parameters of its address. Parse reads them back as
// Normal has the query.
func Values(q tabular.Query) url.Values {
	q = Normal(q)
	v := url.Values{}
	for _, c := range q.Where {
		writeCondition(v, c)
	}
	set := func(param, value string) {
		if value != "" {
			v.Set(param, value)
		}
	}
	set(ParamSearch, q.Search)
	var columns, sort []string
	for _, name := range q.Columns {
		columns = append(columns, escaped(name))
	}
	for _, o := range q.Sort {
		name := escaped(sortWord(q, o.Column))
		if o.Down {
			name = "-" + name
		}
		sort = append(sort, name)
	}
	set(ParamColumns, listed(columns))
	set(ParamSort, listed(sort))
	writeGroups(v, q)
	if q.Limit != 0 {
		set(ParamLimit, strconv.Itoa(q.Limit))
	}
	if q.Key != nil {
		param := ParamAfter
		if q.Key.Back {
			param = ParamBefore
		}
		set(param, Cursor(q, *q.Key))
	}
	return v
}

func writeGroups(v url.Values, q tabular.Query) {
	var groups, by, measures []string
	for _, g := range q.Group {
		groups = append(groups, escaped(g.Column))
		step := wordOf(steps, g.Step)
		if g.Step == tabular.StepBins {
			step += ":" + strconv.Itoa(g.Bins)
		}
		by = append(by, step)
	}
	for len(by) > 0 && by[len(by)-1] == "-" {
		by = by[:len(by)-1]
	}
	for _, m := range q.Measures {
		measures = append(measures, measureWord(m))
	}
	for param, list := range map[string][]string{ParamGroup: groups, ParamStep: by, ParamMeasure: measures} {
		if len(list) > 0 {
			v.Set(param, listed(list))
		}
	}
}

// Word is how a measure is called in addresses: "cuenta", "suma:monto".
func Word(m tabular.Measure) string {
	if m.Column == "" {
		return wordOf(funcs, m.Func)
	}
	return wordOf(funcs, m.Func) + ":" + m.Column
}

// measureWord writes a measure as an item of a list.
func measureWord(m tabular.Measure) string {
	s := wordOf(funcs, m.Func)
	if m.Column != "" {
		s += ":" + escaper.Replace(m.Column)
	}
	return s
}

// sortWord is how a sorted column is called in an address: measures of groups by their
// word there.
func sortWord(q tabular.Query, name string) string {
	if slices.ContainsFunc(q.Group, func(g tabular.Group) bool { return g.Column == name }) {
		return name
	}
	for _, m := range measuresOf(q) {
		if MeasureName(m) == name {
			return Word(m)
		}
	}
	return name
}

// measuresOf are the measures of a query for groups, the number of rows when it names
// none.
func measuresOf(q tabular.Query) []tabular.Measure {
	if len(q.Measures) == 0 && len(q.Group) > 0 {
		return []tabular.Measure{{Func: tabular.Count}}
	}
	return q.Measures
}

func writeCondition(v url.Values, c tabular.Condition) {
	param := Param(c)
	switch c.Op {
	case tabular.Between:
		for i, op := range []tabular.Operator{tabular.AtLeast, tabular.AtMost} {
			if i < len(c.Values) && c.Values[i] != "" {
				v.Add(Param(tabular.Condition{Column: c.Column, Op: op}), c.Values[i])
			}
		}
	case tabular.Empty:
		v.Add(param, "si")
	case tabular.NotEmpty:
		v.Add(param, "no")
	case tabular.Near, tabular.Box:
		v.Add(param, listed(c.Values))
	default:
		if many(c.Op) {
			param = free(v, c, param)
		}
		for _, value := range c.Values {
			v.Add(param, value)
		}
	}
}

// free is the first parameter for alternatives that no other condition has taken.
func free(v url.Values, c tabular.Condition, param string) string {
	base := param
	if c.Op == tabular.Is && c.Column != "" {
		base = ParamFilter + "." + c.Column + "." + wordOf(operators, tabular.Is)
	}
	for n := 2; v.Has(param); n++ {
		param = base + "~" + strconv.Itoa(n)
	}
	return param
}
