package membership

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// officesPage lists the institutions that the actor has an office at.
type officesPage struct {
	web.Page
	Q      string
	Search bool   // who sees all of them may look for one
	Lacks  string // only those that lack something: withoutLiaison, withDomains, or ""
	Items  []officeLine
	Empty  *web.Empty
}

// What the list of institutions may be narrowed to, for who sees all of them: those
// that have no liaison, and those whose domains wait to be verified.
const (
	withoutLiaison = "enlace"
	withDomains    = "dominios"
)

// Where the coordination finds each.
const (
	VacantPath   = "/gestion?falta=" + withoutLiaison
	ProposedPath = "/gestion?falta=" + withDomains
)

type officeLine struct {
	id                      string
	Name, Path, Roles, Logo string
	Vacant                  *web.Badge
}

func (m *Members) offices(w http.ResponseWriter, r *http.Request) error {
	page := &officesPage{Page: m.shell.Page(r, m.shell.Printer(r).T("membership.offices")), Q: web.QueryText(r, "q", 100)}
	page.NoIndex = true
	err := m.DB.Read(r.Context(), func(tx *db.Tx) error {
		all, err := institution.All(tx)
		if err != nil {
			return err
		}
		page.Search = access.Can(page.Actor, access.OfficeSee, access.Object{})
		wanted := strings.Fields(text.Fold(page.Q))
		all = slices.DeleteFunc(all, func(i institution.Institution) bool {
			known := text.Fold(i.Name + " " + i.Acronym)
			return !access.Can(page.Actor, access.OfficeSee, access.Object{Kind: institution.Kind, Institution: i.ID}) ||
				slices.ContainsFunc(wanted, func(word string) bool { return !strings.Contains(known, word) })
		})
		lacks := web.QueryText(r, "falta", 20)
		if page.Search && (lacks == withoutLiaison || lacks == withDomains) {
			page.Lacks = lacks
			page.Items, err = m.lackingLines(tx, page.Page, all, lacks)
			return err
		}
		page.Items, err = m.officeLines(tx, page.Page, all)
		return err
	})
	if err != nil {
		return err
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: page.L.T("membership.offices.none"), Text: page.L.T("membership.offices.none.text")}
	}
	return m.shell.Render(w, r, http.StatusOK, "membership/offices", page)
}

// lackingLines are the institutions that lack something, each leading to where it is given.
func (m *Members) lackingLines(tx *db.Tx, page web.Page, all []institution.Institution, lacks string) ([]officeLine, error) {
	all = slices.DeleteFunc(all, institution.Institution.Extinct)
	if lacks == withoutLiaison {
		without, err := m.Vacant(tx)
		if err != nil {
			return nil, err
		}
		lines, err := m.officeLines(tx, page, slices.DeleteFunc(all, func(i institution.Institution) bool { return !without[i.ID] }))
		for n := range lines {
			lines[n].Path += liaisonPath
		}
		return lines, err
	}
	proposed, err := Proposed(tx)
	if err != nil {
		return nil, err
	}
	lines, err := m.officeLines(tx, page, slices.DeleteFunc(all, func(i institution.Institution) bool { return proposed[i.ID] == nil }))
	for n := range lines {
		lines[n].Roles = strings.Join(proposed[lines[n].id], ", ")
		lines[n].Path += domainsPath
	}
	return lines, err
}

func (m *Members) officeLines(tx *db.Tx, page web.Page, all []institution.Institution) ([]officeLine, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var ids []string
	for _, i := range all {
		ids = append(ids, i.ID)
	}
	without, err := m.Vacant(tx, ids...)
	if err != nil {
		return nil, err
	}
	names, err := NamesOf(tx, ids...)
	if err != nil {
		return nil, err
	}
	var out []officeLine
	for _, i := range all {
		line := officeLine{id: i.ID, Name: i.Name, Path: officePath(i), Logo: i.Logo}
		var mine []plaza.Role
		for _, g := range page.Actor.Grants {
			if g.Institution == i.ID {
				mine = append(mine, g.Role)
			}
		}
		line.Roles = rolesWords(page.L, names[i.ID], mine)
		if without[i.ID] {
			line.Vacant = &web.Badge{Tone: web.Warning, Text: page.L.T("membership.vacant")}
		}
		out = append(out, line)
	}
	return out, nil
}

// soon is how long before a role ends the start page says so.
const soon = 30 * 24 * time.Hour

// startPage says what wants attention at an institution.
type startPage struct {
	institution.OfficePage
	Done   *web.Notice
	Vacant *web.Notice
	Wants  []web.NavLink // what waits for somebody, with where it is dealt with
	Mine   []mySeat
	Leave  string
}

// mySeat is a role that the actor holds here.
type mySeat struct{ ID, Role, Unit, Period string }

func (m *Members) start(w http.ResponseWriter, r *http.Request) error {
	page := &startPage{}
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.OfficeSee, "membership.start"); err != nil {
			return err
		}
		page.Title, page.Crumbs = page.Institution.Name, page.Crumbs[:1]
		page.Done, page.Leave = notice(page.L, r), officePath(page.Institution)+"/dejar"
		seats, err := account.SeatsAt(tx, page.Institution.ID)
		if err != nil {
			return err
		}
		if !page.Institution.Extinct() {
			who, err := m.Responsible(tx, page.Institution.ID)
			if err != nil {
				return err
			}
			if page.Vacant, err = m.vacantNotice(tx, page.Page, who); err != nil {
				return err
			}
		}
		if err := m.wants(tx, page, seats); err != nil {
			return err
		}
		page.Mine, err = mySeats(tx, page.Page, page.Institution.ID, seats)
		return err
	}); err != nil {
		return err
	}
	return m.shell.Render(w, r, http.StatusOK, "membership/start", page)
}

// wants lists what waits for somebody who may do something about it.
func (m *Members) wants(tx *db.Tx, p *startPage, seats []account.Seat) error {
	body, base, l := p.Institution.ID, officePath(p.Institution), p.L
	can := func(a access.Action) bool {
		return access.Can(p.Actor, a, access.Object{Kind: institution.Kind, Institution: body})
	}
	want := func(n int, key, path, icon string) {
		if n > 0 {
			p.Wants = append(p.Wants, web.NavLink{Label: l.T(key, "count", n), Path: base + path, Icon: icon})
		}
	}
	if m.Owed != nil {
		open, err := m.Owed(tx, body)
		if err != nil {
			return err
		}
		want(open, "membership.wants.cases", "/consultas", "calendar-clock")
	}
	if m.Unattended != nil {
		open, err := m.Unattended(tx, body)
		if err != nil {
			return err
		}
		want(open, "membership.wants.comments", "/comentarios", "message-circle")
	}
	if can(access.MemberDecide) {
		open, err := requests(tx, body)
		if err != nil {
			return err
		}
		want(len(open), "membership.wants.requests", membersPath+"#peticiones", "users")
	}
	if can(access.MemberInvite) {
		open, err := invitations(tx, body)
		if err != nil {
			return err
		}
		want(len(open), "membership.wants.invitations", membersPath+"#invitaciones", "mail")
	}
	if can(access.MemberSee) {
		ending := 0
		for _, s := range seats {
			if !s.Until.IsZero() && s.Until.Before(p.Now.Add(soon)) {
				ending++
			}
		}
		want(ending, "membership.wants.ending", membersPath, "calendar-clock")
	}
	if can(access.DomainVerify) {
		all, err := Domains(tx, body)
		if err != nil {
			return err
		}
		want(len(slices.DeleteFunc(all, Domain.Verified)), "membership.wants.domains", domainsPath, "globe")
	}
	return m.missing(tx, p, seats, can, want)
}

// missing lists what an institution that comes on board still has to say of itself: who
// its liaison is and who stands in for them, its areas and its hours.
func (m *Members) missing(tx *db.Tx, p *startPage, seats []account.Seat, can func(access.Action) bool, want func(int, string, string, string)) error {
	if p.Institution.Extinct() {
		return nil
	}
	lacks := func(a access.Action, missing bool, key, path, icon string) {
		if missing && can(a) {
			want(1, key, path, icon)
		}
	}
	liaison, answering := false, map[string]bool{}
	for _, s := range seats {
		liaison = liaison || s.Role == plaza.Liaison
		answering[s.Person] = answering[s.Person] || answers(s.Role, p.Institution.ID)
	}
	lacks(access.LiaisonAppoint, !liaison, "membership.wants.liaison", liaisonPath, "badge-check")
	maps.DeleteFunc(answering, func(_ string, does bool) bool { return !does })
	lacks(access.MemberInvite, liaison && len(answering) < 2, "membership.wants.substitute", invitePath, "users")
	units, err := institution.Units(tx, p.Institution.ID)
	if err != nil {
		return err
	}
	lacks(access.UnitEdit, len(units) == 0, "membership.wants.units", "/areas", "building-2")
	hours, err := institution.HoursOf(tx, p.Institution)
	lacks(access.HoursEdit, err == nil && len(hours.Spans) == 0, "membership.wants.hours", "/horario", "clock")
	return err
}

// mySeats are the actor's own roles among those held at an institution.
func mySeats(tx *db.Tx, page web.Page, body string, seats []account.Seat) (out []mySeat, err error) {
	mine := slices.DeleteFunc(slices.Clone(seats), func(s account.Seat) bool { return s.Person != page.Actor.PersonID })
	names, err := RoleNames(tx, body)
	if err != nil {
		return nil, err
	}
	units, err := unitNames(tx, unitsOf(mine))
	for _, s := range mine {
		out = append(out, mySeat{s.ID, names.Say(page.L, s.Role), units[s.Unit], period(page.L, s.From, s.Until)})
	}
	return out, err
}

// vacantNotice says that an institution has no liaison, or that its liaison is away, and
// who looks after it meanwhile; nil when its liaison is there.
func (m *Members) vacantNotice(tx *db.Tx, page web.Page, who Responsible) (*web.Notice, error) {
	if who.Level == ByLiaison {
		return nil, nil
	}
	l, name := page.L, ""
	if who.Level == BySector {
		i, err := institution.ByID(tx, who.Institution)
		if err != nil {
			return nil, err
		}
		name = i.Name
	} else if len(who.People) > 0 {
		name = who.People[0].Name
	}
	n := &web.Notice{Tone: web.Warning, Title: l.T("membership.vacant"), Text: l.T("membership.looks."+string(who.Level), "who", name)}
	if !who.Vacant {
		n.Tone, n.Title = web.Info, l.T("membership.away", "until", lastDay(l, who.Back))
	}
	return n, nil
}

// leavePage asks whether the actor means to leave a role, and says who answers then.
type leavePage struct {
	institution.OfficePage
	Seat, Role, Then string
	Action, Back     string
	Vacant           bool // no liaison would remain
}

func (m *Members) leaving(w http.ResponseWriter, r *http.Request) error {
	page := &leavePage{Seat: web.QueryText(r, "papel", 64)}
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.OfficeSee, "membership.leave"); err != nil {
			return err
		}
		body := page.Institution.ID
		s, err := seatAt(tx, body, page.Seat)
		if err != nil {
			return err
		}
		if err := may(tx, access.MemberWithdraw, "role", body, s.Person); err != nil {
			return err
		}
		names, err := RoleNames(tx, body)
		if err != nil {
			return err
		}
		page.Role = names.Say(page.L, s.Role)
		then, err := m.without(tx, body, s.ID)
		page.Vacant, page.Then = then.Vacant, page.after(then)
		return err
	}); err != nil {
		return err
	}
	page.Back = officePath(page.Institution)
	page.Action = page.Back + "/dejar"
	return m.shell.Render(w, r, http.StatusOK, "membership/leave", page)
}

// after says who answers for the institution once the role is left.
func (p *leavePage) after(then Responsible) string {
	var people []string
	for _, o := range then.People {
		people = append(people, o.Name)
	}
	if then.Level == ByCoordination || len(people) == 0 {
		return p.L.T("membership.leave.coordination")
	}
	slices.Sort(people)
	return p.L.T("membership.leave.then", "people", strings.Join(slices.Compact(people), ", "))
}

// leave ends a role of the actor's own.
func (m *Members) leave(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	body, err := m.body(r)
	if err != nil {
		return err
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error { return m.Leave(tx, body.ID, form.Value("papel")) })
	return settle(w, r, joinPath(body), "dejado", "ended", err)
}
