package forum

import (
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"plaza/internal/base/api"
	"plaza/internal/base/atom"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// Point is where personal data is collected: the notice of the form.
const Point = "forum"

// purpose is what the form's hidden fields are sealed for.
const purpose = "forum"

// shown is how many threads a page of the list has.
const shown = 25

// Mount registers the pages.
func (f *Forum) Mount(shell *web.Shell) error {
	f.shell = shell
	if err := shell.Templates("forum", templates, web.Pages{"list": listPage{}, "new": newPage{}, "thread": threadPage{}, "offer": offerPage{}}); err != nil {
		return fmt.Errorf("the forum's templates: %w", err)
	}
	public := func(name string) web.Route {
		return web.Route{Name: "forum." + name, Action: string(access.ForumRead), Cache: web.Public}
	}
	private := web.Route{Name: "forum.new", Action: string(access.ForumWrite), Cache: web.Private, MaxBody: 256 << 10}
	feed := public("feed")
	feed.Open = true
	shell.Handle("GET "+Path, public("list"), f.list)
	shell.Handle("GET "+Path+"/atom.xml", feed, f.feed)
	shell.Handle("GET "+Path+"/nuevo", private, f.ask)
	private.Name = "forum.open"
	shell.Handle("POST "+Path+"/nuevo", private, f.open)
	shell.Handle("GET "+Path+"/{thread}", public("thread"), f.thread)
	shell.Nav(web.Item{Key: "forum.nav", Path: Path, Icon: "message-circle"})
	return nil
}

// listPage is the forum.
type listPage struct {
	web.Page
	Count  string
	New    string // path of the form, with the institution and theme that are chosen
	Closed bool
	Fields []web.Field // the filters
	Items  []web.DatasetItem
	Pager  web.Pager
	Empty  *web.Empty
	Feed   string
}

// chosen is what the address asks for.
func chosen(tx *db.Tx, r *http.Request) (f Filter, query url.Values, err error) {
	query = url.Values{}
	if slug := web.QueryText(r, "institucion", 100); slug != "" {
		i, err := institution.BySlug(tx, slug)
		if err != nil {
			return f, query, err
		}
		f.Institution = i.ID
		query.Set("institucion", i.Slug)
	}
	if f.Theme = web.QueryText(r, "tema", maxTheme); f.Theme != "" {
		query.Set("tema", f.Theme)
	}
	return f, query, nil
}

// with is a path with a query, when there is one.
func with(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func (f *Forum) list(w http.ResponseWriter, r *http.Request) error {
	page := &listPage{Page: f.shell.Page(r, f.shell.Printer(r).T("forum.title"))}
	l := page.L
	page.Description = l.T("forum.lead")
	if err := f.DB.Read(r.Context(), func(tx *db.Tx) error {
		filter, query, err := chosen(tx, r)
		if err != nil {
			return err
		}
		var after Key
		if c := r.URL.Query().Get("desde"); c != "" && api.ReadCursor(c, &after) != nil {
			after = Key{}
		}
		n, err := count(tx, filter)
		if err != nil {
			return err
		}
		found, err := list(tx, filter, after, shown+1)
		if err != nil {
			return err
		}
		page.Pager.L = l
		if len(found) > shown {
			found = found[:shown]
			cursor, err := api.NewCursor(Key{found[shown-1].Created, found[shown-1].ID})
			if err != nil {
				return err
			}
			next := url.Values{"desde": {cursor}}
			for k, v := range query {
				next[k] = v
			}
			page.Pager.Next = with(Path, next)
		}
		page.Canonical, page.Count = with(Path, query), l.T("forum.count", "count", n)
		page.New, page.Feed = with(Path+"/nuevo", query), with(Path+"/atom.xml", query)
		page.Alternates = []web.Alternate{{Type: atom.Type, Path: page.Feed, Title: l.T("forum.feed")}}
		page.Closed = page.Page.Closed(string(access.ForumWrite))
		page.NoIndex = after.ID != ""
		if page.Fields, err = f.choices(tx, l, query.Get("institucion"), filter.Theme, "forum.any"); err != nil {
			return err
		}
		page.Items, err = f.items(tx, l, found)
		return err
	}); err != nil {
		return err
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("forum.none"), Text: l.T("forum.none.text")}
	}
	return f.shell.Render(w, r, http.StatusOK, "forum/list", page)
}

// items draws threads: one statement for their beginnings, one for how much was answered,
// one for the institutions.
func (f *Forum) items(tx *db.Tx, l *i18n.Printer, found []Thread) ([]web.DatasetItem, error) {
	var ids, bodies []string
	for _, t := range found {
		ids = append(ids, t.Comment)
		if t.Institution != "" {
			bodies = append(bodies, t.Institution)
		}
	}
	owners, err := institution.ByIDs(tx, bodies)
	if err != nil {
		return nil, err
	}
	begun, err := comment.ByIDs(tx, ids)
	if err != nil {
		return nil, err
	}
	answers, err := comment.Answers(tx, ids)
	if err != nil {
		return nil, err
	}
	begin := map[string]string{}
	for _, c := range begun {
		begin[c.ID] = text.Excerpt(text.PlainText(c.Body), 220)
	}
	out := make([]web.DatasetItem, len(found))
	for i, t := range found {
		o := web.DatasetItem{Title: t.Title, Path: t.Path(), Summary: begin[t.Comment]}
		if b := owners[t.Institution]; b.ID != "" {
			o.Facts = append(o.Facts, web.ItemFact{Icon: "landmark", Label: l.T("forum.institution"), Text: b.Name, Link: b.Path()})
		}
		if t.Theme != "" {
			o.Facts = append(o.Facts, web.ItemFact{Icon: "tag", Label: l.T("forum.theme"), Text: t.Theme, Link: with(Path, url.Values{"tema": {t.Theme}})})
		}
		o.Facts = append(o.Facts, web.ItemFact{Icon: "message-circle", Label: l.T("forum.answers"), Text: l.T("forum.answers.count", "count", answers[t.Comment])},
			web.ItemFact{Icon: "calendar", Label: l.T("forum.since"), Text: l.Date(t.Created), Time: l.ISO(t.Created)})
		out[i] = o
	}
	return out, nil
}

// choices are the institution and the theme of a thread; none is the key of the word for
// neither.
func (f *Forum) choices(tx *db.Tx, l *i18n.Printer, slug, theme, none string) ([]web.Field, error) {
	bodies, err := institution.Going(tx)
	if err != nil {
		return nil, err
	}
	themes, err := f.Themes(tx)
	if err != nil {
		return nil, err
	}
	body := web.Field{L: l, Name: "institucion", Type: "select", Label: l.T("forum.institution"), Value: slug, Optional: true, Options: []web.Option{{Label: l.T(none)}}}
	for _, b := range bodies {
		body.Options = append(body.Options, web.Option{Value: b.Slug, Label: b.Name})
	}
	of := web.Field{L: l, Name: "tema", Type: "select", Label: l.T("forum.theme"), Value: theme, Optional: true, Options: []web.Option{{Label: l.T(none)}}}
	for _, t := range themes {
		of.Options = append(of.Options, web.Option{Value: t, Label: t})
	}
	return []web.Field{body, of}, nil
}

// newPage is the form for a thread.
type newPage struct {
	web.Page
	Notice  *web.Notice
	Nonce   string
	Fields  []web.Field
	Gate    gate.Fields
	Privacy privacy.Said
	Ask     string // path of the form for a question with a term
}

// Errors is what is wrong with the form.
func (p newPage) Errors() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

// typed is what somebody has written so far.
type typed struct {
	Draft
	slug  string // of the institution
	wrong map[string]string
}

func (f *Forum) ask(w http.ResponseWriter, r *http.Request) error {
	return f.drawForm(w, r, http.StatusOK, typed{Draft: Draft{Theme: web.QueryText(r, "tema", maxTheme), Nonce: rand.Text()}, slug: web.QueryText(r, "institucion", 100)}, nil)
}

func (f *Forum) drawForm(w http.ResponseWriter, r *http.Request, status int, was typed, why *web.Notice) error {
	page := &newPage{Page: f.shell.Page(r, f.shell.Printer(r).T("forum.new")), Notice: why, Nonce: was.Nonce}
	l := page.L
	page.NoIndex, page.Canonical = true, Path+"/nuevo"
	page.Crumbs = []web.Crumb{{Title: l.T("forum.title"), Path: Path}}
	page.Ask = "/consultas/nueva"
	if err := f.DB.Read(r.Context(), func(tx *db.Tx) error {
		choices, err := f.choices(tx, l, was.slug, was.Theme, "forum.nobody")
		page.Fields = append([]web.Field{{L: l, Name: "titulo", Label: l.T("forum.field.title"), Value: was.Title, MaxLength: maxTitle}}, choices...)
		page.Fields = append(page.Fields, web.Field{L: l, Name: "texto", Type: "textarea", Rows: 8, Label: l.T("forum.field.text"), Value: was.Text, MaxLength: comment.MaxLength})
		return err
	}); err != nil {
		return err
	}
	for i := range page.Fields {
		page.Fields[i].Error = was.wrong[page.Fields[i].Name]
	}
	page.Gate, page.Privacy = f.Gate.Fields(l, purpose, page.Now), privacy.Say(l, Point)
	return f.shell.Render(w, r, status, "forum/new", page)
}

// open takes a thread.
func (f *Forum) open(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	was := typed{Draft: Draft{Title: form.Value("titulo"), Theme: form.Value("tema"), Text: form.Value("texto"), Nonce: form.Value("unico")}, slug: form.Value("institucion")}
	if offered, err := f.offer(w, r, form, was); offered || err != nil {
		return err
	}
	var t Thread
	err = f.DB.Write(r.Context(), func(tx *db.Tx) error {
		d := was.Draft
		if was.slug != "" {
			i, err := institution.BySlug(tx, was.slug)
			if err != nil {
				return err
			}
			d.Institution = i.ID
		}
		from := comment.From{}
		if ip := f.shell.ClientIP(r); ip.IsValid() {
			from.Network = gate.Network(ip)
		}
		if from.Signals, err = f.Gate.Judge(tx, form, purpose); err != nil {
			return err
		}
		t, err = f.Open(tx, d, from)
		return err
	})
	if was.wrong = web.FieldErrors(f.shell.Printer(r), err); was.wrong != nil {
		if was.Nonce == "" {
			was.Nonce = rand.Text()
		}
		return f.drawForm(w, r, http.StatusUnprocessableEntity, was, nil)
	}
	if e, ok := errors.AsType[*plaza.Error](err); ok && (e.Kind == plaza.TooMany || e.Kind == plaza.Conflict) {
		return f.drawForm(w, r, web.StatusOf(err), was, &web.Notice{Tone: web.Warning, Text: f.shell.Printer(r).TMap(e.Key, e.Args), Live: true})
	}
	if err != nil {
		return err
	}
	to := t.Path()
	if t.Standing == moderation.Held {
		to = comment.OwnPath + "?hecho=espera#comentario-" + t.Comment
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// threadPage is a thread with all that is said in it.
type threadPage struct {
	web.Page
	Gone  bool // its beginning is hidden or was taken back
	Facts []web.Fact
	Head  []template.HTML
	Talk  template.HTML
}

func (f *Forum) thread(w http.ResponseWriter, r *http.Request) error {
	page := &threadPage{}
	if err := f.DB.Read(r.Context(), func(tx *db.Tx) error {
		t, err := bySlug(tx, r.PathValue("thread"))
		if err == nil && (t.Standing == moderation.Held || t.Standing == moderation.Refused) {
			err = plaza.E(plaza.NotFound, "forum.error.not_found")
		}
		if err != nil {
			return err
		}
		page.Page = f.shell.Page(r, t.Title)
		return f.fillThread(tx, page, t)
	}); err != nil {
		return err
	}
	return f.shell.Render(w, r, http.StatusOK, "forum/thread", page)
}

func (f *Forum) fillThread(tx *db.Tx, page *threadPage, t Thread) error {
	l := page.L
	cards, err := Cards(tx, []plaza.Ref{t.Ref()})
	if err != nil {
		return err
	}
	on := cards[t.Ref()]
	page.Gone, page.Canonical = !t.Public(), t.Path()
	page.NoIndex = page.Gone
	if page.Gone {
		page.Title, on.Visible = l.T("forum.gone"), false
	}
	page.Crumbs = []web.Crumb{{Title: l.T("forum.title"), Path: Path}}
	if on.OwnerPath != "" {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("forum.institution"), Text: on.Owner, Link: on.OwnerPath, Icon: "landmark"})
	}
	if t.Theme != "" {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("forum.theme"), Text: t.Theme, Link: with(Path, url.Values{"tema": {t.Theme}}), Icon: "tag"})
	}
	page.Facts = append(page.Facts, web.Fact{Label: l.T("forum.since"), Text: l.Date(t.Created), Time: l.ISO(t.Created), Icon: "calendar"})
	if f.Around != nil && !page.Gone {
		around, err := f.Around(tx, page.Page, on)
		if err != nil {
			return err
		}
		page.Head = around.Head
	}
	begun, err := comment.ByIDs(tx, []string{t.Comment})
	if err != nil {
		return err
	}
	if len(begun) == 1 && !page.Gone {
		page.Description = text.Excerpt(text.PlainText(begun[0].Body), 200)
	}
	page.Talk, err = f.Comments.Conversation(tx, page.Page, on, t.Comment)
	return err
}

// feed is the newest threads of a filter. People are not named in it.
func (f *Forum) feed(w http.ResponseWriter, r *http.Request) error {
	l := f.shell.Printer(r)
	var out atom.Feed
	if err := f.DB.Read(r.Context(), func(tx *db.Tx) error {
		filter, query, err := chosen(tx, r)
		if err != nil {
			return err
		}
		found, err := list(tx, filter, Key{}, 2*shown)
		if err != nil {
			return err
		}
		out = atom.Feed{Lang: l.Lang(), Title: l.T("forum.feed"), Author: l.T("forum.title"), Since: tx.Now,
			Self: f.shell.URL(with(Path+"/atom.xml", query)), Page: f.shell.URL(with(Path, query))}
		var ids []string
		for _, t := range found {
			ids = append(ids, t.Comment)
		}
		begun, err := comment.ByIDs(tx, ids)
		body := map[string]comment.Comment{}
		for _, c := range begun {
			body[c.ID] = c
		}
		for _, t := range found {
			c := body[t.Comment]
			out.Entries = append(out.Entries, atom.Entry{ID: "urn:uuid:" + t.ID, Title: t.Title, Updated: c.At, Published: t.Created, Author: l.T(account.Nobody),
				Link: f.shell.URL(t.Path()), HTML: string(text.Markdown(c.Body))})
		}
		return err
	}); err != nil {
		return err
	}
	return atom.Write(w, out)
}
