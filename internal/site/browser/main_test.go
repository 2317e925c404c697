package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/site/browser"
)

const root = "../../.."

// The site and the browser that all tests here look at: the demonstration takes
// seconds to play, and it is only read.
var (
	demo   *browser.Demo
	chrome *browser.Browser
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser tests:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "plaza-browser-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if demo, err = browser.StartDemo(ctx, filepath.Join(dir, "data")); err != nil {
		return 0, err
	}
	defer func() {
		if e := demo.Close(); err == nil {
			err = e
		}
	}()
	if chrome, err = browser.Open(ctx, demo.Origin, root); err != nil {
		return 0, err
	}
	defer chrome.Close()
	return m.Run(), nil
}

// tab opens a visitor's tab for a test.
func tab(t *testing.T, look browser.Look) *browser.Tab {
	t.Helper()
	v, err := chrome.Tab(look)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

// visit goes to a page, which has to answer with status.
func visit(t *testing.T, v *browser.Tab, path string, status int) {
	t.Helper()
	got, err := v.Visit(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != status {
		t.Fatalf("%s answered %d, want %d", path, got, status)
	}
}

// comes waits for what jobs of the site do, a minute at most, and reports whether it has
// come. It looks now and then: who looks all the time takes a processor from the jobs.
func comes(there func() bool) bool {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for until := time.Now().Add(time.Minute); !there(); <-look.C {
		if time.Now().After(until) {
			return false
		}
	}
	return true
}

// ask evaluates an expression in the page.
func ask[T any](t *testing.T, v *browser.Tab, expression string) T {
	t.Helper()
	got, err := browser.Ask[T](v, expression)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// whole checks what holds for every page in every look: nothing went wrong while it
// was shown, and it fits the screen.
func whole(t *testing.T, v *browser.Tab) {
	t.Helper()
	path, err := v.Path()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range v.Problems() {
		t.Errorf("%s: %s", path, p)
	}
	by, what, err := v.Overflow()
	if err != nil {
		t.Fatal(err)
	}
	if by > 0 {
		t.Errorf("%s is %d pixels wider than the screen: %s", path, by, what)
	}
}

// document reads a page without a browser.
func document(t *testing.T, path string) (*goquery.Document, int) {
	t.Helper()
	resp, err := http.Get(demo.Origin + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	doc, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc, resp.StatusCode
}

// first is the address that the first element with this selector links to, on a page.
func first(t *testing.T, path, selector string) string {
	t.Helper()
	doc, status := document(t, path)
	href, ok := doc.Find(selector).First().Attr("href")
	if !ok {
		t.Fatalf("%s (%d) has no %s", path, status, selector)
	}
	return strings.TrimPrefix(href, demo.Origin)
}
