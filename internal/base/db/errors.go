package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"plaza/internal/plaza"
)

// translate gives a driver's error its kind; both engines speak alike afterwards.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return kind(sqliteKind(e.Code()), err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return kind(postgresKind(e.Code), err)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return kind(plaza.Unavailable, err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, driver.ErrBadConn) {
		return kind(plaza.Unavailable, err)
	}
	return err
}

func kind(k plaza.Kind, err error) error {
	switch k {
	case plaza.Conflict:
		return &plaza.Error{Kind: k, Key: "db.error.conflict", Cause: err}
	case plaza.Unavailable:
		return &plaza.Error{Kind: k, Key: "db.error.unavailable", Cause: err}
	default:
		return err
	}
}

func sqliteKind(code int) plaza.Kind {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return plaza.Conflict
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return plaza.Unavailable
	}
	return plaza.Internal
}

func postgresKind(code string) plaza.Kind {
	switch {
	case code == "23505":
		return plaza.Conflict
	case strings.HasPrefix(code, "08"), // connection
		strings.HasPrefix(code, "53"), // out of disk, memory, connections
		strings.HasPrefix(code, "57"), // shutting down, statement cancelled
		strings.HasPrefix(code, "40"), // serialization, deadlock
		code == "55P03", code == "58030", code == "25006":
		return plaza.Unavailable
	}
	return plaza.Internal
}
