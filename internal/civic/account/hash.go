package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"plaza/internal/plaza"
)

// The parameters of argon2id that OWASP asks for at least: 19 MiB, two passes, one
// lane. A hash takes some 30 ms of one core.
const (
	hashMemory = 19 << 10 // KiB
	hashPasses = 2
	hashLanes  = 1
	saltBytes  = 16
	hashBytes  = 32
)

// The most that hashing may take of the machine: so many at once (19 MiB each), so
// many more in line, for so long. Whoever comes after is told to come again.
const (
	maxHashing  = 4
	maxWaiting  = 100
	hashWaiting = 8 * time.Second
)

// hasher makes and checks hashes of passwords, a few at a time. It is safe for
// concurrent use.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	made    atomic.Int64 // for tests: whoever has no account costs as much as who has
	dummy   string       // a hash that no password has
}

func newHasher() *hasher {
	var salt [saltBytes]byte
	var key [hashBytes]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	_, _ = rand.Read(key[:])
	return &hasher{
		slots: make(chan struct{}, max(1, min(maxHashing, runtime.GOMAXPROCS(0)))),
		dummy: phc(salt[:], key[:]),
	}
}

// newMaker is a hasher for new passwords, with half as many places of its own: however
// many people sign up, whoever signs in finds a place.
func newMaker() *hasher {
	h := newHasher()
	h.slots = make(chan struct{}, max(1, cap(h.slots)/2))
	return h
}

// phc writes a hash in the form of the Password Hashing Competition.
func phc(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
		b.EncodeToString(salt), b.EncodeToString(key))
}

// enter waits for a place. It is Unavailable when there is none in time.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	busy := &plaza.Error{Kind: plaza.Unavailable, Key: "account.error.busy", RetryAfter: 5 * time.Second}
	if h.waiting.Add(1) > maxWaiting+int64(cap(h.slots)) {
		h.waiting.Add(-1)
		return nil, busy
	}
	ctx, cancel := context.WithTimeout(ctx, hashWaiting)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; h.waiting.Add(-1) }, nil
	case <-ctx.Done():
		h.waiting.Add(-1)
		busy.Cause = ctx.Err()
		return nil, busy
	}
}

// hash makes the hash of a password in its PHC form.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	h.made.Add(1)
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	return phc(salt[:], argon2.IDKey([]byte(password), salt[:], hashPasses, hashMemory, hashLanes, hashBytes)), nil
}

// verify reports whether the hash is the password's. For "" it does the same work and
// reports false.
func (h *hasher) verify(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	p, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	h.made.Add(1)
	key := argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.lanes, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(key, p.key) == 1 && known, nil
}

// hashed is a hash in parts.
type hashed struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// current reports whether the hash was made with today's parameters.
func (p hashed) current() bool {
	return p.memory == hashMemory && p.passes == hashPasses && p.lanes == hashLanes
}

// parsePHC reads a hash; one that asks for more memory or passes than any of ours did is
// refused, whoever wrote it into the store.
func parsePHC(s string) (hashed, error) {
	bad := fmt.Errorf("a password's hash that is not argon2id in PHC form")
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return hashed{}, bad
	}
	var p hashed
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil || n != 3 {
		return hashed{}, bad
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	p.key, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || p.memory < 8 || p.memory > 64<<10 || p.passes < 1 || p.passes > 8 ||
		p.lanes < 1 || p.lanes > 4 || len(p.salt) < 8 || len(p.key) < 16 || len(p.key) > 64 {
		return hashed{}, bad
	}
	return p, nil
}
