package account

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/secret"
	"plaza/internal/base/web"
	"plaza/internal/civic/gate"
	"plaza/internal/plaza"
)

// How a session was begun.
const (
	byLink     = "link"
	byPassword = "password"
	byProvider = "oidc"
	bySignup   = "signup"
)

// freshFor is for how long after signing in one may do what cannot be undone and, after
// signing in by link, change the password without the old one.
const freshFor = 10 * time.Minute

// The second step of signing in: its note, its token and how long it waits.
const (
	codePath      = "/entrar/codigo"
	purposeSecond = "second"
	secondLife    = 10 * time.Minute
)

var secondNote = note{"plaza-paso", secondLife}

// second is what the browser carries between the two steps.
type second struct {
	Token string `json:"t"`
	How   string `json:"h"`
	Next  string `json:"n"`
}

// perCode bounds guessing: of a million codes three are good at a time.
// Each way in has a count of its own, so that whoever knows a password does not keep its
// person from getting in by link; recovery codes have theirs, however one came.
var (
	perCode     = gate.Limit{Name: "signin.code", Max: 8, Window: 15 * time.Minute, Key: "account.error.too_many_codes"}
	perRecovery = gate.Limit{Name: "signin.recovery", Max: 8, Window: time.Hour, Key: "account.error.too_many_codes"}
	perWarning  = gate.Limit{Name: "signin.code.warned", Max: 1, Window: time.Hour}
)

// way is how the person came to the second step.
func (s second) way() string {
	if s.How == byLink && s.Next == passwordPath {
		return "reset"
	}
	return s.How
}

// brakeCode counts a code that somebody tries who came in some way.
func (a *Accounts) brakeCode(tx *db.Tx, person, way, typed string) error {
	if len(plainCode(typed)) == recoveryRunes {
		return a.gate.Brake(tx, perRecovery, person)
	}
	return a.gate.Brake(tx, perCode, person+" "+way)
}

// warn tells a person, once an hour, that somebody tries codes without end.
func (a *Accounts) warn(ctx context.Context, p Person, err error) {
	if p.ID == "" || plaza.KindOf(err) != plaza.TooMany {
		return
	}
	if err := a.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		if err := a.gate.Brake(tx, perWarning, p.ID); err != nil {
			if plaza.KindOf(err) == plaza.TooMany {
				return nil
			}
			return err
		}
		return a.tell(tx, p, "codes_braked")
	}); err != nil {
		a.log.WarnContext(ctx, "warning of codes that are guessed", "err", err)
	}
}

// arrival is what is left to do when the transaction of signing in has succeeded.
type arrival struct {
	cookies []func(http.ResponseWriter)
	to      string
}

// answer sends the browser where the arrival leads.
func (v arrival) answer(w http.ResponseWriter, r *http.Request) {
	for _, set := range v.cookies {
		set(w)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, v.to, http.StatusSeeOther)
}

// enter lets in who has shown who they are: a session begins, or the code of the second
// factor is asked for.
func (h handlers) enter(tx *db.Tx, r *http.Request, p Person, how, next string) (arrival, error) {
	if !p.SecondFactor {
		setCookie, err := h.begin(tx, p, h.cookie(r), how)
		return arrival{[]func(http.ResponseWriter){setCookie}, onward(next)}, err
	}
	token := secret.Chance()
	if _, err := tx.Exec(`INSERT INTO tokens (hash, purpose, audience, person_id, next, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		h.tokenHash(purposeSecond, token), purposeSecond, p.emailKey, p.ID, "", tx.Now, tx.Now.Add(secondLife)); err != nil {
		return arrival{}, fmt.Errorf("storing the second step: %w", err)
	}
	leave := func(w http.ResponseWriter) { h.write(w, secondNote, second{token, how, next}) }
	return arrival{[]func(http.ResponseWriter){leave}, codePath}, nil
}

// codePage asks for the code of the second factor.
type codePage struct {
	web.Page
	Field web.Field
}

// Summary is what is wrong with the form.
func (p codePage) Summary() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.Field}}
}

func (h handlers) askCode(w http.ResponseWriter, r *http.Request) error {
	var s second
	if !h.read(r, secondNote, &s) {
		http.Redirect(w, r, "/entrar", http.StatusSeeOther)
		return nil
	}
	return h.drawCode(w, r, http.StatusOK, "")
}

func (h handlers) drawCode(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	l := h.shell.Printer(r)
	page := &codePage{Page: h.shell.Page(r, l.T("account.code.title")), Field: web.Field{
		L: l, Name: "code", Label: l.T("account.code.label"), Hint: l.T("account.code.hint"), Error: wrong,
		Autocomplete: "one-time-code", MaxLength: 20,
	}}
	page.NoIndex, page.Canonical = true, "/entrar"
	return h.shell.Render(w, r, status, "account/code", page)
}

// takeCode ends signing in: of all who try one code at once, one gets in.
func (h handlers) takeCode(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var s second
	if !h.read(r, secondNote, &s) {
		return h.dead(w, r, plaza.E(plaza.NotFound, "account.link.dead"))
	}
	var a arrival
	good := false
	var who Person
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		var person, audience string
		found := tx.Row(`SELECT person_id, audience
			FROM tokens
			WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3`,
			h.tokenHash(purposeSecond, s.Token), purposeSecond, tx.Now).Scan(&person, &audience)
		p, err := h.bearer(tx, person, audience, found)
		if err != nil {
			return err
		}
		who = p
		if err := h.brakeCode(tx, p.ID, s.way(), form.Value("code")); err != nil {
			return err
		}
		if good, err = h.spendCode(tx, p.ID, form.Value("code")); err != nil || !good {
			return err
		}
		if n, err := tx.Exec(`UPDATE tokens SET used_at = $1 WHERE hash = $2 AND used_at IS NULL`,
			tx.Now, h.tokenHash(purposeSecond, s.Token)); err != nil || n == 0 {
			return plaza.E(plaza.NotFound, "account.link.dead")
		}
		setCookie, err := h.begin(tx, p, h.cookie(r), s.How)
		a = arrival{[]func(http.ResponseWriter){setCookie, func(w http.ResponseWriter) { h.write(w, secondNote, nil) }}, onward(s.Next)}
		return err
	})
	if err != nil {
		h.warn(r.Context(), who, err)
		return h.dead(w, r, err)
	}
	if !good {
		return h.drawCode(w, r, http.StatusUnprocessableEntity, h.shell.Printer(r).T("account.error.code"))
	}
	a.answer(w, r)
	return nil
}
