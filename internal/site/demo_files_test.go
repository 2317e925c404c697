package site_test

import (
	"strings"
	"testing"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/follow"
)

// TestTheFilesOfTheDemonstrationHaveALife looks at what became of the files that change
// while the story is told.
func TestTheFilesOfTheDemonstrationHaveALife(t *testing.T) {
	r := behind(t, copied(t, nil))
	person := func(mail string) (p account.Person) {
		r.read(t, func(tx *db.Tx) (err error) {
			p, err = account.ByEmail(tx, mail)
			return err
		})
		return p
	}
	of := func(file string) string {
		const from = ` FROM resources r JOIN datasets d ON d.id = r.dataset_id WHERE r.url LIKE '%/' || $1`
		return "/datos/" + r.value(t, `SELECT d.slug`+from, file) + "/recursos/" + r.value(t, `SELECT r.id`+from, file)
	}
	for name, c := range map[string]struct {
		file, tab string
		says      []string
		hides     string
	}{
		"it changed twice": {file: "covid_corte_vigente.csv", tab: "?ver=versiones",
			says: []string{"Versión 3", "Versión 2", "Versión 1", "HABLA_LENGUA_INDI", "HABLA_LENGUA_INDIG", "PENDIENTES", "FECHA_ACTUALIZACION"}},
		"a page came in its place":        {file: "ecobici_estaciones_2021.csv", says: []string{"Última copia válida", "SHA-256"}},
		"it was withdrawn":                {file: "covid_dias_sintomas_ingreso_2020-05-20.csv", says: []string{"Última copia válida"}},
		"somebody withheld a column":      {file: "modulos_inventado.csv", tab: "?ver=columnas", says: []string{"clave_unica", "no hace falta para leer"}, hides: "XXXX"},
		"nobody decided of a column yet":  {file: "tramites_inventado.csv", tab: "?ver=columnas", says: []string{"clave_del_solicitante"}, hides: "XXXX"},
		"its institution corrected it":    {file: "precio_promedio_entidad_diario_2022.csv", tab: "?ver=columnas", says: []string{"precio_por_litro", "MXN"}},
		"it is read in Latin-1":           {file: "estaciones_de_servicio_latin1.csv", tab: "?ver=calidad", says: []string{"El archivo no está en UTF-8", "Hay puntos fuera de México"}},
		"it lies in a map of polygons":    {file: "entidades_2020.geojson", tab: "?ver=mapa"},
		"it lies in a map of points":      {file: "estaciones_de_servicio.geojson", tab: "?ver=mapa"},
		"it lies in a map by code":        {file: "censo2020_municipios.csv", tab: "?ver=mapa"},
		"its dictionary says what it has": {file: "censo2020_municipios.csv", tab: "?ver=columnas", says: []string{"Zona metropolitana a la que pertenece"}},
	} {
		said := strings.Join(strings.Fields(r.page(t, of(c.file)+c.tab).Find("main").Text()), " ")
		if without := lacks(said, c.says...); without != nil || c.hides != "" && strings.Contains(said, c.hides) {
			t.Errorf("%s: %s lacks %q or shows what it hides: %.2000s", name, c.file, without, said)
		}
	}
	if said := r.of(t, person("tomas.ek@correo.example")).text(follow.NoticesPath); !strings.Contains(said, "cambió: +") {
		t.Errorf("who follows it hears %.1000s", said)
	}
	told := "/consultas/" + r.value(t, `SELECT folio FROM cases WHERE title = 'Estaciones con la longitud y la latitud cambiadas'`)
	if r.page(t, told).Find(`a[href^="`+of("estaciones_de_servicio_latin1.csv")+`/filas/8775"]`).Length() == 0 {
		t.Errorf("%s does not lead back to its cell", told)
	}
	if n := r.value(t, `SELECT CAST(COUNT(*) AS VARCHAR) FROM disclosures WHERE conclusion = ''`); n != "2" {
		t.Errorf("%s private reports wait", n)
	}
}
