package membership

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const domainColumns = `id, institution_id, domain, created_at, verified_at`

func scanDomain(scan func(...any) error) (d Domain, err error) {
	err = scan(&d.ID, &d.Institution, &d.Name, &d.CreatedAt, &d.VerifiedAt)
	return d, err
}

// Domains are those that an institution says are its own, by name.
func Domains(tx *db.Tx, body string) ([]Domain, error) {
	return db.All(tx, scanDomain, `SELECT `+domainColumns+`
		FROM email_domains
		WHERE institution_id = $1
		ORDER BY domain
		LIMIT 200`, body)
}

// Proposed are the domains that wait to be verified, by the institutions that go on; at
// most some hundreds are looked at.
func Proposed(tx *db.Tx) (map[string][]string, error) {
	out := map[string][]string{}
	_, err := db.All(tx, func(scan func(...any) error) (d Domain, err error) {
		err = scan(&d.Institution, &d.Name)
		out[d.Institution] = append(out[d.Institution], d.Name)
		return d, err
	}, `SELECT d.institution_id, d.domain
		FROM email_domains d
		JOIN institutions i ON i.id = d.institution_id
		WHERE d.verified_at IS NULL AND i.state = $1
		ORDER BY d.domain
		LIMIT 500`, institution.Active)
	return out, err
}

// domainAt is the domain of an address when it is known to be the institution's, "" if not.
func domainAt(tx *db.Tx, body, email string) (string, error) {
	name := domainOf(account.EmailKey(email))
	var n int
	err := tx.Row(`SELECT COUNT(*) FROM email_domains
		WHERE institution_id = $1 AND domain = $2 AND verified_at IS NOT NULL`, body, name).Scan(&n)
	if err != nil || n == 0 {
		return "", err
	}
	return name, nil
}

// shared are domains at which anybody gets an address.
var shared = map[string]bool{
	"gmail.com": true, "googlemail.com": true, "hotmail.com": true, "outlook.com": true, "live.com": true, "live.com.mx": true,
	"msn.com": true, "yahoo.com": true, "yahoo.com.mx": true, "icloud.com": true, "me.com": true, "aol.com": true,
	"proton.me": true, "protonmail.com": true, "prodigy.net.mx": true, "gmx.com": true, "mail.com": true, "zoho.com": true,
}

// ProposeDomain says that a domain is an institution's, for the coordination to verify.
// What is no domain, or one at which anybody gets an address, is Invalid.
func (m *Members) ProposeDomain(tx *db.Tx, body, name string) (Domain, error) {
	d := Domain{ID: tx.ID(), Institution: body, Name: domainName(name), CreatedAt: tx.Now}
	if err := may(tx, access.DomainPropose, "domain", body, ""); err != nil {
		return d, err
	}
	var wrong plaza.Mistakes
	wrong.Hold(d.Name != "", "domain", "membership.error.domain", nil)
	wrong.Hold(!shared[d.Name], "domain", "membership.error.domain_shared", nil)
	if err := wrong.Err("web.error.invalid"); err != nil {
		return d, err
	}
	n, err := tx.Exec(`INSERT INTO email_domains (`+domainColumns+`)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (institution_id, domain) DO NOTHING`, d.ID, body, d.Name, d.CreatedAt, d.VerifiedAt)
	if err != nil {
		return d, fmt.Errorf("proposing a domain: %w", err)
	}
	if n == 0 {
		return d, at(plaza.Conflict, "domain", "membership.error.domain_known")
	}
	return d, nil
}

type domainFacts struct {
	Domain string `json:"domain"`
}

// VerifyDomain says that a proposed domain is the institution's, and appends to the
// record. One that is verified already, here or of another institution, is a Conflict.
func (m *Members) VerifyDomain(tx *db.Tx, body, id string) error {
	if err := may(tx, access.DomainVerify, "domain", body, ""); err != nil {
		return err
	}
	d, err := domainByID(tx, body, id)
	if err != nil {
		return err
	}
	var taken int
	if err := tx.Row(`SELECT COUNT(*) FROM email_domains WHERE domain = $1 AND verified_at IS NOT NULL`, d.Name).Scan(&taken); err != nil {
		return err
	}
	n := int64(0)
	if taken == 0 { // of two at once, the index email_domains_verified lets one through
		if n, err = tx.Exec(`UPDATE email_domains SET verified_at = $1 WHERE id = $2 AND verified_at IS NULL`, tx.Now, id); err != nil &&
			plaza.KindOf(err) != plaza.Conflict {
			return fmt.Errorf("verifying a domain: %w", err)
		}
	}
	if n == 0 {
		return plaza.E(plaza.Conflict, "membership.error.domain_taken")
	}
	return record.Append(tx, record.Act{Verb: "domain.verified", Object: bodyRef(body), Institution: body, Payload: domainFacts{d.Name}})
}

// RemoveDomain takes a domain away, and appends to the record when it was verified. One
// that is gone already is NotFound.
func (m *Members) RemoveDomain(tx *db.Tx, body, id string) error {
	if err := may(tx, access.DomainPropose, "domain", body, ""); err != nil {
		return err
	}
	d, err := scanDomain(tx.Row(`DELETE FROM email_domains WHERE id = $1 AND institution_id = $2 RETURNING `+domainColumns, id, body).Scan)
	if err != nil || !d.Verified() {
		return err
	}
	return record.Append(tx, record.Act{Verb: "domain.removed", Object: bodyRef(body), Institution: body, Payload: domainFacts{d.Name}})
}

func domainByID(tx *db.Tx, body, id string) (Domain, error) {
	return scanDomain(tx.Row(`SELECT `+domainColumns+` FROM email_domains WHERE id = $1 AND institution_id = $2`, id, body).Scan)
}
