package db_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/plaza"
)

// soon is the patience of somebody in a test: what it bounds must end at all.
func soon(t *testing.T) context.Context {
	return plaza.WithPatience(t.Context(), 300*time.Millisecond)
}

func ask(tx *db.Tx) error {
	var n int
	return tx.Row(`SELECT COUNT(*) FROM settings`).Scan(&n)
}

func TestALockedStoreIsWaitedForWithPatience(t *testing.T) {
	d := dbtest.SQLite(t)
	other, err := db.Open(t.Context(), "sqlite:"+d.Path(), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	locked, release, released := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		released <- other.Write(context.Background(), func(*db.Tx) error {
			close(locked)
			<-release
			return nil
		})
	}()
	<-locked
	var writers sync.WaitGroup
	for range 6 { // none waits for the others' turns
		writers.Go(func() {
			if err := d.Write(soon(t), func(*db.Tx) error { return nil }); plaza.KindOf(err) != plaza.Unavailable {
				t.Errorf("a write while another process holds the store: %v, want Unavailable", err)
			}
		})
	}
	writers.Wait()
	if err := d.Read(soon(t), ask); err != nil {
		t.Errorf("a read meanwhile: %v", err)
	}
	patient := make(chan error, 1)
	go func() { patient <- d.Write(context.Background(), func(*db.Tx) error { return nil }) }()
	close(release)
	if err := errors.Join(<-released, <-patient); err != nil {
		t.Errorf("who has time waits until it is free: %v", err)
	}
}

// stallable passes a connection on to a server until it is stalled: then nothing
// comes through and nothing closes, as when a machine has stopped.
type stallable struct {
	net.Listener
	mu      sync.Mutex
	stalled *sync.Cond
	still   bool
}

func stall(t *testing.T, to string) *stallable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &stallable{Listener: l}
	s.stalled = sync.NewCond(&s.mu)
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = from.Close()
				continue
			}
			go s.pass(server, from)
			go s.pass(from, server)
		}
	}()
	t.Cleanup(func() { s.hold(false); _ = l.Close() })
	return s
}

func (s *stallable) pass(to io.WriteCloser, from io.Reader) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		s.mu.Lock()
		for s.still {
			s.stalled.Wait()
		}
		s.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (s *stallable) hold(still bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.still = still
	s.stalled.Broadcast()
}

func TestAServerThatHasStoppedKeepsNobodyWaiting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if d.Engine() == db.PostgreSQL { // SQLite has no server
			thaws(t)
		}
	})
}

func thaws(t *testing.T) {
	u, err := url.Parse(dbtest.PostgreSQLDSN(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := stall(t, u.Host)
	u.Host = proxy.Addr().String()
	d, err := db.Open(t.Context(), u.String(), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Read(soon(t), ask); err != nil {
		t.Fatal(err)
	}
	proxy.hold(true)
	var waiting sync.WaitGroup
	for range 25 { // more than the pool has connections
		waiting.Go(func() {
			if err := d.Read(soon(t), ask); plaza.KindOf(err) != plaza.Unavailable {
				t.Errorf("a read of a server that has stopped: %v, want Unavailable", err)
			}
		})
	}
	waiting.Wait()
	proxy.hold(false)
	if err := d.Read(plaza.WithPatience(t.Context(), 10*time.Second), ask); err != nil {
		t.Errorf("once it goes on: %v", err)
	}
}

func TestWhoLeavesIsNoFailureOfTheStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, leave := context.WithCancel(t.Context())
		err := d.Read(ctx, func(tx *db.Tx) error {
			leave()
			return ask(tx)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Read = %v, want the context's end", err)
		}
	})
}
