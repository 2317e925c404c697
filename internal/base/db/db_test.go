package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/plaza"
)

func set(tx *db.Tx, name, value string) error {
	_, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ($1, $2)`, name, value)
	return err
}

func get(t *testing.T, d *db.DB, name string) (value string, err error) {
	t.Helper()
	err = d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Row(`SELECT value FROM settings WHERE name = $1`, name).Scan(&value)
	})
	return value, err
}

func TestAWriteIsKeptOnlyWhenItsFunctionSucceeds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		told := 0
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			tx.AfterCommit(func() { told++ })
			return set(tx, "kept", "yes")
		}); err != nil {
			t.Fatal(err)
		}
		broken := errors.New("broken")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			tx.AfterCommit(func() { told++ })
			if err := set(tx, "lost", "yes"); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("Write = %v, want the function's error", err)
		}
		if v, err := get(t, d, "kept"); err != nil || v != "yes" {
			t.Errorf("kept = %q, %v", v, err)
		}
		if _, err := get(t, d, "lost"); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("lost: %v, want NotFound", err)
		}
		if told != 1 {
			t.Errorf("AfterCommit ran %d times, want 1", told)
		}
	})
}

func TestAPanicLeavesNothingAndTheStoreUsable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		func() {
			defer func() { _ = recover() }()
			_ = d.Write(t.Context(), func(tx *db.Tx) error {
				_ = set(tx, "half", "yes")
				panic("on purpose")
			})
		}()
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return set(tx, "after", "yes") }); err != nil {
			t.Fatalf("a write after a panic: %v", err)
		}
		if _, err := get(t, d, "half"); plaza.KindOf(err) != plaza.NotFound {
			t.Errorf("half: %v, want NotFound", err)
		}
	})
}

func TestDriverErrorsHaveTheSameKindOnBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		twice := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := set(tx, "one", "1"); err != nil {
				return err
			}
			return set(tx, "one", "2")
		})
		if got := plaza.KindOf(twice); got != plaza.Conflict {
			t.Errorf("inserting twice: %v, want Conflict", twice)
		}
		inRead := d.Read(t.Context(), func(tx *db.Tx) error { return set(tx, "one", "1") })
		if inRead == nil {
			t.Error("a write inside Read succeeded")
		}
		check := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO record_head (id, seq, hash) VALUES (2, 0, '')`)
			return err
		})
		if check == nil || plaza.KindOf(check) != plaza.Internal {
			t.Errorf("a broken check: %v, want Internal", check)
		}
	})
}

func TestInstantsTravelUnchangedAndZeroIsNull(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO jobs (id, kind, state, max_attempts, run_at, created_at, started_at, finished_at)
				VALUES ($1, 'x', 'available', 1, $3, $2, $5, $4)`,
				"a", tx.Now, time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.FixedZone("CST", -6*3600)), time.Time{}, tx.Now.Add(time.Hour))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var got [4]time.Time
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Row(`SELECT created_at, run_at, started_at, finished_at FROM jobs`).Scan(&got[0], &got[1], &got[2], &got[3])
		}); err != nil {
			t.Fatal(err)
		}
		want := [4]time.Time{dbtest.Start, time.Date(2026, 1, 2, 9, 4, 5, 678e6, time.UTC), dbtest.Start.Add(time.Hour)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var early int
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM jobs WHERE run_at < $1`, tx.Now).Scan(&early)
		}); err != nil || early != 1 {
			t.Errorf("comparing instants: %d, %v", early, err)
		}
	})
}

func TestTheClockIsTheTransactions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			dbtest.Advance(d, time.Hour)
			if !tx.Now.Equal(dbtest.Start) {
				t.Errorf("tx.Now = %v, want %v", tx.Now, dbtest.Start)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if got, want := d.Now(), dbtest.Start.Add(time.Hour); !got.Equal(want) {
			t.Errorf("Now() = %v, want %v", got, want)
		}
	})
}

func TestAStartingInstantShiftsEveryTransaction(t *testing.T) {
	start := time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dsn := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
		if d.Engine() == db.PostgreSQL {
			dsn = dbtest.PostgreSQLDSN(t)
		}
		shifted, err := db.Open(t.Context(), dsn, db.Options{Clock: db.StartingAt(start)})
		if err != nil {
			t.Fatal(err)
		}
		defer shifted.Close()
		if err := shifted.Read(t.Context(), func(tx *db.Tx) error {
			if tx.Now.Before(start.Add(-time.Minute)) || tx.Now.After(start.Add(time.Hour)) {
				t.Errorf("tx.Now = %v, want about %v", tx.Now, start)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestManyWritersAndReadersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for j := range 10 {
					if err := d.Write(t.Context(), func(tx *db.Tx) error {
						_, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ('n', '1')
							ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(settings.value AS INTEGER) + 1 AS TEXT)`)
						return err
					}); err != nil {
						t.Errorf("writer %d, round %d: %v", i, j, err)
					}
					if _, err := get(t, d, "n"); err != nil {
						t.Errorf("reader %d, round %d: %v", i, j, err)
					}
				}
			})
		}
		wg.Wait()
		if v, _ := get(t, d, "n"); v != "80" {
			t.Errorf("n = %s, want 80", v)
		}
	})
}

func TestMigratingTwiceAppliesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n, err := d.Migrate(t.Context())
		if err != nil || n != 0 {
			t.Errorf("Migrate again = %d, %v; want 0", n, err)
		}
		current, newest, err := d.Versions(t.Context())
		if err != nil || current != newest || newest == 0 {
			t.Errorf("Versions = %d, %d, %v", current, newest, err)
		}
	})
}

func TestStatementsAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, n := db.CountStatements(t.Context())
		for range 3 {
			if err := d.Read(ctx, func(tx *db.Tx) error {
				_, err := db.All(tx, db.Column[string], `SELECT name FROM settings WHERE name IN (`+db.Placeholders(1, 2)+`)`, db.Args([]string{"a", "b"})...)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if n.Load() != 3 {
			t.Errorf("counted %d statements, want 3", n.Load())
		}
	})
}

func TestWakeReachesListenersAfterCommitOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, stop := d.Listen("news")
		defer stop()
		_ = d.Write(t.Context(), func(tx *db.Tx) error { tx.Wake("news"); return errors.New("no") })
		select {
		case <-c:
			t.Error("woken by a transaction that failed")
		default:
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { tx.Wake("news"); return nil }); err != nil {
			t.Fatal(err)
		}
		select {
		case <-c:
		default:
			t.Error("not woken by a commit")
		}
	})
}

func TestBadAddressesAreRefusedWithoutQuotingThem(t *testing.T) {
	for _, dsn := range []string{"", "mysql://x", "postgres://user:secret@host:notaport/x"} {
		_, err := db.Open(context.Background(), dsn, db.Options{})
		if plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("Open(%q) = %v, want Invalid", dsn, err)
		}
	}
	_, err := db.Open(context.Background(), "postgres://u:secret@127.0.0.1:1/x?connect_timeout=1", db.Options{})
	if plaza.KindOf(err) != plaza.Unavailable {
		t.Errorf("a store that is away: %v, want Unavailable", err)
	}
}

func TestArgumentsStandWhereTheirNumbersSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 2 { // as text, and prepared
			if err := d.Read(t.Context(), func(tx *db.Tx) error {
				for _, c := range []struct{ query, want string }{
					{`SELECT CAST($1 AS TEXT) || CAST($2 AS TEXT) || CAST($3 AS TEXT)`, "abc"},
					{`SELECT CAST($3 AS TEXT) || CAST($2 AS TEXT) || CAST($1 AS TEXT)`, "cba"},
					{`SELECT CAST($1 AS TEXT) || CAST($2 AS TEXT) || CAST($1 AS TEXT) || CAST($3 AS TEXT)`, "abac"},
					{`SELECT '$1''$2' || CAST($1 AS TEXT) || CAST($2 AS TEXT) || CAST($3 AS TEXT)`, "$1'$2abc"},
				} {
					var got string
					if err := tx.Row(c.query, "a", "b", "c").Scan(&got); err != nil || got != c.want {
						t.Errorf("%s gives %q, %v, want %q", c.query, got, err, c.want)
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
