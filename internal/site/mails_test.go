package site_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/job"
	"plaza/internal/base/mail/mailtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/outbox/maildev"
	"plaza/internal/plaza"
	"plaza/internal/site"
	"plaza/internal/site/demo"
)

// post is a site whose mails go to a server that we did not write.
type post struct {
	*routed
	server *maildev.Server
}

func withMail(t *testing.T) *post {
	t.Helper()
	port := maildev.FreePort(t)
	s := copied(t, func(cfg *site.Config) { cfg.SMTP = maildev.URL(port) })
	return &post{behind(t, s), maildev.Start(t, port)}
}

// delivers tells whoever is to be told now and brings all mails that are due.
func (p *post) delivers(t *testing.T) {
	t.Helper()
	p.write(t, func(tx *db.Tx) error {
		_, _, err := job.Enqueue(tx, follow.Tell{}, job.Options{Unique: follow.Tell{}.Kind(), Queue: follow.Queue})
		return err
	})
	p.work(t)
}

// to are the mails that came to an address.
func (p *post) to(t *testing.T, address string) []mailtest.Message {
	t.Helper()
	return slices.DeleteFunc(p.server.Mails(t), func(m mailtest.Message) bool { return !slices.Contains(m.To, address) })
}

// only is the one mail to an address that has come besides those known.
func (p *post) only(t *testing.T, address string, known ...mailtest.Message) mailtest.Message {
	t.Helper()
	list := slices.DeleteFunc(p.to(t, address), func(m mailtest.Message) bool {
		return slices.ContainsFunc(known, func(k mailtest.Message) bool { return string(k.Raw) == string(m.Raw) })
	})
	if len(list) != 1 {
		t.Fatalf("%d new mails to %s, want 1", len(list), address)
	}
	if m := list[0]; m.Text == "" || m.HTML == "" || m.Header.Get("Message-Id") == "" {
		t.Errorf("the mail %q is not text and HTML: %q, %q", m.Subject(), m.Text, m.HTML)
	}
	return list[0]
}

// path is the path of the link in a mail that leads under one: its text and its HTML have
// the same.
func (p *post) path(t *testing.T, m mailtest.Message, under string) string {
	t.Helper()
	link := regexp.MustCompile(regexp.QuoteMeta(p.site.Config.BaseURL+under) + `[^\s"<]+`)
	text := link.FindString(m.Text)
	if text == "" || text != link.FindString(m.HTML) {
		t.Fatalf("%q has no link to %s, or two:\n%s\n%s", m.Subject(), under, m.Text, m.HTML)
	}
	return strings.TrimPrefix(text, p.site.Config.BaseURL)
}

// sees presses the button of a page and fails unless that leads on.
func (v *visitor) sees(path, action string, typed url.Values) answer {
	v.Helper()
	a := v.fill(path, action, typed)
	if a.status != http.StatusSeeOther {
		v.Fatalf("the form of %s: %d %s", path, a.status, strings.Join(strings.Fields(a.doc(v.T).Find("main").Text()), " "))
	}
	return a
}

// confirms presses the button of the page that a mailed link shows.
func (v *visitor) confirms(link string) {
	v.Helper()
	if v.page(link).Find("main form[method=post] button").Length() == 0 {
		v.Fatalf("%s shows no button", link)
	}
	if a := v.post(link, url.Values{}); a.status != http.StatusSeeOther {
		v.Fatalf("the button of %s: %d", link, a.status)
	}
}

// stops presses the one button that a mail program shows for a mail, which it finds by its
// headers, and returns where that goes.
func (p *post) stops(t *testing.T, m mailtest.Message) {
	t.Helper()
	if got := m.Header.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post: %q", got)
	}
	to := strings.Trim(m.Header.Get("List-Unsubscribe"), "<>")
	path, ours := strings.CutPrefix(to, p.site.Config.BaseURL)
	if !ours || !strings.Contains(m.Text, to) || !strings.Contains(m.HTML, to) {
		t.Errorf("List-Unsubscribe: %q, which the mail does not say:\n%s", to, m.Text)
	}
	if a := p.newcomer(t).post(path, url.Values{"List-Unsubscribe": {"One-Click"}}); a.status != http.StatusOK {
		t.Errorf("one press on stop: %d", a.status)
	}
}

// TestWhoFollowsGetsOneMailUntilTheyStop goes by mails alone: from a new account and an
// address without one to what happens, and to the end of it.
func TestWhoFollowsGetsOneMailUntilTheyStop(t *testing.T) {
	p := withMail(t)
	said := p.datasetAt(t, demo.InstitutionID("SALUD"))
	form := follow.FollowPath(said.Ref)
	const nadia, lena = "nadia@ejemplo.mx", "lena@ejemplo.mx"

	member := p.newcomer(t)
	member.sees("/cuenta/nueva", "/cuenta/nueva", url.Values{"name": {"Nadia Núñez"}, "email": {nadia}})
	p.delivers(t)
	welcome := p.only(t, nadia)
	link := p.path(t, welcome, "/cuenta/nueva/")
	member.confirms(link)
	member.sees(form, follow.MinePath, url.Values{"often": {"now"}, "mail": {"1"}})

	reader := p.newcomer(t)
	if a := reader.fill(form, follow.Path, url.Values{"email": {lena}, "often": {"daily"}}); a.status != http.StatusOK {
		t.Fatalf("following by mail: %d", a.status)
	}
	p.delivers(t)
	asked := p.only(t, lena)
	link = p.path(t, asked, "/seguir/confirmar/")
	reader.confirms(link)

	ana, ada := p.person(t, "Ana López"), p.person(t, "Ada Central", plaza.Grant{Role: plaza.Admin})
	p.happens(t, ana, ada, said, "Falta el archivo de mayo.")
	p.delivers(t)
	at := p.only(t, nadia, welcome)
	if len(p.to(t, lena)) != 1 {
		t.Error("a digest came before its hour")
	}
	p.happens(t, ana, ada, said, "Y también el de junio.")
	p.delivers(t)
	p.only(t, nadia, welcome, at) // the second, at once
	dbtest.Advance(p.site.DB, 24*time.Hour)
	p.delivers(t)
	digest := p.only(t, lena, asked)
	for _, m := range []mailtest.Message{at, digest} {
		for _, want := range []string{said.Title, "Porque sigue " + said.Title, p.site.Config.BaseURL} {
			if !strings.Contains(m.Text, want) || !strings.Contains(m.HTML, want) {
				t.Errorf("the mail does not say %q:\n%s\n%s", want, m.Text, m.HTML)
			}
		}
	}
	if n := strings.Count("\n"+digest.Text, "\n* "); n != 2 {
		t.Errorf("the digest does not tell of both:\n%s", digest.Text)
	}

	p.stops(t, at)
	p.stops(t, digest)
	p.says(t, ana, said, "Y el de julio.") // nobody checks what she says any more
	p.delivers(t)
	dbtest.Advance(p.site.DB, 8*24*time.Hour)
	p.delivers(t)
	if a, b := len(p.to(t, nadia)), len(p.to(t, lena)); a != 3 || b != 2 {
		t.Errorf("%d mails to who has an account and %d to who has none, want 3 and 2", a, b)
	}
}

// happens is somebody's comment that a moderator lets through.
func (p *post) happens(t *testing.T, by, moderator account.Person, on plaza.Card, text string) {
	t.Helper()
	c := p.says(t, by, on, text)
	p.decides(p.of(t, moderator), c, "dejar-pasar", "other", "Está bien.")
}
