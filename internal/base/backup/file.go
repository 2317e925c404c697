package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// WriteFile is Write into a file that only its owner reads, and that appears under
// its name when it is whole. A file that exists is a Conflict.
func WriteFile(ctx context.Context, cfg Config, path string) (m Manifest, err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return m, &plaza.Error{Kind: plaza.Conflict, Key: "backup.error.exists", Cause: err}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*") // mode 0600
	if err != nil {
		return m, fmt.Errorf("writing a backup: %w", err)
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriterSize(f, 1<<20)
	m, err = Write(ctx, cfg, w)
	if err == nil {
		err = errors.Join(w.Flush(), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return m, err
	}
	if err := os.Link(f.Name(), path); err != nil { // unlike a rename, never over another
		return m, fmt.Errorf("writing a backup: %w", err)
	}
	return m, syncDir(filepath.Dir(path))
}

// Target is where RestoreFile restores to.
type Target struct {
	DSN   string
	Blobs blob.Store
	// Force replaces a store that holds data already.
	Force bool
}

// RestoreFile checks a whole archive, then restores it. On SQLite the store is made
// beside the old one and takes its place when it is whole; an old one with data stays
// under its name with ".before-restore" added.
func RestoreFile(ctx context.Context, path string, to Target) (r Restored, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, fmt.Errorf("restoring: %w", err)
	}
	defer f.Close()
	if _, err := Check(ctx, bufio.NewReaderSize(f, 1<<20)); err != nil {
		return r, err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return r, fmt.Errorf("restoring: %w", err)
	}
	in := bufio.NewReaderSize(f, 1<<20)
	store, sqlite := strings.CutPrefix(to.DSN, "sqlite:")
	if sqlite {
		return restoreSQLite(ctx, in, store, to)
	}
	d, err := db.Open(ctx, to.DSN, db.Options{})
	if err != nil {
		return r, err
	}
	defer d.Close()
	if err := mayReplace(ctx, d, to); err != nil {
		return r, err
	}
	return Restore(ctx, d, to.Blobs, in)
}

func restoreSQLite(ctx context.Context, in *bufio.Reader, path string, to Target) (r Restored, err error) {
	old, err := inspect(ctx, path, to)
	if err != nil {
		return r, err
	}
	beside := path + ".restoring"
	defer discardStore(beside)
	if err := discardStore(beside); err != nil {
		return r, fmt.Errorf("restoring: %w", err)
	}
	d, err := db.Open(ctx, "sqlite:"+beside, db.Options{})
	if err != nil {
		return r, err
	}
	r, err = Restore(ctx, d, to.Blobs, in)
	if err = errors.Join(err, d.Close()); err != nil { // closing moves the WAL into the file
		return r, err
	}
	if old {
		kept := path + ".before-restore"
		if err := os.Remove(kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return r, fmt.Errorf("restoring: %w", err)
		}
		if err := os.Link(path, kept); err != nil {
			return r, fmt.Errorf("keeping the old store: %w", err)
		}
	}
	if err := os.Rename(beside, path); err != nil {
		return r, fmt.Errorf("restoring: %w", err)
	}
	return r, syncDir(filepath.Dir(path))
}

// inspect looks at the store that is to be replaced: whether it holds data, and that
// nobody has it open (its log would be applied to the new file).
func inspect(ctx context.Context, path string, to Target) (old bool, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	d, err := db.Open(ctx, "sqlite:"+path, db.Options{})
	if err != nil {
		return false, err
	}
	empty, err := Empty(ctx, d)
	if err == nil && !empty && !to.Force {
		err = plaza.E(plaza.Conflict, "backup.error.not_empty")
	}
	if err = errors.Join(err, d.Close()); err != nil {
		return false, err
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return false, plaza.E(plaza.Conflict, "backup.error.in_use")
	}
	return !empty, nil
}

func discardStore(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func mayReplace(ctx context.Context, d *db.DB, to Target) error {
	empty, err := Empty(ctx, d)
	if err == nil && !empty && !to.Force {
		return plaza.E(plaza.Conflict, "backup.error.not_empty")
	}
	return err
}

// housekeeping are the tables that migrations and a server fill before anybody has
// used it.
var housekeeping = []string{"record_head", "search_head", "search_misses", "settings", "schedules", "jobs", "brakes",
	"calendars", "calendar_days", "record_positions", "case_joining"} // whoever changes one leaves an entry in the record

// Empty reports whether a store holds nothing that somebody would miss.
func Empty(ctx context.Context, d *db.DB) (empty bool, err error) {
	current, _, err := d.Versions(ctx)
	if err != nil || current == 0 {
		return err == nil, err
	}
	err = d.Read(ctx, func(tx *db.Tx) error {
		tables, err := describe(tx, housekeeping...)
		if err != nil {
			return err
		}
		for _, t := range tables {
			var some bool
			if err := tx.Row(`SELECT EXISTS (SELECT 1 FROM ` + t.Name + `)`).Scan(&some); err != nil || some {
				empty = false
				return err
			}
		}
		empty = true
		return nil
	})
	return empty, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
