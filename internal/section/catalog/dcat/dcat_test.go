package dcat_test

import (
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/section/catalog/dcat"
)

// now is when the tests are.
var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// read reads text and returns all that came out.
func read(t *testing.T, kind dcat.Kind, text string) ([]dcat.Item, dcat.Summary, error) {
	t.Helper()
	base, err := url.Parse("https://datos.ejemplo.org/catalogo?page=1")
	if err != nil {
		t.Fatal(err)
	}
	var items []dcat.Item
	summary, err := dcat.Read(kind, strings.NewReader(text), dcat.Options{Base: base, Now: now}, func(item dcat.Item) error {
		items = append(items, item)
		return nil
	})
	return items, summary, err
}

// readGood reads text that has to be read without an error.
func readGood(t *testing.T, kind dcat.Kind, text string) ([]dcat.Item, dcat.Summary) {
	t.Helper()
	items, summary, err := read(t, kind, text)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return items, summary
}

func file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// short writes problems as "code field", with "!" when nothing was repaired.
func short(problems []dcat.Problem) []string {
	list := []string{}
	for _, p := range problems {
		s := p.Code + " " + p.Field
		if !p.Repaired {
			s += " !"
		}
		list = append(list, s)
	}
	return list
}

func checkProblems(t *testing.T, got []dcat.Problem, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, short(got)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func checkRecord(t *testing.T, got *dcat.Record, want dcat.Record) {
	t.Helper()
	if got == nil {
		t.Fatal("no record")
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

// one reads a data.json with a single dataset of the given members.
func one(t *testing.T, members string) dcat.Item {
	t.Helper()
	items, _ := readGood(t, dcat.DataJSON, `{"title":"c","dataset":[{`+members+`}]}`)
	if len(items) != 1 {
		t.Fatalf("%d items, want 1", len(items))
	}
	return items[0]
}

// whole is a dataset with nothing wrong, to add one defect to.
const whole = `"identifier":"a","title":"Título","description":"Texto"`

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// heapInUse is what is alive after a collection, in bytes.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
