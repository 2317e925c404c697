package infer

import (
	"bytes"
	"strings"
)

// births are the letters of the state of birth in a CURP.
const births = "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE "

// isCURP reports whether 18 letters and digits are a CURP: by its form, and its state of
// birth or its check digit. One that was mistyped is a person's as well.
func isCURP(b []byte) bool {
	sum := 0
	for i, c := range b {
		c = upper(c)
		digit := c-'0' <= 9
		letter := c >= 'A' && c <= 'Z'
		switch {
		case i < 4 || i >= 10 && i < 16:
			if !letter {
				return false
			}
		case i < 10 || i == 17:
			if !digit {
				return false
			}
		case !digit && !letter:
			return false
		}
		if i < 17 {
			v := int(c - '0')
			if letter {
				v = int(c-'A') + 10
				if c > 'N' {
					v++
				}
			}
			sum += v * (18 - i)
		}
	}
	sex := upper(b[10])
	return validDay(2000, two(b[6:]), two(b[8:])) && (sex == 'H' || sex == 'M' || sex == 'X') &&
		((10-sum%10)%10 == int(b[17]-'0') || strings.Contains(births, string([]byte{upper(b[11]), upper(b[12]), ' '})))
}

func two(b []byte) int { return int(b[0]-'0')*10 + int(b[1]-'0') }

// rfcLetters is how many letters an RFC begins with, 4 for persons, 3 for companies; 0
// when the text is none.
func rfcLetters(b []byte) int {
	n := len(b) - 9
	for i, c := range b {
		c = upper(c)
		digit := c-'0' <= 9
		letter := c >= 'A' && c <= 'Z' || c == '&'
		switch {
		case i < n && !letter, i >= n && i < n+6 && !digit, !digit && !letter:
			return 0
		}
	}
	if !validDay(2000, two(b[n+2:]), two(b[n+4:])) {
		return 0
	}
	return n
}

// providers give addresses to anybody.
var providers = []string{"gmail", "hotmail", "outlook", "yahoo", "live", "icloud", "prodigy", "msn", "aol", "ymail", "me", "protonmail", "proton", "terra", "infinitum"}

// roles are what addresses of offices begin with.
var roles = []string{"contacto", "info", "transparencia", "atencion", "oficialia", "direccion", "secretaria", "presidencia", "municipio", "ayuntamiento", "ventanilla", "tramites", "webmaster", "admin", "soporte", "ventas", "unidad", "enlace", "catastro", "tesoreria", "desarrollo", "contraloria"}

// mail is the class of a text with an @ at the given place, 0 when it is no address.
func mail(b []byte, at int) class {
	domain := b[at+1:]
	dot := bytes.LastIndexByte(domain, '.')
	if len(b) > 254 || dot < 1 || len(domain)-dot < 3 || bytes.IndexByte(domain, '@') >= 0 {
		return 0
	}
	for _, c := range b {
		if c <= ' ' || c == ',' || c == ';' || c == '<' || c == '>' || c == '(' || c == ')' || c == '"' {
			return 0
		}
	}
	first, _, _ := strings.Cut(strings.ToLower(string(domain)), ".")
	for _, p := range providers {
		if first == p {
			return privateOrRole(strings.ToLower(string(b[:at])))
		}
	}
	return mailAddress
}

// privateOrRole tells a person's address from an office's at a private provider.
func privateOrRole(local string) class {
	for _, r := range roles {
		if strings.HasPrefix(local, r) {
			return mailAddress
		}
	}
	return mailPrivate
}
