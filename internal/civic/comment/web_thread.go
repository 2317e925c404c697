package comment

import (
	"html/template"
	"net/http"
	"net/url"

	"plaza/internal/base/atom"
	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/plaza"
)

// talk is a conversation as pages show it.
type talk struct {
	L       *i18n.Printer
	Title   string // of the object
	Heading string
	Lines   []line
	Waiting int    // comments of the reader that wait for review
	All     string // path of the whole conversation, "" where all of it is shown
	Feed    string
	FeedAll string    // of everything about an institution, "" for other objects
	Form    *formView // nil for who cannot write
	SignIn  string    // path, for visitors
	Closed  bool      // there is no commenting on this installation
	Mute    bool      // an account that may not write now
}

// footView is what stands under an object on its own page.
type footView struct {
	web.Page
	Talk talk
}

// Around draws what is said under an object, for the end of its page. It runs a bounded
// number of statements.
func (cs *Comments) Around(tx *db.Tx, page web.Page, object plaza.Card) (template.HTML, error) {
	if !object.Visible {
		return "", nil
	}
	list, err := roots(tx, object.Ref, Key{}, shownInFoot+1)
	if err != nil {
		return "", err
	}
	more := len(list) > shownInFoot
	if more {
		list = list[:shownInFoot]
	}
	t, err := cs.talk(tx, page, object, list, view{back: object.Path, each: shownAnswers})
	if err != nil {
		return "", err
	}
	if more {
		t.All = ThreadPath(object.Ref)
	}
	return cs.shell.Fragment("comment/foot", footView{Page: page, Talk: t})
}

// Conversation draws the thread that a comment begins, for the page of what stands on it
// alone: a form below takes answers to that comment. It runs a bounded number of
// statements.
func (cs *Comments) Conversation(tx *db.Tx, page web.Page, on plaza.Card, root string) (template.HTML, error) {
	c, err := ByID(tx, root)
	if err != nil {
		return "", err
	}
	t, err := cs.talk(tx, page, on, []Comment{c}, view{back: on.Path, each: shownOfOne, root: root, closed: c.takesAnswers() != nil})
	if err != nil {
		return "", err
	}
	return cs.shell.Fragment("comment/foot", footView{Page: page, Talk: t})
}

// view is how a conversation is drawn.
type view struct {
	back   string // the page on which it stands
	each   int    // answers under each comment
	root   string // id of the comment that the form answers, or ""
	closed bool   // that one takes no answers
}

// talk draws some comments of an object, with the form.
func (cs *Comments) talk(tx *db.Tx, page web.Page, on plaza.Card, list []Comment, v view) (t talk, err error) {
	t = talk{L: page.L, Title: on.Title, Feed: ThreadPath(on.Ref) + "/atom.xml", FeedAll: institutionFeedPath(on)}
	n, err := Count(tx, on.Ref)
	if err != nil {
		return t, err
	}
	t.Heading = page.L.T("comment.count", "count", n)
	first, counts, err := firstAnswers(tx, list, v.each)
	if err != nil {
		return t, err
	}
	all := [][]Comment{list}
	for _, a := range first {
		all = append(all, a)
	}
	teller, err := cs.teller(tx, page, all...)
	if err != nil {
		return t, err
	}
	if teller.there, err = cs.elsewhere(tx, on.Ref, all...); err != nil {
		return t, err
	}
	t.Lines = teller.lines(list, first, counts)
	if err := teller.joins(tx, on.Ref, t.Lines); err != nil {
		return t, err
	}
	if t.Waiting, err = waitingOf(tx, page.Actor.PersonID, on.Ref); err != nil {
		return t, err
	}
	if v.closed {
		return t, nil
	}
	err = cs.invite(tx, page, on, &t, v)
	return t, err
}

// invite is the form for who may write, the way in for visitors.
func (cs *Comments) invite(tx *db.Tx, page web.Page, on plaza.Card, t *talk, v view) error {
	may := access.Can(page.Actor, access.CommentAdd, access.Object{Kind: Kind, Institution: on.Institution})
	switch {
	case page.Closed(string(access.CommentAdd)):
		t.Closed = true
	case may:
		form, err := cs.form(tx, page, on, typed{Root: v.root, Nonce: newNonce()})
		t.Form = &form
		return err
	case page.Actor.SignedIn():
		t.Mute = true
	default:
		t.SignIn = "/entrar?volver=" + url.QueryEscape(v.back+"#comentar")
	}
	return nil
}

// threadPage is everything said under an object, by pages.
type threadPage struct {
	web.Page
	Talk  talk
	Back  web.NavLink
	Pager web.Pager
}

func (cs *Comments) thread(w http.ResponseWriter, r *http.Request) error {
	page := &threadPage{Page: cs.shell.Page(r, "")}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		on, err := cs.object(tx, r)
		if err != nil {
			return err
		}
		path := ThreadPath(on.Ref)
		list, err := roots(tx, on.Ref, after(r.URL.Query().Get("desde")), shownRoots+1)
		if err != nil {
			return err
		}
		page.Pager.L = page.L
		if list, page.Pager.Next, err = next(path, list, shownRoots); err != nil {
			return err
		}
		cs.about(&page.Page, on, page.L.T("comment.thread.title", "title", on.Title))
		page.Back = web.NavLink{Label: on.Title, Path: on.Path}
		page.Talk, err = cs.talk(tx, page.Page, on, list, view{back: path, each: shownAnswers})
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = r.URL.RawQuery != ""
	return cs.shell.Render(w, r, http.StatusOK, "comment/thread", page)
}

// about fills in what pages about an object's comments have in common.
func (cs *Comments) about(p *web.Page, on plaza.Card, title string) {
	p.Title = title
	p.Crumbs = []web.Crumb{{Title: on.Title, Path: on.Path}}
	p.Alternates = []web.Alternate{{Type: atom.Type, Path: ThreadPath(on.Ref) + "/atom.xml", Title: p.L.T("comment.feed.title", "title", on.Title)}}
	if all := institutionFeedPath(on); all != "" {
		p.Alternates = append(p.Alternates, web.Alternate{Type: atom.Type, Path: all, Title: p.L.T("comment.feed.institution", "institution", on.Title)})
	}
}

// institutionFeedPath is the feed of all that is said about what an institution answers
// for, "" for other objects.
func institutionFeedPath(on plaza.Card) string {
	if on.Ref.Kind != institution.Kind {
		return ""
	}
	return feedOf(on.Path)
}

// onePage is one comment with its answers, or one answer with what it answers.
type onePage struct {
	web.Page
	Lines  []line
	Back   web.NavLink
	All    string // the whole thread, of an answer
	Waits  bool   // only its author sees it
	Locked bool
	Pager  web.Pager
}

func (cs *Comments) one(w http.ResponseWriter, r *http.Request) error {
	page := &onePage{Page: cs.shell.Page(r, "")}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, on, err := cs.seen(tx, r)
		if err != nil {
			return err
		}
		cs.about(&page.Page, on, page.L.T("comment.one.title", "title", on.Title))
		page.Back = web.NavLink{Label: on.Title, Path: on.Path}
		page.Waits = !c.placed()
		page.NoIndex = c.Root != "" || c.State != moderation.Public || r.URL.RawQuery != ""
		page.Pager.L = page.L
		if c.State == moderation.Public {
			page.Description = text.Excerpt(text.PlainText(c.Body), 200)
		}
		if c.Root != "" {
			return cs.oneAnswer(tx, page, c)
		}
		return cs.oneRoot(tx, page, c, after(r.URL.Query().Get("desde")))
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "comment/one", page)
}

// seen is the comment that a request names, for who may know of it, and its object.
func (cs *Comments) seen(tx *db.Tx, r *http.Request) (Comment, plaza.Card, error) {
	c, err := ByID(tx, r.PathValue("comment"))
	if err == nil && !c.seenBy(plaza.ActorFrom(r.Context())) {
		err = plaza.E(plaza.NotFound, "comment.error.not_found")
	}
	if err != nil {
		return c, plaza.Card{}, err
	}
	on, err := cs.objectOf(tx, c.On)
	return c, on, err
}

func (cs *Comments) oneAnswer(tx *db.Tx, page *onePage, c Comment) error {
	root, err := ByID(tx, c.Root)
	if err != nil {
		return err
	}
	t, err := cs.teller(tx, page.Page, []Comment{root, c})
	if err != nil {
		return err
	}
	if t.there, err = cs.elsewhere(tx, c.On, []Comment{c}); err != nil {
		return err
	}
	l, answer := t.line(root), t.line(c)
	answer.Target = true
	l.Answers = []line{answer}
	page.Lines, page.All, page.Locked = []line{l}, root.Path(), root.closed()
	return nil
}

func (cs *Comments) oneRoot(tx *db.Tx, page *onePage, c Comment, from Key) error {
	list, err := answers(tx, c.ID, from, shownOfOne+1)
	if err != nil {
		return err
	}
	if list, page.Pager.Next, err = next(c.Path(), list, shownOfOne); err != nil {
		return err
	}
	t, err := cs.teller(tx, page.Page, []Comment{c}, list)
	if err != nil {
		return err
	}
	if t.there, err = cs.elsewhere(tx, c.On, list); err != nil {
		return err
	}
	l := t.line(c)
	for _, a := range list {
		l.Answers = append(l.Answers, t.line(a))
	}
	page.Lines, page.Locked = []line{l}, l.Locked
	return t.joins(tx, c.On, page.Lines)
}

// versionsPage is what a comment said and says.
type versionsPage struct {
	web.Page
	Back     web.NavLink
	Name     string
	Versions []versionLine
}

type versionLine struct {
	Heading, When, ISO string
	Text               template.HTML
}

func (cs *Comments) versions(w http.ResponseWriter, r *http.Request) error {
	page := &versionsPage{Page: cs.shell.Page(r, cs.shell.Printer(r).T("comment.versions.title"))}
	if err := cs.DB.Read(r.Context(), func(tx *db.Tx) error {
		c, on, err := cs.seen(tx, r)
		if err != nil {
			return err
		}
		if c.State != moderation.Public { // what is hidden or gone has no history to read
			return plaza.E(plaza.NotFound, "comment.error.not_found")
		}
		earlier, err := versions(tx, c.ID)
		if err != nil {
			return err
		}
		t, err := cs.teller(tx, page.Page, []Comment{c})
		if err != nil {
			return err
		}
		l := t.line(c)
		page.Name, page.NoIndex = l.Name, true
		page.Crumbs = []web.Crumb{{Title: on.Title, Path: on.Path}, {Title: page.L.T("comment.one"), Path: c.Path()}}
		page.Back = web.NavLink{Label: page.L.T("comment.versions.back"), Path: c.Path()}
		add := func(n int, body string, v Version) {
			page.Versions = append(page.Versions, versionLine{Heading: page.L.T("comment.version", "number", n), When: page.L.DateTime(v.At),
				ISO: page.L.ISO(v.At), Text: text.Markdown(body)})
		}
		add(c.Version, c.Body, Version{At: c.written()})
		for i := len(earlier) - 1; i >= max(0, len(earlier)-maxVersions); i-- {
			add(earlier[i].Number, earlier[i].Body, earlier[i])
		}
		return nil
	}); err != nil {
		return err
	}
	return cs.shell.Render(w, r, http.StatusOK, "comment/versions", page)
}

// maxVersions bounds how many earlier versions one page shows, the latest first.
const maxVersions = 50
