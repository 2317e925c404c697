package cases

import (
	"encoding/json"
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

const columns = `id, folio, kind, title, body, details, need, language, on_kind, on_id, dataset_id, on_column, on_row, on_version, on_view, on_code,
	institution, moved_from, unit_id, asker_id, contact_id, asker_name, channel, standing, state, progress, reason, into_id, after_id, comment_id,
	outcome, answer_id, supports, reopened, version,
	asked_at, published_at, acknowledged_at, answered_at, settled_at, due_at, waits_until`

func scan(scan func(...any) error) (c Case, err error) {
	var details string
	if err := scan(&c.ID, &c.Folio, &c.Kind, &c.Title, &c.Body, &details, &c.Need, &c.Language,
		&c.On.Ref.Kind, &c.On.Ref.ID, &c.On.Dataset, &c.On.Column, &c.On.Row, &c.On.Version, &c.On.View, &c.On.Code,
		&c.Institution, &c.MovedFrom, &c.Unit, &c.Asker.Person, &c.Asker.Contact, &c.Asker.Name, &c.Channel,
		&c.Standing, &c.State, &c.Progress, &c.Reason, &c.Into, &c.After, &c.Comment,
		&c.Outcome, &c.Answer, &c.Supports, &c.Reopenings, &c.Version,
		&c.Asked, &c.Published, &c.Acknowledged, &c.FirstAnswer, &c.Settled, &c.Due, &c.WaitsUntil); err != nil {
		return c, err
	}
	return c, readJSON("the details", details, &c.Details)
}

// ByID returns a case in any standing; NotFound when there is none. Who may see it is for
// the caller to ask: Seen.
func ByID(tx *db.Tx, id string) (Case, error) {
	return one(tx.Row(`SELECT `+columns+` FROM cases WHERE id = $1`, id))
}

// ByFolio returns a case in any standing, by a folio as people write it.
func ByFolio(tx *db.Tx, folio string) (Case, error) {
	f, err := ParseFolio(folio)
	if err != nil {
		return Case{}, err
	}
	return one(tx.Row(`SELECT `+columns+` FROM cases WHERE folio = $1`, f))
}

// ByIDs returns cases in any standing, in no order; those that do not exist are left out.
func ByIDs(tx *db.Tx, ids ...string) ([]Case, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All(tx, scan, `SELECT `+columns+` FROM cases WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
}

func one(row *db.Row) (Case, error) {
	c, err := scan(row.Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return c, errNotFound
	}
	return c, err
}

// pin returns a case and holds it until the transaction ends, with its version one
// higher: of two who act at once, the second sees what the first did.
func pin(tx *db.Tx, id string) (Case, error) {
	return one(tx.Row(`UPDATE cases SET version = version + 1 WHERE id = $1 RETURNING `+columns, id))
}

// save writes everything of a case that acts change.
func save(tx *db.Tx, c Case) error {
	details, err := detailsText(c.Details)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE cases SET kind = $1, details = $2, institution = $3, moved_from = $4, unit_id = $5, standing = $6, state = $7,
			progress = $8, reason = $9, into_id = $10, outcome = $11, answer_id = $12, supports = $13, reopened = $14,
			asked_at = $15, published_at = $16, acknowledged_at = $17, answered_at = $18, settled_at = $19, due_at = $20, waits_until = $21
		WHERE id = $22`,
		c.Kind, details, c.Institution, c.MovedFrom, c.Unit, c.Standing, c.State,
		c.Progress, c.Reason, c.Into, c.Outcome, c.Answer, c.Supports, c.Reopenings,
		c.Asked, c.Published, c.Acknowledged, c.FirstAnswer, c.Settled, c.Due, c.WaitsUntil, c.ID)
	if err == nil && n == 0 {
		err = errNotFound
	}
	if err != nil {
		return fmt.Errorf("saving case %s: %w", c.Folio, err)
	}
	return themesFollow(tx, c.ID)
}

// insert stores a case; it reports false when its form, or its comment, has made one already.
func insert(tx *db.Tx, c Case, nonce string) (bool, error) {
	details, err := detailsText(c.Details)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`INSERT INTO cases (id, folio, nonce, kind, title, body, details, need, language, on_kind, on_id, dataset_id, on_column, on_row, on_version, on_view, on_code,
			institution, asker_id, contact_id, asker_name, channel, standing, state, after_id, comment_id, asked_at)
		VALUES (`+db.Placeholders(1, 27)+`)
		ON CONFLICT DO NOTHING`, // the button was pressed twice, or two made a case of one comment
		c.ID, c.Folio, nonce, c.Kind, c.Title, c.Body, details, c.Need, c.Language, c.On.Ref.Kind, c.On.Ref.ID, c.On.Dataset, c.On.Column, c.On.Row, c.On.Version, c.On.View, c.On.Code,
		c.Institution, c.Asker.Person, c.Asker.Contact, c.Asker.Name, c.Channel, c.Standing, c.State, c.After, c.Comment, c.Asked)
	if err != nil {
		return false, fmt.Errorf("storing a case: %w", err)
	}
	return n == 1, nil
}

// keepThemes keeps the themes of what a new case is about.
func keepThemes(tx *db.Tx, c Case) error {
	for _, theme := range c.On.Themes {
		if _, err := tx.Exec(`INSERT INTO case_themes (case_id, theme) VALUES ($1, $2) ON CONFLICT (case_id, theme) DO NOTHING`, c.ID, theme); err != nil {
			return fmt.Errorf("keeping the themes of a case: %w", err)
		}
	}
	return themesFollow(tx, c.ID)
}

// besideThemes writes beside the themes of cases what lists are narrowed and ordered by, as
// it stands in the cases; which cases follows it.
const besideThemes = `UPDATE case_themes
	SET (standing, institution, kind, state, outcome, supports, asked_at, due_at) =
		(SELECT c.standing, c.institution, c.kind, c.state, c.outcome, c.supports, c.asked_at, c.due_at FROM cases c WHERE c.id = case_themes.case_id)
	WHERE case_id `

// themesFollow does so for one case.
func themesFollow(tx *db.Tx, id string) error {
	if _, err := tx.Exec(besideThemes+`= $1`, id); err != nil {
		return fmt.Errorf("keeping with its themes what lists ask of a case: %w", err)
	}
	return nil
}

const clockColumns = `id, case_id, kind, round, body, responsible, rule, days, calendar, started_at, promised_at, due_at, extended,
	paused_at, paused_days, stopped_at, stopped_by, escalated`

func scanClock(scan func(...any) error) (c Clock, err error) {
	err = scan(&c.ID, &c.Case, &c.Kind, &c.Round, &c.Body, &c.Responsible, &c.Rule, &c.Days, &c.Calendar, &c.Started, &c.Promised, &c.Due, &c.Extended,
		&c.Paused, &c.PausedDays, &c.Stopped, &c.StoppedBy, &c.Escalated)
	return c, err
}

// Clocks are the clocks of cases, in the order in which they were started.
func Clocks(tx *db.Tx, ids ...string) (map[string][]Clock, error) {
	out := make(map[string][]Clock, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	all, err := db.All(tx, scanClock, `SELECT `+clockColumns+`
		FROM case_clocks
		WHERE case_id IN (`+db.Placeholders(1, len(ids))+`)
		ORDER BY case_id, round, id`, db.Args(ids)...)
	for _, c := range all {
		out[c.Case] = append(out[c.Case], c)
	}
	return out, err
}

// putClock writes a clock, new or as it stands now; each time is a revision of it, which
// calendars that show it are told.
func putClock(tx *db.Tx, c Clock) error {
	_, err := tx.Exec(`INSERT INTO case_clocks (`+clockColumns+`, changed_at)
		VALUES (`+db.Placeholders(1, 19)+`)
		ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, extended = excluded.extended, paused_at = excluded.paused_at,
			paused_days = excluded.paused_days, stopped_at = excluded.stopped_at, stopped_by = excluded.stopped_by, escalated = excluded.escalated,
			revision = case_clocks.revision + 1, changed_at = excluded.changed_at`,
		c.ID, c.Case, c.Kind, c.Round, c.Body, c.Responsible, c.Rule, c.Days, c.Calendar, c.Started, c.Promised, c.Due, c.Extended,
		c.Paused, c.PausedDays, c.Stopped, c.StoppedBy, c.Escalated, tx.Now)
	if err != nil {
		return fmt.Errorf("writing a clock: %w", err)
	}
	return nil
}

// ReadTerms are the terms that new clocks are started with.
func ReadTerms(tx *db.Tx) (t Terms, err error) {
	err = tx.Row(`SELECT version, acknowledge, question, quality, request, reuse, handover, info, accept
		FROM case_terms
		ORDER BY version DESC
		LIMIT 1`).Scan(&t.Version, &t.Acknowledge, &t.Question, &t.Quality, &t.Request, &t.Reuse, &t.Handover, &t.Info, &t.Accept)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return DefaultTerms, nil
	}
	return t, err
}

// voiceText is a voice as it is kept; the zero Voice is "".
func voiceText(v institution.Voice) (string, error) {
	if v.Own() {
		return "", nil
	}
	raw, err := json.Marshal(v)
	return string(raw), err
}
