package dcat

import (
	"net/netip"
	"net/url"
	"strings"
)

// SafeURL reports whether an address may stand in a record: absolute, with a host,
// by http, https or ftp, without credentials.
func SafeURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && safeScheme(u.Scheme) && u.Host != "" && u.User == nil && len(address) <= maxURL
}

func safeScheme(scheme string) bool {
	return scheme == "http" || scheme == "https" || scheme == "ftp"
}

// url repairs one address. What may not stand in a record is dropped.
func (r *report) url(field, s string) string {
	s = strings.TrimSpace(s)
	if s == "" || plainAddress(s) && SafeURL(s) {
		return s
	}
	clean := r.addressText(field, s)
	if clean == "" {
		return ""
	}
	u, err := url.Parse(clean)
	if err != nil {
		r.add(URLInvalid, field, s, false)
		return ""
	}
	if u = r.absolute(field, s, u); u == nil {
		return ""
	}
	if u.User != nil {
		r.add(URLCredentials, field, u.Redacted(), true)
		u.User = nil
	}
	address := u.String()
	if !SafeURL(address) {
		r.add(URLInvalid, field, s, false)
		return ""
	}
	return address
}

// plainAddress reports whether s is printable ASCII without what has to be escaped,
// and begins as it should.
func plainAddress(s string) bool {
	if !isWebAddress(s) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || strings.IndexByte("\"<>\\^`{|}&", c) >= 0 && (c != '&' || strings.HasPrefix(s[i:], "&amp;")) {
			return false
		}
	}
	return true
}

// addressText repairs the characters of an address, before it is taken apart.
func (r *report) addressText(field, s string) string {
	if len(s) > maxURL {
		r.add(URLInvalid, field, s, false)
		return ""
	}
	was := s
	s = r.charactersOfAddress(field, s)
	if first, rest, several := cutAddresses(s); several {
		r.add(URLSeveral, field, rest, true)
		s = first
	}
	if strings.HasPrefix(s, "\\\\") || strings.HasPrefix(s, "//") && strings.Contains(s, "\\") {
		r.add(URLUnsafe, field, was, false) // a shared folder on somebody's network
		return ""
	}
	if before, _, _ := strings.Cut(s, "?"); strings.Contains(before, "\\") {
		s = strings.ReplaceAll(before, "\\", "/") + s[len(before):]
	}
	escaped := escapeAddress(s)
	if escaped != s {
		r.add(URLEscaped, field, was, true)
	}
	return escaped
}

func (r *report) charactersOfAddress(field, s string) string {
	s = strings.ToValidUTF8(s, "")
	if fixed, state := fixMojibake(s); state == mojibakeFixed {
		r.add(Mojibake, field, s, true)
		s = fixed
	}
	if fixed := unescape(s); fixed != s {
		r.add(EntitiesInText, field, s, true)
		s = fixed
	}
	fixed, found := stripControls(s)
	if found {
		r.add(ControlCharacters, field, s, true)
	}
	return strings.TrimSpace(strings.NewReplacer("\n", "", "\t", "").Replace(fixed))
}

// cutAddresses splits text that holds several addresses; a comma inside one address
// does not split it.
func cutAddresses(s string) (first, rest string, several bool) {
	for _, start := range []string{"http://", "https://", "ftp://"} {
		for from := 1; from < len(s); {
			i := strings.Index(s[from:], start)
			if i < 0 {
				break
			}
			i += from
			if strings.IndexByte(" ,;|\n", s[i-1]) >= 0 {
				if !several || i < len(first) {
					first, rest, several = s[:i], s[i:], true
				}
				break
			}
			from = i + 1
		}
	}
	if !several {
		return s, "", false
	}
	return strings.TrimRight(first, " ,;|\n"), rest, true
}

// escapeAddress percent-encodes blanks, accents and what else may not stand in an
// address, and stray percent signs. What is escaped already stays.
func escapeAddress(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		stray := c == '%' && !(i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]))
		if stray || c <= ' ' || c > '~' || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// absolute gives an address its scheme and host, nil when it has none or may not
// have the one it has.
func (r *report) absolute(field, was string, u *url.URL) *url.URL {
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case safeScheme(u.Scheme) && u.Host != "":
		return u
	case u.Scheme != "" && !safeScheme(u.Scheme) && !looksLikeHost(u.Scheme):
		r.add(URLUnsafe, field, was, false)
		return nil
	case u.Host == "" && looksLikeHost(beforeSlash(was)):
		full, err := url.Parse("http://" + escapeAddress(was))
		if err != nil {
			break
		}
		r.add(URLNoScheme, field, was, true)
		return full
	case u.Scheme == "" && r.base != nil && (u.Host != "" || relative(u.Path)):
		full := r.base.ResolveReference(u)
		if safeScheme(full.Scheme) && full.Host != "" {
			r.add(URLRelative, field, was, true)
			return full
		}
	}
	r.add(URLInvalid, field, was, false)
	return nil
}

// relative reports whether a path says that it is one: a bare word is more likely
// a note than an address.
func relative(path string) bool {
	return strings.HasPrefix(path, "/") || strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../")
}

func beforeSlash(s string) string {
	if i := strings.IndexAny(s, "/?#:"); i >= 0 {
		return s[:i]
	}
	return s
}

// looksLikeHost reports whether s is a host name with a dot in it, such as
// "datos.ejemplo.gob.mx", or an IP address.
func looksLikeHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	dot := strings.LastIndexByte(s, '.')
	if dot <= 0 || len(s)-dot < 3 || len(s) > 253 {
		return false
	}
	for _, c := range s[dot+1:] {
		if c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
			return false
		}
	}
	for i := range dot {
		c := s[i]
		ok := c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !ok {
			return false
		}
	}
	return strings.HasPrefix(strings.ToLower(s), "www.") || strings.Count(s, ".") > 1 || knownEnd(s[dot+1:])
}

// knownEnd tells "ejemplo.mx" from "datos.csv".
func knownEnd(end string) bool {
	switch strings.ToLower(end) {
	case "mx", "com", "org", "net", "gov", "gob", "edu", "info", "ar", "es", "us", "int", "io":
		return true
	}
	return false
}
