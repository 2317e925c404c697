// Command schema prints the store's whole schema, as the migrations leave it in
// SQLite: docs/schema.sql, for reading and for seeing in a diff what a migration
// does. PostgreSQL's is the same but for the types of time and truth.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"plaza/internal/base/db"
)

func main() {
	out, err := dump(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
	_, _ = os.Stdout.Write(out) // a closed pipe is the reader's affair
}

// dump migrates an empty store and prints its tables, each followed by its indexes.
func dump(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "plaza-schema-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(dir, "plaza.db"), db.Options{})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if _, err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("-- The store's schema as the migrations leave it in SQLite. Made by make schema.\n")
	err = d.Read(ctx, func(tx *db.Tx) error {
		statements, err := db.All(tx, func(scan func(...any) error) (s string, err error) { return s, scan(&s) }, `
			SELECT sql
			FROM sqlite_master
			WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND tbl_name NOT LIKE 'goose_%'
			ORDER BY tbl_name, CASE type WHEN 'table' THEN 0 ELSE 1 END, name`)
		for _, s := range statements {
			if strings.HasPrefix(s, "CREATE TABLE") {
				out.WriteByte('\n')
			}
			out.WriteString(s + ";\n")
		}
		return err
	})
	return out.Bytes(), err
}
