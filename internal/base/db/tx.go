package db

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"plaza/internal/plaza"
)

// Tx is a transaction. It is not safe for concurrent use.
type Tx struct {
	// Now is the instant at which the transaction began, UTC.
	Now time.Time

	ctx   context.Context
	db    *DB
	pool  *pool
	tx    *sql.Tx
	after []func()
	count *atomic.Int64
}

// Context is the context that the transaction runs in.
func (t *Tx) Context() context.Context { return t.ctx }

// Engine tells which database this is; for the few places that must know.
func (t *Tx) Engine() Engine { return t.db.engine }

// ID makes an id for a row written in this transaction.
func (t *Tx) ID() string { return plaza.NewID(t.Now) }

// AfterCommit runs f once the transaction has been committed, not when it fails.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Exec runs a statement and returns how many rows it touched.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	t.counted()
	encode(t.db.engine, args)
	var res sql.Result
	var err error
	if s := t.stmt(query); s != nil {
		res, err = s.ExecContext(t.ctx, args...)
	} else {
		res, err = t.tx.ExecContext(t.ctx, t.text(query), args...)
	}
	if err != nil {
		return 0, translate(err)
	}
	n, err := res.RowsAffected()
	return n, translate(err)
}

// Query runs a query for several rows; the caller closes them.
func (t *Tx) Query(query string, args ...any) (*Rows, error) {
	t.counted()
	encode(t.db.engine, args)
	var rows *sql.Rows
	var err error
	if s := t.stmt(query); s != nil {
		rows, err = s.QueryContext(t.ctx, args...)
	} else {
		rows, err = t.tx.QueryContext(t.ctx, t.text(query), args...)
	}
	if err != nil {
		return nil, translate(err)
	}
	return &Rows{rows: rows}, nil
}

// Row runs a query for one row; Scan reports NotFound when there is none.
func (t *Tx) Row(query string, args ...any) *Row {
	rows, err := t.Query(query, args...)
	return &Row{rows: rows, err: err}
}

// stmt is the prepared statement for a query in this transaction, or nil. A query
// seen for the first time is prepared after the transaction has ended.
func (t *Tx) stmt(query string) *sql.Stmt {
	if t.pool.stmts == nil {
		return nil
	}
	if s := t.pool.prepared(query); s != nil {
		return t.tx.StmtContext(t.ctx, s)
	}
	p := t.pool
	t.after = append(t.after, func() { p.keep(query) })
	return nil
}

// text is a query as it is sent that was not prepared.
func (t *Tx) text(query string) string {
	if t.db.engine == SQLite {
		return unnumbered(query)
	}
	return query
}

func (t *Tx) counted() {
	if t.count != nil {
		t.count.Add(1)
	}
}

// Each reads the rows of a query one after the other, and hands each over; an error of
// either ends it.
func Each[T any](tx *Tx, scan func(scan func(dest ...any) error) (T, error), row func(T) error, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scan(rows.Scan)
		if err != nil {
			return err
		}
		if err := row(v); err != nil {
			return err
		}
	}
	return rows.Err()
}

// All runs a query and collects what scan returns for each row.
func All[T any](tx *Tx, scan func(scan func(dest ...any) error) (T, error), query string, args ...any) ([]T, error) {
	var out []T
	err := Each(tx, scan, func(v T) error { out = append(out, v); return nil }, query, args...)
	return out, err
}

// Column scans rows of one column; for use with All.
func Column[T any](scan func(dest ...any) error) (T, error) {
	var v T
	err := scan(&v)
	return v, err
}

// Placeholders is "$from, …" for n arguments, for lists in IN.
func Placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// Args turns a list of any type into arguments, for lists in IN.
func Args[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

type counterKey struct{}

// CountStatements returns a context whose transactions count their statements in
// the returned counter; a test of a page holds it to a bound.
func CountStatements(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, counterKey{}, n), n
}

func counterFrom(ctx context.Context) *atomic.Int64 {
	n, _ := ctx.Value(counterKey{}).(*atomic.Int64)
	return n
}
