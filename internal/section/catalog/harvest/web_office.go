package harvest

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/access"
	"plaza/internal/civic/institution"
)

// officeTab is where an institution's own sources are looked after, in its office.
const officeTab = "/catalogos"

// back is the list that a request's page belongs to: all sources, or an institution's.
func back(r *http.Request) string {
	if slug := r.PathValue("institution"); slug != "" {
		return institution.OfficePath + slug + officeTab
	}
	return adminPath
}

// place is where a page of the coordination, or of an institution's office, stands.
type place struct {
	web.Page
	base  string
	owner string // id of the institution whose office it is, "" for the coordination
}

// place starts a page; in an office the actor must be allowed the action there.
func (p *Pages) place(tx *db.Tx, r *http.Request, action access.Action, title string) (place, error) {
	if r.PathValue("institution") == "" {
		at := place{Page: p.shell.Page(r, title), base: adminPath}
		at.NoIndex = true
		at.Crumbs = []web.Crumb{{Title: at.L.T("harvest.admin.crumb"), Path: "/admin"}}
		return at, nil
	}
	page, err := p.office.Page(tx, r, action, title)
	return place{page.Page, institution.OfficePath + page.Institution.Slug + officeTab, page.Institution.ID}, err
}

// owned makes what a form in an office says the office's institution's, whatever it
// names.
func (p *Pages) owned(r *http.Request, f *sourceForm) error {
	slug := r.PathValue("institution")
	if slug == "" {
		return nil
	}
	return p.db.Read(r.Context(), func(tx *db.Tx) error {
		i, err := institution.BySlug(tx, slug)
		f.institution = i.ID
		return err
	})
}
