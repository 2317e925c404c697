package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
)

// Checked is an Engine that, when a question goes wrong for no reason of its own, looks
// whether the table's file here is still what it should be. One that is damaged or gone is
// fetched anew, and the question asked once more.
func (c *Cache) Checked(e child.Engine) child.Engine { return checked{e, c} }

type checked struct {
	child.Engine
	c *Cache
}

// Page is child.Engine's.
func (e checked) Page(ctx context.Context, t child.Table, q tabular.Query) (tabular.Page, error) {
	return again(ctx, e.c, t, func() (tabular.Page, error) { return e.Engine.Page(ctx, t, q) })
}

// Row is child.Engine's.
func (e checked) Row(ctx context.Context, t child.Table, number int64) (tabular.Page, error) {
	return again(ctx, e.c, t, func() (tabular.Page, error) { return e.Engine.Row(ctx, t, number) })
}

// Count is child.Engine's.
func (e checked) Count(ctx context.Context, t child.Table, q tabular.Query) (int64, error) {
	return again(ctx, e.c, t, func() (int64, error) { return e.Engine.Count(ctx, t, q) })
}

// Groups is child.Engine's.
func (e checked) Groups(ctx context.Context, t child.Table, q tabular.Query) (tabular.Groups, error) {
	return again(ctx, e.c, t, func() (tabular.Groups, error) { return e.Engine.Groups(ctx, t, q) })
}

// Export is child.Engine's. What was written cannot be taken back: the next one goes well.
func (e checked) Export(ctx context.Context, t child.Table, x child.Export, w io.Writer) error {
	out := &begun{Writer: w}
	_, err := again(ctx, e.c, t, func() (struct{}, error) {
		if out.any {
			return struct{}{}, io.ErrUnexpectedEOF
		}
		return struct{}{}, e.Engine.Export(ctx, t, x, out)
	})
	return err
}

// begun knows whether anything was written.
type begun struct {
	io.Writer
	any bool
}

func (b *begun) Write(p []byte) (int, error) {
	b.any = true
	return b.Writer.Write(p)
}

// again asks, and once more when the table's file was to blame and could be had anew.
func again[T any](ctx context.Context, c *Cache, t child.Table, ask func() (T, error)) (T, error) {
	v, err := ask()
	if _, told := errors.AsType[*plaza.Error](err); err == nil || told || ctx.Err() != nil {
		return v, err
	}
	key, ours := strings.CutSuffix(filepath.Base(t.Parquet), parquet)
	if !ours || filepath.Dir(t.Parquet) != filepath.Clean(c.cfg.Dir) || !c.distrust(key) {
		return v, err
	}
	c.cfg.Log.WarnContext(ctx, "a table of the cache was damaged, and is fetched anew", "err", err)
	l, errFetch := c.Parquet(ctx, key)
	if errFetch != nil {
		return v, err
	}
	defer l.Release()
	return ask()
}

// distrust reports whether a table's file here is not what its name says. Such a one is
// taken away, whoever reads it. One is looked at at a time: that reads all of it.
func (c *Cache) distrust(key string) bool {
	if !c.looking.TryLock() {
		return false
	}
	defer c.looking.Unlock()
	path := filepath.Join(c.cfg.Dir, key+parquet)
	if whole(path, key) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[key+parquet]; e != nil {
		c.remove(key+parquet, e)
	}
	return true
}

// whole reports whether a file has a SHA-256.
func whole(path, key string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return err == nil && hex.EncodeToString(h.Sum(nil)) == key
}
