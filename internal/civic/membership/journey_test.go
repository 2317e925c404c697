package membership_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/membership"
	"plaza/internal/plaza"
)

func TestAnInstitutionComesOnBoard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin := w.as(w.admin)
		office := "/gestion/" + w.body.Slug
		admin.says(admin.get(office), "Sin enlace designado", "coordinación", "Designe al Enlace")

		res := admin.upload(office+"/enlace", "oficio.pdf", []byte(pdf), "email", "ana@salud.ejemplo.mx", "number", "SS/123/2026", "dated", "2026-11-20")
		if admin.want(res, http.StatusSeeOther); !strings.HasSuffix(res.header.Get("Location"), "enlace-invitado") {
			t.Errorf("led to %s", res.header.Get("Location"))
		}
		link := w.letterTo("ana@salud.ejemplo.mx")
		visitor := w.browser()
		page := visitor.want(visitor.get(link), http.StatusOK)
		visitor.says(page, "Institución SALUD", "Enlace de Datos Abiertos", "a…@salud.ejemplo.mx")
		if !strings.Contains(page.body, `href="/cuenta/nueva?volver=`+url.QueryEscape(link)) {
			t.Errorf("the page does not lead to a new account and back: %s", page.body)
		}
		if strings.Contains(page.body, "ana@salud") {
			t.Error("the page shows the whole address to a visitor")
		}
		visitor.want(visitor.post(link), http.StatusUnauthorized)

		ana := w.person("Ana@SALUD.ejemplo.mx", "Ana Ñúñez")
		as := w.as(ana)
		as.says(as.get(link), "Va a aceptar como Ana Ñúñez")
		res = as.want(as.post(link), http.StatusSeeOther)
		if want := office + "?hecho=bienvenida"; res.header.Get("Location") != want {
			t.Errorf("led to %q, want %q", res.header.Get("Location"), want)
		}
		as.says(as.get(office+"?hecho=bienvenida"), "Le damos la bienvenida", "Enlace de Datos Abiertos",
			"Falta quien supla al Enlace", "Faltan las áreas", "Falta el horario de atención")
		as.says(as.get("/gestion"), "Institución SALUD")
		w.work()
		if n := w.entries("institution.staffed"); n != 1 {
			t.Errorf("%d entries say that there is a liaison, want 1", n)
		}

		as.want(as.post(office+"/integrantes/invitar", "email", "bea@salud.ejemplo.mx", "role_data_owner", "1", "role_transparency", "1"), http.StatusSeeOther)
		as.says(as.get(office), "1 invitación sin respuesta")
		bea := w.person("bea@salud.ejemplo.mx", "Bea")
		asBea := w.as(bea)
		asBea.want(asBea.get(office), http.StatusForbidden)
		asBea.want(asBea.post(w.letterTo("bea@salud.ejemplo.mx")), http.StatusSeeOther)
		as.says(as.get(office+"/integrantes"), "Bea", "bea@salud.ejemplo.mx", "Enlace de transparencia", "Área generadora")
		if a := asBea.want(asBea.get(office), http.StatusOK); strings.Contains(a.body, "Faltan las áreas") {
			t.Error("who may not add areas is asked for them")
		}
		if a := as.get(office); strings.Contains(a.body, "Falta quien supla") || strings.Contains(a.body, "Designe al Enlace") {
			t.Error("the page still asks for people who are there")
		}
		asBea.want(asBea.get(office+"/integrantes/invitar"), http.StatusForbidden)
	})
}

func TestTwoHundredAcceptOneInvitationAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, link := w.invite(w.again(w.admin), "ana@ejemplo.mx", plaza.DataOwner)
		secret := strings.TrimPrefix(link, "/invitaciones/")
		ana := w.person("ana@ejemplo.mx", "Ana")
		var wg, open sync.WaitGroup
		open.Add(10) // connections: none of the 200 is late for want of one
		for range 10 {
			wg.Go(func() {
				_ = d.Read(t.Context(), func(*db.Tx) error { open.Done(); open.Wait(); return nil })
			})
		}
		wg.Wait()
		errs := make([]error, 200)
		for n := range errs {
			wg.Go(func() {
				errs[n] = d.Write(as(t.Context(), ana), func(tx *db.Tx) error {
					_, err := w.members.Accept(tx, secret)
					return err
				})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case plaza.KindOf(err) != plaza.NotFound:
				t.Errorf("Accept = %v", err)
			}
		}
		grants := w.scalar(`SELECT COUNT(*) FROM role_grants WHERE person_id = $1`, ana.ID)
		if told := w.entries("invitation.accepted"); won != 1 || grants != 1 || told != 1 {
			t.Errorf("%d accepted, %d grants, %d entries; want one of each", won, grants, told)
		}
	})
}

func TestALinkThatDoesNotWorkSaysWhyAndDoesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin := w.again(w.admin)
		for n, c := range []struct {
			name   string
			status int
			says   string
			before func(i membership.Invitation, link string, b *browser) string
		}{
			{"unknown", http.StatusGone, "no existe", func(_ membership.Invitation, _ string, _ *browser) string {
				return "/invitaciones/" + strings.Repeat("A", 26)
			}},
			{"taken already", http.StatusGone, "ya se usó", func(_ membership.Invitation, link string, b *browser) string {
				b.want(b.post(link), http.StatusSeeOther)
				return link
			}},
			{"revoked", http.StatusGone, "fue revocada", func(i membership.Invitation, link string, _ *browser) string {
				w.must(d.Write(as(t.Context(), admin), func(tx *db.Tx) error { return w.members.Revoke(tx, w.body.ID, i.ID) }))
				return link
			}},
			{"expired", http.StatusGone, "venció", func(_ membership.Invitation, link string, _ *browser) string {
				dbtest.Advance(d, 14*24*time.Hour)
				return link
			}},
		} {
			email := fmt.Sprintf("ana%d@ejemplo.mx", n)
			ana := w.person(email, "Ana")
			i, link := w.invite(admin, email, plaza.DataOwner)
			b := w.as(ana)
			link = c.before(i, link, b)
			if n == 3 {
				b = w.as(ana) // the session ended with the days
			}
			before := w.scalar(`SELECT COUNT(*) FROM role_grants`)
			b.says(b.want(b.get(link), c.status), c.says)
			b.says(b.want(b.post(link), c.status), c.says)
			if after := w.scalar(`SELECT COUNT(*) FROM role_grants`); after != before {
				t.Errorf("%s: %d roles became %d", c.name, before, after)
			}
		}
		_, link := w.invite(admin, "bea@ejemplo.mx", plaza.DataOwner)
		b := w.as(w.person("zoe@ejemplo.mx", "Zoe"))
		for _, a := range []answer{b.get(link), b.post(link)} {
			b.says(b.want(a, http.StatusForbidden), "es para otra dirección")
			if strings.Contains(a.body, "SALUD") {
				t.Error("an invitation to somebody else says to what")
			}
		}
		if n := w.scalar(`SELECT COUNT(*) FROM invitations WHERE state = 'open'`); n != 1 {
			t.Errorf("%d invitations are open", n)
		}
		w.work()
		if n := w.scalar(`SELECT COUNT(*) FROM invitations WHERE hash LIKE '%' || $1 || '%'`, strings.TrimPrefix(link, "/invitaciones/")); n != 0 {
			t.Error("the secret lies in the store")
		}
	})
}

func TestWhoMayInviteToWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		liaison := w.liaison("ana@ejemplo.mx", "Ana", w.body.ID)
		other := w.liaison("eva@ejemplo.mx", "Eva", w.sector.ID)
		owner := w.person("leo@ejemplo.mx", "Leo")
		w.grant(owner, plaza.DataOwner, w.body.ID)
		for _, c := range []struct {
			name string
			by   account.Person
			role plaza.Role
			want plaza.Kind
			ok   bool
		}{
			{"the liaison, a data owner", liaison, plaza.DataOwner, 0, true},
			{"the liaison, the institution's moderator", liaison, plaza.Moderator, 0, true},
			{"the liaison, a liaison", liaison, plaza.Liaison, plaza.Invalid, false},
			{"the liaison, an admin", liaison, plaza.Admin, plaza.Invalid, false},
			{"an admin, a liaison without a letter", w.again(w.admin), plaza.Liaison, plaza.Invalid, false},
			{"another institution's liaison", other, plaza.DataOwner, plaza.Forbidden, false},
			{"a data owner", w.again(owner), plaza.DataOwner, plaza.Forbidden, false},
			{"a visitor", account.Person{}, plaza.DataOwner, plaza.Unauthenticated, false},
		} {
			err := d.Write(as(t.Context(), c.by), func(tx *db.Tx) error {
				_, err := w.members.Invite(tx, membership.Invitation{Institution: w.body.ID, Email: "n" + string(c.role) + c.by.ID[:min(1, len(c.by.ID))] + "@ejemplo.mx", Roles: []plaza.Role{c.role}})
				return err
			})
			if (err == nil) != c.ok || err != nil && plaza.KindOf(err) != c.want {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		_, err := w.members.Appoint(as(t.Context(), liaison), membership.Appointment{Institution: w.body.ID, Email: "x@ejemplo.mx", Number: "1", Dated: "2026-11-01", FileName: "a.pdf", File: []byte(pdf)})
		if plaza.KindOf(err) != plaza.Forbidden {
			t.Errorf("a liaison appoints another: %v", err)
		}
		b := w.as(liaison)
		b.want(b.get("/gestion/"+w.body.Slug+"/enlace"), http.StatusForbidden)
	})
}

func TestAFormThatIsWrongKeepsWhatWasTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b := w.as(w.liaison("ana@ejemplo.mx", "Ana", w.body.ID))
		path := "/gestion/" + w.body.Slug + "/integrantes/invitar"
		for _, c := range []struct {
			name  string
			pairs []string
			says  string
		}{
			{"nothing", nil, "Papeles: Elija al menos un papel."},
			{"no address", []string{"email", "esto no es", "role_data_owner", "1"}, "dirección de correo completa"},
			{"two headers", []string{"email", "a@ejemplo.mx\r\nBcc: b@ejemplo.mx", "role_data_owner", "1"}, "dirección de correo completa"},
			{"it ended", []string{"email", "bea@ejemplo.mx", "role_data_owner", "1", "until", "2020-01-01"}, "posterior al inicio"},
			{"no date", []string{"email", "bea@ejemplo.mx", "role_data_owner", "1", "from", "mañana"}, "de hoy en adelante"},
			{"in ten thousand years", []string{"email", "bea@ejemplo.mx", "role_data_owner", "1", "until", "9999-12-31"}, "no más de diez años"},
			{"another's area", []string{"email", "bea@ejemplo.mx", "role_data_owner", "1", "unit", "nada"}, "no es de la institución"},
			{"only a role that is not offered", []string{"email", "bea@ejemplo.mx", "role_liaison", "1"}, "Elija al menos un papel"},
		} {
			a := b.want(b.post(path, c.pairs...), http.StatusUnprocessableEntity)
			if b.says(a, c.says); len(c.pairs) > 1 && strings.Contains(c.pairs[1], "bea") && !strings.Contains(a.body, `value="bea@ejemplo.mx"`) {
				t.Errorf("%s: the address is gone", c.name)
			}
		}
		b.want(b.post(path, "email", "bea@ejemplo.mx", "role_data_owner", "1"), http.StatusSeeOther)
		b.says(b.want(b.post(path, "email", "BEA@ejemplo.mx", "role_data_owner", "1"), http.StatusUnprocessableEntity), "ya tiene una invitación")
		if n := w.scalar(`SELECT COUNT(*) FROM invitations`); n != 1 {
			t.Errorf("%d invitations, want 1", n)
		}
	})
}
