package moderation

import (
	"fmt"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const selectDecision = `SELECT d.id, d.case_id, c.object_kind, c.object_id, d.act, d.reason, d.note, d.state_was, d.into_ref,
		d.until_at, d.author_id, d.decided_by, d.role, d.institution, d.month, d.created_at, d.undone_at,
		COALESCE(a.body, ''), a.created_at, COALESCE(a.outcome, ''), COALESCE(a.note, ''), COALESCE(a.decided_by, ''),
		COALESCE(a.same_person, FALSE), a.decided_at
	FROM moderation_decisions d
	JOIN moderation_cases c ON c.id = d.case_id
	LEFT JOIN moderation_appeals a ON a.decision_id = d.id
	WHERE `

func scanDecision(scan func(...any) error) (d Decision, err error) {
	var a Appeal
	err = scan(&d.ID, &d.Case, &d.Object.Kind, &d.Object.ID, &d.Act, &d.Reason, &d.Note, &d.StateWas, &d.Into,
		&d.Until, &d.Author, &d.By, &d.Role, &d.Institution, &d.Month, &d.At, &d.Undone,
		&a.Text, &a.At, &a.Outcome, &a.Note, &a.By, &a.SamePerson, &a.DecidedAt)
	if !a.At.IsZero() {
		d.Appeal = &a
	}
	return d, err
}

// decisionByID finds a decision; NotFound when there is none.
func decisionByID(tx *db.Tx, id string) (Decision, error) {
	d, err := scanDecision(tx.Row(selectDecision+`d.id = $1`, id).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		err = plaza.E(plaza.NotFound, "moderation.error.no_decision")
	}
	return d, err
}

// historyLimit is how much of a post's or an author's past a page shows.
const historyLimit = 50

func decisionsOfCase(tx *db.Tx, id string) ([]Decision, error) {
	return db.All(tx, scanDecision, selectDecision+`d.case_id = $1 ORDER BY d.id DESC LIMIT $2`, id, historyLimit)
}

func decisionsAbout(tx *db.Tx, person string) ([]Decision, error) {
	if person == "" {
		return nil, nil
	}
	return db.All(tx, scanDecision, selectDecision+`d.author_id = $1 ORDER BY d.id DESC LIMIT $2`, person, historyLimit)
}

func casesOf(tx *db.Tx, person string) ([]Case, error) {
	if person == "" {
		return nil, nil
	}
	return db.All(tx, scanCase, `SELECT `+caseColumns+`
		FROM moderation_cases
		WHERE author_id = $1
		ORDER BY id DESC
		LIMIT $2`, person, historyLimit)
}

// Against are the paths of the latest decisions, not undone, for which posts of an author
// were hidden or refused, by the posts; those without one are left out. It runs one
// statement.
func Against(tx *db.Tx, author string, posts []plaza.Ref) (map[plaza.Ref]string, error) {
	out := map[plaza.Ref]string{}
	if author == "" || len(posts) == 0 {
		return out, nil
	}
	ids := make([]string, len(posts))
	asked := map[plaza.Ref]bool{}
	for i, p := range posts {
		ids[i], asked[p] = p.ID, true
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var ref plaza.Ref
		var id string
		err := scan(&ref.Kind, &ref.ID, &id)
		if asked[ref] {
			out[ref] = DecisionPath(id)
		}
		return struct{}{}, err
	}, `SELECT c.object_kind, c.object_id, MAX(d.id)
		FROM moderation_decisions d
		JOIN moderation_cases c ON c.id = d.case_id
		WHERE d.author_id = $1 AND d.act IN ($2, $3) AND d.undone_at IS NULL AND c.object_id IN (`+db.Placeholders(4, len(ids))+`)
		GROUP BY c.object_kind, c.object_id`, append([]any{author, string(Hide), string(Refuse)}, db.Args(ids)...)...)
	return out, err
}

// Cards resolves decisions: what the public log says of them, without whom or what they
// were about.
func Cards(tx *db.Tx, refs []plaza.Ref) (map[plaza.Ref]plaza.Card, error) {
	var ids []string
	for _, ref := range refs {
		if ref.Kind == DecisionKind {
			ids = append(ids, ref.ID)
		}
	}
	out := make(map[plaza.Ref]plaza.Card, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	all, err := db.All(tx, func(scan func(...any) error) (d Decision, err error) {
		err = scan(&d.ID, &d.At)
		return d, err
	}, `SELECT id, created_at FROM moderation_decisions WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	for _, d := range all {
		out[d.Ref()] = plaza.Card{Ref: d.Ref(), Title: d.Number(), Path: d.Path(), Modified: d.At, Visible: true}
	}
	return out, err
}

// Why people are told: message keys that notices quote.
const (
	whyDecision = "notify.why.moderation.decision"
	whyAppeal   = "notify.why.moderation.appeal"
)

// Audiences says who hears of what moderation does: the author of what was decided, and
// of an appeal those who decide it. Nobody hears that a report about them was in vain.
func Audiences(tx *db.Tx, e record.Entry) (record.Audience, error) {
	if !strings.HasPrefix(e.Verb, "moderation.") {
		return record.Audience{}, nil
	}
	quiet := record.Audience{Nobody: true}
	if e.Object.Kind != DecisionKind {
		return record.Audience{}, nil // for others to say
	}
	if e.Verb == doings[Keep].verb {
		return quiet, nil
	}
	if e.Verb == "moderation.appealed" {
		return record.Audience{Roles: []record.Post{{Role: plaza.Admin, Why: whyAppeal}}}, nil
	}
	var author string
	err := tx.Row(`SELECT author_id FROM moderation_decisions WHERE id = $1`, e.Object.ID).Scan(&author)
	if err != nil || author == "" {
		if plaza.KindOf(err) == plaza.NotFound {
			err = nil
		}
		return quiet, err
	}
	return record.Audience{Direct: []record.Concerned{{Person: author, Why: whyDecision}}}, nil
}

// people are the names of some people, by id.
func people(tx *db.Tx, ids ...string) (map[string]string, error) {
	var known []string
	seen := map[string]bool{"": true}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			known = append(known, id)
		}
	}
	names, err := account.Names(tx, known)
	if err != nil {
		return nil, fmt.Errorf("naming people: %w", err)
	}
	return names, nil
}

// DecisionPath is where a decision is read, by the person whom it concerns above all.
func DecisionPath(id string) string { return decisionsPath + "/" + id }

// ReasonOf is why a post is hidden, or was refused: the reason of the latest decision of
// that act that was not undone, "" for none. Its words are "moderation.reason." and it.
func ReasonOf(tx *db.Tx, post plaza.Ref, act Act) (reason string, err error) {
	err = tx.Row(`SELECT d.reason
		FROM moderation_decisions d
		JOIN moderation_cases c ON c.id = d.case_id
		WHERE c.object_kind = $1 AND c.object_id = $2 AND d.act = $3 AND d.undone_at IS NULL
		ORDER BY d.id DESC
		LIMIT 1`, post.Kind, post.ID, string(act)).Scan(&reason)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return "", nil
	}
	return reason, err
}

// RefusedBy is the post that an entry of the record tells of having been refused; ok is
// false for any other entry.
func RefusedBy(tx *db.Tx, e record.Entry) (post plaza.Ref, ok bool, err error) {
	if e.Object.Kind != DecisionKind || e.Verb != doings[Refuse].verb {
		return plaza.Ref{}, false, nil
	}
	dec, err := decisionByID(tx, e.Object.ID)
	if plaza.KindOf(err) == plaza.NotFound {
		return plaza.Ref{}, false, nil
	}
	return dec.Object, err == nil, err
}
