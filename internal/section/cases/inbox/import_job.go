package inbox

import (
	"context"
	"encoding/json"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// Queue is that of imports, which take minutes: they keep nothing else waiting.
const Queue = "case_imports"

// RunImport is the job that imports a file, each time that it is begun.
type RunImport struct {
	ID  string `json:"id"`
	Run int    `json:"run"`
}

// Kind implements job.Args.
func (RunImport) Kind() string { return "inbox.import" }

// piece is how many rows one transaction imports: each gives three acts at most.
const piece = 40

// Handle registers what inboxes do by themselves.
func (b *Inbox) Handle(r *job.Runner) {
	r.Handle(RunImport{}.Kind(), func(ctx context.Context, j *job.Job) error {
		var args RunImport
		if err := j.Decode(&args); err != nil {
			return err
		}
		return b.runs(ctx, j, args)
	})
}

// runs imports a file piece by piece until nothing is left or it was stopped. A row goes in
// the transaction that makes a case of it, so that it becomes one once, wherever this ends
// and however often it is done again.
func (b *Inbox) runs(ctx context.Context, j *job.Job, args RunImport) error {
	for more := true; more; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		i, at, actor, err := b.beginner(ctx, args)
		if err == nil && i.Run == args.Run && i.State == isRunning {
			err = b.DB.Write(plaza.WithActor(ctx, actor), func(tx *db.Tx) (err error) {
				i, more, err = b.importPiece(tx, at, args)
				return err
			})
		} else {
			more = false
		}
		switch kind := plaza.KindOf(err); {
		case err == nil:
			j.Progress(ctx, i.done(), i.done()+i.Waiting, i.Name)
		case kind == plaza.Forbidden: // it runs with the rights of a person, who has them no more
			return b.DB.Write(ctx, func(tx *db.Tx) error { return stopImport(tx, i, "rights") })
		case kind == plaza.NotFound && i.ID == "": // forgotten meanwhile
			return nil
		default:
			return err
		}
	}
	return nil
}

// beginner is the import of a job, with its inbox and whoever began it as they are now.
func (b *Inbox) beginner(ctx context.Context, args RunImport) (i imported, at place, actor plaza.Actor, err error) {
	err = b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if i, err = scanImport(tx.Row(`SELECT `+importColumns+` FROM case_imports WHERE id = $1`, args.ID).Scan); err != nil {
			return err
		}
		at = place{ID: i.Institution, Zone: institution.DefaultZone}
		if at.ID != "" {
			body, err := institution.ByID(tx, at.ID)
			if err != nil {
				return err
			}
			at.Zone = body.Zone
		}
		p, err := account.ByID(tx, i.Person)
		if err != nil && plaza.KindOf(err) == plaza.NotFound {
			return plaza.E(plaza.Forbidden, "")
		}
		actor = p.Actor()
		return err
	})
	return i, at, actor, err
}

// importPiece imports the next rows of a file, unless it was stopped or begun again: more
// reports whether some are left.
func (b *Inbox) importPiece(tx *db.Tx, at place, args RunImport) (i imported, more bool, err error) {
	// whoever else is at it waits here, and sees what was done
	n, err := tx.Exec(`UPDATE case_imports SET state = state WHERE id = $1 AND run = $2 AND state = 'running'`, args.ID, args.Run)
	if err != nil || n == 0 {
		return i, false, err
	}
	if i, err = scanImport(tx.Row(`SELECT `+importColumns+` FROM case_imports WHERE id = $1`, args.ID).Scan); err != nil {
		return i, false, err
	}
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.CaseHandle, access.Object{Kind: cases.RefKind, Institution: at.ID}); err != nil {
		return i, false, err
	}
	rows, err := rowsOf(tx, i.ID, rowWaits, 0, piece)
	if err != nil {
		return i, false, err
	}
	acts, err := b.bringRows(tx, &i, at, rows)
	if err != nil {
		return i, false, err
	}
	if i.Waiting -= len(rows); len(rows) < piece {
		i.Waiting, i.State = 0, isDone
	}
	if _, err := tx.Exec(`UPDATE case_imports SET made = $1, known = $2, waiting = $3, state = $4 WHERE id = $5`, i.Made, i.Known, i.Waiting, i.State, i.ID); err != nil {
		return i, false, err
	}
	return i, i.State != isDone, record.Append(tx, acts...)
}

// bringRows makes cases of rows, which go; those of which none can be made stay, refused.
func (b *Inbox) bringRows(tx *db.Tx, i *imported, at place, rows []keptRow) (acts []record.Act, err error) {
	units, err := b.units(tx, at)
	if err != nil {
		return nil, err
	}
	read := newReader(at, units, tx.Now)
	where, _ := columnsOf(i.Heads)
	var gone []int
	for _, r := range rows {
		e := read.entry(row{r.N, r.Cells}, where)
		if len(e.Wrong) == 0 {
			more, fresh, err := b.bring(tx, e)
			if err != nil {
				return nil, fmt.Errorf("row %d: %w", r.N, err)
			}
			acts, gone = append(acts, more...), append(gone, r.N)
			if fresh {
				i.Made++
			} else {
				i.Known++
			}
			continue
		}
		// what it says was well when the file was read, as an area that is no more
		if err := refuse(tx, i.ID, keptRow{r.N, r.Cells, e.Wrong}); err != nil {
			return nil, err
		}
	}
	if len(gone) > 0 {
		_, err = tx.Exec(`DELETE FROM case_import_rows WHERE import_id = $1 AND n IN (`+db.Placeholders(2, len(gone))+`)`, append([]any{i.ID}, db.Args(gone)...)...)
	}
	return acts, err
}

// refuse keeps a row with what is wrong with it.
func refuse(tx *db.Tx, id string, r keptRow) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding row %d of an import: %w", r.N, err)
	}
	_, err = tx.Exec(`UPDATE case_import_rows SET state = 'refused', content = $1 WHERE import_id = $2 AND n = $3`, string(raw), id, r.N)
	return err
}

// bring makes a case of a row, turned to its area. A row that was brought before, by this
// import or another, makes none.
func (b *Inbox) bring(tx *db.Tx, e entry) ([]record.Act, bool, error) {
	c, acts, fresh, err := b.Cases.Bring(tx, e.Form, e.Key, e.Done)
	if err != nil || !fresh || e.Unit == "" || e.Done != nil || c.Unit == e.Unit {
		return acts, fresh, err
	}
	_, more, err := b.Cases.Turn(tx, c.ID, e.Unit)
	return append(acts, more...), fresh, err
}
