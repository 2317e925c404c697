package catalog

import (
	"strings"
	"time"

	"plaza/internal/civic/search"
	"plaza/internal/section/catalog/dcat"
)

// The facets of a dataset in the index. Institution holds ids, the others labels
// or codes as the record has them.
const (
	FacetInstitution = "institution"
	FacetTheme       = "theme"
	FacetFormat      = "format"
	FacetLicense     = "license"
	FacetFrequency   = "frequency"
	FacetFreshness   = "freshness"
	FacetKeyword     = "keyword" // for CKAN's tags; no page lists it
)

// Facets are those that a listing shows, in order.
var Facets = []string{FacetInstitution, FacetTheme, FacetFormat, FacetLicense, FacetFrequency, FacetFreshness}

// Central is the value of FacetInstitution that stands for the central unit: of what
// maps to no institution yet. It is its parameter too.
const Central = "central"

// maxBody bounds what is analysed of a dataset's texts, in bytes.
const maxBody = 20_000

// doc is what the index knows of a dataset.
func doc(d Dataset, institution string, late bool) search.Doc {
	fresh := Fresh
	if _, ok := Period(d.AccrualPeriodicity); !ok || d.Modified == "" {
		fresh = Unbound
	} else if late {
		fresh = Late
	}
	facets := map[string][]string{
		FacetTheme: d.Themes, FacetFormat: d.Formats(), FacetKeyword: d.Keywords,
		FacetFreshness: {string(fresh)},
	}
	facets[FacetInstitution] = []string{d.InstitutionID}
	if d.InstitutionID == "" {
		facets[FacetInstitution] = []string{Central}
	}
	if l := licenseCode(d); l != "" {
		facets[FacetLicense] = []string{l}
	}
	if d.AccrualPeriodicity != "" {
		facets[FacetFrequency] = []string{d.AccrualPeriodicity}
	}
	return search.Doc{
		Ref: d.Ref(), Title: d.Title, Keywords: append(append([]string{}, d.Keywords...), d.Themes...),
		Owner: institution, Body: body(d), Facets: facets,
		Modified: modified(d), Created: d.FirstSeen, Changed: d.ChangedAt,
	}
}

// body is what else can be searched: the description, and what the resources and
// their columns are called.
func body(d Dataset) string {
	var b strings.Builder
	add := func(s string) {
		if s != "" && b.Len()+len(s) < maxBody {
			b.WriteString(s)
			b.WriteByte('\n')
		}
	}
	add(d.Description)
	add(d.Publisher.Name)
	add(d.Spatial.Text)
	add(d.Identifier)
	for _, r := range d.Current() {
		add(r.Title)
		add(r.Description)
		for _, f := range r.Fields {
			add(f.Name + " " + f.Title)
		}
	}
	return b.String()
}

// licenseCode is by which licence a dataset is found: its id, else what it is called.
func licenseCode(d Dataset) string {
	l := d.License
	for _, r := range d.Current() {
		if l != (dcat.License{}) {
			break
		}
		l = r.License
	}
	if l.ID != "" {
		return l.ID
	}
	if l.Title != "" {
		return l.Title
	}
	return l.URL
}

// modified is the beginning of what its source states as its last change, else when
// Plaza saw it first.
func modified(d Dataset) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, d.Modified); err == nil {
			return t.UTC()
		}
	}
	return d.FirstSeen
}
