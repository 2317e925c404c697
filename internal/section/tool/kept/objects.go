package kept

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

const (
	// claimed is how long an object may wait for the row that names it: longer than any
	// drawing takes.
	claimed = 48 * time.Hour
	// soonAgain is when what is just being removed may be put again.
	soonAgain = time.Minute
	// sweepAtOnce bounds one transaction of the sweep.
	sweepAtOnce = 100
)

// made is a file that was made of a view.
type made struct {
	tool.Drawn
	body []byte // as it is stored, after the mark
	key  string
}

// mark stands before each file in the store, so that no part but this one ever has an object
// of the same content: what is swept here is nobody else's.
const mark = "plaza herramienta\n"

func makeOf(d tool.Drawn, body []byte) made {
	body = append([]byte(mark), body...)
	sum := sha256.Sum256(body)
	return made{d, body, hex.EncodeToString(sum[:])}
}

// keep puts files into the file store: they are claimed, put, and named then by rows in one
// transaction.
func (k *Kept) keep(ctx context.Context, stamp string, files []made) error {
	if err := k.DB.Write(ctx, func(tx *db.Tx) error { return claim(tx, files) }); err != nil {
		return err
	}
	for _, f := range files {
		if _, err := k.Blob.Put(ctx, bytes.NewReader(f.body)); err != nil {
			return fmt.Errorf("storing a picture: %w", err)
		}
	}
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		for _, f := range files {
			if err := tool.KeepPicture(tx, tool.Kept{Drawn: f.Drawn, Stamp: stamp, SHA256: f.key, Bytes: int64(len(f.body))}); err != nil {
				return err
			}
		}
		return nil
	})
}

// claim says that objects are about to be put and named, so that the sweep leaves them alone.
// One that is just being removed is Unavailable for a moment.
func claim(tx *db.Tx, files []made) error {
	for _, f := range files {
		n, err := tx.Exec(`INSERT INTO tool_objects (sha256, bytes, claimed_at) VALUES ($1, $2, $3)
			ON CONFLICT (sha256) DO UPDATE SET claimed_at = EXCLUDED.claimed_at WHERE tool_objects.doomed_at IS NULL`, f.key, len(f.body), tx.Now)
		if err != nil {
			return fmt.Errorf("claiming a picture: %w", err)
		}
		if n == 0 {
			return &plaza.Error{Kind: plaza.Unavailable, Key: "toolview.wait", RetryAfter: soonAgain}
		}
	}
	return nil
}

// object reads a file from the store; ok is false when it is not there, or not whole.
func (k *Kept) object(ctx context.Context, of tool.Kept) (body []byte, ok bool, err error) {
	r, _, err := k.Blob.Get(ctx, of.SHA256)
	if err != nil {
		if plaza.KindOf(err) == plaza.NotFound {
			return nil, false, nil
		}
		return nil, false, fmt.Errorf("reading a picture: %w", err)
	}
	defer r.Close()
	body, err = io.ReadAll(io.LimitReader(r, of.Bytes+1))
	if err != nil {
		return nil, false, fmt.Errorf("reading a picture: %w", err)
	}
	sum := sha256.Sum256(body)
	body, ok = bytes.CutPrefix(body, []byte(mark))
	return body, ok && hex.EncodeToString(sum[:]) == of.SHA256, nil
}

// Sweep forgets pictures of versions that nobody sees any more, and removes objects that
// nothing names. Each is doomed first: nobody claims it from then on until it is gone, so
// that none is removed which was put a moment ago.
func (k *Kept) Sweep(ctx context.Context) error {
	if err := k.DB.Write(ctx, tool.ForgetPictures); err != nil {
		return err
	}
	for {
		var keys []string
		err := k.DB.Write(ctx, func(tx *db.Tx) (err error) {
			old := tx.Now.Add(-claimed)
			keys, err = db.All(tx, db.Column[string], `UPDATE tool_objects SET doomed_at = $1
				WHERE sha256 IN (SELECT o.sha256 FROM tool_objects o
					WHERE o.claimed_at < $2 AND NOT EXISTS (SELECT 1 FROM tool_pictures p WHERE p.sha256 = o.sha256)
					ORDER BY o.claimed_at, o.sha256
					LIMIT $3)
				RETURNING sha256`, tx.Now, old, sweepAtOnce)
			return err
		})
		if err != nil {
			return fmt.Errorf("looking for pictures that nothing names: %w", err)
		}
		for _, key := range keys {
			if err := k.remove(ctx, key); err != nil {
				return err
			}
		}
		if len(keys) < sweepAtOnce {
			return nil
		}
	}
}

func (k *Kept) remove(ctx context.Context, key string) error {
	if err := k.Blob.Delete(ctx, key); err != nil {
		return fmt.Errorf("removing a picture: %w", err)
	}
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM tool_objects WHERE sha256 = $1 AND doomed_at IS NOT NULL`, key)
		return err
	})
}
