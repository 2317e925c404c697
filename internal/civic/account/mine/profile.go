package mine

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/account"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// profilePage is name, language and address.
type profilePage struct {
	web.Page
	Done       *web.Notice
	Hold       *web.Notice // why the account is suspended, and until when
	Fields     []web.Field
	Email      string
	EmailField web.Field
	Notice     privacy.Said
	MailNotice privacy.Said
	HasMail    bool
	Again      string // where to sign in once more before the address is changed, "" where that is no need
}

// Errors are what is wrong with either form.
func (p profilePage) Errors() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: append(append([]web.Field{}, p.Fields...), p.EmailField)}
}

// typed is what a form that was refused had in it.
type typed struct {
	name, language, email string
	wrong                 map[string]string
}

func (p *Pages) profile(w http.ResponseWriter, r *http.Request) error {
	return p.drawProfile(w, r, http.StatusOK, nil)
}

func (p *Pages) drawProfile(w http.ResponseWriter, r *http.Request, status int, t *typed) error {
	page := &profilePage{Page: p.page(r, "mine.profile.title"), HasMail: p.Accounts.HasMail()}
	l := page.L
	var person account.Person
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		person, err = me(tx)
		return err
	}); err != nil {
		return err
	}
	if t == nil {
		t = &typed{name: person.Name, language: person.Language}
		page.Done = done(page.Page, r, "guardada", "correo")
	}
	if !account.Fresh(r.Context(), p.DB.Now()) {
		page.Again = account.AgainFor(Path)
	}
	page.Email, page.Notice, page.MailNotice = person.Email, privacy.Say(l, "profile"), privacy.Say(l, "email")
	page.Fields = []web.Field{
		{L: l, Name: "name", Label: l.T("mine.name"), Hint: l.T("mine.name.hint"), Value: t.name, Autocomplete: "name", MaxLength: 120, Error: t.wrong["name"]},
		{L: l, Name: "language", Type: "select", Label: l.T("mine.language"), Hint: l.T("mine.language.hint"), Value: t.language, Options: []web.Option{
			{Value: i18n.Spanish, Label: l.T("mine.language.es")}, {Value: i18n.English, Label: l.T("mine.language.en")}}},
	}
	page.EmailField = web.Field{L: l, Name: "email", Type: "email", Label: l.T("mine.email.new"), Hint: l.T("mine.email.hint"),
		Value: t.email, Autocomplete: "email", MaxLength: 254, Error: t.wrong["email"]}
	if s := person.SuspendedBy; person.Suspended {
		page.Hold = &web.Notice{Tone: web.Warning, Title: l.T("mine.hold.forever"), Text: s.Why}
		if !s.Until.IsZero() {
			page.Hold.Title = l.T("mine.hold.until", "date", l.DateTime(s.Until))
		}
	}
	return p.shell.Render(w, r, status, "mine/profile", page)
}

func (p *Pages) saveProfile(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	t := typed{name: form.Value("name"), language: form.Value("language")}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		if err := p.Accounts.SetProfile(tx, plaza.ActorFrom(tx.Context()).PersonID, t.name, t.language); err != nil {
			return err
		}
		return privacy.Consent(tx, privacy.Who{Person: plaza.ActorFrom(tx.Context()).PersonID}, "profile")
	})
	if t.wrong = web.FieldErrors(p.shell.Printer(r), err); t.wrong != nil {
		return p.drawProfile(w, r, http.StatusUnprocessableEntity, &t)
	}
	if err != nil {
		return err
	}
	return p.see(w, r, Path+"?hecho=guardada")
}

// askEmail answers alike whoever has the new address.
func (p *Pages) askEmail(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if account.Stale(w, r, p.Accounts, Path) {
		return nil
	}
	var person account.Person
	t := typed{email: form.Value("email")}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		if person, err = me(tx); err != nil {
			return err
		}
		if err := p.Accounts.AskEmail(tx, t.email); err != nil {
			return err
		}
		return privacy.Consent(tx, privacy.Who{Person: person.ID}, "email")
	})
	if t.wrong = web.FieldErrors(p.shell.Printer(r), err); t.wrong != nil {
		t.name, t.language = person.Name, person.Language
		return p.drawProfile(w, r, http.StatusUnprocessableEntity, &t)
	}
	if err != nil {
		return err
	}
	return p.see(w, r, Path+"?hecho=correo")
}

// changePage is what a link about a change of address shows: what it does, and a
// button.
type changePage struct {
	web.Page
	Lead, Button string
	Done         *web.Notice
	Dead         *web.Notice
}

// showChange never uses the link up: mail scanners and previews open links too.
func (p *Pages) showChange(w http.ResponseWriter, r *http.Request) error {
	var c account.EmailChange
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		c, err = p.Accounts.LookEmail(tx, r.PathValue("token"))
		return err
	})
	if err != nil {
		return p.dead(w, r, err)
	}
	page := p.changePage(r)
	page.Lead, page.Button = page.L.T("mine.change.confirm", "email", c.New), page.L.T("mine.change.confirm.button")
	if c.Undo {
		page.Lead, page.Button = page.L.T("mine.change.undo", "email", c.Old), page.L.T("mine.change.undo.button")
	}
	if c.Undo && !c.Done {
		page.Lead, page.Button = page.L.T("mine.change.stop", "email", c.New), page.L.T("mine.change.stop.button")
	}
	return p.shell.Render(w, r, http.StatusOK, "mine/change", page)
}

func (p *Pages) changePage(r *http.Request) *changePage {
	page := &changePage{Page: p.shell.Page(r, p.shell.Printer(r).T("mine.change.title"))}
	page.NoIndex, page.Canonical = true, Path
	return page
}

func (p *Pages) doChange(w http.ResponseWriter, r *http.Request) error {
	var c account.EmailChange
	err := p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		c, err = p.Accounts.UseEmail(tx, r.PathValue("token"))
		return err
	})
	if err != nil {
		return p.dead(w, r, err)
	}
	page := p.changePage(r)
	page.Done = &web.Notice{Tone: web.Good, Text: page.L.T("mine.change.confirmed", "email", c.New), Live: true}
	if c.Undo {
		page.Done.Text = page.L.T("mine.change.undone", "email", c.Old)
		page.Done.Link, page.Done.Action = "/entrar", page.L.T("mine.change.signin")
	}
	return p.shell.Render(w, r, http.StatusOK, "mine/change", page)
}

func (p *Pages) dead(w http.ResponseWriter, r *http.Request, err error) error {
	if plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	page := p.changePage(r)
	page.Dead = &web.Notice{Tone: web.Warning, Title: page.L.T("mine.change.dead"), Text: page.L.T("mine.change.dead.text",
		"hours", int(account.EmailLife.Hours()), "days", int(account.EmailUndoLife.Hours()/24))}
	return p.shell.Render(w, r, http.StatusGone, "mine/change", page)
}
