package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// lineCell reads the GeoJSON geometry that the city keeps in a cell.
func lineCell(s string) ([][][]float64, error) {
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal([]byte(s), &g); err != nil {
		return nil, err
	}
	if g.Type == "LineString" {
		var c [][]float64
		if err := json.Unmarshal(g.Coordinates, &c); err != nil {
			return nil, err
		}
		return [][][]float64{c}, nil
	}
	var c [][][]float64
	return c, json.Unmarshal(g.Coordinates, &c)
}

// linesFile reads a table with a geometry column into features and a plain
// table; rename gives the columns to keep and their new names.
func linesFile(s source, name string, rename [][2]string) (*table, []string, error) {
	r, err := s.records(name)
	if err != nil {
		return nil, nil, err
	}
	var cols []string
	for _, c := range rename {
		cols = append(cols, c[1])
	}
	t := newTable(cols...)
	var features []string
	for _, row := range r.rows {
		cells := make([]any, len(rename))
		for i, c := range rename {
			v := clean(r.get(row, c[0]))
			if v == "NA" {
				v = ""
			}
			cells[i] = v
		}
		t.add(cells...)
		parts, err := lineCell(r.get(row, "Geo Shape"))
		if err != nil {
			return nil, nil, fmt.Errorf("geometry in %s: %w", name, err)
		}
		lines := make([]string, len(parts))
		for i, p := range parts {
			lines[i] = line(p)
		}
		features = append(features, `{"type":"Feature","properties":`+featureProperties(cols, t.rows[len(t.rows)-1])+`,"geometry":{"type":"MultiLineString","coordinates":[`+strings.Join(lines, ",")+`]}}`)
	}
	return t, features, nil
}

func makeMobility(s source, w *writer) error {
	o := origin{cityBot, "Columnas con nombre en minúsculas; la geometría pasó de la celda al GeoJSON, con seis decimales y sin altura."}
	sets := []struct {
		in, out string
		cols    [][2]string
	}{
		{"csv/cdmx/ciclovias_geo.csv", "semovi/ciclovias", [][2]string{{"ID", "id"}, {"NOMBRE", "nombre"}, {"VIALIDAD", "vialidad"}, {"TIPO_IC", "tipo_infraestructura"}, {"TIPO_VIA", "tipo_via"}, {"ESTADO", "estado"}, {"SENTIDO", "sentido"}, {"INSTANCIA", "instancia"}, {"AÑO", "anio"}, {"LONG_KM", "longitud_km"}}},
		{"csv/cdmx/gtfs_rutas_geo.csv", "semovi/rutas_transporte", [][2]string{{"AGENCIA", "agencia"}, {"RUTA", "ruta"}}},
		{"csv/cdmx/vialidades_geo.csv", "semovi/vialidades_velocidad", [][2]string{{"Nombre", "nombre"}, {"Inicia", "inicia"}, {"Termina", "termina"}, {"clasif_15", "clasificacion_2015"}, {"vel_15", "velocidad_2015"}, {"clasif_19", "clasificacion_2019"}, {"vel_19", "velocidad_2019"}, {"Shape_Leng", "longitud_km"}, {"Mixta", "mixta"}}},
	}
	for _, set := range sets {
		t, features, err := linesFile(s, set.in, set.cols)
		if err != nil {
			return err
		}
		if err := w.csv(set.out+".csv", t, o); err != nil {
			return err
		}
		if err := w.geojson(set.out+".geojson", features, o); err != nil {
			return err
		}
		if strings.HasSuffix(set.out, "ciclovias") {
			if err := cycleways(w, t); err != nil {
				return err
			}
		}
		if strings.HasSuffix(set.out, "rutas_transporte") {
			if err := routeCounts(w, t); err != nil {
				return err
			}
		}
	}
	if err := bikeStations(s, w); err != nil {
		return err
	}
	if err := parkingMeters(s, w); err != nil {
		return err
	}
	// What a visitor gets when a portal has moved: a page instead of the table.
	page := "<!doctype html>\n<html lang=\"es-MX\">\n<head><meta charset=\"utf-8\"><title>El portal cambió de dirección</title></head>\n<body>\n<h1>El portal cambió de dirección</h1>\n<p>Este archivo ya no está aquí. La dirección contesta con una página en lugar de la tabla: así se ve un recurso roto que parece sano.</p>\n</body>\n</html>\n"
	return w.put("semovi/ecobici_estaciones_2021.csv@36", []byte(page), fileInfo{Source: "plaza", How: "Página escrita para la demostración: muestra una dirección de CSV que contesta HTML.", Format: "CSV", Media: "text/html", Encoding: "utf-8"})
}

func cycleways(w *writer, t *table) error {
	km := newTally(2)
	for _, r := range t.rows {
		year := r[8]
		if year == "" {
			year = "Sin dato"
		}
		km.add(0, 1, year, r[3])
		if v := number(r[9]); v == v {
			km.add(1, v, year, r[3])
		}
	}
	out := newTable("anio", "tipo_infraestructura", "tramos", "kilometros")
	km.each(func(k []string, n []float64) { out.add(k[0], k[1], n[0], round(n[1], 2)) })
	return w.csv("semovi/ciclovias_por_anio.csv", out, origin{cityBot, "Suma de tramos y kilómetros por año de construcción y tipo."})
}

func routeCounts(w *writer, t *table) error {
	n := newTally(1)
	routes := map[string]map[string]bool{}
	for _, r := range t.rows {
		n.add(0, 1, r[0])
		if routes[r[0]] == nil {
			routes[r[0]] = map[string]bool{}
		}
		routes[r[0]][r[1]] = true
	}
	out := newTable("agencia", "rutas_distintas", "trazos")
	n.each(func(k []string, v []float64) { out.add(k[0], len(routes[k[0]]), v[0]) })
	return w.csv("semovi/rutas_por_agencia.csv", out, origin{cityBot, "Conteo de trazos y de rutas distintas por agencia."})
}

func bikeStations(s source, w *writer) error {
	r, err := s.records("csv/cdmx/ecobici_estaciones.csv")
	if err != nil {
		return err
	}
	t := newTable("id", "nombre", "direccion", "codigo_postal", "colonia", "tipo", "latitud", "longitud")
	near := newTable("estacion", "estacion_cercana", "orden")
	var features []string
	for _, row := range r.rows {
		g := func(c string) string { return clean(r.get(row, c)) }
		t.add(g("ID"), g("Nombre"), g("Dirección"), g("Código postal"), g("Colonia"), g("Tipo de estación"), g("location/lat"), g("location/lon"))
		for i := range 6 {
			if v := g(fmt.Sprintf("nearbyStations/%d", i)); v != "" {
				near.add(g("ID"), v, i+1)
			}
		}
		last := t.rows[len(t.rows)-1]
		features = append(features, pointFeature(t.cols[:6], last[:6], number(last[7]), number(last[6])))
	}
	o := origin{cityBot, "Columnas con nombre en español; se quitaron las que están vacías o repiten la coordenada."}
	for _, err := range []error{
		w.csv("semovi/ecobici_estaciones.csv", t, o),
		w.geojson("semovi/ecobici_estaciones.geojson", features, o),
		w.csv("semovi/ecobici_estaciones_2021.csv", t, origin{cityBot, "La misma lista que la tabla de estaciones, en la dirección del portal anterior."}),
		w.csv("semovi/ecobici_estaciones_cercanas.csv", near, origin{cityBot, "Un renglón por par de estaciones cercanas, de las columnas nearbyStations."}),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

var months = []string{"Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio", "Julio", "Agosto", "Septiembre", "Octubre", "Noviembre", "Diciembre"}

func parkingMeters(s source, w *writer) error {
	rows, err := s.rows("csv/cdmx/parquimetros_prueba.csv")
	if err != nil {
		return err
	}
	t := newTable("alcaldia", "poligono", "colonia", "anio", "mes", "ingreso_estacionamiento", "contraprestacion_30", "ingreso_inmovilizador", "inmovilizador_70", "pago_al_gobierno")
	year, month := newTally(2), newTally(2)
	for _, r := range rows[1:] {
		m := clean(r[4])
		cells := []any{clean(r[0]), clean(r[1]), clean(r[2]), clean(r[3]), m}
		for _, v := range r[5:10] {
			cells = append(cells, cell(round(number(v), 2)))
		}
		t.add(cells...)
		last := t.rows[len(t.rows)-1]
		for i, c := range []string{last[5], last[6]} {
			if v := number(c); v == v {
				year.add(i, v, last[3], last[0])
				month.add(i, v, last[3], fmt.Sprintf("%02d", slices.Index(months, m)+1))
			}
		}
	}
	o := origin{cityBot, "Encabezados sin saltos ni espacios sobrantes y montos con dos decimales; los vacíos quedan vacíos."}
	if err := w.csv("semovi/parquimetros_2012_2020.csv", t, o); err != nil {
		return err
	}
	y := newTable("anio", "alcaldia", "ingreso_estacionamiento", "contraprestacion_30")
	year.each(func(k []string, n []float64) { y.add(k[0], k[1], round(n[0], 2), round(n[1], 2)) })
	m := newTable("anio", "mes", "ingreso_estacionamiento", "contraprestacion_30")
	month.each(func(k []string, n []float64) { m.add(k[0], k[1], round(n[0], 2), round(n[1], 2)) })
	o.how = "Suma por año y alcaldía, y por mes, de la tabla de parquímetros."
	return w.xlsx("semovi/parquimetros_resumen.xlsx", o, sheet{"Por año y alcaldía", y}, sheet{"Por mes", m})
}
