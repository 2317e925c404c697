package account

import (
	"context"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

// AgainPath is where one signs in once more, by link or with the password, before doing
// what nobody may do on a machine that was left open.
const AgainPath = AccountPath + "/entrar"

// AgainFor is where one signs in once more and is led back to a path of this site.
func AgainFor(back string) string { return withNext(AgainPath, safePath(back)) }

// Stale leads whoever signed in a while ago to sign in once more, and from there back;
// it reports whether it has answered.
func Stale(w http.ResponseWriter, r *http.Request, a *Accounts, back string) bool {
	if Fresh(r.Context(), a.db.Now()) {
		return false
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, AgainFor(back), http.StatusSeeOther)
	return true
}

// mustBeFresh is Forbidden when whoever acts signed in a while ago.
func mustBeFresh(tx *db.Tx) error {
	if Fresh(tx.Context(), tx.Now) {
		return nil
	}
	return plaza.E(plaza.Forbidden, "account.error.stale")
}

// mountAgain registers the page for signing in once more.
func (h handlers) mountAgain() {
	route := web.Route{Name: "account.again", Action: string(access.AccountEdit), Cache: web.Private, MaxBody: 16 << 10}
	h.shell.Handle("GET "+AgainPath, route, h.again)
	route.Name = "account.again_do"
	h.shell.Handle("POST "+AgainPath, route, h.doAgain)
}

// againPage asks for the password, or offers a link by mail.
type againPage struct {
	web.Page
	Next    string
	Sent    bool
	HasMail bool
	Minutes int
	Fields  []web.Field // the password, where there is one
}

// Summary is what is wrong with the form.
func (p againPage) Summary() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

func (h handlers) again(w http.ResponseWriter, r *http.Request) error {
	return h.drawAgain(w, r, http.StatusOK, safePath(web.QueryText(r, "volver", maxPath)), "")
}

func (h handlers) drawAgain(w http.ResponseWriter, r *http.Request, status int, next, wrong string) error {
	l := h.shell.Printer(r)
	page := &againPage{Page: h.shell.Page(r, l.T("account.again.title")), Next: next, Sent: r.URL.Query().Has("enviada"),
		HasMail: h.mail.Configured(), Minutes: int(freshFor.Minutes())}
	if err := h.db.Read(r.Context(), func(tx *db.Tx) error {
		hash, err := passwordOf(tx, plaza.ActorFrom(r.Context()).PersonID)
		if hash != "" {
			page.Fields = []web.Field{{L: l, Name: "password", Type: "password", Label: l.T("account.password.old"),
				Autocomplete: "current-password", MaxLength: maxPassword, Error: wrong}}
		}
		return err
	}); err != nil {
		return err
	}
	h.ownWay(&page.Page)
	return h.shell.Render(w, r, status, "account/again", page)
}

// doAgain begins a new session for who types the password, and mails a link to who does
// not.
func (h handlers) doAgain(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	next, network, v := safePath(form.Value("volver")), gate.Network(h.shell.ClientIP(r)), present(r.Context())
	if v == nil {
		return access.Check(plaza.ActorFrom(r.Context()), access.AccountEdit, access.Object{Kind: "person"})
	}
	if form.Value("liga") != "" {
		if err := h.Again(r.Context(), next, network); err != nil {
			return err
		}
		to := AgainPath + "?enviada=1"
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	t := attempt{key: v.person.emailKey, password: typedPassword(form, "password"), network: network}
	good, err := h.try(r.Context(), &t)
	if err != nil {
		return err
	}
	if !good || t.person != v.person.ID {
		return h.drawAgain(w, r, http.StatusUnprocessableEntity, next, h.shell.Printer(r).T("account.error.password.old"))
	}
	var a arrival
	if err := h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err == nil {
			a, err = h.enter(tx, r, p, byPassword, next)
		}
		return err
	}); err != nil {
		return err
	}
	a.answer(w, r)
	return nil
}

// Again mails the actor a link that signs in anew and leads to a path of this site.
func (a *Accounts) Again(ctx context.Context, next, network string) error {
	var p Person
	if err := a.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = ByID(tx, plaza.ActorFrom(ctx).PersonID)
		return err
	}); err != nil {
		return err
	}
	return a.ask(ctx, p.Email, network, LinkMail{Next: safePath(next)})
}
