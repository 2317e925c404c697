package browser_test

import (
	"strings"
	"testing"

	"plaza/internal/site/browser"
)

// TestANewcomerFindsDataAndWhoPublishesThem is the journey that Plaza is there for:
// from the home page, through a search with a slip of the pen, to a dataset and to
// the institution that answers for it.
func TestANewcomerFindsDataAndWhoPublishesThem(t *testing.T) {
	for _, look := range []browser.Look{
		{Width: 1280}, {Width: 1280, Dark: true}, {Width: 360}, {Width: 360, Dark: true},
		{Width: 1280, Bare: true}, {Width: 1280, Bare: true, Dark: true}, {Width: 360, Bare: true}, {Width: 360, Bare: true, Dark: true},
	} {
		t.Run(look.String(), func(t *testing.T) {
			v := tab(t, look)
			visit(t, v, "/", 200)
			whole(t, v)
			search(t, v)
			narrow(t, v)
			read(t, v)
		})
	}
}

// search asks for something misspelt and takes the correction that is offered.
func search(t *testing.T, v *browser.Tab) {
	t.Helper()
	if err := v.Type("main input[name=q]", "POBLASIÓN del municipio"); err != nil {
		t.Fatal(err)
	}
	arrive(t, v, v.Enter)
	if said := ask[string](t, v, "document.querySelector('main').innerText"); !strings.Contains(said, "población") {
		t.Fatalf("the misspelt search offers no correction:\n%s", said)
	}
	follow(t, v, "main .Lead a, main .DidYouMean a")
	if n := ask[int](t, v, "document.querySelectorAll('main .Item').length"); n == 0 {
		t.Fatal("the corrected search finds nothing")
	}
}

// narrow goes on to the datasets among what was found and chooses a facet.
func narrow(t *testing.T, v *browser.Tab) {
	t.Helper()
	follow(t, v, "main a[href^='/datos?']")
	before := ask[int](t, v, "document.querySelectorAll('main .Item').length")
	// On a telephone the facets are folded away.
	const open = "(() => { const f = document.querySelector('.Facets-fold > summary'); return !!f && f.checkVisibility() && !f.parentElement.open })()"
	if ask[bool](t, v, open) {
		if err := v.Click(".Facets-fold > summary"); err != nil {
			t.Fatal(err)
		}
	}
	if ask[bool](t, v, "!document.querySelector('.Facet').open") {
		if err := v.Click(".Facet > summary"); err != nil {
			t.Fatal(err)
		}
	}
	follow(t, v, ".Facet .Facet-option")
	if n := ask[int](t, v, "document.querySelectorAll('main .Chip').length"); n == 0 {
		t.Error("the page does not show what was chosen")
	}
	if n := ask[int](t, v, "document.querySelectorAll('main .Item').length"); n == 0 || n > before {
		t.Errorf("choosing a facet left %d datasets of %d", n, before)
	}
}

// read opens the first dataset and the institution that publishes it.
func read(t *testing.T, v *browser.Tab) {
	t.Helper()
	title := ask[string](t, v, "document.querySelector('main .Item-title a').textContent")
	follow(t, v, "main .Item-title a")
	if got := ask[string](t, v, "document.querySelector('h1').textContent"); got != title {
		t.Errorf("%q led to a page called %q", title, got)
	}
	if n := ask[int](t, v, "document.querySelectorAll('.ResourceList a[href*=\"/demo/archivos/\"]').length"); n == 0 {
		t.Error("nothing on the dataset's page can be downloaded")
	}
	owner := ask[string](t, v, "document.querySelector('.PageHead-kicker a').textContent")
	follow(t, v, ".PageHead-kicker a")
	if got := ask[string](t, v, "document.querySelector('h1').textContent"); got != owner {
		t.Errorf("%q led to a page called %q", owner, got)
	}
	if !strings.Contains(ask[string](t, v, "document.querySelector('main').innerText"), title) {
		t.Errorf("the institution's page does not list %q", title)
	}
}

// follow clicks on a link and checks the page that it leads to.
func follow(t *testing.T, v *browser.Tab, selector string) {
	t.Helper()
	arrive(t, v, func() (int, error) { return v.Follow(selector) })
}

func arrive(t *testing.T, v *browser.Tab, step func() (int, error)) {
	t.Helper()
	status, err := step()
	if err != nil {
		t.Fatal(err)
	}
	if status != 200 {
		path, _ := v.Path()
		t.Fatalf("%s answered %d", path, status)
	}
	whole(t, v)
}

func TestWhatIsTypedIsSuggestedAndChosenWithTheKeyboard(t *testing.T) {
	v := tab(t, browser.Look{})
	visit(t, v, "/instituciones", 200)
	if err := v.Type("#buscar", "pobla"); err != nil {
		t.Fatal(err)
	}
	if err := v.WaitFor("[data-for=pobla] [role=option]"); err != nil {
		t.Fatal(err)
	}
	if got := ask[string](t, v, "document.querySelector('#buscar').getAttribute('aria-expanded')"); got != "true" {
		t.Errorf("the box does not say that it shows suggestions: aria-expanded = %q", got)
	}
	if violations, err := v.Axe(); err != nil || len(violations) > 0 {
		t.Errorf("axe on the open suggestions: %v %v", violations, err)
	}
	if err := v.Type("#buscar", "c"); err != nil { // goes on typing: the judge took the focus away
		t.Fatal(err)
	}
	if err := v.WaitFor("[data-for=poblac] [role=option]"); err != nil {
		t.Fatal(err)
	}
	if err := v.Down(); err != nil {
		t.Fatal(err)
	}
	if err := v.WaitFor("[role=option][aria-selected=true]"); err != nil {
		t.Fatal(err)
	}
	if got := ask[bool](t, v, `(() => {
		const chosen = document.querySelector('[role=option][aria-selected=true]')
		return document.querySelector('#buscar').getAttribute('aria-activedescendant') === chosen.id
	})()`); !got {
		t.Error("the box does not say which suggestion is chosen")
	}
	whole(t, v)
	arrive(t, v, v.Enter)
	if path, err := v.Path(); err != nil || !strings.HasPrefix(path, "/datos/") {
		t.Errorf("Enter on a suggested dataset leads to %q, %v", path, err)
	}
}
