package db

import (
	"sync"
	"time"
)

// Clock is Plaza's one source of time. It runs with the process's own clock,
// shifted when PLAZA_NOW or the demo set another starting instant, or stands
// still in tests. Instants are UTC and cut to milliseconds, the store's precision.
type Clock struct {
	mu     sync.RWMutex
	offset time.Duration
	frozen time.Time // zero: it runs
}

// RealClock is the process's clock, unshifted.
func RealClock() *Clock { return &Clock{} }

// StartingAt is a clock that shows start now and runs on from there.
func StartingAt(start time.Time) *Clock {
	return &Clock{offset: time.Until(start)}
}

// FrozenAt is a clock that shows t until it is moved.
func FrozenAt(t time.Time) *Clock { return &Clock{frozen: trim(t)} }

// Now is the present instant.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return trim(time.Now().Add(c.offset))
}

// Frozen reports whether the clock stands still.
func (c *Clock) Frozen() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return !c.frozen.IsZero()
}

// Shifted reports whether the clock shows another time than the machine's.
func (c *Clock) Shifted() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return !c.frozen.IsZero() || c.offset != 0
}

// Shift applies this clock's starting instant to an instant of the machine's time.
func (c *Clock) Shift(t time.Time) time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return trim(t.Add(c.offset))
}

// Set moves a frozen clock to t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = trim(t)
}

// Advance moves a frozen clock by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = trim(c.frozen.Add(d))
}

func trim(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
