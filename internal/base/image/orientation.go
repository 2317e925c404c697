package image

import (
	"bytes"
	"encoding/binary"
	"image"
)

// turned is how a camera says that it was held: the Exif orientation, 1 to 8. The
// picture as stored has to be mirrored and turned to stand upright.
type turned int

// swaps reports whether width and height change places.
func (o turned) swaps() bool { return o >= 5 }

// from gives the place in a stored picture of w × h pixels that belongs at x, y of
// the upright one.
func (o turned) from(x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

// shrink gives src upright and w × h pixels large. It turns after shrinking, when
// there is less to turn.
func (o turned) shrink(src image.Image, w, h int) *image.RGBA {
	if o.swaps() {
		w, h = h, w
	}
	small := shrink(src, w, h)
	if o <= 1 {
		return small
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if o.swaps() {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sx, sy := o.from(x, y, w, h)
			copy(out.Pix[out.PixOffset(x, y):][:4], small.Pix[small.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

// orientation finds the Exif orientation, 1 when there is none that makes sense.
// It is 40 lines of our own because the Exif libraries of Go are no longer kept and
// read much more than one number of what strangers made.
func orientation(data []byte, f format) turned {
	switch f {
	case formatJPEG:
		return tiffOrientation(jpegExif(data))
	case formatPNG:
		return tiffOrientation(chunk(data[8:], "eXIf", binary.BigEndian, 4, 4))
	case formatWebP:
		return tiffOrientation(bytes.TrimPrefix(chunk(data[12:], "EXIF", binary.LittleEndian, 0, 0), exifMark))
	}
	return 1
}

var exifMark = []byte("Exif\x00\x00")

// jpegExif gives the first Exif block among the segments before the pixels.
func jpegExif(data []byte) []byte {
	for rest := data[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker := rest[1]
		if marker == 0xff { // padding
			rest = rest[1:]
			continue
		}
		size := int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda || size < 2 || len(rest) < 2+size {
			break
		}
		if body := rest[4 : 2+size]; marker == 0xe1 && bytes.HasPrefix(body, exifMark) {
			return body[len(exifMark):]
		}
		rest = rest[2+size:]
	}
	return nil
}

// chunk finds a chunk by name in a PNG (length, name, data, checksum) or RIFF (name,
// length, data, padding to an even length). lengthFirst is 4 where the length stands
// before the name and 0 where it follows; trailer is the size of the checksum, 0 for
// padding instead.
func chunk(rest []byte, name string, order binary.ByteOrder, lengthFirst, trailer int) []byte {
	for len(rest) >= 8 {
		size := uint64(order.Uint32(rest[4-lengthFirst:]))
		label := string(rest[lengthFirst : lengthFirst+4])
		if size > uint64(len(rest)-8) {
			break
		}
		if label == name {
			return rest[8 : 8+size]
		}
		skip := size + uint64(trailer)
		if trailer == 0 {
			skip += size % 2
		}
		rest = rest[min(8+skip, uint64(len(rest))):]
	}
	return nil
}

// tiffOrientation reads tag 0x0112 of the first directory of a TIFF block.
func tiffOrientation(b []byte) turned {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(b[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	for range order.Uint16(b[at:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == 0x0112 {
			if o := order.Uint16(entries[8:]); order.Uint16(entries[2:]) == 3 && o >= 1 && o <= 8 {
				return turned(o)
			}
			break
		}
		entries = entries[12:]
	}
	return 1
}
