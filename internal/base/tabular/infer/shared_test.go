//go:build shared

package infer

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/tabular"
)

// real reads a file of the shared data as text.
func real(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), "csv", name))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case strings.HasSuffix(name, ".gz"):
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		b, err = io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
	case strings.HasSuffix(name, ".zip"):
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := z.File[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		b, _ = io.ReadAll(r)
	}
	if !utf8.Valid(b) {
		b, _ = charmap.Windows1252.NewDecoder().Bytes(b)
	}
	return strings.TrimPrefix(string(b), "\uFEFF")
}

func TestSharedFilesHaveTheirTypesAndMeanings(t *testing.T) {
	carpetas := "ao_hechos mes_hechos fecha_hechos delito categoria_delito fiscalia agencia unidad_investigacion alcaldia_hechos colonia_hechos ao_inicio mes_inicio fecha_inicio calle_hechos calle_hechos2 longitud latitud geopoint"
	incidentes := "folio fecha_creacion hora_creacion dia_semana codigo_cierre fecha_cierre ano_cierre mes_cierre hora_cierre delegacion_inicio incidente_c4 latitud longitud clas_con_f_alarma tipo_entrada delegacion_cierre geopoint mes"
	for _, f := range []struct {
		name, labels, place, key string
		comma                    rune
		rows                     int64
		want                     map[string]string // column → type format meaning
	}{
		{"covid19/datos_abiertos_20200420.zip", "", "municipality ENTIDAD_RES MUNICIPIO_RES", "ID_REGISTRO", ',', 50915, map[string]string{
			"FECHA_ACTUALIZACION": "date yyyy-mm-dd", "ID_REGISTRO": "code key", "ENTIDAD_UM": "code state", "MUNICIPIO_RES": "code town", "FECHA_DEF": "date yyyy-mm-dd", "EDAD": "integer 0", "SEXO": "integer 0", "DIABETES": "integer 0"}},
		{"energia/cre_estaciones_latin1_puntoycoma.csv", "", "point Latitud Longitud", "Identificador", ';', 12962, map[string]string{
			"Permiso CRE": "code", "Razón social": "text", "Longitud": "decimal 0.0 longitude", "Latitud": "decimal 0.0 latitude"}},
		{"mx_municipios_censo2020.csv", "", "point lat long", "region", ',', 2469, map[string]string{
			"state_code": "code state", "municipio_code": "code town", "region": "code municipality", "state_name": "text state_name", "year": "year", "pop": "integer 0"}},
		{"poblacion/conapo_municipios_1990_2009.csv.gz", "", "municipality Code", "", ',', 147240, map[string]string{
			"Code": "code 0.0 municipality", "Year": "year", "Sex": "text"}},
		{"cdmx/carpetas_investigacion_sin_encabezado_2020-10-14.csv", carpetas, "point latitud longitud", "", ',', 14064, map[string]string{
			"ao_hechos": "year", "fecha_hechos": "datetime yyyy-mm-dd hh:mm:ss", "delito": "text", "alcaldia_hechos": "text town_name", "geopoint": "text lat_lon", "latitud": "decimal 0.0 latitude"}},
		{"cdmx/incidentes_viales_c5_sin_encabezado_2020-02-23.csv", incidentes, "point latitud longitud", "folio", ',', 7761, map[string]string{
			"folio": "code key", "fecha_creacion": "date dd/mm/yyyy", "hora_creacion": "time hh:mm:ss", "fecha_cierre": "date dd/mm/yyyy", "ano_cierre": "year", "geopoint": "text lat_lon"}},
		{"delitos/df_cuadrantes_delitos.csv.gz", "", "", "", ',', 54272, map[string]string{
			"cuadrante": "code", "date": "date month", "count": "integer 0", "year": "year", "population": "integer 0"}},
		{"cdmx/ciclovias_geo.csv", "", "geometry Geo Shape", "ID", ',', 382, map[string]string{
			"AÑO": "year", "Geo Point": "text lat_lon", "Geo Shape": "geometry", "LONG_KM": "decimal 0.0"}},
		{"cdmx/ecobici_estaciones.csv", "", "point location/lat location/lon", "ID", ',', 480, map[string]string{
			"Código postal": "code postal_code", "punto_geo": "text lat_lon"}},
		{"covid19/raw_ddmmyyyy_20200418.csv", "", "names Region", "Case_ID", ',', 7497, map[string]string{
			"Date_Symptoms": "date dd/mm/yyyy", "Region": "text state_name"}},
		{"poblacion/inegi_municipios_2010.csv", "", "municipality state_code municipality_code", "", ',', 2463, map[string]string{
			"state_code": "code state", "municipality_code": "code town", "total_population": "integer 0"}},
	} {
		t.Run(f.name, func(t *testing.T) {
			r, err := Table(context.Background(), parsed(real(t, f.name), f.comma, strings.Fields(f.labels)...), tabular.Correction{}, 2)
			if err != nil {
				t.Fatal(err)
			}
			place := strings.TrimSpace(string(r.Place.Kind) + " " + strings.Join(r.Place.Columns, " "))
			if place != f.place || strings.Join(r.Key, " ") != f.key || r.Rows != f.rows {
				t.Errorf("place %q, key %q, %d rows", place, r.Key, r.Rows)
			}
			got := map[string]string{}
			for _, c := range r.Columns {
				got[c.Name] = strings.Join(strings.Fields(string(c.Type)+" "+c.Format+" "+string(c.Meaning)), " ")
			}
			for name, want := range f.want {
				if got[name] != want {
					t.Errorf("%s is %q, want %q", name, got[name], want)
				}
			}
		})
	}
}

func TestSharedMoneyIsSaidAmongTexts(t *testing.T) {
	r, err := Table(context.Background(), parsed(real(t, "municipal_edomex/tramites_metepec.csv"), ','), tabular.Correction{Columns: map[string]tabular.ColumnCorrection{"costo": {Type: tabular.Money, Unit: "MXN"}}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Columns {
		if c.Name != "costo" {
			continue
		}
		v, verdict := ParserOf(c).Float([]byte(" $ 414.72"))
		if c.Type != tabular.Money || v != 414.72 || verdict != Good || c.Odd == 0 || c.Odd >= r.Rows {
			t.Errorf("%+v: %v %v", c, v, verdict)
		}
	}
}

// parsed is a source over CSV text with a first line of names, or given ones.
func parsed(text string, comma rune, labels ...string) *tabular.Source {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	all, err := r.ReadAll()
	if err != nil && err != io.EOF {
		panic(err)
	}
	if len(labels) == 0 {
		labels, all = all[0], all[1:]
	}
	return table(labels, all)
}
