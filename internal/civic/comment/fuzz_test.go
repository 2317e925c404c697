package comment_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	markdown "plaza/internal/base/text"
	"plaza/internal/civic/comment"
)

func FuzzATextIsKeptWithoutTricksAndNamesOnlyWhatItSays(f *testing.F) {
	for _, s := range []string{"Hola @ana-lopez, @salud", "ana@ejemplo.mx @@x", "\u202eodirev\u202c", "a\r\nb\rc", "\x00\xff @ñandú", "@" + strings.Repeat("a-", 80)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		kept := markdown.Tidy(s)
		if !utf8.ValidString(kept) || strings.ContainsAny(kept, "\x00\r\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
			t.Errorf("%q is kept as %q", s, kept)
		}
		if again := markdown.Tidy(kept); again != kept {
			t.Errorf("kept again it is %q, not %q", again, kept)
		}
		for _, name := range comment.Mentioning(kept) {
			if !strings.Contains(kept, "@"+name) || len(markdown.Slug(name, 64)) > 64 {
				t.Errorf("%q names %q", kept, name)
			}
		}
		if strings.Contains(strings.ToLower(string(markdown.Markdown(kept))), "<script") {
			t.Errorf("%q runs a script", kept)
		}
	})
}
