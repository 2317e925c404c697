package follow

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const followColumns = `id, recipient, object_kind, object_id, often, in_app, by_mail, created_at, confirmed_at`

func scanFollow(scan func(...any) error) (f Follow, err error) {
	var often string
	var confirmed time.Time
	err = scan(&f.ID, &f.Recipient, &f.Object.Kind, &f.Object.ID, &often, &f.InApp, &f.ByMail, &f.Created, &confirmed)
	f.Often, f.Confirmed = Often(often), !confirmed.IsZero()
	return f, err
}

// check refuses a choice of nothing, and one that there is not.
func (c Choice) check() error {
	refusal := &plaza.Error{Kind: plaza.Invalid, Key: "follow.error.form"}
	if c.Often != Now && c.Often != Daily && c.Often != Weekly {
		refusal.Fields = append(refusal.Fields, plaza.FieldError{Field: "often", Key: "follow.error.often"})
	}
	if !c.InApp && !c.ByMail {
		refusal.Fields = append(refusal.Fields, plaza.FieldError{Field: "mail", Key: "follow.error.nowhere"})
	}
	if len(refusal.Fields) > 0 {
		return refusal
	}
	return nil
}

// Put makes whoever acts follow a thing, or changes how. Only what happens from now on
// is told.
func Put(tx *db.Tx, object plaza.Ref, c Choice) (Follow, error) {
	actor := plaza.ActorFrom(tx.Context())
	if err := access.Check(actor, access.Follow, access.Object{Kind: "follow", Owner: actor.PersonID}); err != nil {
		return Follow{}, err
	}
	if err := c.check(); err != nil {
		return Follow{}, err
	}
	return put(tx, actor.PersonID, object, c, true)
}

// put writes a subscription down. One that is confirmed stays so.
func put(tx *db.Tx, recipient string, object plaza.Ref, c Choice, confirmed bool) (Follow, error) {
	var n int
	if err := tx.Row(`SELECT COUNT(*)
		FROM follows
		WHERE recipient = $1 AND NOT (object_kind = $2 AND object_id = $3)`, recipient, object.Kind, object.ID).Scan(&n); err != nil {
		return Follow{}, fmt.Errorf("following: %w", err)
	}
	if n >= maxFollows {
		return Follow{}, &plaza.Error{Kind: plaza.Conflict, Key: "follow.error.too_many", Args: map[string]any{"max": maxFollows}}
	}
	since, err := record.Position(tx)
	if err != nil {
		return Follow{}, err
	}
	var when any
	if confirmed {
		when = tx.Now
	}
	change := `often = excluded.often, in_app = excluded.in_app, by_mail = excluded.by_mail`
	if !confirmed {
		change = `often = CASE WHEN follows.confirmed_at IS NULL THEN excluded.often ELSE follows.often END`
	}
	f, err := scanFollow(tx.Row(`INSERT INTO follows
		(id, object_kind, object_id, recipient, often, in_app, by_mail, since_seq, created_at, confirmed_at)
		VALUES (`+db.Placeholders(1, 10)+`)
		ON CONFLICT (object_kind, object_id, recipient) DO UPDATE SET `+change+`
		RETURNING `+followColumns,
		tx.ID(), object.Kind, object.ID, recipient, string(c.Often), c.InApp, c.ByMail, since, tx.Now, when).Scan)
	if err != nil {
		return f, fmt.Errorf("following: %w", err)
	}
	return f, nil
}

// Of is how somebody follows a thing; ok is false when they do not.
func Of(tx *db.Tx, recipient string, object plaza.Ref) (f Follow, ok bool, err error) {
	f, err = scanFollow(tx.Row(`SELECT `+followColumns+`
		FROM follows
		WHERE object_kind = $1 AND object_id = $2 AND recipient = $3`, object.Kind, object.ID, recipient).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return f, false, nil
	}
	return f, err == nil, err
}

func byID(tx *db.Tx, id string) (Follow, error) {
	return scanFollow(tx.Row(`SELECT `+followColumns+` FROM follows WHERE id = $1`, id).Scan)
}

// List is what somebody follows, the latest first; before is the id of the last one of
// the page before.
func List(tx *db.Tx, recipient, before string, limit int) ([]Follow, error) {
	where, args := "recipient = $1", []any{recipient}
	if before != "" {
		where, args = where+" AND id < $2", append(args, before)
	}
	return db.All(tx, scanFollow, `SELECT `+followColumns+`
		FROM follows
		WHERE `+where+`
		ORDER BY id DESC
		LIMIT `+db.Placeholders(len(args)+1, 1), append(args, limit)...)
}

// stop ends a subscription of somebody; NotFound when there is none.
func stop(tx *db.Tx, recipient, id string) error {
	n, err := tx.Exec(`DELETE FROM follows WHERE id = $1 AND recipient = $2`, id, recipient)
	if err == nil && n == 0 {
		return plaza.E(plaza.NotFound, "follow.error.none")
	}
	if err != nil {
		return fmt.Errorf("stopping to follow: %w", err)
	}
	if err := silence(tx, recipient, id); err != nil {
		return err
	}
	return forgetIdle(tx, recipient)
}

// stopAll ends all subscriptions of somebody.
func stopAll(tx *db.Tx, recipient string) error {
	if _, err := tx.Exec(`DELETE FROM follows WHERE recipient = $1`, recipient); err != nil {
		return fmt.Errorf("stopping to follow: %w", err)
	}
	if err := silence(tx, recipient, ""); err != nil {
		return err
	}
	return forgetIdle(tx, recipient)
}

// quieten ends mails and leaves the rest: for one subscription, or for "" all, what
// concerns somebody in person included. What then tells nothing at all is stopped.
func quieten(tx *db.Tx, recipient, id string) error {
	where, args := "recipient = $1", []any{recipient}
	if id != "" {
		where, args = where+" AND id = $2", append(args, id)
	} else if _, err := tx.Exec(`INSERT INTO notice_settings (recipient, often) VALUES ($1, 'never')
		ON CONFLICT (recipient) DO UPDATE SET often = excluded.often`, recipient); err != nil {
		return fmt.Errorf("stopping mails: %w", err)
	}
	for _, query := range []string{`DELETE FROM follows WHERE NOT in_app AND `, `UPDATE follows SET by_mail = FALSE WHERE `} {
		if _, err := tx.Exec(query+where, args...); err != nil {
			return fmt.Errorf("stopping mails: %w", err)
		}
	}
	if err := silence(tx, recipient, id); err != nil {
		return err
	}
	return forgetIdle(tx, recipient)
}

// silence takes back mails that are still to be written: of one subscription, or all.
func silence(tx *db.Tx, recipient, id string) error {
	where, args := "recipient = $1 AND mail <> ''", []any{recipient}
	if id != "" {
		where, args = where+" AND follow_id = $2", append(args, id)
	}
	if _, err := tx.Exec(`UPDATE notices SET mail = '' WHERE `+where, args...); err != nil {
		return fmt.Errorf("taking mails back: %w", err)
	}
	return nil
}

// forgetIdle forgets the address of a reader without an account who follows nothing.
func forgetIdle(tx *db.Tx, recipient string) error {
	n, err := tx.Exec(`DELETE FROM follow_readers
		WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM follows WHERE recipient = $2)`, recipient, recipient)
	if err != nil || n == 0 {
		return err
	}
	for _, query := range []string{`DELETE FROM notices WHERE recipient = $1`, `DELETE FROM notice_settings WHERE recipient = $1`} {
		if _, err := tx.Exec(query, recipient); err != nil {
			return fmt.Errorf("forgetting an address: %w", err)
		}
	}
	return nil
}

// reader is the id of the reader with an address, made when there is none yet.
func reader(tx *db.Tx, email, key, language string) (id string, err error) {
	if language != i18n.English {
		language = i18n.Spanish
	}
	err = tx.Row(`INSERT INTO follow_readers (id, email, email_key, language, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key
		RETURNING id`, tx.ID(), email, key, language, tx.Now).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("following by mail: %w", err)
	}
	return id, nil
}

// readers are those of the ids that are readers without an account.
func readers(tx *db.Tx, ids []string) (map[string]account.Reach, error) {
	out := map[string]account.Reach{}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		var r account.Reach
		err := scan(&r.ID, &r.Email, &r.Language)
		out[r.ID] = r
		return struct{}{}, err
	}, `SELECT id, email, language FROM follow_readers WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, db.Args(ids)...)
	return out, err
}

// confirm says that whoever reads an address wants what was asked for in its name.
func confirm(tx *db.Tx, id string) (Follow, error) {
	since, err := record.Position(tx)
	if err != nil {
		return Follow{}, err
	}
	if _, err := tx.Exec(`UPDATE follows SET confirmed_at = $1, since_seq = $2 WHERE id = $3 AND confirmed_at IS NULL`,
		tx.Now, since, id); err != nil {
		return Follow{}, fmt.Errorf("confirming: %w", err)
	}
	return byID(tx, id)
}
