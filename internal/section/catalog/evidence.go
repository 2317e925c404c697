package catalog

import (
	"net/url"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/commitment"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// Evidence is what the catalogue shows of a dataset or one of its resources, for a
// commitment that was made at an instant. It runs four statements at most.
func Evidence(tx *db.Tx, ref plaza.Ref, since time.Time) (commitment.Evidence, error) {
	d, r, err := refersTo(tx, ref)
	if err != nil || d.ID == "" {
		return commitment.Evidence{}, err
	}
	e := commitment.Evidence{Ref: ref, Title: d.Title, Path: d.Path(), Absent: d.State == Absent, Documented: d.explained(), Modified: d.FirstSeen}
	list := d.Current()
	if r != nil {
		e.Title, e.Path, list = d.Title+": "+r.Title, d.ResourcePath(*r), []Resource{*r}
		e.Absent = e.Absent || !r.RemovedAt.IsZero()
	}
	var last time.Time
	if err := tx.Row(`SELECT MAX(at) FROM dataset_changes
		WHERE dataset_id = $1 AND kind IN ('changed', 'found', 'returned') AND fields <> '[]'`, d.ID).Scan(&last); err != nil {
		return e, err // that it is listed again is no change of it
	}
	if last.After(e.Modified) {
		e.Modified = last
	}
	e.Changed = e.Modified.After(since)
	for _, one := range list {
		e.Resources++
		switch {
		case one.Check.State == "":
			e.Unchecked++
		case !one.Check.Broken():
			e.Answering++
		}
		e.Service = e.Service || isService(one.Format)
		if one.Check.At.After(e.Checked) {
			e.Checked = one.Check.At
		}
	}
	return e, nil
}

// refersTo is the dataset that a Ref names, with the resource where it names one; the zero
// Dataset when there is none.
func refersTo(tx *db.Tx, ref plaza.Ref) (Dataset, *Resource, error) {
	id := ref.ID
	if ref.Kind == KindResource {
		r, err := ResourceByID(tx, ref.ID)
		if err != nil {
			return Dataset{}, nil, unlessMissing(err)
		}
		id = r.DatasetID
	}
	if ref.Kind != KindDataset && ref.Kind != KindResource {
		return Dataset{}, nil, nil
	}
	d, err := ByID(tx, id)
	if err != nil {
		return Dataset{}, nil, unlessMissing(err)
	}
	return d, d.resource(ref.ID), nil
}

// unlessMissing is an error that is not that there is no such thing.
func unlessMissing(err error) error {
	if plaza.KindOf(err) == plaza.NotFound {
		return nil
	}
	return err
}

// maxAddress is the longest address of a page that is looked for, in bytes.
const maxAddress = 1000

// AtAddress is the dataset or resource whose page has an address or a path; the zero Ref
// for anything else. Whose address it is, it does not ask.
func AtAddress(tx *db.Tx, address string) (plaza.Ref, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || len(address) > maxAddress {
		return plaza.Ref{}, nil
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 2 || parts[0] != "datos" {
		return plaza.Ref{}, nil
	}
	d, err := BySlug(tx, parts[1])
	switch {
	case err != nil:
		return plaza.Ref{}, unlessMissing(err)
	case len(parts) == 2:
		return d.Ref(), nil
	case len(parts) == 4 && parts[2] == "recursos" && d.resource(parts[3]) != nil:
		return plaza.Ref{Kind: KindResource, ID: parts[3]}, nil
	}
	return plaza.Ref{}, nil
}

// How many datasets AddedSince looks through, and how many it returns.
const (
	maxAlike = 50
	maxAdded = 8
)

// AddedSince are datasets that were added to the catalogue since an instant: those whose
// titles and words are like some, the most alike first, and then the newest of an
// institution.
func AddedSince(tx *db.Tx, engine *search.Engine, institution, words string, since time.Time) ([]plaza.Card, error) {
	found, err := engine.Search(search.Query{Text: words, Any: true, Limit: maxAlike, Filters: map[string][]string{search.KindFacet: {KindDataset}}})
	if err != nil {
		return nil, err
	}
	list, err := ByIDs(tx, idsOf(found, KindDataset))
	if err != nil {
		return nil, err
	}
	newest, err := Newest(tx, institution, maxAlike)
	if err != nil {
		return nil, err
	}
	var out []plaza.Card
	known := map[string]bool{}
	for _, d := range append(list, newest...) {
		if len(out) < maxAdded && !known[d.ID] && d.State == Published && d.FirstSeen.After(since) {
			known[d.ID] = true
			out = append(out, plaza.Card{Ref: d.Ref(), Title: d.Title, Path: d.Path(), Institution: d.InstitutionID, Modified: d.FirstSeen, Visible: true})
		}
	}
	return out, nil
}
