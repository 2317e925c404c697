package cases_test

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// titled is a form for a case with a title.
func (w *paged) titled(title string, change func(*cases.Form)) cases.Form {
	f := w.form()
	f.Title = title
	if change != nil {
		change(&f)
	}
	return f
}

// titles are those of a list, in order.
func (w *paged) titles(path string) (out []string) {
	w.Helper()
	for _, a := range w.page(visitor, path).Find(".ItemList .Item-title a").EachIter() {
		out = append(out, a.Text())
	}
	return out
}

func TestTheListIsNarrowedAndSorted(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		ask := func(title string, change func(*cases.Form)) cases.Case {
			dbtest.Advance(w.db, time.Hour)
			return w.ask(w.ana, w.titled(title, change))
		}
		a := ask("A pregunta", func(f *cases.Form) { f.On = cases.On{Ref: set, Dataset: set.ID, Themes: []string{"Salud & agua"}} })
		b := ask("B solicitud", func(f *cases.Form) {
			f.Kind = cases.Request
			f.On.Themes = []string{"Agua", "Salud & agua"}
		})
		ask("C de Lerma", func(f *cases.Form) {
			f.Institution = w.lerma.ID
			f.On.Themes = []string{"Agua"}
		})
		ask("D central", func(f *cases.Form) { f.Institution = "" })
		w.answer(a, explained())
		for _, p := range []account.Person{w.beto, w.ajena} {
			w.post(p, b.Path()+"/apoyar", nil)
		}
		for _, one := range []struct {
			query string
			want  string
		}{
			{"/consultas", "D central|C de Lerma|B solicitud|A pregunta"},
			{"/solicitudes", "B solicitud"},
			{"/solicitudes?clase=pregunta", "B solicitud"},
			{"/consultas?institucion=salud", "B solicitud|A pregunta"},
			{"/consultas?institucion=central", "D central"},
			{"/consultas?institucion=lerma&institucion=central", "D central|C de Lerma"},
			{"/consultas?institucion=no-existe", ""},
			{"/consultas?tema=Salud+%26+agua", "B solicitud|A pregunta"},
			{"/consultas?tema=Salud+%26+agua&tema=Agua", "C de Lerma|B solicitud|A pregunta"},
			{"/consultas?tema=Salud+%26+agua&tema=Agua&orden=apoyadas", "B solicitud|C de Lerma|A pregunta"},
			{"/consultas?tema=Salud+%26+agua&tema=Agua&orden=vencen", "C de Lerma|B solicitud"},
			{"/consultas?tema=Salud+%26+agua&orden=apoyadas", "B solicitud|A pregunta"},
			{"/consultas?tema=Salud+%26+agua&estado=respondida", "A pregunta"},
			{"/consultas?tema=Salud+%26+agua&resultado=explained", "A pregunta"},
			{"/consultas?tema=Agua&institucion=lerma", "C de Lerma"},
			{"/consultas?tema=Agua&clase=solicitud", "B solicitud"},
			{"/consultas?tema=Agua&vencidas=1", ""},
			{"/consultas?tema=Salud+%26+agua&pendientes=1", "B solicitud"},
			{"/consultas?tema=Salud+%26+agua&conjunto=un-conjunto", "A pregunta"},
			{"/consultas?tema=Agua&mes=2026-12", ""},
			{"/consultas?clase=solicitud", "B solicitud"},
			{"/consultas?estado=respondida", "A pregunta"},
			{"/consultas?resultado=explained", "A pregunta"},
			{"/consultas?pendientes=1", "D central|C de Lerma|B solicitud"},
			{"/consultas?vencidas=1", ""},
			{"/consultas?conjunto=un-conjunto", "A pregunta"},
			{"/consultas?recurso=otro", ""},
			{"/consultas?apoyos=1", "B solicitud"},
			{"/consultas?mes=2026-11", "D central|C de Lerma|B solicitud|A pregunta"},
			{"/consultas?mes=2026-12", ""},
			{"/consultas?orden=vencen", "C de Lerma|D central|B solicitud"},
			{"/consultas?orden=apoyadas", "B solicitud|D central|C de Lerma|A pregunta"},
			{"/consultas?clase=nada&estado=%00&orden=x&mes=13&desde=%zz", "-"},
			{"/consultas?clase=nada&estado=" + strings.Repeat("x", 500) + "&orden=x&mes=2026-13&desde=x", "D central|C de Lerma|B solicitud|A pregunta"},
		} {
			if one.want == "-" {
				if res := w.get(visitor, one.query); res.Code >= 500 {
					w.Errorf("%s: %d", one.query, res.Code)
				}
				continue
			}
			if got := strings.Join(w.titles(one.query), "|"); got != one.want {
				w.Errorf("%s: %s, want %s", one.query, got, one.want)
			}
		}
		w.db.Clock().Set(w.now(b).Due)
		if got := strings.Join(w.titles("/consultas?vencidas=1"), "|"); got != "D central|C de Lerma|B solicitud" {
			w.Errorf("overdue: %s", got)
		}
		if got := strings.Join(w.titles("/consultas?tema=Agua&vencidas=1"), "|"); got != "C de Lerma|B solicitud" {
			w.Errorf("overdue, of a theme: %s", got)
		}
		doc := w.page(visitor, "/consultas?institucion=salud&clase=solicitud")
		w.says(squeeze(doc.Find(".Chips").Text()), "Institución: Secretaría de Salud", "Clase: Solicitud de datos")
		w.says(squeeze(doc.Find(".Item").Text()), "Venció el 23 de diciembre de 2026")
		if feed, _ := doc.Find(`.Comment-feed a[type="application/atom+xml"]`).Attr("href"); feed != "/consultas.atom?clase=solicitud&institucion=salud" {
			w.Errorf("its feed is %q", feed)
		}
	})
}

func TestAPlaceInAListThatIsMadeUpIsNoFault(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.ask(w.ana, w.titled("Una consulta", nil))
		for _, place := range []string{`{"at":"2026-11-25T00:00:00Z","id":"\u0000"}`, `{"at":"0000-01-01T00:00:00Z","id":"x","n":9223372036854775807}`,
			`{"at":"9999-12-31T23:59:59Z","id":"x","n":-9223372036854775808}`} {
			for _, order := range []string{"", "&orden=vencen", "&orden=apoyadas"} {
				w.page(visitor, "/consultas?desde="+base64.RawURLEncoding.EncodeToString([]byte(place))+order)
			}
		}
	})
}

func TestTheListIsNarrowedToAResource(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.ask(w.ana, w.titled("De otra cosa", nil))
		w.ask(w.ana, w.titled("Del recurso", func(f *cases.Form) {
			f.On = cases.On{Ref: plaza.Ref{Kind: "resource", ID: "un-recurso"}, Dataset: set.ID}
		}))
		for _, query := range []string{"/consultas?recurso=un-recurso", "/consultas?recurso=un-recurso&pendientes=1&orden=vencen"} {
			if got := strings.Join(w.titles(query), "|"); got != "Del recurso" {
				w.Errorf("%s: %s", query, got)
			}
		}
	})
}

func TestAListGoesOnWhereItEnded(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		for i := range 60 {
			dbtest.Advance(w.db, 10*time.Minute)
			f := w.titled(fmt.Sprintf("Consulta %02d", i), nil)
			if i%2 == 0 {
				f.Institution = w.lerma.ID
			}
			w.ask(w.ana, f)
		}
		for _, order := range []string{"", "&orden=vencen", "&orden=apoyadas"} {
			seen := map[string]bool{}
			for path, pages := "/consultas?pendientes=1"+order, 0; path != ""; pages++ {
				if pages > 4 {
					w.Fatal("it does not end")
				}
				doc := w.page(visitor, path)
				w.says(squeeze(doc.Find(".Toolbar-count").Text()), "60 consultas")
				for _, a := range doc.Find(".ItemList .Item-title a").EachIter() {
					if seen[a.Text()] {
						w.Errorf("%s is there twice", a.Text())
					}
					seen[a.Text()] = true
				}
				path, _ = doc.Find(`.Pager a[rel="next"]`).Attr("href")
			}
			if len(seen) != 60 {
				w.Errorf("%q: %d cases in all", order, len(seen))
			}
		}
	})
}

func TestAnyListIsAFeedAndATable(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		c := w.ask(w.ana, w.titled("=HYPERLINK(\"x\")", func(f *cases.Form) { f.Body, f.Name = "+1 <script>alert(1)</script> & **más**", "Un seudónimo" }))
		w.ask(w.ana, w.titled("De Lerma", func(f *cases.Form) { f.Institution = w.lerma.ID }))
		w.answer(c, explained())
		var feed struct {
			Links []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Entries []struct {
				Title   string `xml:"title"`
				Content string `xml:"content"`
			} `xml:"entry"`
		}
		res := w.get(visitor, "/consultas.atom?institucion=salud")
		if err := xml.Unmarshal(res.Body.Bytes(), &feed); err != nil || len(feed.Entries) != 1 || !strings.Contains(feed.Entries[0].Content, "clave de la entidad") ||
			strings.Contains(feed.Entries[0].Content, "<script>") || !strings.Contains(feed.Entries[0].Content, "<strong>más</strong>") {
			w.Errorf("the feed: %+v %v", feed, err)
		}
		table := w.get(visitor, "/consultas.csv?institucion=salud")
		rows, err := csv.NewReader(strings.NewReader(table.Body.String())).ReadAll()
		if err != nil || len(rows) != 2 || !strings.HasPrefix(table.Header().Get("Content-Type"), "text/csv") {
			w.Fatalf("the table: %v %v", rows, err)
		}
		for i, name := range rows[0] {
			cell := rows[1][i]
			switch name {
			case "folio":
				if cell != c.Folio {
					w.Errorf("folio %q", cell)
				}
			case "title", "text":
				if cell[0] != '\'' {
					w.Errorf("%s is a formula: %q", name, cell)
				}
			}
		}
		if n := strings.Count(w.get(visitor, "/solicitudes.csv").Body.String(), "\n"); n != 1 {
			w.Errorf("the table of requests has %d lines", n)
		}
	})
}

func TestTheCountIsExactToAPointAndThenAMinimum(t *testing.T) {
	w := newPaged(t, dbtest.SQLite(t))
	w.ask(w.ana, w.form())
	w.says(squeeze(w.page(visitor, "/consultas").Find(".Toolbar-count").Text()), "1 consulta")
	w.as(account.Person{}, func(tx *db.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			INSERT INTO cases (id, folio, nonce, kind, title, body, language, institution, asker_id, channel, standing, state, asked_at, due_at)
			SELECT id || i, folio || i, nonce || i, kind, title, body, language, institution, asker_id, channel, standing, state, asked_at, due_at FROM cases, n`, cases.MaxTotal)
		return err
	})
	w.says(squeeze(w.page(visitor, "/consultas").Find(".Toolbar-count").Text()), "Más de 10,000 consultas")
}

func TestAnInstitutionsPageShowsItsOpenCases(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		for i := range 7 {
			w.ask(w.ana, w.titled(fmt.Sprint("Consulta ", i), nil))
		}
		w.read(func(tx *db.Tx) error {
			page := w.shell.Page(newRequest(w.Context(), "/"), "x")
			card := plaza.Card{Ref: plaza.Ref{Kind: institution.Kind, ID: w.salud.ID}, Visible: true}
			html, err := w.cases.Foot(tx, page, card)
			w.says(squeeze(string(html)), "7 esperan respuesta oficial", "/consultas?institucion=salud")
			if n := strings.Count(string(html), `class="Item"`); n != 5 {
				w.Errorf("%d cases are shown", n)
			}
			card.Ref.Kind = "tool"
			if none, _ := w.cases.Foot(tx, page, card); none != "" {
				w.Errorf("the page of a tool without cases says %s", none)
			}
			card.Ref.Kind = "dataset"
			if other, _ := w.cases.Foot(tx, page, card); other != "" {
				w.Error("the page of something else has them too")
			}
			return err
		})
	})
}

func TestAToolsPageShowsWhatWasSaidOfIt(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		ref := plaza.Ref{Kind: "tool", ID: "una-herramienta"}
		f := w.titled("Confunde tasas con totales", nil)
		f.Kind, f.On = cases.Reuse, cases.On{Ref: ref}
		w.ask(w.ana, f)
		w.ask(w.ana, w.titled("De otra cosa", nil))
		w.read(func(tx *db.Tx) error {
			page := w.shell.Page(newRequest(w.Context(), "/"), "x")
			card := plaza.Card{Ref: ref, Visible: true}
			html, err := w.cases.Foot(tx, page, card)
			if err != nil {
				return err
			}
			w.says(squeeze(string(html)), "Problemas reportados", "Confunde tasas con totales")
			if n := strings.Count(string(html), `class="Item"`); n != 1 {
				w.Errorf("%d cases are shown", n)
			}
			return nil
		})
	})
}

// TestNothingPrivateLeaves puts a word of its own into everything that is not for
// everybody, and looks for them wherever anybody looks.
func TestNothingPrivateLeaves(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		secrets := []string{"canarioneed", "canariowhy", "canarionota", "canarioborrador", "canariocorreo", "canarioretenido", "canarioseudo", "canariomarca", "canarioespera"}
		w.screen.word = "canarioretenido"
		c := w.ask(w.ana, w.titled("La que se ve", func(f *cases.Form) { f.Need = "canarioneed" }))
		w.ask(w.ana, w.titled("La que no: canarioretenido", nil))
		w.post(w.beto, c.Path()+"/apoyar", url.Values{"para": {"canariowhy"}})
		form := w.seen(w.ana, c, "responder-info")
		form.Set("texto", "canarioretenido y canarioespera")
		w.post(w.ana, c.Path()+"/responder-info", form)
		w.answer(c, explained())
		w.post(w.beto, c.Path()+"/se-entiende", url.Values{"hacer": {"no"}, "nota": {"canariomarca"}})
		hidden := w.ask(w.ana, w.titled("La oculta canarioseudo", nil))
		if err := w.moderate(w.cases.Kind(), hidden.ID, moderation.Hidden); err != nil {
			w.Fatal(err)
		}
		w.as(account.Person{}, func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO case_notes (id, case_id, institution, author_id, body, at) VALUES ('n', $1, $2, '', 'canarionota', $3)`, c.ID, w.salud.ID, tx.Now); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO case_drafts (id, case_id, state, content, created_at, updated_at) VALUES ('d', $1, 'open', '{"body":"canarioborrador"}', $2, $2)`, c.ID, tx.Now); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO case_contacts (id, email, email_key, language, created_at) VALUES ('k', 'canariocorreo@ejemplo.mx', 'canariocorreo@ejemplo.mx', 'es', $1)`, tx.Now)
			if err != nil {
				return err
			}
			_, err = tx.Exec(`UPDATE cases SET asker_id = '', contact_id = 'k' WHERE id = $1`, c.ID)
			return err
		})
		paths := []string{c.Path(), c.Path() + "?lang=en", c.Path() + "/respuesta/1", "/consultas", "/consultas.atom", "/consultas.csv", "/solicitudes", "/consultas?orden=apoyadas",
			c.Path() + "/apoyar", c.Path() + "/se-entiende", c.Path() + "/aceptar", c.Path() + "/reabrir", hidden.Path(), hidden.Path() + "/respuesta/1"}
		for name, p := range map[string]account.Person{"a visitor": visitor, "another institution": w.ajena, "a member": w.person("uno@ejemplo.mx", "Uno Cualquiera", "", "")} {
			for _, path := range paths {
				res := w.get(p, path)
				if res.Code >= 500 {
					w.Errorf("%s, %s: %d", name, path, res.Code)
				}
				for _, secret := range secrets {
					if strings.Contains(res.Body.String(), secret) {
						w.Errorf("%s reads %s at %s", name, secret, path)
					}
				}
			}
		}
		w.read(func(tx *db.Tx) error {
			cards, err := cases.Cards(catalogue(w.salud.ID, &gone))(tx, []plaza.Ref{c.Ref(), hidden.Ref()})
			all, _ := record.Since(tx, record.Filter{}, 1000)
			for _, secret := range secrets {
				if strings.Contains(fmt.Sprintf("%+v", cards), secret) {
					w.Errorf("a card says %s", secret)
				}
				for _, e := range all {
					if strings.Contains(string(e.Payload), secret) {
						w.Errorf("the record says %s", secret)
					}
				}
			}
			return err
		})
		if got := w.finds("canarioneed") + w.finds("canarioretenido") + w.finds("canarioseudo"); got != 0 {
			w.Errorf("searches find %d of them", got)
		}
		if res := w.get(w.enlace, c.Path()); res.Code != http.StatusOK || !strings.Contains(res.Body.String(), "canarioneed") || !strings.Contains(res.Body.String(), "canariowhy") {
			w.Error("the institution does not read what is for it: the test looks at nothing")
		}
	})
}
