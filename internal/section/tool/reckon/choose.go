package reckon

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/spec"
)

// parse reads conditions, search and sort; nothing else of an address matters here.
func parse(t tabular.Table, text string) (tabular.Query, plaza.Mistakes) {
	values, _ := url.ParseQuery(text) // what the document's own check refused is not there
	return query.Parse(choosing(values), t)
}

// choosing are the parameters of an address that choose and sort rows.
func choosing(v url.Values) url.Values {
	out := url.Values{}
	for param, values := range v {
		name, _, _ := strings.Cut(param, "~")
		switch {
		case strings.HasPrefix(param, query.ParamFilter+"."), name == query.ParamPlace, param == query.ParamNear, param == query.ParamBox, param == query.ParamSearch, param == query.ParamSort:
			out[param] = values
		}
	}
	return out
}

// choose applies what a reader chose: rows are left out, but those of the groups that this
// view shows, which are highlighted.
func (d *desk) choose(ctx context.Context, p *plan, reader url.Values) error {
	values := choosing(reader)
	q, wrong := query.Parse(values, p.src.shown)
	for _, m := range wrong {
		switch {
		case m.Key == "query.column":
			more, err := p.elsewhere(ctx, m.Field, values[m.Field])
			if err != nil {
				return err
			}
			q.Where = append(q.Where, more...)
		case m.Key == "query.place" || m.Field == query.ParamSort: // of a table that has none, or has no such column
		default:
			p.out.Wrong = append(p.out.Wrong, m)
		}
	}
	if !slices.ContainsFunc(p.src.shown.Columns, func(c tabular.Column) bool { return c.Type.Words() }) {
		q.Search = "" // nothing is searched in it
	}
	q.Where = slices.DeleteFunc(q.Where, func(c tabular.Condition) bool { return p.highlights(c) })
	p.base = both(p.base, q)
	return nil
}

// highlights notes a condition on a column by which the view groups, and reports whether it
// did.
func (p *plan) highlights(c tabular.Condition) bool {
	if p.raw || p.view.Mark == spec.Table || p.view.Mark == spec.Figure {
		return false
	}
	for _, t := range p.groups {
		if t.lookup != nil {
			continue
		}
		own := c.Column != "" && (c.Column == t.col.Name || c.Column == p.asked[t.at].Column)
		placed := c.Column == "" && c.Op == tabular.Inside && (t.role == RolePlace && t.level != noPlace || slices.Contains(p.src.shown.Place.Columns, t.col.Name) && levelOf(t.col) != noPlace)
		if !own && !placed {
			continue
		}
		switch c.Op {
		case tabular.Is, tabular.Inside:
			p.chosen(t, c.Values)
		case tabular.Between:
			p.ranged(t, c.Values[0], c.Values[1])
		case tabular.AtLeast, tabular.More:
			p.ranged(t, c.Values[0], "")
		case tabular.AtMost, tabular.Less:
			p.ranged(t, "", c.Values[0])
		default:
			return false // it names nothing that could be highlighted
		}
		return true
	}
	return false
}

func (p *plan) chosen(t *part, values []string) {
	if p.out.Chosen == nil {
		p.out.Chosen = map[string][]string{}
	}
	for _, v := range values {
		if t.level == towns && len(v) == 2 { // a state stands for its municipalities
			for _, one := range place.Towns(v) {
				p.out.Chosen[t.ch.Field] = append(p.out.Chosen[t.ch.Field], one.Code)
			}
			continue
		}
		if t.level != noPlace {
			v, _ = codeOf(v, t.level)
		}
		p.out.Chosen[t.ch.Field] = append(p.out.Chosen[t.ch.Field], v)
	}
}

func (p *plan) ranged(t *part, from, to string) {
	if p.out.ChosenRange == nil {
		p.out.ChosenRange = map[string][2]string{}
	}
	p.out.ChosenRange[t.ch.Field] = [2]string{from, to}
}

// elsewhere makes conditions of a parameter about a column that the table does not have: of
// a lookup's column, those on its key; of codes of places in another source, those on the
// column here that means the same.
func (p *plan) elsewhere(ctx context.Context, param string, values []string) ([]tabular.Condition, error) {
	name := strings.TrimPrefix(param, query.ParamFilter+".")
	for _, l := range p.lookups {
		if field, ok := strings.CutPrefix(name, l.From+"."); ok && slices.Contains(l.Fields, field) {
			return p.throughKey(ctx, l, param, field, values)
		}
	}
	for _, one := range p.d.s.Sources {
		if one.Name == p.src.spec.Name {
			continue
		}
		other, err := p.d.source(ctx, one.Name)
		if kind := plaza.KindOf(err); err != nil && (kind == plaza.NotFound || kind == plaza.Forbidden) {
			continue // other views say so
		} else if err != nil {
			return nil, err
		}
		q, wrong := query.Parse(url.Values{param: values}, other.shown)
		if len(wrong) > 0 || len(q.Where) != 1 || q.Where[0].Column == "" {
			continue
		}
		if c, ok := other.column(q.Where[0].Column); ok {
			if same, ok := p.sameMeaning(q.Where[0], c.Meaning); ok {
				return []tabular.Condition{same}, nil
			}
		}
	}
	return nil, nil
}

// sameMeaning moves a condition on codes of places to the column here that has such codes.
func (p *plan) sameMeaning(c tabular.Condition, m tabular.Meaning) (tabular.Condition, bool) {
	if m != tabular.State && m != tabular.Municipality {
		return c, false
	}
	for _, own := range p.src.shown.Columns {
		if own.Meaning == m {
			c.Column = own.Name
			return c, true
		}
	}
	if c.Op != tabular.Is && c.Op != tabular.Inside {
		return c, false
	}
	c.Op = tabular.Inside
	for _, own := range p.src.shown.Columns {
		if own.Meaning == tabular.Municipality { // of the state
			c.Column = own.Name
			return c, true
		}
	}
	c.Column = ""
	hasStates, hasTowns := query.Places(p.src.shown)
	return c, hasStates && m == tabular.State || hasTowns
}

// throughKey chooses the rows whose key has one of the values in the other source; those of a
// group that this view shows are highlighted.
func (p *plan) throughKey(ctx context.Context, l *lookup, param, field string, values []string) ([]tabular.Condition, error) {
	for _, t := range p.groups {
		if t.lookup == l && t.col.Name == field && !p.raw && p.view.Mark != spec.Table {
			p.chosen(t, values)
			return nil, nil
		}
	}
	if err := l.read(ctx, p); err != nil {
		return nil, err
	}
	c := tabular.Condition{Column: l.key.Name, Op: tabular.Is}
	for key, fields := range l.rows {
		if slices.Contains(values, fields[field].Text) {
			c.Values = append(c.Values, key)
		}
	}
	if n := len(c.Values); n == 0 || n > query.MaxValues {
		p.out.Wrong.Hold(false, param, "toolreckon.choice", map[string]any{"max": query.MaxValues})
		return nil, nil
	}
	slices.Sort(c.Values)
	return []tabular.Condition{c}, nil
}
