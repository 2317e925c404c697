package sheet_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"plaza/internal/base/tabular/sheet"
)

// words are texts that XML, Excel or a reader might trip over.
var words = []string{"a", " con espacios ", "ñandú", "<b>&amp;</b>", "línea\nlínea", "tab\taquí", "😀", "\"comillas\"", "0012", "=1+1", "#N/A", "_x000D_ no", "]]>", "1e5", "true"}

// TestRandomWorkbooksReadAsExcelizeReadsThem compares cell by cell: texts and numbers as
// they are, days by what is shown.
func TestRandomWorkbooksReadAsExcelizeReadsThem(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 5))
		cols, count := 3+r.IntN(8), 5+r.IntN(60)
		file := written(t, func(f *excelize.File) {
			day, _ := f.NewStyle(&excelize.Style{CustomNumFmt: ptr("yyyy-mm-dd")})
			for col := range cols {
				rows(f, "Datos", ref(col, 1), []any{fmt.Sprint("columna ", col)})
			}
			for line := range count {
				for col := range cols {
					fill(f, r, ref(col, line+2), col, day)
				}
			}
		})
		theirs, err := excelize.OpenReader(bytes.NewReader(contents(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, open(t, sheet.XLSX, file)[0])
		for i, line := range got.Lines {
			for col, mine := range got.Rows[i] {
				want, _ := theirs.GetCellValue("Datos", ref(col, int(line)))
				if f, err := strconv.ParseFloat(want, 64); err == nil && !strings.HasPrefix(want, "00") && want != "1e5" {
					want = strconv.FormatFloat(rounded(f), 'f', -1, 64)
				}
				if want == "TRUE" || want == "FALSE" {
					want = strings.ToLower(want)
				}
				if strings.TrimSpace(want) == "" {
					want = ""
				}
				if diff := cmp.Diff(want, mine); diff != "" {
					t.Fatalf("seed %d, %s: %s", seed, ref(col, int(line)), diff)
				}
			}
		}
		if len(got.Labels) != cols || len(got.Rows) == 0 {
			t.Errorf("seed %d: %d columns of %d, %d rows", seed, len(got.Labels), cols, len(got.Rows))
		}
	}
}

// fill writes a value of the column's kind, or none.
func fill(f *excelize.File, r *rand.Rand, cell string, col, day int) {
	if r.IntN(8) == 0 && col > 0 {
		return
	}
	switch col % 5 {
	case 0:
		_ = f.SetCellValue("Datos", cell, r.IntN(1_000_000)-500)
	case 1:
		_ = f.SetCellValue("Datos", cell, words[r.IntN(len(words))])
	case 2:
		_ = f.SetCellValue("Datos", cell, r.NormFloat64()*1000)
	case 3:
		_ = f.SetCellValue("Datos", cell, time.Date(1900+r.IntN(200), 1, 1+r.IntN(365), 0, 0, 0, 0, time.UTC))
		_ = f.SetCellStyle("Datos", cell, cell, day)
	case 4:
		_ = f.SetCellValue("Datos", cell, r.IntN(2) == 0)
	}
}

func ref(col, line int) string {
	cell, _ := excelize.CoordinatesToCellName(col+1, line)
	return cell
}

func rounded(f float64) float64 {
	out, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64)
	return out
}

func ptr[T any](v T) *T { return &v }
