package cache

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// join gives the one flight of a file, begun when there is none. It ends early when
// nobody waits for it any more.
func (c *Cache) join(name string, do func(ctx context.Context) error) *flight {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.flights[name]
	if f == nil {
		f = c.begin(name, do)
	}
	f.waiting++
	return f
}

// begin starts a flight; mu is held.
func (c *Cache) begin(name string, do func(ctx context.Context) error) *flight {
	ctx, cancel := context.WithCancel(c.build)
	f := &flight{done: make(chan struct{}), cancel: cancel}
	c.flights[name] = f
	c.working.Go(func() {
		defer cancel()
		f.err = do(ctx)
		c.mu.Lock()
		if c.flights[name] == f {
			delete(c.flights, name)
		}
		c.mu.Unlock()
		close(f.done)
	})
	return f
}

// wait waits for a flight.
func (c *Cache) wait(ctx context.Context, f *flight) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		for name, other := range c.flights {
			if other == f {
				delete(c.flights, name) // who comes next begins anew
			}
		}
	}
	return context.Cause(ctx)
}

// Native gives the engine's own form of a table when it is here; nil when it is not.
func (c *Cache) Native(key string) *Lease {
	if c.ready() != nil {
		return nil
	}
	return c.lease(key + native)
}

// Build has that form made in the background, one at a time, unless it is here or being
// made: build writes it at a path from the table at another, whole or not at all. It
// returns at once; what fails is logged and may be asked for again.
func (c *Cache) Build(key string, build func(ctx context.Context, parquet, path string) error) {
	if c.ready() != nil {
		return
	}
	name := key + native
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.entries[name] != nil || c.flights[name] != nil {
		return
	}
	f := c.begin(name, func(ctx context.Context) error {
		err := c.make(ctx, key, build)
		if err != nil && ctx.Err() == nil {
			c.cfg.Log.Warn("the engine's own form of a table was not made", "err", err)
		}
		return err
	})
	f.waiting++ // the cache itself, until it is closed
}

func (c *Cache) make(ctx context.Context, key string, build func(ctx context.Context, parquet, path string) error) error {
	select {
	case c.builder <- struct{}{}:
		defer func() { <-c.builder }()
	case <-ctx.Done():
		return ctx.Err()
	}
	table, err := c.Parquet(ctx, key)
	if err != nil {
		return err
	}
	defer table.Release()
	temp := filepath.Join(c.cfg.Dir, partial+key+native)
	if err := build(ctx, table.Path, temp); err != nil {
		_ = os.Remove(temp) // build leaves nothing; what stays is removed by the next process
		return err
	}
	info, err := os.Stat(temp)
	if err == nil {
		err = os.Rename(temp, filepath.Join(c.cfg.Dir, key+native))
	}
	if err != nil {
		return fmt.Errorf("keeping the engine's own form of a table: %w", err)
	}
	c.added(key+native, info.Size())
	return nil
}

// Settle waits until nothing is fetched or built.
func (c *Cache) Settle() {
	for {
		c.mu.Lock()
		var one *flight
		for _, f := range c.flights {
			one = f
			break
		}
		c.mu.Unlock()
		if one == nil {
			return
		}
		<-one.done
	}
}
