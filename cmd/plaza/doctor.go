package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/mail"
	"plaza/internal/base/secret"
	"plaza/internal/plaza"
	"plaza/internal/site"
)

// doctorCmd shows the configuration and tries each part. It changes nothing.
type doctorCmd struct{}

// A finding is what a check found; its tone is a message key: ok, a warning, a failure.
type finding struct{ tone, text string }

const (
	toneOK   = "cmd.doctor.ok"
	toneWarn = "cmd.doctor.warning"
	toneBad  = "cmd.doctor.failure"
)

// probeTimeout bounds each check.
const probeTimeout = 10 * time.Second

// Limits below which a disk is called nearly full.
const (
	leastFree  = 1 << 30
	leastShare = 10 // percent
)

// Run prints the effective configuration, then one line for each check.
func (doctorCmd) Run(a *app) error {
	cfg, err := a.settings.site(a)
	if err != nil {
		return err
	}
	d := &doctor{app: a, cfg: cfg}
	if err := d.configuration(); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	unwell := 0
	for _, c := range []struct {
		name  string
		check func(context.Context) finding
	}{
		{"secret", d.secret}, {"database", d.database}, {"storage", d.storage}, {"mail", d.mail},
		{"disk", d.disk}, {"clock", d.clock}, {"network", d.network},
	} {
		ctx, cancel := context.WithTimeout(a.ctx, probeTimeout)
		f := c.check(ctx)
		cancel()
		if f.tone == toneBad {
			unwell++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", a.l.T(f.tone), a.l.T("cmd.doctor."+c.name), f.text)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if unwell > 0 {
		return invalid("cmd.doctor.unwell", nil, "count", fmt.Sprint(unwell))
	}
	return nil
}

type doctor struct {
	*app
	cfg site.Config
}

func (d *doctor) ok(key string, pairs ...any) finding { return finding{toneOK, d.l.T(key, pairs...)} }
func (d *doctor) warn(key string, pairs ...any) finding {
	return finding{toneWarn, d.l.T(key, pairs...)}
}
func (d *doctor) bad(err error) finding { return finding{toneBad, d.say(err)} }

// configuration prints every setting as it takes effect.
func (d *doctor) configuration() error {
	effective := map[string]string{
		"PLAZA_DB": d.cfg.DSN, "PLAZA_BLOB": d.cfg.Blob, "PLAZA_BASE_URL": d.cfg.BaseURL,
	}
	w := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "plaza\t%s\n", d.version)
	for _, f := range d.model.Flags {
		if len(f.Envs) == 0 {
			continue
		}
		name := f.Envs[0]
		value := fmt.Sprint(f.Target.Interface())
		if v, ok := effective[name]; ok {
			value = v
		}
		fmt.Fprintf(w, "%s\t%s\n", name, masked(name, value))
	}
	return w.Flush()
}

func (d *doctor) sqlite() (path string, ok bool) { return strings.CutPrefix(d.cfg.DSN, "sqlite:") }

func (d *doctor) secret(context.Context) finding {
	if d.cfg.Secret == "" {
		_, err := os.Stat(filepath.Join(d.cfg.Data, secret.FileName))
		if _, local := d.sqlite(); local && errors.Is(err, fs.ErrNotExist) {
			return d.ok("cmd.doctor.secret_later")
		}
	}
	_, local := d.sqlite()
	if _, err := secret.Load(d.cfg.Secret, d.cfg.Data, !local); err != nil {
		return d.bad(err)
	}
	return d.ok("cmd.doctor.secret_ok")
}

func (d *doctor) database(ctx context.Context) finding {
	if path, local := d.sqlite(); local {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return d.ok("cmd.doctor.database_later", "path", path)
		}
	}
	store, err := db.Open(ctx, d.cfg.DSN, db.Options{MaxConns: 2})
	if err != nil {
		return d.bad(err)
	}
	defer store.Close()
	current, newest, err := store.Versions(ctx)
	if err != nil {
		return d.bad(err)
	}
	undo := errors.New("undo")
	err = store.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`CREATE TABLE doctor (id INTEGER NOT NULL PRIMARY KEY)`); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		return d.bad(err)
	}
	pairs := []any{"engine", string(store.Engine()), "current", fmt.Sprint(current), "newest", fmt.Sprint(newest)}
	if current < newest {
		return d.warn("cmd.doctor.database_old", pairs...)
	}
	if current > newest {
		return d.bad(plaza.E(plaza.Conflict, "cmd.doctor.database_new"))
	}
	return d.ok("cmd.doctor.database_ok", pairs...)
}

func (d *doctor) storage(ctx context.Context) finding {
	if u, err := url.Parse(d.cfg.Blob); err == nil && u.Scheme == "file" {
		if _, err := os.Stat(u.Path); errors.Is(err, fs.ErrNotExist) {
			return d.ok("cmd.doctor.storage_later", "path", u.Path)
		}
	}
	store, err := blob.Open(ctx, d.cfg.Blob)
	if err == nil {
		err = blob.Check(ctx, store)
	}
	if err != nil {
		return d.bad(err)
	}
	return d.ok("cmd.doctor.storage_ok")
}

func (d *doctor) mail(ctx context.Context) finding {
	sender, err := mail.Open(d.cfg.SMTP)
	if err != nil {
		return d.bad(err)
	}
	if !sender.Configured() {
		return d.warn("cmd.doctor.mail_none")
	}
	if err := sender.Check(ctx); err != nil {
		return d.bad(err)
	}
	return d.ok("cmd.doctor.mail_ok")
}

// disk looks at the file system of the data directory, or of the nearest directory
// above it that exists.
func (d *doctor) disk(context.Context) finding {
	dir, err := filepath.Abs(d.cfg.Data)
	if err != nil {
		return d.bad(err)
	}
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return d.bad(fmt.Errorf("looking at the disk of %s: %w", dir, err))
	}
	free, total := int64(s.Bavail)*int64(s.Bsize), max(int64(s.Blocks)*int64(s.Bsize), 1)
	pairs := []any{"free", d.l.Bytes(free), "total", d.l.Bytes(total), "path", dir}
	if free < leastFree || free/(total/100+1) < leastShare {
		return d.warn("cmd.doctor.disk_low", pairs...)
	}
	return d.ok("cmd.doctor.disk_ok", pairs...)
}

// clock compares this machine's clock with the database server's.
func (d *doctor) clock(ctx context.Context) finding {
	if !d.cfg.Now.IsZero() {
		return d.warn("cmd.doctor.clock_set", "instant", d.cfg.Now.Format(time.RFC3339))
	}
	if _, local := d.sqlite(); local {
		return d.ok("cmd.doctor.clock_local", "instant", db.RealClock().Now().Format(time.RFC3339))
	}
	store, err := db.Open(ctx, d.cfg.DSN, db.Options{MaxConns: 2})
	if err != nil {
		return d.bad(err)
	}
	defer store.Close()
	var skew time.Duration
	err = store.Read(ctx, func(tx *db.Tx) error {
		skew = store.Now().Sub(tx.Now)
		return nil
	})
	if err != nil {
		return d.bad(err)
	}
	if skew.Abs() > 2*time.Second {
		return d.warn("cmd.doctor.clock_skewed", "skew", skew.String())
	}
	return d.ok("cmd.doctor.clock_ok", "skew", skew.String())
}

// network points at settings that open the installation wider than most want.
func (d *doctor) network(context.Context) finding {
	base, err := url.Parse(d.cfg.BaseURL)
	switch {
	case err != nil:
		return d.bad(err)
	case base.Scheme != "https" && !site.Loopback(net.JoinHostPort(base.Hostname(), "0")):
		return d.warn("cmd.doctor.network_clear", "url", d.cfg.BaseURL)
	case d.cfg.AdminAddr != "" && !site.Loopback(d.cfg.AdminAddr):
		return d.warn("cmd.doctor.network_admin", "address", d.cfg.AdminAddr)
	case base.Scheme == "https" && len(d.cfg.Proxies) == 0: // something else speaks TLS for us
		return d.warn("cmd.doctor.network_proxy")
	case len(d.cfg.Allow) > 0:
		return d.warn("cmd.doctor.network_allow", "networks", d.settings.FetchAllow)
	}
	return d.ok("cmd.doctor.network_ok")
}
