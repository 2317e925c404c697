package cases

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// NewFolio writes a folio: "SALUD-2026-000123-7". Its last digit checks the others.
func NewFolio(prefix string, year, number int) string {
	body := fmt.Sprintf("%s-%04d-%06d", prefix, year, number)
	return fmt.Sprintf("%s-%d", body, checkDigit(body))
}

// checkDigit is the check digit of a folio after ISO/IEC 7064, MOD 11,10; letters count
// as two digits, A as 10 to Z as 35, as they do in ISO 13616.
func checkDigit(body string) int {
	p := 10
	add := func(d int) {
		s := (p + d) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	for _, r := range body {
		switch {
		case r >= '0' && r <= '9':
			add(int(r - '0'))
		case r >= 'A' && r <= 'Z':
			n := int(r-'A') + 10
			add(n / 10)
			add(n % 10)
		}
	}
	return (11 - p) % 10
}

// ParseFolio reads a folio as people write it: in any case, with spaces or other dashes,
// without its zeros. It is NotFound when there is no such folio: a letter or digit is
// wrong.
func ParseFolio(s string) (string, error) {
	none := plaza.E(plaza.NotFound, "cases.error.folio")
	if len(s) > 60 {
		return "", none
	}
	parts := strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(parts) != 4 || len(parts[1]) != 4 || len(parts[2]) == 0 || len(parts[2]) > 9 || len(parts[3]) != 1 {
		return "", none
	}
	for i, p := range parts {
		for _, r := range p {
			digit, letter := r >= '0' && r <= '9', r >= 'A' && r <= 'Z'
			if !digit && !(letter && i == 0) {
				return "", none
			}
		}
	}
	if n := len(parts[2]); n < 6 {
		parts[2] = strings.Repeat("0", 6-n) + parts[2]
	}
	folio := strings.Join(parts, "-")
	if body := folio[:len(folio)-2]; fmt.Sprint(checkDigit(body)) != parts[3] {
		return "", none
	}
	return folio, nil
}

// nextFolio gives out the next folio of an institution in the year of an instant, by its
// own clock. It holds the counter until the transaction ends, so that no number is given
// twice and none is left out.
func nextFolio(tx *db.Tx, i institution.Institution, zone *time.Location) (string, error) {
	prefix, year := i.Code("CASO"), tx.Now.In(zone).Year()
	var n int
	if err := tx.Row(`INSERT INTO case_folios (prefix, year, last)
		VALUES ($1, $2, 1)
		ON CONFLICT (prefix, year) DO UPDATE SET last = case_folios.last + 1
		RETURNING last`, prefix, year).Scan(&n); err != nil {
		return "", fmt.Errorf("giving out a folio: %w", err)
	}
	return NewFolio(prefix, year, n), nil
}
