package delimited

import (
	"bytes"
	"strings"

	"plaza/internal/base/tabular/header"
)

// kind is what a cell looks like at a glance; package infer judges properly.
type kind byte

const (
	blank kind = iota
	number
	date
	clock
	nothing // NA, ND, "-" …
	words
)

func (k kind) typed() bool { return k == number || k == date || k == clock }

// nothings are words that stand for no value.
var nothings = map[string]bool{
	"na": true, "n/a": true, "nd": true, "n/d": true, "n.d.": true, "null": true, "none": true, "nan": true,
	"-": true, "--": true, "s/d": true, "sd": true, "nulo": true, "*": true, ".": true, `\n`: true, "9999-99-99": true,
}

// kindOf looks at a cell.
func kindOf(cell []byte) kind {
	cell = bytes.TrimSpace(cell)
	if len(cell) == 0 {
		return blank
	}
	if len(cell) > 40 {
		return words
	}
	digits, others, slashes, dashes, colons := 0, 0, 0, 0, 0
	for _, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '/':
			slashes++
		case c == '-':
			dashes++
		case c == ':':
			colons++
		case c == '.' || c == ',' || c == '$' || c == '%' || c == '+' || c == ' ' || c == '(' || c == ')':
		default:
			others++
		}
	}
	switch {
	case len(cell) <= 10 && nothings[strings.ToLower(string(cell))]:
		return nothing
	case digits == 0 || others > 3 || others > 0 && digits < 4:
		if digits > 0 && exponent(cell) {
			return number
		}
		return words
	case colons > 0 && slashes == 0 && dashes == 0 && others == 0:
		return clock
	case (slashes == 2 || dashes == 2) && (others == 0 || others <= 3 && digits <= 10), dashes >= 2 && colons >= 1:
		return date
	case others > 0 || slashes > 0 || dashes > 1 || dashes == 1 && cell[0] != '-' || bytes.Count(cell, []byte(" ")) > 2:
		return words
	}
	return number
}

// exponent reports whether a cell is a number such as 1.5e+10.
func exponent(cell []byte) bool {
	head, tail, found := bytes.Cut(bytes.ToLower(cell), []byte("e"))
	return found && len(head) > 0 && len(tail) > 0 && kindOf(head) == number && kindOf(tail) == number
}

// shape is a cell's outline: letters as a, digits as 0, runs as one.
func shape(cell []byte) string {
	var out []byte
	for _, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			c = '0'
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
			c = 'a'
		}
		if len(out) == 0 || out[len(out)-1] != c {
			out = append(out, c)
		}
		if len(out) == 40 {
			break
		}
	}
	return string(out)
}

// total reports whether a row that begins with the cell adds up others.
func total(cell []byte) bool {
	switch cell[0] | 0x20 {
	case 't', 's', 'g', ' ':
		return header.Total(string(cell[:min(len(cell), 200)]))
	}
	return false
}

// country reports whether a cell names the whole country, whose row adds up its states.
func country(cell []byte) bool {
	switch cell[0] | 0x20 {
	case 'e', 'n', 'r', ' ':
	default:
		return false
	}
	switch strings.ToLower(strings.TrimSpace(string(cell[:min(len(cell), 60)]))) {
	case "nacional", "estados unidos mexicanos", "república mexicana":
		return true
	}
	return false
}

// closings begin lines that follow a table.
var closings = []string{
	"fuente", "nota", "notas", "source", "elabor", "fecha de", "última actual", "ultima actual", "actualizado", "corte al",
	"observaci", "cifras", "datos preliminares", "p/", "r/", "1/", "2/", "3/", "a/", "b/", "* ", "**", "(1)", "(2)", "note", "información",
	"se refiere", "incluye", "no incluye", "los datos", "las cifras", "consulta", "http", "derechos", "©",
}

// closing reports whether a line that begins with the cell belongs below a table.
func closing(cell string) bool {
	cell = strings.ToLower(strings.TrimSpace(cell))
	for _, c := range closings {
		if strings.HasPrefix(cell, c) {
			return true
		}
	}
	return false
}
