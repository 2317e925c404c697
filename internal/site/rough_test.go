package site_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/civic/follow"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

func TestTheTabsOfOnesAccountEndWithTheWayOut(t *testing.T) {
	r := serve(t)
	doc := r.of(t, r.person(t, "Ana López")).page("/mi/cuenta")
	var paths []string
	doc.Find(".Tabs a").Each(func(_ int, a *goquery.Selection) { paths = append(paths, a.AttrOr("href", "")) })
	want := "/mi/cuenta /mi/cuenta/contrasena /mi/cuenta/segundo-factor /mi/cuenta/identidades /mi/cuenta/sesiones " +
		"/mi/cuenta/claves /mi/cuenta/datos /mi/cuenta/borrar"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("the tabs are %s", got)
	}
}

func TestNobodyFollowsWhatThereIsNot(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ana, nobody, program := r.of(t, th.ana), r.newcomer(t), r.keyed(t, th, "follow")
	theme := r.theme(t)
	for _, c := range []struct {
		object string
		there  bool
	}{
		{th.public.On.String(), true}, {"institution:" + th.body.ID, true}, {"theme:" + theme, true},
		{"search:q=algo+que+nadie+ha+dicho", true}, {narrowed(catalog.FacetTheme, theme), true},
		{"theme:Un tema que no hay", false}, {"theme:" + strings.Repeat("x", 900), false}, {"theme:\x00", false},
		{"search:", false}, {"search:page=2", false}, {narrowed(catalog.FacetTheme, "Un tema que no hay"), false},
		{narrowed(catalog.FacetInstitution, "nadie"), false},
		{"dataset:nada", false}, {"resource:nada", false}, {"institution:nada", false}, {"comment:nada", false},
		{"case:nada", false}, {"case:" + th.waiting, false}, {"comment:" + th.held.ID, false}, {"comment:" + th.refused.ID, false},
		{"person:" + th.ana.ID, false}, {"nada", false}, {":", false}, {"", false},
	} {
		want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[c.there]
		if a := nobody.get(follow.Path + "?objeto=" + url.QueryEscape(c.object)); a.status != want {
			t.Errorf("the form for %.60q: %d, want %d", c.object, a.status, want)
		}
		if c.there {
			continue
		}
		typed := url.Values{"objeto": {c.object}, "email": {"alguien@ejemplo.mx"}, "often": {"daily"}, "app": {"1"}}
		for name, a := range map[string]answer{
			"by mail": nobody.post(follow.Path, typed), "with an account": ana.post(follow.MinePath, typed),
			"by a program": program.send(http.MethodPut, "/api/v1/me/follows", "application/json",
				fmt.Sprintf(`{"object":%q,"often":"daily","in_app":true,"by_mail":false}`, strings.ReplaceAll(c.object, "\x00", "0"))),
		} {
			if a.status != http.StatusNotFound && a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s %.60q: %d", name, c.object, a.status)
			}
		}
	}
	if n := r.value(t, `SELECT COUNT(*) FROM follows`); n != r.value(t, `SELECT COUNT(*) FROM follows WHERE object_id NOT LIKE '%nada%' AND object_id NOT LIKE '%no hay%'`) {
		t.Error("something that is not there is followed")
	}
}

// narrowed is a search that is narrowed to one value of a facet.
func narrowed(facet, value string) string {
	_, query, _ := strings.Cut(catalog.ListPath(facet, value), "?")
	return catalog.KindSearch + ":" + query
}

// theme is one that the catalogue has.
func (r *routed) theme(t *testing.T) string {
	t.Helper()
	id := r.value(t, `SELECT id FROM datasets WHERE state = 'published' AND record LIKE '%"Themes"%' ORDER BY id LIMIT 1`)
	ref := plaza.Ref{Kind: catalog.KindDataset, ID: id}
	for _, in := range r.card(t, ref).Within {
		if in.Kind == catalog.KindTheme {
			return in.ID
		}
	}
	t.Fatal("no dataset has a theme")
	return ""
}

// keyed is a program with an access token that is good for one thing.
func (r *routed) keyed(t *testing.T, th *things, scope string) *visitor {
	t.Helper()
	for _, k := range r.keys(t, th) {
		if k.name == "una clave para "+scope {
			return k.v
		}
	}
	t.Fatalf("no token for %s", scope)
	return nil
}
