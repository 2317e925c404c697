package form

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/tabular"
)

// A sheet of a million rows takes long to write: this one is shorter.
func TestASheetThatIsFullSaysSo(t *testing.T) {
	var b bytes.Buffer
	s, err := newSheet(&b, nil, []tabular.Column{{Name: "a", Type: tabular.Integer}})
	if err != nil {
		t.Fatal(err)
	}
	if s.most != 1_048_576 {
		t.Fatalf("a sheet has %d rows", s.most)
	}
	s.most = 4
	var last error
	written := 0
	for last == nil {
		if last = s.Write([]tabular.Cell{{Text: "1"}}); last == nil {
			written++
		}
	}
	if !errors.Is(last, ErrFull) || written != 3 || !s.Truncated() {
		t.Fatalf("%v after %d rows", last, written)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	rows, _ := book.GetRows("Datos")
	note, _ := book.GetCellValue("Fuente", "B1")
	if len(rows) != 4 || !strings.Contains(note, "Faltan filas: una hoja de cálculo admite 3.") {
		t.Errorf("%d rows, %q", len(rows), note)
	}
}
