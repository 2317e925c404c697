//go:build shared

package delimited_test

import (
	"compress/bzip2"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
)

// The real files of the README: encoding, delimiter, line of the names, rows, columns.
var shared = []struct {
	path, encoding, delim string
	header, rows, cols    int
	lines                 string
}{
	{"cdmx/carpetas_investigacion_sin_encabezado_2020-04-21.csv", "utf-8", ",", 0, 12790, 18, "\r\n"},
	{"cdmx/carpetas_investigacion_sin_encabezado_2020-10-14.csv", "utf-8", ",", 0, 14064, 18, "\r\n"},
	{"cdmx/incidentes_viales_c5_sin_encabezado_2020-02-23.csv", "utf-8", ",", 0, 7761, 18, "\r\n"},
	{"cdmx/ciclovias_geo.csv", "utf-8", ",", 1, 382, 12, "\r\n"},
	{"cdmx/ecobici_estaciones.csv", "utf-8", ",", 1, 480, 18, "\r\n"},
	{"cdmx/encuesta_ciudad_global_texto_libre.csv", "utf-8", ",", 1, 105, 14, "\r\n"},
	{"cdmx/gtfs_rutas_geo.csv", "utf-8", ",", 1, 397, 4, "\r\n"},
	{"cdmx/parquimetros_prueba.csv", "utf-8", ",", 1, 2482, 10, "\r\n"},
	{"cdmx/vialidades_geo.csv", "utf-8", ",", 1, 472, 11, "\r\n"},
	{"covid19/catalogo_entidades.csv", "utf-8", ",", 1, 36, 3, ""},
	{"covid19/confirmados_formato_ancho.csv", "utf-8", ",", 1, 32, 501, ""},
	{"covid19/covid19_mx_union_3_cortes.csv.gz", "utf-8", ",", 1, 586944, 35, ""},
	{"covid19/raw_ddmmyyyy_20200418.csv", "utf-8", ",", 1, 7497, 6, "\r\n"},
	{"covid19/serie_confirmados_diarios.csv", "utf-8", ",", 1, 708, 34, ""},
	{"delitos/df_cuadrantes_delitos.csv.gz", "utf-8", ",", 1, 54272, 7, ""},
	{"delitos/inegi_homicidios_mun_2008_latin1.csv.bz2", "iso-8859-1", ",", 5, 73772, 23, "\r\n"},
	{"energia/cre_estaciones_latin1_puntoycoma.csv", "iso-8859-1", ";", 1, 12962, 5, "\r\n"},
	{"energia/cre_precios_diarios_2022.csv.gz", "utf-8", ",", 1, 3262446, 4, "\r\n"},
	{"municipal_edomex/LicenciasChalco.csv", "utf-8", ",", 1, 171, 7, ""},
	{"municipal_edomex/giros_chalco.csv", "utf-8", ",", 1, 131, 4, ""},
	{"municipal_edomex/giros_metepec.csv", "utf-8", ",", 1, 143, 4, ""},
	{"municipal_edomex/giros_toluca.csv", "utf-8", ",", 1, 217, 4, ""},
	{"municipal_edomex/inspecciones_lerma.csv", "utf-8", ",", 1, 2, 11, ""},
	{"municipal_edomex/inspecciones_tenango_del_valle.csv", "utf-8", ",", 1, 4, 12, ""},
	{"municipal_edomex/tramites_chalco.csv", "utf-8", ",", 1, 31, 12, ""},
	{"municipal_edomex/tramites_metepec.csv", "utf-8", ",", 1, 23, 13, ""},
	{"municipal_edomex/tramites_toluca.csv", "utf-8", ",", 1, 9, 12, ""},
	{"mx_estados_censo2020.csv", "utf-8", ",", 1, 32, 11, ""},
	{"mx_municipios_censo2020.csv", "utf-8", ",", 1, 2469, 17, ""},
	{"poblacion/conapo_municipios_1990_2009.csv.gz", "utf-8", ",", 1, 147240, 4, ""},
	{"poblacion/conapo_municipios_2010_2030.csv.gz", "utf-8", ",", 1, 154791, 4, ""},
	{"poblacion/estados_edad_sexo_mensual.csv.gz", "utf-8", ",", 1, 93696, 5, ""},
	{"poblacion/inegi_estados_2010.csv", "utf-8", ",", 1, 32, 9, ""},
	{"poblacion/inegi_municipios_2010.csv", "utf-8", ",", 1, 2463, 11, ""},
	{"poblacion/municipio_names_latin1.csv", "iso-8859-1", ",", 1, 2542, 3, ""},
}

func TestSharedFilesAreReadAsTheirReadmeSaysTheyAre(t *testing.T) {
	root := filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), "csv")
	for _, c := range shared {
		t.Run(strings.ReplaceAll(c.path, "/", " "), func(t *testing.T) {
			src := opened(t, tabular.File{Path: unpacked(t, filepath.Join(root, c.path))})
			l := src.Layout
			if l.Encoding != c.encoding || l.Delimiter != c.delim || l.HeaderLine != c.header || len(src.Labels) != c.cols {
				t.Errorf("is %s, %q, header in line %d, %d columns; want %s, %q, %d, %d (unsure %v, labels %.300q)", l.Encoding, l.Delimiter, l.HeaderLine, len(src.Labels),
					c.encoding, c.delim, c.header, c.cols, l.Unsure, src.Labels)
			}
			if c.lines != "" && l.LineEnd != c.lines {
				t.Errorf("lines end in %q, want %q", l.LineEnd, c.lines)
			}
			if rows := count(t, src); rows != c.rows {
				t.Errorf("%d rows, want %d (problems %.600v, footer %q)", rows, c.rows, src.Problems.List(), l.Footer)
			}
			if testing.Verbose() {
				t.Logf("%v %.500v", l, src.Problems.List())
			}
		})
	}
}

// unpacked is the path of a file's content, unpacked if it is packed.
func unpacked(t *testing.T, path string) string {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var r io.Reader
	switch filepath.Ext(path) {
	case ".gz":
		if r, err = gzip.NewReader(in); err != nil {
			t.Fatal(err)
		}
	case ".bz2":
		r = bzip2.NewReader(in)
	default:
		return path
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "x.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := io.Copy(out, r); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}
