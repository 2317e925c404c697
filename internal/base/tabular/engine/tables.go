package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
)

// mostAttached is how many native files stay attached: each costs some hundred
// kilobytes of metadata, and attaching one again some milliseconds.
const mostAttached = 64

// held is a native file that is attached.
type held struct {
	alias  string
	placed bool  // the table is there by place too
	uses   int   // questions that read it
	last   int64 // turn at which it was last asked for
}

// tables is the DuckDB that answers questions about the tables of one folder, which is
// all that it can reach.
type tables struct {
	db *sql.DB

	mu       sync.Mutex
	attached map[string]*held // native files by path
	turn     int64            // counts questions, so that the oldest file is known
}

// of gives what answers about a table.
func (e *Engine) of(ctx context.Context, t child.Table) (*tables, error) {
	folder := filepath.Dir(t.Parquet)
	e.mu.Lock()
	defer e.mu.Unlock()
	if open := e.asking[folder]; open != nil {
		return open, nil
	}
	folders := []string{folder}
	if e.opts.Scratch != "" {
		folders = append(folders, e.opts.Scratch)
	}
	db, err := e.open(ctx, e.opts.Scratch, folders...)
	if err != nil {
		return nil, err
	}
	if err := teach(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("teaching DuckDB the names of places: %w", err), db.Close())
	}
	e.asking[folder] = &tables{db: db, attached: map[string]*held{}}
	return e.asking[folder], nil
}

// from gives what stands for a table after FROM, and what lets go of it. ofPlace asks for the
// order in which rows of a place lie together, where there is one.
func (a *tables) from(ctx context.Context, t child.Table, ofPlace bool) (from string, release func(), err error) {
	if t.Native != "" {
		if from, release, err = a.attach(ctx, t.Native, ofPlace); err == nil {
			return from, release, nil
		}
		// A native file is a cache bound to a version of DuckDB; the Parquet is the table.
		if ctx.Err() != nil {
			return "", nil, ctx.Err()
		}
	}
	return "read_parquet(" + literal(t.Parquet) + ")", func() {}, nil
}

func (a *tables) attach(ctx context.Context, path string, ofPlace bool) (string, func(), error) {
	// Whoever leaves now may not leave a file attached of which nobody knows: it could not
	// be attached again.
	ctx = context.WithoutCancel(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn++
	h := a.attached[path]
	if h == nil {
		if err := a.makeRoom(ctx); err != nil {
			return "", nil, err
		}
		h = &held{alias: fmt.Sprintf("t%d", a.turn)}
		if _, err := a.db.ExecContext(ctx, "ATTACH "+literal(path)+" AS "+h.alias+" (READ_ONLY)"); err != nil {
			return "", nil, fmt.Errorf("attaching a table: %w", err)
		}
		if err := a.db.QueryRowContext(ctx, "SELECT count(*) > 0 FROM duckdb_tables() WHERE database_name = $1 AND table_name = $2", h.alias, byPlace).Scan(&h.placed); err != nil {
			_, errDetach := a.db.ExecContext(ctx, "DETACH "+h.alias)
			return "", nil, errors.Join(fmt.Errorf("looking into a table: %w", err), errDetach)
		}
		a.attached[path] = h
	}
	h.uses++
	h.last = a.turn
	name := byNumber
	if ofPlace && h.placed {
		name = byPlace
	}
	return h.alias + ".main." + name, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		h.uses--
	}, nil
}

// makeRoom detaches what was not asked for the longest, once there is too much.
func (a *tables) makeRoom(ctx context.Context) error {
	for len(a.attached) >= mostAttached {
		oldest := ""
		for path, h := range a.attached {
			if h.uses == 0 && (oldest == "" || h.last < a.attached[oldest].last) {
				oldest = path
			}
		}
		if oldest == "" {
			return nil // all are being read; they will go later
		}
		if _, err := a.db.ExecContext(ctx, "DETACH "+a.attached[oldest].alias); err != nil {
			return fmt.Errorf("detaching a table: %w", err)
		}
		delete(a.attached, oldest)
	}
	return nil
}

// The tables of a native file: the rows in the order of their numbers, and once more by
// place.
const (
	byNumber = "t"
	byPlace  = "p"
)

// placedRows is how many rows a table must have to be kept by place too.
const placedRows = 250_000

// Native writes a table as a file of DuckDB's own; see child.Engine. Rows stay in the order of
// their numbers, by which paging passes over all that it does not show. Long tables that tell
// a place are in it once more, ordered by that: over 2 million rows filters by place took a
// sixth to a twentieth of the time there, but a page by key 22 times and the first page 5 to 12
// times, so that neither order does for all.
func (e *Engine) Native(ctx context.Context, t child.Table, path string) (err error) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "native-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	db, err := e.open(ctx, filepath.Join(work, "spill"), work, filepath.Dir(t.Parquet))
	if err != nil {
		return err
	}
	half := filepath.Join(work, "t.duckdb")
	from := " FROM read_parquet(" + literal(t.Parquet) + ")"
	columns, err := nativeColumns(ctx, db, t, from)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	steps := []string{
		// The newest form holds columns of few values as these and a number for each row, and
		// what a search asks of them is then asked of each value once.
		"ATTACH " + literal(half) + " AS n (STORAGE_VERSION 'latest')",
		"CREATE TABLE n.main." + byNumber + " (" + columns + ")",
		"INSERT INTO n.main." + byNumber + " SELECT *" + from,
	}
	if order := query.PlaceOrder(t.Profile); order != "" && t.Profile.Rows >= placedRows {
		steps = append(steps, "CREATE TABLE n.main."+byPlace+" AS SELECT * FROM n.main."+byNumber+" ORDER BY "+order)
	}
	for _, step := range append(steps, "DETACH n") { // which writes all of it
		if _, err := db.ExecContext(ctx, step); err != nil {
			return errors.Join(fmt.Errorf("making a native table: %w", err), db.Close())
		}
	}
	if err := db.Close(); err != nil {
		return err
	}
	return os.Rename(half, path)
}

// nativeColumns are the columns of a native table. Text of many values lies in it as it is:
// compressed, all values of a part had to be made again for any one of them, and over a million
// rows a search took twice, a page in another order two and a half times as long. The file
// is twice as large.
func nativeColumns(ctx context.Context, db *sql.DB, t child.Table, from string) (string, error) {
	found, err := db.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE SELECT *"+from+")")
	if err != nil {
		return "", fmt.Errorf("looking at a table's columns: %w", err)
	}
	defer found.Close()
	var list []string
	for found.Next() {
		var name, kind string
		if err := found.Scan(&name, &kind); err != nil {
			return "", err
		}
		one := quoted(name) + " " + kind
		if c := t.Profile.Column(name); c != nil && kind == "VARCHAR" && !query.FewValues(*c) {
			one += " USING COMPRESSION uncompressed"
		}
		list = append(list, one)
	}
	return strings.Join(list, ", "), found.Err()
}
