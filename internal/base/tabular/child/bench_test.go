package child_test

import (
	"fmt"
	"io"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

func BenchmarkPage(b *testing.B) {
	w := workers(b, nil)
	t := child.Table{Profile: profile(20)}
	for b.Loop() {
		if _, err := w.Page(b.Context(), t, tabular.Query{Search: "echo"}); err != nil {
			b.Fatal(err)
		}
	}
}

// profile is a table of n described columns.
func profile(n int) tabular.Table {
	t := tabular.Table{Name: "t", Rows: 1_000_000}
	for i := range n {
		c := tabular.Column{Name: fmt.Sprint("column ", i), Type: tabular.Text}
		for j := range 20 {
			c.Stats.Top = append(c.Stats.Top, tabular.ValueCount{Value: fmt.Sprint("some value ", j), Count: 1000})
			c.Stats.Histogram = append(c.Stats.Histogram, tabular.Bin{From: "1234.5", To: "2345.6", Count: 1000})
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

func BenchmarkExport(b *testing.B) {
	w := workers(b, nil)
	b.SetBytes(4096 * 1000)
	for b.Loop() {
		if err := w.Export(b.Context(), child.Table{}, child.Export{Most: 1000}, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	w := workers(b, nil)
	for b.Loop() {
		if _, err := w.Convert(b.Context(), child.Conversion{Dir: b.TempDir()}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
