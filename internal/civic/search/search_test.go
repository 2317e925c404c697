package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

func ref(id string) plaza.Ref { return plaza.Ref{Kind: "dataset", ID: id} }

func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

func put(t *testing.T, d *db.DB, docs ...search.Doc) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return search.Put(tx, docs...) }); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, d *db.DB, refs ...plaza.Ref) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return search.Remove(tx, refs...) }); err != nil {
		t.Fatal(err)
	}
}

func synced(t *testing.T, e *search.Engine, d *db.DB) *search.Engine {
	t.Helper()
	if err := e.Sync(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return e
}

func find(t *testing.T, e *search.Engine, q search.Query) search.Result {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	r, err := e.Search(q)
	if err != nil {
		t.Fatalf("Search(%+v): %v", q, err)
	}
	return r
}

func ids(r search.Result) string {
	var out []string
	for _, h := range r.Hits {
		out = append(out, h.Ref.ID)
	}
	return strings.Join(out, " ")
}

// catalogue is a small one in which every document is told by its id.
var catalogue = []search.Doc{
	{Ref: ref("poblacion"), Title: "Población total por municipio", Body: "Resultados del censo.", Owner: "INEGI", Modified: day(1)},
	{Ref: ref("poblaciones"), Title: "Poblaciones indígenas", Body: "Plan de desarrollo de los pueblos.", Owner: "INPI", Modified: day(2)},
	{Ref: ref("camion"), Title: "Camiones de carga", Body: "Vehículos por año y entidad", Modified: day(3)},
	{Ref: ref("covid"), Title: "Casos de COVID-19", Body: "Contagios diarios; véase también PM2.5", Modified: day(4)},
	{Ref: ref("aguas"), Title: "Aguascalientes en cifras", Body: "Niños y niñas", Modified: day(5)},
	{Ref: ref("agua"), Title: "Agua potable", Body: "El desarrollo del plan hidráulico", Modified: day(6)},
	{Ref: ref("educa"), Title: "Educación básica", Keywords: []string{"escuelas"}, Body: "<b>Análisis</b> del sector", Modified: day(7)},
}

func TestWordsFindDocuments(t *testing.T) {
	tests := []struct {
		name, text, want string
		typing, any      bool
	}{
		{name: "everything, newest first", text: "", want: "educa agua aguas covid camion poblaciones poblacion"},
		{name: "nothing but stop words is everything", text: "de la", want: "educa agua aguas covid camion poblaciones poblacion"},
		{name: "with accents", text: "población", want: "poblaciones poblacion"},
		{name: "without accents", text: "POBLACION", want: "poblaciones poblacion"},
		{name: "the plural finds the singular", text: "poblaciones", want: "poblaciones poblacion"},
		{name: "the singular finds the plural", text: "camion", want: "camion"},
		{name: "ñ as n", text: "nino", want: "aguas"},
		{name: "all words", text: "poblacion municipio", want: "poblacion"},
		{name: "stop words do not count", text: "poblacion de los municipios", want: "poblacion"},
		{name: "all words, in any fields", text: "inegi censos", want: "poblacion"},
		{name: "any word", text: "camion escuela", want: "camion educa", any: true},
		{name: "a phrase", text: `"plan de desarrollo"`, want: "poblaciones"},
		{name: "a phrase in typographic quotes", text: "«plan de desarrollo»", want: "poblaciones"},
		{name: "a phrase keeps its order", text: `"desarrollo del plan"`, want: "agua"},
		{name: "a phrase does not go over fields", text: `"municipio resultados"`, want: ""},
		{name: "an open quote goes to the end", text: `"plan de desarrollo`, want: "poblaciones"},
		{name: "words without quotes need no order", text: "plan desarrollo", want: "agua poblaciones"},
		{name: "exclusion", text: "plan -hidraulico", want: "poblaciones"},
		{name: "exclusion of a phrase", text: `plan -"plan de desarrollo"`, want: "agua"},
		{name: "exclusion alone", text: "-poblacion -agua -covid -censo", want: "educa aguas camion"},
		{name: "a word and number", text: "covid19", want: "covid"},
		{name: "a word, hyphen and number", text: "covid-19", want: "covid"},
		{name: "decimals", text: "pm2.5", want: "covid"},
		{name: "a whole word is not a beginning", text: "agua", want: "agua"},
		{name: "while typing it is", text: "agua", want: "agua aguas", typing: true},
		{name: "a beginning, when nothing has the word", text: "hidraul", want: "agua"},
		{name: "a beginning longer than the stem", text: "educaci", want: "educa"},
		{name: "a beginning after a whole word", text: "plan hidr", want: "agua"},
		{name: "a hyphen as a space, when nothing has both", text: "plan-hidraulico", want: "agua"},
		{name: "typing one letter", text: "h", want: "agua", typing: true},
		{name: "no such thing", text: "zzzz", want: ""},
		{name: "field names are text", text: "title:agua", want: ""},
		{name: "operators are text", text: "agua AND NOT (potable)", want: ""},
		{name: "signs alone are nothing", text: `-- "" * ( ~ 🌮`, want: "educa agua aguas covid camion poblaciones poblacion"},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, catalogue...)
		e := synced(t, search.New(), d)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := find(t, e, search.Query{Text: tt.text, AsYouType: tt.typing, Any: tt.any})
				if got := ids(r); got != tt.want {
					t.Errorf("Search(%q) = %s, want %s", tt.text, got, tt.want)
				}
				if r.Total != len(r.Hits) {
					t.Errorf("Search(%q): total %d of %d hits", tt.text, r.Total, len(r.Hits))
				}
			})
		}
	})
}

func over(docs ...search.Doc) *search.Engine { return search.Over(slices.Values(docs)) }

func TestTitlesWeighMoreThanKeywordsOwnersAndBodies(t *testing.T) {
	e := over(
		search.Doc{Ref: ref("body"), Title: "Registro uno", Body: "agua", Modified: day(9)},
		search.Doc{Ref: ref("owner"), Title: "Registro dos", Owner: "Comisión del Agua", Modified: day(8)},
		search.Doc{Ref: ref("keyword"), Title: "Registro tres", Keywords: []string{"agua"}, Modified: day(7)},
		search.Doc{Ref: ref("title"), Title: "Agua limpia", Modified: day(6)},
		search.Doc{Ref: ref("longtitle"), Title: "Agua y muchas otras cosas que hay en este país tan grande", Modified: day(5)},
		search.Doc{Ref: ref("often"), Title: "Registro cuatro", Body: strings.Repeat("agua ", 500), Modified: day(4)},
		search.Doc{Ref: ref("none"), Title: "Registro cinco", Body: "luz", Modified: day(9)},
	)
	r := find(t, e, search.Query{Text: "agua"})
	if got, want := ids(r), "title longtitle keyword owner body often"; got != want {
		t.Errorf("order = %s, want %s", got, want)
	}
}

func TestRareWordsWeighMore(t *testing.T) {
	docs := []search.Doc{
		{Ref: ref("rare"), Title: "Uno", Body: "glaciar"},
		{Ref: ref("common"), Title: "Dos", Body: "datos"},
	}
	for i := range 20 {
		docs = append(docs, search.Doc{Ref: ref(fmt.Sprintf("x%02d", i)), Title: "Otro", Body: "datos"})
	}
	if got := ids(find(t, over(docs...), search.Query{Text: "datos glaciar", Any: true, Limit: 1})); got != "rare" {
		t.Errorf("first = %s, want rare", got)
	}
}

func TestEqualScoresAreOrderedByDateThenID(t *testing.T) {
	e := over(
		search.Doc{Ref: ref("b"), Title: "Agua", Modified: day(1)},
		search.Doc{Ref: ref("c"), Title: "Agua", Modified: day(2)},
		search.Doc{Ref: ref("a"), Title: "Agua", Modified: day(1)},
		search.Doc{Ref: ref("d"), Title: "Agua"},
	)
	if got, want := ids(find(t, e, search.Query{Text: "agua"})), "c a b d"; got != want {
		t.Errorf("order = %s, want %s", got, want)
	}
}

func TestOrders(t *testing.T) {
	e := over(
		search.Doc{Ref: ref("1"), Title: "Ñandú", Created: day(3), Modified: day(4), Changed: day(7)},
		search.Doc{Ref: ref("2"), Title: "nube", Created: day(1), Modified: day(6), Changed: day(9)},
		search.Doc{Ref: ref("3"), Title: "Oso", Created: day(2), Modified: day(5), Changed: day(8)},
		search.Doc{Ref: ref("4"), Title: "Censo 10"},
		search.Doc{Ref: ref("5"), Title: "censo 2", Created: day(4), Modified: day(3)},
		search.Doc{Ref: ref("6"), Title: "Árbol", Created: day(5), Modified: day(2)},
	)
	for sort, want := range map[search.Sort]string{
		search.TitleAZ:        "6 5 4 2 1 3",
		search.TitleZA:        "3 1 2 4 5 6",
		search.ModifiedNewest: "2 3 1 5 6 4",
		search.ModifiedOldest: "4 6 5 1 3 2",
		search.CreatedNewest:  "6 5 1 3 2 4",
		search.CreatedOldest:  "4 2 3 1 5 6",
		search.ChangedNewest:  "2 3 1 4 5 6",
		search.ChangedOldest:  "4 5 6 1 3 2",
		search.ByID:           "1 2 3 4 5 6",
		search.Relevance:      "2 3 1 5 6 4",
	} {
		if got := ids(find(t, e, search.Query{Sort: sort})); got != want {
			t.Errorf("order %q = %s, want %s", sort, got, want)
		}
	}
}

func TestFiltersAndCounts(t *testing.T) {
	doc := func(id, theme string, formats ...string) search.Doc {
		return search.Doc{Ref: ref(id), Title: "Agua " + id, Facets: map[string][]string{"theme": {theme}, "format": formats}}
	}
	e := over(doc("1", "salud", "csv", "xlsx"), doc("2", "salud", "csv"), doc("3", "agua", "json"), doc("4", "agua", "csv"),
		search.Doc{Ref: plaza.Ref{Kind: "institution", ID: "5"}, Title: "Agua"})
	n := func(value string, docs int) search.Count { return search.Count{Value: value, Docs: docs} }
	on := func(value string, docs int) search.Count { return search.Count{Value: value, Docs: docs, Chosen: true} }
	facets := []string{"theme", "format", "kind", "license"}
	tests := []struct {
		name    string
		filters map[string][]string
		where   search.Expr
		want    string
		facets  map[string][]search.Count
	}{
		{"none", nil, nil, "1 2 3 4 5", map[string][]search.Count{
			"theme": {n("agua", 2), n("salud", 2)}, "format": {n("csv", 3), n("json", 1), n("xlsx", 1)},
			"kind": {n("dataset", 4), n("institution", 1)}, "license": {},
		}},
		{"one value does not change its own facet", map[string][]string{"theme": {"salud"}}, nil, "1 2", map[string][]search.Count{
			"theme": {n("agua", 2), on("salud", 2)}, "format": {n("csv", 2), n("xlsx", 1)}, "kind": {n("dataset", 2)}, "license": {},
		}},
		{"two values of a facet: either", map[string][]string{"format": {"json", "xlsx"}}, nil, "1 3", map[string][]search.Count{
			"theme": {n("agua", 1), n("salud", 1)}, "format": {n("csv", 3), on("json", 1), on("xlsx", 1)}, "kind": {n("dataset", 2)}, "license": {},
		}},
		{"two facets: both", map[string][]string{"theme": {"agua"}, "format": {"csv"}}, nil, "4", map[string][]search.Count{
			"theme": {n("salud", 2), on("agua", 1)}, "format": {on("csv", 1), n("json", 1)}, "kind": {n("dataset", 1)}, "license": {},
		}},
		{"a value that nothing has stays to be unchosen", map[string][]string{"theme": {"nada"}}, nil, "", map[string][]search.Count{
			"theme": {n("agua", 2), n("salud", 2), on("nada", 0)}, "format": {}, "kind": {}, "license": {},
		}},
		{"a facet that nothing has", map[string][]string{"nada": {"x"}}, nil, "", map[string][]search.Count{
			"theme": {}, "format": {}, "kind": {}, "license": {},
		}},
		{"a condition narrows every count", map[string][]string{"theme": {"salud"}}, search.Not(search.In("format", "xlsx")), "2", map[string][]search.Count{
			"theme": {n("agua", 2), on("salud", 1)}, "format": {n("csv", 1)}, "kind": {n("dataset", 1)}, "license": {},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := find(t, e, search.Query{Text: "agua", Filters: tt.filters, Where: tt.where, Facets: facets, Sort: search.ByID})
			if got := ids(r); got != tt.want {
				t.Errorf("hits = %s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.facets, r.Facets); diff != "" {
				t.Errorf("facets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFacetValuesAreBoundedButKeepTheChosen(t *testing.T) {
	var docs []search.Doc
	for i := range 50 {
		docs = append(docs, search.Doc{Ref: ref(fmt.Sprint(i)), Title: "x", Facets: map[string][]string{"theme": {fmt.Sprintf("t%02d", i)}}})
	}
	r := find(t, over(docs...), search.Query{Facets: []string{"theme"}, MaxValues: 3, Filters: map[string][]string{"theme": {"t49"}}})
	var got []string
	for _, c := range r.Facets["theme"] {
		got = append(got, c.Value)
	}
	if want := []string{"t00", "t01", "t02", "t49"}; !slices.Equal(got, want) {
		t.Errorf("values = %v, want %v", got, want)
	}
}

func TestConditions(t *testing.T) {
	e := over(
		search.Doc{Ref: ref("1"), Title: "x", Modified: day(1), Created: day(1), Facets: map[string][]string{"f": {"a"}}},
		search.Doc{Ref: ref("2"), Title: "x", Modified: day(2), Created: day(1), Changed: day(4), Facets: map[string][]string{"f": {"b"}}},
		search.Doc{Ref: ref("3"), Title: "x", Modified: day(3), Created: day(2)},
		search.Doc{Ref: ref("4"), Title: "x"},
	)
	var none time.Time
	tests := []struct {
		name  string
		where search.Expr
		want  string
	}{
		{"a value", search.In("f", "a"), "1"},
		{"one of two values", search.In("f", "a", "b"), "1 2"},
		{"any value", search.In("f"), "1 2"},
		{"no value", search.Not(search.In("f")), "3 4"},
		{"no such facet", search.In("g"), ""},
		{"since", search.During(search.Modified, day(2), none), "2 3"},
		{"until, not included", search.During(search.Modified, none, day(2)), "1"},
		{"between", search.During(search.Modified, day(2), day(3)), "2"},
		{"created", search.During(search.Created, none, day(2)), "1 2"},
		{"changed", search.During(search.Changed, day(3), none), "2"},
		{"ids", search.Among("3", "1", "9"), "1 3"},
		{"no ids", search.Among(), ""},
		{"any date", search.During(search.Modified, none, none), "1 2 3"},
		{"and", search.And(search.In("f"), search.Not(search.In("f", "a"))), "2"},
		{"or", search.Or(search.In("f", "a"), search.During(search.Modified, day(3), none)), "1 3"},
		{"and of nothing", search.And(), "1 2 3 4"},
		{"or of nothing", search.Or(), ""},
	}
	for _, tt := range tests {
		if got := ids(find(t, e, search.Query{Where: tt.where, Sort: search.ByID})); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestAgesAreAFacet(t *testing.T) {
	ages := []search.Ages{{Facet: "age", Date: search.Modified, Values: []search.Age{
		{Value: "week", From: day(10)}, {Value: "month", From: day(5)}, {Value: "older", To: day(5)},
	}}}
	e := over(
		search.Doc{Ref: ref("1"), Title: "x", Modified: day(12)}, search.Doc{Ref: ref("2"), Title: "x", Modified: day(10)},
		search.Doc{Ref: ref("3"), Title: "x", Modified: day(6)}, search.Doc{Ref: ref("4"), Title: "x", Modified: day(1)},
		search.Doc{Ref: ref("5"), Title: "x"},
	)
	r := find(t, e, search.Query{Ages: ages, Facets: []string{"age"}, Sort: search.ByID,
		Filters: map[string][]string{"age": {"month", "older", "nonsense"}}})
	if got := ids(r); got != "3 4" {
		t.Errorf("hits = %s, want 3 4", got)
	}
	want := []search.Count{{Value: "week", Docs: 2}, {Value: "month", Docs: 1, Chosen: true}, {Value: "older", Docs: 1, Chosen: true}, {Value: "nonsense", Chosen: true}}
	if diff := cmp.Diff(want, r.Facets["age"]); diff != "" {
		t.Errorf("ages (-want +got):\n%s", diff)
	}
}

func TestLimitsAreKept(t *testing.T) {
	e := over(catalogue...)
	for _, tt := range []struct{ offset, limit, hits int }{
		{0, 3, 3}, {5, 3, 2}, {7, 3, 0}, {1 << 40, 3, 0}, {-5, 3, 3}, {0, -1, 0}, {0, 1 << 40, 7},
	} {
		r, err := e.Search(search.Query{Offset: tt.offset, Limit: tt.limit})
		if err != nil || len(r.Hits) != tt.hits || r.Total != 7 {
			t.Errorf("offset %d, limit %d: %d hits of %d, %v; want %d of 7", tt.offset, tt.limit, len(r.Hits), r.Total, err, tt.hits)
		}
	}
}

func TestAnEmptyIndexAnswers(t *testing.T) {
	r := find(t, search.New(), search.Query{Text: "agua", Facets: []string{"kind"}, Correct: true})
	if r.Total != 0 || len(r.Hits) != 0 || r.Next != "" || len(r.Facets["kind"]) != 0 {
		t.Errorf("an empty index found %+v", r)
	}
}

func TestUnknownOrdersAndCursorsAreInvalid(t *testing.T) {
	e := over(catalogue...)
	next := find(t, e, search.Query{Limit: 1, Sort: search.TitleAZ}).Next
	for name, q := range map[string]search.Query{
		"order":           {Sort: "id; DROP TABLE"},
		"cursor":          {Cursor: "x"},
		"other cursor":    {Cursor: next},
		"endless cursor":  {Cursor: strings.Repeat("a", 1<<20)},
		"cursor of bytes": {Cursor: "\xff\x00"},
	} {
		if _, err := e.Search(q); plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("%s: error %v, want Invalid", name, err)
		}
	}
}
