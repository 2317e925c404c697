package institution

import (
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/job"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Successions renames institutions and ends them, and moves what they had.
type Successions struct {
	db     *db.DB
	movers []Mover
	named  func(tx *db.Tx) error
}

// NewSuccessions makes Successions with what moves the things of the other parts; the
// areas, and what belongs to an institution, are moved in any case, before them. named
// is told when names have changed hands, before the record is written; it may be nil.
func NewSuccessions(d *db.DB, named func(tx *db.Tx) error, movers ...Mover) *Successions {
	if named == nil {
		named = func(*db.Tx) error { return nil }
	}
	return &Successions{db: d, named: named, movers: slices.Concat([]Mover{unitMover, childMover}, movers)}
}

// lock takes the rows of institutions that go on, in the order that lets nobody wait
// for each other; a Conflict when one is no more.
func lock(tx *db.Tx, ids ...string) error {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		n, err := tx.Exec(`UPDATE institutions SET state = state WHERE id = $1 AND state = $2`, id, Active)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if err := CheckGoing(tx, id); err != nil {
			return err
		}
		return plaza.E(plaza.Conflict, "institution.error.changed")
	}
	return nil
}

// errRenamed is Rename's when the institution is not called any more as its maker saw it.
var errRenamed error = &plaza.Error{Kind: plaza.Conflict, Key: "institution.error.changed"}

// Rename calls an institution by another name; the one before, by which it is still
// found, is kept with its date. What it owns is indexed under the new name by a job. The
// errors are Save's, and Conflict when somebody else renamed or ended it meanwhile. It
// appends to the record.
func (s *Successions) Rename(tx *db.Tx, r Renaming) (Institution, error) {
	if err := lock(tx, r.ID); err != nil {
		return Institution{}, err
	}
	old, err := ByID(tx, r.ID)
	if err != nil {
		return old, err
	}
	if old.Name != r.Was {
		return old, errRenamed
	}
	wrong := r.Basis.check()
	next := old
	next.Name, next.Acronym, next.Slug = r.Name, r.Acronym, r.Slug
	next.Names = append(slices.Clone(old.Names), old.Name)
	// another one may be known by the same acronym
	if id, err := ByName(tx, old.Acronym); err != nil {
		return old, err
	} else if id == r.ID {
		next.Names = append(next.Names, old.Acronym)
	}
	if same := oneLine(r.Name) == old.Name; same {
		wrong = append(wrong, plaza.FieldError{Field: "name", Key: "institution.error.same_name"})
	}
	saved, acts, err := Save(tx, next)
	if err = joinFields(wrong, err); err != nil {
		return old, err
	}
	line := Succession{From: r.ID, To: r.ID, Kind: Renamed, Basis: r.Basis}
	if err := insertSuccession(tx, &line); err != nil {
		return old, err
	}
	if _, err := tx.Exec(`INSERT INTO institution_past_names (succession_id, institution_id, name, acronym, slug, until)
		VALUES (`+db.Placeholders(1, 6)+`)`, line.ID, r.ID, old.Name, old.Acronym, old.Slug, r.Date); err != nil {
		return old, err
	}
	if err := s.named(tx); err != nil {
		return old, err
	}
	for n := range acts {
		acts[n].Verb = "institution.renamed"
		acts[n].Payload = map[string]any{"name": saved.Name, "was": old.Name, "slug": saved.Slug, "date": r.Date, "legal": r.LegalRef}
	}
	return saved, record.Append(tx, acts...)
}

// joinFields adds what is wrong with more fields to an error that may be nil.
func joinFields(wrong []plaza.FieldError, err error) error {
	if len(wrong) == 0 {
		return err
	}
	if plaza.KindOf(err) == plaza.Invalid && err != nil {
		var e *plaza.Error
		if asPlaza(err, &e) {
			wrong = slices.Concat(wrong, e.Fields)
		}
	} else if err != nil {
		return err
	}
	return &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: wrong}
}

// Check reports what is wrong with an ending, field by field, without doing it. An
// institution that is no more already is a Conflict.
func (s *Successions) Check(tx *db.Tx, e *Ending) error {
	wrong := e.check()
	if err := CheckGoing(tx, e.From); err != nil {
		return err
	}
	for _, id := range e.To {
		if err := CheckGoing(tx, id); err != nil {
			if k := plaza.KindOf(err); k != plaza.Conflict && k != plaza.NotFound {
				return err
			}
			wrong = append(wrong, plaza.FieldError{Field: "to", Key: "institution.error.to_gone"})
		}
	}
	return joinFields(wrong, nil)
}

// End ends an institution: from now on it is a page that leads to its successors, its
// names are theirs, and a job moves what it had. Of two who do it at once one wins, and
// the other gets a Conflict. It appends to the record.
func (s *Successions) End(tx *db.Tx, e Ending) error {
	if err := s.Check(tx, &e); err != nil {
		return err
	}
	if err := lock(tx, append([]string{e.From}, e.To...)...); err != nil {
		return err
	}
	from, err := ByID(tx, e.From)
	if err != nil {
		return err
	}
	to, err := receiver(tx, from, e)
	if err != nil {
		return err
	}
	acts, err := s.share(tx, e)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE institutions SET state = $1, valid_to = $2, updated_at = $3 WHERE id = $4`,
		Extinct, e.Date, tx.Now, e.From); err != nil {
		return err
	}
	lines := e.To
	if len(lines) == 0 {
		lines = []string{to}
	}
	for n, id := range lines {
		line := Succession{From: e.From, To: id, Kind: e.Kind, Place: n, Basis: e.Basis}
		if err := insertSuccession(tx, &line); err != nil {
			return err
		}
	}
	if err := giveNames(tx, e.From, to); err != nil {
		return err
	}
	if err := s.named(tx); err != nil {
		return err
	}
	if err := EnqueueMoves(tx); err != nil {
		return err
	}
	ends, err := endActs(tx, from, e, lines)
	if err != nil {
		return err
	}
	return record.Append(tx, slices.Concat(ends, acts)...)
}

// receiver is who gets what is given to no other: the first successor, else the head of
// the institution while that goes on, else the central unit.
func receiver(tx *db.Tx, from Institution, e Ending) (string, error) {
	if len(e.To) > 0 {
		return e.To[0], nil
	}
	return following(tx, from.ParentID)
}

// share gives away what was chosen.
func (s *Successions) share(tx *db.Tx, e Ending) ([]record.Act, error) {
	var acts []record.Act
	for _, part := range slices.Sorted(keysOf(e.Shares)) {
		m, key, ok := s.moverOf(part)
		if !ok {
			return nil, plaza.E(plaza.Invalid, "institution.error.shares")
		}
		if e.Shares[part] == e.To[0] {
			continue // as all the rest
		}
		more, err := m.Share(tx, e.From, key, e.Shares[part])
		if err != nil {
			return nil, fmt.Errorf("giving away %s: %w", part, err)
		}
		acts = append(acts, more...)
	}
	return acts, nil
}

// endActs say what became of an institution: to those who knew it and to those that
// follow it.
func endActs(tx *db.Tx, from Institution, e Ending, lines []string) ([]record.Act, error) {
	bodies, err := ByIDs(tx, lines)
	if err != nil {
		return nil, err
	}
	acts := []record.Act{{Verb: "institution." + e.Kind, Object: from.Ref(), Institution: from.ID, Payload: map[string]any{
		"name": from.Name, "slug": from.Slug, "from": from.ID, "to": lines[0], "successors": lines, "date": e.Date, "legal": e.LegalRef}}}
	for _, id := range lines {
		if b, ok := bodies[id]; ok {
			acts = append(acts, record.Act{Verb: "institution.succeeded", Object: b.Ref(), Institution: id, Payload: map[string]any{
				"name": b.Name, "slug": b.Slug, "from": from.ID, "to": id, "kind": e.Kind, "date": e.Date}})
		}
	}
	return acts, nil
}

// giveNames gives the names by which catalogues know an institution to another, so that
// what they list goes there; the central unit has none, and they are free again.
func giveNames(tx *db.Tx, from, to string) error {
	if to == "" {
		_, err := tx.Exec(`DELETE FROM institution_names WHERE institution_id = $1`, from)
		return err
	}
	if _, err := tx.Exec(`UPDATE institution_names SET institution_id = $1 WHERE institution_id = $2`, to, from); err != nil {
		return err
	}
	var docs []search.Doc
	for _, id := range []string{from, to} {
		i, err := ByID(tx, id)
		if err != nil {
			return err
		}
		docs = append(docs, doc(i))
	}
	return search.Put(tx, docs...)
}

const successionColumns = `id, from_id, to_id, kind, place, date, legal_ref, note, created_at`

func scanSuccession(scan func(...any) error) (s Succession, err error) {
	err = scan(&s.ID, &s.From, &s.To, &s.Kind, &s.Place, &s.Date, &s.LegalRef, &s.Note, &s.CreatedAt)
	return s, err
}

func insertSuccession(tx *db.Tx, s *Succession) error {
	s.ID, s.CreatedAt = tx.ID(), tx.Now
	_, err := tx.Exec(`INSERT INTO institution_successions (`+successionColumns+`) VALUES (`+db.Placeholders(1, 9)+`)`,
		s.ID, s.From, s.To, s.Kind, s.Place, s.Date, s.LegalRef, s.Note, s.CreatedAt)
	return err
}

// History is what an institution was and what became of it.
type History struct {
	Names  []PastName   // its own former names, newest first
	Before []Succession // what it was made of
	After  []Succession // what follows it
	// Bodies are the other institutions in it, by id, without their other names.
	Bodies map[string]Institution
}

// HistoryOf returns an institution's history, in a bounded number of statements.
func HistoryOf(tx *db.Tx, id string) (History, error) {
	all, err := Histories(tx, id)
	return all[id], err
}

// Histories returns the histories of some institutions, as HistoryOf does.
func Histories(tx *db.Tx, ids ...string) (map[string]History, error) {
	out := make(map[string]History, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	in := `(` + db.Placeholders(1, len(ids)) + `)`
	type named struct {
		id string
		PastName
	}
	past, err := db.All(tx, func(scan func(...any) error) (n named, err error) {
		err = scan(&n.id, &n.Name, &n.Acronym, &n.Slug, &n.Until, &n.LegalRef)
		return n, err
	}, `SELECT p.institution_id, p.name, p.acronym, p.slug, p.until, s.legal_ref
		FROM institution_past_names p JOIN institution_successions s ON s.id = p.succession_id
		WHERE p.institution_id IN `+in+` ORDER BY p.until DESC, p.succession_id DESC`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	for _, n := range past {
		h := out[n.id]
		h.Names = append(h.Names, n.PastName)
		out[n.id] = h
	}
	lines, err := db.All(tx, scanSuccession, `SELECT `+successionColumns+` FROM institution_successions
		WHERE (from_id IN `+in+` OR to_id IN `+in+`) AND kind <> '`+Renamed+`' ORDER BY date, from_id, place`, db.Args(ids)...)
	if err != nil || len(lines) == 0 {
		return out, err
	}
	var others []string
	for _, l := range lines {
		others = append(others, l.From, l.To)
	}
	slices.Sort(others)
	bodies, err := ByIDs(tx, slices.Compact(others))
	for _, id := range ids {
		h := out[id]
		for _, l := range lines {
			if l.From == id {
				h.After = append(h.After, l)
			}
			if l.To == id {
				h.Before = append(h.Before, l)
			}
		}
		h.Bodies = bodies
		out[id] = h
	}
	return out, err
}

// following is the institution that goes on in a chain of successions, from the given
// one; "" is the central unit. Nothing comes back to life, so that the chain ends.
func following(tx *db.Tx, id string) (string, error) {
	for range 100 {
		if id == "" {
			return "", nil
		}
		i, err := ByID(tx, id)
		if err != nil || !i.Extinct() {
			return id, err
		}
		if err := tx.Row(`SELECT to_id FROM institution_successions WHERE from_id = $1 AND place = 0 AND kind <> $2`, id, Renamed).
			Scan(&id); err != nil {
			return "", fmt.Errorf("looking for what follows institution %s: %w", id, err)
		}
	}
	return "", fmt.Errorf("a hundred institutions follow each other to %s", id)
}

// EnqueueMoves queues the job that moves what institutions that are no more still have.
func EnqueueMoves(tx *db.Tx) error {
	_, _, err := job.Enqueue(tx, moveArgs{}, job.Options{})
	return err
}
