package main

import (
	"encoding/binary"
	"fmt"
	"strings"
)

const mapsSource, crimeMapsSource = "mxmaps", "new-crimenmexico"

func makeCensus(s source, w *writer) error {
	r, err := s.records("csv/mx_municipios_censo2020.csv")
	if err != nil {
		return err
	}
	full := newTable("cvegeo", "cve_ent", "entidad", "cve_mun", "municipio", "poblacion", "hombres", "mujeres", "afromexicana", "habla_lengua_indigena", "zona_metropolitana")
	groups := newTable("cvegeo", "entidad", "municipio", "poblacion", "afromexicana", "por_ciento_afromexicana", "habla_lengua_indigena", "por_ciento_lengua_indigena")
	metro, metroList := newTally(3), newTable("zona_metropolitana", "cvegeo", "entidad", "municipio", "poblacion")
	centre := newTable("cvegeo", "entidad", "municipio", "longitud", "latitud")
	for _, row := range r.rows {
		g := func(c string) string { return r.get(row, c) }
		pop := number(g("pop"))
		full.add(g("region"), g("state_code"), g("state_name"), g("municipio_code"), g("municipio_name"), g("pop"), g("pop_male"), g("pop_female"), g("afromexican"), g("indigenous_language"), g("metro_area"))
		groups.add(g("region"), g("state_name"), g("municipio_name"), g("pop"), g("afromexican"), ratio(number(g("afromexican")), pop, 100, 2), g("indigenous_language"), ratio(number(g("indigenous_language")), pop, 100, 2))
		centre.add(g("region"), g("state_name"), g("municipio_name"), g("long"), g("lat"))
		if m := g("metro_area"); m != "" {
			metro.add(0, 1, m)
			metro.add(1, pop, m)
			metroList.add(m, g("region"), g("state_name"), g("municipio_name"), g("pop"))
		}
	}
	zones := newTable("zona_metropolitana", "municipios", "poblacion")
	metro.each(func(k []string, n []float64) { zones.add(k[0], n[0], n[1]) })
	var points []string
	for _, row := range centre.rows {
		points = append(points, pointFeature(centre.cols[:3], row[:3], number(row[3]), number(row[4])))
	}
	o := origin{mapsSource, "Columnas escogidas y con nombre en español; los valores no cambian."}
	rates := origin{mapsSource, "Porcentajes calculados sobre la población total del municipio."}
	byZone := origin{mapsSource, "Municipios que el repositorio asigna a cada zona metropolitana, con su población."}
	for _, err := range []error{
		w.csv("inegi/censo2020_municipios.csv", full, o),
		w.xlsx("inegi/censo2020_municipios.xlsx", o, sheet{"Municipios", full}),
		w.csv("inegi/poblacion_afromexicana_indigena_2020.csv", groups, rates),
		w.csv("inegi/zonas_metropolitanas_2020.csv", zones, byZone),
		w.csv("inegi/zonas_metropolitanas_municipios_2020.csv", metroList.sort(0, 1), byZone),
		w.csv("inegi/municipios_puntos.csv", centre, o),
		w.geojson("inegi/municipios_puntos.geojson", points, o),
	} {
		if err != nil {
			return err
		}
	}
	return censusStates(s, w)
}

func censusStates(s source, w *writer) error {
	r, err := s.records("csv/mx_estados_censo2020.csv")
	if err != nil {
		return err
	}
	t := newTable("cve_ent", "entidad", "nombre_oficial", "abreviatura", "poblacion", "hombres", "mujeres", "afromexicana", "habla_lengua_indigena", "hombres_por_100_mujeres")
	for _, row := range r.rows {
		g := func(c string) string { return r.get(row, c) }
		t.add(g("region"), g("state_name"), g("state_name_official"), g("state_abbr_official"), g("pop"), g("pop_male"), g("pop_female"), g("afromexican"), g("indigenous_language"), ratio(number(g("pop_male")), number(g("pop_female")), 100, 1))
	}
	o := origin{mapsSource, "Columnas con nombre en español y relación de hombres por cada 100 mujeres."}
	if err := w.csv("inegi/censo2020_entidades.csv", t, o); err != nil {
		return err
	}
	return w.json("inegi/censo2020_entidades.json", t, o)
}

// dbf reads a dBASE table whose text is in the encoding given by decode.
func dbf(b []byte) (*records, error) {
	if len(b) < 32 {
		return nil, fmt.Errorf("dbf of %d bytes", len(b))
	}
	n, head, size := int(binary.LittleEndian.Uint32(b[4:8])), int(binary.LittleEndian.Uint16(b[8:10])), int(binary.LittleEndian.Uint16(b[10:12]))
	var names []string
	var widths []int
	for i := 32; b[i] != 13; i += 32 {
		name, _, _ := strings.Cut(string(b[i:i+11]), "\x00")
		names, widths = append(names, name), append(widths, int(b[i+16]))
	}
	rows := [][]string{names}
	for i := range n {
		rec, at := b[head+i*size:head+(i+1)*size], 1
		var row []string
		for _, width := range widths {
			row = append(row, latin1Text(rec[at:at+width]))
			at += width
		}
		rows = append(rows, row)
	}
	return indexed(rows), nil
}

// latin1Text decodes ISO 8859-1, whose bytes are the first 256 code points.
func latin1Text(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return strings.TrimSpace(string(r))
}

// column picks a field of the 2010 census and names it.
type column struct{ field, name string }

func makeCensus2010(s source, w *writer) error {
	b, err := s.bytes("geo/mx_estatal.dbf")
	if err != nil {
		return err
	}
	r, err := dbf(b)
	if err != nil {
		return err
	}
	for _, theme := range census2010 {
		cols := []string{"cve_ent", "entidad"}
		for _, c := range theme.columns {
			cols = append(cols, c.name)
		}
		t := newTable(cols...)
		for _, row := range r.rows {
			cells := []any{r.get(row, "CVEGEO"), r.get(row, "NOM_ENT")}
			for _, c := range theme.columns {
				cells = append(cells, cell(number(r.get(row, c.field))))
			}
			t.add(cells...)
		}
		t.sort(0)
		o := origin{crimeMapsSource, "Columnas " + fieldNames(theme.columns) + " de la tabla del archivo de formas estatal, con nombre en español."}
		if err := w.csv("inegi/censo2010_"+theme.name+".csv", t, o); err != nil {
			return err
		}
		if theme.workbook {
			if err := w.xlsx("inegi/censo2010_"+theme.name+".xlsx", o, sheet{"Entidades", t}); err != nil {
				return err
			}
		}
	}
	return nil
}

func fieldNames(cols []column) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.field
	}
	return strings.Join(names, ", ")
}

// census2010 lists the themes cut from the 190 columns of the state table.
var census2010 = []struct {
	name     string
	workbook bool
	columns  []column
}{
	{"educacion", true, []column{{"P_15YMAS", "poblacion_15_y_mas"}, {"P15YM_AN", "analfabeta_15_y_mas"}, {"P15YM_AN_M", "analfabeta_15_y_mas_hombres"}, {"P15YM_AN_F", "analfabeta_15_y_mas_mujeres"}, {"P15YM_SE", "sin_escolaridad_15_y_mas"}, {"P15PRI_CO", "primaria_completa_15_y_mas"}, {"P15SEC_CO", "secundaria_completa_15_y_mas"}, {"P18YM_PB", "posbasica_18_y_mas"}, {"GRAPROES", "grado_promedio_escolaridad"}, {"GRAPROES_M", "grado_promedio_hombres"}, {"GRAPROES_F", "grado_promedio_mujeres"}}},
	{"asistencia_escolar", false, []column{{"P_3A5", "poblacion_3_a_5"}, {"P3A5_NOA", "no_asiste_3_a_5"}, {"P_6A11", "poblacion_6_a_11"}, {"P6A11_NOA", "no_asiste_6_a_11"}, {"P_12A14", "poblacion_12_a_14"}, {"P12A14NOA", "no_asiste_12_a_14"}, {"P_15A17", "poblacion_15_a_17"}, {"P15A17A", "asiste_15_a_17"}, {"P_18A24", "poblacion_18_a_24"}, {"P18A24A", "asiste_18_a_24"}}},
	{"economia", true, []column{{"P_12YMAS", "poblacion_12_y_mas"}, {"PEA", "economicamente_activa"}, {"PEA_M", "economicamente_activa_hombres"}, {"PEA_F", "economicamente_activa_mujeres"}, {"PE_INAC", "no_economicamente_activa"}, {"POCUPADA", "ocupada"}, {"POCUPADA_M", "ocupada_hombres"}, {"POCUPADA_F", "ocupada_mujeres"}, {"PDESOCUP", "desocupada"}}},
	{"servicios_de_salud", false, []column{{"POBTOT", "poblacion"}, {"PSINDER", "sin_derechohabiencia"}, {"PDER_SS", "con_derechohabiencia"}, {"PDER_IMSS", "imss"}, {"PDER_ISTE", "issste"}, {"PDER_ISTEE", "issste_estatal"}, {"PDER_SEGP", "seguro_popular"}}},
	{"vivienda", true, []column{{"VIVPAR_HAB", "viviendas_particulares_habitadas"}, {"OCUPVIVPAR", "ocupantes"}, {"PROM_OCUP", "ocupantes_por_vivienda"}, {"VPH_PISODT", "con_piso_distinto_de_tierra"}, {"VPH_PISOTI", "con_piso_de_tierra"}, {"VPH_C_ELEC", "con_electricidad"}, {"VPH_AGUADV", "con_agua_entubada"}, {"VPH_DRENAJ", "con_drenaje"}, {"VPH_C_SERV", "con_los_tres_servicios"}}},
	{"bienes_del_hogar", false, []column{{"VIVPAR_HAB", "viviendas_particulares_habitadas"}, {"VPH_SNBIEN", "sin_ningun_bien"}, {"VPH_RADIO", "con_radio"}, {"VPH_TV", "con_televisor"}, {"VPH_REFRI", "con_refrigerador"}, {"VPH_LAVAD", "con_lavadora"}, {"VPH_AUTOM", "con_automovil"}, {"VPH_PC", "con_computadora"}, {"VPH_TELEF", "con_telefono_fijo"}, {"VPH_CEL", "con_celular"}, {"VPH_INTER", "con_internet"}}},
	{"religion", false, []column{{"POBTOT", "poblacion"}, {"PCATOLICA", "catolica"}, {"PNCATOLICA", "protestante_y_evangelica"}, {"POTRAS_REL", "otras_religiones"}, {"PSIN_RELIG", "sin_religion"}}},
	{"hogares", false, []column{{"TOTHOG", "hogares"}, {"HOGJEF_M", "jefatura_hombre"}, {"HOGJEF_F", "jefatura_mujer"}, {"POBHOG", "poblacion_en_hogares"}, {"PHOGJEF_F", "poblacion_jefatura_mujer"}}},
	{"limitacion", false, []column{{"POBTOT", "poblacion"}, {"PCON_LIM", "con_limitacion"}, {"PCLIM_MOT", "para_caminar_o_moverse"}, {"PCLIM_VIS", "para_ver"}, {"PCLIM_LENG", "para_hablar"}, {"PCLIM_AUD", "para_escuchar"}, {"PCLIM_MOT2", "para_vestirse_o_comer"}, {"PCLIM_MEN", "para_poner_atencion"}, {"PCLIM_MEN2", "mental"}, {"PSIN_LIM", "sin_limitacion"}}},
	{"migracion", false, []column{{"POBTOT", "poblacion"}, {"PNACENT", "nacida_en_la_entidad"}, {"PNACOE", "nacida_en_otra_entidad"}, {"P_5YMAS", "poblacion_5_y_mas"}, {"PRES2005", "residia_en_la_entidad_2005"}, {"PRESOE05", "residia_en_otra_entidad_2005"}}},
}
