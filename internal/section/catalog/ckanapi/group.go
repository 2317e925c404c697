package ckanapi

import (
	"cmp"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
)

// shownPackages is how many packages CKAN shows with a group.
const shownPackages = 10

// group is an organization or a group as CKAN writes it.
type group struct {
	ID              string        `json:"id"`
	Name            string        `json:"name"`
	Title           string        `json:"title"`
	DisplayName     string        `json:"display_name"`
	Description     string        `json:"description"`
	ImageURL        string        `json:"image_url"`
	ImageDisplayURL string        `json:"image_display_url"`
	Type            string        `json:"type"`
	State           string        `json:"state"`
	ApprovalStatus  string        `json:"approval_status"`
	IsOrganization  bool          `json:"is_organization"`
	Created         *string       `json:"created"`
	NumFollowers    int           `json:"num_followers"`
	PackageCount    *int          `json:"package_count,omitempty"`
	Extras          []extra       `json:"extras"`
	Groups          []packageOfIn `json:"groups"`
	Tags            []tag         `json:"tags"`
	Users           []any         `json:"users"`
	Packages        []any         `json:"packages,omitempty"`

	themes []string // of a group
	name   string   // for the order and for finding it
}

// packageOfIn names the organization that another belongs to.
type packageOfIn struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Title string `json:"title"`
}

func (s *Section) organizationOf(i institution.Institution, names map[string]institution.Institution, count int) group {
	created := stamp(i.CreatedAt)
	g := group{ID: i.ID, Name: i.Slug, Title: i.Name, DisplayName: i.Name, Description: i.Description, ImageURL: s.picture(i),
		ImageDisplayURL: s.picture(i), Type: "organization", State: "active", ApprovalStatus: "approved", IsOrganization: true,
		Created: &created, PackageCount: &count, Extras: []extra{}, Groups: []packageOfIn{}, Tags: []tag{}, Users: []any{}, name: i.Slug}
	for _, e := range []extra{{"acronym", i.Acronym}, {"contact_email", i.Contact.Email}, {"contact_name", i.Contact.Name},
		{"government_level", i.Type}, {"url", i.Website}} {
		if e.Value != "" {
			g.Extras = append(g.Extras, e)
		}
	}
	if p, ok := names[i.ParentID]; ok {
		g.Groups = append(g.Groups, packageOfIn{p.ID, p.Slug, p.Name})
	}
	return g
}

// organizations are all of them, by title.
func (s *Section) organizations(tx *db.Tx) ([]group, error) {
	all, err := institution.Going(tx)
	if err != nil {
		return nil, err
	}
	counts, err := catalog.CountByInstitution(tx)
	if err != nil {
		return nil, err
	}
	names := make(map[string]institution.Institution, len(all))
	for _, i := range all {
		names[i.ID] = i
	}
	out := make([]group, len(all))
	for n, i := range all {
		out[n] = s.organizationOf(i, names, counts[i.ID])
	}
	return out, nil
}

// groups are the themes that datasets have, by title.
func (s *Section) groups() ([]group, error) {
	counts, err := s.counts(catalog.FacetTheme)
	if err != nil {
		return nil, err
	}
	var out []group
	at := map[string]int{}
	for _, c := range counts {
		name := slugOf(c.Value)
		if i, ok := at[name]; ok { // a theme that is spelt in two ways
			out[i].themes = append(out[i].themes, c.Value)
			*out[i].PackageCount += c.Docs
			continue
		}
		at[name] = len(out)
		out = append(out, group{ID: name, Name: name, Title: c.Value, DisplayName: c.Value, Type: "group", State: "active",
			ApprovalStatus: "approved", PackageCount: &c.Docs, Extras: []extra{}, Groups: []packageOfIn{}, Tags: []tag{}, Users: []any{},
			themes: []string{c.Value}, name: name})
	}
	slices.SortFunc(out, byTitle)
	return out, nil
}

func byTitle(a, b group) int {
	return cmp.Or(strings.Compare(text.Fold(a.Title), text.Fold(b.Title)), strings.Compare(a.Name, b.Name))
}

func (s *Section) organizationList(c *call) (any, error) {
	var all []group
	if err := s.read(c, func(tx *db.Tx) (err error) {
		all, err = s.organizations(tx)
		return err
	}); err != nil {
		return nil, err
	}
	return listed(c, all, "organizations")
}

func (s *Section) groupList(c *call) (any, error) {
	all, err := s.groups()
	if err != nil {
		return nil, err
	}
	return listed(c, all, "groups")
}

// listed is the part of a list that is asked for, in its order: names, or all.
func listed(c *call, all []group, chosen string) (any, error) {
	if names := c.params.texts(chosen); len(names) > 0 {
		all = slices.DeleteFunc(all, func(g group) bool { return !slices.Contains(names, g.Name) && !slices.Contains(names, g.ID) })
	}
	if err := sortGroups(all, cmp.Or(c.params.text("sort"), c.params.text("order_by"))); err != nil {
		return nil, err
	}
	limit, err := c.params.number("limit", len(all), len(all))
	if err != nil {
		return nil, err
	}
	offset, err := c.params.number("offset", 0, len(all))
	if err != nil {
		return nil, err
	}
	all = all[offset:]
	all = all[:min(limit, len(all))]
	if !c.params.yes("all_fields", false) {
		names := make([]string, len(all))
		for i, g := range all {
			names[i] = g.Name
		}
		return names, nil
	}
	if !c.params.yes("include_dataset_count", true) {
		for i := range all {
			all[i].PackageCount = nil
		}
	}
	if all == nil {
		all = []group{}
	}
	return all, nil
}

func sortGroups(all []group, sort string) error {
	field, direction, _ := strings.Cut(strings.Join(strings.Fields(strings.ToLower(sort)), " "), " ")
	var order func(a, b group) int
	switch field {
	case "", "title":
		order = byTitle
	case "name":
		order = func(a, b group) int { return strings.Compare(a.Name, b.Name) }
	case "package_count", "packages":
		order = func(a, b group) int { return cmp.Compare(*a.PackageCount, *b.PackageCount) }
	default:
		return wrong("sort", "ckanapi.field.sort")
	}
	switch direction {
	case "", "asc":
		slices.SortStableFunc(all, order)
	case "desc":
		slices.SortStableFunc(all, func(a, b group) int { return order(b, a) })
	default:
		return wrong("sort", "ckanapi.field.sort")
	}
	return nil
}

func (s *Section) organizationShow(c *call) (any, error) {
	id, err := c.params.required("id")
	if err != nil {
		return nil, err
	}
	var out group
	if err := s.read(c, func(tx *db.Tx) error {
		i, err := institution.ByID(tx, id)
		if err != nil && plaza.KindOf(err) == plaza.NotFound {
			i, err = institution.BySlug(tx, id)
		}
		if err != nil {
			return missing(err, "ckanapi.error.not_found")
		}
		counts, err := catalog.CountByInstitution(tx)
		if err != nil {
			return err
		}
		parents, err := institution.ByIDs(tx, []string{i.ParentID})
		out = s.organizationOf(i, parents, counts[i.ID])
		return err
	}); err != nil {
		return nil, err
	}
	return s.shown(c, out, catalog.FacetInstitution, []string{out.ID})
}

func (s *Section) groupShow(c *call) (any, error) {
	id, err := c.params.required("id")
	if err != nil {
		return nil, err
	}
	all, err := s.groups()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(g group) bool { return g.Name == id })
	if at < 0 {
		return nil, notFound("ckanapi.error.not_found")
	}
	return s.shown(c, all[at], catalog.FacetTheme, all[at].themes)
}

// shown adds some packages of a group where they are asked for.
func (s *Section) shown(c *call, g group, facet string, values []string) (any, error) {
	if !c.params.yes("include_datasets", false) {
		return g, nil
	}
	found, err := s.Search.Search(search.Query{Sort: search.ChangedNewest, Limit: shownPackages,
		Filters: map[string][]string{search.KindFacet: {catalog.KindDataset}, facet: values}})
	if err != nil {
		return nil, err
	}
	return g, s.packages(c, idsOf(found), nil)(func(p any) error {
		g.Packages = append(g.Packages, p)
		return nil
	})
}

func (s *Section) tagList(c *call) (any, error) {
	all, err := s.values(catalog.FacetKeyword)
	if err != nil {
		return nil, err
	}
	if q := text.Fold(c.params.text("query")); q != "" {
		all = slices.DeleteFunc(all, func(t string) bool { return !strings.Contains(text.Fold(t), q) })
	}
	slices.Sort(all)
	if !c.params.yes("all_fields", false) {
		return all, nil
	}
	tags := make([]tag, len(all))
	for i, t := range all {
		tags[i] = tagOf(t)
	}
	return tags, nil
}

func (s *Section) tagShow(c *call) (any, error) {
	id, err := c.params.required("id")
	if err != nil {
		return nil, err
	}
	all, err := s.values(catalog.FacetKeyword)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(all, id) {
		return nil, notFound("ckanapi.error.not_found")
	}
	return tagOf(id), nil
}
