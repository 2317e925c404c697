package membership_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/membership"
	"plaza/internal/plaza"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALetterIsWhatItSaysAndOnlyForWhoMaySeeIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin, ana := w.as(w.admin), w.person("ana@ejemplo.mx", "Ana")
		path := "/gestion/" + w.body.Slug + "/enlace"
		fields := []string{"email", ana.Email, "number", "SS/1/2026", "dated", "2026-11-20"}
		for _, c := range []struct {
			name, file string
			body       []byte
			says       string
		}{
			{"no file", "", nil, "Elija el archivo"},
			{"an empty file", "oficio.pdf", nil, "Elija el archivo"},
			{"a program", "oficio.pdf", []byte("MZ\x90\x00 esto no es"), "no es lo que su nombre dice"},
			{"a page", "oficio.png", []byte("<html><script>alert(1)</script>"), "no es lo que su nombre dice"},
			{"a drawing", "oficio.svg", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "no es lo que su nombre dice"},
			{"a picture that says it is a PDF", "oficio.pdf", picture(t), "no es lo que su nombre dice"},
			{"a PDF that says it is a picture", "oficio.png", []byte(pdf), "no es lo que su nombre dice"},
			{"a picture's first bytes", "oficio.png", picture(t)[:12], "no es lo que su nombre dice"},
			{"half a PDF", "oficio.pdf", []byte("%PDF-1.7\n1 0 obj"), "no es lo que su nombre dice"},
			{"six megabytes", "oficio.pdf", append(bytes.Repeat([]byte(" "), 6<<20), pdf...), "caben 5 MB"},
		} {
			a := admin.want(admin.upload(path, c.file, c.body, fields...), http.StatusUnprocessableEntity)
			if admin.says(a, c.says); !strings.Contains(a.body, `value="SS/1/2026"`) {
				t.Errorf("%s: what was typed is gone", c.name)
			}
		}
		if res := admin.upload(path, "oficio.pdf", make([]byte, 16<<20), fields...); res.status != http.StatusRequestEntityTooLarge {
			t.Errorf("sixteen megabytes: %d", res.status)
		}
		for _, c := range []struct{ field, value, says string }{
			{"number", "", "número del oficio"}, {"dated", "2027-01-01", "no posterior a hoy"}, {"dated", "ayer", "no posterior a hoy"},
			{"email", "nadie", "dirección de correo"}, {"until", "2020-01-01", "posterior al inicio"}, {"unit", "nada", "no es de la institución"},
		} {
			form := append([]string{}, fields...)
			for i := 0; i < len(form); i += 2 {
				if form[i] == c.field {
					form[i+1] = c.value
				}
			}
			admin.says(admin.want(admin.upload(path, "oficio.pdf", []byte(pdf), append(form, c.field, c.value)...), http.StatusUnprocessableEntity), c.says)
		}
		stored := 0
		w.must(w.blobs.List(t.Context(), func(blob.Info) error { stored++; return nil }))
		if stored != 0 {
			t.Errorf("%d files are kept of forms that were refused", stored)
		}

		admin.want(admin.upload(path, "Oficio.PDF", []byte(pdf), fields...), http.StatusSeeOther)
		var id string
		w.read(func(tx *db.Tx) error { return tx.Row(`SELECT id FROM letters`).Scan(&id) })
		letter := "/gestion/" + w.body.Slug + "/oficios/" + id
		for _, b := range []*browser{admin, w.as(ana)} {
			a := b.want(b.get(letter), http.StatusOK)
			if a.body != pdf || a.header.Get("Content-Type") != "application/pdf" ||
				!strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") ||
				!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") ||
				!strings.Contains(a.header.Get("Cache-Control"), "no-store") {
				t.Errorf("the letter comes with %v", a.header)
			}
		}
		stranger := w.as(w.liaison("eva@ejemplo.mx", "Eva", w.sector.ID))
		stranger.want(stranger.get(letter), http.StatusForbidden)
		stranger.want(stranger.get("/gestion/"+w.sector.Slug+"/oficios/"+id), http.StatusNotFound)
		visitor := w.browser()
		visitor.want(visitor.get(letter), http.StatusSeeOther) // to sign in
	})
}

func TestThePublicPageSaysWhoAttendsAndNoAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.shell.Handle("GET /instituciones/{institution}", web.Route{Name: "test.public"}, func(rw http.ResponseWriter, r *http.Request) error {
			return d.Read(r.Context(), func(tx *db.Tx) error {
				around, err := w.members.Around(tx, w.shell.Page(r, ""), plaza.Card{Ref: w.body.Ref()})
				for _, part := range append(around.Head, around.Foot...) {
					_, _ = io.WriteString(rw, "<main>"+string(part)+"</main>")
				}
				return err
			})
		})
		visitor := w.browser()
		path := w.body.Path()
		visitor.says(visitor.get(path), "Sin enlace designado", "coordinación", "Unirse a esta institución")
		ana := w.liaison("ana@ejemplo.mx", "Ana Ñúñez", w.body.ID)
		leo := w.person("leo@ejemplo.mx", "Leo Secreto")
		w.grant(leo, plaza.DataOwner, w.body.ID)
		as := w.as(ana)
		office := "/gestion/" + w.body.Slug
		as.want(as.post(office+"/integrantes/nombres", "name_data_owner", "Dirección de Información", "name_liaison", strings.Repeat("a", 81)), http.StatusUnprocessableEntity)
		as.want(as.post(office+"/integrantes/nombres", "name_data_owner", "Dirección de\u202e Información", "name_liaison", "Unidad de Datos"), http.StatusSeeOther)
		page := visitor.get(path)
		visitor.says(page, "Unidad de Datos: Ana Ñúñez", "Desde el 23 de noviembre de 2026", "Dirección de Información")
		for _, secret := range []string{"@ejemplo.mx", "Leo Secreto", "Sin enlace"} {
			if strings.Contains(page.body, secret) {
				t.Errorf("the public page says %q", secret)
			}
		}
		as.says(as.get(office+"/integrantes"), "Dirección de Información", "Unidad de Datos")
		_, rest, _ := strings.Cut(as.get(office+"/integrantes").body, `name="seen" value="`)
		seen, _, _ := strings.Cut(rest, `"`)
		as.want(as.post(office+"/integrantes/nombres", "seen", seen, "name_data_owner", "Dirección de Información", "name_liaison", "Unidad"), http.StatusSeeOther)
		second := as.want(as.post(office+"/integrantes/nombres", "seen", seen, "name_data_owner", "Otra Dirección"), http.StatusConflict)
		if as.says(second, "Alguien más guardó antes"); !strings.Contains(second.body, `value="Otra Dirección"`) {
			t.Error("the form forgot what was typed")
		}
		as.want(as.post(office+"/integrantes/nombres", "name_data_owner", "Dirección de Información", "name_liaison", "Unidad de Datos"), http.StatusSeeOther)
		as.says(as.get(office+"/integrantes/invitar"), "Dirección de Información")

		as.says(as.want(as.post(office+"/ausencias", "person", ana.ID, "substitute", ana.ID, "from", "2026-11-23", "until", "2026-11-30"), http.StatusUnprocessableEntity), "Elija a otra persona")
		as.says(as.want(as.post(office+"/ausencias", "person", leo.ID, "substitute", ana.ID, "from", "2026-11-23", "until", "2026-11-22"), http.StatusUnprocessableEntity), "no es Enlace", "posterior al inicio")
		as.want(as.post(office+"/ausencias", "person", ana.ID, "substitute", leo.ID, "from", "2026-11-23", "until", "2026-11-30"), http.StatusSeeOther)
		as.says(as.want(as.post(office+"/ausencias", "person", ana.ID, "substitute", leo.ID, "from", "2026-11-30", "until", "2026-12-03"), http.StatusUnprocessableEntity), "Ya hay una ausencia")
		visitor.says(visitor.get(path), "ausente hasta el 30 de noviembre de 2026", "Leo Secreto")
		var id string
		w.read(func(tx *db.Tx) error { return tx.Row(`SELECT id FROM absences`).Scan(&id) })
		as.want(as.post(office+"/ausencias/"+id+"/terminar"), http.StatusSeeOther)
		if res := as.post(office + "/ausencias/" + id + "/terminar"); !strings.HasSuffix(res.header.Get("Location"), "?no=absence_over") {
			t.Errorf("ending twice led to %q", res.header.Get("Location"))
		}
		if strings.Contains(visitor.get(path).body, "ausente") {
			t.Error("an absence that has ended is still said")
		}
	})
}

func TestPagesTakeAsManyStatementsForManyPeopleAsForFew(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	admin := w.as(w.admin)
	count := func(path string) int64 {
		t.Helper()
		n := new(atomic.Int64)
		w.count.Store(n)
		admin.want(admin.get(path), http.StatusOK)
		w.count.Store(nil)
		return n.Load()
	}
	fill := func(from, to int) {
		for n := from; n < to; n++ {
			p := w.person(fmt.Sprintf("p%d@ejemplo.mx", n), "Persona")
			w.grant(p, plaza.Transparency, w.body.ID)
			_, err := w.ask(w.person(fmt.Sprintf("q%d@ejemplo.mx", n), "Otra"), membership.Request{})
			w.must(err)
			w.institution(fmt.Sprintf("OTRA%d", n), w.sector.ID)
		}
	}
	fill(0, 2)
	office := "/gestion/" + w.body.Slug
	paths := []string{"/gestion", office, office + "/integrantes", office + "/enlace", office + "/ausencias"}
	before := map[string]int64{}
	for _, p := range paths {
		before[p] = count(p)
	}
	fill(2, 30)
	for _, p := range paths {
		if got := count(p); got != before[p] || got > 40 {
			t.Errorf("%s takes %d statements for few and %d for many", p, before[p], got)
		}
	}
}

func TestWhoMaySeeWhichOffice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin, ana := w.as(w.admin), w.as(w.liaison("ana@ejemplo.mx", "Ana", w.body.ID))
		admin.says(admin.get("/gestion"), "Institución SALUD", "Institución SECTOR", "Sin enlace designado")
		admin.says(admin.get("/gestion?q=sector"), "Institución SECTOR")
		if strings.Contains(admin.get("/gestion?q=sector").text(), "SALUD") {
			t.Error("the search finds what was not looked for")
		}
		admin.says(admin.get("/gestion?q=nada"), "No hay ninguna institución")
		if strings.Contains(ana.get("/gestion").text(), "SECTOR") {
			t.Error("a liaison sees another institution")
		}
		ana.want(ana.get("/gestion/"+w.sector.Slug), http.StatusForbidden)
		ana.want(ana.get("/gestion/nada"), http.StatusNotFound)
		visitor := w.browser()
		visitor.want(visitor.get("/gestion"), http.StatusSeeOther)
		member := w.as(w.person("bea@ejemplo.mx", "Bea"))
		member.want(member.get("/gestion"), http.StatusForbidden)
	})
}

func TestALetterGoesWithItsInvitationAndWithItsPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin := w.again(w.admin)
		appoint := func(email string) {
			t.Helper()
			_, err := w.members.Appoint(as(t.Context(), admin), membership.Appointment{Institution: w.body.ID, Email: email,
				Number: "SS/1", Dated: "2026-11-01", FileName: "a.pdf", File: []byte(pdf + email)})
			w.must(err)
		}
		kept := func() (rows, files int) {
			w.must(w.blobs.List(t.Context(), func(blob.Info) error { files++; return nil }))
			return w.scalar(`SELECT COUNT(*) FROM letters`), files
		}
		want := func(when string, n int) {
			t.Helper()
			w.work()
			if rows, files := kept(); rows != n || files != n {
				t.Errorf("%s: %d letters and %d files are kept, want %d", when, rows, files, n)
			}
		}
		appoint("nadie@ejemplo.mx")
		want("while the invitation is open", 1)
		dbtest.Advance(d, 15*day)
		want("after it expired", 0)
		appoint("leo@ejemplo.mx")
		leo := w.person("leo@ejemplo.mx", "Leo") // who makes an account and does not accept
		w.write(func(tx *db.Tx) error { _, err := w.members.Holding().Erase(tx, leo.ID); return err })
		want("after who was invited went", 0)
		ana := w.person("ana@ejemplo.mx", "Ana")
		appoint(ana.Email)
		dbtest.Advance(d, 400*day)
		want("for as long as the liaison has an account", 1)
		w.write(func(tx *db.Tx) error { _, err := w.members.Holding().Erase(tx, ana.ID); return err })
		want("after the liaison went", 0)
	})
}

func TestWhatIsKeptOfAPersonCanBeReadErasedAndForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		admin := w.again(w.admin)
		ana := w.person("ana@ejemplo.mx", "Ana")
		_, err := w.members.Appoint(as(t.Context(), admin), membership.Appointment{Institution: w.body.ID, Email: ana.Email, Number: "SS/1", Dated: "2026-11-01", FileName: "a.pdf", File: []byte(pdf)})
		w.must(err)
		leo := w.person("leo@ejemplo.mx", "Leo")
		w.grant(leo, plaza.DataOwner, w.body.ID)
		w.absent(ana, leo, 0, day)
		w.invite(admin, ana.Email, plaza.Transparency)
		_, err = w.ask(ana, membership.Request{Message: "Hola."})
		w.must(err)

		h := w.members.Holding()
		var all any
		w.read(func(tx *db.Tx) error { all, err = h.Export(tx, ana.ID); return err })
		raw, err := json.Marshal(all)
		w.must(err)
		for _, want := range []string{"SS/1", "Hola.", "ana@ejemplo.mx", `"absences":[{`} {
			if !strings.Contains(string(raw), want) {
				t.Errorf("what Ana gave is %s, want %q in it", raw, want)
			}
		}
		w.write(func(tx *db.Tx) error { _, err := h.Erase(tx, ana.ID); return err })
		w.work()
		for _, table := range []string{"invitations", "join_requests", "letters", "absences"} {
			if n := w.scalar(`SELECT COUNT(*) FROM ` + table); n != 0 {
				t.Errorf("%d rows of %s are left", n, table)
			}
		}
		w.must(w.blobs.List(t.Context(), func(i blob.Info) error { t.Errorf("the file %s is left", i.Key); return nil }))

		bea := w.person("bea@ejemplo.mx", "Bea")
		_, err = w.ask(bea, membership.Request{})
		w.must(err)
		w.invite(admin, bea.Email, plaza.Transparency)
		forget := func() (n int) {
			w.write(func(tx *db.Tx) (err error) { n, err = h.Expire(tx); return err })
			return n
		}
		dbtest.Advance(d, 31*day)
		if w.work(); forget() != 0 {
			t.Error("what has just ended is forgotten")
		}
		dbtest.Advance(d, 400*day)
		if n := forget(); n != 2 {
			t.Errorf("%d rows are forgotten, want 2", n)
		}
		if n := forget(); n != 0 {
			t.Errorf("and then %d more", n)
		}
	})
}

func TestWhatALiaisonOfferedEndsWithTheirRole(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	eva := w.liaison("eva@ejemplo.mx", "Eva", w.body.ID)
	b := w.as(eva)
	page := b.want(b.get("/gestion/"+w.body.Slug), http.StatusOK).body
	if !strings.Contains(page, `href="/gestion"`) {
		t.Error("the header does not lead to the management")
	}
	w.must(w.db.Write(plaza.WithActor(t.Context(), eva.Actor()), func(tx *db.Tx) error {
		_, err := w.members.Invite(tx, membership.Invitation{Institution: w.body.ID, Email: "luz@ejemplo.mx", Roles: []plaza.Role{plaza.DataOwner}})
		return err
	}))
	w.work()
	if n := w.scalar(`SELECT COUNT(*) FROM invitations WHERE state = 'open'`); n != 1 {
		t.Fatalf("%d open invitations", n)
	}
	if n := w.scalar(`SELECT COUNT(*) FROM consents WHERE person_id = $1 AND point = 'invite'`, eva.ID); n != 1 {
		t.Errorf("%d consents", n)
	}
	w.write(func(tx *db.Tx) error { return account.RevokeRole(tx, eva.ID, plaza.Liaison, w.body.ID) })
	w.must(w.members.Notice(t.Context()))
	if n := w.scalar(`SELECT COUNT(*) FROM invitations WHERE state = 'revoked'`); n != 1 {
		t.Errorf("%d revoked invitations", n)
	}
}

func TestTheFirstPageOfAnOfficeCountsTheCommentsThatWait(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	liaison := w.as(w.liaison("ana@ejemplo.mx", "Ana", w.body.ID))
	waiting := map[string]int{w.body.ID: 2}
	w.members.Unattended = func(_ *db.Tx, body string) (int, error) { return waiting[body], nil }
	page := liaison.get("/gestion/" + w.body.Slug)
	liaison.says(page, "2 comentarios sin atender")
	if !strings.Contains(page.body, `href="/gestion/`+w.body.Slug+`/comentarios"`) {
		t.Error("it does not lead to them")
	}
	delete(waiting, w.body.ID)
	if page = liaison.get("/gestion/" + w.body.Slug); strings.Contains(page.body, "sin atender") {
		t.Error("it counts none")
	}
}
