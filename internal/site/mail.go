package site

import (
	"encoding/base64"

	"plaza/internal/base/secret"
)

// BounceToken is what a mail server authenticates itself with when it posts reports of
// mails that came back to outbox.BouncePath.
func (s *Site) BounceToken() string {
	return base64.RawURLEncoding.EncodeToString(s.secret.Derive(secret.Bounces, 24))
}
