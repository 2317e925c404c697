package cases

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/api"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// How much lists show.
const (
	shownCases  = 25
	shownInFoot = 5
	maxChoices  = 1000 // institutions, or themes, of the form
)

// casesPage is a public list of cases.
type casesPage struct {
	web.Page
	Heading string
	Lead    string
	Action  string
	Fields  []web.Field
	Keep    []web.Option // what the form keeps: the order and what it has no field for
	Folded  bool         // nothing is chosen: the form is folded away
	Chips   []chip
	Clear   string
	Count   string
	Sorts   []web.NavLink
	Items   []web.DatasetItem
	Pager   web.Pager
	Empty   *web.Empty
	Feed    string
	CSV     string
}

func (cs *Cases) listCases(list listing) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		page := &casesPage{Page: cs.shell.Page(r, "")}
		a := readAsk(list, r.URL)
		if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error { return cs.fillList(tx, page, a) }); err != nil {
			return err
		}
		return cs.shell.Render(w, r, http.StatusOK, "cases/list", page)
	}
}

// fillList reads one page of a list and draws it.
func (cs *Cases) fillList(tx *db.Tx, page *casesPage, a ask) error {
	l := page.L
	bodies, err := a.named(tx)
	if err != nil {
		return err
	}
	order := orders[a.Order]
	found, err := List(tx, a.filter(bodies), order, placeIn(a.After), shownCases+1)
	if err != nil {
		return err
	}
	total, err := Count(tx, a.filter(bodies))
	if err != nil {
		return err
	}
	if len(found) > shownCases {
		found = found[:shownCases]
		cursor, err := api.NewCursor(KeyOf(found[shownCases-1], order))
		if err != nil {
			return err
		}
		page.Pager = web.Pager{L: l, Next: further(a.path(""), cursor)}
	}
	if a.After != "" {
		page.Pager.L, page.Pager.Prev = l, a.path("") // where it begins
	}
	if page.Items, err = cs.items(tx, page.Page, found); err != nil {
		return err
	}
	page.head(a, total)
	return cs.choices(tx, page, a, bodies)
}

// head fills in what stands around a list.
func (p *casesPage) head(a ask, total int) {
	l, key := p.L, "cases."+a.list.Name
	p.Title, p.Heading, p.Lead = l.T(key+".title"), l.T(key+".title"), l.T(key+".lead")
	p.Description, p.Canonical = p.Lead, a.path("")
	p.NoIndex = len(a.values()) > 1 || a.After != ""
	p.Action, p.Folded = a.list.Path, !a.narrowed()
	if a.narrowed() {
		p.Clear = a.list.Path
	}
	p.Count = totalWords(l, total)
	for _, name := range []string{"", "vencen", "apoyadas"} {
		b := a
		b.Order, b.After = name, ""
		p.Sorts = append(p.Sorts, web.NavLink{Label: l.T("cases.sort." + string(orders[name])), Path: b.path(""), Current: a.Order == name})
	}
	p.Feed, p.CSV = a.path(".atom"), a.path(".csv")
	p.Alternates = []web.Alternate{{Type: atomType, Path: p.Feed, Title: p.Heading}, {Type: "text/csv", Path: p.CSV, Title: p.Heading}}
	if len(p.Items) > 0 {
		return
	}
	p.Empty = &web.Empty{Title: l.T("cases.list.none"), Text: l.T("cases.list.none.text"), Links: []web.NavLink{{Label: l.T("cases.ask"), Path: "/consultas/nueva", Icon: "circle-question-mark"}}}
	if a.narrowed() || a.Order != "" {
		p.Empty.Links = append(p.Empty.Links, web.NavLink{Label: l.T("cases.list.all"), Path: a.list.Path, Icon: "list"})
	}
}

// totalWords are how many there are, up to where it is counted.
func totalWords(l *i18n.Printer, n int) string {
	if n > MaxTotal {
		return l.T("cases.list.more", "count", MaxTotal)
	}
	return l.T("cases.list.count", "count", n)
}

// choices fills in the form and the chips.
func (cs *Cases) choices(tx *db.Tx, page *casesPage, a ask, named map[string]institution.Institution) error {
	ids, err := loose(tx, `cases`, `institution`, `standing = 'public'`)
	if err != nil {
		return err
	}
	central := slices.Contains(ids, "")
	byID, err := institution.ByIDs(tx, slices.DeleteFunc(ids, func(id string) bool { return id == "" }))
	if err != nil {
		return err
	}
	for _, i := range named {
		byID[i.ID] = i
	}
	var owners []institution.Institution
	for _, i := range byID {
		owners = append(owners, i)
	}
	slices.SortFunc(owners, func(a, b institution.Institution) int { return strings.Compare(text.Fold(a.Name), text.Fold(b.Name)) })
	themes, err := loose(tx, `case_themes`, `theme`, `theme <> '' AND standing = 'public'`)
	if err != nil {
		return err
	}
	for _, t := range a.Themes {
		if !slices.Contains(themes, t) {
			themes = append(themes, t)
		}
	}
	titles, err := cs.titlesOf(tx, a)
	if err != nil {
		return err
	}
	page.Fields = a.fields(page.L, owners, central, themes)
	for _, keep := range []web.Option{{Label: "orden", Value: a.Order}, {Label: "conjunto", Value: a.Dataset}, {Label: "recurso", Value: a.Resource}, {Label: "mes", Value: a.Month}} {
		if keep.Value != "" {
			page.Keep = append(page.Keep, keep)
		}
	}
	page.Chips = a.chips(page.L, named, titles)
	return nil
}

// titlesOf are the titles of the things that a list is narrowed to, as far as everybody
// sees them.
func (cs *Cases) titlesOf(tx *db.Tx, a ask) (map[plaza.Ref]string, error) {
	out, objects := map[plaza.Ref]string{}, a.objects()
	if len(objects) == 0 || cs.Cards == nil {
		return out, nil
	}
	refs := make([]plaza.Ref, len(objects))
	for i, o := range objects {
		refs[i] = o.ref
	}
	cards, err := cs.Cards(tx, refs)
	for ref, k := range cards {
		if k.Visible {
			out[ref] = k.Title
		}
	}
	return out, err
}

// loose are the values that an indexed column has: one look-up for each, however many rows
// have it.
func loose(tx *db.Tx, table, column, where string) ([]string, error) {
	return db.All(tx, db.Column[string], `WITH RECURSIVE v (value) AS (
			SELECT MIN(`+column+`) FROM `+table+` WHERE `+where+`
			UNION ALL
			SELECT (SELECT MIN(`+column+`) FROM `+table+` WHERE `+where+` AND `+column+` > v.value) FROM v WHERE v.value IS NOT NULL
		)
		SELECT value
		FROM v
		WHERE value IS NOT NULL
		LIMIT $1`, maxChoices)
}

// placeIn reads a place in a list; what is no place is the beginning.
func placeIn(cursor string) (k Key) {
	if cursor == "" || api.ReadCursor(cursor, &k) != nil {
		return Key{}
	}
	return k
}

// further is a path from a place on.
func further(path, cursor string) string {
	if strings.Contains(path, "?") {
		return path + "&desde=" + cursor
	}
	return path + "?desde=" + cursor
}

// items are cases as lists show them.
func (cs *Cases) items(tx *db.Tx, p web.Page, list []Case) ([]web.DatasetItem, error) {
	owners, err := ownersOf(tx, list)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	clocks, err := Clocks(tx, ids...)
	if err != nil {
		return nil, err
	}
	words := clockWriter{l: p.L, now: p.Now}
	out := make([]web.DatasetItem, len(list))
	for i, c := range list {
		if out[i], err = item(tx, &words, c, owners[c.Institution], clocks[c.ID]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ownersOf are who has to answer cases.
func ownersOf(tx *db.Tx, list []Case) (map[string]institution.Institution, error) {
	var ids []string
	for _, c := range list {
		if c.Institution != "" && !slices.Contains(ids, c.Institution) {
			ids = append(ids, c.Institution)
		}
	}
	return institution.ByIDs(tx, ids)
}

// item is a case in a list.
func item(tx *db.Tx, words *clockWriter, c Case, owner institution.Institution, clocks []Clock) (web.DatasetItem, error) {
	l := words.l
	it := web.DatasetItem{Kind: l.T("cases.kind." + string(c.Kind)), Title: c.Title, Path: c.Path(), Summary: excerpt(c.Body, maxSummary)}
	it.Badges = append(it.Badges, stateBadge(l, c))
	if c.Outcome != "" {
		it.Badges = append(it.Badges, web.Badge{Text: l.T("cases.outcome." + string(c.Outcome))})
	}
	it.Facts = append(it.Facts, web.ItemFact{Icon: "landmark", Label: l.T("cases.filter.institucion"), Text: ownerWords(l, owner)},
		web.ItemFact{Icon: "hash", Label: l.T("cases.folio"), Text: c.Folio},
		web.ItemFact{Icon: "calendar", Text: inZone(l, owner).Date(c.Asked), Time: c.Asked.UTC().Format("2006-01-02")})
	if c.Supports > 0 {
		it.Facts = append(it.Facts, web.ItemFact{Icon: "users", Text: l.T("cases.support.count", "count", c.Supports)})
	}
	t := teller{all: &loaded{clocks: clocks}}
	k, ok := t.last()
	if !ok || !c.Owed() {
		return it, nil
	}
	by, err := words.business(tx, k)
	if err != nil {
		return it, err
	}
	tone, said := words.say(l.In(by.Zone), c, k, by)
	it.Badges = append(it.Badges, web.Badge{Tone: tone, Text: said, Icon: "clock"})
	return it, nil
}

// maxSummary is how much of a case a list shows, in letters.
const maxSummary = 220

// footView is what the page of an institution says of its cases.
type footView struct {
	web.Page
	Heading string
	Items   []web.DatasetItem
	Count   string
	All     string
	Ask     string
}

// Foot draws for the end of a page the open cases of an institution, the soonest due first, or
// what was said of a tool, the latest first; of anything else it draws nothing. It runs a
// bounded number of statements.
func (cs *Cases) Foot(tx *db.Tx, page web.Page, object plaza.Card) (template.HTML, error) {
	if object.Ref.Kind == aboutTool && object.Visible {
		return cs.reported(tx, page, object.Ref)
	}
	if object.Ref.Kind != institution.Kind || !object.Visible {
		return "", nil
	}
	i, err := institution.ByID(tx, object.Ref.ID)
	if err != nil {
		return "", err
	}
	f := Filter{Bodies: []string{i.ID}, Waiting: true}
	list, err := List(tx, f, ByDue, Key{}, shownInFoot)
	if err != nil {
		return "", err
	}
	n, err := Count(tx, f)
	if err != nil {
		return "", err
	}
	view := footView{Page: page, Heading: page.L.T("cases.foot.title"), All: ask{list: allCases, Bodies: []string{i.Slug}}.path(""), Ask: "/consultas/nueva?institucion=" + i.Slug}
	view.Count = totalWords(page.L, n)
	if n <= MaxTotal {
		view.Count = page.L.T("cases.foot.count", "count", n)
	}
	view.Items, err = cs.items(tx, page, list)
	if err != nil {
		return "", err
	}
	return cs.shell.Fragment("cases/foot", view)
}

// reported draws the cases about a tool, "" where there are none.
func (cs *Cases) reported(tx *db.Tx, page web.Page, ref plaza.Ref) (template.HTML, error) {
	list, err := List(tx, Filter{On: ref}, Newest, Key{}, shownInFoot)
	if err != nil || len(list) == 0 {
		return "", err
	}
	view := footView{Page: page, Heading: page.L.T("cases.foot.reported")}
	if view.Items, err = cs.items(tx, page, list); err != nil {
		return "", err
	}
	return cs.shell.Fragment("cases/foot", view)
}
