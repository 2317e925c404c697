package membership

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// invitePage is the form with which one invites.
type invitePage struct {
	institution.OfficePage
	Errors  web.ErrorSummary
	Email   web.Field
	Roles   []web.Field
	Rest    []web.Field
	Wrong   string // what is wrong with the roles as a whole
	Action  string
	Privacy privacy.Said
}

// invited is what somebody wrote into the form.
type invited struct {
	email, unit, from, until string
	roles                    map[plaza.Role]bool
}

func readInvited(form *web.Form) invited {
	in := invited{email: form.Value("email"), unit: form.Value("unit"), from: form.Value("from"), until: form.Value("until"), roles: map[plaza.Role]bool{}}
	for _, r := range Offered {
		in.roles[r] = form.Checked("role_" + string(r))
	}
	return in
}

// invitation is what the form says, and what of it is no date.
func (in invited) invitation(body institution.Institution, now time.Time) (Invitation, plaza.Mistakes) {
	i := Invitation{Institution: body.ID, Email: in.email, Unit: in.unit}
	for _, r := range Offered {
		if in.roles[r] {
			i.Roles = append(i.Roles, r)
		}
	}
	var wrong plaza.Mistakes
	i.From, i.Until = days(in.from, in.until, body, now, &wrong)
	return i, wrong
}

// days are a first and a last day of a form as instants in the institution's zone. One
// that begins today begins now.
func days(first, last string, body institution.Institution, now time.Time, wrong *plaza.Mistakes) (from, until time.Time) {
	zone := zoneOf(body)
	from, ok := day(first, zone)
	wrong.Hold(ok, "from", "membership.error.from", nil)
	until, ok = through(last, zone)
	wrong.Hold(ok, "until", "membership.error.until", nil)
	if ok && !from.IsZero() && from.Before(now) && from.AddDate(0, 0, 1).After(now) {
		from = time.Time{}
	}
	return from, until
}

func (m *Members) inviteForm(w http.ResponseWriter, r *http.Request) error {
	return m.drawInvite(w, r, http.StatusOK, invited{}, nil)
}

func (m *Members) drawInvite(w http.ResponseWriter, r *http.Request, status int, in invited, wrong map[string]string) error {
	page := &invitePage{}
	var units []institution.Unit
	var names Names
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.MemberInvite, "membership.invite"); err != nil {
			return err
		}
		if names, err = RoleNames(tx, page.Institution.ID); err != nil {
			return err
		}
		units, err = institution.Units(tx, page.Institution.ID)
		return err
	}); err != nil {
		return err
	}
	l := page.L
	page.Action, page.Wrong, page.Privacy = officePath(page.Institution)+invitePath, wrong["roles"], privacy.Say(l, invitationDatum.Point)
	page.Email = dress(l, []web.Field{{Name: "email", Type: "email", Value: in.email, MaxLength: 254}}, wrong)[0]
	for _, role := range Offered {
		page.Roles = append(page.Roles, web.Field{L: l, Name: "role_" + string(role), Type: "checkbox", Label: names.Say(l, role), Checked: in.roles[role], Optional: true})
	}
	page.Rest = dress(l, []web.Field{
		{Name: "unit", Type: "select", Value: in.unit, Options: unitOptions(l, units), Optional: true},
		{Name: "from", Type: "date", Value: in.from, Optional: true},
		{Name: "until", Type: "date", Value: in.until, Optional: true},
	}, wrong)
	roles := web.Field{Name: "roles", Label: l.T("membership.field.roles"), Error: page.Wrong}
	page.Errors = web.ErrorSummary{L: l, Fields: append([]web.Field{page.Email, roles}, page.Rest...)}
	return m.shell.Render(w, r, status, "membership/invite", page)
}

func (m *Members) sendInvitation(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	body, err := m.body(r)
	if err != nil {
		return err
	}
	in := readInvited(form)
	i, unread := in.invitation(body, m.DB.Now())
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := m.Invite(tx, i)
		return also(unread, err) // within, so that nothing is kept
	})
	if wrong := web.FieldErrors(m.shell.Printer(r), err); wrong != nil {
		return m.drawInvite(w, r, http.StatusUnprocessableEntity, in, wrong)
	}
	if err != nil {
		return err
	}
	return see(w, r, officePath(body)+membersPath+"?hecho=invitacion")
}

// also joins what could not be read of a form with what is wrong with the rest of it.
func also(unread plaza.Mistakes, err error) error {
	if len(unread) == 0 {
		return err
	}
	e, ok := errors.AsType[*plaza.Error](err)
	if ok && len(e.Fields) > 0 {
		return append(unread, e.Fields...).Err("web.error.invalid")
	}
	return unread.Err("web.error.invalid")
}

// invitationPage shows what an invitation's link is for, or why it does not work.
type invitationPage struct {
	web.Page
	Dead   *web.Notice
	Body   string
	Roles  string
	Unit   string
	Period string
	For    string // the address, most of it hidden, for who is not signed in
	SignIn string
	SignUp string // "" where one does not sign up
	Action string
}

func (m *Members) invitation(w http.ResponseWriter, r *http.Request) error {
	page := m.invitationPage(r)
	secret := r.PathValue("token")
	err := m.DB.Read(r.Context(), func(tx *db.Tx) error {
		i, err := m.Look(tx, secret)
		if err != nil {
			return err
		}
		return page.load(tx, i, secret)
	})
	if err != nil {
		return m.dead(w, r, err)
	}
	return m.shell.Render(w, r, http.StatusOK, "membership/invitation", page)
}

func (m *Members) invitationPage(r *http.Request) *invitationPage {
	page := &invitationPage{Page: m.shell.Page(r, m.shell.Printer(r).T("membership.invitation"))}
	page.NoIndex, page.Canonical = true, "/"
	return page
}

func (p *invitationPage) load(tx *db.Tx, i Invitation, secret string) error {
	body, err := institution.ByID(tx, i.Institution)
	if err != nil {
		return err
	}
	names, err := RoleNames(tx, body.ID)
	if err != nil {
		return err
	}
	if i.Unit != "" {
		u, err := institution.UnitByID(tx, i.Unit)
		if err != nil {
			return err
		}
		p.Unit = u.Name
	}
	p.L = p.L.In(zoneOf(body))
	p.Body, p.Roles = body.Name, rolesWords(p.L, names, i.Roles)
	from := i.From
	if from.Before(tx.Now) {
		from = tx.Now
	}
	p.Period, p.Action = period(p.L, from, i.Until), linkPath+secret
	if !p.Actor.SignedIn() {
		back := "?volver=" + url.QueryEscape(p.Action)
		p.For, p.SignIn, p.SignUp = mask(i.Email), "/entrar"+back, "/cuenta/nueva"+back
	}
	return nil
}

// dead says why a link does not work. Of an invitation to somebody else it tells nothing.
func (m *Members) dead(w http.ResponseWriter, r *http.Request, err error) error {
	e, ok := errors.AsType[*plaza.Error](err)
	if !ok || e.Key != deadOther && e.Key != deadUnknown && e.Key != deadUsed && e.Key != deadRevoked && e.Key != deadExpired {
		return err
	}
	page, status := m.invitationPage(r), http.StatusGone
	page.Dead = &web.Notice{Tone: web.Warning, Title: page.L.T(e.Key), Text: page.L.T(e.Key + ".text")}
	if e.Key == deadOther {
		status = http.StatusForbidden
	}
	return m.shell.Render(w, r, status, "membership/invitation", page)
}

func (m *Members) accept(w http.ResponseWriter, r *http.Request) error {
	var i Invitation
	var body institution.Institution
	err := m.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		if i, err = m.Look(tx, r.PathValue("token")); err != nil {
			return err
		}
		if body, err = institution.ByID(tx, i.Institution); err != nil {
			return err
		}
		_, err = m.Accept(tx, r.PathValue("token"))
		return err
	})
	if err != nil {
		return m.dead(w, r, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	if i.From.After(m.DB.Now()) { // the office opens on that day
		return see(w, r, joinPath(body)+"?hecho=bienvenida")
	}
	return see(w, r, officePath(body)+"?hecho=bienvenida")
}
