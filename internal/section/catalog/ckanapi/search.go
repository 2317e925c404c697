package ckanapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
)

const (
	defaultRows = 10
	maxRows     = search.MaxLimit
	maxStart    = 1_000_000
	maxFilters  = 50 // of fq_list
	batch       = 100
	usualSort   = "score desc, metadata_modified desc"
)

// searchParams are those that package_search knows; those that change nothing here
// are taken all the same.
var searchParams = strings.Fields(`q fq fq_list sort rows start fl facet facet.field facet.limit facet.mincount
	include_private include_drafts include_deleted use_default_schema include_tracking extras qf mm bf boost tie defType wt df q.op`)

func (s *Section) packageSearch(c *call) (any, error) {
	for name := range c.params {
		if !slices.Contains(searchParams, name) && !strings.HasPrefix(name, "ext_") {
			return nil, badQuery("ckanapi.error.search_param", map[string]any{"name": shorten(name)})
		}
	}
	var q search.Query
	var with around
	var found search.Result
	fields, limit, err := facetParams(c)
	if err != nil {
		return nil, err
	}
	err = s.read(c, func(tx *db.Tx) error {
		if with, err = s.around(tx); err != nil {
			return err
		}
		if q, err = s.searchQuery(tx, c, with); err != nil {
			return err
		}
		for _, f := range fields {
			if facet := facetNames[f]; facet != "" && limit != 0 {
				q.Facets = append(q.Facets, facet)
			}
		}
		q.MaxValues = limit
		if slices.Contains(fields, "groups") {
			q.MaxValues = -1 // several themes may be one group
		}
		found, err = s.Search.Search(q)
		return err
	})
	if err != nil {
		return nil, err
	}
	facets, searchFacets := s.facets(c, fields, limit, with, found)
	sort := c.params.text("sort")
	if sort == "" {
		sort = usualSort
	}
	return object{name: "results", list: s.packages(c, idsOf(found), c.params.texts("fl")), members: map[string]any{
		"count": found.Total, "facets": facets, "search_facets": searchFacets, "sort": sort,
	}}, nil
}

// idsOf are the hits' ids.
func idsOf(found search.Result) []string {
	ids := make([]string, len(found.Hits))
	for i, h := range found.Hits {
		ids[i] = h.Ref.ID
	}
	return ids
}

// packages reads datasets as they are written, in their order. What has become a
// tombstone since the index was asked is left out.
func (s *Section) packages(c *call, ids, fields []string) sequence {
	return func(yield func(any) error) error {
		var with around
		for part := range slices.Chunk(ids, batch) {
			var list []catalog.Dataset
			if err := s.read(c, func(tx *db.Tx) (err error) {
				if with.now.IsZero() {
					if with, err = s.around(tx); err != nil {
						return err
					}
				}
				list, err = catalog.ByIDs(tx, part)
				return err
			}); err != nil {
				return err
			}
			for _, d := range list {
				if d.State == catalog.Absent {
					continue
				}
				p, err := only(s.datasetOf(d, with), fields)
				if err != nil {
					return err
				}
				if err := yield(p); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// only is a package with some of its members; all when none are named.
func only(d dataset, fields []string) (any, error) {
	if len(fields) == 0 || slices.Contains(fields, "*") {
		return d, nil
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("writing a package: %w", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, fmt.Errorf("reading a package back: %w", err)
	}
	out := map[string]json.RawMessage{}
	for _, f := range fields {
		for name := range strings.FieldsFuncSeq(f, func(r rune) bool { return r == ',' || r == ' ' }) {
			if v, ok := members[name]; ok {
				out[name] = v
			}
		}
	}
	return out, nil
}

// around loads what packages refer to: hundreds of each, not more.
func (s *Section) around(tx *db.Tx) (around, error) {
	with := around{institutions: map[string]institution.Institution{}, sources: map[string]harvest.Source{}, now: tx.Now}
	bodies, err := institution.All(tx)
	if err != nil {
		return with, err
	}
	for _, i := range bodies {
		with.institutions[i.ID] = i
	}
	sources, err := harvest.Sources(tx)
	for _, src := range sources {
		with.sources[src.ID] = src
	}
	return with, err
}

// searchQuery makes the index's query of the parameters.
func (s *Section) searchQuery(tx *db.Tx, c *call, with around) (search.Query, error) {
	q := search.Query{Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}}}
	var err error
	if q.Limit, err = c.params.number("rows", defaultRows, maxRows); err != nil {
		return q, err
	}
	if q.Offset, err = c.params.number("start", 0, maxStart); err != nil {
		return q, err
	}
	parts, typed, err := s.parsed(c)
	if err != nil {
		return q, err
	}
	known, err := s.lookup(tx, with, parts)
	if err != nil {
		return q, err
	}
	var a asked
	for _, n := range parts {
		if err := a.add(n, known); err != nil {
			return q, explained(err)
		}
	}
	q.Text, q.AsYouType, q.Where = strings.TrimSpace(typed+" "+a.text()), a.last, search.And(a.where...)
	q.Sort, err = sortOf(c.params.text("sort"), q.Text != "")
	return q, err
}

// parsed reads q, fq and fq_list. Where q is no query it is text that somebody typed,
// and is returned as it is; a filter has to be right.
func (s *Section) parsed(c *call) (parts []node, typed string, err error) {
	filters := append(c.params.texts("fq"), c.params.texts("fq_list")...)
	if len(filters) > maxFilters {
		return nil, "", badQuery("ckanapi.error.search_filters", map[string]any{"max": maxFilters})
	}
	typed = c.params.text("q")
	if n, err := parseQuery(typed); err == nil && n.knows() {
		parts, typed = append(parts, n), ""
	}
	for _, f := range filters {
		n, err := parseQuery(f)
		if err != nil {
			return nil, "", badQuery("ckanapi.error.search_grammar", map[string]any{"query": shorten(f)})
		}
		parts = append(parts, n)
	}
	return parts, typed, nil
}

// queryFields are those that a query may name.
var queryFields = strings.Fields(`* organization owner_org groups tags res_format license_id id name harvest_source_id harvest_source_title
	metadata_modified metadata_created title notes text title_ngram name_ngram`)

// knows reports whether every field of a query is one.
func (n node) knows() bool {
	if n.kind == matchNode && n.field != "" && constants[n.field] == "" && !slices.Contains(queryFields, n.field) {
		return false
	}
	return !slices.ContainsFunc(n.kids, func(k node) bool { return !k.knows() })
}

// explained words why a query cannot be answered.
func explained(err error) error {
	if f, ok := errors.AsType[*fieldError](err); ok {
		key := "ckanapi.error.search_field"
		if errors.Is(err, errValue) {
			key = "ckanapi.error.search_value"
		}
		return badQuery(key, map[string]any{"field": shorten(f.field)})
	}
	if errors.Is(err, errMany) {
		return badQuery("ckanapi.error.search_many", nil)
	}
	return err
}

// lookup loads what a query's values may be.
func (s *Section) lookup(tx *db.Tx, with around, parts []node) (*lookup, error) {
	k := &lookup{now: tx.Now, organizations: map[string][]string{}}
	for id, i := range with.institutions {
		k.organizations[id], k.organizations[i.Slug] = []string{id}, []string{id}
	}
	names := map[string]bool{}
	for _, n := range parts {
		namesIn(n, names)
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	var err error
	if k.names, err = catalog.IDsOfSlugs(tx, list); err != nil {
		return nil, err
	}
	k.groups = func() (map[string][]string, error) {
		groups, err := s.groups()
		out := make(map[string][]string, len(groups))
		for _, g := range groups {
			out[g.name] = g.themes
		}
		return out, err
	}
	k.renamed = sync.OnceValues(func() (map[string]string, error) { return institution.OldSlugs(tx) })
	k.tags = func() ([]string, error) { return s.values(catalog.FacetKeyword) }
	k.ofSource = func(field, value string) ([]string, error) {
		for _, src := range with.sources {
			if src.ID == value && field == "harvest_source_id" || src.Title == value && field == "harvest_source_title" {
				return catalog.IDsOfSource(tx, src.ID)
			}
		}
		return nil, nil
	}
	return k, nil
}

// values are all values of a facet of datasets.
func (s *Section) values(facet string) ([]string, error) {
	counts, err := s.counts(facet)
	out := make([]string, len(counts))
	for i, c := range counts {
		out[i] = c.Value
	}
	return out, err
}

func (s *Section) counts(facet string) ([]search.Count, error) {
	found, err := s.Search.Search(search.Query{Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}},
		Facets: []string{facet}, MaxValues: -1})
	return found.Facets[facet], err
}

// orders are the sorts that CKAN's clients ask for.
var orders = map[string]search.Sort{
	"score desc": search.Relevance, "id asc": search.ByID,
	"metadata_modified desc": search.ChangedNewest, "metadata_modified asc": search.ChangedOldest,
	"metadata_created desc": search.CreatedNewest, "metadata_created asc": search.CreatedOldest,
	"title_string asc": search.TitleAZ, "title_string desc": search.TitleZA, "title asc": search.TitleAZ, "title desc": search.TitleZA,
	"name asc": search.TitleAZ, "name desc": search.TitleZA,
}

// sortOf is the order that is asked for: the first that says something, as the ties
// that are left are settled by id. Without words every score is the same.
func sortOf(sort string, words bool) (search.Sort, error) {
	if strings.TrimSpace(sort) == "" {
		sort = usualSort
	}
	for part := range strings.SplitSeq(sort, ",") {
		name := strings.ToLower(strings.Join(strings.Fields(part), " "))
		order, ok := orders[name]
		if !ok {
			return "", badQuery("ckanapi.error.search_sort", map[string]any{"sort": shorten(part)})
		}
		if order != search.Relevance || words {
			return order, nil
		}
	}
	return search.ChangedNewest, nil
}

// facetNames are the fields that can be counted; others count nothing.
var facetNames = map[string]string{"organization": catalog.FacetInstitution, "groups": catalog.FacetTheme,
	"tags": catalog.FacetKeyword, "res_format": catalog.FacetFormat, "license_id": catalog.FacetLicense}

// maxFacets is how many fields one search counts.
const maxFacets = 20

// facetParams reads what is to be counted; the limit is negative for all values.
func facetParams(c *call) (names []string, limit int, err error) {
	if !c.params.yes("facet", true) {
		return nil, 0, nil
	}
	for _, f := range c.params.texts("facet.field") {
		for name := range strings.FieldsFuncSeq(f, func(r rune) bool { return r == ',' || r == ' ' }) {
			if !slices.Contains(names, name) && len(names) < maxFacets {
				names = append(names, name)
			}
		}
	}
	if strings.HasPrefix(strings.TrimSpace(c.params.text("facet.limit")), "-") {
		return names, -1, nil
	}
	limit, err = c.params.number("facet.limit", 50, 100_000)
	return names, limit, err
}

// facetItem is a value that was counted.
type facetItem struct {
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Count       int    `json:"count"`
}

type searchFacet struct {
	Title string      `json:"title"`
	Items []facetItem `json:"items"`
}

// facets are the counts in CKAN's two shapes.
func (s *Section) facets(c *call, fields []string, limit int, with around, found search.Result) (map[string]map[string]int, map[string]searchFacet) {
	plain, full := map[string]map[string]int{}, map[string]searchFacet{}
	least, err := c.params.number("facet.mincount", 1, maxStart)
	if err != nil {
		least = 1
	}
	for _, f := range fields {
		items := []facetItem{}
		at := map[string]int{}
		for _, count := range found.Facets[facetNames[f]] {
			name, shown := count.Value, count.Value
			switch f {
			case "organization":
				i := with.institutions[count.Value]
				name, shown = i.Slug, i.Name
			case "groups":
				name = slugOf(count.Value)
			}
			if i, ok := at[name]; ok { // a theme that is spelt in two ways
				items[i].Count += count.Docs
			} else if name != "" {
				at[name] = len(items)
				items = append(items, facetItem{name, shown, count.Docs})
			}
		}
		items = slices.DeleteFunc(items, func(i facetItem) bool { return i.Count < least })
		if limit >= 0 {
			items = items[:min(limit, len(items))]
		}
		plain[f] = map[string]int{}
		for _, i := range items {
			plain[f][i.Name] = i.Count
		}
		full[f] = searchFacet{Title: f, Items: items}
	}
	return plain, full
}
