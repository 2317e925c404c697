// Package image turns a picture that somebody uploaded into pictures that Plaza can
// show: decoded within limits, turned the right way up, stripped of everything that
// is not pixels (places, names, devices, hidden attachments), in up to three widths,
// each as WebP and as JPEG or PNG, kept in the file store under their checksums.
//
// Nothing of the original file survives but its pixels, so what it pretended to be
// beside a picture is gone too. Vector drawings are refused: they are programs.
package image

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"io"

	"plaza/internal/base/blob"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package's errors, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// Limits bound a picture before it is decoded. Zero fields take the defaults.
type Limits struct {
	MaxBytes  int64 // of the file; 20 MiB
	MaxPixels int64 // width times height; 40 million, which take up to half a GiB to decode
}

// maxSide in pixels is what WebP can hold.
const maxSide = 16383

// widths in pixels: a phone, a column of text, a whole page.
var widths = [...]int{480, 960, 1600}

// Picture is a picture in all its variants.
type Picture struct {
	Width    int       `json:"width"`  // of the original, in pixels, the right way up
	Height   int       `json:"height"` // likewise
	Variants []Variant `json:"variants"`
}

// Variant is one rendering. In a Picture, the WebP ones come first, narrow to wide;
// then the JPEG or PNG ones, for browsers and readers without WebP.
type Variant struct {
	Width     int    `json:"width"` // pixels, never more than the original
	Height    int    `json:"height"`
	MediaType string `json:"mediaType"` // image/webp, image/jpeg or image/png
	Key       string `json:"key"`       // in the file store
	Size      int64  `json:"size"`      // bytes
}

// Maker makes pictures, one at a time: a large one takes hundreds of megabytes while
// it is decoded. It is safe for concurrent use.
type Maker struct {
	store  blob.Store
	limits Limits
	turn   chan struct{}
}

// New makes a Maker that keeps its variants in store.
func New(store blob.Store, limits Limits) *Maker {
	limits.MaxBytes = cmp.Or(limits.MaxBytes, 20<<20)
	limits.MaxPixels = cmp.Or(limits.MaxPixels, 40_000_000)
	return &Maker{store: store, limits: limits, turn: make(chan struct{}, 1)}
}

// Make reads a picture and keeps its variants. What is wrong with the picture is
// plaza.Invalid with a reason; other errors are the reader's, the store's or the
// context's. The same picture gives the same variants.
func (m *Maker) Make(ctx context.Context, r io.Reader) (Picture, error) {
	data, err := io.ReadAll(io.LimitReader(r, m.limits.MaxBytes+1))
	if err != nil {
		return Picture{}, fmt.Errorf("reading a picture: %w", err)
	}
	if int64(len(data)) > m.limits.MaxBytes {
		return Picture{}, invalid("too_heavy", map[string]any{"megabytes": m.limits.MaxBytes >> 20})
	}
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return Picture{}, ctx.Err()
	}
	p, files, err := m.render(ctx, data)
	if err != nil {
		return Picture{}, err
	}
	for i, f := range files {
		info, err := m.store.Put(ctx, bytes.NewReader(f))
		if err != nil {
			return Picture{}, fmt.Errorf("keeping a picture: %w", err)
		}
		p.Variants[i].Key, p.Variants[i].Size = info.Key, info.Size
	}
	return p, nil
}

// Clean reads a picture and gives it again, upright and of its own size, as a JPEG or PNG
// of our making: nothing that the file hid comes along. What is wrong with the picture is
// plaza.Invalid with a reason. It keeps nothing.
func (m *Maker) Clean(ctx context.Context, data []byte) (file []byte, mediaType string, err error) {
	f, err := m.Within(ctx, data, maxSide)
	return f.Body, f.MediaType, err
}

// File is a picture of our making that is not kept.
type File struct {
	Body          []byte
	MediaType     string // image/png or image/jpeg
	Width, Height int    // pixels
}

// Within is Clean for a picture that is shown at most so many pixels wide: a wider one is
// made smaller.
func (m *Maker) Within(ctx context.Context, data []byte, width int) (File, error) {
	if int64(len(data)) > m.limits.MaxBytes {
		return File{}, invalid("too_heavy", map[string]any{"megabytes": m.limits.MaxBytes >> 20})
	}
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return File{}, ctx.Err()
	}
	src, format, err := decode(data, m.limits)
	if err != nil {
		return File{}, err
	}
	upright := orientation(data, format)
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if upright.swaps() {
		w, h = h, w
	}
	if w > width {
		w, h = width, max(1, (h*width+w/2)/w)
	}
	pix := upright.shrink(src, w, h)
	enc, err := encoderFor(pix, format)
	if err != nil {
		return File{}, err
	}
	body, err := enc.plain(pix)
	return File{body, enc.mediaType(), w, h}, err
}

// render makes the variants, without keys, and their files in the same order.
func (m *Maker) render(ctx context.Context, data []byte) (Picture, [][]byte, error) {
	src, format, err := decode(data, m.limits)
	if err != nil {
		return Picture{}, nil, err
	}
	upright := orientation(data, format)
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if upright.swaps() {
		w, h = h, w
	}
	p := Picture{Width: w, Height: h}
	steps := stepsFor(w)
	var enc encoder
	var webps, plains []Variant
	var files, plainFiles [][]byte
	// From wide to narrow, each from the one before: the original is read once.
	for i := len(steps) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return Picture{}, nil, err
		}
		sw := steps[i]
		sh := max(1, (h*sw+w/2)/w)
		pix := upright.shrink(src, sw, sh)
		if i == len(steps)-1 {
			if enc, err = encoderFor(pix, format); err != nil {
				return Picture{}, nil, err
			}
		}
		webp, plain, err := enc.encode(pix)
		if err != nil {
			return Picture{}, nil, err
		}
		webps = append([]Variant{{Width: sw, Height: sh, MediaType: "image/webp"}}, webps...)
		plains = append([]Variant{{Width: sw, Height: sh, MediaType: enc.mediaType()}}, plains...)
		files = append([][]byte{webp}, files...)
		plainFiles = append([][]byte{plain}, plainFiles...)
		src, upright = pix, 1
	}
	p.Variants = append(webps, plains...)
	return p, append(files, plainFiles...), nil
}

// stepsFor gives the widths for an original w pixels wide: the usual ones below it,
// and its own or the widest. One that is nearly the next is left out.
func stepsFor(w int) []int {
	last := min(w, widths[len(widths)-1])
	var steps []int
	for _, s := range widths {
		if s*115/100 <= last {
			steps = append(steps, s)
		}
	}
	return append(steps, last)
}

func invalid(reason string, args map[string]any) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "image.error." + reason, Args: args}
}
