// Package dbtest opens fresh, migrated stores for tests: SQLite always, and
// PostgreSQL whenever PLAZA_TEST_POSTGRES names a server (make test starts one).
// Each test has a store of its own, copied from one migrated once per process.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Start is the instant that a test's clock shows until it is moved.
var Start = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// Server is the environment variable with the address of a PostgreSQL server on
// which databases may be created and dropped.
const Server = "PLAZA_TEST_POSTGRES"

// Engines is the environment variable that narrows what Each runs to "sqlite" or
// "postgresql": the race detector makes SQLite, which is Go here, 65 times slower
// than it is, so raced tests run on PostgreSQL alone.
const Engines = "PLAZA_TEST_ENGINES"

// Each runs f on a fresh SQLite store and, when a server is named, on a fresh
// PostgreSQL database.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	only := os.Getenv(Engines)
	if only == "postgresql" && os.Getenv(Server) == "" {
		t.Fatalf("%s asks for PostgreSQL, and %s names no server", Engines, Server)
	}
	if only != "postgresql" {
		t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	}
	if only != "sqlite" && os.Getenv(Server) != "" {
		t.Run("postgresql", func(t *testing.T) { f(t, PostgreSQL(t)) })
	}
}

// Advance moves the store's clock.
func Advance(d *db.DB, by time.Duration) { d.Clock().Advance(by) }

// sqliteTemplate is a migrated store, whole in memory: a process leaves nothing behind.
var sqliteTemplate = sync.OnceValues(func() (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "plaza-template-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "plaza.db")
	d, err := db.Open(context.Background(), "sqlite:"+path, db.Options{})
	if err != nil {
		return nil, err
	}
	_, err = d.Migrate(context.Background())
	if err := errors.Join(err, d.Close()); err != nil { // the last connection's close empties the WAL into the file
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLite opens a fresh SQLite store.
func SQLite(tb testing.TB) *db.DB {
	tb.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		tb.Fatalf("making the template store: %v", err)
	}
	path := filepath.Join(tb.TempDir(), "plaza.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		tb.Fatal(err)
	}
	return open(tb, "sqlite:"+path)
}

var postgresTemplate = sync.OnceValues(func() (string, error) {
	name := fmt.Sprintf("plaza_template_%d_%s", os.Getpid(), tail(plaza.NewID(Start)))
	if err := admin(context.Background(), `CREATE DATABASE `+name); err != nil {
		return "", err
	}
	d, err := db.Open(context.Background(), dsn(name), db.Options{})
	if err != nil {
		return "", err
	}
	if _, err := d.Migrate(context.Background()); err != nil {
		return "", err
	}
	return name, d.Close()
})

// PostgreSQL opens a fresh database on the server that PLAZA_TEST_POSTGRES names.
func PostgreSQL(tb testing.TB) *db.DB {
	tb.Helper()
	return open(tb, PostgreSQLDSN(tb))
}

// PostgreSQLDSN makes a fresh, migrated database and returns its DSN.
func PostgreSQLDSN(tb testing.TB) string {
	tb.Helper()
	template, err := postgresTemplate()
	if err != nil {
		tb.Fatalf("making the template database: %v", err)
	}
	name := "plaza_t_" + tail(plaza.NewID(Start))
	if err := admin(tb.Context(), `CREATE DATABASE `+name+` TEMPLATE `+template); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := admin(context.Background(), `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
			tb.Error(err)
		}
	})
	return dsn(name)
}

func open(tb testing.TB, dsn string) *db.DB {
	tb.Helper()
	d, err := db.Open(context.Background(), dsn, db.Options{Clock: db.FrozenAt(Start)})
	if err != nil {
		tb.Fatalf("opening %s: %v", dsn, err)
	}
	tb.Cleanup(func() { _ = d.Close() })
	return d
}

var adminMu sync.Mutex // CREATE DATABASE … TEMPLATE wants nobody else on the template

func admin(ctx context.Context, statement string) error {
	adminMu.Lock()
	defer adminMu.Unlock()
	return db.Admin(ctx, os.Getenv(Server), statement)
}

func dsn(name string) string {
	u, err := url.Parse(os.Getenv(Server))
	if err != nil {
		return ""
	}
	u.Path = "/" + name
	return u.String()
}

func tail(id string) string { return strings.ReplaceAll(id[len(id)-12:], "-", "") }
