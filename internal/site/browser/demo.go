package browser

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/site"
)

// Demo is a Plaza with the demonstration in it, served from this process.
type Demo struct {
	Origin string // scheme://host:port
	Site   *site.Site
	end    context.CancelFunc
	ended  chan error
}

// StartDemo puts the demonstration into a store of its own in dir and serves it on a
// free port of this machine. Close it afterwards.
func StartDemo(ctx context.Context, dir string) (*Demo, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	worker, err := childtest.Built()
	if err != nil {
		return nil, err
	}
	cfg := site.Config{Addr: addr, Data: dir, Log: slog.New(slog.DiscardHandler), Version: "browser", Worker: &worker}
	if err := stage(ctx, cfg); err != nil {
		return nil, fmt.Errorf("playing the demonstration: %w", err)
	}
	return Serve(ctx, cfg)
}

// room is for all that the sites of one process, and whoever looks at them, have in memory.
const room = 1 << 30

// Serve serves the Plaza of a configuration from this process, at cfg.Addr, or at a free
// port of this machine when that is "". Close it afterwards.
func Serve(ctx context.Context, cfg site.Config) (_ *Demo, err error) {
	if cfg.Addr == "" {
		if cfg.Addr, err = freeAddr(); err != nil {
			return nil, err
		}
	}
	cfg.Room = room
	d := &Demo{Origin: "http://" + cfg.Addr, ended: make(chan error, 1)}
	if d.Site, err = site.Open(ctx, cfg); err != nil {
		return nil, err
	}
	ctx, d.end = context.WithCancel(ctx)
	ready := make(chan struct{})
	go func() { d.ended <- d.Site.Serve(ctx, func(string) { close(ready) }) }()
	select {
	case <-ready:
		return d, nil
	case err := <-d.ended:
		d.end()
		return nil, errors.Join(err, d.Site.Close())
	case <-time.After(time.Minute):
		return nil, errors.Join(errors.New("the site was not ready within a minute"), d.Close())
	}
}

// played holds what the first playing of this process left in its folder.
var played struct {
	sync.Mutex
	files map[string][]byte // by their paths in it
}

// stage puts the demonstration where cfg says. It is played once per process; who comes
// later gets a copy, which moves to its own address when it is served.
func stage(ctx context.Context, cfg site.Config) error {
	played.Lock()
	defer played.Unlock()
	if played.files != nil {
		return restore(cfg.Data, played.files)
	}
	if _, err := site.PlayDemo(ctx, cfg, false, nil); err != nil {
		return err
	}
	files, err := contents(cfg.Data)
	if err == nil {
		played.files = files
	}
	return err
}

// contents reads a folder whole.
func contents(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	return files, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(path)
		return err
	})
}

// restore writes a folder as it was read.
func restore(dir string, files map[string][]byte) error {
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Close stops serving and closes the store.
func (d *Demo) Close() error {
	d.end()
	return errors.Join(<-d.ended, d.Site.Close())
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
