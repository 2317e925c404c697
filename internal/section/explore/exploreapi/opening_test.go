package exploreapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/plaza"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/exploreapi"
)

// people is a table of which one column nobody may see, and another is withheld.
const people = "folio,nombre,sueldo,correo_de_contacto\n" +
	"F-01,Ana,10,ana.lopez@gmail.com\nF-02,Beto,20,beto.ruiz@hotmail.com\nF-03,Cata,30,cata.mora@gmail.com\nF-04,Dora,94,dora.luna@yahoo.com\n"

func problem(t testing.TB, res *httptest.ResponseRecorder) (p api.Problem) {
	t.Helper()
	if err := json.Unmarshal(res.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v in %s", err, res.Body)
	}
	return p
}

func TestAFileThatWasNotOpenedIsOpenedForWhoeverAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, people, nil)
		res := w.ask(at + "rows")
		p := problem(t, res)
		if seconds, err := strconv.Atoi(res.Header().Get("Retry-After")); res.Code != http.StatusServiceUnavailable || err != nil || seconds < 1 || p.Code != "unavailable" || p.Current == nil {
			t.Fatalf("asked first: %d %v %+v", res.Code, res.Header(), p)
		}
		w.drain()
		if res := w.ask(at + "rows"); res.Code != http.StatusOK {
			t.Fatalf("asked again: %d %s", res.Code, res.Body)
		}
		if err := w.explore.StoreVisits(t.Context()); err != nil {
			t.Fatal(err)
		}
		var visited []string
		if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			visited, err = explore.MostVisited(tx, 10)
			return err
		}); err != nil || !slices.Contains(visited, camas) {
			t.Errorf("what programs asked for is visited as %v, %v", visited, err)
		}
		w.nothingOfWhatIsHiddenIsTold()
		w.opened(people + "F-05,Eva,50,eva.paz@gmail.com\n")
		w.versionsAreListed()
		w.resource.Withheld = d.Now()
		for _, op := range []string{"rows", "aggregate", "profile", "versions"} {
			if res := w.ask(at + op); res.Code != http.StatusForbidden || strings.Contains(res.Body.String(), "F-01") {
				t.Errorf("%s of a withheld file = %d %s", op, res.Code, res.Body)
			}
		}
	})
}

// nothingOfWhatIsHiddenIsTold withholds one column beside the one that is suspected.
func (w *world) nothingOfWhatIsHiddenIsTold() {
	w.Helper()
	before := w.ask(at + "rows").Header().Get("ETag")
	w.by(w.people.Enlace.Actor(), func(tx *db.Tx) error { return w.explore.Withhold(tx, camas, "sueldo", "Se revisa.") })
	hidden := []string{"sueldo", "correo_de_contacto"}
	for _, path := range []string{"rows", "rows?formato=csv", "rows?formato=arrow", "rows?version=1", "profile", "aggregate?grupo=nombre", "versions"} {
		res := w.ask(at + path)
		if res.Code != http.StatusOK {
			w.Fatalf("%s = %d %s", path, res.Code, res.Body)
		}
		for _, secret := range []string{"gmail.com", "hotmail", `:94`, `"94"`, ",94"} {
			if strings.Contains(res.Body.String(), secret) {
				w.Errorf("%s tells %q:\n%s", path, secret, res.Body)
			}
		}
	}
	if after := w.ask(at + "rows").Header().Get("ETag"); after == before {
		w.Errorf("the tag stays when a column is withheld")
	}
	for _, name := range hidden {
		for _, form := range []string{"rows?col=", "rows?orden=", "rows?f.COLUMN=x#", "aggregate?grupo=", "aggregate?medida=cuenta:"} {
			told := func(column string) api.Problem {
				path, _, literal := strings.Cut(strings.ReplaceAll(form, "COLUMN", column), "#")
				if !literal {
					path += column
				}
				res := w.ask(at + path)
				p := problem(w, res)
				if res.Code != http.StatusUnprocessableEntity {
					w.Errorf("%s = %d", path, res.Code)
				}
				p.Instance = ""
				for i := range p.Errors {
					p.Errors[i].Field = strings.ReplaceAll(p.Errors[i].Field, column, "COLUMN")
					p.Errors[i].Detail = strings.ReplaceAll(p.Errors[i].Detail, column, "COLUMN")
				}
				return p
			}
			if diff := cmp.Diff(told("inventada"), told(name)); diff != "" {
				w.Errorf("%s %s is refused otherwise than a name that there is not:\n%s", form, name, diff)
			}
		}
	}
	profile := get[exploreapi.FileProfile](w, at+"profile", http.StatusOK)
	for _, c := range profile.Tables[0].Columns {
		if is := c.Withheld || c.Suspected; is != (c.Name == "sueldo" || c.Name == "correo_de_contacto") || is && (c.Stats.Min != "" || len(c.Stats.Top) > 0 || c.Stats.Mean != nil) {
			w.Errorf("the profile of %s: %+v", c.Name, c)
		}
	}
	if profile.Tables[0].Rows != 4 || profile.Tables[0].Encoding == "" || profile.Tables[0].Delimiter != "," || profile.Tables[0].HeaderLine != 1 {
		w.Errorf("the profile: %+v", profile.Tables[0])
	}
}

func (w *world) versionsAreListed() {
	w.Helper()
	first := get[api.List[exploreapi.FileVersion]](w, at+"versions?limit=1", http.StatusOK)
	if first.Total != 2 || len(first.Items) != 1 || first.Next == nil || first.Items[0].Number != 2 || !first.Items[0].Current || first.Items[0].Change == nil || first.Items[0].Change.From != 1 {
		w.Fatalf("the newest version: %+v %+v", first, first.Items[0].Change)
	}
	second := get[api.List[exploreapi.FileVersion]](w, at+"versions?limit=1&cursor="+*first.Next, http.StatusOK)
	if len(second.Items) != 1 || second.Next != nil || second.Items[0].Number != 1 || second.Items[0].Current {
		w.Fatalf("the one before: %+v", second)
	}
	for n, v := range map[int]exploreapi.FileVersion{5: first.Items[0], 4: second.Items[0]} {
		if page := get[exploreapi.Rows](w, v.Data.Rows, http.StatusOK); len(page.Rows) != n {
			w.Errorf("version %d has %d rows, want %d", v.Number, len(page.Rows), n)
		}
	}
}

// asking is an engine that tells when it is asked, and waits until whoever asked leaves.
type asking struct {
	child.Engine
	begun chan struct{}
	ended chan error
	fail  error
}

func (e *asking) Page(ctx context.Context, _ child.Table, _ tabular.Query) (tabular.Page, error) {
	if e.fail != nil {
		return tabular.Page{}, e.fail
	}
	close(e.begun)
	<-ctx.Done()
	e.ended <- ctx.Err()
	return tabular.Page{}, ctx.Err()
}

func TestAQuestionEndsWithWhoeverAsked(t *testing.T) {
	e := &asking{begun: make(chan struct{}), ended: make(chan error, 1)}
	w := newWorld(t, dbtest.SQLite(t), "", func(inner child.Engine) child.Engine { e.Engine = inner; return e }).opened(people)
	for err, status := range map[*plaza.Error]int{
		{Kind: plaza.TooMany, Key: "explore.error.many", RetryAfter: 7 * time.Second}:       http.StatusTooManyRequests,
		{Kind: plaza.Unavailable, Key: "explore.error.object", RetryAfter: 7 * time.Second}: http.StatusServiceUnavailable,
	} {
		e.fail = err
		if res := w.ask(at + "rows"); res.Code != status || res.Header().Get("Retry-After") != "7" || problem(t, res).Detail == "" {
			t.Errorf("a busy engine = %d %v %s", res.Code, res.Header(), res.Body)
		}
	}
	e.fail = nil
	server := httptest.NewServer(w.shell)
	defer server.Close()
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+at+"rows", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-e.begun
		leave()
	}()
	if res, err := http.DefaultClient.Do(r); err == nil {
		res.Body.Close()
		t.Errorf("answered %d", res.StatusCode)
	}
	if err := <-e.ended; err != context.Canceled {
		t.Errorf("the question ended with %v", err)
	}
}

// refusing finds a page of the web in every file.
type refusing struct{ child.Engine }

func (refusing) Convert(context.Context, child.Conversion, func(child.Step)) (tabular.Profile, error) {
	return tabular.Profile{}, &tabular.Fault{Code: "html_instead", Byte: -1}
}

func TestAFileThatIsNoTableIsToldOf(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), "", func(inner child.Engine) child.Engine { return refusing{inner} })
	w.opened("<html><body>No está</body></html>")
	for _, op := range []string{"rows", "aggregate", "profile"} {
		res := w.ask(at + op)
		if p := problem(t, res); res.Code != http.StatusNotFound || !strings.Contains(p.Detail, "página web") {
			t.Errorf("%s = %d %+v", op, res.Code, p)
		}
	}
	if list := get[api.List[exploreapi.FileVersion]](w, at+"versions", http.StatusOK); list.Total != 0 || len(list.Items) != 0 {
		t.Errorf("versions: %+v", list)
	}
	w.resource.URL = ""
	w.by(plaza.SystemActor, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM explore_attempts WHERE resource_id = $1`, camas)
		return err
	})
	if res := w.ask(at + "rows"); res.Code != http.StatusNotFound {
		t.Errorf("a resource without a file = %d", res.Code)
	}
}
