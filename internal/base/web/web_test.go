package web_test

import (
	"net/http"
	"strings"
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/base/web/webtest"
)

func TestOwnTemplatesAndWordsAreSound(t *testing.T) {
	for _, problem := range webtest.CheckTemplates(webtest.New(t, nil)) {
		t.Error(problem)
	}
	for _, problem := range i18n.CheckCatalogues(web.Locale) {
		t.Error(problem)
	}
}

func TestAnUnknownPathGetsAPageThatHelps(t *testing.T) {
	w := webtest.Get(t, webtest.New(t, nil), "/nada")
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "No encontramos esta página") {
		t.Errorf("GET /nada = %d %s", w.Code, w.Body)
	}
}
