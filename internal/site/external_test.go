package site_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

// photo is a JPEG as somebody's camera makes it.
func photo(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 900, 600))
	for x := range 900 {
		for y := range 600 {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), "SECRETO"...) // what hides behind the pixels
}

// uploads sends a form with a picture.
func (v *visitor) uploads(path string, fields url.Values, picture []byte) answer {
	v.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, list := range fields {
		for _, one := range list {
			_ = m.WriteField(name, one)
		}
	}
	if picture != nil {
		part, err := m.CreateFormFile("imagen", "captura.jpg")
		if err != nil {
			v.Fatal(err)
		}
		_, _ = part.Write(picture)
	}
	_ = m.Close()
	return v.send(http.MethodPost, path, m.FormDataContentType(), body.String())
}

// TestSomebodyListsAToolElsewhereByForms lists one as somebody without scripts does, with all
// that can be wrong on the way, and looks at what everybody sees of it.
func TestSomebodyListsAToolElsewhereByForms(t *testing.T) {
	r := serve(t)
	eva := r.of(t, r.person(t, "Eva Lista", plaza.Grant{Role: plaza.Moderator})) // what she publishes does not wait
	dataset := r.datasetAt(t, r.value(t, `SELECT institution_id FROM datasets WHERE state = 'published' ORDER BY id LIMIT 1`))
	const start = tool.MinePath + "/nueva"
	if eva.page(start).Find(`a[href="`+start+`?externa=si"]`).Length() != 1 {
		t.Error("nobody finds the form")
	}
	typed := url.Values{"externa": {"si"}, "hacer": {"guardar"}, "titulo": {""}, "direccion": {"mapas.ejemplo.mx"}, "idioma": {"es"}, "resumen": {"Dónde pasa el <b>agua</b>."}}
	a := eva.uploads(start, typed, photo(t))
	if doc := a.doc(t); a.status != http.StatusUnprocessableEntity || doc.Find(".Notice--bad a[href='#campo-titulo']").Length() != 1 || doc.Find("#campo-imagen-error").Length() != 1 ||
		doc.Find("#campo-resumen").Text() != typed.Get("resumen") || doc.Find("#campo-direccion").AttrOr("value", "") != "mapas.ejemplo.mx" {
		t.Fatalf("without a name it answers %d: %.1500s", a.status, doc.Find("main").Text())
	}
	typed.Set("titulo", "Mapa del agua")
	a = eva.uploads(start, typed, photo(t))
	doc := a.doc(t)
	edit := doc.Find("form.Form").AttrOr("action", "")
	if a.status != http.StatusUnprocessableEntity || !strings.HasPrefix(edit, tool.MinePath+"/") || doc.Find("#campo-direccion-error").Length() != 1 || doc.Find("#campo-alt-error").Length() != 1 ||
		doc.Find(`img[src="`+edit+`/imagen"]`).Length() != 1 {
		t.Fatalf("with a wrong address it answers %d: %.1500s", a.status, doc.Find("main").Text())
	}
	if to := eva.get(edit + "/publicar"); to.status != http.StatusSeeOther || to.location != edit+"?revisar=si" {
		t.Errorf("what is not done is published: %d, %s", to.status, to.location)
	}
	revision := func() string { return eva.page(edit).Find("input[name=revision]").AttrOr("value", "") }
	typed.Set("direccion", "https://mapas.ejemplo.mx/agua")
	typed.Set("alt", "Un mapa con los ríos de azul")
	typed.Set("quien", "Periodistas del Agua")
	for name, file := range map[string]string{"nothing": "", "a drawing": "<svg xmlns='x'></svg>", "too heavy": "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 6<<20)} {
		typed.Set("revision", revision())
		if a = eva.uploads(edit, typed, []byte(file)); a.status != http.StatusUnprocessableEntity || a.doc(t).Find("#campo-imagen-error").Length() != 1 {
			t.Errorf("%s answers %d", name, a.status)
		}
	}
	typed.Set("hacer", "buscar")
	for _, words := range []string{dataset.Title, "https://" + strings.TrimPrefix(r.URL, "http://") + dataset.Path} {
		typed.Set("conjunto", words)
		typed.Set("revision", revision())
		if a = eva.uploads(edit, typed, nil); a.status != http.StatusOK || a.doc(t).Find(`input[name=conjuntos][value="`+dataset.Ref.ID+`"]`).Length() != 1 {
			t.Errorf("seeking %q answers %d: %.800s", words, a.status, a.doc(t).Find("fieldset").Text())
		}
	}
	typed.Del("conjunto")
	typed.Set("conjuntos", dataset.Ref.ID)
	typed.Set("hacer", "publicar")
	typed.Set("revision", "1")
	if a = eva.uploads(edit, typed, nil); a.status != http.StatusConflict || a.doc(t).Find("#campo-alt").AttrOr("value", "") == "" {
		t.Errorf("what another window changed answers %d", a.status)
	}
	typed.Set("revision", revision())
	if a = eva.uploads(edit, typed, nil); a.status != http.StatusSeeOther || a.location != edit+"/publicar" {
		t.Fatalf("all that is right answers %d: %.1500s", a.status, a.doc(t).Find("main").Text())
	}
	if a = eva.fill(edit+"/publicar", edit+"/publicar", url.Values{}); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, tool.Path+"/") {
		t.Fatalf("publishing answers %d and leads to %q: %.800s", a.status, a.location, a.body)
	}
	r.isElsewhere(t, a.location, dataset.Path)
	if left := eva.post(edit+"/retirar", url.Values{"motivo": {""}}); left.status != http.StatusUnprocessableEntity || left.doc(t).Find(`form[action="`+edit+`/retirar"]`).Length() != 1 {
		t.Errorf("taking it back without a reason answers %d", left.status)
	}
	r.breaks(t, a.location)
	if stranger := r.of(t, r.person(t, "Otra")).get(edit + "/imagen"); stranger.status != http.StatusNotFound && stranger.status != http.StatusForbidden {
		t.Errorf("the picture of her working copy answers another with %d", stranger.status)
	}
}

func TestWhoMadeManyToolsKeepsWhatTheyTyped(t *testing.T) {
	r := serve(t)
	eva := r.person(t, "Eva Lista")
	for range 60 {
		if err := r.site.DB.Write(plaza.WithActor(t.Context(), eva.Actor()), func(tx *db.Tx) error {
			_, err := r.site.Tools.Create(tx, tool.Beginning{Document: tool.Document{External: &tool.External{Title: "Mapa", Language: "es", URL: "https://mapas.ejemplo.mx/"}}})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	a := r.of(t, eva).uploads(tool.MinePath+"/nueva", url.Values{"externa": {"si"}, "hacer": {"guardar"}, "titulo": {"Mapa del agua"}, "direccion": {"https://mapas.ejemplo.mx/agua"}, "idioma": {"es"}}, nil)
	if doc := a.doc(t); a.status != http.StatusTooManyRequests || doc.Find("#campo-titulo").AttrOr("value", "") != "Mapa del agua" || !strings.Contains(doc.Find(".Notice--bad").Text(), "Hizo muchas herramientas") {
		t.Errorf("one too many answers %d: %.800s", a.status, doc.Find("main").Text())
	}
}

// isElsewhere looks at a published tool elsewhere as anybody.
func (r *routed) isElsewhere(t *testing.T, path, dataset string) {
	t.Helper()
	if err := r.watch.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	anybody := r.newcomer(t)
	a := anybody.get(path)
	page := a.doc(t)
	open := page.Find(`a[href="https://mapas.ejemplo.mx/agua"]`)
	if !strings.Contains(open.AttrOr("rel", ""), "noopener") || page.Find(`.Outside img[src="`+path+`/imagen"][alt="Un mapa con los ríos de azul"]`).Length() != 1 ||
		page.Find(`a[href="`+dataset+`"]`).Length() == 0 || !strings.Contains(page.Find("aside").Text(), "Periodistas del Agua") || strings.Contains(a.body, "<b>agua") {
		t.Errorf("its page: %.1500s", page.Find("main").Text())
	}
	if page.Find("iframe").Length() != 0 || strings.Contains(a.header.Get("Content-Security-Policy"), "frame-src") {
		t.Error("its page shows it before anybody asked")
	}
	if got := page.Find(`meta[property="og:image"]`).AttrOr("content", ""); !strings.HasSuffix(got, path+"/imagen") {
		t.Errorf("its picture for previews is %q", got)
	}
	picture, small := anybody.get(path+"/imagen"), anybody.get(path+"/imagen/miniatura")
	if picture.status != http.StatusOK || strings.Contains(picture.body, "SECRETO") || small.status != http.StatusOK || len(small.body) > 15_000 ||
		small.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("its picture answers %d, in small %d with %d bytes", picture.status, small.status, len(small.body))
	}
	if list := anybody.page(tool.Path + "?tipo=external"); list.Find(`.Gallery img[src="`+path+`/imagen/miniatura"]`).Length() != 1 {
		t.Errorf("the gallery has it not: %.800s", list.Find("main").Text())
	}
	here := anybody.get(page.Find(`.Outside a[href="`+path+`/abrir"]`).AttrOr("href", "/nada"))
	frame := here.doc(t).Find("iframe")
	if here.status != http.StatusOK || frame.AttrOr("src", "") != "https://mapas.ejemplo.mx/agua" || frame.AttrOr("sandbox", "") != "allow-scripts allow-forms allow-popups" ||
		frame.AttrOr("referrerpolicy", "") != "no-referrer" || frame.AttrOr("title", "") == "" || !strings.HasSuffix(here.header.Get("Content-Security-Policy"), "; frame-src https://mapas.ejemplo.mx") {
		t.Errorf("opened here it answers %d under %q: %.800s", here.status, here.header.Get("Content-Security-Policy"), here.body)
	}
	var read struct {
		External struct{ URL, Maker, Picture, Alt string }
	}
	if err := json.Unmarshal([]byte(anybody.get("/api/v1/tools/"+strings.TrimPrefix(path, tool.Path+"/")).body), &read); err != nil || read.External.Maker != "Periodistas del Agua" ||
		!strings.HasSuffix(read.External.Picture, path+"/imagen") || read.External.Alt == "" {
		t.Errorf("programs read %+v, %v", read, err)
	}
}

// breaks has the address of a tool elsewhere fail for days, and looks at what is said of it.
func (r *routed) breaks(t *testing.T, path string) {
	t.Helper()
	var one tool.Tool
	r.read(t, func(tx *db.Tx) (err error) {
		one, err = tool.BySlug(tx, strings.TrimPrefix(path, tool.Path+"/"))
		return err
	})
	look := func(fault string) {
		r.by(t, plaza.SystemActor, func(tx *db.Tx) error {
			if _, err := tx.Exec(`UPDATE tools SET check_failures = 5, failing_at = '2026-05-03T12:00:00.000Z' WHERE id = $1`, one.ID); err != nil {
				return err
			}
			return r.site.Tools.Look(tx, one.ID, one.URL, tool.Checked{Fault: fault})
		})
		if err := r.watch.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	said := func() (page, card bool) {
		const words = "No responde desde el 3 de mayo de 2026"
		anybody := r.newcomer(t)
		return strings.Contains(anybody.text(path), words), strings.Contains(anybody.text(tool.Path+"?tipo=external"), words)
	}
	look("dns")
	if page, card := said(); !page || !card {
		t.Errorf("that it does not answer is said on its page: %t, on its card: %t", page, card)
	}
	if list := r.newcomer(t).page(tool.Path + "?tipo=external&viva=si"); list.Find(`a[href="`+path+`"]`).Length() != 0 {
		t.Error("it is among those that are alive")
	}
	look("")
	if page, card := said(); page || card {
		t.Errorf("it answers again, and its page says otherwise: %t, its card: %t", page, card)
	}
}
