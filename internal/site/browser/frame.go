package browser

import (
	"context"
	"errors"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// AskIn is Ask in the frame of a page that shows a site of this origin.
func AskIn[T any](t *Tab, origin, expression string) (T, error) {
	t.mu.Lock()
	id, ok := t.frames[origin]
	t.mu.Unlock()
	if !ok {
		var none T
		return none, errors.New("no frame shows " + origin)
	}
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise, func(p *runtime.EvaluateParams) { p.ContextID = id }))
	return v, t.went("asking a frame", err)
}

// Cut takes the network away from the tab, or gives it back.
func (t *Tab) Cut(away bool) error {
	return t.went("cutting the network", t.do(
		command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: -1, Offline: away}}}),
		command(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: away, DownloadThroughput: -1, UploadThroughput: -1}),
	))
}

// PDF is the page as a browser prints it into a file.
func (t *Tab) PDF() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	made, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) ([]byte, error) {
		printed, err := cdp.Call(ctx, target, page.PrintToPDF, page.PrintToPDFParams{})
		return printed.Data, err
	})
	return made, t.went("printing", err)
}

// Press presses a key of package kb, once, in the element that has the focus.
func (t *Tab) Press(key string) error {
	return t.went("pressing a key", t.do(chromedp.KeyEvent(key)))
}

// Back presses the tabulator with Shift, once: the focus goes back.
func (t *Tab) Back() error {
	return t.went("pressing Shift and Tab", t.do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift))))
}
