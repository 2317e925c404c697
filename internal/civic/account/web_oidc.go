package account

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
)

// The notes of a journey to a provider and of an identity that no account has yet.
var (
	journeyNote = note{"plaza-viaje", 15 * time.Minute}
	pendingNote = note{"plaza-identidad", 30 * time.Minute}
)

// pending is an identity that came back and that no account has: it waits for its person
// to sign up, or to sign in and say that it is theirs.
type pending struct {
	claims
	Provider string `json:"p"` // its name
	Next     string `json:"x"`
}

// providerLink leads to a provider.
type providerLink struct{ Name, Path string }

// goOut sends the browser to a provider.
func (h handlers) goOut(w http.ResponseWriter, r *http.Request) error {
	p, err := h.providers.find(r.Context(), r.PathValue("provider"))
	if err != nil {
		return err
	}
	j := newJourney(p, safePath(web.QueryText(r, "volver", maxPath)))
	to, err := h.depart(r.Context(), p, j)
	if err != nil {
		return h.troubled(w, r, p, err)
	}
	h.write(w, journeyNote, j)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// comeBack is where the provider sends the browser. The session may begin with a GET, as
// only the browser that left carries the note that the state belongs to.
func (h handlers) comeBack(w http.ResponseWriter, r *http.Request) error {
	p, err := h.providers.find(r.Context(), r.PathValue("provider"))
	if err != nil {
		return err
	}
	var j journey
	q := r.URL.Query()
	ours := h.read(r, journeyNote, &j) && j.Provider == p.ID && equal(j.State, q.Get("state"))
	if !ours {
		return h.troubled(w, r, p, refused(errors.New("the state is not this browser's")))
	}
	h.write(w, journeyNote, nil) // once
	if q.Get("code") == "" {
		return h.troubled(w, r, p, plaza.E(plaza.Invalid, "account.error.provider.declined"))
	}
	c, err := h.arrive(r.Context(), p, j, q.Get("code"))
	if err != nil {
		return h.troubled(w, r, p, err)
	}
	a, err := h.welcome(r, p, c, j.Next)
	if err != nil {
		return h.troubled(w, r, p, err)
	}
	a.answer(w, r)
	return nil
}

// welcome says what becomes of who came back: known, they sign in; unknown, the identity
// waits for them to sign up or, where the address has an account, to sign in first.
// Nothing connects an identity to an account but its person's own button.
func (h handlers) welcome(r *http.Request, p Provider, c claims, next string) (a arrival, err error) {
	actor := plaza.ActorFrom(r.Context())
	waits := func(to, next string) arrival {
		return arrival{to: to, cookies: []func(http.ResponseWriter){func(w http.ResponseWriter) {
			h.write(w, pendingNote, pending{claims: c, Provider: p.Name, Next: next})
		}}}
	}
	err = h.db.Write(r.Context(), func(tx *db.Tx) error {
		who, err := byIdentity(tx, c.identity)
		switch {
		case err == nil && actor.SignedIn() && who.ID != actor.PersonID:
			return plaza.E(plaza.Invalid, "account.error.provider.others")
		case err == nil && actor.SignedIn():
			a = arrival{to: onward(next)}
			return nil
		case err == nil:
			a, err = h.enter(tx, r, who, byProvider, next)
			return err
		case plaza.KindOf(err) != plaza.NotFound:
			return err
		}
		if actor.SignedIn() {
			a = waits(identitiesPath, next)
			return nil
		}
		a = waits(withNext(signupPath, next), next)
		if _, key, ok := foldEmail(c.Email); ok && c.Verified {
			if _, err := byKey(tx, key); err == nil {
				a = waits(withNext("/entrar", identitiesPath), next)
			} else if plaza.KindOf(err) != plaza.NotFound {
				return err
			}
		}
		return nil
	})
	return a, err
}

// troubled says on the page for signing in what went wrong at a provider.
func (h handlers) troubled(w http.ResponseWriter, r *http.Request, p Provider, err error) error {
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Key == "" || e.Kind != plaza.Invalid && e.Kind != plaza.Unavailable {
		return err
	}
	status := http.StatusBadRequest
	if e.Kind == plaza.Unavailable {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(e.RetryAfter.Seconds()))))
	}
	if e.Cause != nil {
		h.log.WarnContext(r.Context(), "an identity provider", "provider", p.Slug, "err", e.Cause)
	}
	return h.drawSignin(w, r, status, func(page *signinPage) {
		page.Trouble = &web.Notice{Tone: web.Warning, Title: page.L.T("account.provider.trouble", "name", p.Name),
			Text: page.L.T(e.Key, "name", p.Name)}
	})
}

// pendingNotice says what to do for somebody whose identity waits for them to sign in.
func (h handlers) pendingNotice(r *http.Request) *web.Notice {
	var from pending
	if !h.read(r, pendingNote, &from) || !from.Verified {
		return nil
	}
	l := h.shell.Printer(r)
	return &web.Notice{Tone: web.Info, Title: l.T("account.pending.title", "name", from.Provider),
		Text: l.T("account.pending.text", "name", from.Provider, "email", from.Email)}
}
