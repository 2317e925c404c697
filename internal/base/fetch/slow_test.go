package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plaza/internal/base/fetch"
)

// inside gives a client whose host "demo" is h, for use in a bubble of fake time.
func inside(h http.HandlerFunc) *fetch.Client {
	return fetch.New(fetch.Config{Resolver: &names{}}).WithHost("demo", h)
}

// pause waits in fake time, or until the request is over.
func pause(r *http.Request, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}

func TestASlowServerIsCutOff(t *testing.T) {
	drip := func(every time.Duration, bytes int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for pause(r, every) {
				if _, err := w.Write(make([]byte, bytes)); err != nil {
					return
				}
			}
		}
	}
	for _, tt := range []struct {
		name    string
		h       http.HandlerFunc
		timeout time.Duration
		within  time.Duration
	}{
		{"no head", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, 10 * time.Second},
		{"head and nothing more", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			<-r.Context().Done()
		}, 0, 35 * time.Second},
		{"one byte a second", drip(time.Second, 1), 0, 36 * time.Second},
		{"fast enough for ever", drip(time.Second, 5000), 0, 5 * time.Minute},
		{"fast enough, less time", drip(time.Second, 5000), time.Minute, time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.within+time.Millisecond)
				defer cancel()
				resp, err := inside(tt.h).Get(ctx, fetch.Request{URL: "http://demo/x", Timeout: tt.timeout})
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
				}
				if codeOf(err) != fetch.TooSlow {
					t.Errorf("%v, want code %q within %v", err, fetch.TooSlow, tt.within)
				}
			})
		})
	}
}

func TestACallerMayTakeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inside(func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				fmt.Fprint(w, "0123456789")
			}
		})
		resp, err := c.Get(t.Context(), fetch.Request{URL: "http://demo/x"})
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		total := 0
		for buf := make([]byte, 10); ; {
			n, err := resp.Body.Read(buf)
			total += n
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("after %d bytes: %v", total, err)
			}
			<-time.After(1700 * time.Millisecond) // works on what came, 170 s in all; out of step with the window
		}
		if total != 1000 {
			t.Errorf("read %d bytes, want 1000", total)
		}
	})
}

func TestACallerWhoGivesUpHearsItsOwnReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var handlers atomic.Int32
		c := inside(func(w http.ResponseWriter, r *http.Request) {
			handlers.Add(1)
			defer handlers.Add(-1)
			if r.URL.Path == "/head" {
				<-r.Context().Done()
				return
			}
			for {
				if _, err := w.Write(make([]byte, 100<<10)); err != nil {
					return
				}
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Get(ctx, fetch.Request{URL: "http://demo/head"}); !errors.Is(err, context.DeadlineExceeded) || codeOf(err) != "" {
			t.Errorf("during the head: %v, want the deadline", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		resp, err := c.Get(ctx, fetch.Request{URL: "http://demo/body"})
		if err != nil {
			t.Fatal(err)
		}
		stop()
		if _, err = io.Copy(io.Discard, resp.Body); !errors.Is(err, context.Canceled) || codeOf(err) != "" {
			t.Errorf("during the body: %v, want context canceled", err)
		}
		synctest.Wait()
		if n := handlers.Load(); n != 0 {
			t.Errorf("%d handlers still run, want 0", n)
		}
	})
}

func TestAHostInsideTheProcessIsReachedOnlyByItsOwnClient(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/out":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/on":
			http.Redirect(w, r, "/x", http.StatusFound)
		case "/panic":
			panic("boom")
		case "/late":
			fmt.Fprint(w, "a")
			panic("boom")
		case "/current":
			w.WriteHeader(http.StatusNotModified)
		default:
			fmt.Fprintf(w, "%s %s", r.Host, r.URL.Path)
		}
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://demo.example/x", http.StatusFound)
	})
	outer := fetch.New(fetch.Config{Resolver: &names{}})
	named := fetch.New(fetch.Config{Allow: loopback, Resolver: &names{}}).WithHost("demo.example", h)
	c := outer.WithHost("127.0.0.1:8080", h)
	for _, tt := range []struct {
		name string
		c    *fetch.Client
		req  fetch.Request
		text string
		want fetch.Code
	}{
		{"itself", c, fetch.Request{URL: "http://127.0.0.1:8080/x#y"}, "127.0.0.1:8080 /x", ""},
		{"redirect within", c, fetch.Request{URL: "http://127.0.0.1:8080/on"}, "127.0.0.1:8080 /x", ""},
		{"redirect out is checked", c, fetch.Request{URL: "http://127.0.0.1:8080/out"}, "", fetch.RefusedAddress},
		{"head only", c, fetch.Request{URL: "http://127.0.0.1:8080/x", Head: true}, "", ""},
		{"current copy", c, fetch.Request{URL: "http://127.0.0.1:8080/current", IfNoneMatch: `"a"`}, "", ""},
		{"other port", c, fetch.Request{URL: "http://127.0.0.1:8081/x"}, "", fetch.RefusedAddress},
		{"with credentials", c, fetch.Request{URL: "http://u@127.0.0.1:8080/x"}, "", fetch.BadURL},
		{"a client without it", outer, fetch.Request{URL: "http://127.0.0.1:8080/x"}, "", fetch.RefusedAddress},
		{"a handler that panics", c, fetch.Request{URL: "http://127.0.0.1:8080/panic"}, "", fetch.Status},
		{"a handler that panics late", c, fetch.Request{URL: "http://127.0.0.1:8080/late"}, "a", fetch.Truncated},
		{"by name", named, fetch.Request{URL: "https://demo.example/x"}, "demo.example /x", ""},
		{"redirect from outside", named, fetch.Request{URL: s.URL + "/to"}, "", fetch.DNS},
	} {
		_, text, err := get(t, tt.c, tt.req)
		if text != tt.text || codeOf(err) != tt.want || (err == nil) != (tt.want == "") {
			t.Errorf("%s: %q, %v; want %q, code %q", tt.name, text, err, tt.text, tt.want)
		}
	}
}
