package fetch

import (
	"log/slog"
	"time"

	"plaza/internal/plaza"
)

// Code says why something could not be fetched. Its message key is "fetch.error."
// and the code.
type Code string

// The codes of an Error.
const (
	BadURL         Code = "bad_url"         // not an absolute http(s) address, or it carries credentials
	RefusedAddress Code = "refused_address" // leads into a network that is not the public internet
	DNS            Code = "dns"             // the name has no address
	Connect        Code = "connect"         // nobody answers there
	TLS            Code = "tls"             // the certificate or the handshake is not in order
	Protocol       Code = "protocol"        // the answer is not HTTP, or its head is too large
	Redirects      Code = "redirects"       // too many, or one that leads nowhere
	Status         Code = "status"          // an answer other than success; see Error.Status
	Busy           Code = "busy"            // 429 or 503; see Error.RetryAfter
	TooSlow        Code = "too_slow"        // head, progress or whole took too long
	TooLarge       Code = "too_large"       // more bytes than asked for
	Decompression  Code = "decompression"   // broken or explosive compression
	Truncated      Code = "truncated"       // the answer ended before its end
)

// Error is why a fetch failed. Error and the message key tell nothing about the
// network behind it; the cause, for operators, is in the log value and in the chain.
type Error struct {
	Code       Code
	Host       string        // as it was asked for, without port; "" when it could not be read
	Status     int           // HTTP status for Status and Busy, otherwise 0
	RetryAfter time.Duration // what a 429 or 503 asked for, at most a day; 0 when it did not say

	cause error
}

// Error names the code, the host and the status, never an address or a text from below.
func (e *Error) Error() string {
	s := "fetch: " + string(e.Code)
	if e.Status != 0 {
		s += " " + statusText(e.Status)
	}
	if e.Host != "" {
		s += " (" + e.Host + ")"
	}
	return s
}

// Unwrap gives the reason that a reader may hear, whose chain ends in the cause.
func (e *Error) Unwrap() error {
	kind := plaza.Unavailable
	if e.Code == BadURL || e.Code == RefusedAddress {
		kind = plaza.Invalid
	}
	return &plaza.Error{
		Kind:       kind,
		Key:        e.Key(),
		Args:       map[string]any{"host": e.Host, "status": e.Status},
		RetryAfter: e.RetryAfter,
		Cause:      e.cause,
	}
}

// Key is the message key of the reason; its arguments are "host" and "status".
func (e *Error) Key() string { return "fetch.error." + string(e.Code) }

// LogValue adds the cause, which only logs may show.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("code", string(e.Code)), slog.String("host", e.Host)}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if e.cause != nil {
		attrs = append(attrs, slog.String("cause", e.cause.Error()))
	}
	return slog.GroupValue(attrs...)
}
