package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"plaza/internal/plaza"
)

// What one network may ask for that has to be made: a page from the cache and an
// asset cost nothing and are not counted. A classroom or a newsroom behind one address
// stays far below; a crawler is told to wait.
const (
	workPerSecond = 20
	workAtOnce    = 400
	mostBrakes    = 20_000 // networks remembered; a full bucket is as good as a forgotten one
)

// brakes hold one bucket for each network that has asked lately. They are of this
// process alone: they keep its processor for everybody, no more.
type brakes struct {
	mu  sync.Mutex
	now func() time.Time
	by  map[netip.Prefix]*rate.Limiter
}

func newBrakes(now func() time.Time) *brakes {
	return &brakes{now: now, by: map[netip.Prefix]*rate.Limiter{}}
}

// brake returns TooMany when the request's network has asked for more than its share.
// This machine itself, an undeclared proxy on it included, is never braked: behind it
// all people would share one bucket.
func (s *Shell) brake(r *http.Request) error {
	ip := s.ClientIP(r)
	if !ip.IsValid() || ip.IsLoopback() {
		return nil
	}
	bits := 32
	if ip.Is6() {
		bits = 64 // what an IPv6 subscriber has all of
	}
	network, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return nil
	}
	if wait := s.brakes.wait(network); wait > 0 {
		return &plaza.Error{Kind: plaza.TooMany, RetryAfter: wait}
	}
	return nil
}

// wait takes one from the network's bucket, or says how long until there is one.
func (b *brakes) wait(network netip.Prefix) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	l := b.by[network]
	if l == nil {
		if len(b.by) >= mostBrakes {
			b.sweep(now)
		}
		l = rate.NewLimiter(workPerSecond, workAtOnce)
		b.by[network] = l
	}
	if l.AllowN(now, 1) {
		return 0
	}
	return time.Second
}

// sweep forgets the networks whose buckets have filled again, or all of them when none
// has: a flood from everywhere is not stopped by remembering it.
func (b *brakes) sweep(now time.Time) {
	for network, l := range b.by {
		if l.TokensAt(now) >= workAtOnce {
			delete(b.by, network)
		}
	}
	if len(b.by) >= mostBrakes {
		clear(b.by)
	}
}
