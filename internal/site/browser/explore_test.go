package browser_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/site/browser"
)

// stations is a table of the demonstration in Latin-1, with points and no municipality: the
// explorer finds which one each point lies in.
var stations = struct{ dataset, title, rows, found, left string }{
	dataset: "/datos/estaciones-de-servicio-con-permiso", title: "Estaciones de servicio en Latin-1 y punto y coma",
	rows: "12,962 filas", found: "1,237 filas de 12,962", left: "26 filas de 12,962",
}

// opened is the path of the stations' page, once their file is opened.
var opened = sync.OnceValues(func() (path string, err error) {
	ctx, id := context.Background(), ""
	if err := demo.Site.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT id FROM resources WHERE title = $1`, stations.title).Scan(&id)
	}); err != nil {
		return "", err
	}
	if _, err := demo.Site.Explore.Want(ctx, id); err != nil {
		return "", err
	}
	var job string
	if err := demo.Site.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Row(`SELECT job_id FROM explore_attempts WHERE resource_id = $1`, id).Scan(&job)
	}); err != nil {
		return "", err
	}
	_, err = demo.Site.Runner.WaitOrWork(ctx, job)
	return stations.dataset + "/recursos/" + id, err
})

// reader reads a table, with a pointer or with keys alone.
type reader struct {
	*testing.T
	tab  *browser.Tab
	keys bool
}

// reach brings the focus to an element, as the tabulator does.
func (r *reader) reach(selector string) {
	r.Helper()
	for range 300 {
		if ask[bool](r.T, r.tab, "document.activeElement.matches("+quoted(selector)+")") {
			return
		}
		tabulate(r.T, r.tab)
	}
	r.Fatalf("the tabulator does not come to %s", selector)
}

// presses what leads to another page.
func (r *reader) presses(selector string) {
	r.Helper()
	if !r.keys {
		follow(r.T, r.tab, selector)
		return
	}
	r.reach(selector)
	arrive(r.T, r.tab, r.tab.Enter)
}

// unfolds what is folded.
func (r *reader) unfolds(selector string) {
	r.Helper()
	err := error(nil)
	if r.keys {
		r.reach(selector)
		err = r.tab.Type(":focus", " ")
	} else {
		err = r.tab.Click(selector)
	}
	if err != nil || !ask[bool](r.T, r.tab, "document.querySelector("+quoted(selector)+").parentElement.open") {
		r.Fatalf("%s does not unfold: %v", selector, err)
	}
}

// chooses what begins so in a list.
func (r *reader) chooses(selector, begins string) {
	r.Helper()
	if r.keys {
		r.reach(selector)
		if err := r.tab.Type(":focus", begins); err != nil {
			r.Fatal(err)
		}
	} else {
		ask[bool](r.T, r.tab, `(() => { const list = document.querySelector(`+quoted(selector)+`), o = [...list.options].find(o => o.label.startsWith(`+quoted(begins)+`))
			list.value = o?.value; list.dispatchEvent(new Event('change', {bubbles: true})); return true })()`)
	}
	if got := ask[string](r.T, r.tab, "document.querySelector("+quoted(selector)+").selectedOptions[0]?.label ?? ''"); !strings.HasPrefix(got, begins) {
		r.Fatalf("%s is at %q, not at %q", selector, got, begins)
	}
}

// counts checks how many rows or groups are said to be there.
func (r *reader) counts(want string) {
	r.Helper()
	if got := ask[string](r.T, r.tab, "document.querySelector('.Toolbar-count')?.innerText ?? ''"); got != want {
		r.Fatalf("the page counts %q, want %q", got, want)
	}
}

// seen is what a view shows: its count, its conditions and its rows.
func (r *reader) seen() string {
	r.Helper()
	return ask[string](r.T, r.tab, "[...document.querySelectorAll('.Toolbar-count, .Chip, .Grid-table th, .Grid-table td')].map(e => e.textContent.trim().replace(/\\s+/g, ' ')).join('|')")
}

// TestATableInLatin1IsSearchedFilteredGroupedTakenAlongAndShared is the explorer's journey:
// from a dataset's page to a view that opens the same in a browser that knows nothing.
func TestATableInLatin1IsSearchedFilteredGroupedTakenAlongAndShared(t *testing.T) {
	if _, err := opened(); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		look, other browser.Look
		keys        bool
	}{
		{browser.Look{Width: 360}, browser.Look{Width: 1280}, false},
		{browser.Look{Width: 1280}, browser.Look{Width: 360, Bare: true}, true},
		{browser.Look{Width: 360, Bare: true}, browser.Look{Width: 360}, false},
		{browser.Look{Width: 1280, Bare: true}, browser.Look{Width: 1280}, false},
	} {
		name := one.look.String()
		if one.keys {
			name += "-keys"
		}
		t.Run(name, func(t *testing.T) {
			r := &reader{T: t, tab: tab(t, one.look), keys: one.keys}
			r.narrows()
			r.groups()
			r.takes()
			other := &reader{T: t, tab: tab(t, one.other)}
			link, err := r.tab.Path()
			if err != nil {
				t.Fatal(err)
			}
			visit(t, other.tab, link, 200)
			whole(t, other.tab)
			if mine, theirs := r.seen(), other.seen(); mine != theirs {
				t.Errorf("the link opens another view:\n%s\n%s", mine, theirs)
			}
		})
	}
}

// narrows goes from the dataset to its table, searches it without accents and leaves the
// rows of one municipality.
func (r *reader) narrows() {
	r.Helper()
	visit(r.T, r.tab, stations.dataset, 200)
	path, _ := opened()
	r.presses(".Resource-title a[href='" + path + "']")
	r.counts(stations.rows)
	if r.keys {
		r.reach("#buscar-filas")
	}
	if err := r.tab.Type("#buscar-filas", "estacion"); err != nil {
		r.Fatal(err)
	}
	arrive(r.T, r.tab, r.tab.Enter)
	r.counts(stations.found)
	r.presses(".Explore-tabs a[href*='ver=mapa']")
	r.chooses("#lugar-estado", "Pue")
	r.presses("form:has(#lugar-estado) button")
	r.chooses("#lugar-municipio", "Puebla")
	r.presses("form:has(#lugar-municipio) button")
	r.presses(".Explore-picture > .Actions a[href*='lugar=21114']:not([href*='mapa'])")
	r.counts(stations.left)
	if said := r.seen(); strings.Count(said, "ESTACIÓN") != 4 || !strings.Contains(said, "Lugar: Puebla") {
		r.Errorf("“estacion” finds in Puebla:\n%s", said)
	}
}

// groups puts the rows together by a column, and goes back to them.
func (r *reader) groups() {
	r.Helper()
	r.unfolds(".Explore-tool:has(#agrupar-1) > summary")
	r.chooses("#agrupar-1", "Raz")
	r.presses(".Explore-tool:has(#agrupar-1) button")
	if said := ask[string](r.T, r.tab, "document.querySelector('.Toolbar-count').innerText"); !strings.HasPrefix(said, "Filas, por Razón social: ") {
		r.Errorf("the groups are called %q", said)
	}
	if n := ask[int](r.T, r.tab, "[...document.querySelectorAll('.Grid-table--groups tbody td:nth-child(2)')].reduce((n, td) => n + Number(td.innerText), 0)"); n != 26 {
		r.Errorf("the groups hold %d rows", n)
	}
	r.presses(".Explore-count .Explore-back")
	r.counts(stations.left)
}

// takes the rows that are left along, as CSV.
func (r *reader) takes() {
	r.Helper()
	r.unfolds(".Explore-tool:has(.Explore-downloads) > summary")
	file := ask[string](r.T, r.tab, "fetch(document.querySelector(\".Explore-downloads a[href*='forma=csv']:not([href*=bom])\").href).then(answer => answer.text())")
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		r.Fatal(err)
	}
	if len(rows) != 27 || strings.Join(rows[0], ",") != "Identificador,Permiso CRE,Razón social,Longitud,Latitud" || strings.Count(file, "ESTACIÓN") != 4 {
		r.Errorf("the file holds %d lines:\n%s", len(rows), file)
	}
	for _, row := range rows[1:] {
		if !strings.Contains(text.Fold(row[2]), "estacion") {
			r.Errorf("the file holds a row that was not searched for: %q", row)
		}
	}
}

// TestEveryTabOfATableIsAccessibleAndFits goes through the tabs by their own links, and to
// a column, groups and a row.
func TestEveryTabOfATableIsAccessibleAndFits(t *testing.T) {
	path, err := opened()
	if err != nil {
		t.Fatal(err)
	}
	for _, look := range []browser.Look{{Width: 360, Dark: true}, {Width: 1280}} {
		t.Run(look.String(), func(t *testing.T) {
			v := tab(t, look)
			visit(t, v, path, 200)
			shared := light(t, v, 0)
			tabs := ask[[]string](t, v, "[...document.querySelectorAll('.Explore-tabs a')].map(a => a.getAttribute('href'))")
			if len(tabs) != 7 {
				t.Errorf("the tabs are %q", tabs)
			}
			if !ask[bool](t, v, "[...document.querySelectorAll('.Explore-tabs a')].every(a => a.getBoundingClientRect().right <= innerWidth)") {
				t.Error("some tabs are out of sight")
			}
			for _, one := range append(tabs, path+"?columna=Raz%C3%B3n+social", path+"?grupo=Raz%C3%B3n+social&buscar=peña", path+"?buscar=zzqqxx", path+"/filas/3") {
				visit(t, v, one, 200)
				whole(t, v)
				shared += light(t, v, shared)
				violations, err := v.Axe()
				if err != nil {
					t.Fatal(err)
				}
				for _, found := range violations {
					t.Errorf("%s: %s", one, found)
				}
			}
		})
	}
}

// light checks what a first load of the page comes to, with what pages before it brought
// along: a table brings no code for charts or maps. It returns what the page added to that.
func light(t *testing.T, v *browser.Tab, before int) (added int) {
	t.Helper()
	document, scripts := 0, 0
	for _, one := range v.Transfers() {
		switch one.Type {
		case "Document":
			document += one.Bytes
		case "Script":
			scripts += one.Bytes
			fallthrough
		default:
			added += one.Bytes
		}
	}
	if path, _ := v.Path(); before+added+document > 250_000 || scripts > 30_000 {
		t.Errorf("%s comes to %d bytes, %d of them new scripts", path, before+added+document, scripts)
	}
	return added
}

func TestEveryTabOfATableIsValidHTML(t *testing.T) {
	path, err := opened()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i, view := range []string{"", "?ver=columnas", "?ver=calidad", "?ver=grafica", "?ver=mapa", "?ver=versiones", "?ver=api", "?columna=Longitud", "?grupo=Latitud", "/filas/3"} {
		err := browser.Crawl(t.Context(), demo.Origin, []string{path + view}, func(p browser.Page) bool {
			for _, fault := range p.Faults(demo.Origin) {
				t.Errorf("%s: %s", p.Path, fault)
			}
			if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".html"), p.Body, 0o600); err != nil {
				t.Fatal(err)
			}
			return false
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	valid(t, dir)
}
