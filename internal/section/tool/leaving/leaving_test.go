package leaving_test

import (
	"bytes"
	"encoding/csv"
	"image/png"
	"strings"
	"testing"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/leaving"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

func view(t *testing.T, v spec.View, columns []reckon.Column, rows ...string) leaving.View {
	t.Helper()
	b, err := i18n.New(showing.Locale, drawing.Locale, wording.Locale, sentence.Locale)
	if err != nil {
		t.Fatal(err)
	}
	v.Name, v.Source = "uno", "datos"
	r := reckon.Result{View: "uno", Rest: -1, Counted: 9, Columns: columns, Stamps: []reckon.Stamp{{Source: "datos", Resource: "r", Title: "Recurso", Dataset: "Conjunto", Institution: "Secretaría de Salud",
		License: "Libre Uso MX", Version: 3, Newest: 3, Fetched: time.Date(2026, 5, 20, 18, 0, 0, 0, time.UTC)}}}
	for _, row := range rows {
		var cells []tabular.Cell
		for cell := range strings.SplitSeq(row, ";") {
			cells = append(cells, tabular.Cell{Text: cell})
		}
		r.Rows = append(r.Rows, cells)
	}
	s := spec.Spec{Title: "Casos por estado", Sources: []spec.Source{{Name: "datos", Resource: "r"}}, Views: []spec.View{v}}
	return leaving.View{Asked: showing.Asked{L: b.Printer(i18n.Spanish), Spec: s, View: v, Result: r}, URL: "https://plaza.example/herramientas/casos"}
}

var counted = reckon.Column{Name: "cuenta", Role: reckon.RoleY, Func: tabular.Count, Type: tabular.Integer}

func TestAPictureThatLeavesSaysWhereItIsFrom(t *testing.T) {
	for name, v := range map[string]leaving.View{
		"bars":                 view(t, spec.View{Mark: spec.Bar}, []reckon.Column{{Name: "estado", Role: reckon.RoleX, Field: "estado", Type: tabular.Text, Group: true}, counted}, "Jalisco;7", "Colima;2"),
		"a figure":             view(t, spec.View{Mark: spec.Figure}, []reckon.Column{counted}, "56594"),
		"a figure with a past": view(t, spec.View{Mark: spec.Figure}, []reckon.Column{{Name: "anio", Role: reckon.RoleX, Field: "anio", Type: tabular.Year, Group: true}, counted}, "2019;5", "2020;56594"),
	} {
		_, svg, err := v.Write(leaving.SVG)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Casos por estado", "Secretaría de Salud", "Conjunto", "versión 3", "20 de mayo de 2026", "Libre Uso MX", "plaza.example/herramientas/casos", "9 filas"} {
			if !strings.Contains(string(svg), want) {
				t.Errorf("%s leaves without %q", name, want)
			}
		}
		if strings.HasPrefix(name, "a figure") && !strings.Contains(string(svg), ">56,594<") {
			t.Errorf("%s leaves without its number", name)
		}
		kind, body, err := v.Write(leaving.PNG)
		if err != nil || kind != "image/png" {
			t.Fatal(kind, err)
		}
		if p, err := png.Decode(bytes.NewReader(body)); err != nil || p.Bounds().Dx() != 1200 || p.Bounds().Dy() != 630 {
			t.Errorf("the card of %s: %v", name, err)
		}
		if small, err := v.Thumbnail(); err != nil || len(small) > leaving.ThumbnailBytes {
			t.Errorf("the thumbnail of %s has %d bytes, %v", name, len(small), err)
		}
	}
}

func TestNumbersLeaveAsInTheTableAndSayWhereTheyAreFrom(t *testing.T) {
	for _, c := range []struct{ column, heads string }{{"estado", "estado cuenta fuente"}, {"fuente", "fuente cuenta fuente_"}} {
		v := view(t, spec.View{Mark: spec.Bar}, []reckon.Column{{Name: c.column, Role: reckon.RoleX, Field: c.column, Type: tabular.Text, Group: true}, counted}, `San Luis, "SLP";7`, "Colima;2")
		_, body, err := v.Write(leaving.CSV)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
		if err != nil || len(rows) != 3 || strings.Join(rows[0], " ") != c.heads {
			t.Fatalf("%s, %v", body, err)
		}
		for i, want := range []string{`San Luis, "SLP" 7`, "Colima 2"} {
			row := rows[i+1]
			if got := strings.Join(row[:2], " "); got != want {
				t.Errorf("row %d: %q, want %q", i, got, want)
			}
			for _, want := range []string{"Secretaría de Salud", "Conjunto", "versión 3", "20 de mayo de 2026", "Libre Uso MX", "9 filas", "https://plaza.example/herramientas/casos"} {
				if !strings.Contains(row[2], want) {
					t.Errorf("row %d leaves without %q: %q", i, want, row[2])
				}
			}
		}
	}
	empty := view(t, spec.View{Mark: spec.Bar}, []reckon.Column{{Name: "estado", Role: reckon.RoleX, Field: "estado", Type: tabular.Text, Group: true}, counted})
	_, body, err := empty.Write(leaving.CSV)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "" || rows[1][1] != "" || !strings.Contains(rows[1][2], "Secretaría de Salud") || !strings.Contains(rows[1][2], "Libre Uso MX") {
		t.Errorf("no rows leave as %q, %v", rows, err)
	}
	v := view(t, spec.View{Mark: spec.Bar}, []reckon.Column{counted}, "7")
	if _, _, err := v.Write("otra.cosa"); err == nil {
		t.Error("a file that there is not was written")
	}
}
