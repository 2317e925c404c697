package account

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mtibben/confusables"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// CheckName reports what speaks against a person's name, as Invalid at the field
// "name": too long, invisible letters or several alphabets in it, or the look of the
// name of the installation or its coordination, of an institution, or of somebody else
// who holds a role. personID is whose name it is to be, "" for somebody new.
func (a *Accounts) CheckName(tx *db.Tx, name, personID string) error {
	refuse := func(key string) error {
		return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{{
			Field: "name", Key: key, Args: map[string]any{"max": maxName}}}}
	}
	name, ok := cleanName(name)
	if !ok || text.Unseen(name) {
		return refuse("account.error.name")
	}
	if text.Scripts(name) > 1 {
		return refuse("account.error.name_scripts")
	}
	if skeleton(name) == "" {
		return refuse("account.error.name")
	}
	if hostLike.MatchString(name) {
		return refuse("account.error.name_address")
	}
	p, err := a.guarded(tx)
	if err != nil {
		return fmt.Errorf("checking a name: %w", err)
	}
	if whose := p.resembled(name, personID); whose != "" {
		return refuse("account.error.name_" + whose)
	}
	return nil
}

// Whose name another one looks like.
const (
	likeReserved    = "reserved" // the installation's, its coordination's, or one that nobody has
	likeInstitution = "institution"
	likeOfficial    = "official"
)

// guardedNames are the looks of the names that nobody may seem to have.
type guardedNames struct {
	own       []string        // of the installation
	bodies    map[string]bool // of institutions
	officials []official
}

type official struct{ person, look, typed string }

// guarded reads them.
func (a *Accounts) guarded(tx *db.Tx) (g guardedNames, err error) {
	own, err := a.reserved(tx)
	if err != nil {
		return g, err
	}
	for _, name := range own {
		if look := skeleton(name); look != "" {
			g.own = append(g.own, look)
		}
	}
	known, err := institution.NameKeys(tx)
	if err != nil {
		return g, err
	}
	g.bodies = make(map[string]bool, len(known))
	for key := range known {
		g.bodies[skeleton(key)] = true
	}
	g.officials, err = db.All(tx, func(scan func(...any) error) (o official, err error) {
		var name string
		err = scan(&o.person, &name)
		o.look, o.typed = skeleton(name), typedLook(name)
		return o, err
	}, `SELECT DISTINCT p.id, p.name
		FROM people p
		JOIN role_grants g ON g.person_id = p.id
		WHERE g.from_at <= $1 AND (g.until_at IS NULL OR g.until_at > $1)`, tx.Now)
	return g, err
}

// resembled says whose name this one looks like, "" for nobody's but the person's own.
func (g guardedNames) resembled(name, personID string) string {
	look := skeleton(name)
	if reservedName(look) || slices.ContainsFunc(g.own, func(s string) bool { return within(s, look, longName) }) {
		return likeReserved
	}
	for s := range g.bodies {
		if within(s, look, longName) {
			return likeInstitution
		}
	}
	if slices.ContainsFunc(claimed(name), func(word string) bool { return g.bodies[word] }) {
		return likeInstitution
	}
	typed := typedLook(name)
	for _, o := range g.officials {
		if o.person != personID && (within(o.look, look, shortOfficial) || o.typed == typed) {
			return likeOfficial
		}
	}
	return ""
}

// within reports whether a look is another one, or part of it when it has so many letters.
func within(s, look string, letters int) bool {
	return s == look || len(s) >= letters && strings.Contains(look, s)
}

// hostLike is what mail programs and people take for an address.
var hostLike = regexp.MustCompile(`(?i)://|[/@]|www\.|[\pL\pN-]{2,}\.\pL{2,}(?:[^\pL.]|$)`)

// shortOfficial is how many letters the name of an official has that nobody may have
// within a longer one; shorter ones are first names.
const shortOfficial = 8

// What nobody may be called, as this or at all: the site, whoever is no more here, and
// those who speak with authority.
var (
	reserved = []string{"plaza", "persona usuaria", "a user", "former user", "sistema", "system", "enlace", "enlace institucional",
		"administrador", "administradora", "admin", "administrator", "moderador", "moderadora", "moderator", "liaison", "soporte", "support"}
	reservedParts = []string{"administración", "coordinación", "moderación", "gobierno de México", "presidencia", "equipo de plaza"}
)

// reservedName reports whether a name with this look belongs to nobody.
func reservedName(look string) bool {
	return slices.ContainsFunc(reserved, func(s string) bool { return skeleton(s) == look }) ||
		slices.ContainsFunc(reservedParts, func(s string) bool { return strings.Contains(look, skeleton(s)) })
}

var inBrackets = regexp.MustCompile(`(?i)[(\[{<]\s*([\pL\pN.]+)|enlace\s+(?:de\s+|del\s+)?(?:la\s+|el\s+)?([\pL\pN.]+)`)
var afterOf = regexp.MustCompile(`\b(?:[Dd]e|[Dd]el|DE|DEL)\s+(?:la\s+|el\s+|LA\s+|EL\s+)?([\p{Lu}\pN.]{2,})(?:\P{L}|$)`)

// claimed are the looks of the words by which a name says where its bearer belongs:
// "Ana Gil (SSA)", "Enlace SSA", "Ana, de la SSA".
func claimed(name string) (out []string) {
	for _, pattern := range []*regexp.Regexp{inBrackets, afterOf} {
		for _, m := range pattern.FindAllStringSubmatch(name, -1) {
			for _, word := range m[1:] {
				if s := skeleton(word); s != "" {
					out = append(out, s)
				}
			}
		}
	}
	return out
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
