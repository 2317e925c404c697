package explore_test

import (
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/section/explore"
)

func TestWhatAFileIsIsToldInWords(t *testing.T) {
	bundle, err := i18n.New(tabular.Locale)
	if err != nil {
		t.Fatal(err)
	}
	f := &explore.Fault{Key: "tabular.fault.not_a_table", Args: map[string]any{"kind": "image"}}
	if got, want := f.Sentence(bundle.Printer(i18n.Spanish)), "Este archivo no es una tabla: es de tipo imagen. Se puede descargar, pero no explorar."; got != want {
		t.Error(got)
	}
}
