package comment_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/api/apitest"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/plaza"
)

func TestTemplatesSayWhatExists(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, problem := range webtest.CheckTemplates(w.shell) {
		t.Error(problem)
	}
}

func TestAMemberWritesSeesAPreviewAndTheirTextIsKept(t *testing.T) {
	worlds(t, func(w *world) {
		path := comment.ThreadPath(w.salud.Ref())
		doc := w.page(w.ana, "/instituciones/salud")
		nonce, _ := doc.Find(`input[name="unico"]`).Attr("value")
		if action, _ := doc.Find("form").Attr("action"); action != path || len(nonce) != 32 {
			t.Fatalf("the form goes to %q with %q", action, nonce)
		}
		form := url.Values{"texto": {"**Faltan** datos"}, "unico": {nonce}, "hacer": {"vista"}}
		preview := w.document(w.post(w.ana, path, form), http.StatusOK)
		if html, _ := preview.Find(".Comment-preview").Html(); !strings.Contains(html, "<strong>Faltan</strong>") {
			t.Errorf("the preview: %s", html)
		}
		if got := preview.Find("textarea").Text(); got != "**Faltan** datos" {
			t.Errorf("the text is %q", got)
		}
		if again, _ := preview.Find(`input[name="unico"]`).Attr("value"); again != nonce || len(w.verbs()) != 0 {
			t.Error("the preview is published, or another form")
		}
		form.Del("hacer")
		for range 2 { // a double click
			res := w.post(w.ana, path, form)
			if to := res.Header().Get("Location"); res.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/instituciones/salud#comentario-") {
				t.Fatalf("sending: %d to %q", res.Code, to)
			}
		}
		if len(w.verbs()) != 1 {
			t.Errorf("the record: %v", w.verbs())
		}
		bad := w.document(w.post(w.ana, path, url.Values{"texto": {strings.Repeat("a", 10_001)}, "unico": {"x"}}), http.StatusUnprocessableEntity)
		if got := bad.Find("textarea"); len(got.Text()) != 10_001 || got.AttrOr("aria-invalid", "") != "true" {
			t.Error("the text is lost, or nothing says what is wrong with it")
		}
	})
}

func TestVisitorsAreInvitedAndNothingPersonalIsOnTheirPages(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "algo")
		doc := w.page(visitor, "/instituciones/salud")
		if doc.Find("form").Length() != 0 {
			t.Error("a visitor has a form")
		}
		link := doc.Find("#comentar a")
		if link.AttrOr("href", "") != "/entrar?volver=%2Finstituciones%2Fsalud%23comentar" || !strings.Contains(link.Text(), "Entre para comentar") {
			t.Errorf("the way in: %q %q", link.AttrOr("href", ""), link.Text())
		}
		if doc.Find("#comentario-"+c.ID).Length() != 1 || doc.Find(".Comment-tools").Text() == "" {
			t.Error("the comment has no anchor, or no tools")
		}
		if strings.Contains(doc.Text(), "Corregir") {
			t.Error("a visitor may edit")
		}
		if !strings.Contains(w.page(w.ana, "/instituciones/salud").Text(), "Corregir") {
			t.Error("its author may not edit")
		}
		suspended := w.ana.Actor()
		suspended.Suspended = true
		res := w.request(suspended, http.MethodGet, "/instituciones/salud", nil)
		if !strings.Contains(res.Body.String(), "no puede comentar por ahora") {
			t.Error("a suspended account is not told")
		}
	})
}

func TestTheConflictOfTwoEditsShowsBothTexts(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "versión uno")
		form := url.Values{"texto": {"mi cambio"}, "version": {"1"}}
		if res := w.post(w.ana, c.Path()+"/editar", url.Values{"texto": {"otro cambio"}, "version": {"1"}}); res.Code != http.StatusSeeOther {
			t.Fatalf("the first edit: %d", res.Code)
		}
		doc := w.document(w.post(w.ana, c.Path()+"/editar", form), http.StatusConflict)
		if got := text(doc); !strings.Contains(got, "otro cambio") || doc.Find("textarea").Text() != "mi cambio" {
			t.Errorf("the page says %q", got)
		}
		form.Set("version", doc.Find(`input[name="version"]`).AttrOr("value", ""))
		if res := w.post(w.ana, c.Path()+"/editar", form); res.Code != http.StatusSeeOther || w.now(c).Body != "mi cambio" {
			t.Errorf("saving again: %d, %q", res.Code, w.now(c).Body)
		}
		for name, code := range map[string]int{"editar": http.StatusForbidden, "retirar": http.StatusForbidden} {
			if res := w.get(w.beto, c.Path()+"/"+name); res.Code != code {
				t.Errorf("another's %s: %d, want %d", name, res.Code, code)
			}
			if res := w.post(w.beto, c.Path()+"/"+name, form); res.Code != code {
				t.Errorf("posting another's %s: %d, want %d", name, res.Code, code)
			}
		}
	})
}

func TestTheChoiceOfAVoiceIsVisibleAndOneselfByDefault(t *testing.T) {
	worlds(t, func(w *world) {
		doc := w.page(w.enlace, "/instituciones/salud")
		options := doc.Find(`select[name="voz"] option`)
		if options.Length() != 2 || options.First().AttrOr("value", "") != "propia" || !strings.Contains(options.Last().Text(), "Secretaría de Salud, como Enlace") {
			t.Errorf("the voices: %q", squeeze(options.Text()))
		}
		if w.page(w.beto, "/instituciones/salud").Find(`select[name="voz"]`).Length() != 0 {
			t.Error("a member has voices")
		}
		root := w.say(w.ana, "pregunta")
		res := w.post(w.enlace, comment.ThreadPath(root.On), url.Values{"texto": {"respuesta"}, "a": {root.ID}, "voz": {w.official()}, "unico": {"n"}})
		answer := w.page(visitor, res.Header().Get("Location"))
		if answer.Find(".Comment--official .Comment-badge").Length() != 1 {
			t.Error("the official answer is not marked")
		}
		bad := w.document(w.post(w.beto, comment.ThreadPath(root.On), url.Values{"texto": {"x"}, "voz": {w.official()}, "unico": {"n"}}), http.StatusUnprocessableEntity)
		if bad.Find("textarea").Text() != "x" {
			t.Error("the text is lost")
		}
	})
}

func TestHostileTextsAreShownHarmless(t *testing.T) {
	worlds(t, func(w *world) {
		hostile := []string{
			`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `[x](javascript:alert(1))`, `![x](https://espia.example/x.png)`,
			`<svg/onload=alert(1)>`, `<a href="data:text/html,x">y</a>`, `<iframe src=//x.example></iframe>`, "</article></ol><h1>robado</h1>",
			"\u202egnp.exe", strings.Repeat(">", 9_999) + "x", strings.Repeat("> ", 4_999) + "x", strings.Repeat("[", 10_000), strings.Repeat("*a", 5000),
			"```\n</textarea><script>alert(1)</script>\n```", `<style>*{display:none}</style>`, `[a]: javascript:alert(1)` + "\n\n[a]", `<form action=//x><input name=a>`,
		}
		for _, h := range hostile {
			c, err := w.try(w.ana, comment.Draft{Text: h})
			if err != nil {
				t.Errorf("%.40q: %v", h, err)
				continue
			}
			for _, path := range []string{c.Path(), c.Path() + "/editar", "/mi/comentarios"} {
				doc := w.page(w.ana, path)
				bad := doc.Find("main").Find("script, img, iframe, style, [onerror], [onload], form[action='//x'], a[href^='javascript'], a[href^='data']")
				if bad.Length() != 0 || doc.Find("h1").Length() != 1 || strings.ContainsRune(doc.Text(), '\u202e') {
					html, _ := bad.First().Html()
					t.Errorf("%s with %.40q: %d bad elements (%s), %d h1", path, h, bad.Length(), html, doc.Find("h1").Length())
				}
			}
			if rel := w.page(visitor, c.Path()).Find(".Comment-text a").AttrOr("rel", "nofollow ugc noopener"); rel != "nofollow ugc noopener" {
				t.Errorf("%.40q: a link with rel %q", h, rel)
			}
		}
	})
}

// many says much under the institution: many threads with many answers by many people.
func (w *world) many(roots, answers int) {
	w.Helper()
	var people []account.Person
	for i := range 10 {
		people = append(people, w.person(fmt.Sprintf("p%d@ejemplo.mx", i), fmt.Sprintf("Persona %d", i), "", ""))
	}
	dbtest.Advance(w.db, 48*time.Hour)
	n := 0
	next := func() account.Person {
		if n++; n%200 == 0 {
			dbtest.Advance(w.db, time.Hour)
		}
		return people[n%len(people)]
	}
	for i := range roots {
		root := w.say(next(), fmt.Sprintf("raíz %d", i))
		for j := range answers {
			w.answer(next(), root, "", fmt.Sprintf("respuesta %d", j))
		}
	}
}

func TestAPageWithManyCommentsRunsNoMoreStatementsThanOneWithFew(t *testing.T) {
	worlds(t, func(w *world) {
		paths := map[string]account.Person{"/instituciones/salud": w.enlace, comment.ThreadPath(w.salud.Ref()): visitor,
			"/gestion/salud/comentarios": w.enlace, comment.ThreadPath(w.salud.Ref()) + "/atom.xml": visitor,
			"/comentarios/instituciones/salud/atom.xml": visitor, "/api/v1/comments?limit=50": visitor, "/mi/comentarios": w.ana}
		measure := func() map[string]int64 {
			out := map[string]int64{}
			for path, who := range paths {
				ctx, n := db.CountStatements(plaza.WithActor(t.Context(), who.Actor()))
				r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
				r.RemoteAddr = "127.0.0.1:49152"
				if res := webtest.Do(w.shell, r); res.Code != http.StatusOK {
					t.Fatalf("%s: %d", path, res.Code)
				}
				out[path] = n.Load()
			}
			return out
		}
		w.answer(w.beto, w.say(w.ana, "una"), "", "respuesta")
		few := measure()
		w.many(30, 2)
		for path, n := range measure() {
			if n > few[path] {
				t.Errorf("%s: %d statements with many, %d with few", path, n, few[path])
			}
		}
	})
}

func TestALongConversationIsReadByPagesWithoutLossOrRepetition(t *testing.T) {
	worlds(t, func(w *world) {
		w.many(60, 0)
		seen := map[string]bool{}
		path, pages := comment.ThreadPath(w.salud.Ref()), 0
		for path != "" {
			doc := w.page(visitor, path)
			for _, a := range doc.Find("article.Comment").EachIter() {
				id := a.AttrOr("id", "")
				if seen[id] {
					t.Fatalf("%s is there twice", id)
				}
				seen[id] = true
			}
			path = doc.Find(`a[rel="next"]`).AttrOr("href", "")
			pages++
		}
		if len(seen) != 60 || pages != 3 {
			t.Errorf("%d comments on %d pages, want 60 on 3", len(seen), pages)
		}
		if res := w.get(visitor, comment.ThreadPath(w.salud.Ref())+"?desde=%FFbasura"); res.Code != http.StatusOK {
			t.Errorf("a cursor that is none: %d", res.Code)
		}
	})
}

func TestTheFeedIsWholeNamesOfficialsAndNobodyElse(t *testing.T) {
	worlds(t, func(w *world) {
		root := w.say(w.ana, "con **fuerza** y \u0007 <b>")
		w.answer(w.enlace, root, w.official(), "contestamos")
		for _, path := range []string{comment.ThreadPath(root.On) + "/atom.xml", "/comentarios/instituciones/salud/atom.xml"} {
			res := w.get(visitor, path)
			if got := res.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/atom+xml") {
				t.Errorf("%s is %q", path, got)
			}
			var feed struct {
				XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
				ID      string   `xml:"http://www.w3.org/2005/Atom id"`
				Title   string   `xml:"http://www.w3.org/2005/Atom title"`
				Updated string   `xml:"http://www.w3.org/2005/Atom updated"`
				Links   []struct {
					Rel  string `xml:"rel,attr"`
					Href string `xml:"href,attr"`
				} `xml:"http://www.w3.org/2005/Atom link"`
				Entries []struct {
					ID        string `xml:"http://www.w3.org/2005/Atom id"`
					Title     string `xml:"http://www.w3.org/2005/Atom title"`
					Updated   string `xml:"http://www.w3.org/2005/Atom updated"`
					Published string `xml:"http://www.w3.org/2005/Atom published"`
					Author    string `xml:"http://www.w3.org/2005/Atom author>name"`
					Content   string `xml:"http://www.w3.org/2005/Atom content"`
					Answers   struct {
						Ref string `xml:"ref,attr"`
					} `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
				} `xml:"http://www.w3.org/2005/Atom entry"`
			}
			if err := xml.Unmarshal(res.Body.Bytes(), &feed); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if feed.ID != webtest.Base+path || len(feed.Links) != 2 || feed.Links[0].Rel != "self" || feed.Links[0].Href != webtest.Base+path || feed.Links[1].Rel != "alternate" {
				t.Errorf("%s: %+v", path, feed)
			}
			if len(feed.Entries) != 2 || feed.Updated != feed.Entries[0].Updated || feed.Entries[0].Answers.Ref != "urn:uuid:"+root.ID {
				t.Fatalf("%s: %+v", path, feed.Entries)
			}
			if feed.Entries[0].Author != "Secretaría de Salud (Enlace de Datos Abiertos)" || feed.Entries[1].Author == "Ana López" {
				t.Errorf("authors: %q, %q", feed.Entries[0].Author, feed.Entries[1].Author)
			}
			for _, e := range feed.Entries {
				if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Title == "" || e.Published == "" {
					t.Errorf("an entry: %+v", e)
				}
			}
			if !strings.Contains(feed.Entries[1].Content, "<strong>fuerza</strong>") {
				t.Errorf("the text: %q", feed.Entries[1].Content)
			}
		}
		if res := w.get(visitor, "/comentarios/"+"institution/nada/atom.xml"); res.Code != http.StatusNotFound {
			t.Errorf("the feed of nothing: %d", res.Code)
		}
	})
}

func TestProgramsReadCommentsByPages(t *testing.T) {
	worlds(t, func(w *world) {
		root := w.say(w.ana, "uno")
		w.answer(w.enlace, root, w.official(), "dos")
		w.say(w.beto, "tres")
		spec := apitest.Load(t, w.shell)
		var texts []string
		path := "/api/v1/comments?limit=2&object=" + root.On.String()
		for path != "" {
			res := w.get(visitor, path)
			spec.Conforms(t, path, http.StatusOK, res.Header().Get("Content-Type"), res.Body.Bytes())
			var list struct {
				Items []comment.Item
				Total int
				Next  *string
			}
			if err := json.Unmarshal(res.Body.Bytes(), &list); err != nil || list.Total != 3 {
				t.Fatalf("%s: %v, %s", path, err, res.Body)
			}
			for _, i := range list.Items {
				texts = append(texts, i.Text)
				if (i.Official != nil) != (i.Text == "dos") {
					t.Errorf("%q: %+v", i.Text, i.Official)
				}
			}
			if path = ""; list.Next != nil {
				path = "/api/v1/comments?limit=2&object=" + root.On.String() + "&cursor=" + *list.Next
			}
		}
		if got := strings.Join(texts, " "); got != "tres dos uno" {
			t.Errorf("the texts: %s", got)
		}
		for path, code := range map[string]int{"/api/v1/comments": 200, "/api/v1/comments?object=institution:nada": 404, "/api/v1/comments?object=x": 404,
			"/api/v1/comments?object=person:1": 404, "/api/v1/comments?cursor=%FF": 422} {
			if res := w.get(visitor, path); res.Code != code || strings.Contains(res.Body.String(), "Ana López") {
				t.Errorf("%s: %d, want %d", path, res.Code, code)
			}
		}
	})
}

func TestWhatCannotBeCommentedOnHasNoPages(t *testing.T) {
	worlds(t, func(w *world) {
		for _, path := range []string{"/comentarios/person/" + w.ana.ID, "/comentarios/comment/x", "/comentarios/nada", "/comentarios/nada/versiones",
			"/comentarios/institution/%FF", "/comentarios/institution/nada"} {
			if res := w.get(visitor, path); res.Code != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", path, res.Code)
			}
		}
		if res := w.post(w.ana, "/comentarios/person/"+w.ana.ID, url.Values{"texto": {"x"}, "unico": {"x"}}); res.Code != http.StatusNotFound {
			t.Errorf("commenting on a person: %d", res.Code)
		}
	})
}
