package infer

import (
	"math"
	"strconv"
)

// power are the powers of ten that fit.
var power = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// floats are the powers of ten that a float holds exactly.
var floats = func() (p [23]float64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// float is the value of a number; frac is how many of its digits are its fraction.
func (t *token) float(frac int) float64 {
	var f float64
	e := t.exp - frac
	switch {
	case !t.wide && t.mant < 1<<53 && e <= 0 && e >= -22:
		f = float64(t.mant) / floats[-e]
	case !t.wide && t.mant < 1<<53 && e > 0 && e <= 22:
		f = float64(t.mant) * floats[e]
	default:
		f = slowFloat(t.number, frac)
	}
	if t.neg {
		return -f
	}
	return f
}

// slowFloat reads the digits again, for numbers that a float cannot hold exactly.
func slowFloat(b []byte, frac int) float64 {
	var buffer [400]byte
	out := buffer[:0]
	digits, end := 0, len(b)
	for i, c := range b {
		if c-'0' <= 9 {
			digits++
		} else if c|0x20 == 'e' {
			end = i
			break
		}
	}
	for _, c := range b[:end] {
		if c-'0' > 9 {
			continue
		}
		if digits == frac {
			out = append(out, '.')
		}
		out = append(out, c)
		digits--
	}
	f, err := strconv.ParseFloat(string(append(out, b[end:]...)), 64)
	if err != nil {
		return math.Inf(1)
	}
	return f
}
