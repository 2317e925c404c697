// Package db opens Plaza's store, SQLite or PostgreSQL by its DSN, and runs one
// SQL text on both. It owns three ideas.
//
// A transaction is a function: Read gives a consistent snapshot that cannot
// write, Write commits all or nothing. Inside, Tx.Now is fixed at the start; it
// and the DB's Now are the only source of time in Plaza (clock.go).
//
// Values travel through one codec (codec.go): instants are UTC milliseconds, the
// zero time is NULL.
//
// Driver errors become kinds (errors.go): a unique violation is a Conflict, a
// missing row NotFound, a store that is away, full or locked Unavailable.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite" // which registers the driver "sqlite" too
	sqlite3 "modernc.org/sqlite/lib"

	"plaza/internal/plaza"
)

// Engine is which database runs underneath.
type Engine string

// The two engines.
const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgresql"
)

// maxPrepared bounds the prepared statements kept per pool; texts with a variable
// number of placeholders beyond it are compiled each time.
const maxPrepared = 400

// DB is an open store; it is safe for concurrent use.
type DB struct {
	engine Engine
	dsn    string
	clock  *Clock
	write  *pool
	read   *pool

	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool
	reached map[string]*atomic.Int64
}

// pool is a connection pool with its prepared statements (SQLite only: pgx keeps
// its own).
type pool struct {
	*sql.DB
	mu    sync.RWMutex
	stmts map[string]*sql.Stmt
}

// Options are what differs between installations, tests and the demo.
type Options struct {
	// Clock tells the time; nil means the real one.
	Clock *Clock
	// MaxConns bounds the connections of a PostgreSQL pool and the readers of an
	// SQLite one; zero means 10.
	MaxConns int
}

// Open opens the store that dsn names: "sqlite:PATH" or "postgres://…". It does
// not migrate. The error is Unavailable when the store cannot be reached.
func Open(ctx context.Context, dsn string, opt Options) (*DB, error) {
	if opt.Clock == nil {
		opt.Clock = RealClock()
	}
	if opt.MaxConns == 0 {
		opt.MaxConns = 10
	}
	d := &DB{dsn: dsn, clock: opt.Clock, waiting: map[string]map[chan struct{}]bool{}, reached: map[string]*atomic.Int64{}}
	var err error
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		d.engine = SQLite
		err = d.openSQLite(strings.TrimPrefix(dsn, "sqlite:"), opt.MaxConns)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		d.engine = PostgreSQL
		err = d.openPostgres(dsn, opt.MaxConns)
	default:
		return nil, &plaza.Error{Kind: plaza.Invalid, Key: "db.error.dsn"}
	}
	if err != nil {
		return nil, err
	}
	if err := d.Ping(ctx); err != nil {
		_ = d.Close() // the ping's error says more
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	return d, nil
}

func (d *DB) openSQLite(path string, readers int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("creating the store's directory: %w", err)
	}
	open := func(extra url.Values, conns int) (*pool, error) {
		v := url.Values{"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", lockedStep.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)",
			"foreign_keys(1)", "cache_size(-16000)", "temp_store(2)",
			// 16 MB of log between checkpoints: each costs two flushes
			"wal_autocheckpoint(4000)",
		}}
		for k, x := range extra {
			v[k] = append(v[k], x...)
		}
		s, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+v.Encode())
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", path, err)
		}
		s.SetMaxOpenConns(conns)
		s.SetMaxIdleConns(conns)
		return &pool{DB: s, stmts: map[string]*sql.Stmt{}}, nil
	}
	var err error
	// One writer with immediate transactions: writers queue in Go, not on locks.
	if d.write, err = open(url.Values{"_txlock": {"immediate"}}, 1); err != nil {
		return err
	}
	d.read, err = open(url.Values{"_pragma": {"query_only(1)"}}, readers)
	return err
}

func (d *DB) openPostgres(dsn string, conns int) error {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		// the driver's text may quote the DSN with its password
		return &plaza.Error{Kind: plaza.Invalid, Key: "db.error.dsn"}
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 2 * time.Second
	}
	for k, v := range map[string]string{
		"timezone": "UTC", "statement_timeout": "15000", "lock_timeout": "5000",
		"idle_in_transaction_session_timeout": "30000", "application_name": "plaza",
	} {
		if _, set := cfg.RuntimeParams[k]; !set {
			cfg.RuntimeParams[k] = v
		}
	}
	s := stdlib.OpenDB(*cfg)
	s.SetMaxOpenConns(conns)
	s.SetMaxIdleConns(conns)
	s.SetConnMaxLifetime(30 * time.Minute)
	d.write = &pool{DB: s}
	d.read = d.write
	return nil
}

// Engine tells which database this is.
func (d *DB) Engine() Engine { return d.engine }

// Now is the present instant, UTC, by the process clock (and PLAZA_NOW).
func (d *DB) Now() time.Time { return d.clock.Now() }

// Clock is the clock that the store was opened with.
func (d *DB) Clock() *Clock { return d.clock }

// Path is the file of an SQLite store, "" on PostgreSQL.
func (d *DB) Path() string {
	if d.engine != SQLite {
		return ""
	}
	return strings.TrimPrefix(d.dsn, "sqlite:")
}

// Ping reports whether the store answers.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.read.PingContext(ctx); err != nil {
		return translate(err)
	}
	return translate(d.write.PingContext(ctx))
}

// Close closes the store.
func (d *DB) Close() error {
	if d.read != nil && d.read != d.write {
		_ = d.read.Close() // readers hold nothing to lose
	}
	if d.write == nil {
		return nil
	}
	return d.write.Close()
}

// Read runs fn in a read-only transaction that sees one snapshot. A write inside
// fails on both engines.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if d.engine == PostgreSQL {
		opts.Isolation = sql.LevelRepeatableRead
	}
	return d.run(ctx, d.read, opts, fn)
}

// Write runs fn in a transaction and commits it; when fn returns an error nothing
// is written. Functions given to Tx.AfterCommit run after the commit.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, d.write, nil, fn)
}

// run bounds a transaction by the patience of whoever waits for it (plaza.Patience): a
// store that has stopped without closing its connections keeps nobody waiting longer.
func (d *DB) run(ctx context.Context, p *pool, opts *sql.TxOptions, fn func(*Tx) error) error {
	bounded, cancel := ctx, context.CancelFunc(func() {})
	if patience, ok := plaza.Patience(ctx); ok {
		bounded, cancel = context.WithTimeout(ctx, patience)
	}
	defer cancel()
	err := d.transact(bounded, p, opts, fn)
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil && bounded.Err() != nil:
		return kind(plaza.Unavailable, err)
	case ctx.Err() != nil && errors.Is(err, sql.ErrTxDone): // how the library says it to who comes late
		return ctx.Err()
	}
	return err
}

func (d *DB) transact(ctx context.Context, p *pool, opts *sql.TxOptions, fn func(*Tx) error) error {
	t, err := d.begin(ctx, p, opts)
	if err != nil {
		return err
	}
	tx := &Tx{ctx: ctx, db: d, pool: p, tx: t, count: counterFrom(ctx)}
	done := false
	defer func() {
		if !done { // an error or a panic on its way up: leave nothing behind
			_ = t.Rollback()
		}
	}()
	if tx.Now, err = d.instant(ctx, t); err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return translate(err)
	}
	done = true
	for _, f := range tx.after {
		f()
	}
	return nil
}

// How long a transaction waits for another process to let go of an SQLite store, such
// as a command beside a running server: it looks again every moment, and between two
// looks others may use the connection.
const (
	lockedFor  = 10 * time.Second
	lookAgain  = 20 * time.Millisecond
	lockedStep = 100 * time.Millisecond // SQLite's own wait, which nothing can interrupt
)

func (d *DB) begin(ctx context.Context, p *pool, opts *sql.TxOptions) (*sql.Tx, error) {
	for left := lockedFor; ; left -= lockedStep + lookAgain {
		t, err := p.BeginTx(ctx, opts)
		if err == nil {
			return t, nil
		}
		if e, ok := errors.AsType[*sqlite.Error](err); !ok || e.Code()&0xff != sqlite3.SQLITE_BUSY || left <= 0 {
			return nil, translate(err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lookAgain):
		}
	}
}

// instant is the transaction's own: PostgreSQL's so that all nodes agree.
func (d *DB) instant(ctx context.Context, t *sql.Tx) (time.Time, error) {
	if d.engine == SQLite || d.clock.Frozen() {
		return d.clock.Now(), nil
	}
	var now time.Time
	if err := t.QueryRowContext(ctx, "SELECT now()").Scan(&now); err != nil {
		return now, translate(err)
	}
	return d.clock.Shift(now), nil
}

// prepared returns the pool's statement for a query, nil when it is to be run as text.
func (p *pool) prepared(query string) *sql.Stmt {
	if p.stmts == nil {
		return nil
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.stmts[query]
}

// keep prepares a query on the pool for the next time. It waits for a connection,
// so it runs after a transaction, and holds no lock that a transaction takes.
func (p *pool) keep(query string) {
	s, err := p.Prepare(unnumbered(query))
	if err != nil {
		return // the query runs as text, and reports its own error
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stmts[query] != nil || len(p.stmts) >= maxPrepared {
		_ = s.Close() // somebody was faster
		return
	}
	p.stmts[query] = s
}

// unnumbered is a query whose arguments stand in their order, each once, with ? for each:
// SQLite's driver looks for every numbered one among all of them, which costs a statement
// of many rows more than writing these. Any other query stays as it is.
func unnumbered(query string) string {
	var b strings.Builder
	n, quoted := 0, false
	for i := 0; i < len(query); i++ {
		c := query[i]
		if c == '\'' {
			quoted = !quoted
		}
		if quoted || c != '$' {
			b.WriteByte(c)
			continue
		}
		end := i + 1
		for end < len(query) && query[end] >= '0' && query[end] <= '9' {
			end++
		}
		n++
		if query[i+1:end] != strconv.Itoa(n) {
			return query
		}
		b.WriteByte('?')
		i = end - 1
	}
	return b.String()
}
