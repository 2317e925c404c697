package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

// madeByForms makes a tool of a table by forms alone, as somebody without scripts does, and
// looks at what everybody sees of it.
func madeByForms(t *testing.T, r *opened, resource string) {
	t.Helper()
	eva := r.of(t, r.person(t, "Eva Dibuja", plaza.Grant{Role: plaza.Moderator}))
	start := eva.page("/mi/herramientas/nueva?recurso=" + resource)
	if start.Find(".Proposal").Length() < 3 || start.Find(".Proposal .Scene").Length() == 0 || strings.TrimSpace(start.Find(".Proposal-why").First().Text()) == "" {
		t.Fatalf("what fits the table: %.1500s", start.Find("main").Text())
	}
	a := eva.fill("/mi/herramientas/nueva?recurso="+resource, "/mi/herramientas/nueva", url.Values{"propuesta": {"0"}})
	edit := a.location
	if a.status != http.StatusSeeOther || !strings.HasPrefix(edit, tool.MinePath+"/") {
		t.Fatalf("beginning answers %d and leads to %q", a.status, edit)
	}
	page := eva.page(edit)
	revision := page.Find("input[name=revision]").AttrOr("value", "")
	said := page.Find(".View-says").First().Text()
	// another kind, and back
	a = eva.post(edit, url.Values{"revision": {revision}, "vista": {"vista"}, "hacer": {"tipo:table"}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("another kind answers %d: %.800s", a.status, a.body)
	}
	page = eva.page(edit)
	if page.Find(".Workshop-preview .View--table").Length() != 1 {
		t.Errorf("as a table: %.800s", page.Find(".Workshop-preview").Text())
	}
	stale := eva.post(edit, url.Values{"revision": {revision}, "vista": {"vista"}, "hacer": {"tipo:bar"}})
	if stale.status != http.StatusConflict || stale.doc(t).Find(`.Notice a[href="`+edit+`"]`).Length() != 1 {
		t.Errorf("what another window changed answers %d: %.800s", stale.status, stale.doc(t).Find(".Notice").Text())
	}
	if again := stale.doc(t).Find("input[name=revision]").AttrOr("value", ""); again != revision {
		t.Errorf("pressed once more it would put itself over what the other window changed: revision %s, sent %s", again, revision)
	}
	revision = page.Find("input[name=revision]").AttrOr("value", "")
	if a = eva.post(edit, url.Values{"revision": {revision}, "hacer": {"deshacer"}}); a.status != http.StatusSeeOther {
		t.Fatalf("undoing answers %d", a.status)
	}
	if page = eva.page(edit); page.Find(".View-says").First().Text() != said {
		t.Errorf("undone it says %q, want %q", page.Find(".View-says").First().Text(), said)
	}
	wrong := eva.post(edit+"/documento", url.Values{"revision": {page.Find("input[name=revision]").AttrOr("value", "")}, "documento": {`{"$schema":"plaza-tool/1","title":"x","language":"es","sources":[],"views":[{"mark":"line","script":"alert(1)"}]}`}})
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, "views[0].script") || !strings.Contains(wrong.body, "alert(1)") {
		t.Errorf("a document that is none answers %d: %.800s", wrong.status, wrong.body)
	}
	a = eva.fill(edit+"/publicar", edit+"/publicar", url.Values{})
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, tool.Path+"/") {
		t.Fatalf("publishing answers %d and leads to %q: %.800s", a.status, a.location, a.body)
	}
	public := a.location
	r.isSeen(t, public)
	if own := eva.page("/mi"); own.Find(`.Tabs a[href="`+tool.MinePath+`"]`).Length() != 1 || own.Find(`section[aria-labelledby="herramientas"] a[href="`+public+`"]`).Length() != 1 {
		t.Errorf("one's own page does not lead to it: %.1500s", own.Find("main").Text())
	}
	const reason = "Los datos de 2019 estaban repetidos."
	if a = eva.post(edit+"/retirar", url.Values{"motivo": {reason}}); a.status != http.StatusSeeOther {
		t.Fatalf("withdrawing answers %d: %.800s", a.status, a.body)
	}
	if err := r.watch.Refresh(t.Context()); err != nil { // the record tells that pages are stale
		t.Fatal(err)
	}
	if gone := r.newcomer(t).get(public); gone.status != http.StatusNotFound || !strings.Contains(gone.body, reason) {
		t.Errorf("the address of a tool that was withdrawn answers %d: %.1500s", gone.status, gone.doc(t).Find("main").Text())
	}
}

// isSeen looks at a published tool as anybody.
func (r *opened) isSeen(t *testing.T, path string) {
	t.Helper()
	anybody := r.newcomer(t)
	page := anybody.page(path)
	rows := page.Find(".View table tbody tr").Length()
	if page.Find(".View .Scene").Length() == 0 || rows == 0 || page.Find(".View-source").Length() == 0 {
		t.Errorf("the page has no picture, table or source: %.1500s", page.Find("main").Text())
	}
	files := page.Find(".View-files a").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
	for _, f := range files {
		a := anybody.get(f)
		if a.status != http.StatusOK || len(a.body) < 100 {
			t.Errorf("%s answers %d with %d bytes", f, a.status, len(a.body))
		}
		if strings.HasSuffix(f, ".svg") && (strings.Contains(a.body, "<script") || !strings.Contains(a.body, "Fuente")) {
			t.Errorf("the picture that leaves has no source: %.500s", a.body)
		}
		if strings.HasSuffix(f, ".csv") && strings.Count(a.body, "\n") != rows+1 {
			t.Errorf("%d lines leave as CSV, and the table has %d rows", strings.Count(a.body, "\n")-1, rows)
		}
	}
	if len(files) < 3 {
		t.Errorf("it leaves as %v", files)
	}
	if a := anybody.get("/embed" + path); a.status != http.StatusOK || !strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors *") || strings.Contains(a.body, "<header class=\"Header\"") {
		t.Errorf("embedded it answers %d under %q", a.status, a.header.Get("Content-Security-Policy"))
	}
	choose := page.Find(".View table a").First().AttrOr("href", "")
	if choose != "" && anybody.page(choose).Find(".Chip").Length() == 0 {
		t.Errorf("what %s chooses is not said", choose)
	}
	if list := anybody.page(tool.Path); list.Find(`.Gallery a[href="`+path+`"]`).Length() != 1 {
		t.Errorf("the gallery has it not: %.800s", list.Find("main").Text())
	}
	editor := r.of(t, r.person(t, "Eda Destaca", plaza.Grant{Role: plaza.Moderator}))
	if a := editor.post(path+"/destacar", url.Values{"destacar": {"si"}}); a.status != http.StatusSeeOther {
		t.Errorf("featuring it answers %d", a.status)
	}
	if err := r.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if home := anybody.page("/"); home.Find(`.Gallery a[href="`+path+`"]`).Length() != 1 || home.Find(`.Gallery img[src="`+path+`/miniatura.png"]`).Length() != 1 {
		t.Errorf("the first page has it not: %.800s", home.Find("main").Text())
	}
	dataset := page.Find(".Tool-about .Item-title a").AttrOr("href", "")
	if about := anybody.page(dataset); about.Find(`.Gallery a[href="`+path+`"]`).Length() != 1 {
		t.Errorf("%s does not say what is made with it", dataset)
	}
}
