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

// requestPage shows a request to join with two forms: to accept it, and to refuse it.
type requestPage struct {
	institution.OfficePage
	Name, Email string
	Facts       []web.Fact
	Message     string
	State       *web.Notice // of one that is no longer open
	Errors      web.ErrorSummary
	Accept      []web.Field
	Refuse      []web.Field
	Action      string
}

func (m *Members) request(w http.ResponseWriter, r *http.Request) error {
	return m.drawRequest(w, r, http.StatusOK, nil, nil)
}

// decided is what somebody wrote into the forms.
type decided struct{ role, unit, until, reason string }

func (m *Members) drawRequest(w http.ResponseWriter, r *http.Request, status int, in *decided, wrong map[string]string) error {
	page := &requestPage{}
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = m.officePage(tx, r, access.MemberDecide, "membership.request"); err != nil {
			return err
		}
		q, err := requestByID(tx, page.Institution.ID, r.PathValue("request"))
		if err != nil {
			return err
		}
		if in == nil {
			in = &decided{role: string(q.Role), unit: q.Unit}
		}
		return page.load(tx, q, *in, wrong)
	}); err != nil {
		return err
	}
	return m.shell.Render(w, r, status, "membership/request", page)
}

func (p *requestPage) load(tx *db.Tx, q Request, in decided, wrong map[string]string) error {
	l, body := p.L, p.Institution.ID
	who, err := account.ByID(tx, q.Person)
	if err != nil {
		return err
	}
	names, err := RoleNames(tx, body)
	if err != nil {
		return err
	}
	units, err := institution.Units(tx, body)
	if err != nil {
		return err
	}
	p.Name, p.Email, p.Message, p.Action = who.Name, who.Email, q.Message, requestPath(p.Institution, q.ID)
	p.Facts = []web.Fact{
		{Label: l.T("membership.field.role"), Text: wantedRole(p.Page, names, q.Role)},
		{Label: l.T("membership.request.since"), Text: l.Date(q.CreatedAt), Time: l.ISO(q.CreatedAt)},
		{Label: l.T("membership.request.until"), Text: l.Date(q.ExpiresAt), Time: l.ISO(q.ExpiresAt)},
	}
	for _, u := range units {
		if u.ID == q.Unit {
			p.Facts = append(p.Facts, web.Fact{Label: l.T("membership.field.unit"), Text: u.Name})
		}
	}
	if q.Domain != "" {
		p.Facts = append(p.Facts, web.Fact{Label: l.T("membership.request.domain"), Text: q.Domain, Icon: "badge-check"})
	}
	if s := q.standing(tx.Now); s != Open {
		p.State = &web.Notice{Text: l.T("membership.request.state." + string(s))}
		return nil
	}
	p.Accept = dress(l, []web.Field{
		{Name: "role", Type: "select", Value: in.role, Options: roleOptions(l, names, l.T("membership.role.choose"))},
		{Name: "unit", Type: "select", Value: in.unit, Options: unitOptions(l, units), Optional: true},
		{Name: "until", Type: "date", Value: in.until, Optional: true},
	}, wrong)
	p.Refuse = dress(l, []web.Field{{Name: "reason", Type: "textarea", Value: in.reason, MaxLength: maxReason, Rows: 3}}, wrong)
	p.Errors = web.ErrorSummary{L: l, Fields: append(append([]web.Field{}, p.Accept...), p.Refuse...)}
	return nil
}

func (m *Members) decide(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	body, err := m.body(r)
	if err != nil {
		return err
	}
	in := decided{form.Value("role"), form.Value("unit"), form.Value("until"), form.Value("reason")}
	d := Decision{Accept: form.Value("decision") == "aceptar", Role: plaza.Role(in.role), Unit: in.unit, Reason: in.reason}
	var unread plaza.Mistakes
	if d.Accept {
		_, d.Until = days("", in.until, body, m.DB.Now(), &unread)
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error {
		return also(unread, m.Decide(tx, body.ID, r.PathValue("request"), d)) // within, so that nothing is kept
	})
	if wrong := web.FieldErrors(m.shell.Printer(r), err); wrong != nil {
		return m.drawRequest(w, r, http.StatusUnprocessableEntity, &in, wrong)
	}
	what := "rechazada"
	if d.Accept {
		what = "aceptada"
	}
	return settle(w, r, officePath(body)+membersPath, what, "decided", err)
}

// joinPage is where a person asks to join an institution, and sees what became of it.
type joinPage struct {
	web.Page
	Body     string
	Done     *web.Notice
	Last     *web.Notice // what became of the last request
	Open     bool        // it waits for an answer
	Domain   string      // of the person's address, when it is known to be the institution's
	Mine     []mySeat
	Leave    string
	Errors   web.ErrorSummary
	Fields   []web.Field
	Action   string
	Withdraw string
	Privacy  privacy.Said
}

func (m *Members) joinForm(w http.ResponseWriter, r *http.Request) error {
	return m.drawJoin(w, r, http.StatusOK, Request{}, nil)
}

func (m *Members) drawJoin(w http.ResponseWriter, r *http.Request, status int, typed Request, wrong map[string]string) error {
	page := &joinPage{Page: m.shell.Page(r, m.shell.Printer(r).T("membership.join"))}
	if err := m.DB.Read(r.Context(), func(tx *db.Tx) error {
		body, err := institution.BySlug(tx, r.PathValue("institution"))
		if err != nil {
			return err
		}
		return page.load(tx, body, typed, wrong)
	}); err != nil {
		return err
	}
	page.Done = notice(page.L, r)
	return m.shell.Render(w, r, status, "membership/join", page)
}

func (p *joinPage) load(tx *db.Tx, body institution.Institution, typed Request, wrong map[string]string) error {
	p.L = p.L.In(zoneOf(body))
	l := p.L
	p.NoIndex, p.Body = true, body.Name
	p.Crumbs = []web.Crumb{{Title: l.T("membership.institutions"), Path: "/instituciones"}, {Title: body.Short(), Path: body.Path()}}
	p.Action, p.Withdraw, p.Leave = joinPath(body), joinPath(body)+"/retirar", officePath(body)+"/dejar"
	p.Privacy = privacy.Say(l, requestDatum.Point)
	seats, err := account.SeatsAt(tx, body.ID)
	if err != nil {
		return err
	}
	if p.Mine, err = mySeats(tx, p.Page, body.ID, seats); err != nil {
		return err
	}
	who, err := account.ByID(tx, p.Actor.PersonID)
	if err != nil {
		return err
	}
	if p.Domain, err = domainAt(tx, body.ID, who.Email); err != nil {
		return err
	}
	last, err := lastRequest(tx, body.ID, p.Actor.PersonID)
	if err != nil && plaza.KindOf(err) != plaza.NotFound {
		return err
	}
	if err == nil {
		p.tellLast(last, last.standing(tx.Now))
	}
	names, err := RoleNames(tx, body.ID)
	if err != nil {
		return err
	}
	units, err := institution.Units(tx, body.ID)
	p.Fields = dress(l, []web.Field{
		{Name: "role", Type: "select", Value: string(typed.Role), Options: roleOptions(l, names, l.T("membership.role.any")), Optional: true},
		{Name: "unit", Type: "select", Value: typed.Unit, Options: unitOptions(l, units), Optional: true},
		{Name: "message", Type: "textarea", Value: typed.Message, MaxLength: maxMessage, Rows: 4, Optional: true},
	}, wrong)
	p.Errors = web.ErrorSummary{L: l, Fields: p.Fields}
	return err
}

// tellLast says what became of the last request.
func (p *joinPage) tellLast(r Request, s State) {
	l := p.L
	p.Open = s == Open
	n := &web.Notice{Title: l.T("membership.request.state." + string(s)), Text: r.Reason}
	switch s {
	case Open:
		n.Tone, n.Text = web.Info, l.T("membership.request.waits", "until", l.Date(r.ExpiresAt))
	case Accepted:
		n.Tone = web.Good
	case Refused, Expired:
		n.Tone = web.Warning
	}
	p.Last = n
}

func (m *Members) ask(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	body, err := m.body(r)
	if err != nil {
		return err
	}
	typed := Request{Institution: body.ID, Role: plaza.Role(form.Value("role")), Unit: form.Value("unit"), Message: form.Value("message")}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error {
		_, err := m.Ask(tx, typed)
		return err
	})
	if wrong := web.FieldErrors(m.shell.Printer(r), err); wrong != nil {
		return m.drawJoin(w, r, http.StatusUnprocessableEntity, typed, wrong)
	}
	if err != nil {
		return err
	}
	return see(w, r, joinPath(body)+"?hecho=pedida")
}

func (m *Members) withdraw(w http.ResponseWriter, r *http.Request) error {
	body, err := m.body(r)
	if err != nil {
		return err
	}
	err = m.DB.Write(r.Context(), func(tx *db.Tx) error { return m.Withdraw(tx, body.ID) })
	return settle(w, r, joinPath(body), "retirada", "no_request", err)
}
