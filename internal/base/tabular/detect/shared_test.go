//go:build shared

package detect_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"plaza/internal/base/tabular"
)

func shared(name string) tabular.File {
	path := filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), name)
	return tabular.File{Path: path, Name: filepath.Base(name)}
}

func TestSharedArchivesHoldTheTablesTheirReadmeNames(t *testing.T) {
	for _, c := range []struct {
		name, format string
		rows, cols   int
	}{
		{"csv/covid19/datos_abiertos_20200413.zip", "zip", 38670, 34},
		{"csv/covid19/datos_abiertos_20200420.zip", "zip", 50915, 35},
		{"csv/covid19/datos_abiertos_20200427.zip", "zip", 71103, 35},
		{"csv/covid19/datos_abiertos_20200513.zip", "zip", 148497, 35},
		{"csv/covid19/datos_abiertos_20200520.zip", "zip", 193589, 35},
		{"csv/delitos/inegi_homicidios_mun_2008_latin1.csv.bz2", "bzip2", 73772, 23},
		{"csv/poblacion/estados_edad_sexo_mensual.csv.gz", "gzip", 93696, 5},
	} {
		found, err := open(t, shared(c.name))
		if err != nil || found.Format != c.format || len(found.Tables) != 1 || found.Tables[0].Name != "" || len(found.Tables[0].Labels) != c.cols {
			t.Errorf("%s is %+v: %v", c.name, found, err)
			continue
		}
		r, err := found.Tables[0].Open(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		var b tabular.Batch
		for err = r.Next(t.Context(), &b); err == nil; err = r.Next(t.Context(), &b) {
			rows += b.Rows()
		}
		if r.Close(); !errors.Is(err, io.EOF) || rows != c.rows {
			t.Errorf("%s has %d rows, want %d: %v", c.name, rows, c.rows, err)
		}
		if found.Tables[0].Layout.Encoding == "utf-8" != (c.format != "bzip2") {
			t.Errorf("%s is in %s", c.name, found.Tables[0].Layout.Encoding)
		}
	}
}

func TestSharedFilesAreWhatTheyAre(t *testing.T) {
	for name, want := range map[string]string{
		"geo/mx_municipios.topo.json":                  "topojson",
		"geo/mx_estados_mxabierto.topo.json":           "topojson",
		"geo/mx_estados_covid.geojson":                 "geojson",
		"geo/mx_municipios.shp":                        "shp",
		"geo/mx_estatal.shp":                           "shp",
		"csv/covid19/Catalogos_0412.xlsx":              "xlsx",
		"catalogos/ar_datajson/catalogo-justicia.json": "json",
		"catalogos/us_datajson/energy.json":            "json",
		"portal/adela_ranking_ultimo.json":             "json",
		"portal/redcompartida_edca.csv":                "csv",
		"csv/mx_estados_censo2020.csv":                 "csv",
	} {
		found, err := open(t, shared(name))
		if err != nil || found.Format != want {
			t.Errorf("%s is %+v: %v", name, found, err)
		}
	}
	if _, err := open(t, shared("csv/cdmx/recurso_roto_html_en_lugar_de_csv.csv")); !errors.Is(err, &tabular.Fault{Code: "html_instead"}) {
		t.Errorf("the page in place of data gives %v", err)
	}
}
