// Package secret holds the one root secret of an installation, from which every
// key that Plaza needs is derived by purpose (HKDF-SHA256). It comes from
// PLAZA_SECRET, or is made at the first start in a file of mode 0600 in the data
// directory; several nodes on one PostgreSQL must share it, so there it has to be
// given. Changing it ends every session, token and signing key at once.
package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"plaza/internal/plaza"
)

// The purposes of derived keys. A purpose never changes its meaning.
const (
	Sessions    = "sessions"    // sealing session cookies
	Tokens      = "tokens"      // hashing one-time and API tokens
	Salts       = "salts"       // the commitments under which the record names people
	Checkpoints = "checkpoints" // signing the record's checkpoints
	Bounces     = "bounces"     // what a mail server shows when it reports a mail that came back
	Sealing     = "sealing"     // encrypting what has to be read again: keys of second factors, secrets of providers
)

// Locale holds the sentences of this package's errors.
//
//go:embed locale
var Locale embed.FS

// FileName is the name of the secret's file in the data directory.
const FileName = "secret"

// size is the length of a secret that Plaza makes and the least it accepts, in bytes.
const size = 32

// Root is the root secret. It never prints itself; the zero Root derives nothing.
type Root struct{ key []byte }

// Load returns the root secret: env (the value of PLAZA_SECRET, hexadecimal or
// base64, at least 32 bytes) when it is set, else the file in dir, which is made
// when it is missing. With required set, env may not be empty. An unusable value
// is Invalid.
func Load(env, dir string, required bool) (Root, error) {
	if env != "" {
		return parse(env)
	}
	if required {
		return Root{}, plaza.E(plaza.Invalid, "secret.error.required")
	}
	path := filepath.Join(dir, FileName)
	r, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	if err := create(dir, path); err != nil {
		return Root{}, fmt.Errorf("making the secret: %w", err)
	}
	return read(path) // another process may have been faster: its secret counts
}

// Derive returns n bytes (at most 8,160) that depend on the secret and the purpose.
func (r Root) Derive(purpose string, n int) []byte {
	if len(r.key) < size {
		panic("secret: Derive of a Root that was not loaded")
	}
	k, err := hkdf.Key(sha256.New, r.key, nil, "plaza/"+purpose, n)
	if err != nil {
		panic("secret: " + err.Error()) // n is a constant of the caller's
	}
	return k
}

// Text is the secret as base64, for a backup.
func (r Root) Text() string { return base64.StdEncoding.EncodeToString(r.key) }

// String, GoString and LogValue keep the secret out of logs and messages.
func (r Root) String() string { return "***" }

// GoString implements fmt.GoStringer.
func (r Root) GoString() string { return "secret.Root(***)" }

// Format implements fmt.Formatter, so that no verb shows the bytes.
func (r Root) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte("***")) }

// LogValue implements slog.LogValuer.
func (r Root) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalText implements encoding.TextMarshaler, for JSON.
func (r Root) MarshalText() ([]byte, error) { return []byte("***"), nil }

// parse reads hexadecimal, or base64 in its four spellings. What is all hexadecimal
// digits is only that: as base64 it would seem longer than it is.
func parse(s string) (Root, error) {
	s = strings.TrimSpace(s)
	decoders := []func(string) ([]byte, error){
		base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	}
	if strings.Trim(s, "0123456789abcdefABCDEF") == "" {
		decoders = []func(string) ([]byte, error){hex.DecodeString}
	}
	for _, decode := range decoders {
		if b, err := decode(s); err == nil && len(b) >= size {
			return Root{b}, nil
		}
	}
	return Root{}, plaza.E(plaza.Invalid, "secret.error.format") // never quote the value
}

// read reads the file and takes away what others may do with it.
func read(path string) (Root, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Root{}, fmt.Errorf("reading the secret: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return Root{}, fmt.Errorf("protecting the secret: %w", err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Root{}, fmt.Errorf("reading the secret: %w", err)
	}
	return parse(string(b))
}

// Replace makes root the secret of the data directory, when a backup is restored.
// Another one that was there stays beside it as "secret.before-restore".
func Replace(dir string, root Root) error {
	path := filepath.Join(dir, FileName)
	switch old, err := read(path); {
	case err == nil && string(old.key) == string(root.key):
		return nil
	case err == nil:
		if err := os.Rename(path, path+".before-restore"); err != nil {
			return fmt.Errorf("keeping the old secret: %w", err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := write(dir, path, root); err != nil {
		return fmt.Errorf("writing the secret: %w", err)
	}
	return nil
}

// create makes a new secret.
func create(dir, path string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var b [size]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return write(dir, path, Root{b[:]})
}

// write writes a secret whole or not at all, and never over another: a link to the
// finished temporary file fails when the name is taken.
func write(dir, path string, root Root) (err error) {
	f, err := os.CreateTemp(dir, ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(root.Text() + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the new name survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
