// Package inbox is where an institution sees what it has to answer, /gestion/{institution}/consultas,
// for an Enlace with two hundred open cases and little time: by when they are due, chosen
// by what matters, many at once. The coordination's own inbox is /admin/consultas.
//
// Several cases are turned to an area, or answered, in one act: one answer is published
// to each, which keeps its asker, its clock and its acceptance. What changed meanwhile is
// left out and said. Rules turn a new case by itself (rule.go); templates are answers that
// are written often (template.go); a backlog comes in by a file (brought.go), which a job
// imports (import_job.go), and everything goes out as one (export.go).
package inbox

import (
	"embed"
	"fmt"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/search"
	"plaza/internal/plaza"
	"plaza/internal/section/cases"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

// Choice is something that can be chosen in a form.
type Choice struct{ ID, Title string }

// Deps are what inboxes need.
type Deps struct {
	DB     *db.DB
	Cases  *cases.Cases
	Search *search.Engine // nil: nothing is found by words
	// Object is what somebody names by its address on this site or by its slug, as a
	// dataset or resource; NotFound when there is none. nil knows none.
	Object func(tx *db.Tx, written string) (plaza.Card, error)
	// SourceOf is the id of the source of a dataset, "" when it has none; nil is none.
	SourceOf func(tx *db.Tx, dataset string) (string, error)
	// Sources are the sources of an institution; nil is none.
	Sources func(tx *db.Tx, institution string) ([]Choice, error)
	// Unattended counts the comments that wait in an institution's inbox; nil is none.
	Unattended func(tx *db.Tx, institution string) (int, error)
}

// Inbox is the inbox of each institution and of the coordination.
type Inbox struct {
	Deps
	shell  *web.Shell
	office *institution.Office
	reads  chan struct{} // files that are read at once, each of which takes memory
}

// New makes an Inbox.
func New(deps Deps) *Inbox { return &Inbox{Deps: deps, reads: make(chan struct{}, 1)} }

// centralBase is the coordination's inbox; an institution's is officeBase.
const centralBase = "/admin/consultas"

// officeBase is the inbox of an institution by its slug.
func officeBase(slug string) string { return institution.OfficePath + slug + "/consultas" }

// Sizes of what is sent.
const (
	maxForm = 512 << 10
	maxFile = 10 << 20
)

// Mount registers the pages, and the tab in the management of institutions.
func (b *Inbox) Mount(shell *web.Shell, office *institution.Office) error {
	b.shell, b.office = shell, office
	if err := shell.Templates("case-inbox", templates, web.Pages{
		"list": listPage{}, "answer": answerPage{}, "rules": rulesPage{}, "templates": templatesPage{},
		"import": importPage{}, "preview": previewPage{},
	}); err != nil {
		return fmt.Errorf("the inbox's templates: %w", err)
	}
	office.Add(institution.Tab{Key: "inbox.title", Path: "/consultas", Action: access.CaseDraft, Rank: -3})
	both := func(method, suffix, name string, action access.Action, h web.Handler, change func(*web.Route)) {
		for prefix, base := range map[string]string{"inbox.": "/gestion/{institution}/consultas", "inbox.central.": centralBase} {
			route := web.Route{Name: prefix + name, Action: string(action), Cache: web.Private, MaxBody: maxForm}
			if change != nil {
				change(&route)
			}
			shell.Handle(method+" "+base+suffix, route, h)
		}
	}
	both("GET", "", "list", access.CaseDraft, b.list, nil)
	both("POST", "", "act", access.CaseHandle, b.act, nil)
	both("POST", "/filtros", "filters", access.CaseDraft, b.keepFilter, nil)
	both("GET", "/responder", "answer", access.CaseAnswer, b.answer, nil)
	// Whoever has just lost their role keeps what they typed, so this asks by itself.
	both("POST", "/responder", "publish", access.AccountSee, b.publish, nil)
	both("GET", "/plantillas", "templates", access.CaseRules, b.templates, nil)
	both("POST", "/plantillas", "templates.save", access.CaseRules, b.saveTemplate, nil)
	both("GET", "/importar", "import", access.CaseHandle, b.importForm, nil)
	both("POST", "/importar", "upload", access.CaseHandle, b.upload, func(r *web.Route) { r.MaxBody = maxFile + 64<<10 })
	both("GET", "/importar/ejemplo.xlsx", "sample", access.CaseHandle, b.sample, nil)
	// "hoja" keeps the pattern apart from those of a case, {folio}/…
	both("GET", "/importar/hoja/{import}", "preview", access.CaseHandle, b.preview, nil)
	both("POST", "/importar/hoja/{import}", "import.run", access.CaseHandle, b.runImport, nil)
	both("GET", "/importar/hoja/{import}/rechazadas.csv", "import.refused", access.CaseHandle, b.refused, func(r *web.Route) { r.Stream = true })
	both("GET", ".xlsx", "xlsx", access.CaseDraft, b.xlsx, func(r *web.Route) { r.Stream = true })
	both("GET", ".csv", "csv", access.CaseDraft, b.csv, func(r *web.Route) { r.Stream = true })
	rules := web.Route{Name: "inbox.rules", Action: string(access.CaseRules), Cache: web.Private, MaxBody: maxForm}
	shell.Handle("GET /gestion/{institution}/consultas/reglas", rules, b.rules)
	rules.Name = "inbox.rules.save"
	shell.Handle("POST /gestion/{institution}/consultas/reglas", rules, b.saveRule)
	return nil
}

// place is whose inbox a request is about.
type place struct {
	ID   string // of the institution, "" the coordination
	Name string
	Slug string // of the institution
	Base string // path of the inbox
	Zone string
}

// at starts a page of the inbox that the request names. It refuses who may not do the
// action there.
func (b *Inbox) at(tx *db.Tx, r *http.Request, action access.Action, title string) (web.Page, place, error) {
	if r.PathValue("institution") != "" {
		p, err := b.office.Page(tx, r, action, title)
		at := place{ID: p.Institution.ID, Name: p.Institution.Name, Slug: p.Institution.Slug, Base: officeBase(p.Institution.Slug), Zone: p.Institution.Zone}
		return b.under(p.Page, at, r), at, err
	}
	p := b.shell.Page(r, title)
	at := place{Name: p.L.T("inbox.central"), Base: centralBase, Zone: institution.DefaultZone}
	p.Crumbs = []web.Crumb{{Title: p.L.T("inbox.admin"), Path: "/admin"}}
	p.NoIndex = true
	return b.under(p, at, r), at, access.Check(p.Actor, action, access.Object{Kind: cases.RefKind})
}

// under says that a page lies under the inbox.
func (b *Inbox) under(p web.Page, at place, r *http.Request) web.Page {
	if p.L != nil && r.URL.Path != at.Base {
		p.Crumbs = append(p.Crumbs, web.Crumb{Title: p.L.T("inbox.title"), Path: at.Base})
	}
	return p
}

// may reports whether whoever asks may do an action at a place.
func (at place) may(p web.Page, action access.Action) bool {
	return access.Can(p.Actor, action, access.Object{Kind: cases.RefKind, Institution: at.ID})
}

// bodies are whose cases are in an inbox: its own, and those in whose place it answers.
func (b *Inbox) bodies(tx *db.Tx, at place) ([]string, error) {
	out := []string{at.ID}
	if b.Cases.StandsFor == nil {
		return out, nil
	}
	more, err := b.Cases.StandsFor(tx, at.ID)
	return append(out, more...), err
}
