package dcat

import (
	"regexp"
	"strings"
)

// Frequencies that are not a period.
const (
	Irregular = "irregular"
	Realtime  = "realtime"
)

var isoPeriod = regexp.MustCompile(`(?i)^(?:R\d*/)?(P(?:\d+(?:\.\d+)?[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?)$`)

// isoFrequency returns a repeating interval of ISO 8601 in its canonical form, ""
// when s is none. POD writes "updated all the time" as a period of one second.
func isoFrequency(s string) string {
	m := isoPeriod.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil || len(m[1]) < 3 {
		return ""
	}
	period := strings.ToUpper(m[1])
	if period == "PT1S" {
		return Realtime
	}
	return "R/" + period
}

// frequencies maps words and codes, folded, to the canonical form: Spanish as
// Mexican institutions use it (quincenal is every two weeks, bianual every two
// years), English, Dublin Core, and the codes of the EU's authority table.
var frequencies = map[string]string{
	"diario": "R/P1D", "diaria": "R/P1D", "diariamente": "R/P1D", "daily": "R/P1D",
	"semanal": "R/P1W", "semanalmente": "R/P1W", "weekly": "R/P1W",
	"quincenal": "R/P2W", "catorcenal": "R/P2W", "biweekly": "R/P2W", "fortnightly": "R/P2W",
	"mensual": "R/P1M", "mensualmente": "R/P1M", "monthly": "R/P1M",
	"bimestral": "R/P2M", "bimonthly": "R/P2M",
	"trimestral": "R/P3M", "quarterly": "R/P3M",
	"cuatrimestral": "R/P4M", "threetimesayear": "R/P4M", "annual 3": "R/P4M",
	"semestral": "R/P6M", "semiannual": "R/P6M", "biannual": "R/P6M", "annual 2": "R/P6M", "half yearly": "R/P6M",
	"anual": "R/P1Y", "anualmente": "R/P1Y", "annual": "R/P1Y", "annually": "R/P1Y", "yearly": "R/P1Y",
	"bianual": "R/P2Y", "bienal": "R/P2Y", "biennial": "R/P2Y",
	"trienal": "R/P3Y", "triennial": "R/P3Y",
	"cuatrienal": "R/P4Y", "quadrennial": "R/P4Y",
	"quinquenal": "R/P5Y", "quinquennial": "R/P5Y",
	"sexenal": "R/P6Y", "decenal": "R/P10Y", "decennial": "R/P10Y", "bidecennial": "R/P20Y", "tridecennial": "R/P30Y",
	"semimonthly": "R/P0.5M", "monthly 2": "R/P0.5M", "monthly 3": "R/P0.33M", "threetimesamonth": "R/P0.33M",
	"semiweekly": "R/P3.5D", "weekly 2": "R/P3.5D", "weekly 3": "R/P0.33W", "threetimesaweek": "R/P0.33W",
	"weekly 5": "R/P1D", "daily 2": "R/PT12H", "12hrs": "R/PT12H",
	"hourly": "R/PT1H", "cada hora": "R/PT1H", "horaria": "R/PT1H", "bihourly": "R/PT2H", "trihourly": "R/PT3H",
	"1min": "R/PT1M", "5min": "R/PT5M", "10min": "R/PT10M", "15min": "R/PT15M", "30min": "R/PT30M",
	"irregular": Irregular, "eventual": Irregular, "irreg": Irregular, "as needed": Irregular, "asneeded": Irregular,
	"segun necesidad": Irregular, "segun sea necesario": Irregular, "cuando se requiera": Irregular, "variable": Irregular,
	"no planificada": Irregular, "not planned": Irregular, "notplanned": Irregular, "por evento": Irregular,
	"realtime": Realtime, "real time": Realtime, "tiempo real": Realtime, "en tiempo real": Realtime,
	"continuous": Realtime, "continua": Realtime, "continuo": Realtime, "continual": Realtime, "cont": Realtime, "update cont": Realtime,
	// Said, but no frequency.
	"unknown": "", "desconocida": "", "desconocido": "", "never": "", "nunca": "", "other": "", "otro": "", "otra": "",
	"ninguna": "", "no aplica": "", "na": "", "n/a": "", "no definida": "", "none": "", "op datpro": "", "unica vez": "",
}

// frequency repairs how often a dataset is updated.
func (r *report) frequency(field, s string) string {
	s = r.title(field, s)
	if s == "" {
		return ""
	}
	if f := isoFrequency(s); f != "" {
		return f
	}
	word := s
	if strings.Contains(s, "/") && strings.Contains(s, ":") { // an IRI of a vocabulary
		word = lastSegment(s)
	}
	f, known := frequencies[strings.ReplaceAll(foldKey(word), "_", " ")]
	if !known {
		r.add(FrequencyUnknown, field, s, false)
	}
	return f
}

// lastSegment returns what follows the last slash or hash of an address.
func lastSegment(s string) string {
	s = strings.TrimRight(s, "/#")
	return s[strings.LastIndexAny(s, "/#")+1:]
}
