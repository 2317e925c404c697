package sheet_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/sheet"
)

// TestALargeSheetIsReadWholeAndMayBeLeftEarly reads a sheet that is unpacked ahead.
func TestALargeSheetIsReadWholeAndMayBeLeftEarly(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString(`<row>` + textCell("A1", "n") + textCell("B1", "v") + `</row>`)
	sum := 0
	for i := range 20_000 {
		n := r.IntN(1 << 30)
		sum += n
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d"><v>%d</v></c></row>`, i+2, i+2, i, i+2, n)
	}
	s := open(t, sheet.XLSX, book(rowsXML(b.String())).write(t, "x.xlsx"))[0]
	got := read(t, s)
	for _, row := range got.Rows {
		var n int
		_, _ = fmt.Sscan(row[1], &n)
		sum -= n
	}
	if len(got.Rows) != 20_000 || sum != 0 {
		t.Error(len(got.Rows), sum)
	}
	var seen int64
	reader, err := s.Open(context.Background(), func(bytes int64) { seen = bytes })
	if err != nil {
		t.Fatal(err)
	}
	var batch tabular.Batch
	if err := reader.Next(context.Background(), &batch); err != nil || batch.Rows() != tabular.BatchRows || seen == 0 || seen > s.Bytes {
		t.Error(err, batch.Rows(), seen)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
}
