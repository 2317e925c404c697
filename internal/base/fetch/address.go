package fetch

import (
	"fmt"
	"net/netip"
	"strings"
)

// closed lists what is not the public internet: the special-purpose registries of
// IANA (RFC 6890 and its updates) and the metadata services that sit on public
// addresses. IPv6 outside 2000::/3 needs no line here: it is refused as a whole.
var closed = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // carrier-grade NAT; one cloud's metadata too
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // one cloud's metadata on a public address
	"169.254.0.0/16",   // link-local, metadata
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments, metadata
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarking
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, broadcast
	"2001::/23",        // protocol assignments: Teredo, ORCHID, benchmarking
	"2001:db8::/32",    // documentation
	"2002::/16",        // 6to4: carries an IPv4 address
	"3fff::/20",        // documentation
)

// global is the only part of IPv6 that is handed out; it leaves out loopback,
// unspecified, mapped and compatible IPv4, NAT64, unique local, link-local, site-local
// and multicast at one stroke.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// policy says which addresses and ports may be reached.
type policy struct{ allow []netip.Prefix }

// own reports whether the operator listed the address in Allow.
func (p policy) own(a netip.Addr) bool { return within(p.allow, a.Unmap().WithZone("")) }

// permits reports whether a connection to a and port may be opened.
func (p policy) permits(a netip.Addr, port uint16) bool {
	a = a.Unmap()
	if p.own(a) {
		return true
	}
	return public(a) && (port == 80 || port == 443)
}

// public reports whether a is an address of the open internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || a.Is6() && !global.Contains(a) {
		return false
	}
	return !within(closed, a)
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// ParseAllow reads the setting PLAZA_FETCH_ALLOW: networks in CIDR form or single
// addresses, separated by commas or spaces. An empty text gives an empty list.
func ParseAllow(s string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }) {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			a, errAddr := netip.ParseAddr(word)
			if errAddr != nil || a.Zone() != "" {
				return nil, fmt.Errorf("%q is neither a network such as 10.0.0.0/8 nor an address", word)
			}
			p = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
