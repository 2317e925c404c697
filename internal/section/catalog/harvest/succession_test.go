package harvest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/harvest"
)

// succession is a world in which institutions end.
type succession struct {
	*world
	s *institution.Successions
}

func newSuccession(t *testing.T, d *db.DB, p *portal) *succession {
	t.Helper()
	w := &succession{world: newWorld(t, d, dcat.CKAN, p.URL)}
	w.s = institution.NewSuccessions(d, func(tx *db.Tx) error {
		_, err := harvest.MoveRest(tx)
		return err
	}, harvest.Movers()...)
	w.s.Handle(w.runner)
	return w
}

func (w *succession) body(name string) (i institution.Institution) {
	w.t.Helper()
	w.write(func(tx *db.Tx) (err error) {
		i, err = harvest.PutInstitution(tx, institution.Institution{Name: name, Type: "federal"})
		return err
	})
	return i
}

// owned makes the world's source an institution's.
func (w *succession) owned(body institution.Institution) {
	w.t.Helper()
	w.write(func(tx *db.Tx) error {
		s := w.source
		s.InstitutionID = body.ID
		_, err := w.h.Edit(tx, s)
		return err
	})
}

func (w *succession) end(kind, from string, to ...string) {
	w.t.Helper()
	w.write(func(tx *db.Tx) error { return w.s.End(tx, ending(kind, from, nil, to...)) })
	w.drain()
}

func ending(kind, from string, shares map[string]string, to ...string) institution.Ending {
	return institution.Ending{Kind: kind, From: from, To: to, Shares: shares,
		Basis: institution.Basis{Date: "2026-11-20", LegalRef: "Decreto en el DOF"}}
}

func (w *succession) drain() {
	w.t.Helper()
	if _, err := w.runner.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// owners counts datasets by the id of their institution.
func (w *succession) owners() (counts map[string]int) {
	w.t.Helper()
	w.read(func(tx *db.Tx) (err error) {
		counts, err = catalog.CountByInstitution(tx)
		return err
	})
	return counts
}

func (w *succession) sourceOwner() string {
	w.t.Helper()
	var s harvest.Source
	w.read(func(tx *db.Tx) (err error) {
		s, err = harvest.SourceByID(tx, w.source.ID)
		return err
	})
	return s.InstitutionID
}

// many are packages of several publishers.
func many(n int, publisher string) []map[string]any {
	out := pkgs(n)
	for i := range out {
		out[i]["organization"] = map[string]any{"id": publisher, "name": publisher, "title": publisher}
	}
	return out
}

func TestTwoAreMergedWithTheirDatasetsSourcesAndRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		all := many(260, "Instituto de Lenguas") // more than one piece takes
		for i := 200; i < 260; i++ {
			all[i]["organization"] = map[string]any{"id": "danza", "name": "danza", "title": "La Danza"}
		}
		p.set(all)
		w := newSuccession(t, d, p)
		lenguas, danza, artes := w.body("Instituto de Lenguas"), w.body("Instituto de Danza"), w.body("Instituto de las Artes")
		w.owned(lenguas)
		w.write(func(tx *db.Tx) error {
			_, err := harvest.PutRule(tx, harvest.Rule{Match: "danza", InstitutionID: danza.ID})
			return err
		})
		w.harvest()
		if got := w.owners(); got[lenguas.ID] != 200 || got[danza.ID] != 60 {
			t.Fatalf("before: %v", got)
		}
		w.end(institution.Merged, lenguas.ID, artes.ID)
		w.end(institution.Merged, danza.ID, artes.ID)
		if got := w.owners(); got[artes.ID] != 260 || len(got) != 1 {
			t.Errorf("the datasets are %v", got)
		}
		if got := w.sourceOwner(); got != artes.ID {
			t.Errorf("the source is of %s", got)
		}
		w.want("the reading after it", w.harvest(), harvest.Unchanged, 260, 0, 0, 0, 0, 0)
		w.finds("instituto de las artes", 260)
		w.verifyRecord()
	})
}

// finds wants how many datasets the name of an owner finds.
func (w *succession) finds(words string, want int) {
	w.t.Helper()
	e := search.New()
	if err := e.Sync(w.t.Context(), w.db); err != nil {
		w.t.Fatal(err)
	}
	res, err := e.Search(search.Query{Text: words, Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}}, Limit: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	if res.Total != want {
		w.t.Errorf("%q finds %d datasets, want %d", words, res.Total, want)
	}
}

func TestOneIsSplitByWhatWasChosenOfItsPublishersAndSources(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		all := many(20, "Archivo")
		for i := 12; i < 20; i++ {
			all[i]["organization"] = map[string]any{"id": "museo", "name": "museo", "title": "Museo"}
		}
		p.set(all)
		w := newSuccession(t, d, p)
		old, a, b := w.body("Secretaría Vieja"), w.body("Secretaría A"), w.body("Secretaría B")
		w.owned(old)
		w.harvest()
		var parts []institution.Part
		w.read(func(tx *db.Tx) (err error) {
			parts, err = w.s.Parts(tx, old.ID)
			return err
		})
		shares := map[string]string{}
		for _, part := range parts {
			if strings.HasPrefix(part.Title, "Museo") {
				shares[part.ID] = b.ID
			}
		}
		if len(parts) != 3 || len(shares) != 1 {
			t.Fatalf("its parts are %+v", parts)
		}
		w.write(func(tx *db.Tx) error { return w.s.End(tx, ending(institution.Split, old.ID, shares, a.ID, b.ID)) })
		w.drain()
		if got := w.owners(); got[a.ID] != 12 || got[b.ID] != 8 || len(got) != 2 {
			t.Errorf("the datasets went %v", got)
		}
		w.want("the reading after it", w.harvest(), harvest.Unchanged, 20, 0, 0, 0, 0, 0)
		w.verifyRecord()
	})
}

func TestWhatOneThatIsAbolishedHadIsTheCoordinations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(many(5, "Instituto de Danza"))
		w := newSuccession(t, d, p)
		danza := w.body("Instituto de Danza")
		w.owned(danza)
		w.harvest()
		w.end(institution.Abolished, danza.ID)
		if got := w.owners(); got[""] != 5 || w.sourceOwner() != "" {
			t.Errorf("the datasets are %v, the source of %q", got, w.sourceOwner())
		}
		w.want("the reading after it", w.harvest(), harvest.Unchanged, 5, 0, 0, 0, 0, 0)
		w.verifyRecord()
	})
}

func TestAMoveThatIsKilledBetweenPiecesIsCompletedByTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(many(210, "Instituto de Danza"))
		w := newSuccession(t, d, p)
		danza, artes := w.body("Instituto de Danza"), w.body("Instituto de las Artes")
		w.owned(danza)
		w.harvest()
		w.write(func(tx *db.Tx) error { return w.s.End(tx, ending(institution.Merged, danza.ID, nil, artes.ID)) })
		movers := harvest.Movers()
		pieces, down := 0, errors.New("the machine went down")
		datasets := movers[2].Move
		movers[2].Move = func(tx *db.Tx, from, to string) ([]record.Act, error) {
			if pieces++; pieces == 2 {
				return nil, down
			}
			return datasets(tx, from, to)
		}
		ctx := plaza.WithActor(t.Context(), plaza.SystemActor)
		if err := institution.NewSuccessions(d, nil, movers...).MoveAll(ctx); !errors.Is(err, down) {
			t.Fatalf("it ended with %v", err)
		}
		if got := w.owners(); got[artes.ID] != institution.MaxPiece || got[danza.ID] != 210-institution.MaxPiece {
			t.Fatalf("in the middle: %v", got)
		}
		w.drain()
		w.finds("instituto de las artes", 210)
		if got := w.owners(); got[artes.ID] != 210 || len(got) != 1 {
			t.Errorf("at the end: %v", got)
		}
		moves := 0
		w.read(func(tx *db.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM record_entries WHERE verb = 'dataset.moved'`).Scan(&moves)
		})
		if moves != 210 {
			t.Errorf("the record tells of %d moves", moves)
		}
		// a reading that began before wrote one more: the next look finds it
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE datasets SET institution_id = $1 WHERE slug = 'camas-de-hospital-7'`, danza.ID)
			return err
		})
		if err := w.s.MoveAll(ctx); err != nil {
			t.Fatal(err)
		}
		if got := w.owners(); got[artes.ID] != 210 {
			t.Errorf("after a late writer: %v", got)
		}
		w.verifyRecord()
	})
}

func TestDatasetsAreFoundUnderTheNewNameOfTheirInstitution(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		p.set(many(220, "Instituto de Danza"))
		w := newSuccession(t, d, p)
		danza := w.body("Instituto de Danza")
		w.owned(danza)
		w.harvest()
		w.write(func(tx *db.Tx) error {
			_, err := w.s.Rename(tx, institution.Renaming{ID: danza.ID, Was: danza.Name, Name: "Consejo Coreográfico", Basis: ending("", "", nil).Basis})
			return err
		})
		w.drain()
		w.finds("consejo coreográfico", 220)
		w.write(func(tx *db.Tx) error { // a correction counts as well
			i, err := institution.ByID(tx, danza.ID)
			if err != nil {
				return err
			}
			i.Name = "Consejo Coreológico"
			_, err = harvest.PutInstitution(tx, i)
			return err
		})
		w.drain()
		w.finds("coreológico", 220)
		w.want("the reading after it", w.harvest(), harvest.Unchanged, 220, 0, 0, 0, 0, 0)
	})
}

func TestOneThatIsNoMoreGetsNoSourcesAndNoPublishers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newSuccession(t, d, newPortal(t))
		danza, artes := w.body("Instituto de Danza"), w.body("Instituto de las Artes")
		w.end(institution.Merged, danza.ID, artes.ID)
		ctx := plaza.WithActor(t.Context(), plaza.SystemActor)
		for what, fn := range map[string]func(tx *db.Tx) error{
			"a source": func(tx *db.Tx) error {
				_, err := w.h.Add(tx, harvest.Source{Kind: dcat.CKAN, URL: "https://example.org/", InstitutionID: danza.ID})
				return err
			},
			"the source of another": func(tx *db.Tx) error {
				s := w.source
				s.InstitutionID = danza.ID
				_, err := w.h.Edit(tx, s)
				return err
			},
			"a publisher": func(tx *db.Tx) error {
				_, err := harvest.PutRule(tx, harvest.Rule{Match: "x", InstitutionID: danza.ID})
				return err
			},
		} {
			err := d.Write(ctx, fn)
			e, ok := errors.AsType[*plaza.Error](err)
			if !ok || len(e.Fields) != 1 || e.Fields[0].Key != "institution.error.extinct" {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestALiaisonLooksAfterTheSourcesOfTheInstitutionAndNoOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t)
		s := newSite(t, d, p)
		if err := officeOf(s, d); err != nil {
			t.Fatal(err)
		}
		var salud, sep institution.Institution
		s.write(func(tx *db.Tx) (err error) {
			if salud, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Salud", Acronym: "SALUD", Type: "federal"}); err != nil {
				return err
			}
			return nil
		})
		s.write(func(tx *db.Tx) (err error) {
			sep, err = institution.Put(tx, institution.Institution{Name: "Secretaría de Educación", Acronym: "SEP", Type: "federal"})
			return err
		})
		who, base := "liaison-"+salud.ID, "/gestion/salud/catalogos"
		s.says(s.page(who, base), "main", "Catálogos de origen")
		other := p.URL + "/otro"
		// whatever institution the form names, it is the office's
		at := s.leads(who, base, url.Values{"kind": {"ckan"}, "url": {other}, "title": {"De Salud"}, "every": {"24"}, "institution": {sep.ID}})
		var mine harvest.Source
		s.read(func(tx *db.Tx) (err error) {
			mine, err = harvest.AtAddress(tx, dcat.CKAN, other)
			return err
		})
		if mine.InstitutionID != salud.ID || !strings.HasPrefix(at, mine.Path()) {
			t.Fatalf("added %+v, led to %s", mine, at)
		}
		doc := s.page(who, base)
		s.says(doc, "table", "De Salud")
		if text := doc.Find("table").Text(); strings.Contains(text, s.source.Title) {
			t.Errorf("the office shows the source of another: %s", text)
		}
		one := base + "/" + mine.ID
		if got := s.leads(who, one+"/pausar", nil); got != base+"?hecho=en-pausa" {
			t.Errorf("pausing leads to %s", got)
		}
		if got := s.leads(who, one+"/reanudar", nil); got != base+"?hecho=reanudado" {
			t.Errorf("resuming leads to %s", got)
		}
		if got := s.leads(who, one+"/editar", url.Values{"url": {other}, "title": {"De la Secretaría"}, "every": {"12"}, "institution": {sep.ID}}); !strings.HasPrefix(got, base+"?hecho=editado") {
			t.Errorf("editing leads to %s", got)
		}
		s.says(s.page(who, one+"/editar"), "h1", "De la Secretaría")
		res := s.as(who, http.MethodPost, base, url.Values{"kind": {"ckan"}, "url": {"no es"}, "every": {"24"}})
		if res.Code != http.StatusUnprocessableEntity || !strings.Contains(res.Body.String(), "no es") {
			t.Errorf("a wrong address: %d", res.Code)
		}
		for path, want := range map[string]int{
			base + "/" + s.source.ID + "/pausar":                 http.StatusNotFound, // not its own
			"/gestion/sep/catalogos/" + mine.ID + "/pausar":      http.StatusNotFound,
			"/admin/catalogos/" + s.source.ID + "/pausar":        http.StatusForbidden,
			"/gestion/sep/catalogos":                             http.StatusForbidden,
			fmt.Sprintf("/gestion/%s/catalogos/x/leer", "nadie"): http.StatusNotFound,
		} {
			if got := s.as(who, http.MethodPost, path, url.Values{"kind": {"ckan"}, "url": {"https://example.org"}, "every": {"24"}}).Code; got != want {
				t.Errorf("POST %s = %d, want %d", path, got, want)
			}
		}
		if got := s.as(who, http.MethodGet, "/gestion/sep/catalogos", nil).Code; got != http.StatusForbidden {
			t.Errorf("the office of another: %d", got)
		}
	})
}

// officeOf mounts an office's pages beside the coordination's.
func officeOf(s *site, d *db.DB) error {
	shell := s.bare(d)
	office := institution.NewOffice(d, shell)
	s.shell = shell
	if err := harvest.NewPages(d, s.h).In(office).Mount(shell); err != nil {
		return err
	}
	if !slices.ContainsFunc(shell.Routes(), func(r web.Route) bool { return strings.Contains(r.Pattern, "/gestion/") }) {
		return errors.New("the office has no pages")
	}
	return nil
}
