package dcat

import (
	"net/mail"
	"net/url"
	"strings"
)

// email repairs a mail address: blanks and "mailto:" go, which is no defect; of
// several the first stays.
func (r *report) email(field, s string) string {
	s = r.title(field, s)
	if s == "" {
		return ""
	}
	parts := strings.FieldsFunc(s, func(c rune) bool { return c == ';' || c == ',' || c == '|' || c == '/' })
	var found []string
	for _, part := range parts {
		for _, word := range addressWords(part) {
			if address := mailAddress(word); address != "" {
				found = append(found, address)
			}
		}
	}
	switch {
	case len(found) == 0:
		r.add(EmailInvalid, field, s, false)
		return ""
	case len(found) > 1:
		r.add(EmailSeveral, field, s, true)
	}
	return found[0]
}

// addressWords returns the words that may be an address: those with an at sign.
func addressWords(s string) []string {
	var words []string
	for _, w := range strings.Fields(s) {
		if strings.Contains(w, "@") {
			words = append(words, w)
		}
	}
	return words
}

func mailAddress(s string) string {
	s = strings.Trim(s, "<>()[]\"'.:")
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s, _, _ = strings.Cut(s[7:], "?")
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
	}
	a, err := mail.ParseAddress(s)
	if err != nil || len(a.Address) > 254 || strings.ContainsAny(a.Address, " \"<>\r\n\t") {
		return ""
	}
	_, host, _ := strings.Cut(a.Address, "@")
	if !strings.Contains(host, ".") || strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") {
		return ""
	}
	return a.Address
}
