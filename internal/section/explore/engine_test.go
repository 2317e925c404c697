package explore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
)

// engine is a child.Engine over small files of commas: its "Parquet" is the rows as text.
type engine struct {
	mu       sync.Mutex
	fail     string // the step at which it fails, with err
	err      error
	stopped  chan struct{} // closed once a conversion stands at the step "read"; nil: none stands
	revised  string        // what a better converter adds to its tables
	converts int
	natives  int
	last     child.Conversion
	lie      bool   // about what it read
	during   func() // what happens meanwhile, once
}

func (e *engine) Convert(ctx context.Context, c child.Conversion, step func(child.Step)) (p tabular.Profile, err error) {
	e.mu.Lock()
	e.converts++
	e.last = c
	stopped := e.stopped
	e.mu.Unlock()
	raw, err := os.ReadFile(c.Input)
	if err != nil {
		return p, err
	}
	sum := sha256.Sum256(raw)
	p = tabular.Profile{Format: "csv", Bytes: int64(len(raw)), SHA256: hex.EncodeToString(sum[:])}
	for _, name := range []string{"detect", "read", "write", "describe"} {
		step(child.Step{Name: name, Done: 1, Total: p.Bytes, Rows: 1})
		if name == "read" && stopped != nil {
			close(stopped)
			<-ctx.Done()
			return p, ctx.Err()
		}
		if e.fail == name {
			return p, e.err
		}
	}
	if meanwhile := e.during; meanwhile != nil {
		e.during = nil
		meanwhile()
	}
	if e.lie {
		p.SHA256 = strings.Repeat("0", 64)
	}
	switch {
	case bytes.HasPrefix(raw, []byte("<html")):
		p.Format = "html"
		return p, nil
	case bytes.HasPrefix(raw, []byte("BROKEN")) && e.revised == "":
		return p, &tabular.Fault{Code: "quote", Line: 3, Column: "precio", Byte: 17, Args: []any{"found", 2}}
	}
	t, err := e.table(c, raw)
	p.Tables = []tabular.Table{t}
	return p, err
}

func (e *engine) table(c child.Conversion, raw []byte) (tabular.Table, error) {
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		return tabular.Table{}, err
	}
	t := tabular.Table{Format: "csv", Rows: int64(len(rows) - 1)}
	fix := tabular.Correction{}
	for _, one := range c.Corrections {
		fix = one
	}
	for j, name := range rows[0] {
		col := tabular.Column{Name: name, Type: tabular.Text}
		if f, ok := fix.Columns[name]; ok && f.Name != "" {
			col.Name, col.Label, col.Corrected = f.Name, name, true
		}
		if name == "dudosa" {
			col.Doubts = []string{"tabular.doubt.zeros"}
		}
		if name == "curp" {
			col.Meaning = tabular.CURP
			t.Problems = append(t.Problems, tabular.Problem{Code: "p01", Column: col.Name, Count: t.Rows, Samples: []tabular.Sample{{Row: 1, Text: "no debe verse"}}})
		}
		for _, row := range rows[1:] {
			col.Stats.Count++
			col.Stats.Top = append(col.Stats.Top, tabular.ValueCount{Value: row[j], Count: 1})
		}
		t.Columns = append(t.Columns, col)
	}
	out := string(raw[bytes.IndexByte(raw, '\n')+1:]) + e.revised
	for _, col := range t.Columns {
		out += "#" + col.Name + "\n"
	}
	sum := sha256.Sum256([]byte(out))
	t.Parquet = tabular.Stored{SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(out))}
	return t, os.WriteFile(filepath.Join(c.Dir, t.Parquet.SHA256), []byte(out), 0o600)
}

func (e *engine) Native(_ context.Context, t child.Table, path string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.natives++
	raw, err := os.ReadFile(t.Parquet)
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

func (e *engine) Compare(_ context.Context, before, after child.Table) (d child.Difference, err error) {
	count := map[string]int{}
	for i, t := range []child.Table{before, after} {
		raw, err := os.ReadFile(t.Parquet)
		if err != nil {
			return d, err
		}
		for _, line := range strings.Fields(string(raw)) {
			if !strings.HasPrefix(line, "#") {
				count[strings.Split(line, ",")[0]] += 2*i - 1
			}
		}
	}
	for _, n := range count {
		d.Added += int64(max(n, 0))
		d.Removed += int64(max(-n, 0))
	}
	return d, nil
}

// Page gives all rows of the columns asked for.
func (*engine) Page(_ context.Context, t child.Table, q tabular.Query) (p tabular.Page, err error) {
	raw, err := os.ReadFile(t.Parquet)
	if err != nil {
		return p, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.Split(string(raw), "#")[0])).ReadAll()
	for _, row := range rows {
		var cells []tabular.Cell
		for _, name := range q.Columns {
			for j, c := range t.Profile.Columns {
				if c.Name == name {
					cells = append(cells, tabular.Cell{Text: row[j]})
				}
			}
		}
		p.Rows = append(p.Rows, cells)
	}
	return p, err
}

func (*engine) Row(context.Context, child.Table, int64) (tabular.Page, error) {
	return tabular.Page{}, fmt.Errorf("not asked here")
}

func (*engine) Count(context.Context, child.Table, tabular.Query) (int64, error) {
	return 0, fmt.Errorf("not asked here")
}

func (*engine) Groups(context.Context, child.Table, tabular.Query) (tabular.Groups, error) {
	return tabular.Groups{}, fmt.Errorf("not asked here")
}

func (*engine) Export(context.Context, child.Table, child.Export, io.Writer) error {
	return fmt.Errorf("not asked here")
}
