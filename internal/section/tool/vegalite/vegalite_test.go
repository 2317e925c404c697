package vegalite_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/vegalite"
	"plaza/internal/section/tool/wording"
)

const root = "../../../.."

// The columns of the results below.
var (
	product = reckon.Column{Name: "producto", Field: "producto", Role: reckon.RoleColor, Type: tabular.Text, Group: true}
	state   = reckon.Column{Name: "entidad", Field: "entidad", Role: reckon.RoleX, Type: tabular.Code, Meaning: tabular.State, Group: true}
	month   = reckon.Column{Name: "fecha", Field: "fecha", Role: reckon.RoleX, Type: tabular.Date, Step: tabular.StepMonth, Group: true}
	year    = reckon.Column{Name: "anio", Field: "anio", Role: reckon.RoleX, Type: tabular.Year, Group: true}
	bin     = reckon.Column{Name: "precio", Field: "precio", Role: reckon.RoleX, Type: tabular.Decimal, Step: tabular.StepBins, Width: 2, Group: true}
	hour    = reckon.Column{Name: "hora", Field: "hora", Role: reckon.RoleX, Type: tabular.DateTime, Step: tabular.StepHour, Group: true}
	price   = reckon.Column{Name: "precio_mean", Field: "precio", Role: reckon.RoleY, Type: tabular.Money, Unit: "pesos por litro", Func: tabular.Mean}
	count   = reckon.Column{Name: "count", Role: reckon.RoleY, Type: tabular.Integer, Func: tabular.Count}
	share   = reckon.Column{Name: "pct_mean", Field: "pct", Role: reckon.RoleY, Type: tabular.Percent, Func: tabular.Mean}
	odd     = reckon.Column{Name: `a.b[0] "c" d'e\f`, Field: "a.b", Role: reckon.RoleX, Type: tabular.Text, Group: true}
)

// as is a column in another role.
func as(role reckon.Role, c reckon.Column) reckon.Column {
	c.Role = role
	return c
}

// result is a table of what its rows say, "-" for no value.
func result(columns []reckon.Column, rows ...string) reckon.Result {
	out := reckon.Result{View: "v", Columns: columns, Rest: -1, Names: map[string]string{"09": "Ciudad de México", "15": "Estado de México"}, Stamps: []reckon.Stamp{{
		Source: "precios", Title: "Precios", Institution: "Comisión Reguladora de Energía", License: "CC-BY-4.0", Version: 3, Fetched: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	}}}
	for _, row := range rows {
		var cells []tabular.Cell
		for text := range strings.SplitSeq(row, "|") {
			cells = append(cells, tabular.Cell{Text: strings.TrimSuffix(text, "-"), Null: text == "-"})
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

type example struct {
	view   spec.View
	result reckon.Result
	url    string
	has    []string // in the drawing
	lacks  []string
}

func rest(r reckon.Result) reckon.Result {
	r.Rest, r.Folded = len(r.Rows)-1, 12
	return r
}

func shaped(r reckon.Result) reckon.Result {
	r.Shapes = map[string]string{
		"09": `{"type":"Polygon","coordinates":[[[-99.3,19.1],[-98.9,19.1],[-98.9,19.6],[-99.3,19.6],[-99.3,19.1]]]}`,
		"15": `{"type":"MultiPolygon","coordinates":[[[[-100.3,19.1],[-99.9,19.1],[-99.9,19.6],[-100.3,19.6],[-100.3,19.1]]]]}`,
		"xx": `{"type":"Point","coordinates":[0,0]}`, "yy": `{`,
	}
	return r
}

// many are eleven series of a month.
func many() (out []string) {
	for i := range 11 {
		out = append(out, fmt.Sprintf("2026-01-01|s%d|%d", i, i), fmt.Sprintf("2026-02-01|s%d|%d", i, i+1))
	}
	return out
}

func examples() map[string]example {
	columns := func(c ...reckon.Column) []reckon.Column { return c }
	rules := []spec.Rule{{At: 22, Label: "Tope"}, {Of: "mean", Label: "Promedio"}, {Of: "median"}}
	return map[string]example{
		"bars": {
			view:   spec.View{Mark: spec.Bar, Title: "Precio por entidad", Rules: rules, Marks: []spec.Note{{X: "Estado de México", Text: "Sube"}}},
			result: rest(result(columns(state, price), "15|23.4", "09|25.1", "-|22.9")), has: []string{"Ciudad de México", "Los demás (12)", "Tope", "Promedio", "Sube", "pesos por litro"},
		},
		"columns":    {view: spec.View{Mark: spec.Bar, Orient: "vertical"}, result: result(columns(state, price), "15|23.4", "09|25.1"), has: []string{"Ciudad de México"}},
		"swapped":    {view: spec.View{Mark: spec.Bar}, result: result(columns(as(reckon.RoleY, state), as(reckon.RoleX, count)), "15|23", "09|25"), has: []string{"Filas"}},
		"histogram":  {view: spec.View{Mark: spec.Bar, Marks: []spec.Note{{X: "23", Text: "Aquí"}}}, result: result(columns(bin, count), "20|3", "22|9", "24|1"), has: []string{"Aquí"}},
		"months":     {view: spec.View{Mark: spec.Bar, Marks: []spec.Note{{X: "2026-02-01", Text: "Aquí"}}}, result: result(columns(month, count), "2026-01-01|3", "2026-02-01|9"), has: []string{"Aquí"}},
		"grouped":    {view: spec.View{Mark: spec.Bar}, result: result(columns(state, product, price), "15|regular|23.4", "15|diésel|24", "09|regular|25.1"), has: []string{"diésel", "#2c4a9a", "#c96f00"}},
		"stacked":    {view: spec.View{Mark: spec.Bar, Stack: "zero"}, result: result(columns(year, product, count), "2024|regular|23", "2025|diésel|24"), has: []string{"2024", "2025"}, lacks: []string{"2023", "1970"}},
		"shares":     {view: spec.View{Mark: spec.Bar, Stack: "normalize"}, result: result(columns(state, product, count), "15|regular|23", "15|diésel|24"), has: []string{"100%"}},
		"pyramid":    {view: spec.View{Mark: spec.Bar, Stack: "diverging"}, result: result(columns(odd, product, count), "15|hombres|23", "15|mujeres|24"), lacks: []string{"−20"}},
		"histogram2": {view: spec.View{Mark: spec.Bar}, result: result(columns(bin, product, count), "20|a|3", "22|b|9")},
		"line": {
			view:   spec.View{Mark: spec.Line, Cut: true, Rules: rules, Marks: []spec.Note{{X: "2026-02-01", Text: "Aquí"}}, Format: "decimal1"},
			result: result(columns(month, product, price), "2026-01-01|regular|23.4", "2026-02-01|regular|24", "2026-03-01|regular|-", "2026-01-01|-|22"), has: []string{"Sin dato", "Aquí"},
		},
		"many":      {view: spec.View{Mark: spec.Line}, result: result(columns(month, product, price), many()...), has: []string{"#8c7b68"}},
		"hours":     {view: spec.View{Mark: spec.Line}, result: result(columns(hour, count), "2026-01-01T05:00:00|3", "2026-01-01T07:00:00|4"), has: []string{"06:00"}},
		"area":      {view: spec.View{Mark: spec.Area}, result: result(columns(month, product, count), "2026-01-01|regular|23", "2026-02-01|regular|24", "2026-01-01|diésel|3")},
		"toned":     {view: spec.View{Mark: spec.Area, Palette: "guinda"}, result: result(columns(month, count), "2026-01-01|23", "2026-02-01|24"), has: []string{"#b44264"}},
		"tones":     {view: spec.View{Mark: spec.Area, Palette: "guinda"}, result: result(columns(month, product, count), "2026-01-01|regular|23", "2026-02-01|regular|24", "2026-01-01|diésel|3", "2026-02-01|diésel|4"), has: []string{"#701034", "#b44264"}},
		"areas":     {view: spec.View{Mark: spec.Area, Stack: "normalize"}, result: result(columns(month, product, count), "2026-01-01|regular|23", "2026-02-01|regular|24"), has: []string{"100%"}},
		"multiples": {view: spec.View{Mark: spec.Line, Rules: rules}, result: result(columns(month, price, as(reckon.RoleFacet, state)), "2026-01-01|23.4|09", "2026-02-01|24|09", "2026-01-01|20|15"), has: []string{"Ciudad de México", "Estado de México", "Tope"}},
		"facets":    {view: spec.View{Mark: spec.Bar}, result: result(columns(product, price, as(reckon.RoleFacet, state)), "a|23.4|09", "b|24|09", "a|20|15")},
		"points": {
			view:   spec.View{Mark: spec.Point, Cut: true, Rules: rules},
			result: result(columns(as(reckon.RoleX, share), price, as(reckon.RoleSize, count), product, as(reckon.RoleDetail, state)), "12.5|23|100|a|09", "99|20|3|b|15", "-|20|3|b|15"), has: []string{"90 %"},
		},
		"tiles":     {view: spec.View{Mark: spec.Rect, Palette: "guinda"}, result: result(columns(month, as(reckon.RoleY, state), as(reckon.RoleColor, share)), "2026-01-01|09|12.5", "2026-02-01|15|70"), has: []string{"rgb(112, 16, 52)", "rgb(253, 226, 231)"}},
		"diverging": {view: spec.View{Mark: spec.Rect, Palette: "diverging"}, result: result(columns(year, as(reckon.RoleY, product), as(reckon.RoleColor, price)), "2025|a|-12.5", "2026|b|70")},
		"states":    {view: spec.View{Mark: spec.GeoShape, Geo: "states"}, result: result(columns(as(reckon.RolePlace, state), as(reckon.RoleColor, price)), "09|12.5", "15|70"), has: []string{"#e4dacb", "rgb(30, 53, 115)"}},
		"towns":     {view: spec.View{Mark: spec.GeoShape, Geo: "municipalities", Within: "09"}, result: result(columns(as(reckon.RolePlace, state), as(reckon.RoleColor, price)), "09002|12.5", "09003|70")},
		"own":       {view: spec.View{Mark: spec.GeoShape, Geo: "zonas"}, result: shaped(result(columns(as(reckon.RolePlace, state), as(reckon.RoleColor, price)), "09|12.5", "15|70")), has: []string{"rgb(30, 53, 115)", "rgb(227, 233, 248)"}},
		"circles":   {view: spec.View{Mark: spec.Circle}, result: result(columns(reckon.Column{Name: "lon", Role: reckon.RoleLongitude, Type: tabular.Decimal}, reckon.Column{Name: "lat", Role: reckon.RoleLatitude, Type: tabular.Decimal}, as(reckon.RoleSize, count), product), "-99.1|19.4|5|a", "-100.1|20.4|9|b")},
		"dots":      {view: spec.View{Mark: spec.Circle, Palette: "guinda"}, result: result(columns(reckon.Column{Name: "lon", Role: reckon.RoleLongitude, Type: tabular.Decimal}, reckon.Column{Name: "lat", Role: reckon.RoleLatitude, Type: tabular.Decimal}), "-99.1|19.4"), has: []string{"#b44264"}},
		"figure":    {view: spec.View{Mark: spec.Figure, Format: "money"}, result: result(columns(price), "23.456"), has: []string{"$23.46"}},
		"course":    {view: spec.View{Mark: spec.Figure}, result: result(columns(year, price), "2024|23.456", "2025|24")},
		"hostile":   {view: spec.View{Mark: spec.Bar, Title: "</script>"}, result: result(columns(odd, price), "</script>|1", "' + alert(1) + '|2"), has: []string{"&lt;/script&gt;"}},
		"nothing":   {view: spec.View{Mark: spec.Line}, result: result(columns(month, price))},
		"lacking":   {view: spec.View{Mark: spec.Bar}, result: result(nil)},
		"from_csv": {
			view:   spec.View{Mark: spec.Line},
			result: result(columns(month, product, price), "2026-01-01|regular|23.4"), url: "https://plaza.example/datos.csv", has: []string{"regular", "Feb 2026"},
		},
	}
}

// csv is what the address of from_csv leads to.
const csv = "fecha,producto,precio_mean\r\n2026-01-01,regular,23.4\r\n2026-02-01,regular,24.1\r\n2026-03-01,regular,24.3\r\n"

func TestDocumentsAreOfTheSchemaAndAreDrawnWithoutWarnings(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "datos.csv"), []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	schema := compileSchema(t)
	args := []string{filepath.Join("testdata", "compile.mjs")}
	for name, e := range examples() {
		doc := export(t, e)
		if inst, err := jsonschema.UnmarshalJSON(strings.NewReader(string(doc))); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if err := schema.Validate(inst); err != nil {
			t.Errorf("%s: %v\n%s", name, err, doc)
		}
		file := filepath.Join(dir, name+".json")
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	node := exec.CommandContext(t.Context(), "node", args...)
	node.Env = append(os.Environ(), "TZ=America/Mexico_City")
	node.Stderr = os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var drawn map[string]struct {
		Warnings []string
		SVG      string
	}
	if err := json.Unmarshal(out, &drawn); err != nil {
		t.Fatal(err)
	}
	for name, e := range examples() {
		d := drawn[name+".json"]
		for _, w := range d.Warnings {
			t.Errorf("%s: %s", name, w)
		}
		for _, want := range e.has {
			if !strings.Contains(d.SVG, want) {
				t.Errorf("%s: %q is not in the drawing %s", name, want, d.SVG)
			}
		}
		for _, rule := range e.view.Rules {
			if n := strings.Count(d.SVG, ">"+rule.Label+"</text>"); rule.Label != "" && n > 2 { // one in each panel
				t.Errorf("%s: %q is drawn %d times", name, rule.Label, n)
			}
		}
		for _, not := range append(e.lacks, "NaN", "undefined") {
			if strings.Contains(d.SVG, not) {
				t.Errorf("%s: %q is in the drawing %s", name, not, d.SVG)
			}
		}
	}
}

func TestADocumentSaysWhereItsNumbersComeFrom(t *testing.T) {
	var doc struct {
		Usermeta struct {
			Plaza struct {
				Tool    spec.Spec
				View    string
				Sources []reckon.Stamp
			}
		}
	}
	e := examples()["bars"]
	if err := json.Unmarshal(export(t, e), &doc); err != nil {
		t.Fatal(err)
	}
	p := doc.Usermeta.Plaza
	if p.View != "v" || p.Tool.Views[0].Mark != spec.Bar || len(p.Sources) != 1 || p.Sources[0].Institution != "Comisión Reguladora de Energía" || p.Sources[0].Version != 3 {
		t.Errorf("it says %+v", p)
	}
}

func TestWhatVegaLiteHasNoFormForIsRefused(t *testing.T) {
	for _, mark := range []spec.Mark{spec.Table, spec.Text, spec.Treemap, "none"} {
		_, err := vegalite.Export(vegalite.Asked{L: printer(t), Spec: spec.Spec{Views: []spec.View{{Name: "v", Mark: mark}}}, View: "v"})
		if plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("%s: %v", mark, err)
		}
	}
	if _, err := vegalite.Export(vegalite.Asked{L: printer(t), View: "v"}); plaza.KindOf(err) != plaza.NotFound {
		t.Errorf("a view that is not there: %v", err)
	}
}

func export(t *testing.T, e example) []byte {
	t.Helper()
	e.view.Name = "v"
	doc, err := vegalite.Export(vegalite.Asked{
		L: printer(t), Spec: spec.Spec{Schema: spec.Schema, Title: "Gasolina", Views: []spec.View{e.view}}, View: "v", Result: e.result, DataURL: e.url,
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func printer(t *testing.T) *i18n.Printer {
	t.Helper()
	bundle, err := i18n.New(wording.Locale, vegalite.Locale)
	if err != nil {
		t.Fatal(err)
	}
	return bundle.Printer("es")
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(filepath.Join(root, "node_modules", "vega-lite", "build", "vega-lite-schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	body, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(vegalite.Schema, body); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(vegalite.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
