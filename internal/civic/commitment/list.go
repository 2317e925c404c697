package commitment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Show is a state as lists filter by it: one of State, or Overdue.
type Show string

// What lists show.
const (
	All          Show = ""
	ShowOpen     Show = "open"
	ShowOverdue  Show = "overdue"
	ShowKept     Show = "kept"
	ShowDropped  Show = "dropped"
	ShowDropping Show = "dropping" // waits for a second person
)

// Order is the order of a list.
type Order string

// The orders.
const (
	ByDue  Order = "due"    // the soonest due first
	Newest Order = "newest" // the last made first
)

// Filter chooses commitments; zero fields choose all.
type Filter struct {
	Bodies  []string // ids of institutions, "" the coordination's own; nil is all
	Show    Show
	Kinds   []Kind
	Dataset string    // id
	Object  plaza.Ref // exactly what it concerns
	Origin  plaza.Ref // what it was promised in
}

// Key is a place in a list; the zero Key is its beginning.
type Key struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

// KeyOf is a commitment's place in a list of an order.
func KeyOf(c Commitment, o Order) Key {
	if o == Newest {
		return Key{c.Made, c.ID}
	}
	return Key{c.Late, c.ID}
}

// MaxTotal is up to where Count is exact.
const MaxTotal = 10_000

// where is the filter as a condition with its arguments.
func (f Filter) where(now time.Time) (string, []any) {
	parts, args := []string{`id <> ''`}, []any{}
	add := func(part string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			part = strings.Replace(part, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		parts = append(parts, part)
	}
	in := func(column string, values []any) {
		if len(values) > 0 {
			add(column+` IN (`+strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")+`)`, values...)
		}
	}
	in(`institution`, db.Args(f.Bodies))
	in(`kind`, db.Args(f.Kinds))
	switch f.Show {
	case ShowOpen, ShowKept, ShowDropped:
		add(`state = ?`, string(f.Show))
	case ShowOverdue:
		add(`state = 'open' AND late_at <= ?`, now)
	case ShowDropping:
		add(`state = 'open' AND dropping <> ''`)
	}
	if f.Dataset != "" {
		add(`dataset_id = ? AND dataset_id <> ''`, f.Dataset)
	}
	if f.Object.ID != "" {
		add(`object_kind = ? AND object_id = ?`, f.Object.Kind, f.Object.ID)
	}
	if f.Origin.ID != "" {
		add(`origin_kind = ? AND origin_id = ? AND origin_id <> ''`, f.Origin.Kind, f.Origin.ID)
	}
	return strings.Join(parts, ` AND `), args
}

// List returns commitments in an order, at most limit after a place.
func List(tx *db.Tx, f Filter, o Order, after Key, limit int) ([]Commitment, error) {
	where, args := f.where(tx.Now)
	column, than, way := `late_at`, `>`, ``
	if o == Newest {
		column, than, way = `made_at`, `<`, ` DESC`
	}
	if after.ID != "" {
		args = append(args, after.At, after.ID)
		where += fmt.Sprintf(` AND (%s, id) %s ($%d, $%d)`, column, than, len(args)-1, len(args))
	}
	args = append(args, limit)
	return db.All(tx, scan, `SELECT `+columns+`
		FROM commitments
		WHERE `+where+`
		ORDER BY `+column+way+`, id`+way+fmt.Sprintf(`
		LIMIT $%d`, len(args)), args...)
}

// Count is how many commitments a filter chooses; one more than MaxTotal stands for any
// greater number.
func Count(tx *db.Tx, f Filter) (n int, err error) {
	where, args := f.where(tx.Now)
	args = append(args, MaxTotal+1)
	err = tx.Row(`SELECT COUNT(id) FROM (SELECT id FROM commitments WHERE `+where+fmt.Sprintf(` LIMIT $%d) AS few`, len(args)), args...).Scan(&n)
	return n, err
}

// Of are what was promised in an origin, the oldest first.
func Of(tx *db.Tx, origin plaza.Ref) ([]Commitment, error) {
	list, err := List(tx, Filter{Origin: origin}, Newest, Key{}, maxSteps)
	slices.Reverse(list)
	return list, err
}
