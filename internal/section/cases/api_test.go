package cases_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plaza/internal/base/api"
	"plaza/internal/base/api/apitest"
	"plaza/internal/base/db"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

const casesPath = "/api/v1/cases"

// programs gives the pages of a world the interface of cases.
func (w *paged) programs() {
	w.Helper()
	a, err := api.New(w.shell, api.Config{Action: string(access.SiteRead)})
	if err != nil {
		w.Fatal(err)
	}
	w.cases.API(a)
}

// program calls the interface with a token of a person that has some scopes.
func (w *paged) program(p account.Person, scopes, method, path string, members any, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	actor := p.Actor()
	actor.Limited, actor.Scopes = true, strings.Fields(scopes)
	body := ""
	if members != nil {
		raw, err := json.Marshal(members)
		if err != nil {
			w.Fatal(err)
		}
		body = string(raw)
	}
	r := httptest.NewRequestWithContext(plaza.WithActor(w.Context(), actor), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r)
}

// reads reads an answer that must have a status.
func reads[T any](w *paged, res *httptest.ResponseRecorder, status int) (out T) {
	w.Helper()
	if res.Code != status {
		w.Fatalf("status %d, want %d: %s", res.Code, status, res.Body)
	}
	if err := json.Unmarshal(res.Body.Bytes(), &out); err != nil {
		w.Fatal(err)
	}
	return out
}

// sentBy is what a program asks about the dataset.
func sentBy(changes ...string) map[string]any {
	m := map[string]any{"kind": "question", "title": "¿Qué es cve_ent?", "text": "No lo entiendo.", "object": set.String(), "need": "Mi tesis secreta"}
	for i := 0; i+1 < len(changes); i += 2 {
		m[changes[i]] = changes[i+1]
	}
	return m
}

func TestProgramsAskOnceAndEverybodyReadsItWithoutNeedAndAsker(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.programs()
		res := w.program(w.ana, "cases", http.MethodPost, casesPath, sentBy(), "Idempotency-Key", "una")
		made := reads[cases.CaseAsked](w, res, http.StatusCreated)
		if made.State != "public" || !strings.HasSuffix(res.Header().Get("Location"), casesPath+"/"+made.Folio) {
			t.Errorf("made %+v at %q", made, res.Header().Get("Location"))
		}
		again := reads[cases.CaseAsked](w, w.program(w.ana, "cases", http.MethodPost, casesPath, sentBy(), "Idempotency-Key", "una"), http.StatusCreated)
		if again.ID != made.ID {
			t.Error("the same key made another case")
		}
		c := w.now(cases.Case{ID: made.ID})
		if c.Channel != cases.API || c.Institution != w.salud.ID || c.Need != "Mi tesis secreta" || c.Asker.Person != w.ana.ID {
			t.Errorf("stored %+v", c)
		}
		w.answer(c, explained())
		spec := apitest.Load(t, w.shell)
		one := w.get(visitor, casesPath+"/"+made.Folio)
		spec.Conforms(t, casesPath+"/"+made.Folio, one.Code, one.Header().Get("Content-Type"), one.Body.Bytes())
		list := w.get(visitor, casesPath)
		spec.Conforms(t, casesPath, list.Code, list.Header().Get("Content-Type"), list.Body.Bytes())
		for _, body := range []string{one.Body.String(), list.Body.String()} {
			if strings.Contains(body, "tesis secreta") || strings.Contains(body, w.ana.ID) || strings.Contains(body, w.ana.Name) {
				t.Errorf("it tells what is private: %s", body)
			}
		}
		whole := reads[cases.CaseWhole](w, one, http.StatusOK)
		if whole.Clock == nil || whole.Clock.State != "in_time" && whole.Clock.State != string(cases.InTime) || whole.Answer == nil || len(whole.Answer.Versions) != 1 ||
			len(whole.Steps) < 2 || whole.Steps[0].By != nil || whole.Answer.URL != webtest.Base+c.Path()+"/respuesta/1" {
			t.Errorf("it is told as %+v", whole)
		}
		for scopes, want := range map[string]int{"": 403, "comment follow": 403} {
			if got := w.program(w.ana, scopes, http.MethodPost, casesPath, sentBy()); got.Code != want {
				t.Errorf("with scopes %q: %d, want %d", scopes, got.Code, want)
			}
		}
		if got := w.program(visitor, "", http.MethodPost, casesPath, sentBy()); got.Code != http.StatusUnauthorized {
			t.Errorf("without a token: %d", got.Code)
		}
	})
}

func TestWhatIsWrongInWhatAProgramAsksIsSaidAtItsMember(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.programs()
		for field, changes := range map[string][]string{"title": {"title", " "}, "text": {"text", ""}, "object": {"object", "dataset:nada"},
			"institution": {"object", "", "institution", "nadie"}, "name": {"name", strings.Repeat("a", 100)}, "kind": {"kind", "otra"}} {
			res := w.program(w.ana, "cases", http.MethodPost, casesPath, sentBy(changes...))
			if res.Code != http.StatusUnprocessableEntity || !strings.Contains(res.Body.String(), field+`"`) || res.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %d %s", field, res.Code, res.Body)
			}
		}
		w.screen.word = "oferta"
		res := w.program(w.ana, "cases", http.MethodPost, casesPath, sentBy("text", "una oferta"))
		held := reads[cases.CaseAsked](w, res, http.StatusAccepted)
		if held.State != "held" || res.Header().Get("Location") != "" {
			t.Errorf("held: %+v", held)
		}
		if got := w.get(visitor, casesPath+"/"+held.Folio); got.Code != http.StatusNotFound {
			t.Errorf("one that waits is read: %d", got.Code)
		}
	})
}

func TestProgramsListCasesByFilterAndByPages(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.programs()
		for _, kind := range []string{"question", "question", "request"} {
			reads[cases.CaseAsked](w, w.program(w.ana, "cases", http.MethodPost, casesPath, sentBy("kind", kind)), http.StatusCreated)
		}
		reads[cases.CaseAsked](w, w.program(w.ana, "cases", http.MethodPost, casesPath, sentBy("object", "")), http.StatusCreated)
		for query, want := range map[string]int{"": 4, "kind=request": 1, "institution=" + w.salud.Slug: 3, "institution=" + w.salud.ID: 3, "institution=central": 1,
			"state=open": 4, "state=answered": 0, "overdue=true": 0, "waiting=true": 4, "dataset=" + set.ID: 3, "sort=due": 4, "sort=supported": 4, "theme=nada": 0} {
			got := reads[cases.CaseList](w, w.get(visitor, casesPath+"?"+query), http.StatusOK)
			if got.Total != want || len(got.Items) != want || got.Minimum {
				t.Errorf("%q: %d of %d, want %d", query, len(got.Items), got.Total, want)
			}
		}
		for _, order := range []string{"newest", "due", "supported"} {
			seen, path := map[string]bool{}, casesPath+"?limit=1&sort="+order
			for range 10 {
				page := reads[cases.CaseList](w, w.get(visitor, path), http.StatusOK)
				for _, c := range page.Items {
					seen[c.Folio] = true
				}
				if page.Next == nil {
					break
				}
				path = casesPath + "?limit=1&sort=" + order + "&cursor=" + *page.Next
			}
			if len(seen) != 4 {
				t.Errorf("%s: its pages have %d cases", order, len(seen))
			}
		}
		for path, want := range map[string]int{casesPath + "?institution=nadie": 404, casesPath + "?cursor=x": 422, casesPath + "?kind=x": 422, casesPath + "/nada": 404} {
			if got := w.get(visitor, path); got.Code != want {
				t.Errorf("%s: %d, want %d", path, got.Code, want)
			}
		}
	})
}

func TestProgramsSupportACaseOnceAndTakeItBack(t *testing.T) {
	pagedWorlds(t, func(w *paged) {
		w.programs()
		c := w.ask(w.ana, w.form())
		path := casesPath + "/" + c.Folio + "/supports"
		for range 2 {
			if got := reads[cases.CaseSupports](w, w.program(w.beto, "cases", http.MethodPost, path, map[string]any{"need": "lo mismo"}), http.StatusCreated); got.Supports != 1 {
				t.Errorf("%d support it", got.Supports)
			}
		}
		if got := w.program(w.ana, "cases", http.MethodPost, path, map[string]any{}); got.Code != http.StatusConflict {
			t.Errorf("supporting one's own: %d", got.Code)
		}
		for range 2 {
			if got := w.program(w.beto, "cases", http.MethodDelete, path, nil); got.Code != http.StatusNoContent {
				t.Errorf("taking it back: %d %s", got.Code, got.Body)
			}
		}
		if got := w.now(c).Supports; got != 0 {
			t.Errorf("%d support it still", got)
		}
		ctx, n := db.CountStatements(w.Context())
		webtest.Do(w.shell, newRequest(ctx, casesPath))
		if n.Load() > 8 {
			t.Errorf("the list takes %d statements", n.Load())
		}
	})
}
