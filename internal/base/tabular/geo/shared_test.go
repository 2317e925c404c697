//go:build shared

package geo_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/geo"
	"plaza/internal/base/tabular/place"
)

func shared(t *testing.T, name string) tabular.File {
	t.Helper()
	dir := os.Getenv("PLAZA_SHARED_DATA")
	if dir == "" {
		t.Fatal("PLAZA_SHARED_DATA names no folder")
	}
	return tabular.File{Path: filepath.Join(dir, name), Name: filepath.Base(name)}
}

func TestSharedMapsOpenWhole(t *testing.T) {
	type want struct {
		Name, Encoding, Projection string
		Rows, Columns              int
		Unsure                     []string
		Codes                      map[string]int64
	}
	none := map[string]int64{}
	crossings := func(n int64) map[string]int64 { return map[string]int64{"g07": n} } // simplified too far
	for _, c := range []struct {
		file string
		open tabular.Opener
		want []want
	}{
		{"geo/mx_municipios.topo.json", geo.TopoJSON, []want{{"municipios", "utf-8", "WGS 84", 2469, 7, nil, crossings(4)}}},
		{"geo/mx_2025_3pct.topo.json", geo.TopoJSON, []want{{"mun", "utf-8", "WGS 84", 2475, 6, nil, crossings(2)}, {"ent", "utf-8", "WGS 84", 32, 4, nil, crossings(2)}}},
		{"geo/mx_estados.topo.json", geo.TopoJSON, []want{{"estados", "utf-8", "WGS 84", 32, 5, nil, crossings(6)}}},
		{"geo/mx_estados_mxabierto.topo.json", geo.TopoJSON, []want{{"states", "utf-8", "WGS 84", 32, 3, nil, crossings(13)}}},
		{"geo/mx_estados_covid.geojson", geo.GeoJSON, []want{{"", "utf-8", "WGS 84", 32, 14, nil, none}}},
		{"geo/mx_municipios.shp", geo.Shapefile, []want{{"", "utf-8", "WGS 84", 2457, 2, []string{"projection"}, crossings(12)}}},
		{"geo/mx_estatal.shp", geo.Shapefile, []want{{"", "windows-1252", "GCS_WGS_1984", 32, 194, []string{"encoding"}, none}}},
	} {
		found, err := c.open(context.Background(), shared(t, c.file))
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		var got []want
		for _, s := range found {
			tab := readAll(t, s)
			if tab.err != nil {
				t.Errorf("%s: %v", c.file, tab.err)
			}
			if s.Format == "shp" && len(tab.rows) == 32 {
				if diff := cmp.Diff("Michoacán de Ocampo", tab.column(t, "NOM_ENT")[15]); diff != "" {
					t.Error(diff)
				}
			}
			outside := 0
			for _, r := range tab.rows {
				lon, lat, ok := geo.Point([]byte(r[len(r)-1]))
				if !ok || !place.Mexico.Holds(lon, lat) {
					outside++
				}
			}
			if outside > 0 {
				t.Errorf("%s: %d geometries lie outside of Mexico", c.file, outside)
			}
			got = append(got, want{s.Name, s.Layout.Encoding, s.Layout.Projection, len(tab.rows), len(s.Labels), s.Layout.Unsure, tab.codes()})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.file, diff)
		}
	}
}

func TestSharedLinesInCellsBecomeGeometries(t *testing.T) {
	for name, want := range map[string]int{"ciclovias_geo.csv": 382, "vialidades_geo.csv": 472, "gtfs_rutas_geo.csv": 397} {
		file, err := os.Open(shared(t, "csv/cdmx/"+name).Path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		column, good := -1, 0
		for i, label := range rows[0] {
			if label == "Geo Shape" {
				column = i
			}
		}
		for _, r := range rows[1:] {
			if b, ok := geo.FromText([]byte(r[column]), nil); ok {
				good++
				lon, lat, ok := geo.Point(b)
				if mun, inside := place.At(lon, lat); !ok || !inside || mun[:2] != "09" && mun[:2] != "15" {
					t.Errorf("%s: a line in %q", name, mun)
				}
			}
		}
		if good != want || len(rows)-1 != want {
			t.Errorf("%s: %d of %d", name, good, len(rows)-1)
		}
	}
}
