//go:build shared

package engine_test

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// shared is a path below the shared data.
func shared(name string) string { return filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), name) }

// read converts a file of the shared data by the engine, as the worker does.
func read(t *testing.T, e child.Engine, path string) (tabular.Profile, string) {
	t.Helper()
	dir := t.TempDir()
	p, err := e.Convert(t.Context(), child.Conversion{Input: path, Name: filepath.Base(path), Dir: dir}, func(child.Step) {})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return p, dir
}

// zipped puts files of the shared data into an archive, as shapefiles travel.
func zipped(t *testing.T, names ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(names[0]), filepath.Ext(names[0]))+".zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, name := range names {
		in, err := os.Open(shared(name))
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create(filepath.Base(name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, in); err != nil {
			t.Fatal(err)
		}
		_ = in.Close()
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
func TestSharedProbe(t *testing.T) {
	e := newEngine(t)
	var files []string
	for _, g := range []string{"csv/*", "csv/*/*", "geo/*", "catalogos/*/*.xlsx", "catalogos/*.xlsx","portal/*.xlsx","portal/*.csv"} {
		m, _ := filepath.Glob(shared(g))
		files = append(files, m...)
	}
	for _, f := range files {
		if i, _ := os.Stat(f); i.IsDir() { continue }
		rel, _ := filepath.Rel(shared(""), f)
		switch filepath.Ext(f) {
		case ".dbf", ".shx", ".prj": continue
		case ".shp":
			parts := []string{}
			m, _ := filepath.Glob(strings.TrimSuffix(f, ".shp")+".*")
			for _, p := range m { if r, _ := filepath.Rel(shared(""), p); !strings.HasSuffix(r, ".json") { parts = append(parts, r) } }
			f = zipped(t, parts...)
		}
		dir := t.TempDir()
		p, err := e.Convert(t.Context(), child.Conversion{Input: f, Name: filepath.Base(f), Dir: dir}, func(child.Step) {})
		if err != nil { fmt.Printf("%s\n   ERROR %v\n", rel, err); continue }
		fmt.Printf("%s  [%s] skipped=%v problems=%v\n", rel, p.Format, p.Skipped, p.Problems)
		for _, tb := range p.Tables {
			var cols, probs []string
			for _, c := range tb.Columns { cols = append(cols, fmt.Sprintf("%s:%s/%s%v", c.Name, c.Type, c.Meaning, c.Doubts)) }
			for _, c := range tb.Problems { probs = append(probs, fmt.Sprintf("%s:%s:%d", c.Code, c.Column, c.Count)) }
			if len(cols) > 45 { cols = cols[:45] }
			fmt.Printf("  {%q, %q, %q, %q, %q, %d, %d, %d} proj=%q place=%v%v years=%v key=%v path=%q pre=%d foot=%d\n      %s\n      P %s\n", rel, tb.Name, tb.Format, tb.Encoding, tb.Delimiter, tb.HeaderLine, tb.Rows, len(tb.Columns), tb.Projection, tb.Place.Kind, tb.Place.Columns, tb.Years, tb.Key, tb.Path, len(tb.Preamble), len(tb.Footer), strings.Join(cols, " "), strings.Join(probs, " "))
		}
		os.RemoveAll(dir)
	}
}
