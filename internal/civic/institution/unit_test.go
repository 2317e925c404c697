package institution_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

func TestAreasAreAddedChangedRetiredAndBroughtBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		salud := w.body("Secretaría de Salud", "SALUD", "")
		u := w.unit(salud, "  Dirección   de Estadística ")
		w.unit(salud, "Archivo")
		if got := w.units(salud); !slices.Equal(got, []string{"Archivo", "Dirección de Estadística"}) {
			t.Errorf("its areas are %v", got)
		}
		u.Name = "Dirección de Información"
		w.write(func(tx *db.Tx) error {
			_, acts, err := institution.PutUnit(tx, u)
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
		retire := func(retired bool) error {
			return w.try(func(tx *db.Tx) error {
				acts, err := institution.RetireUnit(tx, salud.ID, u.ID, retired)
				if err != nil {
					return err
				}
				return record.Append(tx, acts...)
			})
		}
		if err := retire(true); err != nil {
			t.Fatal(err)
		}
		if err := retire(true); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("retiring it again: %v", err)
		}
		w.read(func(tx *db.Tx) error {
			kept, err := institution.UnitByID(tx, u.ID)
			if kept.Name != u.Name || kept.RetiredAt.IsZero() {
				t.Errorf("the retired area is %+v", kept)
			}
			return err
		})
		again := w.unit(salud, "dirección de informacion") // the name is free while it is retired
		if err := retire(false); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("bringing back what another is called: %v", err)
		}
		again.Name = "Otra"
		w.write(func(tx *db.Tx) error {
			_, acts, err := institution.PutUnit(tx, again)
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
		if err := retire(false); err != nil {
			t.Fatal(err)
		}
		want := []string{"institution.added", "unit.added", "unit.added", "unit.changed", "unit.retired", "unit.added", "unit.changed", "unit.returned"}
		if got := w.verbs(salud.ID); !reflect.DeepEqual(got, want) {
			t.Errorf("the record has %v, want %v", got, want)
		}
	})
}

func TestAreasThatCannotBeAreRefusedFieldByField(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		salud, sep := w.body("Secretaría de Salud", "SALUD", ""), w.body("Secretaría de Educación Pública", "SEP", "")
		known := w.unit(salud, "Estadística")
		for name, c := range map[string]struct {
			unit  institution.Unit
			field string
		}{
			"no name":         {institution.Unit{InstitutionID: salud.ID, Kind: "generating"}, "name"},
			"a name too long": {institution.Unit{InstitutionID: salud.ID, Kind: "generating", Name: strings.Repeat("a", 301)}, "name"},
			"a name taken":    {institution.Unit{InstitutionID: salud.ID, Kind: "generating", Name: "ESTADISTICA."}, "name"},
			"an unknown kind": {institution.Unit{InstitutionID: salud.ID, Kind: "boss", Name: "Otra"}, "kind"},
		} {
			err := w.try(func(tx *db.Tx) error {
				_, _, err := institution.PutUnit(tx, c.unit)
				return err
			})
			if plaza.KindOf(err) != plaza.Invalid || !slices.Contains(wrong(err), c.field) {
				t.Errorf("%s: %v, want it at %s", name, err, c.field)
			}
		}
		w.unit(sep, "Estadística") // another institution may call one the same
		err := w.try(func(tx *db.Tx) error {
			_, _, err := institution.PutUnit(tx, institution.Unit{ID: known.ID, InstitutionID: sep.ID, Kind: "generating", Name: "Robada"})
			return err
		})
		if plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("changing another institution's area: %v", err)
		}
	})
}

func TestHoursAreKeptAndSaidInAsFewLinesAsTheyTake(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		salud := w.body("Secretaría de Salud", "SALUD", "")
		var spans []institution.Span
		for day := time.Monday; day <= time.Friday; day++ {
			spans = append(spans, institution.Span{Day: day, Opens: 9 * 60, Closes: 18 * 60})
		}
		spans[4].Closes = 15 * 60
		set := func(h institution.Hours) error {
			return w.try(func(tx *db.Tx) error {
				acts, err := institution.SetHours(tx, salud.ID, h)
				if err != nil {
					return err
				}
				return record.Append(tx, acts...)
			})
		}
		for range 2 { // the second changes nothing
			if err := set(institution.Hours{Zone: "America/Tijuana", Calendar: institution.FederalCalendar, Spans: spans}); err != nil {
				t.Fatal(err)
			}
		}
		w.read(func(tx *db.Tx) error {
			h, err := institution.HoursOf(tx, w.byID(salud.ID))
			want := []institution.Stretch{{From: time.Monday, To: time.Thursday, Opens: 540, Closes: 1080}, {From: time.Friday, To: time.Friday, Opens: 540, Closes: 900}}
			if got := institution.Stretches(h.Spans); !reflect.DeepEqual(got, want) || h.Zone != "America/Tijuana" {
				t.Errorf("it attends %v in %s", got, h.Zone)
			}
			return err
		})
		if got := w.verbs(salud.ID); !slices.Equal(got, []string{"institution.added", "institution.hours"}) {
			t.Errorf("the record has %v", got)
		}
		for field, h := range map[string]institution.Hours{
			"zone":     {Zone: "America/Atlantida", Calendar: institution.FederalCalendar},
			"calendar": {Zone: "America/Tijuana", Calendar: "luna"},
			"day-3":    {Zone: "America/Tijuana", Spans: []institution.Span{{Day: 3, Opens: 600, Closes: 600}}},
			"day-0":    {Zone: "America/Tijuana", Spans: []institution.Span{{Day: 0, Opens: 1, Closes: 2}, {Day: 0, Opens: 3, Closes: 4}}},
		} {
			if err := set(h); plaza.KindOf(err) != plaza.Invalid || !slices.Contains(wrong(err), field) {
				t.Errorf("%+v: %v, want it at %s", h, err, field)
			}
		}
	})
}

func TestNamesThatLookLikeAnotherInstitutionsAreRefused(t *testing.T) {
	good := institution.Institution{Name: "Secretaría de Economía", Acronym: "SE", Type: "federal"}
	for _, trick := range []string{"Secretarі\u0430 de Salud", "Secretaría\u200b de Salud", "\u202eduulaS", "ЅЅА", "Salud\u2066"} {
		for field, i := range map[string]institution.Institution{
			"name":    {Name: trick, Type: good.Type},
			"acronym": {Name: good.Name, Acronym: trick, Type: good.Type},
			"names":   {Name: good.Name, Names: []string{trick}, Type: good.Type},
		} {
			w := newWorld(t, dbtest.SQLite(t))
			err := w.try(func(tx *db.Tx) error { _, _, err := institution.Save(tx, i); return err })
			e, ok := err.(*plaza.Error)
			if !ok || len(e.Fields) != 1 || e.Fields[0].Field != field || e.Fields[0].Key != "institution.error.letters" {
				t.Errorf("%s %q: %v", field, trick, err)
			}
		}
	}
}
