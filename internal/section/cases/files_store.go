package cases

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/base/image"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// fileSalt is what a file in the store begins with: chance, so that two senders of the
// same file have two, and the one that goes takes nothing of the other along.
const fileSalt = 16

// ForgetFile is the job that takes a file out of the file store, once no row names it.
type ForgetFile struct {
	Key string `json:"key"`
}

// Kind implements job.Args.
func (ForgetFile) Kind() string { return "cases.forget_file" }

// Keep looks at files that were sent and puts them into the store, pictures made anew.
// Call it before a transaction, as it takes its time; AttachKept writes the rows. Where
// nothing comes of them, Drop them. What is wrong is Invalid at archivos.
func (cs *Cases) Keep(ctx context.Context, files []web.File) (kept []File, err error) {
	if len(files) > MaxFiles {
		return nil, fileWrong("files_many", map[string]any{"max": MaxFiles})
	}
	type checked struct {
		f    File
		body []byte
	}
	var all []checked
	for _, sent := range files {
		if len(sent.Body) == 0 {
			return nil, fileWrong("file_empty", map[string]any{"name": fileName(sent.Name, "")})
		}
		if len(sent.Body) > MaxFile {
			return nil, fileWrong("file_large", map[string]any{"name": fileName(sent.Name, ""), "megabytes": MaxFile >> 20})
		}
		body, media := sent.Body, ""
		if fileIsPicture(body) {
			if body, media, err = cs.pictures().Clean(ctx, body); err != nil && plaza.KindOf(err) != plaza.Invalid {
				return nil, err
			}
		} else {
			media = fileMedia(sent.Name, body)
		}
		if media == "" {
			return nil, fileWrong("file_type", map[string]any{"name": fileName(sent.Name, "")})
		}
		all = append(all, checked{File{Name: fileName(sent.Name, media), Media: media, Size: int64(len(body))}, body})
	}
	for _, one := range all {
		salt := make([]byte, fileSalt)
		_, _ = rand.Read(salt) // never fails since Go 1.24
		info, err := cs.Blob.Put(ctx, bytes.NewReader(append(salt, one.body...)))
		if err != nil {
			cs.Drop(ctx, kept)
			return nil, fmt.Errorf("keeping a file of a case: %w", err)
		}
		one.f.Key = info.Key
		kept = append(kept, one.f)
	}
	return kept, nil
}

// pictures makes pictures anew, one at a time.
func (cs *Cases) pictures() *image.Maker {
	cs.makes.Do(func() { cs.maker = image.New(cs.Blob, image.Limits{MaxBytes: MaxFile}) })
	return cs.maker
}

// Drop takes files out of the store that no row names.
func (cs *Cases) Drop(ctx context.Context, kept []File) {
	for _, f := range kept {
		if err := cs.Blob.Delete(context.WithoutCancel(ctx), f.Key); err != nil {
			cs.Log.Warn("a file that nothing names stays in the store", "key", f.Key, "err", err)
		}
	}
}

// Attach keeps files that came with something in a case: place is one of the places, and
// placeID the id of the step, draft or answer, of the case itself for FileOfCase. It
// writes to the file store within the transaction: where there may be large files, Keep
// them before it and AttachKept.
func (cs *Cases) Attach(tx *db.Tx, caseID, place, placeID string, files []web.File) error {
	kept, err := cs.Keep(tx.Context(), files)
	if err != nil {
		return err
	}
	return AttachKept(tx, caseID, place, placeID, kept)
}

// AttachKept writes the rows of files that Keep has put into the store.
func AttachKept(tx *db.Tx, caseID, place, placeID string, kept []File) error {
	return attach(tx, caseID, place, placeID, plaza.ActorFrom(tx.Context()).PersonID, kept)
}

func attach(tx *db.Tx, caseID, place, placeID, by string, kept []File) error {
	if len(kept) == 0 {
		return nil
	}
	var there int
	if err := tx.Row(`SELECT COUNT(*) FROM case_files WHERE case_id = $1 AND place = $2 AND place_id = $3`, caseID, place, placeID).Scan(&there); err != nil {
		return err
	}
	if there+len(kept) > MaxFiles {
		return fileWrong("files_many", map[string]any{"max": MaxFiles})
	}
	for _, f := range kept {
		if _, err := tx.Exec(`INSERT INTO case_files (id, case_id, place, place_id, name, media, bytes, sha256, by_id, at)
			VALUES (`+db.Placeholders(1, 10)+`)`, tx.ID(), caseID, place, placeID, f.Name, f.Media, f.Size, f.Key, by, tx.Now); err != nil {
			return fmt.Errorf("noting a file of a case: %w", err)
		}
	}
	return nil
}

// MoveFiles makes the files of one place those of another, those of a draft its answer's,
// except the ones of the ids that stay.
func MoveFiles(tx *db.Tx, caseID, place, placeID, toPlace, toID string, stay ...string) error {
	more, args := "", []any{toPlace, toID, caseID, place, placeID}
	if len(stay) > 0 {
		more = ` AND id NOT IN (` + db.Placeholders(6, len(stay)) + `)`
		args = append(args, db.Args(stay)...)
	}
	if _, err := tx.Exec(`UPDATE case_files SET place = $1, place_id = $2 WHERE case_id = $3 AND place = $4 AND place_id = $5`+more, args...); err != nil {
		return fmt.Errorf("moving files of a case: %w", err)
	}
	return nil
}

// DraftFiles are the files of some drafts of a case, by draft.
func DraftFiles(tx *db.Tx, caseID string, drafts ...string) (map[string][]File, error) {
	out := map[string][]File{}
	if len(drafts) == 0 {
		return out, nil
	}
	list, err := db.All(tx, scanFile, `SELECT `+fileColumns+`
		FROM case_files
		WHERE case_id = $1 AND place = 'draft' AND place_id IN (`+db.Placeholders(2, len(drafts))+`)
		ORDER BY at, name, id`, append([]any{caseID}, db.Args(drafts)...)...)
	for _, f := range list {
		out[f.PlaceID] = append(out[f.PlaceID], f)
	}
	return out, err
}

// OwnDraftFiles are the files of a person's drafts for some cases, by case.
func OwnDraftFiles(tx *db.Tx, person string, ids ...string) (map[string][]File, error) {
	out := map[string][]File{}
	if len(ids) == 0 {
		return out, nil
	}
	list, err := db.All(tx, scanFile, `SELECT `+fileColumns+`
		FROM case_files
		WHERE place = 'draft' AND case_id IN (`+db.Placeholders(2, len(ids))+`)
			AND place_id IN (SELECT id FROM case_drafts WHERE author_id = $1 AND author_id <> '' AND `+currentDrafts+`)
		ORDER BY at, name, id`, append([]any{person}, db.Args(ids)...)...)
	for _, f := range list {
		out[f.Case] = append(out[f.Case], f)
	}
	return out, err
}

const fileColumns = `id, case_id, place, place_id, name, media, bytes, sha256, by_id, at`

func scanFile(scan func(...any) error) (f File, err error) {
	err = scan(&f.ID, &f.Case, &f.Place, &f.PlaceID, &f.Name, &f.Media, &f.Size, &f.Key, &f.By, &f.At)
	return f, err
}

// maxFilesRead bounds how many files of a case are listed.
const maxFilesRead = 1000

// Files are all files of a case, those of drafts too, in each place the oldest first, those
// that came together by name.
func Files(tx *db.Tx, caseID string) ([]File, error) {
	return db.All(tx, scanFile, `SELECT `+fileColumns+`
		FROM case_files
		WHERE case_id = $1
		ORDER BY place, place_id, at, name, id
		LIMIT $2`, caseID, maxFilesRead)
}

func fileByID(tx *db.Tx, caseID, id string) (File, error) {
	f, err := scanFile(tx.Row(`SELECT `+fileColumns+` FROM case_files WHERE id = $1 AND case_id = $2`, id, caseID).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return f, plaza.E(plaza.NotFound, "cases.error.no_file")
	}
	return f, err
}

// forgetFiles forgets files that a query over a table names, and has them taken out of
// the store once that is so.
func forgetFiles(tx *db.Tx, table, where string, args ...any) error {
	keys, err := db.All(tx, db.Column[string], `DELETE FROM `+table+` WHERE `+where+` RETURNING sha256`, args...)
	if err != nil {
		return fmt.Errorf("forgetting files: %w", err)
	}
	for _, k := range keys {
		if _, _, err := job.Enqueue(tx, ForgetFile{Key: k}, job.Options{}); err != nil {
			return err
		}
	}
	return nil
}
