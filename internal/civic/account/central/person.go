package central

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

// roles are those that can be given, in the order of the form.
var roles = []plaza.Role{plaza.Liaison, plaza.DataOwner, plaza.Transparency, plaza.Communications, plaza.Moderator, plaza.Admin}

// maxReason bounds the reason of a suspension, in letters.
const maxReason = 1000

// personPage is a person as the coordination sees them.
type personPage struct {
	web.Page
	Done, Clash *web.Notice
	Letter      *web.Notice // where a liaison is appointed, once somebody tried to do it here
	ID          string
	Version     int
	Facts       []web.Fact
	State       web.Badge
	Suspended   bool
	Roles       []roleLine
	Grant       []web.Field
	Suspend     []web.Field
	MayGrant    bool
	MaySuspend  bool
	Factor      bool // signing in takes a code too
	Sessions    int
}

// roleLine is a role that the person holds.
type roleLine struct {
	Words, Until      string
	Role, Institution string
}

// Errors are what is wrong with either form.
func (p personPage) Errors() web.ErrorSummary {
	return web.ErrorSummary{L: p.L, Fields: append(append([]web.Field{}, p.Grant...), p.Suspend...)}
}

// said is what a form that was refused had in it, by field.
type said struct {
	values map[string]string
	wrong  map[string]string
	clash  bool
}

func (p *Pages) person(w http.ResponseWriter, r *http.Request) error {
	return p.draw(w, r, http.StatusOK, said{})
}

// seen is what the page of a person is made from.
type seen struct {
	person   account.Person
	names    map[string]institution.Institution
	all      []institution.Institution
	sessions int
	methods  int
}

func (p *Pages) look(tx *db.Tx, id string) (s seen, err error) {
	if err := access.Check(plaza.ActorFrom(tx.Context()), access.PersonSee, access.Object{Kind: "person", Owner: id}); err != nil {
		return s, err
	}
	if s.person, err = account.ByID(tx, id); err != nil {
		return s, err
	}
	if s.all, err = institution.All(tx); err != nil {
		return s, err
	}
	if s.names, err = institution.ByIDs(tx, institutionsOf([]account.Person{s.person})); err != nil {
		return s, err
	}
	sessions, err := p.Accounts.Sessions(tx, id)
	if err != nil {
		return s, err
	}
	s.sessions, s.methods = len(sessions), 1
	if p.Methods != nil {
		s.methods, err = p.Methods(tx, id)
	}
	return s, err
}

func (p *Pages) draw(w http.ResponseWriter, r *http.Request, status int, typed said) error {
	var s seen
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		s, err = p.look(tx, r.PathValue("person"))
		return err
	}); err != nil {
		return err
	}
	page := &personPage{Page: p.shell.Page(r, s.person.Name), ID: s.person.ID, Version: s.person.Version, State: badge(p.shell.Printer(r), s.person),
		Suspended: s.person.Suspended, Sessions: s.sessions, Factor: s.person.SecondFactor}
	l := page.L
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("central.admin"), Path: "/admin"}, {Title: l.T("central.people"), Path: Path}}
	on := access.Object{Kind: "person", Owner: s.person.ID}
	page.MayGrant, page.MaySuspend = access.Can(page.Actor, access.PersonGrant, on), access.Can(page.Actor, access.PersonHold, on)
	if what := r.URL.Query().Get("hecho"); l.Has("central.done." + what) {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("central.done." + what), Live: true}
	}
	if typed.clash {
		page.Clash = &web.Notice{Tone: web.Warning, Title: l.T("central.clash"), Text: l.T("account.error.changed_meanwhile"), Live: true}
	}
	if typed.wrong["role"] != "" && typed.values["role"] == string(plaza.Liaison) {
		page.Letter = &web.Notice{Tone: web.Warning, Text: l.T("central.liaison.text"), Link: appointPath(s.all, typed.values["institution"]), Action: l.T("central.liaison.go")}
	}
	page.facts(s)
	for _, g := range s.person.Grants {
		line := roleLine{Words: grantWords(l, g, s.names), Role: string(g.Role), Institution: g.Institution, Until: l.T("central.no_end")}
		if !g.Until.IsZero() {
			line.Until = lastOf(l, g.Until)
		}
		page.Roles = append(page.Roles, line)
	}
	page.forms(s, typed)
	return p.shell.Render(w, r, status, "central/person", page)
}

// appointPath is where the liaison of an institution is appointed, with the letter; the
// list of institutions while none is chosen.
func appointPath(all []institution.Institution, id string) string {
	for _, i := range all {
		if i.ID == id {
			return institution.OfficePath + i.Slug + "/enlace"
		}
	}
	return strings.TrimSuffix(institution.OfficePath, "/")
}

func (page *personPage) facts(s seen) {
	l := page.L
	page.Facts = []web.Fact{
		{Label: l.T("central.email"), Text: s.person.Email},
		{Label: l.T("central.since"), Text: l.DateTime(s.person.Created), Time: l.ISO(s.person.Created)},
		{Label: l.T("central.methods"), Text: l.Number(s.methods)},
		{Label: l.T("central.sessions"), Text: l.Number(s.sessions)},
		{Label: l.T("central.pseudonym"), Text: s.person.Pseudonym[:12] + "…", Link: "/bitacora?objeto=person:" + s.person.Pseudonym},
	}
	if like := s.person.Resembles; like != "" {
		page.Facts = append(page.Facts, web.Fact{Label: l.T("central.lookalike"), Text: l.T("central.like." + like), Note: l.T("central.like.ask"), Icon: "triangle-alert"})
	}
	if h := s.person.SuspendedBy; s.person.Suspended {
		until := l.T("central.until_lifted")
		if !h.Until.IsZero() {
			until = lastOf(l, h.Until)
		}
		page.Facts = append(page.Facts, web.Fact{Label: l.T("central.suspended_from"), Text: l.DateTime(h.From)},
			web.Fact{Label: l.T("central.suspended_until"), Text: until}, web.Fact{Label: l.T("central.reason"), Text: h.Why})
	}
}

func (page *personPage) forms(s seen, typed said) {
	l := page.L
	institutions := []web.Option{{Label: l.T("central.platform")}}
	for _, i := range s.all {
		institutions = append(institutions, web.Option{Value: i.ID, Label: i.Name})
	}
	page.Grant = []web.Field{
		{Name: "role", Type: "select", Label: l.T("central.role"), Options: roleOptions(l)},
		{Name: "institution", Type: "select", Label: l.T("central.institution"), Options: institutions, Optional: true},
		{Name: "until", Type: "date", Label: l.T("central.until"), Hint: l.T("central.until.hint"), Optional: true},
	}
	page.Suspend = []web.Field{
		{Name: "reason", Type: "textarea", Rows: 3, Label: l.T("central.reason"), Hint: l.T("central.reason.hint"), MaxLength: maxReason},
		{Name: "hold_until", Type: "date", Label: l.T("central.until"), Hint: l.T("central.hold.hint"), Optional: true},
	}
	for _, form := range [][]web.Field{page.Grant, page.Suspend} {
		for n := range form {
			f := &form[n]
			f.L, f.Value, f.Error = l, typed.values[f.Name], typed.wrong[f.Name]
		}
	}
}

// action changes a person in a transaction; what it appends to the record is its last
// statement.
type action func(tx *db.Tx, person account.Person, form *web.Form, zone *time.Location) error

// act runs an action on the person as its maker saw them.
func (p *Pages) act(name string, do action) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		l, id := p.shell.Printer(r), r.PathValue("person")
		version, err := strconv.Atoi(form.Value("version"))
		if err != nil {
			version = -1 // nobody saw it so
		}
		clash := false
		err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
			clash = false
			person, err := account.ByID(tx, id)
			if err != nil {
				return err
			}
			if err := account.Claim(tx, id, version); err != nil {
				clash = plaza.KindOf(err) == plaza.Conflict
				return err
			}
			return do(tx, person, form, l.Zone())
		})
		if clash {
			return p.draw(w, r, http.StatusConflict, said{clash: true})
		}
		if wrong := web.FieldErrors(l, err); wrong != nil {
			typed := said{values: map[string]string{}, wrong: wrong}
			for _, f := range []string{"role", "institution", "until", "reason", "hold_until"} {
				typed.values[f] = form.Value(f)
			}
			return p.draw(w, r, http.StatusUnprocessableEntity, typed)
		}
		if err != nil {
			return err
		}
		http.Redirect(w, r, Path+"/"+id+"?hecho="+name, http.StatusSeeOther)
		return nil
	}
}

func grant(tx *db.Tx, person account.Person, form *web.Form, zone *time.Location) error {
	until, err := lastDay(form, "until", zone)
	if err != nil {
		return err
	}
	role, at := plaza.Role(form.Value("role")), form.Value("institution")
	if err := account.CheckDirect(role, at); err != nil {
		return err
	}
	if at != "" {
		if _, err := institution.ByID(tx, at); err != nil {
			return err
		}
	}
	if !until.IsZero() && !until.After(tx.Now) {
		return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{{Field: "until", Key: "account.error.until"}}}
	}
	return account.GrantRole(tx, person.ID, role, at, until)
}

func revoke(tx *db.Tx, person account.Person, form *web.Form, _ *time.Location) error {
	return account.RevokeRole(tx, person.ID, plaza.Role(form.Value("role")), form.Value("institution"))
}

func endSessions(tx *db.Tx, person account.Person, _ *web.Form, _ *time.Location) error {
	return account.EndSessions(tx, person.ID)
}

func (p *Pages) dropFactor(tx *db.Tx, person account.Person, _ *web.Form, _ *time.Location) error {
	return p.Accounts.TakeSecondFactor(tx, person.ID)
}

func suspend(tx *db.Tx, person account.Person, form *web.Form, zone *time.Location) error {
	reason := cut(form.Value("reason"), maxReason)
	if reason == "" {
		return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{{Field: "reason", Key: "central.error.reason"}}}
	}
	until, err := lastDay(form, "hold_until", zone)
	if err != nil {
		return err
	}
	if !until.IsZero() && !until.After(tx.Now) {
		return &plaza.Error{Kind: plaza.Invalid, Key: "account.error.form", Fields: []plaza.FieldError{{Field: "hold_until", Key: "account.error.suspended_until"}}}
	}
	if err := account.Suspend(tx, person.ID, until, reason); err != nil {
		return err
	}
	return record.Append(tx, account.Suspended(person, until))
}

func lift(tx *db.Tx, person account.Person, _ *web.Form, _ *time.Location) error {
	if err := account.Lift(tx, person.ID); err != nil {
		return err
	}
	return record.Append(tx, account.Lifted(person))
}

func roleOptions(l *i18n.Printer) []web.Option {
	out := make([]web.Option, len(roles))
	for i, r := range roles {
		out[i] = web.Option{Value: string(r), Label: access.RoleName(l, r)}
	}
	return out
}

func grantWords(l *i18n.Printer, g account.Grant, names map[string]institution.Institution) string {
	if g.Institution == "" {
		return access.RoleName(l, g.Role)
	}
	name := names[g.Institution].Name
	if name == "" {
		name = g.Institution
	}
	return l.T("central.role_at", "role", access.RoleName(l, g.Role), "institution", name)
}

// lastOf is the last day before an instant: what ends at midnight ended the day before.
func lastOf(l *i18n.Printer, until time.Time) string { return l.Date(until.Add(-time.Millisecond)) }

func badge(l *i18n.Printer, p account.Person) web.Badge {
	if p.Suspended {
		return web.Badge{Tone: web.Warning, Icon: "triangle-alert", Text: l.T("central.suspended")}
	}
	return web.Badge{Tone: web.Good, Icon: "circle-check", Text: l.T("central.active")}
}
