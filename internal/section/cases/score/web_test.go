package score_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/membership"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
	"plaza/internal/section/cases/score"
)

// shell is the pages of a world.
func (w *world) shell() *web.Shell {
	w.Helper()
	shell := webtest.New(w.T, func(c *web.Config) { c.Now = w.db.Now }, score.Locale, cases.Locale, access.Locale, api.Locale)
	if err := w.scores.Mount(shell); err != nil {
		w.Fatal(err)
	}
	a, err := api.New(shell, api.Config{})
	if err != nil {
		w.Fatal(err)
	}
	w.scores.API(a)
	return shell
}

func (w *world) page(shell *web.Shell, path string) *goquery.Document {
	w.Helper()
	res := webtest.Get(w.T, shell, path)
	if res.Code != http.StatusOK {
		w.Fatalf("GET %s = %d: %s", path, res.Code, res.Body)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return doc
}

// many asks n questions of an institution and answers the first of them.
func (w *world) many(body string, n, answered int) (all []cases.Case) {
	w.Helper()
	for i := range n {
		c := w.ask(nonce(), body, cases.Question)
		if i < answered {
			c = w.answer(c)
		}
		all = append(all, c)
		dbtest.Advance(w.db, time.Hour)
	}
	return all
}

var nonces = 1000

func nonce() int { nonces++; return nonces }

func TestEachFigureLeadsToExactlyTheCasesBehindIt(t *testing.T) {
	worlds(t, func(w *world) {
		w.levels[w.bodies[1].ID] = membership.ByCoordination
		w.many(w.bodies[0].ID, 8, 6)
		w.many(w.bodies[1].ID, 3, 1)
		w.many("", 2, 1)
		dbtest.Advance(w.db, 40*24*time.Hour) // what waits is overdue
		w.caughtUp()
		shell := w.shell()
		for _, path := range []string{score.Path, score.Path + "/salud", score.Path + "/lerma", score.Path + "/_coordinacion"} {
			for _, suffix := range []string{"", "?mes=" + w.db.Now().AddDate(0, -1, 0).Format("2006-01"), "?clase=question", "?orden=vencidas", "?mes=nada&clase=ninguna&orden=x"} {
				w.follows(shell, w.page(shell, path+suffix))
			}
		}
		if aged := w.page(shell, score.Path+"/salud").Find("#edades").Parent().Parent().Find("td a[href*='edad=']"); aged.Length() != 1 || aged.Text() != "2" {
			w.Errorf("what waits is of %d ages, %s cases", aged.Length(), aged.Text())
		}
	})
}

// follows opens every list of cases that a page leads to, and holds its length to the
// number that led there.
func (w *world) follows(shell *web.Shell, doc *goquery.Document) {
	w.Helper()
	doc.Find("td a[href*='/casos?']").Each(func(_ int, a *goquery.Selection) {
		path, _ := a.Attr("href")
		list := w.page(shell, path)
		n := list.Find("tbody tr").Length()
		if text := a.Text(); text != fmt.Sprint(n) && !strings.ContainsAny(text, " %(") {
			w.Errorf("%q leads to %d cases: %s", text, n, path)
		}
	})
}

func TestOfFewCasesOnlyCountsAreGiven(t *testing.T) {
	worlds(t, func(w *world) {
		w.many(w.bodies[0].ID, 4, 4)
		w.caughtUp()
		shell := w.shell()
		if text := w.page(shell, score.Path+"/salud").Find("main").Text(); strings.Contains(text, "100 %") || strings.Contains(text, "9 de cada 10 se respondieron") {
			w.Errorf("a share or percentile of four cases is given: %s", text)
		}
		w.many(w.bodies[0].ID, 1, 1)
		w.caughtUp()
		text := w.page(shell, score.Path+"/salud").Find("main").Text()
		for _, want := range []string{"100 %", "9 de cada 10 se respondieron en 0 días hábiles o menos (de 5 respondidas)"} {
			if !strings.Contains(text, want) {
				w.Errorf("of five cases %q is not said", want)
			}
		}
	})
}

func TestWhatWaitsIsNeverDroppedAndAgesByItself(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.many(w.bodies[0].ID, 6, 5)[5]
		before := w.total(score.Filter{})
		dbtest.Advance(w.db, 400*24*time.Hour)
		after := w.total(score.Filter{}) // nothing was written meanwhile
		if p, _ := before.Share(); p != 100 || before.Overdue != 0 || after.Overdue != 1 || after.Unanswered != 1 {
			w.Errorf("before %+v, after %+v", before, after)
		}
		if p, ok := after.Share(); !ok || p != 83 {
			w.Errorf("the share is %d, want 5 of 6", p)
		}
		list := w.page(w.shell(), score.Path+"/_todas/casos?cifra=overdue").Find("tbody").Text()
		if !strings.Contains(list, c.Folio) || !strings.Contains(list, "Espera desde hace 2") {
			w.Errorf("the list says %s", list)
		}
	})
}

func TestListsAreReadPageByPage(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	want := len(w.many(w.bodies[0].ID, 117, 0))
	w.caughtUp()
	shell := w.shell()
	for _, figure := range []string{"received", "unanswered", "unanswered&edad=1"} {
		seen, path := map[string]bool{}, score.Path+"/salud/casos?cifra="+figure
		for path != "" {
			doc := w.page(shell, path)
			doc.Find("tbody th").Each(func(_ int, th *goquery.Selection) { seen[th.Text()] = true })
			path, _ = doc.Find(".Pager a[rel=next]").Attr("href")
		}
		if len(seen) != want {
			w.Errorf("%s: %d of %d cases were listed", figure, len(seen), want)
		}
	}
}

func TestTheSameFiguresComeAsCSVJSONAndFeed(t *testing.T) {
	worlds(t, func(w *world) {
		w.many(w.bodies[0].ID, 7, 6)
		dbtest.Advance(w.db, 45*24*time.Hour)
		w.caughtUp()
		shell := w.shell()
		rows, err := csv.NewReader(webtest.Get(t, shell, score.Path+".csv").Body).ReadAll()
		if err != nil {
			w.Fatal(err)
		}
		value := func(institution, month, kind, figure string) string {
			for _, r := range rows {
				if r[0] == institution && r[2] == month && r[3] == kind && r[4] == figure {
					return r[5] + "/" + r[6]
				}
			}
			return ""
		}
		if value("", "", "", "received") != "7/" || value("salud", "", "", "share_in_time") != "85/7" || value("salud", "", "", "overdue") != "1/" {
			w.Errorf("the download says %v", rows)
		}
		meant, err := csv.NewReader(webtest.Get(t, shell, score.Path+"-diccionario.csv").Body).ReadAll()
		words := map[string]bool{"outcome_explained": true}
		for _, r := range meant {
			words[r[1]] = true
		}
		for _, r := range rows[1:] {
			if !words[r[4]] {
				w.Errorf("the dictionary does not know %s (%v)", r[4], err)
			}
		}
		var board score.Board
		if err := json.Unmarshal(webtest.Get(t, shell, "/api/v1/scoreboard").Body.Bytes(), &board); err != nil || board.Total.Received != 7 || *board.Total.Share != 85 || len(board.Institutions) != 1 {
			w.Errorf("the interface says %+v, %v", board, err)
		}
		var one score.BoardOne
		if err := json.Unmarshal(webtest.Get(t, shell, "/api/v1/scoreboard/salud?kind=request").Body.Bytes(), &one); err != nil || one.Score.Received != 0 {
			w.Errorf("the interface says %+v, %v", one, err)
		}
		if res := webtest.Get(t, shell, "/api/v1/scoreboard/nadie"); res.Code != http.StatusNotFound {
			w.Errorf("of nobody it answers %d", res.Code)
		}
		feed := webtest.Get(t, shell, score.Path+"/atom.xml").Body.String()
		if !strings.Contains(feed, "Recibidas: 7. Con respuesta oficial: 6. Sin ella: 1.") {
			w.Errorf("the feed says %s", feed)
		}
	})
}

func TestPagesFitTheirTypesAndNoAddressBreaksThem(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	shell := w.shell()
	for path, want := range map[string]int{score.Path: 200, score.Path + "/salud": 200, score.Path + "/_coordinacion": 200, score.Path + "/nadie": 404,
		score.Path + "/salud/casos": 200, score.Path + "/_todas/casos?cifra=nada&grupo=x&resultado=y&despues=z": 200, score.Path + "/nadie/casos": 404,
		score.Path + "/_todas": 404, score.Path + "/%ff": 404, score.Path + "/salud?mes=" + strings.Repeat("9", 3000): 200} {
		if res := webtest.Get(t, shell, path); res.Code != want {
			t.Errorf("GET %s = %d, want %d", path, res.Code, want)
		}
	}
	for _, problem := range webtest.CheckTemplates(shell) {
		t.Error(problem)
	}
	for _, problem := range i18n.CheckCatalogues(score.Locale) {
		t.Error(problem)
	}
}

func TestAPageAsksTheStoreABoundedNumberOfTimes(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.many(w.bodies[0].ID, 6, 3)
	w.many(w.bodies[1].ID, 6, 3)
	w.caughtUp()
	shell := w.shell()
	for path, most := range map[string]int64{score.Path: 40, score.Path + "/salud": 40, score.Path + "/salud/casos": 12} {
		r, _ := http.NewRequestWithContext(w.Context(), http.MethodGet, path, nil)
		r.RemoteAddr = "127.0.0.1:1"
		ctx, n := db.CountStatements(r.Context())
		if res := webtest.Do(shell, r.WithContext(ctx)); res.Code != http.StatusOK || n.Load() > most {
			t.Errorf("%s: %d, %d statements, at most %d", path, res.Code, n.Load(), most)
		}
	}
}

func TestAnInstitutionsPageAndTheFirstPageSayHowItAnswers(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.many(w.bodies[0].ID, 6, 6)
	w.caughtUp()
	shell := w.shell()
	l := i18nPrinter(w)
	w.read(func(tx *db.Tx) error {
		r, _ := http.NewRequestWithContext(w.Context(), http.MethodGet, "/instituciones/salud", nil)
		around, err := w.scores.Around(tx, shell.Page(r, ""), plaza.Card{Ref: w.bodies[0].Ref()})
		if err != nil || len(around.Foot) != 1 || !strings.Contains(string(around.Foot[0]), "100 % de 6") {
			t.Errorf("around it: %v, %v", around, err)
		}
		h, err := w.scores.Headline(tx, l)
		if err != nil || h.Number != "100 %" || h.Path != score.Path {
			t.Errorf("the headline is %+v, %v", h, err)
		}
		return err
	})
}

func i18nPrinter(w *world) *i18n.Printer {
	b, err := i18n.New(web.Locale, score.Locale)
	if err != nil {
		w.Fatal(err)
	}
	return b.Printer("es")
}
