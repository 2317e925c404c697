package browser_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/site/browser"
	stage "plaza/internal/site/demo"
)

// Who takes part in a case.
const (
	ciro  = "ciro@ejemplo.mx"            // asks
	enid  = "enid@salud.ejemplo.mx"      // the liaison
	rocio = "rocio@area.salud.ejemplo"   // of an area, without an account
	owed  = "Publicar las camas de 2027" // what is promised
)

// TestACaseGoesFromTheResourceToItsAnswer goes the whole way on a telephone, with the
// mails that lead from one to the next; axe looks at each page.
func TestACaseGoesFromTheResourceToItsAnswer(t *testing.T) {
	b := &boarding{town: newTown(t), judged: map[string]bool{}}
	small := browser.Look{Width: 360}
	b.citizen, b.liaison, b.owner = b.tab(small), b.tab(small), b.tab(browser.Look{Width: 360, Dark: true})
	b.signIn(b.liaison, enid, "Enid Enlace", plaza.Liaison, stage.InstitutionID(health))
	b.signsUp(b.citizen, ciro, "Ciro Ciudadano")
	b.trusted(ciro)
	on := b.resourceOf(health)
	folio, desk := b.asks(on)
	b.turnedByMail(desk)
	b.drafted()
	b.answeredWithADate(desk, folio)
	b.heardOfIt(folio)
	b.delivered(folio, on)
	b.valid(desk, folio, on)
}

// valid checks the HTML of the pages of a case, as the liaison's browser gets it.
func (b *boarding) valid(desk, folio string, on plaza.Card) {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	link, err := b.Site.Accounts.SigninLink(plaza.WithActor(b.Context(), plaza.SystemActor), enid)
	if err != nil {
		b.Fatal(err)
	}
	dir, office := b.TempDir(), strings.TrimSuffix(desk, "/"+folio)
	ask := "/consultas/nueva?objeto=" + url.QueryEscape(on.Ref.String())
	for i, path := range []string{"", ask, ask + "&clase=request", ask + "&clase=quality", ask + "&clase=reuse", "/consultas", "/consultas/" + folio,
		office, desk, desk + "/corregir", desk + "/turnos"} {
		get := func() (*http.Response, error) { return client.Get(b.Origin + path) }
		if path == "" {
			get = func() (*http.Response, error) { return client.PostForm(link, nil) }
		}
		res, err := get()
		if err != nil {
			b.Fatal(err)
		}
		page, err := io.ReadAll(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d %v", path, res.StatusCode, err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.html", i)), page, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	valid(b.T, dir)
}

// resourceOf is a resource of an institution.
func (b *boarding) resourceOf(body string) (card plaza.Card) {
	b.Helper()
	if err := b.Site.DB.Read(b.Context(), func(tx *db.Tx) error {
		ref := plaza.Ref{Kind: catalog.KindResource}
		if err := tx.Row(`SELECT r.id FROM resources r JOIN datasets d ON d.id = r.dataset_id
			WHERE d.institution_id = $1 AND d.state = 'published' ORDER BY d.slug, r.id LIMIT 1`, stage.InstitutionID(body)).Scan(&ref.ID); err != nil {
			return err
		}
		cards, err := catalog.Cards(tx, []plaza.Ref{ref})
		card = cards[ref]
		return err
	}); err != nil {
		b.Fatal(err)
	}
	return card
}

// trusted is somebody whose first case waits for nobody.
func (b *boarding) trusted(email string) {
	b.Helper()
	ctx := plaza.WithActor(b.Context(), plaza.SystemActor)
	if err := b.Site.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := account.ByEmail(tx, email)
		if err != nil {
			return err
		}
		return account.GrantRole(tx, p.ID, plaza.Moderator, "", time.Time{})
	}); err != nil {
		b.Fatal(err)
	}
}

// asks asks for more of a resource, from its page, and finds it in the inbox.
func (b *boarding) asks(on plaza.Card) (folio, desk string) {
	b.Helper()
	b.goes(b.citizen, on.Path)
	b.sends(b.citizen, "main a[href^='/consultas/nueva']")
	b.says(b.citizen, "Solicitud de datos")
	b.sends(b.citizen, "main a[href*='clase=request']")
	through(b.T, b.citizen, "/consultas/nueva")
	b.typed(b.citizen, "main [name=titulo]", "Faltan las camas de 2027")
	b.typed(b.citizen, "main [name=texto]", "Solo llegan a 2025.")
	b.sends(b.citizen, "main .Ask-who ~ .Actions button, main form.Ask > .Actions button")
	b.goes(b.liaison, "/gestion/"+b.slug()+"/consultas")
	b.says(b.liaison, "Faltan las camas de 2027")
	if err := b.Site.DB.Read(b.Context(), func(tx *db.Tx) error {
		return tx.Row(`SELECT folio FROM cases WHERE title = $1`, "Faltan las camas de 2027").Scan(&folio)
	}); err != nil {
		b.Fatal(err)
	}
	desk = "/gestion/" + b.slug() + "/consultas/" + folio
	b.sends(b.liaison, "main a[href='"+desk+"']")
	b.goes(b.citizen, "/consultas/"+folio)
	b.says(b.citizen, "Faltan las camas de 2027", folio)
	through(b.T, b.citizen, "/consultas/"+folio)
	return folio, desk
}

// slug is the institution's.
func (b *boarding) slug() (slug string) {
	b.Helper()
	if err := b.Site.DB.Read(b.Context(), func(tx *db.Tx) error {
		return tx.Row(`SELECT slug FROM institutions WHERE id = $1`, stage.InstitutionID(health)).Scan(&slug)
	}); err != nil {
		b.Fatal(err)
	}
	return slug
}

// turnedByMail is the case, to somebody without an account.
func (b *boarding) turnedByMail(desk string) {
	b.Helper()
	b.goes(b.liaison, desk)
	b.sends(b.liaison, "main a[href='"+desk+"/turnar-por-correo']")
	b.typed(b.liaison, "main [name=nombre]", "Rocío Área")
	b.typed(b.liaison, "main [name=correo]", rocio)
	b.typed(b.liaison, "main [name=nota]", "¿Cuándo estará?")
	b.sends(b.liaison, "main form.Form button[type=submit]")
	b.says(b.liaison, "Rocío Área")
}

// drafted is the answer that they propose.
func (b *boarding) drafted() {
	b.Helper()
	b.goes(b.owner, b.link(b.mailed(rocio, 1), "/turno/"))
	b.says(b.owner, "Faltan las camas de 2027", "¿Cuándo estará?")
	b.choose(b.owner, "main [name=resultado]", "planned")
	b.typed(b.owner, "main [name=texto]", "La tenemos en febrero.")
	b.sends(b.owner, "main button[value=enviar]")
	b.says(b.owner, "Enviado al Enlace.")
}

// answeredWithADate is the case, from what the area drafted.
func (b *boarding) answeredWithADate(desk, folio string) {
	b.Helper()
	b.goes(b.liaison, desk)
	b.sends(b.liaison, "main a[href^='"+desk+"/borradores/']")
	b.says(b.liaison, "La tenemos en febrero.")
	b.sends(b.liaison, "main a[href^='"+desk+"/responder?base=']")
	through(b.T, b.liaison, desk+"/responder")
	b.choose(b.liaison, "main [name=fecha]", time.Now().AddDate(0, 2, 0).Format(time.DateOnly))
	b.typed(b.liaison, "main [name=promesa]", owed)
	b.sends(b.liaison, "main button[value=publicar]")
	b.goes(b.liaison, "/consultas/"+folio)
	b.says(b.liaison, "La tenemos en febrero.", owed)
}

// heardOfIt is who asked: by mail and among the notices.
func (b *boarding) heardOfIt(folio string) {
	b.Helper()
	b.told(b.citizen, ciro, "Respondieron su consulta", "Porque usted hizo la consulta.")
	b.goes(b.citizen, "/consultas/"+folio)
	b.says(b.citizen, "La tenemos en febrero.")
}

// delivered is what was promised: the liaison says where it is, and its link answers.
func (b *boarding) delivered(folio string, on plaza.Card) {
	b.Helper()
	b.changed(on)
	b.goes(b.liaison, "/consultas/"+folio)
	b.sends(b.liaison, "main a[href^='/compromisos/']")
	made, _ := b.liaison.Path()
	if !strings.Contains(b.text(b.liaison), "Cumplido") { // Plaza may have seen it first
		b.sends(b.liaison, "main a[href='"+made+"/gestionar']")
		b.typed(b.liaison, "main [name=direccion]", b.Origin+on.Path)
		b.sends(b.liaison, "main form[action='"+made+"/entregar'] button[type=submit]")
	}
	b.goes(b.citizen, made)
	b.says(b.citizen, "Cumplido")
	b.told(b.citizen, ciro, "Se cumplió lo que usted pidió", "Porque usted lo pidió.")
}

// changed is the resource as a reading of its source that brings the data leaves it: it is
// another than it was, and its link answers.
func (b *boarding) changed(on plaza.Card) {
	b.Helper()
	if err := b.Site.DB.Write(plaza.WithActor(b.Context(), plaza.SystemActor), func(tx *db.Tx) error {
		r, err := catalog.ResourceByID(tx, on.Ref.ID)
		if err != nil {
			return err
		}
		d, err := catalog.ByID(tx, r.DatasetID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO dataset_changes (id, dataset_id, at, kind, fields) VALUES ($1, $2, $3, 'changed', '[{"field":"title"}]')`,
			tx.ID(), d.ID, tx.Now); err != nil {
			return err
		}
		return catalog.Looked(tx, catalog.Link{ResourceID: r.ID, DatasetID: d.ID, Institution: d.InstitutionID, Title: d.Title, Slug: d.Slug}, catalog.Check{State: "ok"})
	}); err != nil {
		b.Fatal(err)
	}
}
