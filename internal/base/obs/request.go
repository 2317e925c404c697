package obs

import (
	"context"
	"net/http"
	"strings"

	"github.com/felixge/httpsnoop"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Trace gives each request a span, named by the route that SetRoute tells; paths and
// queries may hold tokens and names, which is why the ready-made HTTP
// instrumentation is not used. It is put around the site only when traces are sent.
func Trace(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := known(r.Method)
		ctx, span := otel.Tracer("plaza/internal/base/obs").Start(r.Context(), method, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		a := &about{}
		got := httpsnoop.CaptureMetrics(next, w, r.WithContext(context.WithValue(ctx, aboutKey{}, a)))
		_, path, ok := strings.Cut(a.route, " ") // the method is an attribute of its own
		if !ok {
			path = a.route
		}
		span.SetName(method + " " + path)
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", path),
			attribute.Int("http.response.status_code", got.Code))
		if got.Code >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
	})
}

// known keeps what a client invents out of labels.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	default:
		return "other"
	}
}
