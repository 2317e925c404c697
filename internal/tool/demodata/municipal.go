package main

import "strings"

const municipalSource = "imco"

// makeMunicipal publishes the procedures, lines of business and inspections of
// five town halls. Columns with names, telephones or addresses of officials and
// of shops are left out.
func makeMunicipal(s source, w *writer) error {
	for _, step := range []func(source, *writer) error{tolucaFiles, metepecFiles, chalcoFiles, inspectionFiles} {
		if err := step(s, w); err != nil {
			return err
		}
	}
	return nil
}

// pick reads a municipal file and keeps columns under new names.
func pick(s source, file string, cols [][2]string) (*table, *records, error) {
	r, err := s.records("csv/municipal_edomex/" + file)
	if err != nil {
		return nil, nil, err
	}
	t := newTable()
	for _, c := range cols {
		t.cols = append(t.cols, c[1])
	}
	for _, row := range r.rows {
		cells := make([]any, len(cols))
		for i, c := range cols {
			v := clean(r.get(row, c[0]))
			if v == "-" || v == "N/A" {
				v = ""
			}
			if c[1] == "sare" {
				v = map[string]string{"1": "Sí", "0": "No"}[v]
			}
			cells[i] = v
		}
		t.add(cells...)
	}
	return t, r, nil
}

// split turns a cell with a list into one row per item.
func split(r *records, nameCol, listCol, sep string, name, item string) *table {
	t := newTable(name, item)
	for _, row := range r.rows {
		seen := map[string]bool{}
		for _, v := range strings.Split(r.get(row, listCol), sep) {
			v = strings.Trim(clean(v), " .;,")
			if v != "" && !seen[v] {
				seen[v] = true
				t.add(clean(r.get(row, nameCol)), v)
			}
		}
	}
	return t
}

var municipalOrigin = origin{municipalSource, "Columnas escogidas con nombre parejo; se quitaron contacto, teléfono y domicilio, y los espacios y saltos sobrantes."}
var listOrigin = origin{municipalSource, "Un renglón por elemento de la lista que la fuente guarda en una sola celda."}

func tolucaFiles(s source, w *writer) error {
	t, r, err := pick(s, "tramites_toluca.csv", [][2]string{{"nombre", "tramite"}, {"dependency_name", "dependencia"}, {"duracion", "duracion"}, {"costo", "costo"}, {"vigencia", "vigencia"}, {"categoria", "categoria"}, {"sare", "sare"}})
	if err != nil {
		return err
	}
	g, _, err := pick(s, "giros_toluca.csv", [][2]string{{"nombre", "giro"}, {"descripcion", "descripcion"}, {"SARE", "sare"}})
	if err != nil {
		return err
	}
	return firstError(
		w.csv("toluca/tramites.csv", t, municipalOrigin),
		w.json("toluca/tramites.json", t, municipalOrigin),
		w.csv("toluca/requisitos_por_tramite.csv", split(r, "nombre", "tramites", ";", "tramite", "requisito"), listOrigin),
		w.csv("toluca/giros.csv", g, municipalOrigin),
	)
}

func metepecFiles(s source, w *writer) error {
	t, r, err := pick(s, "tramites_metepec.csv", [][2]string{{"nombre", "tramite"}, {"dependency_name", "dependencia"}, {"tipo", "tipo_de_persona"}, {"categoría", "categoria"}, {"duración", "duracion"}, {"costo", "costo"}, {"vigencia", "vigencia"}, {"fundamento legal de cobro", "fundamento_de_cobro"}})
	if err != nil {
		return err
	}
	g, _, err := pick(s, "giros_metepec.csv", [][2]string{{"nombre", "giro"}, {"SARE", "sare"}})
	if err != nil {
		return err
	}
	groups := newTally(1)
	for _, row := range g.rows {
		group, _, _ := strings.Cut(row[0], "/")
		groups.add(0, 1, clean(group))
	}
	sum := newTable("grupo", "giros")
	groups.each(func(k []string, n []float64) { sum.add(k[0], n[0]) })
	return firstError(
		w.csv("metepec/tramites.csv", t, municipalOrigin),
		w.xlsx("metepec/tramites.xlsx", municipalOrigin, sheet{"Trámites", t}),
		w.csv("metepec/requisitos_por_tramite.csv", split(r, "nombre", "tramites", ";", "tramite", "requisito"), listOrigin),
		w.csv("metepec/giros.csv", g, municipalOrigin),
		w.csv("metepec/giros_por_grupo.csv", sum, origin{municipalSource, "Conteo de giros por la parte del nombre que va antes de la diagonal."}),
	)
}

func chalcoFiles(s source, w *writer) error {
	t, r, err := pick(s, "tramites_chalco.csv", [][2]string{{"nombre", "tramite"}, {"dependency_name", "dependencia"}, {"tipo", "tipo_de_persona"}, {"categoria", "categoria"}, {"duracion", "duracion"}, {"costo", "costo"}, {"vigencia", "vigencia"}, {"sare", "sare"}})
	if err != nil {
		return err
	}
	g, _, err := pick(s, "giros_chalco.csv", [][2]string{{"nombre", "giro"}, {"descripcion", "descripcion"}, {"sare", "sare"}})
	if err != nil {
		return err
	}
	l, err := s.records("csv/municipal_edomex/LicenciasChalco.csv")
	if err != nil {
		return err
	}
	kinds, hours := newTally(1), newTally(1)
	for _, row := range l.rows {
		kinds.add(0, 1, clean(l.get(row, "giro")))
		hours.add(0, 1, clean(l.get(row, "horario")))
	}
	byKind, byHour := newTable("giro", "licencias"), newTable("horario", "licencias")
	kinds.each(func(k []string, n []float64) { byKind.add(k[0], n[0]) })
	hours.each(func(k []string, n []float64) { byHour.add(k[0], n[0]) })
	count := origin{municipalSource, "Conteo de licencias; no se publican nombres ni direcciones de los negocios."}
	return firstError(
		w.csv("chalco/tramites.csv", t, municipalOrigin),
		w.csv("chalco/requisitos_por_tramite.csv", split(r, "nombre", "tramites", ";", "tramite", "requisito"), listOrigin),
		w.csv("chalco/giros.csv", g, municipalOrigin),
		w.csv("chalco/licencias_por_giro.csv", byKind, count),
		w.csv("chalco/licencias_por_horario.csv", byHour, count),
	)
}

func inspectionFiles(s source, w *writer) error {
	t, r, err := pick(s, "inspecciones_lerma.csv", [][2]string{{"nombre", "inspeccion"}, {"materia", "materia"}, {"dependency_name", "dependencia"}, {"duracion", "duracion"}, {"norma", "norma"}, {"antes", "antes"}, {"durante", "durante"}, {"despues", "despues"}, {"sancion", "sancion"}})
	if err != nil {
		return err
	}
	u, v, err := pick(s, "inspecciones_tenango_del_valle.csv", [][2]string{{"nombre", "inspeccion"}, {"dependency_name", "dependencia"}, {"duracion", "duracion"}, {"norma", "norma"}, {"antes", "antes"}, {"durante", "durante"}, {"despues", "despues"}})
	if err != nil {
		return err
	}
	one := &records{index: r.index, rows: r.rows[:1]}
	two := &records{index: v.index, rows: v.rows[:1]}
	return firstError(
		w.csv("lerma/inspecciones.csv", t, municipalOrigin),
		w.csv("lerma/documentos_por_inspeccion.csv", split(r, "nombre", "requerimientos", ";", "inspeccion", "documento"), listOrigin),
		w.csv("lerma/giros_inspeccionados.csv", onlyColumn(split(one, "nombre", "giros", ";", "inspeccion", "giro"), 1), listOrigin),
		w.csv("tenango_del_valle/inspecciones.csv", u, municipalOrigin),
		w.csv("tenango_del_valle/obligaciones_por_inspeccion.csv", split(v, "nombre", "requerimientos", ";", "inspeccion", "obligacion"), listOrigin),
		w.csv("tenango_del_valle/giros_inspeccionados.csv", onlyColumn(split(two, "nombre", "giros", ";", "inspeccion", "giro"), 1), listOrigin),
	)
}

func onlyColumn(t *table, i int) *table {
	out := newTable(t.cols[i])
	for _, r := range t.rows {
		out.add(r[i])
	}
	return out
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
