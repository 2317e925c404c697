package commitment_test

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// doc is a page, which has to be there.
func (w *world) doc(p account.Person, path string) *goquery.Document {
	w.Helper()
	res := w.get(p, path)
	if res.Code != http.StatusOK {
		w.Fatalf("GET %s = %d", path, res.Code)
	}
	return parsed(w, res)
}

func parsed(w *world, res *httptest.ResponseRecorder) *goquery.Document {
	w.Helper()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return doc
}

func says(w *world, doc *goquery.Document, selector string, wants ...string) {
	w.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	for _, want := range wants {
		if !strings.Contains(got, want) {
			w.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
}

func TestTheTemplatesHold(t *testing.T) {
	worlds(t, func(w *world) {
		for _, problem := range webtest.CheckTemplates(w.shell) {
			w.Error(problem)
		}
	})
}

func TestTheListIsFilteredSortedAndTakenAway(t *testing.T) {
	worlds(t, func(w *world) {
		first := w.made(w.promise())
		p := w.promise()
		p.Due, p.Text, p.Object, p.Kind = "2026-11-30", "=Mejorar las camas", camas, commitment.Improve
		soon := w.made(p)
		p = w.promise()
		p.Institution, p.Unit, p.Text = w.lerma.ID, "", "Publicar los baches"
		w.made(p)
		w.shows[camas] = good(w.db.Now())
		w.must(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.Deliver(tx, first.ID, camas)
		})
		w.db.Clock().Set(soon.Late.Add(36 * time.Hour))
		for path, want := range map[string][]string{
			"/compromisos":                      {"3 compromisos", "Vencido hace 2 días", "Cumplido", "Publicar los baches", "Nació de ¿Cuándo se publican las camas?"},
			"/compromisos?estado=vencidos":      {"Un compromiso", "=Mejorar las camas"},
			"/compromisos?estado=cumplidos":     {"Un compromiso", "SALUD-C-2026-0001"},
			"/compromisos?institucion=lerma":    {"Un compromiso", "Municipio de Lerma"},
			"/compromisos?institucion=nadie":    {"0 compromisos", "No hay compromisos así"},
			"/compromisos?objeto=dataset:camas": {"2 compromisos", "Camas de hospital"},
			"/compromisos?estado=abiertos":      {"2 compromisos"},
		} {
			says(w, w.doc(account.Person{}, path), ".Main", want...)
		}
		if got := w.doc(account.Person{}, "/compromisos").Find(".Commitments-what").First().Text(); !strings.Contains(got, "=Mejorar") {
			w.Errorf("the first by date is %q", got)
		}
		if got := w.doc(account.Person{}, "/compromisos?orden=recientes").Find(".Commitments-what").First().Text(); !strings.Contains(got, "baches") {
			w.Errorf("the newest is %q", got)
		}
		rows, err := csv.NewReader(w.get(account.Person{}, "/compromisos/compromisos.csv?institucion=salud").Body).ReadAll()
		if err != nil || len(rows) != 3 || rows[1][3] != "'=Mejorar las camas" || rows[1][10] != "true" {
			w.Errorf("the file has %v, %v", rows, err)
		}
		var feed struct {
			Entries []struct {
				Title string `xml:"title"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal(w.get(account.Person{}, "/compromisos/atom.xml").Body.Bytes(), &feed); err != nil || len(feed.Entries) != 3 {
			w.Errorf("the feed has %+v, %v", feed, err)
		}
	})
}

func TestNoAddressBreaksTheList(t *testing.T) {
	worlds(t, func(w *world) {
		w.made(w.promise())
		for _, q := range []string{"estado=%00", "institucion=" + strings.Repeat("a", 5000), "desde=9999999999999999999.x", "desde=-1.x", "desde=1.%27--", "objeto=:", "objeto=a:%ff",
			"orden=x&estado=x", "desde=" + strings.Repeat("9", 300)} {
			for _, path := range []string{"/compromisos?", "/compromisos/compromisos.csv?", "/compromisos/atom.xml?"} {
				if res := w.get(account.Person{}, path+q); res.Code >= 500 {
					w.Errorf("GET %s%s = %d", path, q, res.Code)
				}
			}
		}
		for _, path := range []string{"/compromisos/nada", "/compromisos/" + strings.Repeat("a", 3000), "/compromisos/%00", "/compromisos/SALUD-C-2026-9999"} {
			if res := w.get(account.Person{}, path); res.Code != http.StatusNotFound && res.Code != http.StatusBadRequest {
				w.Errorf("GET %.60s = %d", path, res.Code)
			}
		}
		if res := w.get(account.Person{}, "/compromisos/salud-c-2026-0001"); res.Code != http.StatusMovedPermanently && res.Code != http.StatusFound && res.Code != http.StatusPermanentRedirect && res.Code != http.StatusSeeOther {
			w.Errorf("a code in small letters = %d", res.Code)
		}
	})
}

func TestThePageTellsItsLineAndByWhatItWasKept(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		w.must(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.Move(tx, c.ID, "2027-01-15", "Falta *revisar*. <script>alert(1)</script>")
		})
		w.shows[camas] = good(w.db.Now())
		w.must(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.Deliver(tx, c.ID, camas)
		})
		doc := w.doc(account.Person{}, c.Path())
		says(w, doc, "h1", c.Text)
		says(w, doc, ".History", "se comprometió para el 15 de diciembre de 2026", "Cambió la fecha del 15 de diciembre de 2026 al 15 de enero de 2027", "Falta revisar.", "Se cumplió", "Enlace de Datos Abiertos, Secretaría de Salud")
		says(w, doc, ".Commitments-evidence", "Camas de hospital", "Un recurso respondió")
		says(w, doc, ".Facts", "Fecha original", "1 de 2", "Dirección de Información")
		if doc.Find(".Commitments-kept").Length() != 1 || doc.Find("main script, .Main script").Length() != 0 || doc.Find("h1").Length() != 1 {
			w.Error("the line has no kept step, a script or two titles")
		}
		if links := doc.Find(`a[href$="/gestionar"]`).Length(); links != 0 {
			w.Errorf("everybody is offered to manage it %d times", links)
		}
	})
}

func TestTheReasonToDropItIsNobodysUntilItIsSigned(t *testing.T) {
	worlds(t, func(w *world) {
		const canary = "canario-de-la-razon"
		c := w.made(w.promise())
		w.must(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.AskDrop(tx, c.ID, canary)
		})
		everywhere := []string{"/compromisos", c.Path(), "/compromisos/compromisos.csv", "/compromisos/atom.xml"}
		for _, path := range everywhere {
			for _, p := range []account.Person{{}, w.ana, w.ajena} {
				if strings.Contains(w.get(p, path).Body.String(), canary) {
					w.Errorf("%s tells %q the reason", path, p.Name)
				}
			}
		}
		w.read(func(tx *db.Tx) error {
			entries, err := record.Since(tx, record.Filter{Object: c.Ref()}, 10)
			for _, e := range entries {
				if strings.Contains(string(e.Payload), canary) {
					w.Errorf("the record tells it in %s", e.Verb)
				}
			}
			if err != nil {
				return err
			}
			details, err := w.promises.Details(tx, w.shell.Printer(w.request(account.Person{}, http.MethodGet, "/", nil)), entries)
			if strings.Contains(fmt.Sprint(details), canary) {
				w.Error("a notice tells it")
			}
			return err
		})
		for _, path := range []string{c.Path() + "/gestionar", c.Path() + "/firmar"} {
			for _, p := range []account.Person{{}, w.ana, w.ajena} {
				if res := w.get(p, path); res.Code == http.StatusOK || strings.Contains(res.Body.String(), canary) {
					w.Errorf("%s to %q = %d", path, p.Name, res.Code)
				}
			}
		}
		says(w, w.doc(w.transp, c.Path()+"/firmar"), ".Main", canary)
		res := w.post(w.transp, c.Path()+"/firmar", url.Values{"decision": {"firmar"}})
		if res.Code != http.StatusSeeOther || w.now(c).State != commitment.Dropped {
			w.Errorf("signed: %d, %+v", res.Code, w.now(c))
		}
		says(w, w.doc(account.Person{}, c.Path()), ".History", "No procede.", canary, "firmó Enlace de transparencia")
	})
}

func TestFormsKeepWhatWasTypedAndSayWhatIsWrong(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		base := c.Path()
		doc := w.doc(w.enlace, base+"/gestionar")
		says(w, doc, "#campo-objeto", "Camas de hospital")
		for _, f := range []struct {
			path  string
			form  url.Values
			field string
		}{
			{"/avance", url.Values{"texto": {"Lo que escribí"}, "porcentaje": {"cien"}}, "porcentaje"},
			{"/reprogramar", url.Values{"motivo": {"Lo que escribí"}, "fecha": {"2020-01-01"}}, "fecha"},
			{"/entregar", url.Values{"direccion": {"Lo que escribí"}}, "objeto"},
			{"/entregar", url.Values{"objeto": {"dataset:nada"}, "direccion": {"Lo que escribí"}}, "objeto"},
			{"/no-procede", url.Values{"razon": {strings.Repeat("Lo que escribí ", 400)}}, "razon"},
		} {
			res := w.post(w.enlace, base+f.path, f.form)
			if res.Code != http.StatusUnprocessableEntity {
				w.Fatalf("POST %s = %d", f.path, res.Code)
			}
			body := res.Body.String()
			if !strings.Contains(body, "Lo que escribí") || !strings.Contains(body, `id="campo-`+f.field+`-error"`) {
				w.Errorf("POST %s says nothing at %s or lost what was typed", f.path, f.field)
			}
		}
		seen, _ := doc.Find(`input[name="seen"]`).First().Attr("value")
		ok := url.Values{"texto": {"Va."}, "porcentaje": {"20"}, "seen": {seen}}
		if res := w.post(w.enlace, base+"/avance", ok); res.Code != http.StatusSeeOther {
			w.Fatalf("progress = %d", res.Code)
		}
		res := w.post(w.area, base+"/avance", url.Values{"texto": {"Lo mío."}, "porcentaje": {"30"}, "seen": {seen}})
		if res.Code != http.StatusConflict || !strings.Contains(res.Body.String(), "Lo mío.") || w.now(c).Percent != 20 {
			w.Errorf("the second of two = %d, percent %d", res.Code, w.now(c).Percent)
		}
		w.shows[camas] = good(w.db.Now())
		if res := w.post(w.enlace, base+"/entregar", url.Values{"direccion": {"/datos/camas"}}); res.Code != http.StatusSeeOther || w.now(c).State != commitment.Kept {
			w.Errorf("delivered = %d, %s", res.Code, w.now(c).State)
		}
		if res := w.post(w.enlace, base+"/reprogramar", url.Values{"fecha": {"2027-01-01"}, "motivo": {"Tarde."}}); res.Code != http.StatusConflict {
			w.Errorf("put off after it was kept = %d", res.Code)
		}
	})
}

func TestTheOfficeShowsItsOwnAndWhoSigns(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		w.must(w.enlace, func(tx *db.Tx) (commitment.Commitment, []record.Act, error) {
			return w.promises.AskDrop(tx, c.ID, "La ley lo impide.")
		})
		says(w, w.doc(w.enlace, "/gestion/salud/compromisos"), ".Main", "Abiertos (1)", "Por firmar (1)", "Gestionar este compromiso")
		says(w, w.doc(w.transp, "/gestion/salud/compromisos?ver=por-firmar"), ".Main", "Firmar o devolver")
		if res := w.get(w.ajena, "/gestion/salud/compromisos"); res.Code != http.StatusForbidden {
			w.Errorf("another institution's liaison: %d", res.Code)
		}
	})
}

func TestPagesCostTheSameWithManyCommitments(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.made(w.promise())
		around := func() {
			w.shell.Handle("GET /prueba", web.Route{Name: "test", Action: "commitment.read"}, func(rw http.ResponseWriter, r *http.Request) error {
				return w.db.Read(r.Context(), func(tx *db.Tx) error {
					a, err := w.promises.Around(tx, w.shell.Page(r, "x"), plaza.Card{Ref: camas})
					for _, html := range a.Foot {
						_, _ = rw.Write([]byte(html))
					}
					return err
				})
			})
		}
		around()
		paths := []string{"/compromisos", c.Path(), "/compromisos/atom.xml", "/prueba"}
		count := func(path string) int64 {
			ctx, n := db.CountStatements(w.Context())
			if res := webtest.Do(w.shell, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)); res.Code != http.StatusOK {
				w.Errorf("GET %s = %d", path, res.Code)
			}
			return n.Load()
		}
		p := w.promise()
		p.Object, p.Kind = camas, commitment.Improve
		w.made(p)
		before := map[string]int64{}
		for _, path := range paths {
			before[path] = count(path)
		}
		for range 60 {
			w.made(p)
		}
		for _, path := range paths {
			if n := count(path); n > before[path] || n > 6 {
				w.Errorf("GET %s costs %d statements with many, %d with few", path, n, before[path])
			}
		}
		doc := w.doc(account.Person{}, "/compromisos")
		next, _ := doc.Find(`.Pager a[rel="next"]`).Attr("href")
		if doc.Find(".ItemList > li").Length() != 25 || w.doc(account.Person{}, next).Find(".ItemList > li").Length() != 25 {
			w.Errorf("the pager leads to %q", next)
		}
	})
}
