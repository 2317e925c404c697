package sentence_test

import (
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
	measured = reckon.Column{Name: "suma:ventas", Role: reckon.RoleColor, Field: "ventas", Type: tabular.Decimal, Func: tabular.Sum, Per: "population", Times: 1000}
)

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
		{spec.View{Mark: spec.Table}, reckon.Result{Left: 8, Rows: [][]tabular.Cell{cells("a"), cells("b")}}, "Las primeras 2 filas de 10.", "The first 2 rows of 10."},
	} {
		for lang, want := range map[string]string{"es": c.es, "en": c.en} {
			want = strings.ReplaceAll(want, " %", "\u00a0%")
			if got := sentence.Say(bundle.Printer(lang), c.view, c.result); got != want && (want != "" || c.es == "") {
				t.Errorf("%s %s:\n%s\nwant\n%s", lang, c.view.Mark, got, want)
			}
		}
	}
}
