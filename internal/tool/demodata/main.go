// Command demodata makes the files of the demonstration world from the shared
// folder of real open data.
//
//	go run ./internal/tool/demodata files SHARED internal/site/demo
//	go run ./internal/tool/demodata catalogs internal/site/demo
//	go run ./internal/tool/demodata framework SHARED internal/base/tabular/place
//	go run ./internal/tool/demodata neighbours ATLAS internal/section/basemap
//
// "files" reads the shared folder (../shared/data), derives every table and map
// and writes archivos/ and fuentes.json. "catalogs" reads those and the texts
// under content/, and writes the data dictionaries, the catalogues in the
// formats in which institutions publish, and FUENTES.md. It needs no shared
// folder, so that anybody can change a text. "framework" writes the map and the
// population that package place embeds, "neighbours" the countries around that package
// basemap embeds: ATLAS is the unpacked npm package world-atlas 2.0.2. The same input
// gives the same
// bytes: nothing here reads a clock or ranges over a map unsorted.
//
// Personal data is left out where the sources carry it: names of officials in
// the municipal tables, names of natural persons who hold petrol station
// permits, rows about single patients, free answers to a survey, and exact
// places of crimes. What the explorer does with personal data is shown with rows
// that are made up.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demodata:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "files":
		return makeFiles(args[1], args[2])
	case len(args) == 2 && args[0] == "catalogs":
		return makeCatalogs(args[1])
	case len(args) == 3 && args[0] == "framework":
		return makeFramework(args[1], args[2])
	case len(args) == 3 && args[0] == "neighbours":
		return makeNeighbours(args[1], args[2])
	}
	return fmt.Errorf("use: demodata files SHARED DIR | demodata catalogs DIR | demodata framework SHARED DIR | demodata neighbours ATLAS DIR")
}

// makeFiles derives everything from the shared folder, one subject at a time.
func makeFiles(shared, dir string) error {
	w, err := newWriter(dir)
	if err != nil {
		return err
	}
	s := source(shared)
	states, err := readStates(s)
	if err != nil {
		return fmt.Errorf("reading the states: %w", err)
	}
	towns, err := readTowns(s)
	if err != nil {
		return fmt.Errorf("reading the municipalities: %w", err)
	}
	subjects := []struct {
		name string
		make func() error
	}{
		{"salud", func() error { return makeCovid(s, w, states, towns) }},
		{"energia", func() error { return makeEnergy(s, w, states, towns) }},
		{"censo", func() error { return makeCensus(s, w) }},
		{"censo 2010", func() error { return makeCensus2010(s, w) }},
		{"homicidios", func() error { return makeHomicides(s, w, states) }},
		{"geografia", func() error { return makeGeography(s, w, states, towns) }},
		{"poblacion", func() error { return makePopulation(s, w, states, towns) }},
		{"fgj", func() error { return makeInvestigations(s, w) }},
		{"c5", func() error { return makeRoadIncidents(s, w) }},
		{"semovi", func() error { return makeMobility(s, w) }},
		{"ssc", func() error { return makeQuadrants(s, w) }},
		{"alcaldias", func() error { return makeBoroughs(s, w) }},
		{"municipios", func() error { return makeMunicipal(s, w) }},
		{"federal", func() error { return makeFederal(s, w) }},
		{"elecciones", func() error { return makeElections(w, states) }},
		{"aire", func() error { return makeAir(w) }},
		{"presupuesto", func() error { return makeBudget(s, w) }},
		{"inventados", func() error { return makeInvented(w) }},
	}
	for _, subject := range subjects {
		if err := subject.make(); err != nil {
			return fmt.Errorf("%s: %w", subject.name, err)
		}
	}
	return w.close()
}
