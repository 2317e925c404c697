package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// heard is a comment of Ana on the dataset of salud.
func (p *promised) heard(text string) comment.Comment {
	p.t.Helper()
	p.site.Comments.Screen = nil
	return p.says(p.t, p.ana, p.card(p.t, p.reads(p.salud.ID, "Camas")), text)
}

// made is the case that a comment became.
func (p *promised) made(c comment.Comment) (out cases.Case) {
	p.t.Helper()
	id := p.value(p.t, `SELECT id FROM cases WHERE comment_id = $1`, c.ID)
	p.read(p.t, func(tx *db.Tx) (err error) { out, err = cases.ByID(tx, id); return err })
	return out
}

func TestACommentBecomesACaseInOneActOfWhoAnswersForItsInstitution(t *testing.T) {
	promises(t, func(p *promised) {
		c := p.heard("¿Cuándo se publican las camas de 2026?")
		enlace := p.of(t, p.enlace)
		link := enlace.page(c.Path()).Find(`a[href="` + cases.AskOf(c.ID) + `"]`)
		if link.Length() != 1 {
			t.Fatal("the comment leads to no form")
		}
		p.site.DB.Clock().Advance(time.Minute)
		enlace.sees(cases.AskOf(c.ID), "/consultas/nueva", url.Values{"texto": {"Otras palabras"}, "nombre": {"Otra"}})
		made := p.made(c)
		if made.Asker.Person != p.ana.ID || made.Body != c.Body || made.Kind != cases.Question || made.On.Ref != c.On || made.Institution != p.salud.ID || made.Asker.Name != "" {
			t.Errorf("the case is %+v", made)
		}
		page := enlace.page(made.Path())
		if first := page.Find(`main a[href="` + c.Path() + `"]`); !strings.HasPrefix(first.Text(), "Se dijo primero como comentario el ") {
			t.Errorf("its page says %q", first.Text())
		}
		if got := p.value(t, `SELECT attention FROM comments WHERE id = $1`, c.ID); got != "marked" {
			t.Errorf("the comment is %s", got)
		}
		if enlace.page(c.Path()).Find(`main a[href="`+made.Path()+`"]`).Length() == 0 {
			t.Error("the comment does not show its case")
		}
		if a := enlace.get(cases.AskOf(c.ID)); a.status != http.StatusSeeOther || a.header.Get("Location") != made.Path() {
			t.Errorf("asked again: %d to %s", a.status, a.header.Get("Location"))
		}
	})
}

func TestOthersWhoFollowAComment(t *testing.T) {
	promises(t, func(p *promised) {
		c := p.heard("¿Por qué faltan filas?")
		carla := p.of(t, p.person(t, "Carla Mora"))
		p.site.DB.Clock().Advance(time.Minute)
		doc := carla.page(cases.AskOf(c.ID))
		if said := doc.Find("main").Text(); !strings.Contains(said, "en su propio nombre") || doc.Find(`main a[href="`+c.Path()+`"]`).Length() == 0 {
			t.Errorf("the form says %q", said)
		}
		p.site.DB.Clock().Advance(time.Minute)
		carla.sees(cases.AskOf(c.ID), "/consultas/nueva", nil)
		if n := p.value(t, `SELECT COUNT(*) FROM cases WHERE comment_id = '' AND asker_id <> $1`, p.ana.ID); n != "1" {
			t.Errorf("%s cases in her own name", n)
		}
		if got := p.value(t, `SELECT attention FROM comments WHERE id = $1`, c.ID); got != "open" {
			t.Errorf("the comment is %s", got)
		}
		if a := carla.get(cases.AskOf("nada")); a.status != http.StatusNotFound {
			t.Errorf("of no comment: %d", a.status)
		}
	})
}

func TestTwoWhoMakeACaseOfACommentAtOnceMakeOne(t *testing.T) {
	promises(t, func(p *promised) {
		c := p.heard("¿Quién las cuenta?")
		var all sync.WaitGroup
		ids := make([]string, 2)
		for i, who := range []plaza.Actor{p.ana.Actor(), p.enlace.Actor()} {
			all.Go(func() {
				err := p.site.DB.Write(plaza.WithActor(t.Context(), who), func(tx *db.Tx) error {
					made, err := p.site.Cases.Ask(tx, cases.Form{Kind: cases.Question, Title: "¿Quién?", Body: c.Body, Language: "es", Comment: c.ID,
						Nonce: "nonce-" + who.PersonID}, cases.By(who), cases.From{})
					ids[i] = made.ID
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if ids[0] == "" || ids[0] != ids[1] || p.value(t, `SELECT COUNT(*) FROM cases WHERE comment_id = $1`, c.ID) != "1" {
			t.Errorf("they made %v", ids)
		}
	})
}

func TestAQuestionInACommentIsAskedWithWhatWasTyped(t *testing.T) {
	promises(t, func(p *promised) {
		on := p.card(t, p.reads(p.salud.ID, "Camas"))
		p.site.Comments.Screen = nil
		ana := p.of(t, p.ana)
		p.site.DB.Clock().Advance(time.Minute)
		a := ana.fill(comment.ThreadPath(on.Ref), comment.ThreadPath(on.Ref), url.Values{"texto": {"¿Qué es CVE_ENT?"}})
		doc := a.doc(t)
		if a.status != http.StatusOK || p.value(t, `SELECT COUNT(*) FROM comments`) != "0" {
			t.Fatalf("it is answered with %d", a.status)
		}
		asks := doc.Find(`form[action="/consultas/nueva/ver"]`)
		form := ana.post("/consultas/nueva/ver", fieldsOf(asks)).doc(t)
		if got := form.Find(`textarea[name="texto"]`).Text(); strings.TrimSpace(got) != "¿Qué es CVE_ENT?" || form.Find(`input[name="titulo"]`).AttrOr("value", "") == "" ||
			form.Find(`input[name="objeto"]`).AttrOr("value", "") != on.Ref.String() {
			t.Errorf("the form has %q", got)
		}
		if a := ana.post(comment.ThreadPath(on.Ref), fieldsOf(doc.Find(`form[action="`+comment.ThreadPath(on.Ref)+`"]`))); a.status != http.StatusSeeOther {
			t.Errorf("as a comment: %d", a.status)
		}
	})
}

func TestDueDatesAndWhoIsToldOfThemAreReachedFromAnInstitutionAndItsInbox(t *testing.T) {
	promises(t, func(p *promised) {
		inbox := institution.OfficePath + p.salud.Slug + "/consultas"
		for from, to := range map[string]string{
			p.salud.Path():    cases.DatesPath(p.salud.Slug),
			inbox:             inbox + "/plazos",
			inbox + "/plazos": cases.DatesPath(p.salud.Slug),
		} {
			if p.of(t, p.enlace).page(from).Find(`main a[href="`+to+`"]`).Length() == 0 {
				t.Errorf("%s does not lead to %s", from, to)
			}
		}
	})
}
