package obs

import (
	"cmp"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

	"github.com/felixge/httpsnoop"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Requests wraps the site: each request gets an id, a log line, a measurement and a
// span. They name the route's pattern; paths and queries may hold tokens and names,
// which is also why the ready-made HTTP instrumentation is not used.
func Requests(log *slog.Logger, m *Metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.active.Inc()
		defer m.active.Dec()
		method := known(r.Method)
		ctx, span := otel.Tracer("plaza/internal/base/obs").Start(r.Context(), method, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		r = r.WithContext(WithRequestID(ctx, strings.ToLower(rand.Text()[:12])))
		got := httpsnoop.CaptureMetrics(next, w, r)
		route := routeOf(r)
		m.request(route, method, got.Code, got.Duration)
		span.SetName(method + " " + route)
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
			attribute.Int("http.response.status_code", got.Code))
		level := slog.LevelInfo
		if got.Code >= http.StatusInternalServerError {
			level = slog.LevelError
			span.SetStatus(codes.Error, "")
		}
		log.LogAttrs(r.Context(), level, "request",
			slog.String("method", method), slog.String("route", route), slog.Int("status", got.Code),
			slog.Int64("bytes", got.Written), slog.Duration("took", got.Duration))
	})
}

// routeOf is the pattern's path ("/datos/{dataset}"), "none" when no route matched.
func routeOf(r *http.Request) string {
	pattern := r.Pattern // the router wrote it into the request that it was given
	if a, ok := r.Context().Value(aboutKey{}).(*about); ok && a.route != "" {
		pattern = a.route
	}
	if _, path, ok := strings.Cut(pattern, " "); ok {
		pattern = path // the method is a field of its own
	}
	return cmp.Or(pattern, "none")
}

// known keeps what a client invents out of logs and labels.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	default:
		return "other"
	}
}
