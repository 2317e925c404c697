package main

import (
	"fmt"
	"strings"
)

// state is one of the 32 federal entities, by its two-digit code.
type state struct {
	code, name, short string
	pop               int
}

// town is a municipality of the 2020 census, by its five-digit code.
type town struct {
	code, name, state, stateName, metro string
	pop, men, women, afro, indigenous   int
	lon, lat                            float64
}

func readStates(s source) (map[string]state, error) {
	r, err := s.records("csv/mx_estados_censo2020.csv")
	if err != nil {
		return nil, err
	}
	m := map[string]state{}
	for _, row := range r.rows {
		code := r.get(row, "region")
		m[code] = state{code: code, name: r.get(row, "state_name"), short: r.get(row, "state_abbr_official"), pop: whole(r.get(row, "pop"))}
	}
	if len(m) != 32 {
		return nil, fmt.Errorf("%d states instead of 32", len(m))
	}
	return m, nil
}

func readTowns(s source) (map[string]town, error) {
	r, err := s.records("csv/mx_municipios_censo2020.csv")
	if err != nil {
		return nil, err
	}
	m := map[string]town{}
	for _, row := range r.rows {
		code := r.get(row, "region")
		m[code] = town{
			code: code, name: r.get(row, "municipio_name"), state: r.get(row, "state_code"), stateName: r.get(row, "state_name"), metro: r.get(row, "metro_area"),
			pop: whole(r.get(row, "pop")), men: whole(r.get(row, "pop_male")), women: whole(r.get(row, "pop_female")),
			afro: whole(r.get(row, "afromexican")), indigenous: whole(r.get(row, "indigenous_language")),
			lon: number(r.get(row, "long")), lat: number(r.get(row, "lat")),
		}
	}
	return m, nil
}

// pad gives a code its leading zeros back ("1001.0" becomes "01001").
func pad(code string, width int) string {
	code, _, _ = strings.Cut(strings.TrimSpace(code), ".")
	for len(code) < width {
		code = "0" + code
	}
	return code
}
