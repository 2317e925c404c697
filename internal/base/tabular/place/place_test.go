package place_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/planar"

	"plaza/internal/base/tabular/geo"
	"plaza/internal/base/tabular/place"
)

func TestKnownPointsLieInTheirMunicipality(t *testing.T) {
	for _, c := range []struct {
		name     string
		lat, lon float64
		mun      string
	}{
		{"Zócalo", 19.4326, -99.1332, "09015"},
		{"Macroplaza, Monterrey", 25.6691, -100.3099, "19039"},
		{"Plaza Grande, Mérida", 20.9670, -89.6237, "31050"},
		{"Tijuana", 32.5149, -117.0382, "02004"},
		{"Guadalajara", 20.6767, -103.3475, "14039"},
		{"Cuernavaca", 18.9218, -99.2347, "17007"},
		{"Tapachula", 14.9056, -92.2634, "07089"},
		{"Zócalo de Oaxaca", 17.0606, -96.7253, "20067"},
		{"Gulf of Mexico", 23.5, -93, ""},
		{"Pacific", 16, -105, ""},
		{"Guatemala City", 14.6349, -90.5069, ""},
		{"El Paso", 31.7619, -106.4850, ""},
		{"nowhere", 0, 0, ""},
		{"swapped", -99.1332, 19.4326, ""},
	} {
		if mun, ok := place.At(c.lon, c.lat); mun != c.mun || ok != (c.mun != "") {
			t.Errorf("%s: %q, %v", c.name, mun, ok)
		}
	}
}

func TestAPointIsNotANumberNowhere(t *testing.T) {
	nan := 0.0
	nan /= nan
	for _, p := range [][2]float64{{nan, 19}, {-99, nan}, {-1 / (nan - nan), 19}} {
		if mun, ok := place.At(p[0], p[1]); ok {
			t.Errorf("%v is in %s", p, mun)
		}
	}
}

func TestTheFrameworkIsWhole(t *testing.T) {
	states := place.States()
	if len(states) != 32 || states[0] != (place.Place{Code: "01", Name: "Aguascalientes"}) || states[31].Code != "32" {
		t.Errorf("states: %v", states)
	}
	total := 0
	for _, s := range states {
		towns := place.Towns(s.Code)
		total += len(towns)
		for _, m := range towns {
			if !strings.HasPrefix(m.Code, s.Code) || m.Name == "" {
				t.Errorf("%v is listed in %v", m, s)
			}
			if name, ok := place.Municipality(m.Code); !ok || name != m.Name {
				t.Errorf("%s is %q", m.Code, name)
			}
		}
		if name, ok := place.State(s.Code); !ok || name != s.Name {
			t.Errorf("%s is %q", s.Code, name)
		}
	}
	if total != 2469 {
		t.Errorf("%d municipalities", total)
	}
	for _, code := range []string{"", "33", "9", "09999", "00", "090150001"} {
		_, state := place.State(code)
		_, town := place.Municipality(code)
		_, outline := place.Outline(code)
		_, _, _, _, box := place.Box(code)
		if state || town || outline || box || len(place.Towns(code)) > 0 {
			t.Errorf("%q is known", code)
		}
	}
	if _, ok := place.State("09015"); ok {
		t.Error("a municipality is a state")
	}
}

// Outlines of states come from those of their municipalities: no border within is left,
// and no piece is lost.
func TestTheOutlineOfAStateIsThatOfItsMunicipalities(t *testing.T) {
	count := map[string]int{}
	sizes := map[string]float64{}
	for code, b := range place.Outlines(place.TownLevel) {
		g, err := wkb.Unmarshal(b)
		if err != nil {
			t.Fatal(code, err)
		}
		count[code[:2]]++
		sizes[code[:2]] += planar.Area(g)
		lon, lat, ok := geo.Point(b)
		if mun, _ := place.At(lon, lat); !ok || mun != code {
			t.Errorf("a point inside %s is in %q", code, mun)
		}
		west, south, east, north, ok := place.Box(code)
		if !ok || !place.Mexico.Holds(west, south) || !place.Mexico.Holds(east, north) {
			t.Errorf("%s lies outside of the country", code)
		}
		if bound := g.Bound(); bound != (orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}) {
			t.Errorf("the box of %s is %v", code, bound)
		}
	}
	states := 0
	for code, b := range place.Outlines(place.StateLevel) {
		states++
		g, err := wkb.Unmarshal(b)
		if err != nil {
			t.Fatal(code, err)
		}
		if size := planar.Area(g); size < sizes[code]*0.9999 || size > sizes[code]*1.0001 {
			t.Errorf("%s has %v square degrees, its municipalities %v", code, size, sizes[code])
		}
		single, _ := place.Outline(code)
		if diff := cmp.Diff(single, b); diff != "" {
			t.Errorf("%s: %s", code, diff)
		}
	}
	if states != 32 || len(count) != 32 {
		t.Errorf("%d states, municipalities of %d", states, len(count))
	}
}

func TestStatesAreFoundByAnyCommonName(t *testing.T) {
	for code, names := range map[string][]string{
		"09": {"Ciudad de México", "CDMX", "Distrito Federal", "D.F.", "DISTRITO FEDERAL", "Cd. de México", "cdmx "},
		"15": {"México", "Estado de México", "MEXICO", "Edo. de México", "Edo. Mex.", "Edomex"},
		"05": {"Coahuila", "Coahuila de Zaragoza", "COAHUILA DE ZARAGOZA", "Coah."},
		"16": {"Michoacán", "Michoacan de Ocampo", "Estado de Michoacán"},
		"30": {"Veracruz", "Veracruz de Ignacio de la Llave", "Veracruz-Llave", "Estado Libre y Soberano de Veracruz"},
		"22": {"Querétaro", "Querétaro de Arteaga", "QRO"},
		"19": {"Nuevo León", "NUEVO LEÓN", "N.L.", "Nvo. León"},
		"23": {"Quintana Roo", "Q. Roo"},
		"02": {"Baja California", "B.C.", "baja  california"},
		"03": {"Baja California Sur", "BCS"},
	} {
		for _, name := range names {
			if got, ok := place.StateCode(name); got != code || !ok {
				t.Errorf("%q is %q instead of %s", name, got, code)
			}
		}
	}
	for _, name := range []string{"", " ", "Texas", "09", "California", strings.Repeat("a", 1000)} {
		if got, ok := place.StateCode(name); ok {
			t.Errorf("%q is %s", name, got)
		}
	}
}

func TestMunicipalitiesAreFoundInTheirState(t *testing.T) {
	for _, c := range []struct{ state, name, code string }{
		{"17", "Cuernavaca", "17007"},
		{"Morelos", "CUERNAVACA", "17007"},
		{"CDMX", "Cuauhtémoc", "09015"},
		{"Chihuahua", "Cuauhtemoc", "08017"},
		{"Distrito Federal", "Gustavo A Madero", "09005"},
		{"09", "Alcaldía Gustavo A. Madero", "09005"},
		{"14", "Tlaquepaque", "14098"},
		{"Jalisco", "San Pedro Tlaquepaque", "14098"},
		{"08", "Doctor Belisario Dominguez", "08022"},
		{"08", "Dr. Belisario Domínguez", "08022"},
		{"11", "Dolores Hidalgo", "11014"},
		{"20", "San Pedro Mixtepec", ""}, // two are called so
		{"17", "Monterrey", ""},
		{"Texas", "Houston", ""},
		{"17", "", ""},
		{"17007", "Cuernavaca", ""},
	} {
		if got, ok := place.TownCode(c.state, c.name); got != c.code || ok != (c.code != "") {
			t.Errorf("%s, %s: %q %v", c.name, c.state, got, ok)
		}
	}
	for _, s := range place.States() {
		lost := 0
		for _, m := range place.Towns(s.Code) {
			if got, ok := place.TownCode(s.Name, m.Name); ok && got != m.Code {
				t.Errorf("%v is found as %s", m, got)
			} else if !ok {
				lost++
			}
		}
		if lost > 0 && s.Code != "20" || lost > 4 {
			t.Errorf("%d names of %s are not found", lost, s.Name)
		}
	}
}

func BenchmarkAt(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	points := make([][2]float64, 4096)
	for i := range points {
		points[i] = [2]float64{-117 + r.Float64()*30, 15 + r.Float64()*17}
	}
	place.At(-99, 19)
	i := 0
	for b.Loop() {
		p := points[i%len(points)]
		place.At(p[0], p[1])
		i++
	}
}

func FuzzNames(f *testing.F) {
	f.Add("Edo. de México", "Ecatepec")
	f.Fuzz(func(t *testing.T, state, town string) {
		if code, ok := place.StateCode(state); ok {
			if _, known := place.State(code); !known {
				t.Fatal(code)
			}
		}
		if code, ok := place.TownCode(state, town); ok {
			if _, known := place.Municipality(code); !known {
				t.Fatal(code)
			}
		}
	})
}
