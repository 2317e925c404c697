package main

import (
	"fmt"
	"strings"
	"time"
)

const cityBot = "cdmx-bot"

// report is one investigation file of the prosecutor's office.
type report struct {
	happened, opened             time.Time
	crime, category              string
	office, agency, unit, town   string
	lon, lat                     float64
	hasHappened, hasOpened, hasP bool
}

var dateForms = []string{"2006-01-02 15:04:05", "02/01/2006 15:04", "02/01/2006 15:04:05", time.DateOnly}

func anyDate(s string) (time.Time, bool) {
	for _, f := range dateForms {
		if t, err := time.Parse(f, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func readReports(s source, file string) ([]report, error) {
	rows, err := s.rows("csv/cdmx/" + file)
	if err != nil {
		return nil, err
	}
	var all []report
	for _, r := range rows {
		if len(r) != 18 {
			return nil, fmt.Errorf("%s: a row of %d cells", file, len(r))
		}
		v := report{crime: r[3], category: r[4], office: r[5], agency: r[6], unit: r[7], town: r[8], lon: number(r[15]), lat: number(r[16])}
		v.happened, v.hasHappened = anyDate(r[2])
		v.opened, v.hasOpened = anyDate(r[12])
		v.hasP = v.lon < -98 && v.lon > -100 && v.lat > 18.5 && v.lat < 20
		all = append(all, v)
	}
	return all, nil
}

// cityBoroughs are the 16 boroughs as the prosecutor's office writes them.
var cityBoroughs = map[string]string{
	"ALVARO OBREGON": "Álvaro Obregón", "AZCAPOTZALCO": "Azcapotzalco", "BENITO JUAREZ": "Benito Juárez", "COYOACAN": "Coyoacán",
	"CUAJIMALPA DE MORELOS": "Cuajimalpa de Morelos", "CUAUHTEMOC": "Cuauhtémoc", "GUSTAVO A MADERO": "Gustavo A. Madero", "IZTACALCO": "Iztacalco",
	"IZTAPALAPA": "Iztapalapa", "LA MAGDALENA CONTRERAS": "La Magdalena Contreras", "MIGUEL HIDALGO": "Miguel Hidalgo", "MILPA ALTA": "Milpa Alta",
	"TLAHUAC": "Tláhuac", "TLALPAN": "Tlalpan", "VENUSTIANO CARRANZA": "Venustiano Carranza", "XOCHIMILCO": "Xochimilco",
}

func borough(s string) string {
	if b := cityBoroughs[s]; b != "" {
		return b
	}
	return "Fuera de la ciudad o sin dato"
}

// openPlace reports whether a crime happens in the street against things, so
// that showing roughly where harms nobody. Everything else is only counted.
func openPlace(category, crime string) bool {
	return strings.HasPrefix(category, "ROBO DE VEHÍCULO") || strings.HasPrefix(category, "ROBO A TRANSEUNTE") ||
		strings.HasPrefix(category, "ROBO A REPARTIDOR") || strings.HasPrefix(crime, "ROBO DE ACCESORIOS DE AUTO")
}

func makeInvestigations(s source, w *writer) error {
	codes := newTally(2)
	hours := newTally(1)
	offices := newTally(2)
	for i, cut := range []struct{ file, period, label string }{
		{"carpetas_investigacion_sin_encabezado_2020-10-14.csv", "2018-12", "diciembre de 2018"},
		{"carpetas_investigacion_sin_encabezado_2020-04-21.csv", "2020-02_03", "febrero y marzo de 2020"},
	} {
		all, err := readReports(s, cut.file)
		if err != nil {
			return err
		}
		counts, places := newTally(1), newTable("delito", "categoria", "alcaldia", "fecha_hechos", "hora", "longitud", "latitud")
		for _, v := range all {
			counts.add(0, 1, borough(v.town), v.category, v.crime)
			codes.add(i, 1, v.category, v.crime)
			offices.add(i, 1, v.office, v.agency)
			if !v.hasHappened {
				continue
			}
			hours.add(0, 1, cut.period, []string{"1 domingo", "2 lunes", "3 martes", "4 miércoles", "5 jueves", "6 viernes", "7 sábado"}[v.happened.Weekday()], v.happened.Format("15"))
			if v.hasP && openPlace(v.category, v.crime) {
				places.add(v.crime, v.category, borough(v.town), v.happened.Format(time.DateOnly), v.happened.Format("15"), round(v.lon, 3), round(v.lat, 3))
			}
		}
		out := newTable("alcaldia", "categoria", "delito", "carpetas")
		counts.each(func(k []string, n []float64) { out.add(k[0], k[1], k[2], n[0]) })
		o := origin{cityBot, "Conteo por alcaldía y delito de las carpetas iniciadas en " + cut.label + " que quedaron en el fragmento guardado."}
		if err := w.csv("fgj/carpetas_alcaldia_delito_"+cut.period+".csv", out, o); err != nil {
			return err
		}
		o.how = "Robos en la calle de " + cut.label + ", sin calle ni colonia y con la coordenada redondeada a tres decimales (unos 100 metros)."
		if err := w.csv("fgj/robos_en_la_calle_"+cut.period+".csv", places.sort(3, 4, 0, 5), o); err != nil {
			return err
		}
		var features []string
		for _, r := range places.rows {
			features = append(features, pointFeature(places.cols[:5], r[:5], number(r[5]), number(r[6])))
		}
		if err := w.geojson("fgj/robos_en_la_calle_"+cut.period+".geojson", features, o); err != nil {
			return err
		}
	}
	return investigationSummaries(w, codes, hours, offices)
}

func investigationSummaries(w *writer, codes, hours, offices *tally) error {
	o := origin{cityBot, "Conteos sobre los dos fragmentos de carpetas de investigación."}
	t := newTable("categoria", "delito", "carpetas_2018_12", "carpetas_2020_02_03")
	codes.each(func(k []string, n []float64) { t.add(k[0], k[1], n[0], n[1]) })
	if err := w.csv("fgj/catalogo_delitos.csv", t, o); err != nil {
		return err
	}
	h := newTable("periodo", "dia", "hora", "carpetas")
	hours.each(func(k []string, n []float64) { h.add(k[0], k[1][2:], k[2], n[0]) })
	if err := w.csv("fgj/carpetas_dia_hora.csv", h, o); err != nil {
		return err
	}
	a := newTable("fiscalia", "agencia", "carpetas_2018_12", "carpetas_2020_02_03")
	offices.each(func(k []string, n []float64) { a.add(k[0], k[1], n[0], n[1]) })
	return w.csv("fgj/carpetas_por_agencia.csv", a, o)
}

// makeQuadrants publishes the police quadrants' counts with ISO months.
func makeQuadrants(s source, w *writer) error {
	r, err := s.records("csv/delitos/df_cuadrantes_delitos.csv.gz")
	if err != nil {
		return err
	}
	t := newTable("mes", "sector", "cuadrante", "delito", "casos")
	sector, people := newTally(1), map[string]string{}
	for _, row := range r.rows {
		m, err := time.Parse("Jan 2006", r.get(row, "date"))
		if err != nil {
			return fmt.Errorf("month %q: %w", r.get(row, "date"), err)
		}
		mes := m.Format("2006-01")
		crime := strings.NewReplacer("C/V", "con violencia", "S/V", "sin violencia", "vehiculo", "vehículo").Replace(r.get(row, "crime"))
		t.add(mes, r.get(row, "sector"), r.get(row, "cuadrante"), crime, r.get(row, "count"))
		sector.add(0, number(r.get(row, "count")), mes, r.get(row, "sector"), crime)
		people[r.get(row, "sector")+keySep+r.get(row, "cuadrante")] = r.get(row, "population")
	}
	o := origin{"crimedf", "Mes en formato ISO y abreviaturas escritas completas; los conteos no cambian."}
	if err := w.csv("ssc/delitos_cuadrantes_2013_2014.csv", t.sort(0, 1, 2, 3), o); err != nil {
		return err
	}
	u := newTable("mes", "sector", "delito", "casos")
	sector.each(func(k []string, n []float64) { u.add(k[0], k[1], k[2], n[0]) })
	o.how = "Suma de los cuadrantes de cada sector."
	if err := w.csv("ssc/delitos_sectores_2013_2014.csv", u, o); err != nil {
		return err
	}
	p := newTable("sector", "cuadrante", "poblacion")
	for _, k := range sortedKeys(people) {
		sec, q, _ := strings.Cut(k, keySep)
		p.add(sec, q, people[k])
	}
	o.how = "Cuadrantes distintos con la población que les asigna la fuente."
	return w.csv("ssc/cuadrantes_poblacion.csv", p, o)
}
