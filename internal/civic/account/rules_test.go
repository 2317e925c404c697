package account

import (
	"net/netip"
	"net/url"
	"plaza/internal/civic/gate"
	"strings"
	"testing"
)

func TestSpellingsOfOneAddressAreOnePerson(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"ana@ejemplo.mx", " Ana@Ejemplo.MX "},
		{"ana@ejemplo.mx", "ＡＮＡ@ejemplo.mx"},
		{"jose\u0301@ejemplo.mx", "JOSÉ@ejemplo.mx"},
		{"ana@ñandú.mx", "ana@ÑANDÚ.mx"},
		{"ana@xn--and-6ma2c.mx", "ana@ñandú.mx"},
	} {
		_, a, okA := foldEmail(c.a)
		_, b, okB := foldEmail(c.b)
		if !okA || !okB || a != b {
			t.Errorf("foldEmail(%q) = %q, %v; foldEmail(%q) = %q, %v", c.a, a, okA, c.b, b, okB)
		}
	}
	_, plus, _ := foldEmail("ana+datos@ejemplo.mx")
	_, plain, _ := foldEmail("ana@ejemplo.mx")
	if plus == plain {
		t.Error("what follows a plus sign is the address's own business")
	}
}

func TestWhatIsNoAddressIsRefused(t *testing.T) {
	for _, s := range []string{
		"", "ana", "@ejemplo.mx", "ana@", "ana@@ejemplo.mx", "Ana <ana@ejemplo.mx>", "ana@ejemplo.mx, luz@ejemplo.mx",
		"ana@ejemplo.mx\r\nBcc: luz@ejemplo.mx", "ana\x00@ejemplo.mx", "\"ana luz\"@ejemplo.mx", "ana@[127.0.0.1]",
		"a\u202ena@ejemplo.mx", "an\u200ba@ejemplo.mx", strings.Repeat("a", 250) + "@ejemplo.mx", "ana@ejemplo..mx",
	} {
		if _, key, ok := foldEmail(s); ok {
			t.Errorf("foldEmail(%q) = %q, want a refusal", s, key)
		}
	}
}

func TestNamesAreShownBesideOthersSoTheyMayNotPlayTricks(t *testing.T) {
	for _, c := range []struct {
		in, want string
		ok       bool
	}{
		{"  Ana   María\tÑuñez ", "Ana María Ñuñez", true},
		{"Jose\u0301", "José", true},
		{"أمل", "أمل", true},
		{"Ana 😀", "Ana 😀", true},
		{"", "", false},
		{"   ", "", false},
		{"Ana\u202e", "", false},
		{"An\u200ba", "", false},
		{"Ana\x00", "", false},
		{"Ana\xff", "", false},
		{strings.Repeat("ñ", 120), strings.Repeat("ñ", 120), true},
		{strings.Repeat("ñ", 121), "", false},
		{strings.Repeat("a", 1<<20), "", false},
	} {
		got, ok := cleanName(c.in)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("cleanName(%.20q) = %.20q, %v; want %.20q, %v", c.in, got, ok, c.want, c.ok)
		}
	}
}

func TestAfterSigningInOneStaysOnThisSite(t *testing.T) {
	for _, s := range []string{
		"", "datos", "//otro.mx", "///otro.mx", "/\\otro.mx", "\\\\otro.mx", "https://otro.mx", "javascript:alert(1)",
		"/datos\r\nSet-Cookie: a=b", "/\t/otro.mx", "/entrar", "/entrar/x", "/salir", "/entrar?volver=/salir",
		"/%zz", "/" + strings.Repeat("a", 3000), "/./\\otro.mx", "/\x7f", "//", "/%0d%0a/\\x",
	} {
		if got := safePath(s); got != "" {
			t.Errorf("safePath(%.40q) = %q, want nothing", s, got)
		}
	}
	for _, s := range []string{"/", "/datos", "/datos?q=agua&p=2", "/datos/aire#recursos", "/entrares", "/datos/a%20b"} {
		if got := safePath(s); got != s {
			t.Errorf("safePath(%q) = %q", s, got)
		}
	}
}

func FuzzSafePathNeverLeavesTheSite(f *testing.F) {
	for _, s := range []string{"/datos?q=1", "//otro.mx", "/\\otro.mx", "/%2f/otro.mx", "/#\xb0" + strings.Repeat("\xd2", 1000), "/a/../..//otro.mx", "/;//x"} {
		f.Add(s)
	}
	base, err := url.Parse("https://plaza.ejemplo.mx/entrar/x")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := safePath(s)
		if got == "" {
			return
		}
		u, err := base.Parse(got)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n") {
			t.Errorf("safePath(%q) = %q leads to %v (%v)", s, got, u, err)
		}
		if again := safePath(got); again != got {
			t.Errorf("safePath(%q) = %q, and of that %q", s, got, again)
		}
	})
}

func TestAnAddressIsAnIPv4AddressOrTheNetworkOfASubscriber(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7":            "192.0.2.7",
		"::ffff:192.0.2.7":     "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1": "2001:db8:1:2::/64",
		"fe80::1%eth0":         "fe80::/64",
	} {
		if got := gate.Network(netip.MustParseAddr(in)); got != want {
			t.Errorf("network(%s) = %s, want %s", in, got, want)
		}
	}
}
