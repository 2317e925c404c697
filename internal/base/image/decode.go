package image

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"plaza/internal/plaza"
)

// format is a kind of file by its content; its name and declared type do not count.
type format string

const (
	formatJPEG format = "jpeg"
	formatPNG  format = "png"
	formatGIF  format = "gif"
	formatWebP format = "webp"
)

// maxScans bounds the passes of a progressive JPEG. Real ones have about ten; a file
// of a few megabytes can ask for a hundred thousand, each over the whole picture.
const maxScans = 200

// codec reads one format. The decoders are named here rather than registered, so
// that an import somewhere else cannot add one.
type codec struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var codecs = map[format]codec{
	formatJPEG: {jpeg.DecodeConfig, jpeg.Decode},
	formatPNG:  {png.DecodeConfig, png.Decode},
	formatGIF:  {gif.DecodeConfig, gif.Decode}, // the first frame
	formatWebP: {webp.DecodeConfig, webp.Decode},
}

// decode looks at the header, refuses what is too large, and only then decodes.
func decode(data []byte, limits Limits) (img image.Image, f format, err error) {
	f, err = sniff(data)
	if err != nil {
		return nil, "", err
	}
	defer func() {
		// The decoders are careful, but they read what strangers made.
		if v := recover(); v != nil {
			img, err = nil, broken(fmt.Errorf("decoder panicked: %v", v))
		}
	}()
	c := codecs[f]
	head, err := c.config(bytes.NewReader(data))
	if err != nil {
		return nil, "", broken(err)
	}
	if head.Width < 1 || head.Height < 1 {
		return nil, "", broken(fmt.Errorf("%d × %d pixels", head.Width, head.Height))
	}
	if head.Width > maxSide || head.Height > maxSide || int64(head.Width)*int64(head.Height) > limits.MaxPixels {
		return nil, "", invalid("too_large", map[string]any{
			"width": head.Width, "height": head.Height,
			"megapixels": limits.MaxPixels / 1_000_000, "side": maxSide,
		})
	}
	if f == formatJPEG && bytes.Count(data, []byte{0xff, 0xda}) > maxScans {
		return nil, "", broken(fmt.Errorf("more than %d scans", maxScans))
	}
	img, err = c.decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", broken(err)
	}
	if img.Bounds().Empty() {
		return nil, "", broken(fmt.Errorf("no pixels"))
	}
	return img, f, nil
}

func sniff(data []byte) (format, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return formatJPEG, nil
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return formatPNG, nil
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return formatGIF, nil
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return formatWebP, nil
	case bytes.Contains(bytes.ToLower(data[:min(len(data), 1024)]), []byte("<svg")):
		return "", invalid("svg", nil)
	}
	return "", invalid("format", nil)
}

func broken(cause error) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "image.error.broken", Cause: cause}
}
