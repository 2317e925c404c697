package main

import (
	"strconv"
	"strings"
)

// covidCurrentCut writes what one address served while the base grew: each cut in place of
// the one before. Its columns did change on the way (HABLA_LENGUA_INDI got a G), others were
// added to what is counted here, and the last day is written out, which makes it a text.
func covidCurrentCut(s source, w *writer, towns map[string]town) error {
	for _, cut := range []struct {
		file, day, from string
		columns         []string
	}{
		{"datos_abiertos_20200413.zip", "2020-04-13", "", []string{"HABLA_LENGUA_INDI"}},
		{"datos_abiertos_20200427.zip", "2020-04-27", "@75", []string{"HABLA_LENGUA_INDIG", "DEFUNCIONES"}},
		{lastCut, written("2020-05-20"), "@30", []string{"HABLA_LENGUA_INDIG", "DEFUNCIONES", "PENDIENTES"}},
	} {
		t := newTally(5)
		if _, err := patients(s, cut.file, func(p *patient) {
			for i, yes := range []bool{true, p.positive(), p.indigenous == "1", p.positive() && p.dead(), p.result == "3"} {
				if yes {
					t.add(i, 1, p.state, p.town)
				}
			}
		}); err != nil {
			return err
		}
		out := newTable(append([]string{"CVEGEO", "MUNICIPIO_RES", "FECHA_ACTUALIZACION", "REGISTROS", "CONFIRMADOS"}, cut.columns...)...)
		t.each(func(k []string, n []float64) {
			m, ok := towns[k[0]+k[1]]
			if !ok {
				m.name = "No especificado"
			}
			row := []any{k[0] + k[1], m.name, cut.day, n[0], n[1], n[2], n[3], n[4]}
			out.add(row[:len(out.cols)]...)
		})
		err := w.csv("salud/covid_corte_vigente.csv"+cut.from, out, origin{covidSource,
			"Conteo por municipio de residencia de los registros de un corte (" + cut.day + "), con nombres de columnas de ese día."})
		if err != nil {
			return err
		}
	}
	return nil
}

// written is a day in a sentence.
func written(day string) string {
	month, _ := strconv.Atoi(day[5:7])
	return "corte del " + day[8:] + " de " + strings.ToLower(months[month-1]) + " de " + day[:4]
}
