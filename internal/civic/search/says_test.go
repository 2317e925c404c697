package search_test

import (
	"testing"

	"plaza/internal/civic/search"
)

func TestWordsCanBeAConditionAmongOthers(t *testing.T) {
	e := over(
		search.Doc{Ref: ref("1"), Title: "Calidad del agua", Facets: map[string][]string{"f": {"a"}}},
		search.Doc{Ref: ref("2"), Title: "Agua de calidad", Body: "pozos"},
		search.Doc{Ref: ref("3"), Title: "Suelos", Body: "calidad de los suelos"},
	)
	for text, want := range map[string]string{
		"":                       "1 2 3",
		"AGUAS":                  "1 2",
		"calidad agua":           "1 2",
		`"calidad del agua"`:     "1",
		"calidad -agua":          "3",
		`-"calidad del agua"`:    "2 3",
		"nada":                   "",
		`suelo "nada de nada"`:   "",
		"de":                     "1 2 3",
		`calidad -pozo -"suelo"`: "1",
	} {
		if got := ids(find(t, e, search.Query{Where: search.Says(text), Sort: search.ByID})); got != want {
			t.Errorf("Says(%q): %s, want %s", text, got, want)
		}
	}
	either := search.Or(search.In("f", "a"), search.Says("suelos"), search.Says("pozos calidad"))
	if got := ids(find(t, e, search.Query{Where: either, Sort: search.ByID})); got != "1 2 3" {
		t.Errorf("one of several: %s", got)
	}
}
