package ui_test

import (
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"plaza/ui"
)

// pairs lists what stands on what, and the contrast that it needs: 4.5 for text,
// 3 for marks and the borders of controls.
var pairs = []struct {
	front, back string
	ratio       float64
}{
	{"text", "page", 4.5}, {"text", "surface", 4.5}, {"text", "sunken", 4.5}, {"text", "mark", 4.5},
	{"muted", "page", 4.5}, {"muted", "surface", 4.5}, {"muted", "sunken", 4.5},
	{"brand-text", "page", 4.5}, {"brand-text", "surface", 4.5}, {"brand-text", "sunken", 4.5}, {"brand-text", "brand-soft", 4.5},
	{"link", "page", 4.5}, {"link", "surface", 4.5}, {"link", "sunken", 4.5}, {"link", "info-soft", 4.5},
	{"link", "good-soft", 4.5}, {"link", "warning-soft", 4.5}, {"link", "bad-soft", 4.5},
	{"link-hover", "page", 4.5}, {"link-hover", "surface", 4.5},
	{"on-brand", "brand", 4.5}, {"on-brand", "brand-hover", 4.5}, {"on-footer", "footer", 4.5},
	{"info-text", "info-soft", 4.5}, {"good-text", "good-soft", 4.5}, {"warning-text", "warning-soft", 4.5}, {"bad-text", "bad-soft", 4.5},
	{"text", "info-soft", 4.5}, {"text", "good-soft", 4.5}, {"text", "warning-soft", 4.5}, {"text", "bad-soft", 4.5},
	{"bad-text", "page", 4.5}, {"good-text", "page", 4.5}, {"warning-text", "page", 4.5},
	{"line-strong", "page", 3}, {"line-strong", "surface", 3}, {"line-strong", "sunken", 3},
	{"accent", "page", 3}, {"accent", "surface", 3}, {"on-brand-accent", "brand", 3},
	{"focus", "page", 3}, {"focus", "surface", 3}, {"focus", "sunken", 3},
	{"good-mark", "page", 3}, {"good-mark", "good-soft", 3}, {"warning-mark", "page", 3}, {"warning-mark", "warning-soft", 3},
	{"bad-mark", "page", 3}, {"bad-mark", "bad-soft", 3},
	{"series-1", "page", 3}, {"series-2", "page", 3}, {"series-3", "page", 3}, {"series-4", "page", 3},
	{"series-5", "page", 3}, {"series-6", "page", 3}, {"series-7", "page", 3}, {"series-8", "page", 3},
	{"series-1", "surface", 3}, {"series-2", "surface", 3}, {"series-3", "surface", 3}, {"series-4", "surface", 3},
	{"series-5", "surface", 3}, {"series-6", "surface", 3}, {"series-7", "surface", 3}, {"series-8", "surface", 3},
	{"text", "scale-1", 4.5}, {"text", "scale-2", 4.5}, {"text", "scale-3", 4.5}, {"on-mark", "scale-4", 4.5}, {"on-mark", "scale-5", 4.5},
	{"text", "jade-1", 4.5}, {"text", "jade-2", 4.5}, {"text", "jade-3", 4.5}, {"on-mark", "jade-4", 4.5}, {"on-mark", "jade-5", 4.5},
	{"text", "guinda-1", 4.5}, {"text", "guinda-2", 4.5}, {"text", "guinda-3", 4.5}, {"on-mark", "guinda-4", 4.5}, {"on-mark", "guinda-5", 4.5},
	{"on-mark", "diverge-1", 4.5}, {"text", "diverge-2", 4.5}, {"text", "diverge-3", 4.5}, {"text", "diverge-4", 4.5}, {"on-mark", "diverge-5", 4.5},
	{"text", "no-value", 4.5},
}

func TestEveryPairOfTokensIsReadable(t *testing.T) {
	themes := readThemes(t)
	for name, theme := range themes {
		for _, p := range pairs {
			front, back := theme.color(t, "--color-"+p.front), theme.color(t, "--color-"+p.back)
			if got := contrast(front, back); got < p.ratio {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", name, p.front, p.back, got, p.ratio)
			}
		}
	}
}

func TestTheDarkThemeSaysEveryIntentAnew(t *testing.T) {
	themes := readThemes(t)
	shared := map[string]bool{"--color-brand": true, "--color-brand-hover": true, "--color-on-brand-accent": true}
	for name, value := range themes["light"] {
		if strings.HasPrefix(name, "--color-") && themes["dark"][name] == value && !shared[name] {
			t.Errorf("%s is the same in the dark theme", name)
		}
	}
}

func TestComponentsUseIntentsThatExist(t *testing.T) {
	light := readThemes(t)["light"]
	used := regexp.MustCompile(`var\((--[a-z0-9-]+)`)
	for _, file := range []string{"base", "frame", "layout", "control", "content", "home", "plot", "print"} {
		css, err := os.ReadFile("css/" + file + ".css")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(css), -1) {
			value, ok := light[m[1]]
			if !ok {
				t.Errorf("%s.css uses %s, which no token defines", file, m[1])
			}
			if strings.HasPrefix(value, "#") && !strings.HasPrefix(m[1], "--color-") {
				t.Errorf("%s.css uses %s of the palette, not an intent", file, m[1])
			}
		}
	}
}

func TestIconsAreNamedOnceAndInOrder(t *testing.T) {
	names := ui.Icons()
	for i := 1; i < len(names); i++ {
		if names[i-1] >= names[i] {
			t.Errorf("icons.txt: %s comes after %s", names[i], names[i-1])
		}
	}
}

type theme map[string]string

// readThemes reads the tokens: the light theme, and the dark and printed ones over it.
func readThemes(t *testing.T) map[string]theme {
	t.Helper()
	css, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("tokens.css has no dark theme")
	}
	dark, print, _ := strings.Cut(rest, "@media print")
	themes := map[string]theme{"light": declarations(light), "dark": declarations(light), "print": declarations(light)}
	maps.Copy(themes["dark"], declarations(dark))
	maps.Copy(themes["print"], declarations(print))
	return themes
}

var declaration = regexp.MustCompile(`(?m)^\s*(--[a-z0-9-]+):\s*([^;]+);`)

func declarations(css string) theme {
	th := theme{}
	for _, m := range declaration.FindAllStringSubmatch(css, -1) {
		th[m[1]] = m[2]
	}
	return th
}

func (th theme) color(t *testing.T, name string) [3]float64 {
	t.Helper()
	value := th[name]
	for strings.HasPrefix(value, "var(") {
		value = th[strings.TrimSuffix(strings.TrimPrefix(value, "var("), ")")]
	}
	var rgb [3]float64
	if len(value) != 7 {
		t.Fatalf("%s is %q, not a colour", name, value)
	}
	for i := range rgb {
		n, err := strconv.ParseUint(value[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", name, err))
		}
		rgb[i] = float64(n) / 255
	}
	return rgb
}

// contrast is the ratio that WCAG 2 defines.
func contrast(a, b [3]float64) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(rgb [3]float64) float64 {
	for i, c := range rgb {
		if c <= 0.04045 {
			rgb[i] = c / 12.92
		} else {
			rgb[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
}
