package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"plaza/internal/base/backup"
	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/secret"
	"plaza/internal/plaza"
)

func files(t *testing.T) blob.Store {
	t.Helper()
	s, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func config(t *testing.T, d *db.DB) backup.Config {
	t.Helper()
	root, err := secret.Load("", t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	return backup.Config{DB: d, Blobs: files(t), Secret: root, Version: "test"}
}

func write(t *testing.T, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	write(t, d, func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err })
}

func put(t *testing.T, s blob.Store, body string) string {
	t.Helper()
	info, err := s.Put(t.Context(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return info.Key
}

// odd has every type, a key of two columns, and rows that point at later ones.
func odd(d *db.DB) string {
	bytes := "BLOB"
	if d.Engine() == db.PostgreSQL {
		bytes = "BYTEA"
	}
	return `CREATE TABLE odd (
		a TEXT NOT NULL, b BIGINT NOT NULL, flag BOOLEAN, share DOUBLE PRECISION, at TIMESTAMPTZ, body ` + bytes + `,
		next_a TEXT, next_b BIGINT, PRIMARY KEY (a, b), FOREIGN KEY (next_a, next_b) REFERENCES odd (a, b))`
}

// fill puts something of everything in a store.
func fill(t *testing.T, d *db.DB, blobs blob.Store) {
	t.Helper()
	exec(t, d, odd(d))
	write(t, d, func(tx *db.Tx) error {
		for i := range 4500 { // several pages
			value := strings.Repeat("ñ<&>\u2028\"\\ 🐦", i%7)
			if i == 3 {
				value = strings.Repeat("largo ", 1e6) // and two pieces
			}
			if _, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ($1, $2)`,
				fmt.Sprintf("%05d", i), value); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`INSERT INTO people (id, email, email_key, name, language, salt, pseudonym, created_at)
			VALUES ('p', 'Ana@example.mx', 'ana@example.mx', 'Ana', 'es-MX', 's', 'x', $1)`, tx.Now); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO role_grants (id, person_id, role, from_at, until_at) VALUES ('g', 'p', 'admin', $1, $2)`, tx.Now, time.Time{})
		return err
	})
	exec(t, d, `INSERT INTO odd (a, b, flag, share, at, body, next_a, next_b) VALUES
		('a', 9223372036854775807, TRUE, 0.1, $1, $2, 'z', -1), ('z', -1, FALSE, -1e300, NULL, NULL, 'a', 9223372036854775807),
		('', 0, NULL, NULL, NULL, $3, NULL, NULL)`,
		time.Date(2024, 2, 29, 23, 59, 59, 999e6, time.UTC), []byte{0, 255, '"'}, []byte{})
	put(t, blobs, "a file")
	put(t, blobs, strings.Repeat("another ", 1e5))
}

func archive(t *testing.T, cfg backup.Config) ([]byte, backup.Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := backup.Write(t.Context(), cfg, &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m
}

// content is a manifest without what differs from one backup to the next.
func content(m backup.Manifest) backup.Manifest { m.At = time.Time{}; return m }

func TestABackupIsTheSameAfterRestoringItIntoEitherEngine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, from *db.DB) {
		cfg := config(t, from)
		fill(t, from, cfg.Blobs)
		first, want := archive(t, cfg)
		if want.Tables["settings"].Rows != 4500 || want.Tables["people"].Rows != 1 || want.Blobs.Rows != 2 || want.Schema == 0 {
			t.Errorf("manifest %+v", want)
		}
		dbtest.Each(t, func(t *testing.T, to *db.DB) {
			exec(t, to, odd(to))
			exec(t, to, `INSERT INTO settings (name, value) VALUES ('old', 'goes away')`)
			blobs := files(t)
			r, err := backup.Restore(t.Context(), to, blobs, bytes.NewReader(first))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, r.Manifest); diff != "" {
				t.Error(diff)
			}
			// foreign keys hold again
			err = to.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE odd SET next_b = 5 WHERE a = 'a'`)
				return err
			})
			if err == nil {
				t.Error("foreign keys are not looked at any more")
			}
			_, got := archive(t, backup.Config{DB: to, Blobs: blobs, Secret: r.Secret, Version: "test"})
			if to.Engine() == from.Engine() {
				if diff := cmp.Diff(content(want), content(got)); diff != "" {
					t.Error(diff)
				}
			} else if got.Rows() != want.Rows() || got.Blobs != want.Blobs || got.Secret != want.Secret {
				t.Errorf("%+v, want the same as %+v", got, want) // text sorts otherwise on the other engine
			}
		})
	})
}

func TestWhatWasAcknowledgedBeforeABackupIsInItAndWritersGoOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		cfg := config(t, d)
		fill(t, d, cfg.Blobs)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		begun := make(chan bool)
		wrote := 0
		wg.Go(func() {
			for ; ctx.Err() == nil; wrote++ {
				exec(t, d, `INSERT INTO settings (name, value) VALUES ($1, 'x')`, fmt.Sprintf("w%06d", wrote))
				exec(t, d, `INSERT INTO schedules (name, next_at) VALUES ($1, $2)`, fmt.Sprintf("w%06d", wrote), d.Now())
				if wrote == 0 {
					close(begun)
				}
			}
		})
		<-begun
		out := &during{f: func(n int) {
			if n == 3 { // the backup is under way: a write must get through
				exec(t, d, `INSERT INTO settings (name, value) VALUES ('during', 'x')`)
			}
		}}
		m, err := backup.Write(t.Context(), cfg, out)
		cancel()
		wg.Wait()
		if err != nil {
			t.Fatal(err)
		}
		// one snapshot: of each pair of writes, the second is there only with the first
		settings, schedules := m.Tables["settings"].Rows-4500, m.Tables["schedules"].Rows
		if settings < 1 || settings-schedules < 0 || settings-schedules > 1 {
			t.Errorf("%d and %d of %d pairs", settings, schedules, wrote)
		}
		if _, err := backup.Check(t.Context(), &out.Buffer); err != nil {
			t.Error(err)
		}
	})
}

type during struct {
	bytes.Buffer
	n int
	f func(n int)
}

func (d *during) Write(p []byte) (int, error) {
	d.n++
	d.f(d.n)
	return d.Buffer.Write(p)
}

// rewrite changes the entries of an archive: f returns the new body, or nil to drop it.
func rewrite(t *testing.T, in []byte, f func(name string, body []byte) []byte) []byte {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out bytes.Buffer
	zw, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	r, w := tar.NewReader(z), tar.NewWriter(zw)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		body, _ := io.ReadAll(r)
		if body = f(h.Name, body); body == nil {
			continue
		}
		if err := w.WriteHeader(&tar.Header{Name: h.Name, Mode: 0o600, Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestADamagedArchiveIsRefusedAndChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		cfg := config(t, d)
		fill(t, d, cfg.Blobs)
		good, want := archive(t, cfg)
		change := func(prefix, from, to string) []byte {
			done := false
			b := rewrite(t, good, func(name string, body []byte) []byte {
				if !done && strings.HasPrefix(name, prefix) && bytes.Contains(body, []byte(from)) {
					done = true
					return bytes.Replace(body, []byte(from), []byte(to), 1)
				}
				return body
			})
			if !done {
				t.Fatalf("%s has no %q", prefix, from)
			}
			return b
		}
		drop := func(prefix string) []byte {
			return rewrite(t, good, func(name string, body []byte) []byte {
				if strings.HasPrefix(name, prefix) {
					return nil
				}
				return body
			})
		}
		for name, b := range map[string][]byte{
			"nothing": nil, "no archive": []byte("PK\x03\x04 not a backup at all"),
			"its first half": good[:len(good)/2], "all but its end": good[:len(good)-1],
			"without manifest": drop("manifest.json"), "without header": drop("header.json"), "without secret": drop("secret"),
			"a table less": drop("tables/people/"), "a piece less": drop("tables/settings/000002"), "a file less": drop("blobs/"),
			"a value changed":  change("tables/people/", "Ana", "Eva"),
			"a value too many": change("tables/people/", `"Ana"`, `"Ana",1`),
			"a wrong type":     change("tables/odd/", "9223372036854775807", `"nine"`),
			"a row less":       change("tables/settings/", "\n", " "),
			"a file changed":   change("blobs/", "a file", "a fire"),
			"a strange table":  change("header.json", `"name": "people"`, `"name": "people; DROP TABLE people"`),
			"a strange column": change("header.json", `"name": "salt"`, `"name": "salt) SELECT 1 --"`),
			"another format":   change("header.json", `"format": 1`, `"format": 2`),
		} {
			if _, err := backup.Check(t.Context(), bytes.NewReader(b)); plaza.KindOf(err) != plaza.Invalid {
				t.Errorf("Check of %s = %v, want Invalid", name, err)
			}
			if _, err := backup.Restore(t.Context(), d, cfg.Blobs, bytes.NewReader(b)); plaza.KindOf(err) != plaza.Invalid {
				t.Errorf("Restore of %s = %v, want Invalid", name, err)
			}
		}
		cfg.Blobs = files(t) // the damaged archives may have left files
		_, got := archive(t, cfg)
		if diff := cmp.Diff(want.Tables, got.Tables); diff != "" {
			t.Errorf("a damaged archive changed the store: %s", diff)
		}
	})
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	for _, p := range i18n.CheckCatalogues(backup.Locale) {
		t.Error(p)
	}
}

func TestABackupsFileIsWholeOrNotThere(t *testing.T) {
	d := dbtest.SQLite(t)
	cfg := config(t, d)
	fill(t, d, cfg.Blobs)
	dir := t.TempDir()
	path := filepath.Join(dir, "backup.tar.zst")
	bad := cfg
	bad.Blobs = failing{cfg.Blobs}
	if _, err := backup.WriteFile(t.Context(), bad, path); err == nil {
		t.Error("a backup without its files succeeded")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("half a backup is left: %v", left)
	}
	if _, err := backup.WriteFile(t.Context(), cfg, path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if _, err := backup.WriteFile(t.Context(), cfg, path); plaza.KindOf(err) != plaza.Conflict {
		t.Errorf("over another: %v, want Conflict", err)
	}
}

type failing struct{ blob.Store }

func (failing) List(context.Context, func(blob.Info) error) error { return errors.New("storage away") }

func TestAStoreWithDataIsReplacedOnlyByForceAndKept(t *testing.T) {
	source := dbtest.SQLite(t)
	cfg := config(t, source)
	exec(t, source, `INSERT INTO settings (name, value) VALUES ('who', 'backup')`)
	path := filepath.Join(t.TempDir(), "backup.tar.zst")
	if _, err := backup.WriteFile(t.Context(), cfg, path); err != nil {
		t.Fatal(err)
	}
	who := func(dsn string) (name string) {
		d, err := db.Open(t.Context(), dsn, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		_ = d.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Row(`SELECT value FROM settings WHERE name = 'who'`).Scan(&name)
		})
		return name
	}
	store := filepath.Join(t.TempDir(), "plaza.db")
	to := backup.Target{DSN: "sqlite:" + store, Blobs: files(t)}
	if _, err := backup.RestoreFile(t.Context(), path, to); err != nil {
		t.Fatalf("into nothing: %v", err)
	}
	if got := who(to.DSN); got != "backup" {
		t.Errorf("restored %q", got)
	}
	d, err := db.Open(t.Context(), to.DSN, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, d, `UPDATE settings SET value = 'somebody' WHERE name = 'who'`)
	exec(t, d, `INSERT INTO record_checkpoints (seq, hash, at, note) VALUES (1, '', $1, '')`, d.Now())
	if _, err := backup.RestoreFile(t.Context(), path, to); plaza.KindOf(err) != plaza.Conflict {
		t.Errorf("over data: %v, want Conflict", err)
	}
	to.Force = true
	if _, err := backup.RestoreFile(t.Context(), path, to); plaza.KindOf(err) != plaza.Conflict {
		t.Errorf("while another has it open: %v, want Conflict", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := who(to.DSN); got != "somebody" {
		t.Errorf("a refused restore changed the store to %q", got)
	}
	if _, err := backup.RestoreFile(t.Context(), path, to); err != nil {
		t.Fatalf("by force: %v", err)
	}
	if got, kept := who(to.DSN), who(to.DSN+".before-restore"); got != "backup" || kept != "somebody" {
		t.Errorf("now %q, kept %q", got, kept)
	}
	entries, _ := os.ReadDir(filepath.Dir(store))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"plaza.db", "plaza.db.before-restore"}; !slices.Equal(names, want) {
		t.Errorf("left %v, want %v", names, want)
	}
}

func TestARestoreIntoADatabaseAsksForForceToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if empty, err := backup.Empty(t.Context(), d); err != nil || !empty {
			t.Errorf("a store that was only migrated: empty %v, %v", empty, err)
		}
		exec(t, d, `INSERT INTO jobs (id, kind, state, max_attempts, run_at, created_at) VALUES ('a', 'x', 'available', 1, $1, $2)`, d.Now(), d.Now())
		if empty, err := backup.Empty(t.Context(), d); err != nil || !empty {
			t.Errorf("a store that only a server has seen: empty %v, %v", empty, err)
		}
		fill(t, d, files(t))
		if empty, err := backup.Empty(t.Context(), d); err != nil || empty {
			t.Errorf("a store with people: empty %v, %v", empty, err)
		}
		if d.Engine() == db.PostgreSQL {
			path := filepath.Join(t.TempDir(), "backup.tar.zst")
			if _, err := backup.WriteFile(t.Context(), config(t, dbtest.SQLite(t)), path); err != nil {
				t.Fatal(err)
			}
			to := backup.Target{DSN: dbtest.PostgreSQLDSN(t), Blobs: files(t)}
			other, err := db.Open(t.Context(), to.DSN, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			exec(t, other, `INSERT INTO record_checkpoints (seq, hash, at, note) VALUES (1, '', $1, '')`, other.Now())
			if _, err := backup.RestoreFile(t.Context(), path, to); plaza.KindOf(err) != plaza.Conflict {
				t.Errorf("over data: %v, want Conflict", err)
			}
			to.Force = true
			if _, err := backup.RestoreFile(t.Context(), path, to); err != nil {
				t.Errorf("by force: %v", err)
			}
		}
	})
}
