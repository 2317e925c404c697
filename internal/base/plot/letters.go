package plot

import "unicode/utf8"

// TextWidth is how wide a line of text is at a size, taking every letter as half as wide as
// it is high.
func TextWidth(s string, size float64, bold bool) float64 {
	return 0.5 * size * float64(utf8.RuneCountInString(s))
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}
