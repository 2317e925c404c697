package follow

import (
	"fmt"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
)

// Unread is how many notices a person has not read, at most a hundred: more is said as
// "99+".
func Unread(tx *db.Tx, person string) (n int, err error) {
	err = tx.Row(`SELECT COUNT(*)
		FROM (SELECT seq FROM notices WHERE recipient = $1 AND in_app AND read_at IS NULL LIMIT 100) AS few`, person).Scan(&n)
	return n, err
}

// notice is what a person was told.
type notice struct {
	pending
	at   time.Time
	read bool
}

// notices lists what a person was told, the latest first: only what is unread, or all;
// before is the number of the last one of the page before, 0 for the first page.
func notices(tx *db.Tx, person string, unread bool, before int64, limit int) ([]notice, error) {
	where, args := "recipient = $1 AND in_app", []any{person}
	if unread {
		where += " AND read_at IS NULL"
	}
	if before > 0 {
		where, args = where+" AND seq < $2", append(args, before)
	}
	return db.All(tx, func(scan func(...any) error) (n notice, err error) {
		var read time.Time
		err = scan(&n.recipient, &n.seq, &n.why, &n.followed.Kind, &n.followed.ID, &n.follow, &n.at, &read)
		n.read = !read.IsZero()
		return n, err
	}, `SELECT recipient, seq, why, why_kind, why_id, follow_id, created_at, read_at
		FROM notices
		WHERE `+where+`
		ORDER BY seq DESC
		LIMIT `+db.Placeholders(len(args)+1, 1), append(args, limit)...)
}

// markRead says that a person has read a notice, or for 0 all up to a number. What is
// read is left out of mails that are still to be written.
func markRead(tx *db.Tx, person string, seq, upTo int64) error {
	where, args := "recipient = $2 AND in_app AND read_at IS NULL", []any{tx.Now, person}
	if seq > 0 {
		where, args = where+" AND seq = $3", append(args, seq)
	} else {
		where, args = where+" AND seq <= $3", append(args, upTo)
	}
	if _, err := tx.Exec(`UPDATE notices SET read_at = $1, mail = '' WHERE `+where, args...); err != nil {
		return fmt.Errorf("marking notices as read: %w", err)
	}
	return nil
}

// Told is one notice as the person reads it.
type Told struct {
	Title, Path string     // what happened, and where it leads
	Quote       *web.Quote // what was said, nil for nothing
	Why         string
	When, ISO   string
}

// Latest are the newest notices of a person that wait to be read.
func (s *Service) Latest(tx *db.Tx, l *i18n.Printer, person string, limit int) ([]Told, error) {
	list, err := notices(tx, person, true, 0, limit)
	if err != nil {
		return nil, err
	}
	words, err := s.lines(tx, l, list)
	if err != nil {
		return nil, err
	}
	out := make([]Told, len(words))
	for i, w := range words {
		out[i] = Told{Title: w.Text(), Path: w.Link, Quote: w.drawn(l), Why: w.Why, When: w.When, ISO: w.ISO}
	}
	return out, nil
}

// lines puts notices into words, with a bounded number of statements.
func (s *Service) lines(tx *db.Tx, l *i18n.Printer, list []notice) ([]line, error) {
	found := map[string][]pending{}
	for _, n := range list {
		found[n.recipient] = append(found[n.recipient], n.pending)
	}
	w, err := s.wordsOf(tx, found)
	if err != nil {
		return nil, err
	}
	said, err := s.in(tx, l, w)
	if err != nil {
		return nil, err
	}
	out := make([]line, len(list))
	for i, n := range list {
		out[i], _ = said.line(l, w, n.pending)
	}
	return out, nil
}

// What is kept, and for how long.
const (
	keepRead     = 90 * 24 * time.Hour
	keepUnread   = 365 * 24 * time.Hour
	unconfirmed  = 7 * 24 * time.Hour
	expireAtOnce = 1000
)

// given is what a person's file says of what they follow.
type given struct {
	Follows []givenFollow `json:"follows"`
	Notices []givenNotice `json:"notices"`
}

type givenFollow struct {
	Object string    `json:"object"`
	Often  Often     `json:"often"`
	InApp  bool      `json:"in_app"`
	ByMail bool      `json:"by_mail"`
	Since  time.Time `json:"since"`
}

type givenNotice struct {
	Entry int64     `json:"entry"`
	Why   string    `json:"why"`
	At    time.Time `json:"at"`
	Read  bool      `json:"read"`
}

// The notices shown where one follows: with an account, and by mail only.
const (
	pointFollow = "follow"
	pointMail   = "follow_mail"
)

// Holding is what following keeps of people.
func Holding() privacy.Holding {
	return privacy.Holding{
		Key: "follows",
		Data: []privacy.Datum{
			{Key: "follow", Point: pointFollow},
			{Key: "follow_address", Point: pointMail, Keep: unconfirmed},
			{Key: "notice", Point: pointFollow, Keep: keepRead},
		},
		Export: export, Erase: erase, Expire: expire,
	}
}

func export(tx *db.Tx, person string) (any, error) {
	var g given
	list, err := List(tx, person, "", maxFollows)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		g.Follows = append(g.Follows, givenFollow{f.Object.String(), f.Often, f.InApp, f.ByMail, f.Created})
	}
	g.Notices, err = db.All(tx, func(scan func(...any) error) (n givenNotice, err error) {
		var read time.Time
		err = scan(&n.Entry, &n.Why, &n.At, &read)
		n.Read = !read.IsZero()
		return n, err
	}, `SELECT seq, why, created_at, read_at FROM notices WHERE recipient = $1 ORDER BY seq`, person)
	return g, err
}

func erase(tx *db.Tx, person string) ([]record.Act, error) {
	for _, query := range []string{
		`DELETE FROM follows WHERE recipient = $1`,
		`DELETE FROM notices WHERE recipient = $1`,
		`DELETE FROM notice_settings WHERE recipient = $1`,
	} {
		if _, err := tx.Exec(query, person); err != nil {
			return nil, fmt.Errorf("erasing what a person follows: %w", err)
		}
	}
	return nil, nil
}

func expire(tx *db.Tx) (int, error) {
	total := int64(0)
	for _, d := range []struct {
		query  string
		before time.Duration
	}{
		{`DELETE FROM notices WHERE (recipient, seq) IN (SELECT recipient, seq FROM notices WHERE read_at < $1 LIMIT $2)`, keepRead},
		{`DELETE FROM notices WHERE (recipient, seq) IN (SELECT recipient, seq FROM notices WHERE created_at < $1 LIMIT $2)`, keepUnread},
		// those that were only mailed are never read
		{`DELETE FROM notices WHERE (recipient, seq) IN (SELECT recipient, seq FROM notices WHERE created_at < $1 AND NOT in_app AND mail = '' LIMIT $2)`, keepRead},
		{`DELETE FROM follows WHERE id IN (SELECT id FROM follows WHERE confirmed_at IS NULL AND created_at < $1 LIMIT $2)`, unconfirmed},
		{`DELETE FROM follow_readers
			WHERE created_at < $1 AND id IN (SELECT r.id FROM follow_readers r
				WHERE NOT EXISTS (SELECT 1 FROM follows f WHERE f.recipient = r.id) LIMIT $2)`, 0},
	} {
		n, err := tx.Exec(d.query, tx.Now.Add(-d.before), expireAtOnce)
		if err != nil {
			return 0, fmt.Errorf("forgetting what is past its time: %w", err)
		}
		total += n
	}
	return int(total), nil
}
