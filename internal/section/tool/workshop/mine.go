package workshop

import (
	"net/http"

	"plaza/internal/base/db"
	"plaza/internal/base/i18n"
	"plaza/internal/base/web"
	"plaza/internal/plaza"
	"plaza/internal/section/tool"
)

// shown is how many tools one's own page has.
const shown = 50

// minePage is the list of one's own tools.
type minePage struct {
	web.Page
	Items []mineItem
	New   string
	Pager web.Pager
	Empty *web.Empty
}

// mineItem is one's own tool.
type mineItem struct {
	Title, Edit, Path string
	State             web.Badge
	When, ISO         string
	Draft             bool
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	page := &minePage{Page: p.shell.Page(r, p.shell.Printer(r).T("workshop.mine")), New: NewPath}
	l := page.L
	page.NoIndex = true
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		list, err := tool.Mine(tx, plaza.ActorFrom(r.Context()).PersonID, web.QueryText(r, "antes", 40), shown+1)
		if err != nil {
			return err
		}
		page.Pager.L = l
		if len(list) > shown {
			list = list[:shown]
			page.Pager.Next = tool.MinePath + "?antes=" + list[shown-1].ID
		}
		for _, t := range list {
			one := mineItem{Title: t.Title, Edit: t.EditPath(), When: l.Date(t.Modified), ISO: l.ISO(t.Modified), Draft: t.Draft(), State: OwnBadge(l, t)}
			if t.Public() {
				one.Path = t.Path()
			}
			page.Items = append(page.Items, one)
		}
		return nil
	}); err != nil {
		return err
	}
	if len(page.Items) == 0 {
		page.Empty = &web.Empty{Title: l.T("workshop.none"), Text: l.T("workshop.none.text"), Links: []web.NavLink{{Label: l.T("tool.new"), Path: NewPath}}}
	}
	return p.shell.Render(w, r, http.StatusOK, "workshop/mine", page)
}

// OwnBadge says how a tool is to whom it belongs.
func OwnBadge(l *i18n.Printer, t tool.Tool) web.Badge {
	switch {
	case t.Waiting():
		return web.Badge{Tone: web.Warning, Text: l.T("workshop.state.waiting")}
	case t.Public() && !t.Outdated.IsZero():
		return web.Badge{Tone: web.Warning, Text: l.T("tool.outdated")}
	case t.Public() && t.Address.Broken():
		return web.Badge{Tone: web.Warning, Text: l.T("tool.broken")}
	case t.Public():
		return web.Badge{Tone: web.Good, Text: l.T("workshop.state.public")}
	case !t.Draft():
		return web.Badge{Text: l.T("workshop.state.away")}
	}
	return web.Badge{Text: l.T("workshop.state.draft")}
}
