package harvest

import (
	"encoding/json"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/dcat"
)

const sourceColumns = `id, kind, url, title, institution_id, every_hours, state, file, created_at, accepted_seen`

func scanSource(scan func(...any) error) (Source, error) {
	var s Source
	var hours int
	err := scan(&s.ID, &s.Kind, &s.URL, &s.Title, &s.InstitutionID, &hours, &s.State, &s.File, &s.CreatedAt, &s.acceptedSeen)
	s.Every = time.Duration(hours) * time.Hour
	return s, err
}

// SourceByID returns a source; NotFound when there is none.
func SourceByID(tx *db.Tx, id string) (Source, error) {
	return scanSource(tx.Row(`SELECT `+sourceColumns+` FROM sources WHERE id = $1`, id).Scan)
}

// Sources returns all sources by title: an administration has hundreds, not more.
func Sources(tx *db.Tx) ([]Source, error) {
	return db.All(tx, scanSource, `SELECT `+sourceColumns+` FROM sources ORDER BY title, id`)
}

// AtAddress returns the source of a kind that is read from an address, or from one
// that only looks different; NotFound when there is none.
func AtAddress(tx *db.Tx, kind dcat.Kind, address string) (Source, error) {
	all, err := Sources(tx)
	if err != nil {
		return Source{}, err
	}
	key := addressKey(address)
	for _, s := range all {
		if s.Kind == kind && addressKey(s.URL) == key {
			return s, nil
		}
	}
	return Source{}, plaza.E(plaza.NotFound, "harvest.error.no_source")
}

// checkAddress refuses the address that another source has, which it names.
func checkAddress(tx *db.Tx, s Source) error {
	known, err := AtAddress(tx, s.Kind, s.URL)
	switch {
	case err == nil && known.ID != s.ID:
		return &plaza.Error{Kind: plaza.Conflict, Key: "web.error.invalid",
			Fields: []plaza.FieldError{{Field: "url", Key: "harvest.error.known", Args: map[string]any{"title": known.Title}}}}
	case err != nil && plaza.KindOf(err) != plaza.NotFound:
		return err
	}
	return nil
}

func checkOwner(tx *db.Tx, s Source) error {
	if s.InstitutionID == "" {
		return nil
	}
	err := institution.CheckGoing(tx, s.InstitutionID)
	if err != nil && plaza.KindOf(err) == plaza.Conflict {
		return field(err, "institution", "institution.error.extinct")
	}
	return field(err, "institution", "harvest.error.institution")
}

// Add adds a source; ID may be given, and adding the same one again changes
// nothing. The errors are Invalid (fields) and Conflict: another source has this
// kind and address. It appends to the record.
func (h *Harvester) Add(tx *db.Tx, s Source) (Source, error) {
	if err := s.check(h.checkURL); err != nil {
		return s, err
	}
	if err := checkOwner(tx, s); err != nil {
		return s, err
	}
	if s.ID == "" {
		s.ID = tx.ID()
	} else if old, err := SourceByID(tx, s.ID); err == nil {
		return old, nil
	}
	if err := checkAddress(tx, s); err != nil {
		return s, err
	}
	s.CreatedAt = tx.Now
	if _, err := tx.Exec(`INSERT INTO sources (id, kind, url, title, institution_id, every_hours, state, file, created_at)
		VALUES (`+db.Placeholders(1, 9)+`)`, s.ID, s.Kind, s.URL, s.Title, s.InstitutionID,
		int(s.Every/time.Hour), s.State, s.File, tx.Now); err != nil {
		return s, err
	}
	verb := "source.added"
	if s.File != "" {
		verb = "source.imported"
	}
	return s, record.Append(tx, sourceAct(verb, s))
}

// Edit changes a source's title, address, institution and rhythm to those of s, which
// has its ID. Datasets that are its institution's because nothing else says whose they
// are go to the new one; it returns how many, as PutRule does. The errors are Add's,
// and NotFound. It appends to the record unless nothing differs.
func (h *Harvester) Edit(tx *db.Tx, s Source) (moved int, err error) {
	old, err := SourceByID(tx, s.ID)
	if err != nil {
		return 0, err
	}
	s.Kind, s.State, s.File = old.Kind, old.State, old.File
	if s.File != "" {
		s.URL, s.Every = old.URL, old.Every // it has neither
	}
	if err := s.check(h.checkURL); err != nil {
		return 0, err
	}
	if s.InstitutionID != old.InstitutionID { // of one that ended it may still be waiting to move
		if err := checkOwner(tx, s); err != nil {
			return 0, err
		}
	}
	if err := checkAddress(tx, s); err != nil {
		return 0, err
	}
	fields := edited(old, s)
	if len(fields) == 0 {
		return 0, nil
	}
	if _, err := tx.Exec(`UPDATE sources SET title = $1, url = $2, institution_id = $3, every_hours = $4 WHERE id = $5`,
		s.Title, s.URL, s.InstitutionID, int(s.Every/time.Hour), s.ID); err != nil {
		return 0, err
	}
	if s.URL != old.URL {
		// what the old address said of its state means nothing at the new one
		if _, err := tx.Exec(`UPDATE runs SET etag = '', modified = '' WHERE source_id = $1`, s.ID); err != nil {
			return 0, err
		}
	}
	return remapAll(tx, editActs(old, s, fields)...)
}

// edited lists the fields in which two states of a source differ.
func edited(a, b Source) (fields []string) {
	for _, f := range []struct {
		name   string
		differ bool
	}{{"title", a.Title != b.Title}, {"url", a.URL != b.URL}, {"institution", a.InstitutionID != b.InstitutionID}, {"every", a.Every != b.Every}} {
		if f.differ {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// editActs say what changed, to the institution that had the source too.
func editActs(old, s Source, fields []string) []record.Act {
	changed := sourceAct("source.changed", s)
	payload := changed.Payload.(map[string]any)
	payload["fields"] = fields
	acts := []record.Act{changed}
	if s.InstitutionID != old.InstitutionID && old.InstitutionID != "" {
		left := sourceAct("source.left", s)
		left.Institution = old.InstitutionID
		payload := left.Payload.(map[string]any)
		payload["from"], payload["to"] = old.InstitutionID, s.InstitutionID
		acts = append(acts, left)
	}
	return acts
}

// field is an Invalid or Conflict error at one field; other errors stay as they are.
func field(err error, name, key string) error {
	switch k := plaza.KindOf(err); k {
	case plaza.NotFound, plaza.Conflict:
		if k == plaza.NotFound {
			k = plaza.Invalid
		}
		return &plaza.Error{Kind: k, Key: "web.error.invalid", Cause: err,
			Fields: []plaza.FieldError{{Field: name, Key: key}}}
	}
	return err
}

func sourceAct(verb string, s Source) record.Act {
	return record.Act{Verb: verb, Object: s.Ref(), Institution: s.InstitutionID,
		Payload: map[string]any{"title": s.Title, "kind": s.Kind, "url": s.Address()}}
}

// Discard takes away a source from which nothing was read, with the reports of its
// runs; one that has datasets is a Conflict. It appends to the record.
func Discard(tx *db.Tx, id string) error {
	s, err := SourceByID(tx, id)
	if err != nil {
		return err
	}
	has, err := catalog.HasSource(tx, id)
	if err != nil {
		return err
	}
	if has {
		return plaza.E(plaza.Conflict, "harvest.error.has_datasets")
	}
	for _, statement := range []string{
		`DELETE FROM run_problems WHERE run_id IN (SELECT id FROM runs WHERE source_id = $1)`,
		`DELETE FROM runs WHERE source_id = $1`,
		`DELETE FROM sources WHERE id = $1`,
	} {
		if _, err := tx.Exec(statement, id); err != nil {
			return err
		}
	}
	return record.Append(tx, sourceAct("source.discarded", s))
}

// SetState pauses, resumes or retires a source, or puts it in quarantine; one that is
// made active again is read by its rhythm. It appends to the record unless the source
// is in that state already.
func SetState(tx *db.Tx, id string, state State) error {
	s, err := SourceByID(tx, id)
	if err != nil || s.State == state {
		return err
	}
	if _, err := tx.Exec(`UPDATE sources SET state = $1 WHERE id = $2`, state, id); err != nil {
		return err
	}
	verb := map[State]string{Active: "source.resumed", Paused: "source.paused", Quarantined: "source.quarantined", Retired: "source.retired"}[state]
	if s.State == Retired {
		verb = "source.returned"
	}
	if state == Retired {
		if err := job.CancelUnique(tx, runKey(id)); err != nil {
			return err
		}
	}
	return record.Append(tx, sourceAct(verb, s))
}

// turn is SetState of a source that is still in a state: somebody may have paused or
// retired it meanwhile.
func turn(tx *db.Tx, id string, from, to State) error {
	s, err := SourceByID(tx, id)
	if err != nil || s.State != from {
		return err
	}
	return SetState(tx, id, to)
}

// Accept says that a source is right although it has shrunk to so many datasets: the
// guard measures against that number from now on. It appends to the record.
func Accept(tx *db.Tx, id string, seen int) error {
	s, err := SourceByID(tx, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE sources SET accepted_seen = $1, state = $2 WHERE id = $3`, max(seen, 1), Active, id); err != nil {
		return err
	}
	return record.Append(tx, sourceAct("source.accepted", s))
}

const runColumns = `id, source_id, state, started_at, finished_at, seen, added, changed, missing, absent, returned,
	requests, bytes, sha256, etag, modified, error, error_args, problems, digest, problems_of, reader, cursor`

func scanRun(scan func(...any) error) (Run, error) {
	var r Run
	var args string
	if err := scan(&r.ID, &r.SourceID, &r.State, &r.StartedAt, &r.FinishedAt, &r.Seen, &r.Added, &r.Changed,
		&r.Missing, &r.Absent, &r.Returned, &r.Requests, &r.Bytes, &r.SHA256, &r.ETag, &r.Modified,
		&r.Error, &args, &r.Problems, &r.digest, &r.problemsOf, &r.reader, &r.cursor); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(args), &r.ErrorArgs)
}

// RunByID returns a run; NotFound when there is none.
func RunByID(tx *db.Tx, id string) (Run, error) {
	return scanRun(tx.Row(`SELECT `+runColumns+` FROM runs WHERE id = $1`, id).Scan)
}

// Runs returns a source's runs, newest first, from the one before a run id ("" for
// the newest): run ids sort by when they began.
func Runs(tx *db.Tx, source, before string, limit int) ([]Run, error) {
	if before == "" {
		before = "g" // greater than every id
	}
	return db.All(tx, scanRun, `SELECT `+runColumns+` FROM runs
		WHERE source_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, source, before, limit)
}

// CountRuns counts a source's runs.
func CountRuns(tx *db.Tx, source string) (n int, err error) {
	err = tx.Row(`SELECT COUNT(*) FROM runs WHERE source_id = $1`, source).Scan(&n)
	return n, err
}

// LastWhole returns the newest run that knew everything its source lists; NotFound
// when there is none.
func LastWhole(tx *db.Tx, source string) (Run, error) {
	return scanRun(tx.Row(`SELECT `+runColumns+` FROM runs
		WHERE source_id = $1 AND state IN ($2, $3) ORDER BY id DESC LIMIT 1`, source, Complete, Unchanged).Scan)
}

// Latest returns each source's newest run, by source id.
func Latest(tx *db.Tx) (map[string]Run, error) {
	list, err := db.All(tx, scanRun, `SELECT `+runColumns+` FROM runs
		WHERE id IN (SELECT MAX(id) FROM runs GROUP BY source_id)`)
	out := make(map[string]Run, len(list))
	for _, r := range list {
		out[r.SourceID] = r
	}
	return out, err
}

// Problems returns the problems of a run from the nth on, in the order found.
func Problems(tx *db.Tx, r Run, from, limit int) ([]dcat.Problem, error) {
	return db.All(tx, func(scan func(...any) error) (dcat.Problem, error) {
		var p dcat.Problem
		err := scan(&p.Code, &p.Record, &p.Field, &p.Value, &p.Repaired)
		return p, err
	}, `SELECT code, record, field, value, repaired FROM run_problems
		WHERE run_id = $1 AND n >= $2 ORDER BY n LIMIT $3`, r.ProblemRun(), from, limit)
}
