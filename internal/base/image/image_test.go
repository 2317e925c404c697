package image_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	stdimage "image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	encode "github.com/chai2010/webp"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/webp"

	"plaza/internal/base/blob"
	"plaza/internal/base/i18n"
	"plaza/internal/base/image"
	"plaza/internal/plaza"
)

func newStore(t testing.TB) blob.Store {
	t.Helper()
	s, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// photo is a soft picture with a little noise, as cameras make them.
func photo(w, h int) *stdimage.RGBA {
	rnd := rand.New(rand.NewPCG(1, 2))
	m := stdimage.NewRGBA(stdimage.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			n := rnd.IntN(24)
			m.SetRGBA(x, y, color.RGBA{uint8(x*200/w + n), uint8(y*200/h + n), uint8(100 + n), 255})
		}
	}
	return m
}

var (
	red, green   = color.RGBA{220, 20, 20, 255}, color.RGBA{20, 200, 20, 255}
	blue, yellow = color.RGBA{20, 20, 220, 255}, color.RGBA{230, 230, 20, 255}
)

// corners is a picture whose four quarters have a colour each, in reading order.
func corners(w, h int) *stdimage.RGBA {
	m := stdimage.NewRGBA(stdimage.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, [2][2]color.RGBA{{red, green}, {blue, yellow}}[2*y/h][2*x/w])
		}
	}
	return m
}

// seen names the quarters of a picture by their initials, in reading order.
func seen(m stdimage.Image) string {
	b := m.Bounds()
	var s strings.Builder
	for _, at := range [4][2]int{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
		r, g, bl, _ := m.At(b.Min.X+b.Dx()*at[0]/4, b.Min.Y+b.Dy()*at[1]/4).RGBA()
		switch hi := func(v uint32) bool { return v > 0x8000 }; {
		case hi(r) && hi(g):
			s.WriteByte('y')
		case hi(r):
			s.WriteByte('r')
		case hi(g):
			s.WriteByte('g')
		case hi(bl):
			s.WriteByte('b')
		default:
			s.WriteByte('?')
		}
	}
	return s.String()
}

func asJPEG(t testing.TB, m stdimage.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m stdimage.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t testing.TB, m stdimage.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, m, &gif.Options{NumColors: 256, Drawer: draw.Src}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asWebP(t testing.TB, m stdimage.Image) []byte {
	t.Helper()
	b, err := encode.EncodeRGBA(m, 95)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// file reads a variant back from the store.
func file(t testing.TB, s blob.Store, v image.Variant) []byte {
	t.Helper()
	r, _, err := s.Get(t.Context(), v.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shown decodes a variant and holds it to what it says of itself.
func shown(t testing.TB, s blob.Store, v image.Variant) stdimage.Image {
	t.Helper()
	data := file(t, s, v)
	decode := map[string]func(io.Reader) (stdimage.Image, error){
		"image/jpeg": jpeg.Decode, "image/png": png.Decode, "image/webp": webp.Decode,
	}[v.MediaType]
	if decode == nil {
		t.Fatalf("media type %q", v.MediaType)
	}
	m, err := decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s of %d × %d: %v", v.MediaType, v.Width, v.Height, err)
	}
	if m.Bounds().Dx() != v.Width || m.Bounds().Dy() != v.Height || int64(len(data)) != v.Size {
		t.Errorf("variant %+v is %v, %d bytes", v, m.Bounds(), len(data))
	}
	return m
}

func TestAPictureIsKeptInThreeWidthsAndTwoFormats(t *testing.T) {
	for _, tt := range []struct {
		name string
		data []byte
		w, h int
		want []string
	}{
		{"photograph", asJPEG(t, photo(2000, 1000)), 2000, 1000, []string{
			"webp 480×240", "webp 960×480", "webp 1600×800", "jpeg 480×240", "jpeg 960×480", "jpeg 1600×800"}},
		{"middling", asJPEG(t, photo(1000, 300)), 1000, 300, []string{
			"webp 480×144", "webp 1000×300", "jpeg 480×144", "jpeg 1000×300"}},
		{"small is not enlarged", asJPEG(t, photo(300, 200)), 300, 200, []string{"webp 300×200", "jpeg 300×200"}},
		{"nearly the first width", asJPEG(t, photo(500, 10)), 500, 10, []string{"webp 500×10", "jpeg 500×10"}},
		{"one pixel", asPNG(t, photo(1, 1)), 1, 1, []string{"webp 1×1", "png 1×1"}},
		{"a line", asPNG(t, photo(1600, 1)), 1600, 1, []string{
			"webp 480×1", "webp 960×1", "webp 1600×1", "png 480×1", "png 960×1", "png 1600×1"}},
		{"photograph as PNG", asPNG(t, photo(600, 600)), 600, 600, []string{
			"webp 480×480", "webp 600×600", "jpeg 480×480", "jpeg 600×600"}},
		{"drawing as PNG", asPNG(t, corners(700, 350)), 700, 350, []string{
			"webp 480×240", "webp 700×350", "png 480×240", "png 700×350"}},
		{"GIF", asGIF(t, corners(200, 100)), 200, 100, []string{"webp 200×100", "png 200×100"}},
		{"WebP", asWebP(t, photo(800, 400)), 800, 400, []string{
			"webp 480×240", "webp 800×400", "jpeg 480×240", "jpeg 800×400"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := newStore(t)
			m := image.New(store, image.Limits{})
			p, err := m.Make(t.Context(), bytes.NewReader(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range p.Variants {
				shown(t, store, v)
				got = append(got, fmt.Sprintf("%s %d×%d", strings.TrimPrefix(v.MediaType, "image/"), v.Width, v.Height))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || p.Width != tt.w || p.Height != tt.h {
				t.Errorf("%d × %d, variants (-want +got):\n%s", p.Width, p.Height, diff)
			}
			again, err := m.Make(t.Context(), bytes.NewReader(tt.data))
			if diff := cmp.Diff(p, again); err != nil || diff != "" {
				t.Errorf("made again: %v\n%s", err, diff)
			}
		})
	}
}

func TestShrinkingKeepsColoursWhereTheyWere(t *testing.T) {
	store := newStore(t)
	p, err := image.New(store, image.Limits{}).Make(t.Context(), bytes.NewReader(asPNG(t, photo(1777, 931))))
	if err != nil {
		t.Fatal(err)
	}
	original := photo(1777, 931)
	for _, v := range p.Variants {
		m := shown(t, store, v)
		for _, at := range [][2]float64{{0.02, 0.02}, {0.5, 0.5}, {0.98, 0.03}, {0.3, 0.97}} {
			want := original.RGBAAt(int(at[0]*1777), int(at[1]*931))
			r, g, b, _ := m.At(int(at[0]*float64(v.Width)), int(at[1]*float64(v.Height))).RGBA()
			for i, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(b>>8) - int(want.B)} {
				if d < -30 || d > 30 {
					t.Errorf("%s %d at %v: channel %d is off by %d", v.MediaType, v.Width, at, i, d)
				}
			}
		}
	}
}

func TestTransparencyIsKept(t *testing.T) {
	src := stdimage.NewNRGBA(stdimage.Rect(0, 0, 1200, 600))
	for y := range 600 {
		for x := range 1200 {
			if x < 600 {
				src.SetNRGBA(x, y, color.NRGBA{200, 100, 50, 128})
			}
		}
	}
	store := newStore(t)
	p, err := image.New(store, image.Limits{}).Make(t.Context(), bytes.NewReader(asPNG(t, src)))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Variants {
		if v.MediaType != "image/png" && v.MediaType != "image/webp" {
			t.Errorf("%s cannot be transparent", v.MediaType)
		}
		m := shown(t, store, v)
		got := color.NRGBAModel.Convert(m.At(v.Width/4, v.Height/2)).(color.NRGBA)
		want := color.NRGBA{200, 100, 50, 128}
		near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 6 }
		if !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) || !near(got.A, want.A) {
			t.Errorf("%s %d: half transparent = %v, want %v", v.MediaType, v.Width, got, want)
		}
		if _, _, _, a := m.At(v.Width*3/4, v.Height/2).RGBA(); a != 0 {
			t.Errorf("%s %d: alpha = %d, want 0", v.MediaType, v.Width, a)
		}
	}
}

func TestErrorsOfReaderContextAndStoreAreNotThePicturesFault(t *testing.T) {
	m := image.New(newStore(t), image.Limits{})
	lost := errors.New("connection lost")
	if _, err := m.Make(t.Context(), iotest.ErrReader(lost)); !errors.Is(err, lost) || plaza.KindOf(err) != plaza.Internal {
		t.Errorf("Make = %v, want the reader's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Make(ctx, bytes.NewReader(asPNG(t, corners(8, 8)))); !errors.Is(err, context.Canceled) {
		t.Errorf("Make = %v, want context canceled", err)
	}
	away, err := blob.Open(t.Context(), "s3://k:s@127.0.0.1:1/b?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := image.New(away, image.Limits{}).Make(t.Context(), bytes.NewReader(asPNG(t, corners(8, 8)))); plaza.KindOf(err) != plaza.Unavailable {
		t.Errorf("Make without a store = %v, want unavailable", err)
	}
}

func TestEveryErrorHasItsSentence(t *testing.T) {
	if problems := i18n.CheckCatalogues(image.Locale); len(problems) > 0 {
		t.Error(problems)
	}
	b, err := i18n.New(image.Locale)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"format", "svg", "broken", "too_heavy", "too_large"} {
		if !b.Has("image.error." + key) {
			t.Errorf("no sentence for %s", key)
		}
	}
}

func TestACleanedPictureHasItsSizeAndNothingThatItHid(t *testing.T) {
	m := image.New(newStore(t), image.Limits{})
	hiding := append(segment(asJPEG(t, corners(640, 320)), 0xe1, append([]byte("Exif\x00\x00"), tiff(binary.BigEndian, 6)...)), "<script>"...)
	out, media, err := m.Clean(t.Context(), hiding)
	if err != nil || media != "image/jpeg" {
		t.Fatalf("%q, %v", media, err)
	}
	if at, _, err := stdimage.DecodeConfig(bytes.NewReader(out)); err != nil || at.Width != 320 || at.Height != 640 {
		t.Errorf("it is %d × %d (%v)", at.Width, at.Height, err)
	}
	if bytes.Contains(out, []byte("GPS")) || bytes.Contains(out, []byte("script")) {
		t.Error("what it hid is still there")
	}
	if _, _, err := m.Clean(t.Context(), []byte("nada")); plaza.KindOf(err) != plaza.Invalid {
		t.Errorf("no picture: %v", err)
	}
}
