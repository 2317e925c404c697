package record

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// MaxCheckpoints is more than are ever signed, one a day: for reading them all.
const MaxCheckpoints = 1 << 20

// Checkpoint is a signed statement of how long the record was.
type Checkpoint struct {
	Seq  int64
	Hash string // of entry Seq
	At   time.Time
	Note string // signed note (golang.org/x/mod/sumdb/note)
}

// Signer signs checkpoints for one installation.
type Signer struct {
	signer note.Signer
	public string
}

// NewSigner makes a signer from the installation's name (its host) and a seed of
// 32 bytes derived from the root secret.
func NewSigner(name string, seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("a checkpoint key needs a seed of %d bytes, got %d", ed25519.SeedSize, len(seed))
	}
	name = strings.Map(func(r rune) rune {
		if r <= ' ' || r == '+' {
			return '-'
		}
		return r
	}, name)
	key := ed25519.NewKeyFromSeed(seed)
	public := append([]byte{1}, key.Public().(ed25519.PublicKey)...) // 1: Ed25519 in the note format
	private := append([]byte{1}, seed...)
	sum := sha256.Sum256(append([]byte(name+"\n"), public...))
	id := binary.BigEndian.Uint32(sum[:])
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, id, base64.StdEncoding.EncodeToString(private)))
	if err != nil {
		return nil, fmt.Errorf("making the checkpoint key: %w", err)
	}
	return &Signer{signer, fmt.Sprintf("%s+%08x+%s", name, id, base64.StdEncoding.EncodeToString(public))}, nil
}

// PublicKey is the verifier key, in the note format, to be published.
func (s *Signer) PublicKey() string { return s.public }

// Checkpoint signs the record as it stands and stores the note, and with the first
// one the key that checks it. When nothing was appended since the last one, it
// returns that.
func (s *Signer) Checkpoint(ctx context.Context, d *db.DB) (Checkpoint, error) {
	var c Checkpoint
	err := d.Write(ctx, func(tx *db.Tx) error {
		last, err := LastCheckpoint(tx)
		if err != nil && plaza.KindOf(err) != plaza.NotFound {
			return err
		}
		if err := tx.Row(`SELECT seq, hash FROM record_head WHERE id = 1`).Scan(&c.Seq, &c.Hash); err != nil {
			return err
		}
		if c.Seq == last.Seq {
			c = last
			return nil
		}
		c.At = tx.Now
		signed, err := note.Sign(&note.Note{Text: body(c, s.signer.Name())}, s.signer)
		if err != nil {
			return fmt.Errorf("signing the checkpoint: %w", err)
		}
		c.Note = string(signed)
		if _, err = tx.Exec(`INSERT INTO record_checkpoints (seq, hash, at, note) VALUES ($1, $2, $3, $4)
			ON CONFLICT (seq) DO NOTHING`, c.Seq, c.Hash, c.At, c.Note); err != nil {
			return err
		}
		return s.keep(tx, c)
	})
	return c, err
}

// keep stores the key with the first checkpoint that it signed.
func (s *Signer) keep(tx *db.Tx, first Checkpoint) error {
	_, err := tx.Exec(`INSERT INTO record_keys (key, first_seq, at) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO NOTHING`, s.public, first.Seq, first.At)
	return err
}

// Adopt stores the key of checkpoints that were signed before keys were stored. A key
// that checks none of them is not stored: it has signed nothing here yet.
func (s *Signer) Adopt(ctx context.Context, d *db.DB) error {
	var first Checkpoint
	if err := d.Read(ctx, func(tx *db.Tx) error {
		keys, err := Keys(tx)
		if err != nil || slices.Contains(keys, s.public) {
			return err
		}
		list, err := Checkpoints(tx, MaxCheckpoints)
		for _, c := range list { // newest first
			if opened, err := OpenCheckpoint(c.Note, s.public); err == nil {
				first = opened
			}
		}
		return err
	}); err != nil {
		return fmt.Errorf("looking for the checkpoint key: %w", err)
	}
	if first.Seq == 0 {
		return nil
	}
	return d.Write(ctx, func(tx *db.Tx) error { return s.keep(tx, first) })
}

// Keys are the verifier keys that ever signed here, newest first.
func Keys(tx *db.Tx) ([]string, error) {
	return db.All(tx, db.Column[string], `SELECT key FROM record_keys ORDER BY first_seq DESC, at DESC, key`)
}

// body is the text that is signed: origin, size, hash, instant, one a line.
func body(c Checkpoint, origin string) string {
	return fmt.Sprintf("%s/bitacora\n%d\n%s\n%s\n", origin, c.Seq, c.Hash, c.At.UTC().Format(instantLayout))
}

// LastCheckpoint is the newest one; NotFound when there is none.
func LastCheckpoint(tx *db.Tx) (Checkpoint, error) {
	var c Checkpoint
	err := tx.Row(`SELECT seq, hash, at, note FROM record_checkpoints ORDER BY seq DESC LIMIT 1`).
		Scan(&c.Seq, &c.Hash, &c.At, &c.Note)
	return c, err
}

// Checkpoints are the newest ones, newest first.
func Checkpoints(tx *db.Tx, limit int) ([]Checkpoint, error) {
	return db.All(tx, func(scan func(...any) error) (Checkpoint, error) {
		var c Checkpoint
		err := scan(&c.Seq, &c.Hash, &c.At, &c.Note)
		return c, err
	}, `SELECT seq, hash, at, note FROM record_checkpoints ORDER BY seq DESC LIMIT $1`, limit)
}

// OpenCheckpoint checks a signed note against verifier keys, any of which may have
// signed it, and reads it.
func OpenCheckpoint(signed string, keys ...string) (Checkpoint, error) {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	var verifiers []note.Verifier
	for _, k := range slices.Compact(keys) { // a key twice is ambiguous to the package
		v, err := note.NewVerifier(k)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("reading the public key: %w", err)
		}
		verifiers = append(verifiers, v)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checking the checkpoint's signature: %w", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 {
		return Checkpoint{}, fmt.Errorf("a checkpoint of %d lines", len(lines))
	}
	c := Checkpoint{Hash: lines[2], Note: signed}
	if c.Seq, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return Checkpoint{}, fmt.Errorf("reading the checkpoint's size: %w", err)
	}
	if c.At, err = time.Parse(instantLayout, lines[3]); err != nil {
		return Checkpoint{}, fmt.Errorf("reading the checkpoint's instant: %w", err)
	}
	return c, nil
}
