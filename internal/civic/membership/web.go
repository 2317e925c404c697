package membership

import (
	"fmt"
	"net/http"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

// linkPath is where invitations are opened; what follows is the secret.
const linkPath = "/invitaciones/"

// The pages of an institution's management, after /gestion/{institution}.
const (
	membersPath  = "/integrantes"
	invitePath   = membersPath + "/invitar"
	liaisonPath  = "/enlace"
	absencesPath = "/ausencias"
	domainsPath  = "/dominios"
)

func officePath(i institution.Institution) string { return institution.OfficePath + i.Slug }

func requestPath(i institution.Institution, id string) string {
	return officePath(i) + membersPath + "/peticiones/" + id
}

// Mount registers the pages. The office is the one that all parts add their tabs to.
func (m *Members) Mount(s *web.Shell, office *institution.Office) error {
	m.shell, m.office = s, office
	if err := s.Templates("membership", templates, web.Pages{
		"offices": officesPage{}, "start": startPage{}, "members": membersPage{}, "invite": invitePage{}, "end": endPage{}, "leave": leavePage{},
		"request": requestPage{}, "liaison": liaisonPage{}, "absences": absencesPage{}, "domains": domainsPage{},
		"join": joinPage{}, "invitation": invitationPage{}, "head": headFragment{}, "foot": footFragment{},
	}); err != nil {
		return fmt.Errorf("membership's templates: %w", err)
	}
	for _, t := range []institution.Tab{
		{Key: "membership.tab.start", Action: access.OfficeSee, Rank: -3},
		{Key: "membership.tab.members", Path: membersPath, Action: access.MemberSee, Rank: -1},
		{Key: "membership.tab.liaison", Path: liaisonPath, Action: access.LiaisonAppoint, Rank: -1},
		{Key: "membership.tab.absences", Path: absencesPath, Action: access.AbsenceSet, Rank: -1},
		{Key: "membership.tab.domains", Path: domainsPath, Action: access.DomainPropose},
	} {
		office.Add(t)
	}
	m.routes(s)
	return nil
}

func (m *Members) routes(s *web.Shell) {
	const small = 64 << 10
	const base = institution.OfficePath + "{institution}"
	m.shell.Nav(web.Item{Key: "membership.nav", Path: "/gestion", Icon: "briefcase",
		For: func(a plaza.Actor) bool { return access.Could(a, access.OfficeSee) }})
	for _, r := range []struct {
		pattern, name string
		action        access.Action
		handler       web.Handler
	}{
		{"GET /gestion", "offices", access.OfficeSee, m.offices},
		{"GET " + base, "start", access.OfficeSee, m.start},
		{"GET " + base + membersPath, "members", access.MemberSee, m.members},
		{"POST " + base + membersPath + "/nombres", "names", access.RoleRename, m.saveNames},
		{"GET " + base + invitePath, "invite", access.MemberInvite, m.inviteForm},
		{"POST " + base + invitePath, "invite.send", access.MemberInvite, m.sendInvitation},
		{"POST " + base + membersPath + "/invitaciones/{invitation}/revocar", "revoke", access.MemberInvite, m.revoke},
		{"GET " + base + membersPath + "/peticiones/{request}", "request", access.MemberDecide, m.request},
		{"POST " + base + membersPath + "/peticiones/{request}", "request.decide", access.MemberDecide, m.decide},
		{"GET " + base + membersPath + "/papeles/{seat}", "role", access.RoleEnd, m.endForm},
		{"POST " + base + membersPath + "/papeles/{seat}", "role.end", access.RoleEnd, m.endRole},
		{"GET " + base + "/dejar", "leaving", access.OfficeSee, m.leaving},
		{"POST " + base + "/dejar", "leave", access.MemberWithdraw, m.leave},
		{"GET " + base + liaisonPath, "liaison", access.LiaisonAppoint, m.liaison},
		{"GET " + base + "/oficios/{letter}", "letter", access.MemberSee, m.letter},
		{"GET " + base + absencesPath, "absences", access.AbsenceSet, m.absencesPage},
		{"POST " + base + absencesPath, "absence.set", access.AbsenceSet, m.setAbsence},
		{"POST " + base + absencesPath + "/{absence}/terminar", "absence.end", access.AbsenceSet, m.endAbsence},
		{"GET " + base + domainsPath, "domains", access.DomainPropose, m.domains},
		{"POST " + base + domainsPath, "domain.propose", access.DomainPropose, m.proposeDomain},
		{"POST " + base + domainsPath + "/{domain}/verificar", "domain.verify", access.DomainVerify, m.verifyDomain},
		{"POST " + base + domainsPath + "/{domain}/quitar", "domain.remove", access.DomainPropose, m.removeDomain},
		{"GET /instituciones/{institution}/unirse", "join", access.MemberRequest, m.joinForm},
		{"POST /instituciones/{institution}/unirse", "join.ask", access.MemberRequest, m.ask},
		{"POST /instituciones/{institution}/unirse/retirar", "join.withdraw", access.MemberWithdraw, m.withdraw},
	} {
		s.Handle(r.pattern, web.Route{Name: "membership." + r.name, Action: string(r.action), Cache: web.Private, MaxBody: small}, r.handler)
	}
	// A file that is somewhat too large is refused at its field, one that is far too large outright.
	s.Handle("POST "+base+liaisonPath, web.Route{Name: "membership.liaison.appoint", Action: string(access.LiaisonAppoint), MaxBody: 3 * MaxLetter}, m.appointLiaison)
	// Whoever has the link may see what it is for; to take it one has to be signed in.
	s.Handle("GET "+linkPath+"{token}", web.Route{Name: "membership.invitation", Action: string(access.SignIn), Secret: true}, m.invitation)
	s.Handle("POST "+linkPath+"{token}", web.Route{Name: "membership.accept", Action: string(access.MemberJoin), Secret: true, MaxBody: small}, m.accept)
}

// officePage starts a page of an institution's management, in its zone. With an old slug
// it answers by itself, and moved is true.
func (m *Members) officePage(tx *db.Tx, r *http.Request, action access.Action, key string) (institution.OfficePage, error) {
	page, err := m.office.Page(tx, r, action, m.shell.Printer(r).T(key))
	if err == nil {
		page.L = page.L.In(zoneOf(page.Institution))
	}
	return page, err
}

func zoneOf(i institution.Institution) *time.Location {
	zone, err := time.LoadLocation(i.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// body is the institution in a request's path.
func (m *Members) body(r *http.Request) (i institution.Institution, err error) {
	err = m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		i, err = institution.BySlug(tx, r.PathValue("institution"))
		return err
	})
	return i, err
}

// see leads to a page after something was done.
func see(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// done are what a notice may say after a redirect; failed, what somebody else did first.
var (
	done = map[string]bool{"invitacion": true, "revocada": true, "aceptada": true, "rechazada": true, "terminado": true,
		"dejado": true, "nombres": true, "designado": true, "enlace-invitado": true, "ausencia": true, "regreso": true,
		"propuesto": true, "verificado": true, "quitado": true, "pedida": true, "retirada": true, "bienvenida": true}
	failed = map[string]string{"not_open": "membership.error.not_open", "decided": "membership.error.decided",
		"ended": "membership.error.ended", "absence_over": "membership.error.absence_over",
		"domain_taken": "membership.error.domain_taken", "no_request": "membership.error.no_request"}
)

// notice says what was done, or why it was not, before the redirect to this page.
func notice(l *i18n.Printer, r *http.Request) *web.Notice {
	if what := r.URL.Query().Get("hecho"); done[what] {
		return &web.Notice{Tone: web.Good, Text: l.T("membership.done." + what), Live: true}
	}
	if key, ok := failed[r.URL.Query().Get("no")]; ok {
		return &web.Notice{Tone: web.Warning, Text: l.T(key), Live: true}
	}
	return nil
}

// settle redirects to a page after something was done to something that is there; when
// somebody else was faster the page says so instead of an error.
func settle(w http.ResponseWriter, r *http.Request, path, what, lost string, err error) error {
	switch {
	case err == nil:
		return see(w, r, path+"?hecho="+what)
	case plaza.KindOf(err) == plaza.Conflict:
		return see(w, r, path+"?no="+lost)
	}
	return err
}

// day reads a date of a form as the first instant of that day in the zone; of an empty
// one the zero instant. What is no date is wrong.
func day(s string, zone *time.Location) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	return t, err == nil
}

// through is the end of a day that a form names as the last one.
func through(s string, zone *time.Location) (time.Time, bool) {
	t, ok := day(s, zone)
	if ok && !t.IsZero() {
		t = t.AddDate(0, 0, 1)
	}
	return t, ok
}

// lastDay is the last day of a time that ends at an instant, in words; "" without end.
func lastDay(l *i18n.Printer, until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return l.Date(until.Add(-time.Millisecond))
}

// period is a stretch of time in words.
func period(l *i18n.Printer, from, until time.Time) string {
	if until.IsZero() {
		return l.T("membership.period.open", "from", l.Date(from))
	}
	return l.T("membership.period", "from", l.Date(from), "until", lastDay(l, until))
}

func roleOptions(l *i18n.Printer, names Names, none string) []web.Option {
	out := []web.Option{{Label: none}}
	for _, r := range Offered {
		out = append(out, web.Option{Value: string(r), Label: names.Say(l, r)})
	}
	return out
}

func unitOptions(l *i18n.Printer, units []institution.Unit) []web.Option {
	out := []web.Option{{Label: l.T("membership.unit.none")}}
	for _, u := range units {
		out = append(out, web.Option{Value: u.ID, Label: u.Name})
	}
	return out
}

// dress gives fields their printer, label, hint and what is wrong with them; the words
// are "membership.field." and the name.
func dress(l *i18n.Printer, fields []web.Field, wrong map[string]string) []web.Field {
	for n := range fields {
		f := &fields[n]
		f.L, f.Error = l, wrong[f.Name]
		if f.Label == "" {
			f.Label = l.T("membership.field." + f.Name)
		}
		if hint := "membership.field." + f.Name + ".hint"; f.Hint == "" && l.Has(hint) {
			f.Hint = l.T(hint, "megabytes", MaxLetter>>20)
		}
	}
	return fields
}
