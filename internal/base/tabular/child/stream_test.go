package child_test

import (
	"bytes"
	"context"
	"io"
	"sync"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
)

// slow is a reader that takes one piece and then waits for leave.
type slow struct {
	first sync.Once
	began chan struct{}
	leave chan struct{}
	err   error
}

func (s *slow) Write(p []byte) (int, error) {
	s.first.Do(func() { close(s.began) })
	<-s.leave
	return len(p), s.err
}

func TestASlowReaderOfAnExportHoldsUpNobody(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Deadline = short() })
	warm(t, w)
	p := newPipe(t)
	reader := &slow{began: make(chan struct{}), leave: make(chan struct{}), err: io.ErrClosedPipe}
	done := make(chan error, 1)
	go func() { done <- w.Export(t.Context(), p.table(), child.Export{}, reader) }()
	<-reader.began
	for range 50 {
		if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil {
			t.Fatal(err)
		}
	}
	// one that is too slow for a deadline of its own does not end the export
	if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{Search: "sleep"}); plaza.KindOf(err) != plaza.Unavailable {
		t.Error(err)
	}
	select {
	case err := <-done:
		t.Fatalf("the export ended: %v", err)
	default:
	}
	pid, _ := w.Asking()
	close(reader.leave)
	if err := <-done; err != io.ErrClosedPipe {
		t.Errorf("Export: %v", err)
	}
	if heard := p.heard(t); heard != pid { // the worker gave it up, and lives
		t.Errorf("process %d, then %d", pid, heard)
	}
}

func TestAWorkerThatSendsMoreThanAReaderTakesIsKilled(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Command = command("flood") })
	reader := &slow{began: make(chan struct{}), leave: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- w.Export(t.Context(), child.Table{}, child.Export{}, reader) }()
	<-reader.began
	_, dead := w.Asking()
	<-dead
	close(reader.leave)
	unavailable(t, <-done, "tabular.error.worker")
}

func TestAnExportThatStandsStillIsEnded(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Deadline = short() })
	warm(t, w)
	for _, what := range []string{"sleep", "stubborn"} {
		warm(t, w)
		var out bytes.Buffer
		err := w.Export(t.Context(), child.Table{}, child.Export{Most: 20, Query: tabular.Query{Search: what}}, &out)
		unavailable(t, err, "tabular.error.slow")
		if out.Len() == 0 {
			t.Error("what was written before did not arrive")
		}
	}
}

func TestACancelledExportIsGivenUpByTheWorker(t *testing.T) {
	w, p := workers(t, nil), newPipe(t)
	ctx, cancel := context.WithCancel(t.Context())
	reader := &slow{began: make(chan struct{}), leave: make(chan struct{})}
	close(reader.leave)
	done := make(chan error, 1)
	go func() { done <- w.Export(ctx, p.table(), child.Export{}, reader) }()
	<-reader.began
	cancel()
	if err := <-done; err != context.Canceled {
		t.Error(err)
	}
	p.heard(t)
}

func TestExportsLeavePlacesToQuestions(t *testing.T) {
	w := workers(t, func(c *child.Config) { c.Slots = 4 })
	reader := &slow{began: make(chan struct{}), leave: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() { _ = w.Export(ctx, child.Table{}, child.Export{Most: 1000}, reader) })
	}
	<-reader.began
	for range 10 {
		if _, err := w.Page(t.Context(), child.Table{}, tabular.Query{}); err != nil {
			t.Error(err)
		}
	}
	cancel()
	close(reader.leave)
	all.Wait()
}
