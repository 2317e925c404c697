package cases

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Order is the order of a list.
type Order string

// The orders.
const (
	Newest    Order = "newest"
	ByDue     Order = "due"       // what is owed, the soonest due first; the rest is left out
	Supported Order = "supported" // the most supported first
)

// Filter chooses public cases; zero fields choose all.
type Filter struct {
	// Bodies are ids of institutions, "" the coordination's own; nil is all.
	Bodies   []string
	Kinds    []Kind
	States   []State
	Units    []string
	Themes   []string
	Dataset  string    // id
	On       plaza.Ref // exactly what it is about
	Asker    string    // person id
	Overdue  bool      // due before now, and not answered
	Waiting  bool      // an official answer is owed
	Backed   bool      // somebody supports it
	Outcomes []Outcome
	From, To time.Time // asked in [From, To)
	Desk     Desk      // what only those who answer look for
}

// Key is a place in a list; the zero Key is its beginning.
type Key struct {
	At       time.Time `json:"at"`
	ID       string    `json:"id"`
	Supports int       `json:"n,omitempty"`
}

// KeyOf is a case's place in a list of an order.
func KeyOf(c Case, o Order) Key {
	switch o {
	case ByDue:
		return Key{At: c.Due, ID: c.ID}
	case Supported:
		return Key{At: c.Asked, ID: c.ID, Supports: c.Supports}
	}
	return Key{At: c.Asked, ID: c.ID}
}

// MaxTotal is up to where Count is exact.
const MaxTotal = 10_000

// List returns public cases in an order, at most limit after a place.
func List(tx *db.Tx, f Filter, o Order, after Key, limit int) ([]Case, error) {
	if o == ByDue && f.settled() || f.none() {
		return nil, nil
	}
	q := f.query(tx.Now, beforeColumns(tx, f, o))
	order := `asked_at DESC, id DESC`
	switch o {
	case ByDue:
		q.add(`due_at IS NOT NULL`)
		order = `due_at, id`
	case Supported:
		order = `supports DESC, asked_at DESC, id DESC`
	}
	if after.ID != "" {
		switch o {
		case ByDue:
			q.add(`(due_at, id) > (?, ?)`, after.At, after.ID)
		case Supported:
			q.add(`(supports, asked_at, id) < (?, ?, ?)`, max(min(after.Supports, math.MaxInt32), -1), after.At, after.ID) // a place may be made up
		default:
			q.add(`(asked_at, id) < (?, ?)`, after.At, after.ID)
		}
	}
	where, args := q.where()
	args = append(args, limit)
	// which cases these are is read off an index; only they are read whole
	return db.All(tx, scan, `SELECT `+columns+`
		FROM cases
		WHERE id IN (SELECT id FROM `+f.source()+` WHERE `+where+f.once()+` ORDER BY `+order+fmt.Sprintf(` LIMIT $%d)
		ORDER BY `, len(args))+order, args...)
}

// source is the table off whose indexes it is read which cases a filter chooses: one of
// themes has what lists are narrowed and ordered by beside each theme.
func (f Filter) source() string {
	if f.themed() {
		return `(SELECT case_id AS id, theme, standing, institution, kind, state, outcome, supports, asked_at, due_at FROM case_themes) AS themed`
	}
	return `cases`
}

// once makes a case with two of the themes that are looked for one.
func (f Filter) once() string {
	if f.themed() && len(f.Themes) > 1 {
		return ` GROUP BY id, asked_at, due_at, supports`
	}
	return ""
}

// themed reports whether a filter is of themes and of nothing that is not kept with them.
func (f Filter) themed() bool {
	return len(f.Themes) > 0 && len(f.Units) == 0 && !f.pointed() && reflect.DeepEqual(f.Desk, Desk{})
}

// before is what is written before columns that many cases share, so that no index is
// chosen by them: SQLite takes any column that must be equal, or lie between, for a good
// one, and would sort half of all cases where walking them in order finds a page at once.
type before struct {
	many          string // institution, kind, state
	outcome       string
	due, supports string
}

func beforeColumns(tx *db.Tx, f Filter, o Order) (b before) {
	if tx.Engine() != db.SQLite {
		return b
	}
	narrow := f.Bodies != nil || len(f.Units) > 0 || len(f.Themes) > 0 || len(f.Outcomes) > 0
	if f.pointed() || o != Newest && !narrow || len(f.Outcomes) > 0 { // fewer have an outcome than a kind or state
		b.many = "+"
	}
	if f.pointed() {
		b.outcome = "+"
	}
	if o != Supported {
		b.supports = "+"
	}
	if (o == Supported || o == Newest && f.Backed) && !narrow && !f.pointed() {
		b.due = "+"
	}
	return b
}

// pointed reports whether a filter is of one object or person, or of what waits for
// somebody at a desk: there are few such cases, and no other column finds them sooner.
func (f Filter) pointed() bool {
	return f.Dataset != "" || f.On.ID != "" || f.Asker != "" || f.Desk.IDs != nil || f.Desk.Drafts != "" || f.Desk.Asked != nil
}

// settled reports whether a filter chooses only cases of which nothing is due.
func (f Filter) settled() bool {
	return len(f.States) > 0 && !slices.ContainsFunc(f.States, func(s State) bool { return slices.Contains(Owed, s) })
}

// none reports whether a filter of cases of which nothing is due asks for what is.
func (f Filter) none() bool { return f.settled() && (f.Waiting || f.Overdue) }

// Count is how many public cases a filter chooses; one more than MaxTotal stands for any
// greater number.
func Count(tx *db.Tx, f Filter) (n int, err error) {
	if f.none() {
		return 0, nil
	}
	q := f.query(tx.Now, beforeColumns(tx, f, Newest))
	where, args := q.where()
	args = append(args, MaxTotal+1)
	err = tx.Row(`SELECT COUNT(id) FROM (SELECT id FROM `+f.source()+` WHERE `+where+f.once()+fmt.Sprintf(` LIMIT $%d) AS few`, len(args)), args...).Scan(&n)
	return n, err
}

// conditions are those of a query, with ? for each argument.
type conditions struct {
	parts []string
	args  []any
}

func (q *conditions) add(part string, args ...any) {
	q.parts, q.args = append(q.parts, part), append(q.args, args...)
}

// in adds that a column is one of some values, when there are any.
func in[T any](q *conditions, column string, values []T) {
	if len(values) > 0 {
		q.add(column+` IN (`+strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")+`)`, db.Args(values)...)
	}
}

// where numbers the arguments.
func (q *conditions) where() (string, []any) {
	text, n := strings.Join(q.parts, ` AND `), 0
	var b strings.Builder
	for _, r := range text {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		fmt.Fprintf(&b, "$%d", n)
	}
	return b.String(), q.args
}

// query is the filter as conditions on the table of cases.
func (f Filter) query(now time.Time, b before) *conditions {
	q := &conditions{}
	q.add(`standing = 'public'`)
	if f.pointed() {
		in(q, b.many+`institution`, f.Bodies)
	} else {
		in(q, `institution`, f.Bodies)
	}
	in(q, b.many+`kind`, f.Kinds)
	in(q, b.many+`state`, f.States)
	in(q, `unit_id`, f.Units)
	if len(f.Outcomes) > 0 {
		q.add(`outcome <> ''`) // says that an index holds them, which has no others
		in(q, b.outcome+`outcome`, f.Outcomes)
	}
	switch {
	case f.themed():
		in(q, `theme`, f.Themes)
	case len(f.Themes) > 0:
		sub := &conditions{}
		in(sub, `theme`, f.Themes)
		q.add(`id IN (SELECT case_id FROM case_themes WHERE standing = 'public' AND `+sub.parts[0]+`)`, sub.args...)
	}
	if f.Dataset != "" {
		q.add(`dataset_id = ? AND dataset_id <> ''`, f.Dataset)
	}
	if f.On.ID != "" {
		q.add(`on_kind = ? AND on_id = ? AND on_id <> ''`, f.On.Kind, f.On.ID)
	}
	if f.Asker != "" {
		q.add(`asker_id = ? AND asker_id <> ''`, f.Asker)
	}
	if f.Overdue {
		q.add(b.due+`due_at <= ? AND due_at IS NOT NULL AND state <> 'needs_info'`, now)
	}
	if f.Backed {
		q.add(b.supports + `supports > 0`)
	}
	if f.Waiting {
		in(q, b.many+`state`, Owed)
	}
	if !f.From.IsZero() {
		q.add(`asked_at >= ?`, f.From)
	}
	if !f.To.IsZero() {
		q.add(`asked_at < ?`, f.To)
	}
	f.Desk.add(q, now)
	return q
}
