// Package backup writes everything that an installation is (rows, files, the root
// secret) into one archive while it runs, and restores it. The archive is the same
// for both engines, so restoring is also how one moves from SQLite to PostgreSQL.
//
// It is a tar compressed with zstd:
//
//	header.json             what the archive holds: schema version, tables, columns
//	secret                  the root secret
//	tables/NAME/000001.jsonl  rows in the order of the primary key, in pieces
//	blobs/ab/cd/abcd…       files by their SHA-256
//	manifest.json           last: rows and checksums of everything before it
//
// All rows come from one snapshot. Files are read after it: what a row names was
// stored before the row, and nothing is removed that a row named within a day. An
// archive without its manifest is half an archive and is not restored.
//
// The archive holds people's data and the secret: it is written for its owner's
// eyes alone, and encrypting it is up to whoever carries it away.
package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package's errors.
//
//go:embed locale
var Locale embed.FS

// format is the version of the archive's layout.
const format = 1

// Bounds of memory: a page of rows is one query, a chunk one entry of the archive.
const (
	pageRows   = 2000
	chunkBytes = 4 << 20
)

// Config says what is backed up and restored.
type Config struct {
	DB      *db.DB
	Blobs   blob.Store
	Secret  secret.Root
	Version string // of Plaza, for people
}

// header is the first entry of an archive.
type header struct {
	Format int       `json:"format"`
	Plaza  string    `json:"plaza"`
	At     time.Time `json:"at"`
	Engine db.Engine `json:"engine"`
	Schema int64     `json:"schema"`
	Tables []table   `json:"tables"`
}

// Manifest is the last entry of an archive: what it holds.
type Manifest struct {
	At     time.Time      `json:"at"` // of the snapshot
	Schema int64          `json:"schema"`
	Tables map[string]Sum `json:"tables"`
	Blobs  Sum            `json:"blobs"`  // Rows counts files; the sum is of their keys
	Secret Sum            `json:"secret"` // Rows is 1
}

// Sum is a number of rows and the SHA-256 of their lines.
type Sum struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// Rows are all rows of all tables.
func (m Manifest) Rows() (n int64) {
	for _, s := range m.Tables {
		n += s.Rows
	}
	return n
}

// Write writes an archive of a running installation to w. Writers go on meanwhile;
// what was committed before Write began is in it.
func Write(ctx context.Context, cfg Config, w io.Writer) (Manifest, error) {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return Manifest{}, fmt.Errorf("writing a backup: %w", err)
	}
	a := &archive{tar: tar.NewWriter(z), manifest: Manifest{Tables: map[string]Sum{}}}
	if err := a.write(ctx, cfg); err != nil {
		_ = z.Close() // the archive is worthless already
		return Manifest{}, fmt.Errorf("writing a backup: %w", err)
	}
	if err := a.tar.Close(); err != nil {
		_ = z.Close() // as above
		return Manifest{}, fmt.Errorf("writing a backup: %w", err)
	}
	if err := z.Close(); err != nil {
		return Manifest{}, fmt.Errorf("writing a backup: %w", err)
	}
	return a.manifest, nil
}

type archive struct {
	tar      *tar.Writer
	at       time.Time
	manifest Manifest
}

func (a *archive) write(ctx context.Context, cfg Config) error {
	schema, _, err := cfg.DB.Versions(ctx)
	if err != nil {
		return err
	}
	if err := cfg.DB.Read(ctx, func(tx *db.Tx) error {
		a.at = tx.Now
		tables, err := describe(tx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if err := t.usable(); err != nil {
				return err
			}
		}
		a.manifest.At, a.manifest.Schema = a.at, schema
		h := header{format, cfg.Version, a.at, tx.Engine(), schema, tables}
		if err := a.json("header.json", h); err != nil {
			return err
		}
		if err := a.secret(cfg.Secret); err != nil {
			return err
		}
		for _, t := range tables {
			if a.manifest.Tables[t.Name], err = a.table(tx, t); err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := a.blobs(ctx, cfg.Blobs); err != nil {
		return err
	}
	return a.json("manifest.json", a.manifest)
}

func (a *archive) entry(name string, size int64) error {
	return a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: a.at, Format: tar.FormatPAX})
}

func (a *archive) file(name string, body []byte) error {
	if err := a.entry(name, int64(len(body))); err != nil {
		return err
	}
	_, err := a.tar.Write(body)
	return err
}

func (a *archive) json(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return a.file(name, append(b, '\n'))
}

func (a *archive) secret(root secret.Root) error {
	body := []byte(root.Text() + "\n")
	h := sha256.New()
	h.Write(body)
	a.manifest.Secret = Sum{1, sum(h)}
	return a.file("secret", body)
}

// table writes a table in pages by primary key (each its own query, so that no
// statement's deadline cuts a big table) and in chunks of bounded size.
func (a *archive) table(tx *db.Tx, t table) (Sum, error) {
	h, chunk, chunks := sha256.New(), bytes.Buffer{}, 0
	flush := func() error {
		if chunk.Len() == 0 {
			return nil
		}
		chunks++
		h.Write(chunk.Bytes())
		err := a.file(fmt.Sprintf("tables/%s/%06d.jsonl", t.Name, chunks), chunk.Bytes())
		chunk.Reset()
		return err
	}
	var total int64
	var after []any
	for {
		n, last, err := t.page(tx, after, func(line []byte) error {
			chunk.Write(line)
			chunk.WriteByte('\n')
			if chunk.Len() >= chunkBytes {
				return flush()
			}
			return nil
		})
		if err != nil {
			return Sum{}, err
		}
		total += int64(n)
		if n < pageRows {
			break
		}
		after = last
	}
	if err := flush(); err != nil {
		return Sum{}, err
	}
	return Sum{total, sum(h)}, nil
}

// blobs copies all files. One that is gone by the time it is read had no row.
func (a *archive) blobs(ctx context.Context, store blob.Store) error {
	h := sha256.New()
	err := store.List(ctx, func(i blob.Info) error {
		r, info, err := store.Get(ctx, i.Key)
		if plaza.KindOf(err) == plaza.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		defer r.Close()
		if err := a.entry("blobs/"+i.Key[:2]+"/"+i.Key[2:4]+"/"+i.Key, info.Size); err != nil {
			return err
		}
		if _, err := io.Copy(a.tar, r); err != nil {
			return fmt.Errorf("file %s: %w", i.Key, err)
		}
		a.manifest.Blobs.Rows++
		_, _ = io.WriteString(h, i.Key+"\n") // a hash takes everything
		return nil
	})
	a.manifest.Blobs.SHA256 = sum(h)
	return err
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// safeName reports whether a table's or column's name can stand in SQL as it is.
func safeName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
