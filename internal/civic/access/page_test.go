package access_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

func shell(t *testing.T) *web.Shell {
	t.Helper()
	s := webtest.New(t, func(c *web.Config) { c.Authorize = access.Authorize }, access.Locale)
	if err := access.Mount(s, func() []string { return []string{"comments"} }); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestThePageSaysWhatTheTableSays(t *testing.T) {
	s := shell(t)
	for lang, read := range map[string]string{
		"es": "Leer un catálogo de origen ahora = Enlace de Datos Abiertos, solo en su institución; " +
			"Coordinación de la plataforma; Plaza misma: sus tareas y los comandos de quien la opera",
		"en": "Harvest a source catalogue now = Open Data Liaison, in their own institution only; " +
			"Platform coordination; Plaza itself: its jobs and its operator's commands",
	} {
		w := webtest.Get(t, s, access.Path+"?lang="+lang)
		if w.Code != http.StatusOK {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		doc, err := goquery.NewDocumentFromReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		rows := map[string]bool{}
		doc.Find("main tbody tr").Each(func(_ int, row *goquery.Selection) {
			rows[row.Find("th").Text()+" = "+row.Find("td").Text()] = true
		})
		if told := len(access.Actions()); len(rows) != told {
			t.Errorf("%s: %d rows for %d actions", lang, len(rows), told)
		}
		if !rows[read] {
			t.Errorf("%s: no row %q in %v", lang, read, rows)
		}
		if text := doc.Find("main").Text(); strings.Contains(text, "access.") {
			t.Errorf("%s: a message is missing: %s", lang, text)
		}
	}
}

func TestEveryActionRoleAndRelationHasWords(t *testing.T) {
	bundle, err := i18n.New(access.Locale)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, a := range access.Actions() {
		keys["access.action."+string(a)] = true
	}
	for _, l := range access.Lines() {
		keys["access.who."+l.Relation.String()] = true
	}
	for _, f := range access.Features {
		keys["access.feature."+f.Name] = true
	}
	for _, s := range access.Scopes {
		keys["access.scope."+s.Name] = true
	}
	for _, r := range []plaza.Role{plaza.Visitor, plaza.Holder, plaza.Member, plaza.Liaison, plaza.DataOwner, plaza.Transparency,
		plaza.Communications, plaza.Judge, plaza.Moderator, plaza.Admin, plaza.System} {
		keys["access.role."+string(r)] = true
	}
	for key := range keys {
		if !bundle.Has(key) {
			t.Errorf("no message %s", key)
		}
	}
	for _, key := range bundle.Keys() {
		if strings.HasPrefix(key, "access.action.") && !keys[key] {
			t.Errorf("the message %s is of no action", key)
		}
	}
	for _, problem := range i18n.CheckCatalogues(access.Locale) {
		t.Error(problem)
	}
	for _, problem := range webtest.CheckTemplates(shell(t)) {
		t.Error(problem)
	}
}

func TestARouteLetsThroughWhoMayActOnSomeObject(t *testing.T) {
	for _, c := range []struct {
		name   string
		actor  plaza.Actor
		action access.Action
		want   error
	}{
		{"a liaison at a source, of which the handler knows the institution", with(plaza.Liaison, "i1"), access.SourceRun, nil},
		{"a liaison at the central pages", with(plaza.Liaison, "i1"), access.AdminSee, plaza.E(plaza.Forbidden, "")},
		{"a visitor at a source", plaza.Actor{}, access.SourceRun, plaza.E(plaza.Unauthenticated, "")},
		{"an admin at what does not exist", with(plaza.Admin, ""), "catalogue.burn", plaza.E(plaza.Forbidden, "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := access.Authorize(plaza.WithActor(context.Background(), c.actor), string(c.action))
			if (err == nil) != (c.want == nil) || plaza.KindOf(err) != plaza.KindOf(c.want) {
				t.Errorf("Authorize = %v, want kind %v", err, plaza.KindOf(c.want))
			}
		})
	}
}
