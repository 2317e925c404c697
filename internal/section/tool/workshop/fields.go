package workshop

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	tplace "plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

// How many lines of filters, reference lines and annotations the form has.
const (
	filterLines = 3
	ruleLines   = 2
	noteLines   = 3
	maxLines    = 30 // of filters that are read
)

// form writes the fields of a view, and reads them.
type form struct {
	l     *i18n.Printer
	t     *tabular.Table // its table, as anybody may see it
	s     spec.Spec
	v     spec.View
	*said // nil while nothing was sent
}

func (f form) field(name, label, value string, options []web.Option) web.Field {
	out := web.Field{L: f.l, Name: name, Label: f.l.T("workshop." + label), Value: value, Free: true}
	if f.said != nil {
		out.Error = f.bad[name]
		if f.sent.Has(name) {
			out.Value = f.sent.Value(name)
		}
	}
	if options != nil {
		out.Type, out.Options = "select", options
	}
	return out
}

// choices are the columns that fit a slot, those that are looked up among them; none stands
// first where it may.
func (f form) choices(w want, must bool, chosen string) []web.Option {
	out := f.own(w, must)
	src, _ := f.s.Source(f.v.Source)
	for _, l := range src.Lookup {
		for _, column := range l.Fields {
			out = append(out, web.Option{Value: l.From + "." + column, Label: f.l.T("workshop.joined", "column", wording.Plain(column), "from", wording.Plain(l.From))})
		}
	}
	return withChosen(out, chosen)
}

// withChosen are options with what is chosen among them, whether it still fits or not.
func withChosen(list []web.Option, chosen string) []web.Option {
	if chosen == "" || slices.ContainsFunc(list, func(o web.Option) bool { return o.Value == chosen }) {
		return list
	}
	return append(list, web.Option{Value: chosen, Label: chosen})
}

// own are the columns of the view's table that fit a slot.
func (f form) own(w want, must bool) (out []web.Option) {
	if !must {
		out = append(out, web.Option{Label: f.l.T("workshop.nothing")})
	}
	for _, c := range f.t.Columns {
		if fits(c, w) && !c.Meaning.Personal() {
			out = append(out, web.Option{Value: c.Name, Label: wording.Plain(c.Name)})
		}
	}
	return out
}

// what are the fields of what a view shows.
func (f form) what() (out []web.Field) {
	v := upright(f.v)
	k := kindOf(v)
	for _, s := range slots[k] {
		ch := *channel(&v.Encoding, s.channel)
		label := "slot." + string(k) + "." + s.channel
		if s.wants == measure {
			out = append(out, f.measured(s.channel, ch)...)
			continue
		}
		out = append(out, f.field(s.channel, label, ch.Field, f.choices(s.wants, s.must, ch.Field)))
		c := f.t.Column(ch.Field)
		switch {
		case k == spec.KindHistogram:
			bins := f.field("bin", "bins", strconv.Itoa(ch.Bin), nil)
			bins.Type = "number"
			out = append(out, bins)
		case c != nil && c.Type.Temporal() && c.Type != tabular.Year && (s.wants == along || s.wants == group):
			out = append(out, f.field(s.channel+"_paso", "step", ch.TimeUnit, f.words("step", slices.Insert(slices.Clone(spec.TimeUnits), 0, ""))))
		}
	}
	return out
}

// measured are the fields of a measure: what is computed, of which column.
func (f form) measured(channel string, ch spec.Channel) []web.Field {
	return []web.Field{
		f.field(channel+"_cuenta", "measure", ch.Aggregate, f.words("func", spec.Aggregates)),
		f.field(channel, "measure.of", ch.Field, f.choices(name, false, ch.Field)),
	}
}

// words are the options of a list of our words.
func (f form) words(group string, list []string) (out []web.Option) {
	for _, w := range list {
		key := w
		if key == "" {
			key = "none"
		}
		out = append(out, web.Option{Value: w, Label: f.l.T("workshop." + group + "." + key)})
	}
	return out
}

// how are the fields of what a view looks like.
func (f form) how() (out []web.Field) {
	v := f.v
	k := kindOf(v)
	is := func(of ...spec.Kind) bool { return slices.Contains(of, k) }
	if is(spec.KindBar, spec.KindTreemap, spec.KindHeatMap) {
		top := f.field("top", "top", number0(v.Top), nil)
		top.Type = "number"
		out = append(out, top)
	}
	if is(spec.KindBar, spec.KindTreemap) {
		out = append(out, f.check("otros", "others", v.Others))
	}
	if is(spec.KindBar) {
		out = append(out, f.field("orden", "sort", upright(v).Encoding.X.Sort, f.words("sort", append([]string{""}, spec.Sorts...))),
			f.field("orientacion", "orient", v.Orient, f.words("orient", []string{"", "horizontal", "vertical"})))
	}
	if is(spec.KindBar, spec.KindArea) {
		out = append(out, f.field("apilado", "stack", v.Stack, f.words("stack", append([]string{""}, spec.Stacks...))))
	}
	if is(spec.KindBar, spec.KindLine, spec.KindChoropleth, spec.KindFigure) {
		out = append(out, f.field("por", "per", v.Per, f.pers()))
	}
	if is(spec.KindChoropleth) {
		out = append(out, f.field("formas", "geo", v.Geo, f.shapes()), f.field("dentro", "within", v.Within, f.states()))
	}
	if is(spec.KindChoropleth, spec.KindHeatMap) {
		out = append(out, f.field("paleta", "palette", v.Palette, f.words("palette", append([]string{""}, spec.Palettes...))))
	}
	if is(spec.KindArea, spec.KindPoints) { // two sides of zero are no matter of theirs
		hues := slices.DeleteFunc(slices.Clone(spec.Palettes), func(p string) bool { return p == "diverging" })
		out = append(out, f.field("paleta", "palette", v.Palette, f.words("palette", append([]string{""}, hues...))))
	}
	if is(spec.KindLine, spec.KindScatter) {
		out = append(out, f.check("cortar", "cut", v.Cut))
	}
	if is(spec.KindTable) {
		rows := f.field("filas", "rows.most", number0(v.Rows), nil)
		rows.Type = "number"
		return append(out, rows)
	}
	return append(out, f.field("formato", "format", v.Format, f.words("format", append([]string{""}, spec.Formats...))))
}

func number0(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (f form) check(name, label string, on bool) web.Field {
	c := f.field(name, label, "", nil)
	c.Type, c.Checked = "checkbox", on
	if f.said != nil && f.sent.Has("v_titulo") { // else this view was not sent
		c.Checked = f.sent.Checked(name)
	}
	return c
}

func (f form) pers() []web.Option {
	out := []web.Option{{Label: f.l.T("workshop.per.none")}, {Value: "population", Label: f.l.T("workshop.per.population")}}
	src, _ := f.s.Source(f.v.Source)
	for _, l := range src.Lookup {
		for _, column := range l.Fields {
			out = append(out, web.Option{Value: l.From + "." + column, Label: f.l.T("workshop.per.column", "column", wording.Plain(column))})
		}
	}
	return out
}

func (f form) shapes() []web.Option {
	out := f.words("geo", []string{"states", "municipalities"})
	for _, s := range f.s.Sources {
		if s.Name == f.v.Geo {
			out = append(out, web.Option{Value: s.Name, Label: wording.Plain(s.Name)})
		}
	}
	return out
}

func (f form) states() []web.Option {
	out := []web.Option{{Label: f.l.T("workshop.within.none")}}
	for _, s := range tplace.States() {
		out = append(out, web.Option{Value: s.Code, Label: s.Name})
	}
	return out
}

// filterOps are the conditions that the form has; package query has more.
var filterOps = []string{"es", "no", "contiene", "min", "max", "vacio"}

// line is a line of the form of filters, reference lines or annotations.
type line struct {
	N      int
	Fields []web.Field
}

// lines are those of one kind.
type lines []line

// Wrong reports whether something is wrong with one of them, which is shown unfolded then.
func (ls lines) Wrong() bool {
	return slices.ContainsFunc(ls, func(l line) bool { return wrong(l.Fields) })
}

func wrong(list []web.Field) bool {
	return slices.ContainsFunc(list, func(f web.Field) bool { return f.Error != "" })
}

// filters are the view's conditions, a line each, and empty lines.
func (f form) filters() (out lines) {
	var have [][3]string
	v, err := url.ParseQuery(f.v.Filter)
	if err != nil {
		v = nil
	}
	q, _ := query.Parse(v, *f.t) // what does not fit is said beside the picture
	canonical := query.Values(tabular.Query{Where: q.Where})
	for _, key := range slices.Sorted(maps.Keys(canonical)) {
		column, op := query.Split(strings.TrimPrefix(key, query.ParamFilter+"."))
		for _, value := range canonical[key] {
			have = append(have, [3]string{column, op, value})
		}
	}
	for n := range max(filterLines, len(have)+1, f.lines(maxLines, "filtro_columna", "filtro_valor")) {
		var one [3]string
		if n < len(have) {
			one = have[n]
		}
		i := strconv.Itoa(n + 1)
		out = append(out, line{n + 1, []web.Field{
			f.field("filtro_columna"+i, "filter.column", one[0], withChosen(f.own(name, false), one[0])),
			f.field("filtro_op"+i, "filter.op", one[1], f.words("op", filterOps)),
			f.field("filtro_valor"+i, "filter.value", one[2], nil),
		}})
	}
	return out
}

// rules and notes are lines of the form.
func (f form) rules() (out lines) {
	for n := range max(ruleLines, len(f.v.Rules), f.lines(spec.MaxRules, "linea", "linea_texto")) {
		var r spec.Rule
		if n < len(f.v.Rules) {
			r = f.v.Rules[n]
		}
		at, i := r.Of, strconv.Itoa(n+1)
		if at == "" && r != (spec.Rule{}) {
			at = strconv.FormatFloat(r.At, 'f', -1, 64)
		}
		out = append(out, line{n + 1, []web.Field{f.field("linea"+i, "rule.at", at, nil), f.field("linea_texto"+i, "rule.label", r.Label, nil)}})
	}
	return out
}

func (f form) notes() (out lines) {
	for n := range max(noteLines, len(f.v.Marks), f.lines(spec.MaxNotes, "nota_en", "nota_texto")) {
		var m spec.Note
		if n < len(f.v.Marks) {
			m = f.v.Marks[n]
		}
		i := strconv.Itoa(n + 1)
		out = append(out, line{n + 1, []web.Field{f.field("nota_en"+i, "note.at", m.X, nil), f.field("nota_texto"+i, "note.text", m.Text, nil)}})
	}
	return out
}
