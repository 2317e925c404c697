package browser_test

import (
	"testing"

	"plaza/internal/site/browser"
)

// focused describes the element that has the focus, and whether one can see that it
// has: inside the window, not covered, and marked by an outline or a shadow.
const focused = `(() => {
	const e = document.activeElement
	if (!e || e === document.body || e === document.documentElement) return {name: '', order: -1, seen: true}
	const all = [...document.querySelectorAll('*')], r = e.getBoundingClientRect(), s = getComputedStyle(e)
	const inside = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth && r.width > 0 && r.height > 0
	const x = Math.min(Math.max(r.left + Math.min(r.width, 20) / 2, 1), innerWidth - 2), y = Math.min(Math.max(r.top + r.height / 2, 1), innerHeight - 2)
	const top = document.elementFromPoint(x, y)
	const marked = n => { const s = getComputedStyle(n); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none' }
	return {
		name: e.tagName + '.' + e.className + ' ' + (e.textContent || e.getAttribute('aria-label') || '').trim().slice(0, 40),
		order: all.indexOf(e),
		seen: inside && !!top && (e.contains(top) || top.contains(e)) && (marked(e) || !!e.parentElement && marked(e.parentElement)),
		small: e.matches('button, input, summary, .Button') && (r.width < 24 || r.height < 24),
	}
})()`

type focus struct {
	Name  string `json:"name"`
	Order int    `json:"order"`
	Seen  bool   `json:"seen"`
	Small bool   `json:"small"`
}

func TestTheFirstKeySkipsToWhatIsRead(t *testing.T) {
	v := tab(t, browser.Look{})
	visit(t, v, "/datos", 200)
	tabulate(t, v)
	if f := ask[focus](t, v, focused); !ask[bool](t, v, "document.activeElement.matches('.SkipLink')") || !f.Seen {
		t.Fatalf("the first Tab goes to %q, seen %v", f.Name, f.Seen)
	}
	if _, err := v.Enter(); err != nil {
		t.Fatal(err)
	}
	if got := ask[string](t, v, "document.activeElement.id"); got != "contenido" {
		t.Errorf("the skip link leads the focus to %q", got)
	}
	tabulate(t, v)
	if !ask[bool](t, v, "document.querySelector('main').contains(document.activeElement)") {
		t.Error("after the skip link, Tab leaves the content")
	}
}

// TestTheKeyboardGoesThroughEveryPageInItsOrder presses Tab from a page's beginning
// to its end: every stop can be seen, comes in the order of the page and is large
// enough, and none holds the focus captive.
func TestTheKeyboardGoesThroughEveryPageInItsOrder(t *testing.T) {
	dataset := first(t, "/datos", "main .Item-title a")
	for _, look := range []browser.Look{{Width: 1280}, {Width: 360, Dark: true}} {
		t.Run(look.String(), func(t *testing.T) {
			v := tab(t, look)
			for _, path := range []string{"/", "/datos", dataset, "/entrar"} {
				visit(t, v, path, 200)
				through(t, v, path)
			}
		})
	}
}

func through(t *testing.T, v *browser.Tab, path string) {
	t.Helper()
	last, stops := -1, 0
	for range 400 {
		tabulate(t, v)
		f := ask[focus](t, v, focused)
		if f.Order < 0 || f.Order <= last && stops > 0 && ask[bool](t, v, "document.activeElement.matches('.SkipLink')") {
			break // past the end, and round again
		}
		if stops++; !f.Seen {
			t.Errorf("%s: the focus on %q cannot be seen", path, f.Name)
		}
		if f.Small {
			t.Errorf("%s: %q is smaller than 24 pixels", path, f.Name)
		}
		if f.Order == last && ask[bool](t, v, "document.activeElement.type === 'date'") {
			continue // its day, its month, its year
		}
		if f.Order <= last {
			t.Fatalf("%s: the focus goes back to %q", path, f.Name)
		}
		last = f.Order
	}
	if stops < 5 {
		t.Errorf("%s: Tab stops only %d times", path, stops)
	}
}

func tabulate(t *testing.T, v *browser.Tab) {
	t.Helper()
	if err := v.Tabulate(); err != nil {
		t.Fatal(err)
	}
}
