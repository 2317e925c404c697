package workshop

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/suggest"
	"plaza/internal/section/tool/wording"
)

// take reads the fields of a view from the form that was sent. What cannot be read is blamed
// on its field, and left out.
func (f form) take() spec.View {
	sent := f.sent
	v := upright(f.v)
	k := kindOf(v)
	v.Title, v.Text = text.Line(sent.Value("v_titulo")), text.Tidy(sent.Value("v_texto"))
	if k == spec.KindText {
		return v
	}
	v.Sentence = text.Line(sent.Value("v_frase"))
	for _, s := range slots[k] {
		f.takeSlot(&v, s, k)
	}
	if k == spec.KindTable {
		v.Columns = sent.Values("columnas")
		v.Rows = f.whole("filas")
	}
	v.Top, v.Others = f.whole("top"), sent.Value("otros") != ""
	v.Stack, v.Orient, v.Palette, v.Format = sent.Value("apilado"), sent.Value("orientacion"), sent.Value("paleta"), sent.Value("formato")
	v.Cut, v.Per = sent.Value("cortar") != "", sent.Value("por")
	if v.Per == "" {
		v.Times = 0
	}
	if k == spec.KindChoropleth {
		v.Geo, v.Within = sent.Value("formas"), sent.Value("dentro")
		if v.Geo == "states" || v.Geo == "municipalities" {
			v.GeoKey = ""
		}
	}
	if k == spec.KindBar {
		v.Encoding.X.Sort = sent.Value("orden")
	}
	v.Filter, v.Rules, v.Marks = f.takeFilter(), f.takeRules(), f.takeNotes()
	return v
}

// takeSlot reads one choice of columns.
func (f form) takeSlot(v *spec.View, s slot, k spec.Kind) {
	sent := f.sent
	ch := channel(&v.Encoding, s.channel)
	was := ch.Field
	ch.Field = sent.Value(s.channel)
	if s.wants == measure {
		f.takeMeasure(ch, was, sent.Value(s.channel+"_cuenta"))
		if c := f.t.Column(ch.Field); c != nil && ch.Aggregate != "" && !slices.Contains(query.FuncsOf(*c), tabular.Func(ch.Aggregate)) {
			f.blame(s.channel+"_cuenta", f.l.T("toolreckon.measure", "column", wording.Plain(ch.Field)))
		}
		return
	}
	ch.TimeUnit = sent.Value(s.channel + "_paso")
	if ch.Field == "" {
		*ch = spec.Channel{}
		return
	}
	c := f.t.Column(ch.Field)
	if c == nil || !c.Type.Temporal() {
		ch.TimeUnit = ""
	} else if ch.Field != was && ch.TimeUnit == "" && c.Type != "year" {
		ch.TimeUnit = "yearmonth" // a first guess; the form shows the choice now
	}
	if k == spec.KindHistogram {
		ch.Bin = max(1, f.whole("bin"))
	}
}

// takeMeasure reads what is computed of which column. Either may be chosen first: a column that
// is chosen where rows were counted is summed or averaged, as fits it, and what needs a column
// gets one.
func (f form) takeMeasure(ch *spec.Channel, was, aggregate string) {
	c := f.t.Column(ch.Field)
	if aggregate == "count" && ch.Field != was && c != nil {
		aggregate = "distinct"
		if c.Type.Number() {
			aggregate = suggest.Aggregate(*c)
		}
	}
	if ch.Aggregate = aggregate; aggregate == "count" {
		ch.Field = ""
		return
	}
	for i := range f.t.Columns {
		if c := f.t.Columns[i]; ch.Field == "" && fits(c, number) && prefers(c, number) {
			ch.Field = c.Name
		}
	}
}

// whole is a number that stands in a field, 0 for none.
func whole(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0
	}
	return n
}

// whole is a number of a field, 0 for an empty one.
func (f form) whole(name string) int {
	n, err := strconv.Atoi(f.sent.Value(name))
	if err != nil && f.sent.Value(name) != "" {
		f.blame(name, f.l.T("workshop.error.whole"))
	}
	return n
}

// takeFilter reads the lines of conditions as the query of an address. A line that somebody has
// only begun is for the next time, unless the form was sent as it is.
func (f form) takeFilter() string {
	out := url.Values{}
	for n := 1; n <= maxLines; n++ {
		i := strconv.Itoa(n)
		column, op, value := f.sent.Value("filtro_columna"+i), f.sent.Value("filtro_op"+i), f.sent.Value("filtro_valor"+i)
		switch {
		case column == "" && value == "":
			continue
		case column == "":
			f.unfinished("filtro_columna"+i, "workshop.error.filter.column")
			continue
		case value == "" && op != "vacio":
			f.unfinished("filtro_valor"+i, "workshop.error.filter.value")
			continue
		}
		key := query.ParamFilter + "." + column
		if op != "es" && op != "" {
			key += "." + op
		}
		if op == "vacio" {
			if value = yesNo[text.Fold(value)]; value == "" {
				f.blame("filtro_valor"+i, f.l.T("workshop.error.filter.empty"))
				continue
			}
		}
		if strings.ContainsFunc(value, unicode.IsControl) {
			f.blame("filtro_valor"+i, f.l.T("toolspec.error.letters"))
			continue
		}
		if _, wrong := query.Parse(url.Values{key: {value}}, *f.t); len(wrong) > 0 {
			f.blame("filtro_valor"+i, f.l.TMap(wrong[0].Key, wrong[0].Args))
			continue
		}
		out.Add(key, value)
	}
	return out.Encode()
}

// yesNo are the values of the condition that a column is empty.
var yesNo = map[string]string{"": "si", "si": "si", "yes": "si", "no": "no"}

// unfinished blames a field that is still empty, unless somebody is about to fill it in.
func (f form) unfinished(name, key string) {
	if f.sent.Value("hacer") != actOn {
		f.blame(name, f.l.T(key))
	}
}

func (f form) takeRules() (out []spec.Rule) {
	for n := 1; n <= spec.MaxRules; n++ {
		i := strconv.Itoa(n)
		at, label := f.sent.Value("linea"+i), text.Line(f.sent.Value("linea_texto"+i))
		r := spec.Rule{Label: label}
		switch v, ok := query.Number(at); {
		case at == "" && label == "":
			continue
		case at == "":
			f.unfinished("linea"+i, "workshop.error.rule")
			continue
		case at == "mean", at == "median":
			r.Of = at
		case strings.HasPrefix(text.Fold(at), "prom"):
			r.Of = "mean"
		case strings.HasPrefix(text.Fold(at), "median"):
			r.Of = "median"
		case ok:
			r.At = v
		default:
			f.blame("linea"+i, f.l.T("workshop.error.rule"))
			continue
		}
		member := "rules[" + strconv.Itoa(len(out)) + "]."
		f.from[member+"at"], f.from[member+"label"] = "linea"+i, "linea_texto"+i
		out = append(out, r)
	}
	return out
}

func (f form) takeNotes() (out []spec.Note) {
	for n := 1; n <= spec.MaxNotes; n++ {
		i := strconv.Itoa(n)
		m := spec.Note{X: f.sent.Value("nota_en" + i), Text: text.Line(f.sent.Value("nota_texto" + i))}
		switch {
		case m == spec.Note{}:
			continue
		case m.X == "":
			f.unfinished("nota_en"+i, "workshop.error.note.at")
			continue
		case m.Text == "":
			f.unfinished("nota_texto"+i, "workshop.error.note.text")
			continue
		}
		member := "annotations[" + strconv.Itoa(len(out)) + "]."
		f.from[member+"x"], f.from[member+"text"] = "nota_en"+i, "nota_texto"+i
		out = append(out, m)
	}
	return out
}

// takeWords reads what is said of the whole tool.
func takeWords(sent *web.Form, s spec.Spec) spec.Spec {
	if !sent.Has("titulo") {
		return s
	}
	s.Title, s.Subtitle = text.Line(sent.Value("titulo")), text.Line(sent.Value("subtitulo"))
	s.Summary, s.Description, s.Notes = text.Tidy(sent.Value("resumen")), text.Tidy(sent.Value("alt")), text.Tidy(sent.Value("notas"))
	if lang := sent.Value("idioma"); lang == "es" || lang == "en" {
		s.Language = lang
	}
	return s
}
