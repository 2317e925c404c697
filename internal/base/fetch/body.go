package fetch

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// ratioFloor in bytes: below it compression may be as good as it likes.
	ratioFloor = 4 << 20
	// wireSlack in bytes is what framing and incompressible data may add to a body.
	wireSlack = 64 << 10
	// samples is how often a window looks whether somebody waits for the network.
	samples = 10
)

// body streams an answer within the limits of its fetch. The first error stays.
type body struct {
	f    *fetching
	host string
	wire *wire
	out  io.Reader // decompressed
	max  int64     // bytes of out
	read int64
	err  error
	end  func()
}

func (f *fetching) body(host string, r *http.Response, end func()) (*body, error) {
	limit := cmp.Or(f.req.MaxBytes, f.c.cfg.MaxBytes)
	b := &body{f: f, host: host, max: limit, end: sync.OnceFunc(end)}
	b.wire = &wire{b: b, r: r.Body, max: limit + wireSlack}
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	switch encoding {
	case "", "identity":
		if r.ContentLength > limit {
			return nil, b.error(TooLarge, fmt.Errorf("%d bytes announced", r.ContentLength))
		}
		b.out = b.wire
	case "gzip", "x-gzip":
		b.out = &inflater{src: bufio.NewReader(b.wire)}
	default:
		return nil, b.error(Decompression, fmt.Errorf("content encoding %q was not asked for", encoding))
	}
	go b.wire.watch()
	return b, nil
}

// Read gives decompressed bytes; its errors are io.EOF, *Error or the caller's context's.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p)) > b.max-b.read+1 {
		p = p[:b.max-b.read+1] // one byte more than allowed tells that there is more
	}
	n, err := b.out.Read(p)
	b.read += int64(n)
	switch {
	case b.read > b.max:
		n -= int(b.read - b.max)
		err = b.error(TooLarge, nil)
	case b.read > ratioFloor && b.read/b.f.c.cfg.MaxRatio > b.wire.got.Load():
		err = b.error(Decompression, errors.New("compressed beyond reason"))
	}
	if err != nil {
		b.err = b.explain(err)
		b.end()
	}
	return n, b.err
}

// Close frees the connection and the host's place. It may be called more than once.
func (b *body) Close() error {
	b.end()
	return nil
}

func (b *body) error(code Code, cause error) *Error {
	return &Error{Code: code, Host: b.host, cause: cause}
}

// explain leaves io.EOF and typed errors; what else comes, comes from decompression.
func (b *body) explain(err error) error {
	if b.wire.err != nil && b.wire.err != io.EOF {
		return b.wire.err
	}
	if _, ok := errors.AsType[*Error](err); ok || err == io.EOF {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return b.error(Truncated, err)
	}
	return b.error(Decompression, err)
}

// wire reads what comes over the network and counts it.
type wire struct {
	b       *body
	r       io.Reader
	max     int64
	got     atomic.Int64
	waiting atomic.Bool // inside a read of r
	err     error
}

func (w *wire) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.waiting.Store(true)
	n, err := w.r.Read(p)
	w.waiting.Store(false)
	got := w.got.Add(int64(n))
	switch {
	case got > w.max:
		w.err = w.b.error(TooLarge, nil)
	case err == io.EOF:
		w.err = err
	case err != nil && w.b.f.ctx.Err() != nil:
		w.err = w.b.f.explain(w.b.host, err)
	case err != nil:
		w.err = w.b.error(Truncated, err)
	}
	return n, w.err
}

// watch cuts off a host that drips. Only time spent waiting for the network counts,
// so a caller may take as long as the whole fetch to work on what came.
func (w *wire) watch() {
	f := w.b.f
	tick := time.NewTicker(max(f.c.cfg.Window/samples, time.Millisecond))
	defer tick.Stop()
	var seen int64
	waited := 0
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-tick.C:
		}
		if got := w.got.Load(); got-seen >= f.c.cfg.WindowBytes {
			seen, waited = got, 0
		}
		if w.waiting.Load() {
			waited++
		}
		if waited >= samples {
			f.cancel(&Error{Code: TooSlow, cause: errors.New("too few bytes in a window")})
			return
		}
	}
}

// inflater undoes gzip. What does not begin like gzip is passed on as it is: servers
// that say gzip and send plain text exist, and the two cannot be confused.
type inflater struct {
	src *bufio.Reader
	out io.Reader
}

func (i *inflater) Read(p []byte) (int, error) {
	if i.out == nil {
		head, err := i.src.Peek(2)
		if err != nil && err != io.EOF {
			return 0, err
		}
		i.out = i.src
		if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
			z, err := gzip.NewReader(i.src)
			if err != nil {
				return 0, err
			}
			i.out = z
		}
	}
	return i.out.Read(p)
}
