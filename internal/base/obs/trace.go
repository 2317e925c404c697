package obs

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Tracing says whether traces are made, and ends them.
type Tracing struct{ provider *sdktrace.TracerProvider }

// StartTracing sends traces to the OTLP/HTTP collector at endpoint (a URL), or where
// OpenTelemetry's own OTEL_EXPORTER_OTLP_ENDPOINT says; with neither, nothing is
// traced at no cost. The collector belongs to the operator, who names it.
func StartTracing(ctx context.Context, endpoint, version string) (*Tracing, error) {
	var opts []otlptracehttp.Option
	switch {
	case endpoint != "":
		opts = append(opts, otlptracehttp.WithEndpointURL(endpoint))
	case os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "":
		return &Tracing{}, nil
	}
	exporter, err := otlptracehttp.New(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("starting the trace exporter: %w", err)
	}
	about, err := resource.Merge(resource.Default(), resource.NewSchemaless(
		attribute.String("service.name", "plaza"), attribute.String("service.version", version)))
	if err != nil {
		return nil, fmt.Errorf("describing this process to the trace collector: %w", err)
	}
	p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	otel.SetTracerProvider(p)
	return &Tracing{p}, nil
}

// On reports whether traces are sent.
func (t *Tracing) On() bool { return t.provider != nil }

// Stop sends what is left, until ctx ends.
func (t *Tracing) Stop(ctx context.Context) error {
	if !t.On() {
		return nil
	}
	return t.provider.Shutdown(ctx)
}
