package account

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

// resetPath is where one asks for a way in without the password.
const resetPath = "/entrar/olvide"

// The limits of passwords that are tried. One account takes few; many people come from
// one network, but few of them are wrong; one password that fails for many accounts is
// sprayed; and so many failures in all are an attack, during which links still work.
var (
	perAccount      = gate.Limit{Name: "password.account", Max: 10, Window: 15 * time.Minute, Key: "account.error.too_many_passwords"}
	perNetwork      = gate.Limit{Name: "password.network", Max: 600, Window: time.Hour, Key: "account.error.too_many_passwords"}
	failsByNetwork  = gate.Limit{Name: "password.fails.network", Max: 60, Window: time.Hour, Key: "account.error.too_many_passwords"}
	failsByPassword = gate.Limit{Name: "password.fails.password", Max: 20, Window: time.Hour, Key: "account.error.too_many_passwords"}
	failsInAll      = gate.Limit{Name: "password.fails.all", Max: 2000, Window: 15 * time.Minute, Key: "account.error.too_many_passwords"}
)

// mountEntering registers the pages by which one gets in.
func (h handlers) mountEntering() {
	const small = 16 << 10
	in, up := string(access.SignIn), string(access.SignUp)
	h.shell.Handle("GET "+codePath, web.Route{Name: "account.code", Action: in}, h.askCode)
	h.shell.Handle("POST "+codePath, web.Route{Name: "account.code_take", Action: in, MaxBody: small}, h.takeCode)
	h.shell.Handle("GET "+resetPath, web.Route{Name: "account.forgotten", Action: in}, h.forgotten)
	h.shell.Handle("POST "+resetPath, web.Route{Name: "account.forgotten_ask", Action: in, MaxBody: small}, h.askReset)
	h.shell.Handle("GET "+signupPath, web.Route{Name: "account.signup", Action: up}, h.signup)
	h.shell.Handle("POST "+signupPath, web.Route{Name: "account.apply", Action: up, MaxBody: small}, h.apply)
	h.shell.Handle("GET "+signupPath+"/{token}", web.Route{Name: "account.opening", Action: up, Secret: true}, h.opening)
	h.shell.Handle("POST "+signupPath+"/{token}", web.Route{Name: "account.opened", Action: up, Secret: true, MaxBody: small}, h.opened)
}

// attempt is a password that somebody tries for an address.
type attempt struct {
	key, password, network string
	sprayed                string // the keyed hash of the password
	person, hash           string // whose address it is and the hash, "" for none
}

// count counts the attempt and finds whose it is. It does the same for every address.
func (a *Accounts) count(tx *db.Tx, t *attempt) error {
	if err := a.gate.Brake(tx, perNetwork, t.network); err != nil {
		return err
	}
	if err := a.gate.Brake(tx, perAccount, t.key); err != nil {
		return err
	}
	for _, spent := range []struct {
		gate.Limit
		subject string
	}{{failsByNetwork, t.network}, {failsByPassword, t.sprayed}, {failsInAll, ""}} {
		if err := a.gate.Spent(tx, spent.Limit, spent.subject); err != nil {
			return err
		}
	}
	person := tx.ID() // of nobody
	p, err := byKey(tx, t.key)
	if err == nil {
		person = p.ID
	} else if plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	t.person = person
	t.hash, err = passwordOf(tx, person)
	return err
}

// fail notes a failure.
func (a *Accounts) fail(tx *db.Tx, t attempt) error {
	for _, l := range []struct {
		gate.Limit
		subject string
	}{{failsByNetwork, t.network}, {failsByPassword, t.sprayed}, {failsInAll, ""}} {
		if err := a.gate.Brake(tx, l.Limit, l.subject); err != nil && plaza.KindOf(err) != plaza.TooMany {
			return err
		}
	}
	return nil
}

// forgive takes back what count counted of an attempt that was never looked at.
func (a *Accounts) forgive(tx *db.Tx, t attempt) error {
	if err := a.gate.Forgive(tx, perNetwork, t.network); err != nil {
		return err
	}
	return a.gate.Forgive(tx, perAccount, t.key)
}

// try counts an attempt and reports whether the password is the account's, in the same
// time and with the same statements whether there is an account or not.
func (a *Accounts) try(ctx context.Context, t *attempt) (bool, error) {
	prepared, sound := preparePassword(t.password)
	t.sprayed = hex.EncodeToString(a.mac("sprayed", prepared))
	if err := a.db.Write(ctx, func(tx *db.Tx) error { return a.count(tx, t) }); err != nil {
		return false, err
	}
	good, err := a.hasher.verify(ctx, prepared, t.hash)
	if err != nil {
		return false, errors.Join(err, a.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return a.forgive(tx, *t) }))
	}
	if good && sound {
		return true, nil
	}
	return false, a.db.Write(ctx, func(tx *db.Tx) error { return a.fail(tx, *t) })
}

// withPassword signs in by password.
func (h handlers) withPassword(w http.ResponseWriter, r *http.Request, email, password, next string) error {
	l := h.shell.Printer(r)
	wrong := func(field, said string) error {
		return h.drawSignin(w, r, http.StatusUnprocessableEntity, func(page *signinPage) {
			page.Next, page.Email.Value = next, email
			if field == "email" {
				page.Email.Error = said
			} else {
				page.Password.Error = said
			}
		})
	}
	_, key, ok := foldEmail(email)
	if !ok {
		return wrong("email", l.T("account.error.email"))
	}
	t := attempt{key: key, password: password, network: gate.Network(h.shell.ClientIP(r))}
	good, err := h.try(r.Context(), &t)
	if err != nil {
		return err
	}
	if !good {
		return wrong("password", l.T("account.error.password.wrong"))
	}
	fresh, err := h.refreshed(r.Context(), t)
	if err != nil {
		return err
	}
	var a arrival
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, err := ByID(tx, t.person)
		if err != nil {
			return err
		}
		now, err := passwordOf(tx, p.ID)
		if err != nil {
			return err
		}
		if now != t.hash { // changed since it was looked at
			return plaza.E(plaza.NotFound, "account.link.dead")
		}
		if fresh != "" {
			if err := setPassword(tx, p.ID, fresh); err != nil {
				return err
			}
		}
		a, err = h.enter(tx, r, p, byPassword, next)
		return err
	})
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return wrong("password", l.T("account.error.password.wrong"))
	}
	if err != nil {
		return err
	}
	a.answer(w, r)
	return nil
}

// refreshed is the password's hash with today's parameters, "" where it has them.
func (a *Accounts) refreshed(ctx context.Context, t attempt) (string, error) {
	p, err := parsePHC(t.hash)
	if err != nil || p.current() {
		return "", err
	}
	prepared, _ := preparePassword(t.password)
	return a.hasher.hash(ctx, prepared)
}

// equal compares secrets in constant time.
func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// forgottenPage asks for the address to which a way in without the password is mailed.
type forgottenPage struct {
	web.Page
	Sent    bool
	HasMail bool
	Minutes int
	Field   web.Field
}

// Summary is what is wrong with the form.
func (p forgottenPage) Summary() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.Field}}
}

// Command is what an operator types where there is no mail.
func (p forgottenPage) Command() web.Copy {
	return web.Copy{L: p.L, ID: "comando", Text: p.L.T("account.signin.no_mail.command")}
}

func (h handlers) forgotten(w http.ResponseWriter, r *http.Request) error {
	return h.drawForgotten(w, r, http.StatusOK, "", "")
}

func (h handlers) drawForgotten(w http.ResponseWriter, r *http.Request, status int, email, wrong string) error {
	l := h.shell.Printer(r)
	page := &forgottenPage{Page: h.shell.Page(r, l.T("account.forgotten.title")),
		Sent: r.URL.Query().Has("enviada"), HasMail: h.mail.Configured(), Minutes: int(linkLife.Minutes()),
		Field: web.Field{L: l, Name: "email", Type: "email", Autocomplete: "username", MaxLength: maxEmail,
			Label: l.T("account.signin.email"), Hint: l.T("account.signin.email_hint"), Value: email, Error: wrong}}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("account.signin.title"), Path: "/entrar"}}
	return h.shell.Render(w, r, status, "account/forgotten", page)
}

// askReset mails a link that signs in and leads to where the password is changed: as
// with every link, nothing tells whether the address has an account.
func (h handlers) askReset(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if !h.mail.Configured() {
		http.Redirect(w, r, resetPath, http.StatusSeeOther)
		return nil
	}
	email := form.Value("email")
	err = h.Accounts.ask(r.Context(), email, gate.Network(h.shell.ClientIP(r)), LinkMail{Next: passwordPath, Reset: true})
	if said := web.FieldErrors(h.shell.Printer(r), err); said != nil {
		return h.drawForgotten(w, r, http.StatusUnprocessableEntity, email, said["email"])
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, resetPath+"?enviada=1", http.StatusSeeOther)
	return nil
}
