//go:build shared

package sheet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/sheet"
)

func TestSharedWorkbooksOpenWithTheirSheetsNamesAndRows(t *testing.T) {
	for name, want := range map[string][]string{
		"csv/covid19/Catalogos_0412.xlsx": {
			"Catálogo ORIGEN 1 2 3", "Catálogo SECTOR 1 2 14", "Catálogo SEXO 1 2 3", "Catálogo TIPO_PACIENTE 1 2 3",
			"Catálogo SI_NO 1 2 5", "Catálogo NACIONALIDAD 1 2 3", "Catálogo RESULTADO 2 2 3",
			"Catálogo de ENTIDADES 1 3 36", "Catálogo MUNICIPIOS 1 3 2501",
		},
		"csv/covid19/Descriptores_0412.xlsx":                {"Hoja1 1 4 34"},
		"portal/plantilla_inventario_general_de_datos.xlsx": {"Inventario 1 8 3", "Diccionario de datos 1 2 8"},
		"catalogos/ar_datajson/catalogo_justicia.xlsx": {
			"Catalog 1 12 1", "Theme 1 3 9", "Dataset 1 18 16", "Distribution 1 14 56", "Field 1 7 53", "Notas y referencias 5 2 2",
		},
	} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file := tabular.File{Path: filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), name), Scratch: t.TempDir()}
			var got []string
			for _, s := range open(t, sheet.XLSX, file) {
				read := read(t, s)
				got = append(got, fmt.Sprintf("%s %d %d %d", s.Name, s.Layout.HeaderLine, len(s.Labels), len(read.Rows)))
				t.Log(s.Name, s.Labels, s.Layout, s.Problems.List())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
