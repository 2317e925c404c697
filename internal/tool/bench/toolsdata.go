package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"plaza/internal/base/tabular/child"
)

// realPrices is the table of daily petrol prices under the folder that PLAZA_SHARED_DATA names.
const realPrices = "csv/energia/cre_precios_diarios_2022.csv.gz"

// pricesTable is a converted table of petrol prices of n rows with its native file, made once:
// the real one where it is at hand and n is what it has, else one of the same columns.
func pricesTable(ctx context.Context, n int) (t child.Table, dir string, err error) {
	if dir, err = cached(fmt.Sprintf("tools-v%d/prices-%d", exploreVersion, n)); err != nil {
		return t, "", err
	}
	about := filepath.Join(dir, "profile.json")
	if raw, err := os.ReadFile(about); err == nil {
		if err := json.Unmarshal(raw, &t.Profile); err != nil {
			return t, "", err
		}
		t.Parquet, t.Native = filepath.Join(dir, t.Profile.Parquet.SHA256), filepath.Join(dir, "native")
		return t, dir, nil
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return t, "", err
	}
	input := filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), realPrices)
	if _, err := os.Stat(input); err != nil || n != benchedPrices {
		input = filepath.Join(dir, "precios.csv")
		if err := writePrices(input, n); err != nil {
			return t, "", err
		}
		defer os.Remove(input)
	}
	return t, dir, convertPrices(ctx, &t, input, dir)
}

func convertPrices(ctx context.Context, t *child.Table, input, dir string) error {
	began := time.Now()
	w, err := workers()
	if err != nil {
		return err
	}
	p, err := w.Convert(ctx, child.Conversion{Input: input, Name: filepath.Base(input), Dir: dir}, nil)
	if err != nil {
		return errors.Join(err, w.Close(ctx))
	}
	t.Profile = p.Tables[0]
	t.Parquet, t.Native = filepath.Join(dir, t.Profile.Parquet.SHA256), filepath.Join(dir, "native")
	if err := errors.Join(w.Native(ctx, child.Table{Parquet: t.Parquet, Profile: t.Profile}, t.Native), w.Close(ctx)); err != nil {
		return err
	}
	fmt.Printf("  %s, %d rows, was converted in %.0f s\n", filepath.Base(input), t.Profile.Rows, time.Since(began).Seconds())
	raw, err := json.Marshal(t.Profile)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "profile.json"), raw, 0o644)
}

// writePrices writes made-up prices of three products at some thousand places, day by day.
func writePrices(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(seed, uint64(exploreVersion)))
	_, err = w.WriteString("fecha,place_id,producto,precio\r\n")
	day := time.Date(2022, 4, 20, 0, 0, 0, 0, time.UTC)
	for i := 0; i < n && err == nil; i++ {
		_, err = fmt.Fprintf(w, "%s,%d,%s,%.2f\r\n", day.AddDate(0, 0, i*96/n).Format(time.DateOnly), 2000+r.IntN(12000), []string{"regular", "premium", "diesel"}[r.IntN(3)], 18+8*r.Float64())
	}
	return errors.Join(err, w.Flush(), f.Close())
}
