//go:build shared

package engine_test

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// shared is a path below the shared data.
func shared(name string) string { return filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), name) }

// read converts a file of the shared data by the engine, as the worker does.
func read(t *testing.T, e child.Engine, path string) (tabular.Profile, string) {
	t.Helper()
	dir := t.TempDir()
	p, err := e.Convert(t.Context(), child.Conversion{Input: path, Name: filepath.Base(path), Dir: dir}, func(child.Step) {})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return p, dir
}

// zipped puts files of the shared data into an archive, as shapefiles travel.
func zipped(t *testing.T, names ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(names[0]), filepath.Ext(names[0]))+".zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, name := range names {
		in, err := os.Open(shared(name))
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create(filepath.Base(name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, in); err != nil {
			t.Fatal(err)
		}
		_ = in.Close()
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// expected is what lies in the shared files, by their README; where it says nothing, by a
// look at the file. Columns are some of each table: those whose type or meaning is not plain.
var expected = []struct {
	file, table, format string
	encoding, delimiter string
	header              int
	rows                int64
	columns             int
	some                string // "name: type meaning; …"
}{
	{"csv/mx_estados_censo2020.csv", "", "csv", "utf-8", ",", 1, 32, 11, "region: code key; state_name: text state_name; state_name_official: text state_name; state_abbr: text state_name; state_abbr_official: text state_name; year: year"},
	{"csv/mx_municipios_censo2020.csv", "", "csv", "utf-8", ",", 1, 2469, 17, "state_code: code state; municipio_code: code town; region: code municipality; state_name: text state_name; state_name_official: text state_name; state_abbr_official: text state_name; municipio_name: text town_name; year: year; long: decimal longitude"},
	{"csv/cdmx/carpetas_investigacion_sin_encabezado_2020-04-21.csv", "", "csv", "utf-8", ",", 0, 12790, 18, "columna_1: year; columna_3: datetime; columna_7: code; columna_11: year; columna_13: datetime; columna_16: decimal; columna_17: decimal; columna_18: text lat_lon"},
	{"csv/cdmx/carpetas_investigacion_sin_encabezado_2020-10-14.csv", "", "csv", "utf-8", ",", 0, 14064, 18, "columna_1: year; columna_3: datetime; columna_7: code; columna_11: year; columna_13: datetime; columna_16: decimal; columna_17: decimal; columna_18: text lat_lon"},
	{"csv/cdmx/ciclovias_geo.csv", "", "csv", "utf-8", ",", 1, 382, 12, "AÑO: year; Geo Point: text lat_lon; Geo Shape: geometry; ID: code key; LONG_KM: decimal"},
	{"csv/cdmx/ecobici_estaciones.csv", "", "csv", "utf-8", ",", 1, 480, 18, "ID: code key; Código postal: code postal_code; districtCode: code; location/lat: decimal latitude; location/lon: decimal longitude; punto_geo: text lat_lon"},
	{"csv/cdmx/encuesta_ciudad_global_texto_libre.csv", "", "csv", "utf-8", ",", 1, 105, 14, "conocimiento: boolean; importancia: boolean; ciudad_global: boolean; conocimiento_area: boolean"},
	{"csv/cdmx/gtfs_rutas_geo.csv", "", "csv", "utf-8", ",", 1, 397, 4, "Geo Point: text lat_lon; Geo Shape: geometry"},
	{"csv/cdmx/incidentes_viales_c5_sin_encabezado_2020-02-23.csv", "", "csv", "utf-8", ",", 0, 7761, 18, "columna_1: code key; columna_2: date; columna_3: time; columna_6: date; columna_7: year; columna_9: time; columna_12: decimal; columna_13: decimal; columna_17: text lat_lon"},
	{"csv/cdmx/parquimetros_prueba.csv", "", "csv", "utf-8", ",", 1, 2482, 10, "Alcaldía: text town_name; Año: year; Ingreso por Estacionamiento en Vía Pública: decimal; Contraprestación 30% (F): decimal; Ingreso por Retiro de Candado Inmovilizador: decimal; 70% Inmovilizador (H): decimal; Pago al GCDMX (F-H): decimal"},
	{"csv/cdmx/vialidades_geo.csv", "", "csv", "utf-8", ",", 1, 472, 11, "Geo Point: text lat_lon; Geo Shape: geometry; Shape_Leng: decimal; Mixta: boolean"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo ORIGEN", "xlsx", "", "", 1, 3, 2, "CLAVE: code key"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo SECTOR", "xlsx", "", "", 1, 14, 2, "CLAVE: code key"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo SEXO", "xlsx", "", "", 1, 3, 2, "CLAVE: code key"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo TIPO_PACIENTE", "xlsx", "", "", 1, 3, 2, "CLAVE: code key"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo SI_NO", "xlsx", "", "", 1, 5, 2, "CLAVE: code key"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo NACIONALIDAD", "xlsx", "", "", 1, 3, 2, "CLAVE: code key"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo RESULTADO", "xlsx", "", "", 2, 3, 2, "CLAVE: code key"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo de ENTIDADES", "xlsx", "", "", 1, 36, 3, "CLAVE_ENTIDAD: code state; ENTIDAD_FEDERATIVA: text state_name"},
	{"csv/covid19/Catalogos_0412.xlsx", "Catálogo MUNICIPIOS", "xlsx", "", "", 1, 2501, 3, "CLAVE_MUNICIPIO: code town; MUNICIPIO: text town_name; CLAVE_ENTIDAD: code state"},
	{"csv/covid19/Descriptores_0412.xlsx", "Hoja1", "xlsx", "", "", 1, 34, 4, "Nº: integer key"},
	{"csv/covid19/catalogo_entidades.csv", "", "csv", "utf-8", ",", 1, 36, 3, "CLAVE_ENTIDAD: code state; ENTIDAD_FEDERATIVA: text state_name"},
	{"csv/covid19/confirmados_formato_ancho.csv", "", "csv", "utf-8", ",", 1, 32, 501, "Estado: text state_name"},
	{"csv/covid19/covid19_mx_union_3_cortes.csv.gz", "", "csv", "utf-8", ",", 1, 586944, 35, "FECHA_ACTUALIZACION: date; ID_REGISTRO: code; ENTIDAD_UM: code state; ENTIDAD_NAC: code state; ENTIDAD_RES: code state; MUNICIPIO_RES: code town; FECHA_INGRESO: date; FECHA_SINTOMAS: date; FECHA_DEF: date"},
	{"csv/covid19/datos_abiertos_20200413.zip", "", "csv", "utf-8", ",", 1, 38670, 34, "FECHA_ACTUALIZACION: date; ENTIDAD_UM: code state; ENTIDAD_NAC: code state; ENTIDAD_RES: code state; MUNICIPIO_RES: code town; FECHA_INGRESO: date; FECHA_SINTOMAS: date; FECHA_DEF: date"},
	{"csv/covid19/datos_abiertos_20200420.zip", "", "csv", "utf-8", ",", 1, 50915, 35, "FECHA_ACTUALIZACION: date; ID_REGISTRO: code key; ENTIDAD_UM: code state; ENTIDAD_NAC: code state; ENTIDAD_RES: code state; MUNICIPIO_RES: code town; FECHA_INGRESO: date; FECHA_SINTOMAS: date; FECHA_DEF: date"},
	{"csv/covid19/datos_abiertos_20200427.zip", "", "csv", "utf-8", ",", 1, 71103, 35, "FECHA_ACTUALIZACION: date; ID_REGISTRO: code key; ENTIDAD_UM: code state; ENTIDAD_NAC: code state; ENTIDAD_RES: code state; MUNICIPIO_RES: code town; FECHA_INGRESO: date; FECHA_SINTOMAS: date; FECHA_DEF: date"},
	{"csv/covid19/datos_abiertos_20200513.zip", "", "csv", "utf-8", ",", 1, 148497, 35, "FECHA_ACTUALIZACION: date; ID_REGISTRO: code key; ENTIDAD_UM: code state; ENTIDAD_NAC: code state; ENTIDAD_RES: code state; MUNICIPIO_RES: code town; FECHA_INGRESO: date; FECHA_SINTOMAS: date; FECHA_DEF: date"},
	{"csv/covid19/datos_abiertos_20200520.zip", "", "csv", "utf-8", ",", 1, 193589, 35, "FECHA_ACTUALIZACION: date; ID_REGISTRO: code key; ENTIDAD_UM: code state; ENTIDAD_NAC: code state; ENTIDAD_RES: code state; MUNICIPIO_RES: code town; FECHA_INGRESO: date; FECHA_SINTOMAS: date; FECHA_DEF: date"},
	{"csv/covid19/raw_ddmmyyyy_20200418.csv", "", "csv", "utf-8", ",", 1, 7497, 6, "Case_ID: code key; Region: text state_name; Date_Symptoms: date"},
	{"csv/covid19/serie_confirmados_diarios.csv", "", "csv", "utf-8", ",", 1, 708, 34, "Fecha: date"},
	{"csv/delitos/df_cuadrantes_delitos.csv.gz", "", "csv", "utf-8", ",", 1, 54272, 7, "cuadrante: code; date: date; year: year"},
	{"csv/delitos/inegi_homicidios_mun_2008_latin1.csv.bz2", "", "csv", "iso-8859-1", ",", 5, 73772, 23, "1990: integer; 2004: integer"},
	{"csv/energia/cre_estaciones_latin1_puntoycoma.csv", "", "csv", "iso-8859-1", ";", 1, 12962, 5, "Identificador: code key; Permiso CRE: code; Longitud: decimal longitude; Latitud: decimal latitude"},
	{"csv/energia/cre_precios_diarios_2022.csv.gz", "", "csv", "utf-8", ",", 1, 3262446, 4, "fecha: date; place_id: code; precio: decimal"},
	{"csv/municipal_edomex/LicenciasChalco.csv", "", "csv", "utf-8", ",", 1, 171, 7, "latitud: decimal latitude; longitud: decimal longitude"},
	{"csv/municipal_edomex/giros_chalco.csv", "", "csv", "utf-8", ",", 1, 131, 4, "municipio_id: code"},
	{"csv/municipal_edomex/giros_metepec.csv", "", "csv", "utf-8", ",", 1, 143, 4, "municipio_id: code"},
	{"csv/municipal_edomex/giros_toluca.csv", "", "csv", "utf-8", ",", 1, 217, 4, "municipio_id: code"},
	{"csv/municipal_edomex/inspecciones_lerma.csv", "", "csv", "utf-8", ",", 1, 2, 11, "nombre: text key"},
	{"csv/municipal_edomex/inspecciones_tenango_del_valle.csv", "", "csv", "utf-8", ",", 1, 4, 12, "nombre: text key"},
	{"csv/municipal_edomex/tramites_chalco.csv", "", "csv", "utf-8", ",", 1, 31, 12, "giros: text"},
	{"csv/municipal_edomex/tramites_metepec.csv", "", "csv", "utf-8", ",", 1, 23, 13, "descripción del trámite: text"},
	{"csv/municipal_edomex/tramites_toluca.csv", "", "csv", "utf-8", ",", 1, 9, 12, "sare: integer"},
	{"csv/poblacion/conapo_municipios_1990_2009.csv.gz", "", "csv", "utf-8", ",", 1, 147240, 4, "Code: code municipality; Population: decimal; Year: year"},
	{"csv/poblacion/conapo_municipios_2010_2030.csv.gz", "", "csv", "utf-8", ",", 1, 154791, 4, "Code: code municipality; Year: year"},
	{"csv/poblacion/estados_edad_sexo_mensual.csv.gz", "", "csv", "utf-8", ",", 1, 93696, 5, "state_code: code state; date: date"},
	{"csv/poblacion/inegi_estados_2010.csv", "", "csv", "utf-8", ",", 1, 32, 9, "state_code: code state; state_name: text state_name; state_abbreviation: text state_name; capital_code: code"},
	{"csv/poblacion/inegi_municipios_2010.csv", "", "csv", "utf-8", ",", 1, 2463, 11, "state_code: code state; state_name: text state_name; state_abbreviation: text state_name; municipality_code: code town; municipality_name: text town_name; head_code: code"},
	{"csv/poblacion/municipio_names_latin1.csv", "", "csv", "iso-8859-1", ",", 1, 2542, 3, "state_code: code state; mun_code: code town; MUNICIPIO: text town_name"},
	{"geo/mx_2025_3pct.topo.json", "mun", "topojson", "utf-8", "", 0, 2475, 6, "cvegeo: code municipality; cve_ent: code state; geometria: geometry"},
	{"geo/mx_2025_3pct.topo.json", "ent", "topojson", "utf-8", "", 0, 32, 4, "cve_ent: code state; geometria: geometry"},
	{"geo/mx_estados.topo.json", "estados", "topojson", "utf-8", "", 0, 32, 5, "id: code state; cve_ent: code state; nom_ent: text state_name; nom_oficial: text state_name; geometria: geometry"},
	{"geo/mx_estados_covid.geojson", "", "geojson", "utf-8", "", 0, 32, 14, "name: text state_name; sqkm: decimal; totales_100k: decimal; muertes_100k: decimal; created_at: datetime; updated_at: datetime; geometria: geometry"},
	{"geo/mx_estados_mxabierto.topo.json", "states", "topojson", "utf-8", "", 0, 32, 3, "CVE_ENT: code state; geometria: geometry"},
	{"geo/mx_estatal.shp", "", "shp", "windows-1252", "", 0, 32, 194, "CVEGEO: code key; NOM_ENT: text state_name; geometria: geometry"},
	{"geo/mx_municipios.shp", "", "shp", "utf-8", "", 0, 2457, 2, "id: code municipality; geometria: geometry"},
	{"geo/mx_municipios.topo.json", "municipios", "topojson", "utf-8", "", 0, 2469, 7, "id: code municipality; cvegeo: code municipality; cve_ent: code state; cve_mun: code town; nom_mun: text town_name; nom_ent: text state_name; geometria: geometry"},
	{"catalogos/ar_datajson/catalogo_justicia.xlsx", "Catalog", "xlsx", "", "", 1, 1, 12, "catalog_publisher_mbox: email; catalog_superThemeTaxonomy: url; catalog_homepage: url"},
	{"catalogos/ar_datajson/catalogo_justicia.xlsx", "Theme", "xlsx", "", "", 1, 9, 3, "theme_id: code key"},
	{"catalogos/ar_datajson/catalogo_justicia.xlsx", "Dataset", "xlsx", "", "", 1, 16, 18, "dataset_identifier: text key; dataset_publisher_mbox: email; dataset_contactPoint_hasEmail: email; dataset_accrualPeriodicity: code; dataset_issued: datetime; dataset_modified: datetime; dataset_landingPage: url"},
	{"catalogos/ar_datajson/catalogo_justicia.xlsx", "Distribution", "xlsx", "", "", 1, 56, 14, "distribution_accessURL: url; distribution_downloadURL: url; distribution_identifier: integer key; distribution_issued: datetime; distribution_modified: datetime"},
	{"catalogos/ar_datajson/catalogo_justicia.xlsx", "Field", "xlsx", "", "", 1, 53, 7, "field_description: text"},
	{"catalogos/ar_datajson/catalogo_justicia.xlsx", "Notas y referencias", "xlsx", "", "", 5, 2, 2, "Campos obligatorios: text"},
	{"portal/plantilla_inventario_general_de_datos.xlsx", "Inventario", "xlsx", "", "", 1, 3, 8, "Responsable: text key; Fecha estimada de publicación en datos.gob.mx (en caso de ser datos públicos) (AAAA-MM): date"},
	{"portal/plantilla_inventario_general_de_datos.xlsx", "Diccionario de datos", "xlsx", "", "", 1, 8, 2, "Significado: text"},
}

// shapefiles travel with their parts: the first one without projection and encoding.
var shapefiles = map[string][]string{
	"geo/mx_municipios.shp": {"geo/mx_municipios.shp", "geo/mx_municipios.dbf", "geo/mx_municipios.shx"},
	"geo/mx_estatal.shp":    {"geo/mx_estatal.shp", "geo/mx_estatal.dbf", "geo/mx_estatal.shx", "geo/mx_estatal.prj"},
}

func TestSharedFilesAreConvertedAsTheyAre(t *testing.T) {
	e := newEngine(t)
	seen := map[string]bool{}
	for i := 0; i < len(expected); {
		file, first := expected[i].file, i
		for i < len(expected) && expected[i].file == file {
			i++
		}
		seen[file] = true
		t.Run(file, func(t *testing.T) {
			path := shared(file)
			if parts := shapefiles[file]; parts != nil {
				path = zipped(t, parts...)
			}
			p, _ := read(t, e, path)
			if len(p.Tables) != i-first {
				t.Fatalf("%d tables, want %d", len(p.Tables), i-first)
			}
			for n, want := range expected[first:i] {
				got := p.Tables[n]
				if got.Name != want.table || got.Format != want.format || got.Encoding != want.encoding || got.Delimiter != want.delimiter ||
					got.HeaderLine != want.header || got.Rows != want.rows || len(got.Columns) != want.columns {
					t.Errorf("%q %s: %q %q, header on line %d, %d rows, %d columns; want %+v", got.Name, got.Format, got.Encoding,
						got.Delimiter, got.HeaderLine, got.Rows, len(got.Columns), want)
				}
				for _, column := range strings.Split(want.some, "; ") {
					name, is, _ := strings.Cut(column, ": ")
					c := got.Column(name)
					if c == nil {
						t.Errorf("%q has no column %q", got.Name, name)
					} else if found := strings.TrimSpace(string(c.Type) + " " + string(c.Meaning)); found != is {
						t.Errorf("%q: column %q is %q, want %q", got.Name, name, found, is)
					}
				}
			}
		})
	}
	for _, pattern := range []string{"csv/*.*", "csv/*/*.*", "geo/*.*"} {
		files, err := filepath.Glob(shared(pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			name, err := filepath.Rel(shared(""), file)
			if err != nil {
				t.Fatal(err)
			}
			part := filepath.Ext(name) == ".dbf" || filepath.Ext(name) == ".shx" || filepath.Ext(name) == ".prj"
			if !part && !seen[name] && name != brokenResource {
				t.Errorf("nothing is expected of %s", name)
			}
		}
	}
}

const brokenResource = "csv/cdmx/recurso_roto_html_en_lugar_de_csv.csv"

func TestSharedPageInPlaceOfDataIsOne(t *testing.T) {
	_, err := newEngine(t).Convert(t.Context(), child.Conversion{Input: shared(brokenResource), Name: "recurso.csv", Dir: t.TempDir()}, func(child.Step) {})
	if !errors.Is(err, &tabular.Fault{Code: "html_instead"}) {
		t.Errorf("error %v", err)
	}
}

func TestSharedShapesWithoutTheirTableAreRefused(t *testing.T) {
	_, err := newEngine(t).Convert(t.Context(), child.Conversion{Input: zipped(t, "geo/mx_estatal.shp", "geo/mx_estatal.shx"), Name: "estatal.zip", Dir: t.TempDir()}, func(child.Step) {})
	if _, is := errors.AsType[*tabular.Fault](err); !is {
		t.Errorf("error %v", err)
	}
}

func TestSharedArchiveOfSeveralFilesIsSeveralTables(t *testing.T) {
	p, dir := read(t, newEngine(t), zipped(t, "csv/mx_estados_censo2020.csv", "csv/poblacion/municipio_names_latin1.csv", brokenResource))
	if len(p.Tables) != 2 || len(p.Skipped) != 1 || p.Tables[1].Encoding != "iso-8859-1" {
		t.Fatalf("%d tables, skipped %+v", len(p.Tables), p.Skipped)
	}
	for _, one := range p.Tables {
		if _, err := os.Stat(filepath.Join(dir, one.Parquet.SHA256)); err != nil {
			t.Error(err)
		}
	}
}

func TestSharedGeometriesArePlaced(t *testing.T) {
	p, dir := read(t, newEngine(t), shared("geo/mx_municipios.topo.json"))
	place := p.Tables[0].Place
	if place.Kind != tabular.PlaceGeometry || len(place.States) != 32 || len(place.Box) != 4 {
		t.Fatalf("place %s, %d states, box %v", place.Kind, len(place.States), place.Box)
	}
	table := child.Table{Parquet: filepath.Join(dir, p.Tables[0].Parquet.SHA256), Profile: p.Tables[0]}
	n, err := newEngine(t).Count(t.Context(), table, tabular.Query{Where: []tabular.Condition{{Op: tabular.Inside, Values: []string{"17"}}}})
	if err != nil || n < 30 || n > 40 {
		t.Errorf("%d municipalities in Morelos, %v", n, err)
	}
}
