package suggest

import (
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/text"
)

// Aggregate is what is computed of a number when its rows are put together: amounts are
// added up; what is no amount is averaged, for its sum says nothing.
func Aggregate(c tabular.Column) string {
	if relative(c) || level(c) {
		return "mean"
	}
	return "sum"
}

// Words of numbers that say how much of something else there is, and of those that stand by
// themselves but do not add up.
var (
	relatives = []string{"porcentaje", "porcentajes", "porcentual", "pct", "porc", "percent", "percentage", "tasa", "tasas", "rate", "indice", "indices", "index", "razon", "ratio", "relacion",
		"proporcion", "densidad", "density", "share", "participacion", "cobertura", "letalidad", "coeficiente", "gini", "variacion", "100k"}
	levels = []string{"precio", "price", "promedio", "promedios", "prom", "average", "avg", "media", "mean", "mediana", "median", "percentil", "p10", "p25", "p50", "p75", "p90", "minimo", "maximo", "min", "max",
		"edad", "age", "temperatura", "temp", "humedad", "presion", "altitud", "altura", "elevacion", "velocidad", "intensidad", "concentracion", "calificacion", "puntaje", "puntuacion", "esperanza", "ano", "anio", "year"}
	// of are that of which there is so much: "habitantes por km2". Others say why or when:
	// "muertes por covid", "delitos por mes".
	of = []string{"ciento", "cien", "cent", "mil", "millon", "cada", "capita", "persona", "habitante", "mujer", "vivienda", "hogar", "familia", "alumno", "docente", "escuela", "estacion", "unidad", "vehiculo",
		"km", "km2", "kilometro", "m2", "m3", "metro", "hectarea", "ha", "litro", "kilo", "kg", "kilogramo", "tonelada", "hora"}
)

// relative reports whether a column's numbers say how much there is of something for each of
// something else: shares, rates, indices, densities.
func relative(c tabular.Column) bool {
	if c.Type == tabular.Percent || strings.ContainsAny(c.Unit, "%/") || ratio(words(c.Unit)) {
		return true
	}
	for _, name := range []string{c.Name, c.Label} {
		if w := words(name); strings.Contains(name, "%") || one(w, relatives) || ratio(w) {
			return true
		}
	}
	return one(subject(c.Note), relatives) || strings.Contains(strings.Join(words(c.Note), " "), "por cada")
}

// level reports whether a column's numbers are how high something stands: prices, ages,
// temperatures, averages, years.
func level(c tabular.Column) bool {
	return c.Type == tabular.Year || strings.HasPrefix(c.Unit, "°") || one(words(c.Name), levels) || one(words(c.Label), levels) || one(subject(c.Note), levels)
}

// ratio reports whether words say how much of something there is for each of something else.
func ratio(words []string) bool {
	for i, w := range words[:max(0, len(words)-1)] {
		next := strings.TrimSuffix(words[i+1], "s")
		if (w == "por" || w == "per") && (slices.Contains(of, next) || next[0] >= '0' && next[0] <= '9') {
			return true
		}
	}
	return false
}

// words are those of a name, folded; schools of "media superior" are no average.
func words(name string) []string {
	out := strings.FieldsFunc(text.Fold(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	for i := range out {
		if out[i] == "media" && i+1 < len(out) && out[i+1] == "superior" {
			out[i] = ""
		}
	}
	return slices.DeleteFunc(out, func(w string) bool { return w == "" })
}

// subject is the word with which a note begins: what the column is.
func subject(note string) []string {
	w := words(note)
	if len(w) > 1 && slices.Contains([]string{"el", "la", "los", "las", "the"}, w[0]) {
		w = w[1:]
	}
	return w[:min(1, len(w))]
}

// one reports whether one of a name's words is one of some.
func one(name, some []string) bool {
	return slices.ContainsFunc(name, func(w string) bool { return slices.Contains(some, w) })
}
