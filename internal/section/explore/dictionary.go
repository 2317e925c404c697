package explore

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/base/tabular"
	"plaza/internal/base/tabular/child"
	"plaza/internal/base/text"
)

// Bounds on what is read of a data dictionary.
const (
	maxEntries     = 2000 // rows
	entriesAtOnce  = 500
	maxEntryWords  = 600 // characters
	entriesWritten = 100 // in one statement
)

// meaning is one row of a data dictionary: what a column of a file means.
type meaning struct {
	file  string // of which it speaks, "" for any
	name  string // of the column, folded
	words string
}

// Headings of a dictionary's columns, folded.
var (
	headingsOfNames = []string{"nombre de variable", "nombre de la variable", "nombre variable", "nombre de campo", "nombre del campo", "nombre campo",
		"nombre de columna", "nombre de la columna", "nombre columna", "variable", "campo", "columna", "atributo", "nombre de atributo", "nombre del atributo",
		"variable name", "field name", "column name", "field", "column", "attribute", "nombre", "name", "mnemonico"}
	headingsOfWords = []string{"descripcion", "definicion", "significado", "description", "definition", "meaning", "etiqueta", "label"}
	headingsOfFiles = []string{"archivo", "nombre de archivo", "nombre del archivo", "fichero", "file", "file name"}
)

// headed is the column whose heading comes first in a list, "" for none; those that begin
// with a heading will do when begins is set.
func headed(t tabular.Table, headings []string, begins bool) string {
	for _, want := range headings {
		for _, c := range t.Columns {
			for _, name := range []string{c.Name, c.Label} {
				has := strings.Join(text.Words(text.Fold(name)), " ")
				if has == want || begins && strings.HasPrefix(has, want+" ") {
					return c.Name
				}
			}
		}
	}
	return ""
}

// entries reads the rows of a file that is a data dictionary; none where none of its tables
// is one. Columns in which personal data is suspected are not read.
func (r *run) entries(ctx context.Context, p tabular.Profile, dir string) ([]meaning, error) {
	if !r.resource.Describes {
		return nil, nil
	}
	var out []meaning
	for _, t := range p.Tables {
		name, words, file := headed(t, headingsOfNames, false), headed(t, headingsOfWords, true), headed(t, headingsOfFiles, false)
		if name == "" || words == "" || slices.ContainsFunc([]string{name, words}, func(c string) bool { return t.Column(c).Meaning.Personal() }) {
			continue
		}
		columns := []string{name, words}
		if file != "" {
			columns = append(columns, file)
		}
		var err error
		if out, err = r.s.entriesOf(ctx, child.Table{Parquet: filepath.Join(dir, t.Parquet.SHA256), Profile: t}, columns, out); err != nil {
			return nil, fmt.Errorf("reading a data dictionary: %w", err)
		}
	}
	return out, nil
}

// entriesOf adds the rows of a table to those of others.
func (s *Section) entriesOf(ctx context.Context, t child.Table, columns []string, out []meaning) ([]meaning, error) {
	var next *tabular.Position
	for len(out) < maxEntries {
		page, err := s.Engine.Page(ctx, t, tabular.Query{Columns: columns, Limit: entriesAtOnce, Key: next})
		if err != nil {
			return out, err
		}
		for _, row := range page.Rows {
			if len(row) < len(columns) || len(out) == maxEntries {
				break
			}
			m := meaning{name: text.Fold(text.Line(row[0].Text)), words: tabular.Clip(text.Line(row[1].Text), maxEntryWords)}
			if len(columns) > 2 {
				m.file = text.Fold(text.Line(row[2].Text))
			}
			if m.name != "" && m.words != "" && len(m.name) <= 4*tabular.MaxName {
				out = append(out, m)
			}
		}
		if next = page.Next; next == nil {
			break
		}
	}
	return out, nil
}

// putEntries keeps a dictionary's rows in place of those that it had, and has its dataset's
// other files found by them.
func (r *run) putEntries(tx *db.Tx, all []meaning) error {
	had, err := tx.Exec(`DELETE FROM explore_dictionaries WHERE resource_id = $1`, r.resource.ID)
	if err != nil {
		return fmt.Errorf("forgetting a data dictionary: %w", err)
	}
	for first := 0; first < len(all); first += entriesWritten {
		some := all[first:min(first+entriesWritten, len(all))]
		var rows []string
		var args []any
		for i, m := range some {
			rows = append(rows, "("+db.Placeholders(len(args)+1, 6)+")")
			args = append(args, r.resource.ID, first+i, r.resource.Dataset, m.file, m.name, m.words)
		}
		if _, err := tx.Exec(`INSERT INTO explore_dictionaries (resource_id, position, dataset_id, file, name, words) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return fmt.Errorf("keeping a data dictionary: %w", err)
		}
	}
	if had == 0 && len(all) == 0 {
		return nil
	}
	return r.s.explains(tx, r.resource)
}

// explains has the other files of a dictionary's dataset indexed anew.
func (s *Section) explains(tx *db.Tx, r Resource) error {
	if s.Index == nil {
		return nil
	}
	_, _, err := job.Enqueue(tx, Described{Dataset: r.Dataset, But: r.ID}, job.Options{Unique: "described:" + r.Dataset})
	return err
}

// Described is the job that has files found by what a data dictionary says of them.
type Described struct {
	Dataset string `json:"dataset"`
	But     string `json:"but"` // the dictionary
}

// Kind implements job.Args.
func (Described) Kind() string { return "explore.described" }

// described indexes the files of a dataset anew.
func (s *Section) described(ctx context.Context, j *job.Job) error {
	var args Described
	if err := j.Decode(&args); err != nil {
		return err
	}
	var ids []string
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		ids, err = s.Resources.Siblings(tx, args.Dataset)
		return err
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if id == args.But {
			continue
		}
		if err := s.indexOne(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// indexOne tells the search of a resource's current version.
func (s *Section) indexOne(ctx context.Context, id string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := s.Resources.Resource(tx, id)
		if err != nil {
			return unlessMissing(err)
		}
		return s.reindex(tx, r)
	})
}

// Reindex tells the search of all current versions, and returns how many there are.
func (s *Section) Reindex(ctx context.Context) (n int, err error) {
	for after := ""; ; {
		var ids []string
		if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			ids, err = db.All(tx, db.Column[string], `SELECT resource_id FROM explore_attempts
				WHERE current_id <> '' AND resource_id > $1 ORDER BY resource_id LIMIT $2`, after, sweepAtOnce)
			return err
		}); err != nil {
			return n, fmt.Errorf("listing what is open: %w", err)
		}
		for _, id := range ids {
			if err := s.indexOne(ctx, id); err != nil {
				return n, fmt.Errorf("indexing what is inside resource %s: %w", id, err)
			}
			n, after = n+1, id
		}
		if len(ids) < sweepAtOnce {
			return n, nil
		}
	}
}

// Meanings are what the data dictionaries among a dataset's files say of a resource's
// columns, by name, folded. A dictionary of which anything is withheld says nothing, and
// one that speaks of other files says nothing of this one.
func (s *Section) Meanings(tx *db.Tx, r Resource) (map[string]string, error) {
	type entry struct {
		meaning
		from string
	}
	list, err := db.All(tx, func(scan func(...any) error) (e entry, err error) {
		err = scan(&e.from, &e.file, &e.name, &e.words)
		return e, err
	}, `SELECT resource_id, file, name, words FROM explore_dictionaries
		WHERE dataset_id = $1 AND resource_id <> $2 ORDER BY resource_id, position LIMIT $3`, r.Dataset, r.ID, 5*maxEntries)
	if err != nil {
		return nil, fmt.Errorf("reading data dictionaries: %w", err)
	}
	own := fileOf(r)
	speaks := map[string]bool{}
	out, exact := map[string]string{}, map[string]bool{}
	for _, e := range list {
		if _, known := speaks[e.from]; !known {
			if speaks[e.from], err = s.speaks(tx, e.from); err != nil {
				return nil, err
			}
		}
		of := e.file != "" && (own == e.file || own == e.file+".gz" || own == e.file+".zip")
		if !speaks[e.from] || e.file != "" && !of && strings.Contains(e.file, ".") {
			continue
		}
		if _, known := out[e.name]; !known || of && !exact[e.name] {
			out[e.name], exact[e.name] = e.words, of
		}
	}
	return out, nil
}

// fileOf is the name of a resource's file, folded.
func fileOf(r Resource) string {
	address, _, _ := strings.Cut(r.URL, "?")
	return text.Fold(path.Base(cmp.Or(address, r.Title)))
}

// speaks reports whether a dictionary may be read by anybody.
func (s *Section) speaks(tx *db.Tx, id string) (bool, error) {
	r, err := s.Resources.Resource(tx, id)
	if err != nil {
		return false, unlessMissing(err)
	}
	h, err := HidingOf(tx, r)
	hidden := slices.ContainsFunc(h.Decisions, func(d Decision) bool { return d.Hidden })
	return !r.Gone && !h.File && !hidden, err
}

// Explain adds what dictionaries say to the columns of a profile that have no words of
// their own.
func Explain(p tabular.Profile, meanings map[string]string) tabular.Profile {
	if len(meanings) == 0 {
		return p
	}
	p.Tables = slices.Clone(p.Tables)
	for i := range p.Tables {
		t := &p.Tables[i]
		t.Columns = slices.Clone(t.Columns)
		for j := range t.Columns {
			c := &t.Columns[j]
			for _, name := range []string{c.Name, c.Label} {
				if words := meanings[text.Fold(name)]; c.Note == "" && name != "" {
					c.Note = words
				}
			}
		}
	}
	return p
}
