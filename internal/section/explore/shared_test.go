//go:build shared

package explore_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/db"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/civic/account"
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

// The ministry's own dictionary, an XLSX, explains the columns of its own table.
func TestTheSharedDictionaryExplainsItsTable(t *testing.T) {
	real := child.New(child.Config{Command: childtest.Command(t)})
	t.Cleanup(func() {
		if err := real.Close(context.Background()); err != nil {
			t.Log(err)
		}
	})
	data := filepath.Join(os.Getenv("PLAZA_SHARED_DATA"), "csv/covid19")
	dictionary, err := os.ReadFile(filepath.Join(data, "Descriptores_0412.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := zip.OpenReader(filepath.Join(data, "datos_abiertos_20200413.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	member, err := snapshot.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer member.Close()
	head, err := io.ReadAll(io.LimitReader(member, 200<<10))
	if err != nil {
		t.Fatal(err)
	}
	worlds(t, func(w *world) {
		const descriptors = "33333333-3333-7333-8333-333333333333"
		w.explore.Engine, w.explore.NativeRows = real, 1<<20
		w.siblings = []string{camas, descriptors}
		w.server.set(string(head[:bytes.LastIndexByte(head, '\n')+1]))
		w.want()
		w.drain()
		w.server.set(string(dictionary))
		w.resource.Describes = true
		w.As(account.Person{}, func(tx *db.Tx) error { return w.explore.Retry(tx, descriptors) })
		w.drain()
		v, err := w.explore.Open(t.Context(), camas, 0)
		if err != nil {
			w.Fatal(err)
		}
		defer v.Close()
		table := &v.Profile.Tables[0]
		var silent []string
		for _, c := range table.Columns {
			if c.Note == "" {
				silent = append(silent, c.Name)
			}
		}
		// The dictionary writes these two HABLA_LENGUA_INDIG and OTRA_COM.
		if diff := cmp.Diff([]string{"HABLA_LENGUA_INDI", "OTRA_CON"}, silent); diff != "" {
			w.Errorf("%d columns, without words: %s", len(table.Columns), diff)
		}
		if note := table.Column("SEXO").Note; note != "Identifica al sexo del paciente." {
			w.Errorf("of SEXO it says %q", note)
		}
	})
}
