package basemap

import (
	"plaza/internal/base/recent"
	"plaza/internal/base/tile"
)

// keptBytes is how many bytes of tiles are kept in memory.
const keptBytes = 16 << 20

// frame is about what a tile costs besides its bytes.
const frame = 200

type tileKey struct {
	layer string
	on    tile.Tile
}

// kept are the tiles that were made last.
type kept = recent.Recent[tileKey, []byte]

func newKept(most int64) *kept { return recent.New[tileKey, []byte](most, 1) }
