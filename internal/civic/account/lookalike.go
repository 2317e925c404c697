package account

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/mtibben/confusables"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// CheckName reports what speaks against a person's name, as Invalid at the field
// "name": too long, invisible letters or several alphabets in it, or the look of the
// name of an institution or of somebody else who holds a role. personID is whose name
// it is to be, "" for somebody new.
func CheckName(tx *db.Tx, name, personID string) error {
	refuse := func(key string) error {
		return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{{
			Field: "name", Key: key, Args: map[string]any{"max": maxName}}}}
	}
	name, ok := cleanName(name)
	if !ok || unseen(name) {
		return refuse("account.error.name")
	}
	if scripts(name) > 1 {
		return refuse("account.error.name_scripts")
	}
	look := skeleton(name)
	if look == "" {
		return refuse("account.error.name")
	}
	known, err := institution.NameKeys(tx)
	if err != nil {
		return fmt.Errorf("checking a name: %w", err)
	}
	for key := range known {
		if s := skeleton(key); s == look || len(s) >= longName && strings.Contains(look, s) {
			return refuse("account.error.name_institution")
		}
	}
	officials, err := db.All(tx, db.Column[string], `SELECT DISTINCT p.name
		FROM people p
		JOIN role_grants g ON g.person_id = p.id
		WHERE p.id <> $1 AND g.from_at <= $2 AND (g.until_at IS NULL OR g.until_at > $2)`, personID, tx.Now)
	if err != nil {
		return fmt.Errorf("checking a name: %w", err)
	}
	for _, official := range officials {
		if skeleton(official) == look || typedLook(official) == typedLook(name) {
			return refuse("account.error.name_official")
		}
	}
	return nil
}

// longName is how many letters the name of an institution has that nobody may have
// within a longer one ("Secretaría de Salud, oficial"); shorter ones are places and
// surnames too.
const longName = 12

// skeleton is how a name looks (UTS #39), besides capitals, accents, spaces and signs:
// two names with one skeleton are taken for each other.
func skeleton(s string) string {
	return letters(confusables.Skeleton(letters(confusables.Skeleton(text.Fold(s)))))
}

// typedLook is skeleton for names as they are typed: a capital I looks like a small l,
// which no small i does.
func typedLook(s string) string { return letters(confusables.Skeleton(s)) }

// unseen reports whether a name holds what takes no room, or marks heaped on a letter.
func unseen(name string) bool {
	marks := 0
	for _, r := range name {
		if unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point) || r == '\u2800' {
			return true
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if marks > 2 {
			return true
		}
	}
	return false
}

// together are scripts that one language writes with.
var together = map[string]string{"Hiragana": "Han", "Katakana": "Han", "Hangul": "Han", "Bopomofo": "Han"}

// scripts counts the alphabets of a name.
func scripts(name string) int {
	seen := map[string]bool{}
	for _, r := range name {
		if !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		if unicode.Is(unicode.Latin, r) {
			seen["Latin"] = true
			continue
		}
		for script, table := range unicode.Scripts {
			if unicode.Is(table, r) {
				if other, ok := together[script]; ok {
					script = other
				}
				seen[script] = true
				break
			}
		}
	}
	return len(seen)
}
