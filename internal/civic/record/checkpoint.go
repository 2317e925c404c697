package record

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

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

// Checkpoint signs the record as it stands and stores the note. When nothing was
// appended since the last one, it returns that.
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
		_, err = tx.Exec(`INSERT INTO record_checkpoints (seq, hash, at, note) VALUES ($1, $2, $3, $4)
			ON CONFLICT (seq) DO NOTHING`, c.Seq, c.Hash, c.At, c.Note)
		return err
	})
	return c, err
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

// OpenCheckpoint checks a signed note against a verifier key and reads it. Only
// Seq, Hash, At and Note are set.
func OpenCheckpoint(signed, publicKey string) (Checkpoint, error) {
	verifier, err := note.NewVerifier(publicKey)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("reading the public key: %w", err)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(verifier))
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
