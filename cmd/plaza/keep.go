package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"plaza/internal/base/backup"
	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

// migrateCmd brings the store to this version's schema.
type migrateCmd struct{}

// Run prints the schema's version.
func (migrateCmd) Run(a *app) error {
	cfg, err := a.settings.site(a)
	if err != nil {
		return err
	}
	d, err := db.Open(a.ctx, cfg.DSN, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := d.Migrate(a.ctx)
	if err != nil {
		return err
	}
	current, _, err := d.Versions(a.ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, a.l.T("cmd.migrate.done", "version", fmt.Sprint(current), "count", n))
	return err
}

// backupCmd writes everything into one file while the server runs.
type backupCmd struct {
	File string `arg:""`
}

// Run writes the archive and prints what it holds; "-" writes it to standard output.
func (c backupCmd) Run(a *app) error {
	cfg, err := a.settings.site(a)
	if err != nil {
		return err
	}
	d, err := db.Open(a.ctx, cfg.DSN, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	from := backup.Config{DB: d, Version: a.version}
	if from.Blobs, err = blob.Open(a.ctx, cfg.Blob); err != nil {
		return err
	}
	if from.Secret, err = secret.Load(cfg.Secret, cfg.Data, !isSQLite(cfg)); err != nil {
		return err
	}
	if c.File == "-" {
		w := bufio.NewWriterSize(a.out, 1<<20)
		_, err := backup.Write(a.ctx, from, w)
		return errors.Join(err, w.Flush())
	}
	m, err := backup.WriteFile(a.ctx, from, c.File)
	if err != nil {
		return err
	}
	return a.summary("cmd.backup.done", c.File, m)
}

func (a *app) summary(key, path string, m backup.Manifest) error {
	_, err := fmt.Fprintln(a.out, a.l.T(key, "file", path, "rows", m.Rows(), "files", m.Blobs.Rows, "at", a.l.DateTime(m.At)))
	return err
}

// restoreCmd replaces an installation by what a backup holds.
type restoreCmd struct {
	File  string `arg:""`
	Force bool
	Check bool
}

// Run restores the archive, or only checks it.
func (c restoreCmd) Run(a *app) error {
	if c.Check {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		r, err := backup.Check(a.ctx, bufio.NewReaderSize(f, 1<<20))
		if err != nil {
			return err
		}
		return a.summary("cmd.restore.checked", c.File, r.Manifest)
	}
	cfg, err := a.settings.site(a)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	if isSQLite(cfg) {
		unlock, err := lockData(cfg.Data)
		if err != nil {
			return err
		}
		defer unlock()
	}
	to := backup.Target{DSN: cfg.DSN, Force: c.Force}
	if to.Blobs, err = blob.Open(a.ctx, cfg.Blob); err != nil {
		return err
	}
	r, err := backup.RestoreFile(a.ctx, c.File, to)
	if err != nil {
		return err
	}
	if err := a.restoreSecret(cfg, r.Secret); err != nil {
		return err
	}
	return a.summary("cmd.restore.done", c.File, r.Manifest)
}

// restoreSecret puts the backup's secret in place; one that the environment gives is
// the operator's affair, but says so when it differs.
func (a *app) restoreSecret(cfg site.Config, root secret.Root) error {
	if cfg.Secret == "" {
		return secret.Replace(cfg.Data, root)
	}
	if given, err := secret.Load(cfg.Secret, "", true); err != nil || given.Text() != root.Text() {
		fmt.Fprintln(a.err, "plaza:", a.l.T("cmd.restore.other_secret"))
	}
	return nil
}

func isSQLite(cfg site.Config) bool { return strings.HasPrefix(cfg.DSN, "sqlite:") }

// lockData makes this process the one server (or restore) on a data directory until
// it ends. Commands beside a server need no lock.
func lockData(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(&plaza.Error{Kind: plaza.Conflict, Key: "cmd.error.locked", Args: map[string]any{"path": dir}}, f.Close())
	}
	return func() { _ = f.Close() }, nil // closing gives the lock up
}
