package text

import (
	"strings"

	"github.com/kljensen/snowball/spanish"
)

// Stem is what the forms of a Spanish word have in common, by Snowball's rules:
// "poblacion", "poblaciones" and "poblacional" share one. It takes a folded word,
// whatever its language; words with digits or letters beyond a–z stay as they are.
func Stem(folded string) string {
	if len(folded) < 4 {
		return ending(folded, folded)
	}
	for i := range len(folded) {
		if c := folded[i]; c < 'a' || c > 'z' {
			return folded
		}
	}
	return ending(folded, Fold(spanish.Stem(accented(folded), true)))
}

// accented puts back the accents that Snowball looks for in an ending and that
// folding took away, where the ending leaves no doubt.
func accented(folded string) string {
	for _, e := range [...][2]string{
		{"acion", "ación"}, {"ucion", "ución"}, {"logia", "logía"}, {"logias", "logías"},
	} {
		if stem, ok := strings.CutSuffix(folded, e[0]); ok {
			return stem + e[1]
		}
	}
	return folded
}

// ending joins what Snowball leaves apart: short plurals ("años" and "año", "vías"
// and "vía"), the plural of words in z ("luces" and "luz") and, without their
// accent, of those in és ("intereses" and "interés").
func ending(folded, stem string) string {
	n := len(stem)
	switch {
	case strings.HasSuffix(folded, "z") && strings.HasSuffix(stem, "z"):
		return stem[:n-1] + "c"
	case n > 4 && strings.HasSuffix(folded, "eses") && strings.HasSuffix(stem, "es"):
		return stem[:n-2]
	case n >= 4 && stem[n-1] == 's' && strings.IndexByte("aeo", stem[n-2]) >= 0:
		return stem[:n-1]
	}
	return stem
}

// StopWord reports whether a folded word is so common, in Spanish or English, that
// it tells nothing of a text. The list is short on purpose: "no", "sin", "este"
// and "estado" mean something in the title of a dataset.
func StopWord(folded string) bool {
	switch folded {
	case "a", "al", "con", "de", "del", "e", "el", "en", "la", "las", "lo", "los",
		"o", "para", "por", "que", "se", "su", "sus", "u", "un", "una", "unos", "unas", "y",
		"an", "and", "by", "for", "in", "is", "of", "on", "or", "the", "to", "with":
		return true
	}
	return false
}
