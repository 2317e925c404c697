package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"plaza/internal/plaza"
)

// Limits are what a worker may use, told to it before anything else. The parent holds
// it to them from outside: a worker that keeps to them is not killed.
type Limits struct {
	Memory  int64  `json:"memory"`  // bytes resident, of the whole process
	Go      int64  `json:"go"`      // the part of Memory that Go's heap is held to
	Engine  int64  `json:"engine"`  // the part of Memory that the engine may be told
	Disk    int64  `json:"disk"`    // bytes of files that it may write
	Slots   int    `json:"slots"`   // questions at a time
	Scratch string `json:"scratch"` // folder of its own for temporary files, removed after it; also TMPDIR
}

// Limiter is an Engine that wants to know its limits: it is told once, before anything
// is asked of it.
type Limiter interface {
	Limit(l Limits) error
}

// Serve is a worker: it answers on out what is asked on in. args is one word: "convert"
// for one file (or another long work) and then the end, "ask" for questions until in
// ends or says goodbye. The process around it should do nothing else: Serve takes rights
// away from it for good. Its errors are those of the pipe and of a parent that does not
// keep to the frames; when in ends of a sudden all work is given up.
func Serve(ctx context.Context, e Engine, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 || opsOf[args[0]] == nil {
		return fmt.Errorf("child: %q is no mode of a worker", args)
	}
	harden()
	return serve(ctx, e, args[0], in, out)
}

func serve(ctx context.Context, e Engine, mode string, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{engine: e, mode: mode, out: out, running: map[uint64]*running{}}
	r := bufio.NewReaderSize(in, chunkSize)
	if err := s.begin(r); err != nil {
		return err
	}
	end := make(chan error, 1)
	go func() { end <- s.read(ctx, r, func() { end <- nil }) }()
	select {
	case err := <-end:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin takes the limits.
func (s *server) begin(r *bufio.Reader) error {
	f, err := readFrame(r)
	if err != nil {
		return err
	}
	var l Limits
	if f.Kind != kindInit {
		return fmt.Errorf("%w: %q comes before the limits", errNonsense, f.Kind)
	}
	if err := json.Unmarshal(f.body, &l); err != nil {
		return fmt.Errorf("%w: %w", errNonsense, err)
	}
	if l.Go > 0 {
		debug.SetMemoryLimit(l.Go)
	}
	if told, ok := s.engine.(Limiter); ok {
		return told.Limit(l)
	}
	return nil
}

// server is the worker's side of the pipe.
type server struct {
	engine Engine
	mode   string
	tables tables

	writing sync.Mutex
	out     io.Writer
	buf     []byte

	mu      sync.Mutex
	running map[uint64]*running
	wait    sync.WaitGroup
}

// running is one question that is being answered.
type running struct {
	id      uint64
	cancel  context.CancelFunc
	credits chan struct{} // chunks that the reader has room for
}

// read takes frames until the pipe ends. finished is called when a worker for one work
// has done it.
func (s *server) read(ctx context.Context, r *bufio.Reader, finished func()) error {
	for {
		f, err := readFrame(r)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch f.Kind {
		case kindAsk:
			s.start(ctx, f, finished)
		case kindCancel:
			if one := s.one(f.ID); one != nil {
				one.cancel()
			}
		case kindCredit:
			if one := s.one(f.ID); one != nil {
				one.credit(f.N)
			}
		case kindBye:
			s.wait.Wait()
			return nil
		default:
			return fmt.Errorf("%w: %q", errNonsense, f.Kind)
		}
	}
}

func (s *server) one(id uint64) *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[id]
}

func (r *running) credit(n int) {
	for range min(n, window) {
		select {
		case r.credits <- struct{}{}:
		default: // more than there can be under way
		}
	}
}

// start answers one question beside the others.
func (s *server) start(ctx context.Context, f frame, finished func()) {
	one := &running{id: f.ID, credits: make(chan struct{}, window)}
	one.credit(window)
	if f.Nanos > 0 {
		ctx, one.cancel = context.WithTimeout(ctx, time.Duration(f.Nanos))
	} else {
		ctx, one.cancel = context.WithCancel(ctx)
	}
	s.mu.Lock()
	s.running[f.ID] = one
	s.mu.Unlock()
	s.wait.Go(func() {
		defer one.cancel()
		answer, err := s.answer(ctx, one, f)
		s.mu.Lock()
		delete(s.running, f.ID)
		s.mu.Unlock()
		s.finish(f.ID, answer, err)
		if s.mode == modeConvert {
			finished()
		}
	})
}

// finish sends an answer or what went wrong. A pipe that is gone ends the reading too.
func (s *server) finish(id uint64, answer any, err error) {
	kind, body := kindDone, []byte(nil)
	if err == nil {
		if body, err = json.Marshal(answer); err == nil && len(body) > maxBody {
			err = &plaza.Error{Kind: plaza.Invalid, Key: "tabular.error.large"}
		}
	}
	if err != nil {
		kind = kindFail
		if body, err = json.Marshal(encodeError(err)); err != nil || len(body) > maxBody {
			body = []byte(`{"text":"an error that cannot be written"}`)
		}
	}
	_ = s.send(frame{header: header{Kind: kind, ID: id}, body: body})
}

func (s *server) send(f frame) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.buf = appendFrame(s.buf[:0], f)
	_, err := s.out.Write(s.buf)
	if cap(s.buf) > 4*chunkSize { // one great answer is no reason to keep its room
		s.buf = nil
	}
	return err
}

// answer asks the engine. What panics is an internal error of that question alone.
func (s *server) answer(ctx context.Context, one *running, f frame) (answer any, err error) {
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "worker panicked", "op", f.Op, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			answer, err = nil, fmt.Errorf("child: panic: %v", p)
		}
	}()
	q, err := s.tables.decode(f.body)
	if err != nil {
		return nil, err
	}
	if !opsOf[s.mode][f.Op] {
		return nil, fmt.Errorf("%w: a worker of mode %s is asked %q", errNonsense, s.mode, f.Op)
	}
	return s.ask(ctx, one, f.Op, q)
}

func (s *server) ask(ctx context.Context, one *running, op string, q question) (any, error) {
	switch op {
	case opConvert:
		return s.engine.Convert(ctx, *q.Conversion, func(step Step) {
			if body, err := json.Marshal(step); err == nil {
				_ = s.send(frame{header: header{Kind: kindStep, ID: one.id}, body: body})
			}
		})
	case opNative:
		return nil, s.engine.Native(ctx, *q.Table, q.Path)
	case opCompare:
		return s.engine.Compare(ctx, *q.Table, *q.After)
	case opPage:
		return s.engine.Page(ctx, *q.Table, *q.Query)
	case opRow:
		return s.engine.Row(ctx, *q.Table, q.Number)
	case opCount:
		return s.engine.Count(ctx, *q.Table, *q.Query)
	case opGroups:
		return s.engine.Groups(ctx, *q.Table, *q.Query)
	case opExport:
		w := &stream{ctx: ctx, server: s, one: one}
		if err := s.engine.Export(ctx, *q.Table, *q.Export, w); err != nil {
			return nil, err
		}
		return nil, w.flush()
	}
	return nil, errors.ErrUnsupported
}

// stream sends what is written to it in chunks, as fast as the reader takes them.
type stream struct {
	ctx    context.Context
	server *server
	one    *running
	buf    []byte
}

// Write keeps p until a chunk is full. It waits for the reader, or for ctx's end.
func (w *stream) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(len(p), chunkSize-len(w.buf))
		w.buf, p = append(w.buf, p[:k]...), p[k:]
		if len(w.buf) == chunkSize {
			if err := w.flush(); err != nil {
				return n - len(p), err
			}
		}
	}
	return n, nil
}

func (w *stream) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	select {
	case <-w.ctx.Done():
		return w.ctx.Err()
	case <-w.one.credits:
	}
	err := w.server.send(frame{header: header{Kind: kindChunk, ID: w.one.id}, body: w.buf})
	w.buf = w.buf[:0]
	return err
}
