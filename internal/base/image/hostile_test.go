package image_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	encode "github.com/chai2010/webp"

	"plaza/internal/base/image"
	"plaza/internal/plaza"
)

// tiff is an Exif block that says how the camera was held.
func tiff(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.BigEndian {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, entry := range [][2]uint16{{0x0100, 9}, {0x0112, orientation}} {
		b = order.AppendUint16(b, entry[0])
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, entry[1])
		b = order.AppendUint16(b, 0)
	}
	return append(b, "\x00\x00\x00\x00GPS 19.4326 -99.1332"...)
}

// segment puts a JPEG segment right after the start of data.
func segment(data []byte, marker byte, body []byte) []byte {
	out := []byte{0xff, 0xd8, 0xff, marker}
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(append(out, body...), data[2:]...)
}

// pngChunk puts a chunk right after the header of a PNG.
func pngChunk(data []byte, name string, body []byte) []byte {
	out := bytes.Clone(data[:33])
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
	named := append([]byte(name), body...)
	out = append(out, named...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(named))
	return append(out, data[33:]...)
}

func webpExif(t testing.TB, data, exif []byte) []byte {
	t.Helper()
	out, err := encode.SetMetadata(data, exif, "EXIF")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAPictureStandsUprightHoweverTheCameraWasHeld(t *testing.T) {
	store := newStore(t)
	m := image.New(store, image.Limits{})
	plain := asJPEG(t, corners(640, 320))
	for orientation, want := range map[uint16]string{
		0: "rgby", 9: "rgby", // no such
		1: "rgby", 2: "gryb", 3: "ybgr", 4: "byrg",
		5: "rbgy", 6: "bryg", 7: "ygbr", 8: "gyrb",
	} {
		wide, high := 640, 320
		if orientation >= 5 && orientation <= 8 {
			wide, high = high, wide
		}
		for name, data := range map[string][]byte{
			"jpeg, little end first": segment(plain, 0xe1, append([]byte("Exif\x00\x00"), tiff(binary.LittleEndian, orientation)...)),
			"jpeg, big end first": segment(segment(plain, 0xe1, append([]byte("Exif\x00\x00"), tiff(binary.BigEndian, orientation)...)),
				0xe0, []byte("JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")),
			"png":  pngChunk(asPNG(t, corners(640, 320)), "eXIf", tiff(binary.BigEndian, orientation)),
			"webp": webpExif(t, asWebP(t, corners(640, 320)), tiff(binary.LittleEndian, orientation)),
		} {
			p, err := m.Make(t.Context(), bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%s %d: %v", name, orientation, err)
			}
			if p.Width != wide || p.Height != high {
				t.Errorf("%s %d: %d × %d, want %d × %d", name, orientation, p.Width, p.Height, wide, high)
			}
			for _, v := range p.Variants {
				if got := seen(shown(t, store, v)); got != want {
					t.Errorf("%s %d: %s %d shows %s, want %s", name, orientation, v.MediaType, v.Width, got, want)
				}
			}
		}
	}
}

func TestNothingOfTheFileSurvivesButItsPixels(t *testing.T) {
	store := newStore(t)
	m := image.New(store, image.Limits{})
	const secret = "SECRETO"
	exif := append(tiff(binary.LittleEndian, 1), secret...)
	jpg, pngFile := asJPEG(t, photo(600, 300)), asPNG(t, corners(600, 300))
	for name, data := range map[string][]byte{
		"exif":                segment(jpg, 0xe1, append([]byte("Exif\x00\x00"), exif...)),
		"xmp":                 segment(jpg, 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x>"+secret+"</x>")),
		"profile":             segment(jpg, 0xe2, []byte("ICC_PROFILE\x00\x01\x01"+secret)),
		"comment":             segment(jpg, 0xfe, []byte(secret)),
		"archive behind":      append(bytes.Clone(jpg), "PK\x03\x04"+secret...),
		"page behind":         append(bytes.Clone(pngFile), "<script>"+secret+"</script>"...),
		"png text":            pngChunk(pngFile, "tEXt", []byte("Author\x00"+secret)),
		"png exif":            pngChunk(pngFile, "eXIf", exif),
		"webp exif":           webpExif(t, asWebP(t, photo(600, 300)), exif),
		"gif and script":      append(asGIF(t, corners(60, 30)), "/*"+secret+"*/"...),
		"broken exif, length": segment(jpg, 0xe1, []byte("Exif\x00\x00MM\x00*\xff\xff\xff\xff"+secret)),
	} {
		p, err := m.Make(t.Context(), bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, v := range p.Variants {
			got := file(t, store, v)
			for _, word := range []string{secret, "Exif", "eXIf", "EXIF", "GPS", "ICC_PROFILE", "<script"} {
				if bytes.Contains(got, []byte(word)) {
					t.Errorf("%s: %s %d holds %q", name, v.MediaType, v.Width, word)
				}
			}
		}
	}
}

// claims gives files whose headers claim w × h pixels.
func claims(t testing.TB, w, h uint32) map[string][]byte {
	t.Helper()
	pngFile := asPNG(t, corners(8, 8))
	head := append([]byte("IHDR"), pngFile[16:29]...)
	binary.BigEndian.PutUint32(head[4:], w)
	binary.BigEndian.PutUint32(head[8:], h)
	copy(pngFile[12:], head)
	binary.BigEndian.PutUint32(pngFile[29:], crc32.ChecksumIEEE(head))

	jpg := asJPEG(t, corners(8, 8))
	at := bytes.Index(jpg, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(jpg[at+5:], uint16(min(h, 65535)))
	binary.BigEndian.PutUint16(jpg[at+7:], uint16(min(w, 65535)))

	gifFile := asGIF(t, corners(8, 8))
	binary.LittleEndian.PutUint16(gifFile[6:], uint16(min(w, 65535)))
	binary.LittleEndian.PutUint16(gifFile[8:], uint16(min(h, 65535)))

	webpFile := webpExif(t, asWebP(t, corners(8, 8)), tiff(binary.LittleEndian, 1)) // makes a VP8X header
	canvas := bytes.Index(webpFile, []byte("VP8X")) + 12
	for i := range 3 {
		webpFile[canvas+i] = byte((w - 1) >> (8 * i))
		webpFile[canvas+3+i] = byte((h - 1) >> (8 * i))
	}
	return map[string][]byte{"png": pngFile, "jpeg": jpg, "gif": gifFile, "webp": webpFile}
}

func TestAHeaderThatClaimsTooMuchIsRefusedBeforeDecoding(t *testing.T) {
	m := image.New(newStore(t), image.Limits{})
	for _, size := range [][2]uint32{{100_000, 100_000}, {6500, 6500}, {16_384, 1}, {1, 65_535}, {40_001, 1000}} {
		for name, data := range claims(t, size[0], size[1]) {
			_, err := m.Make(t.Context(), bytes.NewReader(data))
			e, ok := errors.AsType[*plaza.Error](err)
			if !ok || e.Kind != plaza.Invalid || (e.Key != "image.error.too_large" && e.Key != "image.error.broken") {
				t.Errorf("%s of %v: %v, want too large", name, size, err)
			}
			if name != "webp" && e != nil && e.Key != "image.error.too_large" {
				t.Errorf("%s of %v: %v, want too large", name, size, err)
			}
		}
	}
}

func TestWhatIsNoWholePictureIsRefusedWithAReason(t *testing.T) {
	m := image.New(newStore(t), image.Limits{MaxBytes: 1 << 20})
	jpg, pngFile := asJPEG(t, photo(200, 200)), asPNG(t, photo(200, 200))
	gifFile, webpFile := asGIF(t, photo(200, 200)), asWebP(t, photo(200, 200))
	scan := jpg[bytes.Index(jpg, []byte{0xff, 0xda}) : bytes.Index(jpg, []byte{0xff, 0xda})+20]
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "format"},
		{"text", []byte("fecha,valor\n2024-01-01,3\n"), "format"},
		{"page named as picture", []byte("<!DOCTYPE html><script>alert(1)</script>"), "format"},
		{"program", []byte("MZ\x90\x00"), "format"},
		{"bitmap", []byte("BM\x00\x00\x00\x00"), "format"},
		{"archive", []byte("PK\x03\x04"), "format"},
		{"sound in the same envelope as WebP", []byte("RIFF\x00\x00\x00\x00WAVEfmt "), "format"},
		{"drawing", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "svg"},
		{"drawing with prologue", []byte("\xef\xbb\xbf<?xml version=\"1.0\"?><!-- x -->\n<SVG>"), "svg"},
		{"jpeg, cut", jpg[:len(jpg)/2], "broken"},
		{"jpeg, head only", jpg[:20], "broken"},
		{"png, cut", pngFile[:len(pngFile)/2], "broken"},
		{"png, signature only", pngFile[:8], "broken"},
		{"png, wrong checksum", append(append(bytes.Clone(pngFile[:40]), 0x55), pngFile[41:]...), "broken"},
		{"gif, cut", gifFile[:len(gifFile)/2], "broken"},
		{"gif and script in one", []byte("GIF89a/*\x00\x00\x00*/=alert(1);"), "broken"},
		{"webp, cut", webpFile[:len(webpFile)/2], "broken"},
		{"webp, name only", []byte("RIFF\x04\x00\x00\x00WEBP"), "broken"},
		{"jpeg of endless scans", append(bytes.Clone(jpg[:len(jpg)-2]), bytes.Repeat(scan, 300)...), "broken"},
		{"too heavy", append(bytes.Clone(jpg), make([]byte, 1<<20)...), "too_heavy"},
	} {
		_, err := m.Make(t.Context(), bytes.NewReader(tt.data))
		e, ok := errors.AsType[*plaza.Error](err)
		if !ok || e.Kind != plaza.Invalid || e.Key != "image.error."+tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func FuzzMakeRefusesOrMakes(f *testing.F) {
	small := corners(6, 4)
	for _, seed := range [][]byte{asJPEG(f, small), asPNG(f, small), asGIF(f, small), asWebP(f, small)} {
		f.Add(seed)
		f.Add(seed[:len(seed)/2])
	}
	f.Add(segment(asJPEG(f, small), 0xe1, append([]byte("Exif\x00\x00"), tiff(binary.BigEndian, 6)...)))
	f.Add(pngChunk(asPNG(f, small), "eXIf", tiff(binary.LittleEndian, 8)))
	f.Add(webpExif(f, asWebP(f, small), tiff(binary.LittleEndian, 3)))
	for _, data := range claims(f, 50_000, 50_000) {
		f.Add(data)
	}
	store := newStore(f)
	m := image.New(store, image.Limits{MaxBytes: 64 << 10, MaxPixels: 10_000})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := m.Make(t.Context(), bytes.NewReader(data))
		if err != nil {
			if e, ok := errors.AsType[*plaza.Error](err); !ok || !strings.HasPrefix(e.Key, "image.error.") {
				t.Errorf("Make = %v, want a reason", err)
			}
			return
		}
		if len(p.Variants) < 2 {
			t.Error(fmt.Sprint("too few variants: ", p))
		}
		for _, v := range p.Variants {
			shown(t, store, v)
		}
	})
}
