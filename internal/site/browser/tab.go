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
)

// patience bounds each step that a Tab takes.
const patience = 30 * time.Second

// Look is how a visitor sees the site. The zero Look is a light screen 1280 pixels
// wide, with scripts, in Spanish.
type Look struct {
	Width    int // CSS pixels, 1280 when 0
	Height   int // 900 when 0
	Dark     bool
	Paper    bool // as printed
	Bare     bool // without scripts
	Language string
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
	if l.Language != "" {
		words = append(words, l.Language)
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
	transfers []Transfer
	requests  map[network.RequestID]*Transfer
}

// Tab opens a visitor's tab. Close it afterwards.
func (b *Browser) Tab(look Look) (*Tab, error) {
	t := &Tab{origin: b.origin, axe: b.axe, look: look, requests: map[network.RequestID]*Transfer{}}
	t.ctx, t.cancel = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(t.heard))
	height := look.Height
	if height == 0 {
		height = 900
	}
	language := look.Language
	if language == "" {
		language = "es-MX"
	}
	scheme, medium := "light", "screen"
	if look.Dark {
		scheme = "dark"
	}
	if look.Paper {
		medium = "print"
	}
	err := t.do(
		chromedp.EmulateViewport(int64(look.width()), int64(height)),
		command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": []byte(`"` + language + `"`)}}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: look.Bare}),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: &medium, Features: []*emulation.MediaFeature{
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
		if e.Response.Status >= 400 && e.Type != network.ResourceTypeDocument {
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
		ours := strings.Contains(e.Entry.Text, "status of 4") || strings.Contains(e.Entry.Text, "status of 5") // pages that refuse: seen by their status
		if (e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning) && !ours {
			t.problems = append(t.problems, "console: "+e.Entry.Text)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			t.problems = append(t.problems, fmt.Sprintf("console: %s", e.Args))
		}
	case *runtime.EventExceptionThrown:
		t.problems = append(t.problems, "exception: "+e.ExceptionDetails.Text)
	}
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
	return t.arrive(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Evaluate[chromedp.Void]("location.href = "+quote(t.origin+path))(ctx, target)
		return err
	}))
}
