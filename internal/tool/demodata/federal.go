package main

import (
	"fmt"
	"strings"
)

const portalSource, rankingSource = "mexico-abierto", "adela"

func makeFederal(s source, w *writer) error {
	for _, step := range []func(source, *writer) error{ranking, publications, openContracting} {
		if err := step(s, w); err != nil {
			return err
		}
	}
	b, err := s.bytes("geo/mx_estados_mxabierto.topo.json")
	if err != nil {
		return err
	}
	return w.put("presidencia/entidades_2014.topo.json", b, fileInfo{Source: "mxabierto-org", How: "El mismo archivo que usó el sitio de gobierno en 2014, sin cambios.", Encoding: "utf-8"})
}

// ranked is one institution of the ranking that the federal tool computed.
type ranked struct {
	Place     int     `json:"ranking"`
	Grade     float64 `json:"calificacion"`
	Name      string  `json:"institucion"`
	Quality   string  `json:"calidad"`
	Downloads int     `json:"descargas"`
	Total     int     `json:"total"`
	Openness  float64 `json:"apertura"`
}

func ranking(s source, w *writer) error {
	var last, early struct {
		Rows []ranked `json:"dependencias"`
	}
	if err := s.json("portal/adela_ranking_ultimo.json", &last); err != nil {
		return err
	}
	if err := s.json("portal/adela_ranking_dependencias.json", &early); err != nil {
		return err
	}
	t := newTable("lugar", "institucion", "calificacion", "calidad", "descargas", "recursos_de_datos", "apertura")
	medals := newTally(3)
	for _, v := range last.Rows {
		t.add(v.Place, v.Name, round(v.Grade, 2), v.Quality, v.Downloads, v.Total, round(v.Openness, 2))
		medals.add(0, 1, v.Quality)
		medals.add(1, float64(v.Downloads), v.Quality)
		medals.add(2, float64(v.Total), v.Quality)
	}
	o := origin{rankingSource, "La tabla del indicador con un renglón por institución; el JSON de origen pasó a CSV."}
	prev := newTable("institucion", "calificacion", "calidad", "descargas", "recursos_de_datos", "apertura")
	for _, v := range early.Rows {
		prev.add(v.Name, round(v.Grade, 2), v.Quality, v.Downloads, v.Total, round(v.Openness, 2))
	}
	sum := newTable("calidad", "instituciones", "descargas", "recursos_de_datos")
	medals.each(func(k []string, n []float64) { sum.add(k[0], n[0], n[1], n[2]) })
	return firstError(
		w.csv("presidencia/ranking_apertura.csv", t, o),
		w.json("presidencia/ranking_apertura.json", t, o),
		w.csv("presidencia/ranking_apertura_anterior.csv", prev.sort(0), o),
		w.csv("presidencia/ranking_por_calidad.csv", sum, origin{rankingSource, "Suma del indicador por nivel de calidad."}),
	)
}

// publication is the front matter of one piece of the 2014-2017 portal.
type publication struct {
	Kind string         `json:"tipo"`
	Meta map[string]any `json:"metadatos"`
}

func publications(s source, w *writer) error {
	var all []publication
	if err := s.json("portal/datos_gob_mx_publicaciones_2014_2017.json", &all); err != nil {
		return err
	}
	kinds := map[string]string{"apps": "Aplicaciones con datos", "gov_apps": "Aplicaciones de gobierno", "historias": "Historias", "herramientas": "Herramientas", "avances": "Avances"}
	byMonth, tags, cited := newTally(1), newTally(1), newTally(1)
	apps := newTable("aplicacion", "institucion", "fecha", "android", "iphone")
	for _, p := range all {
		kind := kinds[p.Kind]
		if kind == "" {
			continue
		}
		date := fmt.Sprint(p.Meta["date"])
		if len(date) >= 7 {
			byMonth.add(0, 1, date[:7], kind)
		}
		for _, tag := range texts(p.Meta["tags"]) {
			tags.add(0, 1, strings.ToLower(tag))
		}
		for _, d := range texts(p.Meta["datasets"]) {
			cited.add(0, 1, d, kind)
		}
		if p.Kind == "gov_apps" && len(date) >= 10 {
			links, _ := p.Meta["links"].(map[string]any)
			apps.add(fmt.Sprint(p.Meta["title"]), fmt.Sprint(p.Meta["author"]), date[:10], yesNo(links["playStore"]), yesNo(links["appleStore"]))
		}
	}
	m, g, c := newTable("mes", "tipo", "publicaciones"), newTable("etiqueta", "publicaciones"), newTable("identificador_del_conjunto", "tipo", "veces_citado")
	byMonth.each(func(k []string, n []float64) { m.add(k[0], k[1], n[0]) })
	tags.each(func(k []string, n []float64) { g.add(k[0], n[0]) })
	cited.each(func(k []string, n []float64) { c.add(k[0], k[1], n[0]) })
	o := origin{portalSource, "Conteo sobre los encabezados de las publicaciones; los textos no se copian."}
	return firstError(
		w.csv("presidencia/publicaciones_por_mes.csv", m, o),
		w.csv("presidencia/publicaciones_etiquetas.csv", g, o),
		w.csv("presidencia/conjuntos_citados.csv", c, o),
		w.csv("presidencia/aplicaciones_de_gobierno_2015.csv", apps.sort(1, 0), origin{portalSource, "Título, institución, fecha y tiendas de las fichas de aplicaciones de gobierno; sin sus textos."}),
	)
}

// texts reads a list of texts, some of which are objects with a title.
func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		switch e := e.(type) {
		case string:
			out = append(out, strings.TrimSpace(e))
		case map[string]any:
			if t, ok := e["title"].(string); ok {
				out = append(out, strings.TrimSpace(t))
			}
		}
	}
	return out
}

func yesNo(v any) string {
	if s, ok := v.(string); ok && s != "" {
		return "Sí"
	}
	return "No"
}

func openContracting(s source, w *writer) error {
	rows, err := s.rowsAs("portal/redcompartida_edca.csv", true, ',')
	if err != nil {
		return err
	}
	t := newTable("numero", "fase", "subfase", "campo", "unidad_responsable", "con_dato")
	units, phases := newTally(1), newTally(2)
	for _, r := range rows[1:] {
		if clean(r[1]) == "" {
			continue
		}
		sub := strings.Replace(clean(r[2]), "Ddocumentos", "Documentos", 1)
		unit := clean(r[6])
		filled := "No"
		if clean(r[5]) != "" {
			filled = "Sí"
			phases.add(1, 1, clean(r[1]), sub)
		}
		phases.add(0, 1, clean(r[1]), sub)
		t.add(len(t.rows)+1, clean(r[1]), sub, clean(r[3]), unit, filled)
		if unit == "" {
			unit = "Sin dato"
		}
		units.add(0, 1, unit, clean(r[1]))
	}
	o := origin{portalSource, "Fase, subfase, campo y unidad responsable; sin los textos largos. «con_dato» dice si la celda del dato tenía algo."}
	p, u := newTable("fase", "subfase", "campos", "campos_con_dato"), newTable("unidad_responsable", "fase", "campos")
	phases.each(func(k []string, n []float64) { p.add(k[0], k[1], n[0], n[1]) })
	units.each(func(k []string, n []float64) { u.add(k[0], k[1], n[0]) })
	return firstError(
		w.csv("sict/red_compartida_campos.csv", t, o),
		w.latin1("sict/red_compartida_campos_latin1.csv", t, o),
		w.csv("sict/red_compartida_fases.csv", p, o),
		w.csv("sict/red_compartida_unidades.csv", u, o),
	)
}
