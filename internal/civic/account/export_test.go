package account

import (
	"strings"
	"time"
)

// Hashes is how many password hashes have been computed.
func (a *Accounts) Hashes() int64 { return a.hasher.made.Load() + a.maker.made.Load() }

// Crowd makes the line for a password to be looked at full, or empty again.
func (a *Accounts) Crowd(full bool) {
	n := int64(0)
	if full {
		n = maxWaiting + int64(cap(a.hasher.slots))
	}
	a.hasher.waiting.Store(n)
}

// CodeAt is what an authenticator with the key, as the page shows it, shows at an instant.
func CodeAt(shown string, at time.Time) string {
	key, err := plain32.DecodeString(strings.ReplaceAll(shown, " ", ""))
	if err != nil {
		panic(err)
	}
	return totpAt(key, at.Unix()/totpStep)
}
