package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/tabular"
)

// Plot is a drawing of 1000 by 400 units, stretched to the room there is; its words are
// beside it.
type Plot struct {
	Path   string // of the line, "" when there are columns
	Area   string // below the line
	Bars   []Rect
	Ticks  []Tick // of the vertical scale, the greatest first
	Along  []Tick // of the horizontal scale, from the left
	Broken int    // groups without a value, left out of the drawing
}

// The drawing's units.
const (
	Width  = 1000
	Height = 400
)

// Rect is a column of the drawing.
type Rect struct{ X, Y, W, H float64 }

// Tick is a value on a scale and where it lies, in percent of it.
type Tick struct {
	Value float64
	Text  string // of the horizontal scale: the group's value
	At    float64
}

// Draw lays out marks as a line or as columns. The vertical scale begins at zero unless
// values are negative.
func Draw(kind Kind, marks []Mark) Plot {
	marks = slices.Clone(marks)
	broken := 0
	marks = slices.DeleteFunc(marks, func(m Mark) bool {
		none := len(m.Cells) == 0 || m.Cells[0].Null
		if none {
			broken++
		}
		return none
	})
	if kind == Line {
		slices.SortStableFunc(marks, func(a, b Mark) int { return cmp.Compare(a.Cells[0].Text, b.Cells[0].Text) })
	}
	p := Plot{Broken: broken}
	if len(marks) == 0 {
		return p
	}
	low, high := 0.0, 0.0
	for _, m := range marks {
		low, high = math.Min(low, m.Value), math.Max(high, m.Value)
	}
	step := nice((high - low) / 4)
	low, high = math.Floor(low/step)*step, math.Ceil(high/step)*step
	if high <= low {
		high = low + step
	}
	y := func(v float64) float64 { return round(Height * (high - v) / (high - low)) }
	for v := high; v >= low-step/2; v -= step {
		p.Ticks = append(p.Ticks, Tick{Value: round3(v), At: round(100 * (high - v) / (high - low))})
	}
	x := positions(kind, marks)
	if kind == Columns {
		w := float64(Width) / float64(len(marks))
		for i, m := range marks {
			top, bottom := y(math.Max(m.Value, 0)), y(math.Min(m.Value, 0))
			p.Bars = append(p.Bars, Rect{X: round(float64(i) * w), Y: top, W: round(math.Max(w*0.94, 0.5)), H: round(bottom - top)})
		}
	} else {
		p.Path, p.Area = line(marks, x, y)
	}
	p.Along = along(marks, x)
	return p
}

// positions are where the marks lie along the drawing: by their dates, when they have
// some, so that missing months are gaps in time; else evenly.
func positions(kind Kind, marks []Mark) []float64 {
	x := make([]float64, len(marks))
	days := make([]float64, len(marks))
	dated := kind == Line
	for i, m := range marks {
		d, err := parseDay(m.Cells[0].Text)
		dated = dated && err == nil
		days[i] = float64(d.Unix())
	}
	for i := range marks {
		switch {
		case len(marks) == 1:
			x[i] = Width / 2
		case dated && days[len(days)-1] > days[0]:
			x[i] = round(Width * (days[i] - days[0]) / (days[len(days)-1] - days[0]))
		case kind == Columns:
			x[i] = round(Width * (float64(i) + 0.5) / float64(len(marks)))
		default:
			x[i] = round(Width * float64(i) / float64(len(marks)-1))
		}
	}
	return x
}

func line(marks []Mark, x []float64, y func(float64) float64) (path, area string) {
	var b strings.Builder
	for i, m := range marks {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		fmt.Fprintf(&b, "%s%g %g", letter, x[i], y(m.Value))
	}
	path = b.String()
	return path, path + fmt.Sprintf("L%g %gL%g %gZ", x[len(x)-1], y(0), x[0], y(0))
}

// along are up to five words below the drawing.
func along(marks []Mark, x []float64) []Tick {
	const most = 5
	n := min(most, len(marks))
	var out []Tick
	for k := range n {
		i := k
		if n > 1 {
			i = k * (len(marks) - 1) / (n - 1)
		}
		out = append(out, Tick{Text: marks[i].Cells[0].Text, At: round(x[i] / Width * 100)})
	}
	return out
}

// nice is the next 1, 2 or 5 times a power of ten.
func nice(step float64) float64 {
	if !(step > 0) || math.IsInf(step, 0) {
		return 1
	}
	base := math.Pow(10, math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 2, 5} {
		if step <= m*base*(1+1e-9) {
			return m * base
		}
	}
	return 10 * base
}

func round(v float64) float64  { return math.Round(v*10) / 10 }
func round3(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// parseDay reads a year, a date or an instant as Cell has them.
func parseDay(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05.999999", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("chart: %q is no date", tabular.Clip(s, 40))
}
