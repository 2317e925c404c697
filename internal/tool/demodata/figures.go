package main

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
)

const budgetSource, ballotSource, airSource = "dgm-viz", "mx-distritos", "conteos-ias"

// Small tables of figures that the shared folder lacks, as their repositories have them.
//
//go:embed content/cifras/*.csv
var figureFiles embed.FS

func figures(name string) (*records, error) {
	b, err := figureFiles.ReadFile(path.Join("content/cifras", name))
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return indexed(rows), nil
}

// force is what shared a ballot: parties of one coalition count together, since the source
// splits the votes that were cast for the coalition among them.
type force struct {
	column, name string
	parties      []string
}

var forces = []force{
	{"pan_pri_prd", "PAN, PRI y PRD", []string{"pan", "pri", "prd"}},
	{"morena_pt_pvem", "Morena, PT y PVEM", []string{"morena", "pt", "pvem"}},
	{"mc", "Movimiento Ciudadano", []string{"mc"}},
	{"otros", "Otros partidos e independientes", []string{"pes", "rsp", "fxm", "indep"}},
}

// makeElections adds up the votes of the 300 districts by state and force. What a row's
// votes add up to may differ from its total by the rounding of the source.
func makeElections(w *writer, states map[string]state) error {
	r, err := figures("diputaciones_2021.csv")
	if err != nil {
		return err
	}
	const list, valid, seats = 4, 5, 6
	sums := newTally(7)
	for _, row := range r.rows {
		district := pad(r.get(row, "disn"), 4)
		code, all := district[:2], 0.0
		for i, f := range forces {
			for _, p := range f.parties {
				sums.add(i, number(r.get(row, p)), code)
				all += number(r.get(row, p))
			}
		}
		if math.Abs(all-number(r.get(row, "efec"))) > 6 {
			return fmt.Errorf("the votes of district %s add up to %.1f", district, all)
		}
		sums.add(valid, number(r.get(row, "efec")), code)
		sums.add(list, number(r.get(row, "lisnom")), code)
		sums.add(seats, 1, code)
	}
	wide := newTable("cve_ent", "entidad", "distritos", "lista_nominal", "votos_validos", "votos_validos_por_ciento", "pan_pri_prd_por_ciento", "morena_pt_pvem_por_ciento", "mc_por_ciento", "otros_por_ciento")
	long := newTable("cve_ent", "entidad", "fuerza", "votos", "por_ciento")
	sums.each(func(k []string, n []float64) {
		share := func(i int) float64 { return ratio(n[i], n[valid], 100, 1) }
		wide.add(k[0], states[k[0]].name, n[seats], n[list], n[valid], ratio(n[valid], n[list], 100, 1), share(0), share(1), share(2), share(3))
		for i, f := range forces {
			long.add(k[0], states[k[0]].name, f.name, round(n[i], 0), share(i))
		}
	})
	o := origin{ballotSource, "Suma de los 300 distritos por entidad. Los partidos que fueron juntos en muchos distritos se suman, porque la fuente reparte entre ellos los votos de la coalición; los independientes van con los otros partidos."}
	return firstError(w.csv("ine/diputaciones_entidad_2021.csv", wide, o), w.csv("ine/diputaciones_entidad_fuerza_2021.csv", long, o))
}

// makeAir writes months as dates and pollutants by their names.
func makeAir(w *writer) error {
	r, err := figures("calidad_aire_2022.csv")
	if err != nil {
		return err
	}
	months := []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	names := map[string]string{"o31h_cat": "Ozono", "pm10_cat": "PM10", "pm25_cat": "PM2.5"}
	levels := []string{"Buena", "Aceptable", "Mala", "Muy Mala", "Ext. Mala"}
	written := []string{"Buena", "Aceptable", "Mala", "Muy mala", "Extremadamente mala"}
	each := newTable("mes", "contaminante", "orden", "calidad", "dias")
	worst := newTable("mes", "orden", "calidad", "dias")
	for _, row := range r.rows {
		month, level := slices.Index(months, r.get(row, "mes")), slices.Index(levels, r.get(row, "indice"))
		if month < 0 || level < 0 {
			return fmt.Errorf("a row of %s, %s", r.get(row, "mes"), r.get(row, "indice"))
		}
		date, days := fmt.Sprintf("2022-%02d", month+1), whole(r.get(row, "conteo_dias"))
		if name := names[r.get(row, "parametro")]; name != "" {
			each.add(date, name, level+1, written[level], days)
		} else {
			worst.add(date, level+1, written[level], days)
		}
	}
	o := origin{airSource, "Los conteos de la fuente con el mes como fecha y el nombre del contaminante. Enero suma 32 días en ozono y en el conjunto, como en la fuente."}
	return firstError(w.csv("sedema/calidad_del_aire_contaminante_2022.csv", each.sort(1, 0, 2), o), w.csv("sedema/calidad_del_aire_2022.csv", worst.sort(0, 1), o))
}

// chapters are those of the classification of spending by its object, each with the words
// with which its concepts begin.
var chapters = []struct {
	name   string
	starts []string
}{
	{"1000 Servicios personales", []string{"Remuneraciones", "Seguridad social", "Otras prestaciones", "Pago de estímulos", "Previsiones"}},
	{"2000 Materiales y suministros", []string{"Materiales", "Materias primas", "Alimentos", "Productos químicos", "Combustibles", "Vestuario", "Herramientas"}},
	{"3000 Servicios generales", []string{"Servicios", "Otros servicios"}},
	{"4000 Transferencias, subsidios y pensiones", []string{"Subsidios", "Transferencias", "Ayudas", "Donativos", "Pensiones"}},
	{"5000 Bienes muebles e inmuebles", []string{"Mobiliario", "Equipo", "Vehículos", "Maquinaria", "Activos intangibles", "Bienes inmuebles"}},
	{"6000 Inversión pública", []string{"Obra pública"}},
	{"7000 Inversiones financieras", []string{"Acciones", "Concesión", "Inversiones en fideicomisos", "Provisiones"}},
	{"8000 Participaciones y aportaciones", []string{"Participaciones", "Aportaciones"}},
	{"9000 Deuda pública", []string{"Intereses", "Comisiones", "Gastos de la deuda", "Costo por coberturas", "Adeudos", "Apoyos financieros"}},
}

func chapterOf(concept string) string {
	for _, c := range chapters {
		for _, s := range c.starts {
			if strings.HasPrefix(concept, s) {
				return c.name
			}
		}
	}
	return ""
}

// makeBudget adds up the federal budget of 2017, which the portal drew as a treemap.
func makeBudget(s source, w *writer) error {
	packed, err := s.bytes("portal/dgm_viz/composicion_pef2017-2.json.gz")
	if err != nil {
		return err
	}
	in, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("opening the budget: %w", err)
	}
	var doc struct {
		Rows []struct {
			Branch  string  `json:"ramo"`
			Concept string  `json:"concepto"`
			Amount  float64 `json:"monto"`
		} `json:"datos"`
	}
	if err := json.NewDecoder(in).Decode(&doc); err != nil {
		return fmt.Errorf("reading the budget: %w", err)
	}
	branches, concepts := newTally(1), newTally(1)
	for _, r := range doc.Rows {
		chapter := chapterOf(r.Concept)
		if chapter == "" {
			return fmt.Errorf("no chapter has the concept %q", r.Concept)
		}
		branches.add(0, r.Amount, r.Branch, chapter)
		concepts.add(0, r.Amount, chapter, r.Concept)
	}
	byBranch, byConcept := newTable("ramo", "capitulo", "monto"), newTable("capitulo", "concepto", "monto")
	branches.each(func(k []string, n []float64) { byBranch.add(k[0], k[1], n[0]) })
	concepts.each(func(k []string, n []float64) { byConcept.add(k[0], k[1], n[0]) })
	o := origin{budgetSource, "Suma de los 14,739 renglones del archivo, en pesos. El capítulo es el que corresponde a cada concepto en el Clasificador por Objeto del Gasto. No se descuentan los traspasos entre ramos, así que el total es mayor que el presupuesto neto."}
	return firstError(w.csv("shcp/presupuesto_ramo_capitulo_2017.csv", byBranch, o), w.csv("shcp/presupuesto_concepto_2017.csv", byConcept, o))
}
