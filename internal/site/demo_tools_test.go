package site_test

import (
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// TestTheDemonstrationHasToolsOfEveryKind looks at what its people made of its tables.
func TestTheDemonstrationHasToolsOfEveryKind(t *testing.T) {
	r := serve(t)
	var all []tool.Tool
	pinned := map[string]bool{}
	r.read(t, func(tx *db.Tx) (err error) {
		if all, err = tool.List(tx, tool.Filter{}, tool.Newest, tool.Key{}, 200); err != nil {
			return err
		}
		for _, one := range all {
			uses, err := tool.Uses(tx, one.ID)
			if err != nil {
				return err
			}
			for _, u := range uses {
				pinned[one.ID] = pinned[one.ID] || u.Pinned > 0
			}
		}
		return nil
	})
	kinds := map[spec.Kind]int{}
	native, forks, official, featured, outdated, repaired, english, fixed := 0, 0, 0, 0, 0, 0, 0, 0
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	for _, one := range all {
		kinds[one.Kind]++
		count(&native, !one.External())
		count(&forks, one.Parent != "")
		count(&official, one.Official())
		count(&featured, !one.Featured.IsZero())
		count(&outdated, !one.Outdated.IsZero())
		count(&repaired, one.Version > 1 && one.Alive())
		count(&english, one.Language == "en")
		count(&fixed, pinned[one.ID])
	}
	if native < 28 || forks != 2 || official < 8 || featured != 3 || outdated != 1 || repaired != 1 || english != 2 || fixed != 2 {
		t.Errorf("%d native, %d forks, %d official, %d featured, %d outdated, %d repaired, %d in English, %d pinned", native, forks, official, featured, outdated, repaired, english, fixed)
	}
	for _, kind := range spec.Kinds {
		if kinds[kind] == 0 {
			t.Errorf("none is a %s", kind)
		}
	}
	if kinds[spec.KindLinked] < 4 || kinds[spec.KindExternal] < 4 {
		t.Errorf("there are %v", kinds)
	}
	for title, says := range map[string]string{
		"Así se veía la epidemia el 13 de abril":      "hay una más nueva",
		"¿De cuándo son los datos?":                   "Desactualizada",
		"Dónde cuesta más la gasolina regular":        "Leonel Urbina Costa",
		"Casos de quienes hablan una lengua indígena": "versión 3",
		"La epidemia en el Estado de México":          "La epidemia, municipio por municipio",
		"Denuncias en cada alcaldía":                  "coincidieron 16 de 17",
	} {
		slug := r.value(t, `SELECT slug FROM tools WHERE title = $1`, title)
		said := r.page(t, tool.Path+"/"+slug).Find("main").Text()
		for range 20 { // it asks for that itself while its numbers are computed
			if !strings.Contains(said, "Vuelva a cargar la página.") {
				break
			}
			said = r.page(t, tool.Path+"/"+slug).Find("main").Text()
		}
		if !strings.Contains(strings.Join(strings.Fields(said), " "), says) {
			t.Errorf("%s: it does not say %q: %.1500s", title, says, said)
		}
	}
}
