package dcat

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Record is one dataset as its source describes it, repaired. Texts are UTF-8
// without control characters; addresses satisfy SafeURL; dates are ISO 8601 of the
// precision that was given ("2016", "2016-05", "2016-05-30") or RFC 3339 in UTC.
type Record struct {
	// SourceKey names the record within its source, for ever: CKAN's id, the number
	// that ADELA gives (its identifiers change with the title), the identifier of
	// data.json, the IRI of DCAT. One is made of the title where none is given.
	SourceKey string
	// Aliases are other names of the same record: slugs, identifiers, IRIs.
	Aliases    []string
	Identifier string // as stated, "" when it is not

	Title       string
	Description string // plain text or Markdown
	Keywords    []string
	Themes      []string // labels, or identifiers that Summary.ThemeLabels translates
	Publisher   Publisher
	Contact     Contact
	License     License

	Issued   string
	Modified string
	// AccrualPeriodicity is a repeating interval ("R/P1M"), Irregular, Realtime or "".
	AccrualPeriodicity string
	Spatial            Spatial
	Temporal           Temporal

	LandingPage   string
	DictionaryURL string
	Languages     []string // BCP 47
	ConformsTo    []string
	AccessLevel   string // "public", "restricted public", "non-public" or ""
	Version       string
	// Extras are other statements worth keeping, by the source's own names.
	Extras map[string]string

	Resources []Resource
}

// Publisher is the institution that answers for a record, as the source names it.
type Publisher struct {
	Key      string // CKAN's organization id, an IRI, or the name
	Name     string
	Parent   string // name of the institution above it
	Email    string
	Position string // of the person who answers, in ADELA
}

// Contact is whom to ask.
type Contact struct {
	Name     string
	Email    string
	Phone    string
	URL      string // a page or a vCard
	Position string
}

// License is the terms of use. ID is that of SPDX where they are well known,
// "libre-uso-mx" for the Mexican terms, otherwise "" or the source's own.
type License struct {
	ID    string
	Title string
	URL   string
}

// Spatial is what the data cover on the ground.
type Spatial struct {
	Text string
	Box  *Box // nil when unknown
}

// Box is a bounding box in degrees of WGS 84.
type Box struct {
	West, South, East, North float64
}

// Temporal is what the data cover in time; either end may be "".
type Temporal struct {
	Start string
	End   string
}

// Resource is a distribution: a file or a service.
type Resource struct {
	// SourceKey names the resource within its record and is never repeated there.
	SourceKey   string
	Title       string
	Description string
	// Format is a canonical name in capitals (CSV, XLSX, GEOJSON, API …), what the
	// source wrote when that is short and unknown, or "".
	Format            string
	MediaType         string
	AccessURL         string
	DownloadURL       string
	ByteSize          int64  // -1 when unknown
	ChecksumAlgorithm string // md5, sha1, sha256, sha384 or sha512
	ChecksumValue     string // lower-case hexadecimal
	Issued            string
	Modified          string
	License           License
	DictionaryURL     string
	Fields            []Field
	ConformsTo        []string
	Position          int // order in the source, from 0
}

// Field is one column of a data dictionary.
type Field struct {
	Name        string
	Title       string
	Type        string
	Description string
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
