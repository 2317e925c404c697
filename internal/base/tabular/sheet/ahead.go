package sheet

import "io"

// ahead reads from another reader in a goroutine of its own, some blocks ahead, so that
// unpacking and scanning share two cores.
type ahead struct {
	full  chan block
	empty chan []byte
	stop  chan struct{}
	now   block
	at    int
}

// block is what was read, and the error that came with it.
type block struct {
	data []byte
	err  error
}

// Blocks of reading ahead.
const (
	aheadBlocks = 3
	aheadBytes  = 128 << 10
)

func newAhead(r io.Reader) *ahead {
	a := &ahead{full: make(chan block), empty: make(chan []byte, aheadBlocks), stop: make(chan struct{})}
	for range aheadBlocks {
		a.empty <- make([]byte, aheadBytes)
	}
	go a.run(r)
	return a
}

// run reads until an error or until nobody wants more.
func (a *ahead) run(r io.Reader) {
	defer close(a.full)
	for {
		var b block
		select {
		case b.data = <-a.empty:
		case <-a.stop:
			return
		}
		n := 0
		for n < len(b.data) && b.err == nil {
			var got int
			got, b.err = r.Read(b.data[n:])
			n += got
		}
		b.data = b.data[:n]
		select {
		case a.full <- b:
		case <-a.stop:
			return
		}
		if b.err != nil {
			return
		}
	}
}

// Read gives what was read ahead.
func (a *ahead) Read(p []byte) (int, error) {
	for a.at == len(a.now.data) {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.data != nil {
			a.empty <- a.now.data[:cap(a.now.data)]
		}
		next, ok := <-a.full
		if !ok {
			return 0, io.ErrUnexpectedEOF
		}
		a.now, a.at = next, 0
	}
	n := copy(p, a.now.data[a.at:])
	a.at += n
	return n, nil
}

// close ends the reading and waits until it has.
func (a *ahead) close() {
	close(a.stop)
	for range a.full {
	}
}
