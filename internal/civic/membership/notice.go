package membership

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// The states of an institution in the table staffing.
const (
	staffed = "staffed"
	vacant  = "vacant"
)

// vacantFacts is what the record tells of an institution without a liaison.
type vacantFacts struct {
	Looks Level  `json:"looks"`          // who looks after it now
	By    string `json:"body,omitempty"` // id of the institution whose people they are, "" for the coordination
}

// Notice compares who works where with what the record said last, and appends
// institution.vacant and institution.staffed for what has changed since. Each change is
// told once, whatever crashes and however many processes look: who tells it moves the
// institution's row from one state to the other in the same transaction.
func (m *Members) Notice(ctx context.Context) error {
	if err := m.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), revokeOrphans); err != nil {
		return err
	}
	var changed []string
	if err := m.DB.Read(ctx, func(tx *db.Tx) error {
		s, err := m.staff(tx)
		if err != nil {
			return err
		}
		known, err := staffing(tx)
		if err != nil {
			return err
		}
		for id := range s.parent {
			if len(s.liaisons[id]) > 0 != (known[id] == staffed) && (known[id] != "" || len(s.liaisons[id]) > 0) {
				changed = append(changed, id)
			}
		}
		return nil
	}); err != nil {
		return fmt.Errorf("looking who has a liaison: %w", err)
	}
	slices.Sort(changed)
	for _, id := range changed {
		if err := m.DB.Write(plaza.WithActor(ctx, plaza.SystemActor), func(tx *db.Tx) error { return m.tell(tx, id) }); err != nil {
			return fmt.Errorf("telling whether %s has a liaison: %w", id, err)
		}
	}
	return nil
}

// tell appends what has changed at an institution. The row is held first, so that what
// is read afterwards stays so until the record has it.
func (m *Members) tell(tx *db.Tx, body string) error {
	if _, err := tx.Exec(`INSERT INTO staffing (institution_id, state, since)
		VALUES ($1, $2, $3)
		ON CONFLICT (institution_id) DO UPDATE SET state = staffing.state`, body, vacant, tx.Now); err != nil {
		return err
	}
	s, err := m.staff(tx, body)
	if err != nil {
		return err
	}
	r := s.responsible(body)
	state, act := staffed, record.Act{Verb: "institution.staffed", Object: bodyRef(body), Institution: body}
	if r.Vacant {
		state, act.Verb = vacant, "institution.vacant"
		act.Payload = vacantFacts{r.Level, r.Institution}
	}
	n, err := tx.Exec(`UPDATE staffing SET state = $1, since = $2 WHERE institution_id = $3 AND state <> $1`, state, tx.Now, body)
	if err != nil || n == 0 { // somebody was faster
		return err
	}
	return record.Append(tx, act)
}

// staffing is what the record said last, by institution.
func staffing(tx *db.Tx) (map[string]string, error) {
	out := map[string]string{}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var id, state string
		err := scan(&id, &state)
		out[id] = state
		return struct{}{}, err
	}, `SELECT institution_id, state FROM staffing`)
	return out, err
}

// telling are the beginnings of the verbs after which somebody may have become, or be
// no longer, a liaison.
var telling = []string{"account.", "person.", "absence.", institution.Kind + "."}

// Follow reads the record until ctx ends and looks after each entry that may matter who
// has a liaison. What it misses, the job that Work registers finds within a minute.
func (m *Members) Follow(ctx context.Context) {
	woken, stop := m.DB.Listen(record.Topic)
	defer stop()
	var read int64
	if err := m.DB.Read(ctx, func(tx *db.Tx) (err error) {
		read, err = record.Position(tx)
		return err
	}); err != nil {
		m.Log.WarnContext(ctx, "reading the record's position", "err", err)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-woken:
		}
		look, err := false, error(nil)
		if look, read, err = m.after(ctx, read); err == nil && look {
			err = m.Notice(ctx)
		}
		if err != nil && ctx.Err() == nil {
			m.Log.WarnContext(ctx, "looking who has a liaison", "err", err)
		}
	}
}

// after reports whether an entry after that number may matter, and the last one's.
func (m *Members) after(ctx context.Context, read int64) (look bool, last int64, err error) {
	const page = 500
	last = read
	err = m.DB.Read(ctx, func(tx *db.Tx) error {
		for {
			entries, err := record.Since(tx, record.Filter{After: last}, page)
			if err != nil {
				return err
			}
			for _, e := range entries {
				last = e.Seq
				look = look || slices.ContainsFunc(telling, func(p string) bool { return strings.HasPrefix(e.Verb, p) })
			}
			if len(entries) < page {
				return nil
			}
		}
	})
	return look, last, err
}
