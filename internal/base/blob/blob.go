// Package blob keeps files under the SHA-256 of their content, in a local directory
// or in an S3-compatible store. A key is 64 lower-case hexadecimal digits; nothing
// that a person typed ever becomes a name in storage.
//
// What was put is whole and durable when Put returns, and never changes. Putting it
// again, also from another process or node, is harmless. Callers put the object
// first and write the row that names it afterwards; an object without a row is swept
// later by whoever keeps the rows.
//
// Both kinds of store lay their objects out alike (ab/cd/abcd…), so that one can be
// copied to the other by any tool that copies files.
package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"path/filepath"

	"plaza/internal/plaza"
)

// Locale holds the sentences of this package's errors, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

// ErrCorrupt says that an object's content is not what its key promises.
var ErrCorrupt = errors.New("blob: content does not match its key")

// Info is what is known of an object without reading it.
type Info struct {
	Key  string // SHA-256 of the content, in hexadecimal
	Size int64  // bytes
}

// Store keeps objects. Its errors are plaza.NotFound for an object that is not there
// (or a key that can be none), plaza.Invalid for a range outside an object,
// plaza.Unavailable when the storage is away, read-only or full, and the context's
// own. It is safe for concurrent use.
type Store interface {
	// Put keeps all that r gives. An error of r comes back as it is, wrapped, and
	// leaves nothing behind.
	Put(ctx context.Context, r io.Reader) (Info, error)
	// Get opens an object for reading from its begin; the caller closes it.
	Get(ctx context.Context, key string) (io.ReadCloser, Info, error)
	// GetRange opens length bytes from offset, or all to the end when length is
	// negative. The offset must lie inside the object; less than length comes when
	// the object ends earlier.
	GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Stat reports an object's size.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes an object; one that is not there is no error.
	Delete(ctx context.Context, key string) error
	// List calls f for each object in order of keys, until f returns an error.
	List(ctx context.Context, f func(Info) error) error
}

// Open gives the store at an address: "file:///dir" (or "file:dir", relative to the
// working directory), or "s3://key:secret@host/bucket/prefix?region=us-east-1&tls=true"
// where prefix, region and tls may be left out. A directory is made when it is not
// there; an S3 store is not asked for anything yet, so that Plaza starts while it is
// away. Errors never contain the address, which holds a secret.
func Open(_ context.Context, address string) (Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the address of the file store cannot be read")
	}
	switch u.Scheme {
	case "file":
		path := u.Path
		if u.Opaque != "" {
			path, err = url.PathUnescape(u.Opaque)
		}
		if err != nil || path == "" || u.Host != "" || u.RawQuery != "" {
			return nil, errors.New("the address of a local file store must look like file:///var/lib/plaza/blobs")
		}
		return openDir(filepath.FromSlash(path))
	case "s3":
		return openS3(u)
	}
	return nil, errors.New("the address of the file store must begin with \"file:\" or \"s3:\"")
}

// Verify reads an object whole and compares it with its key; ErrCorrupt when they differ.
func Verify(ctx context.Context, s Store, key string) error {
	r, _, err := s.Get(ctx, key)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	if errClose := r.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return fmt.Errorf("verifying object %s: %w", key, err)
	}
	if keyOf(h) != key {
		return fmt.Errorf("verifying object %s: %w", key, ErrCorrupt)
	}
	return nil
}

// Check writes a small object of its own, reads it back and removes it: the proof
// that a store works, for readiness and for the doctor.
func Check(ctx context.Context, s Store) error {
	want := []byte("plaza probe " + rand.Text())
	info, err := s.Put(ctx, bytes.NewReader(want))
	if err != nil {
		return fmt.Errorf("checking the file store: %w", err)
	}
	err = Verify(ctx, s, info.Key)
	if errDelete := s.Delete(ctx, info.Key); err == nil {
		err = errDelete
	}
	if err != nil {
		return fmt.Errorf("checking the file store: %w", err)
	}
	return nil
}

func keyOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// layout gives an object's name below the root of a store, or plaza.NotFound for
// what can be no key.
func layout(key string) (string, error) {
	if !isKey(key) {
		return "", notFound(errors.New("not a key"))
	}
	return key[:2] + "/" + key[2:4] + "/" + key, nil
}

func isKey(key string) bool {
	if len(key) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(key) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func notFound(cause error) error {
	return &plaza.Error{Kind: plaza.NotFound, Key: "blob.error.not_found", Cause: cause}
}

func outside() error { return plaza.E(plaza.Invalid, "blob.error.range") }

func unavailable(cause error) error {
	return &plaza.Error{Kind: plaza.Unavailable, Key: "blob.error.unavailable", Cause: cause}
}

// source is the reader of a Put: it ends with its context, and remembers its own
// error so that it is not mistaken for the store's.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err = s.ctx.Err(); s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
