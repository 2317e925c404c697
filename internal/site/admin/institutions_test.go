package admin_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

// picture is a small logo.
func picture(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 60, 30))
	for x := range 60 {
		m.Set(x, x/2, color.RGBA{R: 155, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// office is the coordination's shell with the catalogue beside it.
func office(t *testing.T, d *db.DB) *web.Shell {
	t.Helper()
	store, err := blob.Open(t.Context(), (&url.URL{Scheme: "file", Path: t.TempDir()}).String())
	if err != nil {
		t.Fatal(err)
	}
	logos := institution.NewLogos(d, store)
	s := shell(t, d, logos, catalog.Locale, record.Locale, dcat.Locale)
	section := catalog.New(catalog.Deps{DB: d, Search: search.New(), Cards: catalog.Cards})
	for _, mount := range []func(*web.Shell) error{section.Mount, logos.Mount} {
		if err := mount(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// send sends the form for an institution, with a logo unless it is nil.
func send(t *testing.T, s *web.Shell, who, path string, form map[string]string, logo []byte) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range form {
		if err := m.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if logo != nil {
		part, err := m.CreateFormFile("logo", "logo.png")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(logo); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "who", Value: who})
	return webtest.Do(s, r)
}

// refused holds that a form comes back, and returns it.
func refused(t *testing.T, res *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil || res.Code != http.StatusUnprocessableEntity {
		t.Fatalf("the form = %d, %v; want 422", res.Code, err)
	}
	return doc
}

// saved holds that a form was taken, and returns the path that it leads to.
func saved(t *testing.T, res *httptest.ResponseRecorder) string {
	t.Helper()
	if res.Code != http.StatusSeeOther {
		t.Fatalf("saving = %d: %s", res.Code, res.Body)
	}
	return res.Header().Get("Location")
}

func salud() map[string]string {
	return map[string]string{"name": "Secretaría de Salud", "acronym": "SALUD", "type": "federal", "zone": "America/Mexico_City",
		"contact": "Dirección de Datos", "email": "datos@salud.example", "website": "https://salud.example"}
}

// with is a form with some fields otherwise.
func with(form map[string]string, pairs ...string) map[string]string {
	for i := 0; i < len(pairs); i += 2 {
		form[pairs[i]] = pairs[i+1]
	}
	return form
}

func TestAnInstitutionIsAddedShownAndRenamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := office(t, d)
		says(t, page(t, s, "/admin/instituciones"), ".Empty", "No hay instituciones así")
		page(t, s, "/admin/instituciones/nueva")
		edit := saved(t, send(t, s, "admin", "/admin/instituciones", salud(), picture(t)))
		if edit != "/admin/instituciones/salud/editar?hecho=guardada" {
			t.Errorf("adding leads to %s", edit)
		}
		says(t, page(t, s, edit), ".Main", "La institución quedó guardada")
		if page(t, s, edit).Find(".PageHead a[href='/gestion/salud']").Length() != 1 {
			t.Error("the page does not lead to where the liaison is appointed")
		}
		says(t, page(t, s, "/admin/instituciones?q=SECRETARIA"), "table", "Secretaría de Salud", "Gobierno federal")
		says(t, page(t, s, "/admin/instituciones?q=otra"), ".Empty", "No hay instituciones así")

		logo, _ := page(t, s, "/instituciones/salud").Find("img.Logo").Attr("src")
		if listed, _ := page(t, s, "/instituciones").Find("img.Logo").Attr("src"); logo == "" || listed != logo {
			t.Errorf("the logo is %q on its page and %q in the list", logo, listed)
		}
		res := ask(t, s, "", http.MethodGet, logo)
		if h := res.Header(); res.Code != http.StatusOK || h.Get("Content-Type") != "image/png" || !strings.Contains(h.Get("Cache-Control"), "immutable") {
			t.Errorf("%s = %d, %v", logo, res.Code, h)
		}
		if res := ask(t, s, "", http.MethodGet, "/logos/"+strings.Repeat("0", 64)+".png"); res.Code != http.StatusNotFound {
			t.Errorf("a logo of nobody = %d, want 404", res.Code)
		}

		edit = saved(t, send(t, s, "admin", "/admin/instituciones/salud/editar", with(salud(), "slug", "Salud Pública"), nil))
		if edit != "/admin/instituciones/salud-publica/editar?hecho=guardada" {
			t.Errorf("renaming leads to %s", edit)
		}
		if res := ask(t, s, "", http.MethodGet, "/instituciones/salud"); res.Code != http.StatusMovedPermanently || res.Header().Get("Location") != "/instituciones/salud-publica" {
			t.Errorf("the old address = %d to %q", res.Code, res.Header().Get("Location"))
		}
		if page(t, s, "/instituciones/salud-publica").Find("img.Logo").Length() != 1 {
			t.Error("the logo was lost when something else changed")
		}
		saved(t, send(t, s, "admin", "/admin/instituciones/salud/editar", with(salud(), "no_logo", "1"), nil))
		if page(t, s, "/instituciones/salud-publica").Find("img.Logo").Length() != 0 {
			t.Error("the logo was not removed")
		}
		verbs(t, d, "institution.added", "institution.changed", "institution.changed")
	})
}

func TestOfTwoWhoChangeAnInstitutionAtOnceTheSecondIsToldAndKeepsWhatTheyTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := office(t, d)
		edit := saved(t, send(t, s, "admin", "/admin/instituciones", salud(), picture(t)))
		path := strings.TrimSuffix(edit, "?hecho=guardada")
		seen := page(t, s, path).Find("input[name=seen]").AttrOr("value", "")
		saved(t, send(t, s, "admin", path, with(salud(), "seen", seen, "contact", "Unidad de Datos"), nil))
		res := send(t, s, "admin", path, with(salud(), "seen", seen, "contact", "Otra Unidad"), nil)
		doc, err := goquery.NewDocumentFromReader(res.Body)
		if err != nil || res.Code != http.StatusConflict {
			t.Fatalf("the second = %d, %v; want 409", res.Code, err)
		}
		says(t, doc, ".Notice--warning", "Alguien más guardó antes")
		if v := doc.Find("#campo-contact").AttrOr("value", ""); v != "Otra Unidad" {
			t.Errorf("the form forgot what was typed: %q", v)
		}
		seen = doc.Find("input[name=seen]").AttrOr("value", "")
		saved(t, send(t, s, "admin", path, with(salud(), "seen", seen, "contact", "Otra Unidad"), nil))
		verbs(t, d, "institution.added", "institution.changed", "institution.changed")
	})
}

func TestOfManyWhoSaveAnInstitutionInTheSameInstantOneWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := office(t, d)
		path := strings.TrimSuffix(saved(t, send(t, s, "admin", "/admin/instituciones", salud(), picture(t))), "?hecho=guardada")
		seen := page(t, s, path).Find("input[name=seen]").AttrOr("value", "")
		codes := make(chan int, 8)
		var all sync.WaitGroup
		for n := range cap(codes) {
			all.Go(func() {
				codes <- send(t, s, "admin", path, with(salud(), "seen", seen, "contact", "Unidad "+strconv.Itoa(n)), nil).Code
			})
		}
		all.Wait()
		close(codes)
		won := 0
		for code := range codes {
			if code == http.StatusSeeOther {
				won++
			} else if code != http.StatusConflict {
				t.Errorf("one got %d", code)
			}
		}
		if won != 1 {
			t.Errorf("%d won, want 1", won)
		}
		verbs(t, d, "institution.added", "institution.changed")
	})
}

// verbs holds what the record says, oldest first.
func verbs(t *testing.T, d *db.DB, want ...string) {
	t.Helper()
	var got []string
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		got, err = db.All(tx, db.Column[string], `SELECT verb FROM record_entries ORDER BY seq`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the record says %v, want %v", got, want)
	}
}

func TestWhatIsWrongWithAnInstitutionIsSaidAtItsFieldAndKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := office(t, d)
		saved(t, send(t, s, "admin", "/admin/instituciones", with(salud(), "names", "SSA\r\nSalubridad"), nil))
		doc := refused(t, send(t, s, "admin", "/admin/instituciones", map[string]string{
			"name": " ", "slug": "salud", "type": "imperial", "parent": "nadie", "website": "javascript:alert(1)", "email": "no <es>",
			"zone": "Marte/Olimpo", "names": "Otro <nombre>\nSALUBRIDAD", "description": "<b>",
		}, []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")))
		for field, want := range map[string]string{
			"name": "Escriba el nombre", "slug": "es o fue de otra institución: Secretaría de Salud", "type": "Elija el orden",
			"parent": "no existe", "website": "la dirección completa", "email": "no está bien escrito", "zone": "no existe",
			"names": "«SALUBRIDAD» ya es un nombre de otra institución", "logo": "no acepta imágenes SVG",
		} {
			says(t, doc, "#campo-"+field+"-error", want)
		}
		if got := doc.Find("#campo-names").Text(); got != "Otro <nombre>\nSALUBRIDAD" {
			t.Errorf("the form kept the names %q", got)
		}
		if got, _ := doc.Find("#campo-website").Attr("value"); got != "javascript:alert(1)" {
			t.Errorf("the form kept the website %q", got)
		}
		// an official name that is another's, and a picture alone
		doc = refused(t, send(t, s, "admin", "/admin/instituciones", with(salud(), "name", "salubridad", "slug", "otra"), nil))
		says(t, doc, "#campo-name-error", "Ya se conoce con ese nombre")
		doc = refused(t, send(t, s, "admin", "/admin/instituciones/salud/editar", salud(), []byte("nada")))
		says(t, doc, "#campo-logo-error", "no es una imagen")
		doc = refused(t, send(t, s, "admin", "/admin/instituciones/salud/editar", salud(), make([]byte, institution.MaxLogo+1)))
		says(t, doc, "#campo-logo-error", "pesa demasiado")
		verbs(t, d, "institution.added")
		if res := send(t, s, "admin", "/admin/instituciones/nada/editar", salud(), nil); res.Code != http.StatusNotFound {
			t.Errorf("changing nothing = %d, want 404", res.Code)
		}
		if res := send(t, s, "liaison", "/admin/instituciones", salud(), nil); res.Code != http.StatusForbidden {
			t.Errorf("a liaison adding an institution = %d, want 403", res.Code)
		}
	})
}

func TestInstitutionsDoNotBelongToTheirOwnParts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := office(t, d)
		saved(t, send(t, s, "admin", "/admin/instituciones", salud(), nil))
		id := func(slug string) (id string) {
			if err := d.Read(t.Context(), func(tx *db.Tx) error {
				i, err := institution.BySlug(tx, slug)
				id = i.ID
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return id
		}
		part := map[string]string{"name": "Servicios de Salud", "type": "federal", "parent": id("salud")}
		saved(t, send(t, s, "admin", "/admin/instituciones", part, nil))
		for _, parent := range []string{id("servicios-de-salud"), id("salud")} {
			doc := refused(t, send(t, s, "admin", "/admin/instituciones/salud/editar", with(salud(), "parent", parent), nil))
			says(t, doc, "#campo-parent-error", "no puede pertenecer a sí misma, ni a una que le pertenece")
		}
	})
}

func TestDatasetsOfAPublisherMoveToTheInstitutionOfThatName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := office(t, d)
		saved(t, send(t, s, "admin", "/admin/instituciones", salud(), nil))
		r := dcat.Record{SourceKey: "camas", Title: "Camas de hospital", Publisher: dcat.Publisher{Key: "x", Name: "SALUBRIDAD PUBLICA"}}
		if err := d.Write(plaza.WithActor(t.Context(), plaza.SystemActor), func(tx *db.Tx) error {
			_, err := catalog.Apply(tx, catalog.Batch{Source: "s", Run: "r"}, []catalog.Incoming{catalog.NewIncoming(r, r.Fingerprint(), "")})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		says(t, page(t, s, "/instituciones/salud"), ".Layout-main", "0 conjuntos")
		saved(t, send(t, s, "admin", "/admin/instituciones/salud/editar", with(salud(), "names", "Salubridad pública."), nil))
		says(t, page(t, s, "/instituciones/salud"), ".Layout-main", "1 conjunto", "Camas de hospital")
	})
}

func TestSearchesThatFoundNothingAreListed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := office(t, d)
		says(t, page(t, s, "/admin/busquedas"), ".Empty", "Nada que mostrar")
		for query, times := range map[string]int{"baches": 3, "camiones escolares": 4, "una sola vez": 1} {
			for range times {
				if err := d.Write(t.Context(), func(tx *db.Tx) error { return search.Miss(tx, query) }); err != nil {
					t.Fatal(err)
				}
			}
		}
		doc := page(t, s, "/admin/busquedas")
		if got := strings.Join(strings.Fields(doc.Find("tbody").Text()), " "); got != "camiones escolares4 baches3" {
			t.Errorf("the list says %q", got)
		}
		says(t, doc, ".PageHead", "demanda", "sin datos personales")
	})
}
