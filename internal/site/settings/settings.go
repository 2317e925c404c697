// Package settings is what the coordination may change of an installation while it
// runs: what it is called, who runs it, what its coordination is called, where one
// writes about personal data, and which features it does without. Everything else is
// given to the process when it starts (docs/configuracion.md).
//
// A change is one transaction with its entry in the record; every node sees it as soon
// as it sees that entry. Of two who change at once, the first wins and the second is
// shown what is there now.
package settings

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"plaza/internal/base/text"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// Values are the settings. The zero Values are those of a new installation.
type Values struct {
	Site         string   `json:"site,omitempty"`         // what this place is called; "" is Plaza
	Owner        string   `json:"owner,omitempty"`        // who runs it
	Coordination string   `json:"coordination,omitempty"` // what the coordination is called
	Privacy      string   `json:"privacy,omitempty"`      // address to write to about personal data
	Off          []string `json:"off,omitempty"`          // names of access.Features that are off
}

// Name is what the place is called.
func (v Values) Name() string {
	if v.Site == "" {
		return "Plaza"
	}
	return v.Site
}

// Unset names the settings that public pages need and that nobody has filled in.
func (v Values) Unset() (names []string) {
	if v.Owner == "" {
		names = append(names, "owner")
	}
	if v.Privacy == "" {
		names = append(names, "privacy")
	}
	return names
}

const (
	maxSite  = 40 // runes: it stands in the header and in every title
	maxOwner = 160
)

// clean tidies the values; what is wrong is Invalid, field by field.
func (v Values) clean() (Values, error) {
	var wrong []plaza.FieldError
	hold := func(ok bool, field, key string, most int) {
		if !ok {
			wrong = append(wrong, plaza.FieldError{Field: field, Key: "settings.error." + key, Args: map[string]any{"max": most}})
		}
	}
	for _, line := range []struct {
		field string
		value *string
		most  int
	}{{"site", &v.Site, maxSite}, {"owner", &v.Owner, maxOwner}, {"coordination", &v.Coordination, maxOwner}} {
		*line.value = strings.Join(strings.Fields(text.Unstack(*line.value)), " ")
		hidden := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }
		hold(utf8.RuneCountInString(*line.value) <= line.most && !strings.ContainsFunc(*line.value, hidden), line.field, "line", line.most)
	}
	if v.Privacy != "" {
		a, err := mail.ParseAddress(v.Privacy)
		hold(err == nil && a.Address == v.Privacy && len(v.Privacy) <= 254, "privacy", "address", 0)
	}
	known := func(name string) bool {
		return slices.ContainsFunc(access.Features, func(f access.Feature) bool { return f.Name == name })
	}
	v.Off = slices.DeleteFunc(slices.Clone(v.Off), func(name string) bool { return !known(name) })
	slices.Sort(v.Off)
	v.Off = slices.Compact(v.Off)
	if len(wrong) > 0 {
		return v, &plaza.Error{Kind: plaza.Invalid, Key: "web.error.invalid", Fields: wrong}
	}
	return v, nil
}

// changed names the settings in which two states differ.
func changed(a, b Values) []string {
	var f []string
	for _, c := range []struct {
		name   string
		differ bool
	}{
		{"site", a.Site != b.Site}, {"owner", a.Owner != b.Owner}, {"coordination", a.Coordination != b.Coordination},
		{"privacy", a.Privacy != b.Privacy}, {"features", !slices.Equal(a.Off, b.Off)},
	} {
		if c.differ {
			f = append(f, c.name)
		}
	}
	return f
}
