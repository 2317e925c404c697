package db

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"plaza/internal/schema"
)

// Migrate brings the store to the newest version, one transaction each, and
// returns how many migrations it applied. On PostgreSQL a session lock makes
// several nodes take turns.
func (d *DB) Migrate(ctx context.Context) (applied int, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return len(results), fmt.Errorf("migrating the store: %w", translate(err))
	}
	return len(results), nil
}

// MigrateTo brings a store that is older to one version exactly, for restoring a
// backup of that version. A store that is newer stays as it is.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return fmt.Errorf("migrating the store to version %d: %w", version, translate(err))
	}
	return nil
}

// Versions are the store's version and the newest one that this binary knows.
func (d *DB) Versions(ctx context.Context) (current, newest int64, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	current, newest, err = p.GetVersions(ctx)
	return current, newest, translate(err)
}

func (d *DB) provider() (*goose.Provider, error) {
	dialect, other := goose.DialectSQLite3, ".postgres.sql"
	opts := []goose.ProviderOption{goose.WithSlog(slog.New(slog.DiscardHandler))}
	if d.engine == PostgreSQL {
		dialect, other = goose.DialectPostgres, ".sqlite.sql"
		l, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, fmt.Errorf("preparing the migration lock: %w", err)
		}
		opts = append(opts, goose.WithSessionLocker(l))
	}
	p, err := goose.NewProvider(dialect, d.write.DB, without{schema.Files, other}, opts...)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return p, nil
}

// without hides the files of the other engine from goose.
type without struct {
	fs.FS
	suffix string
}

// ReadDir implements fs.ReadDirFS.
func (w without) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(w.FS, name)
	var kept []fs.DirEntry
	for _, e := range all {
		if !strings.HasSuffix(e.Name(), w.suffix) {
			kept = append(kept, e)
		}
	}
	return kept, err
}

// Glob implements fs.GlobFS.
func (w without) Glob(pattern string) ([]string, error) {
	all, err := fs.Glob(w.FS, pattern)
	var kept []string
	for _, name := range all {
		if !strings.HasSuffix(name, w.suffix) {
			kept = append(kept, name)
		}
	}
	return kept, err
}

// Admin runs one statement outside any transaction on the server that dsn names:
// for CREATE and DROP DATABASE, in tests and tools.
func Admin(ctx context.Context, dsn, statement string) error {
	d, err := Open(ctx, dsn, Options{MaxConns: 1})
	if err != nil {
		return err
	}
	defer d.Close()
	_, err = d.write.ExecContext(ctx, statement)
	return translate(err)
}
