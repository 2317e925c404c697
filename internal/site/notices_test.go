package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/follow"
	"plaza/internal/plaza"
	"plaza/internal/site/settings"
)

// mailTo is the last mail to somebody: its subject and both of its texts.
func (r *routed) mailTo(t *testing.T, p account.Person) string {
	t.Helper()
	dbtest.Advance(r.site.DB, time.Minute) // so that it is the last one
	if err := r.site.Follow.Tell(plaza.WithActor(t.Context(), plaza.SystemActor)); err != nil {
		t.Fatal(err)
	}
	r.work(t)
	return r.value(t, `SELECT subject || ' / ' || body_text || ' / ' || body_html FROM outbox WHERE address = $1 AND kind <> 'test' ORDER BY id DESC LIMIT 1`, p.Email)
}

// lacks names what a text should say and does not.
func lacks(text string, parts ...string) (out []string) {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			out = append(out, p)
		}
	}
	return out
}

func TestWhomItConcernsIsSpokenTo(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ada := r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	object := r.value(t, `SELECT title FROM datasets WHERE id = $1`, th.public.On.ID)
	r.decides(ada, th.held, "dejar-pasar", "in_order", "")
	if m := r.mailTo(t, th.ana); lacks(m, "Su comentario ya es público en "+object, th.held.Path()) != nil {
		t.Errorf("of what was let through: %s", m)
	}
	decision := r.decides(ada, th.public, "ocultar", "off_topic", "No va aquí.")
	m := r.mailTo(t, th.ana)
	if lacks(m, "Su comentario fue ocultado. Razón: No tiene que ver con el tema.", "puede pedir que se revise", "/moderacion/decisiones/"+decision) != nil {
		t.Errorf("of what was hidden: %s", m)
	}
	if page := r.of(t, th.ana).text("/mi"); !strings.Contains(page, "Su comentario fue ocultado.") {
		t.Errorf("her page says: %s", page)
	}
	otto := r.person(t, "Otto Enlace", plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID})
	if m := r.mailTo(t, otto); lacks(m, "Usted es ahora Enlace de Datos Abiertos de "+th.body.Name) != nil {
		t.Errorf("of a new role: %s", m)
	}
	r.write(t, func(tx *db.Tx) error { return account.RevokeRole(tx, otto.ID, plaza.Liaison, th.body.ID) })
	if m := r.mailTo(t, otto); lacks(m, "Su papel de Enlace de Datos Abiertos en "+th.body.Name+" terminó.") != nil {
		t.Errorf("of a role that ended: %s", m)
	}
}

func TestWhoWroteItSeesAtItsPlaceWhatBecameOfIt(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ada := r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	ana, eva := r.of(t, th.ana), r.of(t, r.person(t, "Eva Otra"))
	dbtest.Advance(r.site.DB, time.Minute) // so that this decision is the last one
	decision := r.decides(ada, th.public, "ocultar", "off_topic", "No va aquí.")
	link := "main a[href='/moderacion/decisiones/" + decision + "']"
	thread := "/comentarios/" + th.public.On.Kind + "/" + th.public.On.ID
	object := "/datos/" + r.value(t, `SELECT slug FROM datasets WHERE id = $1`, th.public.On.ID)
	for _, path := range []string{object, thread, th.public.Path(), "/mi/comentarios"} {
		if n := ana.page(path).Find(link).Length(); n != 1 {
			t.Errorf("%s leads her %d times to the decision", path, n)
		}
	}
	for _, path := range []string{object, thread} {
		if said := ana.text(path); !strings.Contains(said, "Su comentario espera revisión") {
			t.Errorf("%s does not say that hers waits: %s", path, said)
		}
		for _, v := range []*visitor{eva, r.newcomer(t)} {
			page := v.page(path)
			if page.Find(link).Length() > 0 || strings.Contains(page.Find("main").Text(), "espera revisión") {
				t.Errorf("%s tells others what became of it", path)
			}
		}
	}
	r.write(t, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE comments SET state = 'held' WHERE id = $1`, th.public.ID)
		return err
	})
	if said := ana.text(thread); strings.Contains(said, "Nadie ha comentado") || !strings.Contains(said, "2 comentarios suyos esperan") {
		t.Errorf("where only hers wait: %s", said)
	}
}

func TestWhatIsHiddenBeforeTheDigestLeavesInNoMail(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ada := r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	fe := r.person(t, "Fe Lectora")
	r.by(t, fe.Actor(), func(tx *db.Tx) error {
		_, err := follow.Put(tx, th.held.On, follow.Choice{Often: follow.Daily, InApp: true, ByMail: true})
		return err
	})
	r.decides(ada, th.held, "dejar-pasar", "in_order", "")
	r.work(t)
	for _, path := range []string{follow.NoticesPath, "/mi"} {
		if page := r.of(t, fe).text(path); lacks(page, "Ana López", th.held.Body) != nil {
			t.Errorf("%s does not quote the comment: %s", path, page)
		}
	}
	r.decides(ada, th.held, "ocultar", "off_topic", "No va aquí.")
	dbtest.Advance(r.site.DB, 24*time.Hour)
	if err := r.site.Follow.Digest(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := r.mailTo(t, fe)
	if lacks(m, "Se comentó en ", th.held.Path()) != nil || strings.Contains(m, th.held.Body) || strings.Contains(m, "Ana López") {
		t.Errorf("the digest: %s", m)
	}
}

func TestMailsCallThePlaceByTheNameThatItHasNow(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	ada := r.of(t, r.person(t, "Alba Central", plaza.Grant{Role: plaza.Admin}))
	if a := ada.fill(settings.Path, settings.Path, url.Values{"site": {"Datos de Aquí"}}); a.status != http.StatusSeeOther {
		t.Fatalf("naming the place: %d", a.status)
	}
	if err := r.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := r.newcomer(t).fill("/entrar", "/entrar", url.Values{"email": {th.ana.Email}}); a.status >= 400 {
		t.Fatalf("asking for a link: %d", a.status)
	}
	fe := r.person(t, "Fe Lectora", plaza.Grant{Role: plaza.Liaison, Institution: th.body.ID})
	for _, p := range []account.Person{th.ana, fe} {
		if m := r.mailTo(t, p); lacks(m, "Datos de Aquí") != nil || strings.Contains(m, "Plaza") {
			t.Errorf("a mail: %s", m)
		}
	}
}
