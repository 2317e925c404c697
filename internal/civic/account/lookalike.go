package account

import (
	"fmt"
	"regexp"
	"slices"
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
	seen := seenAs(name)
	if reservedName(seen.look) || slices.ContainsFunc(g.own, func(s string) bool { return seen.as(s, longName) }) {
		return likeReserved
	}
	if g.bodies[seen.look] {
		return likeInstitution
	}
	for s := range g.bodies {
		if seen.as(s, longName) {
			return likeInstitution
		}
	}
	if slices.ContainsFunc(claimed(name), func(word string) bool { return g.bodies[word] }) {
		return likeInstitution
	}
	typed := typedLook(name)
	for _, o := range g.officials {
		if o.person != personID && (seen.as(o.look, shortOfficial) || o.typed == typed) {
			return likeOfficial
		}
	}
	return ""
}

// seenName is a name as it looks, and where its words meet in that.
type seenName struct {
	look  string
	words string       // the looks of its words, one after another
	edges map[int]bool // where one of them begins or ends; nil for a single word
}

func seenAs(name string) seenName {
	n := seenName{look: skeleton(name)}
	list := wordsOf(name)
	if len(list) > 1 {
		n.edges = map[int]bool{0: true}
	}
	for _, w := range list {
		n.words += skeleton(w)
		if n.edges != nil {
			n.edges[len(n.words)] = true
		}
	}
	return n
}

// as reports whether a name is taken for another one, whose look is given: it looks like
// that or, when that has so many letters, holds it in whole words. Mariana López is not
// Ana López, nor is José Martínez José Martí.
func (n seenName) as(look string, letters int) bool {
	if n.look == look || len(look) < letters {
		return n.look == look
	}
	if n.edges == nil {
		return strings.Contains(n.words, look)
	}
	for at := range n.edges {
		if n.edges[at+len(look)] && strings.HasPrefix(n.words[at:], look) {
			return true
		}
	}
	return false
}

// wordsOf cuts a name where its words meet, those too that are told apart by a capital
// or a number only: "InésRobles2".
func wordsOf(name string) (out []string) {
	list, start := []rune(name), 0
	put := func(end int) {
		if start < end {
			out = append(out, string(list[start:end]))
		}
		start = end
	}
	for i, r := range list {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			put(i)
			start = i + 1
		case i == 0:
		case unicode.IsUpper(r) && (unicode.IsLower(list[i-1]) || i+1 < len(list) && unicode.IsLower(list[i+1])),
			unicode.IsLetter(r) && unicode.IsDigit(list[i-1]), unicode.IsDigit(r) && unicode.IsLetter(list[i-1]):
			put(i)
		}
	}
	put(len(list))
	return out
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
	return slices.Contains(reservedLooks, look) ||
		slices.ContainsFunc(reservedPartLooks, func(s string) bool { return strings.Contains(look, s) })
}

// The looks of these, made once: a job asks for every name there is.
var reservedLooks, reservedPartLooks = looks(reserved), looks(reservedParts)

func looks(names []string) []string {
	out := make([]string, len(names))
	for i, s := range names {
		out[i] = skeleton(s)
	}
	return out
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
