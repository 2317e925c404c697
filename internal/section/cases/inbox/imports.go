package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// importsKept is how long a file that was read is kept.
const importsKept = 7 * 24 * time.Hour

// imported is a file that was read, with how far its import is.
type imported struct {
	ID      string
	Name    string
	Content content
	Made    int // rows that became cases
	Known   int // rows that had become cases before
	Next    int // the entry to go on with
}

// content is what a file says.
type content struct {
	Entries []entry  `json:"entries"`
	Unknown []string `json:"unknown,omitempty"` // columns that say nothing here
	Broken  int      `json:"broken,omitempty"`  // the row at which the file breaks off
}

// good is how many rows can be imported.
func (c content) good() (n int) {
	for _, e := range c.Entries {
		if len(e.Wrong) == 0 {
			n++
		}
	}
	return n
}

// finished reports whether all that could be imported was.
func (i imported) finished() bool { return i.Next >= len(i.Content.Entries) }

// keepImport stores a file that was read.
func keepImport(tx *db.Tx, body, person, name string, c content) (string, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding an import: %w", err)
	}
	id := tx.ID()
	_, err = tx.Exec(`INSERT INTO case_imports (id, institution, person_id, name, content, created_at)
		VALUES (`+db.Placeholders(1, 6)+`)`, id, body, person, name, string(raw), tx.Now)
	return id, err
}

// importByID is a file of an institution; NotFound when it is another's or forgotten.
func importByID(tx *db.Tx, body, id string) (i imported, err error) {
	var raw string
	err = tx.Row(`SELECT id, name, content, made, known, next
		FROM case_imports
		WHERE id = $1 AND institution = $2`, id, body).Scan(&i.ID, &i.Name, &raw, &i.Made, &i.Known, &i.Next)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return i, plaza.E(plaza.NotFound, "inbox.error.import")
		}
		return i, err
	}
	if err := json.Unmarshal([]byte(raw), &i.Content); err != nil {
		return i, fmt.Errorf("reading import %s: %w", id, err)
	}
	return i, nil
}

// piece is how many rows one transaction imports: each gives three acts at most.
const piece = 40

// atOnce is how many rows one press of the button imports: some seconds on a small
// machine. What is left is said, with the button.
const atOnce = 500

// importSome imports the next good rows of a file, a piece in each transaction; what was
// imported stays when a later piece fails, and the same row is never imported twice.
func (b *Inbox) importSome(ctx context.Context, body string, i imported) error {
	for at, done := i.Next, 0; at < len(i.Content.Entries) && done < atOnce; done += piece {
		end := at
		for n := 0; end < len(i.Content.Entries) && n < piece; end++ {
			if len(i.Content.Entries[end].Wrong) == 0 {
				n++
			}
		}
		if err := b.DB.Write(ctx, func(tx *db.Tx) error { return b.importPiece(tx, body, i.ID, i.Content.Entries[at:end], at, end) }); err != nil {
			return err
		}
		at = end
	}
	return nil
}

// importPiece imports the good ones of some rows, those at [from, to) of a file, unless
// somebody else did.
func (b *Inbox) importPiece(tx *db.Tx, body, id string, entries []entry, from, to int) error {
	n, err := tx.Exec(`UPDATE case_imports SET next = $1 WHERE id = $2 AND institution = $3 AND next = $4`, to, id, body, from)
	if err != nil || n == 0 {
		return err
	}
	made, known := 0, 0
	var acts []record.Act
	for _, e := range entries {
		if len(e.Wrong) > 0 {
			continue
		}
		more, fresh, err := b.bring(tx, e)
		if err != nil {
			return fmt.Errorf("row %d: %w", e.N, err)
		}
		if acts = append(acts, more...); fresh {
			made++
		} else {
			known++
		}
	}
	if _, err := tx.Exec(`UPDATE case_imports SET made = made + $1, known = known + $2 WHERE id = $3`, made, known, id); err != nil {
		return err
	}
	return record.Append(tx, acts...)
}

// bring makes a case of a row, turned to its area.
func (b *Inbox) bring(tx *db.Tx, e entry) ([]record.Act, bool, error) {
	c, acts, fresh, err := b.Cases.Bring(tx, e.Form, e.Key, e.Done)
	if err != nil || !fresh || e.Unit == "" || e.Done != nil || c.Unit == e.Unit {
		return acts, fresh, err
	}
	_, more, err := b.Cases.Turn(tx, c.ID, e.Unit)
	if plaza.KindOf(err) == plaza.Invalid { // the area was retired since the file was read
		return acts, fresh, nil
	}
	return append(acts, more...), fresh, err
}
