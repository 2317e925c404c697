package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"plaza/internal/plaza"
)

const (
	tempDir = "tmp"
	// tempAge is when a temporary file is what a killed process left behind.
	tempAge = 24 * time.Hour
)

// dir is a Store in a local directory.
type dir struct{ root string }

func openDir(root string) (*dir, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("opening the file store: %w", err)
	}
	d := &dir{root}
	if err := os.MkdirAll(d.temp(), 0o750); err != nil {
		return nil, fmt.Errorf("opening the file store: %w", WriteError(err))
	}
	if err := d.sweep(); err != nil {
		return nil, fmt.Errorf("opening the file store: %w", WriteError(err))
	}
	return d, nil
}

func (d *dir) temp() string { return filepath.Join(d.root, tempDir) }

// sweep removes what killed processes left. The time is the file system's own, read
// from a file made now, so that clocks which are set or wrong do no harm.
func (d *dir) sweep() error {
	probe, err := os.CreateTemp(d.temp(), "sweep-*")
	if err != nil {
		return err
	}
	defer os.Remove(probe.Name()) // what stays is swept next time
	now, err := probe.Stat()
	if errClose := probe.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(d.temp())
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && now.ModTime().Sub(info.ModTime()) > tempAge {
			_ = os.Remove(filepath.Join(d.temp(), e.Name())) // what stays is swept next time
		}
	}
	return nil
}

// Put writes a temporary file, syncs it, and only then gives it its name: readers see
// all of it or nothing, whenever the power goes.
func (d *dir) Put(ctx context.Context, r io.Reader) (Info, error) {
	f, err := os.CreateTemp(d.temp(), "put-*")
	if err != nil {
		return Info{}, fmt.Errorf("storing an object: %w", WriteError(err))
	}
	src := &source{ctx: ctx, r: r}
	h := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, h), src)
	if err == nil {
		err = f.Sync()
	}
	if errClose := f.Close(); err == nil {
		err = errClose
	}
	info := Info{Key: keyOf(h), Size: size}
	if err == nil {
		err = d.name(f.Name(), info.Key)
	}
	if err == nil {
		return info, nil
	}
	_ = os.Remove(f.Name()) // what stays is swept later
	if src.err != nil {
		return Info{}, fmt.Errorf("storing an object: %w", src.err)
	}
	return Info{}, fmt.Errorf("storing an object: %w", WriteError(err))
}

// name moves a finished file to its place. An object that is there already is
// replaced by its equal, which also heals one that was damaged.
func (d *dir) name(temp, key string) error {
	outer := filepath.Join(d.root, key[:2])
	inner := filepath.Join(outer, key[2:4])
	if err := os.MkdirAll(inner, 0o750); err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(inner, key)); err != nil {
		return err
	}
	// The upper two may have been made a moment ago, perhaps by another process that
	// has not synced them yet; syncing what is clean costs next to nothing.
	for _, path := range []string{inner, outer, d.root} {
		if err := syncDir(path); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errClose := f.Close(); err == nil {
		err = errClose
	}
	return err
}

func (d *dir) open(key string) (*os.File, Info, error) {
	name, err := layout(key)
	if err != nil {
		return nil, Info{}, err
	}
	f, err := os.Open(filepath.Join(d.root, filepath.FromSlash(name)))
	if err != nil {
		return nil, Info{}, fmt.Errorf("opening object %s: %w", key, d.getError(err))
	}
	st, err := f.Stat()
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, Info{}, fmt.Errorf("opening object %s: %w", key, unavailable(err))
	}
	return f, Info{Key: key, Size: st.Size()}, nil
}

// Get implements Store.
func (d *dir) Get(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, Info{}, err
	}
	f, info, err := d.open(key)
	if err != nil {
		return nil, Info{}, err
	}
	return f, info, nil
}

// GetRange implements Store.
func (d *dir) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, info, err := d.open(key)
	if err != nil {
		return nil, err
	}
	if offset < 0 || offset >= info.Size {
		_ = f.Close() // nothing was written
		return nil, outside()
	}
	if length < 0 {
		length = info.Size
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(f, offset, length), f}, nil
}

// Stat implements Store.
func (d *dir) Stat(ctx context.Context, key string) (Info, error) {
	r, info, err := d.Get(ctx, key)
	if err != nil {
		return Info{}, err
	}
	return info, r.Close()
}

// Delete implements Store.
func (d *dir) Delete(_ context.Context, key string) error {
	name, err := layout(key)
	if err != nil {
		return nil // what can be no key is not there
	}
	err = os.Remove(filepath.Join(d.root, filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting object %s: %w", key, unavailable(err))
	}
	return nil
}

// List implements Store. Objects that come or go meanwhile may be missed or listed.
func (d *dir) List(ctx context.Context, f func(Info) error) error {
	err := filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != d.root {
			return nil
		}
		if err != nil {
			return unavailable(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.IsDir() && path == d.temp() {
			return fs.SkipDir
		}
		if e.IsDir() || !isKey(e.Name()) {
			return nil
		}
		st, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return unavailable(err)
		}
		return f(Info{Key: e.Name(), Size: st.Size()})
	})
	if err != nil {
		return fmt.Errorf("listing objects: %w", err)
	}
	return nil
}

// getError tells an object that is not there from a directory that went away, as an
// unmounted disk does.
func (d *dir) getError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		if _, errRoot := os.Stat(d.temp()); errRoot == nil {
			return notFound(err)
		}
	}
	return unavailable(err)
}

// WriteError is the reason for a write that failed, which tells a full disk from other
// trouble: plaza.Unavailable.
func WriteError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &plaza.Error{Kind: plaza.Unavailable, Key: "blob.error.full", Cause: err}
	}
	return unavailable(err)
}
