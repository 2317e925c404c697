package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/site/demo"
)

// kept is an answer that gives nothing away and does nothing.
func kept(a answer) bool {
	return a.refused() || a.status == http.StatusNotFound
}

// TestWhatIsSomebodysOwnIsForNobodyElse has everybody who might want to ask for what is
// Ana's.
func TestWhatIsSomebodysOwnIsForNobodyElse(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	here := th.body.ID
	ana := r.of(t, th.ana)
	r.by(t, th.ana.Actor(), func(tx *db.Tx) error {
		_, err := follow.Put(tx, plaza.Ref{Kind: institution.Kind, ID: here}, follow.Choice{Often: follow.Daily, InApp: true})
		return err
	})
	r.write(t, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO notices (recipient, seq, why, in_app, created_at) VALUES ($1, 1, 'notify.why.reply', TRUE, $2)`, th.ana.ID, tx.Now)
		return err
	})
	session := ana.page("/mi/cuenta/sesiones").Find("form [name=sesion]").AttrOr("value", "")
	notice := r.value(t, `SELECT CAST(seq AS TEXT) FROM notices WHERE recipient = $1 AND read_at IS NULL ORDER BY seq LIMIT 1`, th.ana.ID)
	followed := r.value(t, `SELECT id FROM follows WHERE recipient = $1`, th.ana.ID)
	for name, v := range map[string]*visitor{
		"visitor": r.newcomer(t), "member": r.of(t, r.person(t, "Beto Ruiz")),
		"liaison":         r.of(t, r.person(t, "Elena Enlace", plaza.Grant{Role: plaza.Liaison, Institution: here})),
		"another liaison": r.of(t, r.person(t, "Otto Enlace", plaza.Grant{Role: plaza.Liaison, Institution: demo.InstitutionID("LERMA")})),
	} {
		for _, c := range []comment.Comment{th.public, th.held, th.refused} {
			for _, do := range []string{"/editar", "/retirar"} {
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					if a := v.ask(method, c.Path()+do, url.Values{"texto": {"Otra cosa"}, "version": {"1"}}); !kept(a) {
						t.Errorf("%s %s%s as %s: %d", method, c.Path(), do, name, a.status)
					}
				}
			}
			for _, see := range []string{"", "/versiones"} {
				if a := v.get(c.Path() + see); c.ID != th.public.ID && !kept(a) {
					t.Errorf("%s%s as %s: %d", c.Path(), see, name, a.status)
				}
			}
		}
		for path, form := range map[string]url.Values{
			"/mi/cuenta/claves/" + th.known["key"] + "/revocar":          {},
			"/moderacion/decisiones/" + th.known["decision"] + "/apelar": {"text": {"No estoy de acuerdo."}},
			"/mi/cuenta/sesiones/cerrar":                                 {"sesion": {session}},
		} {
			if a := v.post(path, form); !kept(a) {
				t.Errorf("POST %s as %s: %d", path, name, a.status)
			}
		}
		v.post(follow.MinePath, url.Values{"follow": {followed}, "do": {"stop"}})
		v.post(follow.NoticesPath, url.Values{"notice": {notice}})
		for _, path := range []string{"/mi/cuenta/datos.json", follow.MinePath, follow.NoticesPath, "/mi/comentarios", "/mi",
			"/moderacion/decisiones/" + th.known["decision"], "/api/v1/comments?on=" + url.QueryEscape(th.public.On.String()),
			comment.ThreadPath(th.public.On), comment.ThreadPath(th.public.On) + "/atom.xml", "/buscar?q=espera", "/bitacora"} {
			a := v.get(path)
			for _, secret := range []string{th.ana.Email, "Una nota que solo lee su autora.", "Lo que espera.", "Lo que no pasó."} {
				if strings.Contains(a.body, secret) {
					t.Errorf("GET %s as %s tells %q", path, name, secret)
				}
			}
		}
	}
	th.stillHers(t, r, ana, notice, followed)
}

// stillHers checks that what the others tried changed nothing, and that it is there for
// its owner.
func (th *things) stillHers(t *testing.T, r *routed, ana *visitor, notice, followed string) {
	t.Helper()
	program := r.newcomer(t)
	program.key = th.secret
	if a := program.get("/api/v1/me"); a.status != http.StatusOK {
		t.Errorf("her access token answers %d", a.status)
	}
	if said := ana.text("/moderacion/decisiones/" + th.known["decision"]); !strings.Contains(said, "Una nota que solo lee su autora.") {
		t.Error("she does not read the note to her")
	}
	for _, c := range []comment.Comment{th.public} { // what waits is not edited until it is decided
		if a := ana.get(c.Path() + "/editar"); a.status != http.StatusOK || !strings.Contains(a.body, c.Body) {
			t.Errorf("she edits %s: %d", c.Body, a.status)
		}
	}
	for query, id := range map[string]string{
		`SELECT COUNT(*) FROM notices WHERE CAST(seq AS TEXT) = $1 AND read_at IS NULL`: notice,
		`SELECT COUNT(*) FROM follows WHERE id = $1`:                                    followed,
	} {
		if r.value(t, query, id) != "1" {
			t.Errorf("%s of hers: none", query)
		}
	}
}

// TestAnInstitutionReachesNothingOfAnother has a liaison name another institution's
// things under the address of their own, where the table lets them do all of it.
func TestAnInstitutionReachesNothingOfAnother(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	lerma := demo.InstitutionID("LERMA")
	v := r.of(t, r.person(t, "Otto Enlace", plaza.Grant{Role: plaza.Liaison, Institution: lerma}))
	own := "/gestion/" + r.value(t, `SELECT slug FROM institutions WHERE id = $1`, lerma)
	if a := v.get(own); a.status != http.StatusOK {
		t.Fatalf("their own office: %d", a.status)
	}
	asked := 0
	for _, route := range r.shell.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		rest, ok := strings.CutPrefix(path, "/gestion/{institution}")
		if !ok || !strings.Contains(rest, "{") {
			continue
		}
		asked++
		a := v.ask(method, own+th.fill(rest), url.Values{})
		led := method == http.MethodGet && a.status == http.StatusSeeOther && strings.HasPrefix(a.location, "/consultas/") // to what everybody may read
		if !kept(a) && !led {
			t.Errorf("%s at another's office: %d", route.Pattern, a.status)
		}
	}
	if asked < 15 {
		t.Errorf("only %d routes", asked)
	}
	a := v.post(own+"/comentarios", url.Values{"comentario": {th.public.ID}, "comment": {th.public.ID}, "hacer": {"atender"}})
	if got := r.value(t, `SELECT attention FROM comments WHERE id = $1`, th.public.ID); got != "open" {
		t.Errorf("another's inbox is changed: %s (%d)", got, a.status)
	}
}
