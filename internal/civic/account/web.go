package account

import (
	"fmt"
	"net/http"
	"net/url"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

// signinPage asks for an address, or says that a link is on its way.
type signinPage struct {
	web.Page
	Next string // path to go to after signing in, or ""
	Sent bool
	Dead bool // the link that was opened does not work
	// DeadSignup says that the link was to open an account.
	DeadSignup bool
	HasMail    bool
	Minutes    int
	Email      web.Field
	Password   web.Field
	Providers  []providerLink
	Trouble    *web.Notice // what went wrong on the way, or what to do here
}

// Summary is what is wrong with the form.
func (p signinPage) Summary() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.Email, p.Password}}
}

// SignUp is the address at which one makes an account, with where to go afterwards.
func (p signinPage) SignUp() string { return withNext(signupPath, p.Next) }

// Forgotten is the address at which one asks for a way in without the password.
func (p signinPage) Forgotten() string { return resetPath }

// DeadNotice says why the link does not work.
func (p signinPage) DeadNotice() web.Notice {
	if p.DeadSignup {
		return web.Notice{Tone: web.Warning, Title: p.L.T("account.link.dead"), Text: p.L.T("account.link.dead.signup"),
			Link: signupPath, Action: p.L.T("account.signup.title")}
	}
	return web.Notice{Tone: web.Warning, Title: p.L.T("account.link.dead"),
		Text: p.L.T("account.link.dead.text", "minutes", p.Minutes)}
}

// Command is what an operator types where there is no mail.
func (p signinPage) Command() web.Copy {
	return web.Copy{L: p.L, ID: "comando", Text: p.L.T("account.signin.no_mail.command")}
}

// Onward is where somebody goes who is signed in already.
func (p signinPage) Onward() string { return onward(p.Next) }

// withNext adds where to go afterwards to a path.
func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?" + url.Values{"volver": {next}}.Encode()
}

func onward(next string) string {
	if next == "" {
		return "/"
	}
	return next
}

// confirmPage is what a link shows: whom it signs in, and a button.
type confirmPage struct {
	web.Page
	Person Person
}

// signoutPage is a button.
type signoutPage struct{ web.Page }

// Mount registers the pages for signing in and out.
func (a *Accounts) Mount(s *web.Shell) error {
	if err := s.Templates("account", templates, web.Pages{
		"signin": signinPage{}, "confirm": confirmPage{}, "signout": signoutPage{},
		"code": codePage{}, "again": againPage{}, "signup": signupPage{}, "opening": openingPage{}, "forgotten": forgottenPage{},
		"password": passwordPage{}, "factor": factorPage{}, "identities": identitiesPage{},
		"providers": providersPage{}, "provider": providerPage{},
	}); err != nil {
		return fmt.Errorf("account's templates: %w", err)
	}
	h := handlers{a, s}
	in, out := string(access.SignIn), string(access.SignOut)
	const small = 16 << 10
	s.Handle("GET /entrar", web.Route{Name: "account.signin", Action: in}, h.form)
	s.Handle("POST /entrar", web.Route{Name: "account.ask", Action: in, MaxBody: small}, h.ask)
	s.Handle("GET /entrar/{token}", web.Route{Name: "account.link", Action: in, Secret: true}, h.show)
	s.Handle("POST /entrar/{token}", web.Route{Name: "account.confirm", Action: in, Secret: true, MaxBody: small}, h.confirm)
	h.mountEntering()
	h.mountOwn()
	h.mountAgain()
	h.mountProviders()
	s.Handle("GET /salir", web.Route{Name: "account.leave", Action: out}, h.leave)
	s.Handle("POST /salir", web.Route{Name: "account.signout", Action: out, MaxBody: small}, h.signout)
	return nil
}

type handlers struct {
	*Accounts
	shell *web.Shell
}

func (h handlers) form(w http.ResponseWriter, r *http.Request) error {
	return h.drawSignin(w, r, http.StatusOK, func(page *signinPage) {
		page.Next = safePath(web.QueryText(r, "volver", maxPath))
		page.Sent = r.URL.Query().Has("enviada")
		page.Trouble = h.pendingNotice(r)
	})
}

// ask answers alike, and in the same time, for addresses with an account and without.
func (h handlers) ask(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	email, next := form.Value("email"), safePath(form.Value("volver"))
	if password := typedPassword(form, "password"); password != "" {
		return h.withPassword(w, r, email, password, next)
	}
	if !h.mail.Configured() {
		http.Redirect(w, r, "/entrar", http.StatusSeeOther)
		return nil
	}
	err = h.Accounts.ask(r.Context(), email, gate.Network(h.shell.ClientIP(r)), LinkMail{Next: next})
	if said := web.FieldErrors(h.shell.Printer(r), err); said != nil {
		return h.drawSignin(w, r, http.StatusUnprocessableEntity, func(page *signinPage) {
			page.Next, page.Email.Value, page.Email.Error = next, email, said["email"]
		})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/entrar?enviada=1", http.StatusSeeOther)
	return nil
}

// drawSignin draws the page for signing in as fill completes it.
func (h handlers) drawSignin(w http.ResponseWriter, r *http.Request, status int, fill func(page *signinPage)) error {
	l := h.shell.Printer(r)
	page := &signinPage{
		Page:    h.shell.Page(r, l.T("account.signin.title")),
		HasMail: h.mail.Configured(), Minutes: int(linkLife.Minutes()),
		Email: web.Field{
			L: l, Name: "email", Type: "email", Autocomplete: "username", MaxLength: maxEmail,
			Label: l.T("account.signin.email"), Hint: l.T("account.signin.email_hint"),
		},
	}
	page.Password = web.Field{
		L: l, Name: "password", Type: "password", Autocomplete: "current-password", MaxLength: maxPassword,
		Label: l.T("account.signin.password"), Optional: page.HasMail,
	}
	if page.HasMail {
		page.Password.Hint = l.T("account.signin.password_hint")
	}
	page.NoIndex, page.Canonical = true, "/entrar"
	fill(page)
	if !page.Sent {
		all, err := h.providers.enabled(r.Context())
		if err != nil {
			return err
		}
		for _, p := range all {
			page.Providers = append(page.Providers, providerLink{Name: p.Name, Path: withNext(p.path(), page.Next)})
		}
	}
	return h.shell.Render(w, r, status, "account/signin", page)
}

// show never uses the link up: mail scanners and previews open links too.
func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	var p Person
	err := h.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		p, err = h.look(tx, r.PathValue("token"))
		return err
	})
	if err != nil {
		return h.dead(w, r, err)
	}
	page := &confirmPage{Page: h.shell.Page(r, h.shell.Printer(r).T("account.confirm.title")), Person: p}
	page.NoIndex, page.Canonical = true, "/entrar"
	return h.shell.Render(w, r, http.StatusOK, "account/confirm", page)
}

// confirm uses the link and starts the session in one transaction: neither happens
// without the other.
func (h handlers) confirm(w http.ResponseWriter, r *http.Request) error {
	var a arrival
	err := h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, next, err := h.use(tx, r.PathValue("token"))
		if err != nil {
			return err
		}
		a, err = h.enter(tx, r, p, byLink, next)
		return err
	})
	if err != nil {
		return h.dead(w, r, err)
	}
	a.answer(w, r)
	return nil
}

// dead says that a link does not work, and offers to ask for another.
func (h handlers) dead(w http.ResponseWriter, r *http.Request, err error) error {
	if plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	return h.drawSignin(w, r, http.StatusGone, func(page *signinPage) { page.Dead = true })
}

func (h handlers) leave(w http.ResponseWriter, r *http.Request) error {
	page := &signoutPage{h.shell.Page(r, h.shell.Printer(r).T("account.signout.title"))}
	page.NoIndex = true
	return h.shell.Render(w, r, http.StatusOK, "account/signout", page)
}

func (h handlers) signout(w http.ResponseWriter, r *http.Request) error {
	if err := h.end(r.Context(), w, h.cookie(r)); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (a *Accounts) cookie(r *http.Request) string {
	if c, err := r.Cookie(a.SessionCookie()); err == nil {
		return c.Value
	}
	return ""
}
