// Package search finds anything in Plaza by its words: datasets, institutions, and
// whatever later sections put in.
//
// Two halves share one table. The writing half (Put, Remove) stores a thing's
// analysed words, facets and dates in the caller's transaction. The reading half,
// an Engine in each process, holds an inverted index in memory, loads it from that
// table and follows its changes (Sync). SQLite and PostgreSQL only keep rows, so
// both give the same hits in the same order with the same counts.
//
// The index is a list of immutable segments: a query takes the present list and
// needs no lock, a change makes a new one. Old versions are marked dead and leave
// when segments are merged. All arithmetic of ranking is on integers and over live
// documents only, so that the answer does not depend on how a process came to its
// segments.
//
// What is searched is folded and stemmed by base/text. Words are joined by "and";
// quotes make a phrase, a hyphen before a word excludes it; everything else that a
// reader may type is text.
package search

import (
	"embed"
	"slices"
	"strings"
	"time"
	"unicode"

	"plaza/internal/base/text"
	"plaza/internal/plaza"
)

// Locale holds this package's messages.
//
//go:embed locale
var Locale embed.FS

// Doc is one thing to be found. All texts are plain, not Markdown or HTML.
type Doc struct {
	Ref      plaza.Ref
	Title    string
	Keywords []string // and whatever else should weigh as much: themes, acronyms
	Owner    string   // who answers for it, with acronym
	Body     string
	// Facets are the values that it is filtered and counted by, as machines name
	// them ("format": "csv", "xlsx"). The facet "kind" is added by itself.
	Facets   map[string][]string
	Created  time.Time
	Modified time.Time // by its own account
	Changed  time.Time // when Plaza last noticed a change
}

// KindFacet is the facet that every document has: the kind of its Ref.
const KindFacet = "kind"

// The fields of a document, in the order in which their words are kept.
const (
	fieldTitle = iota
	fieldKeywords
	fieldOwner
	fieldBody
	fields
)

// Bounds on what one document may put into the index; what is beyond is cut.
const (
	maxTitle       = 500 // bytes
	maxFacets      = 32
	maxFacetValues = 200
	maxFacetValue  = 200 // bytes
	// codes of all of a country's municipalities are many and short
	maxFacetCodes = 2600
	maxFacetCode  = 5 // bytes of what is one
)

var maxWords = [fields]int{100, 400, 60, 4000}

// words are the document's words, a line for each field.
func (d Doc) words() string {
	var b strings.Builder
	for f, s := range [fields]string{d.Title, strings.Join(d.Keywords, "\n"), d.Owner, d.Body} {
		if f > 0 {
			b.WriteByte('\n')
		}
		// a word has 64 letters at most: no need to look at more than this
		words := text.Words(cut(s, maxWords[f]*text.MaxToken))
		for i, w := range words[:min(len(words), maxWords[f])] {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
	}
	return b.String()
}

// facets are the document's facets in order, a line each.
func (d Doc) facets() string {
	names := make([]string, 0, len(d.Facets))
	for name := range d.Facets {
		if name != KindFacet && oneLine(name) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names[:min(len(names), maxFacets)] {
		var values []string
		for _, v := range d.Facets[name] {
			if v = cut(oneLine(v), maxFacetValue); v != "" {
				values = append(values, v)
			}
		}
		slices.Sort(values)
		values = slices.Compact(values)
		if len(values) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(oneLine(name))
		for i, v := range values[:min(len(values), maxFacetCodes)] {
			if i < maxFacetValues || digits(v) {
				b.WriteByte('\t')
				b.WriteString(v)
			}
		}
	}
	return b.String()
}

// digits reports whether a value is a short number.
func digits(v string) bool { return len(v) <= maxFacetCode && strings.Trim(v, "0123456789") == "" }

// oneLine is s, valid and without the characters that separate.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// cut is at most n bytes of s, between characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
