package catalog

import (
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Find is the dataset or resource whose page a path of this site is, by old slugs too;
// NotFound for any other path.
func Find(tx *db.Tx, path string) (plaza.Ref, error) {
	none := plaza.E(plaza.NotFound, "catalog.error.no_dataset")
	slug, ok := strings.CutPrefix(strings.TrimSuffix(path, "/"), "/datos/")
	if !ok {
		return plaza.Ref{}, none
	}
	slug, resource, within := strings.Cut(slug, "/recursos/")
	d, err := BySlug(tx, slug)
	if err != nil {
		return plaza.Ref{}, missing(err, "catalog.error.no_dataset")
	}
	if !within {
		return d.Ref(), nil
	}
	if r := d.resource(resource); r != nil {
		return plaza.Ref{Kind: KindResource, ID: r.ID}, nil
	}
	return plaza.Ref{}, none
}
