package place

import (
	"strings"

	"plaza/internal/base/text"
)

// spellings are the ways in which states are written beside their common name, by code.
// Abbreviations are those of civil registries and of the post.
var spellings = map[string][]string{
	"01": {"Ags"},
	"02": {"BC", "B C", "Baja California Norte"},
	"03": {"BCS", "B C S", "Baja Calif Sur"},
	"04": {"Camp"},
	"05": {"Coahuila de Zaragoza", "Coah"},
	"06": {"Col"},
	"07": {"Chis"},
	"08": {"Chih"},
	"09": {"Distrito Federal", "Ciudad de México", "CDMX", "DF", "D F", "México Distrito Federal", "Cd de México", "Cd México"},
	"10": {"Dgo"},
	"11": {"Gto"},
	"12": {"Gro"},
	"13": {"Hgo"},
	"14": {"Jal"},
	"15": {"Estado de México", "Edo de México", "Edo México", "Edomex", "Mex", "Edo Mex", "México Estado de"},
	"16": {"Michoacán de Ocampo", "Mich"},
	"17": {"Mor"},
	"18": {"Nay"},
	"19": {"NL", "N L", "Nvo León"},
	"20": {"Oax", "Oaxaca de Juárez"},
	"21": {"Pue"},
	"22": {"Querétaro de Arteaga", "Querétaro Arteaga", "Qro"},
	"23": {"Q Roo", "QRoo", "QR", "Q R"},
	"24": {"SLP", "S L P", "San Luis Potosi"},
	"25": {"Sin"},
	"26": {"Son"},
	"27": {"Tab"},
	"28": {"Tamps", "Tamaulipas"},
	"29": {"Tlax"},
	"30": {"Veracruz de Ignacio de la Llave", "Veracruz Llave", "Ver"},
	"31": {"Yuc"},
	"32": {"Zac"},
}

// townSpellings are common names of municipalities that are not their official ones.
var townSpellings = map[string][]string{
	"09005": {"GAM"},
	"09004": {"Cuajimalpa"},
	"09008": {"Magdalena Contreras"},
	"11014": {"Dolores Hidalgo"},
	"11037": {"Silao"},
	"14098": {"Tlaquepaque"},
	"14097": {"Tlajomulco"},
	"14023": {"Ciudad Guzmán"},
	"15033": {"Ecatepec"},
	"15057": {"Naucalpan"},
	"15104": {"Tlalnepantla"},
	"15013": {"Atizapán"},
	"20067": {"Oaxaca", "Ciudad de Oaxaca"},
	"12001": {"Acapulco"},
	"12038": {"Zihuatanejo"},
	"12029": {"Chilpancingo"},
}

// names finds places by how people write them.
type names struct {
	states map[string]string
	towns  map[string]string // state's code and name, "" where two are called so
}

func newNames(states, towns []*area) names {
	n := names{states: map[string]string{}, towns: map[string]string{}}
	for _, s := range states {
		n.states[plain(s.name)] = s.code
		for _, other := range spellings[s.code] {
			n.states[plain(other)] = s.code
		}
	}
	add := func(code, name string, over bool) {
		key := code[:2] + plain(name)
		if old, ok := n.towns[key]; ok && old != code {
			if over {
				n.towns[key] = ""
			}
			return
		}
		n.towns[key] = code
	}
	for _, t := range towns {
		add(t.code, t.name, true)
	}
	for _, t := range towns { // a common spelling never takes another's official name
		for _, other := range townSpellings[t.code] {
			add(t.code, other, false)
		}
	}
	return n
}

// short are words that people cut.
var short = map[string]string{
	"gral": "general", "dr": "doctor", "sta": "santa", "sto": "santo", "cd": "ciudad", "pdte": "presidente",
	"gpe": "guadalupe", "ma": "maria", "fco": "francisco", "nvo": "nuevo", "nva": "nueva", "edo": "estado", "mpio": "municipio",
	"hgo": "hidalgo", "lic": "licenciado", "ing": "ingeniero", "prof": "profesor", "cap": "capitan",
}

// plain is a name without accents, case, points and cut words; what stands in brackets
// and words that say what it is go too.
func plain(name string) string {
	if before, _, ok := strings.Cut(name, "("); ok && strings.TrimSpace(before) != "" {
		name = before
	}
	words := strings.FieldsFunc(text.Fold(name), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127)
	})
	for i, w := range words {
		if long, ok := short[w]; ok {
			words[i] = long
		}
	}
	out := strings.Join(words, " ")
	for _, lead := range []string{"municipio de ", "alcaldia de ", "alcaldia ", "delegacion ", "h ayuntamiento de "} {
		out = strings.TrimPrefix(out, lead)
	}
	return out
}

// maxName is more characters than any name has.
const maxName = 200

// StateCode is the code of a state by its name in any common spelling.
func StateCode(name string) (code string, ok bool) {
	if len(name) > maxName {
		return "", false
	}
	n := load().names
	key := plain(name)
	if code, ok = n.states[key]; !ok {
		code, ok = n.states[strings.TrimPrefix(strings.TrimPrefix(key, "estado libre y soberano de "), "estado de ")]
	}
	return code, ok
}

// TownCode is the five-digit code of a municipality by its name and its state, which is
// a code or a name. It is false when two of the state are called so.
func TownCode(state, name string) (code string, ok bool) {
	if len(name) > maxName {
		return "", false
	}
	f := load()
	if _, known := f.byCode[state]; !known || len(state) != 2 {
		if state, ok = StateCode(state); !ok {
			return "", false
		}
	}
	code = f.names.towns[state+plain(name)]
	return code, code != ""
}
