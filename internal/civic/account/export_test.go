package account

import (
	"strings"
	"time"
)

// Hashes is how many password hashes have been computed.
func (a *Accounts) Hashes() int64 { return a.hasher.made.Load() + a.maker.made.Load() }

// CodeAt is what an authenticator with the key, as the page shows it, shows at an instant.
func CodeAt(shown string, at time.Time) string {
	key, err := plain32.DecodeString(strings.ReplaceAll(shown, " ", ""))
	if err != nil {
		panic(err)
	}
	return totpAt(key, at.Unix()/totpStep)
}
