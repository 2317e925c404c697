package inbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/plaza"
)

// importsKept is how long is kept what is left of a file that was read.
const importsKept = 7 * 24 * time.Hour

// maxWaiting is how many files of one inbox may wait to be imported.
const maxWaiting = 10

// importState is where the import of a file stands.
type importState string

// The states of an import. One that is broken is running as the store has it, but its job
// ended: it says so itself when it can.
const (
	isRead    importState = "read"
	isRunning importState = "running"
	isStopped importState = "stopped"
	isDone    importState = "done"
	isBroken  importState = "broken"
)

// Where a row of a file stands; one that became a case is gone.
const (
	rowWaits   = "waiting"
	rowRefused = "refused"
)

// imported is a file that was read, with how far its import is.
type imported struct {
	ID          string
	Institution string
	Person      string // who began it
	Name        string
	Heads       []string // names of its columns
	Broken      int      // the row at which the file breaks off
	State       importState
	Why         string // why it stopped by itself
	Run         int
	Job         string
	Total       int // rows
	Waiting     int // rows that are well and nothing became of yet
	Made        int // rows that became cases
	Known       int // rows that had become cases before
	At          time.Time
}

// refused is how many rows cannot be imported as they are.
func (i imported) refused() int { return i.Total - i.Waiting - i.Made - i.Known }

// done is of how many of the rows that are well something became.
func (i imported) done() int { return i.Made + i.Known }

// keptRow is what is kept of a row.
type keptRow struct {
	N     int      `json:"-"`
	Cells []string `json:"cells"`
	Wrong []fault  `json:"wrong,omitempty"`
}

// keepImport stores a file that was read, whole or not at all: Invalid at archivo when too
// many wait.
func keepImport(tx *db.Tx, i imported, rows []keptRow) (string, error) {
	var there int
	if err := tx.Row(`SELECT COUNT(*) FROM case_imports WHERE institution = $1 AND state IN ('read', 'stopped') AND created_at > $2`,
		i.Institution, tx.Now.Add(-importsKept)).Scan(&there); err != nil {
		return "", err
	}
	if there >= maxWaiting {
		return "", unreadable("waiting", map[string]any{"max": maxWaiting})
	}
	raw, err := json.Marshal(i.Heads)
	if err != nil {
		return "", fmt.Errorf("encoding an import: %w", err)
	}
	i.ID = tx.ID()
	for _, r := range rows {
		if len(r.Wrong) == 0 {
			i.Waiting++
		}
	}
	if _, err = tx.Exec(`INSERT INTO case_imports (id, institution, person_id, name, heads, broken, state, total, waiting, created_at)
		VALUES (`+db.Placeholders(1, 10)+`)`, i.ID, i.Institution, i.Person, i.Name, string(raw), i.Broken, isRead, len(rows), i.Waiting, tx.Now); err != nil {
		return "", err
	}
	for some := range slices.Chunk(rows, 100) {
		if err := keepRows(tx, i.ID, some); err != nil {
			return "", err
		}
	}
	return i.ID, nil
}

// keepRows stores some rows of a file by one statement.
func keepRows(tx *db.Tx, id string, rows []keptRow) error {
	var values []string
	var args []any
	for _, r := range rows {
		raw, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding row %d of an import: %w", r.N, err)
		}
		state := rowWaits
		if len(r.Wrong) > 0 {
			state = rowRefused
		}
		values = append(values, "("+db.Placeholders(len(args)+1, 4)+")")
		args = append(args, id, r.N, state, string(raw))
	}
	_, err := tx.Exec(`INSERT INTO case_import_rows (import_id, n, state, content) VALUES `+strings.Join(values, ", "), args...)
	return err
}

const importColumns = `id, institution, person_id, name, heads, broken, state, why, run, job_id, total, waiting, made, known, created_at`

func scanImport(scan func(...any) error) (i imported, err error) {
	var heads string
	if err = scan(&i.ID, &i.Institution, &i.Person, &i.Name, &heads, &i.Broken, &i.State, &i.Why, &i.Run, &i.Job, &i.Total, &i.Waiting, &i.Made, &i.Known, &i.At); err != nil {
		return i, err
	}
	if err := json.Unmarshal([]byte(heads), &i.Heads); err != nil {
		return i, fmt.Errorf("reading import %s: %w", i.ID, err)
	}
	return i, nil
}

// importByID is a file of an institution; NotFound when it is another's or forgotten.
func importByID(tx *db.Tx, body, id string) (imported, error) {
	i, err := scanImport(tx.Row(`SELECT `+importColumns+` FROM case_imports WHERE id = $1 AND institution = $2`, id, body).Scan)
	if plaza.KindOf(err) == plaza.NotFound && err != nil {
		return i, plaza.E(plaza.NotFound, "inbox.error.import")
	}
	if err == nil && i.State == isRunning {
		err = i.look(tx)
	}
	return i, err
}

// look says of an import that should be running whether its job is alive.
func (i *imported) look(tx *db.Tx) error {
	info, err := job.Get(tx, i.Job)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	if err != nil || info.State.Ended() {
		i.State = isBroken
	}
	return nil
}

// shownImports is how many files the page of the form lists.
const shownImports = 20

// importsOf are the files of an institution that are not forgotten, newest first.
func importsOf(tx *db.Tx, body string) ([]imported, error) {
	list, err := db.All(tx, scanImport, `SELECT `+importColumns+`
		FROM case_imports
		WHERE institution = $1
		ORDER BY created_at DESC, id DESC
		LIMIT $2`, body, shownImports)
	for n := range list {
		if list[n].State == isRunning && err == nil {
			err = list[n].look(tx)
		}
	}
	return list, err
}

// rowsOf are rows of a file in some state after one, in its order.
func rowsOf(tx *db.Tx, id, state string, after, limit int) ([]keptRow, error) {
	return db.All(tx, func(scan func(...any) error) (r keptRow, err error) {
		var raw string
		if err = scan(&r.N, &raw); err == nil {
			err = json.Unmarshal([]byte(raw), &r)
		}
		return r, err
	}, `SELECT n, content
		FROM case_import_rows
		WHERE import_id = $1 AND state = $2 AND n > $3
		ORDER BY n
		LIMIT $4`, id, state, after, limit)
}

// beginImport makes an import run, from where it stopped: with the rights of whoever acts.
// One that runs or is done is left alone.
func beginImport(tx *db.Tx, i imported) error {
	if i.State == isRunning || i.State == isDone || i.Waiting == 0 {
		return nil
	}
	n, err := tx.Exec(`UPDATE case_imports
		SET state = 'running', why = '', run = run + 1, person_id = $1
		WHERE id = $2 AND run = $3`, plaza.ActorFrom(tx.Context()).PersonID, i.ID, i.Run)
	if err != nil || n == 0 {
		return err
	}
	id, _, err := job.Enqueue(tx, RunImport{ID: i.ID, Run: i.Run + 1}, job.Options{Queue: Queue})
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE case_imports SET job_id = $1 WHERE id = $2`, id, i.ID)
	return err
}

// stopImport makes an import stop after the piece that it is at; what was imported stays.
func stopImport(tx *db.Tx, i imported, why string) error {
	_, err := tx.Exec(`UPDATE case_imports SET state = 'stopped', why = $1 WHERE id = $2 AND run = $3 AND state = 'running'`, why, i.ID, i.Run)
	return err
}

// dropImport forgets a file, unless it is being imported; what was imported stays.
func dropImport(tx *db.Tx, i imported) error {
	if i.State == isRunning {
		return plaza.E(plaza.Conflict, "inbox.error.import_running")
	}
	_, err := tx.Exec(`DELETE FROM case_imports WHERE id = $1 AND run = $2`, i.ID, i.Run)
	return err
}
