package browser_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"plaza/internal/base/tile"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/section/basemap"
	"plaza/internal/site/browser"
	"plaza/ui"
)

// atlas is a page with one picture of a map, on a shell as strict as the site's.
type atlas struct {
	*browser.Browser
	mu    sync.Mutex
	bytes map[string]int // of bodies, by path
}

// sent counts what is sent.
type sent struct {
	http.ResponseWriter
	n int
}

func (s *sent) Write(p []byte) (int, error) {
	n, err := s.ResponseWriter.Write(p)
	s.n += n
	return n, err
}

const mapPage = `<!doctype html><html lang="%s"><head><meta charset="utf-8"><title>Mapa</title>
<link rel="icon" href="/assets/%s"><link rel="stylesheet" href="/assets/%s"><script type="module" src="/assets/%s"></script></head>
<body><main><h1>Mapa</h1><figure class="js-map" data-look="/mapa/estilo.json" data-values="%s" data-level="%s" data-box="-99.4,19.0,-98.9,19.6">
<svg class="Map" viewBox="0 0 1000 600" role="img" aria-label="Un mapa"><rect width="1000" height="600" fill="#aaa"/></svg>
<button class="Button js-map-open" type="button" hidden>Abrir el mapa</button></figure></main></body></html>`

func newAtlas(t *testing.T) *atlas {
	t.Helper()
	var names map[string]string
	raw, err := fs.ReadFile(ui.Dist(), "manifest.json")
	if err == nil {
		err = json.Unmarshal(raw, &names)
	}
	if err != nil {
		t.Fatal(err)
	}
	a := &atlas{bytes: map[string]int{}}
	var shell *web.Shell
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &sent{ResponseWriter: w}
		shell.ServeHTTP(out, r)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.bytes[r.URL.Path] += out.n
	}))
	t.Cleanup(server.Close)
	shell = webtest.New(t, func(c *web.Config) { c.BaseURL, c.Assets = server.URL, ui.Dist() }, basemap.Locale)
	if err := basemap.New().Mount(shell); err != nil {
		t.Fatal(err)
	}
	route := web.Route{Name: "test.map", Cache: web.Public}
	shell.Handle("GET /mapas/{level}/{lang}", route, func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		values := "/valores.json"
		if r.PathValue("level") == "puntos" {
			values = "/puntos.json"
		}
		_, err := fmt.Fprintf(w, mapPage, r.PathValue("lang"), names["favicon.svg"], names["site.css"], names["site.js"], values, r.PathValue("level"))
		return err
	})
	shell.Handle("GET /valores.json", route, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		_, err := w.Write([]byte(`{"classes":[{"label":"pocos","color":"#ccddff"},{"label":"muchos","color":"--color-scale-5"}],
			"values":{"09":[2,"09 · Ciudad de México: 1,234"],"09015":[1,"09015 · Cuauhtémoc: 545"],"09016":[2,"09016 · Miguel Hidalgo: 414"]},"tiles":null}`))
		return err
	})
	shell.Handle("GET /puntos.json", route, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		_, err := w.Write([]byte(`{"classes":[],"values":{},"tiles":"/puntos/{z}/{x}/{y}?f.clase=agua"}`))
		return err
	})
	shell.Handle("GET /puntos/{z}/{x}/{y}", route, points)
	a.Browser = chrome.At(server.URL)
	return a
}

// points answers with a square that has a point, a group, a face and more than that in the
// middle of Mexico City.
func points(w http.ResponseWriter, r *http.Request) error {
	on, ok := tile.Parse(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
	if !ok || r.URL.Query().Get("f.clase") != "agua" {
		return &web.StatusError{Status: http.StatusNotFound}
	}
	at := func(lon, lat float64) orb.Point { return on.Place(tile.World(lon, lat)) }
	dots, groups, shapes, missing := tile.NewLayer("puntos"), tile.NewLayer("grupos"), tile.NewLayer("formas"), tile.NewLayer("faltan")
	if p := at(-99.13, 19.43); tile.Inside(p) {
		dots.Point(p, tile.Prop{Name: "_fila", Value: 1200}, tile.Prop{Name: "nombre", Value: "Pozo <b>1</b>"})
		missing.Point(p, tile.Prop{Name: "n", Value: 7})
	}
	if p := at(-99.2, 19.3); tile.Inside(p) {
		groups.Point(p, tile.Prop{Name: "n", Value: 5400})
	}
	shapes.Faces(orb.MultiPolygon{{{at(-99.1, 19.2), at(-99.0, 19.2), at(-99.0, 19.3), at(-99.1, 19.3), at(-99.1, 19.2)}}}, tile.Prop{Name: "_fila", Value: 3})
	body := tile.Marshal(dots, groups, shapes, missing)
	w.Header().Set("Content-Type", tile.MediaType)
	if body == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	_, err := w.Write(body)
	return err
}

// total is how many bytes were sent so far.
func (a *atlas) total() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, size := range a.bytes {
		n += size
	}
	return n
}

// idle waits in the page until the map has drawn all that it shows after a step, and is
// true then.
func idle(step string) string {
	return `new Promise(done => {
		const figure = document.querySelector('.js-map')
		figure.addEventListener('plaza:map', e => { window.view = e.detail; done(true) }, {once: true})
		` + step + `
	})`
}

const center = `(({lng, lat}) => [lng, lat])(view.map.getCenter())`

// opened opens the map on its page.
func (a *atlas) opened(t *testing.T, look browser.Look, path string) *browser.Tab {
	t.Helper()
	v, err := a.Tab(look)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	visit(t, v, path, http.StatusOK)
	ask[bool](t, v, idle(`document.querySelector('.js-map-open').click()`))
	return v
}

func TestAMapDrawsItselfFromThisServerAlone(t *testing.T) {
	a := newAtlas(t)
	v, err := a.Tab(browser.Look{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	visit(t, v, "/mapas/municipios/es", http.StatusOK)
	before := a.total()
	ask[bool](t, v, idle(`document.querySelector('.js-map-open').click()`))
	if n := ask[int](t, v, "view.map.queryRenderedFeatures().length"); n <= 30 {
		t.Errorf("%d features are drawn", n)
	}
	if fill := ask[string](t, v, `JSON.stringify(view.map.getFeatureState({source: 'municipios', sourceLayer: 'municipios', id: '09016'}))`); fill != `{"k":2}` {
		t.Errorf("the state of a municipality is %s", fill)
	}
	first := a.total() - before
	t.Logf("a map weighs %d bytes the first time", first)
	if first > 620_000 {
		t.Errorf("a map weighs %d bytes the first time", first)
	}
	whole(t, v)
	if said := ask[string](t, v, "document.querySelector('.maplibregl-ctrl-attrib').textContent"); !strings.Contains(said, "INEGI") || !strings.Contains(said, "Natural Earth") {
		t.Errorf("the sources are said to be %q", said)
	}
}

func TestAMapIsUsedWithTheKeyboardAlone(t *testing.T) {
	a := newAtlas(t)
	v, err := a.Tab(browser.Look{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	visit(t, v, "/mapas/estados/es", http.StatusOK)
	ask[bool](t, v, "document.querySelector('.js-map-open').focus() || true")
	ask[bool](t, v, idle("document.activeElement.click()"))
	if !ask[bool](t, v, "document.querySelector('.maplibregl-canvas') === document.activeElement") {
		t.Error("the focus is not on the map that was opened")
	}
	before := ask[[2]float64](t, v, center)
	ask[bool](t, v, "new Promise(done => { view.map.once('moveend', () => done(true)); "+pressed("ArrowDown", 40)+" })")
	if after := ask[[2]float64](t, v, center); after[1] >= before[1] {
		t.Errorf("the arrow moved the map from %v to %v", before, after)
	}
	zoom := ask[float64](t, v, "view.map.getZoom()")
	ask[bool](t, v, "new Promise(done => { view.map.once('zoomend', () => done(true)); "+pressed("+", 187)+" })")
	if now := ask[float64](t, v, "view.map.getZoom()"); now <= zoom {
		t.Errorf("plus changed the zoom from %v to %v", zoom, now)
	}
	ask[bool](t, v, idle("view.map.jumpTo({center: [-99.13, 19.35], zoom: 9})"))
	if said := ask[string](t, v, pressed("Enter", 13)+"; document.querySelector('.MapLive-note[role=status]').textContent"); said != "09 · Ciudad de México: 1,234" {
		t.Errorf("Enter says %q", said)
	}
	if shown := ask[string](t, v, "document.querySelector('.MapLive-lines').textContent"); shown != "09 · Ciudad de México: 1,234" {
		t.Errorf("Enter shows %q", shown)
	}
	ask[bool](t, v, idle("view.map.jumpTo({center: [-99.6, 19.35]})"))
	if said := ask[string](t, v, pressed("Enter", 13)+"; document.querySelector('.MapLive-note[role=status]').textContent"); said != "15 · México: sin dato" {
		t.Errorf("of a place without value Enter says %q", said)
	}
	ask[bool](t, v, idle("view.map.jumpTo({center: [-99.13, 19.35]})"))
	if chosen := ask[string](t, v, "new Promise(done => { addEventListener('plaza:choose', e => done(JSON.stringify(e.detail))); "+pressed(" ", 32)+" })"); chosen != `{"column":"_ent","value":"09"}` {
		t.Errorf("the space bar chooses %s", chosen)
	}
	whole(t, v)
}

// pressed presses a key on the map.
func pressed(key string, code int) string {
	return fmt.Sprintf("document.querySelector('.maplibregl-canvas').dispatchEvent(new KeyboardEvent('keydown', {key: %q, keyCode: %d, bubbles: true, cancelable: true}))", key, code)
}

func TestAMapGoesToAPlaceByItsName(t *testing.T) {
	a := newAtlas(t)
	v := a.opened(t, browser.Look{}, "/mapas/estados/es")
	if err := v.Type(".MapLive-search input", "merida yuc"); err != nil {
		t.Fatal(err)
	}
	// with reduced motion it is there at once
	ask[bool](t, v, idle("document.querySelector('.MapLive-search').requestSubmit()"))
	if at := ask[[2]float64](t, v, center); at[0] < -89.9 || at[0] > -89.4 || at[1] < 20.7 || at[1] > 21.2 {
		t.Errorf("the map went to %v", at)
	}
	if said := ask[string](t, v, "document.querySelector('.MapLive-note[role=status]').textContent"); said != "Mérida, Yucatán" {
		t.Errorf("it says %q", said)
	}
	whole(t, v)
}

func TestAPointerIsToldWhatItPointsAt(t *testing.T) {
	a := newAtlas(t)
	v := a.opened(t, browser.Look{}, "/mapas/municipios/es")
	ask[bool](t, v, idle("view.map.jumpTo({center: [-99.15, 19.43], zoom: 11})"))
	const over = `(() => { const c = view.map.getCanvas(), b = c.getBoundingClientRect()
		const send = (type) => c.dispatchEvent(new MouseEvent(type, {clientX: b.x + b.width / 2, clientY: b.y + b.height / 2, bubbles: true}))
		%s })()`
	if shown := ask[string](t, v, fmt.Sprintf(over, "send('mousemove'); return document.querySelector('.MapLive-lines')?.textContent ?? ''")); shown != "09015 · Cuauhtémoc: 545" {
		t.Errorf("the pointer is told %q", shown)
	}
	if chosen := ask[string](t, v, fmt.Sprintf(over, "return new Promise(done => { addEventListener('plaza:choose', e => done(JSON.stringify(e.detail))); for (const e of ['mousedown', 'mouseup', 'click']) send(e) })")); chosen != `{"column":"_mun","value":"09015"}` {
		t.Errorf("a click chooses %s", chosen)
	}
	again := a.total()
	ask[bool](t, v, idle("view.map.jumpTo({center: [-99.6, 19.4], zoom: 9})"))
	if more := a.total() - again; more > 60_000 {
		t.Errorf("going elsewhere weighs %d bytes", more)
	}
	whole(t, v)
}

func TestAMapShowsTheRowsOfATable(t *testing.T) {
	a := newAtlas(t)
	v := a.opened(t, browser.Look{}, "/mapas/puntos/es")
	for _, tt := range []struct{ at, said, chosen string }{
		{"-99.13, 19.43", "Fila 1,200. nombre: Pozo <b>1</b>", `{"column":"_fila","value":"1200"}`},
		{"-99.05, 19.25", "Fila 3", `{"column":"_fila","value":"3"}`},
		{"-99.2, 19.3", "5,400 filas", ""},
		{"-99.4, 19.6", "Aquí no hay nada.", ""},
	} {
		ask[bool](t, v, idle("view.map.jumpTo({center: ["+tt.at+"], zoom: 11})"))
		if said := ask[string](t, v, pressed("Enter", 13)+"; document.querySelector('.MapLive-note[role=status]').textContent"); said != tt.said {
			t.Errorf("at %s it says %q, want %q", tt.at, said, tt.said)
		}
		chosen := ask[string](t, v, "(() => { let got = ''; const hear = e => { got = JSON.stringify(e.detail) }; addEventListener('plaza:choose', hear); "+pressed(" ", 32)+"; removeEventListener('plaza:choose', hear); return got })()")
		if chosen != tt.chosen {
			t.Errorf("at %s one chooses %s, want %s", tt.at, chosen, tt.chosen)
		}
	}
	ask[bool](t, v, idle("view.map.jumpTo({center: [-99.13, 19.43], zoom: 11})"))
	if said := ask[string](t, v, "document.querySelector('.MapLive-cut').textContent"); !strings.Contains(said, "hay más") {
		t.Errorf("of what is missing it says %q", said)
	}
	whole(t, v)
}

func TestAMapIsForEverybody(t *testing.T) {
	a := newAtlas(t)
	for _, look := range []browser.Look{{Width: 320}, {Dark: true}} {
		v := a.opened(t, look, "/mapas/estados/en")
		found, err := v.Axe()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Errorf("%s: %s", look, f)
		}
		if said := ask[string](t, v, "document.querySelector('.maplibregl-ctrl-zoom-in').ariaLabel"); said != "Zoom in" {
			t.Errorf("a control is called %q", said)
		}
		land := ask[string](t, v, "view.map.getPaintProperty('estados', 'fill-color')")
		if want := map[bool]string{false: "#fbf7f0", true: "#2d251e"}[look.Dark]; land != want {
			t.Errorf("%s: land is %s, want %s", look, land, want)
		}
		whole(t, v)
	}
}

func TestPaperAndBrowsersWithoutWebGLKeepThePicture(t *testing.T) {
	a := newAtlas(t)
	const shown = "[getComputedStyle(document.querySelector('svg.Map')).display !== 'none', (document.querySelector('.MapLive')?.offsetHeight ?? 0) > 0]"
	paper := a.opened(t, browser.Look{Paper: true}, "/mapas/estados/es")
	if got := ask[[2]bool](t, paper, shown); got != [2]bool{true, false} {
		t.Errorf("on paper the picture and the map are there: %v", got)
	}
	v, err := a.Tab(browser.Look{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	visit(t, v, "/mapas/estados/es", http.StatusOK)
	said := ask[string](t, v, `new Promise(done => {
		HTMLCanvasElement.prototype.getContext = () => null
		new MutationObserver(() => { const note = document.querySelector('.MapLive-note'); if (note) done(note.textContent) }).observe(document.body, {subtree: true, childList: true})
		document.querySelector('.js-map-open').click()
	})`)
	if !strings.Contains(said, "WebGL") {
		t.Errorf("without WebGL it says %q", said)
	}
	if got := ask[[2]bool](t, v, shown); got != [2]bool{true, false} {
		t.Errorf("without WebGL the picture and the map are there: %v", got)
	}
	whole(t, v)

	// and where its values are away
	broken, err := a.Tab(browser.Look{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broken.Close)
	visit(t, broken, "/mapas/estados/es", http.StatusOK)
	said = ask[string](t, broken, `new Promise(done => {
		document.querySelector('.js-map').dataset.values = '/no-existe.json'
		new MutationObserver(() => { const note = document.querySelector('.MapLive-note'); if (note) done(note.textContent) }).observe(document.body, {subtree: true, childList: true})
		document.querySelector('.js-map-open').click()
	})`)
	if !strings.Contains(said, "no se pudo cargar") {
		t.Errorf("without its values it says %q", said)
	}
	if got := ask[[2]bool](t, broken, shown); got != [2]bool{true, false} {
		t.Errorf("without its values the picture and the map are there: %v", got)
	}
	if !ask[bool](t, broken, "document.querySelector('.js-map-open').offsetHeight > 0") {
		t.Error("one cannot try again")
	}
}

func TestAPictureLoadsNoMapByItself(t *testing.T) {
	a := newAtlas(t)
	v, err := a.Tab(browser.Look{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	visit(t, v, "/mapas/estados/es", http.StatusOK)
	if !ask[bool](t, v, "document.querySelector('.js-map-open').offsetHeight > 0") {
		t.Error("there is no button")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for path := range a.bytes {
		if strings.HasPrefix(path, "/assets/map") || strings.HasPrefix(path, "/mapa/") {
			t.Errorf("%s was loaded", path)
		}
	}
}
