package backup

import (
	"fmt"
	"strings"

	"plaza/internal/base/db"
)

// relax lets foreign keys be wrong until the returned function, which checks them.
// Rows then come in any order, and tables may point at themselves and in circles.
func relax(tx *db.Tx) (restore func() error, err error) {
	if tx.Engine() == db.SQLite {
		// ends with the transaction, whose commit checks
		_, err := tx.Exec(`PRAGMA defer_foreign_keys = ON`)
		return func() error { return nil }, err
	}
	names, err := db.All(tx, func(scan func(...any) error) ([2]string, error) {
		var n [2]string
		err := scan(&n[0], &n[1])
		return n, err
	}, `SELECT r.relname, c.conname
		FROM pg_constraint AS c
		JOIN pg_class AS r ON r.oid = c.conrelid
		WHERE c.contype = 'f' AND NOT c.condeferrable AND c.connamespace = current_schema()::regnamespace`)
	if err != nil {
		return nil, fmt.Errorf("listing the foreign keys: %w", err)
	}
	alter := func(how string) error {
		for _, n := range names {
			if _, err := tx.Exec(fmt.Sprintf(`ALTER TABLE %s ALTER CONSTRAINT %q %s`, n[0], n[1], how)); err != nil {
				return fmt.Errorf("foreign key %s of %s: %w", n[1], n[0], err)
			}
		}
		return nil
	}
	return func() error {
		if _, err := tx.Exec(`SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
			return err
		}
		return alter(`NOT DEFERRABLE`)
	}, alter(`DEFERRABLE INITIALLY DEFERRED`)
}

// clear empties all tables, after looking that the archive's exist.
func (in *input) clear(tx *db.Tx) error {
	have, err := describe(tx)
	if err != nil {
		return err
	}
	var names []string
	known := map[string]bool{}
	for _, t := range have {
		names = append(names, t.Name)
		known[t.Name] = true
	}
	for _, t := range in.header.Tables {
		if !known[t.Name] {
			return broken("table %s does not exist here", t.Name)
		}
	}
	if tx.Engine() == db.PostgreSQL {
		_, err := tx.Exec(`TRUNCATE TABLE ` + strings.Join(names, ", "))
		return err
	}
	for _, name := range names {
		if _, err := tx.Exec(`DELETE FROM ` + name); err != nil {
			return fmt.Errorf("emptying %s: %w", name, err)
		}
	}
	return nil
}

// insert adds rows by one statement.
func insert(tx *db.Tx, t table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	var values strings.Builder
	args := make([]any, 0, len(rows)*len(t.Columns))
	for i, row := range rows {
		if i > 0 {
			values.WriteString(", ")
		}
		values.WriteString("(" + db.Placeholders(len(args)+1, len(row)) + ")")
		args = append(args, row...)
	}
	if _, err := tx.Exec(fmt.Sprintf(`INSERT INTO %s (%s) VALUES %s`,
		t.Name, strings.Join(t.names(), ", "), &values), args...); err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	return nil
}
