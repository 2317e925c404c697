package catalog

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
)

// What an address may ask for; the rest of it is ignored.
const (
	maxQuery  = 300 // bytes
	maxChosen = 20  // values of one facet
	maxValue  = 200 // bytes of a value
	pageSize  = 20
	maxPage   = 500
)

// params names facets in addresses.
var params = map[string]string{
	FacetInstitution: "institucion", FacetTheme: "tema", FacetFormat: "formato",
	FacetLicense: "licencia", FacetFrequency: "frecuencia", FacetFreshness: "vigencia",
	FacetPlace: "lugar", FacetYears: "anios",
}

// freshnessParams are the words for freshness in addresses.
var freshnessParams = map[string]string{string(Fresh): "al-dia", string(Late): "atrasado", string(Unbound): "sin-ritmo"}

// chosen are the values that a reader chose, by facet.
type chosen map[string][]string

// The orders of a listing, as addresses name them.
const (
	byRelevance = "relevancia"
	byNewest    = "recientes"
	byTitle     = "titulo"
)

// filter is what a listing was asked for. Its address is the same for all who ask
// for the same.
type filter struct {
	Q      string
	Chosen chosen
	Sort   string // "" is the usual one: relevance with words, else the newest
	Page   int    // from 1; 0 is the first
}

// readFilter reads a filter from an address; what it does not understand it ignores.
// Values are as the address has them; resolve makes them the index's.
func readFilter(r *http.Request) filter {
	f := filter{Q: web.QueryText(r, "q", maxQuery), Chosen: chosen{}, Page: web.QueryNumber(r.URL, "pagina", 1, maxPage)}
	query := r.URL.Query()
	for _, facet := range Facets {
		for _, v := range query[params[facet]] {
			v = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(v, "\x00", ""), "\ufffd"))
			if v == "" || len(v) > maxValue || len(f.Chosen[facet]) == maxChosen || slices.Contains(f.Chosen[facet], v) {
				continue
			}
			f.Chosen[facet] = append(f.Chosen[facet], v)
		}
	}
	switch sort := query.Get("orden"); sort {
	case byNewest, byTitle:
		f.Sort = sort
	case byRelevance:
		if f.Q != "" {
			f.Sort = sort
		}
	}
	return f
}

// order is the sort that applies.
func (f filter) order() string {
	switch {
	case f.Sort != "":
		return f.Sort
	case f.Q != "":
		return byRelevance
	}
	return byNewest
}

// narrowed reports whether anything was asked for.
func (f filter) narrowed() bool { return f.Q != "" || f.count() > 0 }

func (f filter) count() int {
	n := 0
	for _, values := range f.Chosen {
		n += len(values)
	}
	return n
}

// toggled is the filter with one value chosen, or not any more, on its first page.
func (f filter) toggled(facet, value string) filter {
	next := f
	next.Page = 0
	next.Chosen = chosen{}
	for name, values := range f.Chosen {
		next.Chosen[name] = values
	}
	values := slices.Clone(f.Chosen[facet])
	if i := slices.Index(values, value); i >= 0 {
		values = slices.Delete(values, i, i+1)
	} else {
		values = append(values, value)
	}
	next.Chosen[facet] = values
	return next
}

// with is the filter with other words, order or page.
func (f filter) with(change func(*filter)) filter {
	f.Page = 0
	change(&f)
	return f
}

// listPath is the address of a filter's listing.
func listPath(f filter) string {
	q := f.values()
	if len(q) == 0 {
		return "/datos"
	}
	return "/datos?" + q.Encode()
}

func (f filter) values() url.Values {
	q := url.Values{}
	if f.Q != "" {
		q.Set("q", f.Q)
	}
	for facet, values := range f.Chosen {
		for _, v := range slices.Sorted(slices.Values(values)) {
			q.Add(params[facet], v)
		}
	}
	if f.Sort != "" {
		q.Set("orden", f.Sort)
	}
	if f.Page > 1 {
		q.Set("pagina", strconv.Itoa(f.Page))
	}
	return q
}

// names knows what facets' values are called, in addresses and on pages.
type names struct {
	l      *i18n.Printer
	byID   map[string]institution.Institution
	bySlug map[string]institution.Institution
}

func loadNames(tx *db.Tx, l *i18n.Printer) (*names, error) {
	all, err := institution.All(tx)
	n := &names{l: l, byID: map[string]institution.Institution{}, bySlug: map[string]institution.Institution{}}
	for _, i := range all {
		n.byID[i.ID], n.bySlug[i.Slug] = i, i
	}
	return n, err
}

// learnOld has n know institutions by their slugs of before, too.
func (n *names) learnOld(tx *db.Tx) error {
	old, err := institution.OldSlugs(tx)
	for slug, id := range old {
		n.bySlug[slug] = n.byID[id]
	}
	return err
}

// current calls institutions that an address names by a slug of before by that of now.
// It asks the store only where a slug is nobody's now.
func (n *names) current(tx *db.Tx, c chosen) error {
	known := func(slug string) bool { _, ok := n.bySlug[slug]; return ok || slug == Central }
	if slices.ContainsFunc(c[FacetInstitution], func(slug string) bool { return !known(slug) }) {
		if err := n.learnOld(tx); err != nil {
			return err
		}
	}
	var slugs []string
	for _, v := range c[FacetInstitution] {
		if i, ok := n.bySlug[v]; ok {
			v = i.Slug
		}
		if !slices.Contains(slugs, v) {
			slugs = append(slugs, v)
		}
	}
	if slugs != nil {
		c[FacetInstitution] = slugs
	}
	return nil
}

// indexed turns values of an address into those of the index; unknown ones are left
// as they are and find nothing.
func (n *names) indexed(c chosen) map[string][]string {
	out := map[string][]string{}
	for facet, values := range c {
		for _, v := range values {
			switch facet {
			case FacetInstitution:
				if i, ok := n.bySlug[v]; ok {
					v = i.ID
				}
			case FacetFreshness:
				for code, word := range freshnessParams {
					if v == word {
						v = code
						break
					}
				}
			}
			out[facet] = append(out[facet], v)
		}
	}
	return out
}

// param is how an address names a value of the index.
func (n *names) param(facet, value string) string {
	switch facet {
	case FacetInstitution:
		if i, ok := n.byID[value]; ok {
			return i.Slug
		}
	case FacetFreshness:
		if word := freshnessParams[value]; word != "" {
			return word
		}
	}
	return value
}

// label is what a page calls a value of an address.
func (n *names) label(facet, param string) string {
	switch facet {
	case FacetInstitution:
		if i, ok := n.bySlug[param]; ok {
			return i.Name
		}
		if param == Central {
			return n.l.T("catalog.central")
		}
	case FacetPlace:
		if name, ok := place.State(param); ok {
			return name
		}
	case FacetYears:
		return strings.Replace(param, "-", "–", 1)
	case FacetLicense:
		return licenseCodeWords(n.l, param)
	case FacetFrequency:
		return sentence(frequencyWords(n.l, param))
	case FacetFreshness:
		for code, word := range freshnessParams {
			if param == word {
				return freshnessWords(n.l, Freshness(code))
			}
		}
	}
	return param
}
