// Package obs is how Plaza is watched while it runs: structured logs that carry the
// request's id (log.go), metrics in Prometheus's format (metrics.go), traces by
// OpenTelemetry when an exporter is configured (trace.go), liveness and readiness
// (health.go), and the one middleware that measures and logs a request (request.go).
//
// Nothing here may name a person: no address, path, query or form of a visitor is
// logged or counted, only the route's pattern.
package obs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// LogConfig is what PLAZA_LOG says.
type LogConfig struct {
	Level slog.Level
	JSON  bool // else logfmt-like text
}

// ParseLog reads a level (debug, info, warn, error), a format (text, json), or both
// with a slash or comma between; "" is info/text.
func ParseLog(s string) (LogConfig, error) {
	var c LogConfig
	for word := range strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return r == '/' || r == ',' || r == ' ' }) {
		switch word {
		case "json":
			c.JSON = true
		case "text":
			c.JSON = false
		default:
			if err := c.Level.UnmarshalText([]byte(word)); err != nil {
				return c, fmt.Errorf("%q is neither a level (debug, info, warn, error) nor a format (text, json)", word)
			}
		}
	}
	return c, nil
}

// NewLogger makes a logger that adds the context's request id, as requestID finds it,
// and its trace.
func NewLogger(w io.Writer, c LogConfig, requestID func(context.Context) string) *slog.Logger {
	opts := &slog.HandlerOptions{Level: c.Level}
	var h slog.Handler = slog.NewTextHandler(w, opts)
	if c.JSON {
		h = slog.NewJSONHandler(w, opts)
	}
	return slog.New(withIDs{h, requestID})
}

type withIDs struct {
	slog.Handler
	requestID func(context.Context) string
}

// Handle implements slog.Handler.
func (h withIDs) Handle(ctx context.Context, r slog.Record) error {
	if id := h.requestID(ctx); id != "" && !has(r, "id") {
		r.AddAttrs(slog.String("id", id))
	}
	if s := trace.SpanContextFromContext(ctx); s.IsSampled() {
		r.AddAttrs(slog.String("trace", s.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func has(r slog.Record, key string) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == key
		return !found
	})
	return found
}

// WithAttrs implements slog.Handler.
func (h withIDs) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withIDs{h.Handler.WithAttrs(attrs), h.requestID}
}

// WithGroup implements slog.Handler.
func (h withIDs) WithGroup(name string) slog.Handler {
	return withIDs{h.Handler.WithGroup(name), h.requestID}
}

// about is what is known of the request that a context belongs to.
type about struct{ route string }

type aboutKey struct{}

// SetRoute tells the request's span which route answered it; without one it does
// nothing. It is called from the request's own goroutine.
func SetRoute(ctx context.Context, pattern string) {
	if a, ok := ctx.Value(aboutKey{}).(*about); ok {
		a.route = pattern
	}
}
