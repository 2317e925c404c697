package explore_test

import (
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/section/explore"
)

func TestAResourceSaysHowLargeItsTableIs(t *testing.T) {
	worlds(t, func(w *world) {
		shape := func() (s explore.Shape, known bool) {
			ctx, n := db.CountStatements(w.Context())
			if err := w.db.Read(ctx, func(tx *db.Tx) error {
				all, err := explore.ShapesOf(tx, []string{camas, "33333333-3333-7333-8333-333333333333"})
				s, known = all[camas]
				return err
			}); err != nil {
				w.Fatal(err)
			}
			if n.Load() > 1 {
				w.Errorf("it takes %d statements", n.Load())
			}
			return s, known
		}
		if _, known := shape(); known {
			w.Error("a resource that nobody opened is known")
		}
		w.serve(broken)
		if s, _ := shape(); !s.Closed {
			w.Error("what is no table is open")
		}
		w.serve(small)
		if s, _ := shape(); s.Closed || s.Rows != 2 || s.Columns != 2 {
			w.Errorf("two rows are %+v", s)
		}
		w.serve(broken)
		if s, _ := shape(); s.Closed || s.Rows != 2 {
			w.Errorf("its last good copy is %+v", s)
		}
		w.As(w.Enlace, func(tx *db.Tx) error { return w.explore.Withhold(tx, camas, "", "Datos de personas.") })
		if s, _ := shape(); s != (explore.Shape{Closed: true}) {
			w.Errorf("a file that is withheld is %+v", s)
		}
	})
}
