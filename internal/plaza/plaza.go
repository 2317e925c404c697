// Package plaza holds the nouns that every part of Plaza shares: how a thing is
// named (Ref), what any other part may show of it (Card), who acts (Actor), why
// something could not be done (Error) and how ids are made. It imports the
// standard library only; every other package may import it.
package plaza

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"time"
)

// Ref names one thing: its kind ("dataset", "institution", "source" …) and id.
type Ref struct {
	Kind string
	ID   string
}

// String is the form written to the record: kind, a colon, id.
func (r Ref) String() string { return r.Kind + ":" + r.ID }

// Card is what any part of Plaza may show of a thing without knowing its kind.
type Card struct {
	Ref         Ref
	Title       string
	Excerpt     string // plain text, at most some 300 characters
	Path        string // public path, e.g. "/datos/calidad-del-aire"
	Owner       string // title of the institution that answers for it, or ""
	OwnerPath   string
	Institution string // id of the institution that answers for it, or ""
	// Within is what it belongs to, the nearest first: whoever follows one of those
	// hears of it too. A resource lies within its dataset, its institution and its
	// themes (Refs of the kind "theme" whose id is the theme's name).
	Within      []Ref
	Language    string // BCP 47, of the text itself
	Modified    time.Time
	Visible     bool // false: hidden or gone; only its title may be shown
	Facts       []Fact
	Unavailable bool // tombstoned: it keeps its page, with a notice
}

// Fact is one short labelled value on a card; Key is a message key.
type Fact struct {
	Key   string
	Value string
}

var idShape = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// IDs are the ids in what somebody typed or pasted, an address perhaps, in their order.
func IDs(text string) []string { return idShape.FindAllString(strings.ToLower(text), -1) }

// IsID reports whether a text is an id and nothing else.
func IsID(text string) bool { return text != "" && idShape.FindString(text) == text }

// NewID makes a UUIDv7 (RFC 9562) as lower-case text: 48 bits of now in Unix
// milliseconds, the rest random, so that ids sort by when they were made.
func NewID(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return format(b)
}

// DerivedID makes the id of something that another thing brings with it, always the
// same one for the same parts: base's instant and, in place of chance, a hash of
// base and parts. It has the form of a UUIDv7; base must be one.
func DerivedID(base string, parts ...string) string { return derived(6, base, parts) }

// NestedID is DerivedID for the few parts that one thing has, as a dataset its
// resources: it shares base's first 26 bits of chance too, so that they lie together in
// an index, and has 48 bits of its own, enough for millions of them.
func NestedID(base string, parts ...string) string { return derived(10, base, parts) }

// derived takes the first bytes from base and the others from the hash.
func derived(shared int, base string, parts []string) string {
	h := sha256.New()
	h.Write([]byte(base))
	for _, p := range parts {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	sum := h.Sum(nil)
	var b [16]byte
	if raw, err := hex.DecodeString(strings.ReplaceAll(base, "-", "")); err == nil && len(raw) == 16 {
		copy(b[:shared], raw)
	}
	copy(b[shared:], sum)
	return format(b)
}

// format sets version and variant and writes an id as text.
func format(b [16]byte) string {
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}
