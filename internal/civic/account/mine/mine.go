// Package mine is an account as its owner sees it: name and address, where one is
// signed in, access tokens, all data that Plaza has, and the way out.
//
// All of it stays within reach of a suspended account. Access tokens are made here, in
// a browser, and never by means of one: no page takes them.
package mine

import (
	"embed"
	"fmt"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/privacy"
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
	Path        = "/mi/cuenta"
	mailPath    = Path + "/correo"
	seatsPath   = Path + "/sesiones"
	keysPath    = Path + "/claves"
	dataPath    = Path + "/datos"
	erasePath   = Path + "/borrar"
	erasedPath  = "/cuenta/borrada"
	smallForm   = 16 << 10
	exportLabel = "plaza-mis-datos.json"
)

// Deps are what the pages need.
type Deps struct {
	DB       *db.DB
	Accounts *account.Accounts
	Holdings privacy.Registry
}

// Pages are one's own.
type Pages struct {
	Deps
	shell *web.Shell
}

// New makes the pages.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("mine", templates, web.Pages{
		"profile": profilePage{}, "change": changePage{}, "seats": seatsPage{}, "keys": keysPage{},
		"data": dataPage{}, "erase": erasePage{}, "erased": erasedPage{},
	}); err != nil {
		return fmt.Errorf("the templates of one's own account: %w", err)
	}
	for _, t := range []web.Item{ // package account's, what one signs in with, have rank 0
		{Key: "mine.profile", Path: Path, Rank: -1}, {Key: "mine.seats", Path: seatsPath, Rank: 1}, {Key: "mine.keys", Path: keysPath, Rank: 1},
		{Key: "mine.data", Path: dataPath, Rank: 1}, {Key: "mine.erase", Path: erasePath, Rank: 2}, // the way out comes last
	} {
		shell.Tab(Path, "account.own.account", string(access.AccountSee), t)
	}
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "mine." + name, Action: string(action), Cache: web.Private, MaxBody: smallForm}
	}
	shell.Handle("GET "+Path, route("profile", access.AccountSee), p.profile)
	shell.Handle("POST "+Path, route("profile_save", access.AccountEdit), p.saveProfile)
	shell.Handle("POST "+mailPath, route("email_ask", access.AccountEdit), p.askEmail)
	// The link is the permission: it is opened wherever the mail is read.
	link := route("email_link", access.SignIn)
	link.Secret = true
	shell.Handle("GET "+account.EmailPath+"{token}", link, p.showChange)
	link.Name = "mine.email_confirm"
	shell.Handle("POST "+account.EmailPath+"{token}", link, p.doChange)
	shell.Handle("GET "+seatsPath, route("seats", access.AccountSee), p.seats)
	shell.Handle("POST "+seatsPath+"/cerrar", route("seat_end", access.AccountEdit), p.endSeat)
	shell.Handle("GET "+keysPath, route("keys", access.TokenManage), p.keys)
	shell.Handle("POST "+keysPath, route("key_make", access.TokenManage), p.makeKey)
	shell.Handle("POST "+keysPath+"/{key}/revocar", route("key_revoke", access.TokenManage), p.revokeKey)
	shell.Handle("GET "+dataPath, route("data", access.AccountSee), p.data)
	shell.Handle("GET "+dataPath+".json", route("export", access.AccountExport), p.export)
	shell.Handle("GET "+erasePath, route("erase", access.AccountErase), p.erase)
	shell.Handle("POST "+erasePath, route("erase_do", access.AccountErase), p.doErase)
	shell.Handle("POST "+erasePath+"/entrar", route("erase_again", access.AccountErase), p.again)
	shell.Handle("GET "+erasedPath, web.Route{Name: "mine.erased", Action: string(access.SiteRead), Cache: web.Public}, p.erased)
	return nil
}

// page begins one of the pages.
func (p *Pages) page(r *http.Request, key string) web.Page {
	l := p.shell.Printer(r)
	page := p.shell.Page(r, l.T(key))
	page.NoIndex = true
	if p.shell.Has("/mi") {
		page.Crumbs = []web.Crumb{{Title: l.T("mine.me"), Path: "/mi"}}
	}
	if r.URL.Path != Path {
		page.Crumbs = append(page.Crumbs, web.Crumb{Title: l.T("account.own.account"), Path: Path})
	}
	return page
}

// done is what an action that leads here has to say, nil for none.
func done(page web.Page, r *http.Request, known ...string) *web.Notice {
	what := r.URL.Query().Get("hecho")
	for _, k := range known {
		if what == k {
			return &web.Notice{Tone: web.Good, Text: page.L.T("mine.done." + k), Live: true}
		}
	}
	return nil
}

// me is the person who acts.
func me(tx *db.Tx) (account.Person, error) {
	return account.ByID(tx, plaza.ActorFrom(tx.Context()).PersonID)
}

func (p *Pages) see(w http.ResponseWriter, r *http.Request, path string) error {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
