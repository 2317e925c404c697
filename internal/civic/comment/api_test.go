package comment_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plaza/internal/base/api/apitest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// program calls the interface with a token of a person that has some scopes.
func (w *world) program(p account.Person, scopes, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	actor := p.Actor()
	actor.Limited, actor.Scopes = true, strings.Fields(scopes)
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

const comments = "/api/v1/comments"

// written reads an answer that must have a status.
func (w *world) written(res *httptest.ResponseRecorder, status int) (out comment.Written) {
	w.Helper()
	if res.Code != status {
		w.Fatalf("status %d, want %d: %s", res.Code, status, res.Body)
	}
	if err := json.Unmarshal(res.Body.Bytes(), &out); err != nil {
		w.Fatal(err)
	}
	return out
}

func body(members map[string]any) string {
	raw, _ := json.Marshal(members) // maps of texts and numbers
	return string(raw)
}

func TestProgramsCommentWithATokenOfItsScope(t *testing.T) {
	worlds(t, func(w *world) {
		on := w.salud.Ref().String()
		res := w.program(w.ana, "comment", http.MethodPost, comments, body(map[string]any{"object": on, "text": "por programa"}), "Idempotency-Key", "una")
		made := w.written(res, http.StatusCreated)
		if made.State != "public" || made.Text != "por programa" || made.Version != 1 || made.Object != on {
			t.Errorf("made: %+v", made)
		}
		at := res.Header().Get("Location")
		if !strings.HasSuffix(at, comments+"/"+made.ID) {
			t.Errorf("Location %q", at)
		}
		spec := apitest.Load(t, w.shell)
		one := w.get(visitor, comments+"/"+made.ID)
		spec.Conforms(t, comments+"/"+made.ID, one.Code, one.Header().Get("Content-Type"), one.Body.Bytes())
		again := w.program(w.ana, "comment", http.MethodPost, comments, body(map[string]any{"object": on, "text": "por programa"}), "Idempotency-Key", "una")
		if second := w.written(again, http.StatusCreated); second.ID != made.ID {
			t.Errorf("the same key made another comment, %s", second.ID)
		}
		other := w.program(w.beto, "comment", http.MethodPost, comments, body(map[string]any{"object": on, "text": "por programa"}), "Idempotency-Key", "una")
		if w.written(other, http.StatusCreated).ID == made.ID {
			t.Error("one person's key is another's")
		}
		answer := w.written(w.program(w.beto, "comment", http.MethodPost, comments, body(map[string]any{"object": on, "parent": made.ID, "text": "otra"})), http.StatusCreated)
		if answer.Answers == nil || *answer.Answers != made.ID {
			t.Errorf("the answer answers %v", answer.Answers)
		}
		for scopes, want := range map[string]int{"": 403, "account:read follow office": 403} {
			if got := w.program(w.ana, scopes, http.MethodPost, comments, body(map[string]any{"object": on, "text": "x"})); got.Code != want {
				t.Errorf("with scopes %q: %d, want %d", scopes, got.Code, want)
			}
		}
		if got := w.program(account.Person{}, "", http.MethodPost, comments, body(map[string]any{"object": on, "text": "x"})); got.Code != http.StatusUnauthorized {
			t.Errorf("without a token: %d", got.Code)
		}
	})
}

func TestAProgramSpeaksForAnInstitutionOnlyWhenItsTokenSaysSo(t *testing.T) {
	worlds(t, func(w *world) {
		sent := body(map[string]any{"object": w.salud.Ref().String(), "text": "respuesta", "as": w.official()})
		if res := w.program(w.enlace, "comment", http.MethodPost, comments, sent); res.Code != http.StatusForbidden {
			t.Errorf("without the scope: %d", res.Code)
		}
		for _, p := range []account.Person{w.ana, w.ajena} {
			if res := w.program(p, "comment office", http.MethodPost, comments, sent); res.Code != http.StatusForbidden {
				t.Errorf("%s: %d", p.Name, res.Code)
			}
		}
		made := w.written(w.program(w.enlace, "comment office", http.MethodPost, comments, sent), http.StatusCreated)
		if c := w.now(comment.Comment{ID: made.ID}); !c.Official() {
			t.Error("it is not official")
		}
		edit := body(map[string]any{"text": "otra respuesta", "version": 1})
		if res := w.program(w.enlace, "comment", http.MethodPut, comments+"/"+made.ID, edit); res.Code != http.StatusForbidden {
			t.Errorf("editing what was said officially without the scope: %d", res.Code)
		}
		wrong := w.program(w.enlace, "comment office", http.MethodPost, comments, body(map[string]any{"object": w.salud.Ref().String(), "text": "x", "as": "admin@"}))
		if wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body.String(), `"field":"as"`) {
			t.Errorf("a voice that one has not: %d %s", wrong.Code, wrong.Body)
		}
	})
}

func TestAProgramsCommentThatIsHeldHasNoAddressAndNoEffect(t *testing.T) {
	worlds(t, func(w *world) {
		w.screen.word = "oferta"
		res := w.program(w.ana, "comment", http.MethodPost, comments, body(map[string]any{"object": w.salud.Ref().String(), "text": "una oferta"}))
		made := w.written(res, http.StatusAccepted)
		if made.State != "held" || res.Header().Get("Location") != "" || len(w.verbs()) != 0 || w.finds("oferta") != 0 {
			t.Errorf("%+v, Location %q, entries %v", made, res.Header().Get("Location"), w.verbs())
		}
		for _, p := range []account.Person{visitor, w.beto, w.ana} {
			if got := w.get(p, comments+"/"+made.ID); got.Code != http.StatusNotFound {
				t.Errorf("a held comment is read: %d", got.Code)
			}
		}
		said := w.say(w.ana, "bien")
		res = w.program(w.ana, "comment", http.MethodPut, comments+"/"+said.ID, body(map[string]any{"text": "otra oferta", "version": 1}))
		if edit := w.written(res, http.StatusAccepted); edit.State != "held" || edit.Text != "otra oferta" || w.now(said).Body != "bien" {
			t.Errorf("a held edit: %+v, public %q", edit, w.now(said).Body)
		}
	})
}

func TestAProgramEditsAndTakesBackItsOwnAndAClashCarriesBothTexts(t *testing.T) {
	worlds(t, func(w *world) {
		c := w.say(w.ana, "uno")
		path := comments + "/" + c.ID
		edit := body(map[string]any{"text": "dos", "version": 1})
		if got := w.program(w.beto, "comment", http.MethodPut, path, edit); got.Code != http.StatusForbidden {
			t.Errorf("another's comment was edited: %d", got.Code)
		}
		if got := w.written(w.program(w.ana, "comment", http.MethodPut, path, edit), http.StatusOK); got.Version != 2 || got.Text != "dos" {
			t.Errorf("edited: %+v", got)
		}
		clash := w.program(w.ana, "comment", http.MethodPut, path, body(map[string]any{"text": "tres", "version": 1}))
		var problem struct {
			Current comment.Item
			Sent    struct{ Text string }
		}
		if err := json.Unmarshal(clash.Body.Bytes(), &problem); err != nil || clash.Code != http.StatusConflict ||
			problem.Current.Text != "dos" || problem.Current.Version != 2 || problem.Sent.Text != "tres" {
			t.Errorf("a clash: %d %s (%v)", clash.Code, clash.Body, err)
		}
		if got := w.program(w.beto, "comment", http.MethodDelete, path, ""); got.Code != http.StatusForbidden {
			t.Errorf("another's comment was taken back: %d", got.Code)
		}
		if got := w.program(w.ana, "account:read", http.MethodDelete, path, ""); got.Code != http.StatusForbidden {
			t.Errorf("without the scope: %d", got.Code)
		}
		if got := w.program(w.ana, "comment", http.MethodDelete, path, ""); got.Code != http.StatusNoContent || got.Body.Len() > 0 {
			t.Errorf("taking back: %d %s", got.Code, got.Body)
		}
		if w.now(c).State != moderation.Removed || w.get(visitor, path).Code != http.StatusNotFound {
			t.Errorf("it is %s", w.now(c).State)
		}
		for _, id := range []string{"nada", "%FF", strings.Repeat("x", 80)} {
			for method, sent := range map[string]string{http.MethodPut: edit, http.MethodDelete: ""} {
				if got := w.program(w.ana, "comment", method, comments+"/"+id, sent); got.Code != http.StatusNotFound {
					t.Errorf("%s %s: %d", method, id, got.Code)
				}
			}
		}
	})
}

func TestWhatAProgramMayNotSayOfACommentIsRefusedWhole(t *testing.T) {
	worlds(t, func(w *world) {
		on := w.salud.Ref().String()
		for _, member := range []string{"role", "owner_id", "author", "state", "institution", "created_at", "official", "version", "id", "published"} {
			sent := body(map[string]any{"object": on, "text": "hola", member: "public"})
			if res := w.program(w.ana, "comment", http.MethodPost, comments, sent); res.Code != http.StatusUnprocessableEntity ||
				!strings.Contains(res.Body.String(), `"field":"`+member+`"`) {
				t.Errorf("%s: %d %s", member, res.Code, res.Body)
			}
		}
		c := w.say(w.beto, "uno")
		for _, member := range []string{"author", "state", "object", "as", "edited"} {
			sent := body(map[string]any{"text": "dos", "version": 1, member: "x"})
			if res := w.program(w.beto, "comment", http.MethodPut, comments+"/"+c.ID, sent); res.Code != http.StatusUnprocessableEntity {
				t.Errorf("editing with %s: %d", member, res.Code)
			}
		}
		for sent, want := range map[string]int{
			body(map[string]any{"object": on, "text": " "}):                                    422,
			body(map[string]any{"object": on, "text": strings.Repeat("ñ", 10_001)}):            422,
			body(map[string]any{"object": on, "text": strings.Repeat("ñ", 100_001)}):           422,
			body(map[string]any{"object": on, "text": strings.Repeat("ñ", 200_000)}):           413,
			body(map[string]any{"object": on}):                                                 422,
			body(map[string]any{"text": "x"}):                                                  422,
			body(map[string]any{"object": "person:" + w.ana.ID, "text": "x"}):                  404,
			body(map[string]any{"object": "institution:nada", "text": "x"}):                    404,
			body(map[string]any{"object": on, "text": "x", "parent": "nada"}):                  404,
			body(map[string]any{"object": loose.String(), "text": "x", "parent": c.ID}):        404,
			body(map[string]any{"object": on, "text": "x", "parent": strings.Repeat("x", 81)}): 422,
		} {
			if res := w.program(w.ana, "comment", http.MethodPost, comments, sent); res.Code != want {
				t.Errorf("%.80s: %d, want %d: %s", sent, res.Code, want, res.Body)
			}
		}
		if res := w.program(w.ana, "comment", http.MethodPost, comments, body(map[string]any{"object": on, "text": " "})); !strings.Contains(res.Body.String(), `"field":"text"`) {
			t.Errorf("the refusal names %s", res.Body)
		}
		if res := w.program(w.ana, "comment", http.MethodPost, comments, body(map[string]any{"object": on, "text": "x"}), "Idempotency-Key", strings.Repeat("x", 61)); res.Code != http.StatusUnprocessableEntity {
			t.Errorf("a long key: %d", res.Code)
		}
		if now := w.now(c); now.Body != "uno" || now.Version != 1 || len(w.verbs()) != 1 {
			t.Errorf("something was applied: %+v, %v", now, w.verbs())
		}
	})
}
