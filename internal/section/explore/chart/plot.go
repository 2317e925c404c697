package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/tabular"
)

// Plot is a drawing of 1000 by 400 units, stretched to the room there is; its words are
// beside it.
type Plot struct {
	Path  string // of the line, "" when there are columns
	Area  string // below the line
	Bars  []Rect
	Ticks []Tick  // of the vertical scale, the greatest first
	Along []Tick  // of the horizontal scale, from the left
	Marks []Dot   // of a line: where each group lies, from the left
	Zero  float64 // where zero lies on the vertical scale, in percent of it
	Gaps  int     // stretches of time without any group, where the line is broken
}

// The drawing's units.
const (
	Width  = 1000
	Height = 400
)

// Rect is a column of the drawing.
type Rect struct{ X, Y, W, H float64 }

// Dot is where a mark lies, in percent of the scales.
type Dot struct {
	Mark Mark
	X, Y float64
}

// Tick is a value on a scale and where it lies, in percent of it.
type Tick struct {
	Value float64
	Text  string // of the horizontal scale: the group's value
	At    float64
}

// Draw lays out marks, each of a group and with a value, as a line or as columns. The
// vertical scale begins at zero unless values are negative.
func Draw(kind Kind, marks []Mark) Plot {
	marks = slices.Clone(marks)
	if kind == Line {
		slices.SortStableFunc(marks, func(a, b Mark) int { return cmp.Compare(a.Cells[0].Text, b.Cells[0].Text) })
	}
	if kind == Columns {
		slices.SortStableFunc(marks, func(a, b Mark) int {
			x, _ := scaleOf(kind, a.Cells[0].Text) // what is no number stays where it is
			y, _ := scaleOf(kind, b.Cells[0].Text)
			return cmp.Compare(x, y)
		})
	}
	p := Plot{}
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
	p.Zero = round(100 * high / (high - low))
	x, wide := positions(kind, marks)
	for i, m := range marks {
		if kind == Columns {
			top, bottom := y(math.Max(m.Value, 0)), y(math.Min(m.Value, 0))
			p.Bars = append(p.Bars, Rect{X: round(x[i] - wide/2), Y: top, W: round(math.Max(wide*0.94, 0.5)), H: round(bottom - top)})
		}
		p.Marks = append(p.Marks, Dot{Mark: m, X: round(x[i] / Width * 100), Y: round(y(m.Value) / Height * 100)})
	}
	if kind == Line {
		p.Path, p.Area, p.Gaps = line(marks, x, y)
	}
	p.Along = along(marks, x)
	return p
}

// positions are where the marks lie along the drawing, and how wide the column of each
// is: lines by their dates, so that missing months are gaps in time, columns by their
// numbers, so that an empty range is an empty place; else evenly.
func positions(kind Kind, marks []Mark) (x []float64, wide float64) {
	x = make([]float64, len(marks))
	at := make([]float64, len(marks))
	scaled := len(marks) > 1
	for i, m := range marks {
		v, ok := scaleOf(kind, m.Cells[0].Text)
		scaled = scaled && ok && (i == 0 || v > at[i-1])
		at[i] = v
	}
	wide = Width / float64(len(marks))
	if !scaled {
		for i := range marks {
			x[i] = round(Width * (float64(i) + 0.5) / float64(len(marks)))
		}
		return x, wide
	}
	least := math.Inf(1)
	for i := 1; i < len(at); i++ {
		least = math.Min(least, at[i]-at[i-1])
	}
	span := at[len(at)-1] - at[0]
	if kind != Columns {
		for i := range marks {
			x[i] = round(Width * (at[i] - at[0]) / span)
		}
		return x, wide
	}
	places := math.Round(span/least) + 1
	if places > mostPoints {
		return positions("", marks)
	}
	wide = Width / places
	for i := range marks {
		x[i] = wide * ((at[i]-at[0])/least + 0.5)
	}
	return x, wide
}

// scaleOf is where a group lies on the scale of its kind: seconds, or the number itself.
func scaleOf(kind Kind, s string) (float64, bool) {
	switch kind {
	case Line:
		d, err := parseDay(s)
		return float64(d.Unix()), err == nil
	case Columns:
		v, err := strconv.ParseFloat(s, 64)
		return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
	}
	return 0, false
}

// line draws from mark to mark, broken where there is none for much longer than is usual
// between two. A mark alone between two gaps is a dot.
func line(marks []Mark, x []float64, y func(float64) float64) (path, area string, gaps int) {
	usual := math.Inf(1)
	if len(x) > 2 {
		steps := make([]float64, 0, len(x))
		for i := 1; i < len(x); i++ {
			steps = append(steps, x[i]-x[i-1])
		}
		slices.Sort(steps)
		usual = steps[len(steps)/2]*1.5 + 0.2
	}
	var p, a strings.Builder
	start := 0
	flush := func(end int) {
		for i := start; i < end; i++ {
			letter := "L"
			if i == start {
				letter = "M"
			}
			fmt.Fprintf(&p, "%s%g %g", letter, x[i], y(marks[i].Value))
			fmt.Fprintf(&a, "%s%g %g", letter, x[i], y(marks[i].Value))
		}
		if end-start == 1 {
			p.WriteString("h0")
		}
		fmt.Fprintf(&a, "L%g %gL%g %gZ", x[end-1], y(0), x[start], y(0))
		start = end
	}
	for i := 1; i < len(marks); i++ {
		if x[i]-x[i-1] > usual {
			gaps++
			flush(i)
		}
	}
	flush(len(marks))
	return p.String(), a.String(), gaps
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
