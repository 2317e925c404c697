package site

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/job"
	"plaza/internal/base/obs"
	"plaza/internal/civic/record"
)

const (
	// syncEvery bounds how late the index hears of what another process committed.
	syncEvery = time.Second
	// stopWithin is how long a process that is asked to stop finishes requests.
	stopWithin = 20 * time.Second
)

// Serve runs everything until ctx ends: pages, jobs, schedules and readers of the
// record. It then finishes requests and hands jobs back. ready, if set, is called
// with the address that it listens on.
func (s *Site) Serve(ctx context.Context, ready func(addr string)) error {
	holdMemory(ctx, cmp.Or(s.Config.Room, room))
	if err := s.moveDemo(ctx); err != nil {
		return fmt.Errorf("moving the demonstration: %w", err)
	}
	watcher, err := record.Watch(ctx, s.DB)
	if err != nil {
		return fmt.Errorf("reading the record's position: %w", err)
	}
	if err := s.Search.Sync(ctx, s.DB); err != nil {
		return err
	}
	pages, err := s.Pages(watcher)
	if err != nil {
		return err
	}
	tracing, err := obs.StartTracing(ctx, s.Config.OTLP, s.Config.Version)
	if err != nil {
		return err
	}
	health := s.health()
	listener, err := net.Listen("tcp", s.Config.Addr)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", s.Config.Addr, err)
	}
	server := pages.Shell.Server(s.Config.Addr)
	server.Handler = s.around(pages.Shell, health)
	if tracing.On() {
		server.Handler = obs.Trace(server.Handler)
	}
	admin, err := s.admin(health)
	if err != nil {
		return errors.Join(err, listener.Close())
	}

	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var working sync.WaitGroup
	working.Go(func() { watcher.Run(work) })
	working.Go(func() { s.Members.Follow(work) })
	working.Go(func() { s.Follow.Run(work) })
	working.Go(func() { s.Hooks.Run(work) })
	working.Go(func() { s.Scores.Run(work) })
	working.Go(func() {
		s.Search.Follow(work, s.DB, syncEvery, func(err error) { s.Log.WarnContext(work, "index behind", "err", err) })
	})
	s.Harvester.Schedule(s.Runner)
	s.Successions.Schedule(s.Runner)
	s.Runner.Every("record.checkpoint", job.Daily(3, 0, time.UTC), checkpointArgs{}, job.Options{Unique: "record.checkpoint"})
	working.Go(func() { s.Runner.Run(work) })

	failed := make(chan error, 2)
	go func() { failed <- server.Serve(listener) }()
	if admin != nil {
		go func() { failed <- admin.ListenAndServe() }()
	}
	if ready != nil {
		ready(listener.Addr().String())
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	health.Drain()
	stopWork() // jobs are handed back while requests finish
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	stopped := server.Shutdown(end)
	if admin != nil {
		stopped = errors.Join(stopped, admin.Shutdown(end))
	}
	working.Wait()
	return errors.Join(err, stopped, tracing.Stop(end))
}

// around puts what is not a page beside the pages: health, and the demonstration's
// files, which bring their own headers.
func (s *Site) around(pages http.Handler, health *obs.Health) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", health.Live)
	mux.HandleFunc("GET /readyz", health.Ready)
	mux.Handle("/demo/", s.demoFiles())
	mux.Handle("/", pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/healthz", r.URL.Path == "/readyz", len(r.URL.Path) > 6 && r.URL.Path[:6] == "/demo/":
			mux.ServeHTTP(w, r)
		default: // past the router, which would clean paths before the shell sees them
			pages.ServeHTTP(w, r)
		}
	})
}

// health says what must answer for this process to be of use.
func (s *Site) health() *obs.Health {
	h := new(obs.Health)
	h.Add("database", s.DB.Ping)
	h.Add("storage", func(ctx context.Context) error { return blob.Check(ctx, s.Blob) })
	return h
}

func (s *Site) admin(h *obs.Health) (*http.Server, error) {
	if s.Config.AdminAddr == "" {
		return nil, nil
	}
	return &http.Server{Addr: s.Config.AdminAddr, Handler: obs.Admin(s.Metrics, h), ReadHeaderTimeout: 10 * time.Second}, nil
}

// version names the state that public pages are made from: the record's position and
// the index's, which follows it, this configuration and build, and the day, since
// pages tell ages.
func (s *Site) version(w *record.Watcher) func() string {
	sum := sha256.Sum256([]byte(s.Config.BaseURL + "\x00" + s.Config.Version + "\x00" + s.Config.SMTP))
	config := hex.EncodeToString(sum[:6])
	var mu sync.Mutex
	var seq, day, index int64
	var last string
	return func() string {
		now, today, indexed := w.Position(), s.DB.Now().Unix()/86400, s.Search.Version()
		mu.Lock()
		defer mu.Unlock()
		if last == "" || now != seq || today != day || indexed != index {
			seq, day, index = now, today, indexed
			last = fmt.Sprintf("%d.%d.%d.%s", now, today, indexed, config)
		}
		return last
	}
}
