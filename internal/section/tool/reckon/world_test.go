package reckon_test

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/child/childtest"
	"plaza/internal/plaza"
	"plaza/internal/section/tool/reckon"
	"plaza/internal/section/tool/spec"
)

// world is some files that the real worker opened.
type world struct {
	*testing.T
	*reckon.Reckoner
	tables map[string]child.Table // by resource
	open   int
}

// workers are those of all tests: starting one takes longer than most of what it is asked.
var workers *child.Workers

// kept is the folder of all tables, converted those of each text.
var (
	kept      string
	converted = map[string]child.Table{}
)

func TestMain(m *testing.M) {
	command, err := childtest.Built()
	if err != nil {
		panic(err)
	}
	workers = child.New(child.Config{Command: command, Log: slog.New(slog.DiscardHandler)})
	if kept, err = os.MkdirTemp("", "reckon"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(kept)
	if err := workers.Close(context.Background()); err != nil {
		code = 1
	}
	os.Exit(code)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, tables: map[string]child.Table{}}
	t.Cleanup(func() {
		if w.open != 0 {
			t.Errorf("%d files are open still", w.open)
		}
	})
	w.Reckoner = &reckon.Reckoner{Opener: w, Engine: workers}
	return w
}

// file makes a resource of a text.
func (w *world) file(resource, name, body string) {
	w.Helper()
	table, ok := converted[body]
	if !ok {
		in := filepath.Join(w.TempDir(), name)
		if err := os.WriteFile(in, []byte(body), 0o600); err != nil {
			w.Fatal(err)
		}
		dir, err := os.MkdirTemp(kept, "")
		if err != nil {
			w.Fatal(err)
		}
		p, err := workers.Convert(w.Context(), child.Conversion{Input: in, Name: name, Dir: dir}, func(child.Step) {})
		if err != nil || len(p.Tables) != 1 {
			w.Fatalf("%s: %v, %d tables", name, err, len(p.Tables))
		}
		table = child.Table{Parquet: filepath.Join(dir, p.Tables[0].Parquet.SHA256), Profile: p.Tables[0]}
		converted[body] = table
	}
	w.tables[resource] = table
}

// Open implements reckon.Opener.
func (w *world) Open(_ context.Context, resource string, version int) (reckon.Opened, error) {
	table, ok := w.tables[resource]
	if !ok {
		return nil, plaza.E(plaza.NotFound, "explore.error.no_version")
	}
	w.open++
	return &opened{w, table, version}, nil
}

type opened struct {
	w       *world
	table   child.Table
	version int
}

func (o *opened) Stamp() reckon.Stamp {
	return reckon.Stamp{Title: "Tabla", Version: max(o.version, 1), Newest: 3}
}
func (o *opened) Close() { o.w.open-- }
func (o *opened) Table(_ context.Context, i int) (child.Table, error) {
	if i != 0 {
		return child.Table{}, plaza.E(plaza.NotFound, "explore.error.no_table")
	}
	return o.table, nil
}

const (
	mainID  = "22222222-2222-7222-8222-222222222222"
	otherID = "33333333-3333-7333-8333-333333333333"
	shapeID = "44444444-4444-7444-8444-444444444444"
)

// doc is a document of one view of the source "datos".
func doc(v spec.View) spec.Spec {
	v.Name, v.Source = "vista", "datos"
	return spec.Spec{Schema: spec.Schema, Title: "Prueba", Language: "es", Sources: []spec.Source{{Name: "datos", Resource: mainID}}, Views: []spec.View{v}}
}

func by(field string) spec.Channel { return spec.Channel{Field: field} }

func of(f tabular.Func, field string) spec.Channel {
	return spec.Channel{Aggregate: string(f), Field: field}
}

var count = spec.Channel{Aggregate: "count"}

// view computes the only view of a document.
func (w *world) view(s spec.Spec, reader string) reckon.Result {
	w.Helper()
	values, err := url.ParseQuery(reader)
	if err != nil {
		w.Fatal(err)
	}
	r, err := w.View(w.Context(), s, "vista", values)
	if err != nil {
		w.Fatalf("%v\n%s", err, s.JSON())
	}
	return r
}

// texts are the rows of a result, "·" for no value.
func texts(r reckon.Result) [][]string {
	out := [][]string{}
	for _, row := range r.Rows {
		var line []string
		for _, c := range row {
			switch {
			case c == reckon.Other:
				line = append(line, "otros")
			case c.Null:
				line = append(line, "·")
			default:
				line = append(line, c.Text)
			}
		}
		out = append(out, line)
	}
	return out
}

// refused is the field and the key of what is wrong with a document.
func (w *world) refused(s spec.Spec) (field, key string) {
	w.Helper()
	_, err := w.View(w.Context(), s, "vista", nil)
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Kind != plaza.Invalid || len(e.Fields) == 0 {
		w.Fatalf("%v", err)
	}
	return e.Fields[0].Field, e.Fields[0].Key
}
