package obs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"plaza/internal/base/obs"
)

func do(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func TestALineCarriesTheRequestsIDInEveryGroup(t *testing.T) {
	var out bytes.Buffer
	log := obs.NewLogger(&out, obs.LogConfig{JSON: true}, func(ctx context.Context) string {
		id, _ := ctx.Value(idKey{}).(string)
		return id
	})
	log.With("part", "account").WarnContext(context.WithValue(t.Context(), idKey{}, "abc"), "inside")
	log.WarnContext(t.Context(), "outside")
	log.WarnContext(context.WithValue(t.Context(), idKey{}, "abc"), "the shell's own", "id", "abc")
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[0], `"id":"abc"`) || strings.Contains(lines[1], `"id"`) || strings.Count(lines[2], `"id":"abc"`) != 1 {
		t.Errorf("lines:\n%s", &out)
	}
}

type idKey struct{}

func noID(context.Context) string { return "" }

func TestMetricsCountRequestsJobsAndOtherParts(t *testing.T) {
	m := obs.NewMetrics("1.2.3")
	m.Request("/datos/{dataset}", "GET", 200, time.Millisecond)
	m.Request("/datos/{dataset}", "GET", 200, time.Millisecond)
	m.Request("none", "BREW", 404, time.Millisecond)
	m.Job("harvest", "completed", 3*time.Second)
	if err := m.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "plaza_record_entries"}, func() float64 { return 42 })); err != nil {
		t.Fatal(err)
	}
	body := do(obs.Admin(m, new(obs.Health)), "GET", "/metrics").Body.String()
	for _, want := range []string{
		`plaza_http_request_seconds_count{method="GET",route="/datos/{dataset}",status="200"} 2`,
		`plaza_http_request_seconds_count{method="other",route="none",status="404"} 1`,
		`plaza_job_seconds_sum{kind="harvest",state="completed"} 3`,
		`plaza_record_entries 42`, `version="1.2.3"`, `go_goroutines`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

func TestLivenessKnowsNothingOfDependenciesAndReadinessNamesThem(t *testing.T) {
	var away atomic.Bool
	h := new(obs.Health)
	h.Add("database", func(context.Context) error {
		if away.Load() {
			return errors.New("password=hunter2 refused")
		}
		return nil
	})
	h.Add("storage", func(context.Context) error { return nil })
	admin := obs.Admin(obs.NewMetrics("test"), h)
	ready := func() (int, string) {
		w := do(admin, "GET", "/readyz")
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Error("a cache may keep the answer")
		}
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	if code, body := ready(); code != 200 || body != `{"checks":{"database":"ok","storage":"ok"},"status":"ok"}` {
		t.Errorf("all well: %d %s", code, body)
	}
	away.Store(true)
	if code, body := ready(); code != 503 || body != `{"checks":{"database":"failing","storage":"ok"},"status":"failing"}` {
		t.Errorf("database away: %d %s", code, body)
	}
	if w := do(admin, "GET", "/healthz"); w.Code != 200 {
		t.Errorf("liveness: %d", w.Code)
	}
	away.Store(false)
	if code, _ := ready(); code != 200 {
		t.Errorf("database back: %d", code)
	}
	h.Drain()
	if code, body := ready(); code != 503 || !strings.Contains(body, `"draining"`) {
		t.Errorf("draining: %d %s", code, body)
	}
}

func TestACheckThatHangsOrPanicsFailsAndIsAskedOnce(t *testing.T) {
	var asked atomic.Int32
	release := make(chan bool)
	defer close(release)
	h := new(obs.Health)
	h.Add("hangs", func(context.Context) error { asked.Add(1); <-release; return nil })
	h.Add("panics", func(context.Context) error { panic("no") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // so that the test need not wait for the deadline
	for range 3 {
		if failed := h.Check(ctx); failed["hangs"] == nil {
			t.Error("a check that hangs counts as well")
		}
	}
	if n := asked.Load(); n > 1 {
		t.Errorf("asked %d times while it hung", n)
	}
	p := new(obs.Health)
	p.Add("panics", func(context.Context) error { panic("no") })
	if failed := p.Check(t.Context()); failed["panics"] == nil {
		t.Error("a check that panics counts as well")
	}
}

func TestTheLogsLevelAndFormatAreRead(t *testing.T) {
	for s, want := range map[string]obs.LogConfig{
		"": {}, "debug": {Level: slog.LevelDebug}, "JSON": {JSON: true}, "warn/json": {Level: slog.LevelWarn, JSON: true}, "text,error": {Level: slog.LevelError},
	} {
		if got, err := obs.ParseLog(s); err != nil || got != want {
			t.Errorf("ParseLog(%q) = %+v, %v; want %+v", s, got, err, want)
		}
	}
	if _, err := obs.ParseLog("loud"); err == nil {
		t.Error("a level that does not exist was accepted")
	}
	var out bytes.Buffer
	obs.NewLogger(&out, obs.LogConfig{Level: slog.LevelWarn}, func(context.Context) string { return "" }).Info("quiet")
	if out.Len() > 0 {
		t.Errorf("below the level: %s", &out)
	}
}

func TestTracesGoToTheCollectorThatIsNamedAndNowhereOtherwise(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
	off, err := obs.StartTracing(t.Context(), "", "test")
	if err != nil || off.On() || off.Stop(t.Context()) != nil {
		t.Fatalf("without a collector: %v, on %v", err, off.On())
	}
	got := make(chan []byte, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- b
	}))
	defer collector.Close()
	on, err := obs.StartTracing(t.Context(), collector.URL+"/v1/traces", "test")
	if err != nil || !on.On() {
		t.Fatalf("with a collector: %v", err)
	}
	var out bytes.Buffer
	log := obs.NewLogger(&out, obs.LogConfig{}, noID)
	do(obs.Trace(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		obs.SetRoute(r.Context(), "GET /entrar/{token}")
		log.InfoContext(r.Context(), "inside")
	})), "GET", "/entrar/muy-secreto")
	if err := on.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	body := string(<-got)
	if !strings.Contains(body, "GET /entrar/{token}") || strings.Contains(body, "muy-secreto") {
		t.Errorf("the span is not named by its route alone: %q", body)
	}
	if !strings.Contains(out.String(), "trace=") {
		t.Errorf("the log line lacks the trace: %s", &out)
	}
}
