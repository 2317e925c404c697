package site_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/site"
)

// promised is a site with an institution, its liaison, somebody who asks, and a dataset.
type promised struct {
	*routed
	t      *testing.T
	salud  institution.Institution
	lerma  institution.Institution
	ana    account.Person
	enlace account.Person
	n      int
}

const promiseSource, promiseRun = "0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"

// promises runs a test on a small site, on both engines.
func promises(t *testing.T, f func(p *promised)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgresql"} {
		if engine == "postgresql" && os.Getenv(dbtest.Server) == "" || os.Getenv(dbtest.Engines) == "postgresql" && engine == "sqlite" {
			continue
		}
		cfg := config(t.TempDir())
		if engine == "postgresql" {
			cfg.DSN, cfg.Secret = dbtest.PostgreSQLDSN(t), strings.Repeat("5ec4e7", 11)
		}
		t.Run(engine, func(t *testing.T) {
			s, err := site.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			p := &promised{routed: behind(t, s), t: t}
			p.write(t, func(tx *db.Tx) (err error) {
				if p.salud, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Slug: "salud", Type: "federal"}); err != nil {
					return err
				}
				p.lerma, err = institution.Put(tx, institution.Institution{Name: "Municipio de Lerma", Slug: "lerma", Type: "municipal"})
				return err
			})
			s.Cases.Screen = nil // nothing waits for moderators here
			p.ana = p.person(t, "Ana López")
			p.enlace = p.person(t, "Eva Enlace", plaza.Grant{Role: plaza.Liaison, Institution: p.salud.ID})
			p.person(t, "Iris Lejana", plaza.Grant{Role: plaza.Liaison, Institution: p.lerma.ID})
			beto := p.person(t, "Beto Ruiz")
			p.by(t, beto.Actor(), func(tx *db.Tx) error { // before anybody follows anything, nothing is told
				_, err := follow.Put(tx, p.lerma.Ref(), follow.Choice{Often: follow.Now, InApp: true})
				return err
			})
			p.site.DB.Clock().Advance(48 * time.Hour)
			f(p)
		})
	}
}

// set is the dataset, as its source has it.
func set(title string) dcat.Record {
	return dcat.Record{SourceKey: "camas", Title: title, Description: "Camas de hospital.", Languages: []string{"es"},
		Publisher: dcat.Publisher{Key: "ssa", Name: "Secretaría de Salud"},
		Resources: []dcat.Resource{{SourceKey: "r1", Title: "Camas", Format: "CSV", DownloadURL: "https://datos.salud.example/camas.csv", ByteSize: -1,
			Fields: []dcat.Field{{Name: "CVE_ENT", Description: "Clave"}}}}}
}

// reads has a run read the dataset, for an institution.
func (p *promised) reads(body, title string) plaza.Ref {
	p.t.Helper()
	r := set(title)
	p.write(p.t, func(tx *db.Tx) error {
		_, err := catalog.Apply(tx, catalog.Batch{Source: promiseSource, Run: promiseRun}, []catalog.Incoming{catalog.NewIncoming(r, r.Fingerprint(), body)})
		return err
	})
	p.site.DB.Clock().Advance(time.Minute)
	return plaza.Ref{Kind: catalog.KindDataset, ID: plaza.DerivedID(promiseSource, "camas")}
}

// looks has the link of the dataset looked at.
func (p *promised) looks(state string) {
	p.t.Helper()
	dataset := plaza.DerivedID(promiseSource, "camas")
	p.write(p.t, func(tx *db.Tx) error {
		return catalog.Looked(tx, catalog.Link{ResourceID: plaza.NestedID(dataset, "r1"), DatasetID: dataset, Institution: p.salud.ID, Title: "Camas", Slug: "camas"},
			catalog.Check{State: state})
	})
}

// asks asks something about the dataset, or of the institution alone.
func (p *promised) asks(f cases.Form) (c cases.Case) {
	p.t.Helper()
	p.n++
	f.Title, f.Body, f.Language, f.Nonce = fmt.Sprint("¿Cuándo? ", p.n), "Me hace falta.", "es", fmt.Sprint("nonce-", p.n)
	if f.Institution == "" {
		f.Institution = p.salud.ID
	}
	p.by(p.t, p.ana.Actor(), func(tx *db.Tx) (err error) {
		c, err = p.site.Cases.Ask(tx, f, cases.By(p.ana.Actor()), cases.From{})
		return err
	})
	return c
}

// promise answers with a date, and returns what was promised.
func (p *promised) promise(c cases.Case) (made commitment.Commitment) {
	p.t.Helper()
	p.by(p.t, p.enlace.Actor(), func(tx *db.Tx) error {
		_, acts, err := p.site.Cases.Publish(tx, c.ID, cases.AnswerForm{Outcome: cases.Planned, Body: "Será pronto.", PlannedOn: tx.Now.AddDate(0, 2, 0).Format(time.DateOnly), Promise: "Publicar las camas"}, cases.Signature{})
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	p.read(p.t, func(tx *db.Tx) error {
		list, err := commitment.Of(tx, c.Ref())
		if len(list) != 1 {
			p.t.Fatalf("%d promises were made of the case", len(list))
		}
		made = list[0]
		return err
	})
	p.site.DB.Clock().Advance(time.Minute)
	return made
}

// works does what is done by itself.
func (p *promised) works() {
	p.t.Helper()
	ctx := plaza.WithActor(p.t.Context(), plaza.SystemActor)
	for _, do := range []func(context.Context) error{p.site.Commitments.Watch, p.site.Commitments.Sweep,
		catalog.Rehomer{DB: p.site.DB, Rehomes: p.site.Rehomes()}.Run, p.site.Follow.Tell} {
		if err := do(ctx); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := p.site.Search.Sync(ctx, p.site.DB); err != nil {
		p.t.Fatal(err)
	}
	if err := p.watch.Refresh(ctx); err != nil {
		p.t.Fatal(err)
	}
}

// says looks for words on a page as a visitor gets it.
func (p *promised) saysPage(path string, wants ...string) {
	p.t.Helper()
	got := strings.Join(strings.Fields(p.page(p.t, path).Find("main").Text()), " ")
	for _, want := range wants {
		if !strings.Contains(got, want) {
			p.t.Errorf("%s does not say %q: %s", path, want, got)
		}
	}
}

func TestAHarvestKeepsWhatWasPromisedAndTellsWhoAsked(t *testing.T) {
	promises(t, func(p *promised) {
		ref := p.reads(p.salud.ID, "Camas de hospital")
		c := p.asks(cases.Form{Kind: cases.Request, On: cases.On{Ref: ref, Dataset: ref.ID}, Details: cases.Details{Period: "2026"}})
		made := p.promise(c)
		if made.Object != ref || made.Dataset != ref.ID || made.Kind != commitment.Improve || made.Code != "SALUD-C-2026-0001" {
			t.Fatalf("promised: %+v", made)
		}
		path := p.card(t, ref).Path
		p.works()
		p.saysPage(path, "Lo que se sabe de estos datos", "Compromisos", "Publicar las camas")
		p.saysPage("/instituciones/salud", "Publicar las camas")
		p.looks("ok")
		p.works()
		state := func() string { return p.value(t, `SELECT state FROM commitments WHERE id = $1`, made.ID) }
		if state() != "open" {
			t.Error("it was kept without a change")
		}
		p.reads(p.salud.ID, "Camas de hospital, 2026")
		p.works()
		if state() != "kept" {
			t.Fatal("the change did not keep it")
		}
		if got := p.value(t, `SELECT progress FROM cases WHERE id = $1`, c.ID); got != string(cases.Published) {
			t.Errorf("the request is %q", got)
		}
		p.saysPage(made.Path(), "Cumplido", "Camas de hospital, 2026", "Plaza, por lo que muestra el catálogo")
		if got := p.value(t, `SELECT COUNT(*) FROM notices n JOIN record_entries e ON e.seq = n.seq
			WHERE n.recipient = $1 AND n.why = 'notify.why.commitment_asker' AND e.verb = 'commitment.kept'`, p.ana.ID); got != "1" {
			t.Errorf("who asked was told %s times", got)
		}
	})
}

func TestWhatIsNotPublishedYetIsDeliveredByItsAddress(t *testing.T) {
	promises(t, func(p *promised) {
		made := p.promise(p.asks(cases.Form{Kind: cases.Request}))
		if made.Object.ID != "" || made.Kind != commitment.Publish {
			t.Fatalf("promised: %+v", made)
		}
		eva, base := p.of(t, p.enlace), made.Path()
		deliver := func(address string) answer {
			return eva.fill(base+"/gestionar", base+"/entregar", map[string][]string{"direccion": {address}})
		}
		if a := deliver("/datos/camas-de-hospital"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "no está en el catálogo") {
			t.Errorf("before it is there: %d", a.status)
		}
		ref := p.reads(p.salud.ID, "Publicar camas de hospital")
		p.works()
		path := p.card(t, ref).Path
		if page := eva.get(base + "/gestionar"); !strings.Contains(page.body, "Publicar camas de hospital") {
			t.Error("the dataset that was added since is not offered")
		}
		if a := deliver(path); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "todavía no se revisan") {
			t.Errorf("before its link was looked at: %d", a.status)
		}
		p.looks("timeout")
		if a := deliver(path); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Ninguna de sus ligas respondió") {
			t.Errorf("with a broken link: %d", a.status)
		}
		p.looks("ok")
		if a := deliver(p.site.Config.BaseURL + path); a.status != http.StatusSeeOther {
			t.Errorf("delivered: %d", a.status)
		}
		if got := p.value(t, `SELECT state FROM commitments WHERE id = $1`, made.ID); got != "kept" {
			t.Errorf("it is %s", got)
		}
	})
}

func TestCasesAndPromisesFollowADatasetThatChangesHandsAndATombstone(t *testing.T) {
	promises(t, func(p *promised) {
		ref := p.reads(p.salud.ID, "Camas de hospital")
		on := cases.On{Ref: ref, Dataset: ref.ID}
		open := p.asks(cases.Form{Kind: cases.Question, On: on})
		made := p.promise(p.asks(cases.Form{Kind: cases.Request, On: on}))
		p.reads(p.lerma.ID, "Camas de hospital")
		p.works()
		for what, got := range map[string]string{
			"the case":    p.value(t, `SELECT institution FROM cases WHERE id = $1`, open.ID),
			"its promise": p.value(t, `SELECT institution FROM commitments WHERE id = $1`, made.ID),
			"its clock":   p.value(t, `SELECT body FROM case_clocks WHERE case_id = $1 AND kind = 'answer' AND stopped_at IS NULL`, open.ID),
		} {
			if got != p.lerma.ID {
				t.Errorf("%s is with %q", what, got)
			}
		}
		p.read(t, func(tx *db.Tx) error {
			c, err := cases.ByID(tx, open.ID)
			if !c.Due.Equal(open.Due) {
				t.Errorf("it is due %s, was %s", c.Due, open.Due)
			}
			return err
		})
		p.write(t, func(tx *db.Tx) error { return catalog.MarkMissing(tx, promiseRun, []string{ref.ID}) })
		p.write(t, func(tx *db.Tx) error { return catalog.MarkAbsent(tx, promiseRun, []string{ref.ID}) })
		p.works()
		if card := p.card(t, ref); !card.Unavailable {
			t.Errorf("the tombstone's card is %+v", card)
		}
		p.saysPage(p.card(t, ref).Path, open.Title, "Publicar las camas")
		p.saysPage(made.Path(), "ya no está en su catálogo de origen")
		p.looks("ok")
		p.works()
		if got := p.value(t, `SELECT state FROM commitments WHERE id = $1`, made.ID); got != "open" {
			t.Errorf("a tombstone left it %s", got)
		}
		p.reads(p.lerma.ID, "Camas de hospital")
		p.works()
		state := func() string { return p.value(t, `SELECT state FROM commitments WHERE id = $1`, made.ID) }
		if p.card(t, ref).Unavailable || state() != "open" {
			t.Errorf("it came back as it was, and the promise is %s", state())
		}
		p.reads(p.lerma.ID, "Camas de hospital, mejoradas")
		p.works()
		if state() != "kept" {
			t.Errorf("it was improved, and the promise is %s", state())
		}
	})
}

func TestADatasetWithManyCasesCostsWhatOneWithFewDoes(t *testing.T) {
	promises(t, func(p *promised) {
		ref := p.reads(p.salud.ID, "Camas de hospital")
		resource := plaza.Ref{Kind: catalog.KindResource, ID: plaza.NestedID(ref.ID, "r1")}
		cost := func(path string) int64 {
			ctx, n := db.CountStatements(context.WithoutCancel(t.Context()))
			res := webtest.Do(p.shell, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
			if res.Code != http.StatusOK {
				t.Fatalf("GET %s = %d", path, res.Code)
			}
			return n.Load()
		}
		answered := func(n int) {
			for i := range n {
				c := p.asks(cases.Form{Kind: cases.Question, On: cases.On{Ref: resource, Dataset: ref.ID, Column: fmt.Sprint("columna_", i)}})
				p.site.DB.Clock().Advance(10 * time.Minute)
				if i%2 == 0 {
					p.by(t, p.enlace.Actor(), func(tx *db.Tx) error {
						_, acts, err := p.site.Cases.Publish(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "Es la clave."}, cases.Signature{})
						if err != nil {
							return err
						}
						return record.Append(tx, acts...)
					})
				}
			}
		}
		answered(3)
		p.works()
		paths := []string{p.card(t, ref).Path, p.card(t, resource).Path}
		few := []int64{cost(paths[0]), cost(paths[1])}
		answered(200)
		p.works()
		for i, path := range paths {
			if n := cost(path); n > few[i] {
				t.Errorf("GET %s costs %d statements with 200 cases, %d with three", path, n, few[i])
			}
		}
	})
}

func TestTheDictionarySaysWhatWasAnsweredOfAColumn(t *testing.T) {
	promises(t, func(p *promised) {
		ref := p.reads(p.salud.ID, "Camas de hospital")
		resource := plaza.Ref{Kind: catalog.KindResource, ID: plaza.NestedID(ref.ID, "r1")}
		c := p.asks(cases.Form{Kind: cases.Question, On: cases.On{Ref: resource, Dataset: ref.ID, Column: "cve_ent"}})
		p.by(t, p.enlace.Actor(), func(tx *db.Tx) error {
			_, acts, err := p.site.Cases.Publish(tx, c.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "Es la clave del INEGI."}, cases.Signature{})
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
		p.works()
		said := p.page(t, p.card(t, resource).Path).Find("td .Known-said")
		if got := strings.Join(strings.Fields(said.Text()), " "); !strings.Contains(got, "Es la clave del INEGI. respuesta de Secretaría de Salud") {
			t.Errorf("the dictionary says %q", got)
		}
		if href, _ := said.Find("a").Attr("href"); href != c.Path() {
			t.Errorf("it leads to %q", href)
		}
	})
}
