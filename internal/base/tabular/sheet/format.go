package sheet

import (
	"strings"
	"unicode/utf8"
)

// class is how a number is to be written as text.
type class uint8

const (
	plain   class = iota
	percent       // 0.125 is 12.5%
	money         // with a currency's sign
	padded        // with zeros before it: 00000
	date
	dateTime
	clock   // time of day
	elapsed // hours that may be more than 24
)

// format is what a number format says, as far as text shows it.
type format struct {
	class    class
	sign     string // of money, before the digits; with a blank after a code
	decimals int    // of money, at least
	digits   int    // of padded, at least
}

// builtin are the formats that have a number and no text in a file. Ids 27 to 36 and
// 50 to 58 are dates in East Asian programs.
func builtin(id int) format {
	switch {
	case id == 9 || id == 10:
		return format{class: percent}
	case id >= 5 && id <= 8:
		decimals := 0
		if id > 6 {
			decimals = 2
		}
		return format{class: money, sign: "$", decimals: decimals}
	case id == 42 || id == 44:
		return format{class: money, sign: "$", decimals: id - 42}
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return format{class: date}
	case id == 22:
		return format{class: dateTime}
	case id >= 18 && id <= 21, id == 45, id == 47, id >= 32 && id <= 35, id == 55, id == 56:
		return format{class: clock}
	case id == 46:
		return format{class: elapsed}
	}
	return format{}
}

// parseFormat reads the text of a number format: its first section, which is that of
// positive numbers.
func parseFormat(code string) format {
	var f format
	var days, hours, months, seconds, pct, over bool
	var literal strings.Builder
	point := false
	zeros, other := 0, false
	for code != "" {
		r, size := utf8.DecodeRuneInString(code)
		rest := code[size:]
		switch {
		case r == ';':
			rest = ""
		case r == '"':
			text, after, _ := strings.Cut(rest, `"`)
			literal.WriteString(text)
			rest, other = after, true
		case r == '\\' || r == '_' || r == '*':
			next, n := utf8.DecodeRuneInString(rest)
			if r == '\\' {
				literal.WriteRune(next)
			}
			rest, other = rest[n:], true
		case r == '[':
			text, after, _ := strings.Cut(rest, "]")
			rest = after
			f.bracket(text, &over)
		case r == '$' || currencySign(r):
			literal.WriteRune(r)
		case r == '%':
			pct = true
		case strings.ContainsRune("yYdDeEgGbB", r) && !exponent(r, rest) && !general(code):
			days = true
		case r == 'h' || r == 'H':
			hours = true
		case r == 's' || r == 'S':
			seconds = true
		case r == 'm' || r == 'M':
			months = true
		case general(code):
			rest = code[len("general"):]
			other = true
		case r == '.':
			point, other = true, true
		case r == '0' && !point:
			zeros++
		case r == '0' || r == '#' || r == '?':
			if point && r == '0' {
				f.decimals++
			}
			other = other || r != '0' || point
		default:
			other = true
		}
		code = rest
	}
	return f.settle(literal.String(), days, hours || seconds, months, pct, over, zeros, other)
}

// settle decides the class from what a format has in it.
func (f format) settle(literal string, days, hours, months, pct, over bool, zeros int, other bool) format {
	if f.sign == "" {
		for _, r := range literal {
			if r == '$' || currencySign(r) {
				f.sign = string(r)
				break
			}
		}
	}
	switch {
	case over:
		f.class = elapsed
	case days && hours:
		f.class = dateTime
	case hours:
		f.class = clock
	case days || months:
		f.class = date
	case pct:
		f.class = percent
	case f.sign != "":
		f.class = money
	case zeros > 1 && !other && literal == "":
		f.class, f.digits = padded, min(zeros, 32)
	}
	return f
}

// bracket reads what stands in [ ]: elapsed time, a currency, or nothing that counts
// (a colour, a condition, a language).
func (f *format) bracket(text string, over *bool) {
	lower := strings.ToLower(text)
	switch {
	case lower != "" && strings.Trim(lower, "h") == "", lower != "" && strings.Trim(lower, "m") == "", lower != "" && strings.Trim(lower, "s") == "":
		*over = true
	case strings.HasPrefix(text, "$"):
		sign, _, _ := strings.Cut(text[1:], "-")
		sign = strings.TrimSpace(sign)
		if r, _ := utf8.DecodeLastRuneInString(sign); sign != "" && len(sign) < 12 {
			f.sign = sign
			if r != '$' && !currencySign(r) {
				f.sign += " "
			}
		}
	}
}

func currencySign(r rune) bool { return strings.ContainsRune("€£¥₡₱₲₿¢", r) }

// exponent reports whether an E is that of a number in scientific notation.
func exponent(r rune, rest string) bool {
	return (r == 'e' || r == 'E') && rest != "" && (rest[0] == '+' || rest[0] == '-')
}

func general(code string) bool {
	return len(code) >= 7 && strings.EqualFold(code[:7], "general")
}
