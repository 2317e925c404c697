package browser_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"plaza/internal/base/db"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
	"plaza/internal/site/browser"
)

// toolTitled is the page of a tool of the demonstration.
func toolTitled(t *testing.T, title string) (path string) {
	t.Helper()
	if err := demo.Site.DB.Read(t.Context(), func(tx *db.Tx) error {
		var slug string
		err := tx.Row(`SELECT slug FROM tools WHERE title = $1`, title).Scan(&slug)
		path = tool.Path + "/" + slug
		return err
	}); err != nil {
		t.Fatalf("%s: %v", title, err)
	}
	return path
}

// wave is a dashboard of the demonstration whose views filter one another: a figure, a map and
// two charts.
const wave = "Tablero de la primera ola"

// confirmed are the cases of a group of ages, in one state or everywhere, as the page writes them.
func confirmed(t *testing.T, age, state string) string {
	t.Helper()
	n := 0
	for _, row := range rowsOf(t, ages) {
		if (age == "" || row["grupo_edad"] == age) && (state == "" || row["cve_ent"] == state) {
			k, err := strconv.Atoi(row["confirmados"])
			if err != nil {
				t.Fatal(err)
			}
			n += k
		}
	}
	s := strconv.Itoa(n)
	if len(s) > 3 {
		s = s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s
}

// figure is the number that the dashboard leads with.
const figure = "document.querySelector('[data-view=casos] .View-figure strong').innerText"

// answered waits until every view has answered to a step, and is true then.
func answered(step string) string {
	return `new Promise(done => {
		const views = document.querySelector('.Tool-views')
		let begun = false
		const look = () => { begun ||= views.hasAttribute('aria-busy'); if (begun && !views.hasAttribute('aria-busy')) done(true) }
		new MutationObserver(look).observe(views, {attributes: true})
		` + step + `
	})`
}

// bar is the bar of a group of ages in the chart of hospitals, as a selector.
func bar(t *testing.T, v *browser.Tab, age string) string {
	t.Helper()
	href := ask[string](t, v, `[...document.querySelectorAll('[data-view=hospital] .js-marks a')].map(a => a.getAttribute('href')).find(h => new URL(h, location.href).searchParams.get('f.grupo_edad') === `+quoted(age)+`) ?? ''`)
	if href == "" {
		t.Fatalf("no mark chooses %q", age)
	}
	return href
}

// TestViewsFilterOneAnother chooses a mark with a pointer, with keys and without scripts: the
// others show the rows of its value alone, the address says so, and going back undoes it.
func TestViewsFilterOneAnother(t *testing.T) {
	path := toolTitled(t, wave)
	const age = "40 a 49"
	all, some := confirmed(t, "", ""), confirmed(t, age, "")
	holds := func(t *testing.T, v *browser.Tab, want, query string) {
		t.Helper()
		if got := ask[string](t, v, figure); got != want {
			t.Errorf("the figure is %s, want %s", got, want)
		}
		at, err := v.Path()
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(at)
		if err != nil || u.Query().Get("f.grupo_edad") != query {
			t.Errorf("the address is %s", at)
		}
		if chips := ask[int](t, v, "document.querySelectorAll('.Choose .Chip').length"); chips != len(strings.Fields(query))/3 {
			t.Errorf("%d choices are said", chips)
		}
	}
	t.Run("with a pointer", func(t *testing.T) {
		v := tab(t, browser.Look{})
		visit(t, v, path, http.StatusOK)
		holds(t, v, all, "")
		ask[bool](t, v, answered("document.querySelector(`[data-view=hospital] .js-marks a[href=\"`+CSS.escape("+quoted(bar(t, v, age))+")+`\"]`).dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"))
		holds(t, v, some, age)
		if said := ask[string](t, v, "document.querySelector('.Choose').innerText"); !strings.Contains(said, age) {
			t.Errorf("it is not said what was chosen: %.500s", said)
		}
		if said := ask[string](t, v, "document.querySelector('[data-view=mapa] .View-facts').innerText"); !strings.Contains(said, "Se contaron 64 filas") {
			t.Errorf("the map does not say of how many rows it is: %.500s", said)
		}
		ask[bool](t, v, answered("history.back()"))
		holds(t, v, all, "")
		whole(t, v)
	})
	t.Run("with keys", func(t *testing.T) {
		for _, look := range []browser.Look{{Dark: true}, {Width: 360}} {
			m := &maker{T: t, tab: tab(t, look), keys: true}
			visit(t, m.tab, path, http.StatusOK)
			ask[bool](t, m.tab, "(() => { [...document.querySelectorAll('[data-view=hospital] .js-marks')].find(e => e.offsetParent).id = 'marcas'; return true })()")
			m.reach("#marcas")
			for range 5 { // from the youngest to those of 40
				m.press(kb.ArrowRight)
			}
			if said := ask[string](t, m.tab, "document.querySelector('.MarkTip').innerText"); !strings.Contains(said, age) {
				t.Errorf("the fifth mark says %q", said)
			}
			ask[bool](t, m.tab, "(() => { window.done = "+answered("")+"; return true })()")
			m.press(kb.Enter)
			ask[bool](t, m.tab, "window.done")
			holds(t, m.tab, some, age)
			if where := ask[string](t, m.tab, "document.activeElement.closest('[data-view]')?.dataset.view ?? document.activeElement.tagName"); where != "hospital" {
				t.Errorf("the focus went to %s", where)
			}
			m.reach(".Choose .Chip")
			ask[bool](t, m.tab, "(() => { window.done = "+answered("")+"; return true })()")
			m.press(kb.Enter)
			ask[bool](t, m.tab, "window.done")
			holds(t, m.tab, all, "")
			if here := ask[focus](t, m.tab, focused); here.Order < 0 {
				t.Error("the focus is lost with the choice that was taken back")
			}
			whole(t, m.tab)
		}
	})
	t.Run("without scripts", func(t *testing.T) {
		v := tab(t, browser.Look{Width: 360, Bare: true})
		visit(t, v, path, http.StatusOK)
		link := ask[string](t, v, `[...document.querySelectorAll('[data-view=hospital] table a')].find(a => a.textContent.trim() === `+quoted(age)+`)?.getAttribute('href') ?? ''`)
		if link == "" {
			t.Fatal("no link of the table chooses")
		}
		visit(t, v, link[:strings.IndexByte(link+"#", '#')], http.StatusOK)
		holds(t, v, some, age)
		ask[bool](t, v, "(() => { document.querySelector('.Choose select[name=lugar]').value = '07'; return true })()")
		follow(t, v, ".Choose form:has([name=lugar]) button")
		if got, want := ask[string](t, v, figure), confirmed(t, age, "07"); got != want {
			t.Errorf("of Chiapas the figure is %s, want %s", got, want)
		}
	})
}

// TestAToolIsShownWithinAStrictPageOfAnotherSite frames it where nothing is allowed but that.
func TestAToolIsShownWithinAStrictPageOfAnotherSite(t *testing.T) {
	path := "/embed" + toolTitled(t, wave)
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-src "+demo.Origin)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><html lang="es"><title>Otro sitio</title><iframe src="` + demo.Origin + path + "?" + strings.ReplaceAll(r.URL.RawQuery, "&", "&amp;") +
			`" title="Casos" width="320" height="640"></iframe></html>`))
	}))
	defer outside.Close()
	type shown struct {
		Lang, Paper                  string
		Scenes, Wide, Marks, Outside int
	}
	const look = `(async () => { await new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))
		const e = document.documentElement
		return {Lang: e.lang, Paper: getComputedStyle(document.body).backgroundColor, Scenes: [...document.querySelectorAll('.Scene')].filter(s => s.getBoundingClientRect().width > 100).length,
			Wide: e.scrollWidth - e.clientWidth, Marks: e.clientWidth, Outside: document.querySelectorAll('.Header, .Footer').length} })()`
	seen := map[string]shown{}
	for _, query := range []string{"tema=claro", "tema=oscuro&lang=en", "vista=hospital"} {
		v, err := chrome.At(outside.URL).Tab(browser.Look{})
		if err != nil {
			t.Fatal(err)
		}
		visit(t, v, "/?"+query, http.StatusOK)
		got, err := browser.AskIn[shown](v, demo.Origin, look)
		if err != nil {
			t.Fatal(err)
		}
		seen[query] = got
		if got.Scenes == 0 || got.Wide > 0 || got.Marks > 320 || got.Outside > 0 {
			t.Errorf("with %s it shows %+v", query, got)
		}
		for _, p := range v.Problems() {
			if !strings.HasPrefix(p, "request to another site: "+demo.Origin+"/") {
				t.Errorf("with %s: %s", query, p)
			}
		}
		v.Close()
	}
	light, dark, one := seen["tema=claro"], seen["tema=oscuro&lang=en"], seen["vista=hospital"]
	if light.Lang != "es-MX" || dark.Lang != "en" || light.Paper == dark.Paper || one.Scenes != 1 || light.Scenes < 3 {
		t.Errorf("it shows %+v", seen)
	}
	// there, too, a choice stays within the frame
	v, err := chrome.At(outside.URL).Tab(browser.Look{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	visit(t, v, "/?tema=oscuro", http.StatusOK)
	after, err := browser.AskIn[string](v, demo.Origin, answered("document.querySelector('[data-view=hospital] .js-marks a').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))")+".then(() => location.pathname + location.search)")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(after, path+"?") || !strings.Contains(after, "f.grupo_edad=") || !strings.Contains(after, "tema=oscuro") {
		t.Errorf("a choice leads the frame to %s", after)
	}
}

// TestAPrintedToolHasItsPictureItsNumbersAndItsSourceAndNothingToPress prints one with several
// views.
func TestAPrintedToolHasItsPictureItsNumbersAndItsSourceAndNothingToPress(t *testing.T) {
	v := tab(t, browser.Look{Width: 800, Paper: true, Dark: true})
	visit(t, v, toolTitled(t, wave), http.StatusOK)
	const visible = "e => e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}) && e.getBoundingClientRect().height > 0"
	for what, selector := range map[string]string{"title": "h1", "picture": "[data-view=edad] .Scene", "map": "[data-view=mapa] .Scene", "table": "[data-view=edad] tbody td", "source": ".Tool-origin .View-source", "figure": ".View-figure strong"} {
		if !ask[bool](t, v, "[...document.querySelectorAll('"+selector+"')].some("+visible+")") {
			t.Errorf("the %s is not printed", what)
		}
	}
	if left := ask[[]string](t, v, "[...document.querySelectorAll('main button, main select, main input, .View-files a, .Nav, .Search')].filter("+visible+").map(e => e.outerHTML.slice(0, 200))"); len(left) > 0 {
		t.Errorf("these are printed: %q", left)
	}
	text := ask[string](t, v, "document.querySelector('main').innerText")
	for _, want := range []string{wave, confirmed(t, "", ""), "Fuente"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not printed", want)
		}
	}
	if got := ask[string](t, v, "getComputedStyle(document.body).backgroundColor"); got != "rgb(255, 255, 255)" && got != "rgba(0, 0, 0, 0)" {
		t.Errorf("paper is printed %s", got)
	}
	whole(t, v)
}

// TestAToolOfEveryKindIsAccessibleAndFits looks at one tool of each kind, and at some
// within other sites' pages; the browser has no other host than Plaza's.
func TestAToolOfEveryKindIsAccessibleAndFits(t *testing.T) {
	paths := map[string]string{}
	if err := demo.Site.DB.Read(t.Context(), func(tx *db.Tx) error {
		all, err := tool.List(tx, tool.Filter{}, tool.Newest, tool.Key{}, 200)
		for _, one := range all {
			paths[string(one.Kind)] = one.Path()
			if one.Kind == spec.KindLinked || one.Kind == spec.KindTable { // all that others draw is in them
				paths[string(one.Kind)+" within"] = "/embed" + one.Path()
			}
			if !one.Alive() {
				paths["outdated"] = one.Path()
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(paths) < len(spec.Kinds)+2 {
		t.Fatalf("there are %v", paths)
	}
	paths["gallery"] = tool.Path
	names := make([]string, 0, len(paths))
	for name := range paths {
		names = append(names, name)
	}
	slices.Sort(names)
	tabs := []*browser.Tab{tab(t, browser.Look{Width: 360, Dark: true}), tab(t, browser.Look{Width: 1280})}
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			v := tabs[i%2]
			visit(t, v, paths[name], http.StatusOK)
			ask[bool](t, v, "(() => { for (const fold of document.querySelectorAll('details')) fold.open = true; return true })()")
			whole(t, v)
			violations, err := v.Axe()
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range violations {
				t.Errorf("%s: %s", paths[name], found)
			}
		})
	}
}

// TestTheMapOfAToolNeedsNobodyElse opens a tool's map where no other host can be reached.
func TestTheMapOfAToolNeedsNobodyElse(t *testing.T) {
	v := tab(t, browser.Look{})
	visit(t, v, toolTitled(t, "Dónde cuesta más la gasolina regular"), http.StatusOK)
	ask[bool](t, v, idle("document.querySelector('.js-map-open').click()"))
	if n := ask[int](t, v, "view.map.queryRenderedFeatures().length"); n < 10 {
		t.Errorf("%d features are drawn", n)
	}
	if err := v.Type(".MapLive-search input", "merida yuc"); err != nil {
		t.Fatal(err)
	}
	ask[bool](t, v, idle("document.querySelector('.MapLive-search').requestSubmit()"))
	if said := ask[string](t, v, "document.querySelector('.MapLive-note[role=status]').textContent"); said != "Mérida, Yucatán" {
		t.Errorf("it says %q", said)
	}
	whole(t, v)
}
