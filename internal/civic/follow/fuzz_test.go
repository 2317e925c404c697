package follow_test

import (
	"testing"

	"plaza/internal/base/i18n"
	"plaza/internal/civic/follow"
	"plaza/internal/plaza"
)

func FuzzATokenOpensOnlyWhatItWasMadeFor(f *testing.F) {
	bundle, err := i18n.New(follow.Locale)
	if err != nil {
		f.Fatal(err)
	}
	s := follow.New(follow.Config{Key: []byte("una clave de prueba, de 32 bytes"), Bundle: bundle})
	const id = "01a208eb-c980-79a3-9dee-fb37edebdd1a"
	for _, purpose := range []string{"c", "m", "f", "r"} {
		f.Add(s.Sealed(purpose, id))
	}
	f.Add("cAAAA.BBBB")
	f.Add("..")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		purpose, id, err := s.Opened(token)
		if err != nil {
			if plaza.KindOf(err) != plaza.NotFound {
				t.Errorf("%q: %v, want NotFound", token, err)
			}
			return
		}
		if again := s.Sealed(purpose, id); again != token {
			t.Errorf("%q opens %s %s, whose token is %q", token, purpose, id, again)
		}
	})
}

func FuzzARefThatIsReadIsWrittenTheSame(f *testing.F) {
	for _, s := range []string{"dataset:0190", "search:q=agua&tipo=csv", "a:b:c", ":", "x", "Ñ:1", "person:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ref, ok := follow.ParseRef(s); ok && (ref.String() != s || ref.Kind == "" || ref.ID == "" || len(s) > 1041) {
			t.Errorf("%q is read as %q", s, ref)
		}
	})
}
