package institution_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

func TestARenamedInstitutionIsFoundByBothNamesAndItsOldAddressLeadsToIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		old := w.body("Secretaría de Comunicaciones y Transportes", "SCT", "")
		w.write(func(tx *db.Tx) error {
			_, err := w.s.Rename(tx, institution.Renaming{ID: old.ID, Was: old.Name, Acronym: "SICT", Slug: "sict",
				Name: "Secretaría de Infraestructura, Comunicaciones y Transportes", Basis: basis})
			return err
		})
		w.read(func(tx *db.Tx) error {
			i, err := institution.BySlug(tx, "sct")
			if err != nil {
				return err
			}
			if i.Slug != "sict" || i.Acronym != "SICT" {
				t.Errorf("the old address leads to %+v", i)
			}
			for _, name := range []string{old.Name, "SCT", "sict", i.Name} {
				if id, err := institution.ByName(tx, name); err != nil || id != old.ID {
					t.Errorf("%q is %q, %v", name, id, err)
				}
			}
			h, err := institution.HistoryOf(tx, old.ID)
			if len(h.Names) != 1 || h.Names[0].Name != old.Name || h.Names[0].Slug != "sct" || h.Names[0].Until != basis.Date || len(h.Before)+len(h.After) > 0 {
				t.Errorf("its history is %+v", h)
			}
			return err
		})
		w.found("comunicaciones transportes sct", old.ID)
		w.found("infraestructura", old.ID)
		if got := w.verbs(old.ID); !slices.Equal(got, []string{"institution.added", "institution.renamed"}) {
			t.Errorf("the record has %v", got)
		}
	})
}

// found wants the institutions that words find, in any order.
func (w *world) found(words string, want ...string) {
	w.Helper()
	e := search.New()
	if err := e.Sync(w.Context(), w.db); err != nil {
		w.Fatal(err)
	}
	res, err := e.Search(search.Query{Text: words, Limit: 20})
	if err != nil {
		w.Fatal(err)
	}
	var got []string
	for _, h := range res.Hits {
		got = append(got, h.Ref.ID)
	}
	for _, id := range want {
		if !slices.Contains(got, id) {
			w.Errorf("%q finds %v, want %s among them", words, got, id)
		}
	}
}

func TestARenamingThatSomebodyElseOvertookIsAConflict(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		i := w.body("Secretaría de Salud", "SALUD", "")
		rename := func(name string) error {
			return w.try(func(tx *db.Tx) error {
				_, err := w.s.Rename(tx, institution.Renaming{ID: i.ID, Was: "Secretaría de Salud", Name: name, Basis: basis})
				return err
			})
		}
		if kinds := together(func() error { return rename("Secretaría Uno") }, func() error { return rename("Secretaría Dos") }); kinds != "1 done, 1 conflict" {
			t.Errorf("two at once: %s", kinds)
		}
	})
}

// together runs two at once and says how they ended.
func together(a, b func() error) string {
	var wg sync.WaitGroup
	var errs [2]error
	wg.Go(func() { errs[0] = a() })
	wg.Go(func() { errs[1] = b() })
	wg.Wait()
	done, conflicts := 0, 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case plaza.KindOf(err) == plaza.Conflict:
			conflicts++
		}
	}
	if done == 1 && conflicts == 1 {
		return "1 done, 1 conflict"
	}
	return errors.Join(errs[0], errs[1], errors.New("not one and one")).Error()
}

func TestTwoWhoMergeEachIntoTheOtherEndOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.body("Instituto A", "IA", ""), w.body("Instituto B", "IB", "")
		// the one who is late is told at the field, or that somebody was faster
		_ = together(
			func() error { return w.try(func(tx *db.Tx) error { return w.s.End(tx, merge(a, b)) }) },
			func() error { return w.try(func(tx *db.Tx) error { return w.s.End(tx, merge(b, a)) }) },
		)
		if w.byID(a.ID).Extinct() == w.byID(b.ID).Extinct() {
			t.Error("both go on, or neither")
		}
		w.work()
	})
}

func TestOfTwoWhoEndTheSameOneWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b, c := w.body("Instituto A", "IA", ""), w.body("Instituto B", "IB", ""), w.body("Instituto C", "IC", "")
		if kinds := together(
			func() error { return w.try(func(tx *db.Tx) error { return w.s.End(tx, merge(a, b)) }) },
			func() error { return w.try(func(tx *db.Tx) error { return w.s.End(tx, merge(a, c)) }) },
		); kinds != "1 done, 1 conflict" {
			t.Errorf("two at once: %s", kinds)
		}
		w.read(func(tx *db.Tx) error {
			h, err := institution.HistoryOf(tx, a.ID)
			if len(h.After) != 1 {
				t.Errorf("it is followed by %+v", h.After)
			}
			return err
		})
	})
}

func TestTwoAreMergedIntoOneThatHasTheirAreasNamesAndWhatBelongedToThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		head := w.body("Secretaría de Cultura", "SC", "")
		a, b := w.body("Instituto de Lenguas", "ILE", head.ID), w.body("Instituto de Danza", "IDA", head.ID)
		child := w.body("Museo de la Lengua", "ML", a.ID)
		to := w.body("Instituto de las Artes", "INA", head.ID)
		for _, i := range []institution.Institution{a, b, to} {
			w.unit(i, "Planeación")
		}
		w.end(merge(a, to))
		w.end(merge(b, to))
		if got := w.units(to); !slices.Equal(got, []string{"Planeación", "Planeación (IDA)", "Planeación (ILE)"}) {
			t.Errorf("its areas are %v", got)
		}
		if got := w.byID(child.ID).ParentID; got != to.ID {
			t.Errorf("what belonged to one belongs to %s", got)
		}
		w.read(func(tx *db.Tx) error {
			for _, name := range []string{"Instituto de Lenguas", "IDA"} {
				if id, err := institution.ByName(tx, name); err != nil || id != to.ID {
					t.Errorf("%q is %q, %v", name, id, err)
				}
			}
			i, err := institution.BySlug(tx, a.Slug) // its address is still its own
			if i.ID != a.ID || i.State != institution.Extinct || i.ValidTo != basis.Date || i.Name != a.Name {
				t.Errorf("the old address leads to %+v", i)
			}
			going, err2 := institution.Going(tx)
			if slices.ContainsFunc(going, institution.Institution.Extinct) || len(going) != 3 {
				t.Errorf("those that go on are %v", going)
			}
			h, err3 := institution.HistoryOf(tx, to.ID)
			if len(h.Before) != 2 || h.Bodies[h.Before[0].From].Name == "" {
				t.Errorf("the successor's history is %+v", h)
			}
			return errors.Join(err, err2, err3)
		})
		w.found("instituto lenguas", a.ID, to.ID)
		if got := w.verbs(a.ID); !slices.Contains(got, "institution.merged") {
			t.Errorf("the record of the one that ended has %v", got)
		}
		if got := w.verbs(to.ID); !slices.Contains(got, "institution.succeeded") || !slices.Contains(got, "unit.moved") {
			t.Errorf("the record of the successor has %v", got)
		}
	})
}

func TestOneIsSplitAsWasChosenAndTheRestGoesToTheFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		old, a, b := w.body("Secretaría Vieja", "SV", ""), w.body("Secretaría A", "SA", ""), w.body("Secretaría B", "SB", "")
		moved, _ := w.unit(old, "Archivo"), w.unit(old, "Planeación")
		w.end(institution.Ending{Kind: institution.Split, From: old.ID, To: []string{a.ID, b.ID}, Basis: basis,
			Shares: map[string]string{"units/" + moved.ID: b.ID}})
		if inA, inB := w.units(a), w.units(b); !slices.Equal(inA, []string{"Planeación"}) || !slices.Equal(inB, []string{"Archivo"}) {
			t.Errorf("the areas went %v and %v", inA, inB)
		}
		w.read(func(tx *db.Tx) error {
			id, err := institution.ByName(tx, "Secretaría Vieja")
			if id != a.ID {
				t.Errorf("its name is of %s", id)
			}
			h, err2 := institution.HistoryOf(tx, old.ID)
			if len(h.After) != 2 || h.After[0].To != a.ID || h.After[1].To != b.ID {
				t.Errorf("its history is %+v", h.After)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestOneThatIsAbolishedWithoutASuccessorGoesToItsHeadOrTheCoordination(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		head := w.body("Secretaría de Cultura", "SC", "")
		under, alone := w.body("Instituto de Lenguas", "ILE", head.ID), w.body("Instituto de Danza", "IDA", "")
		w.unit(under, "Planeación")
		w.unit(alone, "Planeación")
		for _, i := range []institution.Institution{under, alone} {
			w.end(institution.Ending{Kind: institution.Abolished, From: i.ID, Basis: basis})
		}
		if got := w.units(head); len(got) != 1 {
			t.Errorf("the head's areas are %v", got)
		}
		if got := w.units(alone); len(got) != 0 {
			t.Errorf("an area of what is no more goes on: %v", got)
		}
		// the name is free, its address is not
		for slug, want := range map[string]string{"ida": "slug", "danza": ""} {
			err := w.try(func(tx *db.Tx) error {
				_, err := institution.Put(tx, institution.Institution{Name: "Instituto de Danza", Slug: slug, Type: "federal"})
				return err
			})
			if want == "" && err != nil || want != "" && !slices.Contains(wrong(err), want) {
				t.Errorf("another of the name at %s: %v", slug, err)
			}
		}
	})
}

func TestWhatFollowsWhatFollowedGetsWhatIsStillThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b, c := w.body("Instituto A", "IA", ""), w.body("Instituto B", "IB", ""), w.body("Instituto C", "IC", "")
		w.unit(a, "Planeación")
		w.write(func(tx *db.Tx) error { return w.s.End(tx, merge(a, b)) })
		w.write(func(tx *db.Tx) error { return w.s.End(tx, merge(b, c)) })
		w.work()
		if got := w.units(c); len(got) != 1 {
			t.Errorf("the last one's areas are %v", got)
		}
	})
}

// TestMovesThatAreStoppedGoOnWhereTheyWere counts what a mover that fails in the middle
// leaves: nothing twice, nothing lost.
func TestMovesThatAreStoppedGoOnWhereTheyWere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		left, moved, fail := 250, 0, true
		stubborn := institution.Mover{
			Key:   "things",
			Count: func(*db.Tx, string) (int, error) { return left - moved, nil },
			Move: func(tx *db.Tx, from, to string) ([]record.Act, error) {
				if moved >= institution.MaxPiece && fail {
					return nil, errors.New("the machine went down")
				}
				n := min(institution.MaxPiece, left-moved)
				tx.AfterCommit(func() { moved += n })
				return slices.Repeat([]record.Act{{Verb: "unit.moved", Object: plaza.Ref{Kind: "unit", ID: "x"}, Institution: to}}, n), nil
			},
		}
		w := newWorld(t, d, stubborn)
		a, b := w.body("Instituto A", "IA", ""), w.body("Instituto B", "IB", "")
		w.write(func(tx *db.Tx) error { return w.s.End(tx, merge(a, b)) })
		if err := w.s.MoveAll(w.context()); err == nil || moved != institution.MaxPiece {
			t.Fatalf("%d moved before it stopped, %v", moved, err)
		}
		fail = false
		for range 2 { // the second has nothing to do
			if err := w.s.MoveAll(w.context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(w.verbsAll(b.ID, "unit.moved")); got != left || moved != left {
			t.Errorf("%d entries and %d moved, want %d", got, moved, left)
		}
	})
}

func (w *world) verbsAll(body, verb string) (out []record.Entry) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		all, err := record.Latest(tx, record.Filter{Institution: body}, 1000)
		for _, e := range all {
			if e.Verb == verb {
				out = append(out, e)
			}
		}
		return err
	})
	return out
}

func TestAMoverThatDoesNotMoveIsAnErrorAndNoCircle(t *testing.T) {
	d := dbtest.SQLite(t)
	stuck := institution.Mover{
		Key:   "things",
		Count: func(*db.Tx, string) (int, error) { return 7, nil },
		Move:  func(*db.Tx, string, string) ([]record.Act, error) { return nil, nil },
	}
	w := newWorld(t, d, stuck)
	a, b := w.body("Instituto A", "IA", ""), w.body("Instituto B", "IB", "")
	w.write(func(tx *db.Tx) error { return w.s.End(tx, merge(a, b)) })
	if err := w.s.MoveAll(w.context()); err == nil || !strings.Contains(err.Error(), "do not move") {
		t.Errorf("it ends with %v", err)
	}
}

func TestEndingsThatCannotBeAreRefusedFieldByField(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b, c := w.body("Instituto A", "IA", ""), w.body("Instituto B", "IB", ""), w.body("Instituto C", "IC", "")
		gone := w.body("Instituto D", "ID", "")
		w.end(merge(gone, a))
		unit := w.unit(b, "Ajena")
		for name, e := range map[string]struct {
			institution.Ending
			field string
		}{
			"no date":              {institution.Ending{Kind: institution.Merged, From: a.ID, To: []string{b.ID}, Basis: institution.Basis{LegalRef: "x"}}, "date"},
			"no legal basis":       {institution.Ending{Kind: institution.Merged, From: a.ID, To: []string{b.ID}, Basis: institution.Basis{Date: "2026-01-02"}}, "legal"},
			"a merger into two":    {institution.Ending{Kind: institution.Merged, From: a.ID, To: []string{b.ID, c.ID}, Basis: basis}, "to"},
			"a split into one":     {institution.Ending{Kind: institution.Split, From: a.ID, To: []string{b.ID}, Basis: basis}, "to"},
			"a split into itself":  {institution.Ending{Kind: institution.Split, From: a.ID, To: []string{b.ID, a.ID}, Basis: basis}, "to"},
			"twice the same":       {institution.Ending{Kind: institution.Split, From: a.ID, To: []string{b.ID, b.ID}, Basis: basis}, "to"},
			"one that is no more":  {institution.Ending{Kind: institution.Merged, From: a.ID, To: []string{gone.ID}, Basis: basis}, "to"},
			"one that never was":   {institution.Ending{Kind: institution.Merged, From: a.ID, To: []string{"nadie"}, Basis: basis}, "to"},
			"an unknown kind":      {institution.Ending{Kind: "sold", From: a.ID, Basis: basis}, "kind"},
			"a share to no part":   {institution.Ending{Kind: institution.Split, From: a.ID, To: []string{b.ID, c.ID}, Basis: basis, Shares: map[string]string{"units/x": "nadie"}}, "to"},
			"a share without kind": {institution.Ending{Kind: institution.Merged, From: a.ID, To: []string{b.ID}, Basis: basis, Shares: map[string]string{"units/x": b.ID}}, "to"},
		} {
			err := w.try(func(tx *db.Tx) error { return w.s.End(tx, e.Ending) })
			if plaza.KindOf(err) != plaza.Invalid || !slices.Contains(wrong(err), e.field) {
				t.Errorf("%s: %v at %v, want it at %s", name, err, wrong(err), e.field)
			}
		}
		err := w.try(func(tx *db.Tx) error {
			return w.s.End(tx, institution.Ending{Kind: institution.Split, From: a.ID, To: []string{b.ID, c.ID}, Basis: basis,
				Shares: map[string]string{"units/" + unit.ID: c.ID}})
		})
		if plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("giving away another institution's area: %v", err)
		}
		if err := w.try(func(tx *db.Tx) error { return w.s.End(tx, merge(gone, b)) }); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("ending what has ended: %v", err)
		}
		if w.byID(a.ID).Extinct() {
			t.Error("what was refused was done")
		}
	})
}

func TestOneThatIsNoMoreGetsNothingNew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.body("Instituto A", "IA", ""), w.body("Instituto B", "IB", "")
		w.end(merge(a, b))
		for what, fn := range map[string]func(tx *db.Tx) error{
			"an area": func(tx *db.Tx) error {
				_, _, err := institution.PutUnit(tx, institution.Unit{InstitutionID: a.ID, Name: "Nueva", Kind: "generating"})
				return err
			},
			"hours": func(tx *db.Tx) error {
				_, err := institution.SetHours(tx, a.ID, institution.Hours{Zone: "America/Tijuana"})
				return err
			},
			"another website": func(tx *db.Tx) error {
				old := a
				old.Website = "https://ejemplo.gob.mx"
				_, err := institution.Put(tx, old)
				return err
			},
			"a name": func(tx *db.Tx) error {
				_, err := w.s.Rename(tx, institution.Renaming{ID: a.ID, Was: a.Name, Name: "Instituto Z", Basis: basis})
				return err
			},
			"anything": func(tx *db.Tx) error { return institution.CheckGoing(tx, a.ID) },
		} {
			if err := w.try(fn); plaza.KindOf(err) != plaza.Conflict || err == nil {
				t.Errorf("%s: %v, want a conflict", what, err)
			}
		}
		err := w.try(func(tx *db.Tx) error {
			_, err := institution.Put(tx, institution.Institution{Name: "Museo", Type: "federal", ParentID: a.ID})
			return err
		})
		if !slices.Contains(wrong(err), "parent") {
			t.Errorf("one that belongs to it: %v", err)
		}
	})
}

func TestASuccessorBelowTheOneThatEndsDoesNotBelongToItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		top := w.body("Presidencia", "P", "")
		old := w.body("Secretaría Vieja", "SV", top.ID)
		middle := w.body("Subsecretaría", "SS", old.ID)
		to := w.body("Instituto Nuevo", "IN", middle.ID)
		other := w.body("Museo", "M", old.ID)
		w.end(merge(old, to))
		if got := w.byID(middle.ID).ParentID; got != top.ID {
			t.Errorf("what the successor belongs to belongs to %s", got)
		}
		if got := w.byID(other.ID).ParentID; got != to.ID {
			t.Errorf("the other belongs to %s", got)
		}
	})
}
