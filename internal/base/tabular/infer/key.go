package infer

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"plaza/internal/base/tabular"
)

// Bounds of the search for keys. A table of 64-bit prints of a column's values finds
// what comes twice; a wrong finding is one in a million at ten million rows.
const (
	mostPrints = 1 << 25 // slots of all columns: 256 MiB
	mostTwice  = 20      // one in so many values may come twice before a column is no key at all
)

// keys looks for columns in which no value comes twice. It is shared by goroutines.
type keys struct {
	list   []keyColumn
	prints atomic.Int64 // slots in use
}

type keyColumn struct {
	dead  atomic.Bool
	named bool // it is called id, clave, folio: values that come twice are counted
	mu    sync.Mutex
	table []uint64
	used  int64 // values, without those that came before
	twice int64
	empty int64
	where []tabular.Sample
}

func newKeys(columns int) *keys { return &keys{list: make([]keyColumn, columns)} }

// judge adds the values of one column of a batch, whose cells c has counted.
func (k *keys) judge(c *column, b *tabular.Batch, col int, buffer []uint64) []uint64 {
	key := &k.list[col]
	if key.dead.Load() {
		return buffer
	}
	if !key.named && (c.maxLen > 64 || c.span(classShape, classMoney)+c.span(classDay, clock) > 0) {
		k.drop(key)
		return buffer
	}
	buffer = buffer[:0]
	for row := range b.Rows() {
		h := uint64(0)
		if cell := b.Cell(row, col); len(cell) > 0 {
			h = maphash.Bytes(seed, cell) | 1
		}
		buffer = append(buffer, h)
	}
	key.mu.Lock()
	defer key.mu.Unlock()
	if key.dead.Load() {
		return buffer
	}
	for row, h := range buffer {
		switch {
		case h == 0:
			key.empty++
		case !k.insert(key, h):
			k.dropLocked(key)
			return buffer
		case key.twice > 0 && !key.named:
			k.dropLocked(key)
			return buffer
		case int64(len(key.where)) < min(key.twice, tabular.MaxSamples):
			key.where = append(key.where, place(b, row, b.Cell(row, col)))
		}
	}
	if key.twice > 0 && key.twice*mostTwice > key.used || key.empty > 0 && !key.named {
		k.dropLocked(key)
	}
	return buffer
}

// insert adds a print; false when there is no room.
func (k *keys) insert(key *keyColumn, h uint64) bool {
	if key.used*4 >= int64(len(key.table))*3 && !k.grow(key) {
		return false
	}
	if add(key.table, h) {
		key.used++
	} else {
		key.twice++
	}
	return true
}

// add puts a print into a table that has room; false when it is there.
func add(table []uint64, h uint64) bool {
	mask := uint64(len(table) - 1)
	for i := (h >> 1) & mask; ; i = (i + 1) & mask {
		switch table[i] {
		case 0:
			table[i] = h
			return true
		case h:
			return false
		}
	}
}

func (k *keys) grow(key *keyColumn) bool {
	size := max(4096, len(key.table)*2)
	if len(key.table) >= 1<<16 {
		size = len(key.table) * 4
	}
	if k.prints.Add(int64(size-len(key.table))) > mostPrints {
		k.prints.Add(int64(len(key.table) - size))
		return false
	}
	table := make([]uint64, size)
	for _, h := range key.table {
		if h != 0 {
			add(table, h)
		}
	}
	key.table = table
	return true
}

func (k *keys) drop(key *keyColumn) {
	key.mu.Lock()
	defer key.mu.Unlock()
	k.dropLocked(key)
}

func (k *keys) dropLocked(key *keyColumn) {
	if !key.dead.Swap(true) {
		k.prints.Add(-int64(len(key.table)))
		key.table = nil
	}
}

// unique reports whether the column has a value in each row and none twice.
func (k *keys) unique(col int) bool {
	key := &k.list[col]
	return !key.dead.Load() && key.twice == 0 && key.empty == 0 && key.used > 0
}
