package comment

import (
	"embed"
	"fmt"
	"net/http"
	"slices"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Deps are what comments need.
type Deps struct {
	DB   *db.DB
	Gate *gate.Gate
	// Cards tells of what can be commented on.
	Cards record.Cards
	// Kinds are the kinds of it.
	Kinds []string
	// Screen judges what is about to be said; nil lets everything through.
	Screen moderation.Screener
	// Responsible are the people who answer for an institution now, "" the coordination;
	// nil are its liaisons.
	Responsible func(tx *db.Tx, institution string) ([]string, error)
	// StandsFor are the institutions in whose place an institution answers now, "" the
	// coordination: its inbox shows what waits in theirs. nil is none.
	StandsFor func(tx *db.Tx, institution string) ([]string, error)
	// Decisions are the paths of the decisions for which posts of a person were hidden or
	// refused, by the posts; nil is none.
	Decisions func(tx *db.Tx, author string, posts []plaza.Ref) (map[plaza.Ref]string, error)
	// Moved is told of a comment that became public or whose state has changed since, in the
	// same transaction: what it stands under may begin with it. nil is nobody.
	Moved func(tx *db.Tx, c Comment) error
	// Ask is where a comment becomes a question with a term; nil is nowhere.
	Ask func(comment string) string
	// Asked are the cases that comments became, by the comments' ids; nil is none.
	Asked func(tx *db.Tx, ids []string) (map[string]web.NavLink, error)
	// Question is where a text about something is asked as a question with a date for its
	// answer, and the hidden fields of the form that takes it there; "" where one does not ask
	// about such things. nil is nowhere.
	Question func(on plaza.Ref, text string) (action string, fields []web.Option)
	// Report is the page on which a reader reports something; nil is none.
	Report func(plaza.Ref) string
}

// Comments is everything said under public objects: what other parts of Plaza call, and
// its pages.
type Comments struct {
	Deps
	shell  *web.Shell
	office *institution.Office
}

// New makes Comments.
func New(deps Deps) *Comments { return &Comments{Deps: deps} }

// maxBody holds a comment whose every letter is escaped.
const maxBody = 256 << 10

// Mount registers the pages.
func (cs *Comments) Mount(shell *web.Shell) error {
	cs.shell = shell
	if err := shell.Templates("comment", templates, web.Pages{
		"foot": footView{}, "thread": threadPage{}, "one": onePage{}, "write": writePage{}, "edit": editPage{},
		"remove": removePage{}, "versions": versionsPage{}, "inbox": inboxPage{}, "own": ownPage{}, "offer": offerPage{},
	}); err != nil {
		return fmt.Errorf("the comments' templates: %w", err)
	}
	public := func(name string) web.Route {
		return web.Route{Name: "comment." + name, Action: string(access.CommentRead), Cache: web.Public}
	}
	private := func(name string, action access.Action) web.Route {
		return web.Route{Name: "comment." + name, Action: string(action), Cache: web.Private, MaxBody: maxBody}
	}
	shell.Handle("GET /comentarios/{kind}/{id}", public("thread"), cs.thread)
	shell.Handle("POST /comentarios/{kind}/{id}", private("add", access.CommentAdd), cs.add)
	shell.Handle("GET /comentarios/{kind}/{id}/escribir", private("write", access.CommentAdd), cs.write)
	feed := public("feed")
	feed.Open = true
	shell.Handle("GET /comentarios/{kind}/{id}/atom.xml", feed, cs.feed)
	shell.Handle("GET /comentarios/{comment}", public("one"), cs.one)
	shell.Handle("GET /comentarios/{comment}/versiones", public("versions"), cs.versions)
	shell.Handle("GET /comentarios/{comment}/editar", private("edit", access.CommentEdit), cs.edit)
	shell.Handle("POST /comentarios/{comment}/editar", private("save", access.CommentEdit), cs.save)
	shell.Handle("GET /comentarios/{comment}/retirar", private("remove.ask", access.CommentRemove), cs.askRemove)
	shell.Handle("POST /comentarios/{comment}/retirar", private("remove", access.CommentRemove), cs.remove)
	bodies := public("institution")
	bodies.Open = true
	shell.Handle("GET /comentarios/instituciones/{institution}/atom.xml", bodies, cs.institutionFeed)
	shell.Handle("GET /mi/comentarios", private("own", access.AccountSee), cs.own)
	shell.Handle("GET /admin/comentarios", private("central", access.AdminSee), cs.central)
	shell.Handle("POST /admin/comentarios", private("central.mark", access.CommentAttend), cs.markCentral)
	return nil
}

// Inbox adds the inbox to the management of institutions, after Mount.
func (cs *Comments) Inbox(office *institution.Office) {
	cs.office = office
	office.Add(institution.Tab{Key: "comment.inbox", Path: "/comentarios", Action: access.OfficeSee, Rank: -2})
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "comment." + name, Action: string(action), Cache: web.Private, MaxBody: maxBody}
	}
	cs.shell.Handle("GET /gestion/{institution}/comentarios", route("inbox", access.OfficeSee), cs.inbox)
	cs.shell.Handle("POST /gestion/{institution}/comentarios", route("mark", access.CommentAttend), cs.mark)
}

// object is what the request names, when it can be commented on: NotFound otherwise.
func (cs *Comments) object(tx *db.Tx, r *http.Request) (plaza.Card, error) {
	return cs.objectOf(tx, plaza.Ref{Kind: r.PathValue("kind"), ID: r.PathValue("id")})
}

func (cs *Comments) objectOf(tx *db.Tx, ref plaza.Ref) (plaza.Card, error) {
	none := plaza.E(plaza.NotFound, "comment.error.no_object")
	if !slices.Contains(cs.Kinds, ref.Kind) {
		return plaza.Card{}, none
	}
	on, err := cardOf(tx, cs.Cards, ref)
	if err == nil && !on.Visible {
		err = none
	}
	return on, err
}
