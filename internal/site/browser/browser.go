// Package browser looks at a running Plaza as people do, through Chromium: on a
// telephone or a wide screen, in the dark, on paper, without scripts, with the
// keyboard alone. Its tests are the newcomer's journey and what holds for every
// page; make audit walks the whole site with it. Nothing of it is in the program
// that is shipped.
//
// A Browser is one Chromium with a profile of its own. A Tab is one visitor: it
// shares no cookies and no cache with others, and remembers what went wrong
// (console, requests) and what was transferred since its last visit.
package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// names are what Chromium is called, in the order of preference: without windows of its own
// it takes a quarter less of a processor.
var names = []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// Find returns the path of Chromium or Chrome on this machine.
func Find() (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither Chromium nor Chrome is on the PATH; on Debian: apt-get install chromium")
}

// Browser is a running Chromium that looks at one Plaza.
type Browser struct {
	origin string
	axe    string
	ctx    context.Context
	close  []func()
}

// Open starts Chromium for the Plaza at origin (scheme://host:port). root is the
// repository's folder, where npm's packages are. Close it afterwards.
func Open(ctx context.Context, origin, root string) (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	axe, err := os.ReadFile(filepath.Join(root, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return nil, fmt.Errorf("the npm packages are missing: run npm ci: %w", err)
	}
	profile, err := os.MkdirTemp("", "plaza-chromium-*")
	if err != nil {
		return nil, err
	}
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// nothing that is looked at needs another host: there is none
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE "+hostOf(origin)),
		// root may not use the sandbox, and what is looked at here is our own
		chromedp.NoSandbox, chromedp.CombinedOutput(io.Discard))
	b := &Browser{origin: strings.TrimRight(origin, "/"), axe: string(axe)}
	b.close = append(b.close, func() { _ = os.RemoveAll(profile) }) // temporary; the system sweeps it otherwise
	ctx, cancel := chromedp.NewExecAllocator(ctx, options...)
	b.close = append(b.close, cancel)
	b.ctx, cancel = chromedp.NewContext(ctx)
	b.close = append(b.close, cancel)
	if err := chromedp.Do(b.ctx); err != nil {
		b.Close()
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	return b, nil
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return "localhost"
	}
	return u.Hostname()
}

// Close ends Chromium and takes its profile away.
func (b *Browser) Close() {
	for i := len(b.close) - 1; i >= 0; i-- {
		b.close[i]()
	}
}

// At is the same Chromium, for tabs that look at another Plaza. Only the one that was
// opened is to be closed.
func (b *Browser) At(origin string) *Browser {
	return &Browser{origin: strings.TrimRight(origin, "/"), axe: b.axe, ctx: b.ctx}
}
