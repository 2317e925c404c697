package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plaza/internal/base/i18n"
	"plaza/internal/plaza"
)

// state is what the shell knows of a request in flight.
type state struct {
	id        string
	lang      string
	explicit  bool // the address names the language
	anonymous bool
	agent     string // what the program that asks calls itself
	route     *Route
	err       error // what went wrong, for the log
}

type stateKey struct{}

// stateOf returns the state of a request; outside of one, an empty state.
func stateOf(ctx context.Context) *state {
	if s, ok := ctx.Value(stateKey{}).(*state); ok {
		return s
	}
	return &state{lang: i18n.Spanish}
}

// RequestID is the short reference under which the request is logged.
func RequestID(ctx context.Context) string { return stateOf(ctx).id }

// UserAgent is what the program that asks calls itself; it may say anything.
func UserAgent(ctx context.Context) string { return stateOf(ctx).agent }

// unrouted is the route of what matches none, for logs and metrics.
var unrouted = &Route{Name: "none", Pattern: "none"}

// elapsed is the time since start, which is a reading of elapsed(0). It is for
// durations only: the hour comes from Plaza's clock.
func elapsed(start time.Duration) time.Duration { return max(0, time.Since(epoch)-start) }

var epoch = time.Unix(0, 0)

// ServeHTTP answers a request: from the cache of anonymous pages, or by its route.
func (s *Shell) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := elapsed(0)
	if e := s.lookUp(r); e != nil {
		answer := s.sendCached(w, r, e)
		answer.Elapsed = elapsed(start)
		s.accountCached(r, e, answer)
		return
	}
	st := &state{id: newRequestID(), route: unrouted, anonymous: s.isAnonymous(r), agent: r.UserAgent()}
	st.lang, st.explicit = langOf(r)
	r = r.WithContext(context.WithValue(r.Context(), stateKey{}, st))
	counting := &counter{ResponseWriter: w}
	defer func() {
		answer := Answer{Status: counting.status, Bytes: counting.bytes, Elapsed: elapsed(start)}
		s.account(r, answer, st)
	}()
	s.protect(w.Header(), r)
	w.Header().Set("X-Request-Id", st.id)
	if len(r.TransferEncoding) > 0 {
		// Beside a Content-Length, which net/http has dropped by now, what follows on the
		// connection may be somebody else's idea of a second request (RFC 9112, 6.1).
		w.Header().Set("Connection", "close")
	}
	if err := s.admit(r); err != nil {
		w.Header().Set("Connection", "close") // what it still sends is not read
		s.answerError(counting, r, err)
		return
	}
	s.dispatch(counting, r)
}

// admit refuses what no route should see.
func (s *Shell) admit(r *http.Request) error {
	if err := s.origin.Check(r); err != nil {
		return &plaza.Error{Kind: plaza.Forbidden, Key: "web.error.origin", Cause: err}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	case http.MethodTrace, http.MethodConnect:
		return &StatusError{Status: http.StatusMethodNotAllowed, Cause: &methodError{allow: "GET, HEAD, POST, PUT, PATCH, DELETE"}}
	default:
		return &StatusError{Status: http.StatusNotImplemented}
	}
	if len(r.RequestURI) > 8<<10 {
		return &StatusError{Status: http.StatusRequestURITooLong}
	}
	if len(r.Header) > 100 {
		return &StatusError{Status: http.StatusRequestHeaderFieldsTooLarge}
	}
	if strings.ContainsRune(r.URL.Path, 0) {
		return &StatusError{Status: http.StatusBadRequest}
	}
	if !utf8.ValidString(r.URL.Path) { // no page has such an address, and no store takes it
		return &StatusError{Status: http.StatusNotFound}
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return &StatusError{Status: http.StatusUnsupportedMediaType}
	}
	return nil
}

// dispatch finds the route; what has none gets an error page instead of the plain
// line that http.ServeMux would write.
func (s *Shell) dispatch(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			s.recovered(w, r, p)
		}
	}()
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	probe := newRecorder(nil)
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		err := &methodError{allow: probe.Header().Get("Allow")}
		s.answerError(w, r, &StatusError{Status: http.StatusMethodNotAllowed, Cause: err})
		return
	}
	// A slash too many is forgiven. Cleaned, so that no path reads as a host.
	if short := path.Clean(r.URL.Path); strings.HasSuffix(r.URL.Path, "/") && r.Method == http.MethodGet && s.registered(r, short) {
		w.Header().Set("Location", (&url.URL{Path: short, RawQuery: r.URL.RawQuery}).String())
		w.WriteHeader(http.StatusPermanentRedirect)
		return
	}
	s.answerError(w, r, &StatusError{Status: http.StatusNotFound})
}

// registered reports whether a route answers a GET of the path.
func (s *Shell) registered(r *http.Request, clean string) bool {
	_, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, Host: r.Host, URL: &url.URL{Path: clean}})
	return pattern != ""
}

// patience is how long an answer waits for a store that does not answer, before it
// says so.
const patience = 2500 * time.Millisecond

// endpoint is a route's handler with everything around it.
func (s *Shell) endpoint(route *Route, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := stateOf(r.Context())
		st.route = route
		st.anonymous = st.anonymous || route.Framed
		r = r.WithContext(plaza.WithPatience(r.Context(), patience))
		declare(w.Header(), route, st.anonymous)
		if route.Cache != Immutable {
			if err := s.brake(r); err != nil {
				s.answerError(w, r, err)
				return
			}
		}
		if r.ContentLength > route.MaxBody {
			w.Header().Set("Connection", "close")
			s.answerError(w, r, &StatusError{Status: http.StatusRequestEntityTooLarge})
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(w, r.Body, route.MaxBody)
		}
		switch {
		case route.Stream:
			s.stream(w, r, route, h)
		case route.Cache == Public && st.anonymous && s.cfg.Version != nil && r.Method == http.MethodGet:
			s.servePublic(w, r, route, h)
		default:
			rec := newRecorder(w)
			s.run(rec, r, route, h)
			s.finish(w, r, rec)
		}
	})
}

// run lets the handler write into rec, and an error page where it fails.
func (s *Shell) run(rec *recorder, r *http.Request, route *Route, h Handler) {
	r, err := s.identify(r, route)
	if err == nil {
		err = h(rec, r)
	}
	if err != nil && !rec.spilled {
		s.fail(rec, r, err)
	} else if err != nil {
		stateOf(r.Context()).err = err // too late to say so: the answer has begun
	}
}

// identify finds out who asks and whether he may.
func (s *Shell) identify(r *http.Request, route *Route) (*http.Request, error) {
	st := stateOf(r.Context())
	if s.cfg.Authenticate != nil && !st.anonymous {
		ctx, err := s.cfg.Authenticate(r)
		if err != nil {
			return r, fmt.Errorf("finding out who asks: %w", err)
		}
		if ctx != nil {
			r = r.WithContext(ctx)
		}
	}
	if route.Action != "" && s.cfg.Authorize != nil {
		if err := s.cfg.Authorize(r.Context(), route.Action); err != nil {
			return r, err
		}
	}
	return r, nil
}

// answerError answers with an error where no recorder is at hand.
func (s *Shell) answerError(w http.ResponseWriter, r *http.Request, err error) {
	rec := newRecorder(w)
	s.fail(rec, r, err)
	s.finish(w, r, rec)
}

// recovered turns a panic into a page, when nothing was sent yet.
func (s *Shell) recovered(w http.ResponseWriter, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.log.ErrorContext(r.Context(), "panic", "id", RequestID(r.Context()), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	err := fmt.Errorf("panic: %v", p)
	if c, ok := w.(*counter); ok && c.status != 0 {
		stateOf(r.Context()).err = err
		panic(http.ErrAbortHandler) // half an answer must not look whole
	}
	s.answerError(w, r, err)
}

// statusLeft is nginx's word for a reader who left before the answer: no fault of ours.
const statusLeft = 499

// account logs and counts a request: its route, never its address, which may hold
// a token or what somebody searched for.
func (s *Shell) account(r *http.Request, a Answer, st *state) {
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if r.Context().Err() != nil && a.Status >= 500 {
		a.Status = statusLeft
	}
	if s.cfg.Observe != nil {
		s.cfg.Observe(r.Context(), st.route, r.Method, a)
	}
	level := slog.LevelInfo
	if a.Status >= 500 && a.Status != http.StatusNotImplemented {
		level = slog.LevelError
		if e, is := errors.AsType[*plaza.Error](st.err); is && e.RetryAfter > 0 {
			level = slog.LevelWarn // there is much to do, or it is not ready yet
		}
	}
	attrs := append(make([]slog.Attr, 0, 7),
		slog.String("method", r.Method), slog.String("route", st.route.Pattern), slog.String("id", st.id),
		slog.Int("status", a.Status), slog.Int64("bytes", a.Bytes), microseconds(a.Elapsed))
	if st.err != nil {
		attrs = append(attrs, slog.String("err", st.err.Error()))
	}
	s.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// accountCached is account for a page from the cache. What does not change from
// hit to hit was written into the entry's logger once.
func (s *Shell) accountCached(r *http.Request, e *entry, a Answer) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(r.Context(), e.route, r.Method, a)
	}
	e.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.Int("status", a.Status), slog.Int64("bytes", a.Bytes), microseconds(a.Elapsed))
}

// microseconds is a whole number: writing decimals costs a cached page more than
// finding it.
func microseconds(d time.Duration) slog.Attr { return slog.Int64("us", d.Microseconds()) }

func newRequestID() string {
	const digits = 10
	id := strconv.FormatUint(rand.Uint64(), 32)
	if len(id) > digits {
		id = id[:digits]
	}
	return id
}

// isAnonymous reports whether the request carries no session and nothing else by which
// whoever sends it is known.
func (s *Shell) isAnonymous(r *http.Request) bool {
	if r.Header["Authorization"] != nil {
		return false
	}
	for _, line := range r.Header["Cookie"] {
		if s.cfg.SessionCookie != "" && strings.Contains(line, s.cfg.SessionCookie+"=") {
			return false
		}
		for _, name := range s.personal {
			if strings.Contains(line, name+"=") {
				return false
			}
		}
	}
	return s.cfg.SessionCookie != "" || s.cfg.Authenticate == nil
}

// counter notes what was sent.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (c *counter) WriteHeader(status int) {
	if c.status == 0 && status >= 200 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (c *counter) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// recorder keeps an answer in memory until it is whole. An answer that grows beyond
// spillAt is passed on as it comes, without entity tag or compression.
type recorder struct {
	next    http.ResponseWriter // nil: never spills, what is too long is dropped
	header  http.Header
	kept    http.Header // the header as it was before the handler
	status  int
	body    bytes.Buffer
	packed  []byte // the body with gzip, where it is kept so
	spilled bool
}

const spillAt = 2 << 20

func newRecorder(next http.ResponseWriter) *recorder {
	rec := &recorder{next: next, header: http.Header{}}
	if next != nil {
		rec.header = next.Header()
	}
	rec.kept = rec.header.Clone()
	return rec
}

// Header is the header of the answer.
func (rec *recorder) Header() http.Header { return rec.header }

// WriteHeader sets the status; only the first one counts.
func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status = status
	}
}

// Write adds to the answer.
func (rec *recorder) Write(p []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	if rec.spilled {
		return rec.next.Write(p)
	}
	if rec.body.Len()+len(p) <= spillAt {
		return rec.body.Write(p)
	}
	if rec.next == nil {
		return len(p), nil
	}
	rec.spilled = true
	rec.next.WriteHeader(rec.status)
	if _, err := rec.next.Write(rec.body.Bytes()); err != nil {
		return 0, err
	}
	rec.body = bytes.Buffer{}
	return rec.next.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.next }

// reset forgets what was written and which headers the handler set.
func (rec *recorder) reset() {
	rec.body.Reset()
	rec.packed = nil
	rec.status = 0
	clear(rec.header)
	for name, values := range rec.kept {
		rec.header[name] = values
	}
}
