// Package fetch is the one way by which Plaza asks other servers for something:
// catalogues, files, links. Whatever address a person or a catalogue gives, it
// reaches only the open internet on ports 80 and 443 (and what the operator listed
// in Config.Allow), takes a bounded time and a bounded number of bytes, and shows
// nothing of the network behind an error.
//
// Three ideas carry it. A name is resolved once, every address is looked at, and the
// address that was looked at is dialled, again at each redirect and again inside the
// connect call. Every limit holds while the body streams, on the wire and after
// decompression. Each host has a gate: so many answers open at a time, so long
// between two starts.
//
// It sends no cookies, no credentials and no referrer, ignores proxies of the
// environment, verifies certificates always, and keeps nothing: what to do with an
// ETag, when to try again and what a body means is its callers' business.
package fetch

import (
	"cmp"
	"context"
	"crypto/x509"
	"embed"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Locale holds the sentences of the error codes, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Config holds the limits of a Client. Zero fields take the stated defaults.
type Config struct {
	Allow     []netip.Prefix // networks that may be reached though they are not public, on any port; none
	UserAgent string         // see UserAgent; "Plaza"

	HeadTimeout  time.Duration // resolve, connect, handshake and head of one hop; 10 s
	Timeout      time.Duration // everything, from the first connection to the last byte; 5 min
	Window       time.Duration // how long to wait for WindowBytes more of a body; 30 s
	WindowBytes  int64         // 4 KiB
	MaxBytes     int64         // of a body, decompressed; 64 MiB
	MaxRatio     int64         // decompressed to compressed, once past 4 MiB; 200
	MaxRedirects int           // 5

	PerHost  int           // answers of one host open at a time; 2
	Interval time.Duration // between two starts at one host outside Allow; 100 ms, none when negative

	Resolver Resolver                    // the system's
	RootCAs  *x509.CertPool              // the system's
	After    func(time.Duration, func()) // calls the function later, for Interval; time.AfterFunc
}

// Request is one thing to get.
type Request struct {
	URL             string
	Head            bool          // ask for the head only
	Accept          string        // media types; "*/*" when empty
	IfNoneMatch     string        // ETag of the copy at hand, as it came
	IfModifiedSince string        // Last-Modified of the copy at hand, as it came
	MaxBytes        int64         // of the body, decompressed; the Config's when 0
	Timeout         time.Duration // for everything; the Config's when 0
	Resume          int           // how often a body that breaks off is gone on with, where its server can

	from    int64 // first byte that is wanted
	ifRange string
}

// Response is a success, or NotModified. Body is never nil; the caller closes it,
// and until then it holds one of its host's places.
type Response struct {
	Status       int
	Header       http.Header
	FinalURL     string // after redirects
	Body         io.ReadCloser
	ETag         string
	LastModified string
	NotModified  bool // the copy at hand is current; Body is empty
}

// Client fetches. It is safe for concurrent use; one is enough for a process.
type Client struct {
	cfg       Config
	policy    policy
	transport *http.Transport
	manners   *manners
	local     localHost
}

// UserAgent is how Plaza names itself: its version and where to read about it.
func UserAgent(version, baseURL string) string {
	s := "Plaza/" + cmp.Or(version, "dev")
	if baseURL != "" {
		s += " (+" + baseURL + ")"
	}
	return s
}

// New makes a Client.
func New(cfg Config) *Client {
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "Plaza")
	cfg.HeadTimeout = cmp.Or(cfg.HeadTimeout, 10*time.Second)
	cfg.Timeout = cmp.Or(cfg.Timeout, 5*time.Minute)
	cfg.Window = cmp.Or(cfg.Window, 30*time.Second)
	cfg.WindowBytes = cmp.Or(cfg.WindowBytes, 4<<10)
	cfg.MaxBytes = cmp.Or(cfg.MaxBytes, 64<<20)
	cfg.MaxRatio = cmp.Or(cfg.MaxRatio, 200)
	cfg.MaxRedirects = cmp.Or(cfg.MaxRedirects, 5)
	cfg.PerHost = cmp.Or(cfg.PerHost, 2)
	cfg.Interval = cmp.Or(cfg.Interval, 100*time.Millisecond)
	if cfg.Resolver == nil {
		cfg.Resolver = net.DefaultResolver
	}
	if cfg.After == nil {
		cfg.After = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	}
	p := policy{cfg.Allow}
	return &Client{
		cfg:       cfg,
		policy:    p,
		transport: newTransport(cfg, guard{p, cfg.Resolver}),
		manners: &manners{
			perHost: cfg.PerHost, interval: cfg.Interval, after: cfg.After, hosts: map[string]*gate{},
		},
	}
}

// WithHost gives a client that answers requests for one host (as in an address, with
// its port) from h, inside the process, and is otherwise c. Only who holds it reaches
// h by that name, and no redirect from outside leads there.
func (c *Client) WithHost(host string, h http.Handler) *Client {
	d := *c
	d.local = localHost{host, h}
	return &d
}

// Check reports what is wrong with an address without asking the network: for forms
// in which a person enters one. A name that leads to a refused address is found out
// when it is fetched.
func (c *Client) Check(rawURL string) error {
	_, err := c.target(rawURL)
	return err
}

// Get fetches one thing, following redirects. Its errors are *Error, or the context's
// own when the caller gave up.
func (c *Client) Get(ctx context.Context, req Request) (*Response, error) {
	if req.Resume > 0 && !req.Head {
		return c.resumable(ctx, req)
	}
	return c.once(ctx, req)
}

// once is one answer, from the first hop to the last.
func (c *Client) once(ctx context.Context, req Request) (*Response, error) {
	t, err := c.target(req.URL)
	if err != nil {
		return nil, err
	}
	p, err := c.enter(ctx, t)
	if err != nil {
		return nil, err
	}
	f := c.begin(ctx, req)
	for range c.cfg.MaxRedirects + 1 {
		resp, err := f.hop(t, p)
		if err != nil {
			p.leave()
			f.stop()
			return nil, err
		}
		if !redirect(resp) {
			return f.answer(t, p, resp)
		}
		// Its body is nobody's concern; closing unread costs a connection at most.
		_ = resp.Body.Close()
		p.leave()
		if t, err = c.follow(t, resp); err == nil {
			p, err = c.enter(f.ctx, t)
		}
		if err != nil {
			err = f.explain(t.host, err)
			f.stop()
			return nil, err
		}
	}
	p.leave()
	f.stop()
	return nil, &Error{Code: Redirects, Host: t.host}
}
