package tabular_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
)

func TestEachColumnHasANameOfItsOwn(t *testing.T) {
	for _, c := range []struct{ labels, want []string }{
		{[]string{" clave \n única ", "", "_fila", "\uFEFFaño\u200B\x00", "an\u0303o"}, []string{"clave única", "columna_2", "columna_fila", "año", "año_2"}},
		{[]string{"a", "A", "a", "a_2", "a", "columna_7", ""}, []string{"a", "A_2", "a_3", "a_2_2", "a_4", "columna_7", "columna_7_2"}},
		{[]string{strings.Repeat("ñ", 300), "mal\xFF"}, []string{strings.Repeat("ñ", 200), "mal"}},
	} {
		if diff := cmp.Diff(c.want, tabular.Names(c.labels)); diff != "" {
			t.Error(diff)
		}
	}
}
