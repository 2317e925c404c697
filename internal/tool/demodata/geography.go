package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func makeGeography(s source, w *writer, states map[string]state, towns map[string]town) error {
	if err := mapFiles(s, w); err != nil {
		return err
	}
	if err := newTowns(s, w, towns); err != nil {
		return err
	}
	rows, err := s.rowsAs("csv/poblacion/municipio_names_latin1.csv", true, ',')
	if err != nil {
		return err
	}
	t := newTable("CVE_ENT", "CVE_MUN", "MUNICIPIO")
	for _, r := range rows[1:] {
		t.add(pad(r[0], 2), pad(r[1], 3), r[2])
	}
	if err := w.latin1("inegi/catalogo_municipios_latin1.csv", t.sort(0, 1), origin{crimeMapsSource, "Lista de nombres con las claves completadas con ceros."}); err != nil {
		return err
	}
	return density(s, w, states)
}

// makeFramework writes what package place embeds, whose origin its FUENTE.md tells: the map
// of the demonstration, byte for byte once unpacked, and the population of municipalities.
func makeFramework(shared, dir string) error {
	b, err := source(shared).bytes("geo/mx_municipios.topo.json")
	if err != nil {
		return err
	}
	if b, err = pack(b); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "municipios_2020.topo.json.gz"), b, 0o644); err != nil {
		return err
	}
	return makePeople(source(shared), dir)
}

// makePeople writes how many people live in each municipality, a line for each: its code
// and the number.
func makePeople(s source, dir string) error {
	towns, err := readTowns(s)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, code := range sortedKeys(towns) {
		fmt.Fprintf(&lines, "%s,%d\n", code, towns[code].pop)
	}
	b, err := pack([]byte(lines.String()))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "poblacion_2020.csv.gz"), b, 0o644)
}

func mapFiles(s source, w *writer) error {
	for from, to := range map[string]string{"geo/mx_municipios.topo.json": "inegi/municipios_2020.topo.json", "geo/mx_estados.topo.json": "inegi/entidades_2020.topo.json"} {
		b, err := s.bytes(from)
		if err != nil {
			return err
		}
		if err := w.put(to, b, fileInfo{Source: mapsSource, How: "Solo cambio de formato, hecho antes de llegar a Plaza; geometría simplificada.", Encoding: "utf-8"}); err != nil {
			return err
		}
	}
	areas, err := readTopo(s, "geo/mx_estados.topo.json", "estados")
	if err != nil {
		return err
	}
	cols := []string{"cve_ent", "entidad"}
	features := map[string]string{}
	for _, a := range areas {
		features[a.text("cve_ent")] = a.feature(cols, []string{a.text("cve_ent"), a.text("nom_ent")})
	}
	var list []string
	for _, k := range sortedKeys(features) {
		list = append(list, features[k])
	}
	if err := w.geojson("inegi/entidades_2020.geojson", list, origin{mapsSource, "Polígonos reconstruidos del TopoJSON, con cuatro decimales."}); err != nil {
		return err
	}
	for _, z := range []struct {
		base, name, how string
		exts            []string
	}{
		{"mx_municipios", "municipios_shp.zip", "Archivo de formas tal como está en el repositorio: sin .prj ni .cpg.", []string{"shp", "shx", "dbf"}},
		{"mx_estatal", "entidades_censo2010_shp.zip", "Archivo de formas tal como está en el repositorio.", []string{"shp", "shx", "dbf", "prj"}},
	} {
		var members []zipMember
		for _, ext := range z.exts {
			b, err := s.bytes("geo/" + z.base + "." + ext)
			if err != nil {
				return err
			}
			members = append(members, zipMember{strings.TrimSuffix(z.name, "_shp.zip") + "." + ext, b})
		}
		if err := w.zip("inegi/"+z.name, origin{crimeMapsSource, z.how}, members...); err != nil {
			return err
		}
	}
	return nil
}

// newTowns compares the list of the older shapefile with the 2020 census.
func newTowns(s source, w *writer, towns map[string]town) error {
	b, err := s.bytes("geo/mx_municipios.dbf")
	if err != nil {
		return err
	}
	if n := binary.LittleEndian.Uint32(b[4:8]); n != 2457 {
		return fmt.Errorf("%d municipalities in the shapefile instead of 2457", n)
	}
	r, err := dbf(b)
	if err != nil {
		return err
	}
	old := map[string]bool{}
	for _, row := range r.rows {
		old[pad(r.get(row, "id"), 5)] = true
	}
	t := newTable("cvegeo", "entidad", "municipio", "poblacion_2020", "cambio")
	for _, code := range sortedKeys(towns) {
		if m := towns[code]; !old[code] {
			t.add(code, m.stateName, m.name, m.pop, "Está en el Censo 2020 y no en el mapa anterior")
		}
	}
	for _, code := range sortedKeys(old) {
		if _, ok := towns[code]; !ok {
			t.add(code, stateNameOf(towns, code[:2]), "", "", "Está en el mapa anterior y no en el Censo 2020")
		}
	}
	return w.csv("inegi/municipios_nuevos.csv", t, origin{crimeMapsSource + "+" + mapsSource, "Comparación de las claves del archivo de formas municipal con las del Censo 2020."})
}

// density joins the census with the area given by the state map.
func density(s source, w *writer, states map[string]state) error {
	var in struct {
		Features []struct {
			Properties struct {
				Name string  `json:"name"`
				Area float64 `json:"sqkm"`
			} `json:"properties"`
		} `json:"features"`
	}
	if err := s.json("geo/mx_estados_covid.geojson", &in); err != nil {
		return err
	}
	codes := map[string]string{}
	for _, st := range states {
		codes[st.name] = st.code
	}
	t := newTable("cve_ent", "entidad", "superficie_km2", "poblacion_2020", "habitantes_por_km2")
	for _, f := range in.Features {
		code := codes[f.Properties.Name]
		if code == "" {
			return fmt.Errorf("no state is called %q", f.Properties.Name)
		}
		t.add(code, f.Properties.Name, round(f.Properties.Area, 1), states[code].pop, ratio(float64(states[code].pop), f.Properties.Area, 1, 1))
	}
	return w.csv("inegi/densidad_entidades_2020.csv", t.sort(0), origin{mapsSource + "+" + covidSource, "Población del Censo 2020 entre la superficie que trae el mapa de entidades."})
}
