package child

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"time"
)

// Hooks of tests into Workers.

func (w *Workers) SetGrace(d time.Duration) { w.grace = d }

func (w *Workers) SetTick(every time.Duration) {
	w.ticks = func() (<-chan time.Time, func()) {
		t := time.NewTicker(every)
		return t.C, t.Stop
	}
}

func (w *Workers) SetTimer(timer func(time.Duration, func()) func() bool) { w.timer = timer }

// Asking is the number of the asking process and a channel that is closed at its end;
// 0 when there is none.
func (w *Workers) Asking() (int, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asking == nil {
		return 0, nil
	}
	return w.asking.p.cmd.Process.Pid, w.asking.dead
}

// Waiting is how many questions wait for a place, and how many have one.
func (w *Workers) Waiting() (waiting, asked int) { return int(w.waiting.Load()), int(w.asked.Load()) }

var (
	EncodeError = func(err error) error { return encodeError(err).decode() }
	ErrNonsense = errNonsense
)

// ServeHere is Serve without taking rights from the process.
func ServeHere(ctx context.Context, e Engine, mode string, in io.Reader, out io.Writer) error {
	return serve(ctx, e, mode, in, out)
}

// Reframe reads a frame and gives its bytes again.
func Reframe(r *bufio.Reader) ([]byte, error) {
	f, err := readFrame(r)
	if err != nil {
		return nil, err
	}
	return appendFrame(nil, f), nil
}

// Frame is a frame's bytes.
func Frame(kind string, id uint64, op string, body string) []byte {
	return appendFrame(nil, frame{header: header{Kind: kind, ID: id, Op: op}, body: []byte(body)})
}

// Hear takes what a worker says for answers to the questions 1, a page, and 2, a stream.
func Hear(raw []byte) error {
	s := &session{calls: map[uint64]*call{}}
	for id, stream := range map[uint64]bool{1: false, 2: true} {
		s.calls[id] = &call{s: s, id: id, stream: stream, notify: make(chan struct{}, 1), ended: make(chan struct{})}
	}
	for r := bufio.NewReader(bytes.NewReader(raw)); ; {
		f, err := readFrame(r)
		if err != nil {
			return err
		}
		if err := s.take(f); err != nil {
			return err
		}
	}
}

// Question is the body of a question about a table.
func Question(t Table) string {
	body, err := encode(question{Table: &t})
	if err != nil {
		panic(err)
	}
	return string(body)
}
