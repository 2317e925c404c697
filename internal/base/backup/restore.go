package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"strings"

	"github.com/klauspost/compress/zstd"

	"plaza/internal/base/blob"
	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/plaza"
)

// maxDocument bounds header, manifest and secret; maxChunk a piece of a table, which
// holds one row at least.
const (
	maxDocument = 1 << 20
	maxChunk    = 1 << 30
)

// Restored is what an archive held.
type Restored struct {
	Manifest
	Secret secret.Root
}

// broken is why an archive cannot be restored.
func broken(format string, args ...any) error {
	return &plaza.Error{Kind: plaza.Invalid, Key: "backup.error.broken", Cause: fmt.Errorf(format, args...)}
}

// Check reads a whole archive and compares every checksum.
func Check(ctx context.Context, r io.Reader) (Restored, error) {
	in, err := open(r)
	if err != nil {
		return Restored{}, err
	}
	defer in.close()
	err = in.read(ctx, sink{
		rows: func(table, [][]any) error { return nil },
		blob: func(key string, r io.Reader) error {
			h := sha256.New()
			if _, err := io.Copy(h, r); err != nil {
				return broken("file %s: %w", key, err)
			}
			if sum(h) != key {
				return broken("file %s is not what its name promises", key)
			}
			return nil
		},
	})
	return in.restored, err
}

// Restore replaces all rows of the store by those of an archive, in one transaction
// that commits only when every checksum is right, and adds the archive's files. The
// store may be of either engine; it is migrated to the archive's schema first and to
// the newest one afterwards. Nothing else may use it meanwhile.
func Restore(ctx context.Context, d *db.DB, blobs blob.Store, r io.Reader) (Restored, error) {
	in, err := open(r)
	if err != nil {
		return Restored{}, err
	}
	defer in.close()
	current, newest, err := d.Versions(ctx)
	if err != nil {
		return Restored{}, fmt.Errorf("restoring: %w", err)
	}
	if in.header.Schema > newest {
		return Restored{}, plaza.E(plaza.Invalid, "backup.error.too_new")
	}
	if current > in.header.Schema { // its newer migrations would not see the older rows
		return Restored{}, plaza.E(plaza.Conflict, "backup.error.older")
	}
	if err := d.MigrateTo(ctx, in.header.Schema); err != nil {
		return Restored{}, fmt.Errorf("restoring: %w", err)
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		relaxed, err := relax(tx)
		if err != nil {
			return err
		}
		if err := in.clear(tx); err != nil {
			return err
		}
		if err := in.read(ctx, sink{
			rows: func(t table, rows [][]any) error { return insert(tx, t, rows) },
			blob: func(key string, r io.Reader) error {
				info, err := blobs.Put(ctx, r)
				if err == nil && info.Key != key {
					err = broken("file %s is not what its name promises", key)
				}
				return err
			},
		}); err != nil {
			return err
		}
		return relaxed()
	})
	if err != nil {
		return Restored{}, fmt.Errorf("restoring: %w", err)
	}
	if _, err := d.Migrate(ctx); err != nil {
		return Restored{}, fmt.Errorf("restoring: %w", err)
	}
	return in.restored, nil
}

// input is an archive being read.
type input struct {
	z        *zstd.Decoder
	tar      *tar.Reader
	header   header
	tables   map[string]table
	sums     map[string]*running
	blobs    running
	restored Restored
}

type running struct {
	rows int64
	hash hash.Hash
}

func (r running) sum() Sum { return Sum{r.rows, sum(r.hash)} }

type sink struct {
	rows func(t table, rows [][]any) error
	blob func(key string, r io.Reader) error
}

func open(r io.Reader) (*input, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(512<<20))
	if err != nil {
		return nil, fmt.Errorf("reading a backup: %w", err)
	}
	in := &input{z: z, tar: tar.NewReader(z), tables: map[string]table{}, sums: map[string]*running{}, blobs: running{hash: sha256.New()}}
	entry, err := in.tar.Next()
	if err == nil && entry.Name != "header.json" {
		err = errors.New("it does not begin with a header")
	}
	if err == nil {
		err = in.document(&in.header)
	}
	if err == nil && in.header.Format != format {
		err = fmt.Errorf("its format is %d, this is %d", in.header.Format, format)
	}
	if err != nil {
		z.Close()
		return nil, broken("%w", err)
	}
	for _, t := range in.header.Tables {
		if err := t.usable(); err != nil {
			z.Close()
			return nil, broken("%w", err)
		}
		in.tables[t.Name], in.sums[t.Name] = t, &running{hash: sha256.New()}
	}
	return in, nil
}

func (in *input) close() { in.z.Close() }

func (in *input) document(v any) error {
	return json.NewDecoder(io.LimitReader(in.tar, maxDocument)).Decode(v)
}

// read gives everything between header and manifest to the sink, and compares.
func (in *input) read(ctx context.Context, to sink) error {
	for {
		entry, err := in.tar.Next()
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return broken("it ends before its manifest")
		}
		if err != nil {
			return broken("%w", err)
		}
		dir, rest, _ := strings.Cut(entry.Name, "/")
		switch dir {
		case "secret":
			err = in.secret()
		case "tables":
			name, _, _ := strings.Cut(rest, "/")
			err = in.chunk(name, entry.Size, to)
		case "blobs":
			key := rest[strings.LastIndex(rest, "/")+1:]
			in.blobs.rows++
			_, _ = io.WriteString(in.blobs.hash, key+"\n") // a hash takes everything
			err = to.blob(key, member{in.tar})
		case "manifest.json":
			return in.compare()
		default:
			err = broken("an entry named %q", entry.Name)
		}
		if err != nil {
			return err
		}
	}
}

// member reads an entry; when the archive cannot be read, that is the archive's fault
// and not that of whoever stores the entry.
type member struct{ r io.Reader }

func (m member) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = broken("%w", err)
	}
	return n, err
}

func (in *input) secret() error {
	b, err := io.ReadAll(io.LimitReader(in.tar, maxDocument))
	if err != nil {
		return broken("%w", err)
	}
	in.restored.Secret, err = secret.Load(string(b), "", true)
	s := running{1, sha256.New()}
	s.hash.Write(b)
	in.restored.Manifest.Secret = s.sum()
	return err
}

// chunk reads a piece of a table.
func (in *input) chunk(name string, size int64, to sink) error {
	t, ok := in.tables[name]
	if !ok || size > maxChunk {
		return broken("a piece of %d bytes of table %q", size, name)
	}
	s := in.sums[name]
	lines := bufio.NewReaderSize(io.TeeReader(in.tar, s.hash), 64<<10)
	var rows [][]any
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return to.rows(t, rows)
		}
		if err != nil {
			return broken("table %s: %w", name, err)
		}
		row, err := t.decodeRow(bytes.TrimSuffix(line, []byte("\n")))
		if err != nil {
			return broken("table %s, row %d: %w", name, s.rows+1, err)
		}
		s.rows++
		if rows = append(rows, row); len(rows)*len(row) >= 1000 {
			if err := to.rows(t, rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
}

// compare holds the manifest against what was read.
func (in *input) compare() error {
	var m Manifest
	if err := in.document(&m); err != nil {
		return broken("its manifest: %w", err)
	}
	got := map[string]Sum{}
	for name, s := range in.sums {
		got[name] = s.sum()
	}
	switch {
	case !maps.Equal(got, m.Tables):
		return broken("its tables are not what its manifest says")
	case in.blobs.sum() != m.Blobs:
		return broken("its files are not what its manifest says")
	case in.restored.Manifest.Secret != m.Secret:
		return broken("its secret is not what its manifest says")
	}
	in.restored.Manifest = m
	return nil
}
