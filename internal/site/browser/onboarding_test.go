package browser_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	following "plaza/internal/civic/follow"
	"plaza/internal/plaza"
	"plaza/internal/site/browser"
	stage "plaza/internal/site/demo"
)

// Whom and what the on-boarding is about.
const (
	newBody   = "Instituto de Prueba y Ensayo"
	newBodyID = "instituto-de-prueba"
	technical = "Unidad de Gobierno Digital"
	owning    = "Dirección de Estadística"
	lola      = "lola@instituto.ejemplo.mx" // the liaison
	beto      = "beto@instituto.ejemplo.mx" // of an area
	eva       = "eva@salud.ejemplo.mx"      // liaison of the head of the sector
	office    = "/gestion/" + newBodyID
)

// boarding is the on-boarding of an institution, with the tabs of those who take part.
type boarding struct {
	*town
	chief, liaison, owner, head, citizen *browser.Tab
	judged                               map[string]bool // the pages that axe looked at
}

// TestAnInstitutionComesOnBoard goes from nothing to an institution that answers, and on
// to the day on which its liaison leaves.
func TestAnInstitutionComesOnBoard(t *testing.T) {
	b := &boarding{town: newTown(t), judged: map[string]bool{}}
	small := browser.Look{Width: 360}
	b.chief, b.liaison, b.owner = b.tab(small), b.tab(small), b.tab(browser.Look{Width: 360, Dark: true})
	b.head, b.citizen = b.tab(small), b.tab(small)
	b.signIn(b.chief, "alma@ejemplo.mx", "Alma Central", plaza.Admin, "")
	b.signIn(b.head, eva, "Eva Cabeza", plaza.Liaison, stage.InstitutionID(health))
	b.made()
	b.appointed()
	b.accepted()
	b.settled()
	b.joined()
	b.answered()
	b.ended()
}

// goes visits a page that has to be there and well made for whoever can or cannot see.
func (b *boarding) goes(v *browser.Tab, path string) {
	b.Helper()
	visit(b.T, v, path, http.StatusOK)
	b.good(v)
}

// good is what holds for the page that a tab shows; axe looks at each page once.
func (b *boarding) good(v *browser.Tab) {
	b.Helper()
	whole(b.T, v)
	path, _ := v.Path()
	page := object.ReplaceAllString(path, "/x")
	if b.judged[page] {
		return
	}
	b.judged[page] = true
	violations, err := v.Axe()
	if err != nil {
		b.Fatal(err)
	}
	for _, found := range violations {
		b.Errorf("%s: %s", path, found)
	}
}

// object is the part of a path that says which thing it is about, and what comes after "?".
var object = regexp.MustCompile(`/[^/]{20,}|\?.*`)

// sends presses the button of the form, and looks at where it leads.
func (b *boarding) sends(v *browser.Tab, button string) {
	b.Helper()
	follow(b.T, v, button)
	if wrong := ask[[]string](b.T, v, "[...document.querySelectorAll('.Field-error')].map(e => e.innerText)"); len(wrong) > 0 {
		b.Fatalf("%s: %v", button, wrong)
	}
	b.good(v)
}

// enters sends the form in which the focus is with the Enter key.
func (b *boarding) enters(v *browser.Tab) {
	b.Helper()
	arrive(b.T, v, v.Enter)
	b.good(v)
}

// says checks what the main part of the page says.
func (b *boarding) says(v *browser.Tab, all ...string) {
	b.Helper()
	said := strings.Join(strings.Fields(b.text(v)), " ")
	for _, want := range all {
		if !strings.Contains(said, want) {
			path, _ := v.Path()
			b.Errorf("%s does not say %q:\n%s", path, want, said)
		}
	}
}

// picks chooses the option of a list that is called something.
func (b *boarding) picks(v *browser.Tab, list, label string) {
	b.Helper()
	value := ask[string](b.T, v, "(() => { const o = [...document.querySelector("+quoted(list)+").options].find(o => o.label.includes("+quoted(label)+")); return o ? o.value : '' })()")
	if value == "" {
		b.Fatalf("%s offers no %q", list, label)
	}
	b.choose(v, list, value)
}

func quoted(s string) string { return "`" + s + "`" }

// made is an institution that an admin makes below the head of its sector.
func (b *boarding) made() {
	b.Helper()
	b.goes(b.chief, "/admin/instituciones")
	b.sends(b.chief, "main a[href$='/nueva']")
	b.typed(b.chief, "main [name=slug]", newBodyID)
	b.picks(b.chief, "main [name=parent]", "Salud")
	b.typed(b.chief, "main [name=name]", newBody)
	b.enters(b.chief)
	b.says(b.chief, "guard")
	b.sends(b.chief, "main a[href='"+office+"']") // it leads to where people are appointed
	b.says(b.chief, "Sin enlace designado")
	b.goes(b.citizen, "/instituciones/"+newBodyID)
	b.says(b.citizen, "Sin enlace designado", "la cabeza de sector: Secretaría de Salud")
}

// appointed is a liaison, with the area and the oficio that say so.
func (b *boarding) appointed() {
	b.Helper()
	b.adds(b.chief, technical, "Tecnologías")
	b.sends(b.chief, "a[href='"+office+"/enlace']")
	letter := filepath.Join(b.TempDir(), "oficio.pdf")
	if err := os.WriteFile(letter, []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	b.typed(b.chief, "main [name=email]", lola)
	b.picks(b.chief, "main [name=unit]", technical)
	b.choose(b.chief, "main [name=dated]", time.Now().AddDate(0, 0, -3).Format(time.DateOnly))
	if err := b.chief.Upload("main [name=file]", letter); err != nil {
		b.Fatal(err)
	}
	b.typed(b.chief, "main [name=number]", "SS/123/2026")
	b.enters(b.chief)
	b.says(b.chief, "la invitación va en camino", "Oficio SS/123/2026", "Aún no acepta")
}

// adds makes an area of the institution, with the keyboard.
func (b *boarding) adds(v *browser.Tab, name, kind string) {
	b.Helper()
	b.goes(v, office+"/areas")
	b.picks(v, "main [name=kind]", kind)
	b.typed(v, "main [name=name]", name)
	b.enters(v)
	b.says(v, name)
}

// accepted is an invitation that somebody without an account takes: the mail leads to a
// new account, and that back to the invitation.
func (b *boarding) accepts(v *browser.Tab, email, name, role string) {
	b.Helper()
	mail := b.mailed(email, 1)
	if !strings.Contains(mail, newBody) || !strings.Contains(mail, role) {
		b.Errorf("the invitation does not say to what:\n%s", mail)
	}
	link := b.link(mail, "/invitaciones/")
	b.goes(v, link)
	b.says(v, newBody, role)
	b.sends(v, "main a[href^='/cuenta/nueva']")
	b.typed(v, "main [name=name]", name)
	b.typed(v, "main [name=email]", email)
	b.sends(v, "main form button[type=submit]")
	b.goes(v, b.link(b.mailed(email, 2), "/cuenta/nueva/"))
	b.sends(v, "main form button")
	if path, _ := v.Path(); path != link {
		b.Errorf("the new account leads to %s, not back to the invitation", path)
	}
	b.says(v, "Va a aceptar como "+name)
	b.sends(v, "main form button")
	b.says(v, "Le damos la bienvenida", role)
}

// accepted is the appointment: the liaison sees what is expected, and nobody is missing.
func (b *boarding) accepted() {
	b.Helper()
	b.accepts(b.liaison, lola, "Lola Enlace", "Enlace de Datos Abiertos")
	b.says(b.liaison, technical, "Falta el horario de atención", "Falta quien supla al Enlace")
	through(b.T, b.liaison, office)
	b.goes(b.citizen, "/instituciones/"+newBodyID)
	if strings.Contains(b.text(b.citizen), "Sin enlace designado") {
		b.Error("the page still says that there is no liaison")
	}
	b.says(b.citizen, "Lola Enlace", technical)
}

// settled is the institution's area and its hours.
func (b *boarding) settled() {
	b.Helper()
	b.adds(b.liaison, owning, "Área generadora")
	b.goes(b.liaison, office)
	b.sends(b.liaison, "main .Wants a[href='"+office+"/horario']")
	for _, day := range []string{"1", "2", "3", "4", "5"} {
		b.typed(b.liaison, "main [name=opens-"+day+"]", "09:00")
		b.typed(b.liaison, "main [name=closes-"+day+"]", "17:30")
	}
	b.enters(b.liaison)
	b.says(b.liaison, "Se guardó el horario")
	b.goes(b.citizen, "/instituciones/"+newBodyID)
	b.says(b.citizen, "9:00", "17:30")
}

// joined is a colleague, of an area, whom the liaison invites.
func (b *boarding) joined() {
	b.Helper()
	b.goes(b.liaison, office)
	b.sends(b.liaison, "main .Wants a[href='"+office+"/integrantes/invitar']")
	if err := b.liaison.Click("main [name=role_data_owner]"); err != nil {
		b.Fatal(err)
	}
	b.picks(b.liaison, "main [name=unit]", owning)
	b.typed(b.liaison, "main [name=email]", beto)
	b.enters(b.liaison)
	b.says(b.liaison, "La invitación va en camino", beto)
	b.accepts(b.owner, beto, "Beto Área", "Área generadora")
	b.says(b.owner, owning)
	visit(b.T, b.owner, office+"/integrantes/invitar", http.StatusForbidden)
	b.goes(b.liaison, office+"/integrantes")
	b.says(b.liaison, "Beto Área", owning)
	b.goes(b.liaison, office)
	if left := ask[[]string](b.T, b.liaison, "[...document.querySelectorAll('main .Wants a')].map(a => a.innerText)"); len(left) > 0 {
		b.Errorf("everything is done, and the page still asks for %v", left)
	}
}

// answered is what a citizen asks: in the name of the institution, with area and role.
func (b *boarding) answered() {
	b.Helper()
	page := "/instituciones/" + newBodyID
	b.signsUp(b.citizen, "ciro@ejemplo.mx", "Ciro Ciudadano")
	b.goes(b.citizen, page)
	b.typed(b.citizen, "textarea[name=texto]", "Falta el padrón de talleres.")
	b.sends(b.citizen, ".Comment-form button[type=submit]")
	b.letsThrough(b.chief, "padrón de talleres")
	b.goes(b.liaison, office)
	b.sends(b.liaison, "main .Wants a[href='"+office+"/comentarios']")
	b.says(b.liaison, "padrón de talleres", "Sin atender")
	b.sends(b.liaison, "main .Comment-tools a[href*='/escribir']")
	b.picks(b.liaison, "main [name=voz]", newBody)
	b.typed(b.liaison, "main [name=texto]", "Se publica el lunes.")
	b.sends(b.liaison, ".Comment-form button[type=submit]")
	b.goes(b.liaison, office)
	if strings.Contains(b.text(b.liaison), "sin atender") {
		b.Error("the comment still waits after its answer")
	}
	visitor := b.tab(browser.Look{Width: 360})
	b.goes(visitor, page)
	mark := ask[string](b.T, visitor, "(document.querySelector('.Comment--official .Comment-head') || document.body).innerText")
	for _, want := range []string{newBody, "Enlace", technical, "Voz oficial"} {
		if !strings.Contains(mark, want) {
			b.Errorf("the official mark does not say %q:\n%s", want, mark)
		}
	}
	if strings.Contains(mark, "Lola") {
		b.Error("the institution's voice is signed by a person")
	}
}

// ended is the liaison's role, on a day on which a colleague stands in.
func (b *boarding) ended() {
	b.Helper()
	here, err := time.LoadLocation("America/Mexico_City") // the institution's zone
	if err != nil {
		b.Fatal(err)
	}
	today := time.Now().In(here)
	b.goes(b.liaison, office+"/ausencias")
	b.picks(b.liaison, "main [name=substitute]", "Beto")
	b.choose(b.liaison, "main [name=from]", today.Format(time.DateOnly))
	b.choose(b.liaison, "main [name=until]", today.AddDate(0, 0, 9).Format(time.DateOnly))
	b.sends(b.liaison, "main .Form button")
	b.goes(b.chief, office+"/enlace")
	b.sends(b.chief, "main a[href*='/papeles/']")
	b.says(b.chief, "quedará sin enlace designado")
	b.sends(b.chief, "main .Button--danger")
	visit(b.T, b.liaison, office, http.StatusForbidden)
	b.goes(b.citizen, "/instituciones/"+newBodyID)
	b.says(b.citizen, "Sin enlace designado", "Beto Área, que suple al Enlace")
	for email, hears := range map[string]struct {
		tab *browser.Tab
		why string
	}{
		beto:             {b.owner, "Porque usted suple al Enlace."},
		eva:              {b.head, "Porque usted es Enlace de la cabeza de sector."},
		"ada@ejemplo.mx": {b.ada, "Porque usted es de la coordinación."},
	} {
		b.told(hears.tab, email, newBody+" quedó sin enlace designado", hears.why)
	}
}

// told checks that somebody has a mail and a notice, and the reason with them.
func (b *boarding) told(v *browser.Tab, email, what, why string) {
	b.Helper()
	others := map[string]bool{} // mails that were read
	if !comes(func() bool {
		return slices.ContainsFunc(b.mails(email), func(mail string) bool {
			if others[mail] {
				return false
			}
			others[mail] = true
			said := b.read(mail)
			return strings.Contains(said, what) && strings.Contains(said, why)
		})
	}) {
		b.Fatalf("none of %d mails to %s says %q", len(others), email, what)
	}
	b.goes(v, following.NoticesPath)
	b.says(v, what, why)
}
