package db

import "sync/atomic"

// Wake tells this process's listeners of a topic that something was committed. It
// is a hint beside polling: other processes are not told.
func (d *DB) Wake(topic string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.waiting[topic] {
		select {
		case c <- struct{}{}:
		default: // it has a hint waiting already
		}
	}
}

// Listen returns a channel that gets a value after each Wake of the topic, several
// at once counting as one, and a function that ends it.
func (d *DB) Listen(topic string) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting[topic] == nil {
		d.waiting[topic] = map[chan struct{}]bool{}
	}
	d.waiting[topic][c] = true
	return c, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.waiting[topic], c)
	}
}

// Wake tells listeners of a topic once this transaction has been committed.
func (t *Tx) Wake(topic string) { t.AfterCommit(func() { t.db.Wake(topic) }) }

// Reached is how far a topic has come by what this process committed, 0 at first. It is so
// before Write returns, where a listener needs a moment.
func (d *DB) Reached(topic string) *atomic.Int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reached[topic] == nil {
		d.reached[topic] = new(atomic.Int64)
	}
	return d.reached[topic]
}

// Reach says how far a topic has come once this transaction has been committed.
func (t *Tx) Reach(topic string, n int64) {
	t.AfterCommit(func() {
		at := t.db.Reached(topic)
		for was := at.Load(); was < n; was = at.Load() {
			if at.CompareAndSwap(was, n) {
				return
			}
		}
	})
}
