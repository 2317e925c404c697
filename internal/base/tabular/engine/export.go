package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/form"
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
		return query.All(t.Profile, t.Hidden, x.Query, from, out.left(), true)
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

// columnsOf are the columns that a statement shows, in its order: the table's, or what
// groups have.
func columnsOf(t child.Table, q tabular.Query, s query.SQL) []tabular.Column {
	out := make([]tabular.Column, len(s.Shown))
	if query.Grouped(q) {
		for i, name := range query.Heads(q, s.Columns) {
			out[i] = tabular.Column{Name: name, Type: s.Columns[i].Type}
		}
		return out
	}
	for i, at := range s.Shown {
		out[i] = tabular.Column{Name: s.Columns[at].Name, Type: s.Columns[at].Type}
		if c := t.Profile.Column(s.Columns[at].Name); c != nil {
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
	s, err := query.All(t.Profile, t.Hidden, x.Query, from, x.Most, false)
	if err != nil {
		return err
	}
	if query.Grouped(x.Query) {
		s.Text = named(s.Text, query.Heads(x.Query, s.Columns))
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

// named gives the columns of a statement their names.
func named(statement string, names []string) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = quoted(n)
	}
	return "SELECT * FROM (" + statement + ") AS groups(" + strings.Join(list, ", ") + ")"
}
