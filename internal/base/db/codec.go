package db

import (
	"database/sql"
	"fmt"
	"time"

	"plaza/internal/plaza"
)

// instantLayout is fixed-width UTC milliseconds, which SQLite sorts as text.
const instantLayout = "2006-01-02T15:04:05.000Z"

// encode turns instants into what the engine stores, in place.
func encode(e Engine, args []any) {
	for i, a := range args {
		t, ok := a.(time.Time)
		switch {
		case !ok:
		case t.IsZero():
			args[i] = nil
		case e == SQLite:
			args[i] = t.UTC().Format(instantLayout)
		default:
			args[i] = t.UTC()
		}
	}
}

// instant scans either engine's form; NULL is the zero time.
type instant struct{ t *time.Time }

// Scan implements sql.Scanner.
func (i instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i.t = time.Time{}
	case time.Time:
		*i.t = v.UTC()
	case string:
		t, err := time.Parse(instantLayout, v)
		if err != nil {
			return fmt.Errorf("reading an instant: %w", err)
		}
		*i.t = t
	default:
		return fmt.Errorf("reading an instant from %T", v)
	}
	return nil
}

func decoders(dest []any) []any {
	for i, d := range dest {
		if t, ok := d.(*time.Time); ok {
			dest[i] = instant{t}
		}
	}
	return dest
}

// Rows are the rows of a query.
type Rows struct{ rows *sql.Rows }

// Next advances to the next row.
func (r *Rows) Next() bool { return r.rows.Next() }

// Scan reads the row; a *time.Time gets an instant, zero for NULL.
func (r *Rows) Scan(dest ...any) error { return translate(r.rows.Scan(decoders(dest)...)) }

// Err is the error that ended the rows early, if any.
func (r *Rows) Err() error { return translate(r.rows.Err()) }

// Close ends the rows.
func (r *Rows) Close() { _ = r.rows.Close() } // its error is also Err's

// Row is a query of one row.
type Row struct {
	rows *Rows
	err  error
}

// Scan reads the row and ends the query. The error is NotFound when there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return &plaza.Error{Kind: plaza.NotFound, Key: "web.error.not_found"}
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Err()
}
