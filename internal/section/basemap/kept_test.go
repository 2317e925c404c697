package basemap

import (
	"testing"

	"plaza/internal/base/tile"
)

func TestTilesThatNobodyAsksForMakeRoom(t *testing.T) {
	k := newKept(3 * (100 + frame))
	key := func(x uint32) tileKey { return tileKey{LayerStates, tile.Tile{Z: 9, X: x}} }
	for x := range uint32(3) {
		k.put(key(x), make([]byte, 100))
	}
	k.get(key(0))
	k.put(key(3), make([]byte, 100))
	for x, want := range []bool{true, false, true, true} {
		if got := k.get(key(uint32(x))) != nil; got != want {
			t.Errorf("tile %d is kept: %v, want %v", x, got, want)
		}
	}
	k.put(key(4), make([]byte, 5000)) // more than there is room for
	if k.size != 0 || len(k.known) != 0 {
		t.Errorf("%d bytes of %d tiles are kept", k.size, len(k.known))
	}
	k.put(key(5), []byte{})
	if k.get(key(5)) == nil {
		t.Error("an empty tile is not kept")
	}
}
