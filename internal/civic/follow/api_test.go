package follow_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plaza/internal/base/api"
	"plaza/internal/base/api/apitest"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/follow"
	"plaza/internal/plaza"
)

// program calls the interface with a token of somebody that has some scopes.
func (w *world) program(name, scopes, method, path, body string) *httptest.ResponseRecorder {
	w.Helper()
	actor := w.accounts[name].Actor()
	actor.Limited, actor.Scopes = true, strings.Fields(scopes)
	r := httptest.NewRequestWithContext(plaza.WithActor(w.Context(), actor), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.RemoteAddr = "127.0.0.1:49152"
	return webtest.Do(w.shell, r)
}

func TestAProgramFollowsStopsAndReadsWhatItsPersonWasTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "")
		a, err := api.New(w.shell, api.Config{})
		if err != nil {
			t.Fatal(err)
		}
		w.follow.API(a)
		w.person("ana")
		w.person("beto")
		const path = "/api/v1/me/follows"
		sent := `{"object":"` + air.String() + `","often":"daily","in_app":true,"by_mail":true}`
		var made follow.Followed
		res := w.program("ana", "follow", http.MethodPut, path, sent)
		if err := json.Unmarshal(res.Body.Bytes(), &made); err != nil || res.Code != http.StatusOK || made.Object != air.String() || made.Often != "daily" {
			t.Fatalf("following: %d %s (%v)", res.Code, res.Body, err)
		}
		w.happens("dataset.returned", air)
		w.work()
		spec := apitest.Load(t, w.shell)
		var told api.List[follow.Notified]
		res = w.program("ana", "account:read", http.MethodGet, "/api/v1/me/notices?unread=true", "")
		spec.Conforms(t, "/api/v1/me/notices", res.Code, res.Header().Get("Content-Type"), res.Body.Bytes())
		if err := json.Unmarshal(res.Body.Bytes(), &told); err != nil || told.Total != 1 || len(told.Items) != 1 || told.Items[0].Read || told.Items[0].Text == "" {
			t.Errorf("notices: %s (%v)", res.Body, err)
		}
		res = w.program("beto", "account:read", http.MethodGet, "/api/v1/me/notices", "")
		if err := json.Unmarshal(res.Body.Bytes(), &told); err != nil || told.Total != 0 {
			t.Errorf("another's notices: %s (%v)", res.Body, err)
		}
		var list api.List[follow.Followed]
		res = w.program("ana", "account:read", http.MethodGet, path, "")
		spec.Conforms(t, path, res.Code, res.Header().Get("Content-Type"), res.Body.Bytes())
		if err := json.Unmarshal(res.Body.Bytes(), &list); err != nil || list.Total != 1 || list.Items[0] != (follow.Followed{
			ID: made.ID, Object: made.Object, Title: made.Title, URL: list.Items[0].URL, Often: "daily", InApp: true, ByMail: true, Since: list.Items[0].Since}) {
			t.Errorf("the list: %s (%v)", res.Body, err)
		}
		for _, c := range []struct {
			name, scopes, method, path, body string
			want                             int
		}{
			{"beto", "follow", http.MethodDelete, path + "/" + made.ID, "", 404},
			{"ana", "account:read", http.MethodDelete, path + "/" + made.ID, "", 403},
			{"ana", "account:read", http.MethodPut, path, sent, 403},
			{"ana", "follow", http.MethodGet, path, "", 403},
			{"ana", "comment", http.MethodGet, "/api/v1/me/notices", "", 403},
			{"", "", http.MethodGet, path, "", 401},
			{"ana", "follow", http.MethodPut, path, strings.Replace(sent, "}", `,"recipient":"x"}`, 1), 422},
			{"ana", "follow", http.MethodPut, path, strings.Replace(sent, "daily", "never", 1), 422},
			{"ana", "follow", http.MethodPut, path, strings.ReplaceAll(sent, "true", "false"), 422},
			{"ana", "follow", http.MethodPut, path, strings.Replace(sent, "dataset:", "person:", 1), 404},
			{"ana", "account:read", http.MethodGet, path + "?cursor=%FF", "", 422},
			{"ana", "account:read", http.MethodGet, "/api/v1/me/notices?cursor=x", "", 422},
			{"ana", "follow", http.MethodDelete, path + "/" + made.ID, "", 204},
			{"ana", "follow", http.MethodDelete, path + "/" + made.ID, "", 404},
		} {
			if got := w.program(c.name, c.scopes, c.method, c.path, c.body); got.Code != c.want {
				t.Errorf("%s [%s] %s %s %s = %d, want %d: %s", c.name, c.scopes, c.method, c.path, c.body, got.Code, c.want, got.Body)
			}
		}
	})
}
