package institution

import (
	"embed"
	"fmt"
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
)

//go:embed templates/*.html
var templates embed.FS

const (
	unitsTab       = "/areas"
	successionPath = "/admin/instituciones/{institution}/sucesion"
)

// SuccessionPath is where an institution is renamed or ended.
func SuccessionPath(i Institution) string { return "/admin/instituciones/" + i.Slug + "/sucesion" }

// Pages are those of an institution's areas and of succession.
type Pages struct {
	db          *db.DB
	office      *Office
	successions *Successions
	shell       *web.Shell
}

// NewPages makes the pages; that of the areas is among those of the office.
func NewPages(d *db.DB, office *Office, s *Successions) *Pages {
	return &Pages{db: d, office: office, successions: s}
}

// Mount registers the pages.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("institution", templates, web.Pages{
		"units": unitsPage{}, "unit": unitPage{}, "succession": successionPage{}, "ending": endingPage{},
	}); err != nil {
		return fmt.Errorf("the institutions' templates: %w", err)
	}
	p.office.Add(Tab{Key: "institution.units.tab", Path: unitsTab, Action: access.UnitEdit})
	route := func(name string, action access.Action) web.Route {
		return web.Route{Name: "institution." + name, Action: string(action), Cache: web.Private, MaxBody: 64 << 10}
	}
	units := OfficePath + "{institution}" + unitsTab
	shell.Handle("GET "+units, route("units", access.UnitEdit), p.units)
	shell.Handle("POST "+units, route("unit_add", access.UnitEdit), p.addUnit)
	shell.Handle("GET "+units+"/{unit}", route("unit", access.UnitEdit), p.unit)
	shell.Handle("POST "+units+"/{unit}", route("unit_change", access.UnitEdit), p.changeUnit)
	shell.Handle("POST "+units+"/{unit}/retirar", route("unit_retire", access.UnitEdit), p.retireUnit(true))
	shell.Handle("POST "+units+"/{unit}/recuperar", route("unit_return", access.UnitEdit), p.retireUnit(false))
	shell.Handle("GET "+successionPath, route("succession", access.Succeed), p.succession)
	shell.Handle("POST "+successionPath+"/nombre", route("rename", access.Succeed), p.rename)
	shell.Handle("POST "+successionPath+"/fin", route("end", access.Succeed), p.end)
	return nil
}

// unitsPage lists the areas of an institution, with a form for another.
type unitsPage struct {
	OfficePage
	Done    *web.Notice
	Notice  *web.Notice
	Errors  web.ErrorSummary
	Action  string
	Units   []unitLine
	Retired []unitLine
	Fields  []web.Field
}

type unitLine struct {
	Name, Kind, Path string
	Since, ISO       string
}

// unitPage changes an area.
type unitPage struct {
	OfficePage
	Errors web.ErrorSummary
	Action string
	Fields []web.Field
}

func (p *Pages) units(w http.ResponseWriter, r *http.Request) error {
	return p.drawUnits(w, r, http.StatusOK, Unit{}, nil)
}

func (p *Pages) drawUnits(w http.ResponseWriter, r *http.Request, status int, typed Unit, wrong map[string]string) error {
	page := &unitsPage{}
	var list, retired []Unit
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = p.office.Page(tx, r, access.UnitEdit, p.shell.Printer(r).T("institution.units")); err != nil {
			return err
		}
		if list, err = Units(tx, page.Institution.ID); err != nil {
			return err
		}
		retired, err = RetiredUnits(tx, page.Institution.ID)
		return err
	}); err != nil {
		return err
	}
	l := page.L
	page.Action = OfficePath + page.Institution.Slug + unitsTab
	if what := r.URL.Query().Get("hecho"); what == "guardada" || what == "retirada" || what == "recuperada" {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("institution.done." + what), Live: true}
	}
	if page.Institution.Extinct() {
		page.Notice = &web.Notice{Tone: web.Warning, Text: l.T("institution.error.extinct")}
	}
	for _, u := range list {
		page.Units = append(page.Units, unitLine{Name: u.Name, Kind: l.T("institution.unit." + u.Kind), Path: page.Action + "/" + u.ID, Since: l.Date(u.CreatedAt), ISO: l.ISO(u.CreatedAt)})
	}
	for _, u := range retired {
		page.Retired = append(page.Retired, unitLine{Name: u.Name, Kind: l.T("institution.unit." + u.Kind), Path: page.Action + "/" + u.ID, Since: l.Date(u.RetiredAt), ISO: l.ISO(u.RetiredAt)})
	}
	page.Fields = page.unitFields(typed, wrong)
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	return p.shell.Render(w, r, status, "institution/units", page)
}

// unitFields are the form for an area.
func (page *OfficePage) unitFields(u Unit, wrong map[string]string) []web.Field {
	l := page.L
	kinds := make([]web.Option, len(UnitKinds))
	for n, k := range UnitKinds {
		kinds[n] = web.Option{Value: k, Label: l.T("institution.unit." + k)}
	}
	return []web.Field{
		{L: l, Name: "name", Label: l.T("institution.units.name"), Value: u.Name, MaxLength: maxName, Error: wrong["name"]},
		{L: l, Name: "kind", Label: l.T("institution.units.kind"), Type: "select", Options: kinds, Value: u.Kind, Error: wrong["kind"]},
	}
}

func (p *Pages) unit(w http.ResponseWriter, r *http.Request) error {
	return p.drawUnit(w, r, http.StatusOK, nil, nil)
}

// drawUnit draws the form of an area with what was typed, nil for nothing yet.
func (p *Pages) drawUnit(w http.ResponseWriter, r *http.Request, status int, typed *Unit, wrong map[string]string) error {
	page := &unitPage{}
	var u Unit
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		if page.OfficePage, err = p.office.Page(tx, r, access.UnitEdit, ""); err != nil {
			return err
		}
		u, err = unitOf(tx, page.Institution.ID, r.PathValue("unit"))
		return err
	}); err != nil {
		return err
	}
	page.Title = page.L.T("institution.units.edit", "name", u.Name)
	base := OfficePath + page.Institution.Slug + unitsTab
	page.Crumbs = append(page.Crumbs, web.Crumb{Title: page.L.T("institution.units"), Path: base})
	page.Action = base + "/" + u.ID
	if typed == nil {
		typed = &u
	}
	page.Fields = page.unitFields(*typed, wrong)
	page.Errors = web.ErrorSummary{L: page.L, Fields: page.Fields}
	return p.shell.Render(w, r, status, "institution/unit", page)
}

// bodyFor is the institution that a request names, when the actor may edit its areas.
func bodyFor(tx *db.Tx, r *http.Request) (Institution, error) {
	i, err := BySlug(tx, r.PathValue("institution"))
	if err != nil {
		return i, err
	}
	return i, access.Check(plaza.ActorFrom(r.Context()), access.UnitEdit, access.Object{Kind: KindUnit, Institution: i.ID})
}

// saveUnit adds or changes an area and returns its institution.
func (p *Pages) saveUnit(r *http.Request, u *Unit) (body Institution, err error) {
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		if body, err = bodyFor(tx, r); err != nil {
			return err
		}
		u.InstitutionID = body.ID
		_, acts, err := PutUnit(tx, *u)
		if err != nil {
			return err
		}
		return record.Append(tx, acts...)
	})
	return body, err
}

func (p *Pages) addUnit(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	u := Unit{Name: form.Value("name"), Kind: form.Value("kind")}
	body, err := p.saveUnit(r, &u)
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawUnits(w, r, http.StatusUnprocessableEntity, u, wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, OfficePath+body.Slug+unitsTab+"?hecho=guardada", http.StatusSeeOther)
	return nil
}

func (p *Pages) changeUnit(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	u := Unit{ID: r.PathValue("unit"), Name: form.Value("name"), Kind: form.Value("kind")}
	body, err := p.saveUnit(r, &u)
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawUnit(w, r, http.StatusUnprocessableEntity, &u, wrong)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, OfficePath+body.Slug+unitsTab+"?hecho=guardada", http.StatusSeeOther)
	return nil
}

func (p *Pages) retireUnit(retired bool) web.Handler {
	said := "recuperada"
	if retired {
		said = "retirada"
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		var body Institution
		if err := p.db.Write(r.Context(), func(tx *db.Tx) (err error) {
			if body, err = bodyFor(tx, r); err != nil {
				return err
			}
			acts, err := RetireUnit(tx, body.ID, r.PathValue("unit"), retired)
			if err != nil {
				return err
			}
			return record.Append(tx, acts...)
		}); err != nil {
			return err
		}
		http.Redirect(w, r, OfficePath+body.Slug+unitsTab+"?hecho="+said, http.StatusSeeOther)
		return nil
	}
}
