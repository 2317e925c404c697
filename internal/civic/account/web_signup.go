package account

import (
	"net/http"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// signupPage asks for a name and an address.
type signupPage struct {
	web.Page
	Next    string
	Sent    bool
	HasMail bool
	Hours   int    // that the mailed link works
	From    string // the identity provider that the person comes from, or ""
	Gate    gate.Fields
	Privacy privacy.Said
	Fields  []web.Field
}

// Summary is what is wrong with the form.
func (p signupPage) Summary() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

// Onward is where somebody goes who is signed in already.
func (p signupPage) Onward() string { return onward(p.Next) }

// SignIn is where somebody goes who has an account.
func (p signupPage) SignIn() string { return withNext("/entrar", p.Next) }

// signupNote tells the browser that asked for an account from the others.
var signupNote = note{"plaza-alta", signupLife}

// The bounds of what comes from forms that a machine may have sent, as every browser's
// without scripts: of those that ask for an account, and of those that are refused for
// what is typed in them, which nobody who types wrongly ever reaches.
var (
	oddSignups  = gate.Limit{Name: "signup.odd", Max: 5, Window: time.Hour, Key: "account.error.too_many_signups"}
	oddMistakes = gate.Limit{Name: "signup.odd.refused", Max: 100, Window: time.Hour, Key: "account.error.too_many_signups"}
)

const signupForm = "signup"

func (h handlers) signup(w http.ResponseWriter, r *http.Request) error {
	s := signup{next: safePath(web.QueryText(r, "volver", maxPath))}
	var from pending
	if h.read(r, pendingNote, &from) {
		s.Name, s.Email = from.Name, from.Email
		if s.next == "" {
			s.next = from.Next
		}
	}
	return h.drawSignup(w, r, http.StatusOK, s, nil)
}

func (h handlers) drawSignup(w http.ResponseWriter, r *http.Request, status int, s signup, wrong map[string]string) error {
	l := h.shell.Printer(r)
	page := &signupPage{Page: h.shell.Page(r, l.T("account.signup.title")), Next: s.next,
		Sent: r.URL.Query().Has("enviada"), HasMail: h.mail.Configured(), Hours: int(signupLife.Hours()),
		Gate: h.gate.Fields(l, signupForm, h.db.Now()), Privacy: privacy.Say(l, "signup"),
		Fields: []web.Field{
			{L: l, Name: "name", Label: l.T("account.signup.name"), Hint: l.T("account.signup.name_hint"), Value: s.Name,
				Autocomplete: "name", MaxLength: maxName, Error: wrong["name"]},
			{L: l, Name: "email", Type: "email", Label: l.T("account.signin.email"), Hint: l.T("account.signup.email_hint"), Value: s.Email,
				Autocomplete: "email", MaxLength: maxEmail, Error: wrong["email"]},
		}}
	var from pending
	if h.read(r, pendingNote, &from) {
		page.From = from.Provider
	} else {
		page.Fields = append(page.Fields, web.Field{L: l, Name: "password", Type: "password", Optional: true,
			Label: l.T("account.signup.password"), Hint: l.T("account.signup.password_hint", "min", minPassword),
			Autocomplete: "new-password", MaxLength: maxPassword, Error: wrong["password"]})
	}
	page.NoIndex, page.Canonical = true, signupPath
	return h.shell.Render(w, r, status, "account/signup", page)
}

// apply answers alike for addresses with an account and without.
func (h handlers) apply(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s := signup{New: New{Email: form.Value("email"), Name: form.Value("name"), Language: h.shell.Printer(r).Lang()},
		next: safePath(form.Value("volver"))}
	network := gate.Network(h.shell.ClientIP(r))
	sent := signupPath + "?enviada=1"
	machine, err := h.looked(r, form, network, &s)
	if err != nil {
		return err
	}
	if machine {
		http.Redirect(w, r, sent, http.StatusSeeOther)
		return nil
	}
	var from pending
	password := typedPassword(form, "password")
	if h.read(r, pendingNote, &from) {
		s.identity, password = from.identity, ""
		if done, err := h.openAtOnce(w, r, s, from, network); done || err != nil {
			return err
		}
	}
	s, err = h.Accounts.apply(r.Context(), s, password, network)
	if said := web.FieldErrors(h.shell.Printer(r), err); said != nil {
		return h.mistyped(w, r, s, network, said)
	}
	if err != nil {
		return err
	}
	h.write(w, signupNote, s.id)
	http.Redirect(w, r, sent, http.StatusSeeOther)
	return nil
}

// looked uses the drawn form up and reports whether only a machine can have sent it;
// s.odd says afterwards whether one may have.
func (h handlers) looked(r *http.Request, form *web.Form, network string, s *signup) (machine bool, err error) {
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		signals, err := h.gate.Judge(tx, form, signupForm)
		if err != nil || len(signals) == 0 {
			return err
		}
		if machine = slices.Contains(signals, gate.Trapped); machine {
			return nil
		}
		s.odd = true
		return h.gate.Spent(tx, oddMistakes, network)
	})
	return machine, err
}

// mistyped draws the form again with what is wrong in it.
func (h handlers) mistyped(w http.ResponseWriter, r *http.Request, s signup, network string, said map[string]string) error {
	if s.odd {
		if err := h.db.Write(r.Context(), func(tx *db.Tx) error { return h.gate.Brake(tx, oddMistakes, network) }); err != nil {
			return err
		}
	}
	return h.drawSignup(w, r, http.StatusUnprocessableEntity, s, said)
}

// openAtOnce makes the account of somebody whose provider vouches for the address, and
// reports whether it has answered.
func (h handlers) openAtOnce(w http.ResponseWriter, r *http.Request, s signup, from pending, network string) (bool, error) {
	n, key, err := s.New.clean()
	_, vouched, ok := foldEmail(from.Email)
	if err != nil || !from.Verified || !ok || key != vouched {
		return false, nil // the mailed link decides, and says what is wrong with the form
	}
	s.New, s.emailKey = n, key
	var a arrival
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		p, err := h.found(tx, s)
		if err == nil && s.odd {
			err = h.gate.Brake(tx, oddSignups, network)
		}
		if err != nil {
			return err
		}
		if a, err = h.enter(tx, r, p, byProvider, s.next); err != nil {
			return err
		}
		return opened(tx, p)
	})
	if said := web.FieldErrors(h.shell.Printer(r), err); said != nil {
		return true, h.mistyped(w, r, s, network, said)
	}
	if err != nil && (plaza.KindOf(err) == plaza.NotFound || plaza.KindOf(err) == plaza.Conflict) {
		http.Redirect(w, r, "/entrar", http.StatusSeeOther) // there is an account: it says how to connect them
		return true, nil
	}
	if err != nil {
		return true, err
	}
	a.cookies = append(a.cookies, func(w http.ResponseWriter) { h.write(w, pendingNote, nil) })
	a.to = welcome(a.to)
	a.answer(w, r)
	return true, nil
}

// welcome is where somebody goes whose account was just made: to what they came for,
// else to their own page, which says that the account is ready.
func welcome(to string) string {
	if to == onward("") {
		return "/mi?hecho=cuenta"
	}
	return to
}

// deadSignup says of a link that made an account, or never did, what became of it.
func (h handlers) deadSignup(w http.ResponseWriter, r *http.Request, err error) error {
	if plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	return h.drawSignin(w, r, http.StatusGone, func(page *signinPage) { page.Dead, page.DeadSignup = true, true })
}

// openingPage is what the link that confirms an address shows, and a button.
type openingPage struct {
	web.Page
	Name, Email string
	// Bare says that the password or identity that came with the sign-up is left out, as
	// another browser than this one asked for it.
	Bare bool
}

// trusted reports whether this browser asked for the sign-up.
func (h handlers) trusted(r *http.Request, s signup) bool {
	var id string
	return h.read(r, signupNote, &id) && id == s.id
}

// opening never uses the link up: mail scanners and previews open links too.
func (h handlers) opening(w http.ResponseWriter, r *http.Request) error {
	var s signup
	err := h.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		s, err = h.lookSignup(tx, r.PathValue("token"))
		return err
	})
	if err != nil {
		return h.deadSignup(w, r, err)
	}
	page := &openingPage{Page: h.shell.Page(r, h.shell.Printer(r).T("account.opening.title")), Name: s.Name, Email: s.Email,
		Bare: (s.password != "" || s.identity.Subject != "") && !h.trusted(r, s)}
	page.NoIndex, page.Canonical = true, signupPath
	return h.shell.Render(w, r, http.StatusOK, "account/opening", page)
}

// opened makes the account and starts the session in one transaction.
func (h handlers) opened(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	var a arrival
	err := h.db.Write(r.Context(), func(tx *db.Tx) error {
		asked := signup{id: h.signupID(token)}
		p, s, err := h.open(tx, token, h.trusted(r, asked))
		if err != nil {
			return err
		}
		if a, err = h.enter(tx, r, p, bySignup, s.next); err != nil {
			return err
		}
		return opened(tx, p)
	})
	if err != nil {
		return h.deadSignup(w, r, err)
	}
	a.to = welcome(a.to)
	for _, n := range []note{signupNote, pendingNote} {
		a.cookies = append(a.cookies, func(w http.ResponseWriter) { h.write(w, n, nil) })
	}
	a.answer(w, r)
	return nil
}
