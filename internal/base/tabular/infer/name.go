package infer

import (
	"strings"
	"unicode"

	"plaza/internal/base/text"
)

// hints are what a column's name suggests.
type hints struct {
	state, town, local, postal, lat, lon, year, code, key, date, phone, office, currency, personName, rfc bool
}

// parts are the words of a name, folded, apart at signs and where small letters are
// followed by capitals.
func parts(name string) []string {
	var b strings.Builder
	var last rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return strings.FieldsFunc(text.Fold(b.String()), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// hinted are the words that suggest something.
var hinted = map[string]func(*hints){}

func init() {
	for words, set := range map[string]func(*hints){
		"ent entidad entidades estado edo state cveent":                         func(h *hints) { h.state = true },
		"mun municipio municipios mpio alcaldia delegacion municipality cvemun": func(h *hints) { h.town = true },
		"loc localidad localidades cveloc":                                      func(h *hints) { h.local = true },
		"cp postal zip":                                                         func(h *hints) { h.postal, h.code = true, true },
		"lat latitud latitude y":                                                func(h *hints) { h.lat = true },
		"lon long longitud lng longitude x":                                     func(h *hints) { h.lon = true },
		"ano anio ao year yr ejercicio ciclo":                                   func(h *hints) { h.year = true },
		"id folio clave cve codigo identificador":                               func(h *hints) { h.code, h.key = true, true },
		"cod code key clee cvegeo geoid expediente matricula uuid clues nss":    func(h *hints) { h.code = true },
		"rfc":                       func(h *hints) { h.code, h.rfc = true, true },
		"fecha fechas fec date dia": func(h *hints) { h.date = true },
		"tel telefono telefonos cel celular phone movil whatsapp":     func(h *hints) { h.phone = true },
		"oficina conmutador institucional dependencia lada extension": func(h *hints) { h.office = true },
		"moneda currency divisa":                                      func(h *hints) { h.currency = true },
		"apellido apellidos paterno materno":                          func(h *hints) { h.personName = true },
	} {
		for _, w := range strings.Fields(words) {
			hinted[w] = set
		}
	}
}

func hintsOf(name string) (h hints) {
	words := parts(name)
	for _, w := range words {
		if set := hinted[w]; set != nil {
			set(&h)
		}
	}
	all := strings.Join(words, " ")
	if strings.Contains(all, "c p ") || strings.HasSuffix(all, "c p") {
		h.postal, h.code = true, true
	}
	if strings.Contains(all, "civil") {
		h.state = false
	}
	if h.lat && h.lon || unitOf(name) != "" {
		h.lat, h.lon = false, false
	}
	return h
}

// units are those that a name may end in, with how they are said.
var units = map[string]string{
	"mxn": "MXN", "mxp": "MXN", "pesos": "MXN", "usd": "USD", "dls": "USD", "eur": "EUR", "mdp": "millones MXN",
	"km": "km", "km2": "km²", "km²": "km²", "m": "m", "m2": "m²", "m²": "m²", "m3": "m³", "m³": "m³", "mts": "m", "cm": "cm", "mm": "mm",
	"kg": "kg", "g": "g", "ton": "t", "toneladas": "t", "t": "t", "ha": "ha", "has": "ha", "hectareas": "ha", "l": "l", "lt": "l", "lts": "l", "litros": "l",
	"pct": "%", "porc": "%", "porcentaje": "%", "%": "%", "kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "kw": "kW", "mw": "MW",
	"c": "°C", "°c": "°C", "grados": "°", "hrs": "h", "h": "h", "min": "min", "s": "s", "ppm": "ppm", "ppb": "ppb", "db": "dB", "kmh": "km/h", "km/h": "km/h", "hab": "hab.", "ug/m3": "µg/m³", "µg/m3": "µg/m³",
}

// short are units of so few letters that they need parentheses, or a word before them.
var short = map[string]string{"m": "longitud altura altitud ancho largo", "g": "peso", "t": "peso", "l": "volumen", "c": "temp temperatura tmax tmin", "h": "tiempo duracion", "s": "tiempo duracion", "min": "tiempo duracion", "has": "superficie", "hab": "densidad", "grados": "temp temperatura"}

// lower makes letters of ASCII small, so that places in the text stay.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 32
		}
	}
	return string(b)
}

// unitOf is the unit that a name states, "" for none.
func unitOf(name string) string {
	folded := lower(strings.TrimSpace(name))
	if i, j := strings.LastIndexByte(folded, '('), strings.LastIndexByte(folded, ')'); i >= 0 && j > i {
		if inside := strings.TrimSpace(name)[i+1 : j]; len(inside) == 1 && strings.ToUpper(inside) == inside && inside != "%" {
			return "" // a column's letter in a sheet
		}
		return units[strings.ReplaceAll(folded[i+1:j], " ", "")]
	}
	if strings.HasPrefix(folded, "%") || strings.HasSuffix(folded, "%") {
		return "%"
	}
	words := parts(folded)
	if len(words) < 2 {
		return units[map[string]string{"porcentaje": "%"}[folded]]
	}
	last := words[len(words)-1]
	if before, few := short[last]; few && !strings.Contains(" "+before+" ", " "+words[len(words)-2]+" ") {
		return ""
	}
	return units[last]
}

// stateNames are common spellings of the 32 states, folded; where INEGI's own list is at
// hand it knows more.
var stateNames = func() map[string]int {
	m := map[string]int{}
	for i, names := range []string{
		"aguascalientes|ags", "baja california|bc", "baja california sur|bcs", "campeche|camp", "coahuila|coahuila de zaragoza|coah", "colima|col",
		"chiapas|chis", "chihuahua|chih", "ciudad de mexico|distrito federal|cdmx|df", "durango|dgo", "guanajuato|gto", "guerrero|gro", "hidalgo|hgo",
		"jalisco|jal", "mexico|estado de mexico|edomex|edo de mexico|edo mex", "michoacan|michoacan de ocampo|mich", "morelos|mor", "nayarit|nay",
		"nuevo leon|nl", "oaxaca|oax", "puebla|pue", "queretaro|queretaro de arteaga|qro", "quintana roo|qroo|q roo", "san luis potosi|slp", "sinaloa|sin",
		"sonora|son", "tabasco|tab", "tamaulipas|tamps", "tlaxcala|tlax", "veracruz|veracruz de ignacio de la llave|ver", "yucatan|yuc", "zacatecas|zac",
	} {
		for _, n := range strings.Split(names, "|") {
			m[n] = i + 1
		}
	}
	return m
}()

// stateOf is the number of a state by its name, 0 for none.
func stateOf(name []byte) int {
	folded := strings.Join(strings.FieldsFunc(strings.ReplaceAll(text.Fold(string(name)), ".", ""), func(r rune) bool { return !unicode.IsLetter(r) }), " ")
	return stateNames[folded]
}

// personNames reports whether columns are the parts of persons' names: a name beside a
// family name.
func personNames(names []string) (columns []int) {
	given, family := -1, false
	for i, n := range names {
		folded := strings.Join(parts(n), " ")
		switch {
		case folded == "nombre" || folded == "nombres" || strings.HasPrefix(folded, "nombre del ") || strings.HasPrefix(folded, "nombre s"):
			if given < 0 {
				given = i
				columns = append(columns, i)
			}
		case hintsOf(n).personName:
			family = true
			columns = append(columns, i)
		}
	}
	if given < 0 || !family {
		return nil
	}
	return columns
}

// unmistakable reports whether a spelling of nothing means so among texts.
func unmistakable(k class) bool { return k > classNothing && nothings[k-classNothing-1].sure }
