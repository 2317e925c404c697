package engine_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/engine"
	"plaza/internal/base/tabular/form"
)

// held is all that a file in a form holds, its packed parts unpacked.
func held(t *testing.T, e *engine.Engine, f child.Form, file []byte) string {
	t.Helper()
	switch f {
	case child.XLSX:
		z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, part := range z.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(&all, r); err != nil {
				t.Fatal(err)
			}
			_ = r.Close()
		}
		return all.String()
	case child.Parquet: // its words lie packed, its metadata plainly
		table := converted(t, e, "a.parquet", string(file))
		page, err := e.Page(t.Context(), table, tabular.Query{})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(string(file), page.Columns, page.Rows)
	}
	return string(file)
}

func TestAFileSaysWhereItComesFromAndHoldsNothingThatIsHidden(t *testing.T) {
	e := newEngine(t)
	table := converted(t, e, "obras.csv", obras)
	about := map[string]string{form.Origin: "https://obras.example/2021.csv", form.Date: "2026-11-27", form.Licence: "CC BY 4.0", form.Filter: "f.entidad.no=14"}
	not14 := tabular.Query{Where: []tabular.Condition{{Column: "entidad", Op: tabular.IsNot, Values: []string{"14"}}}}
	for _, c := range []struct {
		hidden []string
		values []string // that none may hold
		shown  string   // what all hold
		forms  []child.Form
	}{
		// a GeoJSON without a place is none
		{[]string{"nota"}, []string{"Pavimentación", "Mérida"}, "2021", []child.Form{child.CSV, child.JSON, child.Lines, child.GeoJSON, child.XLSX, child.Parquet, child.Arrow}},
		{[]string{"lat", "lon"}, []string{"19.4326", "99.1332", "_lat", "_ent", "_mun", "09015", "Jardín"}, "Pavimentación", []child.Form{child.CSV, child.JSON, child.Lines, child.XLSX, child.Parquet, child.Arrow}},
	} {
		table.Hidden = c.hidden
		for _, f := range c.forms {
			var out bytes.Buffer
			if err := e.Export(t.Context(), table, child.Export{Form: f, Query: not14, About: about}, &out); err != nil {
				t.Fatalf("%s without %v: %v", f, c.hidden, err)
			}
			text := held(t, e, f, out.Bytes())
			for _, v := range slices.Concat(c.values, c.hidden) {
				if strings.Contains(text, v) && (f != child.XLSX || v != "lat" && v != "lon") { // which are parts of its own words
					t.Errorf("%s without %v holds %q", f, c.hidden, v)
				}
			}
			if !strings.Contains(text, c.shown) {
				t.Errorf("%s without %v lacks %q", f, c.hidden, c.shown)
			}
			for key, v := range about {
				if tells := f == child.GeoJSON || f == child.XLSX || f == child.Parquet || f == child.Arrow; tells && !strings.Contains(text, v) {
					t.Errorf("%s does not tell its %s, %q", f, key, v)
				}
			}
		}
	}
	table.Hidden = []string{"lat"}
	if err := e.Export(t.Context(), table, child.Export{Form: child.GeoJSON, Query: tabular.Query{Columns: []string{"clave"}}}, io.Discard); err == nil {
		t.Error("a place of which a half is hidden leaves as GeoJSON")
	}
}

func TestAFileOfGroupsNamesThePlacesOfItsCodes(t *testing.T) {
	e := newEngine(t)
	table := converted(t, e, "obras.csv", obras)
	by := func(f child.Form, columns ...string) (string, error) {
		x := child.Export{Form: f}
		for _, c := range columns {
			x.Query.Group = append(x.Query.Group, tabular.Group{Column: c})
		}
		var out bytes.Buffer
		err := e.Export(t.Context(), table, x, &out)
		return held(t, e, f, out.Bytes()), err
	}
	const states = "entidad,nombre:entidad,cuenta\n09,Ciudad de México,2\n14,Jalisco,1\n31,Yucatán,1\n"
	if got, err := by(child.CSV, "entidad"); err != nil || got != states {
		t.Errorf("by state: %q, %v", got, err)
	}
	if got, err := by(child.JSON, tabular.ColumnMun, "clave"); err != nil || !strings.Contains(got, `{"_mun":"14039","nombre:_mun":"Guadalajara","clave":"02","cuenta":1}`) {
		t.Errorf("by municipality: %q, %v", got, err)
	}
	for _, f := range []child.Form{child.Lines, child.XLSX, child.Parquet} {
		if got, err := by(f, "entidad"); err != nil || !strings.Contains(got, "nombre:entidad") || !strings.Contains(got, "Jalisco") {
			t.Errorf("%s by state: %v, %.300q", f, err, got)
		}
	}
	table.Hidden = []string{"lat", "entidad"} // which tell all places
	for _, column := range []string{"entidad", tabular.ColumnEnt, tabular.ColumnMun} {
		for _, f := range []child.Form{child.CSV, child.Parquet} {
			if err := e.Export(t.Context(), table, child.Export{Form: f, Query: tabular.Query{Group: []tabular.Group{{Column: column}}}}, io.Discard); err == nil {
				t.Errorf("the names of %s, which is hidden, leave as %s", column, f)
			}
		}
	}
}

func TestPairsLieWhereTheyCanOnly(t *testing.T) {
	e := newEngine(t)
	table := converted(t, e, "a.csv", "obra,coordenadas\n1,\"19.4326,-99.1332\"\n2,\"(19.4000, -99.1500)\"\n3,\"-99.1600,19.4100\"\n")
	n, err := e.Count(t.Context(), table, tabular.Query{Where: []tabular.Condition{{Op: tabular.Inside, Values: []string{"09"}}}})
	if err != nil || n != 3 {
		t.Errorf("%d of 3 pairs lie in Mexico City, one of which has its longitude first: %v, %+v", n, err, table.Profile.Place)
	}
}
