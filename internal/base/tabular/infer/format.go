package infer

import (
	"slices"
	"strings"
)

// formats are all that a column can have; see the package's words.
var formats = func() []string {
	all := []string{"0", "0.0", "0,000", "0,000.0", "0,0", "0.000", "0.000,0", formatMonth, "hh:mm:ss", "sí/no", "true/false", "s/n", "x", "1/0", "1/2"}
	for _, day := range []string{"dd/mm/yyyy", "dd/mm/yy", "mm/dd/yyyy", "mm/dd/yy", "yyyy-mm-dd", "dd-mmm-yyyy", formatDay8} {
		all = append(all, day, day+" hh:mm:ss")
	}
	return all
}()

// FormatOf is the format that people mean, who write years with an a; false when it is none.
func FormatOf(s string) (string, bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	switch s {
	case "mes":
		return formatMonth, true
	case "si/no":
		return "sí/no", true
	case "verdadero/falso":
		return "true/false", true
	}
	s = strings.ReplaceAll(s, "aa", "yy")
	return s, slices.Contains(formats, s)
}
