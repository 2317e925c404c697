package dcat_test

import (
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/dcat/wire"
)

func TestEveryCodeHasASentenceInBothLanguages(t *testing.T) {
	for _, problem := range i18n.CheckCatalogues(dcat.Locale) {
		t.Error(problem)
	}
	bundle, err := i18n.New(dcat.Locale)
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]bool)
	for _, code := range dcat.Codes() {
		want[dcat.Problem{Code: code}.Key()] = true
	}
	for _, code := range wire.FormatCodes() {
		want[(&wire.FormatError{Code: code}).Key()] = true
	}
	for key := range want {
		if !bundle.Has(key) {
			t.Errorf("no sentence for %s", key)
		}
	}
	for _, key := range bundle.Keys() {
		if len(key) > 5 && key[:5] == "dcat." && !want[key] {
			t.Errorf("%s belongs to no code", key)
		}
	}
}
