package kept

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	stdimage "image"
	_ "image/jpeg" // what this package stores
	_ "image/png"  // likewise
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/image"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/leaving"
)

// Limits of a picture that is sent of a tool elsewhere, and how wide it is kept.
const (
	MaxImage      = 5 << 20    // bytes of the file
	maxImagePixel = 20_000_000 // of the file
	imageWidth    = 1600       // pixels
	maxImageKept  = 64 << 20   // bytes of what is made of it, which is a PNG at worst
)

// Take makes a picture that somebody sent of a tool elsewhere anew, also in small, and puts
// both into the file store. A document that names it, saved within two days, keeps it there.
// What is wrong with it is Invalid. It is no part of a transaction.
func (k *Kept) Take(ctx context.Context, file []byte) (p tool.Picture, err error) {
	made, err := k.maker.Within(ctx, file, imageWidth)
	if err != nil {
		return p, err
	}
	drawing, _, err := stdimage.Decode(bytes.NewReader(made.Body))
	if err != nil {
		return p, fmt.Errorf("reading a picture that was made: %w", err)
	}
	small, err := leaving.Photographed(drawing)
	if err != nil {
		return p, fmt.Errorf("making a picture small: %w", err)
	}
	p = tool.Picture{MediaType: made.MediaType, Width: made.Width, Height: made.Height}
	whole, less := marked(made.Body), marked(small)
	p.Bytes, p.SHA256, p.Thumbnail = int64(len(whole)), keyOf(whole), keyOf(less)
	if err := k.DB.Write(ctx, func(tx *db.Tx) error {
		return k.claims().Claim(tx, map[string]int64{p.SHA256: p.Bytes, p.Thumbnail: int64(len(less))})
	}); err != nil {
		return p, err
	}
	for _, body := range [][]byte{whole, less} {
		if _, err := k.Blob.Put(ctx, bytes.NewReader(body)); err != nil {
			return p, fmt.Errorf("storing a picture: %w", err)
		}
	}
	return p, nil
}

// marked is a file as it stands in the store.
func marked(body []byte) []byte { return append([]byte(mark), body...) }

func keyOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Image is the picture of a tool elsewhere; NotFound when the file store has it no more.
func (k *Kept) Image(ctx context.Context, p tool.Picture) ([]byte, error) {
	return k.image(ctx, p.SHA256)
}

func (k *Kept) image(ctx context.Context, key string) ([]byte, error) {
	at := "image\x00" + key
	if v, ok := k.memory.Get(at); ok {
		return v.([]byte), nil
	}
	body, ok, err := k.object(ctx, tool.Kept{SHA256: key, Bytes: maxImageKept})
	if err == nil && !ok {
		err = plaza.E(plaza.NotFound, "tool.error.no_picture")
	}
	if err != nil {
		return nil, err
	}
	k.memory.Put(at, body, int64(len(body)))
	return body, nil
}

// Small is the thumbnail of a tool elsewhere: its picture in small, or else what it is called
// and where it is, by day or by night.
func (k *Kept) Small(ctx context.Context, x tool.External, dark bool) (body []byte, mediaType string, err error) {
	if x.Picture != nil && x.Picture.Thumbnail != "" {
		body, err = k.image(ctx, x.Picture.Thumbnail)
		if e, is := errors.AsType[*plaza.Error](err); err == nil || !is || e.Kind != plaza.NotFound {
			return body, "image/jpeg", err
		}
		k.Log.ErrorContext(ctx, "the picture of a tool elsewhere is lost", "key", x.Picture.Thumbnail)
	}
	at := "elsewhere\x00" + x.Title + "\x00" + x.Host() + "\x00" + strconv.FormatBool(dark)
	if v, ok := k.memory.Get(at); ok {
		return v.([]byte), "image/png", nil
	}
	if body, err = leaving.Elsewhere(x.Title, x.Host(), dark); err != nil {
		return nil, "", fmt.Errorf("drawing a thumbnail: %w", err)
	}
	k.memory.Put(at, body, int64(len(body)))
	return body, "image/png", nil
}

// makerOf makes pictures that were sent anew, one at a time.
func makerOf(deps Deps) *image.Maker {
	return image.New(deps.Blob, image.Limits{MaxBytes: MaxImage, MaxPixels: maxImagePixel})
}
