package dcat

import (
	"strings"

	"golang.org/x/text/language"
)

// The well-known licences; licenseNames points into this list.
var licenses = []License{
	{"libre-uso-mx", "Términos de Libre Uso MX", "https://datos.gob.mx/libreusomx"},
	{"CC-BY-4.0", "Creative Commons Atribución 4.0", "https://creativecommons.org/licenses/by/4.0/"},
	{"CC-BY-SA-4.0", "Creative Commons Atribución-CompartirIgual 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"},
	{"CC-BY-NC-4.0", "Creative Commons Atribución-NoComercial 4.0", "https://creativecommons.org/licenses/by-nc/4.0/"},
	{"CC-BY-ND-4.0", "Creative Commons Atribución-SinDerivadas 4.0", "https://creativecommons.org/licenses/by-nd/4.0/"},
	{"CC0-1.0", "Creative Commons CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"},
	{"ODbL-1.0", "Open Data Commons Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"},
	{"ODC-By-1.0", "Open Data Commons Attribution License 1.0", "https://opendatacommons.org/licenses/by/1-0/"},
	{"PDDL-1.0", "Open Data Commons Public Domain Dedication and License 1.0", "https://opendatacommons.org/licenses/pddl/1-0/"},
	{"CC-BY-3.0", "Creative Commons Atribución 3.0", "https://creativecommons.org/licenses/by/3.0/"},
	{"CC-BY-2.5", "Creative Commons Atribución 2.5", "https://creativecommons.org/licenses/by/2.5/"},
	{"CC-BY-SA-3.0", "Creative Commons Atribución-CompartirIgual 3.0", "https://creativecommons.org/licenses/by-sa/3.0/"},
	{"Apache-2.0", "Licencia Apache 2.0", "https://www.apache.org/licenses/LICENSE-2.0"},
	{"MIT", "Licencia MIT", "https://opensource.org/license/mit"},
}

// licenseNames maps names and addresses, folded and stripped by licenseWord, to an
// index of licenses. "cc-by" without a version is not mapped: its version matters.
var licenseNames = map[string]int{
	"datos.gob.mx/libreusomx": 0, "www.datos.gob.mx/libreusomx": 0, "libre uso mx": 0, "libreusomx": 0, "libre-uso-mx": 0,
	"terminos de libre uso mx": 0, "libre uso mx.": 0,
	"creativecommons.org/licenses/by/4.0": 1, "cc-by-4.0": 1, "cc by 4.0": 1, "creative commons attribution 4.0": 1,
	"creative commons attribution 4.0 international": 1, "creative commons atribucion 4.0": 1, "creative commons atribucion 4.0 internacional": 1, "cc_by_4_0": 1,
	"creativecommons.org/licenses/by-sa/4.0": 2, "cc-by-sa-4.0": 2, "cc by-sa 4.0": 2, "cc_bysa_4_0": 2,
	"creativecommons.org/licenses/by-nc/4.0": 3, "cc-by-nc-4.0": 3, "cc_bync_4_0": 3,
	"creativecommons.org/licenses/by-nd/4.0": 4, "cc-by-nd-4.0": 4, "cc_bynd_4_0": 4,
	"creativecommons.org/publicdomain/zero/1.0": 5, "cc0": 5, "cc-zero": 5, "cc0-1.0": 5, "cc0 1.0": 5, "creative commons cczero": 5, "creative commons cc0": 5,
	"opendatacommons.org/licenses/odbl": 6, "opendatacommons.org/licenses/odbl/1-0": 6, "opendatacommons.org/licenses/odbl/1.0": 6, "odbl": 6, "odbl-1.0": 6, "odc-odbl": 6,
	"open data commons open database license 1.0": 6, "open data commons open database license (odbl)": 6, "opendefinition.org/licenses/odc-odbl": 6,
	"opendatacommons.org/licenses/by": 7, "opendatacommons.org/licenses/by/1-0": 7, "opendatacommons.org/licenses/by/1.0": 7, "odc-by": 7, "odc-by-1.0": 7,
	"open data commons attribution license": 7, "opendefinition.org/licenses/odc-by": 7,
	"opendatacommons.org/licenses/pddl": 8, "opendatacommons.org/licenses/pddl/1-0": 8, "opendatacommons.org/licenses/pddl/1.0": 8, "odc-pddl": 8, "pddl-1.0": 8, "pddl": 8,
	"open data commons public domain dedication and license (pddl)": 8,
	"creativecommons.org/licenses/by/3.0":                           9, "cc-by-3.0": 9, "cc by 3.0": 9,
	"creativecommons.org/licenses/by/2.5": 10, "creativecommons.org/licenses/by/2.5/mx": 10, "cc-by-2.5": 10, "cc by 2.5": 10, "cc by 2.5 mx": 10,
	"creativecommons.org/licenses/by-sa/3.0": 11, "cc-by-sa-3.0": 11, "cc by-sa 3.0": 11,
	"www.apache.org/licenses/license-2.0": 12, "apache.org/licenses/license-2.0": 12, "apache-2.0": 12, "apache 2.0": 12, "apache license 2.0": 12,
	"opensource.org/license/mit": 13, "opensource.org/licenses/mit": 13, "mit": 13, "mit license": 13,
	"opendefinition.org/licenses/cc-by": -1, // the version is not said
}

func licenseWord(s string) string {
	s = foldKey(s)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	s = strings.TrimPrefix(s, "publications.europa.eu/resource/authority/licence/")
	s = strings.TrimSuffix(s, "/legalcode")
	s, _, _ = strings.Cut(s, "#")
	return strings.TrimRight(s, "/ ")
}

// license joins what is known of a licence: an id, a title and an address, any of
// which may stand in the place of another.
func (r *report) license(field, id, title, address string) License {
	id, title = r.title(field, id), r.title(field, title)
	for _, s := range []string{address, id, title} {
		if i, ok := licenseNames[licenseWord(s)]; ok && i >= 0 && s != "" {
			return licenses[i]
		}
	}
	switch strings.ToLower(id) {
	case "notspecified", "none", "other", "null":
		id = ""
	}
	switch foldKey(title) {
	case "license not specified", "licencia no especificada", "no especificada", "none", "null":
		title = ""
	}
	if address == "" && isWebAddress(id) {
		id, address = "", id
	}
	if address == "" && isWebAddress(title) {
		title, address = "", title
	}
	return License{ID: id, Title: title, URL: r.url(field, address)}
}

func isWebAddress(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "//")
}

// themes gives the labels of the themes that the EU's authority table and the
// Argentine profile share, in Spanish, by their codes.
var themes = map[string]string{
	"AGRI": "Agricultura, pesca, silvicultura y alimentación", "ECON": "Economía y finanzas", "EDUC": "Educación, cultura y deportes",
	"ENER": "Energía", "ENVI": "Medio ambiente", "MAAM": "Medio ambiente", "GOVE": "Gobierno y sector público", "HEAL": "Salud", "SALU": "Salud",
	"INTR": "Asuntos internacionales", "JUST": "Justicia, sistema jurídico y seguridad pública", "REGI": "Regiones y ciudades",
	"SOCI": "Población y sociedad", "TECH": "Ciencia y tecnología", "TRAN": "Transporte", "OP_DATPRO": "",
}

const euThemes = "publications.europa.eu/resource/authority/data-theme/"

// theme returns the label of a theme: codes and addresses of the EU's table become
// words, other text stays.
func (r *report) theme(field, s string) string {
	s = r.title(field, s)
	if _, code, ok := strings.Cut(s, euThemes); ok {
		s = code
	}
	if label, ok := themes[strings.ToUpper(s)]; ok {
		return label
	}
	if isWebAddress(s) {
		return strings.NewReplacer("_", " ", "%20", " ").Replace(lastSegment(s))
	}
	return s
}

// spanishLanguages are names of languages that are no code of any standard.
var spanishLanguages = map[string]string{
	"espanol": "es", "castellano": "es", "spanish": "es", "ingles": "en", "english": "en", "frances": "fr", "portugues": "pt",
	"nahuatl": "nah", "maya": "yua", "mixteco": "mix", "zapoteco": "zap", "otomi": "oto", "tzotzil": "tzo", "tzeltal": "tzh",
}

// languageCode returns the BCP 47 tag of a language named by a code, an address of the
// EU's or the Library of Congress's table, or a word; "" when unknown.
func languageCode(s string) string {
	s = strings.TrimSpace(s)
	if isWebAddress(s) {
		s = lastSegment(s)
	}
	if code, ok := spanishLanguages[foldKey(s)]; ok {
		return code
	}
	if len(s) < 2 || len(s) > 35 {
		return ""
	}
	tag, err := language.Parse(strings.ReplaceAll(strings.ToLower(s), "_", "-"))
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

// accessLevel folds what is said of who may have the data.
func accessLevel(s string) string {
	if isWebAddress(s) {
		s = lastSegment(s)
	}
	switch foldKey(strings.ReplaceAll(s, "_", " ")) {
	case "public", "publico", "abierto", "open", "true":
		return "public"
	case "restricted public", "restricted", "restringido":
		return "restricted public"
	case "non-public", "non public", "privado", "private", "cerrado", "confidential", "sensitive", "false":
		return "non-public"
	}
	return ""
}

// KnownLicense is the well-known licence with an id.
func KnownLicense(id string) (License, bool) {
	for _, l := range licenses {
		if l.ID == id {
			return l, true
		}
	}
	return License{}, false
}
