package image

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"github.com/chai2010/webp"
)

const (
	jpegQuality = 82
	webpQuality = 80
)

// encoder chooses how a picture is kept, the same for all its widths, since a page
// names one media type for a set of them.
type encoder struct {
	alpha   bool // some of it is transparent
	drawing bool // flat colours: smaller, and sharper, without loss
}

// encoderFor looks at the widest variant. What came without loss and is no larger as
// PNG than as JPEG is a drawing, a chart or a screen.
func encoderFor(pix *image.RGBA, f format) (encoder, error) {
	e := encoder{alpha: !pix.Opaque()}
	if f != formatPNG && f != formatGIF {
		return e, nil
	}
	photo, err := encoder{}.plain(pix) // of a transparent one too: only its size counts
	if err != nil {
		return e, err
	}
	flat, err := encoder{drawing: true}.plain(pix)
	e.drawing = len(flat) <= len(photo)
	return e, err
}

func (e encoder) mediaType() string {
	if e.alpha || e.drawing {
		return "image/png"
	}
	return "image/jpeg"
}

// encode gives a picture as WebP and as JPEG or PNG.
func (e encoder) encode(pix *image.RGBA) (webpFile, plain []byte, err error) {
	plain, err = e.plain(pix)
	if err != nil {
		return nil, nil, err
	}
	straight := pix
	if e.alpha {
		// WebP wants colours that are not multiplied with their transparency.
		n := image.NewNRGBA(pix.Rect)
		draw.Draw(n, n.Rect, pix, image.Point{}, draw.Src)
		straight = &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}
	}
	if e.drawing {
		webpFile, err = webp.EncodeLosslessRGBA(straight)
	} else {
		webpFile, err = webp.EncodeRGBA(straight, webpQuality)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("encoding a picture as WebP: %w", err)
	}
	return webpFile, plain, nil
}

func (e encoder) plain(pix *image.RGBA) ([]byte, error) {
	var b bytes.Buffer
	var err error
	if e.alpha || e.drawing {
		err = png.Encode(&b, pix)
	} else {
		err = jpeg.Encode(&b, pix, &jpeg.Options{Quality: jpegQuality})
	}
	if err != nil {
		return nil, fmt.Errorf("encoding a picture as %s: %w", e.mediaType(), err)
	}
	return b.Bytes(), nil
}
