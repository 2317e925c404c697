package plot_test

import (
	"math"
	"strings"
	"testing"

	"plaza/internal/base/plot"
)

func TestTheWidthOfTextComesFromTheFont(t *testing.T) {
	for _, c := range []struct {
		text string
		bold bool
		want float64 // of 100 pixels
	}{
		{"", false, 0},
		{"0", false, 64.8},
		{"00", false, 2 * 64.8},
		{"ñ", false, 55},
	} {
		if got := plot.TextWidth(c.text, 100, c.bold); math.Abs(got-c.want) > 0.2 {
			t.Errorf("%q is %.2f wide, want %.2f", c.text, got, c.want)
		}
	}
	if thin, thick := plot.TextWidth("Población", 12, false), plot.TextWidth("Población", 12, true); thick <= thin {
		t.Errorf("bold is %.1f wide, regular %.1f", thick, thin)
	}
	if one, two := plot.TextWidth("Ciudad", 10, false), plot.TextWidth("Ciudad", 20, false); math.Abs(two-2*one) > 1e-9 {
		t.Errorf("twice the size is %.2f, not twice %.2f", two, one)
	}
}

func TestLettersThatTheFontHasNotAreComposed(t *testing.T) {
	for text, like := range map[string]string{
		"≥": ">", "≤": "<", "≠": "=", "→": "->", "ō": "o", "Č": "C", "₂": "2", "ﬁ": "fi", "e\u0301": "e",
		"a\u200bb": "ab", "a\x00b": "ab", "\u2011": "-",
	} {
		if got, want := plot.TextWidth(text, 100, false), plot.TextWidth(like, 100, false); math.Abs(got-want) > 1e-6 {
			t.Errorf("%q is %.2f wide, %q %.2f", text, got, like, want)
		}
	}
	if plot.TextWidth("😀", 100, false) < 20 {
		t.Error("what cannot be composed has no box")
	}
}

// What Spanish and its figures need has to be in both fonts as it is: it is drawn unlike any
// other letter.
func TestEveryLetterOfSpanishIsDrawn(t *testing.T) {
	seen := map[string]string{}
	letters := "aábcdeéfghiíjklmnñoópqrstuúüvwxyzAÁBCDEÉFGHIÍJKLMNÑOÓPQRSTUÚÜVWXYZ0123456789¿?¡!…“”‘’—–-−%$·.,;:()[]/\\&@#*+=<>°ªº«»±×²³½¼≥≤≠_\"'"
	for _, bold := range []bool{false, true} {
		for r := range strings.SplitSeq(letters, "") {
			s := plot.Scene{Width: 40, Height: 40, Nodes: []plot.Node{plot.Text{X: 4, Y: 30, Size: 24, Bold: bold, Ink: plot.InkText, Text: r}}}
			body, err := s.PNG(plot.Print, 1)
			if err != nil {
				t.Fatal(err)
			}
			if other, ok := seen[string(body)]; ok {
				t.Errorf("%s and %s look the same (bold: %v)", r, other, bold)
			}
			seen[string(body)] = r
		}
	}
}
