// Package central is where the coordination looks after people: who they are, which
// roles they hold, whether they are suspended, and the audit of all of it.
//
// Every change says what its maker saw (the person's version): of two who act at once,
// one does, and the other is shown how things are now.
package central

import (
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Where the pages stand.
const (
	Path      = "/admin/personas"
	AuditPath = "/admin/auditoria.jsonl"
	// LookalikesPath lists people whose names look like somebody else's.
	LookalikesPath = Path + "?estado=" + stateLookalike
	perPage        = 50
)

// Deps are what the pages need.
type Deps struct {
	DB       *db.DB
	Accounts *account.Accounts
	// Methods is in how many ways a person can sign in; nil where it is by mail only.
	Methods func(tx *db.Tx, person string) (int, error)
	// Links are further pages about people, shown above the list.
	Links []web.Item
}

// Pages are the coordination's, about people.
type Pages struct {
	Deps
	shell *web.Shell
}

// New makes the pages.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("central", templates, web.Pages{"people": peoplePage{}, "person": personPage{}}); err != nil {
		return fmt.Errorf("the templates about people: %w", err)
	}
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "central." + name, Action: string(action), Cache: web.Private, MaxBody: 16 << 10}
	}
	shell.Handle("GET "+Path, route("people", access.PersonSee), p.people)
	shell.Handle("GET "+Path+"/{person}", route("person", access.PersonSee), p.person)
	for _, act := range []struct {
		path, name string
		action     access.Action
		do         action
	}{
		{"papeles", "grant", access.PersonGrant, grant},
		{"papeles/terminar", "revoke", access.PersonGrant, revoke},
		{"sesiones", "sessions", access.PersonHold, endSessions},
		{"suspender", "suspend", access.PersonHold, suspend},
		{"segundo-factor", "factor", access.PersonHold, p.dropFactor},
		{"levantar", "lift", access.PersonHold, lift},
	} {
		shell.Handle("POST "+Path+"/{person}/"+act.path, route(act.name, act.action), p.act(act.name, act.do))
	}
	audit := route("audit", access.AuditExport)
	audit.Stream = true
	shell.Handle("GET "+AuditPath, audit, p.audit)
	return nil
}

// peoplePage lists people.
type peoplePage struct {
	web.Page
	Q       string
	Filters []web.Field
	People  []line
	Pager   web.Pager
	Empty   *web.Empty
	Asked   bool
	Links   []web.NavLink
	Audit   string
}

// line is a person in a list.
type line struct {
	Name, Email, Path string
	Like              string // whose name it looks like, in words
	Roles             []string
	State             web.Badge
	Since, SinceISO   string
}

// stateWords are the values of the filter by state.
const (
	stateSuspended = "suspendida"
	stateActive    = "activa"
	stateLookalike = "parecida"
)

func (p *Pages) people(w http.ResponseWriter, r *http.Request) error {
	page := &peoplePage{Page: p.shell.Page(r, p.shell.Printer(r).T("central.people")), Audit: AuditPath}
	l := page.L
	asked := url.Values{}
	text := func(name string) string {
		v := web.QueryText(r, name, 200)
		if v != "" {
			asked.Set(name, v)
		}
		return v
	}
	q := account.Query{Text: text("q"), Role: plaza.Role(text("papel")), Limit: perPage}
	switch text("estado") {
	case stateSuspended:
		q.Suspended = new(bool)
		*q.Suspended = true
	case stateActive:
		q.Suspended = new(bool)
	case stateLookalike:
		q.Lookalike = true
	}
	page.Asked = len(asked) > 0
	q.After = web.QueryText(r, "desde", 600)
	var found account.Found
	var names map[string]institution.Institution
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if found, err = account.Find(tx, q); err != nil {
			return err
		}
		names, err = institution.ByIDs(tx, institutionsOf(found.People))
		return err
	}); err != nil {
		return err
	}
	page.fill(p, q, found, names)
	page.Pager.L = l
	path := func() string {
		if len(asked) == 0 {
			return Path
		}
		return Path + "?" + asked.Encode()
	}
	if q.After != "" {
		page.Pager.Prev = path()
	}
	if found.Next != "" {
		asked.Set("desde", found.Next)
		page.Pager.Next = path()
	}
	return p.shell.Render(w, r, http.StatusOK, "central/people", page)
}

func (page *peoplePage) fill(p *Pages, q account.Query, found account.Found, names map[string]institution.Institution) {
	l := page.L
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("central.admin"), Path: "/admin"}}
	page.Q = q.Text
	state := ""
	if q.Suspended != nil {
		if state = stateActive; *q.Suspended {
			state = stateSuspended
		}
	}
	if q.Lookalike {
		state = stateLookalike
	}
	page.Filters = []web.Field{
		{Name: "papel", Label: l.T("central.role"), Value: string(q.Role), Options: append([]web.Option{{Label: l.T("central.any")}}, roleOptions(l)...)},
		{Name: "estado", Label: l.T("central.state"), Value: state, Options: []web.Option{{Label: l.T("central.any")},
			{Value: stateActive, Label: l.T("central.active")}, {Value: stateSuspended, Label: l.T("central.suspended")}, {Value: stateLookalike, Label: l.T("central.lookalike")}}},
	}
	for _, person := range found.People {
		item := line{Name: person.Name, Email: person.Email, Path: Path + "/" + person.ID, State: badge(l, person),
			Since: l.Date(person.Created), SinceISO: l.ISO(person.Created)}
		if person.Resembles != "" {
			item.Like = l.T("central.like." + person.Resembles)
		}
		for _, g := range person.Grants {
			item.Roles = append(item.Roles, grantWords(l, g, names))
		}
		page.People = append(page.People, item)
	}
	if len(page.People) == 0 {
		page.Empty = &web.Empty{Title: l.T("central.none"), Text: l.T("central.none.text")}
	}
	for _, item := range p.Links {
		page.Links = append(page.Links, web.NavLink{Label: l.T(item.Key), Path: item.Path, Icon: item.Icon})
	}
}

// institutionsOf are the ids of the institutions at which people hold roles.
func institutionsOf(people []account.Person) []string {
	seen, out := map[string]bool{"": true}, []string{}
	for _, p := range people {
		for _, g := range p.Grants {
			if !seen[g.Institution] {
				seen[g.Institution] = true
				out = append(out, g.Institution)
			}
		}
	}
	return out
}

// lastDay reads the last day of a role or a suspension, that day included; zero
// for none.
func lastDay(form *web.Form, field string, zone *time.Location) (time.Time, error) {
	text := form.Value(field)
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil || day.Year() < 2000 || day.Year() > 9998 {
		return time.Time{}, &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form",
			Fields: []plaza.FieldError{{Field: field, Key: "central.error.until"}}}
	}
	return day.AddDate(0, 0, 1), nil
}

func cut(s string, limit int) string {
	s = text.Unstack(s)
	if r := []rune(s); len(r) > limit {
		return strings.TrimSpace(string(r[:limit]))
	}
	return s
}
