// Package me is the page of whoever is signed in: what waits to be read, what one
// follows, wrote, is part of, and the way to one's settings. It knows none of those
// things itself: every part of Plaza that has something of a person's hands in a Panel.
package me

import (
	"embed"
	"fmt"
	"net/http"

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

// Path is the page.
const Path = "/mi"

// Panel is what one part of Plaza has of a person's.
type Panel struct {
	ID    string // anchor on the page
	Title string
	Lines []Line // the newest few
	None  string // what one can do where there is nothing
	More  web.NavLink
}

// Line is one thing of a panel.
type Line struct {
	Title, Path string
	Quote       *web.Quote // what was said, nil for nothing
	Note        string     // one short sentence, or ""
	When, ISO   string
	Badge       *web.Badge
}

// PanelFunc makes a panel for a person; nil when there is none for them.
type PanelFunc func(tx *db.Tx, l *i18n.Printer, who plaza.Actor) (*Panel, error)

// Link is a page of one's own that the tabs lead to.
type Link struct {
	Item   web.Item
	Action access.Action // who sees it
}

// Deps are what the page needs. Panels and Links are in the order of the page.
type Deps struct {
	DB     *db.DB
	Panels []PanelFunc
	Links  []Link
	// Notices are what somebody has to know of their account, e.g. that it is suspended.
	Notices func(tx *db.Tx, l *i18n.Printer, who plaza.Actor) ([]web.Notice, error)
}

// Pages is the page of whoever is signed in.
type Pages struct {
	Deps
	shell *web.Shell
}

// New makes the page.
func New(deps Deps) *Pages { return &Pages{Deps: deps} }

// page is what the template is drawn with.
type page struct {
	web.Page
	Attention []web.Notice
	Panels    []Panel
}

// Mount registers the page and the tabs of all pages under it.
func (p *Pages) Mount(shell *web.Shell) error {
	p.shell = shell
	if err := shell.Templates("me", templates, web.Pages{"me": page{}}); err != nil {
		return fmt.Errorf("the templates of one's own page: %w", err)
	}
	shell.Handle("GET "+Path, web.Route{Name: "me", Action: string(access.AccountSee), Cache: web.Private}, p.show)
	shell.Tab(Path, "me.tabs", string(access.AccountSee), web.Item{Key: "me.title", Path: Path})
	for _, link := range p.Links {
		shell.Tab(Path, "me.tabs", string(link.Action), link.Item)
	}
	return nil
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	pg := &page{Page: p.shell.Page(r, p.shell.Printer(r).T("me.title"))}
	pg.NoIndex = true
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if p.Notices != nil {
			if pg.Attention, err = p.Notices(tx, pg.L, pg.Actor); err != nil {
				return err
			}
		}
		for _, panel := range p.Deps.Panels {
			made, err := panel(tx, pg.L, pg.Actor)
			if err != nil {
				return err
			}
			if made != nil {
				pg.Panels = append(pg.Panels, *made)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if r.URL.Query().Get("hecho") == "cuenta" {
		pg.Attention = append([]web.Notice{{Tone: web.Good, Text: pg.L.T("me.opened"), Live: true}}, pg.Attention...)
	}
	return p.shell.Render(w, r, http.StatusOK, "me/me", pg)
}
