package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/text"
)

func TestFoldComparesWithoutCaseAccentsOrForms(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"agua":                "agua",
		"POBLACIÓN":           "poblacion",
		"poblacio\u0301n":     "poblacion",
		"Niño, pingüino":      "nino, pinguino",
		"oﬁcina":              "oficina",
		"Straße Ærø Łódź":     "strasse aero lodz",
		"Nº 5, № 6":           "no 5, no 6",
		"CO₂ m²":              "co2 m2",
		"pobla\u00ADción":     "poblacion",
		"\u202Eagua\u202C":    "agua",
		"Δήμος":               "δημος",
		"a\xffb":              "a\uFFFDb",
		"İstanbul":            "istanbul",
		"ＡＢＣ１２３":              "abc123",
		"𝓓𝓪𝓽𝓸𝓼":               "datos",
		"emoji 🌮 y más":       "emoji 🌮 y mas",
		"Ñandú y ñandú":       "nandu y nandu",
		"¿Qué? ¡Sí!":          "¿que? ¡si!",
		"tab\tand\nline":      "tab\tand\nline",
		"zero\u200Bwidth":     "zerowidth",
		"الإحصاء":             "الاحصاء",
		"Cañón del Sumidero":  "canon del sumidero",
		"MÉXICO, México, méx": "mexico, mexico, mex",
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTokensAreTheWordsOfAText(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"words", "Población por municipio, 2020.", []string{"poblacion", "por", "municipio", "2020"}},
		{"a word and a number part", "covid-19 COVID19 covid 19", []string{"covid", "19", "covid", "19", "covid", "19"}},
		{"ranges", "2010_2030 2016-05-30", []string{"2010", "2030", "2016", "05", "30"}},
		{"pollutants", "PM2.5, PM10, CO₂, O3", []string{"pm", "2", "5", "pm", "10", "co", "2", "o3"}},
		{"abbreviations", "U.S. y E.U.A., I.N.E.G.I. S.A. de C.V.", []string{"us", "y", "eua", "inegi", "sa", "de", "cv"}},
		{"an initial is no abbreviation", "A. López y B.Juárez p.ej.", []string{"a", "lopez", "y", "b", "juarez", "p", "ej"}},
		{"codes stay whole", "GOMC800101HDFRRL09 h1n1 a1b2", []string{"gomc800101hdfrrl09", "h1n1", "a1b2"}},
		{"punctuation splits", "agua/luz;gas\u2014diésel (IMSS)", []string{"agua", "luz", "gas", "diesel", "imss"}},
		{"invisible characters do not", "pobla\u00ADción zero\u200Bwidth", []string{"poblacion", "zerowidth"}},
		{"nothing", " \t\n--- 🌮 !!", nil},
		{"bad bytes split", "agua\xff\xfeluz", []string{"agua", "luz"}},
		{"other scripts", "Δήμος Москва", []string{"δημος", "москва"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, tok := range text.Tokens(tt.in) {
				got = append(got, tok.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Tokens(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestTokensKnowTheirPlaceInTheOriginal(t *testing.T) {
	in := "El Niño, U.S. y COVID-19"
	var got []string
	for _, tok := range text.Tokens(in) {
		got = append(got, in[tok.Start:tok.End])
	}
	want := []string{"El", "Niño", "U.S", "y", "COVID", "19"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func TestALongRunIsOneShortToken(t *testing.T) {
	got := text.Tokens(strings.Repeat("ñ", 1_000_000) + " agua")
	if len(got) != 2 || utf8.RuneCountInString(got[0].Text) != text.MaxToken || got[1].Text != "agua" {
		t.Errorf("got %d tokens, the first of %d letters", len(got), utf8.RuneCountInString(got[0].Text))
	}
}

func TestWordsKeepTheirAccents(t *testing.T) {
	got := text.Words("Población del NIÑO en U.S., covid-19")
	want := []string{"población", "del", "niño", "en", "us", "covid", "19"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Words (-want +got):\n%s", diff)
	}
}

func TestFormsOfAWordShareTheirStem(t *testing.T) {
	groups := [][]string{
		{"población", "poblacion", "poblaciones", "POBLACIÓN", "Poblaciones"},
		{"camión", "camion", "camiones"},
		{"análisis", "analisis"},
		{"niño", "nino", "niños", "niña", "niñas", "ninos"},
		{"educación", "educacion", "educaciones"},
		{"estación", "estaciones", "estacion"},
		{"vía", "vías", "via", "vias"},
		{"año", "años", "ano", "anos"},
		{"luz", "luces"},
		{"cruz", "cruces"},
		{"país", "países", "pais", "paises"},
		{"mes", "meses"},
		{"red", "redes"},
		{"ley", "leyes"},
		{"razón", "razones"},
		{"municipio", "municipios"},
		{"tecnología", "tecnologías", "tecnologia", "tecnológico"},
		{"institución", "instituciones", "institucion"},
		{"hospital", "hospitales"},
		{"árbol", "árboles", "arboles"},
		{"indígena", "indígenas", "indigena"},
		{"pública", "públicos", "publico"},
		{"escuela", "escuelas"},
		{"índice", "indices"},
		{"interés", "intereses", "interes"},
		{"energía", "energías", "energia"},
		{"isla", "islas"},
		{"emisión", "emisiones"},
	}
	seen := map[string]string{}
	for _, g := range groups {
		want := text.Stem(text.Fold(g[0]))
		for _, w := range g[1:] {
			if got := text.Stem(text.Fold(w)); got != want {
				t.Errorf("Stem(%s) = %q, Stem(%s) = %q; want one stem", w, got, g[0], want)
			}
		}
		if other := seen[want]; other != "" {
			t.Errorf("%s and %s share the stem %q", g[0], other, want)
		}
		seen[want] = g[0]
	}
}

func TestStemLeavesOtherWordsAlone(t *testing.T) {
	for _, w := range []string{"", "19", "h1n1", "imss", "δημος", "gomc800101hdfrrl09", "el", "gas"} {
		if got := text.Stem(w); got != w {
			t.Errorf("Stem(%q) = %q, want it unchanged", w, got)
		}
	}
}

func TestStopWordsAreFew(t *testing.T) {
	for _, w := range []string{"de", "la", "y", "the", "of"} {
		if !text.StopWord(w) {
			t.Errorf("StopWord(%q) = false", w)
		}
	}
	for _, w := range []string{"no", "sin", "este", "estado", "agua", ""} {
		if text.StopWord(w) {
			t.Errorf("StopWord(%q) = true", w)
		}
	}
}

func TestSlug(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"Población total, 2020", 80, "poblacion-total-2020"},
		{"  ¡Año Ñuevo! ", 80, "ano-nuevo"},
		{"a/../b?c=d#e", 80, "a-b-c-d-e"},
		{"Calidad del aire en la Ciudad de México", 20, "calidad-del-aire-en"},
		{"Calidad del aire", 16, "calidad-del-aire"},
		{"Calidad del aire", 15, "calidad-del"},
		{"supercalifragilistico", 10, "supercalif"},
		{"", 80, ""},
		{"   ", 80, ""},
		{"--", 80, "x2jvzh8pcnszx"},
		{"CO₂ № 5", 80, "co2-no-5"},
	}
	for _, tt := range tests {
		got := text.Slug(tt.in, tt.limit)
		if tt.in == "--" {
			if !strings.HasPrefix(got, "x") || got != text.Slug("--", 80) || got == text.Slug("統計", 80) {
				t.Errorf("Slug(%q) = %q, want a stable one of its own", tt.in, got)
			}
			continue
		}
		if got != tt.want {
			t.Errorf("Slug(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestExcerptCutsBetweenWords(t *testing.T) {
	tests := []struct {
		in   string
		n    int
		want string
	}{
		{"Calidad del aire", 100, "Calidad del aire"},
		{"Calidad del aire", 16, "Calidad del aire"},
		{"Calidad del aire", 15, "Calidad del…"},
		{"Calidad,  del\n\naire ", 9, "Calidad…"},
		{"supercalifragilistico", 5, "super…"},
		{"ñandú ñandú", 5, "ñandú…"},
		{"", 5, ""},
	}
	for _, tt := range tests {
		if got := text.Excerpt(tt.in, tt.n); got != tt.want {
			t.Errorf("Excerpt(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"covid-19 U.S. Niño", "a.b.c.", "\xff\u0301\u00AD", "x\u0301.y\u0301.", "İ.ﬁ.", "½ Ⅷ", "zz ción aciones logía"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, tok := range text.Tokens(s) {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(s) {
				t.Fatalf("Tokens(%q): %v after byte %d", s, tok, end)
			}
			end = tok.End
			if tok.Text != text.Fold(tok.Text) {
				t.Errorf("Tokens(%q): %q is not folded", s, tok.Text)
			}
			if n := utf8.RuneCountInString(tok.Text); n == 0 || n > text.MaxToken {
				t.Errorf("Tokens(%q): a token of %d letters", s, n)
			}
			text.Stem(tok.Text)
		}
		if slug := text.Slug(s, 40); len(slug) > 40 || strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("Slug(%q) = %q", s, slug)
		}
		if e := text.Excerpt(s, 10); utf8.RuneCountInString(e) > 11 {
			t.Errorf("Excerpt(%q, 10) = %q", s, e)
		}
	})
}

func TestALetterCarriesAtMostFourMarks(t *testing.T) {
	tower := strings.Repeat("\u0301\u20dd", 100)
	for in, want := range map[string]string{
		"ñandú n\u0303 ệ":         "ñandú n\u0303 ệ",
		"a" + tower + "b" + tower: "a\u0301\u20dd\u0301\u20ddb\u0301\u20dd\u0301\u20dd",
		tower:                     "\u0301\u20dd\u0301\u20dd",
		"":                        "",
	} {
		if got := text.Unstack(in); got != want {
			t.Errorf("%q gives %q", in, got)
		}
	}
}

func TestWhatSomebodyWroteIsKeptTidy(t *testing.T) {
	for in, want := range map[string]string{
		"  uno\r\ndos\rtres\n": "uno\ndos\ntres", "a\u202eb\u2066c\x00d\x7f": "abcd", "a\tb": "a\tb", "mal\xff": "mal\uFFFD",
	} {
		if got := text.Tidy(in); got != want {
			t.Errorf("Tidy(%q) = %q, want %q", in, got, want)
		}
	}
	if got := text.Line(" uno \n\t dos\u202e "); got != "uno dos" {
		t.Errorf("Line = %q", got)
	}
	for s, want := range map[string]bool{"": true, " \n": true, "\u200b\u200d": true, "a": false, "¿": false} {
		if text.Blank(s) != want {
			t.Errorf("Blank(%q) = %v", s, !want)
		}
	}
}
