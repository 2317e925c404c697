package settings

import (
	"embed"
	"fmt"
	"net/http"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Path is where the settings are changed.
const Path = "/admin/configuracion"

// patience is how long a page waits to learn of a change of the settings, and pause how
// long after a wait in vain the next one does.
const (
	patience = 200 * time.Millisecond
	pause    = time.Second
)

// page is the form.
type page struct {
	web.Page
	Done     *web.Notice
	Mark     string
	Fields   []web.Field
	Features []web.Field
	Errors   web.ErrorSummary
}

// Pages are the pages of the settings.
type Pages struct {
	db    *db.DB
	shell *web.Shell
}

// NewPages makes the pages.
func NewPages(d *db.DB) *Pages { return &Pages{db: d} }

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("settings", templates, web.Pages{"settings": page{}}); err != nil {
		return fmt.Errorf("the settings' templates: %w", err)
	}
	route := web.Route{Name: "settings.form", Action: string(access.SettingsEdit), Cache: web.Private, MaxBody: 16 << 10}
	shell.Handle("GET "+Path, route, p.form)
	route.Name = "settings.save"
	shell.Handle("POST "+Path, route, p.save)
	return nil
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	var v Values
	var mark string
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		v, mark, err = Load(tx)
		return err
	}); err != nil {
		return err
	}
	var said *web.Notice
	if r.URL.Query().Get("hecho") == "guardada" {
		said = &web.Notice{Tone: web.Good, Text: p.shell.Printer(r).T("settings.saved"), Live: true}
	}
	return p.draw(w, r, http.StatusOK, v, mark, nil, said)
}

func (p *Pages) draw(w http.ResponseWriter, r *http.Request, status int, v Values, mark string, wrong map[string]string, said *web.Notice) error {
	pg := &page{Page: p.shell.Page(r, p.shell.Printer(r).T("settings.title")), Mark: mark, Done: said}
	l := pg.L
	pg.NoIndex = true
	pg.Crumbs = []web.Crumb{{Title: l.T("settings.crumb"), Path: "/admin"}}
	pg.Fields, pg.Features = fields(l, v, wrong), features(l, v)
	pg.Errors = web.ErrorSummary{L: l, Fields: pg.Fields}
	return p.shell.Render(w, r, status, "settings/settings", pg)
}

func fields(l *i18n.Printer, v Values, wrong map[string]string) []web.Field {
	list := []web.Field{
		{Name: "site", Value: v.Site, MaxLength: maxSite},
		{Name: "owner", Value: v.Owner, MaxLength: maxOwner},
		{Name: "coordination", Value: v.Coordination, MaxLength: maxOwner},
		{Name: "privacy", Value: v.Privacy, MaxLength: 254, Type: "email"},
	}
	for n := range list {
		f := &list[n]
		f.L, f.Optional, f.Label, f.Hint, f.Error = l, true, l.T("settings."+f.Name), l.T("settings."+f.Name+".hint"), wrong[f.Name]
	}
	return list
}

// features are one box for each, ticked while it is on.
func features(l *i18n.Printer, v Values) []web.Field {
	var list []web.Field
	for _, f := range access.Features {
		list = append(list, web.Field{L: l, Name: "feature." + f.Name, Type: "checkbox", Optional: true,
			Label: access.FeatureName(l, f.Name), Checked: !slices.Contains(v.Off, f.Name)})
	}
	return list
}

func (p *Pages) save(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := Values{Site: form.Value("site"), Owner: form.Value("owner"), Coordination: form.Value("coordination"), Privacy: form.Value("privacy")}
	for _, f := range access.Features {
		if !form.Checked("feature." + f.Name) {
			v.Off = append(v.Off, f.Name)
		}
	}
	l, mark := p.shell.Printer(r), form.Value("mark")
	err = p.db.Write(r.Context(), func(tx *db.Tx) error { return Save(tx, v, mark) })
	if wrong := web.FieldErrors(l, err); wrong != nil {
		return p.draw(w, r, http.StatusUnprocessableEntity, v, mark, wrong, nil)
	}
	if err != nil && plaza.KindOf(err) == plaza.Conflict {
		// What was typed stays, now on top of what the other one saved.
		if rerr := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
			_, mark, err = Load(tx)
			return err
		}); rerr != nil {
			return rerr
		}
		said := &web.Notice{Tone: web.Warning, Title: l.T("settings.error.changed"), Text: l.T("settings.error.changed.text"), Link: Path, Action: l.T("settings.error.changed.see")}
		return p.draw(w, r, http.StatusConflict, v, mark, nil, said)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, Path+"?hecho=guardada", http.StatusSeeOther)
	return nil
}
