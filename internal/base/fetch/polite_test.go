package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plaza/internal/base/fetch"
)

func TestAHostHasOnlySoManyAnswersOpenAtATime(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hola") })
	c := fetch.New(fetch.Config{Allow: loopback, Resolver: &names{known: map[string][]string{"two.example": {"127.0.0.1"}}}})
	open := func() *fetch.Response {
		t.Helper()
		resp, err := c.Get(t.Context(), fetch.Request{URL: s.URL})
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	first, second := open(), open()
	ctx, cancel := context.WithCancelCause(t.Context())
	waited := errors.New("waited")
	timer := time.AfterFunc(50*time.Millisecond, func() { cancel(waited) })
	defer timer.Stop()
	if _, err := c.Get(ctx, fetch.Request{URL: s.URL}); !errors.Is(err, waited) {
		t.Errorf("third answer: %v, want to wait", err)
	}
	other, err := c.Get(t.Context(), fetch.Request{URL: "http://two.example" + port(s)})
	if err != nil {
		t.Fatalf("another host has to wait: %v", err)
	}
	for _, r := range []*fetch.Response{first, second, other} {
		if err := r.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	third, fourth := open(), open()
	// Reading to the end frees the place too.
	for _, r := range []*fetch.Response{third, fourth} {
		for buf := make([]byte, 10); ; {
			if _, err := r.Body.Read(buf); err != nil {
				break
			}
		}
	}
	if err := open().Body.Close(); err != nil {
		t.Error(err)
	}
}

// later holds what should happen after an interval until the test lets it.
type later struct {
	mu    sync.Mutex
	waits []time.Duration
	calls []func()
}

func (l *later) after(d time.Duration, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits, l.calls = append(l.waits, d), append(l.calls, f)
}

func (l *later) pass() (waits []time.Duration) {
	l.mu.Lock()
	calls := l.calls
	waits, l.calls, l.waits = l.waits, nil, nil
	l.mu.Unlock()
	for _, f := range calls {
		f()
	}
	return waits
}

func TestTwoStartsAtOneHostAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &later{}
		// The name leads nowhere: the gate stands before the question for it.
		c := fetch.New(fetch.Config{Resolver: &names{}, Interval: 3 * time.Second, After: clock.after})
		done := make(chan error, 3)
		ask := func(host string) {
			go func() {
				_, err := c.Get(t.Context(), fetch.Request{URL: "http://" + host + "/"})
				done <- err
			}()
			synctest.Wait()
		}
		ask("a.example")
		ask("A.example.")
		if len(done) != 1 {
			t.Fatalf("%d answers before the interval, want 1", len(done))
		}
		ask("b.example")
		if len(done) != 2 {
			t.Errorf("another host has to wait")
		}
		if waits := clock.pass(); len(waits) != 2 || waits[0] != 3*time.Second {
			t.Errorf("intervals = %v, want two of 3 s", waits)
		}
		synctest.Wait()
		if len(done) != 3 {
			t.Errorf("%d answers after the interval, want 3", len(done))
		}
		clock.pass()
		for range 3 {
			if err := <-done; codeOf(err) != fetch.DNS {
				t.Errorf("err = %v, want code %q", err, fetch.DNS)
			}
		}
	})
}

func TestTheOperatorsOwnHostsNeedNoInterval(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hola") })
	clock := &later{}
	c := fetch.New(fetch.Config{Allow: loopback, Interval: time.Hour, After: clock.after})
	for range 3 { // the connection is new, then kept
		if _, _, err := get(t, c, fetch.Request{URL: s.URL}); err != nil {
			t.Fatal(err)
		}
	}
	if waits := clock.pass(); len(waits) != 3 {
		t.Errorf("%d intervals were begun, want 3", len(waits))
	}
}
