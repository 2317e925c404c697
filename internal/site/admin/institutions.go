package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/catalog/harvest"
)

const institutionsPath = "/admin/instituciones"

// mostNames is how many other names an institution may be known by.
const mostNames = 100

// institutionsPage lists the institutions, each with the way to change it.
type institutionsPage struct {
	web.Page
	Done  *web.Notice
	Lines []institutionLine
}

type institutionLine struct {
	Name, Path, Edit, Type, Contact string
	Datasets                        int
}

func (p *Pages) institutions(w http.ResponseWriter, r *http.Request) error {
	page := &institutionsPage{Page: p.shell.Page(r, p.shell.Printer(r).T("admin.institutions"))}
	l := page.L
	if err := p.db.Read(r.Context(), func(tx *db.Tx) error {
		all, err := institution.All(tx)
		if err != nil {
			return err
		}
		counts, err := catalog.CountByInstitution(tx)
		for _, i := range all {
			page.Lines = append(page.Lines, institutionLine{Name: i.Name, Path: i.Path(), Edit: institutionsPath + "/" + i.ID,
				Type: l.T("institution.type." + i.Type), Contact: cmp.Or(i.Contact.Name, i.Contact.Email), Datasets: counts[i.ID]})
		}
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("admin.title"), Path: "/admin"}}
	if done := r.URL.Query().Get("hecho"); done == "guardada" {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("admin.institution.saved"), Live: true}
	}
	return p.shell.Render(w, r, http.StatusOK, "admin/institutions", page)
}

// institutionPage is the form of one institution, new or not.
type institutionPage struct {
	web.Page
	Action string
	Errors web.ErrorSummary
	Form   []web.Field
}

// readInstitution is what the form says, over what is kept of the institution.
func readInstitution(form *web.Form, i institution.Institution) institution.Institution {
	i.Name, i.Acronym, i.Slug, i.Type = form.Value("name"), form.Value("acronym"), cmp.Or(form.Value("slug"), i.Slug), form.Value("type")
	i.ParentID, i.Description, i.Website = form.Value("parent"), form.Value("description"), form.Value("website")
	i.Contact = institution.Contact{Name: form.Value("contact"), Email: form.Value("email"), Phone: form.Value("phone")}
	i.Zone, i.Names = form.Value("zone"), nil
	for line := range strings.Lines(form.Value("names")) {
		if name := strings.TrimSpace(line); name != "" && len(i.Names) < mostNames {
			i.Names = append(i.Names, name)
		}
	}
	return i
}

// named is the institution that a request names; a new one for none.
func named(tx *db.Tx, r *http.Request) (institution.Institution, error) {
	if id := r.PathValue("institution"); id != "" {
		return institution.ByID(tx, id)
	}
	return institution.Institution{Type: institution.Types[0], Zone: institution.DefaultZone}, nil
}

func (p *Pages) editInstitution(w http.ResponseWriter, r *http.Request) error {
	var i institution.Institution
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		i, err = named(tx, r)
		return err
	}); err != nil {
		return err
	}
	return p.drawInstitution(w, r, http.StatusOK, i, nil)
}

func (p *Pages) drawInstitution(w http.ResponseWriter, r *http.Request, status int, i institution.Institution, wrong map[string]string) error {
	page := &institutionPage{Page: p.shell.Page(r, ""), Action: r.URL.Path}
	l := page.L
	var all []institution.Institution
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		all, err = institution.All(tx)
		return err
	}); err != nil {
		return err
	}
	page.Title = l.T("admin.institution.new")
	if k := slices.IndexFunc(all, func(o institution.Institution) bool { return o.ID == i.ID }); k >= 0 {
		page.Title = l.T("admin.institution.edit", "name", all[k].Name)
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("admin.title"), Path: "/admin"}, {Title: l.T("admin.institutions"), Path: institutionsPath}}
	page.Form = institutionFields(l, i, all, wrong)
	page.Errors = web.ErrorSummary{L: l, Fields: page.Form}
	return p.shell.Render(w, r, status, "admin/institution", page)
}

func institutionFields(l *i18n.Printer, i institution.Institution, all []institution.Institution, wrong map[string]string) []web.Field {
	field := func(name, value string, most int) web.Field {
		f := web.Field{L: l, Name: name, Label: l.T("admin.institution." + name), Value: value, MaxLength: most, Error: wrong[name], Optional: name != "name" && name != "type"}
		if key := "admin.institution." + name + ".hint"; l.Has(key) {
			f.Hint = l.T(key)
		}
		return f
	}
	kind := field("type", i.Type, 0)
	kind.Type = "select"
	for _, t := range institution.Types {
		kind.Options = append(kind.Options, web.Option{Value: t, Label: l.T("institution.type." + t)})
	}
	parent := field("parent", i.ParentID, 0)
	parent.Type, parent.Options = "select", []web.Option{{Label: l.T("admin.institution.parent.none")}}
	for _, o := range all {
		if o.ID != i.ID {
			parent.Options = append(parent.Options, web.Option{Value: o.ID, Label: o.Name})
		}
	}
	description, names := field("description", i.Description, 2000), field("names", strings.Join(i.Names, "\n"), 0)
	description.Type, description.Rows, names.Type, names.Rows = "textarea", 4, "textarea", 4
	website, email, phone := field("website", i.Website, 2000), field("email", i.Contact.Email, 300), field("phone", i.Contact.Phone, 100)
	website.Type, email.Type, phone.Type = "url", "email", "tel"
	return []web.Field{field("name", i.Name, 300), field("acronym", i.Acronym, 50), kind, parent, description, website,
		field("contact", i.Contact.Name, 300), email, phone, names, field("slug", i.Slug, 80), field("zone", i.Zone, 60)}
}

// saveInstitution adds or changes one. The datasets of publishers that are called as it
// is follow in a job.
func (p *Pages) saveInstitution(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := access.Check(plaza.ActorFrom(r.Context()), access.InstitutionEdit, access.Object{Kind: institution.Kind}); err != nil {
		return err
	}
	var i institution.Institution
	err = p.db.Write(r.Context(), func(tx *db.Tx) error {
		old, err := named(tx, r)
		if err != nil {
			return err
		}
		i = readInstitution(form, old)
		if err := institution.Free(tx, i); err != nil {
			return err
		}
		_, err = institution.Put(tx, i)
		return err
	})
	if wrong := web.FieldErrors(p.shell.Printer(r), err); wrong != nil {
		return p.drawInstitution(w, r, http.StatusUnprocessableEntity, i, wrong)
	}
	if err != nil {
		return err
	}
	if err := p.db.Write(r.Context(), func(tx *db.Tx) error {
		_, err := harvest.MoveRest(tx)
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, institutionsPath+"?hecho=guardada", http.StatusSeeOther)
	return nil
}
