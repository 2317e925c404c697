package sentence_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

func cells(texts ...string) (out []tabular.Cell) {
	for _, s := range texts {
		switch s {
		case "·":
			out = append(out, tabular.Cell{Null: true})
		case "otros":
			out = append(out, reckon.Other)
		default:
			out = append(out, tabular.Cell{Text: s})
		}
	}
	return out
}

var (
	month    = reckon.Column{Name: "fecha", Role: reckon.RoleX, Field: "fecha", Type: tabular.Date, Step: tabular.StepMonth, Group: true}
	product  = reckon.Column{Name: "producto", Role: reckon.RoleX, Field: "producto", Type: tabular.Text, Group: true}
	series   = reckon.Column{Name: "sexo", Role: reckon.RoleColor, Field: "sexo", Type: tabular.Text, Group: true}
	sold     = reckon.Column{Name: "suma:ventas", Role: reckon.RoleY, Field: "ventas", Type: tabular.Decimal, Func: tabular.Sum}
	bin      = reckon.Column{Name: "edad", Role: reckon.RoleX, Field: "edad", Type: tabular.Integer, Step: tabular.StepBins, Width: 10, Group: true}
	counted  = reckon.Column{Name: "cuenta", Role: reckon.RoleY, Type: tabular.Integer, Func: tabular.Count}
	state    = reckon.Column{Name: "estado", Role: reckon.RolePlace, Field: "estado", Type: tabular.Code, Meaning: tabular.State, Group: true}
	year     = reckon.Column{Name: "anio", Role: reckon.RoleX, Field: "anio", Type: tabular.Year, Group: true}
	hour     = reckon.Column{Name: "hora", Role: reckon.RoleX, Field: "hora", Type: tabular.Code, Group: true}
	day      = reckon.Column{Name: "dia", Role: reckon.RoleY, Field: "dia", Type: tabular.Text, Group: true}
	part     = reckon.Column{Name: "porcentaje:suma:ventas", Role: reckon.RoleShare, Field: "ventas", Type: tabular.Percent, Unit: "%"}
	measured = reckon.Column{Name: "suma:ventas", Role: reckon.RoleColor, Field: "ventas", Type: tabular.Decimal, Func: tabular.Sum, Per: "population", Times: 1000}
)

// many are so many series, which all end in March.
func many(n int) reckon.Result {
	r := reckon.Result{Columns: []reckon.Column{month, series, sold}, Rest: -1}
	for i := range n {
		r.Rows = append(r.Rows, cells("2021-03-01", fmt.Sprintf("s%02d", i+1), strconv.Itoa(i+1)))
	}
	return r
}

func TestWhatIsShownIsSaid(t *testing.T) {
	bundle, err := i18n.New(sentence.Locale, wording.Locale)
	if err != nil {
		t.Fatal(err)
	}
	histogram := spec.View{Mark: spec.Bar, Encoding: spec.Encoding{X: spec.Channel{Field: "edad", Bin: 3}}}
	for _, c := range []struct {
		view   spec.View
		result reckon.Result
		es, en string
	}{
		{spec.View{Mark: spec.Text}, reckon.Result{}, "", ""},
		{spec.View{Mark: spec.Bar}, reckon.Result{Columns: []reckon.Column{product, sold}}, "No hay datos que mostrar.", "There is no data to show."},
		{spec.View{Mark: spec.Bar}, reckon.Result{Columns: []reckon.Column{product, sold}, Rest: 2, Rows: [][]tabular.Cell{cells("pan", "60"), cells("té", "20"), cells("otros", "20"), cells("sal", "·")}},
			"Ventas. De 2 valores, el mayor es el de “pan” (60) y el menor el de “té” (20). “pan” es 60 % del total.",
			"Ventas. Of 2 values, the greatest is that of “pan” (60) and the least that of “té” (20). “pan” is 60 % of the whole."},
		{spec.View{Mark: spec.Line}, reckon.Result{Columns: []reckon.Column{month, sold}, Rows: [][]tabular.Cell{cells("2021-01-01", "100"), cells("2021-02-01", "180"), cells("2021-03-01", "150")}},
			"Ventas. Sube 50 %: de 100 (enero de 2021) a 150 (marzo de 2021). Lo más alto es 180 (febrero de 2021).",
			"Ventas. It rises 50 %: from 100 (January 2021) to 150 (March 2021). The highest is 180 (February 2021)."},
		{spec.View{Mark: spec.Line}, reckon.Result{Columns: []reckon.Column{month, series, sold}, Rest: -1, RestSeries: "…", Folded: 12, Rows: [][]tabular.Cell{cells("2021-01-01", "mujer", "100"), cells("2021-03-01", "hombre", "70"), cells("2021-03-01", "mujer", "150"), cells("2021-03-01", "otros", "900")}},
			"Ventas, 2 series. Al final (marzo de 2021) la mayor es “mujer” (150) y la menor “hombre” (70). Otras 12 van juntas, en gris.",
			"Ventas, 2 series. In the end (March 2021) the greatest is “mujer” (150) and the least “hombre” (70). Another 12 are put together, in grey."},
		{spec.View{Mark: spec.Figure}, reckon.Result{Columns: []reckon.Column{month, sold}, Rows: [][]tabular.Cell{cells("2021-01-01", "0"), cells("2021-02-01", "5")}},
			"Ventas: 5 (febrero de 2021). Antes era 0 (enero de 2021).", "Ventas: 5 (February 2021). Before, it was 0 (January 2021)."},
		{spec.View{Mark: spec.Figure}, reckon.Result{Columns: []reckon.Column{month, sold}, Rows: [][]tabular.Cell{cells("2021-01-01", "2"), cells("2021-02-01", "7")}},
			"Ventas: 7 (febrero de 2021). Se multiplica por 3.5 desde 2 (enero de 2021).", "Ventas: 7 (February 2021). It is 3.5 times the 2 of before (January 2021)."},
		{spec.View{Mark: spec.Line}, reckon.Result{Columns: []reckon.Column{month, sold}, Rows: [][]tabular.Cell{cells("2021-01-01", "2"), cells("2021-02-01", "6090")}},
			"Ventas. Se multiplica por 3,045: de 2 (enero de 2021) a 6,090 (febrero de 2021). Lo más alto es 6,090 (febrero de 2021).",
			"Ventas. It grows 3,045-fold: from 2 (January 2021) to 6,090 (February 2021). The highest is 6,090 (February 2021)."},
		{spec.View{Mark: spec.Line}, reckon.Result{Columns: []reckon.Column{month, sold}, Rows: [][]tabular.Cell{cells("2021-01-01", "0.0001"), cells("2021-02-01", "60")}},
			"Ventas. Va de 0.0001 (enero de 2021) a 60 (febrero de 2021). Lo más alto es 60 (febrero de 2021).", ""},
		{histogram, reckon.Result{Columns: []reckon.Column{bin, counted}, Rows: [][]tabular.Cell{cells("0", "3"), cells("10", "9")}},
			"De 2 rangos, el que más tiene es 10 a 20 (9). “10 a 20” es 75 % del total.", "Of 2 ranges, 10 to 20 has the most (9). “10 to 20” is 75 % of the whole."},
		{spec.View{Mark: spec.GeoShape}, reckon.Result{Names: map[string]string{"01": "Aguascalientes", "31": "Yucatán"}, Columns: []reckon.Column{state, measured}, Rows: [][]tabular.Cell{cells("01", "2.5"), cells("31", "1")}},
			"Ventas por cada 1,000 habitantes. De 2 lugares, el valor mayor es el de Aguascalientes (2.5) y el menor el de Yucatán (1).", ""},
		{spec.View{Mark: spec.Circle}, reckon.Result{Clustered: true, Counted: 5000, Missing: 20, Columns: []reckon.Column{counted}, Rows: [][]tabular.Cell{cells("4000"), cells("980")}},
			"4,980 puntos. Los que están cerca se ven juntos, en 2 grupos.", "4,980 points. Those that are near are shown together, in 2 clusters."},
		{spec.View{Mark: spec.Bar}, reckon.Result{Columns: []reckon.Column{product, sold}, Rows: [][]tabular.Cell{cells("pan", "5"), cells("té", "5"), cells("sal", "5")}},
			"Ventas. Los 3 valores son iguales: 5.", "Ventas. All 3 values are the same: 5."},
		{spec.View{Mark: spec.GeoShape}, reckon.Result{Names: map[string]string{"01": "Aguascalientes", "31": "Yucatán"}, Columns: []reckon.Column{state, measured}, Rows: [][]tabular.Cell{cells("01", "2.50001"), cells("31", "2.5")}},
			"Ventas por cada 1,000 habitantes. De 2 lugares, el valor mayor es el de Aguascalientes (2.50001) y el menor el de Yucatán (2.5).", ""},
		{spec.View{Mark: spec.Bar, Format: "integer"}, reckon.Result{Columns: []reckon.Column{product, sold}, Rows: [][]tabular.Cell{cells("pan", "24.37"), cells("té", "23.57")}},
			"Ventas. De 2 valores, el mayor es el de “pan” (24.4) y el menor el de “té” (23.6). “pan” es 50.8 % del total.", ""},
		{spec.View{Mark: spec.GeoShape}, reckon.Result{Names: map[string]string{"01": "Aguascalientes", "31": "Yucatán"}, Columns: []reckon.Column{state, measured}, Rows: [][]tabular.Cell{cells("01", "2.5"), cells("31", "2.5")}},
			"Ventas por cada 1,000 habitantes. Los 2 lugares tienen el mismo valor: 2.5.", ""},
		{histogram, reckon.Result{Columns: []reckon.Column{bin, counted}, Rows: [][]tabular.Cell{cells("0", "9"), cells("10", "9")}},
			"Los 2 rangos tienen lo mismo: 9.", "All 2 ranges have the same: 9."},
		{spec.View{Mark: spec.Line}, reckon.Result{Columns: []reckon.Column{month, sold}, Rows: [][]tabular.Cell{cells("2021-01-01", "8"), cells("2021-02-01", "8"), cells("2021-03-01", "8")}},
			"Ventas. Siempre es 8, de enero de 2021 a marzo de 2021.", "Ventas. It is always 8, from January 2021 to March 2021."},
		{spec.View{Mark: spec.Line}, reckon.Result{Columns: []reckon.Column{month, series, sold}, Rows: [][]tabular.Cell{cells("2021-01-01", "mujer", "1"), cells("2021-03-01", "hombre", "70"), cells("2021-03-01", "mujer", "70")}},
			"Ventas, 2 series. Al final (marzo de 2021) todas llegan a 70.", "Ventas, 2 series. In the end (March 2021) all of them reach 70."},
		{spec.View{Mark: spec.Line}, many(11), "Ventas, 11 series. Al final (marzo de 2021) la mayor es “s11” (11) y la menor “s01” (1). Las 3 que terminan más abajo van en gris.", ""},
		{spec.View{Mark: spec.Point}, reckon.Result{Columns: []reckon.Column{{Name: "x", Field: "x", Role: reckon.RoleX, Type: tabular.Decimal}, {Name: "y", Field: "y", Role: reckon.RoleY, Type: tabular.Decimal}}, Rows: [][]tabular.Cell{cells("1", "5"), cells("2", "5")}},
			"2 puntos. X: de 1 a 2. Y: siempre 5.", "2 points. X: from 1 to 2. Y: always 5."},
		{spec.View{Mark: spec.Rect}, reckon.Result{Columns: []reckon.Column{hour, day, sold}, Rows: [][]tabular.Cell{cells("12", "martes", "60"), cells("02", "lunes", "40")}},
			"Ventas. De 2 valores, el mayor es el de “Hora 12 · martes” (60) y el menor el de “Hora 02 · lunes” (40). “Hora 12 · martes” es 60 % del total.", ""},
		{spec.View{Mark: spec.Bar, Stack: "normalize"}, reckon.Result{Columns: []reckon.Column{day, series, sold, part}, Rows: [][]tabular.Cell{cells("lunes", "mujer", "900", "90"), cells("lunes", "hombre", "100", "10"), cells("martes", "mujer", "1", "100")}},
			"Ventas, % de cada dia. De 3 valores, el mayor es el de “martes · mujer” (100 %) y el menor el de “lunes · hombre” (10 %).", ""},
		{spec.View{Mark: spec.Area, Stack: "normalize"}, reckon.Result{Columns: []reckon.Column{year, series, sold, part}, Rows: [][]tabular.Cell{cells("2020", "mujer", "900", "90"), cells("2020", "hombre", "100", "10"), cells("2021", "mujer", "1", "25"), cells("2021", "hombre", "3", "75")}},
			"Ventas, % de cada año, 2 series. Al final (2021) la mayor es “hombre” (75 %) y la menor “mujer” (25 %).", "Ventas, % of each year, 2 series. In the end (2021) the greatest is “hombre” (75 %) and the least “mujer” (25 %)."},
		{spec.View{Mark: spec.Table}, reckon.Result{Left: 8, Rows: [][]tabular.Cell{cells("a"), cells("b")}}, "Las primeras 2 filas de 10.", "The first 2 rows of 10."},
	} {
		for lang, want := range map[string]string{"es": c.es, "en": c.en} {
			want = strings.ReplaceAll(strings.ReplaceAll(want, " %", "\u00a0%"), ",\u00a0%", ", %")
			if got := sentence.Say(bundle.Printer(lang), c.view, c.result); got != want && (want != "" || c.es == "") {
				t.Errorf("%s %s:\n%s\nwant\n%s", lang, c.view.Mark, got, want)
			}
		}
	}
}
