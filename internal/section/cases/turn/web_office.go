package turn

import (
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// formPage turns a case to somebody by mail.
type formPage struct {
	institution.OfficePage
	Case   caseLine
	Stop   *web.Notice // it cannot be turned now
	Errors web.ErrorSummary
	Fields []web.Field
	Action string
	Turns  string // path of those that there are
}

// page begins a page about a case of an institution, or of the coordination, which has no
// office. It refuses who does not handle its cases.
func (s *Turns) page(tx *db.Tx, r *http.Request, title string) (institution.OfficePage, error) {
	if r.PathValue("institution") != "" {
		p, err := s.office.Page(tx, r, access.CaseHandle, title)
		p.Crumbs = append(p.Crumbs, web.Crumb{Title: p.L.T("cases.list.title"), Path: institution.OfficePath + p.Institution.Slug + "/consultas"})
		return p, err
	}
	p := institution.OfficePage{Page: s.shell.Page(r, title)}
	p.NoIndex = true
	p.Crumbs = []web.Crumb{{Title: p.L.T("cases.central"), Path: strings.TrimSuffix(centralCases, "/")}}
	return p, access.Check(p.Actor, access.CaseHandle, access.Object{Kind: cases.RefKind})
}

// unitsOf are the areas of an institution; the coordination has none.
func unitsOf(tx *db.Tx, body string) ([]institution.Unit, error) {
	if body == "" {
		return nil, nil
	}
	return institution.Units(tx, body)
}

func (s *Turns) form(w http.ResponseWriter, r *http.Request) error {
	return s.drawForm(w, r, http.StatusOK, Form{}, nil, nil)
}

func (s *Turns) drawForm(w http.ResponseWriter, r *http.Request, status int, in Form, wrong map[string]string, stop *web.Notice) error {
	page := &formPage{Stop: stop}
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = s.page(tx, r, s.shell.Printer(r).T("turn.form")); err != nil {
			return err
		}
		c, err := caseAt(tx, r, page.Institution)
		if err != nil {
			return err
		}
		if page.Case, err = lineOf(tx, page.L, c, page.Institution.Slug); err != nil {
			return err
		}
		if !c.Owed() && page.Stop == nil {
			page.Stop = &web.Notice{Tone: web.Warning, Text: page.L.T("turn.form.over")}
		}
		units, err := unitsOf(tx, page.Institution.ID)
		if err != nil {
			return err
		}
		options := []web.Option{{Label: page.L.T("turn.field.area.none")}}
		for _, u := range units {
			options = append(options, web.Option{Value: u.ID, Label: u.Name})
		}
		page.Fields = dress(page.L, wrong,
			web.Field{Name: "nombre", Value: in.Name, MaxLength: cases.MaxName},
			web.Field{Name: "correo", Type: "email", Value: in.Email, MaxLength: cases.MaxAddress},
			web.Field{Name: "area", Type: "select", Value: in.Unit, Options: options, Optional: true},
			web.Field{Name: "nota", Type: "textarea", Rows: 4, Value: in.Note, MaxLength: cases.MaxReason, Optional: true})
		if page.Institution.ID == "" { // the coordination has no areas
			page.Fields = slices.DeleteFunc(page.Fields, func(f web.Field) bool { return f.Name == "area" })
		}
		return nil
	}); err != nil {
		return err
	}
	page.Crumbs = append(page.Crumbs, web.Crumb{Title: page.Case.Folio, Path: page.Case.Path})
	page.Action, page.Turns = page.Case.Path+"/turnar-por-correo", page.Case.Path+"/turnos"
	page.Errors = web.ErrorSummary{L: page.L, Fields: page.Fields}
	return s.shell.Render(w, r, status, "turn/form", page)
}

func (s *Turns) byMail(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := Form{Name: form.Value("nombre"), Email: form.Value("correo"), Unit: form.Value("area"), Note: form.Value("nota")}
	var to string
	err = s.at(r, func(tx *db.Tx, c cases.Case, desk string) error {
		to = desk
		_, acts, err := s.ByMail(tx, c.ID, in)
		if err != nil || len(acts) == 0 {
			return err
		}
		return record.Append(tx, acts...)
	})
	l := s.shell.Printer(r)
	if wrong := web.FieldErrors(l, err); wrong != nil {
		return s.drawForm(w, r, http.StatusUnprocessableEntity, in, wrong, nil)
	}
	if stop := clash(l, err); stop != nil {
		return s.drawForm(w, r, http.StatusConflict, in, nil, stop)
	}
	if err != nil {
		return err
	}
	return see(w, r, to+"/turnos?hecho=turnado")
}

// at does something to the case of the request, in a transaction, as who works for its
// institution; desk is the case's page there.
func (s *Turns) at(r *http.Request, do func(tx *db.Tx, c cases.Case, desk string) error) error {
	return s.DB.Write(r.Context(), func(tx *db.Tx) error {
		page, err := s.page(tx, r, "")
		if err != nil {
			return err
		}
		c, err := caseAt(tx, r, page.Institution)
		if err != nil {
			return err
		}
		return do(tx, c, cases.DeskPath(c, page.Institution.Slug))
	})
}

// turnsPage lists to whom a case was turned by mail.
type turnsPage struct {
	institution.OfficePage
	Case  caseLine
	Done  *web.Notice
	Stop  *web.Notice
	Items []turnLine
	Empty *web.Empty
	New   string // path, "" when nothing is owed
}

type turnLine struct {
	ID, Name, Email, Unit, State, Note, Reason string
	Sent, Ends, Seen                           string // instants in words
	Resend, Revoke                             string // paths, "" when that is over
}

func (s *Turns) turns(w http.ResponseWriter, r *http.Request) error {
	return s.drawTurns(w, r, http.StatusOK, nil)
}

func (s *Turns) drawTurns(w http.ResponseWriter, r *http.Request, status int, stop *web.Notice) error {
	page := &turnsPage{Stop: stop}
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = s.page(tx, r, s.shell.Printer(r).T("turn.turns")); err != nil {
			return err
		}
		c, err := caseAt(tx, r, page.Institution)
		if err != nil {
			return err
		}
		if page.Case, err = lineOf(tx, page.L, c, page.Institution.Slug); err != nil {
			return err
		}
		if c.Owed() {
			page.New = page.Case.Path + "/turnar-por-correo"
		}
		return page.load(tx, c)
	}); err != nil {
		return err
	}
	page.Done = done(page.L, r, "turnado", "reenviado", "revocado")
	page.Crumbs = append(page.Crumbs, web.Crumb{Title: page.Case.Folio, Path: page.Case.Path})
	return s.shell.Render(w, r, status, "turn/turns", page)
}

func (p *turnsPage) load(tx *db.Tx, c cases.Case) error {
	list, err := Of(tx, c.ID, p.Institution.ID)
	if err != nil {
		return err
	}
	units, err := unitsOf(tx, p.Institution.ID)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, u := range units {
		names[u.ID] = u.Name
	}
	for _, t := range list {
		line := turnLine{ID: t.ID, Name: t.Name, Email: t.Email, Unit: names[t.Unit], Note: t.Note, Reason: t.Reason,
			Sent: p.L.DateTime(t.Created), Ends: p.L.Date(t.Expires.Add(-1)), Seen: p.L.DateTime(t.LastSeen)}
		if line.Name == "" {
			line.Name = p.L.T("turn.forgotten")
		}
		stop := t.Stop(c, tx.Now)
		line.State = p.L.T("turn.state." + string(t.State))
		if stop != "" {
			line.State = p.L.T("turn.stop." + stop)
		}
		if (stop == "" || stop == "expired") && t.Email != "" {
			base := p.Case.Path + "/turnos/" + t.ID
			line.Resend, line.Revoke = base+"/reenviar", base+"/revocar"
		}
		p.Items = append(p.Items, line)
	}
	if len(list) == 0 {
		p.Empty = &web.Empty{Title: p.L.T("turn.turns.none"), Text: p.L.T("turn.turns.none.text")}
	}
	return nil
}

func (s *Turns) resend(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, "reenviado", s.Resend)
}

func (s *Turns) revoke(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, "revocado", s.Revoke)
}

func (s *Turns) change(w http.ResponseWriter, r *http.Request, said string, do func(tx *db.Tx, caseID, id string) (Turn, error)) error {
	var to string
	err := s.at(r, func(tx *db.Tx, c cases.Case, desk string) error {
		to = desk
		_, err := do(tx, c.ID, r.PathValue("turn"))
		return err
	})
	if stop := clash(s.shell.Printer(r), err); stop != nil {
		return s.drawTurns(w, r, http.StatusConflict, stop)
	}
	if err != nil {
		return err
	}
	return see(w, r, to+"/turnos?hecho="+said)
}

// superiorPage registers who is above the liaison.
type superiorPage struct {
	institution.OfficePage
	Done   *web.Notice
	Errors web.ErrorSummary
	Fields []web.Field
	Action string
	Seen   web.Seen
	Feed   string // address of the calendar
	Dates  string // path of the page of due dates
}

func (s *Turns) superior(w http.ResponseWriter, r *http.Request) error {
	return s.drawSuperior(w, r, http.StatusOK, nil, nil)
}

func (s *Turns) drawSuperior(w http.ResponseWriter, r *http.Request, status int, typed *cases.Superior, wrong map[string]string) error {
	page := &superiorPage{}
	var known cases.Superior
	if err := s.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = s.page(tx, r, s.shell.Printer(r).T("turn.superior")); err != nil {
			return err
		}
		known, err = cases.SuperiorOf(tx, page.Institution.ID)
		return err
	}); err != nil {
		return err
	}
	page.Seen = web.NewSeen(page.L, status, known)
	if typed == nil {
		typed = &known
	}
	page.Fields = dress(page.L, wrong,
		web.Field{Name: "nombre", Value: typed.Name, MaxLength: cases.MaxName, Optional: true, Label: page.L.T("turn.superior.name")},
		web.Field{Name: "correo", Type: "email", Value: typed.Email, MaxLength: cases.MaxAddress, Optional: true, Hint: page.L.T("turn.superior.email.hint")})
	page.Errors = web.ErrorSummary{L: page.L, Fields: page.Fields}
	page.Action = institution.OfficePath + page.Institution.Slug + "/consultas/" + deadlines
	page.Done = done(page.L, r, "superior")
	page.Feed, page.Dates = s.shell.URL(cases.FeedPath+page.Institution.Slug+".ics"), cases.DatesPath(page.Institution.Slug)
	return s.shell.Render(w, r, status, "turn/superior", page)
}

func (s *Turns) setSuperior(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	typed := cases.Superior{Name: form.Value("nombre"), Email: form.Value("correo")}
	var slug string
	err = s.DB.Write(r.Context(), func(tx *db.Tx) error {
		page, err := s.office.Page(tx, r, access.CaseHandle, "")
		if err != nil {
			return err
		}
		slug, typed.Institution = page.Institution.Slug, page.Institution.ID
		known, err := cases.SuperiorOf(tx, page.Institution.ID)
		if err != nil {
			return err
		}
		if !web.StillSeen(form, known) {
			return web.ErrMeanwhile
		}
		return s.PutSuperior(tx, typed)
	})
	if wrong := web.FieldErrors(s.shell.Printer(r), err); wrong != nil {
		return s.drawSuperior(w, r, http.StatusUnprocessableEntity, &typed, wrong)
	}
	if plaza.KindOf(err) == plaza.Conflict && err != nil {
		return s.drawSuperior(w, r, http.StatusConflict, &typed, nil)
	}
	if err != nil {
		return err
	}
	return see(w, r, institution.OfficePath+slug+"/consultas/"+deadlines+"?hecho=superior")
}
