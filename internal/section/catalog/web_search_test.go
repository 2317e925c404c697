package catalog_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/search"
)

func TestOneBoxSearchesEverythingAndHelpsWhenNothingIsFound(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		doc := w.get("/buscar?q=salud", http.StatusOK)
		w.says(doc, ".Sort", "Todo (3)", "Conjuntos de datos (2)", "Instituciones (1)")
		w.says(w.get("/buscar?q=salud&tipo=instituciones", http.StatusOK), ".ItemList", "Institución", "Secretaría de Salud")
		doc = w.get("/buscar?q=acueductos+hospital", http.StatusOK)
		w.says(doc, ".Main", "Nada tiene todas esas palabras", "Tienen alguna de las palabras", "Camas de hospital", "Explorar por tema", "Salud 2")
		res := webtest.Get(w, w.shell, "/buscar/sugerencias?q=camas+hos")
		if got := strings.TrimSpace(res.Body.String()); got != `[{"text":"Camas de hospital por entidad","kind":"Conjunto de datos","path":"/datos/camas-de-hospital-por-entidad"}]` {
			w.Errorf("suggestions = %s", got)
		}
	})
}

func TestSearchesThatFindNothingAreCountedOncePerHourAndNotForPrograms(t *testing.T) {
	pages(t, func(w *world) {
		w.fill()
		ask := func(method, path, agent string) {
			r := httptest.NewRequestWithContext(w.Context(), method, path, nil)
			r.Header.Set("User-Agent", agent)
			if res := webtest.Do(w.shell, r); res.Code != http.StatusOK {
				w.Fatalf("%s %s = %d", method, path, res.Code)
			}
		}
		const person = "Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0"
		for range 3 {
			ask(http.MethodGet, "/buscar?q=Acueductos", person)
		}
		ask(http.MethodGet, "/buscar?q=acueductos&lang=en", person)
		ask(http.MethodHead, "/buscar?q=submarinos", person)
		ask(http.MethodGet, "/buscar?q=submarinos", "Examplebot/1.0")
		ask(http.MethodGet, "/buscar?q=xy", person)
		for i := range 60 {
			ask(http.MethodGet, fmt.Sprintf("/buscar?q=palabra%cinventada", rune('a'+i%26))+strings.Repeat("z", i/26), person)
		}
		var misses []search.Missed
		if err := w.db.Read(w.Context(), func(tx *db.Tx) (err error) {
			misses, err = search.Misses(tx, tx.Now, tx.Now, 1, 100)
			return err
		}); err != nil {
			w.Fatal(err)
		}
		if len(misses) != 30 {
			w.Errorf("%d searches were counted, want 30", len(misses))
		}
		for _, m := range misses {
			if m.Query == "acueductos" && m.Count != 1 || m.Query == "submarinos" {
				w.Errorf("counted %q %d times", m.Query, m.Count)
			}
		}
	})
}
