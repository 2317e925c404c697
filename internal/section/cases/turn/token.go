package turn

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"plaza/internal/base/secret"
	"plaza/internal/civic/account"
	"plaza/internal/plaza"
)

// What can be wrong with a link before its turn is looked at.
var (
	errUnknown = plaza.E(plaza.NotFound, "turn.error.link")
	errNewer   = plaza.E(plaza.Conflict, "turn.error.newer")
)

// claim is what a link says of itself.
type claim struct {
	id      string
	version int
	expires time.Time
	mac     []byte
}

const claimBytes = 16 + 4 + 8

// token seals a turn: its id, version and end can be read in it, and with its case and
// its address they make the seal.
func (s *Turns) token(t Turn) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(t.ID, "-", ""))
	if err != nil || len(raw) != 16 {
		return ""
	}
	raw = binary.BigEndian.AppendUint32(raw, uint32(t.Version))             //nolint:gosec // from 1 on
	raw = binary.BigEndian.AppendUint64(raw, uint64(t.Expires.UnixMilli())) //nolint:gosec // after 1970
	return base64.RawURLEncoding.EncodeToString(append(raw, s.seal(t, raw)...))
}

func (s *Turns) seal(t Turn, said []byte) []byte {
	return secret.Sum(s.Key, "turn", string(said), t.Case, account.EmailKey(t.Email))[:16]
}

// readToken reads a link without believing it; NotFound when it cannot be one of ours.
func readToken(token string) (claim, []byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != claimBytes+16 {
		return claim{}, nil, errUnknown
	}
	h := hex.EncodeToString(raw[:16])
	c := claim{
		id:      h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:],
		version: int(binary.BigEndian.Uint32(raw[16:])),
		expires: time.UnixMilli(int64(binary.BigEndian.Uint64(raw[20:]))), //nolint:gosec // compared only
		mac:     raw[claimBytes:],
	}
	return c, raw[:claimBytes], nil
}

// believe checks a link against its turn: NotFound when it was altered or made for
// another case or person, a Conflict when a newer one was mailed.
func (s *Turns) believe(c claim, said []byte, t Turn) error {
	if t.Email == "" || !hmac.Equal(c.mac, s.seal(t, said)) {
		return errUnknown
	}
	if c.version != t.Version || c.expires.UnixMilli() != t.Expires.UnixMilli() {
		return errNewer
	}
	return nil
}
