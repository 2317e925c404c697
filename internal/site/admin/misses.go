package admin

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/search"
)

const (
	missesPath = "/admin/busquedas"
	missDays   = 30
	missLeast  = 3 // what fewer typed may tell who they are
	missShown  = 200
)

// missesPage lists what was searched for and not found.
type missesPage struct {
	web.Page
	Lead, Note string
	Misses     []search.Missed
	Empty      *web.Empty
}

func (p *Pages) misses(w http.ResponseWriter, r *http.Request) error {
	page := &missesPage{Page: p.shell.Page(r, p.shell.Printer(r).T("admin.misses"))}
	l := page.L
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		page.Misses, err = search.Misses(tx, page.Now.AddDate(0, 0, 1-missDays), page.Now, missLeast, missShown)
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("admin.title"), Path: "/admin"}}
	page.Lead = l.T("admin.misses.lead", "days", missDays)
	page.Note = l.T("admin.misses.note", "least", missLeast)
	if len(page.Misses) == 0 {
		page.Empty = &web.Empty{Title: l.T("admin.misses.none"), Text: l.T("admin.misses.none.text")}
	}
	return p.shell.Render(w, r, http.StatusOK, "admin/misses", page)
}
