package kept

import "plaza/internal/section/tool/leaving"

// Forms of what is stored. JSON, the numbers, and Thumbnail have no language.
const (
	JSON      = "json"
	SVG       = "svg"
	Dark      = "dark" // an SVG
	PNG       = "png"
	Thumbnail = "thumbnail"
)

// Languages are those in which pictures are stored, as printers name them.
var Languages = []string{"es-MX", "en"}

// pictures are the forms of a view that is drawn.
var pictures = []struct {
	form, file string
	dark       bool
}{{SVG, leaving.SVG, false}, {Dark, leaving.SVG, true}, {PNG, leaving.PNG, false}}

// FormOf is the form that has the file of a view; ok is false when none is stored of it.
func FormOf(file string, dark bool) (form string, ok bool) {
	for _, p := range pictures {
		if p.file == file && p.dark == dark {
			return p.form, true
		}
	}
	return "", false
}
