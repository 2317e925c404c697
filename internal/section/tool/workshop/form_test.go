package workshop

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/section/tool/spec"
)

func table() *tabular.Table {
	column := func(name string, t tabular.Type, m tabular.Meaning, distinct int64) tabular.Column {
		return tabular.Column{Name: name, Type: t, Meaning: m, Stats: tabular.Stats{Count: 1000, Distinct: distinct}}
	}
	return &tabular.Table{Rows: 1000, Columns: []tabular.Column{
		column("fecha", tabular.Date, "", 400), column("producto", tabular.Text, "", 3), column("sector", tabular.Text, "", 12), column("cve_ent", tabular.Code, tabular.State, 32),
		column("precio", tabular.Decimal, "", 700), column("litros", tabular.Integer, "", 600), column("nombre", tabular.Text, "", 900), column("curp", tabular.Text, tabular.CURP, 900)}}
}

func document(v spec.View) spec.Spec {
	v.Name, v.Source = "vista", "datos"
	if v.Mark == spec.Text {
		v.Source = ""
	}
	return spec.Spec{Schema: spec.Schema, Title: "t", Language: "es", Sources: []spec.Source{{Name: "datos", Resource: "01980000-0000-7000-8000-000000000001"}}, Views: []spec.View{v}}
}

func TestAViewBecomesAnyOtherKind(t *testing.T) {
	from := spec.View{Mark: spec.Line, Encoding: spec.Encoding{X: spec.Channel{Field: "fecha", TimeUnit: "yearmonth"}, Y: spec.Channel{Field: "precio", Aggregate: "mean"}, Color: spec.Channel{Field: "producto"}}}
	for _, k := range kinds {
		got := become(from, k, "datos", table())
		doc := document(got)
		if k == spec.KindText { // it stands beside another view
			doc.Views = append(doc.Views, spec.View{Name: "otra", Source: "datos", Mark: spec.Table})
		}
		if kindOf(got) != k {
			t.Errorf("as %s it is %s", k, kindOf(got))
		}
		if wrong := doc.Check(); len(wrong) > 0 {
			t.Errorf("as %s it is no document: %+v", k, wrong)
		}
		back := become(got, spec.KindLine, "datos", table())
		if wrong := document(back).Check(); len(wrong) > 0 {
			t.Errorf("back from %s it is no document: %+v", k, wrong)
		}
	}
}

// sent is a form as a browser sends it when nothing is changed.
func sent(t *testing.T, f form) *web.Form {
	t.Helper()
	v := url.Values{"v_titulo": {f.v.Title}, "v_texto": {f.v.Text}, "v_frase": {f.v.Sentence}}
	put := func(list []web.Field) {
		for _, x := range list {
			switch {
			case x.Type == "checkbox" && !x.Checked:
			case x.Type == "checkbox":
				v.Set(x.Name, "1")
			default:
				v.Set(x.Name, x.Value)
			}
		}
	}
	put(f.what())
	put(f.how())
	for _, lines := range [][]line{f.filters(), f.rules(), f.notes()} {
		for _, l := range lines {
			put(l.Fields)
		}
	}
	v["columnas"] = f.v.Columns
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	out, err := web.ReadForm(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAFormThatIsSentUnchangedChangesNothing(t *testing.T) {
	b, err := i18n.New(Locale)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []spec.View{
		{Mark: spec.Bar, Title: "Barras", Sentence: "La regular se vende más.", Top: 12, Others: true, Stack: "normalize", Orient: "vertical", Per: "population", Filter: "f.producto=regular&f.sector.no=a%26b",
			Encoding: spec.Encoding{X: spec.Channel{Field: "sector", Sort: "-value"}, Y: spec.Channel{Field: "litros", Aggregate: "sum"}, Color: spec.Channel{Field: "producto"}},
			Rules:    []spec.Rule{{Of: "mean"}, {At: -3.5, Label: "Meta"}}, Marks: []spec.Note{{X: "energía", Text: "Aquí"}}},
		{Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "precio", Bin: 30}, Y: spec.Channel{Aggregate: "count"}}},
		{Mark: spec.Line, Cut: true, Format: "decimal2", Encoding: spec.Encoding{X: spec.Channel{Field: "fecha", TimeUnit: "yearquarter"}, Y: spec.Channel{Field: "precio", Aggregate: "median"}, Facet: spec.Channel{Field: "producto"}}},
		{Mark: spec.Area, Stack: "zero", Palette: "guinda", Encoding: spec.Encoding{X: spec.Channel{Field: "fecha", TimeUnit: "yearmonth"}, Y: spec.Channel{Field: "litros", Aggregate: "sum"}}},
		{Mark: spec.GeoShape, Geo: "municipalities", Within: "09", Palette: "jade", Encoding: spec.Encoding{Place: spec.Channel{Field: "cve_ent"}, Color: spec.Channel{Aggregate: "count"}}},
		{Mark: spec.Circle, Palette: "jade"},
		{Mark: spec.Table, Columns: []string{"nombre", "precio"}, Rows: 30},
		{Mark: spec.Treemap, Encoding: spec.Encoding{Detail: spec.Channel{Field: "sector"}, Size: spec.Channel{Field: "litros", Aggregate: "sum"}, Facet: spec.Channel{Field: "producto"}}},
	} {
		doc := document(v)
		f := form{l: b.Printer(i18n.Spanish), t: table(), s: doc, v: doc.Views[0]}
		f.said = saying(sent(t, f))
		if diff := cmp.Diff(doc.Views[0], f.take()); diff != "" || len(f.bad) > 0 {
			t.Errorf("%s: %v (-before +after):\n%s", v.Mark, f.bad, diff)
		}
	}
}

func TestPersonalDataIsNotOffered(t *testing.T) {
	b, err := i18n.New(Locale)
	if err != nil {
		t.Fatal(err)
	}
	f := form{l: b.Printer(i18n.English), t: table(), v: spec.View{Mark: spec.Bar}}
	for _, o := range f.choices(group, false, "") {
		if o.Value == "curp" {
			t.Error("a column of personal data is offered")
		}
	}
}

// typing is a form of a view in which that was typed.
func typing(t *testing.T, v spec.View, fields url.Values) form {
	t.Helper()
	b, err := i18n.New(Locale, spec.Locale)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	sent, err := web.ReadForm(r)
	if err != nil {
		t.Fatal(err)
	}
	doc := document(v)
	return form{l: b.Printer(i18n.Spanish), t: table(), s: doc, v: doc.Views[0], said: saying(sent)}
}

func TestReferenceLinesAreReadAsPeopleWriteThem(t *testing.T) {
	for typed, want := range map[string]spec.Rule{"Promedio": {Of: "mean"}, "mediana": {Of: "median"}, "1,250.5": {At: 1250.5}} {
		f := typing(t, spec.View{Mark: spec.Bar}, url.Values{"linea1": {typed}, "linea2": {"nada de eso"}, "linea3": {"1,5"}})
		if diff := cmp.Diff([]spec.Rule{want}, f.takeRules()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", typed, diff)
		}
		if len(f.bad) != 2 || f.bad["linea2"] == "" || f.bad["linea3"] == "" {
			t.Errorf("of what is no number is said %v", f.bad)
		}
	}
}

// TestALineThatCannotBeReadKeepsWhatWasTyped holds the lines of the form, which are many and of
// which some may be half done.
func TestALineThatCannotBeReadKeepsWhatWasTyped(t *testing.T) {
	bars := spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "sector"}, Y: spec.Channel{Aggregate: "count"}}}
	for _, c := range []struct {
		name   string
		typed  url.Values
		filter string
		wrong  []string
	}{
		{"a number that is none", url.Values{"filtro_columna1": {"precio"}, "filtro_op1": {"min"}, "filtro_valor1": {"abc"}, "filtro_columna4": {"producto"}, "filtro_op4": {"es"}, "filtro_valor4": {"regular"}}, "f.producto=regular", []string{"filtro_valor1"}},
		{"a date that is none", url.Values{"filtro_columna2": {"fecha"}, "filtro_op2": {"max"}, "filtro_valor2": {"ayer"}}, "", []string{"filtro_valor2"}},
		{"no value", url.Values{"filtro_columna1": {"precio"}, "filtro_op1": {"min"}}, "", []string{"filtro_valor1"}},
		{"no column", url.Values{"filtro_valor7": {"3"}}, "", []string{"filtro_columna7"}},
		{"half done, while one goes on", url.Values{"filtro_columna1": {"precio"}, "hacer": {actOn}}, "", nil},
		{"empty or not", url.Values{"filtro_columna1": {"producto"}, "filtro_op1": {"vacio"}, "filtro_valor1": {"No"}, "filtro_columna2": {"sector"}, "filtro_op2": {"vacio"}, "filtro_valor2": {"Sí"}}, "f.producto.vacio=no&f.sector.vacio=si", nil},
		{"empty, perhaps", url.Values{"filtro_columna1": {"producto"}, "filtro_op1": {"vacio"}, "filtro_valor1": {"talvez"}}, "", []string{"filtro_valor1"}},
		{"a control character", url.Values{"filtro_columna1": {"producto"}, "filtro_op1": {"es"}, "filtro_valor1": {"a\x01b"}}, "", []string{"filtro_valor1"}},
		{"a sum of words", url.Values{"y": {"producto"}, "y_cuenta": {"sum"}}, "", []string{"y_cuenta"}},
		{"numbers", url.Values{"top": {"diez"}}, "", []string{"top"}},
		{"a note of nothing", url.Values{"nota_en3": {"energía"}}, "", []string{"nota_texto3"}},
	} {
		f := typing(t, bars, c.typed)
		v := f.take()
		if v.Filter != c.filter {
			t.Errorf("%s: the filter is %q", c.name, v.Filter)
		}
		if diff := cmp.Diff(c.wrong, slices.Sorted(maps.Keys(f.bad)), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		f.v = v
		shown := map[string]web.Field{}
		for _, ls := range []lines{f.filters(), f.notes()} {
			for _, l := range ls {
				for _, x := range l.Fields {
					shown[x.Name] = x
				}
			}
		}
		for _, x := range append(f.how(), f.what()...) {
			shown[x.Name] = x
		}
		for name, typed := range c.typed {
			if x := shown[name]; name != "hacer" && x.Value != typed[0] {
				t.Errorf("%s: %s shows %q", c.name, name, x.Value)
			}
		}
		for _, name := range c.wrong {
			if shown[name].Error == "" {
				t.Errorf("%s: nothing is said at %s", c.name, name)
			}
		}
	}
}

func TestWhatIsWrongWithADocumentIsSaidAtTheFieldThatMendsIt(t *testing.T) {
	f := typing(t, spec.View{Mark: spec.Bar}, url.Values{"linea3": {"5"}})
	f.takeRules()
	d := &desk{said: f.said, doc: document(spec.View{Mark: spec.Bar, Title: "Barras"})}
	for path, want := range map[string]string{
		"title": "titulo", "views[0].title": "v_titulo", "views[0].encoding.x": "x", "views[0].encoding.y.aggregate": "y_cuenta",
		"views[0].encoding.x.timeUnit": "x_paso", "views[0].encoding.x.bin": "bin", "views[0].columns[3]": "columnas", "views[0].rules[0].at": "linea3",
		"views[1].title": "", "sources[0].resource": "", "views": "",
	} {
		if got := d.fieldOf(path); got != want {
			t.Errorf("%s is mended at %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string]string{"views[0].encoding.x.field": "Barras, Una barra por cada", "views[0].filter": "Barras", "sources[0].filter": "Tabla datos", "controls[1].field": "Control 2", "title": ""} {
		if got := d.place(f.l, path); got != want {
			t.Errorf("%s is called %q, want %q", path, got, want)
		}
	}
}

func TestAMeasureAndItsColumnAreChosenInAnyOrder(t *testing.T) {
	counted := spec.Channel{Aggregate: "count"}
	for _, c := range []struct {
		name          string
		was           spec.Channel
		column, means string
		want          spec.Channel
	}{
		{"a column of numbers where rows are counted", counted, "litros", "count", spec.Channel{Field: "litros", Aggregate: "sum"}},
		{"a column of words where rows are counted", counted, "producto", "count", spec.Channel{Field: "producto", Aggregate: "distinct"}},
		{"the mean, of what there is", counted, "", "mean", spec.Channel{Field: "precio", Aggregate: "mean"}},
		{"to count again", spec.Channel{Field: "litros", Aggregate: "sum"}, "litros", "count", counted},
		{"another column", spec.Channel{Field: "litros", Aggregate: "sum"}, "precio", "sum", spec.Channel{Field: "precio", Aggregate: "sum"}},
		{"a column that there is not", counted, "no_hay", "count", counted},
	} {
		ch := c.was
		ch.Field = c.column
		form{t: table()}.takeMeasure(&ch, c.was.Field, c.means)
		if diff := cmp.Diff(c.want, ch); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
