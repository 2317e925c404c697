package screen

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"plaza/internal/base/api"
	"plaza/internal/base/atom"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/tabular/place"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
	"plaza/internal/section/tool/spec"
)

// shown is how many tools a page of the gallery has.
const shown = 24

// mostSummary is how many letters of a summary a list shows.
const mostSummary = 110

// mostChoices of a filter are offered.
const mostChoices = 40

// galleryPage is the list of tools.
type galleryPage struct {
	web.Page
	Count  string
	Facets []web.FacetGroup
	Sorts  []web.NavLink
	Chips  []chip
	Items  []web.ToolItem
	Pager  web.Pager
	Empty  *web.Empty
	New    string
	Feed   string
}

// asked is what an address asks of the gallery.
type asked struct {
	filter tool.Filter
	sort   tool.Sort
	query  url.Values
	labels map[string]string // of what is chosen, by parameter
}

// ask reads an address. What it names that is not there is NotFound.
func (p *Pages) ask(tx *db.Tx, l *i18n.Printer, r *http.Request) (a asked, err error) {
	a = asked{sort: tool.FeaturedTop, query: url.Values{}, labels: map[string]string{}}
	take := func(name string, max int, use func(v string) string) {
		if v := web.QueryText(r, name, max); v != "" {
			if label := use(v); label != "" {
				a.query.Set(name, v)
				a.labels[name] = label
			}
		}
	}
	for _, k := range spec.Kinds {
		take("tipo", 40, func(v string) string {
			if v != string(k) {
				return a.labels["tipo"]
			}
			a.filter.Kind = k
			return l.T("tool.kind." + v)
		})
	}
	take("tema", 200, func(v string) string { a.filter.Theme = v; return v })
	take("lugar", 2, func(v string) string {
		name, ok := place.State(v)
		if ok {
			a.filter.Place = v
		}
		return name
	})
	take("institucion", 100, func(v string) string {
		one, e := institution.BySlug(tx, v)
		if e != nil {
			err = e
			return ""
		}
		a.filter.Institution = one.ID
		return one.Name
	})
	take("conjunto", 40, func(v string) string {
		a.filter.Dataset = v
		titles, e := p.titles(tx, v)
		if e != nil {
			err = e
		}
		return cmp.Or(titles[v], l.T("tool.filter.dataset"))
	})
	take("recurso", 40, func(v string) string { a.filter.Resource = v; return l.T("tool.filter.resource") })
	take("columna", 300, func(v string) string { a.filter.Column = v; return v })
	take("oficial", 2, func(string) string { a.filter.Official = true; return l.T("tool.official") })
	take("viva", 2, func(string) string { a.filter.Alive = true; return l.T("tool.alive") })
	take("destacada", 2, func(string) string { a.filter.Featured = true; return l.T("tool.featured") })
	for _, s := range tool.Sorts {
		if r.URL.Query().Get("orden") == string(s) && s != tool.FeaturedTop {
			a.sort = s
			a.query.Set("orden", string(s))
		}
	}
	return a, err
}

// set is the address with a parameter, or without it when the value is "".
func (a asked) set(name, value string) string {
	q := url.Values{}
	for k, list := range a.query {
		q[k] = list
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	return with(tool.Path, q)
}

func (p *Pages) gallery(w http.ResponseWriter, r *http.Request) error {
	page := &galleryPage{Page: p.shell.Page(r, p.shell.Printer(r).T("tool.title"))}
	l := page.L
	page.Description = l.T("tool.lead")
	page.New = tool.MinePath + "/nueva"
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		a, err := p.ask(tx, l, r)
		if err != nil {
			return err
		}
		var after tool.Key
		if c := r.URL.Query().Get("desde"); c != "" && api.ReadCursor(c, &after) != nil {
			after = tool.Key{}
		}
		page.Canonical, page.Feed = with(tool.Path, a.query), with(tool.Path+"/atom.xml", a.query)
		page.NoIndex = after.ID != ""
		page.Alternates = []web.Alternate{{Type: atom.Type, Path: page.Feed, Title: l.T("tool.feed")}}
		for _, name := range []string{"tipo", "tema", "lugar", "institucion", "conjunto", "recurso", "columna", "oficial", "viva", "destacada"} {
			if label := a.labels[name]; label != "" {
				page.Chips = append(page.Chips, chip{Text: label, Path: a.set(name, "")})
			}
		}
		for _, s := range tool.Sorts {
			to := string(s)
			if s == tool.FeaturedTop {
				to = ""
			}
			page.Sorts = append(page.Sorts, web.NavLink{Label: l.T("tool.sort." + string(s)), Path: a.set("orden", to), Current: a.sort == s})
		}
		return p.fill(tx, page, a, after)
	}); err != nil {
		return err
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("tool.none"), Text: l.T("tool.none.text"), Links: []web.NavLink{{Label: l.T("tool.new"), Path: page.New}}}
	}
	return p.shell.Render(w, r, http.StatusOK, "tool/gallery", page)
}

// fill reads the gallery: three statements for its tools and their owners, four for what
// one can choose.
func (p *Pages) fill(tx *db.Tx, page *galleryPage, a asked, after tool.Key) error {
	l := page.L
	n, err := tool.Count(tx, a.filter)
	if err != nil {
		return err
	}
	page.Count = l.T("tool.count", "count", n)
	list, err := tool.List(tx, a.filter, a.sort, after, shown+1)
	if err != nil {
		return err
	}
	page.Pager.L = l
	if len(list) > shown {
		list = list[:shown]
		cursor, err := api.NewCursor(tool.KeyOf(list[shown-1], a.sort))
		if err != nil {
			return err
		}
		page.Pager.Next = a.set("desde", cursor)
	}
	if page.Items, err = Items(tx, l, p.Names, list); err != nil {
		return err
	}
	return p.facets(tx, page, a)
}

// Items are tools as lists show them; names are what people call themselves.
func Items(tx *db.Tx, l *i18n.Printer, names func(*db.Tx, []string) (map[string]string, error), list []tool.Tool) ([]web.ToolItem, error) {
	var people, bodies []string
	for _, t := range list {
		if t.Institution != "" {
			bodies = append(bodies, t.Institution)
		} else if t.Owner != "" {
			people = append(people, t.Owner)
		}
	}
	called, err := names(tx, people)
	if err != nil {
		return nil, err
	}
	owners, err := institution.ByIDs(tx, bodies)
	if err != nil {
		return nil, err
	}
	out := make([]web.ToolItem, len(list))
	for i, t := range list {
		one := web.ToolItem{Title: t.Title, Path: t.Path(), Summary: text.Excerpt(t.Summary, mostSummary), Kind: l.T("tool.kind." + string(t.Kind)), By: cmp.Or(called[t.Owner], l.T("tool.by.gone")), When: l.Date(t.Published), ISO: l.ISO(t.Published)}
		one.Picture, one.Night = smallOf(t)
		if t.Language != l.Lang()[:2] {
			one.Lang = t.Language
		}
		if t.Official() {
			one.By = owners[t.Institution].Name
			one.Badges = append(one.Badges, web.Badge{Tone: web.Good, Icon: "badge-check", Text: l.T("tool.official")})
		}
		if !t.Featured.IsZero() {
			one.Badges = append(one.Badges, web.Badge{Tone: web.Info, Icon: "star", Text: l.T("tool.featured")})
		}
		switch {
		case t.Address.Broken():
			one.Badges = append(one.Badges, web.Badge{Tone: web.Warning, Icon: "triangle-alert", Text: l.T("tool.broken.since", "date", t.Address.Failing)})
		case !t.Alive():
			one.Badges = append(one.Badges, web.Badge{Tone: web.Warning, Icon: "triangle-alert", Text: l.T("tool.outdated")})
		}
		out[i] = one
	}
	return out, nil
}

// facets are what one can choose.
func (p *Pages) facets(tx *db.Tx, page *galleryPage, a asked) error {
	l := page.L
	group := func(name, title string, list []tool.Counted, label func(v string) (value, text string)) {
		g := web.FacetGroup{L: l, Name: name, Title: l.T(title)}
		for _, c := range list {
			value, text := label(c.Value)
			if text == "" {
				continue
			}
			o := web.FacetOption{Label: text, Count: c.Count, Path: a.set(name, value), Chosen: a.query.Get(name) == value}
			if o.Chosen {
				o.Path = a.set(name, "")
			}
			g.Options = append(g.Options, o)
		}
		if len(g.Options) > 0 {
			page.Facets = append(page.Facets, g)
		}
	}
	same := func(v string) (string, string) { return v, v }
	kinds, err := tool.Kinds(tx)
	if err != nil {
		return err
	}
	group("tipo", "tool.filter.kind", kinds, func(v string) (string, string) { return v, l.T("tool.kind." + v) })
	themes, err := tool.Themes(tx, mostChoices)
	if err != nil {
		return err
	}
	group("tema", "tool.filter.theme", themes, same)
	bodies, err := tool.Institutions(tx, mostChoices)
	if err != nil {
		return err
	}
	ids := make([]string, len(bodies))
	for i, b := range bodies {
		ids[i] = b.Value
	}
	known, err := institution.ByIDs(tx, ids)
	if err != nil {
		return err
	}
	group("institucion", "tool.institution", bodies, func(v string) (string, string) { return known[v].Slug, known[v].Name })
	datasets, err := tool.Datasets(tx, mostChoices)
	if err != nil {
		return err
	}
	ids = ids[:0]
	for _, d := range datasets {
		ids = append(ids, d.Value)
	}
	titles, err := p.titles(tx, ids...)
	if err != nil {
		return err
	}
	group("conjunto", "tool.filter.datasets", datasets, func(v string) (string, string) { return v, titles[v] })
	places, err := tool.Places(tx, mostChoices)
	if err != nil {
		return err
	}
	group("lugar", "tool.filter.place", places, func(v string) (string, string) {
		name, _ := place.State(v)
		return v, name
	})
	more := web.FacetGroup{L: l, Name: "mas", Title: l.T("tool.filter.more")}
	for _, one := range []struct {
		name, key string
		f         tool.Filter
	}{{"oficial", "tool.official", tool.Filter{Official: true}}, {"destacada", "tool.featured", tool.Filter{Featured: true}}, {"viva", "tool.alive", tool.Filter{Alive: true}}} {
		n, err := tool.Count(tx, one.f)
		if err != nil {
			return err
		}
		o := web.FacetOption{Label: l.T(one.key), Count: n, Path: a.set(one.name, "si"), Chosen: a.query.Get(one.name) != ""}
		if o.Chosen {
			o.Path = a.set(one.name, "")
		}
		more.Options = append(more.Options, o)
	}
	page.Facets = append(page.Facets, more)
	return nil
}

// titles are those of datasets that everybody may see, by id.
func (p *Pages) titles(tx *db.Tx, ids ...string) (map[string]string, error) {
	refs := make([]plaza.Ref, len(ids))
	for i, id := range ids {
		refs[i] = plaza.Ref{Kind: tool.KindDataset, ID: id}
	}
	cards, err := p.Cards(tx, refs)
	out := map[string]string{}
	for ref, c := range cards {
		if c.Visible {
			out[ref.ID] = c.Title
		}
	}
	return out, err
}

// mostFed tools are in the feed.
const mostFed = 50

func (p *Pages) feed(w http.ResponseWriter, r *http.Request) error {
	l := p.shell.Printer(r)
	f := atom.Feed{Lang: l.Lang(), Title: l.T("tool.feed"), Subtitle: l.T("tool.lead"), Self: p.shell.URL(r.URL.RequestURI()), Page: p.shell.URL(tool.Path)}
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		a, err := p.ask(tx, l, r)
		if err != nil {
			return err
		}
		list, err := tool.List(tx, a.filter, tool.Newest, tool.Key{}, mostFed)
		if err != nil {
			return err
		}
		items, err := Items(tx, l, p.Names, list)
		for i, t := range list {
			f.Entries = append(f.Entries, atom.Entry{ID: "urn:uuid:" + t.ID, Title: t.Title, HTML: string(text.Markdown(t.Summary)), Link: p.shell.URL(t.Path()), Author: items[i].By, Published: t.Published, Updated: t.Modified})
		}
		return err
	}); err != nil {
		return err
	}
	return atom.Write(w, f)
}

// versionsPage is what was published of a tool.
type versionsPage struct {
	web.Page
	Tool  string
	Items []versionItem
	Pager web.Pager
}

type versionItem struct{ Title, Number, Note, When, ISO string }

func (p *Pages) versions(w http.ResponseWriter, r *http.Request) error {
	page := &versionsPage{Page: p.shell.Page(r, "")}
	l := page.L
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		t, _, err := p.found(tx, r)
		if err != nil {
			return err
		}
		page.Title, page.Tool = l.T("tool.versions.title", "title", t.Title), t.Title
		page.Description = l.T("tool.versions.about", "title", t.Title)
		page.Crumbs = []web.Crumb{{Title: l.T("tool.title"), Path: tool.Path}, {Title: t.Title, Path: t.Path()}}
		before := web.QueryNumber(r.URL, "antes", 0, 1<<30)
		list, err := tool.Versions(tx, t.ID, before, shown+1)
		if err != nil {
			return err
		}
		page.Pager.L = l
		if len(list) > shown {
			list = list[:shown]
			page.Pager.Next = t.Path() + "/versiones?antes=" + strconv.Itoa(list[shown-1].Number)
		}
		for _, v := range list {
			page.Items = append(page.Items, versionItem{Title: v.Title, Number: strconv.Itoa(v.Number), Note: v.Note, When: l.DateTime(v.At), ISO: l.ISO(v.At)})
		}
		return nil
	}); err != nil {
		return err
	}
	return p.shell.Render(w, r, http.StatusOK, "tool/versions", page)
}
