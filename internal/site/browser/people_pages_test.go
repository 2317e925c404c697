package browser_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/civic/access"
	"plaza/internal/plaza"
	"plaza/internal/site/browser"
)

// unpaged are routes that answer with a file or lead elsewhere, and those whose object
// nobody here has: a rule of publishers, a code that is asked for, a link to stop mails, a
// role to leave, a file of a case, an import, a connection, a private report, the links
// that are mailed about cases. What the explorer sends of a file is a file too, and so are
// the pictures of tools and the squares of maps; a view alone, or what is chosen of it, is a
// part of a page. What frames a tool elsewhere asks another site, as nothing else may.
var unpaged = regexp.MustCompile(`^/(api|assets|logos)(/|$)|\.(xml|jsonl?|txt|csv)$|^/entrar/con/|^/buscar/sugerencias$|/oficios/|^/admin/publicadores/\{|^/entrar/codigo$|^/seguir/baja/|/dejar$|\.(atom|xlsx|js|ics)$|^/calendario/|/archivos/|/importar/hoja/|/conexiones/\{|/datos-personales/\{|^/consultas/mia/|^/consultas/parecidas$|^/turno/|/(devolver|tomar)$|/recursos/\{resource\}/(.*avance|original|descargar|datapackage\.json)$|/mosaicos/|^/mapa/|/vistas/|/elegido$|/imagen(/miniatura)?$|/abrir$|\.(png|json)$|^/admin/(consultas|recursos)/\{|^/consultas/\{folio\}/(aceptar|reabrir|responder-info|retirar)$`)

// TestEveryPageLooksAndWorksForEveryKindOfPerson has each kind of person go to every
// page that they may see, with something on it.
func TestEveryPageLooksAndWorksForEveryKindOfPerson(t *testing.T) {
	c := newCrowd(t)
	t.Run("pages", c.pages)
	t.Run("merged", c.merged)
	t.Run("keys", c.keys)
	t.Run("bare", c.bare)
}

// looks are how pages are looked at, in turn.
var looks = []browser.Look{{Width: 320}, {Width: 1280, Dark: true}}

func (c *crowd) pages(t *testing.T) {
	seen, judged, dir := map[string]bool{}, map[string]bool{}, t.TempDir() // judged holds routes, and parts of pages
	n := 0
	for _, role := range []plaza.Role{plaza.Admin, plaza.Moderator, plaza.Liaison, plaza.Member, plaza.Visitor} { // who is shown most comes first
		p := c.people[role]
		tabs := make([]*browser.Tab, len(looks))
		for i, look := range looks {
			tabs[i] = c.tab(t, role, look)
		}
		for _, route := range c.routes {
			path, isGet := strings.CutPrefix(route.Pattern, "GET ")
			if !isGet || unpaged.MatchString(path) || !access.Could(p.actor, access.Action(route.Action)) {
				continue
			}
			t.Run(string(role)+path, func(t *testing.T) {
				full := c.fill(t, path)
				page, parts := c.both(t, p, full)
				if page.Status != http.StatusOK || page.Final != full {
					if page.Status >= 500 || page.Status == http.StatusNotFound {
						t.Errorf("%s answers %d", full, page.Status)
					}
					return // not for them, or not now: somebody else's
				}
				seen[route.Pattern] = true
				known := judged[route.Pattern]
				judged[route.Pattern] = true
				for _, part := range parts {
					known = known && judged[part]
					judged[part] = true
				}
				if known {
					return // the route was judged, and what others are shown there too
				}
				n++
				keep(t, dir, page)
				c.judge(t, tabs[n%len(tabs)], full)
			})
		}
	}
	for _, route := range c.routes {
		if path, isGet := strings.CutPrefix(route.Pattern, "GET "); isGet && !unpaged.MatchString(path) && !seen[route.Pattern] {
			t.Errorf("nobody saw %s", path)
		}
	}
	valid(t, dir)
}

// merged looks at pages that tell of conversations that were made one.
func (c *crowd) merged(t *testing.T) {
	dir := t.TempDir()
	for i, path := range c.shapes {
		look := looks[i%len(looks)]
		t.Run(look.String()+path, func(t *testing.T) {
			page, _ := c.both(t, c.people[plaza.Moderator], path)
			keep(t, dir, page)
			c.judge(t, c.tab(t, plaza.Moderator, look), path)
		})
	}
	valid(t, dir)
}

// fill puts things in place of a pattern's wildcards.
func (c *crowd) fill(t *testing.T, pattern string) string {
	t.Helper()
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllStringFunc(pattern, func(w string) string {
		name := w[1 : len(w)-1]
		if name == "token" {
			name = pattern
		}
		value, ok := c.known[pattern+" "+name]
		if !ok {
			value, ok = c.known[name]
		}
		if !ok {
			t.Fatalf("nothing stands for %s in %s", w, pattern)
		}
		return value
	}) + c.known["? "+pattern]
}

// both reads a page in both languages and finds what is wrong with its text. parts are
// what its content is made of, each once, whatever it says.
func (c *crowd) both(t *testing.T, p *person, path string) (page browser.Page, parts []string) {
	t.Helper()
	for _, lang := range []string{"en", "es-MX"} {
		var err error
		if page, err = c.get(p, path, lang); err != nil {
			t.Fatal(err)
		}
		if page.Doc == nil {
			t.Fatalf("%s (%d) is no page", path, page.Status)
		}
		if got := page.Doc.Find("html").AttrOr("lang", ""); got != lang {
			t.Errorf("%s in %s is in %q", path, lang, got)
		}
		for _, fault := range page.Faults(c.demo.Origin) {
			t.Errorf("%s: %s", path, fault)
		}
		said := page.Doc.Find("body").Clone()
		said.Find("code, textarea, input").Remove() // where keys of other kinds may stand
		for _, key := range bareKey.FindAllString(said.Text(), -1) {
			t.Errorf("%s in %s says %q", path, lang, key)
		}
	}
	page.Doc.Find("main *").Each(func(_ int, s *goquery.Selection) {
		parts = append(parts, goquery.NodeName(s)+"."+s.AttrOr("class", ""))
	})
	slices.Sort(parts)
	return page, slices.Compact(parts)
}

// bareKey is a key of the catalogues that stands where its sentence should.
var bareKey = regexp.MustCompile(`\b(access|account|admin|calendar|catalog|central|comment|error|follow|gate|harvest|home|institution|me|membership|mine|moderation|outbox|privacy|record|search|settings|site|web)\.[a-z_]+(\.[a-z_]+)*\b`)

func keep(t *testing.T, dir string, page browser.Page) {
	t.Helper()
	name := strings.Trim(regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.ToLower(t.Name()), "_"), "_")
	if err := os.WriteFile(filepath.Join(dir, name[max(0, len(name)-100):]+".html"), page.Body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (c *crowd) judge(t *testing.T, v *browser.Tab, path string) {
	t.Helper()
	visit(t, v, path, http.StatusOK)
	whole(t, v)
	violations, err := v.Axe()
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range violations {
		t.Errorf("%s: %s", path, found)
	}
}

// tab is a tab in which whoever has the role is signed in.
func (c *crowd) tab(t *testing.T, role plaza.Role, look browser.Look) *browser.Tab {
	t.Helper()
	v, err := c.chrome.Tab(look)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	if role != plaza.Visitor {
		visit(t, v, c.link(role), http.StatusOK)
		arrive(t, v, func() (int, error) { return v.Follow("main form button") })
	}
	return v
}

// keys presses Tab from beginning to end of pages with much to fill in.
func (c *crowd) keys(t *testing.T) {
	n := 0
	for role, path := range map[plaza.Role]string{
		plaza.Member:    "/datos/" + c.known["dataset"],
		plaza.Liaison:   "/gestion/" + c.known["institution"] + "/integrantes/invitar",
		plaza.Moderator: "/moderacion/caso/" + c.known["case"],
		plaza.Admin:     "/gestion/" + c.known["institution"] + "/enlace",
	} {
		v := c.tab(t, role, []browser.Look{{Width: 1280}, {Width: 360, Dark: true}}[n%2])
		n++
		visit(t, v, path, http.StatusOK)
		through(t, v, path)
		v.Close()
	}
}

// bare takes part without scripts: signs up, comments, follows and reports.
func (c *crowd) bare(t *testing.T) {
	dataset := "dataset:" + c.known["id"]
	for _, step := range []struct {
		role          plaza.Role
		path, form    string
		typed         map[string]string
		chosen, after string // chosen is a list of which the second is taken; after is a selector of what says that it worked
	}{
		{plaza.Visitor, "/cuenta/nueva", "main form", map[string]string{"name": "Julia Zamora Ibáñez", "email": "julia@ejemplo.mx"}, "", "main:not(:has(form [name=name]))"},
		{plaza.Visitor, "/seguir?objeto=" + dataset, "main form", map[string]string{"email": "otra-lectora@ejemplo.mx"}, "", "main h1"},
		{plaza.Visitor, "/moderacion/avisar?objeto=" + dataset, "main form", map[string]string{"text": "No es lo que dice"}, "select[name=reason]", "main .Notice"},
		{plaza.Member, "/datos/" + c.known["dataset"], ".Comment-form", map[string]string{"texto": "Faltan las fechas."}, "", "main .Comment"},
	} {
		t.Run(step.path, func(t *testing.T) {
			v := c.tab(t, step.role, browser.Look{Width: 360, Bare: true})
			visit(t, v, step.path, http.StatusOK)
			for name, text := range step.typed {
				if err := v.Type(step.form+" [name="+name+"]", text); err != nil {
					t.Fatal(err)
				}
			}
			if step.chosen != "" {
				ask[bool](t, v, "(() => { const s = document.querySelector('"+step.chosen+"'); s.selectedIndex = 1; return true })()")
			}
			arrive(t, v, func() (int, error) { return v.Follow(step.form + " button[type=submit]") })
			if !ask[bool](t, v, "!!document.querySelector(`"+step.after+"`) && !document.querySelector('.Field-error')") {
				t.Errorf("%s does not say that it worked:\n%s", step.path, ask[string](t, v, "document.querySelector('main').innerText"))
			}
		})
	}
}
