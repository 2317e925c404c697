package moderation

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

var (
	// address is what a reader may follow: with a scheme, or a name that ends as the
	// names of sites that are advertised do. What follows an @ is a mailbox.
	address = regexp.MustCompile(`(?i)(?:https?|ftp)://(?:[^\s/?#@<>"']*@)?([^\s/?#<>"'():]+)` +
		`|(?:^|[^\w@.-])((?:[\pL\pN-]+\.)+(?:com|net|org|info|biz|io|ru|cn|xyz|top|shop|site|online|club|click|link|live|me|co|mx|app|dev|ly|gg|tk|es|ar|us))(?:[^\pL\pN.-]|\.?$|\.\s)`)
	mention = regexp.MustCompile(`(?:^|[^\pL\pN@.])@[\pL\pN_][\pL\pN_.-]*`)
)

// hosts are the sites that a text names, in ASCII and lower case.
func hosts(s string) (found []string) {
	for _, m := range address.FindAllStringSubmatch(s, -1) {
		host := strings.Trim(strings.ToLower(m[1]+m[2]), ".,;!]*_")
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			host = ascii
		}
		if host != "" {
			found = append(found, host)
		}
	}
	return found
}

// under reports whether a host is a site or lies under it.
func under(host, site string) bool { return host == site || strings.HasSuffix(host, "."+site) }

// foreign reports whether a text leads to a site that is not one's own.
func (d *Desk) foreign(s string) bool {
	for _, host := range hosts(s) {
		own := false
		for _, site := range d.Hosts {
			own = own || under(host, strings.ToLower(site))
		}
		if !own {
			return true
		}
	}
	return false
}

// tricks reports whether a text does not say what it shows: marks that turn the
// direction of text, invisible ones inside words, letters of several scripts in one
// word.
func tricks(s string) bool {
	var latin, other, inWord bool
	for _, r := range s {
		switch {
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return true
		case r == 0x200b, r == 0x2060, r == 0xfeff, r == 0xad, r >= 0xe0000 && r <= 0xe007f:
			if inWord {
				return true
			}
		case unicode.Is(unicode.Latin, r):
			latin, inWord = true, true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee):
			// µ and Ω are units, and known as such by their own letters
			other, inWord = other || r != 'µ' && r != 'Ω' && r != 'μ', true
		case unicode.IsLetter(r), unicode.IsDigit(r):
			inWord = true
		case unicode.IsMark(r):
		default:
			latin, other, inWord = false, false, false
		}
		if latin && other {
			return true
		}
	}
	return false
}
