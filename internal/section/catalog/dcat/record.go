package dcat

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Record is one dataset as its source describes it, repaired. Encoded as JSON it
// leaves out what is not known. Texts are UTF-8
// without control characters; addresses satisfy SafeURL; dates are ISO 8601 of the
// precision that was given ("2016", "2016-05", "2016-05-30") or RFC 3339 in UTC.
type Record struct {
	// SourceKey names the record within its source, for ever: CKAN's id, the number
	// that ADELA gives (its identifiers change with the title), the identifier of
	// data.json, the IRI of DCAT. One is made of the title where none is given.
	SourceKey string `json:",omitzero"`
	// Aliases are other names of the same record: slugs, identifiers, IRIs.
	Aliases    []string `json:",omitzero"`
	Identifier string   `json:",omitzero"` // as stated, "" when it is not

	Title       string    `json:",omitzero"`
	Description string    `json:",omitzero"` // plain text or Markdown
	Keywords    []string  `json:",omitzero"`
	Themes      []string  `json:",omitzero"` // labels, or identifiers that Summary.ThemeLabels translates
	Publisher   Publisher `json:",omitzero"`
	Contact     Contact   `json:",omitzero"`
	License     License   `json:",omitzero"`

	Issued   string `json:",omitzero"`
	Modified string `json:",omitzero"`
	// AccrualPeriodicity is a repeating interval ("R/P1M"), Irregular, Realtime or "".
	AccrualPeriodicity string   `json:",omitzero"`
	Spatial            Spatial  `json:",omitzero"`
	Temporal           Temporal `json:",omitzero"`

	LandingPage   string   `json:",omitzero"`
	DictionaryURL string   `json:",omitzero"`
	Languages     []string `json:",omitzero"` // BCP 47
	ConformsTo    []string `json:",omitzero"`
	AccessLevel   string   `json:",omitzero"` // "public", "restricted public", "non-public" or ""
	Version       string   `json:",omitzero"`
	// Extras are other statements worth keeping, by the source's own names.
	Extras map[string]string `json:",omitzero"`

	Resources []Resource `json:",omitzero"`
}

// Publisher is the institution that answers for a record, as the source names it.
type Publisher struct {
	Key      string `json:",omitzero"` // CKAN's organization id, an IRI, or the name
	Name     string `json:",omitzero"`
	Parent   string `json:",omitzero"` // name of the institution above it
	Email    string `json:",omitzero"`
	Position string `json:",omitzero"` // of the person who answers, in ADELA
}

// Contact is whom to ask.
type Contact struct {
	Name     string `json:",omitzero"`
	Email    string `json:",omitzero"`
	Phone    string `json:",omitzero"`
	URL      string `json:",omitzero"` // a page or a vCard
	Position string `json:",omitzero"`
}

// License is the terms of use. ID is that of SPDX where they are well known,
// "libre-uso-mx" for the Mexican terms, otherwise "" or the source's own.
type License struct {
	ID    string `json:",omitzero"`
	Title string `json:",omitzero"`
	URL   string `json:",omitzero"`
}

// Open reports whether the terms let anybody keep the data and pass them on.
func (l License) Open() bool {
	switch l.ID {
	case "libre-uso-mx", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0",
		"CC-BY-3.0", "CC-BY-2.5", "CC-BY-SA-3.0", "Apache-2.0", "MIT":
		return true
	}
	return false
}

// Spatial is what the data cover on the ground.
type Spatial struct {
	Text string `json:",omitzero"`
	Box  *Box   `json:",omitzero"` // nil when unknown
}

// Box is a bounding box in degrees of WGS 84.
type Box struct {
	West, South, East, North float64
}

// Temporal is what the data cover in time; either end may be "".
type Temporal struct {
	Start string `json:",omitzero"`
	End   string `json:",omitzero"`
}

// Resource is a distribution: a file or a service.
type Resource struct {
	// SourceKey names the resource within its record and is never repeated there.
	SourceKey   string `json:",omitzero"`
	Title       string `json:",omitzero"`
	Description string `json:",omitzero"`
	// Format is a canonical name in capitals (CSV, XLSX, GEOJSON, API …), what the
	// source wrote when that is short and unknown, or "".
	Format            string   `json:",omitzero"`
	MediaType         string   `json:",omitzero"`
	AccessURL         string   `json:",omitzero"`
	DownloadURL       string   `json:",omitzero"`
	ByteSize          int64    // -1 when unknown
	ChecksumAlgorithm string   `json:",omitzero"` // md5, sha1, sha256, sha384 or sha512
	ChecksumValue     string   `json:",omitzero"` // lower-case hexadecimal
	Issued            string   `json:",omitzero"`
	Modified          string   `json:",omitzero"`
	License           License  `json:",omitzero"`
	DictionaryURL     string   `json:",omitzero"`
	Fields            []Field  `json:",omitzero"`
	ConformsTo        []string `json:",omitzero"`
	Position          int      `json:",omitzero"` // order in the source, from 0
}

// Field is one column of a data dictionary.
type Field struct {
	Name        string `json:",omitzero"`
	Title       string `json:",omitzero"`
	Type        string `json:",omitzero"`
	Description string `json:",omitzero"`
}

// foldKey folds text for comparison: lower case, no accents, single blanks.
func foldKey(s string) string {
	if most := 4 * maxTitle; len(s) > most { // longer than any name that is compared
		s = strings.ToValidUTF8(s[:most], "")
	}
	ascii := true
	for i := range len(s) {
		if s[i] > '~' {
			ascii = false
			break
		}
	}
	if !ascii {
		s = strings.Map(func(c rune) rune {
			if unicode.Is(unicode.Mn, c) {
				return -1
			}
			return c
		}, norm.NFD.String(s))
	}
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

// distinct removes empty and repeated values and keeps the order.
func distinct(list []string) []string {
	var kept []string
	for _, s := range list {
		if s != "" && !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// without returns list less one value.
func without(list []string, value string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == value })
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
