// Package cache keeps the tables that are being looked at on this machine's disk: the
// engine reads files, and the objects of the file store may lie elsewhere.
//
// Each object is fetched once, whoever asks for it, is compared with its SHA-256 and only
// then gets its name. Beside it lies the engine's own form of the table, once that has been
// built in the background. Everything here can be made again: the folder may be emptied
// while nothing runs, and what was used longest ago goes when it holds more than it should.
// What somebody holds a Lease of stays.
package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"plaza/internal/base/blob"
)

// Endings of the files: a table as it was converted, and in the engine's own form.
const (
	parquet = ".parquet"
	native  = ".native"
	partial = "part-" // begins the names of what is not whole yet
)

// Config is what a Cache is made with.
type Config struct {
	Dir      string // of this process alone
	MaxBytes int64  // that it keeps, besides what is in use
	Store    blob.Store
	Log      *slog.Logger // nil means slog.Default()
}

// Cache is a folder of tables. It is safe for concurrent use.
type Cache struct {
	cfg Config

	mu      sync.Mutex
	entries map[string]*entry // by file name
	clock   int64             // counts uses
	bytes   int64
	flights map[string]*flight // what is being fetched or built, by file name
	closed  bool
	build   context.Context // of what is built in the background
	stop    context.CancelFunc
	working sync.WaitGroup
	builder chan struct{} // one at a time

	loading sync.Mutex
	loaded  bool
	looking sync.Mutex // whether a table is what it should be
}

type entry struct {
	size int64
	used int64
	held int
}

// flight is one fetch or build that several wait for.
type flight struct {
	done    chan struct{}
	err     error
	cancel  context.CancelFunc
	waiting int
}

// Lease keeps a file where it is until it is released.
type Lease struct {
	Path string
	once sync.Once
	free func()
}

// Release gives the file back. It may be called more than once.
func (l *Lease) Release() { l.once.Do(l.free) }

// New makes a Cache on a folder, which keeps what an earlier process left in it. The folder
// is not looked at before it is used: a process that opens no table leaves it to the one
// that does.
func New(cfg Config) *Cache {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	c := &Cache{cfg: cfg, entries: map[string]*entry{}, flights: map[string]*flight{}, builder: make(chan struct{}, 1)}
	c.build, c.stop = context.WithCancel(context.Background())
	return c
}

// ready loads what is there, once it can be.
func (c *Cache) ready() error {
	c.loading.Lock()
	defer c.loading.Unlock()
	if c.loaded {
		return nil
	}
	err := c.load()
	c.loaded = err == nil
	return err
}

// load notes the files that are there, in the order in which they were last written.
func (c *Cache) load() error {
	if err := os.MkdirAll(c.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("making the cache of tables: %w", blob.WriteError(err))
	}
	list, err := os.ReadDir(c.cfg.Dir)
	if err != nil {
		return fmt.Errorf("reading the cache of tables: %w", err)
	}
	var infos []os.FileInfo
	for _, e := range list {
		info, err := e.Info()
		switch {
		case err != nil || info.IsDir():
		case strings.HasPrefix(e.Name(), partial):
			_ = os.Remove(filepath.Join(c.cfg.Dir, e.Name())) // what stays is in nobody's way
		case strings.HasSuffix(e.Name(), parquet) || strings.HasSuffix(e.Name(), native):
			infos = append(infos, info)
		}
	}
	slices.SortFunc(infos, func(a, b os.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range infos {
		c.clock++
		c.entries[info.Name()] = &entry{size: info.Size(), used: c.clock}
		c.bytes += info.Size()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.evict()
	return nil
}

// Close ends what is built in the background and waits for it.
func (c *Cache) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	c.working.Wait()
}

// Parquet gives the table with a SHA-256, fetched when it is not here. Errors are those of
// the store, blob.ErrCorrupt, or the context's.
func (c *Cache) Parquet(ctx context.Context, key string) (*Lease, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	name := key + parquet
	for {
		if l := c.lease(name); l != nil {
			return l, nil
		}
		f := c.join(name, func(ctx context.Context) error { return c.fetch(ctx, key) })
		err := c.wait(ctx, f)
		if err != nil {
			return nil, err
		}
		// it may have been evicted between its arrival and the next look
	}
}

// Adopt takes a file of this machine that holds the object with a SHA-256 and is not
// needed where it is, so that what was just made is not fetched again.
func (c *Cache) Adopt(key, path string) error {
	if err := c.ready(); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("taking a table into the cache: %w", err)
	}
	if err := os.Rename(path, filepath.Join(c.cfg.Dir, key+parquet)); err != nil {
		return fmt.Errorf("taking a table into the cache: %w", err)
	}
	c.added(key+parquet, info.Size())
	return nil
}

// Drop forgets a table that is gone for good, unless somebody reads it.
func (c *Cache) Drop(key string) {
	_ = c.ready() // what cannot be read holds nothing
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range []string{key + parquet, key + native} {
		if e := c.entries[name]; e != nil && e.held == 0 {
			c.remove(name, e)
		}
	}
}

// Bytes is how much it holds.
func (c *Cache) Bytes() int64 {
	_ = c.ready() // what cannot be read holds nothing
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// lease is a file that is here; nil when it is not.
func (c *Cache) lease(name string) *Lease {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[name]
	if e == nil {
		return nil
	}
	c.clock++
	e.used = c.clock
	e.held++
	return &Lease{Path: filepath.Join(c.cfg.Dir, name), free: func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		e.held--
		c.evict()
	}}
}

// added notes a file that has got its name.
func (c *Cache) added(name string, size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock++
	if e := c.entries[name]; e != nil {
		c.bytes += size - e.size
		e.size, e.used = size, c.clock
	} else {
		c.entries[name] = &entry{size: size, used: c.clock}
		c.bytes += size
	}
	c.evict(name)
}

// evict removes what was used longest ago until the rest fits; mu is held. What was added
// a moment ago stays even where it alone is too large: somebody waits for it.
func (c *Cache) evict(except ...string) {
	for c.bytes > c.cfg.MaxBytes {
		oldest := ""
		for name, e := range c.entries {
			if e.held == 0 && !slices.Contains(except, name) && (oldest == "" || e.used < c.entries[oldest].used) {
				oldest = name
			}
		}
		if oldest == "" {
			return
		}
		c.remove(oldest, c.entries[oldest])
	}
}

// remove takes a file away; mu is held.
func (c *Cache) remove(name string, e *entry) {
	delete(c.entries, name)
	c.bytes -= e.size
	if err := os.Remove(filepath.Join(c.cfg.Dir, name)); err != nil && !os.IsNotExist(err) {
		c.cfg.Log.Warn("a table stays in the cache", "err", err)
	}
}

// fetch brings an object from the store, whole and verified or not at all.
func (c *Cache) fetch(ctx context.Context, key string) error {
	r, _, err := c.cfg.Store.Get(ctx, key)
	if err != nil {
		return fmt.Errorf("fetching a table: %w", err)
	}
	defer r.Close()
	f, err := os.CreateTemp(c.cfg.Dir, partial+"*")
	if err != nil {
		return fmt.Errorf("fetching a table: %w", blob.WriteError(err))
	}
	size, err := copyAs(ctx, f, r, key)
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.cfg.Dir, key+parquet))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what stays is removed by the next process
		return fmt.Errorf("fetching a table: %w", err)
	}
	c.added(key+parquet, size)
	return nil
}

// copyAs writes what must have a SHA-256, and closes the file.
func copyAs(ctx context.Context, f *os.File, r io.Reader, key string) (int64, error) {
	h := sha256.New()
	w := &writer{ctx: ctx, f: f}
	size, err := io.Copy(io.MultiWriter(w, h), r)
	if w.err != nil {
		err = w.err
	}
	if err == nil {
		err = f.Sync()
	}
	if errClose := f.Close(); err == nil {
		err = errClose
	}
	if err == nil && hex.EncodeToString(h.Sum(nil)) != key {
		err = blob.ErrCorrupt
	}
	return size, err
}

// writer ends with its context, and knows a full disk from a broken source.
type writer struct {
	ctx context.Context
	f   *os.File
	err error
}

func (w *writer) Write(p []byte) (int, error) {
	if w.err = w.ctx.Err(); w.err != nil {
		return 0, w.err
	}
	n, err := w.f.Write(p)
	if err != nil {
		w.err = blob.WriteError(err)
	}
	return n, err
}
