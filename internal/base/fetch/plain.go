package fetch

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// HTTP gives a client of the standard library for protocols that are more than
// getting a thing (OpenID Connect), under the same guard: only addresses that Get
// would reach, no redirects, no cookies, at most maxBytes of an answer and timeout for
// everything. Failures of the network are *Error, inside the library's url.Error.
func (c *Client) HTTP(maxBytes int64, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport: plain{c, maxBytes},
		Timeout:   timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// plain is a transport that looks at each address before the guard dials it.
type plain struct {
	c        *Client
	maxBytes int64
}

// RoundTrip implements http.RoundTripper.
func (p plain) RoundTrip(r *http.Request) (*http.Response, error) {
	t, err := p.c.policy.readURL(r.URL)
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // a transport closes it, whatever happens
		}
		return nil, err
	}
	sent := r.Clone(r.Context())
	sent.URL, sent.Host = t.url, t.url.Host
	sent.Header.Set("User-Agent", cmp.Or(p.c.cfg.UserAgent, "Plaza"))
	resp, err := p.c.transport.RoundTrip(sent)
	if err != nil {
		if _, ok := errors.AsType[*Error](err); ok || errors.Is(err, context.Canceled) {
			return nil, err
		}
		return nil, &Error{Code: Protocol, Host: t.host, cause: err}
	}
	resp.Body = &capped{resp.Body, p.maxBytes, t.host}
	return resp, nil
}

// capped ends a body that is longer than anything the protocol says.
type capped struct {
	io.ReadCloser
	left int64
	host string
}

// Read implements io.Reader.
func (b *capped) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, &Error{Code: TooLarge, Host: b.host}
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, &Error{Code: TooLarge, Host: b.host}
	}
	return n, err
}
