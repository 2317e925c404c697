package harvest

import (
	"embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
)

//go:embed templates/*.html
var templates embed.FS

// Pages are the public reports of the readings and the coordination's pages on
// sources and publishers.
type Pages struct {
	db        *db.DB
	harvester *Harvester
	shell     *web.Shell
	office    *institution.Office // nil for none
}

// NewPages makes the pages.
func NewPages(d *db.DB, h *Harvester) *Pages { return &Pages{db: d, harvester: h} }

// In has the pages on an institution's own sources among those of the office.
func (p *Pages) In(office *institution.Office) *Pages {
	p.office = office
	return p
}

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("harvest", templates, web.Pages{
		"sources": sourcesPage{}, "source": sourcePage{}, "run": runPage{}, "waiting": waitingPage{},
		"admin": adminPage{}, "publishers": publishersPage{}, "rule": rulePage{}, "edit": editPage{},
	}); err != nil {
		return fmt.Errorf("the harvest's templates: %w", err)
	}
	// Runs are written without entries in the record, so that no cache hears of them.
	reports := func(name string) web.Route {
		return web.Route{Name: "harvest." + name, Action: string(access.RunRead)}
	}
	shell.Handle("GET /lecturas", reports("sources"), p.sources)
	shell.Handle("GET /lecturas/{source}", reports("source"), p.source)
	shell.Handle("GET /lecturas/{source}/{run}", reports("run"), p.run)
	shell.Footer(web.Item{Key: "harvest.nav", Path: "/lecturas"})

	central := func(name string, action access.Action) web.Route {
		return web.Route{Name: "harvest." + name, Action: string(action), Cache: web.Private, MaxBody: 64 << 10}
	}
	p.manage(shell, adminPath, access.AdminSee, central)
	if p.office != nil {
		p.office.Add(institution.Tab{Key: "harvest.office.tab", Path: officeTab, Action: access.SourceEdit})
		p.manage(shell, institution.OfficePath+"{institution}"+officeTab, access.SourceEdit, func(name string, action access.Action) web.Route {
			return central("office_"+name, action)
		})
	}
	shell.Handle("GET /admin/publicadores", central("publishers", access.RulesEdit), p.publishers)
	shell.Handle("POST /admin/publicadores", central("map", access.RulesEdit), p.mapPublishers)
	shell.Handle("POST /admin/publicadores/{rule}/quitar", central("unmap", access.RulesEdit), p.unmap)
	shell.Handle("GET /admin/publicadores/{rule}", central("rule", access.RulesEdit), p.rule)
	shell.Handle("POST /admin/publicadores/{rule}", central("remap", access.RulesEdit), p.changeRule)
	return nil
}

// manage registers the pages by which sources are looked after, all of them or those of
// one institution.
func (p *Pages) manage(shell *web.Shell, base string, see access.Action, route func(string, access.Action) web.Route) {
	one := base + "/{source}"
	shell.Handle("GET "+base, route("admin", see), p.admin)
	shell.Handle("POST "+base, route("add", access.SourceAdd), p.add)
	shell.Handle("GET "+one+"/editar", route("edit", access.SourceEdit), p.edit)
	shell.Handle("POST "+one+"/editar", route("change", access.SourceEdit), p.change)
	shell.Handle("POST "+one+"/retirar", route("retire", access.SourceEdit), p.retire)
	shell.Handle("POST "+one+"/recuperar", route("bring_back", access.SourceEdit), p.bringBack)
	shell.Handle("POST "+one+"/leer", route("read", access.SourceRun), p.readNow)
	shell.Handle("POST "+one+"/pausar", route("pause", access.SourcePause), p.setState(Paused))
	shell.Handle("POST "+one+"/reanudar", route("resume", access.SourcePause), p.setState(Active))
	shell.Handle("POST "+one+"/aceptar", route("accept", access.RunApprove), p.accept)
	shell.Handle("POST "+one+"/cancelar", route("cancel", access.SourceRun), p.cancel)
}

// runBadges say how a run ended.
var runBadges = map[RunState]web.Badge{
	Running: {Tone: web.Info, Icon: "refresh-cw"}, Complete: {Tone: web.Good, Icon: "circle-check"},
	Unchanged: {Tone: web.Good, Icon: "circle-check"}, Failed: {Tone: web.Bad, Icon: "circle-x"},
	Cancelled: {Icon: "x"}, RunQuarantined: {Tone: web.Warning, Icon: "triangle-alert"},
}

func runBadge(l *i18n.Printer, s RunState) web.Badge {
	b := runBadges[s]
	b.Text = l.T("harvest.run." + string(s))
	return b
}

func stateBadge(l *i18n.Printer, s Source) web.Badge {
	b := map[State]web.Badge{Active: {Tone: web.Good, Icon: "circle-check"}, Quarantined: {Tone: web.Warning, Icon: "triangle-alert"}, Retired: {Icon: "x"}}[s.State]
	b.Text = l.T(s.StateKey())
	return b
}

// rhythmWords says how often a source is read, or that it is not.
func rhythmWords(l *i18n.Printer, s Source) string {
	switch {
	case s.File != "":
		return l.T("harvest.imported", "file", s.File)
	case s.State == Retired:
		return l.T("harvest.unread")
	}
	return everyWords(l, s.Every)
}

// everyWords says how often a source is read.
func everyWords(l *i18n.Printer, every time.Duration) string {
	hours := int(every / time.Hour)
	if hours%24 == 0 {
		return l.T("harvest.every.days", "count", hours/24)
	}
	return l.T("harvest.every.hours", "count", hours)
}

// owners names institutions by id; "" is the central unit.
type owners struct {
	l    *i18n.Printer
	byID map[string]institution.Institution
	all  []institution.Institution
}

func loadOwners(tx *db.Tx, l *i18n.Printer) (*owners, error) {
	all, err := institution.All(tx)
	o := &owners{l: l, byID: make(map[string]institution.Institution, len(all)), all: all}
	for _, i := range all {
		o.byID[i.ID] = i
	}
	return o, err
}

func (o *owners) link(id string) web.NavLink {
	if i, ok := o.byID[id]; ok {
		return web.NavLink{Label: i.Name, Path: i.Path()}
	}
	return web.NavLink{Label: o.l.T("harvest.central")}
}

// options are the institutions to choose from; the first says that none is chosen.
func (o *owners) options(none string) []web.Option {
	out := []web.Option{{Label: none}}
	for _, i := range o.all {
		if i.Extinct() {
			continue
		}
		out = append(out, web.Option{Value: i.ID, Label: i.Name})
	}
	return out
}

// missing is the answer for an id that names nothing.
func missing(err error, key string) error {
	if err != nil && plaza.KindOf(err) == plaza.NotFound {
		return &plaza.Error{Kind: plaza.NotFound, Key: key, Cause: err}
	}
	return err
}

// webLink is a source's address where browsers open it: a file's they do not.
func webLink(address string) string {
	if strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://") {
		return address
	}
	return ""
}

// reload makes a browser ask again while something is under way; the page needs no
// script for it.
func reload(w http.ResponseWriter) { w.Header().Set("Refresh", "5") }
