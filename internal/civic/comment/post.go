package comment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// How often one may write in an hour. Whoever came today is known to nobody yet.
var (
	perPerson      = gate.Limit{Name: "comment.person", Max: 30, Window: time.Hour, Key: "comment.error.often"}
	perNewcomer    = gate.Limit{Name: "comment.newcomer", Max: 5, Window: time.Hour, Key: "comment.error.newcomer"}
	perNetwork     = gate.Limit{Name: "comment.network", Max: 60, Window: time.Hour, Key: "comment.error.often"}
	perInstitution = gate.Limit{Name: "comment.institution", Max: 300, Window: time.Hour, Key: "comment.error.busy"}
)

// newcomer is for how long an account is new.
const newcomer = 24 * time.Hour

// brake counts one thing written by the actor.
func (cs *Comments) brake(tx *db.Tx, person, network, body string) error {
	p, err := account.ByID(tx, person)
	if err != nil {
		return err
	}
	if tx.Now.Sub(p.Created) < newcomer {
		if err := cs.Gate.Brake(tx, perNewcomer, person); err != nil {
			return err
		}
	}
	if err := cs.Gate.Brake(tx, perPerson, person); err != nil {
		return err
	}
	if network != "" {
		if err := cs.Gate.Brake(tx, perNetwork, network); err != nil {
			return err
		}
	}
	return cs.Gate.Brake(tx, perInstitution, body)
}

// From is where something was sent from: what its form gave away, and the network
// (gate.Network), "" when it is not known.
type From struct {
	Signals []gate.Signal
	Network string
}

// Post stores what the actor says, held or public, and appends to the record, so it is
// the last thing a transaction does. The same form sent again gives the comment that
// it made the first time. What is wrong with a field is Invalid; a thread that takes no
// more answers is a Conflict.
func (cs *Comments) Post(tx *db.Tx, n Draft, from From) (Comment, error) {
	actor := plaza.ActorFrom(tx.Context())
	on := access.Object{Kind: Kind, Institution: n.On.Institution}
	if err := access.Check(actor, access.CommentAdd, on); err != nil {
		return Comment{}, err
	}
	if n.Nonce == "" || len(n.Nonce) > maxNonce {
		return Comment{}, wrong("texto", "comment.error.form_old", nil)
	}
	nonce := nonceKey(actor.PersonID, n)
	if c, ok, err := sentBefore(tx, nonce); ok || err != nil {
		return c, err
	}
	c, names, err := draft(tx, actor, n)
	if err != nil {
		return Comment{}, err
	}
	if err := cs.brake(tx, actor.PersonID, from.Network, n.On.Institution); err != nil {
		return Comment{}, err
	}
	verdict, err := cs.screen(tx, c, moderation.Draft{Text: strings.TrimSpace(n.Title + "\n" + c.Body), Signals: from.Signals})
	if err != nil {
		return Comment{}, err
	}
	if verdict.Hold {
		c.State, c.Published = moderation.Held, time.Time{}
	}
	inserted, err := insert(tx, c, nonce)
	if err != nil {
		return Comment{}, err
	}
	if !inserted { // the same form, at the same moment
		c, _, err = sentBefore(tx, nonce)
		return c, err
	}
	if err := keepMentions(tx, c.ID, names); err != nil {
		return c, err
	}
	if err := privacy.Consent(tx, privacy.Who{Person: c.Author}, Point); err != nil {
		return c, err
	}
	if verdict.Hold {
		return c, cs.Screen.Hold(tx, c.Ref(), c.Institution, verdict)
	}
	act, err := effects(tx, c)
	if err != nil {
		return c, err
	}
	act.Role = roleOf(c.Voice)
	if cs.Moved != nil {
		if err := cs.Moved(tx, c); err != nil {
			return c, err
		}
	}
	return c, record.Append(tx, act)
}

// sentBefore is what a form has made already.
func sentBefore(tx *db.Tx, nonce string) (Comment, bool, error) {
	c, err := scan(tx.Row(`SELECT `+columns+` FROM comments WHERE nonce = $1`, nonce).Scan)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return c, false, nil
	}
	return c, err == nil, err
}

// draft is what is about to be said, and whom it names.
func draft(tx *db.Tx, actor plaza.Actor, n Draft) (Comment, []named, error) {
	c := Comment{ID: cmp.Or(n.ID, tx.ID()), On: n.On.Ref, Institution: n.On.Institution, Author: actor.PersonID, Body: text.Tidy(n.Text), Version: 1,
		State: moderation.Public, Attention: Open, At: tx.Now, Published: tx.Now}
	if err := check(c.Body); err != nil {
		return c, nil, err
	}
	var err error
	if n.Root != "" {
		if err := c.answer(tx, n); err != nil {
			return c, nil, err
		}
		n.On.Ref = c.On // its thread may have been merged into one under another object
	}
	if c.Voice, err = voiceOf(tx, actor, n.On.Institution, n.Voice); err != nil {
		return c, nil, err
	}
	if c.Official() {
		c.Attention = None
	}
	names, err := mentioned(tx, n.On, c.Body)
	return c, names, err
}

// answer puts a comment into the thread of the one that it answers: an answer to an
// answer stands beside it and, when that was said in another thread, is at home there.
func (c *Comment) answer(tx *db.Tx, n Draft) error {
	to, root, err := pin(tx, n.Root)
	if err == nil && !(to.placed() && to.under(n.On.Ref)) {
		err = plaza.E(plaza.NotFound, "comment.error.not_found")
	}
	if err != nil {
		return err
	}
	c.Root, c.On, c.Home = root.ID, root.On, to.Home
	return root.takesAnswers()
}

// under reports whether a comment stands under an object, or did before its thread was
// merged into another: a form may have been open since.
func (c Comment) under(on plaza.Ref) bool { return c.On == on || c.Home.On == on }

// takesAnswers is a Conflict when a comment takes no more answers.
func (c Comment) takesAnswers() error {
	switch {
	case !c.Locked.IsZero():
		return plaza.E(plaza.Conflict, "comment.error.locked")
	case c.State != moderation.Public:
		return plaza.E(plaza.Conflict, "comment.error.gone")
	}
	return nil
}

// voiceOf is the voice that was chosen, among those that the actor has.
func voiceOf(tx *db.Tx, actor plaza.Actor, body, key string) (institution.Voice, error) {
	if key == "" || key == ownVoice {
		return institution.Voice{}, nil
	}
	voices, err := institution.Voices(tx, actor, body)
	if err != nil {
		return institution.Voice{}, err
	}
	i := slices.IndexFunc(voices, func(v institution.Voice) bool { return v.Key() == key })
	if i < 0 {
		return institution.Voice{}, wrong("voz", "comment.error.voice", nil)
	}
	return voices[i], nil
}

// screen judges a text of a comment before it is stored.
func (cs *Comments) screen(tx *db.Tx, c Comment, d moderation.Draft) (moderation.Verdict, error) {
	if cs.Screen == nil {
		return moderation.Verdict{}, nil
	}
	d.Author, d.Institution, d.Official = c.Author, c.Institution, c.Official()
	v, err := cs.Screen.Screen(tx, d)
	if err != nil {
		return v, fmt.Errorf("judging a comment: %w", err)
	}
	return v, nil
}

// insert stores a comment; it reports false when its form has made one already.
func insert(tx *db.Tx, c Comment, nonce string) (bool, error) {
	voice, err := voiceText(c.Voice)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`INSERT INTO comments (id, nonce, on_kind, on_id, root_id, home_id, home_kind, home_on, institution, author_id,
			voice, body, version, state, attention, said_at, published_at)
		VALUES (`+db.Placeholders(1, 17)+`)
		ON CONFLICT (nonce) DO NOTHING`, // the button was pressed twice
		c.ID, nonce, c.On.Kind, c.On.ID, c.Root, c.Home.Root, c.Home.On.Kind, c.Home.On.ID, c.Institution, c.Author,
		voice, c.Body, c.Version, c.State, c.Attention, c.At, c.Published)
	if err != nil {
		return false, fmt.Errorf("storing a comment: %w", err)
	}
	return n == 1, nil
}

// effects is everything that a comment brings about when it becomes public. The act is
// for the caller to append to the record.
func effects(tx *db.Tx, c Comment) (record.Act, error) {
	if err := answerThread(tx, c, false); err != nil {
		return record.Act{}, err
	}
	if err := search.Put(tx, doc(c)); err != nil {
		return record.Act{}, err
	}
	return act("comment.published", c), nil
}

// doc is a comment as it is found: by its own words only. With its object's title,
// everything said of a dataset would stand before the dataset.
func doc(c Comment) search.Doc {
	d := search.Doc{Ref: c.Ref(), Body: text.PlainText(c.Body), Created: c.At, Modified: c.written(), Changed: c.written()}
	if c.Institution != "" {
		d.Facets = map[string][]string{"institution": {c.Institution}}
	}
	return d
}

// facts are what the record tells of a comment: never who, never what.
type facts struct {
	Comment  string `json:"comment"`
	On       string `json:"on"`
	Official bool   `json:"official"`
	Version  int    `json:"version,omitempty"` // of an edited one
	Into     string `json:"into,omitempty"`    // the root of the thread into which it was merged
}

// act is an act on a comment, in the role that the actor's grants say.
func act(verb string, c Comment) record.Act {
	return record.Act{Verb: verb, Object: c.Ref(), Institution: c.Institution,
		Payload: facts{Comment: c.ID, On: c.On.String(), Official: c.Official()}}
}

// roleOf is in which role something is said: an official who speaks as themselves is
// anybody.
func roleOf(v institution.Voice) plaza.Role {
	if v.Own() {
		return plaza.Member
	}
	return v.Role
}
