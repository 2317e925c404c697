package suggest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/suggest"
)

func column(name string, t tabular.Type, distinct int64, more ...func(*tabular.Column)) tabular.Column {
	c := tabular.Column{Name: name, Type: t, Stats: tabular.Stats{Count: 1000, Distinct: distinct}}
	for _, m := range more {
		m(&c)
	}
	return c
}

func means(m tabular.Meaning) func(*tabular.Column) { return func(c *tabular.Column) { c.Meaning = m } }

func from(low, high string) func(*tabular.Column) {
	return func(c *tabular.Column) { c.Stats.Min, c.Stats.Max = low, high }
}

func in(unit string) func(*tabular.Column) { return func(c *tabular.Column) { c.Unit = unit } }

func noted(note string) func(*tabular.Column) { return func(c *tabular.Column) { c.Note = note } }

func TestWhatIsNoAmountIsAveraged(t *testing.T) {
	number := func(name string, more ...func(*tabular.Column)) tabular.Column {
		return column(name, tabular.Decimal, 900, more...)
	}
	for want, columns := range map[string][]tabular.Column{
		"mean": {
			number("por_ciento"), number("Por ciento"), number("votos %"), number("Porcentaje"), number("pct_mujeres"), number("tasa"), number("Índice de marginación"), number("razón"),
			number("densidad"), number("precio_por_litro"), number("temperatura"), number("edad_media"), number("muertes_100k"), number("por_100_mil_habitantes"), number("hombres_por_100_mujeres"),
			number("habitantes_por_km2"), number("ocupantes_por_vivienda"), number("PIB per cápita"), number("average_age"), number("percentil_10"),
			number("mujeres", in("%")), number("viento", in("km/h")), number("calor", in("°C")), number("gasolina", in("pesos por litro")),
			number("p_03", noted("Porcentaje de viviendas con drenaje")), number("p_04", noted("La tasa de desempleo")), number("p_05", noted("Casos por cada 100,000 habitantes")),
			column("x", tabular.Percent, 9), column("x", tabular.Year, 9), number("x", func(c *tabular.Column) { c.Label = "Precio promedio" }),
		},
		"sum": {
			number("monto"), number("votos"), number("poblacion_2020"), number("precios_reportados"), number("muertes_por_covid"), number("delitos_por_mes"), number("superficie_km2", in("km²")),
			number("alumnos_media_superior"), number("pago", in("MXN")), number("p_06", noted("Número de viviendas, para el porcentaje del total")), number("con_lavadora"), number("indicados"),
		},
	} {
		for _, c := range columns {
			if got := suggest.Aggregate(c); got != want {
				t.Errorf("%s (%s, %q): %s, want %s", c.Name, c.Unit, c.Note, got, want)
			}
		}
	}
}

func shown(s suggest.Suggestion) string {
	m := s.View.Encoding.Y
	for _, one := range []spec.Channel{s.View.Encoding.X, s.View.Encoding.Color, s.View.Encoding.Size} {
		if one.Measured() {
			m = one
		}
	}
	return string(s.View.Kind()) + " " + s.Column + " " + m.Aggregate + " " + m.Field
}

func TestTheBestPictureOfATableComesFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		table tabular.Table
		want  string
	}{
		{"prices of petrol: their mean, not how many rows", tabular.Table{Rows: 1000, Columns: []tabular.Column{
			column("fecha", tabular.Date, 90, from("2022-04-20", "2022-07-25")), column("place_id", tabular.Integer, 900, means(tabular.Key)), column("producto", tabular.Text, 3), column("precio", tabular.Decimal, 500)}},
			"line fecha mean precio"},
		{"a budget: money by its parts", tabular.Table{Rows: 1000, Columns: []tabular.Column{
			column("ramo", tabular.Text, 38), column("monto", tabular.Money, 900)}},
			"bar ramo sum monto"},
		{"a census: its people on the map", tabular.Table{Rows: 1000, Columns: []tabular.Column{
			column("cvegeo", tabular.Code, 1000, means(tabular.Municipality)), column("nom_mun", tabular.Text, 990), column("pobtot", tabular.Integer, 980)}},
			"choropleth cvegeo sum pobtot"},
		{"stations: their points", tabular.Table{Rows: 480, Place: tabular.Place{Kind: tabular.PlacePoint}, Columns: []tabular.Column{
			column("name", tabular.Text, 900), column("location_lat", tabular.Decimal, 480, means(tabular.Latitude)), column("location_lon", tabular.Decimal, 480, means(tabular.Longitude))}},
			"points   "},
		{"events without a number: how many", tabular.Table{Rows: 1000, Columns: []tabular.Column{
			column("delito", tabular.Text, 30), column("mes", tabular.Integer, 12)}},
			"bar delito count "},
		{"an election: its votes, though each number is there once, and not their shares", tabular.Table{Rows: 128, Columns: []tabular.Column{
			column("entidad", tabular.Code, 32, means(tabular.State)), column("por_ciento", tabular.Decimal, 111), column("votos", tabular.Integer, 128, means(tabular.Key))}},
			"choropleth entidad sum votos"},
		{"a share alone: its mean", tabular.Table{Rows: 1000, Columns: []tabular.Column{column("estado", tabular.Code, 32, means(tabular.State)), column("Por ciento", tabular.Decimal, 111)}},
			"choropleth estado mean Por ciento"},
		{"amounts before rates, whatever has a unit", tabular.Table{Rows: 1000, Columns: []tabular.Column{
			column("ramo", tabular.Text, 38), column("tasa", tabular.Percent, 900, in("%")), column("tramos", tabular.Integer, 900)}},
			"bar ramo sum tramos"},
		{"texts: the rows", tabular.Table{Rows: 3, Columns: []tabular.Column{column("comentario", tabular.Text, 900)}}, "figure  count "},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := suggest.Views(c.table, func(string) bool { return false }, "datos")
			if len(got) == 0 || shown(got[0]) != c.want {
				t.Errorf("Views = %v, want %q first", names(got), c.want)
			}
		})
	}
}

func names(list []suggest.Suggestion) (out []string) {
	for _, s := range list {
		out = append(out, shown(s))
	}
	return out
}

func TestWhatIsHiddenOrPersonalIsInNoPicture(t *testing.T) {
	table := tabular.Table{Rows: 1000, Columns: []tabular.Column{
		column("sector", tabular.Text, 10), column("curp", tabular.Text, 20, means(tabular.CURP)), column("sueldo", tabular.Money, 900)}}
	for _, s := range suggest.Views(table, func(c string) bool { return c == "sueldo" }, "datos") {
		for _, name := range append([]string{s.Column, s.Second, s.View.Encoding.X.Field, s.View.Encoding.Y.Field, s.View.Encoding.Size.Field}, s.View.Columns...) {
			if name == "curp" || name == "sueldo" {
				t.Errorf("%s shows %s", shown(s), name)
			}
		}
	}
}

func TestEveryProposalIsADocument(t *testing.T) {
	table := tabular.Table{Rows: 1000, Place: tabular.Place{Kind: tabular.PlacePair}, Columns: []tabular.Column{
		column("fecha", tabular.DateTime, 90, from("1822-04-20T00:00:00", "2022-07-25T00:00:00")), column("anio", tabular.Year, 9), column("sector", tabular.Text, 20), column("sexo", tabular.Text, 2),
		column("entidad", tabular.Code, 32, means(tabular.State)), column("monto", tabular.Money, 900), column("superficie", tabular.Decimal, 800), column("nombre", tabular.Text, 950)}}
	kinds := map[spec.Kind]bool{}
	for _, s := range suggest.Views(table, func(string) bool { return false }, "datos") {
		doc := spec.Spec{Schema: spec.Schema, Title: "t", Language: "es", Sources: []spec.Source{{Name: "datos", Resource: "01980000-0000-7000-8000-000000000001"}}, Views: []spec.View{s.View}}
		if wrong := doc.Check(); len(wrong) > 0 {
			t.Errorf("%s: %s", shown(s), cmp.Diff(nil, []any{wrong}))
		}
		kinds[s.View.Kind()] = true
	}
	if len(kinds) < 7 {
		t.Errorf("only %v are proposed", kinds)
	}
}

func TestBarsOfDaysStandInTheOrderOfTheWeek(t *testing.T) {
	table := tabular.Table{Rows: 1000, Columns: []tabular.Column{column("dia", tabular.Text, 3, func(c *tabular.Column) {
		c.Stats.Top = []tabular.ValueCount{{Value: "domingo", Count: 600}, {Value: "lunes", Count: 300}, {Value: "martes", Count: 100}}
	})}}
	got := suggest.Views(table, func(string) bool { return false }, "datos")
	if len(got) == 0 || got[0].View.Encoding.Y.Sort != "ascending" {
		t.Errorf("Views = %+v, want bars by day first", got)
	}
}
