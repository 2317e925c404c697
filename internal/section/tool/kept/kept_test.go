package kept_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"image/color"
	"image/png"
	"io"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/db/dbtest"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution/institutiontest"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/kept"
	"plaza/internal/section/tool/leaving"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/showing"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
)

const prices = "01980000-0000-7000-8000-00000000000a"

// world is an installation with tools of made-up numbers.
type world struct {
	*institutiontest.World
	db    *db.DB
	dir   string
	base  string // address of the installation
	blob  blob.Store
	tools *tool.Tools
	kept  *kept.Kept

	stamp  atomic.Pointer[string]
	value  atomic.Int64 // that every view shows
	asked  atomic.Int64 // how often one was computed
	live   func(view string) error
	blocks chan struct{} // a view is computed no sooner than it is closed; nil: at once
	begun  chan struct{} // that it is tried
}

func worlds(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{World: institutiontest.New(t, d), db: d, dir: t.TempDir(), base: "https://plaza.ejemplo.mx", begun: make(chan struct{}, 100), live: func(string) error { return nil }}
	w.Populate()
	dbtest.Advance(d, 48*time.Hour)
	w.data("v1")
	w.value.Store(1)
	var err error
	if w.blob, err = blob.Open(t.Context(), (&url.URL{Scheme: "file", Path: w.dir}).String()); err != nil {
		t.Fatal(err)
	}
	w.tools = tool.New(tool.Deps{DB: d, Gate: gate.New([]byte("una clave de prueba, de 32 bytes")), Published: kept.Published, Renewed: kept.Enqueue,
		Lineage: func(_ *db.Tx, refs []plaza.Ref) (map[plaza.Ref]tool.Origin, error) {
			out := map[plaza.Ref]tool.Origin{}
			for _, r := range refs {
				out[r] = tool.Origin{Dataset: "d", Title: "Precios"}
			}
			return out, nil
		},
		Shape: func(context.Context, string, int) (tool.Shape, error) {
			return tool.Shape{Version: 1, Tables: []tool.Table{{Columns: []tool.Column{{Name: "producto", Type: "text"}, {Name: "precio", Type: "decimal"}}}}}, nil
		}})
	w.kept = w.process(time.Hour)
	return w
}

// process is a Kept that remembers nothing yet.
func (w *world) process(patience time.Duration) *kept.Kept {
	w.Helper()
	bundle, err := i18n.New(wording.Locale, drawing.Locale, sentence.Locale, showing.Locale, tool.Locale)
	if err != nil {
		w.Fatal(err)
	}
	return kept.New(kept.Deps{DB: w.db, Blob: w.blob, Bundle: bundle, Patience: patience, Live: w.compute,
		Stamp: func(context.Context, spec.Spec) (string, error) { return *w.stamp.Load(), nil },
		URL:   func(path string) string { return w.base + path }})
}

func (w *world) data(stamp string) { w.stamp.Store(&stamp) }

func (w *world) compute(_ context.Context, _ spec.Spec, view string, _ url.Values) (reckon.Result, error) {
	w.asked.Add(1)
	if w.blocks != nil {
		w.begun <- struct{}{}
		<-w.blocks
	}
	if err := w.live(view); err != nil {
		return reckon.Result{}, err
	}
	return reckon.Result{View: view, Rest: -1, Counted: 2,
		Columns: []reckon.Column{{Name: "producto", Role: reckon.RoleX, Field: "producto", Type: tabular.Text, Group: true}, {Name: "precio", Role: reckon.RoleY, Field: "precio", Func: tabular.Sum, Type: tabular.Decimal}},
		Rows:    [][]tabular.Cell{{{Text: "diésel"}, {Text: strconv.FormatInt(w.value.Load(), 10)}}, {{Text: "regular"}, {Text: "7"}}}}, nil
}

// document has a view of bars and a table.
func document() tool.Document {
	e := spec.Encoding{X: spec.Channel{Field: "producto"}, Y: spec.Channel{Field: "precio", Aggregate: "sum"}}
	return tool.Document{Spec: &spec.Spec{Schema: spec.Schema, Title: "Precios", Language: "es", Sources: []spec.Source{{Name: "precios", Resource: prices}},
		Views: []spec.View{{Name: "barras", Source: "precios", Mark: spec.Bar, Encoding: e}, {Name: "lista", Source: "precios", Mark: spec.Table, Columns: []string{"producto", "precio"}}}}}
}

// published is a tool that everybody sees.
func (w *world) published() kept.Of {
	w.Helper()
	var d tool.Draft
	w.As(w.Ana, func(tx *db.Tx) (err error) {
		d, err = w.tools.Create(tx, tool.Beginning{Document: document()})
		return err
	})
	t, err := w.tools.Publish(plaza.WithActor(w.Context(), w.Ana.Actor()), tool.Publication{Tool: d.Tool.ID, Revision: d.Revision})
	if err != nil {
		w.Fatal(err)
	}
	return kept.Of{Tool: t, Spec: *d.Document.Spec}
}

// work does the jobs that wait, and says how many of drawing those were.
func (w *world) work() (drawn int) {
	w.Helper()
	var live []job.Info
	w.Read(func(tx *db.Tx) (err error) {
		live, err = job.List(tx, job.Filter{Kind: kept.Draw{}.Kind(), State: job.Available, Limit: 100})
		return err
	})
	r := job.NewRunner(w.db, job.Config{Queues: map[string]int{kept.Queue: 1}})
	w.kept.Work(r)
	if _, err := r.Drain(w.Context()); err != nil {
		w.Fatal(err)
	}
	return len(live)
}

// shows is the first number of a view, as a process that remembers nothing has it.
func (w *world) shows(of kept.Of, view string) string {
	w.Helper()
	r, err := w.process(time.Hour).View(w.Context(), of, view, nil)
	if err != nil {
		w.Fatal(err)
	}
	return r.Rows[0][1].Text
}

func (w *world) picture(of kept.Of, view, language, form string) ([]byte, bool) {
	w.Helper()
	p, ok, err := w.process(time.Hour).Picture(w.Context(), of, view, language, form)
	if err != nil {
		w.Fatal(err)
	}
	if p.Gzip != nil {
		z, err := gzip.NewReader(bytes.NewReader(p.Gzip))
		if err != nil {
			w.Fatal(err)
		}
		if body, err := io.ReadAll(z); err != nil || !bytes.Equal(body, p.Body) || len(p.Gzip) >= len(body) {
			w.Errorf("%s is packed as something else: %v, %d bytes of %d", form, err, len(p.Gzip), len(body))
		}
	}
	return p.Body, ok
}

func TestPartsOfPagesAreMadeOnceForAllWhoAskForTheSame(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		made := 0
		part := func(name string, reader url.Values) string {
			t.Helper()
			html, err := w.kept.Part(w.Context(), of, kept.Part{View: "barras", Name: name, Reader: reader, Make: func(r reckon.Result) (string, error) {
				made++
				return name + " " + r.Rows[0][1].Text, nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			return html
		}
		for _, c := range []struct {
			what, name string
			reader     url.Values
			data       string
			want       string
			made       int
		}{
			{"the first", "página", nil, "v1", "página 1", 1},
			{"again", "página", nil, "v1", "página 1", 1},
			{"elsewhere", "otro sitio", nil, "v1", "otro sitio 1", 2},
			{"what a reader chose", "página", url.Values{"f.producto": {"regular"}}, "v1", "página 7", 3},
			{"of other data", "página", nil, "v2", "página 7", 4},
		} {
			if w.data(c.data); c.data == "v2" || c.reader != nil {
				w.value.Store(7)
			}
			if got := part(c.name, c.reader); got != c.want || made != c.made {
				t.Errorf("%s: %q, made %d times; want %q, %d", c.what, got, made, c.want, c.made)
			}
		}
	})
}

func TestWhatIsPublishedIsComputedAndDrawnOnce(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		if n := w.work(); n != 1 {
			t.Errorf("publishing enqueued %d jobs", n)
		}
		before := w.asked.Load()
		w.value.Store(5) // nobody computes it again
		if got := w.shows(of, "barras") + w.shows(of, "lista"); got != "11" || w.asked.Load() != before {
			t.Errorf("what was stored: %s, computed %d times", got, w.asked.Load()-before)
		}
		for _, language := range kept.Languages {
			light, ok := w.picture(of, "barras", language, kept.SVG)
			dark, too := w.picture(of, "barras", language, kept.Dark)
			if !ok || !too || bytes.Equal(light, dark) || !bytes.Contains(light, []byte("diésel")) {
				t.Errorf("pictures in %s: %v, %v", language, ok, too)
			}
			card, _ := w.picture(of, "barras", language, kept.PNG)
			if c, err := png.DecodeConfig(bytes.NewReader(card)); err != nil || c.Width != plot.CardWidth || c.Height != plot.CardHeight {
				t.Errorf("card in %s: %+v, %v", language, c, err)
			}
		}
		for _, dark := range []bool{false, true} {
			body, _ := w.picture(of, "", "", kept.ThumbnailForm(dark))
			small, err := png.Decode(bytes.NewReader(body))
			if err != nil || small.Bounds().Dx() != leaving.ThumbnailWidth || small.Bounds().Dy() != leaving.ThumbnailHeight || len(body) > leaving.ThumbnailBytes {
				t.Fatalf("thumbnail: %v, %d bytes", err, len(body))
			}
			if ground := color.GrayModel.Convert(small.At(0, 0)).(color.Gray).Y; (ground < 128) != dark {
				t.Errorf("the ground of a thumbnail, dark %v, is %d", dark, ground)
			}
		}
		if n := w.work(); n != 0 {
			t.Errorf("%d jobs came of looking at it", n)
		}
	})
}

func TestAnInstallationThatMovesKeepsItsNumbersAndSaysWhereItIs(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		w.base = "https://otra.ejemplo.mx"
		w.kept = w.process(time.Hour)
		asked := w.asked.Load()
		if got := w.shows(of, "barras"); got != "1" || w.asked.Load() != asked {
			t.Errorf("it shows %s, computed %d times", got, w.asked.Load()-asked)
		}
		if _, ok := w.picture(of, "", "", kept.Thumbnail); !ok {
			t.Error("its thumbnail, which says nothing of where it is, is gone")
		}
		if _, ok := w.picture(of, "barras", "en", kept.SVG); ok {
			t.Error("a picture says where it was")
		}
		w.work()
		if svg, ok := w.picture(of, "barras", "en", kept.SVG); !ok || !bytes.Contains(svg, []byte("otra.ejemplo.mx")) {
			t.Errorf("its picture, %v, does not say where it is: %s", ok, svg)
		}
	})
}

func TestOtherDataAreDrawnAnewAndNothingOldIsServed(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		w.data("a column is hidden")
		w.value.Store(2)
		if _, ok := w.picture(of, "barras", "en", kept.PNG); ok {
			t.Error("a picture of data that were hidden is served")
		}
		if _, ok := w.picture(of, "", "", kept.Thumbnail); ok {
			t.Error("a thumbnail of data that were hidden is served")
		}
		if got := w.shows(of, "barras"); got != "2" {
			t.Errorf("it shows %s", got)
		}
		if n := w.work(); n != 1 {
			t.Errorf("%d jobs redraw it", n)
		}
		before := w.asked.Load()
		if _, ok := w.picture(of, "barras", "en", kept.PNG); !ok || w.shows(of, "barras") != "2" || w.asked.Load() != before {
			t.Error("it was not drawn anew")
		}
	})
}

func TestANewVersionOfAFollowedFileHasItsToolsDrawn(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		w.data("v2")
		w.value.Store(3)
		if err := w.tools.Reshaped(w.Context(), prices); err != nil {
			t.Fatal(err)
		}
		if n := w.work(); n != 1 {
			t.Errorf("%d jobs", n)
		}
		before := w.asked.Load()
		if got := w.shows(of, "barras"); got != "3" || w.asked.Load() != before {
			t.Errorf("it shows %s, computed %d times when looked at", got, w.asked.Load()-before)
		}
	})
}

func TestManyFirstReadersMakeOneJobAndOneComputation(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		w.data("v2")
		before := w.asked.Load()
		w.blocks = make(chan struct{})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := w.kept.View(w.Context(), of, "barras", nil); err != nil {
					t.Error(err)
				}
			})
		}
		<-w.begun // the first one computes
		close(w.blocks)
		all.Wait()
		if n := w.asked.Load() - before; n != 1 {
			t.Errorf("computed %d times", n)
		}
		if n := w.work(); n != 1 {
			t.Errorf("%d jobs", n)
		}
	})
}

func TestAPageDoesNotWaitForNumbersThatTakeLong(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		w.data("v2")
		w.blocks = make(chan struct{})
		k := w.process(time.Nanosecond)
		_, err := k.Soon(w.Context(), of, "barras", nil)
		if plaza.KindOf(err) != plaza.Unavailable {
			t.Errorf("it is said: %v", err)
		}
		close(w.blocks)
		if n := w.work(); n != 1 {
			t.Errorf("%d jobs finish it", n)
		}
		before := w.asked.Load()
		if w.shows(of, "barras") != "1" || w.asked.Load() != before {
			t.Error("it was not finished")
		}
	})
}

func TestTheFaultOfAViewStandsInNoOthersWay(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		for name, err := range map[string]error{"of its columns": plaza.E(plaza.Invalid, "toolreckon.error"), "by chance": errors.New("the engine is away")} {
			w.data(name)
			w.value.Store(9)
			w.live = func(view string) error {
				if view == "barras" {
					return err
				}
				return nil
			}
			drawn := w.kept.Draw(w.Context(), of.Tool.ID)
			if (drawn != nil) != (name == "by chance") {
				t.Errorf("a fault %s: %v", name, drawn)
			}
			before := w.asked.Load()
			if w.shows(of, "lista") != "9" || w.asked.Load() != before {
				t.Errorf("a fault %s: the other view was not stored", name)
			}
			if _, ok := w.picture(of, "barras", "es-MX", kept.SVG); ok {
				t.Errorf("a fault %s: it has a picture", name)
			}
		}
		w.live = func(string) error { return nil }
		if err := w.kept.Draw(w.Context(), of.Tool.ID); err != nil {
			t.Error(err)
		}
		if _, ok := w.picture(of, "barras", "es-MX", kept.SVG); !ok {
			t.Error("another attempt did not draw it")
		}
	})
}

func TestWhatReadersChooseIsNeverStored(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		w.value.Store(8)
		r, err := w.kept.View(w.Context(), of, "barras", url.Values{"f.producto": {"regular"}})
		if err != nil || r.Rows[0][1].Text != "8" || w.shows(of, "barras") != "1" {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestAPictureThatSomebodyElseKeepsTooStays(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		body, ok := w.picture(of, "barras", "es-MX", kept.SVG)
		if !ok {
			t.Fatal("nothing was drawn")
		}
		theirs, err := w.blob.Put(w.Context(), bytes.NewReader(web.Gzip(body))) // as an attachment to a case may be
		if err != nil {
			t.Fatal(err)
		}
		w.As(w.Ana, func(tx *db.Tx) error { _, err := w.tools.Withdraw(tx, of.Tool.ID, "Ya no."); return err })
		dbtest.Advance(w.db, 72*time.Hour)
		if err := w.kept.Sweep(w.Context()); err != nil {
			t.Fatal(err)
		}
		if err := blob.Verify(w.Context(), w.blob, theirs.Key); err != nil || w.files() != 1 {
			t.Errorf("what another part keeps was swept: %v, %d files", err, w.files())
		}
	})
}

func TestWhatNobodySeesIsSweptAndAPictureThatIsLostIsDrawnAgain(t *testing.T) {
	worlds(t, func(w *world) {
		of := w.published()
		w.work()
		first := w.files()
		w.data("v2")
		w.value.Store(4)
		if err := w.kept.Draw(w.Context(), of.Tool.ID); err != nil {
			t.Fatal(err)
		}
		both := w.files()
		dbtest.Advance(w.db, 72*time.Hour)
		if err := w.kept.Sweep(w.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.files(); n != first || both <= first {
			t.Errorf("files: %d, %d with those of other data, %d when swept", first, both, n)
		}
		if err := w.blob.List(w.Context(), func(i blob.Info) error { return w.blob.Delete(w.Context(), i.Key) }); err != nil {
			t.Fatal(err)
		}
		if _, ok := w.picture(of, "barras", "en", kept.PNG); ok {
			t.Error("it is served from nowhere")
		}
		w.work()
		if _, ok := w.picture(of, "barras", "en", kept.PNG); !ok {
			t.Error("it is lost for ever")
		}
		w.As(w.Ana, func(tx *db.Tx) error { _, err := w.tools.Withdraw(tx, of.Tool.ID, "Ya no."); return err })
		dbtest.Advance(w.db, 72*time.Hour)
		if err := w.kept.Sweep(w.Context()); err != nil || w.files() != 0 {
			t.Errorf("of a tool that was taken back %d files are left, %v", w.files(), err)
		}
		if err := w.kept.Draw(w.Context(), of.Tool.ID); err != nil || w.files() != 0 {
			t.Errorf("it is drawn: %v", err)
		}
	})
}

// files is how many there are in the store.
func (w *world) files() (n int) {
	w.Helper()
	if err := w.blob.List(w.Context(), func(blob.Info) error { n++; return nil }); err != nil {
		w.Fatal(err)
	}
	return n
}
