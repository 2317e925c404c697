package query_test

import (
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
)

func TestWhatChoosesRowsIsToldFromWhatOnlyShowsThem(t *testing.T) {
	v := url.Values{"f.estado": {"09", ""}, "f.costo.min": {"1"}, "buscar": {"agua"}, "lugar": {"09"}, "lugar~2": {"15"}, "caja": {""}, "cerca": {"19,-99,5"},
		"orden": {"costo"}, "col": {"a"}, "grupo": {"a"}, "despues": {"x"}, "ver": {"mapa"}, "lugarcito": {"x"}, "f": {"x"},
		"f.clave": {"a\xff\x01b\tc"}, "f.mala\xff": {"x"}, "f.mala\x01": {"x"}}
	want := url.Values{"f.estado": {"09"}, "f.costo.min": {"1"}, "buscar": {"agua"}, "lugar": {"09"}, "lugar~2": {"15"}, "cerca": {"19,-99,5"}, "f.clave": {"a\ufffdb\tc"}}
	if diff := gocmp.Diff(want, query.Choices(v)); diff != "" {
		t.Errorf("Choices (-want +got):\n%s", diff)
	}
	for param, want := range map[string][2]string{"costo": {"costo", "es"}, "costo.min": {"costo", "min"}, "a.b.no~2": {"a.b", "no"}, "a.b": {"a.b", "es"}, "x.vacio": {"x", "vacio"}} {
		if column, operator := query.Split(param); [2]string{column, operator} != want {
			t.Errorf("Split(%q) = %q, %q, want %q", param, column, operator, want)
		}
	}
}

func TestAddressesAreAsDocumented(t *testing.T) {
	q := func(where ...tabular.Condition) tabular.Query { return tabular.Query{Where: where} }
	c := func(column string, op tabular.Operator, values ...string) tabular.Condition {
		return tabular.Condition{Column: column, Op: op, Values: values}
	}
	cases := []struct {
		want string // unescaped
		q    tabular.Query
	}{
		{"", tabular.Query{}},
		{"f.estado=09&f.estado=15", q(c("estado", tabular.Is, "15", "09", "15"))},
		{"f.estado.no=09&f.estado.no=15", q(c("estado", tabular.IsNot, "15"), c("estado", tabular.IsNot, "09"))},
		{"f.nombre.contiene=a&f.nombre.contiene~2=b", q(c("nombre", tabular.Contains, "a"), c("nombre", tabular.Contains, "b"))},
		{"f.nombre=a&f.nombre=b&f.nombre.es~2=b&f.nombre.es~2=c", q(c("nombre", tabular.Is, "a", "b"), c("nombre", tabular.Is, "b", "c"))},
		{"f.camas.max=9&f.camas.min=1", q(c("camas", tabular.Between, "1", "9"))},
		{"f.camas.max=9&f.camas.min=1", q(c("camas", tabular.AtMost, "9"), c("camas", tabular.AtLeast, "1"))},
		{"f.camas.min=1", q(c("camas", tabular.Between, "1", ""))},
		{"f.camas.mayor=1&f.camas.menor=9", q(c("camas", tabular.More, "1"), c("camas", tabular.Less, "9"))},
		{"f.camas.vacio=si", q(c("camas", tabular.Empty))},
		{"f.camas.vacio=no", q(c("camas", tabular.NotEmpty))},
		{"f.con.punto.min.es=x", q(c("con.punto.min", tabular.Is, "x"))},
		{"f.con.punto.min.no=x", q(c("con.punto.min", tabular.IsNot, "x"))},
		{"caja=-99,19,-98,20&cerca=19.4,-99.1,5&f.estado.dentro=09&lugar=09&lugar=15033", q(c("", tabular.Inside, "15033", "09"),
			c("", tabular.Near, "19.4", "-99.1", "5"), c("", tabular.Box, "-99", "19", "-98", "20"), c("estado", tabular.Inside, "09"))},
		{`col=nombre,\-menos\, coma\\&limite=50&orden=-costo,\-menos\, coma\\`, tabular.Query{Columns: []string{"nombre", "-menos, coma\\"}, Limit: 50,
			Sort: []tabular.Order{{Column: "costo", Down: true}, {Column: "-menos, coma\\"}}}},
		{"buscar=agua limpia", tabular.Query{Search: "  agua  limpia "}},
		{"grupo=fecha,estado&medida=cuenta,suma:costo&orden=-suma:costo&paso=mes", tabular.Query{
			Group:    []tabular.Group{{Column: "fecha", Step: tabular.StepMonth}, {Column: "estado"}},
			Measures: []tabular.Measure{{Func: tabular.Count}, {Func: tabular.Sum, Column: "costo"}}, Sort: []tabular.Order{{Column: "sum:costo", Down: true}}}},
		{"grupo=estado,camas&orden=cuenta&paso=-,rangos:20", tabular.Query{
			Group: []tabular.Group{{Column: "estado"}, {Column: "camas", Step: tabular.StepBins}}, Sort: []tabular.Order{{Column: "count"}}}},
	}
	for _, c := range cases {
		got, err := url.QueryUnescape(query.Values(c.q).Encode())
		if err != nil {
			t.Fatal(err)
		}
		if got != c.want {
			t.Errorf("want %s\n got %s", c.want, got)
		}
		back, mistakes := query.Parse(query.Values(c.q), hospitals())
		if diff := gocmp.Diff(query.Normal(c.q), back); diff != "" || len(mistakes) > 0 {
			t.Errorf("%s is read as another query: %v\n%s", c.want, mistakes, diff)
		}
	}
}

func TestOtherWaysOfWritingAreRead(t *testing.T) {
	cases := map[string]string{
		"f.estado.es=09":                       "f.estado=09",
		"f.estado=&f.camas.min=&f.camas.max=9": "f.camas.max=9",
		"col=nombre&col=camas,nombre":          "col=nombre,camas",
		"orden=-camas&orden=fecha,camas":       "orden=-camas,fecha",
		"f.con.punto.min=x":                    "f.con.punto.min.es=x",
		"medida=sum:costo&grupo=estado":        "grupo=estado&medida=suma:costo",
		"grupo=fecha&paso=month&orden=count":   "grupo=fecha&orden=cuenta&paso=mes",
		"limite=  20":                          "limite=20",
		"vista=mapa&utm=1":                     "",
		"f.camas.vacio=on":                     "f.camas.vacio=si",
		"pagina=3&limite=50":                   "despues=" + query.Cursor(tabular.Query{}, tabular.Position{Row: 100}) + "&limite=50",
		"pagina=1":                             "",
		"cerca=19.4, -99.1, 5":                 "cerca=19.4, -99.1, 5",
		"buscar=":                              "",
	}
	for in, want := range cases {
		q, mistakes := query.Parse(values(t, in), hospitals())
		got, _ := url.QueryUnescape(query.Values(q).Encode())
		if got != want || len(mistakes) > 0 {
			t.Errorf("%s is read as %s, want %s %v", in, got, want, mistakes)
		}
	}
}

func values(t testing.TB, s string) url.Values {
	t.Helper()
	v := url.Values{}
	for pair := range strings.SplitSeq(s, "&") {
		k, one, _ := strings.Cut(pair, "=")
		if k != "" {
			v.Add(k, one)
		}
	}
	return v
}

func TestWhatIsWrongWithALinkIsSaidAndTheRestOpens(t *testing.T) {
	cases := []struct{ in, field, key, typed, rest string }{
		{"f.nada=1&f.estado=09", "f.nada", "query.column", "1", "f.estado=09"},
		{"f.camas.min=doce&f.camas.max=9", "f.camas.min", "query.number", "doce", "f.camas.max=9"},
		{"f.camas.raro=9", "f.camas.raro", "query.column", "9", ""},
		{"f.fecha=ayer&buscar=x", "f.fecha", "query.date", "ayer", "buscar=x"},
		{"orden=nada,camas", "orden", "query.column", "nada", "orden=camas"},
		{"col=nada,camas", "col", "query.column", "nada", "col=camas"},
		{"grupo=nada,estado", "grupo", "query.column", "nada", "grupo=estado"},
		{"grupo=nombre&paso=mes&medida=suma:nombre,cuenta", "paso", "query.step.date", "nombre", "medida=cuenta"},
		{"limite=mil", "limite", "query.limit", "mil", ""},
		{"despues=basura&f.estado=09", "despues", "query.cursor", "basura", "f.estado=09"},
		{"pagina=0", "pagina", "query.page", "0", ""},
		{"pagina=2&orden=camas", "pagina", "query.page.sorted", "2", "orden=camas"},
		{"lugar=9", "lugar", "query.place.code", "9", ""},
		{"cerca=aquí", "cerca", "query.values", "aquí", ""},
		{"buscar=" + strings.Repeat("a ", 11), "buscar", "query.words", strings.Repeat("a ", 11), ""},
		{"grupo=estado&orden=nada", "orden", "query.sort.group", "nada", "grupo=estado"},
	}
	for _, c := range cases {
		q, mistakes := query.Parse(values(t, c.in), query.Visible(hospitals(), withheld))
		rest, _ := url.QueryUnescape(query.Values(q).Encode())
		if rest != c.rest {
			t.Errorf("%s leaves %q, want %q", c.in, rest, c.rest)
		}
		if len(mistakes) == 0 || mistakes[0].Field != c.field || mistakes[0].Key != c.key || mistakes[0].Args["typed"] != c.typed {
			t.Errorf("%s: %+v", c.in, mistakes)
		}
		if _, err := query.Compile(hospitals(), withheld, q, "t"); err != nil {
			t.Errorf("what is left of %s does not open: %v", c.in, err)
		}
	}
}

func TestMoreConditionsThanTheLimitAreLeftOut(t *testing.T) {
	v := url.Values{}
	for i := range 40 {
		v.Add("f.camas.mayor", strings.Repeat("1", 1+i%9)+strings.Repeat("0", i/9))
	}
	q, mistakes := query.Parse(v, hospitals())
	if len(q.Where) != query.MaxConditions || len(mistakes) != 1 || mistakes[0].Key != "query.conditions" {
		t.Errorf("%d conditions, %v", len(q.Where), mistakes)
	}
}

func TestReadingWhatWasWrittenGivesTheSameView(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	x := newRandom(t, r, 30)
	for range 3000 {
		q, _ := asked(r)
		if r.IntN(3) == 0 {
			q, _ = groupsAsked(r)
			q.Columns = nil
		}
		if r.IntN(4) == 0 && !query.Grouped(q) && len(q.Sort) == 0 {
			q.Key = &tabular.Position{Row: r.Int64N(1000) + 1, Back: r.IntN(2) == 0}
		}
		back, mistakes := query.Parse(query.Values(q), x.table)
		if diff := gocmp.Diff(query.Normal(q), back); diff != "" || len(mistakes) > 0 {
			t.Fatalf("%s: %v\n%s", query.Values(q).Encode(), mistakes, diff)
		}
		if again := query.Normal(query.Normal(q)); gocmp.Diff(query.Normal(q), again) != "" {
			t.Fatalf("Normal of Normal differs: %+v", q)
		}
		canonical := query.Canonical(q)
		if same := query.Canonical(shuffled(r, q)); same != canonical {
			t.Fatalf("one view has two addresses:\n%s\n%s", canonical, same)
		}
		opened, _ := query.Parse(must(url.ParseQuery(canonical)), x.table)
		if query.Canonical(opened) != canonical {
			t.Fatalf("%s opens as %s", canonical, query.Canonical(opened))
		}
	}
}

func must(v url.Values, err error) url.Values {
	if err != nil {
		panic(err)
	}
	return v
}

// shuffled asks the same in another order.
func shuffled(r *rand.Rand, q tabular.Query) tabular.Query {
	q.Where = slices.Clone(q.Where)
	r.Shuffle(len(q.Where), func(i, j int) { q.Where[i], q.Where[j] = q.Where[j], q.Where[i] })
	for i, c := range q.Where {
		if c.Op == tabular.Is || c.Op == tabular.Contains {
			c.Values = slices.Clone(c.Values)
			slices.Reverse(c.Values)
			q.Where[i] = c
		}
	}
	words := strings.Fields(strings.ToUpper(q.Search))
	slices.Reverse(words)
	q.Search = strings.Join(words, "  ")
	return q
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"f.estado=09&orden=-camas,fecha", "f.con.punto.min~2=x&col=a\\,b,\\-c", "grupo=camas&paso=rangos:5&medida=suma:costo", "despues=AQAAAAAAAA&cerca=1,2,3", "lugar~2=09&f.=&f..no=x"} {
		f.Add(s)
	}
	table := hospitals()
	f.Fuzz(func(t *testing.T, s string) {
		v, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		q, _ := query.Parse(v, table)
		if _, err := query.Compile(table, nil, q, "t"); err != nil {
			t.Fatalf("what was read does not compile: %v\n%+v", err, q)
		}
		back, mistakes := query.Parse(query.Values(q), table)
		if diff := gocmp.Diff(q, back); diff != "" || len(mistakes) > 0 {
			t.Fatalf("read again it is another query: %v\n%s", mistakes, diff)
		}
	})
}

func FuzzCursor(f *testing.F) {
	q := tabular.Query{Sort: []tabular.Order{{Column: "costo", Down: true}, {Column: "nombre"}}}
	f.Add(query.Cursor(q, tabular.Position{Row: 9, Back: true, Values: []tabular.Cell{{Text: "1.5"}, {Null: true}}}))
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, s string) {
		pos, err := query.ParseCursor(q, s)
		if err != nil {
			return
		}
		again, err := query.ParseCursor(q, query.Cursor(q, *pos))
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(pos, again); diff != "" && len(again.Values) > 0 {
			t.Fatal(diff)
		}
		q.Key = pos
		_, _ = query.Compile(hospitals(), withheld, q, "t") // it may be refused, and must not panic
	})
}

func TestACursorBelongsToItsSort(t *testing.T) {
	q := tabular.Query{Sort: []tabular.Order{{Column: "camas"}}}
	long := tabular.Position{Row: 7, Values: []tabular.Cell{{Text: strings.Repeat("x", 5000)}}}
	s := query.Cursor(q, long)
	pos, err := query.ParseCursor(q, s)
	if err != nil || pos.Row != 7 || pos.Values != nil || len(s) > 30 {
		t.Errorf("values that are too long for an address: %v %v %s", pos, err, s)
	}
	for _, other := range []tabular.Query{{}, {Sort: []tabular.Order{{Column: "camas", Down: true}}}, {Sort: []tabular.Order{{Column: "fecha"}}}} {
		if _, err := query.ParseCursor(other, s); err == nil {
			t.Errorf("it opens under %+v", other.Sort)
		}
	}
	for _, bad := range []string{"", "x", s + "A", s[:len(s)-2], "A" + s, strings.Repeat("A", 3000)} {
		if _, err := query.ParseCursor(q, bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestAPageIsFoundByItsNumberWithoutSort(t *testing.T) {
	pos, err := query.Jump(tabular.Query{Limit: 50}, 50_000)
	if err != nil || pos.Row != 49_999*50 {
		t.Errorf("%v %v", pos, err)
	}
	for _, page := range []int64{0, -1, 1 << 60} {
		if _, err := query.Jump(tabular.Query{}, page); err == nil {
			t.Errorf("page %d is found", page)
		}
	}
}
