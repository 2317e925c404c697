package mine

import (
	"net/http"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// keysPage lists access tokens and makes one.
type keysPage struct {
	web.Page
	Done        *web.Notice
	Made        *web.Copy // the new token, shown this once
	Keys        []keyLine
	Name, Until web.Field
	Scopes      []scopeBox
	ScopesError string
	Notice      privacy.Said
	Again       string // where to sign in once more before making one, "" where that is no need
}

// keyLine is an access token in words.
type keyLine struct {
	ID, Name      string
	Scopes        []string
	Made, Expires string
	Used          string
	State         web.Badge
	Works         bool
}

// scopeBox is a scope to be ticked.
type scopeBox struct {
	ID, Name, Label string
	Checked         bool
}

// Errors are what is wrong with the form.
func (p keysPage) Errors() web.ErrorSummary {
	scopes := web.Field{Name: "scopes", Label: p.L.T("mine.key.scopes"), Error: p.ScopesError}
	return web.ErrorSummary{L: p.L, Fields: []web.Field{p.Name, scopes, p.Until}}
}

// wanted is what a form says of a new token.
type wanted struct {
	name, until string
	scopes      []string
	wrong       map[string]string
	secret      string
}

// usualLife is for how long a token is offered.
const usualLife = 90

func (p *Pages) keys(w http.ResponseWriter, r *http.Request) error {
	l := p.shell.Printer(r)
	return p.drawKeys(w, r, http.StatusOK, wanted{until: p.DB.Now().In(l.Zone()).AddDate(0, 0, usualLife).Format(time.DateOnly)})
}

func (p *Pages) drawKeys(w http.ResponseWriter, r *http.Request, status int, want wanted) error {
	page := &keysPage{Page: p.page(r, "mine.keys.title")}
	l := page.L
	var all []account.Key
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		all, err = account.Keys(tx, plaza.ActorFrom(tx.Context()).PersonID)
		return err
	}); err != nil {
		return err
	}
	if !account.Fresh(r.Context(), p.DB.Now()) {
		page.Again = account.AgainFor(keysPath)
	}
	page.Done, page.Notice = done(page.Page, r, "revocado"), privacy.Say(l, "token")
	if want.secret != "" {
		page.Made = &web.Copy{L: l, ID: "token", Text: want.secret}
	}
	for _, k := range all {
		page.Keys = append(page.Keys, keyWords(l, k, page.Now))
	}
	page.Name = web.Field{L: l, Name: "name", Label: l.T("mine.key.name"), Hint: l.T("mine.key.name.hint"), Value: want.name, MaxLength: 60, Error: want.wrong["name"]}
	page.Until = web.Field{L: l, Name: "until", Type: "date", Label: l.T("mine.key.until"), Hint: l.T("mine.key.until.hint"), Value: want.until, Error: want.wrong["until"]}
	page.ScopesError = want.wrong["scopes"]
	for _, s := range access.Scopes {
		page.Scopes = append(page.Scopes, scopeBox{ID: "alcance-" + s.Name, Name: s.Name, Label: access.ScopeName(l, s.Name), Checked: slices.Contains(want.scopes, s.Name)})
	}
	return p.shell.Render(w, r, status, "mine/keys", page)
}

func keyWords(l *i18n.Printer, k account.Key, now time.Time) keyLine {
	line := keyLine{ID: k.ID, Name: k.Name, Scopes: k.Scopes, Made: l.Date(k.Created), Expires: l.Date(k.Expires.Add(-time.Millisecond)),
		Used: l.T("mine.key.never"), Works: k.Works(now), State: web.Badge{Tone: web.Good, Icon: "circle-check", Text: l.T("mine.key.works")}}
	if !k.Used.IsZero() {
		line.Used = l.PartialDate(k.Used.Format(time.DateOnly)) // a day of UTC, not of the reader
	}
	switch {
	case !k.Revoked.IsZero():
		line.State = web.Badge{Icon: "x", Text: l.T("mine.key.revoked")}
	case !line.Works:
		line.State = web.Badge{Icon: "clock", Text: l.T("mine.key.expired")}
	}
	return line
}

// makeKey answers with the page itself and not with a redirect: the token is shown this
// once and kept nowhere.
func (p *Pages) makeKey(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if account.Stale(w, r, p.Accounts, keysPath) {
		return nil
	}
	l := p.shell.Printer(r)
	want := wanted{name: form.Value("name"), until: form.Value("until"), scopes: form.Values("scopes")}
	expires := time.Time{} // which is refused at its field
	if day, err := time.ParseInLocation(time.DateOnly, want.until, l.Zone()); err == nil && day.Year() < 9999 {
		expires = day.AddDate(0, 0, 1) // that day included
	}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		person := plaza.ActorFrom(tx.Context()).PersonID
		if err := privacy.Consent(tx, privacy.Who{Person: person}, "token"); err != nil {
			return err
		}
		want.secret, err = p.Accounts.MakeKey(tx, person, account.NewKey{Name: want.name, Scopes: want.scopes, Expires: expires})
		return err
	})
	if want.wrong = web.FieldErrors(l, err); want.wrong != nil {
		return p.drawKeys(w, r, http.StatusUnprocessableEntity, want)
	}
	if err != nil {
		return err
	}
	return p.drawKeys(w, r, http.StatusOK, wanted{secret: want.secret, until: want.until})
}

func (p *Pages) revokeKey(w http.ResponseWriter, r *http.Request) error {
	if err := p.DB.Write(r.Context(), func(tx *db.Tx) error {
		return account.RevokeKey(tx, plaza.ActorFrom(tx.Context()).PersonID, r.PathValue("key"))
	}); err != nil {
		return err
	}
	return p.see(w, r, keysPath+"?hecho=revocado")
}
