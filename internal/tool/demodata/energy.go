package main

import (
	"regexp"
	"slices"
)

const energySource = "cdmx-bot-cre"

// station is a petrol station and the municipality where its point falls.
type station struct {
	id, permit, holder string
	lon, lat           float64
	town               string // five-digit code, empty when the point falls in none
}

// company matches the forms of incorporation; a holder without one may be a
// natural person, whose name is not published.
var company = regexp.MustCompile(`(?i)\b(S\.? ?A\.?|S\.? ?C\.?|A\.? ?C\.?|S\.? ?P\.? ?R\.?|S\.? ?A\.? ?P\.? ?I\.?|S\.? ?DE ?R\.? ?L\.?|R\.? ?L\.?|C\.? ?V\.?|SOCIEDAD|SOC|COOPERATIVA|COOP|FIDEICOMISO|GRUPO|GASOLINER[AO]S?|ESTACI[OÓ]N(ES)?|COMBUSTIBLES?|SERVICIOS?|COMERCIALIZADORA|PETR[OÓ]LEOS?|MUNICIPIO|GOBIERNO|AYUNTAMIENTO|UNI[OÓ]N|EJIDO|INMOBILIARIA|AUTOSERVICIO|OPERADORA|ENERG[EÉ]TICOS?)\b`)

const hiddenHolder = "(persona física: nombre omitido)"

func readStations(s source) (map[string]*station, error) {
	rows, err := s.rowsAs("csv/energia/cre_estaciones_latin1_puntoycoma.csv", true, ';')
	if err != nil {
		return nil, err
	}
	areas, err := readTopo(s, "geo/mx_municipios.topo.json", "municipios")
	if err != nil {
		return nil, err
	}
	all := map[string]*station{}
	for _, r := range rows[1:] {
		st := &station{id: r[0], permit: r[1], holder: r[2], lon: number(r[3]), lat: number(r[4])}
		if !company.MatchString(st.holder) {
			st.holder = hiddenHolder
		}
		for _, a := range areas {
			if a.contains(st.lon, st.lat) {
				st.town = a.text("cvegeo")
				break
			}
		}
		all[st.id] = st
	}
	return all, nil
}

// price is one reported price.
type price struct {
	date, product string
	st            *station
	pesos         float64
}

func makeEnergy(s source, w *writer, states map[string]state, towns map[string]town) error {
	stations, err := readStations(s)
	if err != nil {
		return err
	}
	if err := energyStations(w, stations, towns); err != nil {
		return err
	}
	sums := newPriceSums()
	for _, name := range []string{"09", "14", "19", "31"} {
		sums.detail[name] = nil
	}
	header := true
	err = s.stream("csv/energia/cre_precios_diarios_2022.csv.gz", false, ',', func(row []string) error {
		if header {
			header = false
			return nil
		}
		sums.add(price{date: row[0], product: row[2], st: stations[row[1]], pesos: number(row[3])}, row[1])
		return nil
	})
	if err != nil {
		return err
	}
	return sums.write(w, states, towns)
}

func energyStations(w *writer, stations map[string]*station, towns map[string]town) error {
	latin, plain := newTable("Identificador", "Permiso CRE", "Razón social", "Longitud", "Latitud"), newTable("identificador", "permiso", "cve_ent", "entidad", "cvegeo", "municipio", "longitud", "latitud")
	count := newTally(1)
	for _, id := range sortedKeys(stations) {
		st := stations[id]
		m := towns[st.town]
		latin.add(st.id, st.permit, st.holder, st.lon, st.lat)
		plain.add(st.id, st.permit, m.state, m.stateName, st.town, m.name, st.lon, st.lat)
		if st.town != "" {
			count.add(0, 1, st.town)
		}
	}
	var points []string
	for _, r := range plain.rows {
		if r[4] != "" {
			points = append(points, pointFeature(plain.cols[:6], r[:6], number(r[6]), number(r[7])))
		}
	}
	o := origin{energySource, "Lista de estaciones de la fuente. Se omitió el nombre del titular cuando no es claramente una empresa."}
	if err := w.latin1("cre/estaciones_de_servicio_latin1.csv", latin, o); err != nil {
		return err
	}
	o.how = "Lista de estaciones con el municipio en que cae su punto (Marco Geoestadístico del Censo 2020); sin nombre del titular."
	if err := w.csv("cre/estaciones_de_servicio.csv", plain, o); err != nil {
		return err
	}
	if err := w.geojson("cre/estaciones_de_servicio.geojson", points, o); err != nil {
		return err
	}
	byTown := newTable("cvegeo", "entidad", "municipio", "estaciones", "poblacion_2020", "habitantes_por_estacion")
	byState := newTally(2)
	for _, code := range sortedKeys(towns) {
		m, n := towns[code], count.get(code)[0]
		byTown.add(code, m.stateName, m.name, n, m.pop, ratio(float64(m.pop), n, 1, 0))
		byState.add(0, n, m.state, m.stateName)
		byState.add(1, float64(m.pop), m.state, m.stateName)
	}
	o.how = "Conteo de estaciones cuyo punto cae en cada municipio, con la población del Censo 2020."
	if err := w.csv("cre/estaciones_por_municipio.csv", byTown, o); err != nil {
		return err
	}
	sum := newTable("cve_ent", "entidad", "estaciones", "poblacion_2020", "habitantes_por_estacion")
	byState.each(func(k []string, n []float64) { sum.add(k[0], k[1], n[0], n[1], ratio(n[1], n[0], 1, 0)) })
	return w.csv("cre/estaciones_por_entidad.csv", sum, o)
}

// priceSums holds what is computed in the single pass over 3.2 million prices.
type priceSums struct {
	detail   map[string][]price
	stateDay *tally // sum, count
	townMon  *tally
	day      map[string][]float64 // date, product -> prices
	report   *tally               // date -> rows, stations outside the list
	stations map[string]map[string]bool
	change   map[string]*changes
}

// changes follows one product of one station through time.
type changes struct {
	st                      *station
	product                 string
	days, moves             int
	first, last, low, high  float64
	firstDate, lastDate, at string
}

func newPriceSums() *priceSums {
	return &priceSums{detail: map[string][]price{}, stateDay: newTally(2), townMon: newTally(2), day: map[string][]float64{}, report: newTally(2), stations: map[string]map[string]bool{}, change: map[string]*changes{}}
}

// plausible bounds, in pesos per litre, keep typing errors out of averages.
const lowest, highest = 10, 40

func (p *priceSums) add(v price, id string) {
	p.report.add(0, 1, v.date)
	if p.stations[v.date] == nil {
		p.stations[v.date] = map[string]bool{}
	}
	p.stations[v.date][id] = true
	if v.pesos < lowest || v.pesos > highest {
		p.report.add(1, 1, v.date)
		return
	}
	p.day[v.date+keySep+v.product] = append(p.day[v.date+keySep+v.product], v.pesos)
	if v.st == nil || v.st.town == "" {
		return
	}
	st := v.st.town[:2]
	p.stateDay.add(0, v.pesos, v.date, st, v.product)
	p.stateDay.add(1, 1, v.date, st, v.product)
	p.townMon.add(0, v.pesos, v.date[:7], v.st.town, v.product)
	p.townMon.add(1, 1, v.date[:7], v.st.town, v.product)
	if _, ok := p.detail[st]; ok {
		p.detail[st] = append(p.detail[st], v)
		p.follow(v)
	}
}

func (p *priceSums) follow(v price) {
	k := v.st.id + keySep + v.product
	c := p.change[k]
	if c == nil {
		c = &changes{st: v.st, product: v.product, first: v.pesos, last: v.pesos, low: v.pesos, high: v.pesos, firstDate: v.date}
		p.change[k] = c
	}
	if v.date != c.at {
		c.days++
	}
	if v.pesos != c.last {
		c.moves++
	}
	c.low, c.high = min(c.low, v.pesos), max(c.high, v.pesos)
	c.last, c.at = v.pesos, v.date
	c.lastDate = v.date
}

// quantile takes a sorted list.
func quantile(v []float64, q float64) float64 { return v[int(q*float64(len(v)-1)+0.5)] }

func (p *priceSums) write(w *writer, states map[string]state, towns map[string]town) error {
	for _, step := range []func() error{
		func() error { return p.writeDetail(w, towns) },
		func() error { return p.writeAverages(w, states, towns) },
		func() error { return p.writeNational(w) },
		func() error { return p.writeChanges(w, towns) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (p *priceSums) writeDetail(w *writer, towns map[string]town) error {
	files := map[string]*table{}
	names := map[string]string{"09": "cdmx", "14": "jalisco", "19": "nuevo_leon", "31": "yucatan"}
	for _, st := range sortedKeys(p.detail) {
		for _, v := range p.detail[st] {
			file := "cre/precios_diarios_" + names[st] + "_2022.csv"
			if st == "09" {
				file = "cre/precios_diarios_cdmx_" + v.date[:7] + ".csv"
			}
			if files[file] == nil {
				files[file] = newTable("fecha", "identificador", "cvegeo", "municipio", "producto", "precio")
			}
			files[file].add(v.date, v.st.id, v.st.town, towns[v.st.town].name, v.product, v.pesos)
		}
	}
	for _, name := range sortedKeys(files) {
		o := origin{energySource, "Precios diarios de las estaciones cuyo punto cae en la entidad; se quitaron los menores de 10 y los mayores de 40 pesos por litro."}
		if err := w.csv(name, files[name].sort(0, 1, 4), o); err != nil {
			return err
		}
	}
	return nil
}

func (p *priceSums) writeAverages(w *writer, states map[string]state, towns map[string]town) error {
	t := newTable("fecha", "cve_ent", "entidad", "producto", "precio_promedio", "precios_reportados")
	p.stateDay.each(func(k []string, n []float64) {
		t.add(k[0], k[1], states[k[1]].name, k[2], round(n[0]/n[1], 3), n[1])
	})
	o := origin{energySource, "Promedio simple de los precios reportados por las estaciones de cada entidad; entre 10 y 40 pesos por litro."}
	if err := w.csv("cre/precio_promedio_entidad_diario_2022.csv", t, o); err != nil {
		return err
	}
	month := newTally(2)
	for _, r := range t.rows {
		month.add(0, number(r[4])*number(r[5]), r[0][:7], r[1], r[3])
		month.add(1, number(r[5]), r[0][:7], r[1], r[3])
	}
	m := newTable("mes", "cve_ent", "entidad", "producto", "precio_promedio")
	month.each(func(k []string, n []float64) { m.add(k[0], k[1], states[k[1]].name, k[2], round(n[0]/n[1], 3)) })
	if err := w.xlsx("cre/precio_promedio_entidad_mensual_2022.xlsx", o, sheet{"Promedio mensual", m}); err != nil {
		return err
	}
	u := newTable("mes", "cvegeo", "entidad", "municipio", "producto", "precio_promedio", "precios_reportados")
	p.townMon.each(func(k []string, n []float64) {
		m := towns[k[1]]
		u.add(k[0], k[1], m.stateName, m.name, k[2], round(n[0]/n[1], 3), n[1])
	})
	o.how = "Promedio simple por mes de los precios reportados por las estaciones de cada municipio; entre 10 y 40 pesos por litro."
	return w.csv("cre/precio_promedio_municipio_2022.csv", u, o)
}

func (p *priceSums) writeNational(w *writer) error {
	t := newTable("fecha", "producto", "precios", "minimo", "percentil_10", "mediana", "percentil_90", "maximo", "promedio")
	for _, k := range sortedKeys(p.day) {
		v := p.day[k]
		slices.Sort(v)
		var sum float64
		for _, x := range v {
			sum += x
		}
		t.add(k[:10], k[11:], len(v), v[0], quantile(v, .1), quantile(v, .5), quantile(v, .9), v[len(v)-1], round(sum/float64(len(v)), 3))
	}
	o := origin{energySource, "Distribución nacional de los precios de cada día; entre 10 y 40 pesos por litro."}
	if err := w.csv("cre/distribucion_precios_diaria_2022.csv", t, o); err != nil {
		return err
	}
	if err := w.json("cre/distribucion_precios_diaria_2022.json", t, o); err != nil {
		return err
	}
	r := newTable("fecha", "estaciones_que_reportan", "precios", "precios_fuera_de_rango")
	p.report.each(func(k []string, n []float64) { r.add(k[0], len(p.stations[k[0]]), n[0], n[1]) })
	o.how = "Conteo por día de estaciones y precios en la fuente, y de los precios menores de 10 o mayores de 40 pesos."
	return w.csv("cre/cobertura_del_reporte_2022.csv", r, o)
}

func (p *priceSums) writeChanges(w *writer, towns map[string]town) error {
	t := newTable("cvegeo", "municipio", "identificador", "producto", "dias_con_precio", "cambios", "precio_inicial", "precio_final", "minimo", "maximo", "primera_fecha", "ultima_fecha")
	for _, k := range sortedKeys(p.change) {
		c := p.change[k]
		if c.st.town[:2] == "09" {
			t.add(c.st.town, towns[c.st.town].name, c.st.id, c.product, c.days, c.moves, c.first, c.last, c.low, c.high, c.firstDate, c.lastDate)
		}
	}
	return w.csv("cre/cambios_de_precio_cdmx_2022.csv", t.sort(0, 2, 3), origin{energySource, "Cambios de precio por estación y producto de la Ciudad de México entre el primer y el último día de la fuente."})
}
