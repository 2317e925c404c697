package follow

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"plaza/internal/base/secret"
	"plaza/internal/plaza"
)

// What a link's token is for; a token for one is nothing for another.
const (
	toConfirm = "c" // a subscription, by its id
	toManage  = "m" // all that a reader follows, by the reader's id
	toStopOne = "f" // mails of a subscription
	toStopAll = "r" // all mails to somebody
)

// token seals an id for a purpose. It has no end: a mail may be read years later, and
// whoever wants no more of them must be able to say so.
func (s *Service) token(purpose, id string) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil {
		raw = []byte(id)
	}
	return purpose + base64.RawURLEncoding.EncodeToString(raw) + "." + s.seal(purpose, id)
}

func (s *Service) seal(purpose, id string) string {
	return base64.RawURLEncoding.EncodeToString(secret.Sum(s.Key, "follow", purpose, id)[:16])
}

var errDead = plaza.E(plaza.NotFound, "follow.error.link")

// open returns what a token was made for; NotFound when it is none of ours.
func (s *Service) open(token string, purposes ...string) (purpose, id string, err error) {
	if len(token) > 100 || len(token) < 2 {
		return "", "", errDead
	}
	purpose = token[:1]
	body, mac, ok := strings.Cut(token[1:], ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || !ok || len(raw) != 16 {
		return "", "", errDead
	}
	h := hex.EncodeToString(raw)
	id = h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	if !hmac.Equal([]byte(mac), []byte(s.seal(purpose, id))) {
		return "", "", errDead
	}
	for _, p := range purposes {
		if p == purpose {
			return purpose, id, nil
		}
	}
	return "", "", errDead
}
