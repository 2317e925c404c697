package fetch

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// maxURL bounds an address in bytes; longer ones are never real.
const maxURL = 8 << 10

// target is an address that passed every check that needs no network.
type target struct {
	url   *url.URL // host in ASCII, lower case, without trailing dot; no fragment
	host  string   // without port and brackets
	port  uint16
	addr  netip.Addr // set when the host is an address itself
	local bool       // answered inside the process
}

// read checks and normalises raw. Addresses written in a way that programs read
// differently (octal, hexadecimal, one number, fewer than four parts, other digits,
// mapped IPv4, a trailing dot) are refused rather than understood.
func (p policy) read(raw string) (target, error) {
	if len(raw) > maxURL {
		return target{}, &Error{Code: BadURL, cause: errors.New("address too long")}
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return target{}, &Error{Code: BadURL, cause: err}
	}
	return p.readURL(u)
}

func (p policy) readURL(u *url.URL) (target, error) {
	bad := func(why string) (target, error) {
		return target{}, &Error{Code: BadURL, Host: u.Hostname(), cause: errors.New(why)}
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("neither http nor https")
	case u.User != nil:
		return bad("credentials in the address")
	case u.Opaque != "" || u.Hostname() == "":
		return bad("no host")
	}
	port, ok := portOf(u)
	if !ok {
		return bad("port out of range")
	}
	t := target{port: port}
	t.host, t.addr, ok = hostOf(u.Hostname(), strings.HasPrefix(u.Host, "["))
	if !ok {
		return target{}, &Error{Code: RefusedAddress, Host: u.Hostname(), cause: errors.New("host is not a plain name or address")}
	}
	if t.addr.IsValid() && !p.permits(t.addr, port) {
		return target{}, &Error{Code: RefusedAddress, Host: t.host, cause: errors.New("address not allowed")}
	}
	clean := *u
	clean.Fragment, clean.RawFragment = "", ""
	clean.Host = t.host
	if t.addr.Is6() {
		clean.Host = "[" + t.host + "]"
	}
	if u.Port() != "" {
		clean.Host += ":" + u.Port()
	}
	t.url = &clean
	return t, nil
}

// CheckPublic reports what is wrong with an address that anybody is to open in a browser,
// without asking the network: an *Error of BadURL, or of RefusedAddress for hosts that are not
// on the public internet, names among them that mean something on one machine or network alone.
func CheckPublic(raw string) error {
	t, err := policy{}.read(raw)
	if err != nil {
		return err
	}
	if dot := strings.LastIndexByte(t.host, '.'); !t.addr.IsValid() && (dot < 0 || slices.Contains(ownNames, t.host[dot+1:]) || strings.HasSuffix(t.host, ".home.arpa")) {
		return &Error{Code: RefusedAddress, Host: t.host, cause: errors.New("name is not on the public internet")}
	}
	return nil
}

// ownNames are the last labels of names that no public server answers to: the special-use names
// of RFC 6761, 6762, 7686 and 9476, and ICANN's "internal".
var ownNames = []string{"localhost", "local", "internal", "test", "example", "invalid", "onion", "alt"}

func portOf(u *url.URL) (uint16, bool) {
	if u.Port() == "" {
		if u.Scheme == "https" {
			return 443, true
		}
		return 80, true
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return uint16(n), err == nil && n > 0
}

// hostOf gives the host in one spelling, and its address when it is one. It reports
// false for whatever is neither a plain name nor an address in its usual form.
func hostOf(raw string, bracketed bool) (string, netip.Addr, bool) {
	if bracketed {
		a, err := netip.ParseAddr(raw)
		ok := err == nil && a.Is6() && !a.Is4In6() && a.Zone() == ""
		return a.String(), a, ok
	}
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(raw, "."))
	if err != nil {
		// Lookup refuses underscores, which some real host names have.
		if host = strings.ToLower(strings.TrimSuffix(raw, ".")); !plainName(host) {
			return "", netip.Addr{}, false
		}
	}
	if !endsInNumber(host) {
		return host, netip.Addr{}, host != "" && plainName(host)
	}
	a, err := netip.ParseAddr(raw)
	return a.String(), a, err == nil && a.Is4()
}

// plainName reports whether host has only the letters that host names have.
func plainName(host string) bool {
	for _, r := range host {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '.', r == '_':
		default:
			return false
		}
	}
	return len(host) <= 253 && !strings.Contains(host, "..") && !strings.HasPrefix(host, ".")
}

// endsInNumber is the rule of the URL standard for "this is meant as IPv4": the last
// label is digits, or 0x and hexadecimal digits.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}
