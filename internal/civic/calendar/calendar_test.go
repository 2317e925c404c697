package calendar_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/calendar"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

func system(t *testing.T) context.Context {
	t.Helper()
	return plaza.WithActor(t.Context(), plaza.SystemActor)
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// days are those of law from 2025 to 2030.
func days() (all []calendar.Day) {
	for year := 2025; year <= 2030; year++ {
		all = append(all, calendar.ByLaw(year)...)
	}
	return all
}

func TestATermEndsWithItsLastWorkingDayInTheInstitutionsZone(t *testing.T) {
	for _, c := range []struct {
		name, zone, from string
		n                int
		want             string // the first moment that is late, by the institution's clock
	}{
		{"the day of sending is day zero", "America/Mexico_City", "2026-11-23T10:00", 2, "2026-11-26T00:00"},
		{"no days at all end with the day itself", "America/Mexico_City", "2026-11-23T23:59", 0, "2026-11-24T00:00"},
		{"what is sent on a Saturday begins on the Monday", "America/Mexico_City", "2026-11-21T10:00", 1, "2026-11-24T00:00"},
		{"a holiday is not counted", "America/Mexico_City", "2026-11-13T10:00", 1, "2026-11-18T00:00"},
		{"the year ends", "America/Mexico_City", "2026-12-30T10:00", 2, "2027-01-05T00:00"},
		{"the federal power changes hands", "America/Mexico_City", "2030-09-30T10:00", 1, "2030-10-03T00:00"},
		{"summer time begins in Tijuana", "America/Tijuana", "2026-03-06T16:00", 1, "2026-03-10T00:00"},
		{"summer time ends in Tijuana", "America/Tijuana", "2026-10-30T16:00", 1, "2026-11-03T00:00"},
		{"Sonora has no summer time", "America/Hermosillo", "2026-03-06T16:00", 1, "2026-03-10T00:00"},
		{"a leap year", "America/Cancun", "2028-02-28T08:00", 1, "2028-03-01T00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := zone(t, c.zone)
			from, err := time.ParseInLocation("2006-01-02T15:04", c.from, z)
			if err != nil {
				t.Fatal(err)
			}
			b := calendar.NewBusiness(z, "", days()...)
			got := b.AddDays(from.UTC(), c.n)
			if said := got.In(z).Format("2006-01-02T15:04"); said != c.want {
				t.Errorf("it is late at %s, want %s", said, c.want)
			}
			if n := b.DaysBetween(from, got.Add(-time.Second)); n != c.n {
				t.Errorf("the term itself has %d days, want %d", n, c.n)
			}
		})
	}
}

func TestDaysBetweenCountsWorkingDaysAfterTheFirst(t *testing.T) {
	z := zone(t, "America/Mexico_City")
	b := calendar.NewBusiness(z, "", days()...)
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02T15:04", s, z)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2026-11-23T09:00", "2026-11-23T18:00", 0},
		{"2026-11-23T23:59", "2026-11-24T00:01", 1},
		{"2026-11-20T09:00", "2026-11-23T09:00", 1}, // over a weekend
		{"2026-11-13T09:00", "2026-11-17T09:00", 1}, // over a weekend and a holiday
		{"2026-11-24T09:00", "2026-11-23T09:00", 0},
		{"2026-12-24T09:00", "2027-01-04T09:00", 5},
	} {
		if got := b.DaysBetween(at(c.from), at(c.to)); got != c.want {
			t.Errorf("from %s to %s: %d days, want %d", c.from, c.to, got, c.want)
		}
	}
}

func TestDaysBetweenIsWhatCountingDayByDayGives(t *testing.T) {
	for _, name := range []string{"America/Mexico_City", "America/Tijuana", "America/Hermosillo"} {
		z := zone(t, name)
		b := calendar.NewBusiness(z, "", append(days(), days()[0])...) // a day that both calendars have is one
		start := time.Date(2025, 10, 1, 23, 30, 0, 0, z)
		for i := range 40 {
			from, want := start.AddDate(0, 0, i), 0
			for n := range 500 {
				to := from.AddDate(0, 0, n)
				if n > 0 && b.IsWorking(to) {
					want++
				}
				if got := b.DaysBetween(from, to.Add(-time.Duration(n%24)*time.Hour)); got != want {
					t.Fatalf("%s: from %s to %s: %d days, want %d", name, from, to, got, want)
				}
			}
			if want < 300 {
				t.Fatalf("%d working days in 499", want)
			}
		}
	}
}

func TestTheStoreKnowsTheDaysOfLawFromTheBeginning(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var want []calendar.Day
		for year := 2024; year <= 2028; year++ { // the next two are not decreed yet
			for _, d := range calendar.ByLaw(year) {
				d.Provisional = year > 2026
				want = append(want, d)
			}
		}
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			c, err := calendar.Now(tx, calendar.Federal)
			if !slices.Equal(c.Days, want) || c.Version != 1 {
				t.Errorf("version %d has %v, want %v", c.Version, c.Days, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func edit(t *testing.T, d *db.DB, id string, seen int, c calendar.Change) (version int, err error) {
	t.Helper()
	err = d.Write(system(t), func(tx *db.Tx) (err error) {
		version, err = calendar.Edit(tx, id, "Calendario", seen, c)
		return err
	})
	return version, err
}

func TestEachChangeMakesAVersionAndTheEarlierOneStaysReadable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		friday := calendar.Day{Date: "2026-12-11", Reason: "Suspensión", Legal: "Acuerdo en el DOF"}
		if v, err := edit(t, d, calendar.Federal, 1, calendar.Change{Add: []calendar.Day{friday}}); err != nil || v != 2 {
			t.Fatalf("version %d, %v", v, err)
		}
		if _, err := edit(t, d, calendar.Federal, 1, calendar.Change{Remove: []string{"2026-12-25"}}); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("a change of what was seen before another: %v, want a conflict", err)
		}
		if v, err := edit(t, d, calendar.Federal, 2, calendar.Change{Add: []calendar.Day{friday}}); err != nil || v != 2 {
			t.Errorf("the same again made version %d, %v", v, err)
		}
		if v, err := edit(t, d, calendar.Federal, 2, calendar.Change{Remove: []string{"2026-12-11"}}); err != nil || v != 3 {
			t.Fatalf("version %d, %v", v, err)
		}
		before := time.Date(2026, 12, 10, 18, 0, 0, 0, time.UTC)
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			for version, want := range map[string]int{"mx-federal@1": 11, "mx-federal@2": 14, "mx-federal@3": 11} {
				b, err := calendar.Restore(tx, "", version)
				if err != nil {
					return err
				}
				if day := b.AddDays(before, 1).In(b.Zone).AddDate(0, 0, -1).Day(); day != want {
					t.Errorf("by %s the term ends on the %dth, want the %dth", version, day, want)
				}
			}
			b, err := calendar.BusinessOf(tx, "")
			if b.Version != "mx-federal@3" {
				t.Errorf("the version of now is %q", b.Version)
			}
			if _, err := calendar.Restore(tx, "", "mx-federal@9"); plaza.KindOf(err) != plaza.NotFound {
				t.Errorf("a version that never was: %v", err)
			}
			entries, _ := record.Latest(tx, record.Filter{}, 10)
			if len(entries) != 2 || entries[0].Verb != "calendar.changed" || !strings.Contains(string(entries[1].Payload), friday.Legal) {
				t.Errorf("the record has %v", entries)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnInstitutionCountsByItsOwnDaysToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var i institution.Institution
		if err := d.Write(system(t), func(tx *db.Tx) (err error) {
			i, err = institution.Put(tx, institution.Institution{Name: "Ayuntamiento de Tijuana", Type: "municipal", Zone: "America/Tijuana"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := edit(t, d, i.ID, 0, calendar.Change{Add: []calendar.Day{{Date: "2026-07-13", Reason: "Aniversario de la ciudad"}}}); err != nil {
			t.Fatal(err)
		}
		working := func(date string) (yes bool, version string) {
			if err := d.Read(t.Context(), func(tx *db.Tx) error {
				b, err := calendar.BusinessOf(tx, i.ID)
				when, _ := time.ParseInLocation(time.DateOnly, date, b.Zone)
				yes, version = b.IsWorking(when), b.Version
				if err != nil {
					return err
				}
				all, err := calendar.Businesses(tx, []string{i.ID, "nadie"})
				if !reflect.DeepEqual(all[i.ID], b) || len(all) != 1 {
					t.Errorf("of many: %+v, of one %+v", all, b)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return yes, version
		}
		if yes, version := working("2026-07-13"); yes || version != "mx-federal@1+1" {
			t.Errorf("its own day is a working day: %v, by %s", yes, version)
		}
		if yes, _ := working("2026-09-16"); yes {
			t.Error("a federal day is a working day")
		}
		if err := d.Write(system(t), func(tx *db.Tx) error {
			acts, err := institution.SetHours(tx, i.ID, institution.Hours{Zone: "America/Tijuana"})
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		}); err != nil {
			t.Fatal(err)
		}
		if yes, version := working("2026-09-16"); !yes || version != "own+1" {
			t.Errorf("by its own days alone the 16th is a working day: %v, by %s", yes, version)
		}
	})
}

func TestDaysThatAreNoneAreRefusedFieldByField(t *testing.T) {
	d := dbtest.SQLite(t)
	for _, c := range []struct {
		change calendar.Change
		field  string
	}{
		{calendar.Change{Add: []calendar.Day{{Date: "2026-02-30", Reason: "x"}}}, "date"},
		{calendar.Change{Add: []calendar.Day{{Date: "2026-02-20"}}}, "reason"},
		{calendar.Change{Add: []calendar.Day{{Date: "2026-02-20", Reason: "x", Legal: strings.Repeat("l", 501)}}}, "legal"},
		{calendar.Change{Remove: []string{"2026-02-20"}}, "date"},
	} {
		_, err := edit(t, d, calendar.Federal, 1, c.change)
		fields := wrongFields(err)
		if plaza.KindOf(err) != plaza.Invalid || !slices.Contains(fields, c.field) {
			t.Errorf("%+v: %v at %v, want %s", c.change, err, fields, c.field)
		}
	}
}

func wrongFields(err error) (out []string) {
	if e, ok := err.(*plaza.Error); ok { //nolint:errorlint // returned as it is
		for _, f := range e.Fields {
			out = append(out, f.Field)
		}
	}
	return out
}

func TestItsWordsAreThereInBothLanguages(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(calendar.Locale, institution.Locale) {
		t.Error(p)
	}
}
