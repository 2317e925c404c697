// Package engine is DuckDB behind the interface of package child: it casts tables to
// Parquet, describes their columns and answers typed questions about them. Only
// worker processes hold it (cmd/plaza's worker mode, the benchmarks): it opens files
// that other people made.
//
// A conversion reads its file twice: package infer judges every cell, then the cells
// are cast and handed over, batch by batch, through a table function that DuckDB calls
// from its threads. So there is one reading of each format, ours, whatever the engine
// would have guessed of it.
//
// A question is compiled by package query with bound values only, and whatever it says
// nothing but a SELECT is run: external access is off but for the folder of tables, the
// configuration is locked, memory and threads are limited.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"plaza/internal/base/tabular/child"
	"plaza/internal/base/tabular/query"
)

// Options are what an engine may use. Zero fields take the stated defaults.
type Options struct {
	Memory  int64  // bytes of DuckDB's own, which it may overrun; 700 MiB
	Threads int    // as many as there are processors, at most 4
	Scratch string // folder for what does not fit into memory; "": nothing may spill
}

// mostSpilled is how many bytes of what does not fit into memory go to disk: sorting ten
// million wide rows takes some three billion.
const mostSpilled = 8 << 30

// Engine converts and answers. It is safe for concurrent use.
type Engine struct {
	opts Options

	mu     sync.Mutex
	asking map[string]*tables // by folder, opened at the first question about it
}

var (
	_ child.Engine  = (*Engine)(nil)
	_ child.Limiter = (*Engine)(nil)
)

// New makes an engine; nothing is opened yet.
func New(o Options) *Engine {
	if o.Memory == 0 {
		o.Memory = 700 << 20
	}
	if o.Threads == 0 {
		o.Threads = min(4, runtime.NumCPU())
	}
	return &Engine{opts: o, asking: map[string]*tables{}}
}

// Limit holds the engine to what its worker may use.
func (e *Engine) Limit(l child.Limits) error {
	if l.Engine > 0 {
		e.opts.Memory = l.Engine
	}
	e.opts.Scratch = l.Scratch
	return nil
}

// Close gives up what is open.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, open := range e.asking {
		errs = append(errs, open.db.Close())
	}
	clear(e.asking)
	return errors.Join(errs...)
}

// open opens a DuckDB of its own in memory. It may read and write below the folders
// given and nowhere else; spill is where it puts what does not fit.
func (e *Engine) open(ctx context.Context, spill string, folders ...string) (*sql.DB, error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("opening DuckDB: %w", err)
	}
	db := sql.OpenDB(connector)
	quoted := make([]string, len(folders))
	for i, f := range folders {
		quoted[i] = literal(f + "/")
	}
	for _, set := range []string{
		"SET threads = " + strconv.Itoa(e.opts.Threads),
		"SET memory_limit = " + literal(strconv.FormatInt(e.opts.Memory, 10)+"B"),
		"SET temp_directory = " + literal(spill),
		"SET max_temp_directory_size = " + literal(strconv.FormatInt(mostSpilled, 10)+"B"),
		// Rows carry their number, and so need no order of their own.
		"SET preserve_insertion_order = false",
		// A page finds its rows by the columns that it asks about, and reads the others of
		// these rows only; by itself the engine does so for pages of up to 50.
		"SET late_materialization_max_rows = " + strconv.Itoa(query.MaxRows+1),
		"SET dynamic_or_filter_threshold = " + strconv.Itoa(query.MaxRows+1),
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allowed_directories = [" + strings.Join(quoted, ", ") + "]",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if _, err := db.ExecContext(ctx, set); err != nil {
			_ = db.Close() // the first error is the one that matters
			return nil, fmt.Errorf("setting up DuckDB: %w", err)
		}
	}
	return db, nil
}

// literal is a text as SQL writes it. It is for paths and settings of our own making;
// what people ask for is bound.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quoted is a name as SQL writes it.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
