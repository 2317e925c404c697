package admin

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/web"
	"plaza/internal/civic/search"
)

const (
	missesPath  = "/admin/busquedas"
	missedDays  = 30
	missedLeast = 3 // fewer people than that might be told from one another
	missedMost  = 200
)

// missesPage lists what people looked for and did not find.
type missesPage struct {
	web.Page
	Missed []search.Missed
	Empty  *web.Empty
}

func (p *Pages) misses(w http.ResponseWriter, r *http.Request) error {
	page := &missesPage{Page: p.shell.Page(r, p.shell.Printer(r).T("admin.misses"))}
	l := page.L
	if err := p.db.Read(r.Context(), func(tx *db.Tx) (err error) {
		page.Missed, err = search.Misses(tx, tx.Now.AddDate(0, 0, -missedDays), tx.Now, missedLeast, missedMost)
		return err
	}); err != nil {
		return err
	}
	page.NoIndex = true
	page.Crumbs = []web.Crumb{{Title: l.T("admin.title"), Path: "/admin"}}
	if len(page.Missed) == 0 {
		page.Empty = &web.Empty{Title: l.T("admin.misses.none"), Text: l.T("admin.misses.none.text")}
	}
	return p.shell.Render(w, r, http.StatusOK, "admin/misses", page)
}
