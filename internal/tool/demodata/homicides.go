package main

import (
	"regexp"
	"strings"
)

const homicideSource = "homicide-mx"

var (
	stateRow = regexp.MustCompile(`^=CONCATENAR\( ?(0| ),(\d\d)\)$`)
	townRow  = regexp.MustCompile(`^(\d\d) (\d\d\d)$`)
	yearCell = regexp.MustCompile(`^(19|20)\d\d$`)
)

// makeHomicides unpicks an office report: preamble, a formula where the state
// code should be, subtotal rows at two levels and commas in the numbers.
func makeHomicides(s source, w *writer, states map[string]state) error {
	rows, err := s.rowsAs("csv/delitos/inegi_homicidios_mun_2008_latin1.csv.bz2", true, ',')
	if err != nil {
		return err
	}
	var years []string
	byState := newTable("anio_registro", "cve_ent", "entidad", "sexo", "homicidios")
	byTown := newTable("anio_registro", "cve_ent", "cve_mun", "municipio", "homicidios")
	nation := newTally(4)
	sexes := map[string]string{"Hombre": "Hombres", "Mujer": "Mujeres", "No especificado": "No especificado"}
	for _, r := range rows {
		if len(r) < 23 {
			continue
		}
		if yearCell.MatchString(r[4]) && r[3] == "" {
			years = r[4:23]
			continue
		}
		if r[2] != "Total" {
			continue
		}
		id := strings.TrimSpace(r[0])
		for i, y := range years {
			n := whole(r[4+i])
			if m := stateRow.FindStringSubmatch(id); m != nil && states[m[2]].name != "" && sexes[r[3]] != "" {
				byState.add(y, m[2], states[m[2]].name, sexes[r[3]], n)
				nation.add(map[string]int{"Hombre": 0, "Mujer": 1, "No especificado": 2}[r[3]], float64(n), y)
			}
			if m := townRow.FindStringSubmatch(id); m != nil && r[3] == "Total" && n > 0 {
				byTown.add(y, m[1], m[2], r[1], n)
			}
		}
	}
	o := origin{homicideSource, "Renglones de total por entidad y sexo del reporte; se quitaron subtotales y se arregló la clave de entidad. No incluye defunciones en el extranjero."}
	if err := w.csv("inegi/homicidios_entidad_sexo_1990_2008.csv", byState.sort(0, 1, 3), o); err != nil {
		return err
	}
	sum := newTable("anio_registro", "hombres", "mujeres", "no_especificado", "total")
	nation.each(func(k []string, n []float64) { sum.add(k[0], n[0], n[1], n[2], n[0]+n[1]+n[2]) })
	if err := w.csv("inegi/homicidios_nacional_1990_2008.csv", sum, o); err != nil {
		return err
	}
	o.how = "Renglones de total por municipio de ocurrencia; se dejan fuera los años sin homicidios."
	return w.csv("inegi/homicidios_municipio_1990_2008.csv", byTown.sort(0, 1, 2), o)
}
