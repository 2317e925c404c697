package disclosure

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/gate"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/privacy"
	"plaza/internal/plaza"
)

// Where one reports, and where the coordination attends to all reports.
const (
	Path        = "/datos-personales"
	centralPath = "/admin/datos-personales"
)

// TellPath is where one reports personal data in a thing.
func TellPath(object plaza.Ref) string { return Path + "?objeto=" + url.QueryEscape(object.String()) }

// How often one network may report. Who reports the same by the hundred helps nobody.
var (
	perNetwork = gate.Limit{Name: "disclosure.network", Max: 20, Window: time.Hour}
	odd        = gate.Limit{Name: "disclosure.odd", Max: 5, Window: time.Hour} // forms that a machine may have sent
)

// purpose is what the form's hidden fields are sealed for.
const purpose = "disclosure"

// Mount registers the pages, those of institutions' management too.
func (rs *Reports) Mount(shell *web.Shell, office *institution.Office) error {
	rs.shell, rs.office = shell, office
	if err := shell.Templates("disclosure", templates, web.Pages{"tell": tellPage{}, "list": listPage{}, "one": onePage{}}); err != nil {
		return fmt.Errorf("the templates of private reports: %w", err)
	}
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "disclosure." + name, Action: string(action), Cache: web.Private, MaxBody: 64 << 10}
	}
	shell.Handle("GET "+Path, route("form", access.DisclosureTell), rs.form)
	shell.Handle("POST "+Path, route("tell", access.DisclosureTell), rs.tell)
	office.Add(institution.Tab{Key: "disclosure.list", Path: "/datos-personales", Action: access.DisclosureSee, Rank: 1})
	shell.Handle("GET /gestion/{institution}/datos-personales", route("list", access.DisclosureSee), rs.list)
	shell.Handle("GET /gestion/{institution}/datos-personales/{report}", route("one", access.DisclosureSee), rs.one)
	shell.Handle("POST /gestion/{institution}/datos-personales/{report}", route("attend", access.DisclosureSee), rs.attend)
	shell.Handle("GET "+centralPath, route("central", access.DisclosureSee), rs.list)
	shell.Handle("GET "+centralPath+"/{report}", route("central.one", access.DisclosureSee), rs.one)
	shell.Handle("POST "+centralPath+"/{report}", route("central.attend", access.DisclosureSee), rs.attend)
	return nil
}

// Around is the link to the form, for the foot of an object's page.
func (rs *Reports) Around(l *i18n.Printer, object plaza.Card) template.HTML {
	return template.HTML(`<p class="Section-note"><a href="` + template.HTMLEscapeString(TellPath(object.Ref)) + `">` +
		template.HTMLEscapeString(l.T("disclosure.tell")) + `</a></p>`)
}

// tellPage is the form.
type tellPage struct {
	web.Page
	Object  plaza.Card
	Ref     string
	Sent    *web.Notice
	Notice  *web.Notice // why nothing was sent
	Fields  []web.Field
	Gate    gate.Fields
	Privacy privacy.Said
}

// Errors is what is wrong with the form.
func (p tellPage) Errors() web.ErrorSummary { return web.ErrorSummary{L: p.L, Fields: p.Fields} }

func (rs *Reports) form(w http.ResponseWriter, r *http.Request) error {
	object, _ := refIn(web.QueryText(r, "objeto", 200))
	return rs.drawForm(w, r, http.StatusOK, Form{Object: object}, nil, nil)
}

func (rs *Reports) drawForm(w http.ResponseWriter, r *http.Request, status int, f Form, wrong map[string]string, why *web.Notice) error {
	page := &tellPage{Page: rs.shell.Page(r, rs.shell.Printer(r).T("disclosure.tell")), Notice: why}
	l := page.L
	if err := rs.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		page.Object, err = rs.object(tx, f.Object)
		return err
	}); err != nil {
		return err
	}
	page.NoIndex, page.Ref = true, f.Object.String()
	page.Crumbs = []web.Crumb{{Title: page.Object.Title, Path: page.Object.Path}}
	if r.URL.Query().Get("hecho") == "enviado" && wrong == nil {
		page.Sent = &web.Notice{Tone: web.Good, Title: l.T("disclosure.sent"), Text: l.T("disclosure.sent.text"), Live: true}
	}
	page.Fields = []web.Field{
		{Name: "clase", Type: "select", Value: f.Category, Options: choices(l, "disclosure.category.", Categories)},
		{Name: "lugar", Value: f.Place, MaxLength: maxPlace},
		{Name: "nota", Type: "textarea", Rows: 4, Value: f.Note, MaxLength: maxNote, Optional: true},
	}
	words(l, page.Fields, "disclosure.field.", wrong)
	page.Gate, page.Privacy = rs.Gate.Fields(l, purpose, page.Now), privacy.Say(l, Point)
	return rs.shell.Render(w, r, status, "disclosure/tell", page)
}

// choices are the options of a select, none chosen at first.
func choices(l *i18n.Printer, prefix string, values []string) []web.Option {
	out := []web.Option{{Label: l.T("disclosure.choose")}}
	for _, v := range values {
		out = append(out, web.Option{Value: v, Label: l.T(prefix + v)})
	}
	return out
}

// words puts the fields of a form into words.
func words(l *i18n.Printer, fields []web.Field, prefix string, wrong map[string]string) {
	for i := range fields {
		f := &fields[i]
		f.L, f.Label, f.Error = l, l.T(prefix+f.Name), wrong[f.Name]
		if hint := prefix + f.Name + ".hint"; l.Has(hint) {
			f.Hint = l.T(hint)
		}
	}
}

// tell takes a report. A machine's is answered like any other, and goes nowhere.
func (rs *Reports) tell(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	object, _ := refIn(form.Value("objeto"))
	f := Form{Object: object, Category: form.Value("clase"), Place: form.Value("lugar"), Note: form.Value("nota")}
	network := gate.Network(rs.shell.ClientIP(r))
	err = rs.DB.Write(r.Context(), func(tx *db.Tx) error {
		if err := rs.Gate.Brake(tx, perNetwork, network); err != nil {
			return err
		}
		if !plaza.ActorFrom(r.Context()).SignedIn() {
			if machine, err := rs.Gate.Sieve(tx, form, purpose, odd, network); err != nil || machine {
				return err
			}
		}
		_, err := rs.Tell(tx, f)
		return err
	})
	if wrong := web.FieldErrors(rs.shell.Printer(r), err); wrong != nil {
		return rs.drawForm(w, r, http.StatusUnprocessableEntity, f, wrong, nil)
	}
	if e, ok := errors.AsType[*plaza.Error](err); ok && e.Kind == plaza.TooMany { // what was written is not to be written anew
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())+1))
		}
		return rs.drawForm(w, r, web.StatusOf(err), f, map[string]string{}, &web.Notice{Tone: web.Warning, Text: rs.shell.Printer(r).TMap(e.Key, e.Args), Live: true})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, TellPath(f.Object)+"&hecho=enviado", http.StatusSeeOther)
	return nil
}
