package sheet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/sheet"
)

// large writes a workbook of rows by ten columns: numbers, texts, a day, money.
func large(b *testing.B, rows int) tabular.File {
	b.Helper()
	f := excelize.NewFile()
	day, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	names := []any{"id", "clave", "estado", "municipio", "fecha", "precio", "lat", "lon", "activo", "nota"}
	_ = w.SetRow("A1", names)
	start := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+2)
		err := w.SetRow(cell, []any{
			i + 1, fmt.Sprintf("%05d", i%32000), "Aguascalientes", fmt.Sprintf("Municipio %d", i%2469),
			excelize.Cell{StyleID: day, Value: start.AddDate(0, 0, i%900)}, float64(i%2400) / 100,
			19.4 + float64(i)/1e6, -99.1 - float64(i)/1e6, i%2 == 0, "Observación con acentos & signos",
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "large.xlsx")
	if err := f.SaveAs(path); err != nil {
		b.Fatal(err)
	}
	return tabular.File{Path: path, Scratch: filepath.Dir(path)}
}

const benchRows = 200_000

func BenchmarkXLSX(b *testing.B) {
	file := large(b, benchRows)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := sheet.XLSX(context.Background(), file); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
	sources, err := sheet.XLSX(context.Background(), file)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if n := drain(b, sources[0]); n != benchRows {
				b.Fatal(n)
			}
		}
		report(b)
	})
}

// drain reads all rows and returns how many there were.
func drain(b *testing.B, s *tabular.Source) int {
	b.Helper()
	r, err := s.Open(context.Background(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var batch tabular.Batch
	rows := 0
	for {
		err := r.Next(context.Background(), &batch)
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			b.Fatal(err)
		}
		rows += batch.Rows()
	}
}

// report gives rows a second of the clock. Where other programs use the machine, run it
// with -cpuprofile and count the samples.
func report(b *testing.B) {
	b.ReportMetric(float64(benchRows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
