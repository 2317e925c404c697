package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 as every authenticator speaks it
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// The one form of RFC 6238 that all authenticators know: SHA-1, six digits, 30 s. A
// code is good for its own step and one before and after, once.
const (
	totpStep   = 30
	totpDigits = 6
	totpDrift  = 1
	totpBytes  = 20
)

// Ten recovery codes of fifty bits each stand in for a lost authenticator.
const (
	recoveryCodes = 10
	recoveryRunes = 10
)

var plain32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// totpAt is the code of a step.
func totpAt(key []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	m := hmac.New(sha1.New, key)
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// totpMatch is the step after last whose code this is, near now; 0 for none.
func totpMatch(key []byte, code string, now time.Time, last int64) (step int64) {
	at := now.Unix() / totpStep
	for s := at - totpDrift; s <= at+totpDrift; s++ {
		if subtle.ConstantTimeCompare([]byte(totpAt(key, s)), []byte(code)) == 1 && s > last {
			step = s
		}
	}
	return step
}

// totpAddress is what the picture for authenticators says.
func totpAddress(site, email string, key []byte) string {
	q := url.Values{"secret": {plain32.EncodeToString(key)}, "issuer": {site}}
	return "otpauth://totp/" + url.PathEscape(site+":"+email) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// factor is a person's second factor as it is stored.
type factor struct {
	key       []byte
	step      int64
	confirmed bool
}

// factorOf returns a person's second factor; NotFound when there is none.
func (a *Accounts) factorOf(tx *db.Tx, person string) (factor, error) {
	var f factor
	var sealed string
	var confirmed time.Time
	if err := tx.Row(`SELECT secret, step, confirmed_at
		FROM credentials
		WHERE person_id = $1 AND kind = $2`, person, kindTOTP).Scan(&sealed, &f.step, &confirmed); err != nil {
		return f, err
	}
	key, ok := a.seals.Open("totp:"+person, sealed)
	if !ok {
		return f, plaza.E(plaza.Unavailable, "account.error.factor_sealed")
	}
	f.key, f.confirmed = key, !confirmed.IsZero()
	return f, nil
}

// startFactor gives a person a new key, which counts once its first code has come. One
// that counts already is a Conflict.
func (a *Accounts) startFactor(tx *db.Tx, person string) error {
	var key [totpBytes]byte
	_, _ = rand.Read(key[:]) // never fails since Go 1.24
	if _, err := tx.Exec(`DELETE FROM credentials
		WHERE person_id = $1 AND kind = $2 AND confirmed_at IS NULL`, person, kindTOTP); err != nil {
		return fmt.Errorf("starting a second factor: %w", err)
	}
	if _, err := tx.Exec(`INSERT INTO credentials (id, person_id, kind, secret, created_at)
		VALUES ($1, $2, $3, $4, $5)`,
		tx.ID(), person, kindTOTP, a.seals.Seal("totp:"+person, key[:]), tx.Now); err != nil {
		return fmt.Errorf("starting a second factor: %w", err)
	}
	return nil
}

// plainCode is a code as it is compared, however it was typed.
func plainCode(typed string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
}

// spendCode reports whether the code is good, of the authenticator or for recovery, and
// uses it up.
func (a *Accounts) spendCode(tx *db.Tx, person, typed string) (bool, error) {
	code := plainCode(typed)
	if len(code) == recoveryRunes {
		n, err := tx.Exec(`DELETE FROM credentials
			WHERE person_id = $1 AND kind = $2 AND subject = $3`, person, kindRecovery, a.recoveryHash(person, code))
		return n == 1, err
	}
	f, err := a.factorOf(tx, person)
	if err != nil {
		return false, err
	}
	step := totpMatch(f.key, code, tx.Now, f.step)
	if step == 0 {
		return false, nil
	}
	n, err := tx.Exec(`UPDATE credentials
		SET step = $1, confirmed_at = COALESCE(confirmed_at, $2)
		WHERE person_id = $3 AND kind = $4 AND step < $1`, step, tx.Now, person, kindTOTP)
	return n == 1, err
}

// newRecovery replaces a person's recovery codes and returns the new ones, which are
// shown once.
func (a *Accounts) newRecovery(tx *db.Tx, person string) ([]string, error) {
	if err := dropCredentials(tx, person, kindRecovery); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b [recoveryRunes]byte
		_, _ = rand.Read(b[:]) // never fails since Go 1.24
		code := plain32.EncodeToString(b[:])[:recoveryRunes]
		if _, err := tx.Exec(`INSERT INTO credentials (id, person_id, kind, subject, created_at)
			VALUES ($1, $2, $3, $4, $5)`,
			tx.ID(), person, kindRecovery, a.recoveryHash(person, code), tx.Now); err != nil {
			return nil, fmt.Errorf("storing recovery codes: %w", err)
		}
		codes[i] = code[:recoveryRunes/2] + "-" + code[recoveryRunes/2:]
	}
	return codes, nil
}

func (a *Accounts) recoveryHash(person, code string) string {
	return hex.EncodeToString(a.mac("recovery", person, code))
}

// DropSecondFactor takes a person's second factor and recovery codes away, when both are
// lost: signing in takes no code until they enrol again.
func DropSecondFactor(tx *db.Tx, person string) error {
	if err := dropCredentials(tx, person, kindTOTP); err != nil {
		return err
	}
	return dropCredentials(tx, person, kindRecovery)
}

// TakeSecondFactor is DropSecondFactor by the coordination, for somebody who lost both:
// the person is told by mail. It appends to the record, so it is the last statement of
// its transaction. Without a second factor it is NotFound.
func (a *Accounts) TakeSecondFactor(tx *db.Tx, personID string) error {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.PersonHold, access.Object{Kind: "person", Owner: personID}); err != nil {
		return err
	}
	p, err := ByID(tx, personID)
	if err != nil {
		return err
	}
	if !p.SecondFactor {
		return plaza.E(plaza.NotFound, "account.error.no_factor")
	}
	if err := DropSecondFactor(tx, p.ID); err != nil {
		return err
	}
	if err := a.tell(tx, p, "factor_dropped"); err != nil {
		return err
	}
	return record.Append(tx, record.Act{Verb: "account.factor_dropped", Object: ref(p)})
}

// secondFactorSetting is the setting that says of whom a second factor is asked:
// "roles" or nobody.
const secondFactorSetting = "second_factor"

// RequireSecondFactor says whether whoever holds a role needs a second factor for it.
func RequireSecondFactor(tx *db.Tx, required bool) error {
	value := "nobody"
	if required {
		value = "roles"
	}
	if _, err := tx.Exec(`INSERT INTO settings (name, value)
		VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, secondFactorSetting, value); err != nil {
		return fmt.Errorf("changing who needs a second factor: %w", err)
	}
	return nil
}

// claimSecondFactor has whoever else is changing the setting wait until the transaction
// ends.
func claimSecondFactor(tx *db.Tx) error {
	_, err := tx.Exec(`INSERT INTO settings (name, value)
		VALUES ($1, 'nobody')
		ON CONFLICT (name) DO UPDATE SET value = settings.value`, secondFactorSetting)
	return err
}

// SecondFactorRequired reports whether whoever holds a role needs a second factor for it.
func SecondFactorRequired(tx *db.Tx) (bool, error) {
	var value string
	err := tx.Row(`SELECT value FROM settings WHERE name = $1`, secondFactorSetting).Scan(&value)
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return false, nil
	}
	return value == "roles", err
}
