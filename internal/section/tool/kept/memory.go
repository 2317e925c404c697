package kept

import (
	"container/list"
	"sync"

	"plaza/internal/section/tool/reckon"
)

// memory keeps what was used last, up to a number of bytes. It is safe for concurrent use.
type memory struct {
	mu    sync.Mutex
	size  int64
	most  int64
	known map[string]*list.Element
	used  *list.List // the latest first
}

type remembered struct {
	key   string
	value any
	size  int64
}

// largest is the part of the room that one value may take.
const largest = 4

func newMemory(most int64) *memory {
	return &memory{most: most, known: map[string]*list.Element{}, used: list.New()}
}

func (m *memory) get(key string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.known[key]
	if at == nil {
		return nil, false
	}
	m.used.MoveToFront(at)
	return at.Value.(*remembered).value, true
}

// put keeps a value; first says that its key was not there.
func (m *memory) put(key string, value any, size int64) (first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known[key] != nil {
		return false
	}
	if size > m.most/largest {
		return true
	}
	m.known[key] = m.used.PushFront(&remembered{key, value, size})
	m.size += size
	for m.size > m.most {
		m.remove(m.used.Back())
	}
	return true
}

func (m *memory) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := m.known[key]; at != nil {
		m.remove(at)
	}
}

func (m *memory) remove(at *list.Element) {
	gone := m.used.Remove(at).(*remembered)
	delete(m.known, gone.key)
	m.size -= gone.size
}

// weight is about how many bytes a result takes.
func weight(r reckon.Result) int64 {
	const frame, perCell = 2000, 32
	size := int64(frame)
	for _, row := range r.Rows {
		for _, c := range row {
			size += perCell + int64(len(c.Text))
		}
	}
	for _, texts := range []map[string]string{r.Names, r.Shapes} {
		for k, v := range texts {
			size += perCell + int64(len(k)+len(v))
		}
	}
	return size
}
