package plot_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"plaza/internal/base/plot"
)

// dice make a chart of bytes: each choice takes the next ones, none gives zeros.
type dice []byte

func (d *dice) byte() int {
	if len(*d) == 0 {
		return 0
	}
	b := (*d)[0]
	*d = (*d)[1:]
	return int(b)
}

func (d *dice) of(n int) int { return d.byte() % n }

func (d *dice) yes() bool { return d.byte()%2 == 1 }

func (d *dice) text() string {
	texts := []string{"", "a", "Jalisco", "Veracruz de Ignacio de la Llave", "Otorrinolaringología-electroencefalografista", "1,234,567.89", "  ", "\u202eñ\x00é\n"}
	return texts[d.of(len(texts))]
}

// value is a small number, one of a list of odd ones, or any.
func (d *dice) value() float64 {
	odd := []float64{0, -1, 1e16, 1e-9, 1e250, -1e249, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1), 1.7e9, -6e10, 2.5e11, math.MaxFloat64}
	switch d.of(8) {
	case 0:
		return odd[d.of(len(odd))]
	case 1:
		var raw [8]byte
		for i := range raw {
			raw[i] = byte(d.byte())
		}
		return math.Float64frombits(binary.BigEndian.Uint64(raw[:]))
	}
	return float64(d.byte()-64) / 4
}

func (d *dice) axis() plot.Axis {
	a := plot.Axis{
		Scaling: []plot.Scaling{plot.Category, plot.Linear, plot.Time, ""}[d.of(4)], Title: d.text(), Cut: d.yes(),
		Step: []string{"", "year", "quarter", "month", "week", "day", "hour", "bins", "?"}[d.of(9)],
	}
	for range d.of(24) {
		a.Categories = append(a.Categories, d.text())
	}
	return a
}

func (d *dice) mark() plot.Mark {
	m := plot.Mark{Row: d.byte() - 2, Series: d.of(12) - 1, X: d.value(), Y: d.value(), To: d.value(), Null: d.of(9) == 1}
	if d.yes() {
		m.X, m.Y = float64(d.of(24)), float64(d.of(24))
	}
	if d.yes() {
		m.Size, m.Class, m.Name, m.Parent = d.value(), d.of(8)-1, d.text(), d.text()
		m.Dim, m.Rest, m.Text = d.yes(), d.yes(), d.text()
	}
	return m
}

func (d *dice) chart() plot.Chart {
	c := plot.Chart{
		Kind: kinds[d.of(len(kinds))], Stacking: []plot.Stacking{plot.Grouped, plot.Stacked, plot.Shares, plot.Diverging, "?"}[d.of(5)],
		Width: []float64{340, 720, 1200, 120, 0, 33, 200, math.NaN()}[d.of(8)], Height: []float64{0, 0, 0, 400, 10, 90}[d.of(6)],
		Labels: d.yes(), X: d.axis(), Y: d.axis(), Classes: classes()[:d.of(6)],
		Words: plot.Words{Cut: "El eje no empieza en cero", NoValue: "Sin dato", Key: "Tasa", Nothing: "No hay nada", Kilo: "km", Multiple: "Todas con la misma escala"},
	}
	for i := range d.of(11) {
		c.Series = append(c.Series, plot.Series{Name: fmt.Sprint(d.text(), i), Other: d.of(9) == 1})
	}
	for range d.of(4) {
		c.Rules = append(c.Rules, plot.Rule{Vertical: d.yes(), At: d.value(), Label: d.text()})
	}
	for range d.of(4) {
		c.Notes = append(c.Notes, plot.Note{X: d.value(), Y: d.value(), Text: d.text()})
	}
	for range d.of(5) {
		p := plot.Panel{Title: d.text(), Scale: plot.Scale{Length: d.value(), Label: d.text()}}
		for range d.of(64) {
			p.Marks = append(p.Marks, d.mark())
		}
		c.Panels = append(c.Panels, p)
	}
	return c
}

// reach is how far marks of a kind may leave the picture: points of maps by their radius.
func reach(k plot.Kind) float64 {
	if k == plot.Map {
		return 26
	}
	return 2
}

// FuzzDraw draws charts of any kind with anything on them.
func FuzzDraw(f *testing.F) {
	for seed := range 200 {
		raw := make([]byte, 900)
		state := uint32(seed*2654435761 + 1)
		for i := range raw {
			state ^= state << 13
			state ^= state >> 17
			state ^= state << 5
			raw[i] = byte(state >> 8)
		}
		raw[0] = byte(seed)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 4000 {
			return
		}
		d := dice(raw)
		c := d.chart()
		scene := plot.Draw(c)
		t.Logf("%s %s of %v by %v, %d panels", c.Stacking, c.Kind, c.Width, c.Height, len(c.Panels))
		checkWithin(t, scene, reach(c.Kind))
	})
}
