package catalog

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/search"
)

// maxOptions is how many values of a facet are shown unless all are asked for.
const maxOptions = 8

// maxFacetValues bounds a facet that is shown whole, maxSummary the characters under
// a title.
const (
	maxFacetValues = 500
	maxSummary     = 220
)

// listPage is the listing of datasets.
type listPage struct {
	web.Page
	Q          string
	Hidden     []web.Option // what the form keeps: facets and order
	Heading    string
	Total      int
	Count      string // a sentence on how many were found
	Chips      []chip
	Clear      string // path without filters, "" when there are none
	Follow     string // path where one follows what is found, "" for none
	Sorts      []web.NavLink
	Groups     []web.FacetGroup
	Filters    string // "Filtrar (3)"
	Unfolded   bool   // the reader is choosing: all values of a facet were asked for
	Items      []web.DatasetItem
	Pager      web.Pager
	DidYouMean *web.NavLink
	Empty      *web.Empty
}

// chip is a chosen value that can be taken away.
type chip struct {
	Facet, Label, Path string
}

func (s *Section) list(w http.ResponseWriter, r *http.Request) error {
	f := readFilter(r)
	page := &listPage{Page: s.shell.Page(r, ""), Q: f.Q}
	page.OwnSearch = true
	var n *names
	var found search.Result
	var datasets []Dataset
	err := s.read(r.Context(), func(tx *db.Tx) (err error) {
		if n, err = loadNames(tx, page.L); err != nil {
			return err
		}
		if err := n.current(tx, f.Chosen); err != nil {
			return err
		}
		if found, err = s.find(&f, n); err != nil {
			return err
		}
		datasets, err = ByIDs(tx, idsOf(found, KindDataset))
		return err
	})
	if err != nil {
		return err
	}
	s.fillList(page, f, n, found, r.URL.Query().Get("todas"))
	page.Follow = s.followPath(f)
	for _, d := range datasets {
		page.Items = append(page.Items, datasetItem(page.L, d, n.byID[d.InstitutionID].Name, found.Match, page.Now))
	}
	return s.shell.Render(w, r, http.StatusOK, "catalog/list", page)
}

var sorts = map[string]search.Sort{byRelevance: search.Relevance, byNewest: search.ModifiedNewest, byTitle: search.TitleAZ}

// find asks the index. A page after the last becomes the last.
func (s *Section) find(f *filter, n *names) (search.Result, error) {
	q := search.Query{Text: f.Q, Correct: f.Q != "", Filters: n.indexed(f.Chosen), Facets: Facets, MaxValues: maxFacetValues,
		Sort: sorts[f.order()], Offset: (max(f.Page, 1) - 1) * pageSize, Limit: pageSize}
	q.Filters[search.KindFacet] = []string{KindDataset}
	found, err := s.Search.Search(q)
	if err != nil {
		return found, fmt.Errorf("searching datasets: %w", err)
	}
	if last := max(1, (found.Total+pageSize-1)/pageSize); f.Page > last {
		f.Page = last
		q.Offset = (last - 1) * pageSize
		return s.Search.Search(q)
	}
	return found, nil
}

// idsOf are the ids of the hits of a kind, in their order.
func idsOf(found search.Result, kind string) []string {
	var ids []string
	for _, h := range found.Hits {
		if h.Ref.Kind == kind {
			ids = append(ids, h.Ref.ID)
		}
	}
	return ids
}

func (s *Section) fillList(page *listPage, f filter, n *names, found search.Result, all string) {
	l := page.L
	page.Title, page.Heading = l.T("catalog.list.title"), l.T("catalog.list.title")
	if f.Q != "" {
		page.Title = l.T("catalog.list.title.q", "q", f.Q)
	}
	page.Page.Description = l.T("catalog.list.lead")
	page.Canonical = listPath(f)
	page.NoIndex = f.count() > 1 || f.Q != ""
	page.Total = found.Total
	page.Count = l.T("catalog.list.count", "count", found.Total)
	for _, facet := range Facets {
		for _, v := range f.Chosen[facet] {
			page.Chips = append(page.Chips, chip{l.T("catalog.facet." + facet), n.label(facet, v), listPath(f.toggled(facet, v))})
			page.Hidden = append(page.Hidden, web.Option{Value: v, Label: params[facet]})
		}
		page.Groups = append(page.Groups, facetGroup(l, f, n, facet, found.Facets[facet], all == params[facet]))
	}
	page.Groups = slices.DeleteFunc(page.Groups, func(g web.FacetGroup) bool { return len(g.Options) == 0 })
	if f.Sort != "" {
		page.Hidden = append(page.Hidden, web.Option{Value: f.Sort, Label: "orden"})
	}
	if f.narrowed() {
		page.Clear = "/datos"
	}
	page.Unfolded = all != ""
	page.Filters = l.T("catalog.list.filters", "count", f.count())
	page.Sorts = sortLinks(l, f)
	page.Pager = web.NewPager(l, max(f.Page, 1), min(maxPage, (found.Total+pageSize-1)/pageSize), func(p int) string {
		g := f
		g.Page = p
		return listPath(g)
	})
	if c := found.DidYouMean; c != nil {
		page.DidYouMean = &web.NavLink{Label: c.Text, Path: listPath(f.with(func(f *filter) { f.Q = c.Text }))}
	}
	if found.Total == 0 {
		page.Empty = emptyList(l, f, askPath(page.Page, f.Q))
	}
}

func sortLinks(l *i18n.Printer, f filter) []web.NavLink {
	sorts := []string{byNewest, byTitle}
	if f.Q != "" {
		sorts = append([]string{byRelevance}, sorts...)
	}
	links := make([]web.NavLink, len(sorts))
	for i, sort := range sorts {
		links[i] = web.NavLink{Label: l.T("catalog.sort." + sort), Current: f.order() == sort,
			Path: listPath(f.with(func(f *filter) {
				f.Sort = sort
				if (filter{Q: f.Q}).order() == sort {
					f.Sort = "" // the usual one needs no words
				}
			}))}
	}
	return links
}

// facetGroup lists the values of a facet: the chosen ones first, then the most
// frequent.
func facetGroup(l *i18n.Printer, f filter, n *names, facet string, counts []search.Count, all bool) web.FacetGroup {
	g := web.FacetGroup{L: l, Name: params[facet], Title: l.T("catalog.facet." + facet),
		Open: all || facet == FacetInstitution || facet == FacetTheme || facet == FacetFormat}
	seen := map[string]int{}
	var values []string
	if facet == FacetYears {
		counts = yearsShown(counts)
	}
	for _, c := range counts {
		p := n.param(facet, c.Value)
		seen[p] = c.Docs
		values = append(values, p)
	}
	for _, v := range f.Chosen[facet] {
		if _, ok := seen[v]; !ok {
			values = append(values, v)
		}
	}
	isChosen := func(v string) bool { return slices.Contains(f.Chosen[facet], v) }
	slices.SortStableFunc(values, func(a, b string) int {
		switch {
		case isChosen(a) && !isChosen(b):
			return -1
		case isChosen(b) && !isChosen(a):
			return 1
		}
		return 0
	})
	if len(values) > maxOptions+3 && !all {
		g.More = moreOptions(f, facet)
		values = values[:max(maxOptions, len(f.Chosen[facet]))]
	}
	for _, v := range values {
		g.Options = append(g.Options, web.FacetOption{Label: n.label(facet, v), Count: seen[v],
			Path: listPath(f.toggled(facet, v)), Chosen: isChosen(v)})
	}
	return g
}

// fewYears is up to how many years are listed one by one.
const fewYears = 12

// yearsShown are years, or where they are many decades, the newest first.
func yearsShown(counts []search.Count) []search.Count {
	isDecade := func(c search.Count) bool { return strings.Contains(c.Value, "-") }
	years := 0
	for _, c := range counts {
		if !isDecade(c) {
			years++
		}
	}
	out := slices.DeleteFunc(slices.Clone(counts), func(c search.Count) bool { return !c.Chosen && isDecade(c) != (years > fewYears) })
	slices.SortFunc(out, func(a, b search.Count) int { return strings.Compare(b.Value, a.Value) })
	return out
}

// moreOptions is the address that shows all values of a facet.
func moreOptions(f filter, facet string) string {
	q := f.values()
	q.Set("todas", params[facet])
	return "/datos?" + q.Encode()
}

// emptyList is what one can do where no dataset was found; ask is where one asks for it.
func emptyList(l *i18n.Printer, f filter, ask string) *web.Empty {
	if !f.narrowed() {
		return &web.Empty{Title: l.T("catalog.list.nothing"), Text: l.T("catalog.list.nothing.text"),
			Links: []web.NavLink{{Label: l.T("catalog.list.nothing.sources"), Path: "/lecturas", Icon: "refresh-cw"}}}
	}
	e := &web.Empty{Title: l.T("catalog.list.none"), Text: l.T("catalog.list.none.text")}
	if f.count() > 0 && f.Q != "" {
		e.Links = append(e.Links, web.NavLink{Label: l.T("catalog.list.without_filters", "q", f.Q), Path: listPath(filter{Q: f.Q}), Icon: "search"})
	}
	if f.Q != "" {
		e.Links = append(e.Links, web.NavLink{Label: l.T("catalog.list.everywhere", "q", f.Q), Path: asksFor{q: f.Q}.path(), Icon: "search"})
	}
	if ask != "" {
		e.Links = append(e.Links, web.NavLink{Label: l.T("catalog.list.ask"), Path: ask, Icon: "message-circle"})
	}
	e.Links = append(e.Links, web.NavLink{Label: l.T("catalog.list.all"), Path: "/datos", Icon: "database"})
	return e
}

// ListPath is the address of the datasets that have one value of a facet.
func ListPath(facet, value string) string { return listPath(filter{Chosen: chosen{facet: {value}}}) }

// Item is a dataset in a list; owner is the name of its institution, "" for the
// central unit.
func Item(l *i18n.Printer, d Dataset, owner string, now time.Time) web.DatasetItem {
	return datasetItem(l, d, owner, search.Match{}, now)
}

func datasetItem(l *i18n.Printer, d Dataset, owner string, match search.Match, now time.Time) web.DatasetItem {
	item := web.DatasetItem{
		Title: d.Title, HTML: match.HTML(d.Title), Path: d.Path(), Lang: foreign(l, d.Languages),
		Excerpt: match.HTML(match.Snippet(text.PlainText(d.Description), maxSummary)), Formats: d.Formats(),
	}
	if d.State == Absent {
		item.Badges = append(item.Badges, web.Badge{Tone: web.Warning, Text: l.T("catalog.absent.badge")})
	}
	if owner == "" {
		owner = l.T("catalog.central")
	}
	item.Facts = append(item.Facts, web.ItemFact{Icon: "landmark", Label: l.T("catalog.fact.institution"), Text: owner})
	if d.Modified != "" {
		item.Facts = append(item.Facts, web.ItemFact{Icon: "calendar", Text: l.T("catalog.item.updated", "date", dateWords(l, d.Modified)), Time: d.Modified})
	}
	if often := frequencyWords(l, d.AccrualPeriodicity); often != "" {
		item.Facts = append(item.Facts, web.ItemFact{Icon: "refresh-cw", Label: l.T("catalog.fact.frequency"), Text: sentence(often)})
	}
	if d.Freshness(now) == Late {
		item.Badges = append(item.Badges, freshnessBadge(l, Late))
	}
	return item
}
