package account

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza/internal/plaza"
)

func TestPasswordsThatAreTriedFirstAreRefused(t *testing.T) {
	about := []string{"Ana Ñúñez", "ana.nunez@ejemplo.mx", "Plaza"}
	for _, c := range []struct{ password, want string }{
		{"", "short"}, {"siete77", "short"}, {"ñññññññ", "short"},
		{strings.Repeat("x y", 43), "long"},
		{"abcd\x00\x01efgh", "letters"}, {"hola\u202egente", "letters"},
		{"12345678", "simple"}, {"87654321", "simple"}, {"aaaaaaaaaaaa", "simple"}, {"abcabcabcabc", "simple"},
		{"qwertyuiop", "simple"}, {"asdfghjkl", "simple"}, {"abcdefgh1", "simple"}, {"ABCDEFGH", "simple"},
		{"password", "common"}, {"Password1", "common"}, {"trustno1", "common"}, {"Contraseña2026", "common"}, {"football!", "common"},
		{"ana nuñez", "personal"}, {"AnaNunez12", "personal"}, {"plazaejemplo", "personal"}, {"ana.nunez@ejemplo.mx", "personal"},
		{"tres tazas de té verde", ""}, {"  espacios  propios ", ""}, {"密码密码很长很长的", ""}, {"mañana fui al cerro", ""},
		{"xK9-" + strings.Repeat("vbz4", 31), ""},
	} {
		got, err := checkPassword("password", c.password, about...)
		key := ""
		if err != nil {
			fields := err.(*plaza.Error).Fields
			key = strings.TrimPrefix(fields[0].Key, "account.error.password.")
		}
		if key != c.want || err == nil && got == "" {
			t.Errorf("checkPassword(%.30q) refuses as %q, want %q", c.password, key, c.want)
		}
	}
}

func TestAPasswordIsTheSameHoweverItIsComposed(t *testing.T) {
	a, _ := preparePassword("ma\u00f1ana fui al cerro")
	b, _ := preparePassword("man\u0303ana\u00a0fui al cerro")
	if a != b || a == "" {
		t.Errorf("%q and %q", a, b)
	}
}

func TestAHashKnowsItsPasswordOnly(t *testing.T) {
	h := newHasher()
	one, err := h.hash(t.Context(), "tres tazas de té")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.hash(t.Context(), "tres tazas de té")
	if err != nil || one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%s and %s, %v", one, two, err)
	}
	for _, c := range []struct {
		password, hash string
		want           bool
	}{{"tres tazas de té", one, true}, {"tres tazas de te", one, false}, {"", "", false}, {"", h.dummy, false}} {
		if got, err := h.verify(t.Context(), c.password, c.hash); got != c.want || err != nil {
			t.Errorf("verify(%q, %.20q) = %v, %v", c.password, c.hash, got, err)
		}
	}
}

func TestHashesThatAskForTheMachineAreRefused(t *testing.T) {
	for _, s := range []string{
		"x", "$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=19$m=19456,t=1000,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=19$m=19456,t=2,p=1$!$aGFzaGhhc2hoYXNoaGFzaA", "$argon2id$v=19$m=19456,t=2,p=1$$",
	} {
		if _, err := parsePHC(s); err == nil {
			t.Errorf("parsePHC(%q) takes it", s)
		}
	}
}

func TestOnlyAFewHashesAreMadeAtOnce(t *testing.T) {
	h := newHasher()
	var leaves []func()
	for range cap(h.slots) {
		leave, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	if cap(h.slots) > maxHashing {
		t.Fatalf("%d places", cap(h.slots))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.hash(gone, "x"); plaza.KindOf(err) != plaza.Unavailable {
		t.Errorf("with all places taken: %v, want Unavailable", err)
	}
	for _, leave := range leaves {
		leave()
	}
	var wg sync.WaitGroup
	for range 3 * cap(h.slots) {
		wg.Go(func() {
			if _, err := h.hash(t.Context(), "x"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := h.waiting.Load(); n != 0 || len(h.slots) != 0 {
		t.Errorf("%d wait for nothing, %d places are taken by nobody", n, len(h.slots))
	}
	h.waiting.Store(maxWaiting + int64(cap(h.slots)))
	if _, err := h.enter(t.Context()); plaza.KindOf(err) != plaza.Unavailable {
		t.Errorf("with a long line: %v, want Unavailable", err)
	}
}

func TestCodesAreThoseOfTheStandard(t *testing.T) {
	key := []byte("12345678901234567890") // RFC 6238, appendix B, last six digits
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		if got := totpAt(key, at/totpStep); got != want {
			t.Errorf("the code at %d is %s, want %s", at, got, want)
		}
	}
}

func TestACodeIsGoodForOneStepAroundNowAndOnce(t *testing.T) {
	key := []byte("12345678901234567890")
	now := time.Unix(1111111111, 0)
	at := now.Unix() / totpStep
	for _, c := range []struct {
		step, last int64
		good       bool
	}{{at, 0, true}, {at - 1, 0, true}, {at + 1, 0, true}, {at - 2, 0, false}, {at + 2, 0, false}, {at, at, false}, {at - 1, at, false}, {at + 1, at, true}} {
		if got := totpMatch(key, totpAt(key, c.step), now, c.last); (got == c.step) != c.good {
			t.Errorf("the code of step %d after %d: %d, want good %v", c.step-at, c.last-at, got, c.good)
		}
	}
	if totpMatch(key, "", now, 0) != 0 || totpMatch(key, "12345", now, 0) != 0 {
		t.Error("what is no code is good")
	}
}

func TestIssuersAreAddressesUnderTLS(t *testing.T) {
	for s, want := range map[string]bool{
		"https://llave.ejemplo.mx": true, "https://llave.ejemplo.mx/oidc/": true, "http://127.0.0.1:3000": true, "http://localhost:3000": true,
		"http://llave.ejemplo.mx": false, "": false, "javascript:alert(1)": false, "https://": false, "https://a:b@llave.mx": false,
		"https://llave.mx?x": false, "https://llave.mx#x": false, "https://" + strings.Repeat("a", 600): false,
	} {
		if got := soundIssuer(s); got != want {
			t.Errorf("soundIssuer(%.40q) = %v", s, got)
		}
	}
}
