package workshop

import (
	"net/url"
	"strconv"
	"strings"

	"plaza/internal/base/tabular/query"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/section/tool/spec"
)

// take reads the fields of a view from a form that was sent. Fields that the form does not
// have leave what is.
func (f form) take(sent *web.Form) spec.View {
	v := upright(f.v)
	if k := spec.Kind(sent.Value("tipo")); marks[k] != "" && k != kindOf(v) {
		return become(v, k, first(f.s), f.t)
	}
	k := kindOf(v)
	v.Title, v.Text = text.Line(sent.Value("v_titulo")), text.Tidy(sent.Value("v_texto"))
	if k == spec.KindText {
		return v
	}
	v.Sentence = text.Line(sent.Value("v_frase"))
	for _, s := range slots[k] {
		f.takeSlot(sent, &v, s, k)
	}
	if k == spec.KindTable {
		v.Columns = sent.Values("columnas")
		v.Rows = whole(sent.Value("filas"))
	}
	v.Top, v.Others = whole(sent.Value("top")), sent.Value("otros") != ""
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
	v.Filter, v.Rules, v.Marks = takeFilter(sent), takeRules(sent), takeNotes(sent)
	return v
}

// takeSlot reads one choice of columns.
func (f form) takeSlot(sent *web.Form, v *spec.View, s slot, k spec.Kind) {
	ch := channel(&v.Encoding, s.channel)
	was := ch.Field
	ch.Field = sent.Value(s.channel)
	if s.wants == measure {
		f.takeMeasure(ch, was, sent.Value(s.channel+"_cuenta"))
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
		ch.Bin = max(1, whole(sent.Value("bin")))
	}
}

// takeMeasure reads what is computed of which column. Either may be chosen first: a column
// that is chosen where rows were counted is summed, and what needs a column gets one.
func (f form) takeMeasure(ch *spec.Channel, was, aggregate string) {
	c := f.t.Column(ch.Field)
	if aggregate == "count" && ch.Field != was && c != nil {
		aggregate = "distinct"
		if c.Type.Number() {
			aggregate = "sum"
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

// whole is a number of a field, 0 for none.
func whole(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0
	}
	return n
}

// takeFilter reads the lines of conditions as the query of an address.
func takeFilter(sent *web.Form) string {
	out := url.Values{}
	for n := 1; n <= 30; n++ {
		i := strconv.Itoa(n)
		column, op, value := sent.Value("filtro_columna"+i), sent.Value("filtro_op"+i), strings.TrimSpace(sent.Value("filtro_valor"+i))
		if column == "" || value == "" && op != "vacio" {
			continue
		}
		key := query.ParamFilter + "." + column
		if op != "es" && op != "" {
			key += "." + op
		}
		if op == "vacio" && value != "no" {
			value = "si"
		}
		out.Add(key, value)
	}
	return out.Encode()
}

func takeRules(sent *web.Form) (out []spec.Rule) {
	for n := 1; n <= spec.MaxRules; n++ {
		i := strconv.Itoa(n)
		at, label := strings.TrimSpace(sent.Value("linea"+i)), text.Line(sent.Value("linea_texto"+i))
		r := spec.Rule{Label: label}
		switch v, err := strconv.ParseFloat(strings.ReplaceAll(at, ",", ""), 64); {
		case at == "":
			continue
		case at == "mean", at == "median":
			r.Of = at
		case strings.HasPrefix(text.Fold(at), "prom"):
			r.Of = "mean"
		case strings.HasPrefix(text.Fold(at), "median"):
			r.Of = "median"
		case err == nil:
			r.At = v
		default:
			continue
		}
		out = append(out, r)
	}
	return out
}

func takeNotes(sent *web.Form) (out []spec.Note) {
	for n := 1; n <= spec.MaxNotes; n++ {
		i := strconv.Itoa(n)
		m := spec.Note{X: strings.TrimSpace(sent.Value("nota_en" + i)), Text: text.Line(sent.Value("nota_texto" + i))}
		if m.X != "" && m.Text != "" {
			out = append(out, m)
		}
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
