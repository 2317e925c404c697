package delimited_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/delimited"
)

// big is a clean file of about 200 MB: 15 columns, a few of them quoted.
func big(b *testing.B, latin bool) tabular.File {
	b.Helper()
	path := filepath.Join(b.TempDir(), "grande.csv")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	var w io.Writer = out
	if latin {
		w = charmap.ISO8859_1.NewEncoder().Writer(out)
	}
	var block []byte
	block = append(block, "id,clave,municipio,fecha,producto,importe,sector,proveedor,lat,lon,cantidad,estatus,folio,unidad,nota\n"...)
	for i := 0; i < 1_500_000; i++ {
		block = fmt.Appendf(block, "%d,%05d,Jesús María %d,2023-%02d-%02d,regular,%d.%02d,Administración,\"Servicios, S.A. de C.V. %d\",19.%06d,-99.%06d,%d,activo,FOL-%d,Kilogramos,\"sin nota\"\n",
			i, i%33000, i%500, i%12+1, i%28+1, i%90000, i%100, i%7000, i%1000000, i%999983, i%37, i)
		if len(block) > 1<<20 || i == 1_499_999 {
			if _, err := w.Write(block); err != nil {
				b.Fatal(err)
			}
			block = block[:0]
		}
	}
	return tabular.File{Path: path}
}

func benchmark(b *testing.B, latin bool) {
	f := big(b, latin)
	src := opened(b, f)
	b.Run("Open", func(b *testing.B) {
		b.SetBytes(src.Bytes)
		for b.Loop() {
			if _, err := delimited.Open(b.Context(), f); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, name := range []string{"Next, first", "Next, again"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(src.Bytes)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				if name == "Next, first" {
					src = opened(b, f)
				}
				b.StartTimer()
				readAll(b, src)
			}
		})
	}
}

func readAll(b *testing.B, src *tabular.Source) {
	r, err := src.Open(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var batch tabular.Batch
	for {
		if err := r.Next(b.Context(), &batch); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClean(b *testing.B) { benchmark(b, false) }

func BenchmarkLatin1(b *testing.B) { benchmark(b, true) }
