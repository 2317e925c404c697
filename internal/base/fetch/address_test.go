package fetch_test

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"plaza/internal/base/fetch"
	"plaza/internal/plaza"
)

// names is a Resolver that knows some names and counts the questions.
type names struct {
	known map[string][]string
	asked int
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.asked++
	texts, ok := n.known[host]
	if !ok {
		return nil, errors.New("no such host")
	}
	out := make([]netip.Addr, len(texts))
	for i, s := range texts {
		out[i] = netip.MustParseAddr(s)
	}
	return out, nil
}

func codeOf(err error) fetch.Code {
	if e, ok := errors.AsType[*fetch.Error](err); ok {
		return e.Code
	}
	return ""
}

var refused = []string{
	// loopback in its spellings
	"http://127.0.0.1/", "http://127.0.0.1:80/", "http://127.1/", "http://127.0.1/", "http://127.255.255.254/",
	"http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0X7F.0x0.0x0.0x1/",
	"http://017700000001/", "http://0177.0.0.1/", "http://0177.0.0.01/", "http://00000177.0.0.1/",
	"http://127.0.0.1./", "http://127.000.000.001/", "http://127.0.0.0x1/", "http://0/", "http://0.0.0.0/",
	"http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://１２７.0.0.1/", "http://0x7f.1/", "http://1.1/",
	"http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
	// IPv4 inside IPv6
	"http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[::ffff:8.8.8.8]/",
	"http://[64:ff9b::7f00:1]/", "http://[64:ff9b::169.254.169.254]/", "http://[64:ff9b:1::1]/",
	"http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::1]/", "http://[2001:0:7f00:1::]/", "http://[::ffff:0:127.0.0.1]/",
	// private, shared, link-local, metadata
	"http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/",
	"http://100.64.0.1/", "http://100.100.100.200/", "http://169.254.169.254/latest/meta-data/",
	"http://169.254.170.2/", "http://168.63.129.16/", "http://192.0.0.192/", "http://2852039166/",
	"http://[fd00:ec2::254]/", "http://[fc00::1]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fec0::1]/",
	// everything else that is not the open internet
	"http://192.0.2.1/", "http://198.51.100.7/", "http://203.0.113.9/", "http://198.18.0.1/", "http://192.88.99.1/",
	"http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/", "http://[ff02::1]/", "http://[100::1]/",
	"http://[2001:db8::1]/", "http://[3fff::1]/", "http://[5f00::1]/", "http://[4000::1]/",
	// public address, port that is not the web's
	"http://8.8.8.8:22/", "http://8.8.8.8:8080/", "https://[2606:4700::1111]:6379/",
	"http://a,b.example/",
}

var bad = []string{
	"", " ", "plaza", "//example.com/", "/datos", "http://", "http:///x", "https://:443/", "http:example.com",
	"file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "data:text/plain,x", "javascript:alert(1)",
	"http://user@example.com/", "http://user:secret@example.com/", "http://:@example.com/",
	"http://example.com:0/", "http://example.com:65536/", "http://example.com:x/", "http://example.com:-1/",
	"http://exa mple.com/", "http://example.com\\@127.0.0.1/", "http://example.com/\x00", "http://exa\nmple.com/",
	"http://%31%32%37.0.0.1/", "http://[::1/", "http://::1/", "http://[127.0.0.1]x/",
	"http://example.com/" + strings.Repeat("a", 9000),
}

func TestAddressesThatAreNotThePublicInternetAreRefusedBeforeAnyLookup(t *testing.T) {
	dns := &names{}
	c := fetch.New(fetch.Config{Resolver: dns})
	for _, u := range refused {
		if got := codeOf(c.Check(u)); got != fetch.RefusedAddress {
			t.Errorf("Check(%q) code = %q, want %q", u, got, fetch.RefusedAddress)
		}
		_, err := c.Get(t.Context(), fetch.Request{URL: u})
		if got := codeOf(err); got != fetch.RefusedAddress {
			t.Errorf("Get(%q) code = %q, want %q", u, got, fetch.RefusedAddress)
		}
	}
	if dns.asked != 0 {
		t.Errorf("the resolver was asked %d times, want 0", dns.asked)
	}
	if len(refused) < 45 {
		t.Errorf("%d spellings, want at least 45", len(refused))
	}
}

func TestAddressesThatAreNoWebAddressesAreBad(t *testing.T) {
	c := fetch.New(fetch.Config{Resolver: &names{}})
	for _, u := range bad {
		err := c.Check(u)
		if got := codeOf(err); got != fetch.BadURL {
			t.Errorf("Check(%.60q) code = %q (%v), want %q", u, got, err, fetch.BadURL)
		}
		if got := plaza.KindOf(err); got != plaza.Invalid {
			t.Errorf("Check(%.60q) kind = %v, want %v", u, got, plaza.Invalid)
		}
	}
}

func TestOrdinaryAddressesPass(t *testing.T) {
	c := fetch.New(fetch.Config{})
	for _, u := range []string{
		"http://example.com", "https://datos.cdmx.gob.mx/api/3/action/package_search?rows=10#x", " https://example.com/ ",
		"https://EXAMPLE.com./", "https://españa.example/ñandú", "https://my_host.example/", "https://r3---sn.example/",
		"http://8.8.8.8/", "https://8.8.8.8:443/", "https://[2606:4700::1111]/", "http://example.com:8080/", "http://3com.example/",
		"http://0x.example/",
	} {
		if err := c.Check(u); err != nil {
			t.Errorf("Check(%q) = %v, want nil", u, err)
		}
	}
}

func TestWhatAnybodyIsToOpenIsOnThePublicInternet(t *testing.T) {
	for _, c := range []struct {
		url  string
		want fetch.Code
	}{
		{"https://mapas.ejemplo.mx/agua?a=1#b", ""}, {"http://mapas.ejemplo.mx:8080/", ""}, {"https://ñandú.mx/", ""}, {"https://8.8.8.8/", ""},
		{"https://localhost/", fetch.RefusedAddress}, {"https://LOCALHOST.:8443/", fetch.RefusedAddress}, {"https://intranet/", fetch.RefusedAddress},
		{"https://tablero.local/", fetch.RefusedAddress}, {"https://a.home.arpa/", fetch.RefusedAddress}, {"https://ckan.internal/", fetch.RefusedAddress},
		{"https://10.1.2.3/", fetch.RefusedAddress}, {"https://[::1]/", fetch.RefusedAddress}, {"https://2130706433/", fetch.RefusedAddress}, {"https://0x7f.1/", fetch.RefusedAddress},
		{"https://mapas.ejemplo.mx:70000/", fetch.BadURL}, {"https://yo:clave@mapas.ejemplo.mx/", fetch.BadURL}, {"javascript:alert(1)", fetch.BadURL}, {"mapas.ejemplo.mx", fetch.BadURL},
	} {
		err := fetch.CheckPublic(c.url)
		if (err == nil) != (c.want == "") || err != nil && codeOf(err) != c.want {
			t.Errorf("CheckPublic(%q) = %v, want %q", c.url, err, c.want)
		}
	}
}

func TestANameThatLeadsToARefusedAddressIsRefused(t *testing.T) {
	dns := &names{known: map[string][]string{
		"intra.example":     {"10.0.0.7"},
		"meta.example":      {"169.254.169.254"},
		"mixed.example":     {"93.184.215.14", "127.0.0.1"},
		"mapped.example":    {"::ffff:127.0.0.1"},
		"nat64.example":     {"64:ff9b::a00:1"},
		"localhost":         {"127.0.0.1", "::1"},
		"ended.example":     {"0.0.0.0"},
		"unique.example":    {"fd00:ec2::254"},
		"otherport.example": {"93.184.215.14"},
	}}
	c := fetch.New(fetch.Config{Resolver: dns, Interval: -1})
	for host := range dns.known {
		u := "http://" + host + "/"
		if host == "otherport.example" {
			u = "http://" + host + ":8443/"
		}
		_, err := c.Get(t.Context(), fetch.Request{URL: u})
		if got := codeOf(err); got != fetch.RefusedAddress {
			t.Errorf("Get(%q) code = %q (%v), want %q", u, got, err, fetch.RefusedAddress)
			continue
		}
		for _, addr := range dns.known[host] {
			if strings.Contains(err.Error(), addr) {
				t.Errorf("Get(%q) error tells the address: %v", u, err)
			}
		}
	}
	_, err := c.Get(t.Context(), fetch.Request{URL: "http://unknown.example/"})
	if got := codeOf(err); got != fetch.DNS {
		t.Errorf("Get of an unknown name: code = %q, want %q", got, fetch.DNS)
	}
}

func TestTheAllowListReadsNetworksAndAddresses(t *testing.T) {
	got, err := fetch.ParseAllow(" 10.1.2.3/8, 127.0.0.1 fd00::/8,\n::ffff:192.168.0.1")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range got {
		texts = append(texts, p.String())
	}
	if got, want := strings.Join(texts, " "), "10.0.0.0/8 127.0.0.1/32 fd00::/8 192.168.0.1/32"; got != want {
		t.Errorf("ParseAllow = %s, want %s", got, want)
	}
	for _, s := range []string{"localhost", "10.0.0.0/33", "10.0.0", "fe80::1%eth0"} {
		if _, err := fetch.ParseAllow(s); err == nil {
			t.Errorf("ParseAllow(%q) has no error", s)
		}
	}
	if got, err := fetch.ParseAllow(""); err != nil || len(got) != 0 {
		t.Errorf("ParseAllow of nothing = %v, %v", got, err)
	}
}

func FuzzCheckAcceptsOnlyNamesAndPublicAddresses(f *testing.F) {
	for _, list := range [][]string{refused, bad, {"https://example.com:8080/a?b#c", "http://8.8.8.8/"}} {
		for _, u := range list {
			f.Add(u)
		}
	}
	c := fetch.New(fetch.Config{Resolver: &names{}})
	f.Fuzz(func(t *testing.T, u string) {
		err := c.Check(u)
		if err != nil && codeOf(err) != fetch.BadURL && codeOf(err) != fetch.RefusedAddress {
			t.Errorf("Check(%q) = %v, want a typed refusal", u, err)
		}
		parsed, errURL := url.Parse(strings.TrimSpace(u))
		if err != nil || errURL != nil {
			return
		}
		addr, errAddr := netip.ParseAddr(parsed.Hostname())
		if errAddr == nil && (addr.Is4In6() || addr.IsPrivate() || !addr.IsGlobalUnicast()) {
			t.Errorf("Check(%q) accepts the address %v", u, addr)
		}
	})
}
