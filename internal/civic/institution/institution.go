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
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

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

const (
	maxName        = 300
	maxSlug        = 80 // bytes
	maxDescription = 2000
)

// check reports what is wrong with an institution, field by field.
func (i *Institution) check() error {
	var fields []plaza.FieldError
	bad := func(field, key string) { fields = append(fields, plaza.FieldError{Field: field, Key: key}) }
	i.Name = strings.Join(strings.Fields(i.Name), " ")
	if i.Name == "" || len(i.Name) > maxName {
		bad("name", "institution.error.name")
	}
	if len(i.Description) > maxDescription {
		bad("description", "institution.error.description")
	}
	if !slices.Contains(Types, i.Type) {
		bad("type", "institution.error.type")
	}
	if i.Zone == "" {
		i.Zone = DefaultZone
	}
	if _, err := time.LoadLocation(i.Zone); err != nil {
		bad("zone", "institution.error.zone")
	}
	if i.Website != "" {
		if u, err := url.Parse(i.Website); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			bad("website", "institution.error.website")
		}
	}
	if i.Contact.Email != "" {
		if _, err := mail.ParseAddress(i.Contact.Email); err != nil {
			bad("email", "institution.error.email")
		}
	}
	if len(fields) > 0 {
		return &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: fields}
	}
	return nil
}

// NameKey folds a name for comparison: case, accents, blanks and a trailing full
// stop do not count.
func NameKey(name string) string {
	return strings.Trim(strings.Join(strings.Fields(text.Fold(name)), " "), " .")
}
