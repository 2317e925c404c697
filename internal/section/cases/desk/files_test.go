package desk_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/section/cases"
)

// stored gives a world's cases a file store.
func (w *world) stored() {
	w.Helper()
	store, err := blob.Open(w.Context(), "file://"+w.TempDir())
	if err != nil {
		w.Fatal(err)
	}
	w.cases.Blob = store
}

// upload sends a form with a file.
func (w *world) upload(p account.Person, path string, form url.Values, name, body string, pairs ...string) page {
	w.Helper()
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, vs := range form {
		for _, v := range vs {
			if err := m.WriteField(k, v); err != nil {
				w.Fatal(err)
			}
		}
	}
	part, err := m.CreateFormFile("archivos", name)
	if err == nil {
		_, err = part.Write([]byte(body))
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		w.Fatal(err)
	}
	r := httptest.NewRequestWithContext(w.Context(), http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.request(p, r)
}

// files are the files of a case at a place, by name.
func (w *world) files(c cases.Case, place string) (out []string) {
	w.Helper()
	w.read(func(tx *db.Tx) error {
		all, err := cases.Files(tx, c.ID)
		for _, f := range all {
			if f.Place == place {
				out = append(out, f.Name)
			}
		}
		slices.Sort(out)
		return err
	})
	return out
}

func TestFilesAreAttachedToADraftSeenAndPublishedWithItOrKeptBack(t *testing.T) {
	worlds(t, func(w *world) {
		w.stored()
		c := w.ask(w.salud.ID)
		form := w.visit(w.area, at(c, "/responder")).want(200, "Archivos para la respuesta").form()
		w.upload(w.area, at(c, "/responder"), form, "tabla.csv", "a,b\n1,2", "texto", "Del área.", "resultado", "explained", "hacer", "guardar").want(303)
		form = w.visit(w.area, at(c, "/responder")).want(200, "tabla.csv", "7 bytes").form()
		form.Del("sin")
		w.upload(w.area, at(c, "/responder"), form, "interno.txt", "interno", "hacer", "enviar").want(303)
		w.upload(w.area, at(c, "/responder"), form, "malo.exe", "MZ\x00", "hacer", "guardar").want(422, "malo")
		draft := w.visit(w.enlace, at(c, "")).want(200).doc().Find("a[href*='/borradores/']").First().AttrOr("href", "")
		w.visit(w.enlace, draft).want(200, "tabla.csv", "interno.txt")
		use := w.visit(w.enlace, draft).doc().Find("a[href*='base=']").AttrOr("href", "")
		seen := w.visit(w.enlace, use).want(200, "Se publican con la respuesta", "No publicar interno.txt")
		form = seen.form()
		form.Set("sin", seen.doc().Find("label:contains('interno.txt')").Prev().AttrOr("value", ""))
		w.upload(w.enlace, at(c, "/responder"), form, "mio.txt", "mío", "hacer", "publicar").want(303)
		if got, left := w.files(c, cases.FileOfAnswer), w.files(c, cases.FileOfDraft); strings.Join(got, " ") != "mio.txt tabla.csv" || strings.Join(left, " ") != "interno.txt" {
			w.Errorf("published %q, kept back %q", got, left)
		}
	})
}

func TestWhoIsSecondToPublishKeepsTheFilesToo(t *testing.T) {
	worlds(t, func(w *world) {
		w.stored()
		c := w.ask(w.salud.ID)
		form := w.visit(w.otra, at(c, "/responder")).form()
		w.send(w.enlace, at(c, "/responder"), "resultado", "explained", "texto", "La primera.", "hacer", "publicar").want(303)
		w.upload(w.otra, at(c, "/responder"), form, "mio.txt", "mío", "resultado", "explained", "texto", "Mi texto.", "hacer", "publicar").want(409, "Mi texto.", "mio.txt")
		if got, left := w.files(c, cases.FileOfAnswer), w.files(c, cases.FileOfDraft); got != nil || strings.Join(left, " ") != "mio.txt" {
			w.Errorf("published %q, kept %q", got, left)
		}
	})
}
