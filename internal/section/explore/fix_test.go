package explore_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
)

// named renames columns: pairs of name and new name.
func named(pairs ...string) tabular.Correction {
	c := tabular.Correction{Columns: map[string]tabular.ColumnCorrection{}}
	for i := 0; i < len(pairs); i += 2 {
		c.Columns[pairs[i]] = tabular.ColumnCorrection{Name: pairs[i+1]}
	}
	return c
}

func TestACorrectionMakesTheTablesAnewAndHoldsForLaterVersions(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		correct := func(p account.Person, c tabular.Correction, seen int) error {
			return w.Try(p, func(tx *db.Tx) error { return w.explore.Correct(tx, camas, c, "Así se llama.", seen) })
		}
		if err := correct(w.Area, named("precio", "Precio"), 0); err != nil {
			t.Fatal(err)
		}
		w.drain()
		if v := w.current(); v.Number != 1 || w.server.fetched != 1 || w.engine.converts != 2 || !cmp.Equal(w.engine.last.Corrections, []tabular.Correction{named("precio", "Precio")}) {
			t.Errorf("%+v, %d fetches, %+v", v, w.server.fetched, w.engine.last)
		}
		if _, said := w.view(); !strings.Contains(said, `"name":"Precio"`) {
			t.Error(said)
		}
		if err := correct(w.Enlace, named("precio", "Otro"), 0); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("who saw nothing of the first: %v", err)
		}
		for _, p := range []account.Person{w.Ana, w.Ajena, w.Transp} {
			if err := correct(p, named("precio", "Otro"), 1); plaza.KindOf(err) != plaza.Forbidden {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
		w.serve(larger)
		if _, said := w.view(); w.current().Number != 2 || !strings.Contains(said, `"name":"Precio"`) {
			t.Errorf("a later version: %s", said)
		}
		if err := correct(w.Enlace, tabular.Correction{}, 1); err != nil {
			t.Fatal(err)
		}
		w.drain()
		if _, said := w.view(); strings.Contains(said, `"name":"Precio"`) || len(w.engine.last.Corrections) != 0 {
			t.Errorf("taken back: %s", said)
		}
		w.Read(func(tx *db.Tx) error {
			list, err := explore.Fixes(tx, camas)
			if len(list) != 1 || list[0].Version != 2 || list[0].Role != plaza.Liaison {
				t.Errorf("%+v", list)
			}
			return err
		})
	})
}

func TestACorrectionThatComesDuringAConversionIsNotLost(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		w.engine.during = func() {
			w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Correct(tx, camas, named("precio", "Precio"), "Sí.", 0) })
		}
		w.serve(larger)
		if _, said := w.view(); !strings.Contains(said, `"name":"Precio"`) || w.current().Number != 2 || w.current().Change.From != 1 {
			t.Errorf("%s, %+v", said, w.current())
		}
	})
}

func TestWhatACorrectionMayNotSay(t *testing.T) {
	worlds(t, func(w *world) {
		w.serve(small)
		for field, c := range map[string]tabular.Correction{
			"nombre":      named("precio", "_fila"),
			"nombre ":     named("precio", "a", "clave", "A"),
			"tipo":        {Columns: map[string]tabular.ColumnCorrection{"precio": {Type: "varchar"}}},
			"significado": {Columns: map[string]tabular.ColumnCorrection{"precio": {Meaning: "x"}}},
			"unidad":      {Columns: map[string]tabular.ColumnCorrection{"precio": {Unit: strings.Repeat("x", 99)}}},
			"formato":     {Columns: map[string]tabular.ColumnCorrection{"precio": {Format: "#,##0.00"}}},
			"encabezado":  {HeaderLine: -2},
		} {
			err := w.Try(w.Enlace, func(tx *db.Tx) error { return w.explore.Correct(tx, camas, c, "Sí.", 0) })
			if plaza.KindOf(err) != plaza.Invalid || !strings.Contains(err.Error(), "["+strings.TrimSpace(field)+":") {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := w.Try(w.Enlace, func(tx *db.Tx) error { return w.explore.Correct(tx, camas, named("precio", "P"), "", 0) }); plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		spelt := tabular.Correction{Columns: map[string]tabular.ColumnCorrection{"precio": {Format: " DD/MM/AAAA "}}}
		w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Correct(tx, camas, spelt, "Así se escribe.", 0) })
		w.Read(func(tx *db.Tx) error {
			list, err := explore.Fixes(tx, camas)
			if len(list) != 1 || list[0].Correction.Columns["precio"].Format != "dd/mm/yyyy" {
				t.Errorf("a format as people write it: %+v", list)
			}
			return err
		})
	})
}
