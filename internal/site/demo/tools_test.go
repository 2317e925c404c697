package demo_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"plaza/internal/base/i18n"
	"plaza/internal/base/plot"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/drawing"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/sentence"
	"plaza/internal/section/tool/spec"
	"plaza/internal/section/tool/wording"
	"plaza/internal/site/demo"
)

// archive opens the demonstration's files as they were on a day of its story.
type archive struct {
	*testing.T
	workers *child.Workers
	tables  map[string]child.Table // by file and version
	files   map[string]string      // by resource
	days    int                    // before the end
}

// storyEnd is when the story of these tests ends.
var storyEnd = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

// corrected is what institutions say of columns in the story before tools are made of them.
var corrected = map[string]tabular.Correction{
	"cre/precio_promedio_entidad_diario_2022.csv": {Columns: map[string]tabular.ColumnCorrection{"precio_promedio": {Name: "precio_por_litro", Type: tabular.Money, Unit: "MXN"}}},
}

// resource is an id for a file.
func (a *archive) resource(file string) (string, error) {
	if _, ok := sources(a.T).Files[file]; !ok {
		return "", fmt.Errorf("there is no file %s", file)
	}
	id := plaza.DerivedID("0196fd2a-8c00-7000-8000-000000000000", "file", file)
	a.files[id] = file
	return id, nil
}

// Open implements reckon.Opener.
func (a *archive) Open(ctx context.Context, resource string, version int) (reckon.Opened, error) {
	file := a.files[resource]
	days := a.days
	if version > 0 {
		days = 200
		if version > 1 {
			days = sources(a.T).Files[file].Later[version-2].Days
		}
	}
	now := storyEnd.AddDate(0, 0, -days)
	key := fmt.Sprint(file, sources(a.T).Files[file].At(now, storyEnd).SHA256)
	if _, known := a.tables[key]; !known {
		a.tables[key] = a.convert(ctx, file, now)
	}
	return opened{a.tables[key]}, nil
}

func (a *archive) convert(ctx context.Context, file string, now time.Time) child.Table {
	a.Helper()
	w := httptest.NewRecorder()
	demo.HandlerAt(base, func() (time.Time, time.Time) { return now, storyEnd }).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/demo/archivos/"+file, nil))
	dir := a.TempDir()
	in := filepath.Join(dir, path.Base(file))
	if err := os.WriteFile(in, w.Body.Bytes(), 0o600); err != nil {
		a.Fatal(err)
	}
	c := child.Conversion{Input: in, Name: path.Base(file), Dir: filepath.Join(dir, "tables")}
	if fix, ok := corrected[file]; ok {
		c.Corrections = []tabular.Correction{fix}
	}
	if err := os.Mkdir(c.Dir, 0o700); err != nil {
		a.Fatal(err)
	}
	p, err := a.workers.Convert(ctx, c, func(child.Step) {})
	if err != nil || len(p.Tables) == 0 {
		a.Fatalf("%s: %v", file, err)
	}
	return child.Table{Parquet: filepath.Join(c.Dir, p.Tables[0].Parquet.SHA256), Profile: p.Tables[0]}
}

type opened struct{ table child.Table }

func (o opened) Stamp() reckon.Stamp { return reckon.Stamp{Title: "Tabla", Version: 1, Newest: 1} }
func (o opened) Close()              {}
func (o opened) Table(context.Context, int) (child.Table, error) {
	return o.table, nil
}

// TestEveryToolOfTheDemonstrationFitsItsTablesAndIsDrawn looks at each view as on the day on
// which it is published.
func TestEveryToolOfTheDemonstrationFitsItsTablesAndIsDrawn(t *testing.T) {
	workers := child.New(child.Config{Command: childtest.Command(t), Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := workers.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	bundle, err := i18n.New(drawing.Locale, wording.Locale, sentence.Locale)
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{T: t, workers: workers, tables: map[string]child.Table{}, files: map[string]string{}}
	k := &reckon.Reckoner{Opener: a, Engine: workers}
	for _, one := range demo.Tools {
		a.days = one.Days
		s, err := one.Spec(a.resource)
		if err != nil {
			t.Errorf("%s: %v", one.Name, err)
			continue
		}
		if err := k.Check(t.Context(), s); err != nil {
			t.Errorf("%s: %+v", one.Name, err)
			continue
		}
		for _, v := range s.Views {
			r, err := k.View(t.Context(), s, v.Name, nil)
			if err != nil {
				t.Errorf("%s, %s: %+v", one.Name, v.Name, err)
				continue
			}
			shown(t, one.Name, bundle.Printer(s.Language), v, r)
		}
	}
}

// shown fails unless a view shows something, and all that its author wrote into it.
func shown(t *testing.T, name string, l *i18n.Printer, v spec.View, r reckon.Result) {
	t.Helper()
	if v.Mark == spec.Text {
		return
	}
	if len(r.Rows) == 0 {
		t.Errorf("%s, %s: nothing is shown", name, v.Name)
	}
	if len(r.Wrong) > 0 {
		t.Errorf("%s, %s: %+v", name, v.Name, r.Wrong)
	}
	said := sentence.Say(l, v, r)
	t.Logf("%s, %s: %d rows; %s", name, v.Name, len(r.Rows), said)
	if !drawing.Drawn(v) {
		return
	}
	c := drawing.Chart(drawing.Asked{L: l, View: v, Result: r, Width: 720})
	if len(c.Notes) != len(v.Marks) || len(c.Rules) != len(v.Rules) {
		t.Errorf("%s, %s: %d annotations and %d lines of %d and %d have a place", name, v.Name, len(c.Notes), len(c.Rules), len(v.Marks), len(v.Rules))
	}
	plot.Draw(c)
}
