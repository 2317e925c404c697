package sheet

import (
	"bytes"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// digits is how many digits of a number a spreadsheet keeps: what is behind them is
// the noise of binary fractions.
const digits = 15

// number appends the number that raw stands for as its format shows it. What is no
// number is left as it is.
func (f format) number(dst, raw []byte, epoch1904 bool) []byte {
	if f.class == plain && short(raw) {
		return append(dst, raw...)
	}
	v, err := strconv.ParseFloat(string(bytes.TrimSpace(raw)), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return appendValid(dst, raw)
	}
	switch f.class {
	case percent:
		return append(appendDecimal(dst, v, 2, 0), '%')
	case money:
		return f.money(dst, v)
	case padded:
		return f.padded(dst, v)
	case date, dateTime, clock, elapsed:
		return f.moment(dst, v, epoch1904)
	}
	return appendDecimal(dst, v, 0, 0)
}

// short reports whether a number is written as this package would write it: at most 15
// digits, no exponent, no zeros that say nothing.
func short(raw []byte) bool {
	n, point := 0, false
	for i, c := range raw {
		switch {
		case c >= '0' && c <= '9':
			n++
		case c == '.' && !point && n > 0:
			point = true
		case c == '-' && i == 0:
		default:
			return false
		}
	}
	if n == 0 || n > digits || point && (raw[len(raw)-1] == '0' || raw[len(raw)-1] == '.') {
		return false
	}
	first := raw
	if first[0] == '-' {
		first = first[1:]
	}
	return first[0] != '0' || len(raw) == 1 || len(first) > 1 && first[1] == '.'
}

// appendDecimal appends v times ten to the power of shift, rounded to 15 digits, with
// as few digits as say it, but at least so many decimals. Numbers of more than 22
// digits before or behind the point keep an exponent.
func appendDecimal(dst []byte, v float64, shift, decimals int) []byte {
	if v == 0 {
		return appendPoint(dst, []byte("0"), 1, decimals)
	}
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], v, 'e', digits-1, 64)
	e := bytes.IndexByte(text, 'e')
	exponent, _ := strconv.Atoi(string(text[e+1:]))
	exponent += shift
	mantissa := append(text[:1:1], text[2:e]...)
	mantissa = bytes.TrimRight(mantissa, "0")
	if exponent > 22 || exponent < -22 {
		dst = appendPoint(dst, mantissa, 1, 0)
		return strconv.AppendInt(append(dst, 'e'), int64(exponent), 10)
	}
	return appendPoint(dst, mantissa, exponent+1, decimals)
}

// appendPoint appends digits with the decimal point behind as many of them as point
// says, and zeros where digits are missing.
func appendPoint(dst, text []byte, point, decimals int) []byte {
	if point <= 0 {
		dst = append(dst, '0')
	}
	for i := range max(point, 0) {
		if i < len(text) {
			dst = append(dst, text[i])
		} else {
			dst = append(dst, '0')
		}
	}
	n := max(len(text)-point, decimals, 0)
	if n == 0 {
		return dst
	}
	dst = append(dst, '.')
	for i := point; i < point+n; i++ {
		if i >= 0 && i < len(text) {
			dst = append(dst, text[i])
		} else {
			dst = append(dst, '0')
		}
	}
	return dst
}

// money appends a number with its sign and its thousands apart: -$1,234.50.
func (f format) money(dst []byte, v float64) []byte {
	var buf [64]byte
	text := appendDecimal(buf[:0], math.Abs(v), 0, f.decimals)
	if v < 0 {
		dst = append(dst, '-')
	}
	dst = append(dst, f.sign...)
	if bytes.IndexByte(text, 'e') >= 0 {
		return append(dst, text...)
	}
	whole := bytes.IndexByte(text, '.')
	if whole < 0 {
		whole = len(text)
	}
	for i, c := range text[:whole] {
		if i > 0 && (whole-i)%3 == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c)
	}
	return append(dst, text[whole:]...)
}

// padded appends a whole number with zeros before it.
func (f format) padded(dst []byte, v float64) []byte {
	if v < 0 || v != math.Trunc(v) || v >= 1e15 {
		return appendDecimal(dst, v, 0, 0)
	}
	text := strconv.FormatInt(int64(v), 10)
	for range f.digits - len(text) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}

// Days of the calendars: the last that is written with four digits, and the one which
// Excel believes to exist, 29 February 1900.
const (
	lastDay  = 2958465
	leapDay  = 60
	offset04 = 1462
	longTime = 367 // days: a time of day this large is a day with a time
	dayMilli = 24 * 60 * 60 * 1000
)

// moment appends a day, a time or both as ISO 8601 has them. A time in a cell that is
// shown as a day is kept; what is no day of the calendar stays a number. Day 60 is
// written as Excel shows it, though there was none.
func (f format) moment(dst []byte, v float64, epoch1904 bool) []byte {
	if v < 0 || v >= lastDay+1 {
		return appendDecimal(dst, v, 0, 0)
	}
	millis := int64(math.Round(v * dayMilli))
	if rest := millis % 1000; rest >= 999 || rest <= 1 {
		millis = (millis + 1) / 1000 * 1000
	}
	day, within := millis/dayMilli, millis%dayMilli
	if f.class == elapsed {
		return appendClock(dst, millis)
	}
	if epoch1904 {
		day += offset04
	}
	switch {
	case f.class == date && day == 0 && within == 0:
		return append(dst, '0')
	case f.class == clock && day-epochDays(epoch1904) < longTime, day == 0:
		return appendClock(dst, within)
	case day == leapDay:
		dst = append(dst, "1900-02-29"...)
	default:
		if day < leapDay {
			day++
		}
		dst = time.UnixMilli((day-25569)*dayMilli).UTC().AppendFormat(dst, "2006-01-02")
	}
	if f.class == date && within == 0 {
		return dst
	}
	return appendClock(append(dst, 'T'), within)
}

func epochDays(epoch1904 bool) int64 {
	if epoch1904 {
		return offset04
	}
	return 0
}

// appendClock appends hours, minutes, seconds and, where there are any, milliseconds.
func appendClock(dst []byte, millis int64) []byte {
	two := func(n int64) {
		if n < 10 {
			dst = append(dst, '0')
		}
		dst = strconv.AppendInt(dst, n, 10)
	}
	two(millis / 3600000)
	dst = append(dst, ':')
	two(millis / 60000 % 60)
	dst = append(dst, ':')
	two(millis / 1000 % 60)
	if rest := millis % 1000; rest > 0 {
		dst = append(dst, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	}
	return dst
}

// clipRune cuts text to at most n bytes, at the end of a character.
func clipRune(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
