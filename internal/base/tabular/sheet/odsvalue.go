package sheet

import (
	"bytes"
	"strconv"

	"plaza/internal/base/tabular"
)

// odsValue is what a cell's tag says of its value.
type odsValue struct {
	kind     string
	value    []byte
	currency string
}

// read takes the value from the tag that was found.
func (v *odsValue) read(s *scanner) {
	name := ""
	switch v.kind = string(s.attr("value-type")); v.kind {
	case "float", "percentage":
		name = "value"
	case "currency":
		name = "value"
		v.currency = string(s.attr("currency"))
	case "date", "time", "boolean", "string":
		name = v.kind + "-value"
	default:
		return
	}
	v.value = append(v.value[:0], s.attr(name)...)
}

// text replaces what the cell shows, in data from a place on, by what it holds, where
// that says more.
func (v *odsValue) text(data []byte, from int) ([]byte, kind) {
	shown := string(data[from:min(len(data), from+64)])
	whole := data
	data = data[:from]
	switch v.kind {
	case "float":
		out := format{}.number(nil, v.value, false)
		if len(v.value) == 0 || zeros(shown, string(out)) {
			out = []byte(shown)
		}
		return append(data, out...), numeric
	case "percentage":
		return format{class: percent}.number(data, v.value, false), numeric
	case "currency":
		return v.money().number(data, v.value, false), numeric
	case "date":
		return append(data, v.value...), numeric
	case "time":
		return duration(data, v.value), numeric
	case "boolean":
		return append(data, v.value...), text
	}
	if len(whole) == from {
		return append(data, v.value...), text
	}
	return whole, text
}

// zeros reports whether a cell shows its number with zeros before it, as codes are.
func zeros(shown, value string) bool {
	n := len(shown) - len(value)
	return n > 0 && n < 32 && shown[n:] == value && bytes.Count([]byte(shown[:n]), []byte("0")) == n && natural([]byte(value)) >= 0
}

// money is the format of an amount in the cell's currency.
func (v *odsValue) money() format {
	f := format{class: money, decimals: 2}
	switch v.currency {
	case "":
		return format{}
	case "MXN":
		f.sign = "$"
	case "EUR":
		f.sign = "€"
	default:
		f.sign = tabular.Clip(v.currency, 8) + " "
	}
	return f
}

// duration appends a time written as PT13H05M30.5S; what is none is left as it is.
func duration(dst, raw []byte) []byte {
	rest, ok := bytes.CutPrefix(raw, []byte("PT"))
	if !ok {
		return append(dst, raw...)
	}
	seconds := 0.0
	for _, unit := range []struct {
		letter byte
		size   float64
	}{{'H', 3600}, {'M', 60}, {'S', 1}} {
		i := bytes.IndexByte(rest, unit.letter)
		if i < 0 {
			continue
		}
		n, err := strconv.ParseFloat(string(bytes.ReplaceAll(rest[:i], []byte(","), []byte("."))), 64)
		if err != nil || !(n >= 0 && n < 1e9) {
			return append(dst, raw...)
		}
		seconds += n * unit.size
		rest = rest[i+1:]
	}
	return appendClock(dst, int64(seconds*1000+0.5))
}

// paragraphs appends the text of the cell that next opened: its paragraphs, each on a
// line of its own, without comments and drawings.
func paragraphs(s *scanner, dst []byte) ([]byte, error) {
	if s.close {
		return dst, nil
	}
	first := true
	for {
		if err := s.next(); err != nil {
			return dst, inside(err)
		}
		switch {
		case !s.open:
			return dst, nil
		case string(s.name) != "p" || s.close:
			if err := s.leave(); err != nil {
				return dst, err
			}
			continue
		}
		if !first {
			dst = append(dst, '\n')
		}
		first = false
		var err error
		if dst, err = paragraph(s, dst); err != nil {
			return dst, err
		}
	}
}

// paragraph appends the text of one paragraph, with its spaces and line ends.
func paragraph(s *scanner, dst []byte) ([]byte, error) {
	for depth := 1; ; {
		var err error
		if dst, err = s.text(dst); err != nil {
			return dst, err
		}
		if err := s.next(); err != nil {
			return dst, inside(err)
		}
		if !s.open {
			if depth--; depth == 0 {
				return dst, nil
			}
			continue
		}
		switch string(s.name) {
		case "s":
			n := min(max(s.number("c", 1), 1), 1<<12)
			dst = append(dst, bytes.Repeat([]byte(" "), int(n))...)
		case "tab":
			dst = append(dst, '\t')
		case "line-break":
			dst = append(dst, '\n')
		case "annotation":
			if err := s.leave(); err != nil {
				return dst, err
			}
			continue
		}
		if !s.close {
			if depth++; depth > tabular.MaxDepth {
				return dst, errTag
			}
		}
		if len(dst) > tabular.MaxCell {
			return dst, errTooBig
		}
	}
}
