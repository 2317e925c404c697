package browser

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"plaza/internal/site"
)

// Demo is a Plaza with the demonstration in it, served from this process.
type Demo struct {
	Origin string // scheme://host:port
	Site   *site.Site
	end    context.CancelFunc
	ended  chan error
}

// StartDemo plays the demonstration into a store of its own in dir and serves it on a
// free port of this machine. Close it afterwards.
func StartDemo(ctx context.Context, dir string) (*Demo, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	cfg := site.Config{Addr: addr, Data: dir, Log: slog.New(slog.DiscardHandler), Version: "browser"}
	if _, err := site.PlayDemo(ctx, cfg, false, nil); err != nil {
		return nil, fmt.Errorf("playing the demonstration: %w", err)
	}
	return Serve(ctx, cfg)
}

// Serve serves the Plaza of a configuration from this process, at cfg.Addr, or at a free
// port of this machine when that is "". Close it afterwards.
func Serve(ctx context.Context, cfg site.Config) (_ *Demo, err error) {
	if cfg.Addr == "" {
		if cfg.Addr, err = freeAddr(); err != nil {
			return nil, err
		}
	}
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
