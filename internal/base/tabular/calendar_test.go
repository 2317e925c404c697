package tabular_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
)

func TestNamesOfTheCalendarHaveTheirPlaces(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  map[string]int
	}{
		{[]string{"Domingo", "miércoles", "LUNES", "sab."}, map[string]int{"LUNES": 0, "miércoles": 2, "sab.": 5, "Domingo": 6}},
		{[]string{"friday", "Mon"}, map[string]int{"Mon": 0, "friday": 4}},
		{[]string{"dic", "enero", "setiembre", "August"}, map[string]int{"enero": 0, "August": 7, "setiembre": 8, "dic": 11}},
		{[]string{"lunes", "enero"}, nil},
		{[]string{"lunes", "festivo"}, nil},
		{[]string{"ma"}, nil},
		{nil, nil},
	} {
		if diff := cmp.Diff(c.want, tabular.Calendar(c.names)); diff != "" {
			t.Errorf("%q: %s", c.names, diff)
		}
	}
}
