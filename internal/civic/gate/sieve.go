package gate

import (
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
)

// Sieve is for forms that make no post to be held for review. It reports whether only
// a machine can have sent the form: its sender is to hear what everybody hears, and
// nothing is to happen. Whatever else is odd about the form counts against the limit
// of the subject, which is TooMany when nothing is left of it. The drawn form is used
// up, as Judge does.
func (g *Gate) Sieve(tx *db.Tx, form *web.Form, purpose string, odd Limit, subject string) (machine bool, err error) {
	signals, err := g.Judge(tx, form, purpose)
	switch {
	case err != nil || len(signals) == 0:
		return false, err
	case slices.Contains(signals, Trapped):
		return true, nil
	}
	return false, g.Brake(tx, odd, subject)
}
