package main

// makeBoroughs compares how four tables of the city's portal write the same
// borough, and publishes the closed answers of a survey.
func makeBoroughs(s source, w *writer) error {
	seen := map[string]map[string]int{}
	note := func(table, name string) {
		if seen[table] == nil {
			seen[table] = map[string]int{}
		}
		seen[table][name]++
	}
	for _, in := range []struct {
		file, label string
		col         int
		header      bool
	}{
		{"carpetas_investigacion_sin_encabezado_2020-10-14.csv", "Carpetas de investigación (FGJ)", 8, false},
		{"incidentes_viales_c5_sin_encabezado_2020-02-23.csv", "Incidentes viales (C5)", 9, false},
		{"parquimetros_prueba.csv", "Parquímetros", 0, true},
	} {
		rows, err := s.rows("csv/cdmx/" + in.file)
		if err != nil {
			return err
		}
		if in.header {
			rows = rows[1:]
		}
		for _, r := range rows {
			note(in.label, clean(r[in.col]))
		}
	}
	t := newTable("tabla", "nombre_escrito", "nombre_oficial", "renglones")
	for _, label := range sortedKeys(seen) {
		for _, name := range sortedKeys(seen[label]) {
			if official := officialBorough(name); official != "" {
				t.add(label, name, official, seen[label][name])
			}
		}
	}
	if err := w.csv("adip/nombres_de_alcaldias.csv", t, origin{cityBot, "Nombres distintos de alcaldía en tres tablas del portal, con el nombre oficial que les corresponde."}); err != nil {
		return err
	}
	return closedAnswers(s, w)
}

func officialBorough(name string) string {
	if b := cityBoroughs[name]; b != "" {
		return b
	}
	extra := map[string]string{"GUSTAVO A. MADERO": "Gustavo A. Madero", "CUAJIMALPA": "Cuajimalpa de Morelos", "MAGDALENA CONTRERAS": "La Magdalena Contreras", "Alvaro Obregón": "Álvaro Obregón"}
	if b := extra[name]; b != "" {
		return b
	}
	for _, b := range cityBoroughs {
		if b == name {
			return b
		}
	}
	return ""
}

// closedAnswers counts the yes-or-no questions; free answers are not shipped.
func closedAnswers(s source, w *writer) error {
	r, err := s.records("csv/cdmx/encuesta_ciudad_global_texto_libre.csv")
	if err != nil {
		return err
	}
	n := newTally(1)
	for _, row := range r.rows {
		for i, q := range []string{"conocimiento", "importancia", "ciudad_global", "conocimiento_area"} {
			a := r.get(row, q)
			if a == "" {
				a = "Sin respuesta"
			}
			n.add(0, 1, string(rune('1'+i)), q, a)
		}
	}
	t := newTable("pregunta", "columna_original", "respuesta", "personas")
	n.each(func(k []string, v []float64) { t.add(k[0], k[1], k[2], v[0]) })
	o := origin{cityBot, "Conteo de las cuatro preguntas de sí o no; las respuestas escritas no se publican."}
	if err := w.csv("gcdmx/encuesta_ciudad_en_el_mundo.csv", t, o); err != nil {
		return err
	}
	return w.json("gcdmx/encuesta_ciudad_en_el_mundo.json", t, o)
}
