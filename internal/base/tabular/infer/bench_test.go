package infer

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"plaza/internal/base/tabular"
)

// obras are rows like those of a large register, 15 columns.
func obras(n int) ([]string, [][]string) {
	labels := []string{"id", "fecha", "anio", "cve_ent", "cve_mun", "estado", "sector", "sexo", "edad", "monto", "beneficiarios", "lat", "lon", "proveedor", "descripcion"}
	r := rand.New(rand.NewPCG(1, 2))
	sectors := []string{"Educación", "Salud", "Caminos y puentes", "Agua potable", "Vivienda", "Electrificación"}
	rows := make([][]string, n)
	for i := range rows {
		e, m := 1+r.IntN(32), 1+r.IntN(10)
		amount := fmt.Sprintf("%.2f", r.Float64()*1e6)
		if r.IntN(50) == 0 {
			amount = ""
		}
		rows[i] = []string{
			fmt.Sprint(i + 1), fmt.Sprintf("20%02d-%02d-%02d", r.IntN(24), 1+r.IntN(12), 1+r.IntN(28)), fmt.Sprint(2000 + r.IntN(24)),
			fmt.Sprintf("%02d", e), fmt.Sprintf("%02d%03d", e, m), "San Luis Potosí", sectors[r.IntN(len(sectors))], []string{"H", "M"}[r.IntN(2)],
			fmt.Sprint(r.IntN(100)), amount, fmt.Sprint(r.IntN(5000)), fmt.Sprintf("%.6f", 15+r.Float64()*15), fmt.Sprintf("%.6f", -117+r.Float64()*30),
			fmt.Sprintf("Constructora y Servicios %d, S.A. de C.V.", r.IntN(20000)), fmt.Sprintf("Rehabilitación de la obra número %d en la comunidad de San José", r.IntN(100000)),
		}
	}
	return labels, rows
}

// again gives the same batches over and over, copied as a reader would.
type again struct {
	batches []*tabular.Batch
	left    int
	first   int64
}

func (a *again) Next(_ context.Context, b *tabular.Batch) error {
	if a.left == 0 {
		b.Reset(15, a.first)
		return io.EOF
	}
	a.left--
	src := a.batches[a.left%len(a.batches)]
	b.Reset(src.Cols, a.first)
	for row := range src.Rows() {
		for col := range src.Cols {
			b.Add(src.Cell(row, col))
		}
		b.EndRow()
	}
	a.first += int64(src.Rows())
	return nil
}

func (a *again) Close() error { return nil }

func benchmarkTable(b *testing.B, workers int) {
	labels, rows := obras(20 * tabular.BatchRows)
	m := &memory{cols: len(labels), rows: rows}
	var batches []*tabular.Batch
	for range 20 {
		batch := &tabular.Batch{}
		if err := m.Next(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		batches = append(batches, batch)
	}
	src := &tabular.Source{Labels: labels}
	src.Open = func(context.Context, func(int64)) (tabular.Reader, error) {
		return &again{batches: batches, left: 200, first: 1}, nil
	}
	cells := 0
	for b.Loop() {
		r, err := Table(b.Context(), src, tabular.Correction{}, workers)
		if err != nil {
			b.Fatal(err)
		}
		cells += int(r.Rows) * len(labels)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(cells), "ns/cell")
}

func BenchmarkTableOneWorker(b *testing.B)  { benchmarkTable(b, 1) }
func BenchmarkTableTwoWorkers(b *testing.B) { benchmarkTable(b, 2) }

// BenchmarkColumn judges one column at a time, without a reader.
func BenchmarkColumn(b *testing.B) {
	labels, rows := obras(tabular.BatchRows)
	m := &memory{cols: len(labels), rows: rows}
	batch := &tabular.Batch{}
	if err := m.Next(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	for i, name := range labels {
		b.Run(name, func(b *testing.B) {
			c := &column{keep: 20, words: distinct{most: mostDistinct}}
			if name == "lat" || name == "lon" {
				c.geo = &coordinates{}
			}
			var l lexer
			for b.Loop() {
				c.judge(&l, batch, i, 0, batch.Rows())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Rows()), "ns/cell")
		})
	}
}
