package account

import (
	"encoding/hex"
	"net/netip"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// limit is how often one subject may do something in a stretch of time.
type limit struct {
	name   string
	max    int
	window time.Duration
}

// The limits of asking for a sign-in link. Many people share one address behind an
// institution's gateway, so that an address may ask far more often than a person.
var (
	perEmail   = limit{"signin.email", 5, time.Hour}
	perAddress = limit{"signin.address", 100, time.Hour}
)

// brake counts one use by the subject and reports TooMany when it is one too many.
// Counts live in the store, so that they hold over nodes and restarts; the subject
// is kept as a keyed hash that is another one tomorrow.
func (a *Accounts) brake(tx *db.Tx, l limit, subject string) error {
	start := tx.Now.Truncate(l.window)
	bucket := a.mac("brake", l.name, start.Format(time.DateOnly), subject)
	var uses int
	if err := tx.Row(`INSERT INTO brakes (bucket, starts_at, uses)
		VALUES ($1, $2, 1)
		ON CONFLICT (bucket, starts_at) DO UPDATE SET uses = brakes.uses + 1
		RETURNING uses`, hex.EncodeToString(bucket), start).Scan(&uses); err != nil {
		return err
	}
	if uses > l.max {
		return &plaza.Error{Kind: plaza.TooMany, Key: "account.error.too_many",
			RetryAfter: start.Add(l.window).Sub(tx.Now)}
	}
	return nil
}

// network is what counts as one address: an IPv4 address, or the /64 that an IPv6
// subscriber has all of.
func network(ip netip.Addr) string {
	if ip.Is6() && !ip.Is4In6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.Unmap().String()
}
