package basemap

import (
	"container/list"
	"sync"

	"plaza/internal/base/tile"
)

// keptBytes is how many bytes of tiles are kept in memory.
const keptBytes = 16 << 20

type tileKey struct {
	layer string
	on    tile.Tile
}

// kept are the tiles that were made last, up to a number of bytes; what was not asked for
// the longest goes first. It is safe for concurrent use.
type kept struct {
	mu    sync.Mutex
	size  int
	most  int
	known map[tileKey]*list.Element
	used  *list.List // the latest first
}

type keptTile struct {
	key  tileKey
	body []byte
}

// frame is about what a tile costs besides its bytes.
const frame = 200

func newKept(most int) *kept {
	return &kept{most: most, known: map[tileKey]*list.Element{}, used: list.New()}
}

// get is a tile that is kept, nil for none.
func (k *kept) get(key tileKey) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := k.known[key]
	if at == nil {
		return nil
	}
	k.used.MoveToFront(at)
	return at.Value.(keptTile).body
}

func (k *kept) put(key tileKey, body []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known[key] != nil {
		return
	}
	k.known[key] = k.used.PushFront(keptTile{key, body})
	k.size += len(body) + frame
	for k.size > k.most {
		gone := k.used.Remove(k.used.Back()).(keptTile)
		delete(k.known, gone.key)
		k.size -= len(gone.body) + frame
	}
}
