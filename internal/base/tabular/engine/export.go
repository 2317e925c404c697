package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/tabular/query"
)

// window is how many rows of the table are read at a time when they leave in its own
// order: a row group, so that no step sorts more than fits.
const window = rowGroup

// Export writes the rows or groups that a query leaves; see child.Engine.
func (e *Engine) Export(ctx context.Context, t child.Table, x child.Export, w io.Writer) error {
	if x.Form == child.Parquet {
		return e.parquet(ctx, t, x, w)
	}
	if x.Form == child.GeoJSON {
		t, x.Query = located(t, x.Query)
	}
	out := &leaving{most: x.Most}
	begin := func(s query.SQL) (err error) {
		if out.Writer != nil {
			return nil
		}
		out.Writer, err = form.New(x.Form, w, x.About, columnsOf(t, x.Query, s), x.BOM)
		return err
	}
	write := func(s query.SQL, row []tabular.Cell) error {
		out.rows++
		return out.Write(s.Cells(row))
	}
	all := func(from string) (query.SQL, error) {
		return everything(t, x, from, out.left(), true)
	}
	if len(x.Query.Sort) > 0 || query.Grouped(x.Query) {
		if err := e.run(ctx, t, query.OfPlace(t.Profile, x.Query), all, write, begin); err != nil && !errors.Is(err, form.ErrFull) {
			return err
		}
		return out.Close()
	}
	for first := int64(0); (first == 0 || first < t.Profile.Rows) && !out.full(); first += window {
		part := func(from string) (query.SQL, error) {
			return all(fmt.Sprintf("(SELECT * FROM %s WHERE %s BETWEEN %d AND %d) AS part", from, quoted(tabular.ColumnRow), first+1, first+window))
		}
		switch err := e.run(ctx, t, false, part, write, begin); {
		case errors.Is(err, form.ErrFull):
			return out.Close()
		case err != nil:
			return err
		}
	}
	return out.Close()
}

// located shows the point of each row as two columns more, of which GeoJSON makes its
// geometry.
func located(t child.Table, q tabular.Query) (child.Table, tabular.Query) {
	place := t.Profile.Place
	if place.Kind == tabular.PlaceGeometry {
		if len(q.Columns) > 0 && !slices.Contains(q.Columns, place.Columns[0]) {
			q.Columns = append(slices.Clone(q.Columns), place.Columns[0])
		}
		return t, q
	}
	if !place.Located() || len(query.Visible(t.Profile, t.Hidden).Place.Columns) == 0 {
		return t, q
	}
	t.Profile.Columns = append(slices.Clone(t.Profile.Columns),
		tabular.Column{Name: tabular.ColumnLat, Type: tabular.Decimal, Meaning: tabular.Latitude},
		tabular.Column{Name: tabular.ColumnLon, Type: tabular.Decimal, Meaning: tabular.Longitude})
	if len(q.Columns) > 0 {
		q.Columns = append(slices.Clone(q.Columns), tabular.ColumnLat, tabular.ColumnLon)
	}
	return t, q
}

// leaving counts what was written, for the most that may be.
type leaving struct {
	form.Writer
	rows, most int64
}

func (l *leaving) full() bool { return l.most > 0 && l.rows >= l.most }

func (l *leaving) left() int64 {
	if l.most == 0 {
		return 0
	}
	return l.most - l.rows
}

// everything compiles what leaves: a table's rows or, as their file has them, groups.
func everything(t child.Table, x child.Export, from string, most int64, odd bool) (query.SQL, error) {
	s, err := query.All(t.Profile, t.Hidden, x.Query, from, most, odd)
	if err != nil || !query.Grouped(x.Query) {
		return s, err
	}
	return filed(t, x.Query, s), nil
}

// filed is a statement of groups with its columns by their heads and, beside codes of
// places, what these are called.
func filed(t child.Table, q tabular.Query, s query.SQL) query.SQL {
	heads := query.Heads(q, s.Columns)
	var inner, list []string
	columns := s.Columns
	s.Columns, s.Shown = nil, nil
	add := func(expr string, c query.Out) {
		list = append(list, expr+" AS "+quoted(c.Name))
		s.Shown = append(s.Shown, len(s.Columns))
		s.Columns = append(s.Columns, c)
	}
	for i, c := range columns {
		at := fmt.Sprintf("g%d", i)
		inner = append(inner, at)
		c.Name = heads[i]
		add(at, c)
		if i < len(q.Group) && query.Coded(t.Profile, q.Group[i]) {
			name := nameHead + c.Name
			for slices.Contains(heads, name) {
				name += "_"
			}
			add(placeName+"("+at+"::VARCHAR)", query.Out{Name: name, Type: tabular.Text})
		}
	}
	s.Text = "SELECT " + strings.Join(list, ", ") + " FROM (" + s.Text + ") AS groups(" + strings.Join(inner, ", ") + ")"
	return s
}

// nameHead is before the head of a column of codes in that of their names, as the function
// is in the heads of measures.
const nameHead = "nombre:"

// columnsOf are the columns that a statement shows, in its order: the table's, or what
// groups have.
func columnsOf(t child.Table, q tabular.Query, s query.SQL) []tabular.Column {
	out := make([]tabular.Column, len(s.Shown))
	for i, at := range s.Shown {
		out[i] = tabular.Column{Name: s.Columns[at].Name, Type: s.Columns[at].Type}
		if c := t.Profile.Column(s.Columns[at].Name); c != nil && !query.Grouped(q) {
			out[i] = *c
		}
	}
	return out
}

// parquet writes rows as Parquet: DuckDB writes a file of its own, which is then sent.
func (e *Engine) parquet(ctx context.Context, t child.Table, x child.Export, w io.Writer) (err error) {
	if e.opts.Scratch == "" {
		return errors.New("engine: no folder to write Parquet in was given")
	}
	t.Native = "" // all of it is read once, which gains nothing from another form
	a, err := e.of(ctx, t)
	if err != nil {
		return err
	}
	from, release, err := a.from(ctx, t, false)
	if err != nil {
		return err
	}
	defer release()
	s, err := everything(t, x, from, x.Most, false)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(e.opts.Scratch, "parquet-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "rows.parquet")
	var about []string
	for key, value := range x.About {
		about = append(about, quoted(key)+": "+literal(value))
	}
	options := "FORMAT parquet, COMPRESSION zstd"
	if len(about) > 0 {
		options += ", KV_METADATA {" + strings.Join(about, ", ") + "}"
	}
	if _, err := a.db.ExecContext(ctx, "COPY ("+s.Text+") TO "+literal(path)+" ("+options+")", s.Args...); err != nil {
		return failed(ctx, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// placeName is the function of statements that says what a code's place is called, NULL
// where there is none.
const placeName = "place_name"

// namer is that function.
type namer struct{ text duckdb.TypeInfo }

// Config implements duckdb.ScalarFunc.
func (n namer) Config() duckdb.ScalarFuncConfig {
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{n.text}, ResultTypeInfo: n.text}
}

// Executor implements duckdb.ScalarFunc.
func (namer) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		if name, ok := place.Name(values[0].(string)); ok {
			return name, nil
		}
		return nil, nil
	}}
}

// teach has a DuckDB know the function.
func teach(ctx context.Context, db *sql.DB) error {
	text, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return duckdb.RegisterScalarUDF(conn, placeName, namer{text})
}
