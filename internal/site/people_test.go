package site_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/site/demo"
	"plaza/internal/site/settings"
)

// exported is the public record, which has to be whole.
func (r *routed) exported(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	if err := record.Export(t.Context(), r.site.DB, record.Filter{}, &b); err != nil {
		t.Fatal(err)
	}
	if _, err := record.Verify(strings.NewReader(b.String())); err != nil {
		t.Errorf("the record does not verify: %v", err)
	}
	return b.String()
}

func TestWhoDeletesTheirAccountGoesAndWhatTheySaidStays(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	l := r.site.Bundle.Printer(i18n.Spanish)
	ana := r.of(t, th.ana)
	if a := ana.fill("/mi/cuenta/borrar", "/mi/cuenta/borrar", url.Values{"word": {l.T("mine.erase.word")}}); a.status != http.StatusSeeOther {
		t.Fatalf("deleting the account: %d", a.status)
	}
	if a := ana.get("/mi"); !a.refused() {
		t.Errorf("her session goes on: %d", a.status)
	}
	said := r.newcomer(t).text(th.public.Path())
	if !strings.Contains(said, l.T(account.Nobody)) || !strings.Contains(said, th.public.Body) || strings.Contains(said, th.ana.Name) {
		t.Errorf("what she said is shown as:\n%s", said)
	}
	if text := r.exported(t); strings.Contains(text, th.ana.Name) || strings.Contains(text, th.ana.Email) {
		t.Error("the record names her")
	}
	if n := r.value(t, `SELECT COUNT(*) FROM people WHERE id = $1`, th.ana.ID); n != "0" {
		t.Error("she is still in the store")
	}
}

func TestWhatWaitsAtAnInstitutionFollowsItsNameAndItsSuccessor(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	lerma := demo.InstitutionID("LERMA")
	ada := r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	otto := r.of(t, r.person(t, "Otto Enlace", plaza.Grant{Role: plaza.Liaison, Institution: lerma}))
	at := institution.SuccessionPath(th.body)
	a := ada.fill(at, at+"/nombre", url.Values{"n-name": {"Secretaría de Prueba"}, "n-slug": {"secretaria-de-prueba"},
		"n-date": {"2026-11-20"}, "n-legal": {"DOF 20/11/2026"}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("renaming: %d", a.status)
	}
	if said := ada.text("/gestion/secretaria-de-prueba/comentarios"); !strings.Contains(said, th.public.Body) {
		t.Error("the comment is not in the inbox under the new name")
	}
	if a := ada.get(th.body.Path()); a.status != http.StatusMovedPermanently && a.status != http.StatusOK && a.status != http.StatusPermanentRedirect {
		t.Errorf("the old address: %d", a.status)
	}
	if err := r.site.Search.Sync(t.Context(), r.site.DB); err != nil {
		t.Fatal(err)
	}
	slug := r.value(t, `SELECT slug FROM datasets WHERE id = $1`, th.public.On.ID)
	for listing, want := range map[string]string{
		"/datos?institucion=": slug, "/api/v1/datasets?institution=": slug, "/api/3/action/package_search?rows=100&fq=organization:": slug,
		"/bitacora?institucion=": "Secretaría de Prueba", "/bitacora.jsonl?institucion=": `"institution.renamed"`,
	} {
		if a := ada.get(listing + th.body.Slug); !strings.Contains(a.body, want) || a.status != http.StatusOK {
			t.Errorf("%s with the old slug is %d and does not list what the institution has", listing, a.status)
		}
	}
	r.read(t, func(tx *db.Tx) error {
		query, err := catalog.Saved(tx)
		if err == nil && !slices.Equal(query("institucion=" + th.body.Slug).Filters[catalog.FacetInstitution], []string{th.body.ID}) {
			t.Error("a search that was kept with the old slug finds nothing")
		}
		return err
	})
	at = strings.Replace(at, th.body.Slug, "secretaria-de-prueba", 1)
	ending := url.Values{"f-kind": {institution.Merged}, "f-date": {"2026-11-21"}, "f-legal": {"DOF 21/11/2026"}, "f-to": {lerma}, "confirmar": {"1"}}
	if a := ada.post(at+"/fin", ending); a.status != http.StatusSeeOther {
		t.Fatalf("merging: %d %s", a.status, strings.Join(strings.Fields(a.doc(t).Find("main").Text()), " "))
	}
	r.work(t)
	ended := ada.text("/instituciones/secretaria-de-prueba")
	if !strings.Contains(ended, "es parte de") || strings.Contains(ended, "Sin enlace designado") || strings.Contains(ended, "Unirse a esta") {
		t.Errorf("the page of what is no more speaks as if somebody attended there:\n%s", ended)
	}
	if got := r.value(t, `SELECT institution FROM comments WHERE id = $1`, th.public.ID); got != lerma {
		t.Errorf("the comment waits at %s", got)
	}
	slug = r.value(t, `SELECT slug FROM institutions WHERE id = $1`, lerma)
	if said := otto.text("/gestion/" + slug + "/comentarios"); !strings.Contains(said, th.public.Body) || !strings.Contains(said, "Secretaría de Prueba") {
		t.Errorf("the successor's inbox does not show it with where it comes from:\n%s", said)
	}
	for what, query := range map[string]string{
		"roles":       `SELECT COUNT(*) FROM role_grants WHERE institution = $1 AND until_at IS NULL`,
		"invitations": `SELECT COUNT(*) FROM invitations WHERE institution_id = $1 AND state = 'open'`,
		"requests":    `SELECT COUNT(*) FROM join_requests WHERE institution_id = $1 AND state = 'open'`,
	} {
		if n := r.value(t, query, th.body.ID); n != "0" {
			t.Errorf("%s %s are left at the institution that is no more", n, what)
		}
	}
	r.exported(t)
}

// work does the jobs that wait.
func (r *routed) work(t *testing.T) {
	t.Helper()
	if _, err := r.site.Runner.Drain(plaza.WithActor(t.Context(), plaza.SystemActor)); err != nil {
		t.Fatal(err)
	}
}

func TestAFeatureThatIsOffIsClosedAndItsFormsSaySo(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ada := r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	member, nobody := r.of(t, th.ana), r.newcomer(t)
	off := url.Values{}
	for _, f := range []string{"accounts", "comments", "follow_by_mail", "reports", "requests_to_join"} {
		off["feature."+f] = nil
	}
	if a := ada.fill(settings.Path, settings.Path, off); a.status != http.StatusSeeOther {
		t.Fatalf("switching everything off: %d", a.status)
	}
	if err := r.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	thread, object := comment.ThreadPath(th.public.On), th.public.On
	for _, c := range []struct {
		v            *visitor
		method, path string
	}{
		{nobody, "GET", "/cuenta/nueva"}, {nobody, "POST", "/cuenta/nueva"},
		{member, "GET", thread + "/escribir"}, {member, "POST", thread}, {member, "POST", th.public.Path() + "/editar"},
		{nobody, "POST", follow.Path},
		{nobody, "GET", moderation.ReportPath(object)}, {nobody, "POST", "/moderacion/avisar"},
		{member, "GET", th.body.Path() + "/unirse"},
	} {
		a := c.v.ask(c.method, c.path, url.Values{})
		if a.status != http.StatusForbidden || !strings.Contains(a.body, "cerrada") {
			t.Errorf("%s %s: %d, and does not say that it is closed", c.method, c.path, a.status)
		}
	}
	for _, v := range []*visitor{nobody, member} {
		page := v.page(thread)
		if page.Find("textarea").Length() > 0 || page.Find("a[href*='/escribir'], a[href*='/moderacion/avisar']").Length() > 0 ||
			!strings.Contains(page.Find("main").Text(), "los comentarios están cerrados") {
			t.Error("a thread offers what is closed, or does not say so")
		}
	}
	if page := nobody.page("/entrar"); page.Find("main a[href^='/cuenta/nueva']").Length() > 0 {
		t.Error("the sign-in page leads to a form that is closed")
	}
	if page := nobody.page(follow.FollowPath(object)); page.Find("main input[type=email]").Length() > 0 || !strings.Contains(page.Text(), "no se puede seguir por correo") {
		t.Error("the form to follow by mail is there")
	}
	if page := member.page(follow.FollowPath(object)); page.Find("main form[action='"+follow.MinePath+"']").Length() == 0 {
		t.Error("who has an account cannot follow any more")
	}
	if a := nobody.post("/seguir/baja/nada", url.Values{}); a.status == http.StatusForbidden {
		t.Error("nobody can stop the mails that they have")
	}
	if a := member.get(th.public.Path() + "/retirar"); a.status != http.StatusOK {
		t.Errorf("who said something cannot take it back: %d", a.status)
	}
}
