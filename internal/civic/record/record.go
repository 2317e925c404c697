// Package record is the bitácora pública: the append-only log of every public act,
// in the order in which they were committed, each entry carrying the hash of the
// one before. Whoever writes something public calls Append as the last statement
// of the same transaction; everything that must hear of it (caches, feeds,
// notifications, statistics) reads the record from where it left off.
//
// An entry's hash is the SHA-256 of its canonical JSON (RFC 8785) without the hash
// itself. A payload holds no personal data: people appear as a salted commitment,
// so that erasing somebody leaves the chain whole. Every day the size and last
// hash are signed as a note (checkpoint.go), and anyone can replay the public
// export (verify.go).
package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gowebpki/jcs"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Topic is what processes listen to (db.DB.Listen) to hear of new entries.
const Topic = "record"

// MaxActs is how many acts one transaction may append: bulk work commits in
// pieces, so that nobody waits long for the record's lock.
const MaxActs = 200

// maxPayload bounds an entry's payload in bytes of JSON.
const maxPayload = 16 << 10

// Act is something public that is being done.
type Act struct {
	Verb        string // "dataset.added": the kind of thing, a dot, a past participle
	Object      plaza.Ref
	Institution string // id of the institution it concerns, or ""
	Payload     any    // facts that encode as a JSON object; nil is {}; no personal data
	// Role is in which role it was done, for those who may choose: an official speaks
	// for the institution or as anybody. "" is what the actor's grants say.
	Role plaza.Role
	// By is whose act it is, where another one carries it out: a post is its author's, not
	// the moderator's who lets it through. nil is the actor.
	By *Actor
}

// Entry is an act as it stands in the record.
type Entry struct {
	Seq         int64           `json:"seq"` // from 1, without gaps
	At          time.Time       `json:"at"`  // UTC, milliseconds
	Verb        string          `json:"verb"`
	Actor       Actor           `json:"actor"`
	Object      Object          `json:"object"`
	Institution string          `json:"institution"`
	Payload     json.RawMessage `json:"payload"`
	Prev        string          `json:"prev"` // hash of the entry before, "" for the first
	Hash        string          `json:"hash,omitempty"`
}

// Actor is who acted: in which role and, for people, under which commitment.
type Actor struct {
	Role string `json:"role"`
	Ref  string `json:"ref"`
}

// Object is what was acted on.
type Object struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// instantLayout is how an instant reads in the canonical form.
const instantLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the instant with exactly three decimals, as it is hashed.
func (e Entry) MarshalJSON() ([]byte, error) {
	type plain Entry
	return json.Marshal(struct {
		plain
		At string `json:"at"`
	}{plain(e), e.At.UTC().Format(instantLayout)})
}

// Digest computes the entry's hash, lower-case hexadecimal.
func (e Entry) Digest() (string, error) {
	e.Hash = ""
	raw, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("encoding entry %d: %w", e.Seq, err)
	}
	canonical, err := jcs.Transform(raw)
	if err != nil {
		return "", fmt.Errorf("canonical form of entry %d: %w", e.Seq, err)
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// Append writes acts to the record in the caller's transaction, of which it must
// be the last statement: it takes the lock that gives the record its order. The
// actor is the context's. More than MaxActs acts are an error.
func Append(tx *db.Tx, acts ...Act) error {
	if len(acts) == 0 {
		return nil
	}
	if len(acts) > MaxActs {
		return fmt.Errorf("appending %d acts at once: at most %d", len(acts), MaxActs)
	}
	var last int64
	var prev string
	if err := tx.Row(`UPDATE record_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, hash`,
		len(acts)).Scan(&last, &prev); err != nil {
		return fmt.Errorf("locking the record: %w", err)
	}
	actor := plaza.ActorFrom(tx.Context())
	entries := make([]Entry, len(acts))
	for i, a := range acts {
		e, err := newEntry(tx, a, actor)
		if err != nil {
			return err
		}
		e.Seq, e.Prev = last-int64(len(acts)-1-i), prev
		if e.Hash, err = e.Digest(); err != nil {
			return err
		}
		entries[i], prev = e, e.Hash
	}
	if err := insert(tx, entries); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE record_head SET hash = $1 WHERE id = 1`, prev); err != nil {
		return fmt.Errorf("moving the record's head: %w", err)
	}
	tx.Wake(Topic)
	tx.Reach(Topic, last)
	return nil
}

func newEntry(tx *db.Tx, a Act, actor plaza.Actor) (Entry, error) {
	payload := json.RawMessage("{}")
	if a.Payload != nil {
		raw, err := json.Marshal(a.Payload)
		if err == nil {
			payload, err = jcs.Transform(raw)
		}
		if err != nil {
			return Entry{}, fmt.Errorf("encoding the payload of %s: %w", a.Verb, err)
		}
		if len(payload) > maxPayload {
			return Entry{}, fmt.Errorf("the payload of %s has %d bytes, at most %d", a.Verb, len(payload), maxPayload)
		}
	}
	role := a.Role
	if role == "" {
		role = roleIn(actor, a.Institution)
	}
	by := Actor{Role: string(role), Ref: actor.Pseudonym}
	if a.By != nil {
		by = *a.By
	}
	return Entry{
		At: tx.Now, Verb: a.Verb,
		Actor:       by,
		Object:      Object{Kind: a.Object.Kind, ID: a.Object.ID},
		Institution: a.Institution, Payload: payload,
	}, nil
}

// roleIn is the role in which an actor acts on something of an institution.
func roleIn(a plaza.Actor, institution string) plaza.Role {
	for _, g := range a.Grants {
		if institution != "" && g.Institution == institution {
			return g.Role
		}
	}
	for _, g := range a.Grants {
		if g.Institution == "" {
			return g.Role
		}
	}
	if a.SignedIn() {
		return plaza.Member
	}
	return plaza.Visitor
}

// rowsPerInsert keeps a statement's arguments well under both engines' limits.
const rowsPerInsert = 50

func insert(tx *db.Tx, entries []Entry) error {
	const columns = 11
	for start := 0; start < len(entries); start += rowsPerInsert {
		part := entries[start:min(start+rowsPerInsert, len(entries))]
		var b strings.Builder
		b.WriteString(`INSERT INTO record_entries
			(seq, at, verb, actor_role, actor_ref, object_kind, object_id, institution, payload, prev, hash) VALUES `)
		args := make([]any, 0, len(part)*columns)
		for i, e := range part {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("(" + db.Placeholders(i*columns+1, columns) + ")")
			args = append(args, e.Seq, e.At, e.Verb, e.Actor.Role, e.Actor.Ref, e.Object.Kind,
				e.Object.ID, e.Institution, string(e.Payload), e.Prev, e.Hash)
		}
		if _, err := tx.Exec(b.String(), args...); err != nil {
			return fmt.Errorf("writing the record: %w", err)
		}
	}
	return nil
}
