package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/search"
	"plaza/internal/civic/search/searchtest"
)

func TestACorrectionIsARealWordThatFindsMore(t *testing.T) {
	docs := slices.Clone(catalogue)
	for i := range 50 {
		docs = append(docs, search.Doc{Ref: ref(fmt.Sprintf("x%02d", i)), Title: "Vehículos y hospitales", Body: "Energía eléctrica",
			Facets: map[string][]string{"theme": {"transporte"}}})
	}
	docs = append(docs, search.Doc{Ref: ref("typo"), Title: "Vehiculoz robados"})
	e := over(docs...)
	tests := []struct{ name, text, want string }{
		{"a letter that sounds the same", "poblasion", "población"},
		{"within a query, the rest as it was", "La POBLASION total", "La población total"},
		{"quotes and exclusions stay", `"poblasion total" -luz`, `"población total" -luz`},
		{"two letters swapped", "munciipio", "municipio"},
		{"a letter too many", "escuuelas", "escuelas"},
		{"a letter missing", "edcación", "educación"},
		{"a silent letter", "ospitales", "hospitales"},
		{"b for v", "behiculos", "vehículos"},
		{"two words", "energia electriqa ospitales", "energia eléctrica hospitales"},
		{"a rare misspelling that exists", "vehiculoz", "vehículos"},
		{"a right word", "población", ""},
		{"a right word in another form", "municipales", ""},
		{"too far from any", "pxbxaxixn", ""},
		{"too short", "luz", ""},
		{"a number", "20201", ""},
		{"right words that do not meet", "camiones indígenas", ""},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := find(t, e, search.Query{Text: tt.text, Correct: true})
			var got search.Correction
			if r.DidYouMean != nil {
				got = *r.DidYouMean
			}
			if got.Text != tt.want {
				t.Fatalf("Search(%q) suggests %q, want %q", tt.text, got.Text, tt.want)
			}
			if got.Text == "" {
				return
			}
			if again := find(t, e, search.Query{Text: got.Text}); again.Total != got.Total || again.Total <= r.Total {
				t.Errorf("%q is said to find %d, finds %d; %q found %d", got.Text, got.Total, again.Total, tt.text, r.Total)
			}
		})
	}
	if r := find(t, e, search.Query{Text: "poblasion"}); r.DidYouMean != nil {
		t.Error("a correction that nobody asked for")
	}
	filters := map[string][]string{"theme": {"transporte"}}
	if r := find(t, e, search.Query{Text: "poblasion", Correct: true, Filters: filters}); r.DidYouMean != nil {
		t.Errorf("%v finds nothing under these filters", r.DidYouMean)
	}
}

func TestSuggestionsAreTheBestTitles(t *testing.T) {
	e := over(catalogue...)
	for text, want := range map[string]string{
		"pobl": "poblaciones poblacion", "agua": "agua aguas", "población mun": "poblacion", "educaci": "educa", "": "", "zzz": "", "de": "",
	} {
		var got []string
		for _, h := range e.Suggest(text, 5, nil) {
			got = append(got, h.Ref.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("Suggest(%q) = %v, want %s", text, got, want)
		}
	}
	if got := e.Suggest("pobl", 5, map[string][]string{search.KindFacet: {"institution"}}); len(got) != 0 {
		t.Errorf("among institutions: %v", got)
	}
}

func TestWhatMatchedIsMarked(t *testing.T) {
	tests := []struct{ name, query, text, want string }{
		{"other forms", "poblacion", "Las Poblaciones y la población", "Las <mark>Poblaciones</mark> y la <mark>población</mark>"},
		{"neighbours are one", "agua potable", "Agua potable, agua", "<mark>Agua potable</mark>, <mark>agua</mark>"},
		{"escaped", "agua", `<b>agua</b> & "luz"`, "&lt;b&gt;<mark>agua</mark>&lt;/b&gt; &amp; &#34;luz&#34;"},
		{"not what is excluded", "agua -luz", "agua y luz", "<mark>agua</mark> y luz"},
		{"not stop words", "calidad de agua", "la calidad de la vida", "la <mark>calidad</mark> de la vida"},
		{"word and number", "covid-19", "COVID-19 y covid19", "<mark>COVID</mark>-<mark>19</mark> y <mark>covid19</mark>"},
		{"nothing", "", "agua", "agua"},
		{"no text", "agua", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(search.MatchOf(tt.query).HTML(tt.text)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if got := string(search.Match{}.HTML("agua")); got != "agua" {
		t.Errorf("the zero Match marked %s", got)
	}
}

func TestBeginningsAreMarkedWhereTheyWereSearched(t *testing.T) {
	e := over(catalogue...)
	for _, tt := range []struct {
		q    search.Query
		want string
	}{
		{search.Query{Text: "agua"}, "<mark>agua</mark> de Aguascalientes"},
		{search.Query{Text: "agua", AsYouType: true}, "<mark>agua</mark> de <mark>Aguascalientes</mark>"},
		{search.Query{Text: "aguasc"}, "agua de <mark>Aguascalientes</mark>"},
	} {
		if got := string(find(t, e, tt.q).Match.HTML("agua de Aguascalientes")); got != tt.want {
			t.Errorf("%+v marks %s, want %s", tt.q, got, tt.want)
		}
	}
}

func TestASnippetIsWhereTheWordsAre(t *testing.T) {
	filler := strings.Repeat("relleno sin interés ", 30)
	tests := []struct{ name, query, text, begins, holds string }{
		{"the beginning when it is there", "agua", "El agua. " + filler, "El agua", "agua"},
		{"where the word is", "agua", filler + "el agua del río. " + filler, "… ", "el agua del río"},
		{"where most words are", "agua río", "agua " + filler + "otra agua " + filler + "el agua del río " + filler, "… ", "agua del río"},
		{"the beginning when nothing matches", "luz", filler, "relleno sin", ""},
		{"a short text whole", "agua", "el  agua\n", "el agua", "agua"},
		{"no text", "agua", "", "", ""},
		{"letters of several bytes", "agua", strings.Repeat("ñ", 300) + " agua " + filler, "… ", "agua"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := search.MatchOf(tt.query).Snippet(tt.text, 120)
			if !strings.HasPrefix(got, tt.begins) || !strings.Contains(got, tt.holds) || utf8.RuneCountInString(got) > 123 || !utf8.ValidString(got) {
				t.Errorf("Snippet = %q", got)
			}
		})
	}
}

func TestSearchesThatFindNothingAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		miss := func(queries ...string) {
			t.Helper()
			for _, q := range queries {
				if err := d.Write(t.Context(), func(tx *db.Tx) error { return search.Miss(tx, q) }); err != nil {
					t.Fatal(err)
				}
			}
		}
		misses := func(least, limit int) (out []search.Missed) {
			t.Helper()
			err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
				out, err = search.Misses(tx, dbtest.Start, dbtest.Start.Add(48*time.Hour), least, limit)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		miss("Fosas clandestinas", "fosas  CLANDESTINAS", "presupuesto 2019 2020", "una vez")
		dbtest.Advance(d, 24*time.Hour)
		miss("¿fosas clandestinas?", "presupuesto 2019-2020")
		want := []search.Missed{{Query: "fosas clandestinas", Count: 3}, {Query: "presupuesto 2019 2020", Count: 2}}
		if diff := cmp.Diff(want, misses(2, 10)); diff != "" {
			t.Errorf("Misses (-want +got):\n%s", diff)
		}
		if got := misses(1, 1); len(got) != 1 {
			t.Errorf("%d misses, want the limit of 1", len(got))
		}
	})
}

func TestSearchesWithPersonalDataAreNotCounted(t *testing.T) {
	d := dbtest.SQLite(t)
	for _, q := range []string{
		"ana@example.org", "GOMC800101HDFRRL09", "gomc800101", "RFC GOMC800101AB1", "gomc 800101", "55 1234 5678", "5512345678",
		"+52 (55) 1234-5678", "https://example.org/?token=x", "cuenta 012345678901234567", strings.Repeat("x", 40),
		"una pregunta tan larga que más bien es una carta a alguien", "", "¿?", "1990 2010 2020",
	} {
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return search.Miss(tx, q) }); err != nil {
			t.Fatal(err)
		}
	}
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		got, err := search.Misses(tx, dbtest.Start, dbtest.Start, 1, 100)
		if len(got) != 0 {
			t.Errorf("counted: %v", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestADayOfGuessesIsBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			for i := range 5010 {
				if err := search.Miss(tx, "x"+strings.Repeat("y", i%20)+" "+strings.Repeat("z", i/20%20)+" "+strings.Repeat("w", i/400)); err != nil {
					return err
				}
			}
			got, err := search.Misses(tx, tx.Now, tx.Now, 1, 10_000)
			if len(got) != 5000 {
				t.Errorf("%d different searches kept, want 5000", len(got))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzSearch(f *testing.F) {
	for _, s := range []string{
		`"plan de`, `-"a b" -c`, "NEAR(a b) * ~ ^2", "' OR 1=1 --", "a:b:c", "covid-19", "«ñ»", "\xff\xfe\x00", "🌮 \u202E", "-", `""`, `-""`,
		strings.Repeat("agua ", 2000), strings.Repeat("-", 8000), strings.Repeat(`"a`, 4000), strings.Repeat("a-", 4000), "U.S.", "12/2020,5", "\u0301",
	} {
		f.Add(s, "")
	}
	f.Add("agua", "eyJpIjoiIiwiayI6IiJ9")
	e := search.Over(searchtest.Corpus(1, 300))
	f.Fuzz(func(t *testing.T, s, cursor string) {
		for _, q := range []search.Query{
			{Text: s, Correct: true, Facets: searchtest.Facets}, {Text: s, AsYouType: true}, {Text: s, Any: true},
			{Filters: map[string][]string{s: {s}}, Facets: []string{s}},
		} {
			q.Limit = 5
			r, err := e.Search(q)
			if err != nil || len(r.Hits) > 5 || r.Total < len(r.Hits) {
				t.Errorf("Search(%+v) = %d of %d hits, %v", q, len(r.Hits), r.Total, err)
			}
			r.Match.Snippet(s, 50)
			if got := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(string(r.Match.HTML("agua "))); got != "agua " {
				t.Errorf("marking %q changed the text to %q", s, got)
			}
		}
		var b strings.Builder
		for _, p := range search.MatchOf(s).Marks(s) {
			b.WriteString(p.Text)
		}
		if b.String() != s {
			t.Errorf("the pieces of %q are %q", s, b.String())
		}
		_, _ = e.Search(search.Query{Cursor: cursor, Limit: 5}) // an error or a page, never worse
	})
}
