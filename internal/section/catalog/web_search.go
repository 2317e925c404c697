package catalog

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
)

// What the search page shows when nothing was found, and how much is suggested.
const (
	shownThemes  = 12
	shownOwners  = 6
	shownAnyway  = 5
	suggestions  = 8
	maxSearchFor = 300 // bytes
)

// kindThread is the kind of the forum's threads, of which this section knows no more.
const kindThread = "thread"

// kindTool is the kind of saved visualisations, which are of another section.
const kindTool = "tool"

// kindCase is the kind of what institutions have to answer, which is of another section.
const kindCase = "case"

// kindParams are the kinds of things in addresses.
var kindParams = map[string]string{KindDataset: "conjuntos", KindResource: "tablas", institution.Kind: "instituciones", kindCase: "consultas", comment.Kind: "comentarios", kindThread: "temas", kindTool: "herramientas"}

// searchKinds are they in order; ownKinds, those that this package knows by itself.
var (
	searchKinds = []string{KindDataset, KindResource, institution.Kind, kindCase, comment.Kind, kindThread, kindTool}
	ownKinds    = []string{KindDataset, institution.Kind}
)

// searchPage answers one box over everything.
type searchPage struct {
	web.Page
	Q          string
	Kind       string // as the address names it, "" for all
	Count      string
	Kinds      []kindLink
	Items      []web.DatasetItem
	Tables     []web.DatasetItem // tables that hold it, in a group of their own
	AllTables  *web.NavLink      // nil when Tables are all
	Pager      web.Pager
	Narrow     string // the list of the datasets found, with its filters; "" when there are none
	DidYouMean *web.NavLink
	Nothing    bool
	Ask        string            // where one asks for what was not found; "" where one cannot
	Anyway     []web.DatasetItem // what has some of the words
	AnywayPath string
	Themes     []web.FacetOption
	Owners     []web.FacetOption
}

// askPath is where one asks the institutions for what a search did not find, with its
// words; "" where this installation has no such page.
func askPath(page web.Page, q string) string {
	const form = "/consultas/nueva"
	if q == "" || !page.Has(form) || page.Closed(string(access.CaseAsk)) {
		return ""
	}
	return form + "?" + url.Values{"titulo": {q}}.Encode()
}

// kindLink narrows a search to one kind.
type kindLink struct {
	web.NavLink
	Count string
}

// asksFor is what a search's address asks for.
type asksFor struct {
	q, kind string
	page    int
}

// tables reports whether tables alone are asked for: by their kind, or by a column.
func (a asksFor) tables() bool {
	return a.kind == KindResource || a.kind == "" && len(operators(a.q).columns) > 0
}

func (a asksFor) path() string {
	v := url.Values{}
	if a.q != "" {
		v.Set("q", a.q)
	}
	if a.kind != "" {
		v.Set("tipo", kindParams[a.kind])
	}
	if a.page > 1 {
		v.Set("pagina", strconv.Itoa(a.page))
	}
	if len(v) == 0 {
		return "/buscar"
	}
	return "/buscar?" + v.Encode()
}

func (s *Section) search(w http.ResponseWriter, r *http.Request) error {
	ask := asksFor{q: web.QueryText(r, "q", maxSearchFor), page: web.QueryNumber(r.URL, "pagina", 1, maxPage)}
	for kind, param := range kindParams {
		if r.URL.Query().Get("tipo") == param {
			ask.kind = kind
		}
	}
	if to, err := s.named(r, ask); to != "" || err != nil {
		if err == nil {
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		return err
	}
	page := &searchPage{Page: s.shell.Page(r, ""), Q: ask.q, Kind: kindParams[ask.kind]}
	found, err := s.lookFor(&ask)
	if err != nil {
		return err
	}
	inside, err := s.lookInside(ask, found)
	if err != nil {
		return err
	}
	page.Nothing = found.Total+inside.Total == 0
	if page.Nothing {
		page.Ask = askPath(page.Page, ask.q)
	}
	if err := s.read(r.Context(), func(tx *db.Tx) (err error) {
		if page.Tables, err = s.tableItems(tx, page.L, ask.q, inside); err != nil {
			return err
		}
		return s.loadFound(tx, page, ask, found)
	}); err != nil {
		return err
	}
	fillSearch(page, ask, found, inside)
	if page.Nothing && ask.kind == "" {
		s.miss(r, ask.q)
	}
	return s.shell.Render(w, r, http.StatusOK, "catalog/search", page)
}

// named is the page of what somebody calls by its name, as a folio, "" for none.
func (s *Section) named(r *http.Request, ask asksFor) (to string, err error) {
	if s.Named == nil || ask.q == "" || ask.kind != "" {
		return "", nil
	}
	err = s.read(r.Context(), func(tx *db.Tx) error {
		to, err = s.Named(tx, ask.q)
		return err
	})
	return to, err
}

// lookFor asks the index. A page after the last becomes the last.
func (s *Section) lookFor(ask *asksFor) (search.Result, error) {
	q := search.Query{Text: ask.q, Correct: true, Facets: []string{search.KindFacet}, Where: noTables,
		Offset: (ask.page - 1) * pageSize, Limit: pageSize}
	switch {
	case ask.tables():
		q = tablesQuery(ask.q)
		q.Correct, q.Offset, q.Limit = true, (ask.page-1)*pageSize, pageSize
	case ask.kind != "":
		q.Filters = map[string][]string{search.KindFacet: {ask.kind}}
	case ask.q == "": // what there is, not what is said of it
		q.Filters = map[string][]string{search.KindFacet: ownKinds}
	}
	found, err := s.Search.Search(q)
	if err != nil {
		return found, fmt.Errorf("searching everything: %w", err)
	}
	if last := max(1, (found.Total+pageSize-1)/pageSize); ask.page > last {
		ask.page = last
		q.Offset = (last - 1) * pageSize
		return s.Search.Search(q)
	}
	return found, nil
}

// loadFound loads what was found and, where nothing was, what may help.
func (s *Section) loadFound(tx *db.Tx, page *searchPage, ask asksFor, found search.Result) error {
	n, err := loadNames(tx, page.L)
	if err != nil {
		return err
	}
	if ask.tables() {
		page.Items, err = s.tableItems(tx, page.L, ask.q, found)
	} else {
		page.Items, err = s.items(tx, page.L, n, found, page.Page)
	}
	if err != nil {
		return err
	}
	if !page.Nothing && ask.q != "" {
		return nil
	}
	all, err := s.Search.Search(search.Query{Filters: map[string][]string{search.KindFacet: {KindDataset}},
		Facets: []string{FacetTheme, FacetInstitution}, MaxValues: shownThemes})
	if err != nil {
		return fmt.Errorf("counting what there is: %w", err)
	}
	page.Themes = themes(all)
	for _, c := range all.Facets[FacetInstitution] {
		if i, ok := n.byID[c.Value]; ok && len(page.Owners) < shownOwners {
			page.Owners = append(page.Owners, web.FacetOption{Label: i.Name, Count: c.Docs, Path: i.Path()})
		}
	}
	if !strings.ContainsRune(ask.q, ' ') {
		return nil
	}
	some, err := s.Search.Search(search.Query{Text: ask.q, Any: true, Limit: shownAnyway, Where: noTables})
	if err != nil {
		return fmt.Errorf("searching any of the words: %w", err)
	}
	page.Anyway, err = s.items(tx, page.L, n, some, page.Page)
	return err
}

// themes are the links to what each theme has.
func themes(found search.Result) []web.FacetOption {
	var out []web.FacetOption
	for _, c := range found.Facets[FacetTheme] {
		out = append(out, web.FacetOption{Label: c.Value, Count: c.Docs, Path: ListPath(FacetTheme, c.Value)})
	}
	return out
}

// items are the hits of any kind, in their order.
func (s *Section) items(tx *db.Tx, l *i18n.Printer, n *names, found search.Result, p web.Page) ([]web.DatasetItem, error) {
	datasets, err := ByIDs(tx, idsOf(found, KindDataset))
	if err != nil {
		return nil, err
	}
	byID := make(map[string]web.DatasetItem, len(found.Hits))
	for _, d := range datasets {
		item := datasetItem(l, d, n.byID[d.InstitutionID].Name, found.Match, p.Now)
		item.Kind = l.T("catalog.kind.dataset")
		byID[d.ID] = item
	}
	for _, id := range idsOf(found, institution.Kind) {
		if i, ok := n.byID[id]; ok {
			byID[id] = institutionItem(l, i, found.Match)
		}
	}
	others, err := s.others(tx, found)
	if err != nil {
		return nil, err
	}
	for id, c := range others {
		byID[id] = web.DatasetItem{Kind: l.T("catalog.kind." + c.Ref.Kind), Title: c.Title, Path: c.Path,
			Excerpt: found.Match.HTML(found.Match.Snippet(c.Excerpt, maxSummary))}
	}
	var out []web.DatasetItem
	for _, h := range found.Hits {
		if item, ok := byID[h.Ref.ID]; ok {
			out = append(out, item)
		}
	}
	return out, nil
}

// others are the cards of what was found and is of other parts of Plaza, by id.
func (s *Section) others(tx *db.Tx, found search.Result) (map[string]plaza.Card, error) {
	out := map[string]plaza.Card{}
	refs := slices.DeleteFunc(refsOf(found), func(r plaza.Ref) bool { return slices.Contains(ownKinds, r.Kind) })
	if len(refs) == 0 || s.Cards == nil {
		return out, nil
	}
	cards, err := s.Cards(tx, refs)
	for ref, c := range cards {
		if c.Visible {
			out[ref.ID] = c
		}
	}
	return out, err
}

func institutionItem(l *i18n.Printer, i institution.Institution, match search.Match) web.DatasetItem {
	item := web.DatasetItem{Kind: l.T("catalog.kind.institution"), Title: i.Name, HTML: match.HTML(i.Name), Path: i.Path(),
		Excerpt: match.HTML(match.Snippet(i.Description, maxSummary))}
	item.Facts = append(item.Facts, web.ItemFact{Icon: "landmark", Text: l.T("institution.type." + i.Type)})
	if i.Acronym != "" {
		item.Facts = append(item.Facts, web.ItemFact{Label: l.T("catalog.fact.acronym"), Text: i.Acronym})
	}
	return item
}

func fillSearch(page *searchPage, ask asksFor, found, inside search.Result) {
	l := page.L
	page.Title = l.T("catalog.search.title")
	if ask.q != "" {
		page.Title = l.T("catalog.search.title.q", "q", ask.q)
	}
	page.Page.Description = l.T("catalog.search.lead")
	page.SearchText, page.NoIndex, page.Canonical = ask.q, ask.q != "", ask.path()
	page.Count = l.T("catalog.search.count", "count", found.Total)
	if ask.kind == "" && inside.Total > len(inside.Hits) {
		page.AllTables = &web.NavLink{Label: l.T("catalog.search.tables.all", "count", inside.Total), Path: asksFor{q: ask.q, kind: KindResource}.path()}
	}
	counts := kindCounts(ask, found, inside)
	total := 0
	for kind, n := range counts {
		if kind != KindResource || ask.tables() && ask.kind == "" {
			total += n
		}
	}
	page.Kinds = append(page.Kinds, kindLink{web.NavLink{Label: l.T("catalog.search.kind.all"), Path: asksFor{q: ask.q}.path(), Current: ask.kind == ""}, l.Number(total)})
	for _, kind := range searchKinds {
		n, ok := counts[kind]
		if !ok {
			continue
		}
		if kind == KindDataset && ask.q != "" {
			page.Narrow = listPath(filter{Q: ask.q})
		}
		page.Kinds = append(page.Kinds, kindLink{web.NavLink{Label: l.T("catalog.search.kind." + kind),
			Path: asksFor{q: ask.q, kind: kind}.path(), Current: ask.kind == kind}, l.Number(n)})
	}
	if c := found.DidYouMean; c != nil {
		page.DidYouMean = &web.NavLink{Label: c.Text, Path: asksFor{q: c.Text, kind: ask.kind}.path()}
	}
	page.Pager = web.NewPager(l, ask.page, min(maxPage, (found.Total+pageSize-1)/pageSize), func(p int) string {
		return asksFor{ask.q, ask.kind, p}.path()
	})
}

// suggestion is one line under the search box while somebody types.
type suggestion struct {
	Text string `json:"text"`
	Kind string `json:"kind"`
	Path string `json:"path"`
}

func (s *Section) suggest(w http.ResponseWriter, r *http.Request) error {
	l := s.shell.Printer(r)
	out := []suggestion{}
	if q := web.QueryText(r, "q", maxSearchFor); q != "" {
		found, err := s.Search.Search(search.Query{Text: q, AsYouType: true, Limit: suggestions,
			Filters: map[string][]string{search.KindFacet: ownKinds}})
		if err != nil {
			return fmt.Errorf("suggesting: %w", err)
		}
		var cards map[plaza.Ref]plaza.Card
		if err := s.read(r.Context(), func(tx *db.Tx) (err error) {
			cards, err = Cards(tx, refsOf(found))
			return err
		}); err != nil {
			return err
		}
		for _, h := range found.Hits {
			if c, ok := cards[h.Ref]; ok {
				out = append(out, suggestion{c.Title, l.T("catalog.kind." + h.Ref.Kind), c.Path})
			}
		}
		tables, err := s.suggestTables(r, l, q, suggestions-len(out))
		if err != nil {
			return err
		}
		out = append(out, tables...)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(out)
}

func refsOf(found search.Result) []plaza.Ref {
	refs := make([]plaza.Ref, len(found.Hits))
	for i, h := range found.Hits {
		refs[i] = h.Ref
	}
	return refs
}
