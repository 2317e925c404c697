package gate_test

import (
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

func TestLookingAtABrakeCountsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := gate.New([]byte("una clave de prueba, de 32 bytes"))
		l := gate.Limit{Name: "prueba", Max: 2, Window: time.Hour}
		do := func(f func(tx *db.Tx) error) error { return d.Write(t.Context(), f) }
		spent := func(subject string) error {
			return do(func(tx *db.Tx) error { return g.Spent(tx, l, subject) })
		}
		brake := func() error { return do(func(tx *db.Tx) error { return g.Brake(tx, l, "ana") }) }
		for range 5 {
			if err := spent("ana"); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := brake(); err != nil {
				t.Fatal(err)
			}
		}
		err := spent("ana")
		if e, ok := err.(*plaza.Error); !ok || e.Kind != plaza.TooMany || e.RetryAfter != time.Hour || e.Key != "gate.error.too_many" {
			t.Errorf("Spent = %v, want TooMany for an hour", err)
		}
		if err := spent("luz"); err != nil {
			t.Errorf("another subject: %v", err)
		}
		dbtest.Advance(d, time.Hour)
		if err := spent("ana"); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}
