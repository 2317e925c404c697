package account

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/account/leaked"
	"plaza/internal/plaza"
)

// The limits of a password, in letters of any script. There are no rules on what it is
// made of: length is what counts (NIST SP 800-63B, 3.1.1).
const (
	minPassword = 8
	maxPassword = 128
)

// typedPassword is a password as it was typed: its spaces are its own.
func typedPassword(f *web.Form, name string) string {
	if all := f.Values(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// preparePassword gives a password in the one form in which it is hashed (RFC 8265):
// however a keyboard composes letters and spaces. It reports false for what no person
// can have chosen here.
func preparePassword(s string) (string, bool) {
	if len(s) > 4*maxPassword || utf8.RuneCountInString(s) > maxPassword {
		return "", false
	}
	s, err := precis.OpaqueString.String(s)
	return s, err == nil && s != ""
}

// checkPassword returns the password as it is hashed, or why it may not be one, as a
// refusal of the field. about is what an attacker tries because it is known of the
// person: name, address, the site's name.
func checkPassword(field, typed string, about ...string) (string, error) {
	refuse := func(key string) (string, error) {
		return "", &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{{
			Field: field, Key: "account.error.password." + key, Args: map[string]any{"min": minPassword, "max": maxPassword}}}}
	}
	if utf8.RuneCountInString(typed) < minPassword {
		return refuse("short")
	}
	if utf8.RuneCountInString(typed) > maxPassword {
		return refuse("long")
	}
	s, ok := preparePassword(typed)
	switch {
	case !ok:
		return refuse("letters")
	case simple(strings.ToLower(s)):
		return refuse("simple")
	case leaked.Has(strings.ToLower(s)) || leaked.Has(bare(s)):
		return refuse("common")
	case personal(s, about):
		return refuse("personal")
	}
	return s, nil
}

// bare is a password in lower case without up to four digits and signs at its end,
// which is what people add to a word.
func bare(s string) string {
	rs := []rune(strings.ToLower(s))
	for range 4 {
		if n := len(rs); n > 0 && !unicode.IsLetter(rs[n-1]) {
			rs = rs[:n-1]
		}
	}
	return string(rs)
}

// rows are what fingers walk along.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjklñ", "zxcvbnm",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
}

// simple reports whether a password in lower case is some letters said again and again,
// or steps along a row, but for three of them.
func simple(s string) bool {
	rs := []rune(s)
	for unit := 1; unit <= 4 && unit < len(rs); unit++ {
		again := true
		for i := unit; i < len(rs) && again; i++ {
			again = rs[i] == rs[i-unit]
		}
		if again {
			return true
		}
	}
	steps := 0
	for i := 1; i < len(rs); i++ {
		pair, back := string(rs[i-1:i+1]), string([]rune{rs[i], rs[i-1]})
		if rs[i] == rs[i-1] || slices.ContainsFunc(rows, func(row string) bool {
			return strings.Contains(row, pair) || strings.Contains(row, back)
		}) {
			steps++
		}
	}
	return steps >= len(rs)-2
}

// personal reports whether little is left of a password without what is known of the
// person.
func personal(s string, about []string) bool {
	left := letters(s)
	var words []string
	for _, a := range about {
		words = append(words, letters(a))
		for _, w := range strings.FieldsFunc(a, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			words = append(words, letters(w))
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	known := false
	for _, w := range words {
		if len(w) >= 3 && strings.Contains(left, w) {
			left, known = strings.ReplaceAll(left, w, ""), true
		}
	}
	return known && utf8.RuneCountInString(left) < 4
}

// letters is a text in lower case without accents, spaces and signs.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text.Fold(s))
}
