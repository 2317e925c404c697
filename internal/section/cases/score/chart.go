package score

import (
	"strings"

	"plaza/internal/base/i18n"
)

// chart is a small chart of bars, drawn as an SVG of its own; the table under it says the
// same in numbers.
type chart struct {
	Title         string
	Width, Height int
	Bars          []bar
	Words         []word
	Lines         []line
	Legend        []legend
}

type bar struct {
	X, Y, Width, Height int
	Tone                string // of CSS: good, late, open, closed
	Title               string
}

type word struct {
	X, Y   int
	Anchor string
	Text   string
}

type line struct{ X1, Y1, X2, Y2 int }

type legend struct{ Tone, Text string }

// Sizes of charts, in their own units.
const (
	chartWidth  = 720
	plotHeight  = 160
	above       = 24 // room for words over the bars
	below       = 26 // and under them
	shownMonths = 24
)

// monthChart is what became of the cases of each month, the newest at the right; from zero,
// so that heights can be compared.
func monthChart(l *i18n.Printer, lines []Line) *chart {
	if len(lines) < 2 {
		return nil
	}
	lines = lines[max(0, len(lines)-shownMonths):]
	most := 1
	for _, m := range lines {
		most = max(most, m.Received)
	}
	c := &chart{Title: l.T("score.chart.months"), Width: chartWidth, Height: above + plotHeight + below}
	each := chartWidth / len(lines)
	width := min(48, each*7/10)
	for i, m := range lines {
		x, y := i*each+(each-width)/2, above+plotHeight
		name := l.PartialDate(m.Of)
		for _, part := range []struct {
			tone, key string
			n         int
		}{{"good", "in_time", m.InTime}, {"late", "late", m.Late}, {"open", "unanswered", m.Unanswered}, {"closed", "closed", m.Closed + m.Duplicates}} {
			if part.n == 0 {
				continue
			}
			h := max(1, part.n*plotHeight/most)
			y -= h
			c.Bars = append(c.Bars, bar{x, y, width, h, part.tone, name + ": " + l.T("score.chart."+part.key) + " " + l.Number(part.n)})
		}
		c.Words = append(c.Words, word{x + width/2, y - 6, "middle", l.Number(m.Received)})
		if len(lines) <= 8 || (len(lines)-1-i)%4 == 0 {
			c.Words = append(c.Words, word{x + width/2, above + plotHeight + 18, "middle", short(name)})
		}
	}
	c.Lines = []line{{0, above + plotHeight, chartWidth, above + plotHeight}}
	for _, k := range []legend{{"good", "in_time"}, {"late", "late"}, {"open", "unanswered"}, {"closed", "closed"}} {
		c.Legend = append(c.Legend, legend{k.Tone, l.T("score.chart." + k.Text)})
	}
	return c
}

// short is "nov 2026" of "noviembre de 2026".
func short(month string) string {
	words := strings.Fields(month)
	if len(words) < 2 {
		return month
	}
	name := []rune(words[0])
	return string(name[:min(3, len(name))]) + " " + words[len(words)-1]
}

// ageChart is how many wait for how long.
func ageChart(l *i18n.Printer, a Ages) *chart {
	most, total := 1, 0
	for _, n := range a.Bands {
		most, total = max(most, n), total+n
	}
	if total == 0 {
		return nil
	}
	const height, step, left = 22, 32, 190
	c := &chart{Title: l.T("score.chart.ages"), Width: chartWidth, Height: step * len(a.Bands)}
	for i, n := range a.Bands {
		y := i * step
		c.Words = append(c.Words, word{left - 10, y + 16, "end", band(l, i)})
		w := 0
		if n > 0 {
			w = max(2, n*(chartWidth-left-80)/most)
			tone := "open"
			if i > 2 {
				tone = "late"
			}
			c.Bars = append(c.Bars, bar{left, y, w, height, tone, band(l, i) + ": " + l.Number(n)})
		}
		c.Words = append(c.Words, word{left + w + 8, y + 16, "start", l.Number(n)})
	}
	c.Lines = []line{{left, 0, left, c.Height - (step - height)}}
	return c
}
