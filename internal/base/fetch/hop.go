package fetch

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// maxHead bounds the head of an answer in bytes; real ones have one or two thousand.
	maxHead = 64 << 10
	// maxRetryAfter bounds what a host may ask for, so that a slip of theirs does not
	// silence a source for years.
	maxRetryAfter = 24 * time.Hour
)

// fetching is one call of Get: its context ends with the reason when a limit runs out.
type fetching struct {
	c      *Client
	req    Request
	ctx    context.Context
	cancel context.CancelCauseFunc
	total  *time.Timer
}

func newTransport(cfg Config, g guard) *http.Transport {
	var http1 http.Protocols
	http1.SetHTTP1(true) // one answer per connection, so that limits need no second reading
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            g.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cfg.RootCAs},
		TLSHandshakeTimeout:    cfg.HeadTimeout,
		DisableCompression:     true, // body.go decompresses, within limits
		MaxResponseHeaderBytes: maxHead,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    cfg.PerHost,
		IdleConnTimeout:        30 * time.Second,
		Protocols:              &http1,
	}
}

func (c *Client) begin(ctx context.Context, req Request) *fetching {
	f := &fetching{c: c, req: req}
	f.ctx, f.cancel = context.WithCancelCause(ctx)
	f.total = time.AfterFunc(cmp.Or(req.Timeout, c.cfg.Timeout), func() {
		f.cancel(&Error{Code: TooSlow, cause: errors.New("total time is over")})
	})
	return f
}

func (f *fetching) stop() {
	f.total.Stop()
	f.cancel(nil)
}

// enter waits at the gate of the target's host; what is served in-process has none.
func (c *Client) enter(ctx context.Context, t target) (*pass, error) {
	if t.local {
		return nil, nil
	}
	p, err := c.manners.enter(ctx, t.host)
	if err != nil {
		return nil, fmt.Errorf("waiting for %s: %w", t.host, err)
	}
	return p, nil
}

// hop sends one request and gives the head of its answer.
func (f *fetching) hop(t target, p *pass) (*http.Response, error) {
	late := time.AfterFunc(f.c.cfg.HeadTimeout, func() {
		f.cancel(&Error{Code: TooSlow, cause: errors.New("no head in time")})
	})
	defer late.Stop()
	var tlsFailed atomic.Bool
	ctx := httptrace.WithClientTrace(f.ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if ap, err := netip.ParseAddrPort(info.Conn.RemoteAddr().String()); err == nil && f.c.policy.own(ap.Addr()) {
				p.own()
			}
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err != nil {
				tlsFailed.Store(true)
			}
		},
	})
	r := f.request(ctx, t)
	var resp *http.Response
	var err error
	if t.local {
		resp, err = f.c.local.roundTrip(r)
	} else {
		resp, err = f.c.transport.RoundTrip(r)
	}
	if err == nil {
		return resp, nil
	}
	if tlsFailed.Load() && f.ctx.Err() == nil {
		return nil, &Error{Code: TLS, Host: t.host, cause: err}
	}
	return nil, f.explain(t.host, err)
}

func (f *fetching) request(ctx context.Context, t target) *http.Request {
	r := (&http.Request{
		Method: http.MethodGet,
		URL:    t.url,
		Host:   t.url.Host,
		Header: http.Header{
			"User-Agent":      {f.c.cfg.UserAgent},
			"Accept":          {cmp.Or(f.req.Accept, "*/*")},
			"Accept-Encoding": {"gzip"},
		},
	}).WithContext(ctx)
	if f.req.Head {
		r.Method = http.MethodHead
	}
	if f.req.IfNoneMatch != "" {
		r.Header.Set("If-None-Match", f.req.IfNoneMatch)
	}
	if f.req.IfModifiedSince != "" {
		r.Header.Set("If-Modified-Since", f.req.IfModifiedSince)
	}
	if f.req.from > 0 { // a range is one of the bytes as they are
		r.Header.Set("Accept-Encoding", "identity")
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", f.req.from))
		r.Header.Set("If-Range", f.req.ifRange)
	}
	return r
}

// explain makes a typed error of whatever ended the fetch. A limit that ran out and a
// caller who gave up come before what they caused.
func (f *fetching) explain(host string, err error) error {
	if cause := context.Cause(f.ctx); cause != nil {
		e, ok := errors.AsType[*Error](cause)
		if !ok {
			return fmt.Errorf("fetching from %s: %w", host, cause)
		}
		return &Error{Code: e.Code, Host: host, cause: e.cause}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return &Error{Code: TooSlow, Host: host, cause: err}
	}
	return &Error{Code: Protocol, Host: host, cause: err}
}

func redirect(r *http.Response) bool {
	switch r.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow gives where a redirect leads, checked like an address that a person gave.
func (c *Client) follow(from target, r *http.Response) (target, error) {
	to := r.Header.Get("Location")
	if to == "" || len(to) > maxURL {
		return from, &Error{Code: Redirects, Host: from.host, cause: errors.New("no usable Location")}
	}
	u, err := url.Parse(to)
	if err != nil {
		return from, &Error{Code: Redirects, Host: from.host, cause: err}
	}
	u = from.url.ResolveReference(u)
	if from.local && c.local.is(u) {
		return c.local.target(u), nil
	}
	t, err := c.policy.readURL(u)
	if err != nil {
		return from, err
	}
	return t, nil
}

// answer judges the status and wraps the body.
func (f *fetching) answer(t target, p *pass, r *http.Response) (*Response, error) {
	out := &Response{
		Status:       r.StatusCode,
		Header:       r.Header,
		FinalURL:     t.url.String(),
		Body:         http.NoBody,
		ETag:         r.Header.Get("ETag"),
		LastModified: r.Header.Get("Last-Modified"),
	}
	end := func() {
		_ = r.Body.Close() // nothing that is left in it matters
		p.leave()
		f.stop()
	}
	asked := f.req.IfNoneMatch != "" || f.req.IfModifiedSince != ""
	switch {
	case r.StatusCode == http.StatusNotModified && asked:
		out.NotModified = true
		end()
		return out, nil
	case r.StatusCode < 200 || r.StatusCode > 299 || r.StatusCode == http.StatusPartialContent && !f.partOf(r):
		end()
		return nil, refusal(t.host, r)
	case f.req.Head:
		end()
		return out, nil
	}
	b, err := f.body(t.host, r, end)
	if err != nil {
		end()
		return nil, err
	}
	out.Body = b
	return out, nil
}

// refusal is the error for an answer that is no success.
func refusal(host string, r *http.Response) *Error {
	e := &Error{Code: Status, Host: host, Status: r.StatusCode}
	if r.StatusCode == http.StatusTooManyRequests || r.StatusCode == http.StatusServiceUnavailable {
		e.Code = Busy
		e.RetryAfter = retryAfter(r.Header)
	}
	return e
}

// retryAfter reads Retry-After as seconds, or as a date seen from the answer's own
// Date, which spares both sides from agreeing on the hour.
func retryAfter(h http.Header) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	var d time.Duration
	if n, err := strconv.ParseUint(s, 10, 32); err == nil {
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(s); err == nil {
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			d = at.Sub(date)
		}
	}
	return min(max(d, 0), maxRetryAfter)
}

func statusText(code int) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + http.StatusText(code))
}
