//go:build shared

package explore_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/section/explore"
)

// The snapshots of one resource, day after day: what changed between them.
func TestSharedSnapshotsDriftAsTheyDid(t *testing.T) {
	w := child.New(child.Config{Command: childtest.Command(t)})
	t.Cleanup(func() {
		if err := w.Close(t.Context()); err != nil {
			t.Log(err)
		}
	})
	var last *tabular.Profile
	reports := map[string]explore.Drift{}
	for _, day := range []string{"0413", "0420", "0427", "0513", "0520"} {
		file := filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), "csv/covid19/datos_abiertos_2020"+day+".zip")
		p, err := w.Convert(t.Context(), child.Conversion{Input: file, Name: filepath.Base(file), Dir: t.TempDir()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if last != nil {
			reports[day] = explore.DriftOf(*last, p)
			t.Logf("until %s: %+v", day, reports[day])
		}
		last = &p
	}
	first := reports["0420"]
	if len(first.Tables) != 1 || !slices.Equal(first.Tables[0].Added, []string{"ID_REGISTRO"}) || len(first.Tables[0].Renamed) != 2 || len(first.Tables[0].Removed) != 0 {
		t.Errorf("from 34 to 35 columns: %+v", first)
	}
	for _, day := range []string{"0427", "0513", "0520"} {
		for _, table := range reports[day].Tables {
			if len(table.Added)+len(table.Removed)+len(table.Renamed) > 0 {
				t.Errorf("until %s: %+v", day, table)
			}
		}
	}
}
