package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// covidCuts compares five daily releases: the total of each, and the columns
// that were renamed or appeared.
func covidCuts(s source, w *writer) error {
	cuts := []string{"20200413", "20200420", "20200427", "20200513", "20200520"}
	totals := newTable("corte", "registros", "confirmados", "negativos", "pendientes", "defunciones_confirmadas", "columnas")
	present := map[string][]string{}
	var order []string
	for _, cut := range cuts {
		n := map[string]int{}
		header, err := patients(s, "datos_abiertos_"+cut+".zip", func(p *patient) {
			n["all"]++
			n[p.result]++
			if p.positive() && p.dead() {
				n["dead"]++
			}
		})
		if err != nil {
			return err
		}
		date := cut[:4] + "-" + cut[4:6] + "-" + cut[6:]
		totals.add(date, n["all"], n["1"], n["2"], n["3"], n["dead"], len(header))
		for _, c := range header {
			if present[c] == nil {
				order = append(order, c)
			}
			present[c] = append(present[c], date)
		}
	}
	o := origin{covidSource, "Comparación de cinco cortes diarios de la base publicada."}
	if err := w.csv("salud/covid_cortes_totales.csv", totals, o); err != nil {
		return err
	}
	cols := newTable("columna", "cortes_en_que_aparece", "primer_corte", "ultimo_corte", "en_todos")
	for _, c := range order {
		in := present[c]
		everywhere := "No"
		if len(in) == len(cuts) {
			everywhere = "Sí"
		}
		cols.add(c, len(in), in[0], in[len(in)-1], everywhere)
	}
	return w.csv("salud/covid_cortes_columnas.csv", cols, o)
}

func covidSeries(s source, w *writer, states map[string]state) error {
	rows, err := s.rows("csv/covid19/serie_confirmados_diarios.csv")
	if err != nil {
		return err
	}
	codes := map[string]string{}
	for _, st := range states {
		codes[st.name] = st.code
	}
	wide := newTable(rows[0]...)
	wide.rows = rows[1:]
	o := origin{covidSource, "Serie diaria de casos confirmados por entidad, tal como la guarda el repositorio."}
	if err := w.csv("salud/covid_confirmados_diarios_ancho.csv", wide, o); err != nil {
		return err
	}
	long, month := newTable("fecha", "cve_ent", "entidad", "confirmados"), newTally(1)
	for _, r := range rows[1:] {
		for i := 2; i < len(r); i++ {
			name := rows[0][i]
			long.add(r[0], codes[name], name, r[i])
			month.add(0, number(r[i]), r[0][:7], codes[name], name)
		}
	}
	o.how = "La misma serie con un renglón por fecha y entidad, más fácil de filtrar."
	if err := w.csv("salud/covid_confirmados_diarios.csv", long.sort(0, 1), o); err != nil {
		return err
	}
	byMonth := newTable("mes", "cve_ent", "entidad", "confirmados", "por_100_mil_habitantes")
	month.each(func(k []string, n []float64) {
		byMonth.add(k[0], k[1], k[2], n[0], ratio(n[0], float64(states[k[1]].pop), 100000, 1))
	})
	o.how = "Suma mensual de la serie diaria; la tasa usa la población del Censo 2020."
	return w.csv("salud/covid_confirmados_mensuales.csv", byMonth, o)
}

// covidMap publishes the state map with the totals of its last update.
func covidMap(s source, w *writer) error {
	var in struct {
		Features []struct {
			Properties map[string]any  `json:"properties"`
			Geometry   json.RawMessage `json:"geometry"`
		} `json:"features"`
	}
	if err := s.json("geo/mx_estados_covid.geojson", &in); err != nil {
		return err
	}
	keep := []string{"totales", "totales_100k", "nuevos", "muertes", "muertes_100k", "sospechosos", "negativos"}
	t := newTable(append([]string{"entidad", "poblacion", "superficie_km2"}, keep...)...)
	var features []string
	for _, f := range in.Features {
		row := []any{f.Properties["name"], f.Properties["population"], f.Properties["sqkm"]}
		for _, k := range keep {
			row = append(row, f.Properties[k])
		}
		for i, v := range row {
			if n, ok := v.(float64); ok {
				row[i] = round(n, 2)
			}
		}
		t.add(row...)
	}
	order := make([]int, len(t.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(t.rows[a][0], t.rows[b][0]) })
	for _, i := range order {
		props := featureProperties(t.cols, t.rows[i])
		var g bytes.Buffer
		if err := json.Compact(&g, in.Features[i].Geometry); err != nil {
			return err
		}
		features = append(features, `{"type":"Feature","properties":`+props+`,"geometry":`+g.String()+`}`)
	}
	o := origin{covidSource, "Mapa de entidades con los totales acumulados al 4 de febrero de 2022; se quitaron campos internos."}
	if err := w.geojson("salud/covid_mapa_entidades.geojson", features, o); err != nil {
		return err
	}
	return w.csv("salud/covid_totales_entidades_2022-02-04.csv", t.sort(0), o)
}
