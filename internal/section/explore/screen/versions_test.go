package screen_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/fetch"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/base/tabular/form"
	"plaza/internal/base/tabular/query"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/section/explore"
	"plaza/internal/section/explore/cache"
	"plaza/internal/section/explore/screen"
)

const (
	published = "22222222-2222-7222-8222-222222222222"
	home      = "/datos/casos/recursos/" + published
)

// shelf is a site that shows one resource, whose server publishes what the test says, with
// the real engine.
type shelf struct {
	*institutiontest.World
	db       *db.DB
	explore  *explore.Section
	runner   *job.Runner
	shell    *web.Shell
	engine   *leaver
	resource explore.Resource

	mu    sync.Mutex
	body  string
	media string
}

// leaver is the engine; it tells when a download's reader has left.
type leaver struct {
	child.Engine
	left chan error // nil: exports are the engine's
}

func (e *leaver) Export(ctx context.Context, t child.Table, x child.Export, w io.Writer) error {
	if e.left == nil {
		return e.Engine.Export(ctx, t, x, w)
	}
	_, _ = io.WriteString(w, "estado\n")
	_ = http.NewResponseController(w.(http.ResponseWriter)).Flush()
	<-ctx.Done()
	e.left <- ctx.Err()
	return ctx.Err()
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	d := dbtest.SQLite(t)
	s := &shelf{World: institutiontest.New(t, d), db: d, media: "text/csv"}
	s.Populate()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", s.media)
		_, _ = io.WriteString(w, s.body)
	}))
	t.Cleanup(server.Close)
	store, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	workers := child.New(child.Config{Command: childtest.Command(t), Log: quiet})
	t.Cleanup(func() { _ = workers.Close(context.Background()) })
	s.engine = &leaver{Engine: workers}
	tables := cache.New(cache.Config{Dir: t.TempDir(), MaxBytes: 1 << 20, Store: store})
	t.Cleanup(tables.Close)
	s.resource = explore.Resource{ID: published, Dataset: "un-conjunto", Title: "Casos", Slug: "casos", Collection: "Casos de COVID", Path: home, URL: server.URL + "/casos.csv",
		Format: "CSV", Institution: s.Salud.ID, Publisher: "Secretaría de Salud", License: "CC-BY-4.0", LicenseURL: "https://creativecommons.org/licenses/by/4.0/", Open: true,
		Dictionary: map[string]string{"estado": "Estado donde se atendió"}}
	s.explore = explore.New(explore.Deps{DB: d, Blob: store, Engine: s.engine, Cache: tables, Resources: s, Log: quiet, Scratch: t.TempDir(),
		Client: fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Interval: -1})})
	s.runner = job.NewRunner(d, job.Config{Log: quiet})
	s.explore.Work(s.runner)
	pages := screen.New(screen.Deps{DB: d, Explore: s.explore, Engine: s.engine})
	s.shell = webtest.New(t, func(c *web.Config) { c.Now = d.Now }, screen.Locale, explore.Locale, tabular.Locale, query.Locale, form.Locale)
	if err := pages.Mount(s.shell); err != nil {
		t.Fatal(err)
	}
	s.shell.Handle("GET /datos/{dataset}/recursos/{resource}", web.Route{Name: "recurso"}, func(w http.ResponseWriter, r *http.Request) error {
		drawn, err := pages.Draw(r, s.shell.Page(r, ""), r.PathValue("resource"))
		if err == nil {
			_, err = io.WriteString(w, string(drawn.HTML))
		}
		return err
	})
	return s
}

// Resource implements explore.Resources.
func (s *shelf) Resource(*db.Tx, string) (explore.Resource, error) { return s.resource, nil }

// Newest implements explore.Resources.
func (s *shelf) Newest(*db.Tx, int) ([]string, error) { return nil, nil }

// Siblings are none.
func (s *shelf) Siblings(*db.Tx, string) ([]string, error) { return nil, nil }

// publish has the server publish something, and the resource opened anew.
func (s *shelf) publish(media, body string) {
	s.Helper()
	s.mu.Lock()
	s.media, s.body = media, body
	s.mu.Unlock()
	s.As(s.Enlace, func(tx *db.Tx) error { return s.explore.Retry(tx, published) })
	s.work()
}

func (s *shelf) work() {
	s.Helper()
	if _, err := s.runner.Drain(s.Context()); err != nil {
		s.Fatal(err)
	}
}

func (s *shelf) page(path string) *goquery.Document {
	s.Helper()
	res := webtest.Get(s.T, s.shell, path)
	if res.Code != http.StatusOK {
		s.Fatalf("GET %s = %d: %.300s", path, res.Code, res.Body)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return doc
}

func (s *shelf) says(doc *goquery.Document, where string, words ...string) {
	s.Helper()
	text := strings.Join(strings.Fields(doc.Find(where).Text()), " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.Errorf("%s does not say %q: %s", where, w, text)
		}
	}
}

// The published cuts of 13 and 20 April 2020, cut to some of their columns.
const (
	april13 = "ENTIDAD_UM,EDAD,HABLA_LENGUA_INDI,DIABETES,OTRA_CON,UCI\n09,34,2,1,2,97\n15,51,1,2,2,2\n09,60,2,2,1,1\n"
	april20 = "ID_REGISTRO,ENTIDAD_UM,EDAD,HABLA_LENGUA_INDIG,DIABETES,OTRA_COM,UCI\na1,09,34,2,1,2,97\na2,15,51,1,2,2,2\na3,09,60,2,2,1,1\na4,21,77,2,1,2,1\n"
	moved   = "<!doctype html><html><head><title>Portal</title></head><body><h1>El portal cambió de dirección</h1></body></html>"
)

func TestTheVersionsOfAFileAreToldAndTwoOfThemCompared(t *testing.T) {
	s := newShelf(t)
	if problems := webtest.CheckTemplates(s.shell); len(problems) > 0 {
		t.Error(problems)
	}
	s.publish("text/csv", april13)
	s.publish("text/csv", april20)
	s.publish("text/csv", strings.Replace(april20, "77", "78", 1))
	doc := s.page(home + "?ver=versiones")
	if n := doc.Find(".Versions-one").Length(); n != 3 {
		t.Fatalf("%d versions, want 3", n)
	}
	s.says(doc, ".Versions-one:first-child", "Versión 3", "Vigente", "+0, −0 filas; con otros valores: 1", "Las columnas son las mismas")
	s.says(doc, ".Versions-one:nth-child(2)", "Versión 2", "Columnas nuevas (1): ID_REGISTRO", "HABLA_LENGUA_INDI → HABLA_LENGUA_INDIG", "OTRA_CON → OTRA_COM")
	link, _ := doc.Find(".Versions-one:nth-child(2) .Versions-do a").Last().Attr("href")
	doc = s.page(link)
	s.says(doc, "main", "Columnas nuevas (1): ID_REGISTRO", "OTRA_CON → OTRA_COM", "Máximo", "60", "77")

	doc = s.page(home + "/comparar?antes=1&despues=3")
	if action, _ := doc.Find("form[method=post]").Attr("action"); action != home+"/comparar" {
		t.Fatalf("no form asks for the rows: %q", action)
	}
	res := webtest.Post(t, s.shell, home+"/comparar", url.Values{"antes": {"1"}, "despues": {"3"}})
	if res.Code != http.StatusSeeOther {
		t.Fatalf("POST = %d: %.300s", res.Code, res.Body)
	}
	there := res.Header().Get("Location")
	s.says(s.page(there), "main", "La comparación espera su turno")
	s.work()
	doc = s.page(there)
	s.says(doc, "#filas + p", "+", "filas")
	if doc.Find("form[method=post]").Length() != 0 {
		t.Error("what is known is asked for again")
	}
	events := webtest.Get(t, s.shell, home+"/comparar/avance?antes=1&despues=3").Body.String()
	if !strings.Contains(events, `"end":true`) {
		t.Errorf("progress says %q", events)
	}
	for query, words := range map[string]string{"antes=2&despues=2": "dos versiones distintas", "antes=1&despues=99": "no tiene esa versión"} {
		s.says(s.page(home+"/comparar?"+query), "main", words)
	}
}

func TestTheLastGoodCopyStandsInForWhatIsGone(t *testing.T) {
	s := newShelf(t)
	s.publish("text/csv", april13)
	s.publish("text/html", moved)
	doc := s.page(home)
	s.says(doc, ".Explore", "Última copia válida", "no vence", "CC-BY-4.0", "SHA-256", "Lo que hay ahora en su lugar")
	path, _ := doc.Find(".LastCopy .Versions-do a").First().Attr("href")
	if got := webtest.Get(t, s.shell, path); got.Body.String() != april13 {
		t.Errorf("the copy at %s is %d %.80q", path, got.Code, got.Body)
	}
	if doc.Find(".Grid-table tbody tr").Length() != 3 {
		t.Error("the last good table is not shown")
	}
	s.As(account.Person{}, func(tx *db.Tx) error { return s.explore.Retry(tx, published) })
	s.says(s.page(home), ".Explore", "Última copia válida", "espera su turno") // it stays while another try waits
	s.resource.Gone, s.resource.URL = true, ""
	doc = s.page(home)
	s.says(doc, ".Explore", "Última copia válida", "retiró este recurso")
	if doc.Find("form[action$='/abrir']").Length() != 0 {
		t.Error("what was withdrawn can be tried again")
	}
	s.resource.Open, s.resource.License = false, "Todos los derechos reservados"
	doc = s.page(home)
	s.says(doc, ".Explore", "No hay una copia de este recurso", "Todos los derechos reservados")
	if doc.Find(".Grid-table, .LastCopy, [href*='/original']").Length() != 0 {
		t.Error("what no licence lets us pass on is shown")
	}
	for _, path := range []string{"/original", "/descargar?forma=csv", "/datapackage.json", "/comparar?antes=1&despues=2"} {
		if res := webtest.Get(t, s.shell, home+path); res.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, res.Code)
		}
	}
}

func TestProgramsReadTheViewThatIsSeen(t *testing.T) {
	s := newShelf(t)
	s.publish("text/csv", "estado,casos,nota\nPuebla,3,\"con, coma\"\nMéxico,5,x\nPuebla,7,'y'\n")
	server := httptest.NewServer(s.shell)
	t.Cleanup(server.Close)
	doc := s.page(home + "?ver=api&f.estado=Puebla&orden=-casos&col=estado&col=casos")
	curl := doc.Find("#codigo-curl").Text()
	_, address, _ := strings.Cut(curl, "'"+webtest.Base)
	address, _, _ = strings.Cut(address, "'")
	res, err := http.Get(server.URL + address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	rows, err := csv.NewReader(res.Body).ReadAll()
	if err != nil || len(rows) != 3 || strings.Join(rows[0], "|") != "estado|casos" || rows[1][1] != "7" || rows[2][1] != "3" {
		t.Errorf("%s gives %v, %v", address, rows, err)
	}
	for _, id := range []string{"python", "r", "javascript", "duckdb"} {
		if text := doc.Find("#codigo-" + id).Text(); !strings.Contains(text, webtest.Base+home+"/descargar?") {
			t.Errorf("%s: %q", id, text)
		}
	}
	s.says(doc, ".Programs", "/api/v1/resources/"+published+"/rows?col=estado%2Ccasos&f.estado=Puebla&orden=-casos", "/profile", "/versions")
	grouped := s.page(home + "?ver=api&grupo=estado")
	if text := grouped.Find("#codigo-curl").Text(); !strings.Contains(text, "/aggregate?formato=csv&grupo=estado") {
		t.Errorf("groups: %q", text)
	}

	var about struct {
		Name      string
		Licenses  []struct{ Title, Path string }
		Sources   []struct{ Title, Hash string }
		Resources []struct {
			Path   string
			Schema struct {
				Fields        []struct{ Name, Type, Description string }
				MissingValues []string
			}
		}
	}
	descriptor := webtest.Get(t, s.shell, home+"/datapackage.json")
	if err := json.Unmarshal(descriptor.Body.Bytes(), &about); err != nil {
		t.Fatal(err)
	}
	if about.Name != "casos-de-covid" || about.Licenses[0].Title != "CC-BY-4.0" || about.Sources[0].Title != "Secretaría de Salud" || !strings.HasPrefix(about.Sources[0].Hash, "sha256:") {
		t.Errorf("descriptor: %+v", about)
	}
	table := about.Resources[0]
	if f := table.Schema.Fields[0]; f.Name != "estado" || f.Description != "Estado donde se atendió" || len(table.Schema.MissingValues) != 1 {
		t.Errorf("fields: %+v", table.Schema)
	}
	s.publish("application/json", `{"altas":[{"x":100,"y":200},{"x":300,"y":400}],"bajas":[{"p":"u","q":"v"},{"p":"k","q":"l"}]}`)
	if err := json.Unmarshal(webtest.Get(t, s.shell, home+"/datapackage.json").Body.Bytes(), &about); err != nil || len(about.Resources) != 2 {
		t.Fatalf("two tables: %+v, %v", about.Resources, err)
	}
	for _, r := range about.Resources { // each under the address that gives its columns
		var names []string
		for _, f := range r.Schema.Fields {
			names = append(names, f.Name)
		}
		if got := webtest.Get(t, s.shell, strings.TrimPrefix(r.Path, webtest.Base)); len(names) != 2 || !strings.HasPrefix(got.Body.String(), strings.Join(names, ",")+"\n") {
			t.Errorf("the table of %v is at %s: %d %q", names, r.Path, got.Code, got.Body)
		}
	}
	if got := webtest.Get(t, s.shell, strings.TrimPrefix(table.Path, webtest.Base)); got.Code != http.StatusOK || !strings.HasPrefix(got.Body.String(), "estado,casos,nota\n") {
		t.Errorf("%s = %d %q", table.Path, got.Code, got.Body)
	}
}

func TestADownloadSaysWhatItIsAndEndsWhenItsReaderLeaves(t *testing.T) {
	s := newShelf(t)
	now := s.db.Now().UTC() // an evening in Mexico, which is the next day in Greenwich
	s.db.Clock().Set(time.Date(now.Year(), now.Month(), now.Day()+1, 3, 0, 0, 0, time.UTC))
	s.publish("text/csv", "estado,casos\nPuebla,3\nMéxico,5\n")
	asked := func(method, path, name, value string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, home+path, nil)
		r.Header.Set(name, value)
		r.RemoteAddr = "127.0.0.1:1"
		return webtest.Do(s.shell, r)
	}
	ask := func(method, query, tag string) *httptest.ResponseRecorder {
		return asked(method, "/descargar?"+query, "If-None-Match", tag)
	}
	whole := ask(http.MethodGet, "forma=csv&version=1", "")
	name := whole.Header().Get("Content-Disposition")
	for _, part := range []string{"secretaria-de-salud", "casos", now.Format("2006-01-02"), "cc-by-4-0", ".csv"} {
		if !strings.Contains(name, part) {
			t.Errorf("%q lacks %q", name, part)
		}
	}
	if filtered := ask(http.MethodGet, "forma=csv&f.estado=Puebla", "").Header().Get("Content-Disposition"); !strings.Contains(filtered, "filtro-") {
		t.Errorf("a filter is not in the name: %q", filtered)
	}
	if head := ask(http.MethodHead, "forma=csv&version=1", ""); head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Disposition") != name {
		t.Errorf("HEAD = %d %q", head.Code, head.Body)
	}
	tag := whole.Header().Get("ETag")
	if again := ask(http.MethodGet, "forma=csv&version=1", tag); tag == "" || again.Code != http.StatusNotModified || again.Body.Len() != 0 || whole.Header().Get("Last-Modified") == "" {
		t.Errorf("again = %d, tag %q", again.Code, tag)
	}
	if other := ask(http.MethodGet, "forma=csv&version=1&f.estado=Puebla", tag); other.Code != http.StatusOK {
		t.Errorf("another question = %d", other.Code)
	}
	if marked := ask(http.MethodGet, "forma=csv&bom=1", "").Body.Bytes(); !bytes.HasPrefix(marked, []byte("\xef\xbb\xbfestado")) {
		t.Errorf("CSV for Excel begins with %q", marked[:min(10, len(marked))])
	}
	if odd := ask(http.MethodGet, "forma=pdf", ""); odd.Code != http.StatusUnprocessableEntity {
		t.Errorf("another form = %d", odd.Code)
	}

	// whoever lost the connection need not begin the published file anew
	tag = asked(http.MethodGet, "/original", "", "").Header().Get("ETag")
	if again := asked(http.MethodGet, "/original", "If-None-Match", tag); tag == "" || again.Code != http.StatusNotModified {
		t.Errorf("the published file again = %d, tag %q", again.Code, tag)
	}
	if part := asked(http.MethodGet, "/original", "Range", "bytes=7-11"); part.Code != http.StatusPartialContent || part.Body.String() != "casos" {
		t.Errorf("a part of the published file = %d %q", part.Code, part.Body)
	}

	s.engine.left = make(chan error, 1)
	server := httptest.NewServer(s.shell)
	t.Cleanup(server.Close)
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+home+"/descargar?forma=csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	leave()
	res.Body.Close()
	if err := <-s.engine.left; err == nil {
		t.Error("the export went on")
	}
}
