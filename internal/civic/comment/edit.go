package comment

import (
	"fmt"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// own is a comment that the actor may do something to because it is theirs; one that
// the actor may not even see is NotFound.
func own(tx *db.Tx, id string, action access.Action) (Comment, error) {
	c, err := ByID(tx, id)
	if err != nil {
		return c, err
	}
	actor := plaza.ActorFrom(tx.Context())
	if !c.seenBy(actor) {
		return c, plaza.E(plaza.NotFound, "comment.error.not_found")
	}
	return c, access.Check(actor, action, access.Object{Kind: Kind, Institution: c.Institution, Owner: c.Author})
}

// seenBy reports whether somebody may know that the comment exists: its author, and
// everybody once it has a place in its thread.
func (c Comment) seenBy(actor plaza.Actor) bool {
	return c.placed() && !c.Published.IsZero() || actor.PersonID != "" && actor.PersonID == c.Author
}

// editable is the actor's own comment as it can be edited now.
func editable(tx *db.Tx, id string) (Comment, error) {
	c, err := own(tx, id, access.CommentEdit)
	if err != nil {
		return c, err
	}
	switch {
	case c.State == moderation.Held || c.Pending != "":
		return c, plaza.E(plaza.Conflict, "comment.error.waits") // a moderator is reading it
	case c.State != moderation.Public:
		return c, plaza.E(plaza.Conflict, "comment.error.not_editable")
	}
	return c, stillSpeaks(tx, c)
}

// stillSpeaks is Forbidden when the actor no longer speaks for whom the comment does.
func stillSpeaks(tx *db.Tx, c Comment) error {
	if !c.Official() {
		return nil
	}
	voices, err := institution.Voices(tx, plaza.ActorFrom(tx.Context()), c.Voice.Institution)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(voices, func(v institution.Voice) bool { return v.Key() == c.Voice.Key() }) {
		return plaza.E(plaza.Forbidden, "comment.error.voice")
	}
	return nil
}

// Edit changes what the actor's own comment says and keeps what it said. version is
// the one that the actor has read: when there is a newer one, that is a Conflict. An
// edit that has to be reviewed waits, and the comment stays as it is. It appends to the
// record, so it is the last thing a transaction does.
func (cs *Comments) Edit(tx *db.Tx, id, body string, version int, from From) (Comment, error) {
	c, err := editable(tx, id)
	if err != nil {
		return c, err
	}
	if c.Version != version {
		return c, plaza.E(plaza.Conflict, "comment.error.conflict")
	}
	body = text.Tidy(body)
	if err := check(body); err != nil {
		return c, err
	}
	if body == c.Body {
		return c, nil
	}
	if err := cs.brake(tx, c.Author, from.Network, c.Institution); err != nil {
		return c, err
	}
	if err := privacy.Consent(tx, privacy.Who{Person: c.Author}, Point); err != nil {
		return c, err
	}
	verdict, err := cs.screen(tx, c, moderation.Draft{Text: body, Signals: from.Signals, Of: c.Ref()})
	if err != nil {
		return c, err
	}
	if verdict.Hold {
		c.Pending = body
		n, err := tx.Exec(`UPDATE comments SET pending = $1 WHERE id = $2 AND version = $3 AND pending = ''`, body, id, version)
		if err != nil {
			return c, fmt.Errorf("keeping an edit of comment %s: %w", id, err)
		}
		if n == 0 {
			return c, plaza.E(plaza.Conflict, "comment.error.conflict")
		}
		return c, cs.Screen.Hold(tx, c.Ref(), c.Institution, verdict)
	}
	edited, err := change(tx, &c, body)
	if err != nil {
		return c, err
	}
	edited.Role = roleOf(c.Voice)
	return c, record.Append(tx, edited)
}

// change puts a text in place of the one before, which is kept.
func change(tx *db.Tx, c *Comment, body string) (record.Act, error) {
	n, err := tx.Exec(`UPDATE comments SET body = $1, version = $2, edited_at = $3, pending = ''
		WHERE id = $4 AND version = $5 AND state = 'public'`, body, c.Version+1, tx.Now, c.ID, c.Version)
	if err != nil {
		return record.Act{}, fmt.Errorf("editing comment %s: %w", c.ID, err)
	}
	if n == 0 {
		return record.Act{}, plaza.E(plaza.Conflict, "comment.error.conflict")
	}
	if _, err := tx.Exec(`INSERT INTO comment_versions (comment_id, version, body, written_at) VALUES ($1, $2, $3, $4)`,
		c.ID, c.Version, c.Body, c.written()); err != nil {
		return record.Act{}, fmt.Errorf("keeping a version of comment %s: %w", c.ID, err)
	}
	c.Body, c.Version, c.Edited, c.Pending = body, c.Version+1, tx.Now, ""
	if err := search.Put(tx, doc(*c)); err != nil {
		return record.Act{}, err
	}
	a := act("comment.edited", *c)
	a.Payload = facts{Comment: c.ID, On: c.On.String(), Official: c.Official(), Version: c.Version}
	return a, nil
}

// Remove takes the actor's own comment back; its place says so, and answers stay. It
// appends to the record, so it is the last thing a transaction does.
func (cs *Comments) Remove(tx *db.Tx, id string) (Comment, error) {
	c, err := own(tx, id, access.CommentRemove)
	if err != nil {
		return c, err
	}
	acts, err := cs.set(tx, c.ID, moderation.Removed)
	if err != nil {
		return c, err
	}
	for i := range acts {
		acts[i].Role = roleOf(c.Voice)
	}
	return c, record.Append(tx, acts...)
}

// cardOf is the card of one thing; the zero Card when there is none.
func cardOf(tx *db.Tx, cards record.Cards, ref plaza.Ref) (plaza.Card, error) {
	found, err := cards(tx, []plaza.Ref{ref})
	if err != nil {
		return plaza.Card{}, fmt.Errorf("what %s is: %w", ref, err)
	}
	return found[ref], nil
}
