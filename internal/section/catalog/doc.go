package catalog

import (
	"strings"
	"time"

	"plaza/internal/civic/search"
	"plaza/internal/plaza"
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
	// Of what the files hold: codes of states, and years and decades.
	FacetPlace = "place"
	FacetYears = "years"
	// Of tables alone, and listed by no page: codes of municipalities and names of columns.
	FacetTown   = "town"
	FacetColumn = "column"
)

// Facets are those that a listing shows, in order.
var Facets = []string{FacetInstitution, FacetTheme, FacetFormat, FacetPlace, FacetYears, FacetLicense, FacetFrequency, FacetFreshness}

// Central is the value of FacetInstitution that stands for the central unit: of what
// maps to no institution yet. It is its parameter too.
const Central = "central"

// maxBody bounds what is analysed of a dataset's texts, in bytes.
const maxBody = 20_000

// doc is what the index knows of a dataset, and of what is inside its resources, by id.
func doc(e entry, within map[string]Inside) search.Doc {
	d := e.Dataset
	fresh := Fresh
	if _, ok := Period(d.AccrualPeriodicity); !ok || d.Modified == "" {
		fresh = Unbound
	} else if e.late {
		fresh = Late
	}
	facets := map[string][]string{
		FacetTheme: d.Themes, FacetFormat: d.Formats(), FacetKeyword: d.Keywords,
		FacetFreshness: {string(fresh)},
	}
	facets[FacetInstitution] = ownerFacet(d)
	for _, in := range within {
		facets[FacetPlace] = append(facets[FacetPlace], in.states()...)
		facets[FacetYears] = append(facets[FacetYears], in.years()...)
	}
	if l := licenseCode(d); l != "" {
		facets[FacetLicense] = []string{l}
	}
	if d.AccrualPeriodicity != "" {
		facets[FacetFrequency] = []string{d.AccrualPeriodicity}
	}
	return search.Doc{
		Ref: d.Ref(), Title: d.Title, Keywords: append(append([]string{}, d.Keywords...), d.Themes...),
		Owner: e.owner, Body: body(d, within), Facets: facets,
		Modified: modified(d), Created: d.FirstSeen, Changed: d.ChangedAt,
	}
}

// ownerFacet is the value of FacetInstitution.
func ownerFacet(d Dataset) []string {
	if d.InstitutionID == "" {
		return []string{Central}
	}
	return []string{d.InstitutionID}
}

// tableDoc is what the index knows of a resource whose file is open.
func tableDoc(e entry, r Resource, in Inside) search.Doc {
	title := r.Title
	if title == "" {
		title = e.Title
	}
	var b strings.Builder
	for _, list := range [][]string{in.notes(), in.values(), in.places()} {
		for _, s := range list {
			b.WriteString(s)
			b.WriteByte('\n')
		}
	}
	facets := map[string][]string{FacetInstitution: ownerFacet(e.Dataset), FacetTheme: e.Themes, FacetPlace: in.states(),
		FacetTown: in.towns(), FacetYears: in.years(), FacetColumn: in.columns()}
	if r.Format != "" {
		facets[FacetFormat] = []string{r.Format}
	}
	return search.Doc{Ref: plaza.Ref{Kind: KindResource, ID: r.ID}, Title: title, Keywords: append(in.names(), e.Title),
		Owner: e.owner, Body: b.String(), Facets: facets, Modified: modified(e.Dataset), Created: e.FirstSeen, Changed: e.ChangedAt}
}

// body is what else can be searched: the description, and what the resources and
// their columns are called.
func body(d Dataset, within map[string]Inside) string {
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
		for _, name := range within[r.ID].names() {
			add(name)
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
