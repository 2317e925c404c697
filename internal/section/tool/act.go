package tool

import (
	"maps"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// facts are what the record tells of a tool: never who, never what it is called.
type facts struct {
	Kind     string   `json:"kind"`
	Version  int      `json:"version"`
	Official bool     `json:"official"`
	Parent   string   `json:"parent,omitempty"`   // id of the tool that it was made from
	Datasets []string `json:"datasets,omitempty"` // ids, of a new one
	Lost     int      `json:"lost,omitempty"`     // columns that it needs and its data have no more
	Status   int      `json:"status,omitempty"`   // HTTP, of an address that fails
}

// act is an act on a tool.
func act(verb string, t Tool) record.Act { return actOf(verb, t, nil) }

// actOf is an act on a tool that tells on which datasets it rests.
func actOf(verb string, t Tool, uses []Use) record.Act {
	f := facts{Kind: string(t.Kind), Version: t.Version, Official: t.Official(), Parent: t.Parent}
	if verb == "tool.published" {
		for _, u := range uses {
			if !slices.Contains(f.Datasets, u.Dataset) {
				f.Datasets = append(f.Datasets, u.Dataset)
			}
		}
	}
	switch verb {
	case "tool.outdated":
		f.Lost = len(t.Losses)
	case "tool.broken":
		f.Status = t.Address.Status
	}
	return record.Act{Verb: verb, Object: t.Ref(), Institution: t.Institution, Payload: f}
}

// docOf is a tool as it is found: by what people wrote in it and by its datasets.
func docOf(tx *db.Tx, t Tool, d Document, origins map[plaza.Ref]Origin) (search.Doc, error) {
	owner := ""
	if t.Official() {
		i, err := institution.ByID(tx, t.Institution)
		if err != nil {
			return search.Doc{}, err
		}
		owner = i.Name + " " + i.Acronym
	}
	titles := map[string]bool{}
	for _, o := range origins {
		titles[o.Title] = true
	}
	body := d.Text()
	for _, title := range slices.Sorted(maps.Keys(titles)) {
		body += "\n" + title
	}
	facets := facetsOf(t, origins)
	facets["tool"] = []string{string(t.Kind)}
	return search.Doc{Ref: t.Ref(), Title: t.Title, Keywords: facets[facetTheme], Owner: owner, Body: body, Facets: facets,
		Created: t.Published, Modified: t.Modified, Changed: t.Modified}, nil
}

// index puts a public tool into the search as it is now.
func (ts *Tools) index(tx *db.Tx, t Tool) error {
	v, err := Current(tx, t)
	if err != nil {
		return err
	}
	origins, err := ts.Lineage(tx, v.Document.refs())
	if err != nil {
		return err
	}
	if err := putFacets(tx, t, origins); err != nil {
		return err
	}
	d, err := docOf(tx, t, v.Document, origins)
	if err != nil {
		return err
	}
	return search.Put(tx, d)
}
