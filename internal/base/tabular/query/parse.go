package query

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
)

// Parse reads a query from the parameters of an address or form. What is wrong is left
// out, so that the rest of a link opens, and said: a mistake's field is the parameter,
// its argument "typed" what stood there. Empty parameters are fields that were not filled
// in. Pass a table as Visible has it where columns are withheld. The query is Normal's.
func Parse(v url.Values, t tabular.Table) (tabular.Query, plaza.Mistakes) {
	p := &parser{view: newView(t), in: v}
	p.conditions()
	p.searched()
	p.columns()
	p.groups()
	p.sorts()
	p.limit()
	p.q = Normal(p.q)
	p.key()
	return p.q, p.mistakes
}

type parser struct {
	view     *view
	in       url.Values
	q        tabular.Query
	mistakes plaza.Mistakes
}

// try runs part of a compilation and reports whether it found nothing wrong. What it
// found is noted at param ("" leaves the fields as they are).
func (p *parser) try(param, typed string, compile func(b *builder)) bool {
	b := &builder{view: p.view}
	compile(b)
	for _, m := range b.mistakes {
		if param != "" {
			m.Field = param
		}
		args := map[string]any{"typed": tabular.Clip(strings.ToValidUTF8(typed, "�"), MaxValue)}
		for k, a := range m.Args {
			args[k] = a
		}
		m.Args = args
		p.mistakes = append(p.mistakes, m)
	}
	return len(b.mistakes) == 0
}

func (p *parser) wrong(param, typed, key string, args map[string]any) {
	p.try(param, typed, func(b *builder) { b.wrong(param, key, args) })
}

// filled are the values of a parameter that were filled in.
func (p *parser) filled(param string) []string {
	var out []string
	for _, s := range p.in[param] {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}

func (p *parser) conditions() {
	var params []string
	for param := range p.in {
		name, _, _ := strings.Cut(param, "~")
		if strings.HasPrefix(param, ParamFilter+".") || name == ParamPlace || param == ParamNear || param == ParamBox {
			params = append(params, param)
		}
	}
	slices.Sort(params)
	for _, param := range params {
		values := p.filled(param)
		if len(values) == 0 {
			continue
		}
		for _, c := range p.read(param, values) {
			if len(p.q.Where) == MaxConditions {
				p.wrong(param, strings.Join(values, ", "), "query.conditions", map[string]any{"max": MaxConditions})
				return
			}
			if p.try(param, strings.Join(values, ", "), func(b *builder) { b.condition(c) }) {
				p.q.Where = append(p.q.Where, c)
			}
		}
	}
}

// read makes the conditions of one parameter.
func (p *parser) read(param string, values []string) []tabular.Condition {
	c := tabular.Condition{}
	name, _, _ := strings.Cut(param, "~")
	switch {
	case name == ParamPlace:
		c.Op = tabular.Inside
	case param == ParamNear || param == ParamBox:
		c.Op = map[string]tabular.Operator{ParamNear: tabular.Near, ParamBox: tabular.Box}[param]
		var out []tabular.Condition
		for _, s := range values {
			out = append(out, tabular.Condition{Op: c.Op, Values: strings.Split(s, ",")})
		}
		return out
	default:
		rest := strings.TrimPrefix(param, ParamFilter+".")
		c.Column, c.Op, _ = operatorSuffix(rest)
		if _, known := p.view.columns[c.Column]; !known {
			if _, whole := p.view.columns[rest]; whole {
				c.Column, c.Op = rest, tabular.Is
			}
		}
	}
	var out []tabular.Condition
	if c.Op == tabular.Empty {
		for _, s := range values {
			c.Op = tabular.Empty
			if !truthy(s) {
				c.Op = tabular.NotEmpty
			}
			out = append(out, c)
		}
		return out
	}
	if many(c.Op) {
		c.Values = values
		return []tabular.Condition{c}
	}
	for _, s := range values {
		out = append(out, tabular.Condition{Column: c.Column, Op: c.Op, Values: []string{s}})
	}
	return out
}

func truthy(s string) bool { return truth[strings.ToLower(strings.TrimSpace(s))] != "false" }

func (p *parser) searched() {
	s := strings.Join(p.filled(ParamSearch), " ")
	if p.try(ParamSearch, s, func(b *builder) { b.search(s) }) {
		p.q.Search = s
	}
}

func (p *parser) columns() {
	for _, one := range items(p.in[ParamColumns]) {
		name := one.whole()
		if p.try(ParamColumns, name, func(b *builder) { b.shown([]string{name}) }) {
			p.q.Columns = append(p.q.Columns, name)
		}
	}
}

// whole is an item of a list in which a minus means nothing.
func (i item) whole() string {
	if i.minus {
		return "-" + i.name
	}
	return i.name
}

func (p *parser) groups() {
	by := items(p.in[ParamStep])
	for i, one := range items(p.in[ParamGroup]) {
		g := tabular.Group{Column: one.whole()}
		if i < len(by) {
			word, n, _ := strings.Cut(by[i].whole(), ":")
			g.Step, _ = ofWord(steps, word)
			if g.Step == tabular.StepBins {
				g.Bins = DefaultBins
				if n != "" {
					g.Bins, _ = strconv.Atoi(n) // what is no number is 0
					if g.Bins < 1 {
						g.Bins = -1
					}
				}
			}
		}
		typed := g.Column
		if p.try("", typed, func(b *builder) { b.groups(&SQL{}, append(slices.Clone(p.q.Group), g)) }) {
			p.q.Group = append(p.q.Group, g)
		}
		if i >= MaxGroups {
			break
		}
	}
	for _, one := range items(p.in[ParamMeasure]) {
		name := one.whole()
		m := measureOf(name)
		if p.try(ParamMeasure, name, func(b *builder) { b.measures(&SQL{}, append(slices.Clone(p.q.Measures), m)) }) {
			p.q.Measures = append(p.q.Measures, m)
		}
		if len(p.q.Measures) > MaxMeasures {
			break
		}
	}
}

// measureOf reads "suma:monto", or "sum:monto" as MeasureName has it.
func measureOf(s string) tabular.Measure {
	name, column, _ := strings.Cut(s, ":")
	f, _ := ofWord(funcs, name)
	return tabular.Measure{Func: f, Column: column}
}

func (p *parser) sorts() {
	for _, one := range items(p.in[ParamSort]) {
		o := tabular.Order{Column: one.name, Down: one.minus}
		if Grouped(p.q) && !slices.ContainsFunc(p.q.Group, func(g tabular.Group) bool { return g.Column == o.Column }) {
			o.Column = MeasureName(measureOf(o.Column))
		}
		next := distinctOrders(append(slices.Clone(p.q.Sort), o))
		ok := p.try(ParamSort, one.name, func(b *builder) {
			if Grouped(p.q) {
				b.groupSorts(p.q, next)
				return
			}
			b.sorted(next)
		})
		if ok {
			p.q.Sort = next
		}
		if len(next) > MaxSorts {
			break
		}
	}
}

// groupSorts checks a sort of groups.
func (b *builder) groupSorts(q tabular.Query, sort []tabular.Order) {
	out := SQL{}
	grouped := b.groups(&out, q.Group)
	b.measures(&out, q.Measures)
	q.Sort = sort
	b.groupOrder(out, q, grouped)
}

func (p *parser) limit() {
	s := strings.TrimSpace(p.in.Get(ParamLimit))
	if s == "" {
		return
	}
	most := MaxRows
	if Grouped(p.q) {
		most = MaxGroupRows
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		p.wrong(ParamLimit, s, "query.limit", map[string]any{"max": most})
		return
	}
	p.q.Limit = n
}

// key reads where the page begins, which depends on the sort.
func (p *parser) key() {
	for _, param := range []string{ParamAfter, ParamBefore, ParamPage} {
		s := strings.TrimSpace(p.in.Get(param))
		if s == "" || Grouped(p.q) || p.q.Key != nil {
			continue
		}
		var pos *tabular.Position
		var err error
		if param == ParamPage {
			n, _ := strconv.ParseInt(s, 10, 64) // what is no number is page 0, which is refused
			pos, err = Jump(p.q, n)
		} else {
			pos, err = ParseCursor(p.q, s)
		}
		if err != nil {
			p.wrong(param, s, keyOf(err), nil)
			continue
		}
		if param != ParamPage {
			// one cursor opens in both directions: the parameter says which
			pos.Back = param == ParamBefore
		}
		ok := p.try(param, s, func(b *builder) { b.after(*pos, b.sorted(p.q.Sort), "t") })
		if ok && (pos.Row > 0 || pos.Back) {
			p.q.Key = pos
		}
	}
}

func keyOf(err error) string {
	if e, ok := err.(*plaza.Error); ok {
		return e.Key
	}
	return "query.cursor"
}
