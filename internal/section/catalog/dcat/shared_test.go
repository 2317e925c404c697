//go:build shared

package dcat_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plaza/internal/section/catalog/dcat"
	"plaza/internal/section/catalog/dcat/wire"
)

// TestShared reads every catalogue under the folder that PLAZA_SHARED_DATA names.
// It runs only with the build tag "shared" (make test-shared): the data may not be
// shipped. Every document has to be read without a panic, and has to give records
// unless it is one of those that hold none.
func TestShared(t *testing.T) {
	root := os.Getenv("PLAZA_SHARED_DATA")
	if root == "" {
		t.Fatal("PLAZA_SHARED_DATA names no folder")
	}
	read := 0
	err := filepath.WalkDir(filepath.Join(root, "catalogos"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.Contains(path, "esquemas") && !strings.Contains(path, "ejemplo") {
			return err
		}
		if strings.HasSuffix(path, ".json") {
			read++
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			t.Run(filepath.ToSlash(name), func(t *testing.T) { readShared(t, path) })
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read == 0 {
		t.Fatalf("no catalogue under %s", root)
	}
}

func readShared(t *testing.T, path string) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	kind := dcat.DataJSON
	if strings.Contains(path, "ckan") {
		kind = dcat.CKAN
	}
	codes := make(map[string]int)
	summary, err := dcat.Read(kind, f, dcat.Options{Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}, func(item dcat.Item) error {
		for _, p := range item.Problems {
			codes[p.Code]++
		}
		if item.Record != nil && (item.Record.Title == "" || item.Record.SourceKey == "") {
			t.Errorf("record %d has no title or key", item.Index)
		}
		return nil
	})
	var format *wire.FormatError
	switch base := filepath.Base(path); {
	case base == "missing_catalog_dataset.json":
		if !errors.As(err, &format) || format.Code != wire.FormatNot {
			t.Errorf("error = %v, want %s", err, wire.FormatNot)
		}
	case err != nil:
		t.Error(err)
	case summary.Count == 0 && base != "invalid_catalog_empty.json":
		t.Error("no records")
	}
	for _, p := range summary.Problems {
		codes[p.Code]++
	}
	t.Logf("%d records, %d unusable, problems %v", summary.Count, summary.Unusable, codes)
}
