// Package schema holds the numbered migrations of the store. A file named
// NNNN_name.sql is read by both engines; NNNN_name.sqlite.sql and
// NNNN_name.postgres.sql by one, where they must differ.
package schema

import "embed"

// Files are the migrations in goose's format.
//
//go:embed *.sql
var Files embed.FS
