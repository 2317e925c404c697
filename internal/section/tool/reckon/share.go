package reckon

import (
	"strconv"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/query"
	"plaza/internal/section/tool/spec"
)

// shared adds what a view of shares draws: of each row, what percentage it is of all that
// stands at its place on the axis. What is not above zero is no part.
func (p *plan) shared() {
	v := p.view
	if v.Stack != "normalize" || v.Mark != spec.Bar && v.Mark != spec.Area || len(p.measures) == 0 {
		return
	}
	at := len(p.groups)
	whole := map[string]float64{}
	for _, row := range p.out.Rows {
		if n, ok := portion(row[at]); ok {
			whole[p.place(row)] += n
		}
	}
	c := p.out.Columns[at]
	p.out.Columns = append(p.out.Columns, Column{Name: "porcentaje:" + c.Name, Role: RoleShare, Field: c.Field, Type: tabular.Percent, Unit: "%"})
	for i, row := range p.out.Rows {
		share := tabular.Cell{Null: row[at].Null}
		if n, ok := portion(row[at]); ok {
			share.Text = query.Float(n / whole[p.place(row)] * 100)
		} else if !share.Null {
			share.Text = "0"
		}
		p.out.Rows[i] = append(row, share)
	}
}

// portion is a value that is part of a whole.
func portion(c tabular.Cell) (float64, bool) {
	v, err := strconv.ParseFloat(c.Text, 64)
	return v, err == nil && v > 0 && !c.Null
}

// place is where a row stands: its groups but that of its series.
func (p *plan) place(row []tabular.Cell) string {
	out := ""
	for i, t := range p.groups {
		if t.role != RoleColor {
			out += idOf(row[i]) + "\x00"
		}
	}
	return out
}
