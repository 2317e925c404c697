package plot

import "math"

// scale puts values of an axis in place.
type scale struct {
	low, high float64 // values
	from, to  float64 // where they stand, in pixels
}

// at is where a value stands. What is beyond the scale stands at its end.
func (s scale) at(v float64) float64 {
	if !(s.high > s.low) {
		return (s.from + s.to) / 2
	}
	t := math.Max(0, math.Min(1, (v-s.low)/(s.high-s.low)))
	return s.from + (s.to-s.from)*t
}

// holds reports whether a value is on the scale.
func (s scale) holds(v float64) bool { return v >= s.low && v <= s.high }

// length is how many pixels the scale has.
func (s scale) length() float64 { return math.Abs(s.to - s.from) }

// include widens the scale to a value.
func (s *scale) include(v float64) {
	s.low, s.high = math.Min(s.low, v), math.Max(s.high, v)
}

// nothing is a scale before it includes a value.
func nothing() scale { return scale{low: math.Inf(1), high: math.Inf(-1)} }

// open gives a scale of one value, or of values that cannot be told apart, some width.
func (s *scale) open() {
	if s.low > s.high {
		s.low, s.high = 0, 1
	}
	size := math.Max(math.Abs(s.low), math.Abs(s.high))
	if s.high-s.low > size*1e-9 {
		return
	}
	switch {
	case size == 0:
		s.high = 1
	case s.low > 0 || s.high < 0:
		s.low, s.high = s.low-size/10, s.high+size/10
	default:
		s.low, s.high = math.Min(0, s.low), math.Max(0, s.high)
	}
}

// niceStep is the least of 1, 2 or 5 times a power of ten of which at most so many make the
// span.
func niceStep(span float64, most int) float64 {
	raw := span / float64(max(1, most))
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= raw*(1-1e-9) {
			return n * power
		}
	}
	return 10 * power
}

// mostWaste is the part of a scale that may be left empty for it to end at a whole step.
const mostWaste = 0.15

// round widens the scale to whole steps, unless that would leave too much of it empty.
func (s *scale) round(most int) {
	step := niceStep(s.high-s.low, most)
	low, high := multiple(math.Floor(s.low/step+1e-9), step), multiple(math.Ceil(s.high/step-1e-9), step)
	waste := (s.high - s.low) * mostWaste
	if s.low-low <= waste {
		s.low = math.Min(s.low, low)
	}
	if high-s.high <= waste {
		s.high = math.Max(s.high, high)
	}
}

// mostTicks bounds the ticks of any axis.
const mostTicks = 200

// stepped are the multiples of a nice step that lie on the scale.
func (s scale) stepped(most int) (out []float64) {
	step := niceStep(s.high-s.low, most)
	first, last := math.Ceil(s.low/step-1e-9), math.Floor(s.high/step+1e-9)
	for i := first; i <= last && len(out) < mostTicks; i++ {
		out = append(out, multiple(i, step))
	}
	return out
}

// multiple is n steps, without the crumbs of binary fractions: 3 × 0.1 is 0.3.
func multiple(n, step float64) float64 {
	v := n * step
	digits := -math.Floor(math.Log10(step) + 1e-9)
	if digits <= 0 || digits > 15 || math.Abs(v) > 1e15 {
		return v + 0
	}
	power := math.Pow(10, digits)
	return math.Round(v*power)/power + 0
}
