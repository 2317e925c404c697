package main

import "strings"

// originInfo describes one repository from which data were taken and the terms
// of the government data inside it.
type originInfo struct {
	Repository  string `json:"repositorio"`
	URL         string `json:"url"`
	Licence     string `json:"licencia_repositorio"`
	Holder      string `json:"titular"`
	Institution string `json:"institucion_de_origen"`
	Terms       string `json:"terminos"`
	TermsURL    string `json:"url_terminos"`
}

const (
	libreUso    = "Libre Uso MX: citar a la institución, su sigla, la dirección y la fecha; no dar a entender respaldo."
	libreUsoURL = "https://datos.gob.mx/libreusomx"
	cityTerms   = "Datos abiertos de la Ciudad de México, con atribución."
	cityURL     = "https://datos.cdmx.gob.mx"
)

// sourceKeys splits "a+b", a file derived from two sources.
func sourceKeys(s string) []string { return strings.Split(s, "+") }

var originTable = map[string]originInfo{
	covidSource:     {"mexicovid19/Mexico-datos", "https://github.com/mexicovid19/Mexico-datos", "MIT", "mexicovid19", "Secretaría de Salud, Dirección General de Epidemiología", libreUso, libreUsoURL},
	energySource:    {"datos-abiertos-mx/cdmx", "https://github.com/datos-abiertos-mx/cdmx", "MIT", "Copyright (c) 2020 Francisco Valdez", "Comisión Reguladora de Energía", libreUso, libreUsoURL},
	cityBot:         {"datos-abiertos-mx/cdmx", "https://github.com/datos-abiertos-mx/cdmx", "MIT", "Copyright (c) 2020 Francisco Valdez", "Gobierno de la Ciudad de México", cityTerms, cityURL},
	mapsSource:      {"diegovalle/mxmaps", "https://github.com/diegovalle/mxmaps", "BSD-3-Clause", "Copyright (c) 2016, Diego Valle-Jones", "Instituto Nacional de Estadística y Geografía", libreUso, libreUsoURL},
	crimeMapsSource: {"diegovalle/new.crimenmexico", "https://github.com/diegovalle/new.crimenmexico", "MIT", "Diego Valle-Jones", "Instituto Nacional de Estadística y Geografía; Consejo Nacional de Población", libreUso, libreUsoURL},
	conapoSource:    {"diegovalle/conapo-2010", "https://github.com/diegovalle/conapo-2010", "WTFPL", "Diego Valle-Jones", "Consejo Nacional de Población", libreUso, libreUsoURL},
	"crimedf":       {"diegovalle/crimeDF", "https://github.com/diegovalle/crimeDF", "MIT", "Diego Valle-Jones", "Secretaría de Seguridad Pública del Distrito Federal", cityTerms, cityURL},
	homicideSource:  {"diegovalle/Homicide-MX-Drug-War", "https://github.com/diegovalle/Homicide-MX-Drug-War", "MIT", "Copyright (c) 2010 Diego Valle-Jones", "Instituto Nacional de Estadística y Geografía", libreUso, libreUsoURL},
	municipalSource: {"CodeandoMexico/IMCO_Municipios", "https://github.com/CodeandoMexico/IMCO_Municipios", "Apache-2.0", "Copyright 2015 Cívica Digital", "Ayuntamientos de Toluca, Metepec, Chalco, Lerma y Tenango del Valle", "Información pública municipal, con atribución.", "https://github.com/CodeandoMexico/IMCO_Municipios"},
	"mxabierto-org": {"anammtza/mxabierto.org", "https://github.com/anammtza/mxabierto.org", "MIT", "México Abierto", "Presidencia de la República, Coordinación de Estrategia Digital Nacional", libreUso, libreUsoURL},
	portalSource:    {"AFI-C/AFI-PGR", "https://github.com/AFI-C/AFI-PGR", "MIT", "Copyright (c) 2014 México Abierto", "Presidencia de la República, Coordinación de Estrategia Digital Nacional; Secretaría de Comunicaciones y Transportes", libreUso, libreUsoURL},
	rankingSource:   {"vaquer/adela", "https://github.com/vaquer/adela", "MIT", "Copyright (c) 2017 México Abierto", "Presidencia de la República, Coordinación de Estrategia Digital Nacional", libreUso, libreUsoURL},
	budgetSource:    {"the-vladman/dgm-viz", "https://github.com/the-vladman/dgm-viz", "Sin archivo de licencia: solo se toman cifras", "the-vladman", "Secretaría de Hacienda y Crédito Público, por medio de datos.gob.mx", libreUso, libreUsoURL},
	ballotSource:    {"emagar/mxDistritos", "https://github.com/emagar/mxDistritos", "MIT", "Copyright (c) 2019 Eric Magar", "Instituto Nacional Electoral, Cómputos Distritales 2021", "Información pública del INE, con atribución; consulta del 2026-11-28.", "https://computos2021.ine.mx/base-de-datos"},
	airSource:       {"bcsimat/conteos-IAS", "https://github.com/bcsimat/conteos-IAS", "Sin archivo de licencia: solo se toman cifras", "bcsimat", "Secretaría del Medio Ambiente de la Ciudad de México, Sistema de Monitoreo Atmosférico", cityTerms, cityURL},
	"plaza":         {"plaza", "", "La de este proyecto", "Plaza", "Plaza", "Texto escrito para la demostración.", ""},
}
