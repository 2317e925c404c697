package site_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/civic/follow"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
)

// leads is where a link of a page goes, which a reader finds by where it begins.
func (v *visitor) leads(path, begins, ends string) string {
	v.Helper()
	found := ""
	v.page(path).Find("main a").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if to := a.AttrOr("href", ""); strings.HasPrefix(to, begins) && strings.HasSuffix(to, ends) {
			found = to
		}
		return found == ""
	})
	if found == "" {
		v.Fatalf("%s has no link to %s…%s: %s", path, begins, ends, v.text(path))
	}
	return found
}

// reads looks for words in what a page says.
func (v *visitor) reads(path string, wants ...string) {
	v.Helper()
	got := v.text(path)
	for _, want := range wants {
		if !strings.Contains(got, want) {
			v.Errorf("%s does not say %q: %s", path, want, got)
		}
	}
}

// TestARequestGoesByFormsAloneFromTheResourceToTheKeptCommitment takes a request the whole
// way without a script: each step begins at a link or a mail of the step before.
func TestARequestGoesByFormsAloneFromTheResourceToTheKeptCommitment(t *testing.T) {
	promises(t, func(p *promised) {
		post := &post{routed: p.routed}
		ana, eva, area := p.of(p.t, p.ana), p.of(p.t, p.enlace), p.newcomer(p.t)
		ref := p.reads(p.salud.ID, "Camas de hospital")
		p.works()
		resource := p.card(p.t, plaza.Ref{Kind: catalog.KindResource, ID: plaza.NestedID(ref.ID, "r1")})

		form := ana.leads(ana.leads(resource.Path, cases.AskPath, ""), cases.AskPath, "request"+"&objeto="+url.QueryEscape(resource.Ref.String()))
		ana.sees(form, cases.AskPath, url.Values{"titulo": {"Camas de 2027"}, "texto": {"Solo llegan a 2025."}, "para": {"Para mi tesis."}, "periodo": {"2027"}})
		folio := p.value(p.t, `SELECT folio FROM cases`)
		one, desk := "/consultas/"+folio, "/gestion/salud/consultas/"+folio
		ana.reads("/mi/consultas", "Camas de 2027", folio)

		p.site.DB.Clock().Advance(time.Hour)
		mailForm := eva.leads(eva.leads("/gestion/salud/consultas", desk, ""), desk, "/turnar-por-correo")
		eva.sees(mailForm, mailForm, url.Values{"nombre": {"Rosa Área"}, "correo": {"rosa@salud.example"}, "nota": {"¿Cuándo estará?"}})
		p.work(p.t)
		link := post.posted(p.t, "rosa@salud.example", "/turno/")
		area.reads(link, "Camas de 2027", "¿Cuándo estará?")
		area.sees(link, link, url.Values{"resultado": {string(cases.Planned)}, "texto": {"La tenemos en febrero."}, "hacer": {"enviar"}})
		p.work(p.t)
		if to := post.posted(p.t, p.enlace.Email, desk); to != desk {
			t.Errorf("the mail of the draft leads to %s", to)
		}

		draft := eva.leads(desk, desk+"/borradores/", "")
		eva.reads(draft, "La tenemos en febrero.")
		answer := eva.leads(draft, desk+"/responder?base=", "")
		due := p.site.DB.Now().AddDate(0, 2, 0).Format(time.DateOnly)
		eva.sees(answer, desk+"/responder", url.Values{"fecha": {due}, "promesa": {"Publicar las camas de 2027"}, "hacer": {"publicar"}})
		p.works()
		a := p.newcomer(p.t).get(p.newcomer(p.t).leads(one, "/compromisos/", ""))
		made := a.location
		if !strings.HasPrefix(made, "/compromisos/SALUD-C-") {
			t.Fatalf("the answer leads to the commitment at %q (%d)", made, a.status)
		}
		p.newcomer(p.t).reads(one, "La tenemos en febrero.", "Publicar las camas de 2027")
		p.told(post, ana, "Respondieron su consulta")

		p.site.DB.Clock().Advance(24 * time.Hour)
		p.reads(p.salud.ID, "Camas de hospital, 2027")
		p.looks("ok")
		p.works()
		p.newcomer(p.t).reads(made, "Cumplido", "Camas de hospital, 2027")
		p.newcomer(p.t).reads(one, "Publicar las camas de 2027")
		p.told(post, ana, "cumpli")
		if got := p.value(p.t, `SELECT progress FROM cases WHERE folio = $1`, folio); got != string(cases.Published) {
			t.Errorf("the request is %q", got)
		}
	})
}

// told checks that who asked has a mail and a notice of what happened.
func (p *promised) told(post *post, ana *visitor, word string) {
	p.t.Helper()
	p.works()
	p.work(p.t)
	ana.reads(follow.NoticesPath, word)
	for _, m := range post.letters(p.t) {
		if m.To == p.ana.Email && strings.Contains(m.Text, word) {
			return
		}
	}
	p.t.Errorf("no mail to who asked says %q", word)
	for _, m := range post.letters(p.t) {
		p.t.Log(m.Kind, m.To, m.Subject)
	}
}
