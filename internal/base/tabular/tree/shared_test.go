//go:build shared

package tree_test

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plaza/internal/base/tabular/tree"
)

// shared reads a real file, unpacked.
func shared(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestSharedJSONGivesItsTables(t *testing.T) {
	for _, c := range []struct {
		name, path string
		tables     int
		rows, cols int
		labels     string // the first ones
	}{
		{"catalogos/ar_datajson/catalogo-justicia.json", "dataset[]", 2, 18, 16, "issued superTheme title theme description"},
		{"catalogos/ar_datajson/fixtures/full_data.json", "dataset[]", 2, 2, 20, "publisher.mbox publisher.name license description"},
		{"catalogos/ar_datajson/fixtures/invalid_catalog_empty.json", "", 1, 1, 9, "publisher.mbox publisher.name identifier description"},
		{"catalogos/ar_datajson/fixtures/invalid_multiple_fields_type.json", "dataset[]", 2, 1, 20, "publisher.mbox publisher.name license description"},
		{"catalogos/ar_datajson/fixtures/missing_catalog_dataset.json", "themeTaxonomy[]", 1, 6, 3, "label description id"},
		{"catalogos/ar_datajson/fixtures/null_dataset_theme.json", "dataset[]", 2, 1, 20, "publisher.mbox publisher.name license description"},
		{"catalogos/ar_datajson/fixtures/several_datasets.json", "dataset[]", 1, 3, 10, "identifier description superTheme title issued modified"},
		{"catalogos/ar_datajson/fixtures/time_series_data.json", "dataset[]", 2, 2, 19, "publisher.mbox publisher.name accessLevel description"},
		{"catalogos/ckan/ckan_package_search_10.json", "result.results[]", 1, 10, 43, "license_title maintainer relationships_as_object private"},
		{"catalogos/esquemas/datos_argentina/accrualPeriodicity.json", "[]", 1, 19, 2, "id description"},
		{"catalogos/esquemas/datos_argentina/superThemeTaxonomy.json", "[]", 1, 13, 3, "id label description"},
		{"catalogos/esquemas/pod_v1.1/catalog.json", "properties{}", 1, 6, 9, "clave title description type format enum items.$ref"},
		{"catalogos/esquemas/pod_v1.1/dataset.json", "properties.temporal.anyOf[]", 5, 4, 2, "type pattern"},
		{"catalogos/esquemas/pod_v1.1/distribution.json", "properties.mediaType.anyOf[]", 5, 2, 2, "pattern type"},
		{"catalogos/esquemas/pod_v1.1/ejemplo_catalog-sample-extended.json", "dataset[]", 1, 3, 37, "@type accessLevel accrualPeriodicity bureauCode conformsTo"},
		{"catalogos/esquemas/pod_v1.1/ejemplo_catalog-sample.json", "dataset[]", 1, 3, 15, "accessLevel bureauCode contactPoint.fn"},
		{"catalogos/esquemas/pod_v1.1/organization.json", "properties{}", 1, 3, 7, "clave title description enum type minLength $ref"},
		{"catalogos/esquemas/pod_v1.1/vcard.json", "properties{}", 1, 3, 7, "clave title description enum type minLength pattern"},
		{"catalogos/us_datajson/consumerfinance.json", "dataset[]", 1, 11, 22, "@type accessLevel accrualPeriodicity bureauCode"},
		{"catalogos/us_datajson/dhs.json", "dataset[]", 1, 1093, 16, "accessLevel bureauCode contactPoint.@type contactPoint.fn"},
		{"catalogos/us_datajson/energy.json", "dataset[]", 1, 482, 33, "@type accessLevel accrualPeriodicity bureauCode"},
		{"catalogos/us_datajson/energy_version_previa_480.json", "dataset[]", 1, 480, 33, "@type accessLevel accrualPeriodicity bureauCode"},
		{"catalogos/us_datajson/gsa.json", "dataset[]", 1, 339, 33, "@type accessLevel accrualPeriodicity bureauCode"},
		{"catalogos/us_datajson/opm.json", "dataset[]", 1, 134, 17, "@type accessLevel bureauCode contactPoint.@type"},
		{"catalogos/us_datajson/usaid.json", "dataset[]", 1, 316, 27, "accessLevel bureauCode contactPoint.fn"},
		{"catalogos/us_datajson/wprdc_pittsburgh.json", "dataset[]", 1, 316, 15, "@type title accessLevel contactPoint.@type contactPoint.fn"},
		{"portal/adela_ranking_dependencias.json", "dependencias[]", 1, 204, 6, "calificacion institucion calidad descargas total apertura"},
		{"portal/adela_ranking_ultimo.json", "dependencias[]", 1, 204, 7, "ranking calificacion institucion calidad descargas total"},
		{"portal/datos_gob_mx_publicaciones_2014_2017.json", "[]", 1, 179, 34, "archivo tipo metadatos.published metadatos.layout"},
		{"portal/dgm_viz/composicion_TransferenciasEntidadesFederativas.json.gz", "datos[]", 1, 7922, 7, "CICLO CLAVE NOMBRE SUBTEMA INICIO FINAL MONTO"},
		{"portal/dgm_viz/composicion_auditorias.json.gz", "datos[]", 1, 357, 6, "ejercicio fondo entidad acto numero_revisados"},
		{"portal/dgm_viz/composicion_centros-de-trabajo.json.gz", "datos[]", 1, 786, 6, "entidad ambito tipo nivel control conteo"},
		{"portal/dgm_viz/composicion_cultivos2015.json.gz", "datos[]", 1, 12572, 4, "nivel1 nivel2 nivel3 valor"},
		{"portal/dgm_viz/composicion_defunciones.json.gz", "datos[]", 1, 2624, 4, "nivel2 nivel1 nivel3 valor"},
		{"portal/dgm_viz/composicion_fecundidad.json.gz", "datos[]", 1, 1312, 3, "nivel1 nivel2 valor"},
		{"portal/dgm_viz/composicion_hogares.json.gz", "datos[]", 1, 6720, 5, "nivel1 nivel2 nivel3 nivel4 valor"},
		{"portal/dgm_viz/composicion_hogaresIndigenas.json.gz", "datos[]", 1, 704, 4, "nivel1 nivel2 nivel3 valor"},
		{"portal/dgm_viz/composicion_incidencia_delictiva.json.gz", "datos[]", 1, 6468, 6, "año entidad ley concepto tipo suma"},
		{"portal/dgm_viz/composicion_pef2017-2.json.gz", "datos[]", 1, 14739, 4, "ramo concepto entidad monto"},
		{"portal/redcompartida_arbol_edca.json", "Concurso.children[]", 2, 13, 2, "name children"},
	} {
		sources, err := tree.JSON(context.Background(), file(t, shared(t, c.name)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := readAll(t, sources[0])
		labels := strings.Join(got.labels, " ")
		if len(sources) != c.tables || got.path != c.path || len(got.rows) != c.rows || len(got.labels) != c.cols || !strings.HasPrefix(labels, c.labels) || got.fault != "" {
			t.Errorf("{%q, %q, %d, %d, %d, %q}, fault %q", c.name, got.path, len(sources), len(got.rows), len(got.labels), labels[:min(len(labels), 60)], got.fault)
		}
		if sources[0].Layout.Encoding != "utf-8" {
			t.Errorf("%s: encoding %s", c.name, sources[0].Layout.Encoding)
		}
	}
}
