package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// resuming is a body that goes on where it broke off: the rest is asked for as a range of
// the very content that the first answer began (If-Range). A server that sends the same
// content whole again is read past what is known. What is another content, or has no mark
// by which to tell, stays broken.
type resuming struct {
	c    *Client
	ctx  context.Context
	req  Request
	mark string // of the content, for If-Range
	body io.ReadCloser
	read int64
	max  int64
	left int
	stop func()
}

// resumable is Get for a request that may be gone on with. One limit of time holds for all
// of it.
func (c *Client) resumable(ctx context.Context, req Request) (*Response, error) {
	timeout := cmp.Or(req.Timeout, c.cfg.Timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &Error{Code: TooSlow, cause: errors.New("total time is over")})
	resp, err := c.once(ctx, req)
	if err != nil {
		cancel()
		return nil, err
	}
	b := &resuming{c: c, ctx: ctx, req: req, mark: markOf(resp), body: resp.Body, max: cmp.Or(req.MaxBytes, c.cfg.MaxBytes), left: req.Resume, stop: cancel}
	b.req.IfNoneMatch, b.req.IfModifiedSince = "", ""
	resp.Body = b
	return resp, nil
}

// markOf is by what a range of the same content may be asked for: a strong ETag, or a date
// long enough ago; "" for nothing, as of what is compressed on its way.
func markOf(r *Response) string {
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return ""
	}
	if strings.HasPrefix(r.ETag, `"`) {
		return r.ETag
	}
	changed, err := http.ParseTime(r.LastModified)
	sent, errDate := http.ParseTime(r.Header.Get("Date"))
	if r.ETag == "" && err == nil && errDate == nil && sent.Sub(changed) >= time.Minute {
		return r.LastModified
	}
	return ""
}

// Read gives the next bytes of the one content.
func (b *resuming) Read(p []byte) (int, error) {
	for {
		n, err := b.body.Read(p)
		b.read += int64(n)
		switch {
		case b.read > b.max:
			return n - int(b.read-b.max), &Error{Code: TooLarge}
		case n > 0 || err == nil || err == io.EOF:
			if n > 0 && err != io.EOF {
				err = nil // it stays, and comes with the next reading
			}
			return n, err
		case !b.goOn(err):
			return 0, err
		}
	}
}

// goOn asks for the rest after an error; false when there is no way to it.
func (b *resuming) goOn(broke error) bool {
	e, ok := errors.AsType[*Error](broke)
	if !ok || e.Code != Truncated && e.Code != TooSlow || b.mark == "" || b.left == 0 || b.read == 0 || b.ctx.Err() != nil {
		return false
	}
	b.left--
	_ = b.body.Close() // its place at the host is asked for again
	b.req.from, b.req.ifRange = b.read, b.mark
	resp, err := b.c.once(b.ctx, b.req)
	if err != nil {
		return false
	}
	if resp.Status != http.StatusPartialContent {
		if markOf(resp) != b.mark {
			_ = resp.Body.Close()
			return false
		}
		if _, err := io.CopyN(io.Discard, resp.Body, b.read); err != nil {
			_ = resp.Body.Close()
			return false
		}
	}
	b.body = resp.Body
	return true
}

// Close frees the connection and the host's place.
func (b *resuming) Close() error {
	err := b.body.Close()
	b.stop()
	return err
}

// partOf reports whether an answer is the rest that was asked for, from its first byte on.
func (f *fetching) partOf(r *http.Response) bool {
	return f.req.from > 0 && r.StatusCode == http.StatusPartialContent && r.Header.Get("Content-Encoding") == "" &&
		strings.HasPrefix(r.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", f.req.from))
}
