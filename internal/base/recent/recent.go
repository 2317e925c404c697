// Package recent keeps in memory what was used last, up to a number of bytes: answers,
// tiles, pictures. What was not asked for the longest goes first.
package recent

import (
	"container/list"
	"sync"
)

// Recent keeps values by their keys. It is safe for concurrent use.
type Recent[K comparable, V any] struct {
	mu      sync.Mutex
	size    int64
	most    int64
	largest int64
	known   map[K]*list.Element
	used    *list.List // the latest first
}

type kept[K comparable, V any] struct {
	key   K
	value V
	size  int64
}

// New makes one that keeps most bytes, and no value that takes more than a part of them:
// one of 4 is a quarter.
func New[K comparable, V any](most int64, part int64) *Recent[K, V] {
	return &Recent[K, V]{most: most, largest: most / part, known: map[K]*list.Element{}, used: list.New()}
}

// Get is a value that is kept.
func (r *Recent[K, V]) Get(key K) (value V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.known[key]
	if at == nil {
		return value, false
	}
	r.used.MoveToFront(at)
	return at.Value.(*kept[K, V]).value, true
}

// Put keeps a value of a size in bytes, unless its key is known: first says that it was not.
// A value that is too large is forgotten at once.
func (r *Recent[K, V]) Put(key K, value V, size int64) (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[key] != nil {
		return false
	}
	if size > r.largest {
		return true
	}
	r.known[key] = r.used.PushFront(&kept[K, V]{key, value, size})
	r.size += size
	for r.size > r.most {
		r.remove(r.used.Back())
	}
	return true
}

// Forget drops a value.
func (r *Recent[K, V]) Forget(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.known[key]; at != nil {
		r.remove(at)
	}
}

func (r *Recent[K, V]) remove(at *list.Element) {
	gone := r.used.Remove(at).(*kept[K, V])
	delete(r.known, gone.key)
	r.size -= gone.size
}
