package account_test

import (
	"net/http"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

func TestASuspensionIsDecidedByWhoMayAndForTheFuture(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		as := func(a plaza.Actor, fn func(tx *db.Tx) error) plaza.Kind {
			return plaza.KindOf(d.Write(plaza.WithActor(t.Context(), a), fn))
		}
		suspend := func(tx *db.Tx) error { return account.Suspend(tx, w.ana.ID, time.Time{}, "x") }
		for name, actor := range map[string]plaza.Actor{
			"a visitor": {}, "herself": {PersonID: w.ana.ID}, "a liaison": {PersonID: "l", Grants: []plaza.Grant{{Role: plaza.Liaison, Institution: "i"}}},
			"a moderator of an institution": {PersonID: "m", Grants: []plaza.Grant{{Role: plaza.Moderator, Institution: "i"}}},
			"a suspended moderator":         {PersonID: "m", Suspended: true, Grants: []plaza.Grant{{Role: plaza.Moderator}}},
		} {
			if kind := as(actor, suspend); kind != plaza.Forbidden && kind != plaza.Unauthenticated {
				t.Errorf("%s suspends: %v", name, kind)
			}
			if kind := as(actor, func(tx *db.Tx) error { return account.Lift(tx, w.ana.ID) }); kind != plaza.Forbidden && kind != plaza.Unauthenticated {
				t.Errorf("%s lifts: %v", name, kind)
			}
			if kind := as(actor, func(tx *db.Tx) error { return account.EndSessions(tx, w.ana.ID) }); kind != plaza.Forbidden && kind != plaza.Unauthenticated {
				t.Errorf("%s ends sessions: %v", name, kind)
			}
		}
		moderator := plaza.Actor{PersonID: "m", Grants: []plaza.Grant{{Role: plaza.Moderator}}}
		if kind := as(moderator, func(tx *db.Tx) error { return account.Suspend(tx, w.ana.ID, tx.Now, "x") }); kind != plaza.Invalid {
			t.Errorf("until now: %v", kind)
		}
		if kind := as(moderator, func(tx *db.Tx) error { return account.Suspend(tx, "nadie", time.Time{}, "x") }); kind != plaza.NotFound {
			t.Errorf("nobody: %v", kind)
		}
		if kind := as(moderator, func(tx *db.Tx) error { return account.EndSessions(tx, w.ana.ID) }); kind != plaza.Forbidden {
			t.Errorf("a moderator ends sessions: %v", kind)
		}
		if err := d.Write(plaza.WithActor(t.Context(), moderator), suspend); err != nil {
			t.Error(err)
		}
		if kind := as(moderator, func(tx *db.Tx) error { return account.Lift(tx, w.ana.ID) }); kind != plaza.Forbidden {
			t.Errorf("a moderator lifts: %v", kind)
		}
		if kind := as(moderator, func(tx *db.Tx) error { return account.Suspend(tx, w.ana.ID, tx.Now.Add(time.Hour), "x") }); kind != plaza.Conflict {
			t.Errorf("a moderator shortens what holds without end: %v", kind)
		}
		for _, role := range []plaza.Role{plaza.Moderator, plaza.Admin} {
			peer := w.create(string(role)+"@ejemplo.mx", "Quien "+string(role))
			w.write(func(tx *db.Tx) error { return account.GrantRole(tx, peer.ID, role, "", time.Time{}) })
			if kind := as(moderator, func(tx *db.Tx) error { return account.Suspend(tx, peer.ID, time.Time{}, "x") }); kind != plaza.Forbidden {
				t.Errorf("a moderator suspends who is %s: %v", role, kind)
			}
		}
	})
}

func TestTheCoordinationSignsSomebodyOutEverywhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		one, two := w.browser(), w.browser()
		one.signIn(anaEmail)
		two.signIn(anaEmail)
		w.write(func(tx *db.Tx) error { return account.EndSessions(tx, w.ana.ID) })
		one.is(account.Person{})
		two.is(account.Person{})
		one.signIn(anaEmail)
		one.is(w.ana)
	})
}

func TestASuspendedOfficialHasNoRoleAtTheNextRequest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, w.ana.ID, plaza.Admin, "", time.Time{}) })
		luz := w.create("luz@ejemplo.mx", "Luz")
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, luz.ID, plaza.Admin, "", time.Time{}) })
		b := w.browser()
		b.signIn(anaEmail)
		b.want(b.get("/central"), http.StatusOK)
		w.write(func(tx *db.Tx) error { return account.Suspend(tx, w.ana.ID, time.Time{}, "x") })
		b.want(b.get("/central"), http.StatusForbidden)
		b.is(w.ana)
		w.write(func(tx *db.Tx) error { return account.Lift(tx, w.ana.ID) })
		b.want(b.get("/central"), http.StatusOK)
	})
}

func TestATokenForSomebodyElseIsTheOperatorsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		wanted := account.NewKey{Name: "x", Scopes: []string{"comment"}, Expires: dbtest.Start.Add(time.Hour)}
		for name, actor := range map[string]plaza.Actor{
			"an admin": {PersonID: "a", Grants: []plaza.Grant{{Role: plaza.Admin}}}, "a member": {PersonID: "m"},
			"her own token": {PersonID: w.ana.ID, Limited: true, Scopes: []string{"account:read", "comment"}},
		} {
			err := d.Write(plaza.WithActor(t.Context(), actor), func(tx *db.Tx) error {
				_, err := w.accounts.MakeKey(tx, w.ana.ID, wanted)
				return err
			})
			if plaza.KindOf(err) != plaza.Forbidden {
				t.Errorf("%s makes one: %v", name, err)
			}
		}
		w.write(func(tx *db.Tx) error {
			_, err := w.accounts.MakeKey(tx, w.ana.ID, wanted)
			return err
		})
		if n := w.scalar(`SELECT COUNT(*) FROM record_entries WHERE verb = 'account.token_made'`); n != 1 {
			t.Errorf("the record tells of %d", n)
		}
		dbtest.Advance(d, 91*24*time.Hour)
		w.write(func(tx *db.Tx) error {
			n, err := w.accounts.Holding().Expire(tx)
			if n != 1 {
				t.Errorf("%d rows were forgotten, want the token", n)
			}
			return err
		})
	})
}
