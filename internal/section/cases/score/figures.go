package score

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/section/cases"
)

// What a case counts as, in conditions on the table. Every case that counts is exactly
// one of the first four.
const (
	isDuplicate  = `(state = 'closed' AND reason = 'duplicate')`
	isAnswered   = `(answered_at IS NOT NULL AND NOT ` + isDuplicate + `)`
	isUnanswered = `(answered_at IS NULL AND state <> 'closed')`
	isClosed     = `(answered_at IS NULL AND state = 'closed' AND reason <> 'duplicate')`

	isWaiting    = `(` + isUnanswered + ` AND state = 'needs_info')`
	isReopened   = `(` + isAnswered + ` AND state IN ('open', 'assigned', 'reopened', 'needs_info'))`
	isResolved   = `(` + isAnswered + ` AND state = 'resolved')`
	isClosedLate = `(` + isClosed + ` AND closed_late = 1)`
	isBrought    = `(channel NOT IN ('web', 'api', 'button'))`
)

// past is that what is owed is due; now is the place of the instant among the arguments.
func past(now int) string { return fmt.Sprintf(`(state <> 'needs_info' AND due_at <= $%d)`, now) }

// where is the filter as conditions, with the arguments before its own counted.
func (f Filter) where(before int) (string, []any) {
	parts, args := []string{`standing = 'public'`}, []any{}
	add := func(format string, v any) {
		args = append(args, v)
		parts = append(parts, fmt.Sprintf(format, before+len(args)))
	}
	if f.Bodies != nil {
		parts = append(parts, `institution IN (`+db.Placeholders(before+len(args)+1, len(f.Bodies))+`)`)
		args = append(args, db.Args(f.Bodies)...)
	}
	if f.Month != "" {
		add(`month = $%d`, f.Month)
	}
	if f.Kind != "" {
		add(`kind = $%d`, f.Kind)
	}
	if f.Side != "" {
		add(`side = $%d`, f.Side)
	}
	return strings.Join(parts, ` AND `), args
}

// column is by which column figures are given apart; it is written into the query.
func (by By) column() string {
	switch by {
	case ByInstitution, ByMonth, ByKind, BySide:
		return string(by)
	case byCell:
		return `institution || ' ' || month || ' ' || kind`
	}
	return `''`
}

// Tally are the figures of cases, apart by something, in its order; what has no case has
// no line. It runs one statement where tallies tell, else four over the cases.
func Tally(tx *db.Tx, f Filter, by By) ([]Line, error) {
	if f.tallied(by) {
		all, err := stored(tx, f, by)
		if err != nil {
			return nil, err
		}
		return addUp(tx, all, by)
	}
	return tallyCases(tx, f, by)
}

// tallyCases counts case by case.
func tallyCases(tx *db.Tx, f Filter, by By) ([]Line, error) {
	lines, err := counts(tx, f, by)
	if err != nil {
		return nil, err
	}
	at := make(map[string]*Figures, len(lines))
	for i := range lines {
		at[lines[i].Of] = &lines[i].Figures
	}
	if err := spread(tx, f, by, isAnswered+` AND answer_days >= 0`, `answer_days`, func(of string, days, n int) {
		at[of].AnswerDays = at[of].AnswerDays.add(days, n)
	}); err != nil {
		return nil, err
	}
	if err := spread(tx, f, by, isResolved+` AND total_days >= 0`, `total_days`, func(of string, days, n int) {
		at[of].TotalDays = at[of].TotalDays.add(days, n)
	}); err != nil {
		return nil, err
	}
	return lines, outcomes(tx, f, by, at)
}

// counts are the figures that are counts.
func counts(tx *db.Tx, f Filter, by By) ([]Line, error) {
	where, args := f.where(1)
	sum := func(conditions ...string) string {
		return `SUM(CASE WHEN ` + strings.Join(conditions, ` AND `) + ` THEN 1 ELSE 0 END)`
	}
	columns := []string{`COUNT(*)`, sum(isBrought), sum(isAnswered), sum(isAnswered, `answer_in_time = 1`), sum(isAnswered, `answer_in_time <> 1`),
		sum(isClosed), sum(isClosed, `reason = 'off_topic'`), sum(isClosed, `reason = 'withdrawn'`), sum(isClosed, `reason = 'unanswered'`),
		sum(isClosedLate), sum(isDuplicate), sum(isUnanswered), sum(isWaiting), sum(isUnanswered, past(1)),
		sum(isReopened), sum(isReopened, past(1)), sum(`ack_days >= 0`), sum(`ack_in_time = 1`), sum(isResolved),
		`MIN(CASE WHEN ` + isUnanswered + ` THEN asked_at END)`}
	return db.All(tx, func(scan func(...any) error) (l Line, err error) {
		err = scan(&l.Of, &l.Received, &l.Brought, &l.Answered, &l.InTime, &l.Late,
			&l.Closed, &l.OffTopic, &l.Withdrawn, &l.Lapsed,
			&l.ClosedLate, &l.Duplicates, &l.Unanswered, &l.Waiting, &l.Overdue,
			&l.Reopened, &l.ReopenedOverdue, &l.Acknowledged, &l.AckInTime, &l.Resolved, &l.Oldest)
		return l, err
	}, `SELECT `+by.column()+` AS part, `+strings.Join(columns, `, `)+`
		FROM score_cases
		WHERE `+where+`
		GROUP BY part
		ORDER BY part`, append([]any{tx.Now}, args...)...)
}

// spread counts cases by a number of days.
func spread(tx *db.Tx, f Filter, by By, which, days string, add func(of string, days, n int)) error {
	where, args := f.where(0)
	rows, err := tx.Query(`SELECT `+by.column()+` AS part, `+days+`, COUNT(*)
		FROM score_cases
		WHERE `+where+` AND `+which+`
		GROUP BY part, `+days+`
		ORDER BY part, `+days, args...)
	if err != nil {
		return fmt.Errorf("counting %s: %w", days, err)
	}
	defer rows.Close()
	for rows.Next() {
		var of string
		var d, n int
		if err := rows.Scan(&of, &d, &n); err != nil {
			return err
		}
		add(of, d, n)
	}
	return rows.Err()
}

// outcomes counts official answers by what they come to.
func outcomes(tx *db.Tx, f Filter, by By, at map[string]*Figures) error {
	where, args := f.where(0)
	rows, err := tx.Query(`SELECT `+by.column()+` AS part, outcome, COUNT(*)
		FROM score_cases
		WHERE `+where+` AND `+isAnswered+`
		GROUP BY part, outcome`, args...)
	if err != nil {
		return fmt.Errorf("counting outcomes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var of string
		var o cases.Outcome
		var n int
		if err := rows.Scan(&of, &o, &n); err != nil {
			return err
		}
		if at[of].Outcomes == nil {
			at[of].Outcomes = map[cases.Outcome]int{}
		}
		at[of].Outcomes[o] = n
	}
	return rows.Err()
}

// Total are the figures of all that a filter chooses.
func Total(tx *db.Tx, f Filter) (Figures, error) {
	lines, err := Tally(tx, f, InAll)
	if err != nil || len(lines) == 0 {
		return Figures{}, err
	}
	return lines[0].Figures, nil
}

// waiting are cases that wait for an answer: since when, by whose calendar, and how many.
type waiting struct {
	Body string
	On   time.Time
	N    int
}

// unanswered are all cases that wait for an answer.
func unanswered(tx *db.Tx, f Filter) (out []waiting, err error) {
	if f.tallied(InAll) {
		all, err := stored(tx, f, InAll)
		for i := 0; i < len(all) && err == nil; i++ {
			err = (content{all[i].content, true}).tell(adding{new(Figures), tx.Now.UnixMilli(), func(body string, asked int64, n int) {
				out = append(out, waiting{body, time.UnixMilli(asked).UTC(), n})
			}})
		}
		return out, err
	}
	where, args := f.where(0)
	return db.All(tx, func(scan func(...any) error) (a waiting, err error) {
		a.N = 1
		err = scan(&a.Body, &a.On)
		return a, err
	}, `SELECT body, asked_at FROM score_cases WHERE `+where+` AND `+isUnanswered, args...)
}

// passedOn is how many cases institutions received first that another one answered, or
// owes now.
func passedOn(tx *db.Tx, f Filter) (map[string]int, error) {
	body := f.Bodies
	f.Bodies = nil
	where, args := f.where(0)
	if body != nil {
		where += ` AND opened_with IN (` + db.Placeholders(len(args)+1, len(body)) + `)`
		args = append(args, db.Args(body)...)
	}
	rows, err := tx.Query(`SELECT opened_with, COUNT(*) FROM score_cases WHERE `+where+` AND opened_with <> institution GROUP BY opened_with`, args...)
	if err != nil {
		return nil, fmt.Errorf("counting what was passed on: %w", err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var of string
		var n int
		if err := rows.Scan(&of, &n); err != nil {
			return nil, err
		}
		out[of] = n
	}
	return out, rows.Err()
}

// months are those in which cases were asked, newest first.
func months(tx *db.Tx) ([]string, error) {
	return db.All(tx, db.Column[string], `SELECT DISTINCT month FROM score_tallies WHERE institution = '`+everybody+`' ORDER BY month DESC LIMIT 240`)
}

// Commitments are what became of the commitments of institutions, by institution.
func Commitments(tx *db.Tx, f Filter) (map[string]Kept, error) {
	where, args := `month <> ''`, []any{tx.Now.In(zone).Format(time.DateOnly)}
	if f.Bodies != nil {
		where += ` AND institution IN (` + db.Placeholders(2, len(f.Bodies)) + `)`
		args = append(args, db.Args(f.Bodies)...)
	}
	if f.Month != "" {
		args = append(args, f.Month)
		where += fmt.Sprintf(` AND month = $%d`, len(args))
	}
	sum := func(condition string) string { return `SUM(CASE WHEN ` + condition + ` THEN 1 ELSE 0 END)` }
	rows, err := tx.Query(`SELECT institution, COUNT(*), `+strings.Join([]string{
		sum(`kept_on <> '' AND kept_on <= promised_on`),
		sum(`kept_on <> '' AND kept_on > promised_on AND kept_on <= due_on`),
		sum(`kept_on <> '' AND kept_on > promised_on AND kept_on > due_on`),
		sum(`kept_on = '' AND dropped = 0 AND due_on < $1`),
		sum(`kept_on = '' AND dropped = 0 AND due_on >= $1`),
		sum(`kept_on = '' AND dropped = 1`)}, `, `)+`
		FROM score_commitments
		WHERE `+where+`
		GROUP BY institution`, args...)
	if err != nil {
		return nil, fmt.Errorf("counting commitments: %w", err)
	}
	defer rows.Close()
	out := map[string]Kept{}
	for rows.Next() {
		var of string
		var k Kept
		if err := rows.Scan(&of, &k.Made, &k.OnTime, &k.Moved, &k.Late, &k.Overdue, &k.Open, &k.Dropped); err != nil {
			return nil, err
		}
		out[of] = k
	}
	return out, rows.Err()
}

// merged adds up the commitments of all.
func merged(all map[string]Kept) (sum Kept) {
	for _, k := range all {
		sum.Made, sum.OnTime, sum.Moved, sum.Late = sum.Made+k.Made, sum.OnTime+k.OnTime, sum.Moved+k.Moved, sum.Late+k.Late
		sum.Overdue, sum.Open, sum.Dropped = sum.Overdue+k.Overdue, sum.Open+k.Open, sum.Dropped+k.Dropped
	}
	return sum
}

// knownMonth reports whether a text is a month.
func knownMonth(s string) bool {
	_, err := time.Parse("2006-01", s)
	return err == nil
}

// knownKind reports whether a text is a kind of case.
func knownKind(s string) bool { return slices.Contains(cases.Kinds, cases.Kind(s)) }
