package obs_test

import (
	"bytes"
	"context"
	"encoding/json"
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

func TestARequestIsLoggedByItsRouteAndNothingPersonal(t *testing.T) {
	var out bytes.Buffer
	log := obs.NewLogger(&out, obs.LogConfig{JSON: true})
	mux := http.NewServeMux()
	var shown string
	mux.HandleFunc("GET /entrar/{token}", func(w http.ResponseWriter, r *http.Request) {
		shown = obs.RequestID(r.Context())
		log.With("part", "account").WithGroup("g").WarnContext(r.Context(), "inside")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "hola")
	})
	h := obs.Requests(log, obs.NewMetrics("test"), mux)
	r := httptest.NewRequest("GET", "/entrar/muy-secreto?correo=ana@example.mx", nil)
	r.Header.Set("User-Agent", "navegador de Ana")
	r.Header.Set("X-Request-Id", "elegido por Ana")
	h.ServeHTTP(httptest.NewRecorder(), r)

	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2:\n%s", len(lines), &out)
	}
	var inside struct{ G struct{ Request string } }
	var line struct {
		Msg, Method, Route, Request string
		Status, Bytes               int
		Took                        *int64
	}
	if err := errors.Join(json.Unmarshal([]byte(lines[0]), &inside), json.Unmarshal([]byte(lines[1]), &line)); err != nil {
		t.Fatal(err)
	}
	if line.Msg != "request" || line.Method != "GET" || line.Route != "/entrar/{token}" || line.Status != 418 || line.Bytes != 4 || line.Took == nil {
		t.Errorf("line %s", lines[1])
	}
	if shown == "" || line.Request != shown || inside.G.Request != shown {
		t.Errorf("ids: handler %q, its line %q, the request's %q; want one", shown, inside.G.Request, line.Request)
	}
	for _, leak := range []string{"secreto", "ana@", "Ana", "192.0.2.1"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is in the log:\n%s", leak, &out)
		}
	}
}

func TestARouterBehindACopyOfTheRequestStillNamesItsRoute(t *testing.T) {
	var out bytes.Buffer
	h := obs.Requests(obs.NewLogger(&out, obs.LogConfig{}), obs.NewMetrics("test"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		obs.SetRoute(r.Context(), "GET /datos")
		http.Error(w, "", http.StatusInternalServerError)
	}))
	do(h, "GET", "/datos")
	if !strings.Contains(out.String(), "route=/datos ") || !strings.Contains(out.String(), "level=ERROR") {
		t.Errorf("line %s", &out)
	}
	obs.SetRoute(t.Context(), "outside a request: nothing happens")
}

func TestMetricsCountRequestsJobsAndOtherParts(t *testing.T) {
	m := obs.NewMetrics("1.2.3")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /datos/{dataset}", func(http.ResponseWriter, *http.Request) {})
	h := obs.Requests(slog.New(slog.DiscardHandler), m, mux)
	do(h, "GET", "/datos/a")
	do(h, "GET", "/datos/b")
	do(h, "BREW", "/nowhere")
	m.Job("harvest", "completed", 3*time.Second)
	if err := m.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "plaza_record_entries"}, func() float64 { return 42 })); err != nil {
		t.Fatal(err)
	}
	body := do(obs.Admin(m, new(obs.Health)), "GET", "/metrics").Body.String()
	for _, want := range []string{
		`plaza_http_request_seconds_count{method="GET",route="/datos/{dataset}",status="200"} 2`,
		`plaza_http_request_seconds_count{method="other",route="none",status="404"} 1`,
		`plaza_job_seconds_sum{kind="harvest",state="completed"} 3`,
		`plaza_record_entries 42`, `version="1.2.3"`, `go_goroutines`, `plaza_http_requests_active 0`,
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
	obs.NewLogger(&out, obs.LogConfig{Level: slog.LevelWarn}).Info("quiet")
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
	mux := http.NewServeMux()
	mux.HandleFunc("GET /entrar/{token}", func(http.ResponseWriter, *http.Request) {})
	do(obs.Requests(obs.NewLogger(&out, obs.LogConfig{}), obs.NewMetrics("test"), mux), "GET", "/entrar/muy-secreto")
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
