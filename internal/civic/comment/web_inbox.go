package comment

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

const centralPath = "/admin/comentarios"

// filters are what an inbox can show, in order.
var filters = []Filter{Waiting, Done, All, Mine}

// inboxPage is what was said about what an institution answers for.
type inboxPage struct {
	web.Page
	Lead    string
	Action  string // where marks are sent
	Show    Filter
	Done    *web.Notice
	Filters []filterLink
	Items   []inboxLine
	Pager   web.Pager
	Empty   *web.Empty
	MayMark bool
	body    string // whose inbox it is
	Feed    string
}

type filterLink struct {
	web.NavLink
	Count string
}

// Verb is what the button does: comments are taken as attended to, or that is taken back.
func (p *inboxPage) Verb() string {
	if p.Show == Waiting {
		return "atender"
	}
	return "reabrir"
}

// Marks reports whether there is a button: only what was marked can be taken back.
func (p *inboxPage) Marks() bool {
	return p.MayMark && slices.ContainsFunc(p.Items, func(l inboxLine) bool { return l.Markable })
}

// inboxLine is a comment in an inbox.
type inboxLine struct {
	line
	On, OnPath string
	Thread     string // the comment that it answers, or ""
	Age        string
	State      web.Badge
	Note       string // who attended to it, or where it came from
	Markable   bool
}

func (cs *Comments) inbox(w http.ResponseWriter, r *http.Request) error {
	page := &inboxPage{}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, err := cs.office.Page(tx, r, access.OfficeSee, cs.shell.Printer(r).T("comment.inbox"))
		if err != nil {
			return err
		}
		page.Page, page.Action = p.Page, institution.OfficePath+p.Institution.Slug+"/comentarios"
		page.Lead = page.L.T("comment.inbox.lead", "institution", p.Institution.Name)
		page.Feed = feedOf(p.Institution.Path())
		return cs.fillInbox(tx, page, r, p.Institution.ID)
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "comment/inbox", page)
}

// central is the inbox of what no institution answers for.
func (cs *Comments) central(w http.ResponseWriter, r *http.Request) error {
	page := &inboxPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("comment.inbox")), Action: centralPath}
	page.Lead = page.L.T("comment.inbox.central")
	page.Crumbs = []web.Crumb{{Title: page.L.T("comment.inbox.admin"), Path: "/admin"}}
	page.NoIndex = true
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error { return cs.fillInbox(tx, page, r, "") }); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "comment/inbox", page)
}

// fillInbox fills in what the address asks for.
func (cs *Comments) fillInbox(tx *db.Tx, page *inboxPage, r *http.Request, body string) error {
	l, q := page.L, r.URL.Query()
	page.Show = Waiting
	if f := Filter(q.Get("ver")); slices.Contains(filters, f) {
		page.Show = f
	}
	bodies, err := cs.inboxes(tx, body)
	if err != nil {
		return err
	}
	page.body = body
	page.MayMark = access.Can(page.Actor, access.CommentAttend, access.Object{Kind: Kind, Institution: body})
	many, err := counts(tx, bodies, page.Actor.PersonID)
	if err != nil {
		return err
	}
	for _, f := range filters {
		page.Filters = append(page.Filters, filterLink{web.NavLink{Label: l.T("comment.inbox.filter." + string(f)),
			Path: page.Action + "?ver=" + string(f), Current: f == page.Show}, l.Number(many[f])})
	}
	list, err := Inbox(tx, bodies, page.Show, page.Actor.PersonID, after(q.Get("desde")), shownInbox+1)
	if err != nil {
		return err
	}
	page.Pager.L = l
	if list, page.Pager.Next, err = next(page.Action+"?ver="+string(page.Show), list, shownInbox); err != nil {
		return err
	}
	if n, err := strconv.Atoi(q.Get("hecho")); err == nil && n >= 0 && n <= record.MaxActs {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("comment.inbox.done", "count", n), Live: true}
	}
	if len(list) == 0 {
		page.Empty = &web.Empty{Title: l.T("comment.inbox.none." + string(page.Show))}
	}
	page.Items, err = cs.inboxLines(tx, page, list)
	return err
}

func (cs *Comments) inboxLines(tx *db.Tx, page *inboxPage, list []Comment) ([]inboxLine, error) {
	var refs []plaza.Ref
	var bodies []string
	for _, c := range list {
		refs = append(refs, c.On)
		for _, id := range []string{c.MovedFrom, c.Institution} {
			if id != "" && id != page.body && !slices.Contains(bodies, id) {
				bodies = append(bodies, id)
			}
		}
	}
	cards, err := cs.Cards(tx, refs)
	if err != nil {
		return nil, err
	}
	before, err := institution.ByIDs(tx, bodies)
	if err != nil {
		return nil, err
	}
	t, err := cs.teller(tx, page.Page, list)
	if err != nil {
		return nil, err
	}
	out := make([]inboxLine, len(list))
	for i, c := range list {
		o := inboxLine{line: t.line(c), On: cards[c.On].Title, OnPath: cards[c.On].Path, Thread: c.Root,
			Age: t.l.Ago(c.At, page.Now), State: web.Badge{Text: t.l.T("comment.attention." + string(c.Attention))}}
		o.Edit, o.Remove, o.Reply = "", "", ThreadPath(c.On)+"/escribir?a="+cmp.Or(c.Home.Root, c.Thread())
		o.State.Tone = web.Good
		if c.Attention == Open {
			o.State.Tone = web.Warning
		}
		switch {
		case c.Attention != Open:
			o.Note = t.l.T("comment.inbox.attended", "name", t.person(c.Attended.By), "when", ago(t.l, c.Attended.At, page.Now))
		case c.Institution != page.body:
			o.Note = t.l.T("comment.inbox.standing_in", "institution", before[c.Institution].Name)
		case c.MovedFrom != "":
			o.Note = t.l.T("comment.inbox.moved", "institution", before[c.MovedFrom].Name)
		}
		o.Markable = page.MayMark && (page.Show == Waiting && c.Attention == Open || page.Show != Waiting && c.Attention == Marked)
		out[i] = o
	}
	return out, nil
}

func (cs *Comments) mark(w http.ResponseWriter, r *http.Request) error {
	return cs.marked(w, r, func(tx *db.Tx) (string, string, error) {
		i, err := institution.BySlug(tx, r.PathValue("institution"))
		return i.ID, institution.OfficePath + i.Slug + "/comentarios", err
	})
}

func (cs *Comments) markCentral(w http.ResponseWriter, r *http.Request) error {
	return cs.marked(w, r, func(*db.Tx) (string, string, error) { return "", centralPath, nil })
}

// marked marks what was ticked in the inbox that find names, with its path.
func (cs *Comments) marked(w http.ResponseWriter, r *http.Request, find func(tx *db.Tx) (id, path string, err error)) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ids := form.Values("comentario")
	if len(ids) > record.MaxActs {
		return plaza.E(plaza.Invalid, "comment.error.too_many_marks")
	}
	n, back := 0, ""
	if err := cs.DB.Write(r.Context(), func(tx *db.Tx) error {
		body, path, err := find(tx)
		if err != nil {
			return err
		}
		back = path
		bodies, err := cs.inboxes(tx, body)
		if err != nil {
			return err
		}
		n, err = Mark(tx, bodies, ids, form.Value("hacer") != "reabrir")
		return err
	}); err != nil {
		return err
	}
	show := Waiting
	if f := Filter(form.Value("ver")); slices.Contains(filters, f) {
		show = f
	}
	http.Redirect(w, r, back+"?"+url.Values{"ver": {string(show)}, "hecho": {strconv.Itoa(n)}}.Encode(), http.StatusSeeOther)
	return nil
}
