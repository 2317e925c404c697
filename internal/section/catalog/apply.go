package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
)

// Incoming is a record as a run read it, with the institution that its publisher
// is mapped to ("" for none).
type Incoming struct {
	dcat.Record
	InstitutionID string
	Fingerprint   string // of the record and its institution
	Digest        string // of the text that it was read from, "" when unknown
	Problems      string // what was wrong with it, as JSON; "" for nothing
}

// NewIncoming is a record with its own fingerprint, for an institution.
func NewIncoming(r dcat.Record, fingerprint, institution string) Incoming {
	return Incoming{Record: r, InstitutionID: institution, Fingerprint: fingerprint + "/" + institution}
}

// Applied counts datasets that a batch wrote.
type Applied struct {
	Added, Changed, Returned int
	Found                    int // missing ones that are listed again
}

// MaxBatch is how many records one Apply takes: each may append an act, and
// resources fit a statement.
const MaxBatch = record.MaxActs

// Changed returns those of a batch that differ from what is stored. It writes
// nothing. With refresh, those whose text alone differs are among them: their
// digests are from another version of the reading.
func Changed(tx *db.Tx, source string, batch []Incoming, refresh bool) ([]Incoming, error) {
	known, err := knownOf(tx, source, batch)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(batch, func(in Incoming) bool {
		k, ok := known[in.SourceKey]
		return ok && k.fingerprint == in.Fingerprint && !k.missing && (!refresh || k.digest == in.Digest)
	}), nil
}

type known struct {
	id, fingerprint, digest string
	missing                 bool // absent datasets are missing too
}

// knownOf looks records up by the ids that follow from their keys: by the keys
// themselves PostgreSQL reads all that a source has, until it has gathered statistics.
func knownOf(tx *db.Tx, source string, batch []Incoming) (map[string]known, error) {
	args := make([]any, len(batch))
	for i, in := range batch {
		args[i] = plaza.DerivedID(source, in.SourceKey)
	}
	out := make(map[string]known, len(batch))
	if len(batch) == 0 {
		return out, nil
	}
	rows, err := tx.Query(`SELECT source_key, id, fingerprint, digest, missing_since IS NOT NULL FROM datasets
		WHERE id IN (`+db.Placeholders(1, len(batch))+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var k known
		if err := rows.Scan(&key, &k.id, &k.fingerprint, &k.digest, &k.missing); err != nil {
			return nil, err
		}
		out[key] = k
	}
	return out, rows.Err()
}

// Batch is where records come from and how they are written.
type Batch struct {
	Source, Run string
	// Names gives the institution that a dataset is indexed under, by id.
	Names map[string]string
	// Counted is told what the batch does before it is in the record, to write it down
	// in the same transaction.
	Counted func(Applied) error
	// Bare leaves out the index and the record, to measure what they cost.
	Bare bool
}

// Apply writes records of one source: new ones are added, changed ones get a new
// state and a line in their history, missing ones are found and absent ones return. Each is an act
// in the record, so Apply is the last thing a transaction does.
func Apply(tx *db.Tx, into Batch, batch []Incoming) (Applied, error) {
	var n Applied
	if len(batch) > MaxBatch {
		return n, fmt.Errorf("applying %d records at once: at most %d", len(batch), MaxBatch)
	}
	known, err := knownOf(tx, into.Source, batch)
	if err != nil {
		return n, err
	}
	w := &writer{tx: tx, Batch: into}
	var fresh []Incoming
	var old []string
	for _, in := range batch {
		if k, ok := known[in.SourceKey]; ok {
			old = append(old, k.id)
		} else {
			fresh = append(fresh, in)
		}
	}
	if err := w.add(fresh); err != nil {
		return n, err
	}
	n.Added = len(fresh)
	before, err := ByIDs(tx, old)
	if err != nil {
		return n, err
	}
	stored := make(map[string]Dataset, len(before))
	for _, d := range before {
		stored[d.ID] = d
	}
	for _, in := range batch {
		k, ok := known[in.SourceKey]
		if !ok {
			continue
		}
		old := stored[k.id]
		if err := w.change(old, in); err != nil {
			return n, err
		}
		switch {
		case old.State == Absent:
			n.Returned++
		case k.fingerprint != in.Fingerprint:
			n.Changed++
		case k.missing:
			n.Found++
		}
	}
	if into.Counted != nil {
		if err := into.Counted(n); err != nil {
			return n, err
		}
	}
	return n, w.finish()
}

// writer collects what a batch writes, to write it in few statements.
type writer struct {
	Batch
	tx   *db.Tx
	docs []entry
	acts []record.Act
}

func (w *writer) finish() error {
	if w.Bare {
		return nil
	}
	if err := putDocs(w.tx, w.docs...); err != nil {
		return err
	}
	return record.Append(w.tx, w.acts...)
}

func (w *writer) add(fresh []Incoming) error {
	if len(fresh) == 0 {
		return nil
	}
	slugs, err := w.slugs(fresh)
	if err != nil {
		return err
	}
	datasets := newRows(w.tx, `INSERT INTO datasets (id, slug, source_id, source_key, institution_id, publisher_key,
		publisher_name, state, title, title_key, modified, late_at, late, fingerprint, digest, problems, record, first_seen_at, changed_at) VALUES `, 19)
	resources := newRows(w.tx, insertResource, 8)
	for i, in := range fresh {
		d := Dataset{
			ID: plaza.DerivedID(w.Source, in.SourceKey), Slug: slugs[i], SourceID: w.Source,
			InstitutionID: in.InstitutionID, State: Published, FirstSeen: w.tx.Now, ChangedAt: w.tx.Now, Record: in.Record,
		}
		raw, err := recordJSON(in.Record)
		if err != nil {
			return err
		}
		lateAt, late := lateness(d, w.tx.Now)
		if err := datasets.add(d.ID, d.Slug, w.Source, in.SourceKey, in.InstitutionID, in.Publisher.Key,
			in.Publisher.Name, Published, in.Title, text.Fold(in.Title), in.Modified, lateAt, late,
			in.Fingerprint, in.Digest, in.Problems, raw, w.tx.Now, w.tx.Now); err != nil {
			return err
		}
		d.Resources = newResources(d)
		w.docs = append(w.docs, entry{d, w.Names[d.InstitutionID], late})
		w.acts = append(w.acts, act("dataset.added", d, map[string]any{"title": d.Title, "slug": d.Slug}))
	}
	if err := datasets.flush(); err != nil {
		return err
	}
	for _, in := range fresh {
		id := plaza.DerivedID(w.Source, in.SourceKey)
		for _, r := range in.Record.Resources {
			if err := resources.addResource(id, r); err != nil {
				return err
			}
		}
	}
	return resources.flush()
}

func newResources(d Dataset) []Resource {
	out := make([]Resource, len(d.Record.Resources))
	for i, r := range d.Record.Resources {
		out[i] = Resource{ID: plaza.NestedID(d.ID, r.SourceKey), DatasetID: d.ID, Resource: r}
	}
	return out
}

// keptHeld are resources of which those stay withheld that were.
func keptHeld(list []Resource, old Dataset) []Resource {
	for i, r := range list {
		if o := old.resource(r.ID); o != nil {
			list[i].Withheld = o.Withheld
		}
	}
	return list
}

// change brings a stored dataset to what a run read.
func (w *writer) change(old Dataset, in Incoming) error {
	found := !old.MissingSince.IsZero()
	next := old
	next.Record, next.InstitutionID, next.ChangedAt = in.Record, in.InstitutionID, w.tx.Now
	next.State, next.MissingSince, next.AbsentAt = Published, time.Time{}, time.Time{}
	fields := diff(old, next)
	if !found && len(fields) == 0 && old.InstitutionID == in.InstitutionID {
		// The fingerprint covers what no page shows; keep it without a line of history.
		_, err := w.tx.Exec(`UPDATE datasets SET fingerprint = $1, digest = $2, problems = $3 WHERE id = $4`,
			in.Fingerprint, in.Digest, in.Problems, old.ID)
		return err
	}
	raw, err := recordJSON(in.Record)
	if err != nil {
		return err
	}
	lateAt, late := lateness(next, w.tx.Now)
	if _, err := w.tx.Exec(`UPDATE datasets SET institution_id = $1, publisher_key = $2, publisher_name = $3,
		state = $4, title = $5, title_key = $6, modified = $7, late_at = $8, late = $9, fingerprint = $10,
		digest = $11, problems = $12, record = $13, changed_at = $14, missing_since = NULL, absent_at = NULL WHERE id = $15`,
		in.InstitutionID, in.Publisher.Key, in.Publisher.Name, Published, in.Title, text.Fold(in.Title), in.Modified,
		lateAt, late, in.Fingerprint, in.Digest, in.Problems, raw, w.tx.Now, old.ID); err != nil {
		return err
	}
	if err := w.changeResources(old, in); err != nil {
		return err
	}
	if old.InstitutionID != in.InstitutionID {
		if err := comment.Rehome(w.tx, said(old), in.InstitutionID); err != nil {
			return err
		}
	}
	next.Resources = keptHeld(newResources(next), old)
	w.docs = append(w.docs, entry{next, w.Names[next.InstitutionID], late})
	kind := "changed"
	switch {
	case old.State == Absent:
		kind = "returned"
	case found && len(fields) == 0:
		kind = "found"
	}
	if err := remember(w.tx, old.ID, w.Run, kind, fields); err != nil {
		return err
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Field
	}
	payload := map[string]any{"title": next.Title, "slug": next.Slug, "fields": names}
	if old.InstitutionID != in.InstitutionID { // what follows it reads this (rehome.go)
		payload["from"], payload["to"] = old.InstitutionID, in.InstitutionID
	}
	w.acts = append(w.acts, act("dataset."+kind, next, payload))
	return nil
}

// changeResources adds, changes and removes resources; a removed one that comes
// back is the same one again.
func (w *writer) changeResources(old Dataset, in Incoming) error {
	before := map[string]Resource{}
	for _, r := range old.Resources {
		before[r.SourceKey] = r
	}
	added := newRows(w.tx, insertResource, 8)
	for _, r := range in.Record.Resources {
		o, ok := before[r.SourceKey]
		delete(before, r.SourceKey)
		if !ok {
			if err := added.addResource(old.ID, r); err != nil {
				return err
			}
			continue
		}
		raw, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding a resource: %w", err)
		}
		if was, err := json.Marshal(o.Resource); err == nil && string(was) == string(raw) && o.RemovedAt.IsZero() {
			continue
		}
		url := Resource{Resource: r}.URL()
		if _, err := w.tx.Exec(`UPDATE resources SET position = $1, title = $2, format = $3, record = $4, removed_at = NULL,
			check_state = CASE WHEN url = $5 THEN check_state ELSE '' END,
			checked_at = CASE WHEN url = $5 THEN checked_at ELSE NULL END, url = $5 WHERE id = $6`,
			r.Position, r.Title, r.Format, string(raw), url, o.ID); err != nil {
			return err
		}
	}
	for _, gone := range before {
		if !gone.RemovedAt.IsZero() {
			continue
		}
		if _, err := w.tx.Exec(`UPDATE resources SET removed_at = $1 WHERE id = $2`, w.tx.Now, gone.ID); err != nil {
			return err
		}
	}
	return added.flush()
}

// slugs makes a slug for each new dataset: of its title, and where another dataset
// has that one, with a tail made of its key, which is the same in every run.
func (w *writer) slugs(fresh []Incoming) ([]string, error) {
	const length = 80
	out := make([]string, len(fresh))
	for i, in := range fresh {
		out[i] = text.Slug(in.Title, length)
		if out[i] == "" {
			out[i] = "conjunto"
		}
	}
	args := append([]any{KindDataset}, db.Args(out)...)
	taken, err := db.All(w.tx, db.Column[string], `SELECT slug FROM datasets WHERE slug IN (`+db.Placeholders(2, len(out))+`)
		UNION SELECT slug FROM old_slugs WHERE kind = $1 AND slug IN (`+db.Placeholders(2, len(out))+`)`, args...)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, s := range taken {
		used[s] = true
	}
	for i, s := range out {
		if used[s] {
			sum := sha256.Sum256([]byte(w.Source + "\x00" + fresh[i].SourceKey))
			out[i] = s + "-" + hex.EncodeToString(sum[:4])
		}
		used[out[i]] = true
	}
	return out, nil
}

func recordJSON(r dcat.Record) (string, error) {
	r.Resources = nil
	raw, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encoding a record: %w", err)
	}
	return string(raw), nil
}

// lateness is when a dataset falls behind its own rhythm, and whether it has.
func lateness(d Dataset, now time.Time) (time.Time, bool) {
	period, ok := Period(d.AccrualPeriodicity)
	modified, dated := Instant(d.Modified)
	if !ok || !dated {
		return time.Time{}, false
	}
	at := modified.Add(time.Duration(float64(period) * grace))
	return at, at.Before(now)
}

func act(verb string, d Dataset, payload map[string]any) record.Act {
	return record.Act{Verb: verb, Object: d.Ref(), Institution: d.InstitutionID, Payload: payload}
}

func remember(tx *db.Tx, dataset, run, kind string, fields []FieldChange) error {
	if fields == nil {
		fields = []FieldChange{}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("encoding a change: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO dataset_changes (id, dataset_id, run_id, at, kind, fields) VALUES ($1, $2, $3, $4, $5, $6)`,
		tx.ID(), dataset, run, tx.Now, kind, string(raw))
	return err
}

// Text is a record of a source by the text that it was read from.
type Text struct {
	Digest, SourceKey, Problems string
	Title, Fingerprint          string // the record's own, without its institution
}

// Texts returns the texts of a source's published datasets of which all is known,
// missing ones left out, by their keys: a page of them after a key.
func Texts(tx *db.Tx, source, after string, limit int) ([]Text, error) {
	return db.All(tx, func(scan func(...any) error) (Text, error) {
		var t Text
		err := scan(&t.Digest, &t.SourceKey, &t.Problems, &t.Title, &t.Fingerprint)
		t.Fingerprint, _, _ = strings.Cut(t.Fingerprint, "/")
		return t, err
	}, `SELECT digest, source_key, problems, title, fingerprint FROM datasets
		WHERE source_id = $1 AND source_key > $2 AND digest <> '' AND missing_since IS NULL
		ORDER BY source_key LIMIT $3`, source, after, limit)
}
