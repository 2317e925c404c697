package main

import (
	"regexp"
	"strings"
	"time"
)

// spacing finds runs of blanks inside labels.
var spacing = regexp.MustCompile(`\s+`)

func clean(s string) string { return strings.TrimSpace(spacing.ReplaceAllString(s, " ")) }

// makeRoadIncidents publishes the C5 incidents of one month. The folio is kept;
// it names a report, not a person.
func makeRoadIncidents(s source, w *writer) error {
	rows, err := s.rows("csv/cdmx/incidentes_viales_c5_sin_encabezado_2020-02-23.csv")
	if err != nil {
		return err
	}
	t := newTable("folio", "fecha_creacion", "hora_creacion", "dia_semana", "codigo_cierre", "fecha_cierre", "hora_cierre", "alcaldia", "incidente", "clasificacion", "tipo_entrada", "latitud", "longitud")
	closing, hours, wait := map[string]string{}, newTally(1), newTally(4)
	closed := newTally(1)
	var features []string
	for _, r := range rows {
		code, label := closingCode(r[4])
		closing[code] = label
		closed.add(0, 1, code)
		t.add(r[0], r[1], r[2], r[3], code, r[5], r[8], r[9], clean(r[10]), r[13], r[14], r[11], r[12])
		hours.add(0, 1, r[9], clean(r[10]), r[2][:2])
		from, ok1 := stamp(r[1], r[2])
		to, ok2 := stamp(r[5], r[8])
		if minutes := to.Sub(from).Minutes(); ok1 && ok2 && code == "A" && minutes >= 0 && minutes <= 24*60 {
			wait.add(0, 1, r[9])
			wait.add(1, minutes, r[9])
		}
		last := t.rows[len(t.rows)-1]
		if from.IsZero() || number(r[11]) == 0 {
			continue
		}
		cols := []string{"folio", "creacion", "codigo_cierre", "alcaldia", "incidente"}
		features = append(features, pointFeature(cols, []string{last[0], from.Format("2006-01-02T15:04:05"), code, last[7], last[8]}, number(r[12]), number(r[11])))
	}
	o := origin{cityBot, "Fragmento guardado de la base: cierres de enero de 2020. Se puso encabezado y se dejó la letra del código de cierre; las fechas siguen en dd/mm/aaaa."}
	if err := w.csv("c5/incidentes_viales_2020_01.csv", t, o); err != nil {
		return err
	}
	if err := w.geojson("c5/incidentes_viales_2020_01.geojson", features, o); err != nil {
		return err
	}
	codes := newTable("codigo", "significado", "incidentes")
	closed.each(func(k []string, n []float64) { codes.add(k[0], closing[k[0]], n[0]) })
	o.how = "Letras de cierre que aparecen en el fragmento, con su explicación en nuestras palabras."
	if err := w.csv("c5/codigos_de_cierre.csv", codes, o); err != nil {
		return err
	}
	byHour := newTable("alcaldia", "incidente", "hora", "reportes")
	hours.each(func(k []string, n []float64) { byHour.add(k[0], k[1], k[2], n[0]) })
	o.how = "Conteo por alcaldía, tipo de incidente y hora de creación."
	if err := w.csv("c5/incidentes_alcaldia_hora_2020_01.csv", byHour, o); err != nil {
		return err
	}
	times := newTable("alcaldia", "incidentes_confirmados", "minutos_promedio_hasta_el_cierre")
	wait.each(func(k []string, n []float64) { times.add(k[0], n[0], round(n[1]/n[0], 1)) })
	o.how = "Minutos entre la creación y el cierre de los incidentes confirmados (código A); se dejan fuera los de más de un día."
	return w.csv("c5/tiempo_de_cierre_alcaldia_2020_01.csv", times, o)
}

func stamp(day, hour string) (time.Time, bool) {
	t, err := time.Parse("02/01/2006 15:04:05", day+" "+hour)
	return t, err == nil
}

// closingCode keeps the letter; the meanings are worded anew.
func closingCode(s string) (code, label string) {
	labels := map[string]string{
		"A": "Confirmado: una unidad llegó y constató el hecho",
		"D": "Duplicado: el mismo hecho ya tenía otro reporte",
		"N": "Negativo: una unidad llegó y no encontró el hecho",
		"I": "Informativo: agrega datos a un hecho confirmado",
		"F": "Falso: se detectó como falsa alarma antes de despachar",
	}
	code = strings.Trim(strings.TrimSpace(s), "(")[:1]
	return code, labels[code]
}
