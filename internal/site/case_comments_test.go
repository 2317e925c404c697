package site_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/plaza"
)

// TestAProgramCommentsOnACase has a program comment on a case by its id, once for each key,
// and everybody read it from the interface and on the case's page; a case that there is not
// takes nothing.
func TestAProgramCommentsOnACase(t *testing.T) {
	r := serve(t)
	th := r.things(t)
	one := r.asks(t, r.person(t, "Olga Comenta", plaza.Grant{Role: plaza.Moderator}), th.body.ID, "Una que se comenta")
	program := r.keyed(t, th, "comment")
	say := func(object string) answer {
		return program.send(http.MethodPost, "/api/v1/comments", "application/json", fmt.Sprintf(`{"object":%q,"text":"También lo necesito para mi colonia."}`, object))
	}
	on := "case:" + one.ID
	if a := say(on); a.status != http.StatusCreated && a.status != http.StatusAccepted || !strings.Contains(a.body, on) {
		t.Fatalf("commenting: %d %s", a.status, a.body)
	}
	visitor := r.newcomer(t)
	for _, path := range []string{"/api/v1/comments?object=" + url.QueryEscape(on), one.Path()} {
		if a := visitor.get(path); a.status != http.StatusOK || !strings.Contains(a.body, "para mi colonia") {
			t.Errorf("%s: %d, without the comment", path, a.status)
		}
	}
	for _, object := range []string{"case:nada", "case:", "consulta:" + one.ID} {
		if a := say(object); a.status < 400 || a.status >= 500 {
			t.Errorf("%q: %d %s", object, a.status, a.body)
		}
	}
}
