package score

import (
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/db"
)

// factNames are the columns of score_cases, in the order of scanFact and values.
var factNames = []string{"case_id", "last_seq", "folio", "kind", "channel", "institution", "opened_with", "body", "level", "opened_level", "side",
	"standing", "state", "reason", "outcome", "round", "month", "asked_at", "due_at", "ack_days", "ack_in_time", "answered_at",
	"answer_days", "answer_in_time", "settled_at", "total_days", "closed_late"}

var factColumns = strings.Join(factNames, ", ")

func scanFact(scan func(...any) error) (f fact, err error) {
	err = scan(&f.Case, &f.Last, &f.Folio, &f.Kind, &f.Channel, &f.Institution, &f.OpenedWith, &f.Body, &f.Level, &f.OpenedLevel, &f.Side,
		&f.Standing, &f.State, &f.Reason, &f.Outcome, &f.Round, &f.Month, &f.Asked, &f.Due, &f.AckDays, &f.AckInTime, &f.Answered,
		&f.AnswerDays, &f.InTime, &f.Settled, &f.TotalDays, &f.ClosedLate)
	return f, err
}

func (f *fact) values() []any {
	return []any{f.Case, f.Last, f.Folio, f.Kind, f.Channel, f.Institution, f.OpenedWith, f.Body, f.Level, f.OpenedLevel, f.Side,
		f.Standing, f.State, f.Reason, f.Outcome, f.Round, f.Month, f.Asked, f.Due, f.AckDays, f.AckInTime, f.Answered,
		f.AnswerDays, f.InTime, f.Settled, f.TotalDays, f.ClosedLate}
}

var promiseNames = []string{"commitment_id", "last_seq", "institution", "month", "promised_on", "due_on", "moves", "kept_on", "dropped"}

var promiseColumns = strings.Join(promiseNames, ", ")

func scanPromise(scan func(...any) error) (c promise, err error) {
	err = scan(&c.ID, &c.Last, &c.Institution, &c.Month, &c.Promised, &c.Due, &c.Moves, &c.Kept, &c.Dropped)
	return c, err
}

func (c *promise) values() []any {
	return []any{c.ID, c.Last, c.Institution, c.Month, c.Promised, c.Due, c.Moves, c.Kept, c.Dropped}
}

// rowsAtOnce is how many rows a statement takes.
const rowsAtOnce = 16

// row is something that is kept.
type row interface{ values() []any }

// put writes rows of a table, new or as they are now; the first column is its key.
func put[R row](tx *db.Tx, table string, names []string, rows []R) error {
	var set, was, is []string
	for _, n := range names[1:] {
		set, was, is = append(set, n+" = excluded."+n), append(was, table+"."+n), append(is, "excluded."+n)
	}
	text := func(n int) string {
		places := make([]string, n)
		for i := range places {
			places[i] = "(" + db.Placeholders(i*len(names)+1, len(names)) + ")"
		}
		return `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) VALUES ` + strings.Join(places, ", ") + `
			ON CONFLICT (` + names[0] + `) DO UPDATE SET ` + strings.Join(set, ", ") + `
			WHERE (` + strings.Join(was, ", ") + `) IS DISTINCT FROM (` + strings.Join(is, ", ") + `)`
	}
	full := text(rowsAtOnce)
	for part := range slices.Chunk(rows, rowsAtOnce) {
		args := make([]any, 0, len(part)*len(names))
		for _, r := range part {
			args = append(args, r.values()...)
		}
		statement := full
		if len(part) < rowsAtOnce {
			statement = text(len(part))
		}
		if _, err := tx.Exec(statement, args...); err != nil {
			return fmt.Errorf("writing %s: %w", table, err)
		}
	}
	return nil
}

func putFacts(tx *db.Tx, rows []*fact) error { return put(tx, "score_cases", factNames, rows) }

func putPromises(tx *db.Tx, rows []*promise) error {
	return put(tx, "score_commitments", promiseNames, rows)
}

// factsOf are what is known of some cases.
func factsOf(tx *db.Tx, ids []string) (map[string]*fact, error) {
	out := make(map[string]*fact, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	all, err := db.All(tx, scanFact, `SELECT `+factColumns+` FROM score_cases WHERE case_id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	for i := range all {
		out[all[i].Case] = &all[i]
	}
	return out, err
}

// promisesOf are what is known of some commitments.
func promisesOf(tx *db.Tx, ids []string) (map[string]*promise, error) {
	out := make(map[string]*promise, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	all, err := db.All(tx, scanPromise, `SELECT `+promiseColumns+` FROM score_commitments WHERE commitment_id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	for i := range all {
		out[all[i].ID] = &all[i]
	}
	return out, err
}

const entryColumns = `seq, at, verb, object_id, institution, payload`

func scanEntry(scan func(...any) error) (e entry, err error) {
	err = scan(&e.Seq, &e.At, &e.Verb, &e.ID, &e.Institution, &e.Payload)
	return e, err
}

// counted chooses the entries that are counted, in a range of numbers: they are walked in
// their order, and what is passed over is not read. '/' follows '.' in ASCII.
const counted = `seq > $1 AND seq <= $2 AND (verb >= 'case.' AND verb < 'case/' OR verb >= 'commitment.' AND verb < 'commitment/')`

// entriesUpTo are the entries that are counted, after one number and up to another.
func entriesUpTo(tx *db.Tx, after, last int64) ([]entry, error) {
	return db.All(tx, scanEntry, `SELECT `+entryColumns+` FROM record_entries WHERE `+counted+` ORDER BY seq`, after, last)
}
