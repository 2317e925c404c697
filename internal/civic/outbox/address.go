package outbox

import (
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// AddressState is why an address gets no mail.
type AddressState string

// The states of an address that gets no mail.
const (
	Bounced    AddressState = "bounced"    // it takes none
	Complained AddressState = "complained" // whoever reads it said that ours is unwanted
)

// Address is an address that gets no mail.
type Address struct {
	Address string // in lower case
	State   AddressState
	Reason  string // RFC 3463's code, e.g. "5.1.1"; "" for a complaint
	Since   time.Time
}

// addressKey is an address as it is compared here.
func addressKey(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// mark says that an address takes no more mails; what waits for it is stopped as it
// comes to its turn. A complaint is not made a bounce.
func mark(tx *db.Tx, address string, state AddressState, reason string) error {
	_, err := tx.Exec(`INSERT INTO mail_addresses (address, state, reason, since)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (address) DO UPDATE SET state = excluded.state, reason = excluded.reason
			WHERE excluded.state = 'complained'`,
		addressKey(address), string(state), reason, tx.Now)
	return err
}

// stopped are those of the addresses that get no mail, by their keys.
func stopped(tx *db.Tx, addresses []string) (map[string]Address, error) {
	out := map[string]Address{}
	if len(addresses) == 0 {
		return out, nil
	}
	keys := make([]string, len(addresses))
	for i, a := range addresses {
		keys[i] = addressKey(a)
	}
	_, err := db.All(tx, func(scan func(...any) error) (struct{}, error) {
		a, err := scanAddress(scan)
		out[a.Address] = a
		return struct{}{}, err
	}, `SELECT address, state, reason, since FROM mail_addresses WHERE address IN (`+db.Placeholders(1, len(keys))+`)`, db.Args(keys)...)
	return out, err
}

func scanAddress(scan func(...any) error) (a Address, err error) {
	var state string
	err = scan(&a.Address, &state, &a.Reason, &a.Since)
	a.State = AddressState(state)
	return a, err
}

// AddressOf tells why an address gets no mail; ok is false when it does.
func AddressOf(tx *db.Tx, address string) (a Address, ok bool, err error) {
	dead, err := stopped(tx, []string{address})
	a, ok = dead[addressKey(address)]
	return a, ok, err
}

// Revive lets an address get mails again: whoever reads it says that it works.
func Revive(tx *db.Tx, address string) error {
	n, err := tx.Exec(`DELETE FROM mail_addresses WHERE address = $1`, addressKey(address))
	if err == nil && n == 0 {
		return plaza.E(plaza.NotFound, "outbox.error.address")
	}
	return err
}

// Addresses lists addresses that get no mail, the latest first, after the one that the
// page before ended with.
func Addresses(tx *db.Tx, before Address, limit int) ([]Address, error) {
	where, args := "since IS NOT NULL", []any{}
	if before.Address != "" {
		where, args = "(since < $1 OR since = $1 AND address < $2)", []any{before.Since, before.Address}
	}
	return db.All(tx, scanAddress, `SELECT address, state, reason, since
		FROM mail_addresses
		WHERE `+where+`
		ORDER BY since DESC, address DESC
		LIMIT `+db.Placeholders(len(args)+1, 1), append(args, limit)...)
}
