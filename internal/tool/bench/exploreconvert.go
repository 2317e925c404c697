package main

import (
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/xuri/excelize/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// convertRounds is how often each file is converted; the best counts.
const convertRounds = 3

// benchConvert compares the way from a file to an explorable page with DuckDB's own copy of
// it to Parquet, with as many threads and as much memory. What DuckDB copies is the
// clean file, also beside the messy one, which it cannot read by itself.
func benchConvert(ctx context.Context, size int64) error {
	clean, err := worksFile(false, 0, size)
	if err != nil {
		return err
	}
	messy, err := worksFile(true, 0, size)
	if err != nil {
		return err
	}
	var own, even, odd []used
	var peaks [2]int64
	for range convertRounds {
		u, err := duckCopies(clean)
		if err != nil {
			return err
		}
		own = append(own, u)
		for i, file := range []string{clean, messy} {
			u, peak, err := opened(ctx, file)
			if err != nil {
				return err
			}
			peaks[i] = max(peaks[i], peak)
			if i == 0 {
				even = append(even, u)
			} else {
				odd = append(odd, u)
			}
		}
	}
	bare := fastest(own)
	fmt.Printf("  from file to page, of %d MB; best of %d\n    %-44s %v\n", size/1_000_000, convertRounds, "DuckDB's copy of the clean one", bare)
	for i, row := range []struct {
		name  string
		list  []used
		bound float64
	}{{"clean: detect, convert, describe", even, cleanBound}, {"messy", odd, messyBound}} {
		best := fastest(row.list)
		ratio := best.wall.Seconds() / bare.wall.Seconds()
		fmt.Printf("    %-44s %v  %.2f× (processor %.2f×; at most %.0f×: %s), %d MB resident (at most %d: %s)\n", row.name, best, ratio,
			best.cpu.Seconds()/bare.cpu.Seconds(), row.bound, verdict(ratio <= row.bound), peaks[i]/1_000_000, convertMemory/1_000_000, verdict(peaks[i] <= convertMemory))
	}
	return nil
}

func fastest(list []used) used {
	return slices.MinFunc(list, func(a, b used) int { return int(a.wall - b.wall) })
}

// opened converts a file as the server does, and says how much memory that took at most.
func opened(ctx context.Context, file string) (u used, peak int64, err error) {
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return u, 0, err
	}
	defer os.RemoveAll(dir)
	w, err := workers()
	if err != nil {
		return u, 0, err
	}
	m := watchMemory(os.Getpid())
	var p tabular.Profile
	u, err = spend(func() (err error) {
		p, err = w.Convert(ctx, child.Conversion{Input: file, Name: filepath.Base(file), Dir: dir}, nil)
		return err
	})
	if err == nil && (len(p.Tables) != 1 || p.Tables[0].Rows == 0) {
		err = fmt.Errorf("%s has %d tables", file, len(p.Tables))
	}
	m.stop()
	all, first := m.most()
	return u, all - first, errors.Join(err, w.Close(ctx))
}

// duckCopies has a process of its own copy a file, for its memory is not ours.
func duckCopies(file string) (u used, err error) {
	self, err := os.Executable()
	if err != nil {
		return u, err
	}
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return u, err
	}
	defer os.RemoveAll(dir)
	c := exec.Command(self, "copy", file, filepath.Join(dir, "t.parquet"))
	c.Stderr = os.Stderr
	return spend(c.Run)
}

// copyAlone is the child process.
func copyAlone(ctx context.Context, from, to string) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	for _, s := range []string{
		"SET threads = " + strconv.Itoa(engineThreads()), "SET memory_limit = '540MB'", "SET preserve_insertion_order = false",
		"SET temp_directory = " + literal(filepath.Dir(to)),
		"COPY (FROM read_csv(" + literal(from) + ")) TO " + literal(to) + " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)",
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// benchReal opens the price table of 3.2 million rows, where it is (PLAZA_SHARED_DATA).
func benchReal(ctx context.Context) error {
	shared := os.Getenv("PLAZA_SHARED_DATA")
	if shared == "" {
		shared = filepath.Join("..", "shared", "data")
	}
	packed := filepath.Join(shared, "csv", "energia", "cre_precios_diarios_2022.csv.gz")
	if _, err := os.Stat(packed); errors.Is(err, os.ErrNotExist) {
		fmt.Println("  the real price table is not here")
		return nil
	}
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plain := filepath.Join(dir, "precios.csv")
	if err := unpackTo(packed, plain); err != nil {
		return err
	}
	for _, f := range []struct{ name, path string }{{"unpacked", plain}, {"as its gzip", packed}} {
		bare, err := duckCopies(f.path)
		if err != nil {
			return err
		}
		ours, peak, err := opened(ctx, f.path)
		if err != nil {
			return err
		}
		ratio := ours.wall.Seconds() / bare.wall.Seconds()
		fmt.Printf("  the real price table %-12s DuckDB's copy %v\n    %-44s %v  %.2f× (processor %.2f×; at most %.0f×: %s), %d MB resident\n", f.name+":", bare, "from file to page", ours,
			ratio, ours.cpu.Seconds()/bare.cpu.Seconds(), cleanBound, verdict(ratio <= cleanBound), peak/1_000_000)
	}
	return nil
}

func unpackTo(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, z)
	return errors.Join(err, out.Close())
}

// benchSheet opens a workbook of n rows.
func benchSheet(ctx context.Context, n int) error {
	dir, err := cached(fmt.Sprintf("explore-v%d", exploreVersion))
	if err != nil {
		return err
	}
	path := filepath.Join(dir, fmt.Sprintf("sheet-%d.xlsx", n))
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := writeSheet(path, n); err != nil {
			return err
		}
	}
	u, peak, err := opened(ctx, path)
	if err != nil {
		return err
	}
	rate := float64(n) / u.wall.Seconds()
	fmt.Printf("  XLSX of %d rows × 10 columns: %v, %.0f rows/s (at least %d: %s), %d MB resident\n", n, u, rate, sheetBound, verdict(rate >= sheetBound), peak/1_000_000)
	return nil
}

func writeSheet(path string, n int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	book := excelize.NewFile()
	w, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(seed, 3))
	row := make([]any, 10)
	for i := range row {
		row[i] = worksHeader[i]
	}
	for i := range n + 1 {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(cell, row); err != nil {
			return err
		}
		row = []any{i, fmt.Sprintf("2020-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)), r.Float64() * 1e6, r.IntN(5000), fmt.Sprintf("%02d", 1+r.IntN(32)),
			worksStates[r.IntN(len(worksStates))], worksSectors[r.IntN(len(worksSectors))], r.IntN(100), fmt.Sprintf("Constructora %d", r.IntN(20000)), r.Float64()}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return book.SaveAs(path)
}

// residentOf is how much memory processes hold together, and the first of them by itself.
func residentOf(pids []int) (all, first int64) {
	for i, pid := range pids {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(raw))
		pages, _ := strconv.ParseInt(fields[1], 10, 64)
		bytes := pages * int64(syscall.Getpagesize())
		all += bytes
		if i == 0 {
			first = bytes
		}
	}
	return all, first
}
