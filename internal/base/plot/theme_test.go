package plot_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"plaza/internal/base/plot"
)

var themes = []plot.Theme{plot.Light, plot.Dark, plot.Print}

// inks are all but InkNone.
func inks() []plot.Ink {
	var out []plot.Ink
	for i := plot.InkNone + 1; i < plot.InkDiverge+5; i++ {
		out = append(out, i)
	}
	return out
}

func TestThemesHaveTheColoursOfTheStyleSheet(t *testing.T) {
	tokens := readTokens(t)
	css, err := os.ReadFile("../../../ui/css/plot.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, ink := range inks() {
		token := rule(t, string(css), ".Ink-"+ink.Name(), "fill")
		if line := rule(t, string(css), ".Line-"+ink.Name(), "stroke"); line != token {
			t.Errorf("%s is filled with %s and drawn with %s", ink.Name(), token, line)
		}
		for _, theme := range themes {
			if got, want := theme.Hex(ink, ""), tokens[theme.Name].resolve(token); got != want {
				t.Errorf("%s: %s is %s, the style sheet has %s", theme.Name, ink.Name(), got, want)
			}
		}
	}
	for _, palette := range plot.Palettes[1:] {
		for i := range 5 {
			step := fmt.Sprintf("--color-scale-%d", i+1)
			token := rule(t, string(css), ".Scene--"+palette, step)
			for _, theme := range themes {
				if got, want := theme.Hex(plot.InkScale+plot.Ink(i), palette), tokens[theme.Name].resolve(token); got != want {
					t.Errorf("%s: %s of %s is %s, the style sheet has %s", theme.Name, step, palette, got, want)
				}
			}
		}
	}
}

// apart is how far two colours have to be from each other, in CIELAB, to be told apart when
// both are in sight, by whoever sees no red (protanopia) or no green (deuteranopia).
const apart = 15

func TestSeriesAreToldApartWithoutRedOrGreen(t *testing.T) {
	for _, theme := range []plot.Theme{plot.Light, plot.Dark} {
		for i, a := range theme.Series {
			for j, b := range theme.Series[:i] {
				for _, eye := range eyes {
					if d := difference(eye.sees(linear(a)), eye.sees(linear(b))); d < apart {
						t.Errorf("%s: series %d and %d are %.1f apart in %s", theme.Name, j+1, i+1, d, eye.name)
					}
				}
			}
		}
	}
}

func TestClassesAreToldApartInGrey(t *testing.T) {
	for _, theme := range themes {
		for _, palette := range plot.Palettes {
			for i := range 4 {
				a, b := grey(theme.Hex(plot.InkScale+plot.Ink(i), palette)), grey(theme.Hex(plot.InkScale+plot.Ink(i+1), palette))
				if math.Abs(a-b) < 9 || a < b != (theme.Name == "dark") {
					t.Errorf("%s: classes %d and %d of %s are greys of %.0f and %.0f", theme.Name, i+1, i+2, palette, a, b)
				}
			}
		}
		for i, a := range theme.Diverge {
			for j, b := range theme.Diverge[:i] {
				if math.Abs(grey(a)-grey(b)) < 8 {
					t.Errorf("%s: diverging classes %d and %d are greys of %.0f and %.0f", theme.Name, j+1, i+1, grey(a), grey(b))
				}
			}
		}
	}
}

type tokens map[string]string

func (t tokens) resolve(name string) string {
	value := name
	for strings.HasPrefix(value, "--") {
		value = strings.TrimSuffix(strings.TrimPrefix(t[value], "var("), ")")
	}
	return value
}

// readTokens reads the style sheet's tokens by theme.
func readTokens(t *testing.T) map[string]tokens {
	t.Helper()
	css, err := os.ReadFile("../../../ui/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	dark, print, found := strings.Cut(rest, "@media print")
	if !found {
		t.Fatal("tokens.css has not three themes")
	}
	out := map[string]tokens{}
	for name, text := range map[string]string{"light": light, "dark": light + dark, "print": light + print} {
		out[name] = tokens{}
		for _, m := range regexp.MustCompile(`(--[a-z0-9-]+):\s*([^;]+);`).FindAllStringSubmatch(text, -1) {
			out[name][m[1]] = m[2]
		}
	}
	return out
}

// rule is the token that a rule of the style sheet names for a property.
func rule(t *testing.T, css, selector, property string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(selector) + ` \{[^}]*` + property + `: var\(([^)]+)\)`).FindStringSubmatch(css)
	if m == nil {
		t.Fatalf("plot.css has no %s of %s", property, selector)
	}
	return m[1]
}

type triple [3]float64

// linear is a colour's light, without the curve of screens.
func linear(hex string) triple {
	var out triple
	for i := range out {
		n, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			out[i] = c / 12.92
		} else {
			out[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return out
}

// eye turns light into what somebody sees of it (Machado, Oliveira and Fernandes 2009).
type eye struct {
	name string
	m    [3]triple
}

var eyes = []eye{
	{"ordinary sight", [3]triple{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
	{"protanopia", [3]triple{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
	{"deuteranopia", [3]triple{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
}

func (e eye) sees(c triple) triple {
	var out triple
	for i, row := range e.m {
		out[i] = min(1, max(0, row[0]*c[0]+row[1]*c[1]+row[2]*c[2]))
	}
	return lab(out)
}

func lab(c triple) triple {
	f := func(t float64) float64 {
		if t > 0.008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16.0/116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.95047)
	y := f(0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2])
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.08883)
	return triple{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func difference(a, b triple) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// grey is how light a colour is, from 0 to 100.
func grey(hex string) float64 { return lab(linear(hex))[0] }
