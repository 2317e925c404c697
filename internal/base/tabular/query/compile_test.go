package query_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
)

var update = flag.Bool("update", false, "write testdata anew")

func where(column string, op tabular.Operator, values ...string) tabular.Query {
	return tabular.Query{Where: []tabular.Condition{{Column: column, Op: op, Values: values}}}
}

func TestStatementsAreAsWritten(t *testing.T) {
	at := &tabular.Position{Row: 70, Values: []tabular.Cell{{Text: "12.5"}, {Null: true}}}
	back := &tabular.Position{Row: 70, Back: true, Values: []tabular.Cell{{Text: "12.5"}, {Null: true}}}
	sort := []tabular.Order{{Column: "costo", Down: true}, {Column: "fecha"}}
	two := []string{"nombre", "camas"}
	cases := []struct {
		name string
		q    tabular.Query
	}{
		{"the first page", tabular.Query{Columns: two}},
		{"a page by row number", tabular.Query{Columns: two, Key: &tabular.Position{Row: 5000}, Limit: 50}},
		{"the page before it", tabular.Query{Columns: two, Key: &tabular.Position{Row: 5000, Back: true}, Limit: 50}},
		{"a sort", tabular.Query{Columns: two, Sort: sort}},
		{"a page of a sort", tabular.Query{Columns: two, Sort: sort, Key: at}},
		{"the page before it in a sort", tabular.Query{Columns: two, Sort: sort, Key: back}},
		{"a page of a sort by row alone", tabular.Query{Columns: two, Sort: sort[:1], Key: &tabular.Position{Row: 7}}},
		{"a search", tabular.Query{Columns: two, Search: "  Ñandú  12 "}},
		{"groups", tabular.Query{Group: []tabular.Group{{Column: "estado"}}}},
		{"groups by month with measures", tabular.Query{Group: []tabular.Group{{Column: "fecha", Step: tabular.StepMonth}, {Column: "estado"}},
			Measures: []tabular.Measure{{Func: tabular.Sum, Column: "costo"}, {Func: tabular.Median, Column: "camas"}, {Func: tabular.Distinct, Column: "clave"}}, Limit: 20}},
		{"groups by bins", tabular.Query{Group: []tabular.Group{{Column: "costo", Step: tabular.StepBins, Bins: 10}}}},
		{"groups by bins of whole numbers", tabular.Query{Group: []tabular.Group{{Column: "camas", Step: tabular.StepBins, Bins: 10}}}},
		{"groups by place, sorted", tabular.Query{Group: []tabular.Group{{Column: tabular.ColumnMun}}, Sort: []tabular.Order{{Column: "count"}}}},
		{"a total", tabular.Query{Measures: []tabular.Measure{{Func: tabular.Max, Column: "visto"}}}},
		{"near", tabular.Query{Columns: two, Where: []tabular.Condition{{Op: tabular.Near, Values: []string{"19.43", "-99.13", "5"}}}}},
		{"a box", tabular.Query{Columns: two, Where: []tabular.Condition{{Op: tabular.Box, Values: []string{"-99", "19", "-98", "20"}}}}},
		{"inside", tabular.Query{Columns: two, Where: []tabular.Condition{{Op: tabular.Inside, Values: []string{"09", "15033"}}}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := query.Compile(hospitals(), withheld, c.q, `"t"`)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.ReplaceAll(c.name, " ", "_"), fmt.Sprintf("%s\n%v\n%v\nshown %v keys %v\n", s.Text, s.Args, s.Columns, s.Shown, s.Keys))
		})
	}
}

// golden compares a text with the one in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", strings.ReplaceAll(name, ",", "")+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// sample is a value that each type takes.
var sample = map[tabular.Type]string{
	tabular.Integer: "1,234", tabular.Decimal: "-1.5e3", tabular.Money: "$1,234.50", tabular.Percent: "12.5 %", tabular.Year: "2020",
	tabular.Date: "17/05/2020", tabular.DateTime: "2020-05-17T10:05", tabular.Time: "10:05", tabular.Boolean: "Sí",
	tabular.Text: "'; DROP", tabular.Code: "0012", tabular.URL: "https://a.mx", tabular.Email: "a@b.mx", tabular.Geometry: "x",
}

func TestEveryOperatorFitsSomeTypesAndIsRefusedForTheOthers(t *testing.T) {
	var got strings.Builder
	table := hospitals()
	for _, c := range table.Columns[:15] {
		var fits []string
		for _, op := range tabular.Operators {
			if op == tabular.Near || op == tabular.Box {
				continue
			}
			values := []string{sample[c.Type]}
			switch op {
			case tabular.Between:
				values = append(values, "")
			case tabular.Empty, tabular.NotEmpty:
				values = nil
			case tabular.Inside:
				values = []string{"09"}
			}
			_, err := query.Compile(table, nil, where(c.Name, op, values...), "t")
			if err == nil {
				fits = append(fits, string(op))
			} else if f := fieldOf(t, err); f.Key != "query.operator.type" {
				t.Errorf("%s %s: %v", c.Name, op, err)
			}
		}
		fmt.Fprintf(&got, "%-9s %-8s %s\n", c.Type, c.Meaning, strings.Join(fits, " "))
	}
	golden(t, "operators", got.String())
}

// fieldOf is the one thing that is wrong with a query.
func fieldOf(t *testing.T, err error) plaza.FieldError {
	t.Helper()
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Kind != plaza.Invalid || len(e.Fields) != 1 {
		t.Fatalf("not one mistake: %v", err)
	}
	return e.Fields[0]
}

func TestWhatIsWrongIsSaidAtItsParameter(t *testing.T) {
	many := func(n int) []string {
		var out []string
		for i := range n {
			out = append(out, strconv.Itoa(i))
		}
		return out
	}
	var conditions []tabular.Condition
	for range query.MaxConditions + 1 {
		conditions = append(conditions, tabular.Condition{Column: "camas", Op: tabular.Empty})
	}
	group := func(column string, step tabular.Step) []tabular.Group {
		return []tabular.Group{{Column: column, Step: step}}
	}
	cases := []struct {
		q          tabular.Query
		field, key string
	}{
		{where("nada", tabular.Is, "1"), "f.nada", "query.column"},
		{where("Camas", tabular.Is, "1"), "f.Camas", "query.column"},
		{where(tabular.ColumnOdd, tabular.Contains, "1"), "f._otros.contiene", "query.column"},
		{where(`camas" OR 1=1 --`, tabular.Is, "1"), `f.camas" OR 1=1 --`, "query.column"},
		{where("camas", "sql", "1"), "f.camas.sql", "query.operator"},
		{where("camas", tabular.Is), "f.camas", "query.values"},
		{where("camas", tabular.Is, many(201)...), "f.camas", "query.values"},
		{where("camas", tabular.Is, "1", "doce"), "f.camas", "query.number"},
		{where("camas", tabular.Contains, "1"), "f.camas.contiene", "query.operator.type"},
		{where("camas", tabular.More, "NaN"), "f.camas.mayor", "query.number"},
		{where("camas", tabular.More, "Inf"), "f.camas.mayor", "query.number"},
		{where("camas", tabular.More, "0x10"), "f.camas.mayor", "query.number"},
		{where("camas", tabular.More, "1e999"), "f.camas.mayor", "query.number"},
		{where("camas", tabular.More, "1,23"), "f.camas.mayor", "query.number"},
		{where("camas", tabular.Between, "", " "), "f.camas.min", "query.empty"},
		{where("fecha", tabular.Is, "31/02/2020"), "f.fecha", "query.date"},
		{where("fecha", tabular.Is, "2020-05-17T10:05"), "f.fecha", "query.date"},
		{where("visto", tabular.Is, "2020-05-17T10:05:00.1234567"), "f.visto", "query.date"},
		{where("abre", tabular.Is, "25:00"), "f.abre", "query.time"},
		{where("público", tabular.Is, "quizá"), "f.público", "query.boolean"},
		{where("nombre", tabular.Is, ""), "f.nombre", "query.empty"},
		{where("nombre", tabular.Contains, "\u200b"), "f.nombre.contiene", "query.empty"},
		{where("nombre", tabular.Is, "a\x00b"), "f.nombre", "query.text"},
		{where("nombre", tabular.Is, "\xff"), "f.nombre", "query.text"},
		{where("nombre", tabular.Is, strings.Repeat("ñ", 1001)), "f.nombre", "query.long"},
		{where("nombre", tabular.Less, "b"), "f.nombre.menor", "query.operator.type"},
		{where("forma", tabular.Is, "b"), "f.forma", "query.operator.type"},
		{where("", tabular.Near, "19", "-99", "0"), "cerca", "query.kilometres"},
		{where("", tabular.Near, "91", "-99", "1"), "cerca", "query.degrees"},
		{where("", tabular.Near, "19", "-99"), "cerca", "query.values"},
		{where("", tabular.Box, "-99", "20", "-98", "19"), "caja", "query.degrees"},
		{where("", tabular.Inside, "9"), "lugar", "query.place.code"},
		{where("estado", tabular.Inside, "09001"), "f.estado.dentro", "query.place.code"},
		{tabular.Query{Where: conditions}, "f", "query.conditions"},
		{tabular.Query{Columns: []string{"nada"}}, "col", "query.column"},
		{tabular.Query{Columns: []string{tabular.ColumnOdd}}, "col", "query.column"},
		{tabular.Query{Sort: []tabular.Order{{Column: "nada"}}}, "orden", "query.column"},
		{tabular.Query{Sort: []tabular.Order{{Column: "forma"}}}, "orden", "query.sort.type"},
		{tabular.Query{Sort: make([]tabular.Order, 6)}, "orden", "query.sorts"},
		{tabular.Query{Limit: -1}, "limite", "query.limit"},
		{tabular.Query{Limit: 1001}, "limite", "query.limit"},
		{tabular.Query{Group: group("camas", ""), Limit: 10_001}, "limite", "query.limit"},
		{tabular.Query{Search: strings.Repeat("a ", 11)}, "buscar", "query.words"},
		{tabular.Query{Search: strings.Repeat("a", 101)}, "buscar", "query.word"},
		{tabular.Query{Search: "a\x00"}, "buscar", "query.text"},
		{tabular.Query{Group: group("nada", "")}, "grupo", "query.column"},
		{tabular.Query{Group: group("forma", "")}, "grupo", "query.group.type"},
		{tabular.Query{Group: append(group("camas", ""), group("camas", "")...)}, "grupo", "query.group.type"},
		{tabular.Query{Group: make([]tabular.Group, 4)}, "grupo", "query.groups"},
		{tabular.Query{Group: group("nombre", tabular.StepMonth)}, "paso", "query.step.date"},
		{tabular.Query{Group: group("fecha", tabular.StepHour)}, "paso", "query.step.date"},
		{tabular.Query{Group: group("fecha", tabular.StepBins)}, "paso", "query.step.number"},
		{tabular.Query{Group: group("fecha", "month'); DROP")}, "paso", "query.step"},
		{tabular.Query{Group: []tabular.Group{{Column: "camas", Step: tabular.StepBins, Bins: 201}}}, "paso", "query.step.bins"},
		{tabular.Query{Measures: make([]tabular.Measure, 9)}, "medida", "query.measures"},
		{tabular.Query{Measures: []tabular.Measure{{Func: "sleep"}}}, "medida", "query.measure"},
		{tabular.Query{Measures: []tabular.Measure{{Func: tabular.Sum}}}, "medida", "query.measure.column"},
		{tabular.Query{Measures: []tabular.Measure{{Func: tabular.Sum, Column: "nada"}}}, "medida", "query.column"},
		{tabular.Query{Measures: []tabular.Measure{{Func: tabular.Sum, Column: "nombre"}}}, "medida", "query.measure.type"},
		{tabular.Query{Group: group("camas", ""), Sort: []tabular.Order{{Column: "nombre"}}}, "orden", "query.sort.group"},
		{tabular.Query{Key: &tabular.Position{Row: -1}}, "despues", "query.cursor"},
		{tabular.Query{Key: &tabular.Position{Back: true, Values: []tabular.Cell{{}}}}, "antes", "query.cursor"},
		{tabular.Query{Sort: []tabular.Order{{Column: "fecha"}}, Key: &tabular.Position{Values: []tabular.Cell{{Text: "x"}}}}, "despues", "query.cursor"},
	}
	b, err := i18n.New(query.Locale)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		_, err := query.Compile(hospitals(), withheld, c.q, "t")
		if err == nil {
			t.Errorf("%s %s: it was accepted", c.field, c.key)
			continue
		}
		f := fieldOf(t, err)
		if f.Field != c.field || f.Key != c.key {
			t.Errorf("want %s %s, got %s %s", c.field, c.key, f.Field, f.Key)
		}
		if said := b.Printer("es").TMap(f.Key, f.Args); strings.Contains(said, "{") || strings.Contains(said, f.Key) {
			t.Errorf("%s is said as %q", f.Key, said)
		}
	}
}

func TestAWithheldColumnIsAsUnknownAsAMisspeltOne(t *testing.T) {
	ask := func(column string) []tabular.Query {
		order := []tabular.Order{{Column: column}}
		return []tabular.Query{
			{Columns: []string{column}}, {Sort: order}, {Group: []tabular.Group{{Column: column}}},
			{Measures: []tabular.Measure{{Func: tabular.Count, Column: column}}},
			where(column, tabular.Is, "x"), where(column, tabular.IsNot, "x"), where(column, tabular.Contains, "x"),
			where(column, tabular.StartsWith, "x"), where(column, tabular.Empty), where(column, tabular.NotEmpty),
		}
	}
	unknown := ask("nada")
	for i, q := range ask("curp") {
		_, hidden := query.Compile(hospitals(), withheld, q, "t")
		_, missing := query.Compile(hospitals(), withheld, unknown[i], "t")
		if hidden == nil || missing == nil {
			t.Fatalf("%+v was accepted", q)
		}
		a, b := fieldOf(t, hidden), fieldOf(t, missing)
		if a.Key != b.Key || strings.ReplaceAll(a.Field, "curp", "nada") != b.Field || a.Args["column"] != "curp" {
			t.Errorf("the withheld column tells itself: %+v, an unknown one %+v", a, b)
		}
	}
	for _, q := range []tabular.Query{{}, {Search: "x"}, {Search: "12"}} {
		s, err := query.Compile(hospitals(), withheld, q, "t")
		if err != nil || strings.Contains(s.Text, "curp") {
			t.Errorf("the withheld column is read: %v %s", err, s.Text)
		}
	}
}

func TestAPlaceThatIsWithheldCannotBeAskedFor(t *testing.T) {
	for _, q := range []tabular.Query{
		where("", tabular.Near, "19", "-99", "1"), where("", tabular.Box, "-99", "19", "-98", "20"), where("", tabular.Inside, "09"),
		where(tabular.ColumnEnt, tabular.Is, "09"), {Group: []tabular.Group{{Column: tabular.ColumnMun}}},
	} {
		if _, err := query.Compile(hospitals(), nil, q, "t"); err != nil {
			t.Errorf("with the place: %v", err)
		}
		if s, err := query.Compile(hospitals(), []string{"FORMA"}, q, "t"); err == nil {
			t.Errorf("without it: %s", s.Text)
		}
	}
}

// names are what may stand in a statement for the table of hospitals, quoted, and our
// own words.
var literal = regexp.MustCompile(`'[^']*'`)

func TestNothingThatIsTypedReachesTheStatement(t *testing.T) {
	hostile := []string{`'; DROP TABLE t; --`, `" OR 1=1`, `$1`, `\'`, `(?i)`, `%`, "qxz"}
	for _, v := range hostile {
		for _, q := range []tabular.Query{
			where("nombre", tabular.Is, v), where("nombre", tabular.IsNot, v), where("nombre", tabular.Contains, v),
			where("nombre", tabular.StartsWith, v), where("clave", tabular.Between, v, v), {Search: strings.ReplaceAll(v, " ", "")},
			{Sort: []tabular.Order{{Column: "nombre"}}, Key: &tabular.Position{Row: 3, Values: []tabular.Cell{{Text: v}}}},
		} {
			s, err := query.Compile(hospitals(), withheld, q, "t")
			if err != nil {
				t.Errorf("%q: %v", v, err)
				continue
			}
			plain, err := query.Compile(hospitals(), withheld, replaced(q, "palabra"), "t")
			if err != nil {
				t.Fatal(err)
			}
			if s.Text != plain.Text {
				t.Errorf("the statement changes with the value %q:\n%s\n%s", v, s.Text, plain.Text)
			}
			for _, l := range literal.FindAllString(s.Text, -1) {
				if l != "'i'" {
					t.Errorf("a literal %s in %s", l, s.Text)
				}
			}
		}
	}
	s, err := query.Compile(hospitals(), withheld, tabular.Query{Columns: []string{`a"; DROP TABLE t; --`}}, "t")
	if err != nil || !strings.Contains(s.Text, `"a""; DROP TABLE t; --"`) {
		t.Errorf("a hostile name is not quoted: %v %s", err, s.Text)
	}
}

// replaced is a query with another value.
func replaced(q tabular.Query, v string) tabular.Query {
	if q.Search != "" {
		q.Search = v
	}
	if q.Key != nil {
		q.Key = &tabular.Position{Row: 3, Values: []tabular.Cell{{Text: v}}}
	}
	for i, c := range q.Where {
		c.Values = append([]string(nil), c.Values...)
		for j := range c.Values {
			c.Values[j] = v
		}
		q.Where = append([]tabular.Condition(nil), q.Where...)
		q.Where[i] = c
	}
	return q
}

func TestEverySentenceIsInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(query.Locale) {
		t.Error(p)
	}
}
