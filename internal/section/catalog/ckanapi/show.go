package ckanapi

import (
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// packageShow answers with one package, by id or name. A tombstone is not found.
func (s *Section) packageShow(c *call) (any, error) {
	id, err := c.params.required("id")
	if err != nil {
		return nil, err
	}
	var out dataset
	err = s.read(c, func(tx *db.Tx) error {
		d, err := catalog.ByID(tx, id)
		if err != nil && plaza.KindOf(err) == plaza.NotFound {
			d, err = catalog.BySlug(tx, id)
		}
		if err == nil && d.State == catalog.Absent {
			err = notFound("ckanapi.error.gone")
		}
		if err != nil {
			return missing(err, "ckanapi.error.not_found")
		}
		with, err := s.around(tx)
		out = s.datasetOf(d, with)
		return err
	})
	return out, err
}

// packageList lists the names of all packages, or of a part of them.
func (s *Section) packageList(c *call) (any, error) {
	const everything = 1 << 40
	limit, err := c.params.number("limit", everything, everything)
	if err != nil {
		return nil, err
	}
	offset, err := c.params.number("offset", 0, everything)
	if err != nil {
		return nil, err
	}
	const page = 1000
	return sequence(func(yield func(any) error) error {
		after := ""
		for skip := offset; limit > 0; skip = 0 {
			var slugs []string
			if err := s.read(c, func(tx *db.Tx) (err error) {
				slugs, err = catalog.Slugs(tx, after, skip, min(page, limit))
				return err
			}); err != nil {
				return err
			}
			for _, name := range slugs {
				if err := yield(name); err != nil {
					return err
				}
			}
			if limit -= len(slugs); len(slugs) < page {
				return nil
			}
			after = slugs[len(slugs)-1]
		}
		return nil
	}), nil
}

// currentPackages lists packages, the last changed first.
func (s *Section) currentPackages(c *call) (any, error) {
	limit, err := c.params.number("limit", maxRows, maxRows)
	if err != nil {
		return nil, err
	}
	offset, err := c.params.number("offset", 0, maxStart)
	if err != nil {
		return nil, err
	}
	page, err := c.params.number("page", 1, maxStart)
	if err != nil {
		return nil, err
	}
	if page > 1 && offset == 0 {
		offset = (page - 1) * limit
	}
	found, err := s.Search.Search(search.Query{Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}},
		Sort: search.ChangedNewest, Offset: offset, Limit: limit})
	return s.packages(c, idsOf(found), nil), err
}

// resourceShow answers with one resource.
func (s *Section) resourceShow(c *call) (any, error) {
	id, err := c.params.required("id")
	if err != nil {
		return nil, err
	}
	var out any
	err = s.read(c, func(tx *db.Tx) error {
		d, position, err := s.resourceAt(tx, id)
		if err == nil {
			out = resourceOf(d, d.Current()[position], position)
		}
		return err
	})
	return out, err
}

// resourceAt finds a resource that its source lists, with its dataset.
func (s *Section) resourceAt(tx *db.Tx, id string) (catalog.Dataset, int, error) {
	r, err := catalog.ResourceByID(tx, id)
	if err != nil {
		return catalog.Dataset{}, 0, missing(err, "ckanapi.error.not_found")
	}
	d, err := catalog.ByID(tx, r.DatasetID)
	if err != nil {
		return d, 0, err
	}
	at := slices.IndexFunc(d.Current(), func(r catalog.Resource) bool { return r.ID == id })
	if at < 0 || d.State == catalog.Absent {
		return d, 0, notFound("ckanapi.error.gone")
	}
	return d, at, nil
}

// resourceViews lists a resource's previews: there are none.
func (s *Section) resourceViews(c *call) (any, error) {
	if _, err := s.resourceShow(c); err != nil {
		return nil, err
	}
	return []any{}, nil
}

// resourceSearch finds resources by a word in their name or description, or by their
// format: "name:camas", "format:csv". It looks into the datasets that the index
// finds with it, a thousand at most.
func (s *Section) resourceSearch(c *call) (any, error) {
	terms := c.params.texts("query")
	if len(terms) == 0 {
		return nil, wrong("query", "ckanapi.field.missing")
	}
	limit, err := c.params.number("limit", 100, maxRows)
	if err != nil {
		return nil, err
	}
	offset, err := c.params.number("offset", 0, maxStart)
	if err != nil {
		return nil, err
	}
	q := search.Query{Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}}, Sort: search.ByID, Limit: maxRows}
	var tests []func(r catalog.Resource) bool
	for _, t := range terms[:min(len(terms), 10)] {
		field, value, _ := strings.Cut(t, ":")
		value = strings.TrimSpace(value)
		folded := text.Fold(value)
		switch strings.TrimSpace(field) {
		case "name":
			tests = append(tests, func(r catalog.Resource) bool { return strings.Contains(text.Fold(r.Title), folded) })
			q.Text += " " + spelled(term{text: value, phrase: true})
		case "description":
			tests = append(tests, func(r catalog.Resource) bool { return strings.Contains(text.Fold(r.Description), folded) })
			q.Text += " " + spelled(term{text: value, phrase: true})
		case "format":
			tests = append(tests, func(r catalog.Resource) bool { return strings.EqualFold(r.Format, value) })
			q.Filters[catalog.FacetFormat] = []string{strings.ToUpper(value)}
		default:
			return nil, wrong("query", "ckanapi.field.resource_query")
		}
	}
	found, err := s.Search.Search(q)
	if err != nil {
		return nil, err
	}
	list, count, err := s.resourcesIn(c, idsOf(found), tests, offset, limit)
	return struct {
		Count   int        `json:"count"`
		Results []resource `json:"results"`
	}{count, list}, err
}

// resourcesIn are the resources of datasets that pass every test, and their number.
func (s *Section) resourcesIn(c *call, ids []string, tests []func(catalog.Resource) bool, offset, limit int) ([]resource, int, error) {
	out, count := []resource{}, 0
	for part := range slices.Chunk(ids, batch) {
		var datasets []catalog.Dataset
		if err := s.read(c, func(tx *db.Tx) (err error) {
			datasets, err = catalog.ByIDs(tx, part)
			return err
		}); err != nil {
			return nil, 0, err
		}
		for _, d := range datasets {
			for i, r := range d.Current() {
				if slices.ContainsFunc(tests, func(test func(catalog.Resource) bool) bool { return !test(r) }) {
					continue
				}
				if count++; count > offset && len(out) < limit {
					out = append(out, resourceOf(d, r, i))
				}
			}
		}
	}
	return out, count, nil
}

// noDatastore answers for resources as tables: none is one here.
func (s *Section) noDatastore(c *call) (any, error) {
	return nil, notFound("ckanapi.error.no_datastore")
}

// noSQL refuses SQL over HTTP, whatever it says.
func noSQL(*Section, *call) (any, error) {
	return nil, refusal(http.StatusForbidden, typeAuthorization, "ckanapi.error.no_sql", nil)
}
