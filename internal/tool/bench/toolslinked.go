package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"plaza/internal/section/tool/spec"
	"plaza/internal/site/browser"
)

// Bounds from a gesture to the last repaint of four linked views, by how many rows.
const (
	linkedBound     = 400 * time.Millisecond
	linkedBoundLong = 1500 * time.Millisecond
	gestures        = 20
)

// linked are four views of prices that filter one another.
func linked() []spec.View {
	var out []spec.View
	for _, v := range priced() {
		if slices.Contains([]string{"heat", "bar", "line", "histogram"}, v.Name) {
			out = append(out, v)
		}
	}
	return out
}

// gesture clicks the mark at a place among all of the heat map, and tells after how many
// milliseconds the first view and the last one had been painted again.
const gesture = `(async (at) => {
	const marks = [...document.querySelectorAll('[data-view="heat"] svg a[href]')].filter((a) => a.getBoundingClientRect().width > 0);
	const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
	const mark = marks[Math.floor((at * marks.length))];
	const began = performance.now();
	let first = 0;
	const seen = new MutationObserver((list) => {
		if (!first && list.some((one) => [...one.addedNodes].some((node) => node.dataset?.view))) {
			first = 1;
			painted().then((at) => { first = at - began; });
		}
	});
	seen.observe(document.body, { childList: true, subtree: true });
	mark.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
	while (document.querySelector('[aria-busy="true"]')) await new Promise((done) => setTimeout(done, 1));
	const last = (await painted()) - began;
	seen.disconnect();
	return { first, last, marks: marks.length, where: location.search };
})(%f)`

// benchLinked measures gestures on a page of linked views, each of which asks for what nobody
// asked before.
func benchLinked(ctx context.Context, host, path string, rows int) error {
	b, err := browser.Open(ctx, host, ".")
	if err != nil {
		return err
	}
	defer b.Close()
	tab, err := b.Tab(browser.Look{})
	if err != nil {
		return err
	}
	defer tab.Close()
	var first, last []time.Duration
	for i := range gestures {
		if status, err := tab.Visit(path); err != nil || status != 200 {
			return fmt.Errorf("%s answers %d, %w", path, status, err)
		}
		took, err := browser.Ask[struct {
			First, Last float64
			Marks       int
			Where       string
		}](tab, fmt.Sprintf(gesture, (float64(i)+0.5)/gestures))
		if err != nil {
			return err
		}
		if took.Where == "" {
			return fmt.Errorf("nothing was chosen among %d marks", took.Marks)
		}
		first = append(first, time.Duration(took.First*float64(time.Millisecond)))
		last = append(last, time.Duration(took.Last*float64(time.Millisecond)))
	}
	bound := linkedBound
	if rows > benchedPrices {
		bound = linkedBoundLong
	}
	fmt.Printf("    a gesture on four linked views: first view p95 %.0f ms, last one p95 %.0f ms (under %.0f ms: %s)\n", ms(p95(first)), ms(p95(last)), ms(bound), verdict(p95(last) < bound))
	return nil
}
