package leaked_test

import (
	"testing"

	"plaza/internal/civic/account/leaked"
)

func TestTheUsualPasswordsAreKnownAndOthersAreNot(t *testing.T) {
	for _, s := range []string{"password", "12345678", "qwertyuiop", "contraseña", "football", "trustno1", "estrella"} {
		if !leaked.Has(s) {
			t.Errorf("%q is not in the list", s)
		}
	}
	for _, s := range []string{"", "tres tazas de té verde", "xkq8-vv2m-0zzt", "PASSWORD"} {
		if leaked.Has(s) {
			t.Errorf("%q is in the list", s)
		}
	}
	if n := leaked.Count(); n < 30_000 {
		t.Errorf("%d passwords; some ten thousands are expected", n)
	}
}
