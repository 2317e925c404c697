package child

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// session is the parent's side of one worker's pipes. What is asked of it goes through
// one goroutine and what it says comes through another, which waits for nobody: a
// worker or a reader that stands still holds up nothing else.
type session struct {
	p       *process
	memory  int64
	scratch string // its folder, removed after it
	send    chan frame
	bye     chan struct{} // closed: nothing more is asked
	once    sync.Once
	dead    chan struct{} // closed when the process has ended and all calls are told

	mu       sync.Mutex
	calls    map[uint64]*call
	last     uint64
	answered bool
	active   int // questions that use it, as Workers counts them
}

// call is one question to a worker.
type call struct {
	s      *session
	id     uint64
	stream bool
	notify chan struct{} // there is more in parts
	ended  chan struct{} // answer and err are there

	mu      sync.Mutex
	over    []func() // run when it ends
	parts   [][]byte // steps or chunks that were not taken
	out     int      // chunks that were taken and not given back as credit, or lie in parts
	arrived int      // chunks
	culprit bool     // the process is killed for not ending it
	late    bool     // its time is over
	answer  []byte
	err     error
}

// died is the error of calls whose worker ended before their answer.
type died struct{ why string }

func (d *died) Error() string { return "child: worker ended early: " + d.why }

func newSession(p *process, l Limits) *session {
	s := &session{p: p, memory: l.Memory, scratch: l.Scratch, send: make(chan frame, 64), bye: make(chan struct{}),
		dead: make(chan struct{}), calls: map[uint64]*call{}}
	go s.write(l)
	go s.read()
	return s
}

func (s *session) write(l Limits) {
	body, err := json.Marshal(l)
	if err != nil {
		s.p.kill(crashed)
		return
	}
	var buf []byte
	put := func(f frame) bool {
		buf = appendFrame(buf[:0], f)
		_, err := s.p.in.Write(buf)
		if cap(buf) > 4*chunkSize {
			buf = nil
		}
		return err == nil
	}
	ok := put(frame{header: header{Kind: kindInit}, body: body})
	for ok {
		select {
		case f := <-s.send:
			ok = put(f)
		case <-s.bye:
			put(frame{header: header{Kind: kindBye}})
			return
		case <-s.p.done:
			return
		}
	}
}

// put sends a frame unless the worker is gone.
func (s *session) put(f frame) {
	select {
	case s.send <- f:
	case <-s.p.done:
	}
}

// read takes what the worker says until it ends; then every call that has no answer
// gets to know.
func (s *session) read() {
	r := bufio.NewReaderSize(s.p.out, chunkSize)
	for {
		f, err := readFrame(r)
		if err == nil {
			err = s.take(f)
		}
		if err != nil {
			if err != io.EOF {
				s.p.kill(crashed)
			}
			break
		}
	}
	s.leave()
	<-s.p.done
	_ = s.p.close()
	why := s.p.verdict(s.memory)
	_ = os.RemoveAll(s.scratch)
	s.mu.Lock()
	left := s.calls
	s.calls = nil
	s.mu.Unlock()
	for _, c := range left {
		c.end(nil, &died{why: why})
	}
	close(s.dead)
}

// leave sees that a worker that has closed its pipe, or should have, ends.
func (s *session) leave() {
	s.goodbye()
	s.p.after(time.Second, func() { s.p.kill(crashed) })
}

func (s *session) goodbye() { s.once.Do(func() { close(s.bye) }) }

// take takes one frame.
func (s *session) take(f frame) error {
	s.mu.Lock()
	c := s.calls[f.ID]
	if c != nil && (f.Kind == kindDone || f.Kind == kindFail) {
		delete(s.calls, f.ID)
		s.answered = true
	}
	s.mu.Unlock()
	if c == nil {
		return fmt.Errorf("%w: %q for %d, which was not asked", errNonsense, f.Kind, f.ID)
	}
	switch f.Kind {
	case kindDone:
		c.end(f.body, nil)
	case kindFail:
		var w wireError
		if err := json.Unmarshal(f.body, &w); err != nil {
			c.end(nil, &died{why: crashed})
			return fmt.Errorf("%w: %w", errNonsense, err)
		}
		c.end(nil, w.decode())
	case kindStep, kindChunk:
		return c.part(f)
	default:
		return fmt.Errorf("%w: %q", errNonsense, f.Kind)
	}
	return nil
}

// begin asks. left is the time that the worker is told; 0 is without end.
func (s *session) begin(op string, body []byte, left time.Duration) *call {
	c := &call{s: s, stream: op == opExport, notify: make(chan struct{}, 1), ended: make(chan struct{})}
	s.mu.Lock()
	gone := s.calls == nil
	if !gone {
		s.last++
		c.id = s.last
		s.calls[c.id] = c
	}
	s.mu.Unlock()
	if gone {
		c.end(nil, &died{why: crashed})
		return c
	}
	s.put(frame{header: header{Kind: kindAsk, ID: c.id, Op: op, Nanos: int64(left)}, body: body})
	return c
}

func (c *call) end(answer []byte, err error) {
	c.mu.Lock()
	c.answer, c.err = answer, err
	over := c.over
	c.over = nil
	close(c.ended)
	c.mu.Unlock()
	for _, f := range over {
		f()
	}
}

// whenOver calls f when the call has ended.
func (c *call) whenOver(f func()) {
	c.mu.Lock()
	select {
	case <-c.ended:
		c.mu.Unlock()
		f()
	default:
		c.over = append(c.over, f)
		c.mu.Unlock()
	}
}

// maxSteps is how many steps are kept for a reader who does not take them.
const maxSteps = 256

// part keeps a step or a chunk for the caller. More chunks than the window holds are
// none of ours.
func (c *call) part(f frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case (f.Kind == kindChunk) != c.stream || len(f.body) > chunkSize:
		return fmt.Errorf("%w: %q of %d bytes", errNonsense, f.Kind, len(f.body))
	case c.stream && c.out >= window:
		return fmt.Errorf("%w: a chunk that nobody has room for", errNonsense)
	case !c.stream && len(c.parts) >= maxSteps:
		c.parts = c.parts[1:]
	}
	c.out++
	c.arrived++
	c.parts = append(c.parts, f.body)
	select {
	case c.notify <- struct{}{}:
	default:
	}
	return nil
}

// taken gives what there is to take.
func (c *call) taken() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	parts := c.parts
	c.parts = nil
	return parts
}

// credit lets the worker send one more chunk.
func (c *call) credit() {
	c.mu.Lock()
	c.out--
	c.mu.Unlock()
	c.s.put(frame{header: header{Kind: kindCredit, ID: c.id, N: 1}})
}

// stop tells the worker to give the call up, and kills it when it does not in time.
func (c *call) stop(grace time.Duration) {
	select {
	case <-c.ended:
		return
	default:
	}
	c.s.put(frame{header: header{Kind: kindCancel, ID: c.id}})
	time.AfterFunc(grace, func() {
		select {
		case <-c.ended:
		default:
			c.mu.Lock()
			c.culprit = true
			c.mu.Unlock()
			c.s.p.kill(killedTime)
		}
	})
}

// expire is stop for a call whose time is over.
func (c *call) expire(grace time.Duration) {
	c.mu.Lock()
	c.late = true
	c.mu.Unlock()
	c.stop(grace)
}

// pace expires a stream that does not move for d while its reader has room.
func (c *call) pace(d, grace time.Duration, seen int) {
	time.AfterFunc(d, func() {
		select {
		case <-c.ended:
			return
		default:
		}
		c.mu.Lock()
		arrived, full := c.arrived, c.out >= window
		c.mu.Unlock()
		if arrived == seen && !full {
			c.expire(grace)
			return
		}
		c.pace(d, grace, arrived)
	})
}

// blame reports whether the call's time was over, and whether its worker was killed for
// not ending it.
func (c *call) blame() (late, culprit bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.late, c.culprit
}

// follow gives each part to take until the call ends; an error of take stops it. It
// returns with ctx, and the call may then still be under way.
func (c *call) follow(ctx context.Context, take func([]byte) error) ([]byte, error) {
	for {
		over := false
		select {
		case <-c.notify:
		case <-c.ended:
			over = true
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		for _, part := range c.taken() {
			if err := take(part); err != nil {
				return nil, err
			}
		}
		if over {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.answer, c.err
		}
	}
}
