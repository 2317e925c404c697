// Package admin is where the coordination of the platform begins: what needs
// attention, and the work that Plaza does in the background.
package admin

import (
	"embed"
	"fmt"
	"net/http"
	"net/url"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/job"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/account/central"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/membership"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
)

// Locale holds the sentences of this package, in Spanish and English.
//
//go:embed locale/*.json
var Locale embed.FS

//go:embed templates/*.html
var templates embed.FS

const (
	jobsPath    = "/admin/trabajos"
	jobsPerPage = 50
)

// Deps are what the coordination's pages need.
type Deps struct {
	DB    *db.DB
	Logos *institution.Logos
	// Waiting counts what waits for the coordination elsewhere; nil is nothing.
	Waiting func(tx *db.Tx, who plaza.Actor) (Waiting, error)
}

// Waiting is how much waits for the coordination.
type Waiting struct {
	Posts       int      // held or reported
	Appeals     int      // against decisions of moderation
	Comments    int      // that nobody else attends to
	Domains     int      // institutions whose domains wait to be verified
	Late        int      // cases late by ten working days, which came to the coordination
	Vacant      int      // institutions without a liaison
	Disclosures int      // private reports of personal data
	Lookalikes  int      // people whose names look like an official's or an institution's
	Unset       []string // settings that public pages need: "owner", "privacy"
}

// Pages are the coordination's.
type Pages struct {
	Deps
	shell *web.Shell
}

// New makes the pages.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("admin", templates, web.Pages{
		"start": startPage{}, "jobs": jobsPage{}, "institutions": institutionsPage{}, "institution": institutionPage{}, "misses": missesPage{},
	}); err != nil {
		return fmt.Errorf("the coordination's templates: %w", err)
	}
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "admin." + name, Action: string(action), Cache: web.Private, MaxBody: 16 << 10}
	}
	shell.Handle("GET /admin", route("start", access.AdminSee), p.start)
	shell.Handle("GET "+jobsPath, route("jobs", access.JobSee), p.jobs)
	shell.Handle("POST "+jobsPath+"/{job}/cancelar", route("cancel", access.JobCancel), p.act("cancelado", "job.cancelled", job.Cancel))
	shell.Handle("POST "+jobsPath+"/{job}/reintentar", route("retry", access.JobRetry), p.act("reintento", "job.retried", job.Retry))
	shell.Handle("GET "+institutionsPath, route("institutions", access.AdminSee), p.institutions)
	shell.Handle("GET "+newInstitutionPath, route("institution_new", access.InstitutionEdit), p.newInstitution)
	shell.Handle("GET "+institutionsPath+"/{institution}/editar", route("institution_edit", access.InstitutionEdit), p.editInstitution)
	save := route("institution_add", access.InstitutionEdit)
	save.MaxBody = 2 * institution.MaxLogo // one that is too heavy is refused at its field
	shell.Handle("POST "+institutionsPath, save, p.saveInstitution)
	save.Name = "admin.institution_save"
	shell.Handle("POST "+institutionsPath+"/{institution}/editar", save, p.saveInstitution)
	shell.Handle("GET "+missesPath, route("misses", access.AdminSee), p.misses)
	return nil
}

// startPage says what needs attention.
type startPage struct {
	web.Page
	Attention []web.Notice
	Links     []web.NavLink
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	page := &startPage{Page: p.shell.Page(r, p.shell.Printer(r).T("admin.title"))}
	l := page.L
	var sources []harvest.Source
	var publishers []catalog.Publisher
	var counts map[job.State]int
	var waiting Waiting
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if sources, err = harvest.Sources(tx); err != nil {
			return err
		}
		if publishers, err = catalog.Unmapped(tx, 100); err != nil {
			return err
		}
		if counts, err = job.Counts(tx); err != nil || p.Waiting == nil {
			return err
		}
		waiting, err = p.Waiting(tx, page.Actor)
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	doubted := 0
	for _, s := range sources {
		if s.State == harvest.Quarantined {
			doubted++
		}
	}
	attend := func(n int, tone web.Tone, key, path string) {
		if n > 0 {
			page.Attention = append(page.Attention, web.Notice{Tone: tone, Text: l.T("admin.attention."+key, "count", n), Link: path, Action: l.T("admin.attention." + key + ".go")})
		}
	}
	attend(doubted, web.Warning, "quarantined", "/admin/catalogos")
	attend(len(publishers), web.Info, "publishers", "/admin/publicadores")
	attend(waiting.Posts, web.Warning, "posts", "/moderacion")
	attend(waiting.Appeals, web.Warning, "appeals", "/moderacion/apelaciones")
	attend(waiting.Comments, web.Warning, "comments", "/admin/comentarios")
	attend(waiting.Late, web.Bad, "late", "/consultas?vencidas=1")
	attend(waiting.Domains, web.Info, "domains", membership.ProposedPath)
	attend(waiting.Vacant, web.Info, "vacant", membership.VacantPath)
	attend(waiting.Disclosures, web.Bad, "disclosures", "/admin/datos-personales")
	attend(waiting.Lookalikes, web.Warning, "lookalikes", central.LookalikesPath)
	for _, name := range waiting.Unset {
		attend(1, web.Warning, "unset."+name, "/admin/configuracion#campo-"+name)
	}
	attend(counts[job.Discarded], web.Bad, "jobs", jobsPath+"?estado="+string(job.Discarded))
	if len(page.Attention) == 0 {
		page.Attention = []web.Notice{{Tone: web.Good, Text: l.T("admin.attention.none")}}
	}
	for _, link := range []web.NavLink{
		{Label: "admin.link.sources", Path: "/admin/catalogos", Icon: "database"},
		{Label: "admin.link.publishers", Path: "/admin/publicadores", Icon: "landmark"},
		{Label: "admin.link.institutions", Path: institutionsPath, Icon: "building-2"},
		{Label: "admin.link.people", Path: "/admin/personas", Icon: "users"},
		{Label: "admin.link.terms", Path: "/admin/plazos", Icon: "clock"},
		{Label: "admin.link.calendars", Path: "/admin/calendarios", Icon: "calendar"},
		{Label: "admin.link.offices", Path: "/gestion", Icon: "briefcase"},
		{Label: "admin.link.moderation", Path: "/moderacion", Icon: "scale"},
		{Label: "admin.link.comments", Path: "/admin/comentarios", Icon: "message-circle"},
		{Label: "admin.link.tables", Path: "/admin/recursos", Icon: "table"},
		{Label: "admin.link.mails", Path: "/admin/correos", Icon: "mail"},
		{Label: "admin.link.misses", Path: missesPath, Icon: "search"},
		{Label: "admin.link.settings", Path: "/admin/configuracion", Icon: "settings"},
		{Label: "admin.link.jobs", Path: jobsPath, Icon: "activity"},
		{Label: "admin.link.identity", Path: "/admin/identidad", Icon: "key-round"},
		{Label: "admin.link.permissions", Path: access.Path, Icon: "shield-check"},
	} {
		link.Label = l.T(link.Label)
		page.Links = append(page.Links, link)
	}
	return p.shell.Render(w, r, http.StatusOK, "admin/start", page)
}

// jobsPage lists background work.
type jobsPage struct {
	web.Page
	Done   *web.Notice
	States []stateLink
	Jobs   []jobLine
	Pager  web.Pager
	Empty  *web.Empty
}

// stateLink narrows the list to one state.
type stateLink struct {
	web.NavLink
	Count int
}

// jobLine is a job in words.
type jobLine struct {
	ID, Kind, Code string
	State          web.Badge
	When, ISO      string
	Attempts       string
	Progress       *web.Progress
	Error          string
	MayCancel      bool
	MayRetry       bool
}

var stateBadges = map[job.State]web.Badge{
	job.Available: {Icon: "clock"}, job.Running: {Tone: web.Info, Icon: "refresh-cw"}, job.Completed: {Tone: web.Good, Icon: "circle-check"},
	job.Cancelled: {Icon: "x"}, job.Discarded: {Tone: web.Bad, Icon: "circle-x"},
}

func (p *Pages) jobs(w http.ResponseWriter, r *http.Request) error {
	page := &jobsPage{Page: p.shell.Page(r, p.shell.Printer(r).T("admin.jobs"))}
	f := job.Filter{Limit: jobsPerPage + 1, Before: web.QueryText(r, "antes", 64)}
	for _, s := range job.States {
		if r.URL.Query().Get("estado") == string(s) {
			f.State = s
		}
	}
	var list []job.Info
	var counts map[job.State]int
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if list, err = job.List(tx, f); err != nil {
			return err
		}
		counts, err = job.Counts(tx)
		return err
	}); err != nil {
		return err
	}
	fillJobs(page, f, list, counts)
	if what := r.URL.Query().Get("hecho"); what == "cancelado" || what == "reintento" {
		page.Done = &web.Notice{Tone: web.Good, Text: page.L.T("admin.done." + what), Live: true}
	}
	return p.shell.Render(w, r, http.StatusOK, "admin/jobs", page)
}

func fillJobs(page *jobsPage, f job.Filter, list []job.Info, counts map[job.State]int) {
	l := page.L
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("admin.title"), Path: "/admin"}}
	path := func(s job.State, before string) string {
		q := url.Values{}
		if s != "" {
			q.Set("estado", string(s))
		}
		if before != "" {
			q.Set("antes", before)
		}
		if len(q) == 0 {
			return jobsPath
		}
		return jobsPath + "?" + q.Encode()
	}
	all := 0
	for _, s := range job.States {
		all += counts[s]
		page.States = append(page.States, stateLink{web.NavLink{Label: l.T("job.state." + string(s)), Path: path(s, ""), Current: f.State == s}, counts[s]})
	}
	page.States = append([]stateLink{{web.NavLink{Label: l.T("admin.jobs.all"), Path: jobsPath, Current: f.State == ""}, all}}, page.States...)
	page.Pager.L = l
	if f.Before != "" {
		page.Pager.Prev = path(f.State, "")
	}
	if len(list) > jobsPerPage {
		list = list[:jobsPerPage]
		page.Pager.Next = path(f.State, list[len(list)-1].ID)
	}
	for _, i := range list {
		page.Jobs = append(page.Jobs, jobWords(page, i))
	}
	if len(list) == 0 {
		page.Empty = &web.Empty{Title: l.T("admin.jobs.none"), Text: l.T("admin.jobs.none.text")}
	}
}

func jobWords(page *jobsPage, i job.Info) jobLine {
	l := page.L
	line := jobLine{ID: i.ID, Kind: kindWords(l, i.Kind), Code: i.Kind, State: stateBadges[i.State], Error: i.Error,
		Attempts:  l.T("admin.job.attempts", "attempt", i.Attempt, "most", i.MaxAttempts),
		MayCancel: !i.State.Ended() && !i.Cancelling && access.Can(page.Actor, access.JobCancel, access.Object{}),
		MayRetry:  i.State != job.Running && i.State != job.Completed && access.Can(page.Actor, access.JobRetry, access.Object{})}
	line.State.Text = l.T("job.state." + string(i.State))
	if i.Cancelling && i.State == job.Running {
		line.State.Text = l.T("admin.job.cancelling")
	}
	at := i.CreatedAt
	if !i.StartedAt.IsZero() {
		at = i.StartedAt
	}
	line.When, line.ISO = l.DateTime(at), l.ISO(at)
	if i.State == job.Running && (i.Done > 0 || i.Total > 0) {
		line.Progress = &web.Progress{L: l, Label: line.Kind, Done: i.Done, Total: i.Total, Note: i.Note}
	}
	return line
}

func kindWords(l *i18n.Printer, kind string) string {
	if key := "admin.job." + kind; l.Has(key) {
		return l.T(key)
	}
	return kind
}

// act does something to a job, with its entry in the record, and leads back to the list.
func (p *Pages) act(said, verb string, do func(tx *db.Tx, id string) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := p.DB.Write(r.Context(), func(tx *db.Tx) error {
			id := r.PathValue("job")
			if err := do(tx, id); err != nil {
				return err
			}
			now, err := job.Get(tx, id)
			if err != nil {
				return err
			}
			return record.Append(tx, record.Act{Verb: verb, Object: plaza.Ref{Kind: "job", ID: id}, Payload: map[string]any{"kind": now.Kind}})
		}); err != nil {
			return err
		}
		http.Redirect(w, r, jobsPath+"?hecho="+said, http.StatusSeeOther)
		return nil
	}
}
