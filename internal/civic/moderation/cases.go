package moderation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// opening is what brings a thing into the queue.
type opening struct {
	ref                 plaza.Ref
	institution, author string
	held                bool
	why                 []string
	severity            int
}

// open makes a case of a thing, or adds to the one there is: one that was attended to
// begins anew.
func (d *Desk) open(tx *db.Tx, o opening) (id string, err error) {
	month := ""
	if o.held {
		month = d.month(tx.Now)
	}
	err = tx.Row(`INSERT INTO moderation_cases
		(id, object_kind, object_id, institution, author_id, held, why, severity, opened_at, held_month)
		VALUES (`+db.Placeholders(1, 10)+`)
		ON CONFLICT (object_kind, object_id) DO UPDATE SET
			institution = excluded.institution,
			author_id = excluded.author_id,
			held = CASE WHEN excluded.held THEN excluded.held ELSE moderation_cases.held END,
			why = CASE WHEN excluded.held THEN excluded.why ELSE moderation_cases.why END,
			held_month = CASE WHEN excluded.held THEN excluded.held_month ELSE moderation_cases.held_month END,
			severity = CASE WHEN moderation_cases.closed_at IS NULL AND moderation_cases.severity > excluded.severity
				THEN moderation_cases.severity ELSE excluded.severity END,
			opened_at = CASE WHEN moderation_cases.closed_at IS NULL
				THEN moderation_cases.opened_at ELSE excluded.opened_at END,
			closed_at = NULL
		RETURNING id`,
		tx.ID(), o.ref.Kind, o.ref.ID, o.institution, o.author, o.held, strings.Join(o.why, " "), o.severity, tx.Now, month).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("opening a case: %w", err)
	}
	return id, nil
}

// Rehome says that posts concern another institution from now on, "" for none: its
// moderators see their cases, and may not decide what is said of it.
func Rehome(tx *db.Tx, posts []plaza.Ref, to string) error {
	ids := map[string][]string{}
	for _, ref := range posts {
		ids[ref.Kind] = append(ids[ref.Kind], ref.ID)
	}
	for kind, all := range ids {
		for some := range slices.Chunk(all, 500) { // of a statement's parameters
			if _, err := tx.Exec(`UPDATE moderation_cases SET institution = $1
				WHERE object_kind = $2 AND object_id IN (`+db.Placeholders(3, len(some))+`)`, append([]any{to, kind}, db.Args(some)...)...); err != nil {
				return fmt.Errorf("moving cases to %s: %w", to, err)
			}
		}
	}
	return nil
}

const caseColumns = `id, object_kind, object_id, institution, author_id, held, why, severity, opened_at, closed_at,
	version, claimed_by, claimed_at`

func scanCase(scan func(...any) error) (c Case, err error) {
	var why string
	err = scan(&c.ID, &c.Object.Kind, &c.Object.ID, &c.Institution, &c.Author, &c.Held, &why, &c.Severity, &c.Opened,
		&c.Closed, &c.Version, &c.ClaimedBy, &c.ClaimedAt)
	c.Why = strings.Fields(why)
	return c, err
}

// caseByID finds a case that the actor may see; NotFound when there is none.
func caseByID(tx *db.Tx, id string) (Case, error) {
	c, err := scanCase(tx.Row(`SELECT `+caseColumns+` FROM moderation_cases WHERE id = $1`, id).Scan)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return c, plaza.E(plaza.NotFound, "moderation.error.no_case")
		}
		return c, err
	}
	return c, access.Check(plaza.ActorFrom(tx.Context()), access.QueueSee, c.on())
}

// scope is which cases an actor sees: all, or those of some institutions.
type scope struct {
	all          bool
	institutions []string
}

func scopeOf(actor plaza.Actor) scope {
	s := scope{all: access.Can(actor, access.QueueSee, access.Object{})}
	for _, g := range actor.Grants {
		if g.Institution != "" && !slices.Contains(s.institutions, g.Institution) &&
			access.Can(actor, access.QueueSee, access.Object{Institution: g.Institution}) {
			s.institutions = append(s.institutions, g.Institution)
		}
	}
	return s
}

// where is the condition for it, with its arguments from $from.
func (s scope) where(from int) (string, []any) {
	switch {
	case s.all:
		return "", nil
	case len(s.institutions) == 0:
		return " AND 1 = 0", nil
	}
	return " AND institution IN (" + db.Placeholders(from, len(s.institutions)) + ")", db.Args(s.institutions)
}

// asked chooses cases of the queue.
type asked struct {
	State string // "", held, reported, closed
	Kind  string // of the object, "" for all
	After place  // the last case of the page before
}

// place is a case's place in the queue.
type place struct {
	severity int
	at       time.Time
	id       string
}

// queue are the cases that the actor sees, at most so many.
func queue(tx *db.Tx, a asked, limit int) ([]Case, error) {
	query := `SELECT ` + caseColumns + ` FROM moderation_cases WHERE closed_at IS NULL`
	order := ` ORDER BY severity DESC, opened_at, id`
	if a.State == "closed" {
		query = `SELECT ` + caseColumns + ` FROM moderation_cases WHERE closed_at IS NOT NULL`
		order = ` ORDER BY closed_at DESC, id DESC`
	}
	var args []any
	and := func(condition string, values ...any) {
		at := len(args)
		for i := range values {
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", at+i+1), 1)
		}
		query, args = query+" AND "+condition, append(args, values...)
	}
	switch a.State {
	case "held":
		and("held = ?", true)
	case "reported":
		and("EXISTS (SELECT 1 FROM moderation_reports r WHERE r.case_id = moderation_cases.id AND r.closed_at IS NULL)")
	}
	if a.Kind != "" {
		and("object_kind = ?", a.Kind)
	}
	if p := a.After; p.id != "" && a.State == "closed" {
		and("(closed_at < ? OR closed_at = ? AND id < ?)", p.at, p.at, p.id)
	} else if p.id != "" {
		and("(severity < ? OR severity = ? AND (opened_at > ? OR opened_at = ? AND id > ?))",
			p.severity, p.severity, p.at, p.at, p.id)
	}
	only, institutions := scopeOf(plaza.ActorFrom(tx.Context())).where(len(args) + 1)
	query, args = query+only, append(args, institutions...)
	args = append(args, limit)
	return db.All(tx, scanCase, query+order+fmt.Sprintf(` LIMIT $%d`, len(args)), args...)
}

// Pending is how many cases wait for the actor, and appeals where they decide those;
// none for whoever is no moderator.
func Pending(tx *db.Tx, actor plaza.Actor) (n int, err error) {
	if !access.Could(actor, access.QueueSee) {
		return 0, nil
	}
	only, institutions := scopeOf(actor).where(1)
	if err := tx.Row(`SELECT COUNT(*) FROM moderation_cases WHERE closed_at IS NULL`+only, institutions...).Scan(&n); err != nil {
		return 0, err
	}
	appeals, err := PendingAppeals(tx, actor)
	return n + appeals, err
}

// PendingAppeals is how many appeals wait for the actor, 0 for who does not decide them.
func PendingAppeals(tx *db.Tx, actor plaza.Actor) (n int, err error) {
	if !access.Can(actor, access.AppealDecide, access.Object{}) {
		return 0, nil
	}
	err = tx.Row(`SELECT COUNT(*) FROM moderation_appeals WHERE outcome = ''`).Scan(&n)
	return n, err
}

// claim says that the actor is looking at a case, or no longer.
func claim(tx *db.Tx, id string, take bool) error {
	if _, err := caseByID(tx, id); err != nil {
		return err
	}
	who, at := plaza.ActorFrom(tx.Context()).PersonID, tx.Now
	if !take {
		who, at = "", time.Time{}
	}
	_, err := tx.Exec(`UPDATE moderation_cases SET claimed_by = $1, claimed_at = $2 WHERE id = $3`, who, at, id)
	return err
}
