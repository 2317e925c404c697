package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// localHost is a host that is answered inside the process, without a socket.
type localHost struct {
	host    string // with port, as in an address
	handler http.Handler
}

// is reports whether u is on the local host.
func (l localHost) is(u *url.URL) bool {
	return l.handler != nil && strings.EqualFold(u.Host, l.host) &&
		(u.Scheme == "http" || u.Scheme == "https") && u.User == nil
}

func (l localHost) target(u *url.URL) target {
	clean := *u
	clean.Fragment, clean.RawFragment = "", ""
	return target{url: &clean, host: u.Hostname(), local: true}
}

// target reads the address of a request.
func (c *Client) target(raw string) (target, error) {
	if len(raw) <= maxURL {
		if u, err := url.Parse(strings.TrimSpace(raw)); err == nil && c.local.is(u) {
			return c.local.target(u), nil
		}
	}
	return c.policy.read(raw)
}

// roundTrip runs the handler and gives its answer as it streams.
func (l localHost) roundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	in := r.Clone(ctx)
	in.RequestURI = r.URL.RequestURI()
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.Body = http.NoBody

	pr, pw := io.Pipe()
	// Whoever gives up frees a handler that is stuck in Write.
	stop := context.AfterFunc(ctx, func() { pw.CloseWithError(context.Cause(ctx)) })
	w := &localWriter{header: http.Header{}, pipe: pw, head: make(chan *http.Response, 1), noBody: r.Method == http.MethodHead}
	go func() {
		defer stop()
		defer func() {
			if v := recover(); v != nil {
				w.WriteHeader(http.StatusInternalServerError)
				_ = pw.CloseWithError(fmt.Errorf("handler panicked: %v", v)) // always nil
			}
		}()
		l.handler.ServeHTTP(w, in)
		w.WriteHeader(http.StatusOK)
		// A handler that stopped because its request ended did not finish its answer.
		_ = pw.CloseWithError(context.Cause(ctx)) // io.EOF when there is none; always nil
	}()
	select {
	case resp := <-w.head:
		resp.Body = pr
		resp.Request = r
		return resp, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// localWriter is the http.ResponseWriter of a local host.
type localWriter struct {
	header http.Header
	pipe   *io.PipeWriter
	head   chan *http.Response
	once   sync.Once
	noBody bool
}

func (w *localWriter) Header() http.Header { return w.header }

func (w *localWriter) WriteHeader(status int) {
	if status < 200 {
		return // informational; nobody waits for it
	}
	w.once.Do(func() {
		if status == http.StatusNoContent || status == http.StatusNotModified {
			w.noBody = true
		}
		w.head <- &http.Response{
			StatusCode: status, Header: w.header.Clone(), ContentLength: -1,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		}
	})
}

func (w *localWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.noBody {
		return len(p), nil
	}
	n, err := w.pipe.Write(p)
	if errors.Is(err, io.ErrClosedPipe) {
		err = http.ErrAbortHandler
	}
	return n, err
}
