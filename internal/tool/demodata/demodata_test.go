package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const committed = "../../site/demo"

// TestTheCommittedCataloguesAreThoseThatTheTextsGive fails when a text under
// content/ was changed and the catalogues were not written anew.
func TestTheCommittedCataloguesAreThoseThatTheTextsGive(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"fuentes.json", "instituciones.json"} {
		b, err := os.ReadFile(filepath.Join(committed, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := run([]string{"catalogs", dir}); err != nil {
		t.Fatal(err)
	}
	made := 0
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		made++
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		want, err := os.ReadFile(filepath.Join(committed, rel))
		if err != nil {
			t.Errorf("%s is not committed", rel)
			return nil
		}
		// Compressed parts may differ from one release of Go to the next.
		if strings.HasSuffix(rel, ".gz") || strings.HasSuffix(rel, ".xlsx") {
			return nil
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" && !strings.HasSuffix(rel, "fuentes.json") {
			t.Errorf("%s differs from what the texts give (-committed +made):\n%s", rel, diff)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if made < 60 {
		t.Errorf("only %d files were made", made)
	}
}

func TestHoldersWhoMayBePersonsAreToldFromCompanies(t *testing.T) {
	for name, want := range map[string]bool{
		"ESTACION DE SERVICIO CALAFIA, S.A. DE C.V.": true,
		"Gasolinera El Guero":                        true,
		"MUNICIPIO DE MEXTICACAN":                    true,
		"JUANA PÉREZ LÓPEZ":                          false,
		"Sacramento Casas Vega":                      false,
	} {
		if got := company.MatchString(name); got != want {
			t.Errorf("company.MatchString(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestAPointFallsInItsAreaAndNotInAHole(t *testing.T) {
	square := func(a, b float64) [][2]float64 { return [][2]float64{{a, a}, {b, a}, {b, b}, {a, b}, {a, a}} }
	s := &shape{polygons: [][][][2]float64{{square(0, 10), square(4, 6)}}, minX: 0, minY: 0, maxX: 10, maxY: 10}
	for _, c := range []struct {
		x, y float64
		want bool
	}{{1, 1, true}, {5, 5, false}, {11, 5, false}, {9, 9, true}} {
		if got := s.contains(c.x, c.y); got != c.want {
			t.Errorf("contains(%v, %v) = %v, want %v", c.x, c.y, got, c.want)
		}
	}
}

func TestCodesGetTheirZerosBack(t *testing.T) {
	for in, want := range map[string]string{"1001.0": "01001", "9": "00009", " 15106 ": "15106"} {
		if got := pad(in, 5); got != want {
			t.Errorf("pad(%q, 5) = %q, want %q", in, got, want)
		}
	}
}

func TestColumnsGetTheTypeOfAllTheirCells(t *testing.T) {
	tab := newTable("a", "b", "c", "d", "e")
	tab.add("1", "1", "2020-01-01", "001", "")
	tab.add("2", "1.5", "2020-02-01", "2", "")
	if diff := cmp.Diff([]string{"entero", "decimal", "fecha", "texto", "texto"}, tab.types()); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
}

// The map that package place embeds is the one that the demonstration serves.
func TestTheFrameworkIsTheMapOfTheDemonstration(t *testing.T) {
	var unpacked [][]byte
	for _, name := range []string{committed + "/archivos/inegi/municipios_2020.topo.json.gz", "../../base/tabular/place/municipios_2020.topo.json.gz"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		unpacked = append(unpacked, b)
	}
	if !bytes.Equal(unpacked[0], unpacked[1]) {
		t.Error("they differ")
	}
}
