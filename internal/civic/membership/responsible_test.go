package membership_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const day = 24 * time.Hour

// absent records that a person is away for so many days.
func (w *world) absent(who, standIn account.Person, from, until time.Duration) (a membership.Absence) {
	w.Helper()
	now := w.db.Now()
	w.must(w.db.Write(as(w.Context(), w.again(w.admin)), func(tx *db.Tx) (err error) {
		a, err = w.members.SetAbsence(tx, membership.Absence{Institution: w.body.ID, Person: who.ID, Substitute: standIn.ID, From: now.Add(from), Until: now.Add(until)})
		return err
	}))
	return a
}

// revoke ends a role as an operator does.
func (w *world) revoke(p account.Person, role plaza.Role, body string) {
	w.Helper()
	w.write(func(tx *db.Tx) error { return account.RevokeRole(tx, p.ID, role, body) })
}

// looks fails the test unless exactly these people answer for the institution.
func (w *world) looks(when string, level membership.Level, people ...account.Person) {
	w.Helper()
	r := w.responsible(w.body.ID)
	var got, want []string
	for _, o := range r.People {
		got = append(got, o.Name)
	}
	for _, p := range people {
		want = append(want, p.Name)
	}
	if r.Level != level || !slices.Equal(got, want) {
		w.Errorf("%s: %s %v, want %s %v", when, r.Level, got, level, want)
	}
}

func TestWhatIsOpenPassesOnByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.looks("nobody is there", membership.ByCoordination, w.admin)
		head := w.liaison("eva@ejemplo.mx", "Eva", w.sector.ID)
		w.looks("the sector has a liaison", membership.BySector, head)
		ana := w.liaison("ana@ejemplo.mx", "Ana", w.body.ID)
		w.looks("there is a liaison", membership.ByLiaison, ana)

		w.suspended[ana.ID] = true
		w.looks("the liaison is suspended", membership.BySector, head)
		delete(w.suspended, ana.ID)

		leo := w.person("leo@ejemplo.mx", "Leo")
		w.grant(leo, plaza.DataOwner, w.body.ID)
		w.absent(ana, leo, day, 3*day)
		w.looks("before an absence", membership.ByLiaison, ana)
		dbtest.Advance(d, day)
		w.looks("on its first day", membership.BySubstitute, leo)
		if r := w.responsible(w.body.ID); r.Vacant {
			t.Error("an institution whose liaison is away counts as vacant")
		}
		w.suspended[leo.ID] = true
		w.looks("who stands in is suspended", membership.BySector, head)
		delete(w.suspended, leo.ID)
		w.revoke(leo, plaza.DataOwner, w.body.ID)
		w.looks("who stands in has left", membership.BySector, head)
		w.grant(leo, plaza.Moderator, w.body.ID)
		w.looks("who stands in may not answer", membership.BySector, head)
		w.grant(leo, plaza.Transparency, w.body.ID)
		w.revoke(ana, plaza.Liaison, w.body.ID)
		w.looks("the absent liaison's role has ended", membership.BySubstitute, leo)
		dbtest.Advance(d, 2*day)
		w.looks("after the absence", membership.BySector, head)
		w.revoke(head, plaza.Liaison, w.sector.ID)
		w.looks("the sector has none either", membership.ByCoordination, w.admin)

		w.write(func(tx *db.Tx) error {
			return account.GrantRole(tx, ana.ID, plaza.Liaison, w.body.ID, tx.Now.Add(day))
		})
		w.looks("a liaison for a day", membership.ByLiaison, ana)
		dbtest.Advance(d, day)
		w.looks("the day is over", membership.ByCoordination, w.admin)
		gone := w.liaison("zoe@ejemplo.mx", "Zoe", w.body.ID)
		w.looks("another one", membership.ByLiaison, gone)
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM people WHERE id = $1`, gone.ID)
			return err
		})
		w.looks("the account is gone", membership.ByCoordination, w.admin)
	})
}

func TestTheRecordSaysOnceThatAnInstitutionIsLeftWithoutALiaison(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		notice := func() {
			t.Helper()
			var wg sync.WaitGroup
			errs := make([]error, 6) // as many nodes
			for n := range errs {
				wg.Go(func() { errs[n] = w.members.Notice(t.Context()) })
			}
			wg.Wait()
			for _, err := range errs {
				w.must(err)
			}
		}
		is := func(when string, staffed, vacant int) {
			t.Helper()
			notice()
			if s, v := w.entries("institution.staffed"), w.entries("institution.vacant"); s != staffed || v != vacant {
				t.Errorf("%s: %d times staffed, %d vacant; want %d, %d", when, s, v, staffed, vacant)
			}
		}
		is("it never had one", 0, 0)
		ana := w.liaison("ana@ejemplo.mx", "Ana", w.body.ID)
		is("it has one", 1, 0)
		leo := w.person("leo@ejemplo.mx", "Leo")
		w.grant(leo, plaza.DataOwner, w.body.ID)
		w.absent(ana, leo, 0, 5*day)
		is("it is away", 1, 0)
		head := w.liaison("eva@ejemplo.mx", "Eva", w.sector.ID)
		is("the sector has one", 2, 0)
		w.revoke(ana, plaza.Liaison, w.body.ID)
		is("it has left", 2, 1)
		is("nothing happened", 2, 1)

		a := w.audience("institution.vacant")
		if len(a.Direct) != 1 || a.Direct[0].Person != leo.ID {
			t.Errorf("who stands in is not told: %+v", a.Direct)
		}
		want := []record.Post{{Role: plaza.Liaison, Institution: w.sector.ID, Why: "membership.why.sector"}, {Role: plaza.Admin, Why: "membership.why.coordination"}}
		if !slices.Equal(a.Roles, want) {
			t.Errorf("told are %+v, want %+v", a.Roles, want)
		}
		var payload string
		w.read(func(tx *db.Tx) error {
			return tx.Row(`SELECT payload FROM record_entries WHERE verb = 'institution.vacant'`).Scan(&payload)
		})
		if want := `{"body":"` + w.body.ID + `","looks":"substitute"}`; payload != want {
			t.Errorf("the entry says %s, want %s", payload, want)
		}
		w.suspended[head.ID] = true
		is("the sector's is suspended", 2, 2)
		delete(w.suspended, head.ID)
		is("and is back", 3, 2)
		w.write(func(tx *db.Tx) error {
			return account.GrantRole(tx, ana.ID, plaza.Liaison, w.body.ID, tx.Now.Add(day))
		})
		is("for a day", 4, 2)
		dbtest.Advance(d, day)
		is("the day is over", 4, 3)
	})
}

func TestAnEndedRoleTakesNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ana := w.liaison("ana@ejemplo.mx", "Ana", w.body.ID)
		leo := w.person("leo@ejemplo.mx", "Leo")
		w.grant(leo, plaza.DataOwner, w.body.ID)
		as, asLeo, admin := w.as(ana), w.as(leo), w.as(w.admin)
		office := "/gestion/" + w.body.Slug
		seat := func(p account.Person) string {
			var id string
			w.read(func(tx *db.Tx) error {
				return tx.Row(`SELECT id FROM role_grants WHERE person_id = $1 AND until_at IS NULL`, p.ID).Scan(&id)
			})
			return id
		}
		end := office + "/integrantes/papeles/"
		as.want(as.post(end+seat(ana)), http.StatusForbidden) // a liaison's only by the coordination
		as.says(as.want(as.get(end+seat(leo)), http.StatusOK), "Leo")
		leos := seat(leo)
		as.want(as.post(end+leos), http.StatusSeeOther)
		asLeo.want(asLeo.get(office), http.StatusForbidden)
		if res := as.post(end + leos); !strings.HasSuffix(res.header.Get("Location"), "?no=ended") {
			t.Errorf("ending twice led to %q", res.header.Get("Location"))
		}
		as.says(as.get(office+"/integrantes"), "Papeles que terminaron", "Leo")
		admin.says(admin.get(end+seat(ana)), "quedará sin enlace designado")
		admin.want(admin.post(end+seat(ana)), http.StatusSeeOther)
		as.want(as.get(office), http.StatusForbidden)
		w.told("account.role_ended", ana)
		if w.work(); w.entries("institution.vacant") != 0 { // nobody had noticed that it had one
			t.Error("an institution is said to have lost what the record never knew of")
		}
		w.grant(ana, plaza.Liaison, w.body.ID)
		as.want(as.post(office+"/dejar", "papel", seat(leoAgain(w, leo))), http.StatusForbidden)
		as.want(as.get(office+"/dejar?papel="+seat(leo)), http.StatusForbidden)
		as.want(as.get(office+"/dejar?papel=nada"), http.StatusNotFound)
		as.says(as.want(as.get(office+"/dejar?papel="+seat(ana)), http.StatusOK), "Usted dejará de tener el papel", "pasa a la coordinación")
		as.want(as.get(office), http.StatusOK) // to ask is not to leave
		w.liaison("eva@ejemplo.mx", "Eva Río", w.body.ID)
		as.says(as.get(office+"/dejar?papel="+seat(ana)), "responderá por la institución: Eva Río")
		if !strings.Contains(as.get(office).body, "dejar?papel="+seat(ana)) {
			t.Error("nothing leads to where a role is left")
		}
		as.want(as.post(office+"/dejar", "papel", seat(ana)), http.StatusSeeOther)
		as.want(as.get(office), http.StatusForbidden)
	})
}

// leoAgain gives a role back, so that somebody else tries to take it.
func leoAgain(w *world, leo account.Person) account.Person {
	w.grant(leo, plaza.DataOwner, w.body.ID)
	return leo
}

func TestOfTwoAdminsOneAppointsAndOneEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin, ana := w.again(w.admin), w.person("ana@ejemplo.mx", "Ana")
		once := func(what string, f func() error) {
			t.Helper()
			errs := make([]error, 8)
			var wg sync.WaitGroup
			for n := range errs {
				wg.Go(func() { errs[n] = f() })
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else if plaza.KindOf(err) != plaza.Conflict {
					t.Errorf("%s: %v", what, err)
				}
			}
			if won != 1 {
				t.Errorf("%s: %d won, want 1", what, won)
			}
		}
		once("appointing, for a year", func() error {
			_, err := w.members.Appoint(as(t.Context(), admin), membership.Appointment{Institution: w.body.ID, Email: ana.Email,
				Until: d.Now().Add(300 * day), Number: "1", Dated: "2026-11-01", FileName: "a.pdf", File: []byte(pdf)})
			return err
		})
		if n := w.scalar(`SELECT COUNT(*) FROM letters`); n != 1 {
			t.Errorf("%d letters are kept, want 1", n)
		}
		var id string
		w.read(func(tx *db.Tx) error {
			return tx.Row(`SELECT id FROM role_grants WHERE person_id = $1`, ana.ID).Scan(&id)
		})
		once("ending", func() error {
			return d.Write(as(t.Context(), admin), func(tx *db.Tx) error { return w.members.EndRole(tx, w.body.ID, id) })
		})
		once("inviting", func() error {
			return d.Write(as(t.Context(), admin), func(tx *db.Tx) error {
				_, err := w.members.Invite(tx, membership.Invitation{Institution: w.body.ID, Email: "bea@ejemplo.mx", Roles: []plaza.Role{plaza.DataOwner}})
				return err
			})
		})
	})
}
