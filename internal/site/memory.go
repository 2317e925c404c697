package site

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// room is how many bytes of its own a serving process is held to, unless Config.Room
	// says; what it has mapped of the program itself, some 100 MB, comes on top.
	room = 165_000_000
	// garbage is how much of it may gather, in percent of what lives, where there is room.
	garbage = 200
	// roomEvery is how often it is looked whether what lives still fits.
	roomEvery = 5 * time.Second
)

// holdMemory has the collector run seldom while there is room, and often rather than take
// more. What lives may be more than that, on a server with much to do: half as much again is
// then left for garbage, for a collector that only ever ran would be worse.
func holdMemory(ctx context.Context, room int64) {
	percent := debug.SetGCPercent(garbage)
	limit := debug.SetMemoryLimit(room)
	go func() {
		tick := time.NewTicker(roomEvery)
		defer tick.Stop()
		for ctx.Err() == nil {
			debug.SetMemoryLimit(max(room, living()*3/2))
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
}

// living is how many bytes were in use when the collector last ran.
func living() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64()) //nolint:gosec // bytes of this machine's memory
}
