package catalog

import (
	"encoding/json"
	"fmt"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
)

// rows gathers the rows of one INSERT, so that a page of a catalogue is written in
// a few statements.
type rows struct {
	tx      *db.Tx
	insert  string
	columns int
	args    []any
}

// perInsert keeps the text the same from batch to batch, so that it stays prepared. It
// is small on SQLite, whose driver binds by name, in a time that grows with the square
// of the arguments; on PostgreSQL each statement is a journey.
var perInsert = map[db.Engine]int{db.SQLite: 5, db.PostgreSQL: 100}

func newRows(tx *db.Tx, insert string, columns int) *rows {
	return &rows{tx: tx, insert: insert, columns: columns}
}

func (r *rows) add(values ...any) error {
	r.args = append(r.args, values...)
	if len(r.args) == perInsert[r.tx.Engine()]*r.columns {
		return r.flush()
	}
	return nil
}

func (r *rows) flush() error {
	n := len(r.args) / r.columns
	if n == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(r.insert)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + db.Placeholders(i*r.columns+1, r.columns) + ")")
	}
	_, err := r.tx.Exec(b.String(), r.args...)
	r.args = nil
	return err
}

const insertResource = `INSERT INTO resources (id, dataset_id, source_key, position, title, format, url, record) VALUES `

func (r *rows) addResource(dataset string, res dcat.Resource) error {
	raw, err := json.Marshal(res)
	if err != nil {
		return fmt.Errorf("encoding a resource: %w", err)
	}
	return r.add(plaza.NestedID(dataset, res.SourceKey), dataset, res.SourceKey, res.Position,
		res.Title, res.Format, Resource{Resource: res}.URL(), string(raw))
}
