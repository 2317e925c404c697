package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/geo"
	"plaza/internal/base/tabular/query"
	"plaza/internal/plaza"
)

// Page reads rows; see child.Engine.
func (e *Engine) Page(ctx context.Context, t child.Table, q tabular.Query) (tabular.Page, error) {
	var page tabular.Page
	// unsorted, the first rows of the place end the reading, wherever they lie
	err := e.ask(ctx, t, len(q.Sort) > 0 && query.OfPlace(t.Profile, q), func(from string) (query.SQL, error) { return query.Rows(t.Profile, t.Hidden, q, from) },
		func(s query.SQL, rows [][]tabular.Cell) { page = query.Page(q, s, rows) })
	if err == nil && q.Counted && q.Key == nil && page.Count == nil {
		var n int64
		n, err = e.Count(ctx, t, q)
		page.Count = &n
	}
	return page, err
}

// Row reads one row by its number; see child.Engine.
func (e *Engine) Row(ctx context.Context, t child.Table, number int64) (tabular.Page, error) {
	var page tabular.Page
	err := e.ask(ctx, t, false, func(from string) (query.SQL, error) { return query.One(t.Profile, t.Hidden, number, from) },
		func(s query.SQL, rows [][]tabular.Cell) { page = query.Page(tabular.Query{}, s, rows) })
	if err == nil && len(page.Rows) == 0 {
		return page, plaza.E(plaza.NotFound, "tabular.error.no_row")
	}
	return page, err
}

// Count counts the rows that a query leaves; see child.Engine.
func (e *Engine) Count(ctx context.Context, t child.Table, q tabular.Query) (int64, error) {
	if q.Search == "" && len(q.Where) == 0 {
		return t.Profile.Rows, nil
	}
	var n int64
	err := e.ask(ctx, t, query.OfPlace(t.Profile, q), func(from string) (query.SQL, error) { return query.Count(t.Profile, t.Hidden, q, from) },
		func(_ query.SQL, rows [][]tabular.Cell) {
			if len(rows) == 1 {
				_, _ = fmt.Sscan(rows[0][0].Text, &n) // the engine's own integer
			}
		})
	return n, err
}

// Groups reads groups; see child.Engine.
func (e *Engine) Groups(ctx context.Context, t child.Table, q tabular.Query) (tabular.Groups, error) {
	var groups tabular.Groups
	err := e.ask(ctx, t, query.OfPlace(t.Profile, q), func(from string) (query.SQL, error) { return query.Groups(t.Profile, t.Hidden, q, from) },
		func(s query.SQL, rows [][]tabular.Cell) { groups = query.GroupsOf(s, rows) })
	return groups, err
}

// ask compiles a question, runs it and hands its rows over whole.
func (e *Engine) ask(ctx context.Context, t child.Table, ofPlace bool, compile func(from string) (query.SQL, error), take func(query.SQL, [][]tabular.Cell)) error {
	var rows [][]tabular.Cell
	var s query.SQL
	err := e.run(ctx, t, ofPlace, compile, func(made query.SQL, row []tabular.Cell) error {
		s = made
		rows = append(rows, row)
		return nil
	}, func(made query.SQL) error { s = made; return nil })
	if err != nil {
		return err
	}
	take(s, rows)
	return nil
}

// run compiles a question and calls each for its rows, one by one; ofPlace has them read
// where rows of a place lie together. What cannot be read of the table's native file, which
// is a cache, is read of its Parquet.
func (e *Engine) run(ctx context.Context, t child.Table, ofPlace bool, compile func(from string) (query.SQL, error),
	each func(query.SQL, []tabular.Cell) error, begin func(query.SQL) error) error {
	given := false
	err := e.runOn(ctx, t, ofPlace, compile, func(s query.SQL, row []tabular.Cell) error {
		given = true
		return each(s, row)
	}, begin)
	if _, engines := errors.AsType[*duckdb.Error](err); t.Native == "" || given || !engines {
		return err
	}
	slog.WarnContext(ctx, "a native table could not be read", "path", t.Native, "error", err)
	t.Native = ""
	return e.runOn(ctx, t, ofPlace, compile, each, begin)
}

func (e *Engine) runOn(ctx context.Context, t child.Table, ofPlace bool, compile func(from string) (query.SQL, error),
	each func(query.SQL, []tabular.Cell) error, begin func(query.SQL) error) error {
	a, err := e.of(ctx, t)
	if err != nil {
		return err
	}
	from, release, err := a.from(ctx, t, ofPlace)
	if err != nil {
		return err
	}
	defer release()
	s, err := compile(from)
	if err != nil {
		return err
	}
	if err := begin(s); err != nil {
		return err
	}
	conn, err := a.db.Conn(ctx)
	if err != nil {
		return failed(ctx, err)
	}
	defer conn.Close()
	// The statement that was looked at is the one that is run: planning it again through
	// database/sql would take longer than many an answer.
	if err := conn.Raw(func(d any) error { return answer(ctx, d.(*duckdb.Conn), s, each) }); err != nil {
		return failed(ctx, err)
	}
	return nil
}

// answer refuses every statement but a SELECT, whoever compiled it, and runs it.
func answer(ctx context.Context, conn *duckdb.Conn, s query.SQL, each func(query.SQL, []tabular.Cell) error) error {
	if !single(s.Text) { // of several, preparing runs all but the last
		return errRefused
	}
	prepared, err := conn.PrepareContext(ctx, s.Text)
	if err != nil {
		return err
	}
	statement := prepared.(*duckdb.Stmt)
	defer statement.Close()
	kind, err := statement.StatementType()
	if err != nil {
		return err
	}
	if kind != duckdb.STATEMENT_TYPE_SELECT {
		return errRefused
	}
	args := make([]driver.NamedValue, len(s.Args))
	for i, v := range s.Args {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	found, err := statement.QueryContext(ctx, args)
	if err != nil {
		return err
	}
	defer found.Close()
	return scan(ctx, found, s, each)
}

var errRefused = errors.New("engine: only questions are run")

// single reports whether a text is one statement: nothing outside quotes ends one or
// begins a comment, in which quotes would be none.
func single(statement string) bool {
	quote := byte(0)
	for i := range len(statement) {
		switch c := statement[i]; {
		case quote != 0:
			if c == quote { // a doubled one opens again
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ';' || strings.HasPrefix(statement[i:], "--") || strings.HasPrefix(statement[i:], "/*"):
			return false
		}
	}
	return true
}

// scan calls each for every row of a result.
func scan(ctx context.Context, found driver.Rows, s query.SQL, each func(query.SQL, []tabular.Cell) error) error {
	values := make([]driver.Value, len(found.Columns()))
	if len(values) != len(s.Columns) {
		return fmt.Errorf("engine: %d columns for %d", len(values), len(s.Columns))
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := found.Next(values); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		row := make([]tabular.Cell, len(values))
		for i, v := range values {
			row[i] = cell(v, s.Columns[i].Type)
		}
		if err := each(s, row); err != nil {
			return err
		}
	}
}

// cell is a value as people read it; geometries are drawn as GeoJSON.
func cell(v any, t tabular.Type) tabular.Cell {
	if wkb, is := v.([]byte); is && t == tabular.Geometry {
		return tabular.Cell{Text: string(geo.JSON(wkb))}
	}
	return query.CellOf(v, t)
}

// failed says why a question was not answered: its own time or reader, memory, or what
// the engine says.
func failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := errors.AsType[*duckdb.Error](err); ok && e.Type == duckdb.ErrorTypeOutOfMemory {
		return &plaza.Error{Kind: plaza.TooMany, Key: "tabular.error.memory", Cause: err}
	}
	if errors.Is(err, driver.ErrBadConn) {
		return &plaza.Error{Kind: plaza.Unavailable, Key: "tabular.error.away", Cause: err}
	}
	return err
}
