package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

const covidSource = "mexico-datos"

// patient is the part of a row of the published line list that is counted;
// no row leaves this program.
type patient struct {
	update, unitState, state, town, sector    string
	sex, kind, result, age                    string
	symptoms, admitted, died                  string
	intubated, pneumonia, icu, indigenous     string
	diabetes, copd, asthma, immune, pressure  string
	heart, obesity, kidney, smoking, pregnant string
}

var covidColumns = map[string]func(*patient) *string{
	"FECHA_ACTUALIZACION": func(p *patient) *string { return &p.update },
	"ENTIDAD_UM":          func(p *patient) *string { return &p.unitState },
	"ENTIDAD_RES":         func(p *patient) *string { return &p.state },
	"MUNICIPIO_RES":       func(p *patient) *string { return &p.town },
	"SECTOR":              func(p *patient) *string { return &p.sector },
	"SEXO":                func(p *patient) *string { return &p.sex },
	"TIPO_PACIENTE":       func(p *patient) *string { return &p.kind },
	"RESULTADO":           func(p *patient) *string { return &p.result },
	"EDAD":                func(p *patient) *string { return &p.age },
	"FECHA_SINTOMAS":      func(p *patient) *string { return &p.symptoms },
	"FECHA_INGRESO":       func(p *patient) *string { return &p.admitted },
	"FECHA_DEF":           func(p *patient) *string { return &p.died },
	"INTUBADO":            func(p *patient) *string { return &p.intubated },
	"NEUMONIA":            func(p *patient) *string { return &p.pneumonia },
	"UCI":                 func(p *patient) *string { return &p.icu },
	"HABLA_LENGUA_INDIG":  func(p *patient) *string { return &p.indigenous },
	"HABLA_LENGUA_INDI":   func(p *patient) *string { return &p.indigenous },
	"DIABETES":            func(p *patient) *string { return &p.diabetes },
	"EPOC":                func(p *patient) *string { return &p.copd },
	"ASMA":                func(p *patient) *string { return &p.asthma },
	"INMUSUPR":            func(p *patient) *string { return &p.immune },
	"HIPERTENSION":        func(p *patient) *string { return &p.pressure },
	"CARDIOVASCULAR":      func(p *patient) *string { return &p.heart },
	"OBESIDAD":            func(p *patient) *string { return &p.obesity },
	"RENAL_CRONICA":       func(p *patient) *string { return &p.kidney },
	"TABAQUISMO":          func(p *patient) *string { return &p.smoking },
	"EMBARAZO":            func(p *patient) *string { return &p.pregnant },
}

func (p *patient) positive() bool { return p.result == "1" }
func (p *patient) dead() bool     { return p.died != "" && !strings.HasPrefix(p.died, "9999") }

// patients reads one cut and returns its header.
func patients(s source, file string, f func(p *patient)) ([]string, error) {
	var header []string
	var fields []func(*patient) *string
	err := s.stream("csv/covid19/"+file, false, ',', func(row []string) error {
		if header == nil {
			header = append([]string(nil), row...)
			for _, c := range row {
				fields = append(fields, covidColumns[c])
			}
			return nil
		}
		var p patient
		for i, v := range row {
			if i < len(fields) && fields[i] != nil {
				*fields[i](&p) = v
			}
		}
		p.unitState, p.state, p.town = pad(p.unitState, 2), pad(p.state, 2), pad(p.town, 3)
		f(&p)
		return nil
	})
	return header, err
}

const lastCut = "datos_abiertos_20200520.zip"

func makeCovid(s source, w *writer, states map[string]state, towns map[string]town) error {
	var all []patient
	if _, err := patients(s, lastCut, func(p *patient) { all = append(all, *p) }); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return covidByTown(s, w, towns) },
		func() error { return covidAgeSex(w, all, states) },
		func() error { return covidConditions(w, all) },
		func() error { return covidHospital(w, all, states) },
		func() error { return covidDeaths(w, all, states) },
		func() error { return covidSectors(s, w, all) },
		func() error { return covidDelay(w, all) },
		func() error { return covidIndigenous(w, all, states) },
		func() error { return covidCodes(s, w) },
		func() error { return covidCuts(s, w) },
		func() error { return covidCurrentCut(s, w, towns) },
		func() error { return covidSeries(s, w, states) },
		func() error { return covidMap(s, w) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func covidByTown(s source, w *writer, towns map[string]town) error {
	for file, cut := range map[string]string{"datos_abiertos_20200513.zip": "2020-05-13", lastCut: "2020-05-20"} {
		t := newTally(4)
		_, err := patients(s, file, func(p *patient) {
			measure := map[string]int{"1": 0, "2": 1, "3": 2}[p.result]
			t.add(measure, 1, p.state, p.town)
			if p.positive() && p.dead() {
				t.add(3, 1, p.state, p.town)
			}
		})
		if err != nil {
			return err
		}
		out := newTable("cve_ent", "entidad", "cve_mun", "municipio", "confirmados", "negativos", "pendientes", "defunciones_confirmadas")
		t.each(func(k []string, n []float64) {
			m, ok := towns[k[0]+k[1]]
			if !ok {
				m.stateName, m.name = stateNameOf(towns, k[0]), "No especificado"
			}
			out.add(k[0], m.stateName, k[1], m.name, n[0], n[1], n[2], n[3])
		})
		err = w.csv("salud/covid_municipios_"+cut+".csv", out, origin{covidSource, "Conteo por municipio de residencia de los registros del corte del " + cut + "; los nombres vienen del Censo 2020."})
		if err != nil {
			return err
		}
	}
	return nil
}

func stateNameOf(towns map[string]town, code string) string {
	if t, ok := towns[code+"001"]; ok {
		return t.stateName
	}
	return towns[code+"002"].stateName // the capital has no municipality 001
}

func ageGroup(age string) string {
	n := whole(age)
	if n >= 80 {
		return "80 y más"
	}
	return fmt.Sprintf("%02d a %02d", n/10*10, n/10*10+9)
}

var sexNames = map[string]string{"1": "Mujeres", "2": "Hombres"}

func covidAgeSex(w *writer, all []patient, states map[string]state) error {
	t, nation := newTally(3), newTally(3)
	for _, p := range all {
		if !p.positive() || sexNames[p.sex] == "" {
			continue
		}
		for _, m := range []struct {
			yes bool
			i   int
		}{{true, 0}, {p.kind == "2", 1}, {p.dead(), 2}} {
			if m.yes {
				t.add(m.i, 1, p.state, sexNames[p.sex], ageGroup(p.age))
				nation.add(m.i, 1, sexNames[p.sex], ageGroup(p.age))
			}
		}
	}
	out := newTable("cve_ent", "entidad", "sexo", "grupo_edad", "confirmados", "hospitalizados", "defunciones")
	t.each(func(k []string, n []float64) { out.add(k[0], states[k[0]].name, k[1], k[2], n[0], n[1], n[2]) })
	o := origin{covidSource, "Conteo de casos confirmados del corte del 20 de mayo de 2020 por entidad de residencia, sexo y grupo de edad."}
	if err := w.csv("salud/covid_edad_sexo_2020-05-20.csv", out, o); err != nil {
		return err
	}
	sum := newTable("sexo", "grupo_edad", "confirmados", "hospitalizados", "defunciones", "letalidad_por_ciento")
	nation.each(func(k []string, n []float64) { sum.add(k[0], k[1], n[0], n[1], n[2], ratio(n[2], n[0], 100, 2)) })
	return w.xlsx("salud/covid_edad_sexo_nacional_2020-05-20.xlsx", o, sheet{"Nacional", sum}, sheet{"Por entidad", out})
}

func covidConditions(w *writer, all []patient) error {
	conditions := []struct {
		name string
		of   func(*patient) string
	}{
		{"Asma", func(p *patient) string { return p.asthma }},
		{"Diabetes", func(p *patient) string { return p.diabetes }},
		{"Embarazo", func(p *patient) string { return p.pregnant }},
		{"Enfermedad cardiovascular", func(p *patient) string { return p.heart }},
		{"Enfermedad renal crónica", func(p *patient) string { return p.kidney }},
		{"EPOC", func(p *patient) string { return p.copd }},
		{"Hipertensión", func(p *patient) string { return p.pressure }},
		{"Inmunosupresión", func(p *patient) string { return p.immune }},
		{"Obesidad", func(p *patient) string { return p.obesity }},
		{"Tabaquismo", func(p *patient) string { return p.smoking }},
	}
	answers := map[string]string{"1": "Sí", "2": "No", "97": "No aplica", "98": "Se ignora", "99": "No especificado"}
	t := newTally(5)
	for i := range all {
		p := &all[i]
		if !p.positive() {
			continue
		}
		for _, c := range conditions {
			a := answers[c.of(p)]
			if a == "" {
				a = "No especificado"
			}
			for j, yes := range []bool{true, p.kind == "2", p.intubated == "1", p.icu == "1", p.dead()} {
				if yes {
					t.add(j, 1, c.name, a)
				}
			}
		}
	}
	out := newTable("condicion", "respuesta", "confirmados", "hospitalizados", "intubados", "en_terapia_intensiva", "defunciones", "letalidad_por_ciento")
	t.each(func(k []string, n []float64) {
		out.add(k[0], k[1], n[0], n[1], n[2], n[3], n[4], ratio(n[4], n[0], 100, 2))
	})
	o := origin{covidSource, "Conteo de casos confirmados del corte del 20 de mayo de 2020 por enfermedad o condición declarada y respuesta."}
	if err := w.csv("salud/covid_condiciones_2020-05-20.csv", out, o); err != nil {
		return err
	}
	return w.json("salud/covid_condiciones_2020-05-20.json", out, o)
}

// week gives the Sunday on or before an ISO date; the epidemiological week
// starts on Sunday.
func week(date string) (string, bool) {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return "", false
	}
	return d.AddDate(0, 0, -int(d.Weekday())).Format(time.DateOnly), true
}

func covidHospital(w *writer, all []patient, states map[string]state) error {
	t := newTally(5)
	for _, p := range all {
		if !p.positive() || p.kind != "2" {
			continue
		}
		from, ok := week(p.admitted)
		if !ok {
			continue
		}
		for i, yes := range []bool{true, p.pneumonia == "1", p.intubated == "1", p.icu == "1", p.dead()} {
			if yes {
				t.add(i, 1, p.unitState, from)
			}
		}
	}
	out := newTable("cve_ent", "entidad_unidad_medica", "semana_inicio", "hospitalizados", "con_neumonia", "intubados", "en_terapia_intensiva", "fallecidos")
	t.each(func(k []string, n []float64) { out.add(k[0], states[k[0]].name, k[1], n[0], n[1], n[2], n[3], n[4]) })
	return w.csv("salud/covid_hospitalizacion_semanal_2020-05-20.csv", out, origin{covidSource, "Conteo de casos confirmados hospitalizados del corte del 20 de mayo de 2020 por entidad de la unidad médica y semana de ingreso, de domingo a sábado."})
}

func covidDeaths(w *writer, all []patient, states map[string]state) error {
	t := newTally(2)
	nation := newTally(1)
	for _, p := range all {
		if !p.positive() || !p.dead() {
			continue
		}
		t.add(map[string]int{"1": 0, "2": 1}[p.sex], 1, p.died, p.state)
		nation.add(0, 1, p.died)
	}
	out := newTable("fecha_defuncion", "cve_ent", "entidad", "mujeres", "hombres")
	t.each(func(k []string, n []float64) { out.add(k[0], k[1], states[k[1]].name, n[0], n[1]) })
	o := origin{covidSource, "Conteo de defunciones de casos confirmados del corte del 20 de mayo de 2020 por fecha de defunción y entidad de residencia."}
	if err := w.csv("salud/covid_defunciones_entidad_2020-05-20.csv", out, o); err != nil {
		return err
	}
	daily := newTable("fecha_defuncion", "defunciones", "acumuladas")
	var total float64
	nation.each(func(k []string, n []float64) { total += n[0]; daily.add(k[0], n[0], total) })
	return w.csv("salud/covid_defunciones_diarias_2020-05-20.csv", daily, o)
}

func covidSectors(s source, w *writer, all []patient) error {
	names, err := codeList(s, "Catálogo SECTOR")
	if err != nil {
		return err
	}
	t := newTally(6)
	for _, p := range all {
		for i, yes := range []bool{true, p.positive(), p.positive() && p.kind == "2", p.positive() && p.intubated == "1", p.positive() && p.icu == "1", p.positive() && p.dead()} {
			if yes {
				t.add(i, 1, pad(p.sector, 2))
			}
		}
	}
	label := map[string]string{}
	for _, r := range names.rows {
		label[pad(r[0], 2)] = r[1]
	}
	out := newTable("cve_sector", "sector", "personas_estudiadas", "confirmados", "hospitalizados", "intubados", "en_terapia_intensiva", "defunciones")
	t.each(func(k []string, n []float64) { out.add(k[0], label[k[0]], n[0], n[1], n[2], n[3], n[4], n[5]) })
	o := origin{covidSource, "Conteo de los registros del corte del 20 de mayo de 2020 por sector de la unidad médica, con las etiquetas del catálogo oficial."}
	if err := w.csv("salud/covid_sectores_2020-05-20.csv", out, o); err != nil {
		return err
	}
	return w.json("salud/covid_sectores_2020-05-20.json", out, o)
}

func covidDelay(w *writer, all []patient) error {
	t := newTally(2)
	for _, p := range all {
		if !p.positive() {
			continue
		}
		from, err1 := time.Parse(time.DateOnly, p.symptoms)
		to, err2 := time.Parse(time.DateOnly, p.admitted)
		if err1 != nil || err2 != nil {
			continue
		}
		days := int(to.Sub(from).Hours() / 24)
		if days < 0 || days > 30 {
			continue
		}
		t.add(map[string]int{"1": 0, "2": 1}[p.kind], 1, fmt.Sprintf("%02d", days))
	}
	out := newTable("dias", "ambulatorios", "hospitalizados")
	t.each(func(k []string, n []float64) { out.add(whole(k[0]), n[0], n[1]) })
	return w.csv("salud/covid_dias_sintomas_ingreso_2020-05-20.csv", out, origin{covidSource, "Días entre el inicio de síntomas y el ingreso a la unidad, casos confirmados del corte del 20 de mayo de 2020; se dejan fuera los que pasan de 30 días."})
}

func covidIndigenous(w *writer, all []patient, states map[string]state) error {
	t := newTally(4)
	for _, p := range all {
		if p.indigenous != "1" {
			continue
		}
		for i, yes := range []bool{true, p.positive(), p.positive() && p.kind == "2", p.positive() && p.dead()} {
			if yes {
				t.add(i, 1, p.state)
			}
		}
	}
	out := newTable("cve_ent", "entidad", "personas_estudiadas", "confirmados", "hospitalizados", "defunciones")
	t.each(func(k []string, n []float64) { out.add(k[0], states[k[0]].name, n[0], n[1], n[2], n[3]) })
	return w.csv("salud/covid_lengua_indigena_2020-05-20.csv", out, origin{covidSource, "Conteo de los registros del corte del 20 de mayo de 2020 de personas que hablan una lengua indígena, por entidad de residencia."})
}

// codeList reads one sheet of the official code book.
func codeList(s source, name string) (*table, error) {
	f, err := excelize.OpenFile(filepath.Join(string(s), "csv/covid19/Catalogos_0412.xlsx"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := f.GetRows(name)
	if err != nil {
		return nil, err
	}
	t := newTable()
	for _, r := range rows {
		if len(r) < 2 || strings.TrimSpace(r[0]) == "" {
			continue
		}
		for i := range r {
			r[i] = strings.TrimSpace(r[i])
		}
		if len(t.cols) == 0 {
			t.cols = r
			continue
		}
		for len(r) < len(t.cols) {
			r = append(r, "")
		}
		t.rows = append(t.rows, r[:len(t.cols)])
	}
	return t, nil
}

func covidCodes(s source, w *writer) error {
	o := origin{covidSource, "Claves del catálogo oficial de abril de 2020, sin los metadatos del libro original."}
	var sheets []sheet
	all := newTable("catalogo", "clave", "descripcion")
	for _, name := range []string{"ORIGEN", "SECTOR", "SEXO", "TIPO_PACIENTE", "SI_NO", "NACIONALIDAD", "RESULTADO"} {
		t, err := codeList(s, "Catálogo "+name)
		if err != nil {
			return err
		}
		sheets = append(sheets, sheet{name, t})
		for _, r := range t.rows {
			all.add(name, r[0], r[1])
		}
	}
	states, err := codeList(s, "Catálogo de ENTIDADES")
	if err != nil {
		return err
	}
	towns, err := codeList(s, "Catálogo MUNICIPIOS")
	if err != nil {
		return err
	}
	sheets = append(sheets, sheet{"ENTIDADES", states})
	if err := w.xlsx("salud/covid_claves.xlsx", o, append(sheets, sheet{"MUNICIPIOS", towns})...); err != nil {
		return err
	}
	if err := w.csv("salud/covid_claves.csv", all, o); err != nil {
		return err
	}
	return w.csv("salud/covid_claves_municipios.csv", towns, o)
}
