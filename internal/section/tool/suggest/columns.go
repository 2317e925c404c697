package suggest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/tabular"
	"plaza/internal/section/tool/spec"
)

// measured are the numbers that are worth showing, the best first, and how many rows there are.
func (p *proposer) measured() []spec.Channel {
	numbers := p.of(measurable)
	slices.SortStableFunc(numbers, func(a, b *tabular.Column) int { return worth(b) - worth(a) })
	var out []spec.Channel
	for _, c := range numbers {
		out = append(out, spec.Channel{Field: c.Name, Aggregate: Aggregate(*c)})
	}
	return append(out, spec.Channel{Aggregate: "count"})
}

// measurable reports whether a column's numbers mean an amount, not a name or a place.
func measurable(c *tabular.Column) bool {
	switch c.Meaning {
	case "", tabular.Currency:
	case tabular.Key: // each number is there once, as may happen with amounts
		if !named(c.Name, amounts...) {
			return false
		}
	default:
		return false
	}
	if c.Type == tabular.Year || !c.Type.Number() || c.Stats.Distinct < 2 {
		return false
	}
	return !named(c.Name, "id", "clave", "cve", "codigo", "folio", "numero", "num", "mes", "dia", "anio", "ano", "year", "hora", "cp", "lat", "lon", "latitud", "longitud", "orden", "telefono") &&
		// few different whole numbers are codes of something
		(c.Type != tabular.Integer || c.Stats.Distinct > 12 || c.Stats.Count < 3*c.Stats.Distinct)
}

// amounts are words of columns that are certainly worth showing.
var amounts = []string{"total", "monto", "importe", "valor", "precio", "casos", "poblacion", "pob", "pobtot", "homicidios", "defunciones", "delitos", "viajes", "presupuesto", "promedio", "votos"}

// worth orders numbers: money first, then what has a unit, then others; those whose name says
// that they are amounts before those that do not; shares and rates after all, since they tell
// nothing of how much there is.
func worth(c *tabular.Column) (score int) {
	switch {
	case c.Type == tabular.Money || c.Meaning == tabular.Currency:
		score = 40
	case c.Unit != "":
		score = 30
	case c.Type == tabular.Decimal:
		score = 20
	}
	if named(c.Name, amounts...) {
		score += 25
	}
	if relative(*c) {
		score -= 100
	}
	return score
}

// named reports whether one of a column's words is one of some.
func named(column string, some ...string) bool { return one(words(column), some) }

// mean reports whether a measure cannot be added up.
func mean(m spec.Channel) bool { return m.Aggregate != "count" && m.Aggregate != "sum" }

// negative reports whether a measure may be below zero.
func negative(t *tabular.Table, m spec.Channel) bool {
	c := t.Column(m.Field)
	return c != nil && strings.HasPrefix(c.Stats.Min, "-")
}

// category reports whether a column has few values, each of several rows.
func category(c *tabular.Column, least, most int64) bool {
	switch c.Type {
	case tabular.Text, tabular.Boolean, tabular.Code, tabular.Integer:
	default:
		return false
	}
	if c.Type == tabular.Integer && measurable(c) {
		return false
	}
	return c.Stats.Distinct >= least && c.Stats.Distinct <= most && c.Meaning != tabular.Key
}

// unitOf is the step of time that gives between some and many points.
func unitOf(c *tabular.Column) string {
	if c.Type == tabular.Year {
		return ""
	}
	days := span(c)
	if c.Stats.Distinct > 1 && days > 60 && int64(days) > 20*c.Stats.Distinct { // a day stands for its month, or for its year
		if int64(days) > 300*c.Stats.Distinct {
			return "year"
		}
		return "yearmonth"
	}
	switch {
	case days > 366*15:
		return "year"
	case days > 366:
		return "yearmonth"
	case days > 1 || c.Type == tabular.Date:
		return "yearmonthdate"
	}
	return "yearmonthdatehours"
}

// span is how many days lie between a column's first and last value.
func span(c *tabular.Column) int {
	from, errFrom := day(c.Stats.Min)
	to, errTo := day(c.Stats.Max)
	if errFrom != nil || errTo != nil {
		return 0
	}
	return int(to.Sub(from).Hours() / 24)
}

func day(s string) (time.Time, error) {
	if len(s) < len(time.DateOnly) {
		return time.Time{}, strconv.ErrSyntax
	}
	return time.Parse(time.DateOnly, s[:len(time.DateOnly)])
}
