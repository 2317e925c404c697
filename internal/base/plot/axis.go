package plot

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// axis is an axis with its scale and its ticks.
type axis struct {
	Axis
	scale
	ticks []tick
	write func(v float64, short bool) string
}

// tick is a value that an axis names; under is a second line.
type tick struct {
	at           float64
	label, under string
}

func (d *drawing) axis(a Axis) axis {
	out := axis{Axis: a, scale: nothing(), write: a.Number}
	if out.write == nil {
		out.write = d.Number
	}
	return out
}

// percent writes a part of 100.
func percent(v float64, _ bool) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) + "\u00a0%"
}

// grow makes an axis of numbers one that can be drawn, with zero or not; one of categories
// holds all of them.
func (a *axis) grow(zero bool) {
	switch {
	case a.Scaling == Category:
		a.low, a.high = -0.5, float64(max(1, len(a.Categories)))-0.5
	case a.Scaling == Linear:
		if zero {
			a.include(0)
		}
		a.open()
	case a.low > a.high:
		a.low, a.high = 0, 0
	}
}

// cut reports whether zero is not on an axis of numbers.
func (a axis) cut() bool { return a.Scaling == Linear && !a.holds(0) }

// band is how many pixels a category has.
func (a axis) band() float64 { return a.length() / (a.high - a.low) }

// numbers are ticks at whole steps, written short unless two would read the same.
func (a axis) numbers(most int) []tick {
	values := a.stepped(most)
	out := make([]tick, len(values))
	for _, short := range []bool{true, false} {
		same := false
		for i, v := range values {
			out[i] = tick{at: v, label: a.write(v, short)}
			same = same || i > 0 && out[i].label == out[i-1].label
		}
		if !same {
			break
		}
	}
	return out
}

// mostNumbers is how many steps an axis of numbers has at most.
const mostNumbers = 7

// fitUpright gives an axis that stands its ticks; one of numbers ends at whole ones.
func (a *axis) fitUpright(d *drawing, length float64) {
	a.from, a.to = length, 0
	switch a.Scaling {
	case Linear:
		most := max(2, min(mostNumbers, int(length/44)))
		a.round(most)
		a.ticks = a.numbers(most)
	case Time:
		a.ticks = a.timeTicks(d.Month)
		for i, t := range a.ticks {
			a.ticks[i].label, a.ticks[i].under = joined(t.label, t.under), ""
		}
	}
}

// fitLying gives an axis that lies its ticks: as many as do not touch each other.
func (a *axis) fitLying(d *drawing, round bool) {
	if a.Scaling == Time {
		a.ticks = a.timeTicks(d.Month)
		return
	}
	whole := a.scale
	for most := max(1, min(mostNumbers, int(a.length()/40))); ; most-- {
		a.scale = whole
		if round {
			a.round(most)
		}
		a.ticks = a.numbers(most)
		if a.apart(a.ticks, 10) {
			return
		}
		if most == 1 {
			a.ticks = a.ticks[:min(1, len(a.ticks))]
			return
		}
	}
}

// apart reports whether the labels of ticks on a lying axis are some pixels from each other.
func (a axis) apart(ticks []tick, room float64) bool {
	end := math.Inf(-1)
	for _, t := range ticks {
		half := TextWidth(t.label, tickSize, false) / 2
		at := a.at(t.at)
		if at-half < end+room {
			return false
		}
		end = at + half
	}
	return true
}

// spaced are ticks of which none stands nearer to the one before than some pixels: the height
// of a plane is known only after its ticks.
func (a axis) spaced(room float64) (out []tick) {
	last := math.Inf(-1)
	for _, t := range a.ticks {
		at := math.Abs(a.at(t.at) - a.from)
		if at-last >= room {
			out, last = append(out, t), at
		}
	}
	return out
}

// below are the labels of a lying axis, from its line on, and how high they are. They stand
// between two sides; one that would touch its neighbour there is left out.
func (a axis) below(left, right float64) (nodes []Node, height float64) {
	ends := [2]float64{math.Inf(-1), math.Inf(-1)}
	height = lineSize + 6
	for _, t := range a.ticks {
		for i, text := range []string{t.label, t.under} {
			if text == "" {
				continue
			}
			at := between(Text{X: a.at(t.at), Y: 17 + lineSize*float64(i), Size: tickSize, Anchor: Middle, Ink: InkMuted, Text: text}, left, right)
			if at.Text == "" || reach(at).left < ends[i]+6 {
				continue
			}
			ends[i] = reach(at).right
			nodes = append(nodes, at)
			height = math.Max(height, lineSize*float64(i+1)+6)
		}
	}
	return nodes, height
}

// overlong reports whether a text has a word that is wider than a line.
func overlong(text string, size float64, bold bool, width float64) bool {
	return slices.ContainsFunc(strings.Fields(text), func(w string) bool { return TextWidth(w, size, bold) > width })
}
