package moderation

import (
	"fmt"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

// Screen judges a post before it is stored, in the transaction that stores it. What
// an official says in the name of an institution is never held.
func (d *Desk) Screen(tx *db.Tx, post Draft) (Verdict, error) {
	if post.Official {
		return Verdict{}, nil
	}
	s, err := d.standing(tx, post.Author)
	if err != nil {
		return Verdict{}, fmt.Errorf("judging a post: %w", err)
	}
	if s.staff {
		return Verdict{}, nil
	}
	repeated, err := d.repeated(tx, post)
	if err != nil {
		return Verdict{}, fmt.Errorf("judging a post: %w", err)
	}
	matched, err := d.matching(tx, post.Text)
	if err != nil {
		return Verdict{}, fmt.Errorf("judging a post: %w", err)
	}
	var why []string
	for _, sign := range []struct {
		key   string
		there bool
	}{
		{"new_account", s.fresh},
		{"rule", len(matched) > 0},
		{"link", d.foreign(post.Text)},
		{"tricks", tricks(post.Text)},
		{"mentions", len(mention.FindAllString(post.Text, d.Mentions+1)) > d.Mentions},
		{"repeated", repeated},
	} {
		if sign.there {
			why = append(why, sign.key)
		}
	}
	for _, signal := range post.Signals {
		if signal != gate.Unproven || s.fresh { // whoever is known may do without scripts
			why = append(why, string(signal))
		}
	}
	return Verdict{Hold: len(why) > 0, Why: why}, nil
}

// standing is what an author's past says for them.
type standing struct {
	fresh bool // nothing is known of them yet
	staff bool // could let the post through: the platform's moderators
}

func (d *Desk) standing(tx *db.Tx, author string) (standing, error) {
	s := standing{fresh: true}
	if author == "" {
		return s, nil
	}
	p, err := account.ByID(tx, author)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return s, nil
		}
		return s, err
	}
	for _, g := range p.Grants {
		s.staff = s.staff || g.Institution == "" && (g.Role == plaza.Moderator || g.Role == plaza.Admin)
	}
	var released int
	if err := tx.Row(`SELECT COUNT(*) FROM moderation_decisions WHERE author_id = $1 AND act = $2`,
		author, string(Release)).Scan(&released); err != nil {
		return s, err
	}
	age := tx.Now.Sub(p.Created)
	s.fresh = released < d.Releases || age < d.Age
	return s, nil
}

// How long a text is remembered, how short one is that everybody may say ("gracias"),
// and from how many others it makes a campaign.
const (
	remembered = 7 * 24 * time.Hour
	ownWords   = 20
	campaign   = 2
)

// repeated reports whether the same was said lately, by the author or by several
// others, and remembers that it was said. Accents, punctuation and case do not make it
// another text.
func (d *Desk) repeated(tx *db.Tx, post Draft) (bool, error) {
	said := plain(post.Text)
	if len([]rune(said)) < ownWords {
		return false, nil
	}
	hash := d.digest("text", said)
	who, err := db.All(tx, db.Column[string], `SELECT author_id
		FROM moderation_texts
		WHERE text_hash = $1 AND last_at > $2
		LIMIT 5`, hash, tx.Now.Add(-remembered))
	if err != nil {
		return false, err
	}
	own, others := false, 0
	for _, author := range who {
		if author == post.Author {
			own = true
		} else {
			others++
		}
	}
	_, err = tx.Exec(`INSERT INTO moderation_texts (text_hash, author_id, last_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (text_hash, author_id) DO UPDATE SET last_at = excluded.last_at`, hash, post.Author, tx.Now)
	return own && post.Of.ID == "" || others >= campaign, err
}

// plain are the words of a text, folded, with one space between them.
func plain(s string) string {
	var words []string
	for _, t := range text.Tokens(s) {
		words = append(words, t.Text)
	}
	return strings.Join(words, " ")
}

// Hold puts a stored post into the moderators' queue.
func (d *Desk) Hold(tx *db.Tx, post plaza.Ref, institution string, v Verdict) error {
	t, err := d.thing(tx, post)
	if err != nil {
		return err
	}
	_, err = d.open(tx, opening{ref: post, institution: institution, author: t.Author, held: true, why: v.Why, severity: heldSeverity})
	return err
}
