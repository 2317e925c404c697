package catalog

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
)

// How much of an institution's datasets and acts its page shows.
const (
	shownDatasets = 8
	shownActs     = 12
)

// institutionsPage lists all institutions by their order of government.
type institutionsPage struct {
	web.Page
	Q      string
	Count  string
	Groups []institutionGroup
	Empty  *web.Empty
}

type institutionGroup struct {
	Type, Title string
	Items       []institutionLine
}

type institutionLine struct {
	Name, Acronym, Path string
	Parent, Logo        string
	Datasets            string
}

func (s *Section) institutions(w http.ResponseWriter, r *http.Request) error {
	page := &institutionsPage{Page: s.shell.Page(r, s.shell.Printer(r).T("catalog.nav.institutions")), Q: web.QueryText(r, "q", 100)}
	var all []institution.Institution
	var counts map[string]int
	if err := s.read(r.Context(), func(tx *db.Tx) (err error) {
		if all, err = institution.Going(tx); err != nil {
			return err
		}
		counts, err = CountByInstitution(tx)
		return err
	}); err != nil {
		return err
	}
	page.Page.Description = page.L.T("catalog.institutions.lead")
	page.NoIndex = page.Q != ""
	page.Canonical = "/instituciones"
	page.Groups = groupInstitutions(page.L, page.Q, all, counts)
	shown := 0
	for _, g := range page.Groups {
		shown += len(g.Items)
	}
	page.Count = page.L.T("catalog.institutions.count", "count", shown)
	if shown == 0 {
		page.Empty = &web.Empty{Title: page.L.T("catalog.institutions.none"), Text: page.L.T("catalog.institutions.none.text")}
		if page.Q != "" {
			page.Empty.Links = []web.NavLink{{Label: page.L.T("catalog.institutions.all"), Path: "/instituciones", Icon: "landmark"}}
		}
	}
	return s.shell.Render(w, r, http.StatusOK, "catalog/institutions", page)
}

func groupInstitutions(l *i18n.Printer, q string, all []institution.Institution, counts map[string]int) []institutionGroup {
	byID := map[string]institution.Institution{}
	for _, i := range all {
		byID[i.ID] = i
	}
	wanted := strings.Fields(text.Fold(q))
	groups := map[string]*institutionGroup{}
	for _, i := range all {
		haystack := text.Fold(i.Name + " " + i.Acronym)
		if slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(haystack, w) }) {
			continue
		}
		g := groups[i.Type]
		if g == nil {
			g = &institutionGroup{Type: i.Type, Title: l.T("catalog.institutions.type." + i.Type)}
			groups[i.Type] = g
		}
		line := institutionLine{Name: i.Name, Acronym: i.Acronym, Path: i.Path(), Logo: i.Logo, Datasets: l.T("catalog.datasets.count", "count", counts[i.ID])}
		if p, ok := byID[i.ParentID]; ok {
			line.Parent = p.Name
		}
		g.Items = append(g.Items, line)
	}
	var out []institutionGroup
	for _, t := range institution.Types {
		if g := groups[t]; g != nil {
			out = append(out, *g)
		}
	}
	return out
}

// institutionPage is the page of one institution.
type institutionPage struct {
	web.Page
	I        institution.Institution
	Type     string
	Parent   *web.NavLink
	Children []web.NavLink
	Facts    []web.Fact
	Count    string
	All      string
	Datasets []web.DatasetItem
	Acts     []record.Sentence
	AllActs  string
	Origins  []Origin
	Around   web.Around
	Notices  []web.Notice // what became of it
	History  []web.Fact   // what it was before, and what follows it
}

func (s *Section) institution(w http.ResponseWriter, r *http.Request) error {
	page := &institutionPage{Page: s.shell.Page(r, "")}
	slug := r.PathValue("institution")
	var datasets []Dataset
	var n *names
	var history institution.History
	var hours institution.Hours
	count := 0
	err := s.read(r.Context(), func(tx *db.Tx) (err error) {
		if page.I, err = institution.BySlug(tx, slug); err != nil {
			return missing(err, "catalog.error.no_institution")
		}
		inZone(&page.Page, page.I)
		if n, err = loadNames(tx, page.L); err != nil {
			return err
		}
		if datasets, err = Newest(tx, page.I.ID, shownDatasets); err != nil {
			return err
		}
		if err = tx.Row(`SELECT COUNT(*) FROM datasets WHERE institution_id = $1 AND state = $2`, page.I.ID, Published).Scan(&count); err != nil {
			return err
		}
		if s.OriginsOf != nil {
			if page.Origins, err = s.OriginsOf(tx, page.I.ID); err != nil {
				return err
			}
		}
		acts, err := record.Latest(tx, record.Filter{Institution: page.I.ID}, shownActs)
		if err != nil {
			return err
		}
		if page.Acts, err = record.Sentences(tx, page.L, page.Now, s.Cards, acts); err != nil {
			return err
		}
		if history, err = institution.HistoryOf(tx, page.I.ID); err != nil {
			return err
		}
		if hours, err = institution.HoursOf(tx, page.I); err != nil {
			return err
		}
		page.Around, err = s.around(tx, page.Page, page.I.Ref())
		return err
	})
	if err != nil {
		return err
	}
	if page.I.Slug != slug {
		return moved(w, r, page.I.Path())
	}
	s.fillInstitution(page, n, count)
	page.Facts = append(page.Facts, hoursFacts(page.L, hours)...)
	page.Notices, page.History = institution.HistoryNotices(page.L, history), institution.HistoryFacts(page.L, history)
	for _, d := range datasets {
		page.Datasets = append(page.Datasets, withoutOwner(Item(page.L, d, page.I.Name, page.Now)))
	}
	return s.shell.Render(w, r, http.StatusOK, "catalog/institution", page)
}

// withoutOwner leaves out what a list of one institution's datasets need not repeat.
func withoutOwner(item web.DatasetItem) web.DatasetItem {
	item.Facts = slices.DeleteFunc(item.Facts, func(f web.ItemFact) bool { return f.Icon == "landmark" })
	return item
}

func (s *Section) fillInstitution(page *institutionPage, n *names, count int) {
	i, l := page.I, page.L
	page.Title = i.Name
	page.Canonical = i.Path()
	page.Page.Description = text.Excerpt(i.Description, 200)
	page.Crumbs = []web.Crumb{{Title: l.T("catalog.nav.institutions"), Path: "/instituciones"}}
	page.Type = l.T("institution.type." + i.Type)
	page.Count = l.T("catalog.datasets.count", "count", count)
	page.All = "/datos?institucion=" + url.QueryEscape(i.Slug)
	page.AllActs = "/bitacora?institucion=" + url.QueryEscape(i.Slug)
	if p, ok := n.byID[i.ParentID]; ok {
		page.Parent = &web.NavLink{Label: p.Name, Path: p.Path()}
		page.Crumbs = append(page.Crumbs, web.Crumb{Title: p.Short(), Path: p.Path()})
	}
	for _, child := range n.byID {
		if child.ParentID == i.ID && !child.Extinct() {
			page.Children = append(page.Children, web.NavLink{Label: child.Name, Path: child.Path()})
		}
	}
	slices.SortFunc(page.Children, func(a, b web.NavLink) int { return strings.Compare(text.Fold(a.Label), text.Fold(b.Label)) })
	page.Facts = institutionFacts(l, i, page.Parent)
	page.JSONLD = organization(page.Page, i, page.Parent)
}

func institutionFacts(l *i18n.Printer, i institution.Institution, parent *web.NavLink) []web.Fact {
	f := factList{l: l}
	f.add("type", web.Fact{Text: l.T("institution.type." + i.Type), Icon: "landmark"})
	f.add("acronym", web.Fact{Text: i.Acronym})
	if parent != nil {
		f.add("parent", web.Fact{Text: parent.Label, Link: parent.Path, Icon: "building-2"})
	}
	f.add("website", web.Fact{Text: hostOf(i.Website), Link: webLink(i.Website), Icon: "globe"})
	c := i.Contact
	if c.Name != "" || c.Phone != "" { // who is designated, its members say
		f.add("liaison", web.Fact{Text: firstOf(c.Name, l.T("catalog.liaison")), Icon: "user", Note: c.Phone})
	}
	if c.Email != "" {
		f.add("email", web.Fact{Text: c.Email, Link: "mailto:" + url.PathEscape(c.Email), Icon: "mail"})
	}
	if i.Zone != "" && i.Zone != institution.DefaultZone {
		f.add("zone", web.Fact{Text: strings.ReplaceAll(i.Zone, "_", " "), Icon: "clock"})
	}
	return f.facts
}

// hoursFacts are when an institution attends.
func hoursFacts(l *i18n.Printer, h institution.Hours) []web.Fact {
	var out []web.Fact
	for _, line := range institution.HoursWords(l, h) {
		out = append(out, web.Fact{Label: l.T("institution.hours"), Text: line, Icon: "clock"})
	}
	return out
}

func organization(p web.Page, i institution.Institution, parent *web.NavLink) map[string]any {
	ld := map[string]any{"@context": "https://schema.org/", "@type": "GovernmentOrganization", "@id": p.URL(i.Path()),
		"url": p.URL(i.Path()), "name": i.Name}
	for name, value := range map[string]string{"alternateName": i.Acronym, "description": i.Description, "sameAs": i.Website} {
		if value != "" {
			ld[name] = value
		}
	}
	if i.Extinct() {
		ld["dissolutionDate"] = i.ValidTo
	}
	if i.Logo != "" {
		ld["logo"] = p.URL(i.Logo)
	}
	if parent != nil {
		ld["parentOrganization"] = map[string]any{"@type": "GovernmentOrganization", "name": parent.Label, "url": p.URL(parent.Path)}
	}
	return ld
}
