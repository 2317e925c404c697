package site_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/outbox"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// letterLink is an address in a mail, and letterHole what was not filled in.
var (
	letterLink = regexp.MustCompile(`https?://[^\s"<>]+`)
	letterHole = regexp.MustCompile(`\{[a-z_]+\}|<no value>|\b(account|membership|notify|record)\.[a-z_]+\.[a-z_.]+`)
)

// writes has most kinds of mail written: to who asks for something and to whom it concerns.
// A link to sign in is mailed only where there is a mail server.
func (p *post) writes(t *testing.T) {
	t.Helper()
	th := p.things(t)
	chief := p.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin})
	p.delivers(t)
	v, form := p.newcomer(t), follow.FollowPath(th.public.On)
	for _, f := range []struct {
		path  string
		typed url.Values
	}{
		{"/cuenta/nueva", url.Values{"email": {th.ana.Email}, "name": {"Ana"}}},
		{"/cuenta/nueva", url.Values{"email": {"rosa@ejemplo.mx"}, "name": {"Rosa"}}},
	} {
		if a := v.post(f.path, f.typed); a.status != http.StatusSeeOther {
			t.Fatalf("POST %s: %d", f.path, a.status)
		}
	}
	lena := url.Values{"email": {"lena@ejemplo.mx"}, "often": {"daily"}}
	v.fill(form, follow.Path, lena)
	p.delivers(t)
	v.confirms(p.posted(t, "lena@ejemplo.mx", "/seguir/confirmar/"))
	v.fill(form, follow.Path, lena)
	v.fill(cases.AskPath+"?clase=question", cases.AskPath+"/correo", url.Values{"titulo": {"¿Qué es?"}, "texto": {"No lo entiendo."}, "correo": {"lena@ejemplo.mx"}})
	v.confirms(p.posted(t, "lena@ejemplo.mx", "/consultas/mia/confirmar/"))
	ana := p.of(t, th.ana)
	ana.sees("/mi/cuenta", "/mi/cuenta/correo", url.Values{"email": {"otra.ana@ejemplo.mx"}})
	ana.sees("/mi/cuenta/contrasena", "/mi/cuenta/contrasena", url.Values{"new": {"tres caballos verdes trotan lejos"}})
	if a := ana.post("/moderacion/decisiones/"+th.known["decision"]+"/apelar", url.Values{"text": {"No estoy de acuerdo."}}); a.status != http.StatusSeeOther {
		t.Fatalf("appealing: %d", a.status)
	}
	p.by(t, chief.Actor(), func(tx *db.Tx) error {
		return p.site.Members.Decide(tx, th.body.ID, th.known["request"], membership.Decision{Reason: "No trabaja aquí."})
	})
	p.delivers(t)
}

// posted is the path of the link that leads under one in a mail to an address.
func (p *post) posted(t *testing.T, to, under string) string {
	t.Helper()
	for _, m := range p.letters(t) {
		for _, link := range letterLink.FindAllString(m.Text, -1) {
			if path := strings.TrimPrefix(link, p.site.Config.BaseURL); m.To == to && strings.HasPrefix(path, under) {
				return path
			}
		}
	}
	t.Fatalf("no mail to %s leads under %s", to, under)
	return ""
}

// letters are all mails that the site has written.
func (p *post) letters(t *testing.T) (all []outbox.Mail) {
	t.Helper()
	p.read(t, func(tx *db.Tx) error {
		list, err := outbox.List(tx, "", "", 200)
		for _, m := range list {
			full, err := outbox.Get(tx, m.ID)
			if err != nil {
				return err
			}
			all = append(all, full)
		}
		return err
	})
	return all
}

func TestEveryMailSaysWhoWritesAndLeadsOnInTextAndHTML(t *testing.T) {
	p := &post{routed: serve(t)}
	p.writes(t)
	kinds := map[string]bool{}
	for _, m := range p.letters(t) {
		if m.Kind == "test" {
			continue // made by the test itself
		}
		kinds[m.Kind] = true
		name := m.Kind + " «" + m.Subject + "»"
		if m.HTML == "" || !strings.Contains(m.HTML, "<html lang=") {
			t.Errorf("%s has no HTML", name)
			continue
		}
		shown := html.UnescapeString(m.HTML)
		if hole := letterHole.FindString(m.Subject + m.Text + shown); hole != "" {
			t.Errorf("%s says %q", name, hole)
		}
		if !strings.Contains(m.Text, "Plaza") || !strings.Contains(shown, "Plaza") {
			t.Errorf("%s does not say who writes:\n%s", name, m.Text)
		}
		links := letterLink.FindAllString(m.Text, -1)
		if len(links) == 0 {
			t.Errorf("%s leads nowhere:\n%s", name, m.Text)
		}
		for _, link := range links {
			if !strings.HasPrefix(link, p.site.Config.BaseURL) || !strings.Contains(shown, link) {
				t.Errorf("%s leads to %s in its text alone, or elsewhere", name, link)
			}
		}
	}
	for _, kind := range []string{"account.signup_mail", "account.email", "account.notice", "membership.request",
		"membership.invitation_mail", "follow.confirm", "notify.now", "case.confirm"} {
		if !kinds[kind] {
			t.Errorf("no mail of the kind %s was written: %v", kind, kinds)
		}
	}
}
