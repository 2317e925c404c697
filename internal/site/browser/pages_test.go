package browser_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"plaza/internal/civic/record"
	"plaza/internal/site/browser"
)

// states are pages that no link leads to, or that look different from others of
// their shape: found nothing, refused, corrected, narrowed, far on.
var states = map[string]struct {
	path   string
	status int
}{
	"nothing found":        {"/buscar?q=zzqqxx", 200},
	"an empty search":      {"/buscar", 200},
	"a search":             {"/buscar?q=agua+salud", 200},
	"a corrected search":   {"/buscar?q=poblasion", 200},
	"hostile text":         {"/buscar?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26", 200},
	"an empty list":        {"/datos?q=zzqqxx", 200},
	"no such page":         {"/no-existe", 404},
	"no such dataset":      {"/datos/no-existe", 404},
	"no such institution":  {"/instituciones/no-existe", 404},
	"a list after its end": {"/datos?pagina=99999", 200},
}

// shapes finds one page of each route that answers with a page, by following links
// from the home page, and joins states to them.
var shapes = sync.OnceValues(func() (map[string]browser.Page, error) {
	watcher, err := record.Watch(context.Background(), demo.Site.DB)
	if err != nil {
		return nil, err
	}
	pages, err := demo.Site.Pages(watcher)
	if err != nil {
		return nil, err
	}
	routes := http.NewServeMux()
	for _, r := range pages.Shell.Routes() {
		routes.HandleFunc(r.Pattern, func(http.ResponseWriter, *http.Request) {})
	}
	found := map[string]browser.Page{}
	patternOf := func(path string) string {
		_, pattern := routes.Handler(httptest.NewRequest(http.MethodGet, path, nil))
		return pattern
	}
	left := 1500 // more than enough for one of each; what frames a tool elsewhere asks another site
	followed := map[string]int{}
	err = browser.Crawl(context.Background(), demo.Origin, []string{"/"}, func(p browser.Page) bool {
		pattern := patternOf(p.Final)
		if _, ok := found[pattern]; !ok && pattern != "" && !strings.HasSuffix(pattern, "/abrir") && p.Doc != nil && p.Status == http.StatusOK {
			found[pattern] = p
		}
		left--
		return left > 0
	}, func(path string) bool { // a hundred datasets have no more shapes than some have
		pattern := patternOf(path)
		followed[pattern]++
		return followed[pattern] <= 40
	})
	return found, err
})

// each runs f on one page of each shape.
func each(t *testing.T, f func(t *testing.T, path string, status int)) {
	t.Helper()
	found, err := shapes()
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 8 {
		t.Fatalf("only %d shapes of pages were found", len(found))
	}
	for pattern, p := range found {
		t.Run(pattern, func(t *testing.T) { f(t, p.Path, p.Status) })
	}
	for name, s := range states {
		t.Run(name, func(t *testing.T) { f(t, s.path, s.status) })
	}
}

func TestEveryShapeOfPageIsAccessibleAndFits(t *testing.T) {
	for _, look := range []browser.Look{{Width: 320}, {Width: 1280, Dark: true}} {
		t.Run(look.String(), func(t *testing.T) {
			v := tab(t, look)
			each(t, func(t *testing.T, path string, status int) {
				visit(t, v, path, status)
				whole(t, v)
				violations, err := v.Axe()
				if err != nil {
					t.Fatal(err)
				}
				for _, found := range violations {
					t.Errorf("%s: %s", path, found)
				}
			})
		})
	}
}

func TestEveryShapeOfPageHasWhatEveryPageHas(t *testing.T) {
	each(t, func(t *testing.T, path string, _ int) {
		err := browser.Crawl(t.Context(), demo.Origin, []string{path}, func(p browser.Page) bool {
			for _, fault := range p.Faults(demo.Origin) {
				t.Errorf("%s: %s", path, fault)
			}
			return false
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestEveryShapeOfPageIsValidHTML(t *testing.T) {
	dir := t.TempDir()
	names := strings.NewReplacer("/", "_", " ", "_", "{", "", "}", "", "$", "")
	each(t, func(t *testing.T, path string, _ int) {
		err := browser.Crawl(t.Context(), demo.Origin, []string{path}, func(p browser.Page) bool {
			file := filepath.Join(dir, names.Replace(t.Name())+".html")
			if err := os.WriteFile(file, p.Body, 0o600); err != nil {
				t.Fatal(err)
			}
			return false
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
	})
	valid(t, dir)
}

// valid checks every page that is kept in a directory.
func valid(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages were kept: %v", err)
	}
	tool := filepath.Join(root, "node_modules", ".bin", "html-validate")
	out, err := exec.CommandContext(t.Context(), tool, append([]string{"--config", filepath.Join(root, "ui", "htmlvalidate.json"), "--formatter", "text"}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("html-validate: %v\n%s", err, strings.ReplaceAll(string(out), dir+"/", ""))
	}
}

func TestWhoeverChoosesEnglishStaysInIt(t *testing.T) {
	v := tab(t, browser.Look{})
	visit(t, v, "/", 200)
	follow(t, v, "header a[hreflang=en]")
	for _, path := range []string{"", "/datos", "/instituciones", "/buscar?q=agua", "/no-existe", "/bitacora"} {
		if path != "" { // the first is where the choice led
			if _, err := v.Visit(path); err != nil {
				t.Fatal(err)
			}
		}
		if lang := ask[string](t, v, "document.documentElement.lang"); lang != "en" {
			t.Errorf("%s is in %q", path, lang)
		}
		frame := ask[string](t, v, "[...document.querySelectorAll('header, footer, .Crumbs')].map(e => e.innerText).join(' ')")
		for _, word := range []string{"Conjuntos", "Buscar", "Entrar", "Instituciones"} {
			if strings.Contains(frame, word) {
				t.Errorf("the frame of %s says %q in English", path, word)
			}
		}
	}
	follow(t, v, "header a[hreflang^=es]")
	if lang := ask[string](t, v, "document.documentElement.lang"); lang != "es-MX" {
		t.Errorf("back in Spanish the page is in %q", lang)
	}
}

func TestAPrintedPageHoldsWhatIsReadAndNothingToClick(t *testing.T) {
	v := tab(t, browser.Look{Width: 800, Paper: true, Dark: true})
	dataset := first(t, "/datos", "main .Item-title a")
	visit(t, v, dataset, 200)
	for _, selector := range []string{".Search", ".Nav", ".Header-tools", ".SkipLink"} {
		if ask[bool](t, v, "[...document.querySelectorAll("+`"`+selector+`"`+")].some(e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden')") {
			t.Errorf("%s is printed", selector)
		}
	}
	if got := ask[string](t, v, "getComputedStyle(document.body).backgroundColor"); got != "rgb(255, 255, 255)" && got != "rgba(0, 0, 0, 0)" {
		t.Errorf("paper is printed %s", got)
	}
	if !ask[bool](t, v, "document.querySelector('h1').getClientRects().length > 0 && document.querySelectorAll('.ResourceList > li').length > 0") {
		t.Error("the title or the resources are missing on paper")
	}
}
