// Package institution keeps the public bodies that own datasets and answer for
// them: what they are called, which one they belong to, how to reach their Enlace
// de Datos Abiertos. On this floor the Enlace is contact data; membership and
// appointments are added to it later.
//
// An institution's slug never changes its meaning: when it is renamed the old one
// redirects.
package institution

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/text"
	"plaza/internal/plaza"
)

// Kind is the kind of an institution's Ref.
const Kind = "institution"

// Types are the kinds of government that an institution may belong to.
var Types = []string{"federal", "state", "municipal", "autonomous", "other"}

// DefaultZone is the zone of an institution that names none.
const DefaultZone = "America/Mexico_City"

// Institution is a public body.
type Institution struct {
	ID          string
	Slug        string
	Name        string
	Acronym     string
	Type        string // one of Types
	ParentID    string // "" for none
	Description string // plain text
	Website     string
	Contact     Contact
	Zone        string // IANA
	Logo        string // path of its picture, or ""
	Names       []string
	Calendar    string // by whose non-working days it counts besides its own; "" for its own alone
	State       State  // changed by succession alone
	ValidTo     string // its last day by law, as 2006-01-02; "" while it goes on
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// State is whether an institution goes on.
type State string

// The states of an institution.
const (
	Active  State = "active"
	Extinct State = "extinct" // it was succeeded by others, and keeps its page
)

// Extinct reports whether the institution is no more.
func (i Institution) Extinct() bool { return i.State == Extinct }

// Contact is how to reach the Enlace.
type Contact struct {
	Name  string // of the role or person
	Email string
	Phone string
}

// Ref names the institution.
func (i Institution) Ref() plaza.Ref { return plaza.Ref{Kind: Kind, ID: i.ID} }

// Path is its page.
func (i Institution) Path() string { return "/instituciones/" + i.Slug }

// Short is the acronym, or the name where there is none.
func (i Institution) Short() string {
	if i.Acronym != "" {
		return i.Acronym
	}
	return i.Name
}

// CentralCode is what the codes begin with of what the coordination does itself.
const CentralCode = "PLAZA"

// maxCode is the longest beginning of a code, in letters.
const maxCode = 12

// Code is with what the codes of an institution's cases and commitments begin: its
// acronym, or the beginning of its slug, or none where there are no letters in either.
func (i Institution) Code(none string) string {
	if i.ID == "" {
		return CentralCode
	}
	for _, s := range []string{i.Acronym, i.Slug} {
		letters := strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, strings.ToUpper(text.Fold(s)))
		if letters != "" && letters != CentralCode {
			return letters[:min(len(letters), maxCode)]
		}
	}
	return none
}

const (
	maxName        = 300
	maxShort       = 100 // an acronym, what a person is called, a telephone
	maxDescription = 2000
	maxWebsite     = 2000
	maxNames       = 200 // successors go by all names of what they were before
	maxSlug        = 80
)

// check tidies an institution and reports what is wrong with it, field by field.
func (i *Institution) check() (wrong []plaza.FieldError) {
	hold := func(ok bool, field, key string) {
		if !ok {
			wrong = append(wrong, plaza.FieldError{Field: field, Key: "institution.error." + key})
		}
	}
	for _, line := range []*string{&i.Name, &i.Acronym, &i.Contact.Name, &i.Contact.Phone} {
		*line = oneLine(*line)
	}
	hold(i.Name != "" && len(i.Name) <= maxName, "name", "name")
	hold(len(i.Acronym) <= maxShort, "acronym", "short")
	if given := i.Slug; given != "" {
		i.Slug = text.Slug(given, maxSlug)
		hold(i.Slug != "", "slug", "slug")
	}
	hold(slices.Contains(Types, i.Type), "type", "type")
	hold(len(i.Description) <= maxDescription, "description", "description")
	hold(i.Website == "" || isWebsite(i.Website), "website", "website")
	hold(len(i.Contact.Name) <= maxShort, "contact", "short")
	hold(i.Contact.Email == "" || isAddress(i.Contact.Email), "email", "email")
	hold(len(i.Contact.Phone) <= maxShort, "phone", "short")
	if i.Zone == "" {
		i.Zone = DefaultZone
	}
	_, err := time.LoadLocation(i.Zone)
	hold(err == nil && i.Zone != "Local", "zone", "zone")
	i.Names = tidy(i.Names)
	long := slices.ContainsFunc(i.Names, func(n string) bool { return len(n) > maxName })
	hold(len(i.Names) <= maxNames && !long, "names", "names")
	// The record and every reader take what stands here for the institution itself.
	hold(text.LatinOnly(i.Name), "name", "letters")
	hold(text.LatinOnly(i.Acronym), "acronym", "letters")
	hold(!slices.ContainsFunc(i.Names, func(n string) bool { return !text.LatinOnly(n) }), "names", "letters")
	return wrong
}

func isWebsite(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= maxWebsite
}

func isAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func oneLine(s string) string { return strings.Join(strings.Fields(text.Unstack(s)), " ") }

// tidy leaves out blank names and those that say the same again.
func tidy(names []string) []string {
	var out []string
	known := map[string]bool{"": true}
	for _, n := range names {
		if key := NameKey(n); !known[key] {
			known[key] = true
			out = append(out, oneLine(n))
		}
	}
	return out
}

// NameKey folds a name for comparison: case, accents, blanks and a trailing full
// stop do not count.
func NameKey(name string) string {
	return strings.Trim(strings.Join(strings.Fields(text.Fold(name)), " "), " .")
}
