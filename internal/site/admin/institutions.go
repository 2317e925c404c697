package admin

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/text"
	"plaza/internal/base/web"
	"plaza/internal/civic/institution"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog/harvest"
)

const (
	institutionsPath   = "/admin/instituciones"
	newInstitutionPath = institutionsPath + "/nueva"
)

func editPath(i institution.Institution) string { return institutionsPath + "/" + i.Slug + "/editar" }

// institutionsPage lists the institutions that can be changed.
type institutionsPage struct {
	web.Page
	Q     string
	Count string
	Items []institutionLine
	Empty *web.Empty
}

type institutionLine struct {
	Name, Acronym, Type string
	Edit, Path, Logo    string
}

func (p *Pages) institutions(w http.ResponseWriter, r *http.Request) error {
	page := &institutionsPage{Page: p.shell.Page(r, p.shell.Printer(r).T("admin.institutions")), Q: web.QueryText(r, "q", 100)}
	l := page.L
	var all []institution.Institution
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		all, err = institution.All(tx)
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("admin.title"), Path: "/admin"}}
	wanted := strings.Fields(text.Fold(page.Q))
	for _, i := range all {
		known := text.Fold(i.Name + " " + i.Acronym)
		if slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(known, w) }) {
			continue
		}
		page.Items = append(page.Items, institutionLine{Name: i.Name, Acronym: i.Acronym, Type: l.T("institution.type." + i.Type),
			Edit: editPath(i), Path: i.Path(), Logo: i.Logo})
		if i.Extinct() { // nothing of it changes any more
			line := &page.Items[len(page.Items)-1]
			line.Edit, line.Type = institution.SuccessionPath(i), l.T("admin.institution.extinct")
		}
	}
	page.Count = l.T("admin.institutions.count", "count", len(page.Items))
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("admin.institutions.none"), Text: l.T("admin.institutions.none.text")}
	}
	return p.shell.Render(w, r, http.StatusOK, "admin/institutions", page)
}

// institutionPage is the form for one institution, new or known.
type institutionPage struct {
	web.Page
	Done   *web.Notice
	Errors web.ErrorSummary
	Fields []web.Field
	Action string // where the form is sent
	Seen   web.Seen
	Public string // the institution's page, "" for a new one
	Change string // where it is renamed or ended, "" for a new one
	Office string // where its people are appointed, "" for a new one
	Logo   string
}

func (p *Pages) newInstitution(w http.ResponseWriter, r *http.Request) error {
	fresh := institution.Institution{Type: institution.Types[0], Zone: institution.DefaultZone}
	return p.drawInstitution(w, r, http.StatusOK, institution.Institution{}, fresh, nil)
}

func (p *Pages) editInstitution(w http.ResponseWriter, r *http.Request) error {
	known, err := p.known(r)
	if err != nil {
		return err
	}
	return p.drawInstitution(w, r, http.StatusOK, known, known, nil)
}

// known is the institution that a request names; without a name, none.
func (p *Pages) known(r *http.Request) (i institution.Institution, err error) {
	slug := r.PathValue("institution")
	if slug == "" {
		return i, nil
	}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		i, err = institution.BySlug(tx, slug)
		return err
	})
	return i, err
}

// drawInstitution draws the form for a known institution, or a new one, with what
// was typed.
func (p *Pages) drawInstitution(w http.ResponseWriter, r *http.Request, status int, known, typed institution.Institution, wrong map[string]string) error {
	page := &institutionPage{Page: p.shell.Page(r, ""), Logo: known.Logo}
	l := page.L
	var all []institution.Institution
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		all, err = institution.Going(tx)
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("admin.title"), Path: "/admin"}, {Title: l.T("admin.institutions"), Path: institutionsPath}}
	page.Title, page.Action = l.T("admin.institution.new"), institutionsPath
	if known.ID != "" {
		page.Title, page.Action, page.Public = known.Name, editPath(known), known.Path()
		page.Change, page.Office = institution.SuccessionPath(known), institution.OfficePath+known.Slug
	}
	if r.URL.Query().Get("hecho") == "guardada" {
		page.Done = &web.Notice{Tone: web.Good, Text: l.T("admin.done.guardada"), Live: true}
	}
	parents := []web.Option{{Label: l.T("admin.institution.parent.none")}}
	for _, i := range all {
		if i.ID != known.ID {
			parents = append(parents, web.Option{Value: i.ID, Label: i.Name})
		}
	}
	page.Fields = institutionFields(l, typed, parents, known.Logo != "", wrong)
	page.Errors = web.ErrorSummary{L: l, Fields: page.Fields}
	page.Seen = web.NewSeen(l, status, compared(known))
	return p.shell.Render(w, r, status, "admin/institution", page)
}

func institutionFields(l *i18n.Printer, i institution.Institution, parents []web.Option, hasLogo bool, wrong map[string]string) []web.Field {
	var types []web.Option
	for _, t := range institution.Types {
		types = append(types, web.Option{Value: t, Label: l.T("institution.type." + t)})
	}
	fields := []web.Field{
		{Name: "name", Value: i.Name, MaxLength: 300},
		{Name: "acronym", Value: i.Acronym, MaxLength: 100, Optional: true},
		{Name: "slug", Value: i.Slug, MaxLength: 80, Optional: true},
		{Name: "type", Value: i.Type, Type: "select", Options: types},
		{Name: "parent", Value: i.ParentID, Type: "select", Options: parents, Optional: true},
		{Name: "description", Value: i.Description, Type: "textarea", MaxLength: 2000, Rows: 4, Optional: true},
		{Name: "website", Value: i.Website, Type: "url", MaxLength: 2000, Optional: true},
		{Name: "contact", Value: i.Contact.Name, MaxLength: 100, Optional: true},
		{Name: "email", Value: i.Contact.Email, Type: "email", MaxLength: 254, Optional: true},
		{Name: "phone", Value: i.Contact.Phone, Type: "tel", MaxLength: 100, Optional: true},
		{Name: "zone", Value: i.Zone, MaxLength: 60},
		{Name: "names", Value: strings.Join(i.Names, "\n"), Type: "textarea", Rows: 4, Optional: true},
		{Name: "logo", Type: "file", Optional: true},
	}
	if hasLogo {
		fields = append(fields, web.Field{Name: "no_logo", Type: "checkbox", Optional: true})
	}
	for n := range fields {
		f := &fields[n]
		f.L, f.Label, f.Error = l, l.T("admin.institution."+f.Name), wrong[f.Name]
		if hint := "admin.institution." + f.Name + ".hint"; l.Has(hint) {
			f.Hint = l.T(hint, "megabytes", institution.MaxLogo>>20)
		}
	}
	return fields
}

// typedInstitution is what a form says of an institution.
func typedInstitution(f *web.Form, known institution.Institution) institution.Institution {
	i := institution.Institution{
		ID: known.ID, Logo: known.Logo, Name: f.Value("name"), Acronym: f.Value("acronym"), Slug: f.Value("slug"),
		Type: f.Value("type"), ParentID: f.Value("parent"), Website: f.Value("website"), Zone: f.Value("zone"),
		Description: strings.ReplaceAll(f.Value("description"), "\r\n", "\n"),
		Contact:     institution.Contact{Name: f.Value("contact"), Email: f.Value("email"), Phone: f.Value("phone")},
	}
	for line := range strings.Lines(f.Value("names")) {
		i.Names = append(i.Names, strings.TrimSpace(line))
	}
	if f.Checked("no_logo") {
		i.Logo = ""
	}
	return i
}

// compared is what counts of an institution when two change it at once.
func compared(i institution.Institution) institution.Institution {
	i.UpdatedAt = time.Time{} // its hours and its datasets move it too
	return i
}

// saveInstitution adds or changes an institution; the datasets of publishers with
// one of its names become its own at once.
func (p *Pages) saveInstitution(w http.ResponseWriter, r *http.Request) error {
	known, err := p.known(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	l, typed := p.shell.Printer(r), typedInstitution(form, known)
	var refused error // of the picture; the other fields are looked at all the same
	if file, ok := form.File("logo"); ok {
		logo, err := p.Logos.Keep(r.Context(), file.Body)
		if err != nil && plaza.KindOf(err) != plaza.Invalid {
			return err
		}
		typed.Logo, refused = logo, err
	}
	var saved institution.Institution
	err = p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		if known.ID != "" {
			if known, err = institution.Claim(tx, known.ID); err != nil {
				return err
			}
		}
		if !web.StillSeen(form, compared(known)) {
			return web.ErrMeanwhile
		}
		if saved, err = harvest.PutInstitution(tx, typed); err != nil {
			return err
		}
		return refused
	})
	if errors.Is(err, web.ErrMeanwhile) {
		return p.drawInstitution(w, r, http.StatusConflict, known, typed, nil)
	}
	if wrong := web.FieldErrors(l, err); wrong != nil {
		if said := web.FieldErrors(l, refused); said != nil {
			wrong["logo"] = said["logo"]
		}
		return p.drawInstitution(w, r, http.StatusUnprocessableEntity, known, typed, wrong)
	}
	if err != nil {
		return err
	}
	if err := p.DB.Write(r.Context(), func(tx *db.Tx) error { // what one transaction did not take
		_, err := harvest.MoveRest(tx)
		return err
	}); err != nil {
		return err
	}
	http.Redirect(w, r, editPath(saved)+"?hecho=guardada", http.StatusSeeOther)
	return nil
}
