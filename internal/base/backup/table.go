package backup

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"plaza/internal/base/db"
)

// The types of columns, as both engines have them.
const (
	typeText    = "text"
	typeInteger = "integer"
	typeReal    = "real"
	typeBoolean = "boolean"
	typeInstant = "instant"
	typeBytes   = "bytes"
)

// migrations is goose's own table: the header's schema version stands for it.
const migrations = "goose_db_version"

// table is a table of the store, as the archive describes it.
type table struct {
	Name    string   `json:"name"`
	Columns []column `json:"columns"`
	Key     []string `json:"key"` // of the primary key, in its order
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// typeOf maps what either engine calls a column's type; "" when it has no twin.
func typeOf(declared string) string {
	switch d := strings.ToLower(declared); {
	case d == "text" || strings.HasPrefix(d, "character varying") || strings.HasPrefix(d, "varchar"):
		return typeText
	case d == "integer" || d == "bigint" || d == "smallint":
		return typeInteger
	case d == "real" || d == "double precision":
		return typeReal
	case d == "boolean":
		return typeBoolean
	case d == "timestamptz" || d == "timestamp with time zone":
		return typeInstant
	case d == "blob" || d == "bytea":
		return typeBytes
	}
	return ""
}

// The store's ordinary tables with their columns, and those of their keys. Virtual
// tables and what SQLite keeps for them would have to be made again; there are none.
const (
	sqliteColumns = `SELECT t.name, c.name, c.type, c.pk
		FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
		ORDER BY t.name, c.cid`
	postgresColumns = `SELECT c.table_name, c.column_name, c.data_type, COALESCE((
			SELECT k.ordinal_position
			FROM information_schema.key_column_usage AS k
			JOIN information_schema.table_constraints AS p
				ON p.constraint_schema = k.constraint_schema AND p.constraint_name = k.constraint_name
			WHERE p.constraint_type = 'PRIMARY KEY' AND k.table_schema = c.table_schema
				AND k.table_name = c.table_name AND k.column_name = c.column_name), 0)
		FROM information_schema.columns AS c
		JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
		ORDER BY c.table_name COLLATE "C", c.ordinal_position`
)

// describe lists the tables, but for the given ones and goose's.
func describe(tx *db.Tx, but ...string) ([]table, error) {
	query := sqliteColumns
	if tx.Engine() == db.PostgreSQL {
		query = postgresColumns
	}
	rows, err := tx.Query(query)
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	defer rows.Close()
	var tables []table
	var keys [][]string
	for rows.Next() {
		var name, col, declared string
		var key int
		if err := rows.Scan(&name, &col, &declared, &key); err != nil {
			return nil, fmt.Errorf("listing the tables: %w", err)
		}
		if name == migrations || slices.Contains(but, name) {
			continue
		}
		if len(tables) == 0 || tables[len(tables)-1].Name != name {
			tables, keys = append(tables, table{Name: name}), append(keys, make([]string, 16))
		}
		t := &tables[len(tables)-1]
		t.Columns = append(t.Columns, column{col, typeOf(declared)})
		if key > 0 {
			keys[len(keys)-1][key-1] = col
		}
	}
	for i := range tables {
		tables[i].Key = slices.DeleteFunc(keys[i], func(s string) bool { return s == "" })
	}
	return tables, rows.Err()
}

// usable reports what keeps a table from being backed up or restored; its names
// stand in statements.
func (t table) usable() error {
	if len(t.Key) == 0 {
		return fmt.Errorf("table %q has no primary key", t.Name)
	}
	for _, c := range t.Columns {
		if c.Type == "" || !safeName(c.Name) {
			return fmt.Errorf("table %q: column %q has no portable type", t.Name, c.Name)
		}
	}
	if !safeName(t.Name) {
		return fmt.Errorf("a table named %q", t.Name)
	}
	return nil
}

func (t table) names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// page reads the rows after a key (nil: from the first) and gives each as a line.
func (t table) page(tx *db.Tx, after []any, f func(line []byte) error) (n int, last []any, err error) {
	key, where := strings.Join(t.Key, ", "), ""
	if after != nil {
		where = fmt.Sprintf("WHERE (%s) > (%s)", key, db.Placeholders(1, len(after)))
	}
	rows, err := tx.Query(fmt.Sprintf("SELECT %s FROM %s %s ORDER BY %s LIMIT %d",
		strings.Join(t.names(), ", "), t.Name, where, key, pageRows), after...)
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	cells := t.cells()
	for rows.Next() {
		if err := rows.Scan(slices.Clone(cells)...); err != nil {
			return n, nil, err
		}
		line, err := encodeRow(cells)
		if err != nil {
			return n, nil, err
		}
		if err := f(line); err != nil {
			return n, nil, err
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return n, nil, err
	}
	if n > 0 {
		for _, k := range t.Key {
			i := slices.Index(t.names(), k)
			last = append(last, keyValue(cells[i]))
		}
	}
	return n, last, nil
}

// cells are places to scan a row into.
func (t table) cells() []any {
	cells := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		switch c.Type {
		case typeInteger:
			cells[i] = new(sql.NullInt64)
		case typeReal:
			cells[i] = new(sql.NullFloat64)
		case typeBoolean:
			cells[i] = new(sql.NullBool)
		case typeInstant:
			cells[i] = new(time.Time)
		case typeBytes:
			cells[i] = new([]byte)
		default:
			cells[i] = new(sql.NullString)
		}
	}
	return cells
}

func keyValue(cell any) any {
	switch c := cell.(type) {
	case *sql.NullInt64:
		return c.Int64
	case *sql.NullString:
		return c.String
	case *sql.NullBool:
		return c.Bool
	case *time.Time:
		return *c
	case *sql.NullFloat64:
		return c.Float64
	default:
		return *cell.(*[]byte)
	}
}

// raw is text that is not UTF-8 (only SQLite lets it in), or bytes.
type raw struct {
	Base64 string `json:"base64"`
}

// encodeRow gives a row as a JSON array in the order of the columns.
func encodeRow(cells []any) ([]byte, error) {
	values := make([]any, len(cells))
	for i, c := range cells {
		switch c := c.(type) {
		case *sql.NullInt64:
			values[i] = orNull(c.Valid, c.Int64)
		case *sql.NullFloat64:
			values[i] = orNull(c.Valid, c.Float64)
		case *sql.NullBool:
			values[i] = orNull(c.Valid, c.Bool)
		case *sql.NullString:
			values[i] = orNull(c.Valid, c.String)
			if !utf8.ValidString(c.String) {
				values[i] = raw{base64.StdEncoding.EncodeToString([]byte(c.String))}
			}
		case *time.Time:
			values[i] = orNull(!c.IsZero(), c.UTC().Format(time.RFC3339Nano))
		case *[]byte:
			values[i] = orNull(*c != nil, raw{base64.StdEncoding.EncodeToString(*c)})
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(values); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func orNull[T any](valid bool, v T) any {
	if !valid {
		return nil
	}
	return v
}

// decodeRow is the inverse of encodeRow: a row as arguments of a statement.
func (t table) decodeRow(line []byte) ([]any, error) {
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil {
		return nil, err
	}
	if len(cells) != len(t.Columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(cells), len(t.Columns))
	}
	row := make([]any, len(cells))
	for i, cell := range cells {
		v, err := decodeCell(t.Columns[i].Type, cell)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", t.Columns[i].Name, err)
		}
		row[i] = v
	}
	return row, nil
}

func decodeCell(kind string, cell json.RawMessage) (any, error) {
	if string(cell) == "null" {
		return nil, nil
	}
	switch {
	case kind == typeInteger:
		return strconv.ParseInt(string(cell), 10, 64)
	case kind == typeReal:
		return strconv.ParseFloat(string(cell), 64)
	case kind == typeBoolean:
		return strconv.ParseBool(string(cell))
	case kind == typeInstant:
		var t time.Time
		err := json.Unmarshal(cell, &t)
		return t, err
	case cell[0] == '{':
		var r raw
		if err := json.Unmarshal(cell, &r); err != nil {
			return nil, err
		}
		b, err := base64.StdEncoding.DecodeString(r.Base64)
		if kind == typeText {
			return string(b), err
		}
		return b, err
	default:
		var s string
		err := json.Unmarshal(cell, &s)
		return s, err
	}
}
