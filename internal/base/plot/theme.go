package plot

import (
	"image/color"
	"strconv"
)

// Theme is the colour of every ink, for pictures that stand alone. The colours are those of
// the tokens of pages (ui/css/tokens.css), which a test holds together.
type Theme struct {
	Name string
	// Inks are the hex colours of InkText to InkOnDark, at their numbers.
	Inks [InkSeries]string
	// Series are told apart by people who do not see red or green, too; each has a contrast
	// of 3 to the ground.
	Series [MaxSeries]string
	// Scales are the colours of classes by palette, from the least to the greatest.
	Scales map[string][5]string
	// Diverge goes through the middle; no two of its colours are the same grey.
	Diverge [5]string
}

// Palettes of classes: what Scene.Palette may be. Those that diverge have inks of their own.
const (
	Indigo = "indigo"
	Jade   = "jade"
	Guinda = "guinda"
)

// Palettes are all of them; the first is that of scenes that name none.
var Palettes = []string{Indigo, Jade, Guinda}

// Light is the theme of paper.
var Light = Theme{
	Name: "light",
	Inks: [InkSeries]string{
		InkText: "#211a14", InkMuted: "#5f554b", InkLine: "#e4dacb", InkStrong: "#8c7b68", InkGround: "#fbf7f0",
		InkNoValue: "#e4dacb", InkRest: "#8c7b68", InkLand: "#f3ebdd", InkWater: "#e7ecf8", InkAccent: "#8a1f45", InkOnDark: "#ffffff",
	},
	Series: [MaxSeries]string{"#2c4a9a", "#c96f00", "#0e6f5c", "#5e4004", "#2f2944", "#b778b1", "#9e65ee", "#7e935d"},
	Scales: map[string][5]string{
		Indigo: {"#e3e9f8", "#b3c2ea", "#7d95d4", "#4a67b8", "#1e3573"},
		Jade:   {"#d5efe6", "#98cdbb", "#5ca38d", "#267762", "#004133"},
		Guinda: {"#fde2e7", "#edb2bf", "#d87991", "#b44264", "#701034"},
	},
	Diverge: [5]string{"#1e3573", "#7d95d4", "#f3ebdd", "#e2a458", "#8f4300"},
}

// Dark is the theme of night.
var Dark = Theme{
	Name: "dark",
	Inks: [InkSeries]string{
		InkText: "#f4ebdf", InkMuted: "#bcae9f", InkLine: "#3b3128", InkStrong: "#8f7f6f", InkGround: "#17120e",
		InkNoValue: "#3b3128", InkRest: "#8f7f6f", InkLand: "#100c09", InkWater: "#1b2745", InkAccent: "#f29bb5", InkOnDark: "#17120e",
	},
	Series: [MaxSeries]string{"#a9c0f8", "#f0b355", "#6fd0b4", "#af5214", "#f2ea8c", "#9d4e97", "#6468f0", "#707452"},
	Scales: map[string][5]string{
		Indigo: {"#25304f", "#33477f", "#4b68b0", "#94afec", "#dbe5ff"},
		Jade:   {"#0e372c", "#115343", "#1e7862", "#6bbea5", "#d1ebe2"},
		Guinda: {"#4d252f", "#783245", "#ab4965", "#ea98ab", "#fadfe4"},
	},
	Diverge: [5]string{"#a9c0f8", "#4b68b0", "#3b3128", "#7d4708", "#e39a3c"},
}

// greys are the classes of print, whatever their palette.
var greys = [5]string{"#f2f2f2", "#cccccc", "#999999", "#666666", "#262626"}

// Print is the theme of paper without colour: series are told apart by their patterns.
var Print = Theme{
	Name: "print",
	Inks: [InkSeries]string{
		InkText: "#000000", InkMuted: "#333333", InkLine: "#999999", InkStrong: "#444444", InkGround: "#ffffff",
		InkNoValue: "#ffffff", InkRest: "#444444", InkLand: "#ffffff", InkWater: "#e7ecf8", InkAccent: "#000000", InkOnDark: "#ffffff",
	},
	Series:  [MaxSeries]string{"#1a1a1a", "#8c8c8c", "#595959", "#333333", "#737373", "#404040", "#808080", "#666666"},
	Scales:  map[string][5]string{Indigo: greys, Jade: greys, Guinda: greys},
	Diverge: [5]string{"#333333", "#8c8c8c", "#f2f2f2", "#bfbfbf", "#666666"},
}

// Hex is the colour of an ink as "#rrggbb", "" of InkNone and of what is no ink. A palette
// that is none is the first.
func (t Theme) Hex(ink Ink, palette string) string {
	switch {
	case ink < InkSeries:
		return t.Inks[ink]
	case ink < InkScale:
		return t.Series[ink-InkSeries]
	case ink < InkDiverge:
		scale, ok := t.Scales[palette]
		if !ok {
			scale = t.Scales[Indigo]
		}
		return scale[ink-InkScale]
	case ink < InkDiverge+5:
		return t.Diverge[ink-InkDiverge]
	}
	return ""
}

// colour is the colour of an ink; the last result is false of none.
func (t Theme) colour(ink Ink, palette string) (color.NRGBA, bool) {
	hex := t.Hex(ink, palette)
	if len(hex) != 7 {
		return color.NRGBA{}, false
	}
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	return color.NRGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n), A: 0xff}, err == nil
}

// Class is the class of the style sheet that fills something with an ink, "" of none.
func (i Ink) Class() string {
	if i.Name() == "" {
		return ""
	}
	return classOf["fill"] + i.Name()
}

// Name is what the style sheet calls an ink: "text", "series-1", "scale-5"; "" of none.
func (i Ink) Name() string {
	switch {
	case i < InkSeries:
		return inkNames[i]
	case i < InkScale:
		return "series-" + strconv.Itoa(int(i-InkSeries)+1)
	case i < InkDiverge:
		return "scale-" + strconv.Itoa(int(i-InkScale)+1)
	case i < InkDiverge+5:
		return "diverge-" + strconv.Itoa(int(i-InkDiverge)+1)
	}
	return ""
}

var inkNames = [InkSeries]string{
	InkText: "text", InkMuted: "muted", InkLine: "line", InkStrong: "strong", InkGround: "ground", InkNoValue: "no-value",
	InkRest: "rest", InkLand: "land", InkWater: "water", InkAccent: "accent", InkOnDark: "on-dark",
}
