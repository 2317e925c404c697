package child_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
)

// pipe is a named pipe by which a worker says that it is where the test wants it; heard
// waits for it and gives the worker's number.
type pipe struct{ path string }

func newPipe(t *testing.T) pipe {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return pipe{path}
}

func (p pipe) table() child.Table { return child.Table{Native: p.path} }

func (p pipe) heard(t *testing.T) int {
	t.Helper()
	raw, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// short is a deadline that a worker which runs keeps; a start under the race detector
// takes longer than one without.
func short() time.Duration {
	if raced {
		return time.Second
	}
	return 200 * time.Millisecond
}

// warm starts the asking worker: a start takes longer than some deadlines of tests.
func warm(t *testing.T, w *child.Workers) {
	t.Helper()
	for range 10 {
		if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err == nil {
			return
		}
	}
	t.Fatal("no worker starts in time")
}

func ask(ctx context.Context, w *child.Workers, p pipe, what string) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := w.Page(ctx, p.table(), tabular.Query{Search: what})
		done <- err
	}()
	return done
}

// unavailable holds that err asks to come back later, with a sentence.
func unavailable(t *testing.T, err error, key string) {
	t.Helper()
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Kind != plaza.Unavailable || e.Key != key || e.RetryAfter <= 0 {
		t.Errorf("error is %v, want %s with Retry-After", err, key)
	}
}

func TestEveryQuestionIsAnsweredByOneProcess(t *testing.T) {
	w, ctx := workers(t, nil), t.Context()
	p, err := w.Page(ctx, child.Table{}, tabular.Query{Search: "México"})
	if err != nil || p.Rows[0][0].Text != "México" || p.Numbers[0] != 1 {
		t.Errorf("Page: %+v, %v", p, err)
	}
	pid, _ := w.Asking()
	if r, err := w.Row(ctx, child.Table{}, 77); err != nil || r.Numbers[0] != 77 {
		t.Errorf("Row: %+v, %v", r, err)
	}
	if n, err := w.Count(ctx, child.Table{}, tabular.Query{Search: "four"}); err != nil || n != 4 {
		t.Errorf("Count: %d, %v", n, err)
	}
	if g, err := w.Groups(ctx, child.Table{}, tabular.Query{Search: "x"}); err != nil || !g.More || g.Columns[0] != "x" {
		t.Errorf("Groups: %+v, %v", g, err)
	}
	var out bytes.Buffer
	if err := w.Export(ctx, child.Table{}, child.Export{Most: 1000}, &out); err != nil || out.Len() != 1000*4096 ||
		!bytes.Equal(out.Bytes(), bytes.Repeat([]byte("0123456789abcdef"), 256_000)) {
		t.Errorf("Export: %d bytes, %v", out.Len(), err)
	}
	if now, _ := w.Asking(); now != pid {
		t.Errorf("process %d became %d", pid, now)
	}
}

func TestErrorsKeepTheirKindAcrossThePipe(t *testing.T) {
	w := workers(t, nil)
	_, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: "invalid"})
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Cause == nil || e.Cause.Error() != "deep" {
		t.Fatalf("error is %v", err)
	}
	e.Cause = nil
	want := &plaza.Error{Kind: plaza.Invalid, Key: "some.key", Args: map[string]any{"n": 3},
		Fields: []plaza.FieldError{{Field: "where", Key: "other.key", Args: map[string]any{"x": 2.5}}}}
	if d := cmp.Diff(want, e); d != "" {
		t.Error(d)
	}
	if _, err := w.Count(t.Context(), child.Table{}, tabular.Query{Search: "fault"}); !errors.Is(err, &tabular.Fault{Code: "broken"}) {
		t.Errorf("error is %v", err)
	}
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: "great"}); plaza.KindOf(err) != plaza.Invalid {
		t.Errorf("a great answer: %v", err)
	}
}

func TestAnyErrorCrossesThePipe(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	args := map[string]any{"i": 1, "l": int64(2), "f": 3.0, "s": "x", "b": true, "n": nil, "t": day, "d": time.Second, "w": []string{"a", "b"}}
	got := child.EncodeError(fmt.Errorf("outside: %w", &plaza.Error{Kind: plaza.TooMany, Key: "k", Args: args, RetryAfter: time.Minute}))
	e, ok := errors.AsType[*plaza.Error](got)
	if !ok || e.RetryAfter != time.Minute || got.Error() != "outside: too-many: k" {
		t.Fatalf("%v", got)
	}
	if d := cmp.Diff(args, e.Args); d != "" {
		t.Error(d)
	}
	for _, is := range []error{context.Canceled, context.DeadlineExceeded, syscall.ENOSPC, os.ErrNotExist} {
		err := fmt.Errorf("reading: %w", is)
		if is == os.ErrNotExist {
			_, err = os.Open("/nowhere/at/all")
		}
		if got := child.EncodeError(err); !errors.Is(got, is) {
			t.Errorf("%v became %v", is, got)
		}
	}
	deep := error(&plaza.Error{Key: "deepest"})
	for range 100 {
		deep = &tabular.Fault{Code: "c", Cause: deep}
	}
	if got := child.EncodeError(deep); !errors.Is(got, &tabular.Fault{Code: "c"}) {
		t.Errorf("%v", got)
	}
}

func TestAPanicIsAnErrorOfItsQuestionAlone(t *testing.T) {
	w, p := workers(t, nil), newPipe(t)
	ctx, cancel := context.WithCancel(t.Context())
	other := ask(ctx, w, p, "sleep")
	pid := p.heard(t)
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: "panic"}); plaza.KindOf(err) != plaza.Internal || !strings.Contains(err.Error(), "no such luck") {
		t.Errorf("error is %v", err)
	}
	cancel()
	if err := <-other; err != context.Canceled {
		t.Errorf("the other question: %v", err)
	}
	if now, _ := w.Asking(); now != pid {
		t.Error("the worker was replaced")
	}
}

func TestAQuestionOverItsTimeIsRefused(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Deadline = short() })
	warm(t, w)
	_, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: "sleep"})
	unavailable(t, err, "tabular.error.slow")
	first, _ := w.Asking()
	if first == 0 {
		t.Error("a worker that stopped in time was killed")
	}
	_, dead := w.Asking()
	_, err = w.Page(t.Context(), child.Table{}, tabular.Query{Search: "stubborn"})
	unavailable(t, err, "tabular.error.slow")
	<-dead
	warm(t, w)
	if now, _ := w.Asking(); now == first {
		t.Error("the worker was not replaced")
	}
}

func TestACancelledQuestionLeavesTheWorkerOrEndsIt(t *testing.T) {
	w := workers(t, nil)
	for _, what := range []string{"sleep", "stubborn"} {
		p := newPipe(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := ask(ctx, w, p, what)
		p.heard(t)
		pid, dead := w.Asking()
		cancel()
		if err := <-done; err != context.Canceled {
			t.Errorf("%s: %v", what, err)
		}
		if what == "stubborn" {
			<-dead
		}
		if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil {
			t.Errorf("after %s: %v", what, err)
		}
		if now, _ := w.Asking(); (now == pid) != (what == "sleep") {
			t.Errorf("%s: process %d, then %d", what, pid, now)
		}
	}
}

func TestQuestionsBesideACulpritAreAskedAgain(t *testing.T) {
	w := workers(t, nil)
	bad, good := newPipe(t), newPipe(t)
	ctx, cancel := context.WithCancel(t.Context())
	culprit := ask(ctx, w, bad, "stubborn")
	bad.heard(t)
	leave, end := context.WithCancel(t.Context())
	defer end()
	other := ask(leave, w, good, "sleep")
	first := good.heard(t)
	cancel()
	if err := <-culprit; err != context.Canceled {
		t.Error(err)
	}
	if second := good.heard(t); second == first {
		t.Error("asked again of the same process")
	}
	end()
	if err := <-other; err != context.Canceled {
		t.Error(err)
	}
}

func TestAWorkerThatIsKilledInMidQuestionIsReplacedOnce(t *testing.T) {
	w, p := workers(t, nil), newPipe(t)
	done := ask(t.Context(), w, p, "sleep")
	for range 2 {
		if err := syscall.Kill(p.heard(t), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	unavailable(t, <-done, "tabular.error.worker")
	for _, what := range []string{"crash", "exit", "go panic"} {
		_, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: what})
		unavailable(t, err, "tabular.error.worker")
		if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil && plaza.KindOf(err) != plaza.Unavailable {
			t.Error(err)
		}
	}
}

func TestAnAskingWorkerOverItsMemoryIsReplaced(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.AskMemory, c.Reserve = 300<<20, -1 })
	w.SetTick(5 * time.Millisecond)
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil {
		t.Fatal(err)
	}
	before, _ := w.Asking()
	_, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: "memory"})
	unavailable(t, err, "tabular.error.worker")
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil {
		t.Error(err)
	}
	if now, _ := w.Asking(); now == before {
		t.Error("the worker was not replaced")
	}
}

func TestAWorkerThatNeverAnswersIsNotStartedWithoutEnd(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Command = child.Command{Path: filepath.Join(c.Scratch, "missing")} })
	var over func()
	w.SetTimer(func(_ time.Duration, f func()) func() bool {
		over = f
		return func() bool { return true }
	})
	tried := 0
	for range 20 {
		_, err := w.Page(t.Context(), child.Table{}, tabular.Query{})
		unavailable(t, err, "tabular.error.worker")
		if errors.Unwrap(err) != nil {
			tried++
		}
	}
	if tried != 4 {
		t.Errorf("%d starts were tried", tried)
	}
	over()
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); errors.Unwrap(err) == nil {
		t.Errorf("after the pause none was started: %v", err)
	}
}

func TestWhenAllPlacesAreTakenQuestionsWaitAndTheQueueHasAnEnd(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Slots, c.Queue = 1, 1 })
	p := newPipe(t)
	ctx, cancel := context.WithCancel(t.Context())
	first := ask(ctx, w, p, "sleep")
	p.heard(t)
	results := make(chan error, 2)
	for range 2 { // one waits, the other finds the queue full
		go func() {
			_, err := w.Page(t.Context(), child.Table{}, tabular.Query{})
			results <- err
		}()
	}
	unavailable(t, <-results, "tabular.error.busy")
	cancel()
	<-first
	if err := <-results; err != nil {
		t.Errorf("who waited: %v", err)
	}
}

func TestWhoWaitsTooLongIsRefused(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Slots, c.Wait = 3, time.Millisecond })
	p := newPipe(t)
	ctx, cancel := context.WithCancel(t.Context())
	first := ask(ctx, w, p, "sleep")
	p.heard(t)
	second := ask(ctx, w, p, "sleep")
	p.heard(t)
	for range 2 {
		_, err := w.Page(t.Context(), long, tabular.Query{})
		unavailable(t, err, "tabular.error.busy")
	}
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil {
		t.Errorf("a short one: %v", err)
	}
	cancel()
	<-first
	<-second
}

// long is a table of which a question takes all places but one.
var long = child.Table{Profile: tabular.Table{Rows: 1_000_000_000}}

func TestALongTableTakesSeveralPlacesAndLeavesOne(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Slots, c.Wait = 4, time.Minute })
	p := newPipe(t)
	ctx, cancel := context.WithCancel(t.Context())
	heard := long
	heard.Native = p.path
	first := make(chan error, 1)
	go func() {
		_, err := w.Page(ctx, heard, tabular.Query{Search: "sleep"})
		first <- err
	}()
	p.heard(t)
	leaving, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer leave()
	if _, err := w.Page(leaving, long, tabular.Query{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("two long tables were asked at once: %v", err)
	}
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil {
		t.Errorf("a short one found no place beside a long one: %v", err)
	}
	cancel()
	<-first
	if _, err := w.Page(t.Context(), long, tabular.Query{}); err != nil {
		t.Error(err)
	}
}

func TestAnIdleWorkerEnds(t *testing.T) {
	w := workers(t, nil)
	var mu sync.Mutex
	var fire []func()
	stopped := 0
	w.SetTimer(func(d time.Duration, f func()) func() bool {
		mu.Lock()
		defer mu.Unlock()
		if d != 5*time.Minute {
			t.Errorf("idle after %s", d)
		}
		fire = append(fire, f)
		return func() bool { stopped++; return true }
	})
	page := func() {
		if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil {
			t.Fatal(err)
		}
	}
	page()
	page()
	if len(fire) != 2 || stopped != 1 {
		t.Fatalf("%d clocks, %d stopped", len(fire), stopped)
	}
	pid, dead := w.Asking()
	fire[1]()
	<-dead
	if now, _ := w.Asking(); now != 0 {
		t.Error("it is still asked")
	}
	page()
	if now, _ := w.Asking(); now == pid {
		t.Error("it was not replaced")
	}
}

func TestCloseEndsEverything(t *testing.T) {
	w, polite, stubborn := workers(t, nil), newPipe(t), newPipe(t)
	asked := ask(t.Context(), w, polite, "stubborn")
	polite.heard(t)
	_, dead := w.Asking()
	under, converted := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := w.Convert(t.Context(), child.Conversion{Name: "stubborn", Dir: filepath.Dir(stubborn.path)}, func(child.Step) { close(under) })
		converted <- err
	}()
	<-under
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Close(ctx); err != context.Canceled {
		t.Error(err)
	}
	<-dead
	unavailable(t, <-asked, "tabular.error.closing")
	unavailable(t, <-converted, "tabular.error.closing")
	_, err := w.Page(t.Context(), child.Table{}, tabular.Query{})
	unavailable(t, err, "tabular.error.closing")
	if err := w.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnAskingWorkerHasLittleToItself(t *testing.T) {
	w := workers(t, nil)
	p, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: "look"})
	if err != nil {
		t.Fatal(err)
	}
	var s state
	if err := json.Unmarshal([]byte(p.Rows[0][0].Text), &s); err != nil {
		t.Fatal(err)
	}
	own, err := unix.Getpriority(unix.PRIO_PROCESS, 0) // as Linux has it, 20 less the niceness
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Env) != 1 || s.Nice != strconv.Itoa(20-own) || s.Status["NoNewPrivs"] != "1" || s.Limits.Slots != 4 || s.Limits.Memory != 1_200_000_000 {
		t.Errorf("%+v", s)
	}
	if !raced && s.Limit["Max data size"] != strconv.Itoa(1_200_000_000+(512+16*(4+runtime.NumCPU()))<<20) {
		t.Errorf("limits %v", s.Limit)
	}
	_, dead := w.Asking()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := w.Close(ctx); err != nil {
		t.Error(err)
	}
	<-dead
	if _, err := os.Stat(s.Limits.Scratch); !os.IsNotExist(err) {
		t.Errorf("its folder is left: %v", err)
	}
}

func TestManyQuestionsAtOnceGetTheirOwnAnswers(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Slots, c.Queue = 8, 200 })
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			want := fmt.Sprint("question ", i)
			if i%10 == 0 {
				var out bytes.Buffer
				if err := w.Export(t.Context(), child.Table{}, child.Export{Most: 100}, &out); err != nil || out.Len() != 100*4096 {
					t.Errorf("%s: %d bytes, %v", want, out.Len(), err)
				}
				return
			}
			p, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: want})
			if err != nil || p.Rows[0][0].Text != want {
				t.Errorf("%s: %+v, %v", want, p, err)
			}
		})
	}
	all.Wait()
	if waiting, asked := w.Waiting(); waiting != 0 || asked != 0 {
		t.Errorf("%d wait and %d are asked", waiting, asked)
	}
}

func TestAWorkerThatTalksALotIsReadToItsEnd(t *testing.T) {
	w := workers(t, nil)
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: "noise"}); err != nil {
		t.Error(err)
	}
}

func TestATableOfAQuestionArrivesWithoutWhatDescribesIt(t *testing.T) {
	w := workers(t, nil)
	mine := child.Table{Parquet: "a.parquet", Hidden: []string{"x"}, Profile: profile(3)}
	want := mine
	want.Profile = profile(3)
	for range 2 { // the second time it is remembered
		p, err := w.Page(t.Context(), mine, tabular.Query{Search: "table"})
		if err != nil {
			t.Fatal(err)
		}
		var got child.Table
		if err := json.Unmarshal([]byte(p.Rows[0][0].Text), &got); err != nil {
			t.Fatal(err)
		}
		if !filepath.IsAbs(got.Parquet) || got.Hidden[0] != "x" || len(got.Profile.Columns) != 3 || got.Profile.Columns[2].Name != "column 2" ||
			got.Profile.Columns[0].Stats.Top != nil {
			t.Errorf("%+v", got)
		}
	}
	if d := cmp.Diff(want, mine); d != "" {
		t.Errorf("asking changed the asker's own table: %s", d)
	}
}
