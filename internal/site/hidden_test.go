package site_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/base/tabular/place"
	"plaza/internal/civic/account"
	"plaza/internal/civic/disclosure"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/explore"
	"plaza/internal/site"
)

// opened is a site with one resource that the explorer has opened, with a column of it and
// a value that stands nowhere else.
type opened struct {
	*routed
	t              *testing.T
	res            explore.Resource
	slug           string // of its institution
	column, canary string
	other          string // another column
}

// opens has resources opened until one serves.
func opens(t *testing.T) *opened {
	t.Helper()
	command := childtest.Command(t)
	o := &opened{routed: behind(t, copied(t, func(c *site.Config) { c.Worker = &command })), t: t}
	var ids []string
	o.read(t, func(tx *db.Tx) (err error) {
		ids, err = db.All(tx, db.Column[string], `SELECT r.id FROM resources r JOIN datasets d ON d.id = r.dataset_id
			WHERE r.format = 'CSV' AND r.removed_at IS NULL AND d.institution_id <> '' ORDER BY r.id LIMIT 12`)
		return err
	})
	for _, id := range ids {
		if _, err := o.site.Explore.Want(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.site.Runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if o.fits(id) {
			o.slug = o.value(t, `SELECT slug FROM institutions WHERE id = $1`, o.res.Institution)
			return o
		}
	}
	t.Fatalf("none of %d resources serves", len(ids))
	return nil
}

// fits looks for a value that only one column has.
func (o *opened) fits(id string) bool {
	v, err := o.site.Explore.Open(o.t.Context(), id, 0)
	if err != nil {
		return false
	}
	defer v.Close()
	table := v.Profile.Tables[0]
	for i, c := range table.Columns {
		if c.Type != tabular.Text || c.Stats.Distinct < 3 || len(table.Columns) < 3 || len(v.Hiding.Suspects) > 0 {
			continue
		}
		for _, top := range c.Stats.Top {
			page := o.ask(v.Resource.Path + "?f=")
			if _, ofPlace := place.StateCode(top.Value); ofPlace {
				continue // codes of places are shown with their names
			}
			if len(top.Value) > 6 && strings.IndexFunc(top.Value, func(r rune) bool { return r > 'z' || r == '&' || r == '"' }) < 0 && strings.Contains(page, top.Value) &&
				!strings.Contains(c.Name+v.Resource.Title+v.Resource.Slug, top.Value) {
				o.res, o.column, o.canary, o.other = v.Resource, c.Name, top.Value, table.Columns[(i+1)%len(table.Columns)].Name
				return true
			}
		}
	}
	return false
}

// ask is what a visitor is given at an address, whatever it is.
func (o *opened) ask(path string) string { return o.newcomer(o.t).get(path).body }

// report makes a public case of somebody.
func (o *opened) report(t *testing.T, who account.Person, f cases.Form) (c cases.Case) {
	t.Helper()
	o.by(t, who.Actor(), func(tx *db.Tx) (err error) {
		if _, err = o.site.Cases.About(tx, &f); err == nil {
			c, err = o.site.Cases.Ask(tx, f, cases.By(who.Actor()), cases.From{})
		}
		return err
	})
	if err := o.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// views are addresses of all that the explorer shows of the resource: every route under it
// and every one of the interface that names a resource, with every tab and every way to ask
// for the column.
func (o *opened) views() (all []string) {
	asks := []url.Values{{}, {"columna": {o.column}}, {"agrupar": {o.column}}, {"orden": {o.column}}, {"orden": {"-" + o.column}}, {"mostrar": {o.column}}, {"columnas": {o.column}},
		{"ver": {"columnas"}}, {"ver": {"calidad"}}, {"ver": {"grafica"}}, {"ver": {"mapa"}}, {"ver": {"versiones"}}, {"ver": {"api"}},
		{"group": {o.column}}, {"sort": {o.column}}, {"columns": {o.column}}, {"agrupar": {o.other}, "medir": {"max"}, "de": {o.column}}, {"forma": {"csv"}}, {"forma": {"json"}}, {"forma": {"jsonl"}}, {"forma": {"csv"}, "columnas": {o.column}}}
	for _, route := range o.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		under := strings.HasPrefix(path, "/datos/{dataset}/recursos/{resource}")
		if method != http.MethodGet || !under && !(strings.HasPrefix(path, "/api/v1/resources/") && strings.Contains(path, "{")) {
			continue
		}
		at := strings.NewReplacer("{dataset}", o.res.Slug, "{resource}", o.res.ID, "{id}", o.res.ID, "{row}", "1", "{z}", "5", "{x}", "7", "{y}", "14", "{version}", "1", "{number}", "1").Replace(path)
		if strings.Contains(at, "{") {
			o.t.Errorf("nobody looked at %s", route.Pattern)
			continue
		}
		for _, v := range asks {
			all = append(all, at+"?"+v.Encode())
		}
	}
	return all
}

// TestTheExplorerWithinTheSite follows one site, whose opening takes longer than all that is
// then asked of it, from step to step.
func TestTheExplorerWithinTheSite(t *testing.T) {
	o := opens(t)
	for _, step := range []struct {
		name string
		test func(t *testing.T, o *opened)
	}{
		{"tables are joined in the editor, and what is wrong is said at its field", joinsTables},
		{"a report from the explorer leads back to its place", leadsBack},
		{"a hidden column is shown nowhere", staysHidden},
		{"what people of the institution say of a column is shown, and what is hidden stays so under its new name", isCorrected},
		{"who follows a dataset hears how its file changed, and keeps the last good copy", hearsOfChanges},
	} {
		t.Run(step.name, func(t *testing.T) {
			one := *o
			one.t = t
			step.test(t, &one)
		})
	}
}

// staysHidden withholds a column in the office and asks for it in every way there is.
func staysHidden(t *testing.T, o *opened) {
	showing := 0
	for _, path := range o.views() {
		if strings.Contains(o.ask(path), o.canary) {
			showing++
		}
	}
	if showing < 10 {
		t.Fatalf("only %d addresses show %q before it is withheld", showing, o.canary)
	}
	undrawn, takenBack := drawsTheColumn(t, o)
	typed := o.report(t, o.person(t, "Olga Filtra", plaza.Grant{Role: plaza.Moderator}), cases.Form{Kind: cases.Quality, Title: "Los de una persona", Body: "No puede ser.", Language: "es", Nonce: "dos",
		On: cases.On{Ref: plaza.Ref{Kind: "resource", ID: o.res.ID}, Version: 1, View: url.Values{"f." + o.column: {"CANARIO"}}.Encode()}})
	leads := func() int { return o.page(t, typed.Path()).Find(`a[href*="CANARIO"]`).Length() }
	if leads() == 0 {
		t.Error("a case about a view does not lead there")
	}
	liaison := o.of(t, o.person(t, "Eva Retiene", plaza.Grant{Role: plaza.Liaison, Institution: o.res.Institution}))
	office := "/gestion/" + o.slug + "/recursos/" + o.res.ID
	if a := liaison.fill(office, office, url.Values{"columna": {o.column}, "hacer": {"retener"}, "motivo": {""}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Diga el motivo.") {
		t.Fatalf("without a reason: %d", a.status)
	}
	if a := liaison.fill(office, office, url.Values{"columna": {o.column}, "hacer": {"retener"}, "motivo": {"La revisa el área jurídica."}}); a.status != http.StatusSeeOther {
		t.Fatalf("withholding: %d", a.status)
	}
	if err := o.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if leads() != 0 {
		t.Error("the address of a case holds what was typed of a column that is withheld")
	}
	for _, path := range o.views() {
		if body := o.ask(path); strings.Contains(body, o.canary) {
			at := strings.Index(body, o.canary)
			t.Errorf("%s shows the value: …%s…", path, body[max(0, at-80):at])
		}
	}
	undrawn()
	takenBack()
	found := o.ask(o.res.Path + "/descargar?" + url.Values{"forma": {"csv"}, "buscar": {o.canary}}.Encode())
	if lines := strings.Split(strings.TrimSpace(found), "\n"); len(lines) != 1 {
		t.Errorf("searching for the value finds %d rows", len(lines)-1)
	}
	if a := o.newcomer(t).get(o.res.Path + "/original"); a.status != http.StatusForbidden {
		t.Errorf("the original file: %d", a.status)
	}
	for _, tab := range []string{"columnas", "calidad"} {
		if said := o.page(t, o.res.Path+"?ver="+tab).Find("main").Text(); !strings.Contains(said, "La revisa el área jurídica.") {
			t.Errorf("%s does not say why", tab)
		}
	}
	if said := liaison.text(office); !strings.Contains(said, "Se retuvo «"+o.column+"»") {
		t.Errorf("the office says %s", said)
	}
	o.holdsBackTheFile(t, liaison, office)
	o.endsWithItsReport(t, liaison, office)
}

// holdsBackTheFile withholds the file and shows it again: meanwhile the catalogue's own pages
// and its answers to programs do not say where it is to be had.
func (o *opened) holdsBackTheFile(t *testing.T, liaison *visitor, office string) {
	t.Helper()
	catalogue := []string{"/datos/" + o.res.Slug, o.res.Path, "/api/3/action/package_show?id=" + o.res.Slug, "/api/3/action/resource_show?id=" + o.res.ID,
		"/api/v1/datasets/" + o.res.Slug}
	link := o.res.URL[strings.LastIndex(o.res.URL, "/"):]
	for _, step := range []struct {
		do    string
		links bool
	}{{"", true}, {"retener", false}, {"mostrar", true}} {
		if step.do != "" {
			if a := liaison.fill(office, office, url.Values{"columna": {""}, "hacer": {step.do}, "motivo": {"Se revisa el archivo."}}); a.status != http.StatusSeeOther {
				t.Fatalf("%s: %d", step.do, a.status)
			}
			if err := o.watch.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, path := range catalogue {
			a := o.newcomer(t).get(path)
			if a.status != http.StatusOK || strings.Contains(a.body, link) != step.links {
				t.Errorf("%q: %s answers %d and links the file: %v", step.do, path, a.status, strings.Contains(a.body, link))
			}
		}
	}
}

// endsWithItsReport has a private report withhold the file: its office cannot show it.
func (o *opened) endsWithItsReport(t *testing.T, liaison *visitor, office string) {
	t.Helper()
	eva := o.person(t, "Eva Atiende", plaza.Grant{Role: plaza.Liaison, Institution: o.res.Institution}).Actor()
	var report disclosure.Report
	o.by(t, eva, func(tx *db.Tx) (err error) {
		report, err = o.site.Disclosures.Tell(tx, disclosure.Form{Object: plaza.Ref{Kind: "resource", ID: o.res.ID}, Category: "identity", Place: "En una columna."})
		return err
	})
	hold := func(resources ...string) {
		o.by(t, eva, func(tx *db.Tx) error { return o.site.Disclosures.Withheld(tx, report.ID, resources) })
		if err := o.watch.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	hold(o.res.ID)
	a := liaison.fill(office, office, url.Values{"columna": {""}, "hacer": {"mostrar"}, "motivo": {"Ya se revisó."}})
	if said := a.doc(t).Find("main").Text(); a.status != http.StatusUnprocessableEntity || !strings.Contains(said, "Un aviso privado retiene este archivo") || !strings.Contains(said, "se decide ahí") {
		t.Errorf("the office shows what a report withholds: %d %s", a.status, said)
	}
	link := o.res.URL[strings.LastIndex(o.res.URL, "/"):]
	if strings.Contains(o.ask(o.res.Path), link) {
		t.Error("the page links what a report withholds")
	}
	if hold(); !strings.Contains(o.ask(o.res.Path), link) {
		t.Error("the end of the report does not show it again")
	}
}

// leadsBack follows the links of the quality tab, of a column and of a cell to the form, and
// the case back.
func leadsBack(t *testing.T, o *opened) {
	doc := o.page(t, o.res.Path+"?ver=calidad")
	if doc.Find(".Quality").Length() != 1 || doc.Find(".Quality-good li").Length() < 5 {
		t.Errorf("the tab says %s", strings.Join(strings.Fields(doc.Find(".Explore").Text()), " "))
	}
	to, ok := o.page(t, o.res.Path+"/filas/2").Find(`.Row-cell a[href^="/consultas/nueva"]`).First().Attr("href")
	u, err := url.Parse(to)
	if q := u.Query(); !ok || err != nil || q.Get("version") != "1" || q.Get("fila") != "2" || q.Get("clase") != "quality" || q.Get("columna") == "" {
		t.Fatalf("a cell leads to %s", to)
	}
	olga := o.person(t, "Olga Reporta", plaza.Grant{Role: plaza.Moderator})
	c := o.report(t, olga, cases.Form{Kind: cases.Quality, Title: "Un valor imposible", Body: "No puede ser.", Language: "es", Nonce: "uno",
		On: cases.On{Ref: plaza.Ref{Kind: "resource", ID: o.res.ID}, Column: u.Query().Get("columna"), Row: "2", Version: 1}})
	if n := o.page(t, c.Path()).Find(`a[href="` + o.res.Path + `/filas/2"]`).Length(); n != 1 {
		t.Errorf("the case leads back %d times", n)
	}
	for _, path := range []string{o.res.Path + "/filas/2", o.res.Path + "?ver=columnas", o.res.Path + "?" + url.Values{"columna": {c.On.Column}}.Encode()} {
		if o.page(t, path).Find(`a[href="`+c.Path()+`"]`).Length() == 0 {
			t.Errorf("%s does not tell of the case", path)
		}
	}
}

// isCorrected corrects a column in the office that is withheld.
func isCorrected(t *testing.T, o *opened) {
	liaison := o.of(t, o.person(t, "Eva Corrige", plaza.Grant{Role: plaza.Liaison, Institution: o.res.Institution}))
	page := "/gestion/" + o.slug + "/recursos/" + o.res.ID + "/columnas"
	one := page + "?" + url.Values{"columna": {o.column}}.Encode()
	form := url.Values{"nombre": {"Como debe llamarse"}, "unidad": {"personas"}, "motivo": {""}}
	if a := liaison.fill(one, page, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Como debe llamarse") || !strings.Contains(a.body, "Diga el motivo.") {
		t.Fatalf("without a reason: %d", a.status)
	}
	form.Set("motivo", "Así la llama el diccionario.")
	if a := liaison.fill(one, page, form); a.status != http.StatusSeeOther {
		t.Fatalf("correcting: %d %s", a.status, strings.Join(strings.Fields(a.doc(t).Find("main").Text()), " "))
	}
	reading := liaison.get(page + "?hecho=si").doc(t)
	if live := reading.Find("main .js-progress").AttrOr("data-live", ""); live != o.res.Path+"/avance" || !strings.Contains(reading.Find("main .Notice").Text(), "se está volviendo a leer") {
		t.Errorf("while it is read again the page is live at %q and says %q", live, reading.Find("main .Notice").Text())
	}
	if typing := liaison.get(one).doc(t).Find("main .Progress"); typing.Length() != 1 || typing.HasClass("js-progress") {
		t.Error("a page on which somebody types would begin anew by itself, or does not say how far the reading is")
	}
	if err := o.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if public := o.page(t, o.res.Path).Find(".js-progress").AttrOr("data-live", ""); public != o.res.Path+"/avance" {
		t.Errorf("the public page is live at %q", public)
	}
	form.Set("visto", "0")
	if a := liaison.fill(one, page, form); a.status != http.StatusConflict || !strings.Contains(a.body, "Como debe llamarse") {
		t.Errorf("who saw what stood before: %d", a.status)
	}
	if _, err := o.site.Runner.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := o.site.Explore.Open(t.Context(), o.res.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if !slices.ContainsFunc(v.Profile.Tables[0].Columns, func(c tabular.Column) bool {
		return c.Name == "Como debe llamarse" && c.Unit == "personas" && c.Corrected && v.Hiding.Withheld(c)
	}) {
		t.Errorf("%+v", v.Profile.Tables[0].Columns)
	}
	read := liaison.get(page + "?hecho=si").doc(t)
	if to := read.Find("main .Notice a").AttrOr("href", ""); to != o.res.Path || !strings.Contains(read.Find("main .Notice").Text(), "ya se leyó") || read.Find(".Progress").Length() > 0 {
		t.Errorf("once it is read it leads to %q and says %q", to, read.Find("main .Notice").Text())
	}
	if err := o.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if head := o.page(t, o.res.Path).Find("thead").Text(); head == "" || strings.Contains(head, "Como debe llamarse") {
		t.Errorf("the new table has %q", head)
	}
	if said := liaison.text(page); !strings.Contains(said, "Como debe llamarse") || !strings.Contains(said, "Corregida") {
		t.Errorf("the office says %s", said)
	}
}
