package exploreapi_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// known answers at once, so that what is measured is the interface itself.
type known struct{ child.Engine }

func (known) Page(context.Context, child.Table, tabular.Query) (tabular.Page, error) {
	page := tabular.Page{Columns: []string{"folio", "nombre"}, Next: &tabular.Position{Row: 100}}
	for i := range 100 {
		page.Rows = append(page.Rows, []tabular.Cell{{Text: "F-" + strconv.Itoa(i)}, {Text: "Ana María López"}})
		page.Numbers = append(page.Numbers, int64(i+1))
	}
	return page, nil
}

// BenchmarkRowsFromMemory is what a page of 100 rows that is remembered takes, from the
// request to the last byte; and being told that one has it.
func BenchmarkRowsFromMemory(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b), "", func(inner child.Engine) child.Engine { return known{inner} }).opened(people)
	const path = at + "rows?col=folio,nombre&orden=folio&f.nombre.no=x"
	tag := w.ask(path).Header().Get("ETag")
	for name, headers := range map[string][]string{"whole": nil, "known": {"If-None-Match", tag}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if res := w.ask(path, headers...); res.Code != http.StatusOK && res.Code != http.StatusNotModified {
					b.Fatal(res.Code)
				}
			}
		})
	}
}
