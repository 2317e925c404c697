package account_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

func TestTheFirstAdminIsMadeOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		ensure := func(email string) (p account.Person) {
			w.write(func(tx *db.Tx) (err error) {
				p, err = account.EnsureAdmin(tx, email)
				return err
			})
			return p
		}
		first, second := ensure("coordinacion@ejemplo.mx"), ensure(" Coordinacion@EJEMPLO.mx")
		if first.ID != second.ID || !second.Actor().Has(plaza.Admin) || second.Name != "coordinacion" {
			t.Errorf("first %+v, then %+v", first, second)
		}
		if p := ensure(anaEmail); p.ID != w.ana.ID || p.Name != w.ana.Name || !p.Actor().Has(plaza.Admin) {
			t.Errorf("Ana as admin: %+v", p)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM people`); n != 2 {
			t.Errorf("%d people, want 2", n)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM role_grants`); n != 2 {
			t.Errorf("%d grants, want 2", n)
		}
	})
}

func TestOneAddressIsOnePersonAlsoAtTheSameInstant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		results := make(chan error, 20)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				results <- d.Write(asSystem(t.Context()), func(tx *db.Tx) error {
					_, err := account.Create(tx, account.New{Email: "luz@ejemplo.mx", Name: "Luz"})
					return err
				})
			})
		}
		wg.Wait()
		close(results)
		made := 0
		for err := range results {
			switch {
			case err == nil:
				made++
			case plaza.KindOf(err) != plaza.Conflict:
				t.Errorf("Create: %v, want Conflict", err)
			}
		}
		if n := w.scalar(`SELECT COUNT(*) FROM people WHERE email_key = $1`, "luz@ejemplo.mx"); made != 1 || n != 1 {
			t.Errorf("%d were made, %d are there", made, n)
		}
	})
}

func TestTheRecordTellsOfRolesAndNamesNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		until := dbtest.Start.Add(48 * time.Hour)
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, w.ana.ID, plaza.Liaison, "i1", until) })
		w.write(func(tx *db.Tx) error { return account.RevokeRole(tx, w.ana.ID, plaza.Liaison, "i1") })
		b := w.browser()
		b.signIn(anaEmail)
		b.post("/salir")

		var entries []record.Entry
		if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			entries, err = record.Since(tx, record.Filter{}, 100)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		type line struct{ Verb, Actor, Object, Institution, Payload string }
		var got []line
		for _, e := range entries {
			got = append(got, line{e.Verb, e.Actor.Role + "/" + e.Actor.Ref, e.Object.Kind + ":" + e.Object.ID, e.Institution, string(e.Payload)})
			raw, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			for _, personal := range []string{w.ana.ID, anaEmail, "Ana", "Ñúñez"} {
				if strings.Contains(string(raw), personal) {
					t.Errorf("the record names Ana: %s", raw)
				}
			}
		}
		ana := "person:" + w.ana.Pseudonym
		want := []line{
			{"account.created", "system/", ana, "", `{}`},
			{"account.role_granted", "system/", ana, "i1", `{"role":"liaison","until":"2026-11-25T15:00:00Z"}`},
			{"account.role_ended", "system/", ana, "i1", `{"role":"liaison"}`},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the record (-want +got):\n%s", diff)
		}
	})
}

func TestThePseudonymIsACommitmentWithASaltOfItsOwn(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	w.create("luz@ejemplo.mx", "Luz")
	salts := map[string]bool{}
	err := w.db.Read(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT id, salt, pseudonym FROM people`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, salt, pseudonym string
			if err := rows.Scan(&id, &salt, &pseudonym); err != nil {
				return err
			}
			sum := sha256.Sum256([]byte(salt + id))
			if pseudonym != hex.EncodeToString(sum[:]) || len(salt) < 32 {
				t.Errorf("pseudonym %s of salt %q", pseudonym, salt)
			}
			salts[salt] = true
		}
		return rows.Err()
	})
	if err != nil || len(salts) != 2 {
		t.Errorf("%d salts of two people, %v", len(salts), err)
	}
}

func TestWhoMayNotDoesNotAndLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		admin := plaza.Actor{PersonID: "x", Pseudonym: "y", Grants: []plaza.Grant{{Role: plaza.Admin}}}
		liaison := plaza.Actor{PersonID: "x", Grants: []plaza.Grant{{Role: plaza.Liaison, Institution: "i1"}}}
		create := func(tx *db.Tx) error {
			_, err := account.Create(tx, account.New{Email: "luz@ejemplo.mx", Name: "Luz"})
			return err
		}
		grant := func(role plaza.Role) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { return account.GrantRole(tx, w.ana.ID, role, "i1", time.Time{}) }
		}
		ensure := func(tx *db.Tx) error {
			_, err := account.EnsureAdmin(tx, anaEmail)
			return err
		}
		for _, c := range []struct {
			name  string
			actor plaza.Actor
			do    func(*db.Tx) error
			want  plaza.Kind
		}{
			{"a visitor makes an account for somebody", plaza.Actor{}, create, plaza.Unauthenticated},
			{"Ana makes an account for somebody", w.ana.Actor(), create, plaza.Forbidden},
			{"Ana makes herself a liaison", w.ana.Actor(), grant(plaza.Liaison), plaza.Forbidden},
			{"Ana makes herself an admin", w.ana.Actor(), ensure, plaza.Forbidden},
			{"a liaison makes a colleague a liaison", liaison, grant(plaza.Liaison), plaza.Forbidden},
			{"an admin makes somebody the system", admin, grant(plaza.System), plaza.Invalid},
			{"an admin makes somebody a visitor", admin, grant(plaza.Visitor), plaza.Invalid},
			{"an admin invents a role", admin, grant("king"), plaza.Invalid},
			{"an admin gives a role that has ended", admin, func(tx *db.Tx) error {
				return account.GrantRole(tx, w.ana.ID, plaza.Judge, "", tx.Now)
			}, plaza.Invalid},
			{"an admin gives a role to nobody", admin, func(tx *db.Tx) error {
				return account.GrantRole(tx, "nobody", plaza.Judge, "", time.Time{})
			}, plaza.NotFound},
			{"an admin ends a role that is not held", admin, func(tx *db.Tx) error {
				return account.RevokeRole(tx, w.ana.ID, plaza.Judge, "")
			}, plaza.NotFound},
			{"an admin makes an account without a name", admin, func(tx *db.Tx) error {
				_, err := account.Create(tx, account.New{Email: "luz", Name: " "})
				return err
			}, plaza.Invalid},
		} {
			err := d.Write(plaza.WithActor(t.Context(), c.actor), c.do)
			if err == nil || plaza.KindOf(err) != c.want {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
		}
		asAdmin := func(do func(*db.Tx) error) error { return d.Write(plaza.WithActor(t.Context(), admin), do) }
		if err := asAdmin(grant(plaza.Liaison)); err != nil {
			t.Errorf("an admin makes somebody a liaison: %v", err)
		}
		if err := asAdmin(grant(plaza.Liaison)); plaza.KindOf(err) != plaza.Conflict || err == nil {
			t.Errorf("the same again: %v, want Conflict", err)
		}
		if n := w.scalar(`SELECT COUNT(*) FROM record_entries`); n != 2 {
			t.Errorf("%d entries of the record, want 2", n)
		}
	})
}

func TestWhatHasEndedIsClearedAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		b := w.browser()
		b.signIn(anaEmail)
		b.want(b.post("/entrar", "email", "nadie@ejemplo.mx"), 303)
		left := func() [3]int {
			return [3]int{
				w.scalar(`SELECT COUNT(*) FROM tokens`), w.scalar(`SELECT COUNT(*) FROM sessions`), w.scalar(`SELECT COUNT(*) FROM brakes`),
			}
		}
		w.sweep()
		if got, want := left(), [3]int{1, 1, 2}; got != want {
			t.Errorf("at once: tokens, sessions, brakes %v, want %v", got, want)
		}
		dbtest.Advance(d, 24*time.Hour)
		w.sweep()
		if got, want := left(), [3]int{0, 1, 0}; got != want {
			t.Errorf("a day later: %v, want %v", got, want)
		}
		dbtest.Advance(d, 14*24*time.Hour)
		w.sweep()
		if got, want := left(), [3]int{0, 0, 0}; got != want {
			t.Errorf("two weeks later: %v, want %v", got, want)
		}
	})
}

func TestAPersonIsFoundByEverySpelling(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), setting{})
	read := func(fn func(tx *db.Tx) error) error { return w.db.Read(context.Background(), fn) }
	err := read(func(tx *db.Tx) error {
		p, err := account.ByEmail(tx, " ANA@Ejemplo.mx")
		if p.ID != w.ana.ID {
			t.Errorf("found %+v", p)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := read(func(tx *db.Tx) error { _, err := account.ByEmail(tx, "nadie@ejemplo.mx"); return err }); plaza.KindOf(err) != plaza.NotFound {
		t.Errorf("nobody: %v, want NotFound", err)
	}
	if err := read(func(tx *db.Tx) error { _, err := account.ByEmail(tx, "nadie"); return err }); plaza.KindOf(err) != plaza.Invalid {
		t.Errorf("no address: %v, want Invalid", err)
	}
}

func TestModeratorsDoNotSuspendWhoModeratesAndTheLastAdminStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, setting{})
		boss, mod, other := w.create("jefa@ejemplo.mx", "Jefa"), w.create("mod@ejemplo.mx", "Mod"), w.create("otra@ejemplo.mx", "Otra")
		w.write(func(tx *db.Tx) error { return account.GrantRole(tx, boss.ID, plaza.Admin, "", time.Time{}) })
		for _, p := range []account.Person{mod, other} {
			w.write(func(tx *db.Tx) error { return account.GrantRole(tx, p.ID, plaza.Moderator, "", time.Time{}) })
		}
		as := func(who string, do func(tx *db.Tx) error) error {
			var p account.Person
			if err := d.Read(t.Context(), func(tx *db.Tx) (err error) { p, err = account.ByID(tx, who); return err }); err != nil {
				return err
			}
			return d.Write(plaza.WithActor(t.Context(), p.Actor()), do)
		}
		suspend := func(whom string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { return account.Suspend(tx, whom, time.Time{}, "x") }
		}
		for _, whom := range []account.Person{boss, other} {
			if err := as(mod.ID, suspend(whom.ID)); plaza.KindOf(err) != plaza.Forbidden {
				t.Errorf("a moderator suspends %s: %v", whom.Name, err)
			}
		}
		if err := as(mod.ID, suspend(w.ana.ID)); err != nil {
			t.Errorf("a moderator suspends a member: %v", err)
		}
		if err := as(boss.ID, suspend(other.ID)); err != nil {
			t.Errorf("the coordination suspends a moderator: %v", err)
		}
		revoke := func(tx *db.Tx) error { return account.RevokeRole(tx, boss.ID, plaza.Admin, "") }
		if err := as(boss.ID, revoke); plaza.KindOf(err) != plaza.Conflict {
			t.Errorf("the last admin's role ends: %v", err)
		}
	})
}
