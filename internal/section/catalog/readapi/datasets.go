package readapi

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/tabular/place"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
)

// datasetsInput is what a list of datasets is asked for.
type datasetsInput struct {
	api.Paging
	Q            string   `query:"q" maxLength:"300" doc:"readapi.param.q"`
	Institution  []string `query:"institution,explode" maxItems:"20" maxLength:"200" doc:"readapi.param.institution"`
	Theme        []string `query:"theme,explode" maxItems:"20" maxLength:"200" doc:"readapi.param.theme"`
	Format       []string `query:"format,explode" maxItems:"20" maxLength:"200" doc:"readapi.param.format"`
	License      []string `query:"license,explode" maxItems:"20" maxLength:"200" doc:"readapi.param.license"`
	Frequency    []string `query:"frequency,explode" maxItems:"20" maxLength:"200" doc:"readapi.param.frequency"`
	Freshness    []string `query:"freshness,explode" maxItems:"3" enum:"fresh,late,unbound" doc:"readapi.param.freshness"`
	ModifiedFrom string   `query:"modified_from" pattern:"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+))?)?)?$" patternDescription:"api.field.date" doc:"readapi.param.modified_from"`
	ModifiedTo   string   `query:"modified_to" pattern:"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+))?)?)?$" patternDescription:"api.field.date" doc:"readapi.param.modified_to"`
	Sort         string   `query:"sort" enum:"relevance,changed,title" doc:"readapi.param.sort"`
	Facets       bool     `query:"facets" doc:"readapi.param.facets"`
}

// DatasetList is a page of datasets, with counts of what all of them have.
type DatasetList struct {
	api.List[Dataset]
	Facets     map[string][]FacetValue `json:"facets,omitempty" doc:"readapi.facets"`
	DidYouMean *Correction             `json:"did_you_mean,omitempty" doc:"readapi.did_you_mean"`
}

// FacetValue is how many datasets have a value.
type FacetValue struct {
	Value string `json:"value" doc:"readapi.facet.value"`
	Label string `json:"label" doc:"readapi.facet.label"`
	Count int    `json:"count" doc:"readapi.facet.count"`
}

// Correction is a search spelt otherwise.
type Correction struct {
	Q     string `json:"q" doc:"readapi.correction.q"`
	Total int    `json:"total" doc:"readapi.correction.total"`
}

// sorts are the orders; without words, relevance is what was modified last.
var sorts = map[string]search.Sort{"relevance": search.Relevance, "changed": search.ChangedNewest, "title": search.TitleAZ}

func (s *Section) datasets(ctx context.Context, in *datasetsInput) (DatasetList, error) {
	var out DatasetList
	period, err := in.period()
	if err != nil {
		return out, err
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		with, err := s.around(tx)
		if err != nil {
			return err
		}
		bodies, err := in.bodies(tx, with)
		if err != nil {
			return err
		}
		found, err := s.Search.Search(in.query(bodies, period))
		if err != nil {
			return badCursor(in.Cursor, err)
		}
		if out.Items, err = s.loaded(tx, with, found); err != nil {
			return err
		}
		out.Total = found.Total
		out.More(found.Next)
		out.DidYouMean = correctionOf(found)
		if in.Facets {
			out.Facets = facetsOf(with, found)
		}
		return nil
	})
	return out, err
}

// bodies are the ids of the institutions that were asked for. Slugs of before are looked
// for only where one is nobody's now.
func (in *datasetsInput) bodies(tx *db.Tx, with around) ([]string, error) {
	bySlug := map[string]string{}
	for id, i := range with.institutions {
		bySlug[i.Slug] = id
	}
	if slices.ContainsFunc(in.Institution, func(slug string) bool { return bySlug[slug] == "" }) {
		old, err := institution.OldSlugs(tx)
		if err != nil {
			return nil, err
		}
		maps.Copy(bySlug, old)
	}
	ids := make([]string, len(in.Institution))
	for i, slug := range in.Institution {
		if ids[i] = bySlug[slug]; ids[i] == "" {
			ids[i] = slug // an id, or nothing that is known: it finds nothing
		}
	}
	return ids, nil
}

// query is what the index is asked for.
func (in *datasetsInput) query(ids []string, period search.Expr) search.Query {
	formats := make([]string, len(in.Format))
	for i, f := range in.Format {
		formats[i] = strings.ToUpper(f)
	}
	q := search.Query{Text: in.Q, Correct: in.Q != "", Where: period, Limit: in.Limit, Cursor: in.Cursor, Sort: sorts[in.Sort],
		Filters: map[string][]string{
			search.KindFacet: {catalog.KindDataset}, catalog.FacetInstitution: ids, catalog.FacetTheme: in.Theme,
			catalog.FacetFormat: formats, catalog.FacetLicense: in.License, catalog.FacetFrequency: in.Frequency,
			catalog.FacetFreshness: in.Freshness,
		}}
	if in.Facets {
		q.Facets = catalog.Facets
	}
	return q
}

// period is the condition on when data were modified, nil for none.
func (in *datasetsInput) period() (search.Expr, error) {
	if in.ModifiedFrom == "" && in.ModifiedTo == "" {
		return nil, nil
	}
	var from, to time.Time
	var fields []plaza.FieldError
	if in.ModifiedFrom != "" {
		var ok bool
		if from, ok = beginning(in.ModifiedFrom); !ok {
			fields = append(fields, plaza.FieldError{Field: "modified_from", Key: "api.field.date"})
		}
	}
	if in.ModifiedTo != "" {
		var ok bool
		if to, ok = catalog.Instant(in.ModifiedTo); !ok {
			fields = append(fields, plaza.FieldError{Field: "modified_to", Key: "api.field.date"})
		}
		if strings.Contains(in.ModifiedTo, "T") {
			to = to.Add(time.Millisecond) // the instant itself is included, as a whole day would be
		}
	}
	if fields != nil {
		return nil, &plaza.Error{Kind: plaza.Invalid, Key: "api.error.invalid", Fields: fields}
	}
	return search.During(search.Modified, from, to), nil
}

// beginning is the first moment of an ISO date of reduced precision.
func beginning(date string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, date); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// badCursor says of the index's refusal which parameter it is about.
func badCursor(cursor string, err error) error {
	if cursor != "" && plaza.KindOf(err) == plaza.Invalid {
		return api.BadCursor(err)
	}
	return err
}

// around loads what every dataset may refer to: hundreds of each, not more.
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

// loaded are the datasets found, in their order.
func (s *Section) loaded(tx *db.Tx, with around, found search.Result) ([]Dataset, error) {
	ids := make([]string, len(found.Hits))
	for i, h := range found.Hits {
		ids[i] = h.Ref.ID
	}
	datasets, err := catalog.ByIDs(tx, ids)
	if err != nil {
		return nil, err
	}
	if with.seen, err = harvest.LastSeen(tx, ids); err != nil {
		return nil, err
	}
	out := make([]Dataset, len(datasets))
	for i, d := range datasets {
		out[i] = s.datasetOf(d, with)
	}
	return out, nil
}

func correctionOf(found search.Result) *Correction {
	if found.DidYouMean == nil {
		return nil
	}
	return &Correction{found.DidYouMean.Text, found.DidYouMean.Total}
}

// facetsOf are the counts; an institution's value is its slug, as in the parameter.
func facetsOf(with around, found search.Result) map[string][]FacetValue {
	out := make(map[string][]FacetValue, len(catalog.Facets))
	for _, name := range catalog.Facets {
		values := []FacetValue{}
		for _, c := range found.Facets[name] {
			v := FacetValue{c.Value, c.Value, c.Docs}
			if i, ok := with.institutions[c.Value]; ok && name == catalog.FacetInstitution {
				v.Value, v.Label = i.Slug, i.Name
			}
			if label, ok := place.State(c.Value); ok && name == catalog.FacetPlace {
				v.Label = label
			}
			values = append(values, v)
		}
		out[name] = values
	}
	return out
}

type datasetInput struct {
	Dataset string `path:"dataset" maxLength:"200" doc:"readapi.param.dataset"`
}

func (s *Section) dataset(ctx context.Context, in *datasetInput) (Dataset, error) {
	var out Dataset
	err := s.read(ctx, func(tx *db.Tx) error {
		d, err := catalog.ByID(tx, in.Dataset)
		if err != nil && plaza.KindOf(err) == plaza.NotFound {
			d, err = catalog.BySlug(tx, in.Dataset)
		}
		if err != nil {
			return missing(err, "readapi.error.no_dataset")
		}
		if in.Dataset != d.ID && in.Dataset != d.Slug {
			return &api.Moved{Path: api.Prefix + "/datasets/" + d.Slug}
		}
		with, err := s.around(tx)
		if err != nil {
			return err
		}
		if with.seen, err = harvest.LastSeen(tx, []string{d.ID}); err != nil {
			return err
		}
		out = s.datasetOf(d, with)
		return nil
	})
	return out, err
}

// missing is the answer for a name that leads nowhere, in the words of what was sought.
func missing(err error, key string) error {
	if plaza.KindOf(err) == plaza.NotFound {
		return &plaza.Error{Kind: plaza.NotFound, Key: key, Cause: err}
	}
	return err
}
