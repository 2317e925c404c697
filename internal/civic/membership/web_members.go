package membership

import (
	"errors"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// shownEnded is how many roles that have ended the page of members lists.
const shownEnded = 50

// membersPage lists who works at an institution, who is to and who did.
type membersPage struct {
	institution.OfficePage
	Done        *web.Notice
	Invite      string // where one invites, "" for who may not
	Decides     bool   // who may decide sees the requests
	Seats       []seatLine
	Requests    []requestLine
	Invitations []invitationLine
	Ended       []seatLine
	Names       []web.Field // how the roles are called here, for who may say so
	NamesPath   string
	Seen        web.Seen
	Errors      web.ErrorSummary
}

type seatLine struct {
	Name, Email, Role, Unit, Period string
	End                             string // where the role is ended, "" for who may not
}

type requestLine struct{ Name, Role, Since, Domain, Path string }

type invitationLine struct{ Email, Roles, Expires, Revoke string }

func (m *Members) members(w http.ResponseWriter, r *http.Request) error {
	return m.drawMembers(w, r, http.StatusOK, nil, nil)
}

func (m *Members) drawMembers(w http.ResponseWriter, r *http.Request, status int, typed Names, wrong map[string]string) error {
	page := &membersPage{}
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.MemberSee, "membership.members"); err != nil {
			return err
		}
		return page.load(tx, status, typed, wrong)
	}); err != nil {
		return err
	}
	page.Done = notice(page.L, r)
	page.Errors = web.ErrorSummary{L: page.L, Fields: page.Names}
	return m.shell.Render(w, r, status, "membership/members", page)
}

func (p *membersPage) load(tx *db.Tx, status int, typed Names, wrong map[string]string) error {
	body := p.Institution.ID
	can := func(a access.Action) bool { return access.Can(p.Actor, a, access.Object{Institution: body}) }
	names, err := RoleNames(tx, body)
	if err != nil {
		return err
	}
	seats, err := account.SeatsAt(tx, body)
	if err != nil {
		return err
	}
	ended, err := account.EndedSeats(tx, body, shownEnded)
	if err != nil {
		return err
	}
	units, err := unitNames(tx, unitsOf(seats, ended))
	if err != nil {
		return err
	}
	p.Seats, p.Ended = p.seatLines(seats, names, units), p.seatLines(ended, names, units)
	for n, s := range seats {
		if can(endAction(s.Role)) {
			p.Seats[n].End = officePath(p.Institution) + membersPath + "/papeles/" + s.ID
		}
	}
	if can(access.MemberInvite) {
		p.Invite = officePath(p.Institution) + invitePath
		if err := p.loadInvitations(tx, names); err != nil {
			return err
		}
	}
	if p.Decides = can(access.MemberDecide); p.Decides {
		if err := p.loadRequests(tx, names); err != nil {
			return err
		}
	}
	if can(access.RoleRename) {
		p.NamesPath = officePath(p.Institution) + membersPath + "/nombres"
		p.Seen = web.NewSeen(p.L, status, names)
		if typed == nil {
			typed = names
		}
		p.Names = nameFields(p.Page, typed, wrong)
	}
	return nil
}

func (p *membersPage) seatLines(seats []account.Seat, names Names, units map[string]string) (out []seatLine) {
	for _, s := range seats {
		out = append(out, seatLine{Name: s.Name, Email: s.Email, Role: names.Say(p.L, s.Role), Unit: units[s.Unit], Period: period(p.L, s.From, s.Until)})
	}
	return out
}

func (p *membersPage) loadInvitations(tx *db.Tx, names Names) error {
	list, err := invitations(tx, p.Institution.ID)
	for _, i := range list {
		p.Invitations = append(p.Invitations, invitationLine{Email: i.Email, Roles: rolesWords(p.L, names, i.Roles), Expires: p.L.Date(i.ExpiresAt),
			Revoke: officePath(p.Institution) + membersPath + "/invitaciones/" + i.ID + "/revocar"})
	}
	return err
}

func (p *membersPage) loadRequests(tx *db.Tx, names Names) error {
	list, err := requests(tx, p.Institution.ID)
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range list {
		ids = append(ids, r.Person)
	}
	people, err := account.Names(tx, ids)
	for _, r := range list {
		p.Requests = append(p.Requests, requestLine{Name: people[r.Person], Role: wantedRole(p.Page, names, r.Role), Since: p.L.Ago(r.CreatedAt, p.Now),
			Domain: r.Domain, Path: requestPath(p.Institution, r.ID)})
	}
	return err
}

func wantedRole(page web.Page, names Names, role plaza.Role) string {
	if role == "" {
		return page.L.T("membership.role.any")
	}
	return names.Say(page.L, role)
}

func nameFields(page web.Page, typed Names, wrong map[string]string) (fields []web.Field) {
	for _, r := range Roles {
		fields = append(fields, web.Field{Name: "name_" + string(r), Label: access.RoleName(page.L, r), Value: typed[r],
			MaxLength: maxRoleName, Optional: true})
	}
	return dress(page.L, fields, wrong)
}

func (m *Members) saveNames(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	body, err := m.body(r)
	if err != nil {
		return err
	}
	typed := Names{}
	for _, role := range Roles {
		typed[role] = form.Value("name_" + string(role))
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error {
		names, err := RoleNames(tx, body.ID)
		if err != nil {
			return err
		}
		if !web.StillSeen(form, names) {
			return web.ErrMeanwhile
		}
		return m.SetNames(tx, body.ID, typed)
	})
	if errors.Is(err, web.ErrMeanwhile) {
		return m.drawMembers(w, r, http.StatusConflict, typed, nil)
	}
	if wrong := web.FieldErrors(m.shell.Printer(r), err); wrong != nil {
		return m.drawMembers(w, r, http.StatusUnprocessableEntity, typed, wrong)
	}
	if err != nil {
		return err
	}
	return see(w, r, officePath(body)+membersPath+"?hecho=nombres")
}

// endPage asks whether a role is to end.
type endPage struct {
	institution.OfficePage
	Seat   seatLine
	Action string
	Back   string
	Last   bool // no liaison would remain
}

func (m *Members) endForm(w http.ResponseWriter, r *http.Request) error {
	page := &endPage{}
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.RoleEnd, "membership.end"); err != nil {
			return err
		}
		body := page.Institution.ID
		s, err := seatAt(tx, body, r.PathValue("seat"))
		if err != nil {
			return err
		}
		if err := may(tx, endAction(s.Role), "role", body, ""); err != nil {
			return err
		}
		names, err := RoleNames(tx, body)
		if err != nil {
			return err
		}
		units, err := unitNames(tx, unitsOf([]account.Seat{s}))
		if err != nil {
			return err
		}
		page.Seat = seatLine{Name: s.Name, Email: s.Email, Role: names.Say(page.L, s.Role), Unit: units[s.Unit], Period: period(page.L, s.From, s.Until)}
		all, err := account.CurrentSeats(tx, plaza.Liaison, body)
		page.Last = s.Role == plaza.Liaison && len(all) == 1 && all[0].ID == s.ID
		return err
	}); err != nil {
		return err
	}
	page.Back = officePath(page.Institution) + membersPath
	page.Action = page.Back + "/papeles/" + r.PathValue("seat")
	return m.shell.Render(w, r, http.StatusOK, "membership/end", page)
}

func (m *Members) endRole(w http.ResponseWriter, r *http.Request) error {
	body, err := m.body(r)
	if err != nil {
		return err
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error { return m.EndRole(tx, body.ID, r.PathValue("seat")) })
	return settle(w, r, officePath(body)+membersPath, "terminado", "ended", err)
}

func (m *Members) revoke(w http.ResponseWriter, r *http.Request) error {
	body, err := m.body(r)
	if err != nil {
		return err
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error { return m.Revoke(tx, body.ID, r.PathValue("invitation")) })
	return settle(w, r, officePath(body)+membersPath, "revocada", "not_open", err)
}

// seatTable is a list of roles as its part of the template draws it.
type seatTable struct {
	P     *membersPage
	Title string
	Seats []seatLine
	Ends  bool
}

// Table is a list of roles under a title; where one may be ended, with how.
func (p *membersPage) Table(seats []seatLine, key string) seatTable {
	ends := false
	for _, s := range seats {
		ends = ends || s.End != ""
	}
	return seatTable{p, p.L.T(key), seats, ends}
}
