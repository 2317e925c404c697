package account

import (
	"errors"
	"fmt"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

// Where one looks after what one signs in with.
const (
	passwordPath   = "/mi/cuenta/contrasena"
	factorPath     = "/mi/cuenta/segundo-factor"
	identitiesPath = "/mi/cuenta/identidades"
)

// mountOwn registers the pages for what one signs in with.
func (h handlers) mountOwn() {
	for _, tab := range []web.Item{
		{Key: "account.password.tab", Path: passwordPath}, {Key: "account.factor.tab", Path: factorPath}, {Key: "account.identities.tab", Path: identitiesPath},
	} {
		h.shell.Tab(AccountPath, "account.own.account", string(access.AccountEdit), tab)
	}
	route := func(name string) web.Route {
		return web.Route{Name: "account." + name, Action: string(access.AccountEdit), Cache: web.Private, MaxBody: 16 << 10}
	}
	h.shell.Handle("GET "+passwordPath, route("password"), h.password)
	h.shell.Handle("POST "+passwordPath, route("password_set"), h.changePassword)
	h.shell.Handle("GET "+factorPath, route("factor"), h.factor)
	h.shell.Handle("POST "+factorPath, route("factor_start"), h.startEnrolling)
	h.shell.Handle("POST "+factorPath+"/confirmar", route("factor_confirm"), h.enrol)
	h.shell.Handle("POST "+factorPath+"/codigos", route("factor_codes"), h.renewCodes)
	h.shell.Handle("POST "+factorPath+"/quitar", route("factor_drop"), h.dropFactor)
	h.shell.Handle("GET "+identitiesPath, route("identities"), h.identities)
	h.shell.Handle("POST "+identitiesPath, route("identity_connect"), h.connectIdentity)
	h.shell.Handle("POST "+identitiesPath+"/{credential}/quitar", route("identity_drop"), h.dropIdentity)
}

// AccountPath is where one's own account is, with tabs for its pages.
const AccountPath = "/mi/cuenta"

// ownWay is the way to a page about what one signs in with.
func (h handlers) ownWay(page *web.Page) {
	l := page.L
	page.NoIndex = true
	for _, way := range []web.Crumb{{Title: l.T("account.own.mine"), Path: "/mi"}, {Title: l.T("account.own.account"), Path: AccountPath}} {
		if h.shell.Has(way.Path) {
			page.Crumbs = append(page.Crumbs, way)
		}
	}
}

// done is what the address says has just been done, if it is one of these.
func done(r *http.Request, l *i18n.Printer, prefix string, these ...string) *web.Notice {
	for _, what := range these {
		if r.URL.Query().Get("hecho") == what {
			return &web.Notice{Tone: web.Good, Text: l.T(prefix + what), Live: true}
		}
	}
	return nil
}

// passwordPage sets, changes or takes away a password.
type passwordPage struct {
	web.Page
	Has    bool
	Fresh  bool // signed in by link a moment ago, which is as good as the old password
	Done   *web.Notice
	Need   *web.Notice // what to do first
	Fields []web.Field
}

// Summary is what is wrong with the form.
func (p passwordPage) Summary() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

func (h handlers) password(w http.ResponseWriter, r *http.Request) error {
	return h.drawPassword(w, r, http.StatusOK, nil)
}

func (h handlers) drawPassword(w http.ResponseWriter, r *http.Request, status int, wrong map[string]string) error {
	page := &passwordPage{Page: h.shell.Page(r, h.shell.Printer(r).T("account.password.title")), Fresh: h.fresh(r.Context())}
	l := page.L
	if err := h.db.Read(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err != nil {
			return err
		}
		hash, err := passwordOf(tx, p.ID)
		page.Has = hash != ""
		return err
	}); err != nil {
		return err
	}
	if page.Has && !page.Fresh {
		page.Fields = append(page.Fields, web.Field{L: l, Name: "old", Type: "password", Label: l.T("account.password.old"),
			Autocomplete: "current-password", MaxLength: maxPassword, Error: wrong["old"]})
	}
	keys := web.Field{L: l, Name: "claves", Type: "checkbox", Label: l.T("account.password.keys"), Optional: true,
		Checked: r.Method != http.MethodPost || r.PostFormValue("claves") != ""}
	if page.Has || page.Fresh {
		page.Fields = append(page.Fields, web.Field{L: l, Name: "new", Type: "password", Label: l.T("account.password.new"),
			Hint: l.T("account.signup.password_hint", "min", minPassword), Autocomplete: "new-password", MaxLength: maxPassword, Error: wrong["new"]}, keys)
	} else {
		page.Need = &web.Notice{Tone: web.Info, Title: l.T("account.password.need"), Text: l.T("account.password.need.text", "minutes", int(freshFor.Minutes())),
			Link: resetPath, Action: l.T("account.password.need.go")}
	}
	page.Done = done(r, l, "account.password.done.", "puesta", "quitada")
	h.ownWay(&page.Page)
	return h.shell.Render(w, r, status, "account/password", page)
}

// changePassword sets, changes or (quitar) takes away the password, ends every other
// session, whatever waits to sign in and, by choice, access tokens, and tells the person
// by mail.
func (h handlers) changePassword(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	l, remove := h.shell.Printer(r), form.Checked("quitar")
	if wrong, err := h.allowed(r, typedPassword(form, "old")); wrong != "" || err != nil {
		if err != nil {
			return err
		}
		return h.drawPassword(w, r, http.StatusUnprocessableEntity, map[string]string{"old": l.T(wrong)})
	}
	hash := ""
	if !remove {
		who := present(r.Context()).person
		prepared, err := checkPassword("new", typedPassword(form, "new"), who.Name, who.Email, h.site())
		if said := web.FieldErrors(l, err); said != nil {
			return h.drawPassword(w, r, http.StatusUnprocessableEntity, said)
		}
		if err != nil {
			return err
		}
		if hash, err = h.maker.hash(r.Context(), prepared); err != nil {
			return err
		}
	}
	said, what := "password_set", "puesta"
	if remove {
		said, what = "password_removed", "quitada"
	}
	a := arrival{to: passwordPath + "?hecho=" + what}
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err != nil {
			return err
		}
		if err := setPassword(tx, p.ID, hash); err != nil {
			return err
		}
		if err := endOpenings(tx, p.ID); err != nil {
			return err
		}
		if form.Checked("claves") {
			if err := endKeys(tx, p.ID); err != nil {
				return err
			}
		}
		if err := endSessions(tx, p.ID); err != nil {
			return err
		}
		setCookie, err := h.begin(tx, p, h.cookie(r), byPassword)
		if err != nil {
			return err
		}
		a.cookies = append(a.cookies, setCookie)
		return h.tell(tx, p, said)
	})
	if err != nil {
		return err
	}
	a.answer(w, r)
	return nil
}

// allowed reports what is wrong with the old password, "" when who asks may change it.
func (h handlers) allowed(r *http.Request, old string) (wrong string, err error) {
	ctx := r.Context()
	v := present(ctx)
	if v == nil {
		return "", access.Check(plaza.ActorFrom(ctx), access.AccountEdit, access.Object{Kind: "person"})
	}
	if h.fresh(ctx) {
		return "", nil
	}
	t := attempt{key: v.person.emailKey, password: old, network: gate.Network(h.shell.ClientIP(r))}
	good, err := h.try(ctx, &t)
	if err == nil && !good {
		wrong = "account.error.password.old"
	}
	return wrong, err
}

// identitiesPage lists the identities that one comes in with.
type identitiesPage struct {
	web.Page
	Done    *web.Notice
	Waiting *waiting // one that came back and is connected nowhere
	Items   []identityLine
	Others  []providerLink
}

type waiting struct{ Provider, Label string }

type identityLine struct {
	Provider, Label, Since, ISO string
	Drop                        string
}

func (h handlers) identities(w http.ResponseWriter, r *http.Request) error {
	page := &identitiesPage{Page: h.shell.Page(r, h.shell.Printer(r).T("account.identities.title"))}
	l := page.L
	err := h.db.Read(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err != nil {
			return err
		}
		all, err := allProviders(tx)
		if err != nil {
			return err
		}
		names, has := map[string]string{}, map[string]bool{}
		for _, provider := range all {
			names[provider.Issuer] = provider.Name
		}
		page.Items, err = db.All(tx, func(scan func(...any) error) (line identityLine, err error) {
			var id, issuer string
			since := tx.Now
			err = scan(&id, &issuer, &line.Label, &since)
			has[issuer] = true
			if line.Provider = names[issuer]; line.Provider == "" {
				line.Provider = issuer
			}
			line.Since, line.ISO, line.Drop = l.Date(since), l.ISO(since), identitiesPath+"/"+id+"/quitar"
			return line, err
		}, `SELECT id, issuer, label, created_at
			FROM credentials
			WHERE person_id = $1 AND kind = 'oidc'
			ORDER BY created_at, id`, p.ID)
		for _, provider := range all {
			if provider.Enabled && !has[provider.Issuer] {
				page.Others = append(page.Others, providerLink{provider.Name, withNext(provider.path(), identitiesPath)})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	var from pending
	if h.read(r, pendingNote, &from) {
		page.Waiting = &waiting{from.Provider, from.Label}
	}
	page.Done = done(r, l, "account.identities.done.", "unida", "quitada")
	h.ownWay(&page.Page)
	return h.shell.Render(w, r, http.StatusOK, "account/identities", page)
}

// connectIdentity connects the identity that the browser came back with.
func (h handlers) connectIdentity(w http.ResponseWriter, r *http.Request) error {
	var from pending
	if !h.read(r, pendingNote, &from) {
		return plaza.E(plaza.Conflict, "account.error.identity_gone")
	}
	if Stale(w, r, h.Accounts, identitiesPath) {
		return nil
	}
	err := h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err != nil {
			return err
		}
		if err := connect(tx, p.ID, from.identity); err != nil {
			return err
		}
		return h.tell(tx, p, "identity_connected", "provider", from.Provider, "label", from.Label)
	})
	if err != nil && plaza.KindOf(err) == plaza.Conflict {
		return &plaza.Error{Kind: plaza.Conflict, Key: "account.error.provider.others", Cause: err}
	}
	if err != nil {
		return err
	}
	h.write(w, pendingNote, nil)
	http.Redirect(w, r, identitiesPath+"?hecho=unida", http.StatusSeeOther)
	return nil
}

func (h handlers) dropIdentity(w http.ResponseWriter, r *http.Request) error {
	err := h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, err := mayEdit(r.Context(), tx)
		if err != nil {
			return err
		}
		var label string
		if err := tx.Row(`DELETE FROM credentials
			WHERE id = $1 AND person_id = $2 AND kind = 'oidc'
			RETURNING label`, r.PathValue("credential"), p.ID).Scan(&label); err != nil {
			return fmt.Errorf("taking an identity away: %w", err)
		}
		return h.tell(tx, p, "identity_removed", "label", label)
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, identitiesPath+"?hecho=quitada", http.StatusSeeOther)
	return nil
}

// notFound reports whether there is none of what was looked for.
func notFound(err error) bool {
	var e *plaza.Error
	return errors.As(err, &e) && e.Kind == plaza.NotFound
}
