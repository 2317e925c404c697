//go:build shared

package infer

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"plaza/internal/base/tabular"
)

// real reads a file of the shared data as text.
func real(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), "csv", name))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case strings.HasSuffix(name, ".gz"):
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		b, err = io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
	case strings.HasSuffix(name, ".zip"):
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := z.File[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		b, _ = io.ReadAll(r)
	}
	if !utf8.Valid(b) {
		b, _ = charmap.Windows1252.NewDecoder().Bytes(b)
	}
	return strings.TrimPrefix(string(b), "\uFEFF")
}

func TestSharedPrint(t *testing.T) {
	for _, name := range strings.Fields(os.Getenv("FILES")) {
		comma := ','
		if strings.Contains(name, "puntoycoma") {
			comma = ';'
		}
		r, err := Table(context.Background(), parsed(real(t, name), comma), tabular.Correction{}, 2)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("== %s rows %d key %v place %v", name, r.Rows, r.Key, r.Place)
		for _, c := range r.Columns {
			t.Logf("  %-30s %s %q %s %s odd %d nulls %v %v", c.Name, c.Type, c.Format, c.Meaning, c.Unit, c.Odd, c.Nulls, c.Doubts)
		}
		for _, p := range r.Problems {
			t.Logf("  problem %s %s %d %v", p.Code, p.Column, p.Count, p.Samples[:min(len(p.Samples), 2)])
		}
	}
}
