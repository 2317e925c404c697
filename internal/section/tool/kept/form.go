package kept

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"plaza/internal/base/web"
	"plaza/internal/section/tool/leaving"
)

// Forms of what is stored. JSON, the numbers, and thumbnails have no language.
const (
	JSON      = "json"
	SVG       = "svg"
	Dark      = "dark" // an SVG
	PNG       = "png"
	Thumbnail = "thumbnail"
	Night     = "night" // a thumbnail
)

// Languages are those in which pictures are stored, as printers name them.
var Languages = []string{"es-MX", "en"}

// picture is a form of a view that is drawn, and the file that has it.
type picture struct {
	form, file string
	dark       bool
}

// pictures are the forms of a view that is drawn.
var pictures = []picture{{SVG, leaving.SVG, false}, {Dark, leaving.SVG, true}, {PNG, leaving.PNG, false}}

// ThumbnailForm is that of a tool in small, by day or by night.
func ThumbnailForm(dark bool) string {
	if dark {
		return Night
	}
	return Thumbnail
}

// FormOf is the form that has the file of a view; ok is false when none is stored of it.
func FormOf(file string, dark bool) (form string, ok bool) {
	for _, p := range pictures {
		if p.file == file && p.dark == dark {
			return p.form, true
		}
	}
	return "", false
}

// packed reports whether a form is stored as gzip makes it, as it is sent then.
func packed(form string) bool { return form == SVG || form == Dark }

func pack(form string, body []byte) []byte {
	if packed(form) {
		return web.Gzip(body)
	}
	return body
}

func unpack(form string, stored []byte) (Picture, error) {
	if !packed(form) {
		return Picture{Body: stored}, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(stored))
	if err != nil {
		return Picture{}, fmt.Errorf("unpacking a picture: %w", err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		return Picture{}, fmt.Errorf("unpacking a picture: %w", err)
	}
	return Picture{Body: body, Gzip: stored}, nil
}
