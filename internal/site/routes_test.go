package site_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/site"
	"plaza/internal/site/demo"
)

// routed is a site with the demonstration behind a real server.
type routed struct {
	*httptest.Server
	site  *site.Site
	shell *web.Shell
	watch *record.Watcher
}

func serve(t *testing.T) *routed {
	t.Helper()
	return behind(t, copied(t, nil))
}

// behind puts a site behind a server.
func behind(t *testing.T, s *site.Site) *routed {
	t.Helper()
	w, err := record.Watch(t.Context(), s.DB)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Search.Sync(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	pages, err := s.Pages(w)
	if err != nil {
		t.Fatal(err)
	}
	r := &routed{site: s, shell: pages.Shell, watch: w}
	r.Server = httptest.NewServer(pages.Shell)
	t.Cleanup(r.Close)
	return r
}

// page is a page as a visitor gets it.
func (r *routed) page(t *testing.T, path string) *goquery.Document {
	t.Helper()
	res := webtest.Get(t, r.shell, path)
	if res.Code != http.StatusOK {
		t.Fatalf("GET %s = %d", path, res.Code)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// walker is one of those who ask for every route.
type walker struct {
	name  string
	actor plaza.Actor // what the table is asked for
	v     *visitor
	api   bool // asks for interfaces only: it is an access token
}

// walkers are one of each role, those who may little first: what they are refused has to
// be there still.
func (r *routed) walkers(t *testing.T, th *things) (all []walker) {
	t.Helper()
	here, there := th.body.ID, demo.InstitutionID("LERMA")
	for _, w := range []struct {
		name   string
		grants []plaza.Grant
	}{
		{"un miembro", nil},
		{"un enlace suspendido", []plaza.Grant{{Role: plaza.Liaison, Institution: here}}},
		{"el enlace de otra", []plaza.Grant{{Role: plaza.Liaison, Institution: there}}},
		{"el moderador de otra", []plaza.Grant{{Role: plaza.Moderator, Institution: there}}},
		{"un juez", []plaza.Grant{{Role: plaza.Judge}}},
		{"comunicaciones", []plaza.Grant{{Role: plaza.Communications, Institution: here}}},
		{"transparencia", []plaza.Grant{{Role: plaza.Transparency, Institution: here}}},
		{"la responsable de datos", []plaza.Grant{{Role: plaza.DataOwner, Institution: here}}},
		{"su moderador", []plaza.Grant{{Role: plaza.Moderator, Institution: here}}},
		{"un moderador", []plaza.Grant{{Role: plaza.Moderator}}},
		{"un moderador con parte", []plaza.Grant{{Role: plaza.Moderator}, {Role: plaza.Communications, Institution: here}}},
		{"el enlace", []plaza.Grant{{Role: plaza.Liaison, Institution: here}}},
		{"la coordinadora", []plaza.Grant{{Role: plaza.Admin}}},
	} {
		p := r.person(t, w.name, w.grants...)
		v := r.of(t, p)
		if strings.HasSuffix(w.name, "suspendido") {
			r.write(t, func(tx *db.Tx) error { return account.Suspend(tx, p.ID, time.Time{}, "x") })
			r.read(t, func(tx *db.Tx) (err error) { p, err = account.ByID(tx, p.ID); return err })
		}
		all = append(all, walker{name: w.name, actor: p.Actor(), v: v})
	}
	nobody := r.newcomer(t)
	return append(append([]walker{{name: "un visitante", v: nobody}}, r.keys(t, th)...), all...)
}

// keys are access tokens of a liaison that are good for one thing each; and one of them
// on the pages, where it opens nothing.
func (r *routed) keys(t *testing.T, th *things) (all []walker) {
	t.Helper()
	p := r.person(t, "Luis Clave", plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID}, plaza.Grant{Role: plaza.Admin})
	for _, scope := range access.Scopes {
		var secret string
		r.write(t, func(tx *db.Tx) (err error) {
			secret, err = r.site.Accounts.MakeKey(tx, p.ID, account.NewKey{Name: scope.Name, Scopes: []string{scope.Name}, Expires: tx.Now.Add(time.Hour)})
			return err
		})
		v := r.newcomer(t)
		v.key = secret
		actor := p.Actor()
		actor.Limited, actor.Scopes = true, []string{scope.Name}
		all = append(all, walker{name: "una clave para " + scope.Name, actor: actor, v: v, api: true})
	}
	return append(all, walker{name: "una clave en las páginas", v: all[0].v})
}

// skipped are routes that one walk cannot ask for: files that are no pages, and what ends
// the session or the account that asks.
func skipped(method, path string) bool {
	return strings.HasPrefix(path, "/assets/") || method == http.MethodPost && (path == "/salir" || path == "/mi/cuenta/sesiones/cerrar")
}

// exact is the object of a route's question where the wildcards say it whole, and
// whether they do.
func (th *things) exact(pattern string, who plaza.Actor) (access.Object, bool) {
	switch {
	case strings.Contains(pattern, "{institution}"), strings.Contains(pattern, "{case}"):
		return access.Object{Institution: th.body.ID, Owner: who.PersonID}, true
	case strings.Contains(pattern, "{comment}"):
		return access.Object{Institution: th.body.ID, Owner: th.ana.ID}, true
	}
	return access.Object{}, false
}

// TestEveryRouteAsksTheTableForEveryRole asks for each route as each role. Where the
// address says what is asked about, the answer is the table's both ways; elsewhere nobody
// gets more than the table gives, and who has a role for the whole platform no less.
func TestEveryRouteAsksTheTableForEveryRole(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	routes := r.shell.Routes()
	if len(routes) < 200 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, w := range r.walkers(t, th) {
		for _, route := range routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			api := strings.HasPrefix(path, "/api/")
			if skipped(method, path) || w.v.key != "" && w.api != api {
				continue
			}
			if !access.Known(access.Action(route.Action)) {
				t.Errorf("%s asks for %q, which the table does not know", route.Pattern, route.Action)
				continue
			}
			a := w.v.ask(method, th.fill(path), url.Values{})
			th.judge(t, w, route, a)
		}
	}
}

// judge compares an answer with what the table says.
func (th *things) judge(t *testing.T, w walker, route web.Route, a answer) {
	t.Helper()
	action := access.Action(route.Action)
	may := access.Could(w.actor, action)
	on, exact := th.exact(route.Pattern, w.actor)
	method, path, _ := strings.Cut(route.Pattern, " ")
	if strings.HasPrefix(path, "/api/v1/") && method != http.MethodGet {
		if w.v.key == "" { // a cookie, which a browser sends along by itself, writes nothing
			may = false
		}
		exact = false // what is sent is looked at before what it is sent to
	}
	if exact {
		may = access.Can(w.actor, action, on)
	}
	somewhere := strings.Contains(w.name, "enlace") // a role that is for one institution
	for _, g := range w.actor.Grants {
		somewhere = somewhere || g.Institution != ""
	}
	refused := a.refused()
	hidden := a.status == http.StatusNotFound && exact // that it exists is not for everybody
	switch {
	case a.status >= 500:
		t.Errorf("%s as %s: %d", route.Pattern, w.name, a.status)
	case !may && !refused && !hidden:
		t.Errorf("%s as %s: %d, and the table does not let them", route.Pattern, w.name, a.status)
	case may && refused && (exact || !somewhere) && !asksMore(route.Pattern):
		t.Errorf("%s as %s: %d, and the table lets them", route.Pattern, w.name, a.status)
	}
	if refused && strings.Contains(a.header.Get("Cache-Control"), "public") {
		t.Errorf("%s as %s: a refusal may be kept by caches", route.Pattern, w.name)
	}
}

// asksMore reports whether a route without an institution in its address asks for more
// than its action: whose the thing is, for the accounts to be seen where one of them is
// changed, or to sign in, which is what it is for.
func asksMore(pattern string) bool {
	return strings.Contains(pattern, " /consultas/{folio}/") || strings.Contains(pattern, "{decision}/apelar") || strings.Contains(pattern, "{key}") || strings.HasSuffix(pattern, "/tools/{tool}/draft") || strings.Contains(pattern, "/admin/personas/") ||
		strings.HasSuffix(pattern, "/consultas/nueva/entrar") ||
		strings.HasSuffix(pattern, "/responder") || strings.HasSuffix(pattern, "/corregir") || // who has just lost a role keeps what they typed
		strings.HasSuffix(pattern, "/firmar/{draft}") // the coordination signs only where nobody of the institution can
}
