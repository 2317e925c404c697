package answers_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/section/explore/answers"
)

// counting answers with how often it was asked.
type counting struct {
	child.Engine
	asked atomic.Int64
	hold  chan struct{} // when set, answers wait for it or for the context
}

func (c *counting) Count(ctx context.Context, _ child.Table, _ tabular.Query) (int64, error) {
	n := c.asked.Add(1)
	if c.hold != nil {
		select {
		case <-c.hold:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return n, nil
}

func (c *counting) Page(context.Context, child.Table, tabular.Query) (tabular.Page, error) {
	c.asked.Add(1)
	return tabular.Page{Rows: [][]tabular.Cell{{{Text: string(make([]byte, 1000))}}}}, nil
}

// counted gives pages that say how many rows there are.
type counted struct{ counting }

func (c *counted) Page(context.Context, child.Table, tabular.Query) (tabular.Page, error) {
	n := int64(7)
	return tabular.Page{Count: &n}, nil
}

func TestACountThatAPageToldIsKnown(t *testing.T) {
	inner := &counted{}
	e := answers.New(inner, 1<<20)
	q := tabular.Query{Search: "agua", Counted: true, Limit: 50}
	if _, err := e.Page(t.Context(), table("a"), q); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		q     tabular.Query
		asked int64
	}{{tabular.Query{Search: "agua", Limit: 50, Key: &tabular.Position{Row: 50}}, 0}, {tabular.Query{Search: "luz"}, 1}} {
		n, err := e.Count(t.Context(), table("a"), one.q)
		if err != nil || inner.asked.Load() != one.asked || one.asked == 0 && n != 7 {
			t.Errorf("%+v: %d, %v, after %d counts, want %d", one.q, n, err, inner.asked.Load(), one.asked)
		}
	}
}

func table(sum string, hidden ...string) child.Table {
	return child.Table{Profile: tabular.Table{Parquet: tabular.Stored{SHA256: sum}}, Hidden: hidden}
}

func TestAnAnswerIsKeptForItsTableQuestionAndWhatIsHidden(t *testing.T) {
	inner := &counting{}
	e := answers.New(inner, 1<<20)
	ask := func(t1 child.Table, q tabular.Query) int64 {
		t.Helper()
		n, err := e.Count(t.Context(), t1, q)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := ask(table("a"), tabular.Query{Search: "agua"})
	if again := ask(table("a"), tabular.Query{Search: "agua", Limit: 7}); again != first {
		t.Errorf("the same count was asked again")
	}
	for _, other := range []int64{
		ask(table("b"), tabular.Query{Search: "agua"}),
		ask(table("a", "curp"), tabular.Query{Search: "agua"}),
		ask(table("a"), tabular.Query{Search: "luz"}),
		ask(table("a"), tabular.Query{Search: "agua", Where: []tabular.Condition{{Column: "x", Op: tabular.Empty}}}),
	} {
		if other == first {
			t.Errorf("another question got the answer of the first")
		}
	}
}

func TestATableThatNothingNamesIsAskedEachTime(t *testing.T) {
	inner := &counting{}
	e := answers.New(inner, 1<<20)
	for range 2 {
		if _, err := e.Count(t.Context(), table(""), tabular.Query{}); err != nil {
			t.Fatal(err)
		}
	}
	if inner.asked.Load() != 2 {
		t.Errorf("asked %d times, want 2", inner.asked.Load())
	}
}

func TestOldAnswersMakeRoom(t *testing.T) {
	inner := &counting{}
	e := answers.New(inner, 30_000) // of some 1,250 bytes each
	for pass := range 2 {
		for i := range 100 {
			if _, err := e.Page(t.Context(), table("a"), tabular.Query{Limit: i + 1}); err != nil {
				t.Fatal(err)
			}
		}
		if want := int64(100 * (pass + 1)); inner.asked.Load() != want {
			t.Errorf("after pass %d: asked %d times, want %d", pass, inner.asked.Load(), want)
		}
	}
	if _, err := e.Page(t.Context(), table("a"), tabular.Query{Limit: 100}); err != nil || inner.asked.Load() != 200 {
		t.Errorf("the latest answer was forgotten: %v", err)
	}
}

func TestWhoLeavesTakesNoAnswerFromTheOthers(t *testing.T) {
	inner := &counting{hold: make(chan struct{})}
	e := answers.New(inner, 1<<20)
	leaving, leave := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { _, _ = e.Count(leaving, table("a"), tabular.Query{}) })
	for inner.asked.Load() == 0 {
	}
	got := make(chan error, 1)
	wait.Go(func() {
		_, err := e.Count(t.Context(), table("a"), tabular.Query{})
		got <- err
	})
	leave()
	close(inner.hold)
	if err := <-got; err != nil {
		t.Errorf("the one who stayed got %v", err)
	}
	wait.Wait()
}
