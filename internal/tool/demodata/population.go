package main

import "strconv"

const conapoSource = "conapo-2010"

// projection holds totals by municipality and year: all, men, women.
type projection map[string]map[string][3]int

var projectionSex = map[string]int{"Total": 0, "Males": 1, "Females": 2}

func readProjection(s source, name string) (projection, error) {
	r, err := s.records(name)
	if err != nil {
		return nil, err
	}
	p := projection{}
	for _, row := range r.rows {
		code, year, value := pad(r.get(row, "Code"), 5), r.get(row, "Year"), r.get(row, "Population")
		if p[code] == nil {
			p[code] = map[string][3]int{}
		}
		if value == "" {
			continue
		}
		v := p[code][year]
		v[projectionSex[r.get(row, "Sex")]] = whole(value)
		p[code][year] = v
	}
	return p, nil
}

func makePopulation(s source, w *writer, states map[string]state, towns map[string]town) error {
	past, err := readProjection(s, "csv/poblacion/conapo_municipios_1990_2009.csv.gz")
	if err != nil {
		return err
	}
	next, err := readProjection(s, "csv/poblacion/conapo_municipios_2010_2030.csv.gz")
	if err != nil {
		return err
	}
	nameOf := func(code string) (string, string) {
		m, ok := towns[code]
		if !ok {
			return states[code[:2]].name, ""
		}
		return m.stateName, m.name
	}
	for _, step := range []func() error{
		func() error { return projectionTables(w, past, next, nameOf) },
		func() error { return projectionStates(w, past, next, states) },
		func() error { return projectionGrowth(w, next, towns, nameOf) },
		func() error { return monthlyPopulation(s, w, states) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func projectionTables(w *writer, past, next projection, nameOf func(string) (string, string)) error {
	cols := []string{"cvegeo", "entidad", "municipio", "anio", "poblacion", "hombres", "mujeres"}
	long := func(p projection, only string) *table {
		t := newTable(cols...)
		for _, code := range sortedKeys(p) {
			st, name := nameOf(code)
			for _, y := range sortedKeys(p[code]) {
				if v := p[code][y]; only == "" || y == only {
					t.add(code, st, name, y, v[0], v[1], v[2])
				}
			}
		}
		return t
	}
	o := origin{conapoSource, "Total, hombres y mujeres en un solo renglón; claves completadas a cinco dígitos; sin los años 2007 a 2009, que la fuente deja vacíos."}
	if err := w.csv("conapo/poblacion_municipios_1990_2006.csv", long(past, ""), o); err != nil {
		return err
	}
	wide := newTable("cvegeo", "entidad", "municipio")
	for y := 2010; y <= 2030; y++ {
		wide.cols = append(wide.cols, strconv.Itoa(y))
	}
	for _, code := range sortedKeys(next) {
		st, name := nameOf(code)
		cells := []any{code, st, name}
		for y := 2010; y <= 2030; y++ {
			cells = append(cells, next[code][strconv.Itoa(y)][0])
		}
		wide.add(cells...)
	}
	for _, y := range []string{"2010", "2020", "2025", "2030"} {
		if err := w.csv("conapo/poblacion_municipios_"+y+".csv", long(next, y), o); err != nil {
			return err
		}
	}
	o.how = "Población total con una columna por año."
	return w.csv("conapo/poblacion_municipios_2010_2030_ancho.csv", wide, o)
}

func projectionStates(w *writer, past, next projection, states map[string]state) error {
	t := newTally(3)
	for _, p := range []projection{past, next} {
		for code, years := range p {
			for y, v := range years {
				for i, n := range v {
					t.add(i, float64(n), code[:2], y)
				}
			}
		}
	}
	out := newTable("cve_ent", "entidad", "anio", "poblacion", "hombres", "mujeres")
	nation := newTally(3)
	t.each(func(k []string, n []float64) {
		out.add(k[0], states[k[0]].name, k[1], n[0], n[1], n[2])
		for i := range n {
			nation.add(i, n[i], k[1])
		}
	})
	sum := newTable("anio", "poblacion", "hombres", "mujeres")
	nation.each(func(k []string, n []float64) { sum.add(k[0], n[0], n[1], n[2]) })
	o := origin{conapoSource, "Suma de los municipios de cada entidad, de 1990 a 2030; sin 2007 a 2009, que la fuente deja vacíos."}
	if err := w.csv("conapo/poblacion_entidades_1990_2030.csv", out, o); err != nil {
		return err
	}
	if err := w.xlsx("conapo/poblacion_entidades_1990_2030.xlsx", o, sheet{"Entidades", out}, sheet{"Nacional", sum}); err != nil {
		return err
	}
	return w.json("conapo/poblacion_nacional_1990_2030.json", sum, o)
}

func projectionGrowth(w *writer, next projection, towns map[string]town, nameOf func(string) (string, string)) error {
	growth := newTable("cvegeo", "entidad", "municipio", "poblacion_2010", "poblacion_2030", "cambio", "cambio_por_ciento")
	check := newTable("cvegeo", "entidad", "municipio", "proyeccion_2020", "censo_2020", "diferencia", "diferencia_por_ciento")
	ratioTable := newTable("cvegeo", "entidad", "municipio", "hombres_por_100_mujeres_2010", "hombres_por_100_mujeres_2020", "hombres_por_100_mujeres_2030")
	for _, code := range sortedKeys(next) {
		st, name := nameOf(code)
		a, b, c := next[code]["2010"], next[code]["2020"], next[code]["2030"]
		growth.add(code, st, name, a[0], c[0], c[0]-a[0], ratio(float64(c[0]-a[0]), float64(a[0]), 100, 1))
		sexes := func(v [3]int) float64 { return ratio(float64(v[1]), float64(v[2]), 100, 1) }
		ratioTable.add(code, st, name, sexes(a), sexes(b), sexes(c))
		if m, ok := towns[code]; ok {
			check.add(code, st, name, b[0], m.pop, m.pop-b[0], ratio(float64(m.pop-b[0]), float64(b[0]), 100, 1))
		}
	}
	o := origin{conapoSource, "Cambio de la población proyectada entre 2010 y 2030."}
	if err := w.csv("conapo/crecimiento_municipios_2010_2030.csv", growth, o); err != nil {
		return err
	}
	o.how = "Hombres por cada 100 mujeres según la proyección de cada año."
	if err := w.csv("conapo/relacion_hombres_mujeres_municipios.csv", ratioTable, o); err != nil {
		return err
	}
	return w.csv("conapo/proyeccion_contra_censo_2020.csv", check, origin{conapoSource + "+" + mapsSource, "Diferencia entre la población contada en 2020 y la proyectada para ese año; solo municipios que están en las dos tablas."})
}

// monthlyPopulation adds up the age groups and sexes of the monthly estimate,
// whose codes the repository does not explain.
func monthlyPopulation(s source, w *writer, states map[string]state) error {
	r, err := s.records("csv/poblacion/estados_edad_sexo_mensual.csv.gz")
	if err != nil {
		return err
	}
	t, nation := newTally(1), newTally(1)
	for _, row := range r.rows {
		n := number(r.get(row, "population"))
		t.add(0, n, r.get(row, "date")[:7], pad(r.get(row, "state_code"), 2))
		nation.add(0, n, r.get(row, "date")[:7])
	}
	out := newTable("mes", "cve_ent", "entidad", "poblacion")
	t.each(func(k []string, n []float64) { out.add(k[0], k[1], states[k[1]].name, n[0]) })
	o := origin{crimeMapsSource, "Suma de los grupos de edad y sexos de la estimación mensual."}
	if err := w.csv("conapo/poblacion_mensual_entidades_1990_2050.csv", out, o); err != nil {
		return err
	}
	sum := newTable("mes", "poblacion")
	nation.each(func(k []string, n []float64) { sum.add(k[0], n[0]) })
	return w.json("conapo/poblacion_mensual_nacional_1990_2050.json", sum, o)
}
