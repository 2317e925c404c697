package browser_test

import (
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/site/browser"
)

// ages is a table of the demonstration, of which tools are made here.
const ages = "salud/covid_edad_sexo_2020-05-20.csv"

// rowsOf are those of a file of the demonstration, by their columns.
func rowsOf(t *testing.T, file string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "demo", "archivos", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// member opens a tab in which somebody is signed in whose tools do not wait.
func member(t *testing.T, name string, look browser.Look) *browser.Tab {
	t.Helper()
	mail := strings.ToLower(name) + "@ejemplo.mx"
	ctx := plaza.WithActor(t.Context(), plaza.SystemActor)
	if err := demo.Site.DB.Write(ctx, func(tx *db.Tx) error {
		made, err := account.Create(tx, account.New{Email: mail, Name: name})
		if err != nil {
			return err
		}
		return account.GrantRole(tx, made.ID, plaza.Moderator, "", time.Time{})
	}); err != nil {
		t.Fatal(err)
	}
	link, err := demo.Site.Accounts.SigninLink(ctx, mail)
	if err != nil {
		t.Fatal(err)
	}
	v := tab(t, look)
	visit(t, v, strings.TrimPrefix(link, demo.Origin), 200)
	follow(t, v, "main form button")
	return v
}

// maker makes a tool in the editor, with a pointer or with keys alone.
type maker struct {
	*testing.T
	tab     *browser.Tab
	keys    bool
	presses int
}

const editor = "form.js-workshop "

// at is where the focus is, and where the element lies to which it is to go.
type at struct {
	There bool  `json:"there"`
	Back  bool  `json:"back"`
	Focus focus `json:"focus"`
}

// reach brings the focus to an element by the shorter way; on it, one sees where one is.
func (m *maker) reach(selector string) {
	m.Helper()
	look := `(() => { const to = document.querySelector(` + quoted(selector) + `), e = document.activeElement
		return {there: e === to, back: e !== document.body && !!to && !!(to.compareDocumentPosition(e) & 4), focus: ` + focused + `} })()`
	for n := range 300 {
		here := ask[at](m.T, m.tab, look)
		if n > 0 && here.Focus.Order >= 0 && !here.Focus.Seen {
			m.Errorf("on the way to %s the focus on %q cannot be seen", selector, here.Focus.Name)
		}
		if here.There {
			return
		}
		m.presses++
		step := m.tab.Tabulate
		if here.Back {
			step = m.tab.Back
		}
		if err := step(); err != nil {
			m.Fatal(err)
		}
	}
	m.Fatalf("the keys do not come to %s", selector)
}

// press presses a key.
func (m *maker) press(key string) {
	m.Helper()
	m.presses++
	if err := m.tab.Press(key); err != nil {
		m.Fatal(err)
	}
}

// goes follows a link or a button to another page.
func (m *maker) goes(selector string) {
	m.Helper()
	if !m.keys {
		follow(m.T, m.tab, selector)
		return
	}
	m.reach(selector)
	m.presses++
	arrive(m.T, m.tab, m.tab.Enter)
}

// changes does something to which the editor answers with the next one, without a word of what
// is wrong.
func (m *maker) changes(what string, do func()) {
	m.Helper()
	m.answers(what, do)
	if wrong := ask[string](m.T, m.tab, "document.querySelector('.Workshop-see .Notice, .Workshop-preview .View-fault')?.innerText ?? ''"); wrong != "" {
		m.Fatalf("%s: %s", what, wrong)
	}
}

// answers does something to which the editor answers with the next one, or itself again.
func (m *maker) answers(what string, do func()) {
	m.Helper()
	ask[bool](m.T, m.tab, `(() => { window.before = document.querySelector('form.js-workshop'); return true })()`)
	do()
	if !ask[bool](m.T, m.tab, `new Promise(done => {
		const look = () => { const f = document.querySelector('form.js-workshop'); return f !== window.before && !f.hasAttribute('aria-busy') }
		if (look()) return done(true)
		const seen = new MutationObserver(() => { if (look()) { seen.disconnect(); done(true) } })
		seen.observe(document.body, {subtree: true, childList: true, attributes: true})
	})`) {
		m.Fatalf("%s: nothing changes", what)
	}
	if m.keys && ask[bool](m.T, m.tab, "document.activeElement === document.body") {
		m.Fatalf("%s: the focus is lost", what)
	}
	whole(m.T, m.tab)
}

// clicks presses a button of the editor.
func (m *maker) clicks(selector string) {
	m.Helper()
	m.changes(selector, func() {
		if m.keys {
			m.reach(editor + selector)
			m.press(kb.Enter)
		} else if err := m.tab.Click(editor + selector); err != nil {
			m.Fatal(err)
		}
	})
}

// chooses what begins so in a list of the editor.
func (m *maker) chooses(name, begins string) {
	m.Helper()
	list := editor + "[name=" + name + "]"
	if got := ask[string](m.T, m.tab, "document.querySelector("+quoted(list)+")?.selectedOptions[0]?.label ?? 'none'"); strings.HasPrefix(got, begins) {
		return
	}
	m.changes(name+" "+begins, func() {
		r := &reader{T: m.T, tab: m.tab}
		if !m.keys {
			r.chooses(list, begins)
			return
		}
		m.reach(list)
		m.presses += len([]rune(begins))
		if err := m.tab.Type(":focus", begins); err != nil {
			m.Fatal(err)
		}
	})
	if got := ask[string](m.T, m.tab, "document.querySelector("+quoted(list)+").selectedOptions[0].label"); !strings.HasPrefix(got, begins) {
		m.Fatalf("%s is at %q, not at %q", name, got, begins)
	}
}

// writes text in a field of the editor in place of what stands there, and goes on.
func (m *maker) writes(name, text string) {
	m.Helper()
	m.changes(name, func() { m.types(name, text) })
}

// errs writes what a field cannot have, which stays there with what is wrong with it.
func (m *maker) errs(name, text string) {
	m.Helper()
	m.tab.Expect(http.StatusUnprocessableEntity)
	m.answers(name, func() { m.types(name, text) })
	if kept := ask[string](m.T, m.tab, "document.querySelector('[name="+name+"][aria-invalid=true]')?.value ?? ''"); kept != text {
		m.Errorf("of %q in %s stays %q", text, name, kept)
	}
	if !ask[bool](m.T, m.tab, "document.querySelector('#campo-"+name+"-error').getBoundingClientRect().height > 0 && !!document.querySelector('.Workshop-see .Notice--bad a[href=\"#campo-"+name+"\"]')") {
		m.Errorf("nobody is told what is wrong with %s", name)
	}
}

// types puts text in a field in place of what stands there, and goes on.
func (m *maker) types(name, text string) {
	m.Helper()
	field := editor + "[name=" + name + "]"
	if m.keys {
		m.reach(field)
	} else if err := m.tab.Click(field); err != nil {
		m.Fatal(err)
	}
	ask[bool](m.T, m.tab, "(() => { document.activeElement.select(); return true })()") // the tabulator does; a pointer does by three clicks
	m.presses += len([]rune(text))
	if err := m.tab.Type(":focus", text); err != nil {
		m.Fatal(err)
	}
	if m.keys {
		m.press(kb.Enter)
	} else if err := m.tab.Click("h1"); err != nil {
		m.Fatal(err)
	}
}

// unfolds what is folded in the editor.
func (m *maker) unfolds(field string) {
	m.Helper()
	fold := editor + "details:has([name=" + field + "]) > summary"
	if m.keys {
		m.reach(fold)
		m.press(" ")
	} else if err := m.tab.Click(fold); err != nil {
		m.Fatal(err)
	}
	if !ask[bool](m.T, m.tab, "document.querySelector("+quoted(fold)+").parentElement.open") {
		m.Fatalf("%s does not unfold", fold)
	}
}

// keyPresses is how many keys a person who knows where to go needs at most, letters and
// places on the way included.
const keyPresses = 420

// TestAToolIsMadeOfATableByMouseAndByKeys goes from a table's page to a published tool.
func TestAToolIsMadeOfATableByMouseAndByKeys(t *testing.T) {
	for _, one := range []struct {
		name string
		look browser.Look
		keys bool
	}{{"Irene", browser.Look{}, false}, {"Tecla", browser.Look{Width: 1280, Dark: true}, true}} {
		t.Run(one.name, func(t *testing.T) {
			m := &maker{T: t, tab: member(t, one.name, one.look), keys: one.keys}
			visit(t, m.tab, resourceOf(t, ages), 200)
			m.goes(".Explore-make a")
			if why := ask[string](t, m.tab, "document.querySelector('.Proposal-why').innerText"); len(why) < 20 {
				t.Errorf("the first proposal says %q", why)
			}
			m.goes(".Proposal button")
			m.makes("Defunciones por edad, con " + one.name)
			m.goes(".Workshop-head a[href$='/publicar']")
			m.goes("main form button[type=submit]")
			m.made("Defunciones por edad, con " + one.name)
			t.Logf("%d keys were pressed", m.presses)
			if m.presses > keyPresses {
				t.Errorf("%d keys were pressed", m.presses)
			}
		})
	}
}

// makes changes the first picture into another in every way: its kind, what it computes, which
// rows count, its colours, its title; and takes a change back.
func (m *maker) makes(title string) {
	m.Helper()
	m.clicks("button[value='tipo:bar']")
	m.chooses("x", "Sexo")
	m.chooses("y", "Defunciones")
	m.chooses("y_cuenta", "Promedio")
	m.chooses("y_cuenta", "Suma")
	m.unfolds("filtro_columna1")
	m.chooses("filtro_columna1", "Entidad")
	m.writes("filtro_valor1", "Chiapas")
	m.unfolds("linea1")
	m.errs("linea1", "muchas")
	m.writes("linea1", "promedio")
	if !m.keys {
		m.adds()
	}
	m.clicks("button[value='tipo:heatmap']")
	m.chooses("x", "Grupo edad")
	m.chooses("y", "Sexo")
	m.chooses("paleta", "Jade")
	m.unfolds("titulo")
	m.writes("titulo", "Un título que no va a quedar")
	m.writes("titulo", title)
	m.clicks("button[value=deshacer]")
	if got := ask[string](m.T, m.tab, "document.querySelector('[name=titulo]').value"); got != "Un título que no va a quedar" {
		m.Errorf("undone, the title is %q", got)
	}
	m.clicks("button[value=rehacer]")
}

// adds gives readers a list to choose from. What is chosen for it stays while something else of
// the editor changes.
func (m *maker) adds() {
	m.Helper()
	m.unfolds("control_columna")
	(&reader{T: m.T, tab: m.tab}).chooses(editor+"[name=control_columna]", "Sexo")
	m.writes("v_titulo", "Por sexo")
	m.clicks("button[value=control]")
	if got := ask[string](m.T, m.tab, "document.querySelector('[value=\"sin_control:0\"]')?.closest('li').innerText ?? ''"); !strings.Contains(got, "Sexo") {
		m.Errorf("the control that was added is %q", got)
	}
	m.clicks("[value='sin_control:0']")
}

// made looks at the published page: its picture, sentence and source, and its numbers, which
// are those of the file.
func (m *maker) made(title string) {
	m.Helper()
	if got := ask[string](m.T, m.tab, "document.querySelector('h1').innerText"); got != title {
		m.Errorf("the page is called %q", got)
	}
	for what, selector := range map[string]string{"picture": ".View .View-picture .Scene", "sentence": ".View-says", "source": ".View-source", "filter": ".View-facts"} {
		if !ask[bool](m.T, m.tab, "document.querySelector('"+selector+"')?.getBoundingClientRect().height > 0") {
			m.Errorf("there is no %s", what)
		}
	}
	if key := ask[string](m.T, m.tab, "document.querySelector('.View').innerText"); !strings.Contains(key, "Chiapas") {
		m.Errorf("the filter is not said: %s", key)
	}
	want := map[string]int{}
	for _, row := range rowsOf(m.T, ages) {
		if row["entidad"] == "Chiapas" {
			n, _ := strconv.Atoi(row["defunciones"])
			want[row["grupo_edad"]+"|"+row["sexo"]] += n
		}
	}
	got := ask[[]string](m.T, m.tab, "[...document.querySelectorAll('.View tbody tr')].map(tr => [...tr.children].map(td => td.textContent.trim()).join('|'))")
	if len(got) == 0 || len(got) > len(want) {
		m.Errorf("the table has %d rows, the file %d groups", len(got), len(want))
	}
	for _, line := range got {
		cells := strings.Split(line, "|")
		if n, known := want[strings.Join(cells[:2], "|")]; !known || len(cells) != 3 || cells[2] != strconv.Itoa(n) {
			m.Errorf("the table has %q, the file %d", line, n)
		}
	}
}

// resourceOf is the page of a resource by its file.
func resourceOf(t *testing.T, file string) (path string) {
	t.Helper()
	if err := demo.Site.DB.Read(t.Context(), func(tx *db.Tx) error {
		var slug, id string
		err := tx.Row(`SELECT d.slug, r.id FROM resources r JOIN datasets d ON d.id = r.dataset_id WHERE r.url LIKE '%/' || $1 AND r.removed_at IS NULL`, file).Scan(&slug, &id)
		path = "/datos/" + slug + "/recursos/" + id
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWhatIsTypedInTheEditorSurvivesALostConnection cuts the network while somebody types.
func TestWhatIsTypedInTheEditorSurvivesALostConnection(t *testing.T) {
	m := &maker{T: t, tab: member(t, "Nadia", browser.Look{})}
	visit(t, m.tab, resourceOf(t, ages), 200)
	m.goes(".Explore-make a")
	m.goes(".Proposal button")
	m.unfolds("titulo")
	if err := m.tab.Cut(true); err != nil {
		t.Fatal(err)
	}
	ask[bool](t, m.tab, `(() => { const f = document.querySelector('[name=titulo]'); f.focus(); f.select(); return true })()`)
	if err := m.tab.Type(":focus", "Lo que no se pierde"); err != nil {
		t.Fatal(err)
	}
	said := ask[string](t, m.tab, `new Promise(done => {
		const state = document.querySelector('.Workshop-state')
		new MutationObserver(() => { if (state.textContent.includes('no contesta')) done(state.textContent) }).observe(state, {childList: true})
		document.querySelector('[name=titulo]').blur()
	})`)
	if !strings.Contains(said, "sigue aquí") {
		t.Errorf("without a connection it says %q", said)
	}
	if err := m.tab.Type("[name=subtitulo]", "Ni esto"); err != nil {
		t.Fatal(err)
	}
	edit, err := m.tab.Path()
	if err != nil {
		t.Fatal(err)
	}
	ask[bool](t, m.tab, `(() => { window.before = document.querySelector('form.js-workshop'); return true })()`)
	if err := m.tab.Cut(false); err != nil {
		t.Fatal(err)
	}
	ask[bool](t, m.tab, `new Promise(done => {
		const look = () => document.querySelector('form.js-workshop') !== window.before && !document.querySelector('.Workshop-state').textContent
		new MutationObserver(() => { if (look()) done(true) }).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true})
		if (look()) done(true)
	})`)
	visit(t, m.tab, edit, 200)
	if got := ask[string](t, m.tab, "document.querySelector('[name=titulo]').value + ' / ' + document.querySelector('[name=subtitulo]').value"); got != "Lo que no se pierde / Ni esto" {
		t.Errorf("what was typed has become %q", got)
	}
}
