package browser

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience bounds each step that a Tab takes.
const patience = 30 * time.Second

// Look is how a visitor sees the site. The zero Look is a light screen 1280 pixels
// wide, with scripts.
type Look struct {
	Width  int // CSS pixels, 1280 when 0
	Height int // 900 when 0
	Dark   bool
	Paper  bool // as printed
	Bare   bool // without scripts
}

// String describes the look for test names and reports.
func (l Look) String() string {
	words := []string{fmt.Sprintf("%dpx", l.width()), "light"}
	if l.Dark {
		words[1] = "dark"
	}
	if l.Paper {
		words = append(words, "paper")
	}
	if l.Bare {
		words = append(words, "bare")
	}
	return strings.Join(words, "-")
}

func (l Look) width() int {
	if l.Width == 0 {
		return 1280
	}
	return l.Width
}

// Transfer is one answer that came over the network.
type Transfer struct {
	URL, Type string
	Bytes     int // as transferred: compressed, with its header
}

// Tab is one visitor.
type Tab struct {
	ctx    context.Context
	cancel func()
	origin string
	axe    string
	look   Look

	mu        sync.Mutex
	problems  []string
	expected  int64 // status of an answer that is no problem, 0 for none
	transfers []Transfer
	requests  map[network.RequestID]*Transfer
	frames    map[string]runtime.ExecutionContextID // the newest that shows an origin
}

// Tab opens a visitor's tab. Close it afterwards.
func (b *Browser) Tab(look Look) (*Tab, error) {
	t := &Tab{origin: b.origin, axe: b.axe, look: look, requests: map[network.RequestID]*Transfer{}, frames: map[string]runtime.ExecutionContextID{}}
	t.ctx, t.cancel = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(t.heard))
	height := look.Height
	if height == 0 {
		height = 900
	}
	scheme, medium := "light", "screen"
	if look.Dark {
		scheme = "dark"
	}
	if look.Paper {
		medium = "print"
	}
	// The first run's context is the tab's life: it may not be one that ends.
	if err := chromedp.Do(t.ctx); err != nil {
		t.Close()
		return nil, fmt.Errorf("opening a tab: %w", err)
	}
	err := t.do(
		chromedp.EmulateViewport(int64(look.width()), int64(height)),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: look.Bare}),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
	)
	if err != nil {
		t.Close()
		return nil, fmt.Errorf("opening a tab: %w", err)
	}
	return t, nil
}

func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// Close closes the tab.
func (t *Tab) Close() { t.cancel() }

func (t *Tab) do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// heard notes what the browser tells about the page. It may not block.
func (t *Tab) heard(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		t.requests[e.RequestID] = &Transfer{URL: e.Request.URL, Type: string(e.Type)}
		if u, err := url.Parse(e.Request.URL); err == nil && u.Scheme != "data" && u.Scheme != "blob" && u.Scheme+"://"+u.Host != t.origin {
			t.problems = append(t.problems, "request to another site: "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status == t.expected {
			t.expected = 0
		} else if e.Response.Status >= 400 && e.Type != network.ResourceTypeDocument {
			t.problems = append(t.problems, fmt.Sprintf("%s answered %d", e.Response.URL, e.Response.Status))
		}
	case *network.EventLoadingFailed:
		if r := t.requests[e.RequestID]; r != nil && !e.Canceled {
			t.problems = append(t.problems, r.URL+" failed: "+e.ErrorText)
		}
	case *network.EventLoadingFinished:
		if r := t.requests[e.RequestID]; r != nil {
			r.Bytes = int(e.EncodedDataLength)
			t.transfers = append(t.transfers, *r)
		}
	case *log.EventEntryAdded:
		ours := strings.Contains(e.Entry.Text, "status of 4") || strings.Contains(e.Entry.Text, "status of 5") || // pages that refuse: seen by their status
			strings.Contains(e.Entry.Text, "GL Driver Message (OpenGL, Performance") // this machine draws without a graphics card
		if (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) && !ours {
			t.problems = append(t.problems, "console: "+e.Entry.Text)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			t.problems = append(t.problems, "console: "+spoken(e.Args))
		}
	case *runtime.EventExecutionContextCreated:
		t.frames[e.Context.Origin] = e.Context.ID
	case *runtime.EventExceptionThrown:
		t.problems = append(t.problems, "exception: "+e.ExceptionDetails.Text)
	}
}

// Expect takes the next answer of a status, which is 400 or more, for what it should be.
func (t *Tab) Expect(status int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expected = status
}

// Problems are what went wrong since the last visit: what the console said, requests
// that failed and requests that left the site.
func (t *Tab) Problems() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.problems)
}

// Transfers are what came over the network since the last visit.
func (t *Tab) Transfers() []Transfer {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.transfers)
}

func (t *Tab) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.problems, t.transfers = nil, nil
}

// Visit goes to a path of the site, waits until the page has loaded, and returns
// the answer's status.
func (t *Tab) Visit(path string) (status int, err error) {
	t.forget()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.NavigateResponse(t.origin+path))
	return statusOf(answer), t.went("visiting "+path, err)
}

// Follow clicks on the first element that a CSS selector finds, and waits for the
// page that it leads to.
func (t *Tab) Follow(selector string) (status int, err error) {
	return t.lead("following "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Enter presses the Enter key in the element that has the focus, and waits for the
// page that it leads to.
func (t *Tab) Enter() (status int, err error) {
	return t.lead("pressing Enter", chromedp.KeyEvent(kb.Enter))
}

func (t *Tab) lead(what string, step chromedp.Action[chromedp.Void]) (int, error) {
	t.forget()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, step)
	return statusOf(answer), t.went(what, err)
}

func statusOf(answer *network.Response) int {
	if answer == nil {
		return 0 // a place on the same page
	}
	return int(answer.Status)
}

func (t *Tab) went(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Type writes text into the first element that a CSS selector finds, key by key.
func (t *Tab) Type(selector, text string) error {
	return t.went("typing into "+selector, t.do(chromedp.SendKeys(chromedp.CSS(selector), text)))
}

// Upload puts a file of this machine into the first file field that a CSS selector finds,
// as if it had been chosen there.
func (t *Tab) Upload(selector, path string) error {
	return t.went("choosing a file for "+selector, t.do(chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path})))
}

// Tabulate presses the tabulator key, once.
func (t *Tab) Tabulate() error { return t.went("pressing Tab", t.do(chromedp.KeyEvent(kb.Tab))) }

// Down presses the arrow that points down, once.
func (t *Tab) Down() error {
	return t.went("pressing the arrow down", t.do(chromedp.KeyEvent(kb.ArrowDown)))
}

// Click clicks on the first element that a CSS selector finds.
func (t *Tab) Click(selector string) error {
	return t.went("clicking on "+selector, t.do(chromedp.Click(chromedp.CSS(selector))))
}

// WaitFor waits until an element that a CSS selector finds is visible.
func (t *Tab) WaitFor(selector string) error {
	return t.went("waiting for "+selector, t.do(chromedp.WaitVisible(chromedp.CSS(selector))))
}

// Path is the address of the page without the site's, with its query.
func (t *Tab) Path() (string, error) { return Ask[string](t, "location.pathname + location.search") }

// Ask evaluates an expression of JavaScript in the page, awaiting promises. It works
// in a Bare tab too: only the page's own scripts are off there.
func Ask[T any](t *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	return v, t.went("asking the page", err)
}

// Picture is a PNG of the window, or of the whole page.
func (t *Tab) Picture(whole bool) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	if whole {
		return chromedp.Run(ctx, chromedp.FullScreenshot(100))
	}
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// A Violation is a rule of accessibility that a page breaks, and where.
type Violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"` // CSS selectors and what is wrong there
}

// String puts the violation on a few lines.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s\n    %s", v.ID, v.Help, strings.Join(v.Nodes, "\n    "))
}

// Axe judges the page by axe-core's rules for WCAG 2.2 A and AA and its best
// practices.
func (t *Tab) Axe() ([]Violation, error) {
	if _, err := Ask[bool](t, "typeof axe !== 'undefined' || ("+wrap(t.axe)+")"); err != nil {
		return nil, err
	}
	return Ask[[]Violation](t, `axe.run(document, {
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
	}).then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 5).map(n => n.target.join(' ') + ' — ' + n.any.concat(n.all, n.none).map(c => c.message).join('; '))})))`)
}

// wrap makes a script one expression that is true once it has run.
func wrap(script string) string { return "(() => {" + script + "; window.axe = axe; return true})()" }

// Overflow is by how many CSS pixels the page is wider than the window, and what
// sticks out.
func (t *Tab) Overflow() (by int, what string, err error) {
	type answer struct {
		By   int    `json:"by"`
		What string `json:"what"`
	}
	a, err := Ask[answer](t, `(() => {
		const wide = document.documentElement.clientWidth, by = document.documentElement.scrollWidth - wide
		const out = by > 0 ? [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > wide + 1).map(e => e.tagName + '.' + e.className).slice(0, 5) : []
		return {by, what: out.join(', ')}
	})()`)
	return a.By, a.What, err
}

// spoken is what a page's script said on the console.
func spoken(args []*runtime.RemoteObject) string {
	words := make([]string, len(args))
	for i, a := range args {
		if words[i] = string(a.Value); a.Description != "" {
			words[i] = a.Description
		}
	}
	return strings.Join(words, " ")
}
