package parquet

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// exhausted is the panic of a budget that does not suffice.
type exhausted struct{ asked, used int }

func (e *exhausted) Error() string {
	return fmt.Sprintf("parquet: %d bytes wanted, %d in use", e.asked, e.used)
}

// budget counts the memory of a file's buffers and refuses more than maxMemory, which
// files that lie about sizes ask for. It is used by one goroutine at a time.
type budget struct {
	plain memory.GoAllocator
	used  int
}

// Allocate implements memory.Allocator.
func (b *budget) Allocate(size int) []byte {
	b.take(size)
	return b.plain.Allocate(size)
}

// Reallocate implements memory.Allocator.
func (b *budget) Reallocate(size int, old []byte) []byte {
	b.take(size - len(old))
	return b.plain.Reallocate(size, old)
}

// Free implements memory.Allocator.
func (b *budget) Free(old []byte) {
	b.used -= len(old)
	b.plain.Free(old)
}

func (b *budget) take(size int) {
	if size > maxMemory || b.used+size > maxMemory {
		panic(&exhausted{size, b.used})
	}
	b.used += size
}
