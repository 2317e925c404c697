package membership

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// absencesPage lists who is away and is going to be, and records another absence.
type absencesPage struct {
	institution.OfficePage
	Done    *web.Notice
	Now     *web.Notice // who attends meanwhile
	Items   []absenceLine
	Errors  web.ErrorSummary
	Fields  []web.Field
	Empty   *web.Empty // nobody can be away, or nobody can stand in
	Action  string
	Privacy privacy.Said
}

type absenceLine struct {
	Name, Substitute, Period, End string
	Current                       bool
}

// absent is what somebody wrote into the form.
type absent struct{ person, substitute, from, until string }

func (m *Members) absencesPage(w http.ResponseWriter, r *http.Request) error {
	return m.drawAbsences(w, r, http.StatusOK, absent{}, nil)
}

func (m *Members) drawAbsences(w http.ResponseWriter, r *http.Request, status int, in absent, wrong map[string]string) error {
	page := &absencesPage{}
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.AbsenceSet, "membership.absences"); err != nil {
			return err
		}
		who, err := m.Responsible(tx, page.Institution.ID)
		if err != nil {
			return err
		}
		if page.Now, err = m.vacantNotice(tx, page.Page, who); err != nil {
			return err
		}
		return page.load(tx, in, wrong)
	}); err != nil {
		return err
	}
	page.Done, page.Privacy = notice(page.L, r), privacy.Say(page.L, absenceDatum.Point)
	return m.shell.Render(w, r, status, "membership/absences", page)
}

func (p *absencesPage) load(tx *db.Tx, in absent, wrong map[string]string) error {
	l, body := p.L, p.Institution.ID
	p.Action = officePath(p.Institution) + absencesPath
	list, err := absences(tx, body)
	if err != nil {
		return err
	}
	var ids []string
	for _, a := range list {
		ids = append(ids, a.Person, a.Substitute)
	}
	names, err := account.Names(tx, ids)
	if err != nil {
		return err
	}
	for _, a := range list {
		p.Items = append(p.Items, absenceLine{Name: names[a.Person], Substitute: names[a.Substitute], Period: period(l, a.From, a.Until),
			Current: a.InForce(tx.Now), End: p.Action + "/" + a.ID + "/terminar"})
	}
	seats, err := account.SeatsAt(tx, body)
	if err != nil {
		return err
	}
	roles, err := RoleNames(tx, body)
	if err != nil {
		return err
	}
	away, standIns := []web.Option{}, []web.Option{{Label: l.T("membership.substitute.choose")}}
	for _, s := range seats {
		if s.Role == plaza.Liaison {
			away = append(away, web.Option{Value: s.Person, Label: s.Name})
		}
		if !s.From.After(tx.Now) && answers(s.Role, body) {
			standIns = append(standIns, web.Option{Value: s.Person, Label: s.Name + " · " + roles.Say(l, s.Role)})
		}
	}
	if len(away) == 0 || len(standIns) < 2 {
		p.Empty = &web.Empty{Title: l.T("membership.absences.nobody"), Text: l.T("membership.absences.nobody.text")}
	}
	p.Fields = dress(l, []web.Field{
		{Name: "person", Type: "select", Value: in.person, Options: away},
		{Name: "substitute", Type: "select", Value: in.substitute, Options: standIns},
		{Name: "from", Type: "date", Value: in.from, Hint: l.T("membership.absences.from.hint")},
		{Name: "until", Type: "date", Value: in.until, Hint: l.T("membership.absences.until.hint")},
	}, wrong)
	p.Errors = web.ErrorSummary{L: l, Fields: p.Fields}
	return nil
}

func (m *Members) setAbsence(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	body, err := m.body(r)
	if err != nil {
		return err
	}
	in := absent{form.Value("person"), form.Value("substitute"), form.Value("from"), form.Value("until")}
	a := Absence{Institution: body.ID, Person: in.person, Substitute: in.substitute}
	var unread plaza.Mistakes
	a.From, a.Until = days(in.from, in.until, body, m.DB.Now(), &unread)
	if in.from != "" && a.From.IsZero() && len(unread) == 0 { // from today: from now
		a.From = m.DB.Now()
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := m.SetAbsence(tx, a)
		return also(unread, err) // within, so that nothing is kept
	})
	if wrong := web.FieldErrors(m.shell.Printer(r), err); wrong != nil {
		return m.drawAbsences(w, r, http.StatusUnprocessableEntity, in, wrong)
	}
	if err != nil {
		return err
	}
	return see(w, r, officePath(body)+absencesPath+"?hecho=ausencia")
}

func (m *Members) endAbsence(w http.ResponseWriter, r *http.Request) error {
	body, err := m.body(r)
	if err != nil {
		return err
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error { return m.EndAbsence(tx, body.ID, r.PathValue("absence")) })
	return settle(w, r, officePath(body)+absencesPath, "regreso", "absence_over", err)
}
