package institution

import (
	"plaza/internal/base/text"
	"plaza/internal/civic/search"
)

// doc is what the index knows of an institution.
func doc(i Institution) search.Doc {
	return search.Doc{
		Ref: i.Ref(), Title: i.Name, Keywords: append([]string{i.Acronym}, i.Names...), Body: i.Description,
		Facets: map[string][]string{"type": {i.Type}}, Modified: i.UpdatedAt, Created: i.CreatedAt, Changed: i.UpdatedAt,
	}
}

// slug is the one that a new institution gets.
func slug(i Institution) string {
	for _, s := range []string{i.Slug, i.Acronym, i.Name} {
		if s = text.Slug(s, maxSlug); s != "" {
			return s
		}
	}
	return "institucion"
}
