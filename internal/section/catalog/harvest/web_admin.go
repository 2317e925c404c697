package harvest

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/dcat"
)

const adminPath = "/admin/catalogos"

// adminPage lists the sources with what can be done to each, and a form for another.
type adminPage struct {
	web.Page
	Base    string // of the addresses of what can be done
	Lead    string
	Central bool // all sources, not those of one institution
	Done    *web.Notice
	Sources []sourceLine
	Errors  web.ErrorSummary
	Form    []web.Field
}

// done are what a notice may say after a redirect.
var done = map[string]bool{"anadido": true, "en-pausa": true, "reanudado": true, "cancelado": true, "retirado": true, "recuperado": true, "editado": true, "asignado": true, "cambiada": true, "quitada": true}

// doneNotice says what was done before the redirect to this page.
func doneNotice(l *i18n.Printer, r *http.Request) *web.Notice {
	what := r.URL.Query().Get("hecho")
	if !done[what] {
		return nil
	}
	said := l.T("harvest.done."+what, "count", web.QueryNumber(r.URL, "conjuntos", 0, 1_000_000))
	if r.URL.Query().Get("faltan") != "" {
		said += " " + l.T("harvest.done.more")
	}
	return &web.Notice{Tone: web.Good, Text: said, Live: true}
}

// sourceForm is what somebody wrote into the form for a source.
type sourceForm struct {
	kind, url, title, institution, every string
}

func readSource(form *web.Form) sourceForm {
	return sourceForm{form.Value("kind"), form.Value("url"), form.Value("title"), form.Value("institution"), form.Value("every")}
}

// source is what the form says, to be checked.
func (f sourceForm) source() Source {
	hours, err := strconv.Atoi(f.every)
	if err != nil || hours < 1 || hours > int(maxEvery/time.Hour) {
		hours = -1 // refused with the other fields
	}
	return Source{Kind: dcat.Kind(f.kind), URL: f.url, Title: f.title, InstitutionID: f.institution, Every: time.Duration(hours) * time.Hour}
}

func (p *Pages) admin(w http.ResponseWriter, r *http.Request) error {
	return p.drawAdmin(w, r, http.StatusOK, sourceForm{kind: string(dcat.CKAN), every: "24"}, nil)
}

func (p *Pages) drawAdmin(w http.ResponseWriter, r *http.Request, status int, f sourceForm, wrong map[string]string) error {
	page := &adminPage{Central: r.PathValue("institution") == ""}
	l := p.shell.Printer(r)
	var o *owners
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if o, err = loadOwners(tx, l); err != nil {
			return err
		}
		at, err := p.place(tx, r, access.SourceEdit, l.T("harvest.admin"))
		if err != nil {
			return err
		}
		page.Page, page.Base = at.Page, at.base
		if !page.Central {
			page.Title = l.T("harvest.office")
		}
		page.Sources, err = loadSources(tx, l, page.Now, o, at.owner)
		return err
	}); err != nil {
		return err
	}
	page.Done = doneNotice(l, r)
	page.Lead = l.T("harvest.admin.lead")
	page.Form = sourceFields(l, o, f, wrong)
	if !page.Central {
		page.Lead = l.T("harvest.office.lead")
		page.Form = withoutOwner(page.Form)
	}
	page.Errors = web.ErrorSummary{L: l, Fields: page.Form}
	return p.shell.Render(w, r, status, "harvest/admin", page)
}

// withoutOwner leaves out the field for the institution: it is the office's.
func withoutOwner(fields []web.Field) []web.Field {
	return slices.DeleteFunc(fields, func(f web.Field) bool { return f.Name == "institution" })
}

func sourceFields(l *i18n.Printer, o *owners, f sourceForm, wrong map[string]string) []web.Field {
	kinds := make([]web.Option, 0, 3)
	for _, k := range []dcat.Kind{dcat.CKAN, dcat.DataJSON, dcat.DCAT} {
		kinds = append(kinds, web.Option{Value: string(k), Label: l.T("harvest.kind.long." + string(k))})
	}
	var rhythms []web.Option
	choices := []int{1, 6, 12, 24, 24 * 7, 24 * 30}
	if h := int(f.source().Every / time.Hour); h > 0 && !slices.Contains(choices, h) {
		choices = append(choices, h) // as a command set it
		slices.Sort(choices)
	}
	for _, hours := range choices {
		rhythms = append(rhythms, web.Option{Value: strconv.Itoa(hours), Label: everyWords(l, time.Duration(hours)*time.Hour)})
	}
	field := func(name string) web.Field {
		return web.Field{L: l, Name: name, Label: l.T("harvest.form." + name), Error: wrong[name]}
	}
	kind, address, title, body, every := field("kind"), field("url"), field("title"), field("institution"), field("every")
	kind.Type, kind.Options, kind.Value = "select", kinds, f.kind
	address.Type, address.Value, address.MaxLength, address.Hint = "url", f.url, 2000, l.T("harvest.form.url.hint")
	title.Value, title.MaxLength, title.Optional, title.Hint = f.title, 300, true, l.T("harvest.form.title.hint")
	body.Type, body.Options, body.Value, body.Optional, body.Hint = "select", o.options(l.T("harvest.central")), f.institution, true, l.T("harvest.form.institution.hint")
	every.Type, every.Options, every.Value = "select", rhythms, f.every
	return []web.Field{kind, address, title, body, every}
}

// add adds a source and reads it at once.
func (p *Pages) add(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f := readSource(form)
	if err := p.owned(r, &f); err != nil {
		return err
	}
	if err := access.Check(plaza.ActorFrom(r.Context()), access.SourceAdd, access.Object{Kind: KindSource, Institution: f.institution}); err != nil {
		return err
	}
	s := f.source()
	var run string
	err = p.db.Write(r.Context(), func(tx *db.Tx) (err error) {
		s, err = p.harvester.Add(tx, s)
		return err
	})
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawAdmin(w, r, http.StatusUnprocessableEntity, f, wrong)
	}
	if err != nil {
		return err
	}
	if err := p.db.Write(r.Context(), func(tx *db.Tx) (err error) {
		run, err = Enqueue(tx, s.ID)
		return err
	}); err != nil {
		return err
	}
	return see(w, r, s.Path()+"/"+run)
}

// see leads to a page after something was done.
func see(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// sourceFor is the source that a request names, when the actor may do the action to it.
// In an institution's office it is one of that institution.
func sourceFor(tx *db.Tx, r *http.Request, action access.Action) (Source, error) {
	s, err := SourceByID(tx, r.PathValue("source"))
	if err != nil {
		return s, missing(err, "harvest.error.no_source")
	}
	if slug := r.PathValue("institution"); slug != "" {
		i, err := institution.BySlug(tx, slug)
		if err != nil {
			return s, err
		}
		if i.ID != s.InstitutionID {
			return s, plaza.E(plaza.NotFound, "harvest.error.no_source")
		}
	}
	return s, access.Check(plaza.ActorFrom(r.Context()), action, access.Object{Kind: KindSource, Institution: s.InstitutionID})
}

func (p *Pages) readNow(w http.ResponseWriter, r *http.Request) error {
	var path string
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error {
		s, err := sourceFor(tx, r, access.SourceRun)
		if err != nil {
			return err
		}
		run, err := Enqueue(tx, s.ID)
		if err != nil {
			return err
		}
		path = s.Path() + "/" + run
		return record.Append(tx, sourceAct("source.asked", s))
	}); err != nil {
		return err
	}
	return see(w, r, path)
}

func (p *Pages) setState(state State) web.Handler {
	said := map[State]string{Paused: "en-pausa", Active: "reanudado"}[state]
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := p.db.Write(r.Context(), func(tx *db.Tx) error {
			s, err := sourceFor(tx, r, access.SourcePause)
			if err != nil {
				return err
			}
			if err := s.unread(); err != nil {
				return err
			}
			return SetState(tx, s.ID, state)
		}); err != nil {
			return err
		}
		return see(w, r, back(r)+"?hecho="+said)
	}
}

// accept believes what the last run did not, and reads the source again.
func (p *Pages) accept(w http.ResponseWriter, r *http.Request) error {
	var path string
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error {
		s, err := sourceFor(tx, r, access.RunApprove)
		if err != nil {
			return err
		}
		last, err := Runs(tx, s.ID, "", 1)
		if err != nil {
			return err
		}
		if s.State != Quarantined || len(last) == 0 || last[0].State != RunQuarantined {
			return plaza.E(plaza.Conflict, "harvest.error.not_quarantined")
		}
		run, err := Enqueue(tx, s.ID)
		if err != nil {
			return err
		}
		path = s.Path() + "/" + run
		return Accept(tx, s.ID, last[0].Seen)
	}); err != nil {
		return err
	}
	return see(w, r, path)
}

// cancel stops the run under way, or the one that waits.
func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error {
		s, err := sourceFor(tx, r, access.SourceRun)
		if err != nil {
			return err
		}
		if _, err := waiting(tx, form.Value("run"), s.ID, plaza.E(plaza.NotFound, "harvest.error.no_run")); err != nil {
			return err
		}
		if err := job.Cancel(tx, form.Value("run")); err != nil {
			return err
		}
		return record.Append(tx, sourceAct("source.stopped", s))
	}); err != nil {
		return err
	}
	return see(w, r, back(r)+"?hecho=cancelado")
}
