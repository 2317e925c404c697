package kept_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/leaving"
)

// screenshot is a PNG of noise, which no format makes small.
func screenshot(t *testing.T, width, height int, seed uint64) []byte {
	t.Helper()
	img, r := image.NewNRGBA(image.Rect(0, 0, width, height)), rand.New(rand.NewPCG(seed, 1))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.NRGBA{uint8(r.UintN(256)), uint8(x), uint8(y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func elsewhere(p *tool.Picture) tool.Document {
	return tool.Document{External: &tool.External{Title: "Mapa de precios", Language: "es", URL: "https://mapas.ejemplo.mx/precios", Alt: "Un mapa", Picture: p, Datasets: []string{"d"}}}
}

func TestAPictureThatIsSentIsMadeAnewAndSmall(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for name, c := range map[string]struct{ width, height, wide int }{"wide": {2000, 900, 1600}, "tall": {700, 1500, 700}, "small": {120, 60, 120}, "a line": {1000, 3, 1000}} {
		p, err := w.kept.Take(w.Context(), screenshot(t, c.width, c.height, 1))
		if err != nil || p.Width != c.wide {
			t.Fatalf("%s: %+v, %v", name, p, err)
		}
		whole, err := w.process(time.Hour).Image(w.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := image.DecodeConfig(bytes.NewReader(whole)); err != nil || got.Width != p.Width || got.Height != p.Height {
			t.Errorf("%s: it is kept as %+v, %v", name, got, err)
		}
		small, kind, err := w.process(time.Hour).Small(w.Context(), *elsewhere(&p).External, true)
		if err != nil || kind != "image/jpeg" || len(small) > leaving.ThumbnailBytes {
			t.Errorf("%s: in small %d bytes of %s, %v", name, len(small), kind, err)
		}
		if got, err := jpeg.DecodeConfig(bytes.NewReader(small)); err != nil || got.Width != leaving.ThumbnailWidth || got.Height != leaving.ThumbnailHeight {
			t.Errorf("%s: in small it is %+v, %v", name, got, err)
		}
	}
	for name, file := range map[string][]byte{"nothing": nil, "a drawing": []byte("<svg xmlns='x'><script>alert(1)</script></svg>"), "half": screenshot(t, 300, 300, 1)[:2000], "too many pixels": screenshot(t, 16000, 2, 1)[:50]} {
		if _, err := w.kept.Take(w.Context(), file); plaza.KindOf(err) != plaza.Invalid {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
}

func TestAToolElsewhereWithoutPictureHasACardOfItsName(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	lost := tool.Picture{SHA256: "0000", Thumbnail: "0000", MediaType: "image/png"}
	for name, x := range map[string]tool.External{"none": *elsewhere(nil).External, "lost": *elsewhere(&lost).External,
		"a long name": {Title: "Mapa de los precios de todas las gasolinas y de todos los dieseles de todas las estaciones de servicio del país entero", URL: "https://un.sitio.con.un.nombre.que.no.cabe.en.ningun.lado.ejemplo.mx/"}} {
		body, kind, err := w.kept.Small(w.Context(), x, false)
		if err != nil || kind != "image/png" || len(body) > leaving.ThumbnailBytes {
			t.Errorf("%s: %d bytes of %s, %v", name, len(body), kind, err)
		}
		if got, err := png.DecodeConfig(bytes.NewReader(body)); err != nil || got.Width != leaving.ThumbnailWidth || got.Height != leaving.ThumbnailHeight {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if night, _, err := w.kept.Small(w.Context(), x, true); err != nil || bytes.Equal(night, body) {
			t.Errorf("%s: by night it is as by day, %v", name, err)
		}
	}
}

func TestPicturesStayAsLongAsSomethingNamesThem(t *testing.T) {
	worlds(t, func(w *world) {
		take := func(seed uint64) *tool.Picture {
			p, err := w.kept.Take(w.Context(), screenshot(t, 40, 30, seed))
			if err != nil {
				t.Fatal(err)
			}
			return &p
		}
		sweep := func(want int, when string) {
			t.Helper()
			dbtest.Advance(w.db, 72*time.Hour)
			if err := w.kept.Sweep(w.Context()); err != nil || w.files() != want {
				t.Errorf("%s: %d files, want %d, %v", when, w.files(), want, err)
			}
		}
		first, second := take(1), take(2)
		take(3) // nothing comes of it
		var d, draft tool.Draft
		w.As(w.Ana, func(tx *db.Tx) (err error) {
			if d, err = w.tools.Create(tx, tool.Beginning{Document: elsewhere(first)}); err == nil {
				draft, err = w.tools.Create(tx, tool.Beginning{Document: elsewhere(second)})
			}
			return err
		})
		sweep(4, "two that are named")
		public, err := w.tools.Publish(plaza.WithActor(w.Context(), w.Ana.Actor()), tool.Publication{Tool: d.Tool.ID, Revision: d.Revision})
		if err != nil {
			t.Fatal(err)
		}
		third := take(4)
		w.As(w.Ana, func(tx *db.Tx) (err error) {
			if err = w.tools.Discard(tx, draft.Tool.ID); err == nil {
				_, err = w.tools.Save(tx, d.Tool.ID, d.Revision, elsewhere(third))
			}
			return err
		})
		sweep(4, "the one that is seen and the one in work")
		w.As(w.Ana, func(tx *db.Tx) error { _, err := w.tools.Withdraw(tx, public.ID, "Ya no."); return err })
		sweep(0, "of a tool that was taken back")
	})
}
