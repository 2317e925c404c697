package tool

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Transfer gives a tool to an institution, which makes it official, or with "" to the actor
// in person. Who gives must be able to change the tool, and speak with tools for the
// institution. It appends to the record, so it is the last thing a transaction does.
func (ts *Tools) Transfer(tx *db.Tx, id, to string) (Tool, error) {
	t, err := pin(tx, id)
	if err != nil {
		return t, err
	}
	if err := mayWrite(tx, t); err != nil {
		return t, err
	}
	actor := plaza.ActorFrom(tx.Context())
	if to != "" {
		if err := access.Check(actor, access.ToolOfficial, access.Object{Kind: Kind, Institution: to}); err != nil {
			return t, err
		}
		body, err := institution.ByID(tx, to)
		if err != nil {
			return t, err
		}
		if body.Extinct() {
			return t, errState
		}
	}
	if t.Institution == to || t.Standing == moderation.Removed || t.Waiting() {
		return t, errState
	}
	from := t.Institution
	t.Institution, t.Owner, t.Featured, t.featuredBy = to, "", never, ""
	verb := "tool.adopted"
	if to == "" {
		verb, t.Owner = "tool.returned", actor.PersonID
	}
	if err := save(tx, t); err != nil {
		return t, err
	}
	if err := ts.rehome(tx, []Tool{t}); err != nil {
		return t, err
	}
	if !t.Public() {
		return t, nil
	}
	a := act(verb, t)
	if to == "" {
		a.Institution = from
	}
	return t, record.Append(tx, a)
}

// rehome takes along what others keep of tools that have another institution now; all of
// them have the same.
func (ts *Tools) rehome(tx *db.Tx, list []Tool) error {
	var refs []plaza.Ref
	for _, t := range list {
		refs = append(refs, t.Ref())
	}
	if len(refs) == 0 {
		return nil
	}
	if err := comment.Rehome(tx, refs, list[0].Institution); err != nil {
		return err
	}
	if err := moderation.Rehome(tx, refs, list[0].Institution); err != nil {
		return err
	}
	for _, t := range list {
		if !t.Public() {
			continue
		}
		if err := ts.index(tx, t); err != nil {
			return err
		}
	}
	return nil
}

// Withdraw takes a tool back that was sent: its page says why, and its versions are not
// shown. That is for good. It appends to the record, so it is the last thing a transaction
// does.
func (ts *Tools) Withdraw(tx *db.Tx, id, reason string) (Tool, error) {
	t, err := pin(tx, id)
	if err != nil {
		return t, err
	}
	if err := mayDo(tx, access.ToolWithdraw, t); err != nil {
		return t, err
	}
	reason = text.Tidy(reason)
	var wrong plaza.Mistakes
	wrong.Hold(!text.Blank(reason), "reason", "tool.error.reason", nil)
	wrong.Length("reason", reason, MaxReason, "tool.error.long")
	if err := wrong.Err("web.error.invalid"); err != nil {
		return t, err
	}
	acts, err := ts.move(tx, &t, moderation.Removed)
	if err != nil {
		return t, err
	}
	t.Withdrawn = reason
	if err := save(tx, t); err != nil {
		return t, err
	}
	if err := dropDraft(tx, &t); err != nil {
		return t, err
	}
	return t, record.Append(tx, acts...)
}

// Feature shows a public tool before others, or no more. It appends to the record, so it is
// the last thing a transaction does; what stands so already changes nothing.
func (ts *Tools) Feature(tx *db.Tx, id string, on bool) (Tool, error) {
	t, err := pin(tx, id)
	if err != nil {
		return t, err
	}
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.ToolFeature, t.Object()); err != nil {
		return t, err
	}
	switch {
	case !t.Public():
		return t, errState
	case t.Featured.IsZero() != on:
		return t, nil
	}
	verb := "tool.unfeatured"
	t.Featured, t.featuredBy = never, ""
	if on {
		verb, t.Featured, t.featuredBy = "tool.featured", tx.Now, actor.PersonID
	}
	if err := save(tx, t); err != nil {
		return t, err
	}
	return t, record.Append(tx, act(verb, t))
}

// Mover gives the tools of an institution that is no more to its successor; to the central
// unit they go as tools of nobody.
func (ts *Tools) Mover() institution.Mover {
	return institution.Mover{
		Key: "tools",
		Count: func(tx *db.Tx, from string) (n int, err error) {
			err = tx.Row(`SELECT COUNT(id) FROM tools WHERE institution = $1 AND institution <> ''`, from).Scan(&n)
			return n, err
		},
		Move: func(tx *db.Tx, from, to string) ([]record.Act, error) {
			list, err := db.All(tx, scan, `UPDATE tools SET institution = $1
				WHERE id IN (SELECT id FROM tools WHERE institution = $2 AND institution <> '' ORDER BY id LIMIT $3)
				RETURNING `+columns, to, from, institution.MaxPiece)
			if err != nil {
				return nil, fmt.Errorf("moving tools of %s: %w", from, err)
			}
			return nil, ts.rehome(tx, list)
		},
	}
}
