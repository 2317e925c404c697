package inbox_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/inbox"
)

func TestPagesFitTheirTypesAndWords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, p := range webtest.CheckTemplates(newWorld(t, d).shell) {
			t.Error(p)
		}
	})
}

func TestTheInboxShowsWhatIsOwedTheSoonestDueFirst(t *testing.T) {
	worlds(t, func(w *world) {
		w.ask(w.ana, "una solicitud", func(f *cases.Form) { f.Kind = cases.Request })
		w.ask(w.ana, "una pregunta", func(f *cases.Form) { f.Name = "Curiosa"; f.On.Ref, f.On.Dataset = dataset, dataset.ID })
		done := w.ask(w.beto, "respondida", nil)
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) {
			return w.cases.Publish(tx, done.ID, cases.AnswerForm{Outcome: cases.Explained, Body: "Es así."}, cases.Signature{})
		})
		doc := w.page(w.enlace, base)
		if got := titles(doc); !slices.Equal(got, []string{"una pregunta", "una solicitud"}) {
			t.Errorf("the inbox lists %v", got)
		}
		said := text(doc.Find("main"))
		for _, want := range []string{"Curiosa", "Ana López", "Un conjunto", "Quedan 10 días hábiles", "Quedan 20 días hábiles", "Por responder (2)", "Todas (3)", "Comentarios sin atender (7)"} {
			if !strings.Contains(said, want) {
				t.Errorf("the inbox does not say %q: %s", want, said)
			}
		}
		if got := titles(w.page(w.enlace, base+"?clase=request")); !slices.Equal(got, []string{"una solicitud"}) {
			t.Errorf("of a kind: %v", got)
		}
		if got := titles(w.page(w.enlace, base+"?ver=todas&estado=answered")); !slices.Equal(got, []string{"respondida"}) {
			t.Errorf("of a state: %v", got)
		}
		dbtest.Advance(w.db, 19*24*time.Hour) // the question is late, the request is not
		doc = w.page(w.enlace, base+"?ver=vencidas")
		if got := titles(doc); !slices.Equal(got, []string{"una pregunta"}) || !strings.Contains(text(doc.Selection), "Vencida hace") {
			t.Errorf("overdue: %v: %s", got, text(doc.Selection))
		}
	})
}

func TestWordsAndFoliosFindWithinTheInbox(t *testing.T) {
	worlds(t, func(w *world) {
		w.ask(w.ana, "camas por hospital", nil)
		c := w.ask(w.ana, "médicos por turno", nil)
		w.ask(w.beto, "camas de Lerma", func(f *cases.Form) { f.Institution = w.lerma.ID })
		if err := w.engine.Sync(t.Context(), w.db); err != nil {
			t.Fatal(err)
		}
		for q, want := range map[string][]string{"medicos": {"médicos por turno"}, strings.ToLower(c.Folio): {"médicos por turno"},
			"camas": {"camas por hospital", "médicos por turno"}, "ajolote": nil, "\x00%_'\"": {"camas por hospital", "médicos por turno"}} {
			got := titles(w.page(w.enlace, base+"?q="+url.QueryEscape(q)))
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", q, got, want)
			}
		}
	})
}

func TestMineAreThoseOfMyAreaAndThoseThatIDrafted(t *testing.T) {
	worlds(t, func(w *world) {
		turned, drafted := w.ask(w.ana, "turnada", nil), w.ask(w.ana, "con borrador", nil)
		w.ask(w.ana, "de nadie", nil)
		w.do(w.enlace, func(tx *db.Tx) (cases.Case, []record.Act, error) { return w.cases.Turn(tx, turned.ID, w.unit.ID) })
		w.as(w.area, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO case_drafts (id, case_id, author_id, state, content, created_at, updated_at) VALUES ($1, $2, $3, 'sent', '{}', $4, $4)`,
				tx.ID(), drafted.ID, w.area.ID, tx.Now)
			return err
		})
		who := w.area.Actor()
		who.Grants = []plaza.Grant{{Role: plaza.DataOwner, Institution: w.salud.ID, Unit: w.unit.ID}}
		res := w.request(t.Context(), who, httptest.NewRequest(http.MethodGet, base+"?ver=mias", nil))
		doc := w.doc(res)
		got := titles(doc)
		if slices.Sort(got); !slices.Equal(got, []string{"con borrador", "turnada"}) {
			t.Errorf("mine are %v", got)
		}
		if doc.Find("input[type=checkbox]").Length() != 0 {
			t.Error("an area can choose several, with which it can do nothing")
		}
		doc = w.page(w.enlace, base+"?ver=borradores")
		if got := titles(doc); !slices.Equal(got, []string{"con borrador"}) || !strings.Contains(text(doc.Selection), "Borrador de un área") {
			t.Errorf("with a draft: %v", got)
		}
	})
}

func TestOnlyThoseWhoAnswerSeeAnInbox(t *testing.T) {
	worlds(t, func(w *world) {
		w.ask(w.ana, "algo", nil)
		for _, k := range []struct {
			name string
			who  account.Person
			path string
			want int
		}{
			{"a visitor", account.Person{}, base, 401},
			{"a member", w.beto, base, 403},
			{"another institution's liaison", w.ajena, base, 403},
			{"another institution's liaison, the file", w.ajena, base + ".xlsx", 403},
			{"an area, the rules", w.area, base + "/reglas", 403},
			{"an area, the import", w.area, base + "/importar", 403},
			{"a liaison, the coordination's", w.enlace, "/admin/consultas", 403},
			{"the area", w.area, base, 200},
			{"the coordination", w.admin, "/admin/consultas", 200},
		} {
			if got := w.get(k.who, k.path).Code; got != k.want {
				t.Errorf("%s: %d, want %d", k.name, got, k.want)
			}
		}
	})
}

func TestTheInboxShowsWhatItStandsInForAndWhatItIsAskedToTakeOver(t *testing.T) {
	worlds(t, func(w *world) {
		w.ask(w.ana, "de Salud", nil)
		mine := w.ask(w.beto, "de Lerma", func(f *cases.Form) { f.Institution = w.lerma.ID })
		w.stands[""] = []string{w.lerma.ID}
		doc := w.page(w.admin, "/admin/consultas")
		if got := titles(doc); !slices.Equal(got, []string{"de Lerma"}) || !strings.Contains(text(doc.Selection), "Es de Municipio de Lerma") {
			t.Errorf("the coordination sees %v", got)
		}
		if href, _ := doc.Find(".js-inbox-open").Attr("href"); href != "/gestion/lerma/consultas/"+mine.Folio {
			t.Errorf("it opens %s", href)
		}
		w.as(w.ajena, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO case_handovers (id, case_id, from_body, to_body, reason, state, at) VALUES ($1, $2, $3, $4, 'es suya', 'asked', $5)`,
				tx.ID(), mine.ID, w.lerma.ID, w.salud.ID, tx.Now)
			return err
		})
		if got := titles(w.page(w.enlace, base+"?ver=pases")); !slices.Equal(got, []string{"de Lerma"}) {
			t.Errorf("asked to take over: %v", got)
		}
	})
}

func TestTwentyCasesOfOnePersonAreFoldedAndNoneIsLeftOut(t *testing.T) {
	worlds(t, func(w *world) {
		for i := range 20 {
			w.ask(w.ana, fmt.Sprint("de Ana ", i), func(f *cases.Form) { f.Name = "Nadie en particular" })
			if i == 3 {
				w.ask(w.beto, "de Beto", nil)
			}
		}
		doc := w.page(w.enlace, base)
		fold := doc.Find(".CaseInbox-group")
		if fold.Length() != 1 || fold.Find(".js-inbox-open").Length() != 20 || len(titles(doc)) != 21 {
			t.Errorf("%d groups with %d of %d cases", fold.Length(), fold.Find(".js-inbox-open").Length(), len(titles(doc)))
		}
		if got := text(fold.Find("summary")); got != "Nadie en particular: 20 consultas en una semana" || strings.Contains(text(doc.Selection), "Ana López") {
			t.Errorf("the group is called %q", got)
		}
	})
}

func TestTheFoldDoesNotTellThatTwoNamesAreOnePersons(t *testing.T) {
	worlds(t, func(w *world) {
		for i := range 4 {
			w.ask(w.ana, fmt.Sprint("con su nombre ", i), nil)
			w.ask(w.ana, fmt.Sprint("con otro ", i), func(f *cases.Form) { f.Name = "Nadie en particular" })
		}
		if doc := w.page(w.enlace, base); doc.Find(".CaseInbox-group").Length() != 0 || len(titles(doc)) != 8 {
			t.Errorf("%d groups of %d cases", doc.Find(".CaseInbox-group").Length(), len(titles(doc)))
		}
	})
}

func TestAPageGoesOnWhereItEnded(t *testing.T) {
	worlds(t, func(w *world) {
		w.bulk(120)
		seen := map[string]bool{}
		for path, pages := base, 0; path != ""; pages++ {
			doc := w.page(w.enlace, path)
			for _, s := range titles(doc) {
				if seen[s] {
					t.Errorf("%q came twice", s)
				}
				seen[s] = true
			}
			path, _ = doc.Find(`a[rel="next"]`).Attr("href")
		}
		if len(seen) != 120 {
			t.Errorf("%d of 120 came", len(seen))
		}
	})
}

// bulk stores many open cases at once, without their acts.
func (w *world) bulk(n int) {
	w.Helper()
	for from := 0; from < n; from += 500 {
		w.as(account.Person{}, func(tx *db.Tx) error {
			for i := from; i < min(n, from+500); i++ {
				at := tx.Now.Add(-time.Duration(i) * time.Minute)
				id := plaza.NewID(at)
				if _, err := tx.Exec(`INSERT INTO cases (id, folio, nonce, kind, title, body, language, institution, asker_id, channel, standing, state, asked_at, published_at, due_at)
					VALUES ($1, $2, $2, $3, $4, 'cuerpo', 'es', $5, $6, 'web', 'public', 'open', $7, $7, $8)`,
					id, fmt.Sprint("M-", i), cases.Kinds[i%4], fmt.Sprint("masiva ", i), w.salud.ID, w.person0(i), at, at.AddDate(0, 0, 14)); err != nil {
					return err
				}
				if _, err := tx.Exec(`INSERT INTO case_clocks (id, case_id, kind, round, responsible, rule, days, calendar, started_at, promised_at, due_at)
					VALUES ($1, $1, 'answer', 1, 'liaison', 'question@1', 10, 'x', $2, $3, $3)`, id, at, at.AddDate(0, 0, 14)); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func (w *world) person0(i int) string { return []string{w.ana.ID, w.beto.ID}[i%2] }

func TestAPageOfFiveThousandCasesTakesFewStatements(t *testing.T) {
	worlds(t, func(w *world) {
		w.bulk(5000)
		for _, path := range []string{base, base + "?ver=vencidas&clase=quality", base + "?ver=todas", base + "?ver=mias"} {
			ctx, n := db.CountStatements(context.WithoutCancel(t.Context()))
			res := w.request(ctx, w.enlace.Actor(), httptest.NewRequest(http.MethodGet, path, nil))
			if res.Code != http.StatusOK || n.Load() > 45 {
				t.Errorf("%s: %d, %d statements", path, res.Code, n.Load())
			}
		}
	})
}

func TestViewsAreKeptByNameForOnePersonAndInbox(t *testing.T) {
	worlds(t, func(w *world) {
		res := w.post(w.enlace, base+"/filtros", url.Values{"nombre": {"Urgentes"}, "consulta": {"ver=vencidas&clase=quality&nada=1"}})
		if res.Code != http.StatusSeeOther {
			t.Fatalf("keeping: %d %s", res.Code, res.Body)
		}
		link := w.page(w.enlace, base).Find(".CaseInbox-saved a")
		if href, _ := link.Attr("href"); text(link) != "Urgentes" || href != base+"?clase=quality&ver=vencidas" {
			t.Errorf("it is kept as %q, %s", text(link), href)
		}
		if w.page(w.area, base).Find(".CaseInbox-saved a").Length() != 0 {
			t.Error("somebody else sees it")
		}
		res = w.post(w.enlace, base+"/filtros", url.Values{"nombre": {" "}, "consulta": {"ver=semana"}})
		if doc := w.doc(res); res.Code != http.StatusUnprocessableEntity || doc.Find("#campo-nombre-error").Length() != 1 {
			t.Errorf("without a name: %d", res.Code)
		}
		id, _ := w.page(w.enlace, base).Find("button[name=quitar]").Attr("value")
		w.post(w.ajena, "/gestion/lerma/consultas/filtros", url.Values{"quitar": {id}})
		if w.page(w.enlace, base).Find(".CaseInbox-saved a").Length() != 1 {
			t.Error("somebody else removed it")
		}
		w.post(w.enlace, base+"/filtros", url.Values{"quitar": {id}})
		if w.page(w.enlace, base).Find(".CaseInbox-saved a").Length() != 0 {
			t.Error("it was not removed")
		}
		w.post(w.enlace, base+"/filtros", url.Values{"nombre": {"Otra"}, "consulta": {""}})
		h := inbox.Holding()
		w.as(w.enlace, func(tx *db.Tx) error {
			if got, err := h.Export(tx, w.enlace.ID); err != nil || !strings.Contains(fmt.Sprint(got), "Otra") {
				t.Errorf("exported: %v, %v", got, err)
			}
			_, err := h.Erase(tx, w.enlace.ID)
			return err
		})
		if w.page(w.enlace, base).Find(".CaseInbox-saved a").Length() != 0 {
			t.Error("who goes leaves a filter")
		}
	})
}

func TestARuleTurnsANewCaseWhichAcknowledgesIt(t *testing.T) {
	worlds(t, func(w *world) {
		before := w.ask(w.ana, "antes de la regla", func(f *cases.Form) { f.On.Ref, f.On.Dataset = dataset, dataset.ID })
		for _, form := range []url.Values{
			{"que": {"theme"}, "tema": {"SALUD publica"}, "tema_area": {w.other.ID}},
			{"que": {"source"}, "catalogo": {"fuente"}, "catalogo_area": {w.other.ID}},
			{"que": {"dataset"}, "conjunto": {webtest.Base + "/datos/un-conjunto"}, "conjunto_area": {w.unit.ID}},
		} {
			if res := w.post(w.enlace, base+"/reglas", form); res.Code != http.StatusSeeOther {
				t.Fatalf("adding %v: %d %s", form, res.Code, text(w.doc(res).Find("main")))
			}
		}
		set := w.ask(w.ana, "del conjunto", func(f *cases.Form) {
			f.On.Ref, f.On.Dataset, f.On.Themes = dataset, dataset.ID, []string{"Salud Pública"}
		})
		theme := w.ask(w.ana, "del tema", func(f *cases.Form) { f.On.Themes = []string{"Salud Pública"} })
		none := w.ask(w.ana, "de nada", nil)
		for _, k := range []struct {
			c    cases.Case
			unit string
		}{{set, w.unit.ID}, {theme, w.other.ID}, {none, ""}} {
			if c := w.now(k.c); c.Unit != k.unit || c.Acknowledged.IsZero() != (k.unit == "") {
				t.Errorf("%s is with %q, %s, acknowledged %s", c.Title, c.Unit, c.State, c.Acknowledged)
			}
		}
		w.read(func(tx *db.Tx) error {
			list, err := record.Since(tx, record.Filter{Object: set.Ref()}, 10)
			if len(list) != 2 || list[1].Verb != "case.assigned" || list[1].Actor.Role != string(plaza.System) || list[1].Actor.Ref != "" {
				t.Errorf("the record: %+v", list)
			}
			return err
		})
		res := w.post(w.enlace, base+"/reglas", url.Values{"hacer": {"aplicar"}})
		if got := res.Header().Get("Location"); got != base+"/reglas?aplicadas=1" || w.now(before).Unit != w.unit.ID {
			t.Errorf("applied: %s, the old one is with %q", got, w.now(before).Unit)
		}
	})
}

func TestRulesAreTriedInTheirOrderAndThoseThatTurnNothingSaySo(t *testing.T) {
	worlds(t, func(w *world) {
		for _, s := range []string{"uno", "dos"} {
			unit := map[string]string{"uno": w.unit.ID, "dos": w.other.ID}[s]
			w.post(w.enlace, base+"/reglas", url.Values{"que": {"theme"}, "tema": {s}, "tema_area": {unit}})
		}
		both := func(f *cases.Form) { f.On.Themes = []string{"uno", "dos"} }
		if c := w.now(w.ask(w.ana, "primera", both)); c.Unit != w.unit.ID {
			t.Error("the first rule is not the first")
		}
		id, _ := w.page(w.enlace, base+"/reglas").Find(`tr:has(button[value=subir]) input[name=regla]`).Attr("value")
		w.post(w.enlace, base+"/reglas", url.Values{"hacer": {"subir"}, "regla": {id}})
		if c := w.now(w.ask(w.ana, "segunda", both)); c.Unit != w.other.ID {
			t.Error("the rule was not raised")
		}
		w.as(w.enlace, func(tx *db.Tx) error {
			acts, err := institution.RetireUnit(tx, w.salud.ID, w.other.ID, true)
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		})
		if c := w.now(w.ask(w.ana, "tercera", both)); c.Unit != w.unit.ID {
			t.Error("a rule with a retired area is tried")
		}
		if got := text(w.page(w.enlace, base+"/reglas").Find("table")); !strings.Contains(got, "el área ya no existe") {
			t.Errorf("the page does not say it: %s", got)
		}
		for name, form := range map[string]url.Values{
			"campo-tema-error":          {"que": {"theme"}, "tema": {"UNO"}, "tema_area": {w.unit.ID}},
			"campo-tema_area-error":     {"que": {"theme"}, "tema": {"tres"}, "tema_area": {w.other.ID}},
			"campo-conjunto-error":      {"que": {"dataset"}, "conjunto": {"/datos/otro"}, "conjunto_area": {w.unit.ID}},
			"campo-catalogo-error":      {"que": {"source"}, "catalogo": {"ajena"}, "catalogo_area": {w.unit.ID}},
			"campo-catalogo_area-error": {"que": {"source"}, "catalogo": {"fuente"}, "catalogo_area": {""}},
		} {
			if res := w.post(w.enlace, base+"/reglas", form); res.Code != http.StatusUnprocessableEntity || w.doc(res).Find("#"+name).Length() != 1 {
				t.Errorf("%v: %d, no %s", form, res.Code, name)
			}
		}
	})
}

func TestTemplatesAreKeptAndOfTwoWhoChangeOneTheSecondIsTold(t *testing.T) {
	worlds(t, func(w *world) {
		form := url.Values{"titulo": {"Diccionario"}, "texto": {"Está en el diccionario."}, "resultado": {"explained"}}
		if res := w.post(w.enlace, base+"/plantillas", form); res.Code != http.StatusSeeOther {
			t.Fatalf("storing: %d %s", res.Code, res.Body)
		}
		if res := w.post(w.enlace, base+"/plantillas", form); res.Code != http.StatusUnprocessableEntity {
			t.Errorf("the same name again: %d", res.Code)
		}
		var all []inbox.Template
		w.read(func(tx *db.Tx) (err error) { all, err = inbox.Templates(tx, w.salud.ID); return err })
		if len(all) != 1 || all[0].Outcome != cases.Explained {
			t.Fatalf("there are %+v", all)
		}
		seen, _ := w.page(w.enlace, base+"/plantillas?plantilla="+all[0].ID).Find("input[name=seen]").Attr("value")
		change := url.Values{"plantilla": {all[0].ID}, "seen": {seen}, "titulo": {"Diccionario"}, "texto": {"Primero."}}
		if res := w.post(w.enlace, base+"/plantillas", change); res.Code != http.StatusSeeOther {
			t.Errorf("changing: %d", res.Code)
		}
		change.Set("texto", "Segundo.")
		if res := w.post(w.enlace, base+"/plantillas", change); res.Code != http.StatusConflict || !strings.Contains(res.Body.String(), "Segundo.") {
			t.Errorf("changing what was changed: %d", res.Code)
		}
		w.post(w.ajena, "/gestion/lerma/consultas/plantillas", url.Values{"plantilla": {all[0].ID}, "hacer": {"quitar"}})
		w.read(func(tx *db.Tx) (err error) { all, err = inbox.Templates(tx, w.salud.ID); return err })
		if len(all) != 1 || all[0].Body != "Primero." {
			t.Errorf("there are %+v", all)
		}
	})
}

func TestPagesUnderTheInboxKeepItsTab(t *testing.T) {
	worlds(t, func(w *world) {
		for _, path := range []string{base, base + "/reglas", base + "/plantillas", base + "/importar"} {
			tab := w.page(w.enlace, path).Find(".Tabs a[aria-current=page]")
			if href, _ := tab.Attr("href"); tab.Length() != 1 || href != base {
				w.Errorf("%s: the current tab is %q (%d of them)", path, href, tab.Length())
			}
		}
	})
}
