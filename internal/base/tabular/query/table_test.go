package query_test

import (
	"plaza/internal/base/tabular"
)

// hospitals is a table with a column of each type, awkward names among them, a place and
// a column that is withheld.
func hospitals() tabular.Table {
	return tabular.Table{
		Name: "hospitales", Rows: 1000,
		Columns: []tabular.Column{
			{Name: "nombre", Type: tabular.Text},
			{Name: "clave", Type: tabular.Code},
			{Name: "camas", Type: tabular.Integer, Stats: tabular.Stats{Min: "0", Max: "950"}},
			{Name: "costo", Type: tabular.Money, Unit: "MXN", Stats: tabular.Stats{Min: "-0.25", Max: "0.93"}},
			{Name: "avance", Type: tabular.Percent},
			{Name: "tasa", Type: tabular.Decimal},
			{Name: "desde", Type: tabular.Year},
			{Name: "fecha", Type: tabular.Date},
			{Name: "visto", Type: tabular.DateTime},
			{Name: "abre", Type: tabular.Time},
			{Name: "público", Type: tabular.Boolean},
			{Name: "sitio", Type: tabular.URL},
			{Name: "correo", Type: tabular.Email},
			{Name: "forma", Type: tabular.Geometry},
			{Name: "estado", Type: tabular.Code, Stats: tabular.Stats{Distinct: 32}, Meaning: tabular.State},
			{Name: `a"; DROP TABLE t; --`, Type: tabular.Integer},
			{Name: "con.punto.min", Type: tabular.Text},
			{Name: "-menos, coma\\", Type: tabular.Text},
			{Name: "curp", Type: tabular.Text, Meaning: tabular.CURP},
		},
		Place: tabular.Place{Kind: tabular.PlaceGeometry, Columns: []string{"forma"}},
	}
}

var withheld = []string{"curp"}
